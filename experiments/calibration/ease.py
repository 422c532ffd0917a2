"""The ease of items: one number each for every barrier that the table of items does not name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from agents.items import Item, ItemTable
from experiments.location import CONF

if TYPE_CHECKING:
    from pathlib import Path

Levels = Callable[[ItemTable], dict[str, float]]
FILE = CONF / "behaviour" / "default.yaml"
ROUNDS, RATE, POINTS = 6, 0.5, 10.0  # ten points of banks too many make an item e^0.5 times harder in a round
JUDGED = 0.4  # weight of a share that was judged beside one that is printed
LEAST, MOST = 0.2, 5.0


def fit_ease(table: ItemTable, levels: Levels, rounds: int = ROUNDS) -> ItemTable:
    """The same items, each as easy as its own shares of 2023 ask: a damped fixed point.

    Parameters
    ----------
    table : ItemTable
        Where to start.
    levels : callable
        Percent of banks on each rung or above in 2023, by ``<item>.<rung>``, mean over the ensemble's runs on a table.
    rounds : int

    Returns
    -------
    ItemTable
        The items of a family are on average as easy as before, since its hazard or price is fitted beside them. Items
        that are read off stocks, and those of a strategic focus, keep their ease.
    """
    asked = [item for item in table.items[: table.bought.stop] if not item.focus and item.id != "union"]
    family = [np.array([item.family == name for item in asked]) for name in {i.family for i in asked}]
    start = np.log([table.ease[table.at[item.id]] for item in asked])
    ease = start.copy()

    def made(ease: np.ndarray) -> ItemTable:
        new = {item.id: float(x) for item, x in zip(asked, np.exp(ease), strict=True)}
        return ItemTable(table.items, dict(zip(table.at, table.ease.tolist(), strict=True)) | new)

    for _ in range(rounds):
        shares = levels(made(ease))
        ease += RATE / POINTS * np.array([_gap(item, shares) for item in asked])
        for rows in family:
            ease[rows] += start[rows].mean() - ease[rows].mean()
        ease = np.clip(ease, np.log(LEAST), np.log(MOST))
    return made(ease)


def _gap(item: Item, shares: Mapping[str, float]) -> float:
    """Points by which an item stands too low, mean over its rungs that some bank has reached."""
    gaps = [
        (100.0 * share - shares[f"{item.id}.{rung}"]) * (1.0 if basis == "p" else JUDGED)
        for rung, (share, basis) in enumerate(zip(item.shares, item.basis, strict=True), 1)
        if share > 0
    ]
    return sum(gaps) / max(len(gaps), 1)


def write_ease(table: ItemTable, file: Path = FILE) -> None:
    """Put every item's ease in its line of the file of behaviour."""
    text = file.read_text("utf-8")
    for name, value in zip(table.at, table.ease, strict=True):
        text, count = re.subn(rf"(?m)^  {name}: .*$", f"  {name}: {value:.4g}", text)
        if count != 1:
            raise ValueError(f"{file.name} has {count} lines for the ease of {name}")
    file.write_text(text, "utf-8")
