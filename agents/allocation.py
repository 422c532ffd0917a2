"""How a bank divides its money for change over the six dimensions: four rules, two benchmarks, and a user's own."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from agents.honeycomb import DIMENSIONS
from agents.registry import Registry

SHORT = 12.0  # points short over six dimensions from which a bank searches at full speed
# squeezed: less vision and scenes, more that pays
PAYS = np.array([0.5, 0.0, 0.0, -1.0, 0.0, 0.5])[:, None, None]


@dataclass
class Outlook:
    """What a bank knows when it divides its money; every array ends in (M, R).

    Parameters
    ----------
    shares : ndarray, shape (6, M, R)
        Last year's division.
    plan : ndarray, shape (6, M, R)
        Division that it has written down.
    score, aspiration, gained : ndarray, shape (6, M, R)
        Scores like for like, what it wants, what it gained last year; points.
    focus : ndarray, shape (6, M, R)
        What its strategy makes of each dimension, mean 1.
    squeeze : ndarray, shape (M, R)
        Log of revenue over assets against the start.
    change : ndarray, shape (M, R)
        Money to divide, million yuan.
    need : ndarray, shape (6, M, R)
        Money at which mandates and ties climb at normal speed, million yuan a year.
    climbing : ndarray, shape (6, M, R)
        Points a year that mandates and ties would gain at normal speed.
    yielding : ndarray, shape (6, M, R)
        Points a million yuan of an average open project; 0 where nothing can be bought.
    idle, blocked : ndarray, shape (6, M, R)
        Part of last year's money that found nothing to buy, that was too little to buy with; 0-1.
    experience : ndarray, shape (6, M, R)
        Learned attraction of each dimension, for rules that learn; such a rule writes it.
    drawn : ndarray, shape (6, M, R)
        Uniform draws on 0-1, the same under every rule.
    search, tilt, memory, sensitivity : float or ndarray
        Part of the habit a searching bank gives up; tilt to what pays as margins fall; memory and sensitivity of
        learning.
    """

    shares: np.ndarray
    plan: np.ndarray
    score: np.ndarray
    aspiration: np.ndarray
    gained: np.ndarray
    focus: np.ndarray
    squeeze: np.ndarray
    change: np.ndarray
    need: np.ndarray
    climbing: np.ndarray
    yielding: np.ndarray
    idle: np.ndarray
    blocked: np.ndarray
    experience: np.ndarray
    drawn: np.ndarray
    search: np.ndarray | float
    tilt: np.ndarray | float
    memory: np.ndarray | float
    sensitivity: np.ndarray | float


Division = Callable[[Outlook], np.ndarray]


@dataclass(frozen=True)
class Rule:
    """An allocation rule: a function of an ``Outlook`` that returns positive weights (6, M, R).

    Parameters
    ----------
    divide : callable
    one_purse : bool
        Projects of technology, application and data compete for one purse.
    foresees : bool
        Sees in a system what it would let the bank start, and counts the people it takes.
    """

    divide: Division
    one_purse: bool = False
    foresees: bool = False


RULES: Registry[Rule] = Registry("allocation rule")


def allocation_rule(
    name: str, one_purse: bool = False, foresees: bool = False
) -> Callable[[Division], Division]:
    """Register a function of an ``Outlook`` as an allocation rule; use as a decorator."""

    def decorate(function: Division) -> Division:
        RULES.register(name, Rule(function, one_purse, foresees))
        return function

    return decorate


def rule_of(rule: "str | Rule | Division") -> Rule:
    """The rule behind a name, or around a function that is passed as it is."""
    if isinstance(rule, str):
        return RULES.get(rule)
    return rule if isinstance(rule, Rule) else Rule(rule)


def sound(weights: np.ndarray, shape: tuple[int, ...], giver: object) -> np.ndarray:
    """Weights as a rule, or a kind of bank, gave them; ValueError when they divide no money."""
    if np.shape(weights) != shape:
        raise ValueError(f"{giver} gives weights of shape {np.shape(weights)}, not {shape}: (6, banks, runs)")
    weights = np.asarray(weights)
    if not (weights.min() >= 0.0 and (most := weights.max(0)).min() > 0.0 and most.max() < np.inf):
        raise ValueError(
            f"{giver} gives weights that divide no money: finite, not below 0, one above 0 a bank"
        )
    return weights


def shared(weights: np.ndarray) -> np.ndarray:
    """Scale positive weights to shares that sum to one."""
    total = weights[0]
    for row in weights[1:]:
        total = total + row
    result: np.ndarray = weights / total
    return result


@allocation_rule("satisficing")
def satisficing(bank: Outlook) -> np.ndarray:
    """Habit, moved toward where the bank falls short, the faster the more it does (Cyert & March; L016)."""
    short = np.maximum(bank.aspiration - bank.score, 0.0)
    paid = np.clip((bank.gained + 2.0) / np.maximum(12.0 * bank.shares, 1e-9), 0.3, 3.0)
    wish = np.exp(bank.squeeze * bank.tilt * PAYS) * np.sqrt(bank.focus * paid) * (short + 8.0)
    wish *= (1.0 - 0.8 * bank.idle) * (1.0 + 0.5 * bank.blocked)
    total = short[0] + short[1] + short[2] + short[3] + short[4] + short[5]
    moves = np.where(total > SHORT, 1.0, 0.3) * bank.search
    result: np.ndarray = bank.shares + moves * (shared(wish) - bank.shares)
    return result


@allocation_rule("reinforcement")
def reinforcement(bank: Outlook) -> np.ndarray:
    """Do more of what paid off: softmax of learned attraction (Camerer & Ho 1999; L019; Erev & Roth; L018).

    The payoff of a dimension is the weighted gain of last year for its share of the money.
    """
    payoff = bank.focus * np.clip((bank.gained + 2.0) / np.maximum(12.0 * bank.shares, 1e-9), 0.3, 3.0)
    bank.experience[...] = bank.memory * bank.experience + (1.0 - bank.memory) * payoff
    return bank.plan * np.exp(bank.sensitivity * (bank.experience - 1.0)) + 0.01


@allocation_rule("return_maximising", one_purse=True, foresees=True)
def return_maximising(bank: Outlook) -> np.ndarray:
    """Equal marginal gains of hazards' money and of projects, this year's gains counted only (L021).

    Money ``m`` for hazards gains ``2 g m / (m + n)``, so that the margin meets the projects' at
    ``m = sqrt(2 g n / yield) - n``; the rest goes to projects.
    """
    margin = np.maximum((bank.yielding[2] + bank.yielding[3] + bank.yielding[4]) / 3.0, 1e-6)
    wanted = np.sqrt(2.0 * bank.climbing * bank.focus * bank.need / margin) - bank.need
    wanted = np.clip(wanted, 0.0, 2.0 * bank.need) + 1e-3 * bank.change
    spent = wanted[0] + wanted[1] + wanted[2] + wanted[3] + wanted[4] + wanted[5]
    wanted[2:5] += np.maximum(bank.change - spent, 0.0) / 3.0
    result: np.ndarray = wanted
    return result


@allocation_rule("fixed_plan")
def fixed_plan(bank: Outlook) -> np.ndarray:
    """The division it has written down, whatever happens."""
    return bank.plan


@allocation_rule("uniform")
def uniform(bank: Outlook) -> np.ndarray:
    """A sixth to each dimension: the benchmark that is hard to beat under diminishing returns."""
    return np.full(bank.shares.shape, 1.0 / len(DIMENSIONS))


@allocation_rule("random")
def random(bank: Outlook) -> np.ndarray:
    """A division drawn anew every year, uniform over the simplex: the benchmark of no intention."""
    return -np.log(bank.drawn)
