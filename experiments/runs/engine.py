"""What computes a chunk: settings assembled into their worlds once, then simulated for some replicates."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from experiments.config.assembly import Coverage, coverage, forget, worlds

if TYPE_CHECKING:
    from experiments.config.study import StudySettings
    from model.record import Record


class Engine:
    """The lab's own model; whatever has these methods can compute a study in its place.

    Its numbers depend on nothing but the world and the scenarios that settings are assembled into, and on the code
    that `model.run.simulate` leads to. How the settings were written, read, checked and assembled does not matter, nor
    does anything that is done with a record afterwards.
    """

    def __call__(self, settings: "StudySettings", replicates: Sequence[int]) -> "Record":
        """Run every scenario of a study for some replicates; a run's numbers do not depend on the others'.

        Scenarios that assume the same run side by side in one world; a replicate meets the same luck in all of them.
        """
        from model.run import simulate

        return joined(
            [
                (tuple(scenarios), simulate(world, list(scenarios.values()), tuple(replicates)))
                for world, scenarios in worlds(settings)
            ]
        )

    def code(self) -> Sequence[Any]:
        """Return the functions and classes that make the numbers."""
        from model.run import simulate

        return (simulate,)

    def inputs(self, settings: "StudySettings") -> Sequence[Any]:
        """Return what the numbers depend on, replicates apart: the worlds and their scenarios.

        They are built anew here, where a study is named: a rule, a table or an ensemble may have changed since a
        notebook ran the same settings.
        """
        forget()
        return worlds(settings)

    def banks(self, settings: "StudySettings") -> int:
        """Return how many banks are simulated, for the size of chunks."""
        return len(worlds(settings)[0][0].population.kind)

    def coverage(self, settings: "StudySettings") -> tuple[Coverage, ...]:
        """Return whom the policies of a study reach."""
        parts = worlds(settings)
        scenarios = {place: scenario for _, part in parts for place, scenario in part.items()}
        return coverage(parts[0][0].population, [scenarios[place] for place in sorted(scenarios)])

    def members(self, settings: "StudySettings") -> dict[str, int]:
        """Count the members of the ensemble, and the different ones that a study's replicates draw.

        The posterior has a few hundred: a study with more replicates meets some of them again, with other chance. Its
        bands are as sure as so many members can make them.
        """
        world = worlds(settings)[0][0]
        if world.ensemble is None:
            return {}
        drawn = world.ensemble.draw(world.seed, range(settings.replicates))
        return {"members": len(world.ensemble.members), "members_distinct": len(np.unique(drawn, axis=0))}


LAB: Final = Engine()


BY_SCENARIO: Final = (
    "true", "small", "survey", "outcomes", "bank_index", "province_index", "banks", "items", "own",
)  # fmt: skip


def joined(parts: Sequence[tuple[Sequence[int], "Record"]]) -> "Record":
    """Join records on the scenario axis.

    Parameters
    ----------
    parts : sequence of (places, Record)
        Each record with the places of its scenarios among all. All have the same replicates, quarters and banks.

    Returns
    -------
    Record
        The scenarios in the order of their places.
    """
    first = parts[0][1]
    if len(parts) == 1:
        return first
    order = np.argsort([place for places, _ in parts for place in places])
    records = [record for _, record in parts]
    policies = tuple(dict.fromkeys(name for record in records for name in record.policies))
    names = [name for record in records for name in record.scenarios]
    return replace(
        first,
        scenarios=tuple(names[place] for place in order),
        policies=policies,
        costs=laid([_under(record, policies) for record in records], order),
        graphs={key: graph for record in records for key, graph in record.graphs.items()},
        **{name: laid([getattr(record, name) for record in records], order) for name in BY_SCENARIO},
    )


def laid(parts: Sequence[Any], order: np.ndarray) -> Any:
    """Arrays, or mappings of arrays, joined in the order of the scenarios; None where the records have none."""
    if len(parts) == 1:
        return parts[0]
    if isinstance(parts[0], dict):
        return {name: laid([part[name] for part in parts], order) for name in parts[0]}
    return None if parts[0] is None else np.concatenate(parts)[order]


def _under(record: "Record", policies: Sequence[str]) -> np.ndarray:
    """Costs of shape (scenarios, replicates, years, policies, payers, kinds) with a place for every policy."""
    shape = list(record.costs.shape)
    shape[3] = len(policies)
    costs = np.zeros(shape)
    for place, name in enumerate(record.policies):
        costs[:, :, :, policies.index(name)] = record.costs[:, :, :, place]
    return costs
