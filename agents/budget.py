"""How much to spend on technology: a share of revenue under pressure, run cost first, change budget second."""

from typing import NamedTuple

import numpy as np

from agents.column import Array, Number


class Budget(NamedTuple):
    """One quarter of technology spending, yuan: ``budget = run + change``."""

    budget: Array
    run: Array
    run_unpaid: Array
    change: Array


def planned_ratio(
    base: Array,
    revenue_rate: Array,
    reference_rate: Array,
    elasticity: Number,
    loss_burden: Array,
    loss_reference: Array,
    pass_through: Number,
    room: Array,
    room_weight: Number,
    ambition: Array,
) -> Array:
    """Technology spending over revenue that a bank plans for the year.

    ``ratio = base * (rev/ref)^(eps-1) * (1 - pi (loss - ref)+) * (1 - w (1 - room)) * ambition``: spending falls less
    than revenue when eps < 1 (H012), losses beyond the usual and thin capital eat it (H010).

    Parameters
    ----------
    base : ndarray
        The bank's own habit, share of revenue, 0-1.
    revenue_rate, reference_rate : ndarray
        Revenue over assets now and at the start, 1/year.
    elasticity : float or ndarray
        Elasticity of spending to revenue, 0-1.
    loss_burden, loss_reference : ndarray
        Loss charge over revenue now and at the start.
    pass_through : float or ndarray
        Relative cut for each unit of extra loss burden, 0-1.
    room : ndarray
        Capital room, 0-1.
    room_weight : float
        Relative cut at the capital floor, 0-1.
    ambition : ndarray
        Factor from strategy and aspiration, about 1.

    Returns
    -------
    ndarray
        Share of revenue, capped at one half.
    """
    squeeze = np.exp((elasticity - 1.0) * np.log(revenue_rate / reference_rate))
    losses = 1.0 - pass_through * np.clip(loss_burden - loss_reference, 0.0, 1.0)
    return np.minimum(base * squeeze * losses * (1.0 - room_weight * (1.0 - room)) * ambition, 0.5)


def effort_cost(assets: Array, unit: Number, reference_assets: Number, scale: Number) -> Array:
    """Yuan a year that one unit of technology effort costs a bank of this size, ``u (A/A0)^s`` with s < 1.

    Parameters
    ----------
    assets : ndarray
        Total assets, yuan.
    unit : float
        Cost at the reference size, yuan a year.
    reference_assets : float
        Yuan.
    scale : float or ndarray
        Elasticity of cost to size; below one, large banks get more for each yuan of assets.

    Returns
    -------
    ndarray
        Yuan a year.
    """
    return unit * np.exp(scale * np.log(assets / reference_assets))


def divide(
    ratio: Array, revenue: Array, maintained: Array, effort: Array, run_rate: Number, run_cap: Number
) -> Budget:
    """Split a quarter's budget: maintenance of what stands is paid first (literature L015, ``M = m K``).

    Parameters
    ----------
    ratio, revenue : ndarray
        Spending over revenue; revenue of the quarter, yuan.
    maintained : ndarray
        Mean capability that has to be kept running, 0-1.
    effort : ndarray
        Cost of a unit of effort, yuan a year.
    run_rate : float or ndarray
        Units of effort a year that keep a full capability running.
    run_cap : float
        Largest share of a budget that may go into running, 0-1; the rest of the need stays unpaid.

    Returns
    -------
    Budget
    """
    budget = ratio * revenue
    needed = maintained * effort
    needed *= 0.25 * run_rate
    run = np.minimum(needed, run_cap * budget)
    return Budget(budget, run, needed - run, budget - run)
