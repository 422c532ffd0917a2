"""The sections of a study, and the tasks that it can be asked to do."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from experiments.config.errors import Refused, sentence
from experiments.config.fields import (
    Allowed,
    Distinct,
    Flag,
    Key,
    KindOrAll,
    Listed,
    Outcome,
    Place,
    Province,
    Quarter,
    Share,
    Strict,
    Text,
    Whole,
    check_quarter,
)
from experiments.config.names import REGION_NAMES, REGIONS
from experiments.config.units import converted
from model.policy import Trigger

CALIBRATIONS: Final = ("calibrate", "backtest", "recovery", "ablations", "patterns")
TASKS: Final = MappingProxyType(
    {
        **dict.fromkeys(("simulate", "policy", "banks"), ("..study.run", "run_study")),
        **dict.fromkeys(CALIBRATIONS, ("..study.calibrate", "calibrate")),
        "track_record": ("..study.calibrate", "track_record"),
    }
)


def task_function(task: str) -> Callable[[object, Path], Path]:
    """The function behind a task, imported only now because it brings the model and the tables with it.

    Parameters
    ----------
    task : str
        A key of `TASKS`.

    Returns
    -------
    callable
        Takes the settings and the folder to write; gives back the folder written.
    """
    module, name = TASKS[task]
    function: Callable[[Any, Path], Path] = getattr(import_module(module, __package__), name)
    return function


def analysis_function(task: str, step: str = "analyse") -> Callable[..., object] | None:
    """The function that adds a task's own tables to a study's folder; None when the task adds none.

    Parameters
    ----------
    task : str
        A key of `TASKS`.
    step : str
        ``check``: takes the settings and refuses, before anything runs, what it could not do; ``analyse``: takes the
        settings, the folder, the merged chunks and the folder of finished chunks.

    Returns
    -------
    callable or None
    """
    if task != "policy":
        return None
    function: Callable[..., object] = getattr(import_module("..analysis.registry", __package__), step)
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


class SignalSettings(Strict):
    """A signal that starts levers, in each run apart: an outcome of a kind of bank above, or below, a limit."""

    outcome: Outcome
    bank_kind: KindOrAll = "all"
    above: float | None = None
    below: float | None = None

    @model_validator(mode="after")
    def _one_limit(self) -> SignalSettings:
        if (self.above is None) == (self.below is None):
            raise Refused(sentence("needs one limit"))
        if self.outcome.startswith("item:"):
            raise Refused(sentence("is no signal"))
        return self

    @property
    def limit(self) -> float:
        """The limit, in the unit of the outcome."""
        return float(self.below if self.above is None else self.above)  # type: ignore[arg-type]

    @property
    def text(self) -> str:
        """The signal as one line."""
        return f"{self.outcome} {self.bank_kind} {'<' if self.above is None else '>'} {self.limit:g}"

    @property
    def assembled(self) -> Trigger:
        """The signal as the model reads it."""
        return Trigger(self.outcome, self.bank_kind, self.limit, self.above is not None)


Region = Annotated[str, Allowed(options=("all", *REGIONS)), BeforeValidator(REGION_NAMES.name)]


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
    methods: Distinct[Method] = ()
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
