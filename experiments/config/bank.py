"""A bank that a user brings: what it is today and what it plans. None is what was not said, and zero is a number."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from agents.honeycomb import FOCUS, SMALL_KINDS
from experiments.config import catalogue
from experiments.config.errors import (
    NOT_KNOWN,
    Refused,
    Sentence,
    out_of_range,
    refuse,
    sentence,
)
from experiments.config.fields import Allowed, Catalogued, Listed, Province, Quarter, Strict, printable
from experiments.config.names import PROVINCE_NAMES, kind, listed, vocabulary
from experiments.config.numbers import EXACT, ROUNDED
from experiments.config.plans import ByDimension, ByRole, Part, Pay, Plans, Route, ShareByDimension, left_out
from experiments.config.questionnaire import asked, item_names, rung
from experiments.config.tables import opening
from experiments.config.tree import pruned
from experiments.config.units import number

AGREES: Final = 0.02  # how far two statements of one thing may differ, relative

FOCUS_NAMES: Final = vocabulary("focus")
EVIDENCE_NAMES: Final = vocabulary("evidence")
CLAIMED: Final = "claimed"
YES: Final = ("yes", "true", "y", "1", "是", "有", "已接入")
NO: Final = ("no", "false", "n", "0", "否", "无", "未接入")


def yes(value: object) -> Any:
    """True or false from what people write."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        word = str(value).strip().casefold()
        return True if word in YES else False if word in NO else value
    return value


Score = Annotated[float, Catalogued("bank.scores.*")]
OfStaff = Annotated[float, Catalogued("bank.staff.*")]
Trust = Annotated[float, Catalogued("bank.trust.*")]
BankName = Annotated[
    str, Field(max_length=80), AfterValidator(printable), Allowed("a line of printable text, 1 to 80 letters")
]
Flag = Annotated[bool, Allowed("yes or no"), BeforeValidator(yes)]


class Scores(ByDimension[Score | None]):
    """Six scores of a self-assessment, points."""


def _whole(plan: ShareByDimension) -> ShareByDimension:
    """Shares that were rounded are brought to 1."""
    total = math.fsum(plan.__dict__.values())
    if abs(total - 1.0) > ROUNDED:
        raise Refused(sentence("the six shares add to {:.12g}, not to 1", total))
    if abs(total - 1.0) > EXACT:
        return plan.model_construct(**{name: value / total for name, value in plan.__dict__.items()})
    return plan


Plan = Annotated[ShareByDimension, AfterValidator(_whole)]
"""Six shares of project spending."""


class Staff(ByRole[OfStaff]):
    """People by role, shares of all staff."""

    @model_validator(mode="after")
    def _part(self) -> Staff:
        total = math.fsum(self.known.values())
        if total > 1.0:
            raise Refused(sentence("the three shares add to {:.12g}, more than all staff", total))
        return self


class PayOfRoles(ByRole[Pay]):
    """What a person of each role costs a year, yuan."""


class Partners(Part):
    """Whom the bank works with today."""

    vendors: Annotated[int, Catalogued("bank.partners.vendors")] | None = None
    exporting_bank: Flag | None = None
    alliances: Annotated[int, Catalogued("bank.partners.alliances")] | None = None


class Floors(Part):
    """What the bank must not fall below; a quarter below one is a failure."""

    capital: Annotated[float, Catalogued("bank.floors.capital")] | None = None
    profit: Annotated[float, Catalogued("bank.floors.profit")] | None = None
    run_cost: Annotated[float, Catalogued("bank.floors.run_cost")] | None = None
    market: Annotated[float, Catalogued("bank.floors.market")] | None = None


class TrustInAnswers(Strict):
    """Chance that an item stands on the rung that was answered, by what is behind the answer."""

    claimed: Trust = catalogue.value("bank.trust.claimed")
    documented: Trust = catalogue.value("bank.trust.documented")
    audited: Trust = catalogue.value("bank.trust.audited")


class Answer(Strict):
    """What the bank says of one item.

    `answers` are rungs, one a respondent; `evidence` is what is behind them.
    """

    answers: Annotated[Listed[int], Field(min_length=1, max_length=99)]
    evidence: Annotated[str, Allowed(options=EVIDENCE_NAMES.names), BeforeValidator(EVIDENCE_NAMES.name)] = (
        CLAIMED
    )

    def chances(self, rungs: int, trust: TrustInAnswers) -> tuple[float, ...]:
        """Chance of each rung, from the ground up: each respondent is trusted as far as the evidence goes."""
        stands = float(getattr(trust, self.evidence))
        chances = [0.0] * (rungs + 1)
        for answer in self.answers:
            part = 1.0 / len(self.answers)
            low, high = max(answer - 1, 0), min(answer + 1, rungs)
            down = catalogue.value("bank.judged.overstated") if low < answer < high else float(low < answer)
            chances[answer] += part * stands
            chances[low] += part * (1.0 - stands) * down
            chances[high] += part * (1.0 - stands) * (1.0 - down)
        return tuple(chances)


def _answers(given: object) -> object:
    """Answers by item: names as people write them, a rung alone or with its evidence, several respondents."""
    if not isinstance(given, Mapping):
        return given
    rungs, faults = {}, []
    for word, said in given.items():
        name = item_names().find(word)
        if name is None:
            best = item_names().nearest(word)
            faults.append(((str(word),), Refused(NOT_KNOWN, "", best), word))
            continue
        fields = dict(said) if isinstance(said, Mapping) else {"answers": said}
        answers = fields.get("answers", fields.pop("rung", None))
        every = answers if isinstance(answers, list | tuple) else listed(answers)
        try:
            fields["answers"] = [rung(asked()[name], one) for one in every if one not in (None, "")]
        except Refused as refused:
            faults.append(((str(word),), refused, answers))
        if name in rungs:
            faults.append(((str(word),), Refused(sentence("stands twice")), word))
        rungs[name] = fields
    refuse("items", faults)
    return rungs


def _branches(given: object) -> object:
    """Branches by province from a mapping or in words: ``SD 30, HE 5``, ``山东30、河北5``, or provinces alone."""
    counts: dict[str, int] = {}
    for word, count in given.items() if isinstance(given, Mapping) else map(_counted, listed(given)):
        code = PROVINCE_NAMES.name(word)
        counts[code] = counts.get(code, 0) + int(number(str(count), "banks"))
    return counts


def _counted(word: object) -> tuple[str, str]:
    """A province and the number of branches behind it, one where none is given."""
    match = re.fullmatch(r"\s*(.*?)[\s:：×x]*([0-9]*)\s*(?:家|个)?\s*", str(word))
    return (match[1], match[2] or "1") if match and match[1] else (str(word), "1")


Branches = Annotated[
    dict[str, int], BeforeValidator(_branches), Allowed("provinces with the number of branches")
]
Focus = Annotated[
    Listed[str],
    BeforeValidator(lambda given: [FOCUS_NAMES.name(word) for word in listed(given)]),
    Allowed(Sentence(f"of {', '.join(FOCUS)}", FOCUS_NAMES.choice().zh)),
]


def _since(given: object) -> object:
    return opening(str(given)) if isinstance(given, str | int) else given


class Facts(Strict):
    """What is known of one bank, named or not: books, people and answers."""

    kind: Annotated[str, Allowed(options=SMALL_KINDS), BeforeValidator(partial(kind, among=SMALL_KINDS))]
    assets: Annotated[float, Catalogued("bank.assets")]
    loans: Annotated[float, Catalogued("bank.loans")] | None = None
    revenue: Annotated[float, Catalogued("bank.revenue")] | None = None
    margin: Annotated[float, Catalogued("bank.margin")] | None = None
    fees: Annotated[float, Catalogued("bank.fees")] | None = None
    operating_costs: Annotated[float, Catalogued("bank.operating_costs")] | None = None
    bad_loans: Annotated[float, Catalogued("bank.bad_loans")] | None = None
    coverage: Annotated[float, Catalogued("bank.coverage")] | None = None
    capital: Annotated[float, Catalogued("bank.capital")] | None = None
    technology_spending: Annotated[float, Catalogued("bank.technology_spending")] | None = None
    spend_ratio: Annotated[float, Catalogued("bank.spend_ratio")] | None = None
    employees: Annotated[int, Catalogued("bank.employees")] | None = None
    staff: Staff | None = None
    scores: Annotated[Scores, left_out(None)] | None = None
    items: Annotated[dict[str, Answer], BeforeValidator(_answers)] | None = None
    trust: TrustInAnswers = TrustInAnswers()

    @model_validator(mode="before")
    @classmethod
    def _said_otherwise(cls, given: object) -> object:
        """Bad loans in yuan and technology spending in percent, as banks also write them."""
        if not isinstance(given, Mapping):
            return given
        data = dict(given)
        ratio = _read(data.get("technology_spending"), "share of revenue")
        if ratio is not None and data.get("spend_ratio") is None:
            data["spend_ratio"], data["technology_spending"] = data["technology_spending"], None
        bad, loans = _read(data.get("bad_loans"), "yuan"), _read(data.get("loans"), "yuan", plain=True)
        if bad is not None and loans:
            data["bad_loans"] = 100.0 * bad / loans
        persons = data.pop("persons", None)
        if isinstance(persons, Mapping):
            data["staff"] = _shares(persons, data.get("employees"), data.get("staff"))
        return {**dict.fromkeys(data), **pruned(data)}  # what holds nothing was not said

    @model_validator(mode="after")
    def _adds_up(self) -> Facts:
        wrong = _misfits(self)
        refuse("bank", (((field,), Refused(what), getattr(self, field)) for field, what in wrong))
        return self

    @property
    def ratio(self) -> float | None:
        """Technology spending over revenue, as far as what was said tells."""
        if self.spend_ratio is None and self.technology_spending is not None and self.revenue:
            return self.technology_spending / self.revenue
        return self.spend_ratio

    @property
    def chances(self) -> dict[str, tuple[float, ...]]:
        """Chance of each rung by item that was answered."""
        return {
            name: answer.chances(asked()[name].rungs, self.trust)
            for name, answer in (self.items or {}).items()
        }

    @property
    def missing(self) -> tuple[str, ...]:
        """What was not said, and is taken from banks of its kind and size."""
        return tuple(name for name, value in self.__dict__.items() if value is None and name not in OPTIONAL)


OPTIONAL: Final = ("plan", "plans", "floors", "discount_rate", "peers", "items", "spend_ratio")


class BankSettings(Facts):
    """The own bank; what is null or left out is left to banks of its kind and size. See ``conf/bank/example.yaml``."""

    name: BankName
    province: Province
    since: Annotated[Quarter, BeforeValidator(_since)]
    pay: PayOfRoles | None = None
    branches: Branches | None = None
    focus: Focus | None = None
    partners: Partners | None = None
    union: Flag | None = None
    language_model: Route | None = None
    plan: Plan | None = None
    plans: Plans | None = None
    floors: Floors | None = None
    discount_rate: Annotated[float, Catalogued("bank.discount_rate")] | None = None
    peers: Listed[Facts] = ()

    @model_validator(mode="after")
    def _has_peers(self) -> BankSettings:
        row = catalogue.row(f"bank.sizes.{self.kind}")
        if not row.low <= self.assets <= row.high:
            facts = (f"{self.assets / 1e9:.4g}", self.kind)
            ends = (end / unit for unit in (1e9, 1e8) for end in (row.low, row.high))
            raise Refused(
                sentence(
                    "assets of {} bn yuan: no {} bank is near that size, so there are no peers", *facts, *ends
                )
            )
        return self


def _shares(persons: Mapping[str, object], employees: object, staff: Any) -> dict[str, object]:
    """People by role as shares of all staff."""
    given = {f"persons.{role}": count for role, count in persons.items()}
    given |= {} if employees is None else {"employees": employees}
    counts: dict[str, float] = {}
    faults = []
    for key, value in given.items():
        try:
            counts[key] = float(number(str(value), "persons"))
            if counts[key] < 0:
                raise Refused(out_of_range(value), sentence("0 or more persons"))
        except Refused as refused:
            faults.append(((key,), refused, value))
    every = int(counts.pop("employees", 0))
    if not faults and (every <= 0 or sum(counts.values()) > every):
        count = every or Sentence("no number of", "空")
        what = sentence("{:g} people in three roles, and {} employees in all", sum(counts.values()), count)
        faults.append((("persons" if employees is None else "employees",), Refused(what), employees))
    refuse("staff", faults)
    return {**(staff or {}), **{key.partition(".")[2]: count / every for key, count in counts.items()}}


def _read(value: object, unit: str, plain: bool = False) -> float | None:
    """A text as a number of a unit it names; None for anything else. ``plain``: numbers without a unit count too."""
    if plain and isinstance(value, int | float) and not isinstance(value, bool):
        with suppress(OverflowError):  # the field itself refuses a number of hundreds of digits
            return float(value)
    if not isinstance(value, str):
        return None
    readable = {}
    for one in ("points", unit):
        with suppress(Refused):
            readable[one] = float(number(value, one))
    if "points" in readable:  # a number without a unit says nothing of which is meant
        return readable["points"] if plain else None
    return readable.get(unit)


def _misfits(bank: Facts) -> Iterator[tuple[str, Sentence]]:
    """Totals that do not add up: the field, and what is wrong."""
    revenue, spending = bank.revenue, bank.technology_spending
    if bank.loans is not None and bank.loans > bank.assets:
        yield "loans", sentence("loans are more than all assets", bank.assets)
    if revenue is None:
        return
    if bank.fees is not None and bank.fees > revenue:
        yield "fees", sentence("fees are more than all revenue", revenue)
    if bank.margin:
        earning = (revenue - (bank.fees or 0.0)) / (0.01 * bank.margin) / bank.assets
        if not 0.4 <= earning <= 1.5:
            earning *= 100
            yield (
                "revenue",
                sentence(
                    "revenue less fees over the margin are earning assets of {:.4g} % of all assets", earning
                ),
            )
    if bank.operating_costs is not None and bank.operating_costs > 3.0 * revenue:
        yield "operating_costs", sentence("costs are more than three times revenue")
    if bank.spend_ratio is not None and spending is not None:
        share, ratio = spending / revenue, bank.spend_ratio
        if abs(share - ratio) > AGREES * max(share, ratio):
            both = (100 * ratio, 100 * share)
            yield "spend_ratio", sentence("is {:.4g} %, and technology spending over revenue {:.4g} %", *both)
    elif spending is not None and spending > 0.5 * revenue:
        yield "technology_spending", sentence("is more than half of revenue")
