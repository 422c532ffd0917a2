"""Four ways to divide a change budget over the six dimensions, behind one name each.

Every rule is a function of a bank (or cohort) that returns shares of shape ``(6, R, n)`` which sum to one.
"""

from collections.abc import Callable
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from agents.column import Array, Number

if TYPE_CHECKING:
    from agents.bank import Bank


def satisficing(bank: "Bank") -> Array:
    """Shares of a bank that changes its habits only below its aspiration (Cyert & March; Nelson & Winter; L016, L017).

    ``s' = (1 - m) s + m [w best + (1 - w) need]`` with m = 0 for a satisfied bank; every bank experiments a little.

    Parameters
    ----------
    bank : Bank
        Uses ``allocation``, ``aspiration``, ``performance``, ``best_practice``, ``need``, ``experiment``.

    Returns
    -------
    ndarray, shape (6, R, n)
    """
    habit, traits = bank.allocation, bank.traits
    search = traits.search * (bank.performance < bank.aspiration)
    copied = bank.imitation()
    step = (1.0 - copied) * bank.need()
    step += copied * bank.best_practice
    step -= habit
    step *= search
    step += habit
    tried = traits.experimentation * bank.experiment
    step *= np.exp(tried, out=tried)
    return to_simplex(step, traits.smallest_share)


def reinforcement(bank: "Bank") -> Array:
    """Shares by experience-weighted attraction (Camerer & Ho 1999; L019), softmax of attractions.

    ``A' = [phi N A + (delta + (1 - delta) s) pi]/N'``, ``N' = phi N + 1``; the payoff pi of a dimension is its weighted
    capability gain over the last year. Erev-Roth (L018) is the limit delta = 0, N = 1.

    Parameters
    ----------
    bank : Bank
        Uses ``allocation``, ``payoff()`` and ``experiment``; updates ``attraction`` and ``experience``.

    Returns
    -------
    ndarray, shape (6, R, n)
    """
    traits, shares = bank.traits, bank.allocation
    experience = traits.memory * bank.experience + 1.0
    weight = traits.foregone + (1.0 - traits.foregone) * shares
    bank.attraction = (
        traits.memory * bank.experience * bank.attraction + weight * bank.payoff()
    ) / experience
    bank.experience = experience
    score = traits.sensitivity * bank.attraction + traits.experimentation * bank.experiment
    score -= score.max(0)
    return to_simplex(bank.habitual * np.exp(score), traits.smallest_share)


def return_maximising(bank: "Bank") -> Array:
    """Optimum of next year's value, ``[sum_d w_d K_d^rho]^(1/rho)``, to first order in what is built (L011, L021).

    Dimension d adds ``v_d (s_d x)^alpha`` with ``v_d = w_d K_d^(rho-1) (1 - K_d) e_d f_d^alpha``, its productivity
    e and the effort f that a yuan buys, so that the Lagrangian gives ``s_d ~ v_d^(1/(1-alpha))``: no search, no
    imitation, no habit. It looks one year ahead only, and so pays for nothing that makes later years' money worth
    more: over ten years a bank that follows habit and peers may end better.

    Parameters
    ----------
    bank : Bank
        Uses ``weights``, ``dimensions``, ``effectiveness()``, ``priced()``.

    Returns
    -------
    ndarray, shape (6, R, n)
    """
    traits, level = bank.traits, np.maximum(bank.dimensions, 0.01)
    marginal = np.log(np.maximum(bank.weights * (1.0 - bank.dimensions) * bank.effectiveness(), 1e-9))
    marginal += (traits.substitution - 1.0) * np.log(level)
    marginal += traits.returns_exponent * np.log(bank.priced(np.ones_like(level)))
    marginal /= 1.0 - traits.returns_exponent
    marginal -= marginal.max(0)
    return to_simplex(np.exp(marginal), traits.smallest_share)


def fixed_plan(bank: "Bank") -> Array:
    """Shares of the written plan of the bank's kind, or of its own where it has one.

    Parameters
    ----------
    bank : Bank
        Uses ``written_plan``, shape (6, R, n), which sums to one.

    Returns
    -------
    ndarray, shape (6, R, n)
    """
    return bank.written_plan.copy(order="K")


def to_simplex(weights: Array, floor: Number) -> Array:
    """Scale weights to shares that sum to one, none below a floor.

    Parameters
    ----------
    weights : ndarray, shape (6, R, n)
        Positive weights.
    floor : float
        Smallest share, 0 to 1/6: no dimension is ever abandoned.

    Returns
    -------
    ndarray, shape (6, R, n)
    """
    total = sum(weights[1:], start=weights[0])
    shares: Array = weights * ((1.0 - floor * len(weights)) / total)
    shares += floor
    return shares


Rule = Callable[["Bank"], Array]

RULES: Final[MappingProxyType[str, Rule]] = MappingProxyType(
    {
        "satisficing": satisficing,
        "reinforcement": reinforcement,
        "return_maximising": return_maximising,
        "fixed_plan": fixed_plan,
    }
)
