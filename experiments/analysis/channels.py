"""An effect taken apart into the channels through which the model carries it."""

from typing import Final

import numpy as np

from experiments.analysis import shapley
from experiments.analysis.case import Case
from experiments.analysis.outcome import pick
from experiments.analysis.registry import Frames, frame, method
from experiments.analysis.shapley import SHAPLEY, contribution
from experiments.results.schema import Table

# Numbers that close a channel when they are nothing.
CHANNELS: Final = {
    "rivals": ("behaviour.peer",),
    "allies": ("behaviour.spillover",),
    "watching": ("behaviour.watching",),
    "ambition": ("behaviour.attention_slope",),
    "returns": ("behaviour.risk_effect", "behaviour.cost_effect", "behaviour.revenue_effect"),
    "crowding": ("behaviour.congestion",),
}
SEEDS = 8
TABLE: Final = Table("what one channel of the model contributes to the effect in focus", SHAPLEY.columns)


@method(channels=TABLE)
def channels(case: Case) -> Frames:
    """Close channels in every combination and see how much of the effect in focus is left.

    A closed channel is closed in the baseline too, so that each coalition is a paired effect of its own.

    Returns
    -------
    dict
        ``channels``: the Shapley value of each channel, and ``residual``: the effect that remains when all of them are
        closed. They add to the whole effect.
    """
    names = list(CHANNELS)
    coalitions = shapley.subsets(names)
    paths = [path for name in names for path in CHANNELS[name]]
    open_ = {
        path: float(np.mean(case.laboratory.world.common_numbers[path.partition(".")[2]])) for path in paths
    }
    rows = [
        [open_[path] if name in coalition else 0.0 for name in names for path in CHANNELS[name]]
        for coalition in coalitions
    ]
    pair = [case.scenario(case.pairs[case.focus]), case.scenario(case.focus)]
    seeds = min(SEEDS, case.settings.replicates)
    values = case.laboratory.run(
        pair,
        [seed for _ in coalitions for seed in range(seeds)],
        names=tuple(paths),
        rows=np.repeat(np.array(rows), seeds, axis=0),
    )["values"]
    found = pick(values, case.outcome, case.kind)
    effects = (found[1] - found[0]).reshape(len(coalitions), seeds)
    worth = dict(zip(coalitions, effects, strict=True))
    parts = {**shapley.exact(names, worth), "residual": worth[frozenset()]}
    of = {
        "scenario": case.focus,
        "decomposition": "channels",
        "outcome": case.outcome,
        "bank_kind": case.kind,
    }
    table = [{**of, "channel": name, **contribution(value)} for name, value in parts.items()]
    return {"channels": frame(table, TABLE)}
