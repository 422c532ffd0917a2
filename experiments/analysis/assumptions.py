"""What rests on assumptions: a policy's effect under changed ones, and what each judgement by itself moves."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from agents.honeycomb import SMALL_KINDS
from experiments.analysis.case import Case, check_focus
from experiments.analysis.outcome import known, pick
from experiments.analysis.parameters import Parameter
from experiments.analysis.registry import ASKED, KIND, PARAMETER, Row, estimated, method
from experiments.config.study import StudySettings
from experiments.failure import StudyFailed
from experiments.results.schema import SCENARIO, number, table, text
from experiments.results.statistics import estimate

TABLE: Final = table(
    "one contrast of the 2x2 of assumptions and policy",
    SCENARIO,
    text("changed", "overrides that make the changed assumptions"),
    ASKED,
    text("contrast", "which two cells of the 2x2 are compared"),
    estimated(),
)


def changed_settings(settings: StudySettings) -> StudySettings:
    """The same study under its changed assumptions; its policies do not change.

    Parameters
    ----------
    settings : StudySettings
        ``analysis.changed`` holds the overrides.
    """
    from experiments.config.resolve import of_words

    check_focus(settings)
    if not settings.analysis.changed:
        raise StudyFailed(
            "analysis.changed names no changed assumption, such as ['allocation=reinforcement']"
        )
    return settings.under(of_words(settings.analysis.changed, settings))


@method(check=changed_settings, assumptions=TABLE)
def assumptions(case: Case) -> Iterator[Row]:
    """Run the scenario in focus and its baseline under the default and under the changed assumptions.

    Yields
    ------
    dict
        ``assumptions``: paired contrasts over parameters and seeds. ``policy_default`` and ``policy_changed``: the
        policy, each within its own assumptions; ``assumption_off`` and ``assumption_on``: the changed assumptions,
        with the policy off and on; ``difference``: how far the policy's effect depends on the assumptions.
    """
    changed, label = case.settings.analysis.changed, case.focus
    other = case.laboratory.under(changed_settings(case.settings))
    values = [
        laboratory.run([laboratory.scenarios[name] for name in (case.pairs[label], label)], case.replicates)[
            "values"
        ]
        for laboratory in (case.laboratory, other)
    ]
    for outcome, kind in known(np.concatenate(values), case.asked(label)):
        of = {"scenario": label, "changed": " ".join(changed), "outcome": outcome, "bank_kind": kind}
        for contrast, effect in contrasts(*(pick(cell, outcome, kind) for cell in values)).items():
            yield {**of, "contrast": contrast, **estimate(effect)}


def contrasts(default: np.ndarray, changed: np.ndarray) -> dict[str, np.ndarray]:
    """The contrasts of a 2x2, replicate by replicate.

    Parameters
    ----------
    default, changed : ndarray, shape (2, R)
        Policy off and on under either assumption.
    """
    return {
        "policy_default": default[1] - default[0],
        "policy_changed": changed[1] - changed[0],
        "assumption_off": changed[0] - default[0],
        "assumption_on": changed[1] - default[1],
        "difference": (changed[1] - changed[0]) - (default[1] - default[0]),
    }


LIMIT: Final = 1.0  # points of an index at the end: what moves it by more has to be sampled
SCREEN: Final = table(
    "what an assumption that is not sampled does to an index, at either end of its range",
    PARAMETER,
    KIND,
    number("low", "lower end of the number's range", "own unit"),
    number("high", "upper end of the number's range", "own unit"),
    number("at_low", "like-for-like index at the lower end less that at the number's own value", "points"),
    number("at_high", "the same at the upper end", "points"),
    text("passed", "no where either moves the index by more than a point"),
)


@method(screen=SCREEN)
def screen(case: Case) -> list[Row]:
    """Move every assumption that is not sampled to both ends of its range, one at a time, with the same chance.

    Everything else stays at its central value. A number of a kind of bank is moved for that kind alone.

    Returns
    -------
    list of dict
        ``screen``: a row a number and kind of bank, the largest movers first.
    """
    base = case.laboratory.every[0]

    def index(names: tuple[str, ...] = (), end: float = 0.0) -> dict[str, float]:
        rows = np.full((len(case.replicates), len(names)), end)
        values = case.laboratory.run([base], case.replicates, names=names, rows=rows)["values"]
        return {kind: float(pick(values, "like_for_like", kind)[0].mean()) for kind in SMALL_KINDS}

    start = index()
    moves: list[dict[str, Any]] = []
    for one in assumed(case.settings):
        low, high = (index((one.name,), end) for end in (one.low, one.high))
        for kind in SMALL_KINDS:
            moved = low[kind] - start[kind], high[kind] - start[kind]
            passed = "yes" if max(map(abs, moved)) <= LIMIT else "no"
            ends = {"low": one.low, "high": one.high, "at_low": moved[0], "at_high": moved[1]}
            moves.append({"parameter": one.name, "bank_kind": kind, **ends, "passed": passed})
    largest = np.array([np.fmax(abs(row["at_low"]), abs(row["at_high"])) for row in moves])
    return [moves[k] for k in np.argsort(-largest, kind="stable")]


def assumed(settings: StudySettings) -> tuple[Parameter, ...]:
    """The numbers of behaviour and of kinds of banks that are judged, with the range of the catalogue, and not sampled.

    Divisions and weights by dimension are left out: their parts hold each other.
    """
    return tuple(
        Parameter(path, row.low, float(value), row.high)
        for path, value in settings.numbers.items()
        if isinstance(value, float | int)
        for row in [settings.row(path)]
        if row.grade == "assumption" and row.sampled is None
    )
