"""Regression, not validation: results stay what they were until a change of them is meant (see ``update.py``)."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.regression.baseline_run import FILE, HEAD, read, results

TOLERANCE = 1e-6


def flat(tree: Any, name: str = "") -> Iterator[tuple[str, float]]:
    if isinstance(tree, Mapping):
        for key, item in tree.items():
            yield from flat(item, f"{name}/{key}")
    else:
        yield name, tree


def test_results_are_those_of_the_baseline() -> None:
    before, now = dict(flat(read())), dict(flat(results()))
    assert before.keys() == now.keys()
    moved = {
        name: (before[name], now[name])
        for name in now
        if now[name] != pytest.approx(before[name], abs=TOLERANCE)
    }
    assert not moved, (
        f"{len(moved)} of {len(now)} moved, such as {next(iter(moved.items()))}; if meant, update"
    )


def test_the_baseline_says_that_it_validates_nothing() -> None:
    assert FILE.read_text(encoding="utf-8").startswith(HEAD)
