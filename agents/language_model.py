"""The route to language models: build, buy access, through the union, or through an alliance."""

import numpy as np

from agents.honeycomb import ALLIANCE, BUILD, BUY, UNION

Numbers = np.ndarray | float
CLOSED = 1e6  # price factor of a route that is not there, which nobody pays


def price_factor(launch: Numbers, halving: Numbers, floor: Numbers, years: float) -> Numbers:
    """Price of a project over its table price, some years after 2023: it halves every ``halving`` years (L014)."""
    result: Numbers = launch * np.maximum(np.exp(-np.log(2.0) / halving * years), floor)
    return result


def decided(resolve: np.ndarray, chance: Numbers, years: Numbers) -> np.ndarray:
    """Which banks have decided for language models, ``resolve < 1 - (1 - chance)^years``.

    One decision of the board opens all of a bank's language-model items, which is why the same banks have several of
    them: 39 % have the commonest, and 47 % any (A041-A047).

    Parameters
    ----------
    resolve : ndarray
        A bank's place in the order of deciding, 0-1.
    chance, years : float or ndarray
        Chance that a bank decides in a year; years in which it could, the running one included.
    """
    return resolve < 1.0 - (1.0 - chance) ** years


def cheapest(
    size: np.ndarray,
    build: np.ndarray,
    hub: np.ndarray,
    allies: np.ndarray,
    taste: np.ndarray,
    costs: dict[str, Numbers],
    open_weights: float,
    closed: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Price factor of the route a bank would take, and the route (``ROUTES``).

    Building has a cost that hardly falls with a bank's size; access is priced by use; a union or an alliance shares the
    cost of building (H005, H020).

    Parameters
    ----------
    size, build : ndarray
        Factor of prices with size for what is used; price factor of building alone.
    hub, allies : ndarray
        Level of the union's platform, 0-1; number of allies.
    taste : ndarray
        Own factor on the price that a bank sees in building; it is seen and not paid.
    costs : dict
        ``buy_cost``, ``union_cost`` (factors), ``hub_threshold`` (0-1), ``alliance_sharing``
        (n allies divide the cost of building by 1 + n times this).
    open_weights : float
        Factor on what a union offers since open weights are published (2025), 1 before.
    closed : ndarray of bool, shape (routes, M, 1), or None
        Routes that a bank does not know.
    """
    pooled = build / (1.0 + costs["alliance_sharing"] * allies)
    offers = (
        (BUY, costs["buy_cost"] * size),
        (UNION, np.where(hub > costs["hub_threshold"], costs["union_cost"] * open_weights * size, CLOSED)),
        (ALLIANCE, np.where(allies > 0, pooled, CLOSED)),
    )
    hidden = np.zeros((5, 1, 1)) if closed is None else np.where(closed, CLOSED, 0.0)
    perceived, paid, route = build * taste + hidden[BUILD], build, np.full(taste.shape, BUILD, np.int8)
    for name, price in offers:
        better = price + hidden[name] < perceived
        perceived, paid = np.where(better, price + hidden[name], perceived), np.where(better, price, paid)
        route = np.where(better, np.int8(name), route)
    return paid, route
