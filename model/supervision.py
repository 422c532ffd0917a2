"""Inclusive supervision as a queue: places, approval, participants who build sooner, others who watch and learn."""

from typing import TYPE_CHECKING

import numpy as np

from model.calendar import FIRST_YEAR
from model.reduction import over_banks
from model.streams import uniform

if TYPE_CHECKING:
    from model.system import BankingSystem


def admit(system: "BankingSystem") -> None:
    """Fill the year's places among covered banks that are ready; approval is by chance.

    A bank applies when its data systems stand, a language model is not mature yet and it has had no place. Places are
    national: the banks of the population have the part of them that they have of the nation's assets, and the queue is
    drawn in proportion to size, since nine of a hundred city banks and hardly a rural one took part in the first year
    (W127-W128).
    """
    places, approval = system.lever("places"), system.lever("approval")
    if not isinstance(places, np.ndarray):
        return
    counted = slice(0, system.banks.size)
    words = system.draws.bank_words(f"queue/{FIRST_YEAR + system.quarter // 4}", 2)
    bought = system.items.bought
    models = system.rung[bought][system.model_rows], system.relevant[bought][system.model_rows]
    behind = ((models[0] < 2) & models[1]).any(0)
    ready = (places > 0) & ~system.participant & system.active & behind
    ready &= system.rung[system.items.at["core_bigdata"]] > 0
    turn = np.where(ready, -np.log(uniform(words[0])) / system.assets_start, np.inf)
    ordered = np.sort(turn[counted], axis=0)
    here = places.max(0) * represented(system)
    luck = uniform(system.draws.words(f"places/{FIRST_YEAR + system.quarter // 4}", 1)[0])
    number = np.minimum((here + luck).astype(int), len(ordered))  # a part of a place is had by chance
    bar = np.where(number > 0, np.take_along_axis(ordered, np.maximum(number - 1, 0)[None], 0)[0], -1.0)
    approved = uniform(words[1]) < approval
    system.participant |= ready & (turn <= bar) & approved


def represented(system: "BankingSystem") -> np.ndarray:
    """Part of the assets of the nation's small and medium banks that the population holds, 0-1 (R,)."""
    result: np.ndarray = np.minimum(over_banks(_small(system)) / system.p.national_assets, 1.0)
    return result


def _small(system: "BankingSystem") -> np.ndarray:
    """Assets at the start of the small and medium banks of the population that are still there, 0 for others."""
    counted = slice(0, system.banks.size)
    there = system.active[counted] & ~system.exports_here[counted, None]
    assets: np.ndarray = system.assets_start[counted] * there
    return assets


def clarity(system: "BankingSystem") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What unclear rules leave of a language model's worth; what compliance adds to its price; the part paid.

    Participants meet a known rule; those who watch learn from the part of small banks, by assets, that took part.

    Returns
    -------
    tuple of ndarray, shape (M, R)
        Factor on worth, 0-1; factor on price, 1 or more; part of a project's price that the bank pays, 0-1.
    """
    p, taken = system.p, system.participant
    size = _small(system)
    share = over_banks(size * taken[: len(size)]) / np.maximum(over_banks(size), 1e-9)
    unclear = np.where(
        taken, 0.25 * p.uncertainty, p.uncertainty * (1.0 - p.watching * np.minimum(share, 1.0))
    )
    burden = np.where(taken, 0.25 * p.rule_cost, p.rule_cost)
    relief = 1.0 - np.where(taken, system.lever("pilot_relief"), 0.0)
    return 1.0 - unclear, 1.0 + burden, relief
