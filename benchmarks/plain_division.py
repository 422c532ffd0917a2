"""The rules of division in plain Python, one bank at a time; a user's own function gets arrays of one bank."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from agents.allocation import Outlook, rule_of

SIX = range(6)
PAYS = (0.5, 0.0, 0.0, -1.0, 0.0, 0.5)


class PlainOutlook:
    """What a bank knows when it divides its money; see ``agents.allocation.Outlook``."""

    def __init__(
        self, bank: Any, free: float, need: list[float], climbing: list[float], yielding: list[float]
    ) -> None:
        self.bank, self.change, self.need, self.climbing, self.yielding = bank, free, need, climbing, yielding
        self.squeeze = math.log(bank.revenue / bank.assets) - bank.rate_start

    def paid(self, d: int) -> float:
        """Points gained last year for the share of the money, 0.3-3."""
        return float(min(max((self.bank.gained[d] + 2.0) / (12.0 * self.bank.shares[d]), 0.3), 3.0))


def divide_money(rule: Any, out: PlainOutlook) -> list[float]:
    """Shares by the study's rule."""
    weights = RULES[rule](out) if isinstance(rule, str) and rule in RULES else _own_rule(rule, out)
    total = sum(weights)
    return [w / total for w in weights]


def _satisficing(out: PlainOutlook) -> list[float]:
    bank, n = out.bank, out.bank.n
    short = [max(a - y, 0.0) for a, y in zip(bank.aspiration, bank.like, strict=True)]
    wish = []
    for d in SIX:
        tilt = math.exp(out.squeeze * n.squeeze * PAYS[d])
        wish.append(
            tilt * math.sqrt(bank.focus[d] * out.paid(d)) * (short[d] + 8.0)
            * (1.0 - 0.8 * bank.idle[d]) * (1.0 + 0.5 * bank.blocked[d])
        )  # fmt: skip
    moves = (1.0 if sum(short) > 12.0 else 0.3) * n.search
    return [x + moves * (w / sum(wish) - x) for x, w in zip(bank.shares, wish, strict=True)]


def _reinforcement(out: PlainOutlook) -> list[float]:
    bank, n = out.bank, out.bank.n
    for d in SIX:
        bank.experience[d] = n.memory * bank.experience[d] + (1.0 - n.memory) * bank.focus[d] * out.paid(d)
    return [bank.plan_shares[d] * math.exp(n.sensitivity * (bank.experience[d] - 1.0)) + 0.01 for d in SIX]


def _return_maximising(out: PlainOutlook) -> list[float]:
    bank = out.bank
    margin = max(sum(out.yielding[2:5]) / 3.0, 1e-6)
    wanted = []
    for d in SIX:
        best = math.sqrt(2.0 * out.climbing[d] * bank.focus[d] * out.need[d] / margin) - out.need[d]
        wanted.append(min(max(best, 0.0), 2.0 * out.need[d]) + 1e-3 * out.change)
    rest = max(out.change - sum(wanted), 0.0) / 3.0
    return [w + rest * (2 <= d <= 4) for d, w in enumerate(wanted)]


RULES: dict[str, Callable[[PlainOutlook], list[float]]] = {
    "satisficing": _satisficing,
    "reinforcement": _reinforcement,
    "return_maximising": _return_maximising,
    "fixed_plan": lambda out: out.bank.plan_shares,
    "uniform": lambda out: [1.0 / 6.0] * 6,
    "random": lambda out: [-math.log(u) for u in out.bank.drawn],
}


def _own_rule(rule: Any, out: PlainOutlook) -> list[float]:
    bank, n = out.bank, out.bank.n

    def column(values: Any) -> np.ndarray:
        return np.array(values, float).reshape(-1, 1, 1) if np.ndim(values) else np.array([[values]], float)

    known: dict[str, Any] = dict(  # noqa: C408
        shares=bank.shares, plan=bank.plan_shares, score=bank.like, aspiration=bank.aspiration, gained=bank.gained,
        focus=bank.focus, squeeze=out.squeeze, change=out.change, need=out.need, climbing=out.climbing,
        yielding=out.yielding, idle=bank.idle, blocked=bank.blocked, experience=bank.experience, drawn=[0.5] * 6,
    )  # fmt: skip
    outlook = Outlook(
        **{k: column(v) for k, v in known.items()},
        search=n.search,
        tilt=n.squeeze,
        memory=n.memory,
        sensitivity=n.sensitivity,
    )
    return [float(w) for w in rule_of(rule).divide(outlook)[:, 0, 0]]
