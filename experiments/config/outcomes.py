"""What the model measures, with the unit and meaning of each: one table, ``conf/outcomes.csv``."""

from __future__ import annotations

from typing import Final

from experiments.config.data import table
from experiments.location import CONF
from model.own_bank import OF_BANKS
from model.own_opening import COMPARED

Described = dict[str, tuple[str, str]]  # name -> unit, meaning


def _of(*groups: str) -> Described:
    rows = table(CONF / "outcomes.csv")
    return {row["name"]: (row["unit"], row["meaning"]) for row in rows if row["of"] in groups}


OUTCOMES: Final = _of("bank", "system")
FIRST_DAY: Final = _of("first day")
OWN_OUTCOMES: Final = (
    _of("own")
    | {name: OUTCOMES[name] for name in OF_BANKS}
    | {f"opening.{name}": (unit, f"first day: {meaning}") for name, (unit, meaning) in FIRST_DAY.items()}
    | {
        f"ahead.{n}": ("percent", f"first day, percent of peers with less: {FIRST_DAY[n][1]}")
        for n in COMPARED
    }
    | {f"peers.{n}": (FIRST_DAY[n][0], f"first day, median of peers: {FIRST_DAY[n][1]}") for n in COMPARED}
)
