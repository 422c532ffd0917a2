"""What computes a chunk: settings assembled into a world once, then simulated for some replicates."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from experiments.config.coverage import Coverage, coverage

if TYPE_CHECKING:
    from experiments.config.study import StudySettings
    from model.record import Record
    from model.world import Scenario, World


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


Part = tuple["World", dict[int, "Scenario"]]


@lru_cache(maxsize=1)
def worlds(study: Assembled) -> list[Part]:
    """Build the worlds of a study, one for each set of assumptions, each with its scenarios by their places."""
    from experiments.config import assembly

    settings = study.settings
    groups: dict[str, list[int]] = {}
    for place, scenario in enumerate(settings.scenarios):
        groups.setdefault(repr(scenario.assumptions), []).append(place)
    return [
        (
            assembly.world(settings.under(settings.scenarios[places[0]].assumptions)),
            {place: assembly.scenario(settings.scenarios[place]) for place in places},
        )
        for places in groups.values()
    ]


class Lab:
    """The lab's own model.

    Its numbers depend on nothing but the world and the scenarios that settings are assembled into, and on the code
    that `model.run.simulate` leads to. How the settings were written, read, checked and assembled does not matter, nor
    does anything that is done with a record afterwards.
    """

    def __call__(self, settings: "StudySettings", replicates: Sequence[int]) -> "Record":
        """Run every scenario of a study for some replicates.

        Scenarios that assume the same run side by side in one world; a replicate meets the same luck in all of them.
        """
        from experiments.runs.joined import joined
        from model.run import simulate

        return joined(
            [
                (tuple(scenarios), simulate(world, list(scenarios.values()), tuple(replicates)))
                for world, scenarios in worlds(Assembled(settings))
            ]
        )

    def code(self) -> Sequence[Any]:
        """Return the entry of the model."""
        from model.run import simulate

        return (simulate,)

    def inputs(self, settings: "StudySettings") -> Sequence[Any]:
        """Return the worlds and their scenarios."""
        return worlds(Assembled(settings))

    def banks(self, settings: "StudySettings") -> int:
        """Return how many banks the population of a study has."""
        return len(worlds(Assembled(settings))[0][0].population.kind)

    def coverage(self, settings: "StudySettings") -> tuple[Coverage, ...]:
        """Return whom the policies of a study reach."""
        parts = worlds(Assembled(settings))
        scenarios = {place: scenario for _, part in parts for place, scenario in part.items()}
        return coverage(parts[0][0].population, [scenarios[place] for place in sorted(scenarios)])

    def members(self, settings: "StudySettings") -> dict[str, int]:
        """Count the members of the ensemble, and the different ones that a study's replicates draw.

        The posterior has a few hundred: a study with more replicates meets some of them again, with other chance. Its
        bands are as sure as so many members can make them.
        """
        world = worlds(Assembled(settings))[0][0]
        if world.ensemble is None:
            return {}
        drawn = world.ensemble.drawn(world.seed, range(settings.replicates))
        return {"members": len(world.ensemble.members), "members_distinct": len(np.unique(drawn, axis=0))}


LAB = Lab()
