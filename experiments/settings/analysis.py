"""What the policy laboratory works out from a study, on which outcome, with how much computing."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, Field

from experiments.settings.fields import Allowed, KindOrAll, Outcome, Strict, Text, unique

EVIDENCE: Final = ("convergence", "placebo", "survey_weights", "measurement_break", "identification")
METHODS: Final = (
    "cost_effectiveness",
    "variance",
    "interactions",
    "surface",
    "channels",
    "ranking",
    "information",
    "sensitivity",
    "discovery",
    "assumptions",
    "winners",
    "thresholds",
    "dispersion",
    "own_bank",
    "own_share",
    "own_staff",
    *EVIDENCE,
)
QUESTIONS: Final = tuple(f"Q{number:03d}" for number in range(1, 31))
Method = Annotated[str, Allowed(options=METHODS)]
Question = Annotated[str, Allowed(options=QUESTIONS)]
Loose = Field(strict=False)


class AnalysisSettings(Strict):
    """What ``task=policy`` adds to a study.

    `methods` are done in order; `outcome` and `bank_kind` say what they are done on; `scenario` is the one that
    methods on a single effect look at (null: the one with the largest effect); `runs` bounds the runs of one
    sensitivity analysis; `changed` are the overrides that turn the default assumptions into the changed ones;
    `question` is the one answered.
    """

    question: Question | None = None
    methods: Annotated[tuple[Method, ...], Loose, AfterValidator(unique)] = ()
    outcome: Outcome = "index"
    bank_kind: KindOrAll = "all"
    scenario: Text | None = None
    runs: Annotated[int, Field(ge=100, le=10_000_000), Allowed("a whole number of runs, 100 to 10000000")] = (
        6000
    )
    changed: Annotated[tuple[Text, ...], Loose] = ()
