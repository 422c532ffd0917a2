"""What the page is set to: levers, environment and shocks, as an address, a file of configuration and a study.

Studies are composed once for each environment: Hydra composes a frame, which is a setting without levers, together with
every lever as shipped. A lever that is moved changes the resolved policy alone; the runs of its scenario go on from the
frame's own, at the year in which the first lever acts, on the same random numbers. Each number is that of a study run
from its start.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from agents.honeycomb import KINDS
from experiments.config import assembly, names
from experiments.config.assembly import ALL, Coverage, check_reach, coverage
from experiments.config.errors import Refused, sentence, shown
from experiments.config.fields import Title, check_quarter
from experiments.config.folders import definitions, own_files
from experiments.config.load import compose_study
from experiments.config.names import REGIONS
from experiments.config.scenarios import PolicySettings, ScenarioSettings
from experiments.config.study import StudySettings
from experiments.runs.engine import joined
from model import calendar
from model.record import Record
from model.run import resumed, snapshot
from model.system import BankingSystem
from model.world import Scenario, World

PAGE: Final = "page"
BASE: Final = "page_baseline"
FIRST_RUNS: Final = 4
ALL_RUNS: Final = 256
STRONGEST: Final = 2.0
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,60}", re.ASCII)
COMPARED: Final = ("same", "plain", "kept")
FRAMES_KEPT: Final = 4
RECORDS_KEPT: Final = 12
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

    @classmethod
    def read(cls, name: str, text: str) -> Use:
        """Read a lever as the address has it, ``0.8~2026Q1~city.rural~west``; `Refused` says what is wrong."""
        strength, start, kinds, regions = (text.split("~") + [""] * 4)[:4]
        try:
            intensity = float(strength or 1.0)
        except ValueError:
            intensity = -1.0
        try:
            first = start and check_quarter(start)
        except Refused as error:
            raise Refused(error.what, error.allowed, error.suggestion, f"{name}={text}") from None
        use = cls(name, intensity, first, _listed(kinds), _listed(regions))
        valid = set(use.kinds) <= set(KINDS) and set(use.regions) <= set(REGIONS)
        if not (valid and 0.0 <= intensity <= STRONGEST):
            raise Refused(sentence("{}={} is no lever in use", name, text))
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
                    raise Refused(sentence("{} is not known", shown(word)))
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
        raise Refused(sentence("{} is not known", shown(text)))
    return words


# ------------------------------------------------------------ as a study


@dataclass
class Frame:
    """A setting without levers, composed; the levers as shipped beside it.

    Parameters
    ----------
    settings : StudySettings
        A study with one scenario, which has every lever.
    """

    settings: StudySettings
    before: dict[int, tuple[BankingSystem, ...]] = field(default_factory=dict)
    plain: dict[int, Record] = field(default_factory=dict)

    @cached_property
    def scenario(self) -> ScenarioSettings:
        """The frame as a scenario, without levers."""
        whole = self.settings.scenario(PAGE)
        return whole.model_copy(update={"policies": (), "label": BASE, "name": BASE, "baseline": BASE})

    @cached_property
    def policies(self) -> dict[str, PolicySettings]:
        """Every lever as shipped."""
        return {policy.name: policy for policy in self.settings.scenario(PAGE).policies}

    @cached_property
    def world(self) -> World:
        """The world of the frame; networks are left to the full study."""
        whole = assembly.world(self.settings.under(self.scenario.assumptions))
        return replace(whole, recording=replace(whole.recording, graphs=()))

    @cached_property
    def bare(self) -> Scenario:
        """The frame as the model's scenario."""
        return assembly.scenario(self.scenario)

    def used(self, use: Use) -> PolicySettings:
        """A lever as it is used: checked like any other policy."""
        shipped = self.policies[use.name].model_dump()
        changes = use.changes()
        reach = shipped["coverage"] | changes.pop("coverage", {})
        reach["provinces"] = names.provinces(reach["provinces"])
        return PolicySettings.model_validate({**shipped, **changes, "coverage": reach})

    def with_levers(self, uses: Sequence[Use], name: str) -> ScenarioSettings:
        """The frame's scenario with levers in use."""
        policies = tuple(self.used(use) for use in uses)
        update = {"label": name, "name": name, "baseline": BASE, "policies": policies}
        return self.scenario.model_copy(update=update)

    def model(self, uses: Sequence[Use]) -> Scenario:
        """The frame with levers as the model's scenario: what is outside is assembled once."""
        policies = tuple(self.used(use).assembled for use in uses)
        return replace(self.bare, name=PAGE, policies=policies)

    def run(self, uses: Sequence[Use], runs: int) -> Record:
        """The record of the first replicates: gone on from the frame's own, at the year in which a lever first acts."""
        self._walk(runs)
        if not uses:
            return self.plain[runs]
        scenario = self.model(uses)
        first = min(policy.start for policy in scenario.policies)
        system = [one for one in self.before[runs] if one.quarter < first][-1]
        return resumed(system, scenario)

    def _walk(self, runs: int) -> None:
        """Run the frame once, keeping how things stand before every year."""
        if runs in self.plain:
            return
        system = BankingSystem(self.world, [self.bare], range(runs))
        kept = []
        for quarter in range(calendar.index(self.world.end) + 1):
            if calendar.first_of_year(quarter):
                kept.append(snapshot(system))
            system.step()
        self.before[runs], self.plain[runs] = tuple(kept), system.recorder.finish()


class Frames:
    """The frames in use, a few at a time, and the last records.

    Parameters
    ----------
    folders : sequence of str
        Folders of the user's own configuration files.
    """

    def __init__(self, folders: Sequence[str] = ()) -> None:
        self.folders = tuple(folders)
        self._frame = lru_cache(FRAMES_KEPT)(self._framed)
        self._record = lru_cache(RECORDS_KEPT)(self._recorded)

    def of(self, setting: Setting) -> Frame:
        """The frame of a setting."""
        return self._frame(setting.bare)

    def _framed(self, bare: Setting) -> Frame:
        levers: dict[str, dict[str, Any]] = {
            name: {} for name in definitions("policies", own_files(self.folders))
        }
        library = {PAGE: {**bare.definition(TITLES[PAGE]), "policies": levers}}
        return Frame(self.composed({"scenarios": [PAGE], "replicates": ALL_RUNS, "library": library}))

    def composed(self, content: dict[str, object]) -> StudySettings:
        """Compose a file of configuration as the command line does."""
        with tempfile.TemporaryDirectory(prefix="honeycomb-") as folder:
            place = Path(folder) / "experiment" / f"{PAGE}.yaml"
            place.parent.mkdir()
            place.write_text(f"# @package _global_\n{yaml.safe_dump(content, allow_unicode=True)}", "utf-8")
            return compose_study([f"experiment={PAGE}"], [*self.folders, folder])

    def study(self, question: Question) -> StudySettings:
        """The study behind a question, as its file of configuration composes."""
        base, page = self.of(question.baseline), self.of(question.setting)
        scenarios = (
            base.with_levers(question.baseline.uses, BASE),
            page.with_levers(question.setting.uses, PAGE),
        )
        titled = (s.model_copy(update={"title": Title.model_validate(TITLES[s.label])}) for s in scenarios)
        return base.settings.model_copy(update={"scenarios": tuple(titled), "overrides": ()})

    def record(self, question: Question, runs: int) -> Record:
        """Both scenarios of a question for the first replicates, side by side."""
        parts = []
        for place, (name, setting) in enumerate(((BASE, question.baseline), (PAGE, question.setting))):
            record = self._record(setting, runs)
            parts.append(((place,), replace(record, scenarios=(name,))))
        return joined(parts)

    def _recorded(self, setting: Setting, runs: int) -> Record:
        return self.of(setting).run(setting.uses, runs)

    def reach(self, question: Question) -> Coverage | None:
        """Whom the levers of a setting reach together; refused when one reaches nobody."""
        frame = self.of(question.setting)
        rows = coverage(frame.world.population, [frame.model(question.setting.uses)])
        check_reach(rows)
        return next((row for row in rows if row.policy == ALL), None)
