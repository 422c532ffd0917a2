"""How uncertain numbers are fitted to the survey, and which of them a simulation takes."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from experiments.settings.fields import Allowed, Place, Strict, Text

CENTRAL, POSTERIOR = "central", "posterior"


def _rising(pair: tuple[float, ...]) -> tuple[float, ...]:
    if len(pair) != 2 or pair[0] > pair[1]:
        raise ValueError("must be two numbers that rise")
    return pair


def _spread(pair: tuple[float, ...]) -> tuple[float, ...]:
    if len(pair) != 2 or pair[1] <= 0:
        raise ValueError("must be a mean and a standard deviation above 0")
    return pair


Share = Annotated[float, Field(ge=0.0, le=1.0)]


class PatternRule(Strict):
    """What a statistic of the posterior runs must lie within, where that comes from, and how often chance breaks it."""

    within: Annotated[tuple[float, ...], Field(strict=False), AfterValidator(_rising)]
    unit: Text
    source: Text
    false_alarm: Share


class CalibrationSettings(Strict):
    """The procedure of calibration; ``conf/calibration`` says what each number is."""

    scores: Place | None = None
    store: Place = "data/posterior"
    pages: Place = "docs/calibration"
    runs: Annotated[int, Field(ge=64, le=1_000_000)] = 8192
    refined: Annotated[int, Field(ge=0, le=1_000_000)] = 4096
    held_out: Annotated[int, Field(ge=16, le=100_000)] = 1536
    batch: Annotated[int, Field(ge=1, le=10_000)] = 256
    width: Annotated[int, Field(ge=4, le=1024)] = 128
    epochs: Annotated[int, Field(ge=1, le=10_000)] = 120
    members: Annotated[int, Field(ge=8, le=10_000)] = 400
    steps: Annotated[int, Field(ge=8, le=100_000)] = 240
    growth: Annotated[tuple[float, ...], Field(strict=False), AfterValidator(_spread)] = (1.0, 2.0)
    spend_discrepancy: Share = 0.05
    truths: Annotated[int, Field(ge=8, le=10_000)] = 128
    draws: Annotated[int, Field(ge=7, le=1000)] = 63
    rival_runs: Annotated[int, Field(ge=100, le=1_000_000)] = 4000
    ablation_members: Annotated[int, Field(ge=16, le=10_000)] = 256
    patterns: dict[str, PatternRule] = Field(default_factory=dict)


class UncertaintySettings(Strict):
    """Where a simulation's uncertain numbers come from.

    `parameters`: ``posterior`` (each replicate draws a member of the shipped ensemble), ``central`` (every replicate
    takes the values of the configuration, so that replicates differ by chance alone), or the folder of an ensemble.
    """

    parameters: Annotated[
        Text, Field(max_length=1000), Allowed("posterior, central, or the folder of an ensemble")
    ] = POSTERIOR
