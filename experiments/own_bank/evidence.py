"""What stands behind a bank's answers: how far each item is known, and which are worth checking first."""

from functools import cache
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd

from agents.honeycomb import DIMENSIONS
from agents.items import ItemTable
from agents.kinds import BANK_KINDS
from experiments.config.bank import Answer, BankSettings
from experiments.config.data import items
from experiments.config.questionnaire import asked

FIRST: Final = 5
REST: Final = "other_"  # what the report asks and does not print: nobody can check it
CLAIMED, CONFLICTING, WEAK, MISSING = "claimed", "conflicting", "weak", "missing"


@cache
def points() -> dict[str, float]:
    """Score points of one rung of every item in its dimension, under the newest edition."""
    table = ItemTable(items())
    weights = table.weights(max(item.first_edition for item in table.items))
    return {item.id: float(weight) for item, weight in zip(table.items, weights, strict=True)}


def known(bank: BankSettings) -> pd.DataFrame:
    """How far every scored item is known, the least known first.

    Parameters
    ----------
    bank : BankSettings

    Returns
    -------
    DataFrame
        ``item``, ``dimension``; ``low`` and ``high``: rungs between which it stands with a chance of nine in ten;
        ``points``: standard deviation of the index that the doubt about it makes; ``reason``: ``missing`` (taken from
        the banks asked), ``conflicting`` (respondents differ), ``claimed`` or ``weak`` (documented, not audited), empty
        where nothing is in doubt; ``answers`` and ``evidence`` as given.
    """
    rows = []
    for name, item in asked().items():
        weight = points()[name]
        if not weight or name.startswith(REST) or name in _settled(bank):
            continue
        answer, dimension = (bank.items or {}).get(name), DIMENSIONS[item.dimension]
        chances = np.array(answer.chances(item.rungs, bank.trust) if answer else _of_others(item.shares))
        rung, reached = np.arange(item.rungs + 1), np.cumsum(chances)
        if answer is None and bank.scores is not None and dimension in bank.scores.known:
            weight = 0.0  # together they meet the score that was given, whichever of them stands
        mean = float(chances @ rung)
        spread = float(chances @ (rung - mean) ** 2) ** 0.5
        rows.append(
            {
                "item": name,
                "dimension": dimension,
                "answers": ", ".join(map(str, answer.answers)) if answer else "",
                "evidence": answer.evidence if answer else "",
                "low": int(np.searchsorted(reached, 0.05)),
                "high": int(np.searchsorted(reached, 0.95 - 1e-12)),
                "points": spread * weight / len(DIMENSIONS),
                "reason": _reason(answer, spread),
            }
        )
    return pd.DataFrame(rows).sort_values("points", ascending=False, kind="stable", ignore_index=True)


def worth_checking(bank: BankSettings, number: int = FIRST) -> pd.DataFrame:
    """The items whose answer is in most doubt, weighed by what they count for; see `known`."""
    table = known(bank)
    return table[table["points"] > 0].head(number)


def _settled(bank: BankSettings) -> tuple[str, ...]:
    """Items that kind, people and spending settle: whoever has no union has no support of one."""
    staff = bank.staff.known if bank.staff is not None else {}
    settled = {
        "composite": "composite" in staff,
        "data_people": "data" in staff,
        "spend": bank.ratio is not None,
        "union": bank.union is False or not BANK_KINDS.get(bank.kind).joins_union,
    }
    return tuple(name for name, is_known in settled.items() if is_known)


def _of_others(shares: tuple[float, ...]) -> tuple[float, ...]:
    """Chance of each rung where nothing is said: how the banks that were asked stand."""
    edges = (1.0, *shares, 0.0)
    return tuple(above - below for above, below in pairwise(edges))


def _reason(answer: Answer | None, spread: float) -> str:
    if answer is None:
        return MISSING
    if not spread:
        return ""
    if len(set(answer.answers)) > 1:
        return CONFLICTING
    return CLAIMED if answer.evidence == CLAIMED else WEAK
