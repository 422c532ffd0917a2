"""The floor: what the draws, exponentials and logarithms of a run would cost with nothing else around them."""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any, Final
from unittest import mock

import numpy as np

from benchmarks.cases import Case, bank_quarters, banks, run
from benchmarks.clock import Timing
from model.streams import QUANTILES, Draws

FUNCTIONS: Final = ("exp", "log", "sqrt")
WORDS: Final = "16-bit words"


def counts(case: Case) -> dict[str, float]:
    """Count what a run asks for, each per bank and quarter: words drawn, normals looked up, functions taken."""
    found: Counter[str] = Counter()
    words = Draws.words

    def counted_words(self: Draws, purpose: str, *shape: int) -> np.ndarray:
        drawn = words(self, purpose, *shape)
        found[WORDS] += drawn.size
        return drawn

    def counted(name: str, plain: np.ufunc) -> Any:
        def call(values: Any, *rest: object, **options: object) -> Any:
            found[name] += np.size(values)
            return plain(values, *rest, **options)

        return call

    normals = Draws.normals

    def counted_normals(self: Draws, purpose: str, *shape: int) -> np.ndarray:
        looked_up = normals(self, purpose, *shape)
        found["normals"] += looked_up.size
        return looked_up

    with ExitStack() as patches:
        patches.enter_context(mock.patch.object(Draws, "words", counted_words))
        patches.enter_context(mock.patch.object(Draws, "normals", counted_normals))
        for name in FUNCTIONS:
            patches.enter_context(mock.patch.object(np, name, counted(name, getattr(np, name))))
        run(case)
    return {name: number / bank_quarters(case) for name, number in sorted(found.items())}


def costs(case: Case, repetitions: int) -> dict[str, float]:
    """Microseconds each of these takes, least of the repetitions, on arrays as wide as a column of the case."""
    number = banks(case.population)
    draws = Draws(0, range(case.replicates), 1, number)
    places = draws.words("places", number)
    values = np.random.default_rng(0).uniform(0.1, 1.0, (number, case.replicates))
    out = np.empty_like(values)
    calls: dict[str, Any] = {
        WORDS: lambda: draws.words("floor", 4, number),
        "normals": lambda: QUANTILES[places],
        **{name: partial(getattr(np, name), values, out=out) for name in FUNCTIONS},
    }
    found = {}
    for name, call in calls.items():
        call()
        timing = Timing()
        for _ in range(5 * repetitions):
            timing.add(partial(_ten_times, call))
        found[name] = min(timing.cpu) * 1e6 / (10 * values.size * (4 if name == WORDS else 1))
    return found


def _ten_times(call: Callable[[], object]) -> None:
    for _ in range(10):
        call()


def floor(case: Case, repetitions: int) -> float:
    """Microseconds per bank and quarter that the chance, exponentials and logarithms of a run need at least."""
    each = costs(case, repetitions)
    return sum(number * each[name] for name, number in counts(case).items())
