"""A study: its tasks and sections, and its scenarios side by side on one population, one horizon and one seed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    TypeAdapter,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from experiments.config import catalogue
from experiments.config.bank import BankSettings
from experiments.config.catalogue import Row
from experiments.config.errors import Refused, sentence
from experiments.config.fields import (
    Allowed,
    Distinct,
    Flag,
    Key,
    KindOrAll,
    Listed,
    Name,
    Outcome,
    Piecewise,
    Place,
    Province,
    Quarter,
    Share,
    Span,
    Strict,
    Text,
    Whole,
    check_quarter,
)
from experiments.config.names import REGION_NAMES
from experiments.config.numbers import schema, shapes
from experiments.config.scenarios import ScenarioSettings, SignalSettings, check_measured
from experiments.config.series import SeriesSettings
from experiments.config.tree import Tree, assigned, freeze, overlap, plain_data
from experiments.config.units import converted
from model import calendar

AN_OBJECTIVE: Final = "{outcome: index, bank_kind: rural}"
CALIBRATIONS: Final = ("calibrate", "backtest", "recovery", "ablations", "patterns")
SCENARIOS: Final = ("simulate", "policy", "banks")  # tasks that run scenarios
TASKS: Final = MappingProxyType(
    {
        **dict.fromkeys(SCENARIOS, ("..study.run", "run_study")),
        **dict.fromkeys(CALIBRATIONS, ("..study.calibrate", "calibrate")),
        "track_record": ("..study.calibrate", "track_record"),
    }
)


def task_function(task: str) -> Callable[..., Path]:
    """The function behind a task, imported only now because it brings the model and the tables with it.

    Parameters
    ----------
    task : str
        A key of `TASKS`.

    Returns
    -------
    callable
        Takes the settings and the folder to write, by default one named after the study; gives back the folder written.
    """
    module, name = TASKS[task]
    function: Callable[..., Path] = getattr(import_module(module, __package__), name)
    return function


# --- sections


EVIDENCE: Final = ("convergence", "placebo", "survey_weights", "measurement_break", "identification")
METHODS: Final = (
    "cost_effectiveness", "variance", "interactions", "surface", "grid", "channels", "ranking",
    "information", "sensitivity", "discovery", "assumptions", "winners", "thresholds", "dispersion",
    "own_bank", "own_reverse", "own_search", "facts", "screen", "portfolio", "goal", "event_study",
    *EVIDENCE,
)  # fmt: skip
QUESTIONS: Final = tuple(f"Q{number:03d}" for number in range(1, 41))
Method = Annotated[str, Allowed(options=METHODS)]
Question = Annotated[str, Allowed(options=QUESTIONS)]


Region = Annotated[str, BeforeValidator(REGION_NAMES.name)]


class PortfolioSettings(Strict):
    """How the method ``portfolio`` may spend.

    `budget` in yuan over all years and payers; every lever of the study's policies is pulled at most once, with a
    strength of `intensities` (over that of its file), from one of `starts`, in one of `regions`. `search_runs` over all
    futures are searched in for the largest mean gain of the worst `tail` of them, by default of all; the study's own
    number of fresh replicates in each future judges. For the mix of the budget the variants are: the two levers of
    `order` one before the other, each of `ramps` (quarters), each region alone, and a start on `signal`.
    """

    budget: Annotated[
        float,
        Field(gt=0, le=1e13),
        Allowed("above 0 to 1e13 yuan"),
        BeforeValidator(lambda value: converted(value, "yuan")),
    ] = 1e10
    intensities: Annotated[Distinct[Share], Field(min_length=1)] = (0.5, 1.0)
    starts: Annotated[Distinct[Quarter], Field(min_length=1)] = ("2026Q1", "2028Q1")
    regions: Annotated[Distinct[Region], Field(min_length=1)] = ("all", "west", "east")
    search_runs: Annotated[int, Whole(4, 10_000)] = 16
    tail: Annotated[float, Field(gt=0, le=1), Allowed("above 0 to 1")] = 1.0
    order: Listed[Key] = ()
    ramps: Listed[Annotated[int, Whole(0, 40)]] = ()
    signal: SignalSettings | None = None


class GoalSettings(Strict):
    """What the method ``goal`` seeks: the outcome asked for at `value` `by` a quarter in a share `probability` of runs.

    `vary` the intensity of the study's levers together (0 to `strongest`), their start, or the budget of the best mix
    (see ``portfolio``); in the study's `future`, a scenario without policies: the ``first``, the ``worst``, or a label.
    """

    vary: Annotated[str, Allowed(options=("intensity", "start", "budget"))] = "intensity"
    value: float | None = None
    by: Quarter = "2028Q4"
    future: Text = "first"
    probability: Share = 0.8
    strongest: Annotated[
        float, Field(gt=0, le=5), Allowed("above 0 to 5; above 1 is beyond the evidence")
    ] = 1.0


class EventSettings(Strict):
    """The union reform that the method ``event_study`` looks at, and where and when it is read, placebos included."""

    province: Province = "ZJ"
    years_after: Annotated[Listed[Annotated[int, Whole(0, 15)]], Field(min_length=1)] = (1, 3)
    placebo_years: Listed[Annotated[int, Whole(1, 10)]] = (1,)
    placebo_provinces: Distinct[Province] = ("SD", "HB", "SN")


class AnalysisSettings(Strict):
    """What ``task=policy`` adds to a study.

    `methods` are done in order; `outcome` and `bank_kind` say what they are done on; `scenario` is the one that
    methods on a single effect look at (null: the one with the largest effect); `runs` bounds the runs of one
    sensitivity analysis; `discount` is the rate at which later costs count less; `changed` are the overrides that turn
    the default assumptions into the changed ones; `question` is the one answered.
    """

    question: Question | None = None
    methods: Annotated[Distinct[Method], Allowed(options=METHODS)] = ()
    outcome: Outcome = "index"
    bank_kind: KindOrAll = "all"
    scenario: Text | None = None
    runs: Annotated[int, Whole(100, 10_000_000)] = 6000
    discount: Share = 0.0
    changed: Listed[Text] = ()
    portfolio: PortfolioSettings = PortfolioSettings()
    goal: GoalSettings = GoalSettings()
    event: EventSettings = EventSettings()


CENTRAL, POSTERIOR = "central", "posterior"


def _rising(pair: tuple[float, ...]) -> tuple[float, ...]:
    if len(pair) != 2 or pair[0] > pair[1]:
        raise Refused(sentence("must be two numbers that rise"))
    return pair


class PatternRule(Strict):
    """What a statistic of the posterior runs must lie within, where that comes from, and how often chance breaks it."""

    within: Annotated[Listed[float], AfterValidator(_rising)]
    unit: Text
    source: Text
    false_alarm: Share


class CalibrationSettings(Strict):
    """The procedure of calibration; ``conf/calibration`` says what each number is."""

    scores: Place | None = None
    store: Place = "data/posterior"
    pages: Place = "docs/calibration"
    record: Place = "data/track_record"
    runs: Annotated[int, Whole(16, 1_000_000)] = 1000
    steps: Annotated[int, Whole(1, 100)] = 4
    members: Annotated[int, Whole(8, 10_000)] = 400
    chance_runs: Annotated[int, Whole(8, 10_000)] = 192
    batch: Annotated[int, Whole(1, 10_000)] = 64
    truths: Annotated[int, Whole(4, 10_000)] = 12
    truth_runs: Annotated[int, Whole(16, 100_000)] = 600
    rival_runs: Annotated[int, Whole(100, 1_000_000)] = 4000
    ablation_runs: Annotated[int, Whole(16, 100_000)] = 400
    effect_runs: Annotated[int, Whole(4, 10_000)] = 24
    patterns: dict[str, PatternRule] = Field(default_factory=dict)


class UncertaintySettings(Strict):
    """Where a simulation's uncertain numbers come from.

    `parameters`: ``posterior`` (each replicate draws a member of the shipped ensemble), ``central`` (every replicate
    takes the values of the configuration, so that replicates differ by chance alone), or the folder of an ensemble.
    """

    parameters: Annotated[
        Text, Field(max_length=1000), Allowed("posterior, central, or the folder of an ensemble")
    ] = POSTERIOR


def _number_of_workers(number: object) -> object:
    if number != "auto" and not (type(number) is int and 1 <= number <= 1024):
        raise Refused(sentence("{!r} is no number of workers", number))
    return number


class ExecutionSettings(Strict):
    """Where and how the chunks of a study are computed; no number depends on it.

    `workers` is a number of processes or "auto" (one a core, and no more than there are chunks); `chunk_rows` is
    about how many rows (scenarios x replicates x banks) one chunk holds; `store` is the folder of finished chunks,
    relative to the folder of outputs; `store_limit` is how many megabytes it may keep beside the chunks of the study
    just made, those used longest ago going first, or null for no limit; `address` is that of a running Dask scheduler
    (tcp://host:port), or null to start one here.
    """

    engine: Annotated[str, Allowed(options=("local", "dask"))] = "local"
    workers: Annotated[
        int | str, BeforeValidator(_number_of_workers), Allowed("auto, or a whole number, 1 to 1024")
    ] = "auto"
    chunk_rows: Annotated[int, Whole(1, 100_000_000)] = 20_000
    store: Place = ".studies"
    store_limit: (
        Annotated[float, Field(ge=0, le=1e9), Allowed("null, or a number of megabytes, 0 or more")] | None
    ) = 64.0
    address: (
        Annotated[
            str, Field(pattern=r"^[a-z]+://[\w.:\[\]-]+$"), Allowed("null, or an address as tcp://host:port")
        ]
        | None
    ) = None


MOMENTS: Final = ("start", "middle", "end")
Moment = Annotated[
    str,
    AfterValidator(lambda text: text if text in MOMENTS else check_quarter(text)),
    Allowed("start, middle, end, or a quarter such as 2024Q1"),
]
Format = Annotated[str, Allowed(options=("svg", "png"))]


class OutputSettings(Strict):
    """Where results go, in which detail, and what is written beside the tables."""

    folder: Place
    detail: Annotated[str, Allowed(options=("auto", "full", "reduced"))]
    banks: Flag
    network: Annotated[Distinct[Moment], Allowed("a list: [start, 2024Q1]")]
    figures: Annotated[Distinct[Format], Allowed("a list: [svg, png]")]
    report: Flag


class ReportSettings(Strict):
    """How the report reads."""

    language: Annotated[str, Allowed(options=("en", "zh"))]


class ObjectiveSettings(Strict):
    """The number that a job returns, for a sweeper to make as large, or as small, as it can.

    `statistic` of the paired effect of the last scenario on `outcome` of `bank_kind` in the last quarter (of what is
    taken once a year, the last year's end), less `cost` points for each billion yuan that its policies cost a year.
    """

    outcome: Outcome = "index"
    bank_kind: KindOrAll = "all"
    statistic: Annotated[str, Allowed(options=("median", "mean", "q05", "q95", "probability"))] = "median"
    cost: Annotated[float, Field(ge=0), Allowed("0 or more points for a billion yuan a year")] = 0.0

    @model_validator(mode="after")
    def _measured(self) -> ObjectiveSettings:
        check_measured(self.outcome, self.bank_kind)
        return self


# --- the study


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
            serialization=core_schema.plain_serializer_function_ser_schema(plain_data),
        )


@cache
def numbers_of(name: str) -> Any:
    """The type of a tree of the catalogue's numbers, by its dotted name."""
    return Annotated[Tree, Numbers(name)]


class StudyKeys(Span):
    """The keys that stand at the top of the configuration: what all scenarios of a study share, and its sections.

    `population`, `banks`, `behaviour`, `allocation` and `network` hold for every scenario that assumes nothing else.
    """

    apart = True
    task: Annotated[str, Allowed(options=tuple(TASKS))]
    seed: Annotated[int, Field(ge=0, lt=2**63), Allowed("a whole number, 0 to 2^63 - 1")]
    replicates: Annotated[int, Whole(1, 1_000_000)]
    population: Annotated[Tree, Numbers("population")]
    banks: Annotated[Tree, Numbers("banks")]
    behaviour: Annotated[Tree, Numbers("behaviour")]
    allocation: Annotated[Tree, Numbers("allocation")]
    network: Annotated[Tree, Numbers("network")]
    analysis: AnalysisSettings = AnalysisSettings()
    calibration: CalibrationSettings = CalibrationSettings()
    uncertainty: UncertaintySettings = UncertaintySettings()
    objective: Annotated[ObjectiveSettings, Allowed("a mapping: {}", AN_OBJECTIVE)] | None = None
    outputs: OutputSettings
    report: ReportSettings
    execution: ExecutionSettings

    @property
    def quarters(self) -> tuple[str, ...]:
        """Every quarter of the horizon, first to last."""
        return calendar.span(self.start, self.end)


def _listed(value: object) -> object:
    if value == []:
        raise Refused(sentence("is an empty list"))
    return [value] if isinstance(value, str) else value


NameOrNames = Annotated[Distinct[Text] | None, BeforeValidator(_listed)]


class AskedStudy(Piecewise, StudyKeys):
    """The keys of a study as the user gives them."""

    name: Name | None = None
    banks_file: Place | None = None
    plans: Annotated[Distinct[Text], Allowed("a list: [a, b, mine/c.yaml]")] | None = None
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

    @property
    def is_whole(self) -> bool:
        """Whether it has everything that a study cannot be without."""
        return all(value is not None for key, value in self if type(self).model_fields[key].is_required())


class StudySettings(StudyKeys):
    """A whole study, frozen and sound: everything that a run needs, as plain numbers and words.

    `pinned` are the sampled numbers that the user gave, which every replicate therefore takes as given; `rows` is what
    the user's files say of numbers beside their values; `series` are the user's own
    in place of the shipped; `choices` names the file chosen in each group; `overrides` is
    the command line it came from.
    """

    name: Name
    experiment: Key | None
    choices: Tree
    scenarios: Annotated[Listed[ScenarioSettings], Field(min_length=1)]
    pinned: Listed[str] = ()
    rows: dict[str, Row] = Field(default_factory=dict)
    bank: BankSettings | None = None
    members: Annotated[Listed[BankSettings], Field(max_length=1000)] = ()
    series: SeriesSettings = SeriesSettings()
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
        return self.rows.get(name) or catalogue.row(name)

    def is_sampled(self, name: str) -> bool:
        """Whether calibration may move a number, or a part of one: its row says so and the user gave no value."""
        number = name if catalogue.known(name) else name.rpartition(".")[0]
        return self.row(number).sampled is not None and not any(overlap(name, key) for key in self.pinned)

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
    rows = TypeAdapter(dict[str, Row]).validate_python(config.get("rows", {}))
    return StudySettings.model_validate({**config, "rows": rows}, context={"rows": rows})


def network_quarters(study: StudySettings) -> tuple[str, ...]:
    """The quarters at which a study keeps its network: the start, the middle, the end, or those named, in order."""
    middle = calendar.name((study.start_index + study.end_index) // 2)
    moments = {"start": study.start, "middle": middle, "end": study.end}
    return tuple(sorted({moments.get(moment, moment) for moment in study.outputs.network}))
