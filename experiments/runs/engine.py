"""What computes a chunk: settings assembled into a world once, then simulated for some replicates."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from experiments.config.coverage import Coverage, coverage

if TYPE_CHECKING:
    from experiments.settings import StudySettings
    from model.record import Record


class Simulate(Protocol):
    """Computes all scenarios of a study for the given replicates."""

    def __call__(self, settings: Any, replicates: Sequence[int], /) -> "Record":
        """Return the record; a replicate's numbers must not depend on which others are computed with it."""


class Assembled:
    """A study's world and scenarios, known by the text of its settings so that a worker builds them once."""

    def __init__(self, settings: "StudySettings") -> None:
        self.settings, self.text = settings, settings.model_dump_json()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Assembled) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


@lru_cache(maxsize=1)
def objects(study: Assembled) -> tuple[Any, list[Any]]:
    """Build the world and the scenarios of a study."""
    from experiments import assembly

    world = assembly.world(study.settings)
    return world, [assembly.scenario(scenario) for scenario in study.settings.scenarios]


def simulate(settings: "StudySettings", replicates: Sequence[int]) -> "Record":
    """Run every scenario of a study for some replicates with the lab's own model.

    Parameters
    ----------
    settings : StudySettings
        The composed study.
    replicates : sequence of int
        Numbers of the replicates.
    """
    from model.run import simulate as run

    world, scenarios = objects(Assembled(settings))
    return run(world, scenarios, tuple(replicates))


def coverage_of(settings: "StudySettings") -> tuple[Coverage, ...]:
    """Return whom the policies of a study reach."""
    world, scenarios = objects(Assembled(settings))
    return coverage(world.population, scenarios)


def bank_count(settings: "StudySettings") -> int:
    """Return how many banks the population of a study has."""
    return len(objects(Assembled(settings))[0].population.kind)
