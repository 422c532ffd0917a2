"""What a study holds fixed (the world) and what its scenarios change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from agents.bank_kinds import BANKS
from agents.column import Array, Number
from agents.honeycomb import DIMENSIONS, INDICATORS, INDICATORS_BY_DIMENSION, ROUTES, TALENTS
from agents.traits import Behaviour, Traits
from model.environment import Environment
from model.numbers import NetworkNumbers, SurveyNumbers
from model.own_bank import OwnAccount
from model.policy import Policy
from model.population import InvalidWorld, Population
from model.shock import Shock
from model.streams import generator

# What the components of a vector are, by how many there are: dimensions, roles, routes, routes other than waiting.
COMPONENTS: Final = MappingProxyType(
    {len(names): names for names in (DIMENSIONS, TALENTS, ROUTES, ROUTES[1:])}
)


@dataclass(frozen=True)
class Scenario:
    """A named set of policies and shocks in an environment.

    `assumptions` are names of numbers, and their values as text, in which its world differs from that of the others;
    whoever runs it gives it such a world, and the model does not look at them.
    """

    name: str
    policies: tuple[Policy, ...]
    shocks: tuple[Shock, ...]
    environment: Environment
    assumptions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Ensemble:
    """Parameter members that replicates draw from.

    Parameters
    ----------
    paths : tuple of str
        Dotted names such as ``behaviour.spillover`` or ``banks.rural.initial_capability.data``.
    members : ndarray, shape (M, len(paths))
        One parameter vector a row.
    """

    paths: tuple[str, ...]
    members: Array

    def only(self, kept: Iterable[str]) -> "Ensemble":
        """The same members with some of their paths."""
        paths = tuple(kept)
        return Ensemble(paths, self.members[:, [self.paths.index(path) for path in paths]])

    def drawn(self, seed: int, replicates: Sequence[int]) -> Array:
        """Return each replicate's own member, shape (replicates, paths)."""
        chosen = [int(generator(seed, "parameters", r).integers(len(self.members))) for r in replicates]
        return self.members[chosen]


@dataclass(frozen=True)
class Recording:
    """What is kept of a run besides scores.

    Parameters
    ----------
    outcomes : bool
        Keep the outcomes by kind and quarter.
    banks : bool
        Keep every bank.
    graphs : tuple of int
        Quarters, as indices, at which the first replicate's network is kept.
    """

    outcomes: bool = True
    banks: bool = False
    graphs: tuple[int, ...] = ()


@dataclass(frozen=True)
class World:
    """Everything that the scenarios of a study share.

    Parameters
    ----------
    population : Population
    common_numbers : mapping
        Behavioural numbers of all banks; each a float or a 1-d array over components.
    kind_numbers : mapping of str to mapping
        Numbers of each kind, on top of the common ones.
    network : NetworkNumbers
    questionnaire : SurveyNumbers
    focus_emphasis : ndarray, shape (9, 6)
        What each strategic focus adds to the weight of each dimension.
    indicator_bias : mapping of str to float
        Habitual weight of each indicator in its dimension.
    allocation : str
        Name in ``agents.allocation.RULES``.
    start, end : str
        First and last quarter reported; the system itself starts in 2020Q1.
    language_model_launch : str
        Quarter from which language models can be had.
    seed : int
    ensemble : Ensemble or None
        Parameter members; None takes the central values.
    sample_effects : bool
        Draw policy effects and costs from their ranges.
    recording : Recording
    parameter_rows : ndarray or None, shape (replicates, paths)
        Parameters given replicate by replicate (calibration) instead of drawn from the ensemble.
    own_bank : OwnAccount or None
        A user's own bank, followed beside the system.
    """

    population: Population
    common_numbers: Mapping[str, Number]
    kind_numbers: Mapping[str, Mapping[str, Number]]
    network: NetworkNumbers
    questionnaire: SurveyNumbers
    focus_emphasis: Array
    indicator_bias: Mapping[str, float]
    allocation: str
    start: str
    end: str
    language_model_launch: str
    seed: int
    ensemble: Ensemble | None = None
    sample_effects: bool = True
    recording: Recording = field(default_factory=Recording)
    parameter_rows: Array | None = None
    own_bank: OwnAccount | None = None

    def __post_init__(self) -> None:
        for dimension, names in INDICATORS_BY_DIMENSION.items():
            if not sum(self.indicator_bias[name] for name in names if name != "new_technology") > 0.0:
                why = f"every indicator of {dimension} has weight 0, so that its money would go nowhere"
                raise InvalidWorld("behaviour.indicator_bias", why)
        if not sum(float(np.sum(kind["inclusive_market"])) for kind in self.kind_numbers.values()) > 0.0:
            raise InvalidWorld("banks", "no kind holds any of the market (`inclusive_market`)")

    @property
    def behaviour(self) -> Behaviour:
        """Common numbers at their central values."""
        return _typed(Behaviour, self.common_numbers)

    def bias(self) -> Array:
        """Habitual weight of each indicator, shape (18, 1, 1)."""
        return np.array([self.indicator_bias[name] for name in INDICATORS])[:, None, None]

    def traits(self, replicates: Sequence[int], scenarios: int) -> tuple[Behaviour, dict[str, Traits]]:
        """Return the common numbers, and those of every kind, as the rules read them.

        A scalar is a float, or (R, 1) where the ensemble samples it; a vector is (C, 1, 1), or (C, R, 1).

        Parameters
        ----------
        replicates : sequence of int
        scenarios : int
            The parameters of a replicate are the same in every scenario.

        Returns
        -------
        tuple of Behaviour and dict of str to Traits
        """
        sampled = self._sampled(replicates, scenarios)
        common = _overlaid(self.common_numbers, sampled.get("behaviour", {}))
        traits = {}
        for kind, bank in BANKS.items():
            own = _overlaid(self.kind_numbers[kind], sampled.get(f"banks.{kind}", {}))
            traits[kind] = _typed(bank.numbers, {**common, **own})
        return _typed(Behaviour, common), traits

    def _sampled(self, replicates: Sequence[int], scenarios: int) -> dict[str, dict[str, Array]]:
        if self.ensemble is None:
            return {}
        rows = self.parameter_rows
        if rows is None:
            rows = self.ensemble.drawn(self.seed, replicates)
        rows = np.concatenate([rows] * scenarios)
        values: dict[str, dict[str, Array]] = {}
        for path, column in zip(self.ensemble.paths, rows.T, strict=True):
            place, _, name = path.partition(".")
            if place == "banks":
                kind, _, name = name.partition(".")
                place = f"banks.{kind}"
            values.setdefault(place, {})[name] = np.ascontiguousarray(column)[:, None]
        return values


def _typed[Numbers: Behaviour](kind: type[Numbers], numbers: Mapping[str, Number]) -> Numbers:
    """The numbers under their names."""
    named: Mapping[str, Any] = (
        numbers  # vectors and scalars alike: the configuration has checked their shapes
    )
    return kind(**named)


def _overlaid(numbers: Mapping[str, Number], sampled: Mapping[str, Array]) -> dict[str, Number]:
    """Central numbers with sampled ones in their place; a vector's component is named, see ``COMPONENTS``."""
    shaped: dict[str, Number] = {
        name: value[:, None, None] if isinstance(value, np.ndarray) else value
        for name, value in numbers.items()
    }
    for path, column in sampled.items():
        name, _, component = path.partition(".")
        if name not in shaped:
            raise ValueError(f"the parameter ensemble names {path!r}, which no number carries")
        if not component:
            shaped[name] = column
            continue
        value = shaped[name]
        assert isinstance(value, np.ndarray)
        if value.shape[1] != len(column):
            value = np.repeat(value, len(column), axis=1)
        value = value.copy()
        value[COMPONENTS[len(value)].index(component)] = column
        shaped[name] = value
    return shaped
