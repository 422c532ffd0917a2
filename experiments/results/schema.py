"""One declaration of every table and column: what a row is, and each column's meaning, unit, range and type.

Tables of a study are declared here; a method of analysis declares its own beside its code, with the same words.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from experiments.config.catalogue import OUTCOMES
from experiments.config.data import read_items
from experiments.runs.identity import SCHEMA
from experiments.runs.merged import RUNGS
from experiments.runs.records import ITEM


@dataclass(frozen=True)
class Column:
    """One column: its type is string (dictionary-encoded), int32 or float64."""

    name: str
    dtype: str
    meaning: str
    unit: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Table:
    """One table: what a row is, its columns in order, and what its outcomes mean where they are its own."""

    meaning: str
    columns: tuple[Column, ...]
    outcomes: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Names of the columns in order."""
        return [column.name for column in self.columns]


def text(name: str, meaning: str) -> Column:
    """Declare a column of texts."""
    return Column(name, "string", meaning)


def number(
    name: str, meaning: str, unit: str = "", low: float | None = None, high: float | None = None
) -> Column:
    """Declare a column of numbers."""
    return Column(name, "float64", meaning, unit, low, high)


def whole(name: str, meaning: str, unit: str = "", low: float | None = None) -> Column:
    """Declare a column of whole numbers."""
    return Column(name, "int32", meaning, unit, low)


def share(name: str, meaning: str) -> Column:
    """Declare a column of shares of banks or runs."""
    return Column(name, "float64", meaning, "share", 0.0, 1.0)


def with_ends(name: str, meaning: str, unit: str = "") -> tuple[Column, ...]:
    """Declare a number with the ends of its 90 % interval, as `statistics.interval` names them."""
    return (
        number(name, meaning, unit),
        number(f"{name}_low", f"5 % quantile of: {meaning}", unit),
        number(f"{name}_high", f"95 % quantile of: {meaning}", unit),
    )


def table(meaning: str, *columns: Column | tuple[Column, ...]) -> Table:
    """Declare a table of single columns and groups of them."""
    flat = (column for part in columns for column in (part if isinstance(part, tuple) else (part,)))
    return Table(meaning, tuple(flat))


SCENARIO = text("scenario", "label of the scenario")
BASELINE = text("baseline", "label of the scenario that the effect is measured against")
REPLICATE = whole("replicate", "number of the replicate; the same number draws the same chances", "", 0)
QUARTER = text("quarter", "calendar quarter, such as 2023Q4")
KIND = text("bank_kind", "large, city, rural or private")
KIND_OR_ALL = text("bank_kind", "large, city, rural or private; all for all small and medium banks")
MEASURE = text("measure", "true: the whole population; survey: as the simulated questionnaire reports it")
OUTCOME = text("outcome", "a dimension, index (mean of the six dimensions) or an outcome listed below")
OWN_UNIT = "that of the outcome"
LADDER: Final = "mean level on the ladder of the item: "
OF_RUN: Final = (SCENARIO, REPLICATE, QUARTER, KIND_OR_ALL)
TABLES: Final = {
    "scores": table(
        "one dimension score of one kind of bank, or of all small and medium banks, in one quarter of one run",
        OF_RUN,
        text("dimension", "dimension of the honeycomb model"),
        MEASURE,
        number("score", "mean score of the banks of the kind", "points", 0.0, 100.0),
    ),
    "outcomes": table(
        "one outcome of one kind of bank in one quarter of one run",
        OF_RUN,
        text("outcome", "an outcome listed below"),
        number("value", "value of the outcome", OWN_UNIT),
    ),
    "effects": table(
        "one paired effect: scenario minus baseline in the same replicate",
        (SCENARIO, BASELINE, *OF_RUN[1:], OUTCOME, MEASURE),
        number("effect", "difference to the baseline", OWN_UNIT),
    ),
    "costs": table(
        "what one payer pays for one policy at the banks of one kind in one year of one run",
        (SCENARIO, REPLICATE, whole("year", "calendar year"), text("policy", "name of the policy")),
        text("payer", "central_government, local_government, association or bank"),
        KIND,
        number("cost", "cost of the policy", "million yuan"),
    ),
    "distribution": table(
        "how the index of the banks of one group changes in one run, last quarter, against the baseline",
        (SCENARIO, BASELINE, REPLICATE),
        text("grouping", "kind, size_quintile (by assets, all banks) or province"),
        text(
            "group",
            "kind, or all for small and medium banks; 1 (smallest fifth) to 5 (largest); two-letter province code",
        ),
        whole("banks", "banks in the group that neither run has merged away", "banks", 1),
        number("effect", "mean paired change of the index over the group", "points", -100.0, 100.0),
        share("lose_large", "banks that lose more than 5 points"),
        share("lose", "banks that lose 1 to 5 points (1 excluded)"),
        share("same", "banks that change by 1 point at most"),
        share("gain", "banks that gain 1 to 5 points (1 excluded)"),
        share("gain_large", "banks that gain more than 5 points"),
    ),
    "bands": table(
        "the distribution over the replicates of one variable of one kind of bank in one quarter",
        SCENARIO,
        text("quantity", "level: the value; effect: the paired difference to the baseline"),
        (MEASURE, OUTCOME, QUARTER, KIND_OR_ALL),
        whole("runs", "replicates in which the value is defined", "runs", 1),
        number("mean", "mean over the replicates", OWN_UNIT),
        number("sd", "standard deviation over the replicates (n - 1); 0 for one run", OWN_UNIT, 0.0),
        tuple(number(f"q{q:02d}", f"{q} % quantile", OWN_UNIT) for q in (5, 25, 50, 75, 95)),
        share("above_zero", "replicates with a value above zero"),
    ),
    "banks": table(
        "one bank in one quarter of one run; further columns are the six dimensions and bank-level outcomes",
        (SCENARIO, REPLICATE, QUARTER, whole("bank", "number of the bank in the population", "", 0), KIND),
        text("province", "two-letter code of the province of its head office"),
        number("assets", "total assets at the start", "yuan", 0.0),
    ),
}


def schema_json(tables: Mapping[str, Table], outcomes: Iterable[str], bank_variables: Iterable[str]) -> str:
    """Write the data dictionary of a study as JSON.

    Parameters
    ----------
    tables : mapping of str to Table
        The tables that the study wrote.
    outcomes, bank_variables : iterable of str
        The outcomes by kind, and the further columns of the table of banks.
    """
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "tables": {name: described(table) for name, table in tables.items()},
        "dimensions": [variable(name) for name in DIMENSION_MEANINGS],
        "outcomes": [variable(name) for name in outcomes],
    }
    if "banks" in tables:
        further = [variable(name) | {"dtype": "float64"} for name in bank_variables]
        content["tables"]["banks"]["columns"] += further
    return as_json(content)


def add_tables(path: Path, tables: Mapping[str, Table]) -> None:
    """Add tables to the data dictionary of a study."""
    content = json.loads(path.read_text("utf-8"))
    content["tables"] |= {name: described(table) for name, table in tables.items()}
    path.write_text(as_json(content), encoding="utf-8")


def described(table: Table) -> dict[str, object]:
    """Return a table as plain data: its meaning, its columns, and its own outcomes where it has some."""
    plain: dict[str, Any] = {"meaning": table.meaning, "columns": [asdict(one) for one in table.columns]}
    if table.outcomes:
        plain["outcomes"] = [{"name": n, "unit": u, "meaning": m} for n, (u, m) in table.outcomes.items()]
    return plain


def as_json(content: object) -> str:
    """Write plain data as the data dictionary is written."""
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


DIMENSION_MEANINGS: Final = MappingProxyType(
    {
        "strategy": "planning, coordinated execution and strategic risk management of the digital strategy",
        "organization": "organisational structure, supply of talent, appraisal and incentives",
        "technology": "investment in technology and progress of innovation",
        "application": "digital credit, internal automation, risk management and new technology",
        "data": "governance, use and security of data",
        "ecosystem": "data sharing, platform cooperation and technical collaboration",
        "index": "mean of the six dimension scores",
    }
)

# The range that a unit implies; a unit that is not listed here is open on both sides.
BOUNDED: Final = ("the market", "partner fees", "staff", "loans", "rented systems")
RANGES: Final = MappingProxyType({
    **dict.fromkeys(("points", "0-100"), (0.0, 100.0)),
    **dict.fromkeys(("0-1", "share of banks"), (0.0, 1.0)),
    **{f"percent of {whole}": (0.0, 100.0) for whole in BOUNDED},
    **{f"percent of {whole}": (0.0, None) for whole in ("bad loans", "revenue", "budget", "change")},
    **dict.fromkeys(("rungs", "banks", "ratio", "partners"), (0.0, None)),
})  # fmt: skip


def variable(name: str) -> dict[str, Any]:
    """Describe a dimension, the index or an outcome: meaning, unit and range, None where a side is open."""
    if name in DIMENSION_MEANINGS:
        unit, meaning = "points", DIMENSION_MEANINGS[name]
    elif name.startswith(ITEM):
        unit, meaning = ("0-100", LADDER + f"{item_names()[name.removeprefix(ITEM)]}")
    elif name == RUNGS:
        unit, meaning = "rungs", "rungs that a bank stands on, over all items of the questionnaire"
    else:
        unit, meaning = OUTCOMES.get(name, ("", ""))
    low, high = (-100.0, 100.0) if name == "rural_city_gap" else RANGES.get(unit, (None, None))
    return {"name": name, "meaning": meaning, "unit": unit, "low": low, "high": high}


@cache
def item_names() -> dict[str, str]:
    """Item of the questionnaire -> its name."""
    return {row["id"]: row["name_en"] for row in read_items()}


BETTER_LOW: Final = frozenset({
    "rural_city_gap", "gini", "p90_p10", "bad_loans", "run_share", "budget_exhausted", "vendor_hhi", "breach",
    "cost_income", "claim_share", "export_hhi", "outage_exposure", "union_dependence",
    *(f"pain_{number}" for number in range(1, 11)),
})  # fmt: skip


def better(variable: str) -> float:
    """Return +1 where more of a variable is better, -1 where less is."""
    return -1.0 if variable in BETTER_LOW else 1.0
