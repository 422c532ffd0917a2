"""An emulator: a small neural network that has learned what the model would expect for any parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.calibration.prior import Prior

# Products of these two numbers decide how fast a dimension grows; the network is given their logarithm.
PRODUCT = ("behaviour.productivity", "behaviour.dimension_productivity.")
FIRST_MOMENT, SECOND_MOMENT, SMALL = 0.9, 0.999, 1e-8
UNIFORM_SPREAD = 3.0**0.5  # a place on -1 to 1 times this has unit variance


@dataclass(frozen=True)
class Network:
    """Two hidden layers of tanh beside a straight line, trained by Adam.

    Parameters
    ----------
    weights : tuple of ndarray
        First, second and last layer, each with its intercept, and the straight line.
    mean, spread : ndarray, shape (outputs,)
        Scale of the outputs.
    """

    weights: tuple[np.ndarray, ...]
    mean: np.ndarray
    spread: np.ndarray

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """Outputs, shape (rows, outputs)."""
        values: np.ndarray = _forward(self.weights, inputs)[-1] * self.spread + self.mean
        return values


@dataclass(frozen=True)
class Emulator:
    """The trained network with the transform of its inputs.

    Parameters
    ----------
    prior : Prior
    network : Network
    """

    prior: Prior
    network: Network

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """Expected outputs for parameters given as normal scores, shape (rows, outputs)."""
        return self.network(inputs(self.prior, scores)).astype(float)


def inputs(prior: Prior, scores: np.ndarray) -> np.ndarray:
    """What the network is given: places in the ranges, and logarithms of the products that set growth."""
    places = prior.places(scores)
    values = prior.low + (prior.high - prior.low) * (0.5 * places + 0.5)
    factors = [k for k, path in enumerate(prior.paths) if path.startswith(PRODUCT[1])]
    parts = [UNIFORM_SPREAD * places]
    if PRODUCT[0] in prior.paths:
        common = values[:, prior.paths.index(PRODUCT[0])]
        parts.append(np.log(np.maximum(values[:, factors] * common[:, None], 1e-3)))
    return np.concatenate(parts, axis=1).astype(np.float32)


def train(
    prior: Prior,
    scores: np.ndarray,
    outputs: np.ndarray,
    width: int,
    epochs: int,
    stream: np.random.Generator,
) -> Emulator:
    """Train an emulator.

    Parameters
    ----------
    prior : Prior
    scores : ndarray, shape (runs, P)
        Parameters of the runs, as normal scores.
    outputs : ndarray, shape (runs, outputs)
        What the runs gave; their chance is averaged out by the fit.
    width : int
        Units of a hidden layer.
    epochs : int
        Passes over the runs.
    stream : numpy.random.Generator
        Of the first weights and of the order of the runs.

    Returns
    -------
    Emulator
    """
    given = inputs(prior, scores)
    mean, spread = outputs.mean(0), np.maximum(outputs.std(0), SMALL)
    wanted = ((outputs - mean) / spread).astype(np.float32)
    weights = _first(given.shape[1], width, wanted.shape[1], stream)
    moments = [(np.zeros_like(w), np.zeros_like(w)) for w in weights]
    batch, rate, decay, step = 256, 3e-3, 0.02, 0
    for epoch in range(epochs):
        order = stream.permutation(len(given))
        pace = rate * 0.5 * (1.0 + np.cos(np.pi * epoch / epochs))
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            step += 1
            for w, (first, second), slope in zip(
                weights, moments, _slopes(weights, given[rows], wanted[rows]), strict=True
            ):
                first += (1.0 - FIRST_MOMENT) * (slope - first)
                second += (1.0 - SECOND_MOMENT) * (slope * slope - second)
                direction = (first / (1.0 - FIRST_MOMENT**step)) / (
                    np.sqrt(second / (1.0 - SECOND_MOMENT**step)) + SMALL
                )
                w -= np.float32(pace) * (direction + np.float32(decay) * w)
    return Emulator(prior, Network(tuple(weights), mean, spread))


def _first(given: int, width: int, wanted: int, stream: np.random.Generator) -> list[np.ndarray]:
    weights = []
    for rows, columns in ((given, width), (width, width), (width, wanted)):
        weights.append((stream.standard_normal((rows, columns)) / np.sqrt(rows)).astype(np.float32))
        weights.append(np.zeros(columns, np.float32))
    return [*weights, np.zeros((given, wanted), np.float32)]


def _forward(weights: tuple[np.ndarray, ...] | list[np.ndarray], x: np.ndarray) -> tuple[np.ndarray, ...]:
    first = np.tanh(x @ weights[0] + weights[1])
    second = np.tanh(first @ weights[2] + weights[3])
    return first, second, second @ weights[4] + weights[5] + x @ weights[6]


def _slopes(weights: list[np.ndarray], x: np.ndarray, wanted: np.ndarray) -> list[np.ndarray]:
    """Slopes of half the mean squared error, in the order of the weights."""
    first, second, given = _forward(weights, x)
    error = (given - wanted) / np.float32(len(x))
    inner = (error @ weights[4].T) * (1.0 - second * second)
    outer = (inner @ weights[2].T) * (1.0 - first * first)
    return [
        x.T @ outer,
        outer.sum(0),
        first.T @ inner,
        inner.sum(0),
        second.T @ error,
        error.sum(0),
        x.T @ error,
    ]
