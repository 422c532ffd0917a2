"""A study: its scenarios side by side, on one population, one horizon and one seed."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from experiments.settings.analysis import AnalysisSettings
from experiments.settings.bank import BankSettings
from experiments.settings.calibration import CalibrationSettings, UncertaintySettings
from experiments.settings.execution import ExecutionSettings
from experiments.settings.fields import (
    Allowed,
    Flag,
    Key,
    Name,
    Place,
    Quarter,
    Strict,
    Text,
    check_quarter,
    unique,
)
from experiments.settings.quantity import Tree
from experiments.settings.scenario import ScenarioSettings
from experiments.tasks import TASKS
from model import calendar

Keys = Annotated[tuple[Key, ...], Field(strict=False), AfterValidator(unique)]
MOMENTS = ("start", "middle", "end")
Moment = Annotated[
    str,
    AfterValidator(lambda text: text if text in MOMENTS else check_quarter(text)),
    Allowed("start, middle, end, or a quarter such as 2024Q1"),
]
Format = Annotated[str, Allowed(options=("svg", "png"))]
Detail = Annotated[str, Allowed(options=("auto", "full", "reduced"))]


class StudyKeys(Strict):
    """The keys of a study that stand at the top of the configuration."""

    task: Annotated[str, Allowed(options=tuple(TASKS))]
    seed: Annotated[int, Field(ge=0, lt=2**63), Allowed("a whole number, 0 to 2^63 - 1")]
    replicates: Annotated[int, Field(ge=1, le=1_000_000), Allowed("a whole number, 1 to 1000000")]
    start: Quarter
    end: Quarter

    @field_validator("end")
    @classmethod
    def _after_start(cls, end: str, others: ValidationInfo) -> str:
        if end <= others.data.get("start", ""):
            raise ValueError(f"{end} does not come after the start {others.data['start']}")
        return end

    @property
    def start_index(self) -> int:
        """First quarter, counted from 2020Q1."""
        return calendar.index(self.start)

    @property
    def end_index(self) -> int:
        """Last quarter, counted from 2020Q1."""
        return calendar.index(self.end)

    @property
    def quarters(self) -> tuple[str, ...]:
        """Every quarter of the horizon, first to last."""
        return calendar.span(self.start, self.end)


class AskedStudy(StudyKeys):
    """The same as asked for, before scenarios are composed and the name is settled."""

    name: Name | None
    scenarios: Annotated[Keys, Field(min_length=1), Allowed("at least one name of conf/scenario")]
    baseline: Text | None


class OutputSettings(Strict):
    """Where results go, in which detail, and what is written beside the tables."""

    folder: Place
    detail: Detail
    banks: Flag
    network: Annotated[
        tuple[Moment, ...], Field(strict=False), AfterValidator(unique), Allowed("a list: [start, 2024Q1]")
    ]
    figures: Annotated[
        tuple[Format, ...], Field(strict=False), AfterValidator(unique), Allowed("a list: [svg, png]")
    ]
    report: Flag


class ReportSettings(Strict):
    """How the report reads."""

    language: Annotated[str, Allowed(options=("en", "zh"))]


class StudySettings(StudyKeys):
    """A whole study, frozen and sound: everything that a run needs, as plain numbers and words.

    `population`, `banks`, `behaviour`, `allocation` and `network` hold for every scenario; `choices` names the file
    chosen in each group; `overrides` is the command line it came from.
    """

    name: Name
    experiment: Key | None
    choices: Tree
    population: Tree
    banks: Tree
    behaviour: Tree
    allocation: Tree
    network: Tree
    scenarios: Annotated[tuple[ScenarioSettings, ...], Field(strict=False, min_length=1)]
    bank: BankSettings | None = None
    analysis: AnalysisSettings = AnalysisSettings()
    calibration: CalibrationSettings = CalibrationSettings()
    uncertainty: UncertaintySettings = UncertaintySettings()
    outputs: OutputSettings
    report: ReportSettings
    execution: ExecutionSettings
    overrides: Annotated[tuple[str, ...], Field(strict=False)] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the scenarios, in order."""
        return tuple(scenario.label for scenario in self.scenarios)

    def scenario(self, label: str) -> ScenarioSettings:
        """The scenario of that label."""
        return self.scenarios[self.labels.index(label)]

    def plain(self) -> dict[str, Any]:
        """The study as plain data, ready for JSON; ``StudySettings.model_validate`` reads it back."""
        return self.model_dump(mode="json")

    @property
    def digest(self) -> str:
        """Hash of everything that can move a number: the same for the same study, however it was asked for."""
        return digest_of(self.plain())


def digest_of(study: dict[str, Any]) -> str:
    """SHA-256 of a plain study without its name, outputs, report and command line."""
    aside = ("name", "outputs", "report", "execution", "overrides", "experiment", "choices")
    text = json.dumps({k: v for k, v in study.items() if k not in aside}, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def network_quarters(study: StudySettings) -> tuple[str, ...]:
    """The quarters at which a study keeps its network: the start, the middle, the end, or those named, in order."""
    middle = calendar.name((study.start_index + study.end_index) // 2)
    named = {"start": study.start, "middle": middle, "end": study.end}
    return tuple(sorted({named.get(moment, moment) for moment in study.outputs.network}))
