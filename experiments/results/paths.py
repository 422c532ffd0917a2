"""Effects as paths: for each scenario its declared target first, then items, the gap, dimensions and the index."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from agents.honeycomb import DIMENSIONS
from experiments.config.scenarios import PolicySettings, ScenarioSettings, ShockSettings
from experiments.config.study import StudySettings
from experiments.results.parquet import of_study
from experiments.results.schema import (
    BASELINE,
    KIND_OR_ALL,
    OUTCOME,
    OWN_UNIT,
    SCENARIO,
    better,
    number,
    table,
    text,
    with_ends,
)
from experiments.results.statistics import estimate, interval, intervals, time_gained
from experiments.runs.merged import KINDS_AND_ALL, RUNGS, Merged, array_of, by_array, by_replicate
from experiments.runs.records import ITEM
from model.outcomes import YEARLY

GAP: Final = "rural_city_gap"
ROLES: Final = ("target", "outcome", "item", "rungs", "gap", "dimension", "index")
"""What an outcome is to a scenario, in the order in which it is told."""
PATHS: Final = table(
    "what one scenario does to one outcome of one kind of bank over time, paired with its baseline",
    SCENARIO,
    BASELINE,
    text(
        "role",
        "target: what a policy or shock of the scenario declares as its aim; item, outcome: aim of another; "
        "rungs, gap, dimension, index",
    ),
    OUTCOME,
    KIND_OR_ALL,
    number("prior_low", "lower end of the effect held plausible before, on a target with a range", OWN_UNIT),
    number("prior_high", "upper end of the effect held plausible before", OWN_UNIT),
    with_ends("end", "effect when the study ends", OWN_UNIT),
    number("probability", "share of runs with an effect above zero at the end", "0-1"),
    number("plausible", "share of runs that end within what was held plausible before", "0-1"),
    number(
        "assumption",
        "share of the end effect's variance that assumptions explain alone; the rest is chance; missing unless split",
        "0-1",
    ),
    with_ends("area", "area under the path of the effect over the study", "years times that of the outcome"),
    with_ends("peak", "effect in the quarter in which its median is largest", OWN_UNIT),
    text("peak_quarter", "that quarter"),
    with_ends(
        "gained",
        "how much sooner the one ahead, scenario (above zero) or baseline (below), is where the other ends",
        "quarters",
    ),
)

FALLS: Final = table(
    "how one score of one kind of bank changes under one scenario, from when the questionnaire stays the same",
    SCENARIO,
    text("outcome", "a dimension or index"),
    KIND_OR_ALL,
    text("since", "quarter from which the change is taken: no edition of the questionnaire comes after it"),
    with_ends("change", "score at the end less that at the start", "points"),
    number("fall", "share of runs in which the score falls", "0-1"),
)


class Aim(NamedTuple):
    """What a policy or shock declares as its aim.

    Parameters
    ----------
    outcome, kind : str
        A dimension, ``index``, an outcome or ``item:<id>``, of a kind of bank or ``all`` small and medium ones.
    low, high : float
        Effect by 2030 that is held plausible, in the unit of the outcome; NaN where only a sign is declared.
    """

    outcome: str
    kind: str
    low: float = np.nan
    high: float = np.nan


Aims = Mapping[str, Sequence[Aim]]


def aims_of(settings: StudySettings) -> dict[str, tuple[Aim, ...]]:
    """What each scenario of a study aims at: the targets of its policies and shocks, each once."""
    by_label = {}
    for scenario in settings.scenarios:
        levers: list[PolicySettings | ShockSettings] = [*scenario.policies, *scenario.shocks]
        aims = [_aim(lever.target) for lever in levers if lever.target]
        by_label[scenario.label] = tuple({(aim.outcome, aim.kind): aim for aim in aims}.values())
    return by_label


def items_asked(settings: StudySettings, aims: Aims) -> tuple[str, ...]:
    """Levels of items that a study has to tell, ``item:<id>``: aims, declared directions, and what is asked of it."""
    outcomes = [aim.outcome for each in aims.values() for aim in each]
    outcomes += [part.outcome for part in (settings.analysis, settings.objective) if part is not None]
    for scenario in settings.scenarios:
        levers: list[ScenarioSettings | PolicySettings | ShockSettings] = [scenario]
        levers += [*scenario.policies, *scenario.shocks]
        outcomes += [line.outcome for lever in levers for line in lever.expected]
    return tuple(outcome for outcome in dict.fromkeys(outcomes) if outcome.startswith(ITEM))


def _aim(target: Any) -> Aim:
    low, high = getattr(target, "range", None) or (np.nan, np.nan)
    return Aim(target.outcome, target.bank_kind, float(low), float(high))


def write_paths(merged: Merged, folder: Path, aims: Aims) -> None:
    """Write paths.parquet; bands.parquet, of which peaks are read, stands in the folder.

    Parameters
    ----------
    merged : Merged
    folder : Path
    aims : mapping of str to sequence of Aim
        By the label of a scenario.
    """
    if not merged.alternatives:
        return
    peaks = _peaks(pd.read_parquet(folder / "bands.parquet"))
    by_scenario = {s: aims.get(merged.scenarios[s], ()) for s in merged.alternatives}
    outcomes = {s: _outcomes(merged, aims_of_it) for s, aims_of_it in by_scenario.items()}
    measured = _measured(merged, outcomes)
    with of_study(merged, folder, "paths", PATHS, role=ROLES, peak_quarter=merged.quarters) as written:
        for s, aims_of_it in by_scenario.items():
            of_it = {outcome: measured[s, outcome] for outcome in outcomes[s]}
            for row in _rows(merged, s, aims_of_it, of_it, peaks):
                written.add_row(row)


def _outcomes(merged: Merged, aims: Sequence[Aim]) -> list[str]:
    """What is told of a scenario, its aims first."""
    outcomes = dict.fromkeys(
        [*(aim.outcome for aim in aims), *merged.items, RUNGS, GAP, *DIMENSIONS, "index"]
    )
    variables = merged.variables("true")
    return [outcome for outcome in outcomes if outcome in variables]


def _rows(
    merged: Merged,
    s: int,
    aims: Sequence[Aim],
    measured: Mapping[str, Sequence[np.ndarray]],
    peaks: Mapping[Any, Any],
) -> Iterator[dict[str, object]]:
    """Rows of a scenario, its target first."""
    label = merged.scenarios[s]
    aimed = {(aim.outcome, aim.kind): aim for aim in aims}
    rows = []
    for outcome, (ends, areas, sooner) in measured.items():
        for k, kind in enumerate(KINDS_AND_ALL):
            end = ends[:, k]
            peak = peaks.get((label, outcome, kind))
            if peak is None or not np.isfinite(end).all():
                continue
            aim = aimed.get((outcome, kind), Aim(outcome, kind))
            within = float(((end >= aim.low) & (end <= aim.high)).mean())
            rows.append(
                {
                    "scenario": label,
                    "baseline": merged.scenarios[merged.base[s]],
                    "role": "target" if (outcome, kind) in aimed else role_of(outcome),
                    "outcome": outcome,
                    "bank_kind": kind,
                    "prior_low": aim.low,
                    "prior_high": aim.high,
                    **estimate(end, "end"),
                    "plausible": within if np.isfinite(aim.low) else np.nan,
                    "assumption": np.nan,
                    **interval(areas[:, k], "area"),
                    **peak,
                    **_of_most(sooner[:, k]),
                }
            )
    yield from sorted(rows, key=lambda row: ROLES.index(row["role"]))


def tell_assumptions(path: Path, shares: Mapping[Any, float]) -> None:
    """Put into a written paths.parquet how much of each effect's variance is assumption.

    Parameters
    ----------
    path : Path
    shares : mapping
        From scenario, outcome and kind to the share, 0-1.
    """
    written = pq.read_table(path)
    keys = zip(*(written[name].to_pylist() for name in ("scenario", "outcome", "bank_kind")), strict=True)
    column = pa.array([shares.get(key, np.nan) for key in keys], pa.float64())
    place = written.schema.get_field_index("assumption")
    pq.write_table(written.set_column(place, written.schema.field(place), column), path, compression="lz4")


def role_of(outcome: str) -> str:
    """What an outcome that is no target is to a scenario."""
    if outcome.startswith(ITEM):
        return "item"
    roles = {RUNGS: "rungs", GAP: "gap", "index": "index", **dict.fromkeys(DIMENSIONS, "dimension")}
    return roles.get(outcome, "outcome")


def _measured(
    merged: Merged, outcomes: Mapping[int, Sequence[str]]
) -> dict[tuple[int, str], list[np.ndarray]]:
    """End, area in years times the unit, and quarters gained of every run, each of shape (runs, kinds).

    By scenario and outcome. An array of many runs is read once for all that is taken from it.
    """
    parts: dict[tuple[int, str], list[Any]] = {}
    every = dict.fromkeys(name for names in outcomes.values() for name in names)
    for array, names in by_array("true", every).items():
        for _, block in merged.blocks.by_replicate(array):
            for outcome in names:
                wanted = [s for s in outcomes if outcome in outcomes[s]]
                paths = {
                    s: by_replicate(merged.pick(block[:, s], outcome))
                    for s in {*wanted, *(merged.base[s] for s in wanted)}
                }
                for s in wanted:
                    of_runs = _of_runs(outcome, paths[s], paths[merged.base[s]])
                    parts.setdefault((s, outcome), []).append(of_runs)
    return {key: [np.concatenate(part) for part in zip(*each, strict=True)] for key, each in parts.items()}


def _of_runs(outcome: str, ours: np.ndarray, base: np.ndarray) -> tuple[np.ndarray, ...]:
    """End, area and quarters gained of some runs, from paths of shape (runs, quarters, kinds)."""
    taken = np.isfinite(base).any(axis=(0, 2))
    ours, base = ours[:, taken], base[:, taken]
    step = 4 if outcome in YEARLY or array_of("true", outcome) == "items" else 1  # quarters
    effect = ours - base
    turned = (better(outcome) * ours, better(outcome) * base)
    return effect[:, -1], 0.25 * step * effect.sum(1), step * time_gained(*turned)


def _of_most(gained: np.ndarray) -> dict[str, float]:
    """Interval of the time gained over the runs in which there is some; missing unless that is most of them."""
    defined = gained[np.isfinite(gained)]
    if 2 * len(defined) <= len(gained):
        return dict.fromkeys(("gained", "gained_low", "gained_high"), np.nan)
    return interval(defined, "gained")


def _peaks(bands: pd.DataFrame) -> dict[tuple[str, str, str], dict[str, object]]:
    """Quarter in which the median effect is largest, and the effect there, by scenario, outcome and kind."""
    effects = bands[(bands["quantity"] == "effect") & (bands["measure"] == "true")]
    keys = ["scenario", "outcome", "bank_kind"]
    plain = effects.astype(dict.fromkeys([*keys, "quarter"], str)).reset_index(drop=True)
    largest = plain.loc[plain["q50"].abs().groupby([plain[key] for key in keys], sort=False).idxmax()]
    names = {"q50": "peak", "q05": "peak_low", "q95": "peak_high", "quarter": "peak_quarter"}
    peaks: dict[Any, Any] = largest.rename(columns=names).set_index(keys)[[*names.values()]].to_dict("index")
    return peaks


def write_falls(merged: Merged, folder: Path, since: str) -> None:
    """Write falls.parquet: how surely scores rise, under each scenario.

    Parameters
    ----------
    merged : Merged
    folder : Path
    since : str
        Quarter from which the questionnaire asks the same; the study's first, where that comes later.
    """
    start = max(since, merged.quarters[0])
    if start >= merged.quarters[-1]:
        return
    place = merged.quarters.index(start)
    variables = (*DIMENSIONS, "index")
    scores = merged.blocks.at("true", [place, len(merged.quarters) - 1])
    with of_study(merged, folder, "falls", FALLS, outcome=variables, since=merged.quarters) as written:
        for s in range(len(merged.scenarios)):
            change = np.stack([np.subtract(*merged.pick(scores[::-1, s], v)) for v in variables])
            there, falls = np.isfinite(change).all(-1), (change < 0.0).mean(-1)
            axes = {"outcome": range(len(variables)), "bank_kind": range(len(KINDS_AND_ALL))}
            written.add(
                there.shape, there, axes, scenario=s, since=place, fall=falls, **intervals(change, "change")
            )
