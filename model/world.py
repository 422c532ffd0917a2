"""What a study holds fixed (the world) and what its scenarios change."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np

from agents.allocation import Outlook, Rule
from agents.items import ItemTable
from model.environment import Environment
from model.own_plan import OwnAccount
from model.policy import Policy
from model.population import Population
from model.shock import Shock
from model.streams import generator

Number = float | np.ndarray

NARROW = 64  # rows of a batch
# common numbers that rules use bank by bank
BY_BANK = (
    "adjustment", "alliance_hazard", "attention_least", "attention_slope", "back_mandate", "back_system",
    "back_tie", "back_upper", "burden", "capital_buffer", "carry", "compliance_share", "core_run", "cost_effect",
    "crew", "drive_spread", "elasticity", "fail", "fee_rate", "h_claim", "h_mandate", "h_ripe", "h_tie",
    "hub_ripening", "lead", "loss_system", "loss_unpaid", "mature_factor", "mature_value", "model_ripening",
    "model_taste", "need_money", "need_people", "on_projects", "price", "price_scale", "revenue_effect",
    "risk_effect", "roll_out", "run_most", "run_rate", "search", "spend_level", "spillover", "staff_level",
    "start_common", "start_dimension", "start_item", "thin_capital", "uncertainty", "union_saving", "wage_growth",
)  # fmt: skip


@dataclass(frozen=True)
class Scenario:
    """A named set of policies and shocks in an environment.

    ``assumptions`` are names of numbers, and their values as text, in which its world differs from that of the others;
    the model itself does not read them.
    """

    name: str
    policies: tuple[Policy, ...]
    shocks: tuple[Shock, ...]
    environment: Environment
    assumptions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Reform:
    """A provincial union reformed in a quarter.

    Parameters
    ----------
    province : int
        Index into the population's provinces.
    quarter : int
        From 2020Q1.
    mode : str
        ``union_bank``: a bank of banks, members stay; ``single_bank``: members become one bank.
    """

    province: int
    quarter: int
    mode: str


@dataclass(frozen=True)
class Ensemble:
    """Parameter members that replicates draw from.

    Parameters
    ----------
    paths : tuple of str
        Dotted names such as ``behaviour.peer`` or ``banks.rural.attrition``.
    members : ndarray, shape (members, paths)
        One parameter vector a row.
    """

    paths: tuple[str, ...]
    members: np.ndarray

    def only(self, kept: Iterable[str]) -> "Ensemble":
        """The same members with some of their paths."""
        paths = tuple(kept)
        return Ensemble(paths, self.members[:, [self.paths.index(path) for path in paths]])

    def draw(self, seed: int, replicates: Sequence[int]) -> np.ndarray:
        """Return each replicate's own member, shape (replicates, paths)."""
        chosen = [int(generator(seed, "parameters", r).integers(len(self.members))) for r in replicates]
        return self.members[chosen]


@dataclass(frozen=True)
class Recording:
    """What is kept of a run besides scores.

    Parameters
    ----------
    outcomes, items, banks : bool
        Keep the outcomes by kind and quarter; the share of banks on every rung at each year's end; every bank.
    graphs : tuple of int
        Quarters, as indices, at which the first replicate's network is kept.
    """

    outcomes: bool = True
    items: bool = True
    banks: bool = False
    graphs: tuple[int, ...] = ()


@dataclass(frozen=True)
class World:
    """Everything that the scenarios of a study share.

    Parameters
    ----------
    population : Population
    items : ItemTable
        The questionnaire.
    common_numbers : mapping
        Numbers of all banks, of the network and of the survey; each a float or a 1-d array over components.
    kind_numbers : mapping of str to mapping
        Numbers of each kind: the same names for every kind.
    switches : SimpleNamespace
        ``partners``, ``platforms``, ``unions``, ``crowding``: each layer of the network on or off; ``rewired``:
        alliances between other banks, each with as many as before.
    reforms : tuple of Reform
        Union reforms as they were.
    sample : mapping of str to mapping of int to int
        Banks asked, by kind and year; the last year goes on.
    allocation : str, Rule or callable
        Rule of division over dimensions: a registered name, or a function of an ``Outlook``.
    start, end : str
        First and last quarter reported; the system itself starts in 2020Q1.
    seed : int
    ensemble : Ensemble or None
        Parameter members; None takes the central values.
    sample_effects : bool
        Draw policy effects and costs from their ranges.
    recording : Recording
    parameter_rows : ndarray or None, shape (replicates, paths)
        Parameters given replicate by replicate (calibration) instead of drawn from the ensemble.
    own_banks : tuple of OwnAccount
        Users' own banks, followed beside the system.
    own_judged : mapping of str to tuple of float
        Least, usual and largest value of what is judged of them; drawn between in runs that draw their numbers.
    """

    population: Population
    items: ItemTable
    common_numbers: Mapping[str, Number]
    kind_numbers: Mapping[str, Mapping[str, Number]]
    switches: SimpleNamespace
    reforms: tuple[Reform, ...]
    sample: Mapping[str, Mapping[int, int]]
    allocation: str | Rule | Callable[[Outlook], np.ndarray]
    start: str
    end: str
    seed: int
    ensemble: Ensemble | None = None
    sample_effects: bool = True
    recording: Recording = field(default_factory=Recording)
    parameter_rows: np.ndarray | None = None
    own_banks: tuple[OwnAccount, ...] = ()
    own_judged: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)

    def numbers(self, replicates: Sequence[int], scenarios: int, banks: Population) -> SimpleNamespace:
        """Every number as the rules read it.

        Parameters
        ----------
        replicates : sequence of int
        scenarios : int
            The parameters of a replicate are the same in every scenario.
        banks : Population
            With the rows of a user's own bank.

        Returns
        -------
        SimpleNamespace
            A common number is a float, or (R,) where the ensemble samples it, or (C,) over components; a number of a
            kind is spread over banks, (M, 1) or (M, R), with components in front.
        """
        sampled = self._sampled(replicates, scenarios)
        values: dict[str, Number] = {**self.common_numbers, **sampled.get("behaviour", {})}
        names = self.kind_numbers[banks.kinds[0]]
        for name in names:
            by_kind = [self._of_kind(kind, name, sampled) for kind in banks.kinds]
            table = np.stack(np.broadcast_arrays(*by_kind), axis=-2)  # (..., kinds, 1 or R)
            values[name] = np.ascontiguousarray(table[..., banks.kind, :])
        rows = len(replicates) * scenarios
        if 1 < rows < NARROW:  # to spread a number over short rows anew takes longer than to read it
            for name in (*names, *(() if banks.guests else BY_BANK)):
                value = np.asarray(values[name])
                if value.ndim:
                    values[name] = np.broadcast_to(value, (*value.shape[:-2], len(banks.kind), rows)).copy()
        return SimpleNamespace(**values)

    def _of_kind(self, kind: str, name: str, sampled: dict[str, dict[str, np.ndarray]]) -> np.ndarray:
        drawn = sampled.get(f"banks.{kind}", {}).get(name)
        return np.asarray(self.kind_numbers[kind][name], float)[..., None] if drawn is None else drawn

    def _sampled(self, replicates: Sequence[int], scenarios: int) -> dict[str, dict[str, np.ndarray]]:
        if self.ensemble is None:
            return {}
        rows = self.parameter_rows
        if rows is None:
            rows = self.ensemble.draw(self.seed, replicates)
        table: dict[str, dict[str, np.ndarray]] = {}
        for path, column in zip(self.ensemble.paths, np.tile(rows, (scenarios, 1)).T, strict=True):
            place, _, name = path.rpartition(".")
            if place not in ("behaviour", *(f"banks.{kind}" for kind in self.population.kinds)):
                raise ValueError(
                    f"the ensemble samples {path!r}, which is no number of behaviour or of a kind of bank"
                )
            numbers = (
                self.common_numbers if place == "behaviour" else self.kind_numbers[place.partition(".")[2]]
            )
            if name not in numbers:
                raise ValueError(f"the ensemble samples {path!r}, which is not known")
            table.setdefault(place, {})[name] = np.ascontiguousarray(column)
        return table
