"""Run a batch: all scenarios of a study for some replicates."""

from collections.abc import Sequence

from model import calendar
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
    return system.recorder.finish()
