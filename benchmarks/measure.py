"""Everything the benchmark measures, in one run and as plain data."""

import os
import platform
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from typing import Any

from benchmarks.cases import CASES, Case, bank_quarters, objects, quarters, run
from benchmarks.clock import Timing, interleaved
from benchmarks.floor import floor
from benchmarks.memory import peak
from benchmarks.plain_mesa import PlainMesa
from benchmarks.study_layer import overhead

BASE = CASES[0]


def measure(cases: tuple[Case, ...], repetitions: int, study_runs: int) -> dict[str, Any]:
    """Time the cases, the plain reference and the floor, in turn.

    Parameters
    ----------
    cases : tuple of Case
    repetitions : int
        Of every measurement; the machine's quietest moment is the least of them.
    study_runs : int
        Runs of the study whose overhead is measured; 0 leaves it out.

    Returns
    -------
    dict
        ``machine``; ``plain`` and ``cases`` in microseconds per bank and quarter; ``study``.
    """
    for case in cases:
        run(Case("", case.population, 1, case.parameters))
    length = quarters(BASE.population)
    world, (scenario,) = objects(BASE.population)
    plain = [PlainMesa(world, scenario) for _ in range(repetitions)]
    calls: dict[str, Callable[[], object]] = {case.name: partial(run, case) for case in cases}
    calls["plain"] = lambda: _stepped(plain.pop(), length)
    timings = interleaved(calls, repetitions)
    reference = timings["plain"].per(bank_quarters(BASE))
    return {
        "machine": machine(),
        "repetitions": repetitions,
        "plain": reference,
        "cases": [described(case, timings[case.name], reference, repetitions) for case in cases],
        "study": overhead(study_runs, repetitions) if study_runs else None,
    }


def _stepped(plain: PlainMesa, length: int) -> None:
    for _ in range(length):
        plain.step()


def described(case: Case, timing: Timing, reference: dict[str, float], repetitions: int) -> dict[str, Any]:
    """One case: its cost, how many times less that is than the reference, its floor and its memory."""
    cost = timing.per(bank_quarters(case))
    return {
        "case": case.name,
        "banks": objects(case.population)[0].population.size,
        "replicates": case.replicates,
        "parameters": case.parameters,
        "quarters": quarters(case.population),
        **cost,
        "seconds": min(timing.wall),
        "plain_ratio": reference["cpu_min"] / cost["cpu_min"],
        "floor": floor(case, repetitions),
        "peak_megabytes": peak(case),
    }


def machine() -> dict[str, Any]:
    """What it ran on."""
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "scipy", "mesa")},
    }
