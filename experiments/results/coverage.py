"""The table of whom each policy reaches."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from experiments.config.coverage import Coverage
from experiments.results.parquet import TableWriter
from experiments.results.schema import SCENARIO, Column, Table, share

REACH: Final = (
    Column("banks", "int32", "banks that it covers", "banks", 0),
    Column("provinces", "int32", "provinces where a covered bank has its head office", "provinces", 0),
    share("asset_share", "assets of the covered banks over those of all banks at the start"),
)
TABLE: Final = Table(
    "whom one policy of a scenario reaches",
    (
        SCENARIO,
        Column("policy", "string", "name of the policy; all: every policy of the scenario together"),
        *REACH,
    ),
)


def write_coverage(rows: Sequence[Coverage], folder: Path) -> None:
    """Write coverage.parquet, unless no scenario has a policy."""
    if not rows:
        return
    names = {key: tuple(dict.fromkeys(getattr(row, key) for row in rows)) for key in ("scenario", "policy")}
    with TableWriter(folder / "coverage.parquet", TABLE, names) as table:
        for row in rows:
            places = {key: names[key].index(getattr(row, key)) for key in names}
            table.add((1,), **(asdict(row) | places))
