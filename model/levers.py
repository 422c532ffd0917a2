"""Policies in force: from frozen policies to the strength of each lever for each bank, and to what each payer pays."""

from collections.abc import Sequence

import numpy as np

from agents.column import Array, Number, laid_out
from agents.honeycomb import PAYERS
from agents.kinds import KINDS
from model.policy import LEVERS, OWN_COST, Policy, drawn
from model.population import KindSums, Population
from model.streams import Draws

Levers = dict[str, Number]
NEUTRAL: Levers = dict.fromkeys((*LEVERS, *OWN_COST), 0.0)


class PolicyBook:
    """The policies of each scenario, with the replicate's own strength, reach and price of each.

    Parameters
    ----------
    scenarios : sequence of tuple of Policy
        Policies of each scenario, in the order of the scenario axis.
    population : Population
        Decides whom a policy covers.
    draws : Draws
        Streams; a policy's draws are the same in every scenario that has it.
    sampled : bool
        Draw effects and costs from their ranges (True), or take the central values (False).
    """

    def __init__(
        self, scenarios: Sequence[tuple[Policy, ...]], population: Population, draws: Draws, sampled: bool
    ) -> None:
        self.scenarios, self.population = scenarios, population
        self.names = tuple(dict.fromkeys(policy.name for policies in scenarios for policy in policies))
        self.replicates = len(draws.replicates)
        self._terms = [
            [_Term(policy, population, draws, sampled) for policy in policies] for policies in scenarios
        ]
        self._phases: tuple[float, ...] | None = None
        self._levers: Levers = NEUTRAL

    def in_force(self, quarter: int) -> Levers:
        """Return every lever's strength in a quarter: 0.0, or an array (scenarios x replicates, banks)."""
        phases = tuple(term.policy.phase(quarter) for terms in self._terms for term in terms)
        if phases != self._phases:
            self._phases, self._levers = phases, self._compose(quarter)
        return self._levers

    def move(self, lever: str) -> bool:
        """Tell whether any policy of any scenario moves a lever at any time."""
        return any(field == lever for terms in self._terms for term in terms for field, _ in term.effects)

    def _compose(self, quarter: int) -> Levers:
        shape = (len(self.scenarios), self.replicates, self.population.size)
        levers = dict(NEUTRAL)
        for row, terms in enumerate(self._terms):
            for term in terms:
                phase = term.policy.phase(quarter)
                if phase == 0.0:
                    continue
                for field, strength in term.strengths():
                    total = levers[field]
                    if not isinstance(total, np.ndarray):
                        total = levers[field] = np.zeros(shape)
                    total[row] += phase * strength * term.reach
        return {
            field: _bank_major(value) if isinstance(value, np.ndarray) else value
            for field, value in levers.items()
        }

    def costs(self, quarter: int, change: Array, own: Array, kind_sums: "KindSums") -> Array:
        """Return what each payer pays in a quarter.

        Parameters
        ----------
        quarter : int
            Index of the quarter.
        change, own : ndarray, shape (S * R, N)
            Change budget, and what banks themselves paid for policies, yuan in the quarter.
        kind_sums : callable
            Sums banks by kind: (..., N) to (..., kinds).

        Returns
        -------
        ndarray, shape (S, R, policies, payers, kinds)
            Yuan in the quarter.
        """
        shape = (len(self.scenarios), self.replicates, self.population.size)
        change, own = change.reshape(shape), own.reshape(shape)
        paid = np.zeros((*shape[:2], len(self.names), len(PAYERS), len(KINDS)))
        for row, terms in enumerate(self._terms):
            if not terms:
                continue
            asked_own = sum(
                (t.own_asked(t.policy.phase(quarter), change[row]) for t in terms), start=np.zeros(shape[1:])
            )
            settled = np.divide(own[row], asked_own, out=np.zeros(shape[1:]), where=asked_own > 0)
            for term in terms:
                phase = term.policy.phase(quarter)
                if phase == 0.0:
                    continue
                column = self.names.index(term.policy.name)
                for payer, amount in term.charges(phase, change[row], settled):
                    paid[row, :, column, PAYERS.index(payer)] += kind_sums(amount)
        return paid


def _bank_major(strength: Array) -> Array:
    """Join scenarios and replicates to one axis, in the layout of the columns."""
    return laid_out(strength.reshape(-1, strength.shape[-1]))


class _Term:
    """One policy in one batch: who takes it up, how strongly it acts and what it costs, by replicate."""

    def __init__(self, policy: Policy, population: Population, draws: Draws, sampled: bool) -> None:
        self.policy = policy
        strength = draws.uniform_once(f"policy effect: {policy.name}", len(policy.effects))
        price = draws.uniform_once(f"policy cost: {policy.name}", len(policy.costs))
        taking = draws.uniform_once(f"policy take-up: {policy.name}", population.size)
        covered = population.covered(policy)
        self.reach: Array = (covered & (taking < policy.take_up)).astype(float)
        self.provinces = len(np.unique(population.province[covered]))
        if not sampled:
            strength, price = np.full_like(strength, 0.5), np.full_like(price, 0.5)
        self.effects = [
            (e.field, drawn(e.low, e.value, e.high, strength[:, [k]])) for k, e in enumerate(policy.effects)
        ]
        self.prices = [
            (c.payer, c.per, drawn(c.low, c.value, c.high, price[:, [k]])) for k, c in enumerate(policy.costs)
        ]

    def strengths(self) -> list[tuple[str, Array]]:
        """Effects by lever, and what the bank itself pays a quarter (fixed, and as a share of its change budget)."""
        fixed = sum(
            (price for payer, per, price in self.prices if payer == "bank" and per == "bank_year"), start=0.0
        )
        rate = sum(
            (price for payer, per, price in self.prices if payer == "bank" and per == "change_budget"),
            start=0.0,
        )
        own = [(OWN_COST[0], 0.25 * fixed), (OWN_COST[1], rate)]
        return self.effects + [(field, value) for field, value in own if isinstance(value, np.ndarray)]

    def own_asked(self, phase: float, change: Array) -> Array:
        """What this policy asks of the banks that take it up, yuan in the quarter, shape (R, N)."""
        asked = np.zeros(change.shape)
        for payer, per, price in self.prices:
            if payer == "bank":
                asked += self._due(per, price, phase, change)
        return asked

    def charges(self, phase: float, change: Array, settled: Array) -> list[tuple[str, Array]]:
        """Payer and yuan in the quarter by bank; banks pay the part ``settled`` of what is asked of them."""
        return [
            (payer, self._due(per, price, phase, change) * (settled if payer == "bank" else 1.0))
            for payer, per, price in self.prices
        ]

    def _due(self, per: str, price: Array, phase: float, change: Array) -> Array:
        if per == "bank_year":
            return 0.25 * phase * price * self.reach
        if per == "change_budget":
            return phase * price * self.reach * change
        places = self.provinces if per == "province_year" else 1
        banks: Array = np.maximum(self.reach.sum(-1, keepdims=True), 1.0)
        return 0.25 * phase * places * price * self.reach / banks
