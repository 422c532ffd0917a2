"""The banking system as an ordinary Mesa model: one run, built by keywords, with a data collector.

>>> from experiments.mesa_model import BankingModel
>>> model = BankingModel(rng=7, policies=["data_sharing"], end="2025Q4")
>>> while model.running:
...     model.step()
>>> round(model.datacollector.get_model_vars_dataframe()["index city"].iloc[-1]) > 30
True
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, Final

import mesa
import numpy as np

from agents.allocation import Outlook, Rule
from agents.honeycomb import KINDS
from agents.kinds import Bank
from experiments.config import assembly
from experiments.config.errors import Refused, out_of_range, sentence, unknown
from experiments.config.load import compose_study
from experiments.config.study import StudySettings
from model.outcomes import OUTCOMES
from model.record import Record
from model.run import simulate
from model.system import BankingSystem
from model.world import Recording, Scenario, World

OF: Final = (*KINDS, "all")
OF_BANKS: Final = ("index", "assets", "spend", "capital", "profit", "model_route")


class BankingModel(BankingSystem):
    """One run of the system, quarter by quarter, as Mesa's tools expect a model to be.

    ``agents`` are the banks, of one class a kind; a state of theirs is a number, or a short array over components.
    ``agent.remove()`` takes a bank out of the market, ``running`` turns false after the last quarter, and a copy or a
    pickle goes on as the model does.

    Parameters
    ----------
    rng : int or numpy.random.Generator, optional
        Seed, or where it is drawn from; None draws one from the operating system.
    population, environment, network : str
        Names of files of ``conf``.
    policies, shocks : str or sequence of str
        Name or names of policies and shocks in force.
    allocation : str, Rule or callable
        Rule by which banks divide their money over the dimensions: a name, or a function of an ``Outlook``.
    end : str
        Last quarter.
    overrides : sequence of str
        Anything else, as on the command line: ``["behaviour.peer=0.5", "population.counts.city=10"]``.
    scenario : mesa.experimental.scenarios.Scenario, optional
        Numbers as below, and the seed where none is given; Mesa's own page hands one over when it starts anew.
    numbers
        Numbers by their dotted names, with ``__`` for each dot: ``behaviour__peer=0.5``.
    """

    def __init__(
        self,
        rng: int | np.random.Generator | None = None,
        *,
        population: str = "survey",
        policies: str | Sequence[str] = (),
        shocks: str | Sequence[str] = (),
        environment: str = "central",
        network: str = "partnerships",
        allocation: str | Rule | Callable[[Outlook], np.ndarray] = "satisficing",
        end: str = "2030Q4",
        overrides: Sequence[str] = (),
        scenario: Iterable[tuple[str, Any]] | None = None,
        **numbers: float,
    ) -> None:
        parts = dict(scenario or ())
        seed_of_scenario = parts.pop("rng", None)
        rng, numbers = seed_of_scenario if rng is None else rng, {**parts, **numbers}
        chosen = (f"population={population}", f"network={network}", f"end={end}", *overrides)
        world, played = built(policies, shocks, environment, (*chosen, *_overrides(numbers)))
        seed = int(rng if isinstance(rng, int | np.integer) else np.random.default_rng(rng).integers(2**31))
        kept = Recording(outcomes=False, items=False)
        super().__init__(replace(world, seed=seed, allocation=allocation, recording=kept), [played], [0])
        self.datacollector = mesa.DataCollector(
            model_reporters={f"index {kind}": partial(mean_index, kind=kind) for kind in KINDS},
            agent_reporters={name: partial(state, name=name) for name in OF_BANKS},
        )
        self.datacollector.collect(self)

    def step(self) -> None:
        """Run one quarter and collect it."""
        super().step()
        self.datacollector.collect(self)


def state(bank: Bank, name: str) -> Any:
    """A state of one bank: a number, or a short array over components."""
    return getattr(bank, name)


def mean_index(model: BankingModel, kind: str) -> float:
    """Mean index of the banks of a kind that are in the market, like for like, 0-100."""
    rows = model.banks.rows(kind)
    there = model.active[rows, 0]
    return float(model.index[rows, 0][there].mean()) if there.any() else float("nan")


def evaluator(
    *outcomes: str,
    replicates: int = 8,
    seed: int = 1,
    policies: str | Sequence[str] = (),
    shocks: str | Sequence[str] = (),
    environment: str = "central",
    allocation: str | Rule | Callable[[Outlook], np.ndarray] = "satisficing",
    overrides: Sequence[str] = (),
    **choices: Any,
) -> Callable[..., dict[str, float]]:
    """A function of numbers, for whatever explores a function: EMA Workbench, SALib, an optimiser.

    Parameters
    ----------
    *outcomes : str
        ``<outcome> <kind of bank or all>``: an outcome of ``model.outcomes``, or ``index``, the mean of the six scores;
        at the end of the run, or of its last full year where it is a yearly one.
    replicates : int
        Runs that are averaged; their chance is the same in every call.
    seed : int
        Of that chance; the banks are those of the seed of ``conf``.
    policies, shocks, environment, allocation, overrides
        As in `BankingModel`.
    **choices
        ``population``, ``network`` and ``end``, and numbers by their dotted names, as in `BankingModel`.

    Returns
    -------
    callable
        Takes numbers by their dotted names, as a mapping or as keywords with ``__`` for each dot; gives a mean by
        outcome.

    Raises
    ------
    Refused
        If an outcome or a kind of bank is not known, or is not measured of that kind or before the end.
    """
    measures = {name: _measure(name) for name in outcomes or ("index all", "index rural")}
    if replicates < 1:
        raise Refused(out_of_range(replicates), sentence("a whole number, {} to {}", 1, 1_000_000))
    files = tuple(f"{key}={choices.pop(key)}" for key in ("population", "network", "end") if key in choices)
    usual = _dotted(choices)

    def evaluate(numbers: dict[str, float] | None = None, **keywords: float) -> dict[str, float]:
        given, named = _dotted(numbers or {}), _dotted(keywords)
        if twice := given.keys() & named.keys():
            raise TypeError(f"{twice.pop()} is given twice")
        words = (*files, *overrides, *_overrides({**usual, **given, **named}))
        world, scenario = built(policies, shocks, environment, words)
        world = replace(world, seed=int(seed), allocation=allocation, recording=Recording())
        record = simulate(world, [scenario], range(replicates))
        return {name: _mean(record, name, *asked) for name, asked in measures.items()}

    return evaluate


def _mean(record: Record, name: str, outcome: str, kind: str) -> float:
    """Mean over the runs of an outcome at the end, as the tables of a study have it."""
    if outcome == "index":
        scores = record.small[0, :, -1] if kind == "all" else record.true[0, :, -1, KINDS.index(kind)]
        last = scores.mean(-1)
    else:
        last = (
            record.outcomes[outcome][0, :, -1, OF.index(kind)]
            if outcome in record.outcomes
            else np.array([np.nan])
        )
    if np.isnan(last).all():
        raise Refused(sentence("{!r} is not measured at the end of the run", name))
    return float(np.nanmean(last))


def _measure(name: str) -> tuple[str, str]:
    """The outcome and the kind of bank in a name such as ``index rural``."""
    outcome, _, kind = name.rpartition(" ")
    if not outcome:
        raise Refused(sentence("{!r} is no outcome and kind of bank", name), f"{name} all", f"{name} all")
    if outcome not in ("index", *OUTCOMES):
        raise unknown(outcome, ("index", *OUTCOMES))
    if kind not in OF:
        raise unknown(kind, OF)
    return outcome, kind


def _dotted(numbers: dict[str, float]) -> dict[str, float]:
    """Numbers by their dotted names."""
    paths = {name.replace("__", "."): value for name, value in numbers.items()}
    if unknown := [name for name in paths if "." not in name]:
        raise TypeError(
            f"{unknown[0]!r} is neither a keyword nor a number's dotted name with __ for each dot"
        )
    return paths


def _overrides(numbers: dict[str, float]) -> tuple[str, ...]:
    words = []
    for path, value in _dotted(numbers).items():
        try:
            words.append(f"{path}={float(value)!r}")
        except (TypeError, ValueError):
            raise TypeError(f"{path}: {value!r} is not a number") from None
    return tuple(words)


def built(
    policies: str | Sequence[str], shocks: str | Sequence[str], environment: str, words: Sequence[str]
) -> tuple[World, Scenario]:
    """World and scenario of one run with central numbers; what was composed before is not composed again."""
    pulled, struck = (one if isinstance(one, str) else ",".join(one) for one in (policies, shocks))
    settings = _composed(
        (
            f"policy=[{pulled}]" if pulled else "policy=none",
            *((f"shock=[{struck}]",) if struck else ()),
            f"environment={environment}",
            "uncertainty.parameters=central",
            *words,
        )
    )
    assembly.forget()  # a rule may have been replaced since
    return assembly.world(settings), assembly.scenario(settings.scenarios[-1])


@lru_cache(maxsize=64)
def _composed(words: tuple[str, ...]) -> StudySettings:
    return compose_study(words)
