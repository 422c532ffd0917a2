"""Policies in force: from frozen policies to the strength of each lever for each bank, and to what each payer pays."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from agents.honeycomb import PAYERS
from model.policy import BANK_BASES, LEVERS, Policy, draw
from model.population import Population
from model.reduction import over_banks
from model.streams import Draws, uniform

Levers = dict[str, np.ndarray | float]


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
        one = Draws(draws.seed, draws.replicates, 1, draws.banks, draws.guests)
        self.terms = [[_Term(policy, population, one, sampled) for policy in some] for some in scenarios]
        self.neutral: Levers = dict.fromkeys(LEVERS, 0.0)
        self.acts = tuple(name for name in LEVERS if LEVERS.get(name).act is not None)
        self._phases: tuple[tuple[float, ...], ...] | None = None
        self._levers = self.neutral

    def in_force(self, quarter: int) -> Levers:
        """Return every lever's strength in a quarter: 0.0, or an array (M, scenarios x replicates)."""
        phases = tuple(term.phases(quarter) for terms in self.terms for term in terms)
        if phases != self._phases:
            self._phases, self._levers = phases, self._compose(quarter)
        return self._levers

    def _compose(self, quarter: int) -> Levers:
        levers = dict(self.neutral)
        for columns, terms in self._by_scenario():
            for term in terms:
                phase = term.phase(quarter)
                for field, strength in term.effects if np.any(phase) else ():
                    total = levers[field]
                    if not isinstance(total, np.ndarray):
                        total = np.zeros((term.reach.shape[0], self.replicates * len(self.scenarios)))
                        levers[field] = total
                    total[:, columns] += phase * strength * term.reach
        return levers

    def _by_scenario(self) -> Iterator[tuple[slice, list["_Term"]]]:
        """The rows of each scenario, and its policies."""
        for row, terms in enumerate(self.terms):
            yield slice(row * self.replicates, (row + 1) * self.replicates), terms

    def look(self, quarter: int, signal: Callable[[str, str], np.ndarray]) -> None:
        """Start policies whose signal has crossed its limit at a year's end.

        Parameters
        ----------
        quarter : int
        signal : callable
            From an outcome and a kind of bank to its value by row.
        """
        for columns, terms in self._by_scenario():
            for term in terms:
                if (trigger := term.policy.trigger) is not None:
                    value = signal(trigger.outcome, trigger.kind)[columns]
                    crossed = value > trigger.limit if trigger.above else value < trigger.limit
                    term.look(quarter, crossed)

    def bank_costs(
        self, quarter: int, change: np.ndarray, users: Mapping[str, np.ndarray]
    ) -> np.ndarray | float:
        """What policies ask of the banks that use them, million yuan a year (M, R); 0.0 where none is in force."""
        total: np.ndarray | float = 0.0
        for columns, terms in self._by_scenario():
            for term in terms:
                if not np.any(term.phase(quarter)) or not any(payer == "bank" for payer, _, _ in term.prices):
                    continue
                if not isinstance(total, np.ndarray):
                    total = np.zeros(change.shape)
                total[:, columns] += term.bank_cost(
                    quarter, change[:, columns], users[term.policy.users][:, columns]
                )
        return total

    def costs(
        self,
        quarter: int,
        change: np.ndarray,
        paid_own: np.ndarray,
        users: Mapping[str, np.ndarray],
        rows: Sequence[slice],
    ) -> np.ndarray:
        """Return what each payer pays in a quarter.

        Parameters
        ----------
        quarter : int
        change, paid_own : ndarray, shape (M, R)
            Change budget, and what banks themselves paid for policies, million yuan a year.
        users : mapping of str to ndarray of bool
            Who uses policies, by ``USERS``.
        rows : sequence of slice
            Banks of each kind.

        Returns
        -------
        ndarray, shape (S, replicates, policies, payers, kinds)
            Million yuan in the quarter.
        """
        paid = np.zeros((len(self.scenarios), self.replicates, len(self.names), len(PAYERS), len(rows)))
        for row, (columns, every) in enumerate(self._by_scenario()):
            terms = [term for term in every if np.any(term.phase(quarter))]
            if not terms:
                continue
            own_change = change[:, columns]
            costs = [
                term.bank_cost(quarter, own_change, users[term.policy.users][:, columns]) for term in terms
            ]
            whole = sum(costs, start=np.zeros(own_change.shape))
            settled = np.divide(paid_own[:, columns], whole, out=np.zeros(whole.shape), where=whole > 0)
            for term, own in zip(terms, costs, strict=True):
                place = self.names.index(term.policy.name)
                public = term.public_cost(quarter, own_change, users["takers"][:, columns])
                charges = [("bank", own * settled), *public]
                for payer, amount in charges:
                    by_kind = np.stack([over_banks(amount[r]) for r in rows], axis=-1)
                    paid[row, :, place, PAYERS.index(payer)] += 0.25 * by_kind
        return paid


class _Term:
    """One policy in one batch: who takes it up, how strongly it acts and what it costs, by replicate."""

    def __init__(self, policy: Policy, population: Population, draws: Draws, sampled: bool) -> None:
        self.policy = policy
        effects = uniform(draws.words(f"policy effect: {policy.name}", len(policy.effects)))
        prices = uniform(draws.words(f"policy cost: {policy.name}", len(policy.costs)))
        if not sampled:
            effects, prices = np.full_like(effects, 0.5), np.full_like(prices, 0.5)
        taking = draws.uniforms(f"policy take-up: {policy.name}")
        reached = population.reached(policy)
        self.reach = reached[:, None] * (taking < policy.take_up)
        self.counted = slice(0, population.size)
        # with a trigger: the quarter in which each run starts it, none so far
        self.since: list[int | None] = [None] * len(draws.replicates)
        self.provinces = len(
            np.unique(population.province[self.counted][population.moved(policy)[self.counted]])
        )
        self.effects = [
            (e.field, draw(e.low, e.value, e.high, u)) for e, u in zip(policy.effects, effects, strict=True)
        ]
        self.prices = [
            (c.payer, c.per, draw(c.low, c.value, c.high, u))
            for c, u in zip(policy.costs, prices, strict=True)
        ]

    def phases(self, quarter: int) -> tuple[float, ...]:
        """Strength in a quarter, 0-1: one number for all runs, or one for each where a signal starts it."""
        if self.policy.trigger is None:
            return (self.policy.phase(quarter),)
        return tuple(0.0 if since is None else self.policy.phase(quarter, since) for since in self.since)

    def phase(self, quarter: int) -> float | np.ndarray:
        """The same as a factor on an array whose last axis are the runs."""
        phases = self.phases(quarter)
        return phases[0] if self.policy.trigger is None else np.array(phases)

    def look(self, quarter: int, crossed: np.ndarray) -> None:
        """Start it, from the next quarter, in runs where its signal has crossed the limit."""
        waiting = self.policy.start - 1 <= quarter < self.policy.end
        for run in np.flatnonzero(crossed) if waiting else ():
            if self.since[run] is None:
                self.since[run] = quarter + 1

    def bank_cost(self, quarter: int, change: np.ndarray, uses: np.ndarray) -> np.ndarray:
        """What it asks of the banks that take it up and use it, million yuan a year, shape (M, replicates)."""
        phase = self.phase(quarter)
        cost = np.zeros(change.shape)
        for payer, per, price in self.prices:
            if payer == "bank" and np.any(phase):
                cost += self._due(per, price, phase, change)
        result: np.ndarray = cost * uses
        return result

    def public_cost(
        self, quarter: int, change: np.ndarray, there: np.ndarray
    ) -> list[tuple[str, np.ndarray]]:
        """Payer and million yuan a year by bank reached, for everyone but the banks; none for one merged away."""
        phase = self.phase(quarter)
        others = [price for price in self.prices if price[0] != "bank"] if np.any(phase) else []
        return [
            (payer, self._due(per, price, phase, change) * (there | (per not in BANK_BASES)))
            for payer, per, price in others
        ]

    def _due(self, per: str, price: np.ndarray, phase: float | np.ndarray, change: np.ndarray) -> np.ndarray:
        due: np.ndarray = phase * price * self.reach
        if per == "change_budget":
            due *= change
            return due
        due *= 1e-6
        if per != "bank_year":
            due *= self.provinces if per == "province_year" else 1
            due /= np.maximum(self.reach[self.counted].sum(0), 1.0)
        return due
