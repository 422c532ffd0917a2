"""How a system is had: built, or from a vendor, a large bank that exports technology, the union, or an alliance."""

import numpy as np

from agents.honeycomb import EXPORT, HUB, OWN, POOL, VENDOR
from agents.language_model import CLOSED

Numbers = np.ndarray | float


def offers(
    vendors: np.ndarray,
    has_exporter: np.ndarray,
    hub: np.ndarray,
    allies: np.ndarray,
    prices: dict[str, Numbers],
    integration_relief: Numbers,
    hub_relief: Numbers,
    pool_relief: Numbers,
) -> tuple[np.ndarray, ...]:
    """Price over own build of a packaged system by each way to have it, in the order of ``DELIVERY``.

    Parameters
    ----------
    vendors, allies : ndarray of int8
        Number of each.
    has_exporter : ndarray of bool
    hub : ndarray
        Level of the union's platform, 0-1; 0 for a bank without a union.
    prices : dict
        ``vendor_price`` and ``vendor_step`` (saved by each vendor, competition), ``export_price``, ``union_saving`` (at
        a full platform), ``alliance_price``: over own build, 0-1 (C016, L025).
    integration_relief, hub_relief, pool_relief : float or ndarray
        Relative cuts by policy (H015, H021, H020).
    """
    eased = 1.0 - integration_relief
    vendor = (prices["vendor_price"] - prices["vendor_step"] * vendors) * eased
    return (
        np.ones(hub.shape),
        np.where(vendors > 0, vendor, CLOSED),
        np.where(has_exporter, prices["export_price"] * eased, CLOSED),
        np.where(hub > 0.0, (1.0 - prices["union_saving"] * hub) * (1.0 - hub_relief), CLOSED),
        np.where(allies > 0, prices["alliance_price"] * (1.0 - pool_relief), CLOSED),
    )


def cheapest(offers: tuple[np.ndarray, ...]) -> tuple[np.ndarray, np.ndarray]:
    """The lowest of ``offers``, and which way it is: the first of equal ones."""
    best, way = offers[OWN], np.full(offers[OWN].shape, OWN, np.int8)
    for route, price in enumerate(offers):
        better = price < best
        best, way = np.where(better, price, best), np.where(better, np.int8(route), way)
    return best, way


def ceiling(way: np.ndarray, limits: dict[str, Numbers], lock_in: Numbers, fit_loss: Numbers) -> np.ndarray:
    """How far packaged systems ripen over own ones, 0-1: bought systems reach less high, the more so the less they fit.

    Parameters
    ----------
    way : ndarray of int8
        Index into ``DELIVERY``.
    limits : dict
        ``vendor_ceiling``, ``export_ceiling``, ``union_ceiling``, ``alliance_ceiling``, 0-1.
    lock_in, fit_loss : float or ndarray
        Relative cuts that come with policies (H015, H021).
    """
    values = np.ones(way.shape)
    for route, limit in (
        (VENDOR, limits["vendor_ceiling"] * (1.0 - lock_in)),
        (EXPORT, limits["export_ceiling"] * (1.0 - lock_in)),
        (HUB, limits["union_ceiling"] * (1.0 - fit_loss)),
        (POOL, limits["alliance_ceiling"]),
    ):
        values = np.where(way == route, limit, values)
    return values
