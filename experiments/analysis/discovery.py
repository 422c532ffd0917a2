"""Where a bundle fails: the corner of the parameter space that holds most failures, as bounds one can read out.

The corner is found by PRIM (Friedman and Fisher 1999): peel a box until it holds mostly failures.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from experiments.analysis.laboratory import Case, check_focus
from experiments.analysis.registry import ASKED, PARAMETER, Row, method
from experiments.results.schema import OWN_UNIT, SCENARIO, number, table, text
from experiments.results.statistics import mean_of_present, quantile

RESAMPLES = 25
SLICE, SMALLEST = 0.05, 0.05  # part of the box that one step peels off; share of all runs that it must keep
COVERED = 0.5  # share of the failures that the box chosen must cover
ADDED = 0.02  # density that a bound has to add
RARE, WORST = 0.05, 0.25
AGREED = 0.5  # share of resamples that have to find a bound again for it to be told
MOST, WORTH = 4, 0.1  # bounds that a sentence can hold; share of the density that each has to be worth
STANDS_OUT = 1.25  # times as many failures in a box as anywhere, on runs it has not seen, for it to be told
FAILURE: Final = text(
    "failure", "wrong_way: the effect is not for the better; worst_quarter: among the worst quarter of runs"
)
BOX: Final = (
    number("low", "lower bound of the box", "that of the parameter"),
    number("high", "upper bound of the box", "that of the parameter"),
    number("range_low", "lower end of the sampled range", "that of the parameter"),
    number("range_high", "upper end of the sampled range", "that of the parameter"),
    number("coverage", "share of the failures inside the box", "0-1"),
    number("density", "share of the runs inside the box that fail", "0-1"),
    number("mass", "share of all runs inside the box", "0-1"),
)
STABILITY: Final = number(
    "stability", "share of resampled sets of runs that bound the parameter from the same side", "0-1"
)
TABLE: Final = table(
    "bound on one parameter of the box in which the bundle in focus fails",
    SCENARIO,
    ASKED,
    FAILURE,
    number("threshold", "effect, turned so that more is better, at and below which a run fails", OWN_UNIT),
    number("failures", "share of all runs that fail", "0-1"),
    PARAMETER,
    *BOX,
    number("density_unseen", "density on runs that the box was not found on, mean over resamples", "0-1"),
    number("coverage_unseen", "coverage on runs that the box was not found on, mean over resamples", "0-1"),
    STABILITY,
)


@dataclass(frozen=True)
class Box:
    """Bounds on some of the inputs, and what lies inside.

    Parameters
    ----------
    low, high : ndarray, shape (inputs,)
        Infinite where an input is free.
    coverage, density, mass : float
        Share of all failures inside; share of the inside that fails; share of all runs inside. 0-1.
    """

    low: np.ndarray
    high: np.ndarray
    coverage: float
    density: float
    mass: float

    @property
    def restricted(self) -> tuple[int, ...]:
        """Columns of the inputs that it bounds."""
        return tuple(int(i) for i in np.flatnonzero(np.isfinite(self.low) | np.isfinite(self.high)))

    def holds(self, inputs: np.ndarray) -> np.ndarray:
        """Which rows lie inside."""
        return ((inputs >= self.low) & (inputs <= self.high)).all(1)


def measured(inputs: np.ndarray, fails: np.ndarray, low: np.ndarray, high: np.ndarray) -> Box:
    """A box with what it holds."""
    inside = ((inputs >= low) & (inputs <= high)).all(1)
    caught = float(fails[inside].sum())
    coverage, density = caught / max(int(fails.sum()), 1), caught / max(int(inside.sum()), 1)
    return Box(low, high, coverage, density, float(inside.mean()))


def peel(inputs: np.ndarray, fails: np.ndarray) -> list[Box]:
    """Peel thin slices off the box, each time the one that leaves the highest density behind.

    Parameters
    ----------
    inputs : ndarray, shape (runs, inputs)
    fails : ndarray of bool, shape (runs,)

    Returns
    -------
    list of Box
        The whole space first, then one box a step.
    """
    low, high = np.full(inputs.shape[1], -np.inf), np.full(inputs.shape[1], np.inf)
    boxes = [measured(inputs, fails, low, high)]
    while boxes[-1].density < 1:
        inside = boxes[-1].holds(inputs)
        kept, hit = inputs[inside], fails[inside].astype(float)
        edges = quantile(kept.T, (SLICE, 1 - SLICE))
        left = np.stack(
            [kept >= edges[0], kept <= edges[1]], axis=2
        )  # (runs inside, inputs, lower and upper slice)
        count = left.sum(0)
        density = np.divide(
            (hit[:, None, None] * left).sum(0), count, out=np.zeros(count.shape), where=count > 0
        )
        density[(count == len(kept)) | (count < SMALLEST * len(inputs))] = -1.0
        column, upper = np.unravel_index(int(density.argmax()), density.shape)
        if density[column, upper] < 0:
            return boxes
        low, high = boxes[-1].low.copy(), boxes[-1].high.copy()
        (high if upper else low)[column] = edges[upper, column]
        boxes.append(measured(inputs, fails, low, high))
    return boxes


def pruned(box: Box, inputs: np.ndarray, fails: np.ndarray) -> Box:
    """Drop bounds that add less than `ADDED` to the density, the least useful first."""
    while box.restricted:
        best = without_one(box, inputs, fails)
        if best.density < box.density - ADDED:
            return box
        box = best
    return box


def without_one(box: Box, inputs: np.ndarray, fails: np.ndarray) -> Box:
    """A box without the bound that adds least to its density."""
    fewer = [tuple(c for c in box.restricted if c != column) for column in box.restricted]
    return max((trimmed(box, kept, inputs, fails) for kept in fewer), key=lambda trial: trial.density)


def find_box(inputs: np.ndarray, fails: np.ndarray) -> Box:
    """Peel, take the densest box that still covers enough failures (the whole space if none other does), and prune."""
    boxes = peel(inputs, fails)
    enough = [box for box in boxes if box.coverage >= COVERED] or boxes[:1]
    return pruned(max(enough, key=lambda box: (box.density, -len(box.restricted))), inputs, fails)


@method(check=check_focus, discovery=TABLE)
def discovery(case: Case) -> list[Row]:
    """Find the box of parameters in which the bundle in focus fails.

    A bundle fails where its effect is not for the better: the gap widens in spite of it. Where that hardly happens (in
    less than 5 % of runs) or nearly always does, the worst quarter of the runs are looked at instead.

    Returns
    -------
    list of dict
        ``discovery``: a row a parameter that the box bounds; one row without a parameter when no corner stands
        out. ``failures``: share of
        all runs that fail; ``coverage``, ``density``, ``mass``: as in `Box`, on the runs the box was found on,
        which flatters it; ``density_unseen``, ``coverage_unseen``: on runs that it has not seen, mean over resamples;
        ``stability``: share of resampled sets of runs whose box bounds the same parameter from the same side. Bounds
        that less than half of them find again are dropped; a box that holds hardly more failures than the whole
        space, on runs it has not seen, is none.
    """
    gain = case.gain(case.focus)
    names, inputs = case.draws
    failure, threshold = "wrong_way", 0.0
    if not RARE <= (gain <= 0).mean() <= 1 - RARE:
        failure, threshold = "worst_quarter", float(quantile(gain, (WORST,))[0])
    fails = gain <= threshold
    whole = find_box(inputs, fails)
    again = resamples(inputs, fails, case.settings.seed)
    stable = stability(whole, again)
    kept = tuple(column for column in whole.restricted if stable[column] >= AGREED)
    box = plainest(trimmed(whole, kept, inputs, fails), inputs, fails)
    kept = box.restricted
    density, coverage = unseen(again, kept, inputs, fails)
    columns = kept if density >= STANDS_OUT * fails.mean() else ()
    of = {"scenario": case.focus, "failure": failure, "threshold": threshold, "failures": float(fails.mean())}
    inside = {"coverage": box.coverage, "density": box.density, "mass": box.mass}
    inside |= {"density_unseen": density, "coverage_unseen": coverage}
    rows: list[Row] = []
    for column in sorted(columns, key=lambda column: -stable[column]):
        low, high = float(inputs[:, column].min()), float(inputs[:, column].max())
        ends = {"low": max(float(box.low[column]), low), "high": min(float(box.high[column]), high)}
        ends |= {"range_low": low, "range_high": high, "stability": stable[column]}
        rows.append({**of, "parameter": names[column], **ends, **inside})
    return rows or [{**of, "parameter": ""}]


Boxes = list[tuple[Box, np.ndarray]]


def resamples(inputs: np.ndarray, fails: np.ndarray, seed: int) -> Boxes:
    """Boxes of resampled runs, each with the numbers of the runs that its resample leaves out (about a third)."""
    rng, boxes = np.random.default_rng(seed), []
    for _ in range(RESAMPLES):
        chosen = rng.integers(len(fails), size=len(fails))
        again = find_box(inputs[chosen], fails[chosen])
        boxes.append((again, np.setdiff1d(np.arange(len(fails)), chosen)))
    return boxes


def stability(box: Box, boxes: Boxes) -> dict[int, float]:
    """How often resampled runs give a box that bounds the same parameter from the same side, 0-1."""

    def same(again: Box, column: int) -> bool:
        below = np.isfinite(box.high[column]) and np.isfinite(again.high[column])
        return bool(below or (np.isfinite(box.low[column]) and np.isfinite(again.low[column])))

    return {column: float(np.mean([same(again, column) for again, _ in boxes])) for column in box.restricted}


def trimmed(box: Box, kept: tuple[int, ...], inputs: np.ndarray, fails: np.ndarray) -> Box:
    """A box with no bounds but those on some parameters, measured on some runs."""
    low, high = np.full_like(box.low, -np.inf), np.full_like(box.high, np.inf)
    low[list(kept)], high[list(kept)] = box.low[list(kept)], box.high[list(kept)]
    return measured(inputs, fails, low, high)


def plainest(box: Box, inputs: np.ndarray, fails: np.ndarray) -> Box:
    """Drop the bound that matters least until few are left, each worth a tenth of the density."""
    while box.restricted:
        best = without_one(box, inputs, fails)
        if len(box.restricted) <= MOST and best.density < (1 - WORTH) * box.density:
            return box
        box = best
    return box


def unseen(boxes: Boxes, kept: tuple[int, ...], inputs: np.ndarray, fails: np.ndarray) -> tuple[float, float]:
    """Density and coverage of resampled boxes, with their bounds on some parameters, on the runs left out, 0-1.

    Means over the boxes that hold a run left out, and over those that leave out a failure; NaN where none does.
    """
    rest = [
        (trimmed(again, kept, inputs[left], fails[left]), fails[left]) for again, left in boxes if len(left)
    ]
    density = [box.density for box, _ in rest if box.mass > 0]
    coverage = [box.coverage for box, fail in rest if fail.any()]
    return float(mean_of_present(np.array(density))), float(mean_of_present(np.array(coverage)))
