"""A bank that a user brings: what it is today and what it plans, each number with its range."""

from __future__ import annotations

import math
from typing import Annotated, Final

from pydantic import AfterValidator, Field, model_validator

from experiments.config.fields import (
    Allowed,
    Catalogued,
    Province,
    Quarter,
    Strict,
    printable,
    reader,
)
from experiments.config.names import kind
from experiments.config.numbers import EXACT, ROUNDED, fault
from experiments.config.sentences import Sentence

SMALL_KINDS: Final = ("city", "rural", "private")
Score = Annotated[float, Catalogued("bank.scores.*")]
PlanShare = Annotated[float, Catalogued("bank.plan.*")]
OfStaff = Annotated[
    float,
    Field(gt=0),
    Allowed("a share of all staff, above 0 to 0.6", "员工占比，大于 0 至 0.6"),
    Catalogued("bank.staff.*"),
]
BankName = Annotated[
    str,
    Field(max_length=80),
    AfterValidator(printable),
    Allowed("a line of printable text, 1 to 80 letters", "一行可打印的文本，1 至 80 字"),
]


class Scores(Strict):
    """Six scores of a self-assessment, points."""

    strategy: Score
    organization: Score
    technology: Score
    application: Score
    data: Score
    ecosystem: Score


class Plan(Strict):
    """Six shares of project spending; shares that were rounded are brought to 1."""

    strategy: PlanShare
    organization: PlanShare
    technology: PlanShare
    application: PlanShare
    data: PlanShare
    ecosystem: PlanShare

    @model_validator(mode="after")
    def _whole(self) -> Plan:
        total = math.fsum(self.__dict__.values())
        if abs(total - 1.0) > ROUNDED:
            raise fault(
                Sentence(
                    f"the six shares add to {total:.12g}, not to 1", f"六项份额合计为 {total:.12g}，不是 1"
                )
            )
        if abs(total - 1.0) > EXACT:
            return self.model_construct(**{name: value / total for name, value in self.__dict__.items()})
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
            raise fault(
                Sentence(
                    f"the three shares add to {total:.12g}, more than all staff",
                    f"三项占比合计为 {total:.12g}，超过全部员工",
                )
            )
        return self


class BankSettings(Strict):
    """The own bank; what is null or left out is left to its kind. See ``conf/bank/example.yaml``."""

    name: BankName
    kind: Annotated[str, Allowed(options=SMALL_KINDS), reader(kind)]
    province: Province
    since: Quarter
    assets: Annotated[float, Catalogued("bank.assets")]
    spend_ratio: Annotated[float, Catalogued("bank.spend_ratio")] | None = None
    staff: Staff | None = None
    scores: Scores | None = None
    plan: Plan | None = None
