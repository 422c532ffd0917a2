"""Inclusive supervision as a queue: places, approval, participants who build sooner, others who watch and learn."""

from typing import Any

import numpy as np

from model.calendar import FIRST_YEAR
from model.reduction import over_banks
from model.streams import uniform


def admit(system: Any) -> None:
    """Fill the year's places among covered banks that are ready; approval is by chance.

    A bank applies when its data systems stand, a language model is not mature yet and it has had no place; the
    order of the queue is drawn.
    """
    places, approval = system.lever("places"), system.lever("approval")
    if not isinstance(places, np.ndarray):
        return
    counted = slice(0, system.banks.size)
    words = system.draws.bank_words(f"queue/{FIRST_YEAR + system.quarter // 4}", 2)
    bought = system.items.bought
    models = system.rung[bought][system.model_rows], system.relevant[bought][system.model_rows]
    behind = ((models[0] < 2) & models[1]).any(0)
    ready = (
        (places > 0)
        & ~system.participant
        & system.active
        & behind
        & (system.rung[system.items.at["core_bigdata"]] > 0)
    )
    turn = np.where(
        ready, words[0].astype(np.int64) * len(words[0]) + np.arange(len(words[0]))[:, None], 1 << 40
    )
    ordered = np.sort(turn[counted], axis=0)
    number = np.clip(np.rint(places.max(0)).astype(int), 0, len(ordered))
    bar = np.where(number > 0, np.take_along_axis(ordered, np.maximum(number - 1, 0)[None], 0)[0], -1)
    approved = uniform(words[1]) < approval
    system.participant |= ready & (turn <= bar) & approved


def clarity(system: Any) -> tuple[np.ndarray, np.ndarray]:
    """What unclear rules leave of a language model's worth, and what compliance adds to its price.

    Participants meet a known rule; those who watch learn from the share of small banks that took part.

    Returns
    -------
    tuple of ndarray, shape (M, R)
        Factor on worth, 0-1; factor on price, 1 or more.
    """
    p, taken = system.p, system.participant
    small = ~system.exports_here[: system.banks.size]
    share = over_banks((taken & system.active)[: system.banks.size][small].astype(float)) / max(
        int(small.sum()), 1
    )
    unclear = np.where(
        taken, 0.25 * p.uncertainty, p.uncertainty * (1.0 - p.watching * np.minimum(share, 1.0))
    )
    burden = np.where(taken, 0.25 * p.rule_cost, p.rule_cost)
    relief = 1.0 - np.where(taken, system.lever("pilot_relief"), 0.0)
    return 1.0 - unclear, (1.0 + burden) * relief
