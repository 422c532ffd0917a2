"""What computes a chunk: settings assembled into a world once, then simulated for some replicates."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from experiments.config.coverage import Coverage, coverage

if TYPE_CHECKING:
    from experiments.settings import StudySettings
    from model.record import Record


class Engine(Protocol):
    """Computes all scenarios of a study for the given replicates."""

    def __call__(self, settings: Any, replicates: Sequence[int], /) -> "Record":
        """Return the record; a replicate's numbers must not depend on which others are computed with it."""

    def code(self) -> Sequence[Any]:
        """Return the functions and classes that make the numbers."""

    def inputs(self, settings: Any, /) -> Sequence[Any]:
        """Return the data that the numbers depend on, replicates apart."""

    def banks(self, settings: Any, /) -> int:
        """Return how many banks are simulated, for the size of chunks."""

    def coverage(self, settings: Any, /) -> "tuple[Coverage, ...]":
        """Return whom the policies of a study reach."""

    def members(self, settings: Any, /) -> dict[str, int]:
        """Return how many parameter members the replicates draw from, and how many different ones they drew."""


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


class Lab:
    """The lab's own model.

    Its numbers depend on nothing but the world and the scenarios that settings are assembled into, and on the code
    that `model.run.simulate` leads to. How the settings were written, read, checked and assembled does not matter, nor
    does anything that is done with a record afterwards.
    """

    def __call__(self, settings: "StudySettings", replicates: Sequence[int]) -> "Record":
        """Run every scenario of a study for some replicates."""
        from model.run import simulate

        world, scenarios = objects(Assembled(settings))
        return simulate(world, scenarios, tuple(replicates))

    def code(self) -> Sequence[Any]:
        """Return the entry of the model."""
        from model.run import simulate

        return (simulate,)

    def inputs(self, settings: "StudySettings") -> Sequence[Any]:
        """Return the world and the scenarios."""
        return objects(Assembled(settings))

    def banks(self, settings: "StudySettings") -> int:
        """Return how many banks the population of a study has."""
        return len(objects(Assembled(settings))[0].population.kind)

    def coverage(self, settings: "StudySettings") -> tuple[Coverage, ...]:
        """Return whom the policies of a study reach."""
        world, scenarios = objects(Assembled(settings))
        return coverage(world.population, scenarios)

    def members(self, settings: "StudySettings") -> dict[str, int]:
        """Count the members of the ensemble, and the different ones that a study's replicates draw.

        The posterior has a few hundred: a study with more replicates meets some of them again, with other chance. Its
        bands are as sure as so many members can make them.
        """
        world = objects(Assembled(settings))[0]
        if world.ensemble is None:
            return {}
        drawn = world.ensemble.drawn(world.seed, range(settings.replicates))
        return {"members": len(world.ensemble.members), "members_distinct": len(np.unique(drawn, axis=0))}


LAB = Lab()
