"""What the page is set to: levers, environment and shocks, as an address, as a file of configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import yaml

from agents.honeycomb import KINDS
from experiments.config.errors import Refused, Sentence
from experiments.config.fields import is_quarter
from experiments.config.names import REGIONS

PAGE: Final = "page"
BASE: Final = "page_baseline"
FIRST_RUNS: Final = 4
ALL_RUNS: Final = 256
STRONGEST: Final = 2.0
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,60}", re.ASCII)
COMPARED: Final = ("same", "plain", "kept")
COMMENT: Final = """\
# @package _global_
# What the page showed. Kept as FOLDER/experiment/{name}.yaml, this command computes the same numbers:
#   honeycomb --config-dir FOLDER experiment={name}
"""


@dataclass(frozen=True)
class Use:
    """A lever in use: how strongly, from when and for whom; what is empty is as shipped.

    Parameters
    ----------
    name : str
    intensity : float
        Share of the effect and of the cost; above 1 lies beyond the evidence.
    start : str
        First quarter.
    kinds, regions : tuple of str
        Kinds of banks, and regions of their head offices.
    """

    name: str
    intensity: float = 1.0
    start: str = ""
    kinds: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    def text(self) -> str:
        """The lever as the address has it: ``0.8~2026Q1~city.rural~west``."""
        parts = (f"{self.intensity:g}", self.start, ".".join(self.kinds), ".".join(self.regions))
        return "~".join(parts).rstrip("~")

    @classmethod
    def read(cls, name: str, text: str) -> Use:
        """Read what `text` writes; `Refused` says what is wrong."""
        strength, start, kinds, regions = (text.split("~") + [""] * 4)[:4]
        try:
            intensity = float(strength or 1.0)
        except ValueError:
            intensity = -1.0
        use = cls(name, intensity, start, _listed(kinds), _listed(regions))
        known = set(use.kinds) <= set(KINDS) and set(use.regions) <= set(REGIONS)
        sound = 0.0 <= intensity <= STRONGEST and (not start or is_quarter(start))
        if not (known and sound):
            raise Refused(Sentence(f"{name}={text} is no lever in use", f"{name}={text} 不是可用的杠杆设定"))
        return use

    def changes(self) -> dict[str, Any]:
        """What it changes in the shipped policy, as a file of configuration says it."""
        reach: dict[str, Any] = {"kinds": list(self.kinds)} if self.kinds else {}
        reach |= {"provinces": list(self.regions)} if self.regions else {}
        changed: dict[str, Any] = {"intensity": self.intensity}
        changed |= {"start": self.start} if self.start else {}
        return changed | ({"coverage": reach} if reach else {})


@dataclass(frozen=True)
class Setting:
    """A scenario as the page has it.

    Parameters
    ----------
    uses : tuple of Use
        Levers in use, by name.
    environment : str
    shocks : tuple of str
    allocation, network : str
        Other assumptions; empty is the study's.
    """

    uses: tuple[Use, ...] = ()
    environment: str = "central"
    shocks: tuple[str, ...] = ()
    allocation: str = ""
    network: str = ""

    @property
    def bare(self) -> Setting:
        """The same without levers."""
        return replace(self, uses=())

    def query(self) -> dict[str, str]:
        """The setting as the address has it."""
        usual = {
            "env": self.environment if self.environment != "central" else "",
            "shocks": ".".join(self.shocks),
            "alloc": self.allocation,
            "net": self.network,
        }
        return {key: value for key, value in usual.items() if value} | {u.name: u.text() for u in self.uses}

    @classmethod
    def read(cls, query: Mapping[str, str], offered: Mapping[str, tuple[str, ...]]) -> Setting:
        """Read an address.

        Parameters
        ----------
        query : mapping of str to str
            What is not about a setting is passed over.
        offered : mapping of str to tuple of str
            Names of ``policies``, ``shocks``, ``environments``, ``allocation`` and ``network``.

        Raises
        ------
        Refused
            With what is not known.
        """
        chosen = {
            "environments": (query.get("env") or "central",),
            "shocks": _listed(query.get("shocks", "")),
            "allocation": _listed(query.get("alloc", "")),
            "network": _listed(query.get("net", "")),
        }
        for group, words in chosen.items():
            for word in words:
                if word not in offered[group]:
                    raise Refused(Sentence(f"{word!r} is not known", f"{word!r} 无法识别"))
        uses = [Use.read(name, query[name]) for name in offered["policies"] if name in query]
        return cls(
            uses=tuple(uses),
            environment=chosen["environments"][0],
            shocks=tuple(dict.fromkeys(chosen["shocks"])),
            allocation="".join(chosen["allocation"][:1]),
            network="".join(chosen["network"][:1]),
        )

    def definition(self, title: Mapping[str, str]) -> dict[str, Any]:
        """The setting as a scenario of the library."""
        assumed = {"allocation": self.allocation, "network": self.network}
        return {
            "title": dict(title),
            "environment": self.environment,
            "shocks": list(self.shocks),
            "assumptions": {key: value for key, value in assumed.items() if value},
            "policies": {use.name: use.changes() for use in self.uses},
        }


@dataclass(frozen=True)
class Question:
    """A setting, and the one that it is compared with."""

    setting: Setting
    baseline: Setting

    @classmethod
    def about(cls, setting: Setting, compared: str = "same", kept: Setting | None = None) -> Question:
        """Compare with the same without levers, with the plain baseline, or with a setting kept before."""
        if compared == "kept" and kept is not None:
            return cls(setting, kept)
        return cls(setting, Setting() if compared == "plain" else setting.bare)

    @property
    def config(self) -> dict[str, Any]:
        """The study as a file of configuration says it."""
        return {
            "scenarios": [BASE, PAGE],
            "baseline": BASE,
            "replicates": ALL_RUNS,
            "library": {
                BASE: self.baseline.definition(TITLES[BASE]),
                PAGE: self.setting.definition(TITLES[PAGE]),
            },
        }

    def file(self, name: str = PAGE) -> str:
        """The study as a file for ``experiment/``."""
        body: str = yaml.safe_dump(
            self.config, allow_unicode=True, sort_keys=False, default_flow_style=None, width=110
        )
        return COMMENT.format(name=name) + body


TITLES: Final = {
    BASE: {"en": "What the page compares with", "zh": "页面的比较基准"},
    PAGE: {"en": "The setting of the page", "zh": "页面设定"},
}


def _listed(text: str) -> tuple[str, ...]:
    words = tuple(word for word in text.split(".") if word)
    if any(not NAME.fullmatch(word) for word in words):
        raise Refused(Sentence(f"{text!r} is not known", f"{text!r} 无法识别"))
    return words
