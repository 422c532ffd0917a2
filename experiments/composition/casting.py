"""Which scenarios a study plays, what each is called, and which other one it is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from experiments.composition.composer import Composer, Composition
from experiments.composition.overrides import Asked
from experiments.composition.suggestions import nearest, unknown
from experiments.faults import COMMAND_LINE, Faults
from experiments.settings.study import AskedStudy

OWN: Final = ("policy", "shock", "scenario")
BASELINE: Final = {"scenario": "scenario=baseline"}


@dataclass(frozen=True)
class Cast:
    """A scenario on its way into a study: its label, its composition, and the label it is compared with."""

    label: str
    composition: Composition
    baseline: str = ""

    @property
    def environment(self) -> str:
        """The chosen environment."""
        return self.composition.choices.get("environment", "")

    @property
    def policies(self) -> tuple[str, ...]:
        """Names of its policies."""
        return names(self.composition, "policy")

    @property
    def shocks(self) -> tuple[str, ...]:
        """Names of its shocks."""
        return names(self.composition, "shock")

    @property
    def plain(self) -> bool:
        """Whether nothing is done and nothing happens in it."""
        return not self.policies and not self.shocks


def names(composition: Composition, group: str) -> tuple[str, ...]:
    """The policies or shocks in a composition."""
    chosen = composition.tree.get(group)
    return tuple(map(str, chosen)) if isinstance(chosen, dict) else ()


class Casting:
    """Turns what was asked for into labelled scenarios.

    Parameters
    ----------
    composer : Composer
        Composes the files.
    asked : Asked
        The command line.
    faults : Faults
        Grows by what is wrong.
    """

    def __init__(self, composer: Composer, asked: Asked, faults: Faults) -> None:
        self.composer, self.asked, self.faults = composer, asked, faults
        self.texts = {group: str(override.input_line) for group, override in asked.groups.items()}

    @property
    def given(self) -> tuple[str, ...]:
        """The groups on the command line that make the study one scenario and its baseline."""
        return tuple(group for group in OWN if group in self.texts)

    def composed(self, groups: Mapping[str, str]) -> Composition:
        """The files of some groups with the values of the command line."""
        composition = self.composer.compose(groups).with_values(self.asked.values).resolved()
        self.faults.extend(composition.faults)
        return composition

    def top(self) -> Composition:
        """The composition that the keys of the study are read from."""
        return self.composed(BASELINE | self.texts)

    def cast(self, top: Composition, keys: AskedStudy | None) -> list[Cast]:
        """The scenarios of the study, baselines that had to be added first."""
        if self.given and "scenarios" in self.asked.values:
            one = f"{self.given[0]}="
            self.faults.add(f"{COMMAND_LINE}:scenarios", f"stands beside {one}", f"scenarios=, or {one}")
        if self.given:
            cast = self._with_baseline(Cast(self._label(top), top))
        else:
            cast = [self._named(name) for name in self._known(self._asked_for(top, keys), top)]
        return self._compared(cast, keys, top)

    @staticmethod
    def _asked_for(top: Composition, keys: AskedStudy | None) -> list[str]:
        """Names of scenarios; without sound keys those that can be read, so that their faults are found as well."""
        listed = keys.scenarios if keys else top.tree.get("scenarios")
        return [name for name in listed if isinstance(name, str)] if isinstance(listed, list | tuple) else []

    def _known(self, names: list[str], top: Composition) -> list[str]:
        options = self.composer.shelf.groups().get("scenario", [])
        if strange := unknown(names, options):
            self.faults.add(top.where("scenarios"), *strange)
        return [name for name in names if name in options]

    def _named(self, name: str) -> Cast:
        composition = self.composed(self.texts | {"scenario": f"scenario={name}"})
        return Cast(self._label(composition), composition)

    def _label(self, composition: Composition) -> str:
        """The scenario's name; the names of policies and shocks when those are given; the environment when it is."""
        label = composition.choices.get("scenario", "baseline")
        if "policy" in self.texts or "shock" in self.texts:
            label = "+".join((*names(composition, "policy"), *names(composition, "shock"))) or "baseline"
        environment = composition.choices.get("environment", "")
        return (
            f"{label}@{environment}"
            if "environment" in self.texts and environment != self._usual()
            else label
        )

    def _usual(self) -> str:
        return self.composer.compose({}).choices.get("environment", "")

    def _with_baseline(self, part: Cast) -> list[Cast]:
        if part.plain and part.composition.choices.get("scenario") == "baseline":
            return [part]
        return [self._baseline(part.environment if part.policies else ""), part]

    def _baseline(self, environment: str) -> Cast:
        """The baseline in that environment, or in the one the command line or the files choose."""
        kept = {group: text for group, text in self.texts.items() if group not in OWN}
        if environment:
            kept["environment"] = f"environment={environment}"
        composition = self.composed(kept | BASELINE)
        chosen = composition.choices.get("environment", "")
        return Cast("baseline" if chosen == self._usual() else f"baseline@{chosen}", composition)

    def _compared(self, cast: list[Cast], keys: AskedStudy | None, top: Composition) -> list[Cast]:
        labels = [part.label for part in cast]
        if keys is not None and keys.baseline is not None:
            if keys.baseline not in labels:
                best = nearest(keys.baseline, labels)
                what = f"{keys.baseline!r} is no scenario of this study"
                self.faults.add(top.where("baseline"), what, ", ".join(labels), best)
            return [replace(part, baseline=keys.baseline) for part in cast]
        added: list[Cast] = []
        for part in cast:
            bare = [other for other in added + cast if not other.policies]
            if part.policies and not any(other.environment == part.environment for other in bare):
                added.append(self._baseline(part.environment))
        return [replace(part, baseline=_baseline_of(part, added + cast)) for part in added + cast]


def _baseline_of(part: Cast, cast: list[Cast]) -> str:
    """Its like without policies, in the same environment and under the same shocks if there is one.

    Without policies of its own a scenario is compared with the first plain one.
    """
    plain = [other for other in cast if other.plain]
    if not part.policies:
        return (plain or [part])[0].label
    bare = [other for other in cast if not other.policies and other.environment == part.environment]
    same = [other for other in bare if other.shocks == part.shocks]
    calm = [other for other in bare if not other.shocks]
    return (same or calm or plain or [part])[0].label
