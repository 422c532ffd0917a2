"""The data dictionary: every column of every table, with its meaning, unit, range and type."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from experiments.results.variables import DIMENSION_MEANINGS, variable
from experiments.runs.identity import SCHEMA


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
    """One table: what a row is, and its columns in order."""

    meaning: str
    columns: tuple[Column, ...]


SCENARIO = Column("scenario", "string", "label of the scenario")
BASELINE = Column("baseline", "string", "label of the scenario that the effect is measured against")
REPLICATE = Column(
    "replicate", "int32", "number of the replicate; the same number draws the same chances", "", 0
)
QUARTER = Column("quarter", "string", "calendar quarter, such as 2023Q4")
KIND = Column("bank_kind", "string", "large, city, rural or private")
KIND_OR_ALL = Column(
    "bank_kind", "string", "large, city, rural or private; all for all small and medium banks"
)
MEASURE = Column(
    "measure", "string", "true: the whole population; survey: as the simulated questionnaire reports it"
)
OUTCOME = Column(
    "outcome", "string", "a dimension, index (mean of the six dimensions) or an outcome listed below"
)
OWN_UNIT = "that of the outcome"


def share(name: str, meaning: str) -> Column:
    """Describe a column of shares."""
    return Column(name, "float64", meaning, "share", 0.0, 1.0)


TABLES = {
    "scores": Table(
        "one dimension score of one kind of bank in one quarter of one run",
        (
            SCENARIO,
            REPLICATE,
            QUARTER,
            KIND,
            Column("dimension", "string", "dimension of the honeycomb model"),
            MEASURE,
            Column("score", "float64", "mean score of the banks of the kind", "points", 0.0, 100.0),
        ),
    ),
    "outcomes": Table(
        "one outcome of one kind of bank in one quarter of one run",
        (
            SCENARIO,
            REPLICATE,
            QUARTER,
            KIND_OR_ALL,
            Column("outcome", "string", "an outcome listed below"),
            Column("value", "float64", "value of the outcome", OWN_UNIT),
        ),
    ),
    "effects": Table(
        "one paired effect: scenario minus baseline in the same replicate",
        (
            SCENARIO,
            BASELINE,
            REPLICATE,
            QUARTER,
            KIND_OR_ALL,
            OUTCOME,
            MEASURE,
            Column("effect", "float64", "difference to the baseline", OWN_UNIT),
        ),
    ),
    "costs": Table(
        "what one payer pays for one policy at the banks of one kind in one year of one run",
        (
            SCENARIO,
            REPLICATE,
            Column("year", "int32", "calendar year"),
            Column("policy", "string", "name of the policy"),
            Column("payer", "string", "central_government, local_government, association or bank"),
            KIND,
            Column("cost", "float64", "cost of the policy", "million yuan"),
        ),
    ),
    "distribution": Table(
        "how the index of the banks of one group changes in one run, last quarter, against the baseline",
        (
            SCENARIO,
            BASELINE,
            REPLICATE,
            Column("grouping", "string", "kind, size_quintile (by assets, all banks) or province"),
            Column("group", "string", "kind; 1 (smallest fifth) to 5 (largest); two-letter province code"),
            Column("banks", "int32", "banks in the group", "banks", 1),
            Column(
                "effect", "float64", "mean paired change of the index over the group", "points", -100.0, 100.0
            ),
            share("lose_large", "banks that lose more than 5 points"),
            share("lose", "banks that lose 1 to 5 points (1 excluded)"),
            share("same", "banks that change by 1 point at most"),
            share("gain", "banks that gain 1 to 5 points (1 excluded)"),
            share("gain_large", "banks that gain more than 5 points"),
        ),
    ),
    "bands": Table(
        "the distribution over the replicates of one variable of one kind of bank in one quarter",
        (
            SCENARIO,
            Column("quantity", "string", "level: the value; effect: the paired difference to the baseline"),
            MEASURE,
            OUTCOME,
            QUARTER,
            KIND_OR_ALL,
            Column("runs", "int32", "replicates in which the value is defined", "runs", 1),
            Column("mean", "float64", "mean over the replicates", OWN_UNIT),
            Column(
                "sd",
                "float64",
                "standard deviation over the replicates (n - 1); 0 for one run",
                OWN_UNIT,
                0.0,
            ),
            *(Column(f"q{q:02d}", "float64", f"{q} % quantile", OWN_UNIT) for q in (5, 25, 50, 75, 95)),
            share("above_zero", "replicates with a value above zero"),
        ),
    ),
    "own_bank": Table(
        "one outcome of the user's own bank in one quarter of one run",
        (
            SCENARIO,
            REPLICATE,
            Column(
                "variant",
                "string",
                "plan: as the user wrote; like_its_kind: by the rule of its kind; no_change: only keeps what runs; "
                "build, buy, union, alliance: with one route to language models; more_<dimension>: with 5 % of project "
                "money on top for one dimension",
            ),
            QUARTER,
            Column("outcome", "string", "one of the outcomes listed below"),
            Column("value", "float64", "value of the outcome", OWN_UNIT),
        ),
    ),
    "banks": Table(
        "one bank in one quarter of one run; further columns are the six dimensions and bank-level outcomes",
        (
            SCENARIO,
            REPLICATE,
            QUARTER,
            Column("bank", "int32", "number of the bank in the population", "", 0),
            KIND,
            Column("province", "string", "two-letter code of the province of its head office"),
            Column("assets", "float64", "total assets at the start", "yuan", 0.0),
        ),
    ),
}


def schema_json(tables: Iterable[str], outcomes: Iterable[str], bank_variables: Iterable[str]) -> str:
    """Write the data dictionary of a study as JSON.

    Parameters
    ----------
    tables : iterable of str
        The tables that the study wrote.
    outcomes, bank_variables : iterable of str
        The outcomes by kind, and the further columns of the table of banks.
    """
    described: dict[str, Any] = {name: asdict(TABLES[name]) for name in tables}
    if "banks" in described:
        further = [variable(name) | {"dtype": "float64"} for name in bank_variables]
        described["banks"]["columns"] = [*described["banks"]["columns"], *further]
    if "own_bank" in described:
        from model.own_record import OWN_OUTCOMES

        listed = [{"name": name, "unit": unit, "meaning": m} for name, (unit, m) in OWN_OUTCOMES.items()]
        described["own_bank"]["outcomes"] = listed
    content = {
        "schema": SCHEMA,
        "tables": described,
        "dimensions": [variable(name) for name in (*DIMENSION_MEANINGS, "index")],
        "outcomes": [variable(name) for name in outcomes],
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
