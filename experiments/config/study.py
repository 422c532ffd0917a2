"""A study: its scenarios side by side, on one population, one horizon and one seed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, PlainSerializer
from pydantic_core import CoreSchema, core_schema

from experiments.config import catalogue
from experiments.config.bank import BankSettings
from experiments.config.catalogue import Row
from experiments.config.errors import Refused, sentence
from experiments.config.fields import Allowed, Distinct, Key, Listed, Name, Place, Span, Strict, Text, Whole
from experiments.config.numbers import schema, shapes
from experiments.config.scenarios import ScenarioSettings
from experiments.config.sections import (
    TASKS,
    AnalysisSettings,
    CalibrationSettings,
    ExecutionSettings,
    ObjectiveSettings,
    OutputSettings,
    ReportSettings,
    UncertaintySettings,
)
from experiments.config.series import SeriesSettings
from experiments.config.tree import Tree, assigned, freeze, unfreeze
from model import calendar

# Groups of numbers that hold for every scenario which assumes nothing else.
SHARED: Final = ("population", "banks", "behaviour", "allocation", "network")


class Numbers:
    """A tree of the catalogue's numbers; see `experiments.config.numbers.schema`.

    Parameters
    ----------
    name : str
        Dotted name of the tree, such as ``behaviour`` or ``environments.severe``.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        shape = shapes()["environments.*" if self.name.startswith("environments.") else self.name]
        return core_schema.no_info_wrap_validator_function(
            lambda value, checked: value if isinstance(value, Tree) else checked(value),
            schema(self.name, shape),
            serialization=core_schema.plain_serializer_function_ser_schema(unfreeze),
        )


@cache
def numbers_of(name: str) -> Any:
    """The type of a tree of the catalogue's numbers, by its dotted name."""
    return Annotated[Tree, Numbers(name)]


def _rows(given: Any) -> object:
    return {name: Row(**row) if isinstance(row, Mapping) else row for name, row in dict(given).items()}


Rows = Annotated[
    dict[str, Any],
    BeforeValidator(_rows),
    PlainSerializer(lambda rows: {n: asdict(r) for n, r in rows.items()}),
]


class StudyKeys(Span):
    """The keys of a study that stand at the top of the configuration."""

    apart = True
    task: Annotated[str, Allowed(options=tuple(TASKS))]
    seed: Annotated[int, Field(ge=0, lt=2**63), Allowed("a whole number, 0 to 2^63 - 1")]
    replicates: Annotated[int, Whole(1, 1_000_000)]

    @property
    def quarters(self) -> tuple[str, ...]:
        """Every quarter of the horizon, first to last."""
        return calendar.span(self.start, self.end)


NameOrNames = Annotated[
    Distinct[Text] | None,
    BeforeValidator(lambda given: _not_empty([given] if isinstance(given, str) else given)),
]


def _not_empty(given: object) -> object:
    if given == []:
        raise Refused(sentence("is an empty list"))
    return given


class AskedStudy(StudyKeys):
    """The keys of a study and the name that it is given."""

    name: Name | None = None
    banks_file: Place | None = None
    plans: Distinct[Text] | None = None


class AskedScenarios(Strict):
    """Which scenarios a study is to play, in the words of the user."""

    scenarios: Annotated[
        Distinct[Text],
        Field(min_length=1),
        Allowed("at least one name of conf/library"),
    ]
    baseline: Text | None = None
    scenario: Text | None = None
    policy: NameOrNames = None
    shock: NameOrNames = None
    environment: Annotated[Text, Allowed("one name")] | None = None


class StudySettings(StudyKeys):
    """A whole study, frozen and sound: everything that a run needs, as plain numbers and words.

    `population`, `banks`, `behaviour`, `allocation` and `network` hold for every scenario that assumes nothing else;
    `pinned` are the sampled numbers that the user gave, which every replicate therefore takes as given; `rows` is what
    the user's files say of numbers beside their values; `series` are the user's own
    in place of the shipped; `choices` names the file chosen in each group; `overrides` is
    the command line it came from.
    """

    name: Name
    experiment: Key | None
    choices: Tree
    population: Annotated[Tree, Numbers("population")]
    banks: Annotated[Tree, Numbers("banks")]
    behaviour: Annotated[Tree, Numbers("behaviour")]
    allocation: Annotated[Tree, Numbers("allocation")]
    network: Annotated[Tree, Numbers("network")]
    scenarios: Annotated[Listed[ScenarioSettings], Field(min_length=1)]
    pinned: Listed[str] = ()
    rows: Rows = Field(default_factory=dict)
    bank: BankSettings | None = None
    members: Annotated[Listed[BankSettings], Field(max_length=1000)] = ()
    series: SeriesSettings = SeriesSettings()
    analysis: AnalysisSettings = AnalysisSettings()
    calibration: CalibrationSettings = CalibrationSettings()
    uncertainty: UncertaintySettings = UncertaintySettings()
    objective: ObjectiveSettings | None = None
    outputs: OutputSettings
    report: ReportSettings
    execution: ExecutionSettings
    overrides: Listed[str] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the scenarios, in order."""
        return tuple(scenario.label for scenario in self.scenarios)

    def scenario(self, label: str) -> ScenarioSettings:
        """The scenario of that label."""
        return self.scenarios[self.labels.index(label)]

    @property
    def numbers(self) -> dict[str, Any]:
        """Every number of behaviour and of the kinds of banks, by its dotted name."""
        trees = {"behaviour": self.behaviour} | {f"banks.{kind}": tree for kind, tree in self.banks.items()}
        return {f"{place}.{name}": value for place, tree in trees.items() for name, value in tree.items()}

    def row(self, name: str) -> Row:
        """What is known of a number of this study: its row of the catalogue, or what the user's files say of it."""
        given: Row | None = self.rows.get(name)
        return given or catalogue.row(name)

    def is_sampled(self, name: str) -> bool:
        """Whether calibration may move a number, or a part of one: its row says so and the user gave no value."""
        number = name if catalogue.known(name) else name.rpartition(".")[0]
        fixed = any(
            f"{name}.".startswith(f"{key}.") or f"{key}.".startswith(f"{name}.") for key in self.pinned
        )
        return self.row(number).sampled is not None and not fixed

    def under(self, assumptions: Mapping[str, object]) -> StudySettings:
        """The same study under other assumptions: values by dotted name, which are then as given as any other."""
        trees: dict[str, Any] = {}
        for name, value in assumptions.items():
            group, _, rest = name.partition(".")
            trees[group] = assigned(trees.get(group, getattr(self, group)), rest, freeze(value))
        update = {group: freeze(tree) for group, tree in trees.items()}
        return self.model_copy(update={**update, "pinned": (*self.pinned, *assumptions)}) if update else self

    def plain(self) -> dict[str, Any]:
        """The study as plain data, ready for JSON; `restored` reads it back."""
        return self.model_dump(mode="json")

    @property
    def digest(self) -> str:
        """Hash of everything that can move a number: the same for the same study, however it was asked for."""
        aside = ("name", "outputs", "report", "execution", "overrides", "experiment", "choices", "objective")
        content = {key: value for key, value in self.plain().items() if key not in aside}
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def restored(config: Mapping[str, object]) -> StudySettings:
    """A study from plain data, with every check of a new one; raises pydantic's `ValidationError`."""
    context = {"rows": _rows(config.get("rows", {}))}
    return StudySettings.model_validate(dict(config), context=context)


def network_quarters(study: StudySettings) -> tuple[str, ...]:
    """The quarters at which a study keeps its network: the start, the middle, the end, or those named, in order."""
    middle = calendar.name((study.start_index + study.end_index) // 2)
    named = {"start": study.start, "middle": middle, "end": study.end}
    return tuple(sorted({named.get(moment, moment) for moment in study.outputs.network}))
