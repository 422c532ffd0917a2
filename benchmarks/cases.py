"""What is timed: the two populations under the baseline, at four widths."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from experiments.config import assembly
from experiments.config.load import compose_study
from model import calendar
from model.run import simulate
from model.world import Scenario, World


@dataclass(frozen=True)
class Case:
    """A population, how many replicates of it run side by side, and where their parameters come from."""

    name: str
    population: str
    replicates: int
    parameters: str = "central"


CASES: Final = (
    Case("80×1", "survey", 1),
    Case("80×256", "survey", 256),
    Case("national×1", "national", 1),
    Case("national×4", "national", 4),
    Case("80×256, posterior", "survey", 256, "posterior"),
    Case("national×4, posterior", "national", 4, "posterior"),
)


@lru_cache
def objects(population: str, parameters: str = "central") -> tuple[World, list[Scenario]]:
    """World and baseline of a population, with scores, survey and outcomes recorded."""
    chosen = (f"population={population}", f"uncertainty.parameters={parameters}")
    settings = compose_study((*chosen, "scenarios=[baseline]", "outputs.network=[]"))
    return assembly.world(settings), [assembly.scenario(settings.scenarios[0])]


def banks(population: str) -> int:
    return objects(population)[0].population.size


def quarters(population: str) -> int:
    return calendar.index(objects(population)[0].end) + 1


def bank_quarters(case: Case, length: int | None = None) -> int:
    """How many banks live through how many quarters in a run, all replicates together."""
    return case.replicates * banks(case.population) * (length or quarters(case.population))


def run(case: Case) -> None:
    """A whole run as a study makes it: built, stepped through every quarter, recorded."""
    simulate(*objects(case.population, case.parameters), range(case.replicates))
