"""The banking system: a Mesa model whose quarter is a table of contents."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import mesa
import numpy as np

from agents.bank import Bank
from agents.bank_kinds import BANKS
from agents.column import Array, allocate, columns_of, laid_out
from agents.honeycomb import APPLICATION, DIMENSIONS
from agents.income import relative
from agents.language_model import fixed_cost
from model import calendar
from model.environment import conditions
from model.levers import PolicyBook
from model.market import contest
from model.network import Network
from model.own_bank import OwnBankSystem
from model.peers import observe_peers
from model.questionnaire import Questionnaire
from model.record import Recorder
from model.start import initialise
from model.streams import Draws, Words, as_normals, as_uniforms
from model.world import Scenario, World

QUARTERS = 4


class BankingSystem(mesa.Model):
    """All scenarios and replicates of a batch, side by side on the replicate axis.

    Parameters
    ----------
    world : World
        Population, numbers, network, horizon and seed.
    scenarios : sequence of Scenario
    replicates : sequence of int
        Numbers of the replicates; each scenario runs all of them on the same draws.
    rng : int, optional
        Seed in place of the world's, as Mesa's own tools hand it over.
    """

    def __init__(
        self, world: World, scenarios: Sequence[Scenario], replicates: Sequence[int], rng: int | None = None
    ) -> None:
        world = world if rng is None else replace(world, seed=int(rng))
        super().__init__(rng=world.seed)
        self.world, self.population = world, world.population
        self.scenarios, self.replicates = tuple(scenarios), tuple(replicates)
        self.rows = len(self.scenarios) * len(self.replicates)
        self.draws = Draws(world.seed, replicates)
        self.numbers, self.allocation_rule = world.behaviour, world.allocation
        self.common, self.traits = world.traits(self.replicates, len(self.scenarios))
        self.focus_emphasis, self.indicator_bias = world.focus_emphasis, world.bias()
        self.columns = {
            name: allocate(column.components, self.rows, self.population.size)
            for name, column in columns_of(Bank).items()
        }
        self._create_banks()
        self.policies = PolicyBook(
            [s.policies for s in self.scenarios], self.population, self.draws, world.sample_effects
        )
        self.pilots_may_fail = self.policies.move("failure_tail")
        self.quarter = -1  # always from 2020Q1; a later `world.start` only begins the record later
        self._observe_environment(0)
        initialise(self, self.draws)
        self.network = Network(self, world.network, self.draws)
        self.questionnaire = Questionnaire(self.population, world.questionnaire, self.draws)
        self.own_bank = OwnBankSystem(self, world.own_bank) if world.own_bank else None
        self.recorder = Recorder(self, world.recording)

    def _create_banks(self) -> None:
        """Register every bank as a Mesa agent, and keep each kind as one cohort of the same class."""
        self.cohorts: list[Bank] = []
        for bank in BANKS.values():
            rows = self.population.rows(bank.kind)
            if rows.stop > rows.start:
                bank.create_agents(
                    self, rows.stop - rows.start, [slice(i, i + 1) for i in range(rows.start, rows.stop)]
                )
                self.cohorts.append(bank.cohort(self, rows))

    def step(self) -> None:
        """Run one quarter.

        1. **Outside**: the environment, the policies and shocks in force, chance. They come first so that every rule of
           the quarter sees the same world.
        2. **Between banks**: the market, the network and the peers, all from last quarter's state, so that the order of
           banks cannot matter.
        3. **The books open**: revenue and credit losses.
        4. **Planning**, in the first quarter of a year: spending, allocation, partners.
        5. **Spending**: run, change, partners, the route to language models.
        6. **Building**: people, capabilities, data, value.
        7. **The books close**; the survey asks at the end of the year; the quarter is recorded.

        A user's own bank, when there is one, does the same beside the others, and changes none of them.
        """
        self.quarter += 1
        self._observe_environment(self.quarter)
        self._draw()
        own = self._followed()
        if own:
            own.begin()
        self._interact()
        if own:
            own.network.offer()
        self.every("earn")
        self.every("provide")
        if calendar.first_of_year(self.quarter):
            if own:
                own.contract()
            self.network.contract()
            self.every("plan")
        self.every("spend")
        if self.language_model_available:
            self.every("review_route")
        self.network.settle()
        self.every("employ")
        self.every("build")
        self.every("realise")
        self.every("close")
        self.recorder.record()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.columns = {name: laid_out(column) for name, column in self.columns.items()}

    @property
    def years(self) -> float:
        """Years since the start of 2020."""
        return self.quarter / 4.0

    def every(self, rule: str) -> None:
        """Apply a rule to each kind at once."""
        for cohort in self.cohorts:
            getattr(cohort, rule)()
        own = self._followed()
        if own:
            getattr(own.bank, rule)()

    def _followed(self) -> OwnBankSystem | None:
        """A user's own bank, from the quarter in which it is followed."""
        return self.own_bank if self.own_bank and self.own_bank.followed else None

    def tile(self, drawn: Array) -> Array:
        """Give every scenario the replicates' draws: the first axis becomes scenarios times replicates."""
        if len(self.scenarios) == 1:
            return drawn
        return np.moveaxis(np.concatenate([np.moveaxis(drawn, 0, -1)] * len(self.scenarios), axis=-1), -1, 0)

    def _observe_environment(self, quarter: int) -> None:
        """Read the environment, the shocks and the policies in force."""
        replicates = len(self.replicates)
        paths, shocks = [s.environment for s in self.scenarios], [s.shocks for s in self.scenarios]
        self.conditions = conditions(paths, shocks, replicates, quarter)
        self.levers = self.policies.in_force(quarter)
        columns = self.columns
        columns["margin"].T[:] = self.conditions.margin.T[self.population.group]
        openness, opened = columns["openness"].T, self.levers["openness"]
        base = np.array([province.openness for province in self.population.provinces])
        np.add(base[self.population.province][:, None], self.conditions.openness.T, out=openness)
        openness += opened.T if isinstance(opened, np.ndarray) else opened
        np.clip(openness, 0.0, 0.95, out=openness)
        since = (quarter - calendar.index(self.world.language_model_launch)) / 4.0
        self.language_model_available = since >= 0
        self.language_model_cost = self.conditions.language_model_cost * fixed_cost(
            self.common.launch_cost, max(since, 0.0), self.common.halving_years
        )

    def _draw(self) -> None:
        """Give every bank the quarter's chance, of which a year is drawn at a time; no policy changes what is drawn."""
        banks, draws = self.population.size, self.draws
        season = self.quarter % QUARTERS
        if season == 0:
            self.chance = {
                "shock": draws.words(np.uint16, "chance in building", QUARTERS, len(DIMENSIONS), banks),
                "route_draw": draws.words(np.uint32, "language model review", QUARTERS, banks),
            }
            if self.pilots_may_fail:
                self.chance["failure_draw"] = draws.words(np.uint32, "failed pilots", QUARTERS, banks)
            self._write_chance(
                "experiment", draws.words(np.uint16, "chance in allocation", len(DIMENSIONS), banks)
            )
        for name, year in self.chance.items():
            self._write_chance(name, year[season])

    def _write_chance(self, name: str, words: Words) -> None:
        """Turn random words, replicates last, into the chance of every bank: the same in all scenarios."""
        turned = as_normals if words.dtype == np.uint16 else as_uniforms
        column = self.columns[name].swapaxes(-1, -2)
        if len(self.scenarios) > 1:
            words = np.concatenate([words] * len(self.scenarios), axis=-1)
        turned(words, out=column)

    def _interact(self) -> None:
        """Settle what happens between banks: the loan market, the network's offers, the view of one's peers."""
        columns = self.columns
        share = columns["inclusive_share"]
        progress = columns["dimensions"][APPLICATION] - columns["application_initial"]
        after = contest(
            share, ~self.population.small, self.conditions.descent, progress, self.common.contest_sensitivity
        )
        columns["share_lost"][:] = 4.0 * (1.0 - relative(after, share))
        share[:] = after
        self.network.fail_vendors(self.conditions.vendor_outage)
        self.network.offer()
        if calendar.first_of_year(self.quarter):
            observe_peers(self.cohorts, self.numbers.top_share)
