"""Run a batch: all scenarios of a study for some replicates."""

from collections.abc import Sequence
from copy import deepcopy
from functools import partial

import numpy as np

from agents.honeycomb import PAYERS
from model import calendar
from model.levers import PolicyBook
from model.outcomes import signal
from model.record import Record
from model.system import BankingSystem
from model.world import Scenario, World


def simulate(world: World, scenarios: Sequence[Scenario], replicates: Sequence[int]) -> Record:
    """Run every scenario for the given replicates and return what was recorded.

    Parameters
    ----------
    world : World
    scenarios : sequence of Scenario
        Run side by side on common random numbers.
    replicates : sequence of int
        Their own numbers: a replicate's results do not depend on which others are in the batch.

    Returns
    -------
    Record
    """
    system = BankingSystem(world, scenarios, replicates)
    for _ in range(calendar.index(world.end) + 1):
        system.step()
    return _finish(system)


def _finish(system: BankingSystem) -> Record:
    record = system.recorder.finish()
    # A Mesa model refers to itself: its arrays, several times the record, would stay until Python looks for cycles.
    vars(system).clear()
    return record


def snapshot(system: BankingSystem) -> BankingSystem:
    """Copy a system as it stands; the world, its items and population, which nothing changes, are shared."""
    shared = (system.world, system.items, system.banks)
    return deepcopy(system, {id(one): one for one in shared})


def resumed(system: BankingSystem, scenario: Scenario) -> Record:
    """Run a scenario from where a run without policies stands.

    Parameters
    ----------
    system : BankingSystem
        A run of one scenario without policies; it is left as it is.
    scenario : Scenario
        The same environment and shocks; its policies start after the quarter that the run has reached.

    Returns
    -------
    Record
        The same numbers as `simulate` gives.
    """
    if any(policy.start <= system.quarter for policy in scenario.policies):
        raise ValueError(f"a policy of {scenario.name} starts before {calendar.name(system.quarter + 1)}")
    own = snapshot(system)
    own.scenarios = (scenario,)
    own.policies = PolicyBook([scenario.policies], own.banks, own.draws, own.world.sample_effects)
    if own.quarter >= 0 and calendar.last_of_year(own.quarter):
        own.policies.look(own.quarter, partial(signal, own))
    record = own.recorder
    years, payers, kinds = len(record.years), len(PAYERS), len(own.kind_rows)
    record.costs = np.zeros((*record.shape, years, len(own.policies.names), payers, kinds))
    while own.quarter < calendar.index(own.world.end):
        own.step()
    return _finish(own)
