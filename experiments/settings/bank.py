"""A bank that a user brings: what it is today and what it plans, each number with its range."""

from __future__ import annotations

import math
from typing import Annotated, Final

from pydantic import AfterValidator, Field, model_validator

from experiments.settings.fields import Allowed, Province, Quarter, Share, Strict, printable
from experiments.settings.policy import Measured
from experiments.settings.soundness import TOTAL_TOLERANCE

SMALL_KINDS: Final = ("city", "rural", "private")
Score = Annotated[float, Field(ge=0, le=100), Allowed("a score, 0 to 100")]
BankName = Annotated[
    str,
    Field(max_length=80),
    AfterValidator(printable),
    Allowed("a line of printable text, 1 to 80 letters"),
]
OfStaff = Annotated[float, Field(gt=0, le=0.6), Allowed("a share of all staff, above 0 to 0.6")]


class Scores(Strict):
    """Six scores of a self-assessment, points."""

    strategy: Score
    organization: Score
    technology: Score
    application: Score
    data: Score
    ecosystem: Score


class Plan(Strict):
    """Six shares of project spending."""

    strategy: Share
    organization: Share
    technology: Share
    application: Share
    data: Share
    ecosystem: Share

    @model_validator(mode="after")
    def _whole(self) -> Plan:
        total = math.fsum(self.__dict__.values())
        if abs(total - 1.0) > TOTAL_TOLERANCE:
            raise ValueError(f"the six shares add to {total:.12g}, not to 1")
        return self


class Staff(Strict):
    """People by role, shares of all staff."""

    technologists: OfStaff
    data: OfStaff
    composite: OfStaff

    @model_validator(mode="after")
    def _part(self) -> Staff:
        total = math.fsum(self.__dict__.values())
        if total > 1.0:
            raise ValueError(f"the three shares add to {total:.12g}, more than all staff")
        return self


class BankSettings(Strict):
    """The own bank; what is null or left out is left to its kind. See ``conf/bank/example.yaml``."""

    name: BankName
    kind: Annotated[str, Allowed(options=SMALL_KINDS)]
    province: Province
    since: Quarter
    assets: Measured
    spend_ratio: (
        Annotated[float, Field(ge=0.001, le=0.5), Allowed("null, or a share of revenue, 0.001 to 0.5")] | None
    ) = None
    staff: Staff | None = None
    scores: Scores | None = None
    plan: Plan | None = None
