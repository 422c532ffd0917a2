"""Compose a study: one set of files and overrides per scenario, every fault in one pass, frozen settings at the end."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from experiments.composition.casting import OWN, Cast, Casting
from experiments.composition.composer import Composer, Composition
from experiments.composition.keys import check_keys
from experiments.composition.named import check_analysis, check_ensemble, check_scores
from experiments.composition.numbers import Checker
from experiments.composition.overrides import read_overrides
from experiments.composition.refusals import validated
from experiments.composition.shelf import shelf
from experiments.faults import Fault, Faults
from experiments.location import CONF
from experiments.settings import (
    AnalysisSettings,
    BankSettings,
    CalibrationSettings,
    ExecutionSettings,
    OutputSettings,
    PolicySettings,
    ReportSettings,
    ScenarioSettings,
    ShockSettings,
    StudySettings,
    UncertaintySettings,
)
from experiments.settings.fields import LAST_QUARTER
from experiments.settings.horizon import Horizon
from experiments.settings.quantity import Tree
from experiments.settings.scenario import ScenarioText
from experiments.settings.study import AskedStudy

Span = AskedStudy | Horizon
SHARED: Final = ("population", "banks", "behaviour", "allocation", "network")
PARTS: Final = {
    "analysis": AnalysisSettings,
    "calibration": CalibrationSettings,
    "uncertainty": UncertaintySettings,
    "outputs": OutputSettings,
    "report": ReportSettings,
    "execution": ExecutionSettings,
}
TESTS: Final = {
    "en": "What the policies and shocks given on the command line do against their baseline.",
    "zh": "命令行给定的政策与冲击相对于其基准的作用。",
}


def compose_study(
    overrides: Sequence[str] = (), folders: Sequence[str | Path] = (), conf: str | Path = CONF
) -> StudySettings:
    """Compose and check a study.

    Parameters
    ----------
    overrides : sequence of str
        As on the command line: ``["replicates=8", "environment=severe", "policy.data_sharing.start=2025Q1"]``.
    folders : sequence of path
        Further folders of groups, whose files add to those of `conf`.
    conf : path
        The folder of ``config.yaml``.

    Returns
    -------
    StudySettings
        Frozen, with every scenario resolved.

    Raises
    ------
    ConfigError
        With every fault found, each with file, key, what is allowed and a suggestion.
    """
    faults = Faults()
    files = shelf(os.path.abspath(conf), tuple(os.path.abspath(folder) for folder in folders))
    asked = read_overrides(list(overrides), files, faults)
    casting = Casting(Composer(files), asked, faults)
    top = casting.top()
    reader = _Reader(faults, renamed="policy" in casting.given or "shock" in casting.given)
    keys = reader.keys(top)
    cast = casting.cast(top, keys)
    check_keys(asked, [top, *(part.composition for part in cast)], files.groups(), faults)
    if not top.tree:
        faults.stop()
    data: dict[str, Any] = {key: reader.numbers(top, key) for key in SHARED}
    data |= {key: reader.part(model, top, key) for key, model in PARTS.items()}
    span = keys or reader.span(top)
    data["bank"] = reader.own_bank(top, span)
    data["scenarios"] = [reader.scenario(part, span) for part in cast]
    if span is not None:
        reader.moments(data["outputs"], span, top)
    check_scores(data["calibration"], top, faults)
    check_ensemble(data["uncertainty"], top, faults)
    check_analysis(data["analysis"], [part.label for part in cast], top, faults)
    faults.stop()
    assert keys is not None
    data |= keys.model_dump(exclude={"scenarios", "baseline"})
    data |= {"experiment": top.choices.get("experiment"), "overrides": asked.texts}
    data["choices"] = Tree(
        {group: name for group, name in top.choices.items() if group not in (*OWN, "experiment")}
    )
    data["name"] = keys.name or data["experiment"] or "study"
    return StudySettings.model_validate(data)


class _Reader:
    """Reads the parts of compositions into settings and notes what is wrong in them."""

    def __init__(self, faults: Faults, renamed: bool) -> None:
        self.faults, self.renamed = faults, renamed
        self.checker, self.lenient = Checker(), Checker(fixed=False)

    def keys(self, top: Composition) -> AskedStudy | None:
        apart = {*SHARED, *PARTS, *OWN, "environment", "bank"}
        data = {key: value for key, value in top.tree.items() if key not in apart}
        return validated(AskedStudy, data, "", self.faults, top.where) if top.tree else None

    def span(self, top: Composition) -> Horizon | None:
        """The quarters of a study whose other keys are at fault; what is wrong with these is named already."""
        quarters = {key: top.tree.get(key) for key in ("start", "end")}
        return validated(Horizon, quarters, "", Faults(), top.where) if top.tree else None

    def part(self, model: type[Any], top: Composition, key: str) -> Any:
        return validated(model, top.tree.get(key, {}), key, self.faults, top.where)

    def numbers(self, composition: Composition, key: str) -> Tree:
        shipped, given = composition.shipped.get(key), composition.tree.get(key)
        if not isinstance(given, dict) or not isinstance(shipped, dict):
            self.faults.add(
                composition.where(key), "is missing or no mapping of numbers", "the files of the group"
            )
            return Tree({})
        tree, findings = (self.lenient if key in (*OWN, "bank") else self.checker).frozen(shipped, given)
        for below, what, allowed in findings:
            self.faults.add(composition.where(f"{key}.{below}"), what, allowed)
        return tree

    def own_bank(self, top: Composition, span: Span | None) -> BankSettings | None:
        """The bank that the user brings, if any."""
        if not top.tree.get("bank"):
            if (chosen := top.choices.get("bank", "none")) != "none":
                self.faults.add(top.where("bank"), f"{chosen} holds no bank", "the keys of bank=example")
            return None
        before, refusals = len(self.faults), Faults()
        self.numbers(top, "bank")
        named = ("bank.assets",) if len(self.faults) > before else ()
        bank = validated(BankSettings, top.tree["bank"], "bank", refusals, top.where)
        self.faults.extend(fault for fault in refusals if not _below(_key(fault), named))
        if bank is not None and span is not None and not span.start <= bank.since <= span.end:
            quarters = f"{span.start} to {span.end}, the quarters of the study"
            self.faults.add(top.where("bank.since"), f"{bank.since} lies outside the study", quarters)
        return bank

    def scenario(self, part: Cast, span: Span | None) -> ScenarioSettings | None:
        composition = part.composition
        environment = self.numbers(composition, "environment")
        text = validated(ScenarioText, self._text(part), "scenario", self.faults, composition.where)
        policies = self._dated(composition, "policy", PolicySettings, span)
        shocks = self._dated(composition, "shock", ShockSettings, span)
        if text is None or None in policies or None in shocks:
            return None
        if not self.renamed and text.name != composition.choices.get("scenario"):
            self.faults.add(
                composition.where("scenario.name"), f"{text.name} is not the name of the file", "its name"
            )
        said = {**text.__dict__, "label": part.label, "baseline": part.baseline, "environment": environment}
        return ScenarioSettings(
            **said, environment_name=part.environment, policies=tuple(policies), shocks=tuple(shocks)
        )

    def _text(self, part: Cast) -> Any:
        """What the scenario's file says of it, or what its policies and shocks say when those were given."""
        text, tree = part.composition.tree.get("scenario"), part.composition.tree
        parts = [item for group in ("policy", "shock") for item in (tree.get(group) or {}).values()]
        if not self.renamed or not parts or not isinstance(text, dict):
            return text
        if not all(isinstance(item, dict) and isinstance(item.get("title"), dict) for item in parts):
            return text
        title = {
            language: " + ".join(str(item["title"].get(language)) for item in parts)
            for language in ("en", "zh")
        }
        expected = [line for item in parts for line in item.get("expected") or ()]
        return {**text, "title": title, "tests": TESTS, "expected": expected}

    def _dated(self, composition: Composition, group: str, model: type[Any], span: Span | None) -> list[Any]:
        """Policies or shocks of one scenario, with an open end closed by the study's."""
        chosen = composition.tree.get(group) or {}
        before = len(self.faults)
        if chosen:
            self.numbers(composition, group)
        # A number that is wrong has been named; pydantic would only name it again.
        named = tuple(_key(fault).rpartition(".")[0] for fault in list(self.faults)[before:])
        found = []
        for name, data in chosen.items():
            open_end = isinstance(data, dict) and data.get("end") is None
            if isinstance(data, dict):
                data = {"name": name, **data}
                if open_end:
                    data["end"] = max(span.end if span else LAST_QUARTER, str(data.get("start")))
            refusals = Faults()
            item = validated(model, data, f"{group}.{name}", refusals, composition.where)
            self.faults.extend(fault for fault in refusals if not _below(_key(fault), named))
            if item is not None and span is not None:
                self._within(
                    item, f"{group}.{name}", ("start",) if open_end else ("start", "end"), span, composition
                )
            found.append(item)
        return found

    def _within(
        self, item: Any, key: str, ends: tuple[str, ...], span: Span, composition: Composition
    ) -> None:
        quarters = f"{span.start} to {span.end}, the quarters of the study"
        for end in ends:
            quarter = getattr(item, end)
            if not span.start <= quarter <= span.end:
                self.faults.add(
                    composition.where(f"{key}.{end}"), f"{quarter} lies outside the study", quarters
                )

    def moments(self, outputs: Any, span: Span, top: Composition) -> None:
        for moment in outputs.network if outputs else ():
            if moment[0].isdigit() and not span.start <= moment <= span.end:
                quarters = f"{span.start} to {span.end}, or start, middle, end"
                self.faults.add(top.where("outputs.network"), f"{moment} lies outside the study", quarters)


def _key(fault: Fault) -> str:
    return fault.where.rpartition(":")[2]


def _below(key: str, nodes: tuple[str, ...]) -> bool:
    return any(f"{key}.".startswith(f"{node}.") for node in nodes)
