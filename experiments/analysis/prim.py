"""PRIM (Friedman and Fisher 1999): peel a box until it holds mostly failures."""

from dataclasses import dataclass, field

import numpy as np


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
    restricted: tuple[int, ...] = field(default=())

    def holds(self, inputs: np.ndarray) -> np.ndarray:
        """Which rows lie inside."""
        return ((inputs >= self.low) & (inputs <= self.high)).all(1)


def measured(inputs: np.ndarray, fails: np.ndarray, low: np.ndarray, high: np.ndarray) -> Box:
    """A box with what it holds."""
    inside = ((inputs >= low) & (inputs <= high)).all(1)
    caught = float(fails[inside].sum())
    restricted = tuple(int(i) for i in np.flatnonzero(np.isfinite(low) | np.isfinite(high)))
    return Box(
        low,
        high,
        caught / max(int(fails.sum()), 1),
        caught / max(int(inside.sum()), 1),
        float(inside.mean()),
        restricted,
    )


def peel(inputs: np.ndarray, fails: np.ndarray, share: float = 0.05, smallest: float = 0.05) -> list[Box]:
    """Peel thin slices off the box, each time the one that leaves the highest density behind.

    Parameters
    ----------
    inputs : ndarray, shape (runs, inputs)
    fails : ndarray of bool, shape (runs,)
    share : float
        Slice of the box that one step takes off, 0-1.
    smallest : float
        Share of all runs that the box must keep, 0-1.

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
        best: tuple[float, int, bool, float] | None = None
        for column, (bottom, top) in enumerate(np.quantile(kept, (share, 1 - share), axis=0).T):
            for upper, edge in ((False, bottom), (True, top)):
                left = kept[:, column] <= edge if upper else kept[:, column] >= edge
                if left.all() or left.sum() < smallest * len(inputs):
                    continue
                density = float(hit[left].mean())
                if best is None or density > best[0]:
                    best = (density, column, upper, float(edge))
        if best is None:
            return boxes
        _, column, upper, edge = best
        low, high = boxes[-1].low.copy(), boxes[-1].high.copy()
        (high if upper else low)[column] = edge
        boxes.append(measured(inputs, fails, low, high))
    return boxes


def choose(boxes: list[Box], coverage: float = 0.5) -> Box:
    """The densest box that still covers so many of the failures; the whole space if none other does."""
    enough = [box for box in boxes if box.coverage >= coverage] or boxes[:1]
    return max(enough, key=lambda box: (box.density, -len(box.restricted)))


def pruned(box: Box, inputs: np.ndarray, fails: np.ndarray, cost: float = 0.02) -> Box:
    """Drop bounds that add less than ``cost`` to the density, the least useful first."""
    while box.restricted:
        trials = []
        for column in box.restricted:
            low, high = box.low.copy(), box.high.copy()
            low[column], high[column] = -np.inf, np.inf
            trials.append(measured(inputs, fails, low, high))
        best = max(trials, key=lambda trial: trial.density)
        if best.density < box.density - cost:
            return box
        box = best
    return box


def find(inputs: np.ndarray, fails: np.ndarray, coverage: float = 0.5) -> Box:
    """Peel, choose and prune."""
    return pruned(choose(peel(inputs, fails), coverage), inputs, fails)
