"""Under which conditions the first plan of a user's own bank fails: which uncertain number decides."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Final

import numpy as np

from agents.honeycomb import SMALL_KINDS
from experiments.analysis import parameters
from experiments.analysis.case import Case
from experiments.analysis.discovery import BOX, RARE, STABILITY, WORST, find_box, resamples, stability
from experiments.analysis.laboratory import Laboratory
from experiments.analysis.outcome import own_banks
from experiments.analysis.registry import PARAMETER, Rows, method
from experiments.config.study import StudySettings
from experiments.failure import StudyFailed
from experiments.own_bank.answers import READ, breaches, floors_of
from experiments.results.schema import SCENARIO, number, table, text
from experiments.results.statistics import quantile
from model.own_plan import Choice, OwnAccount
from model.world import Recording, Scenario

BREAKS: Final = table(
    "how one uncertain number decides about the failure of the own bank's first plan in one future",
    SCENARIO,
    text(
        "failure", "floor: any floor is fallen below; behind: ends below its kind; worst_quarter: of all runs"
    ),
    number("failures", "share of all runs that fail", "0-1"),
    PARAMETER,
    number("fails_low", "share of runs that fail among those in the lowest third of the number", "0-1"),
    number("fails_high", "share of runs that fail among those in the highest third of the number", "0-1"),
    number("difference", "highest less lowest third", "0-1"),
    number("error", "standard error of the difference", "0-1"),
    *BOX,
    STABILITY,
)
Runs = dict[str, np.ndarray]


def check_bank(settings: StudySettings) -> None:
    """Refuse a study without a bank of the user's own."""
    if settings.bank is None and not settings.members:
        raise StudyFailed("methods on your own bank need one: bank=example, or a file of yours")


@method(check=check_bank, own_breaks=BREAKS)
def own_bank(case: Case) -> Rows:
    """Find out under which conditions the first plan fails.

    A run fails where any floor that the bank sets is fallen below in any year. Where that hardly happens, or nearly
    always does, it fails where it ends behind its kind; where that tells nothing either, in the worst quarter of runs.

    Returns
    -------
    dict
        ``own_breaks``: a row for each uncertain number, the most telling first, in the first future and the hardest.
    """
    names, inputs, outcomes = _drawn_runs(case)
    floor = failed({name: values[..., 0] for name, values in outcomes.items()}, floors(case))
    lead = (outcomes["index"] - outcomes["kind_median"])[:, :, -1, 0]
    labels, rows = list(case.laboratory.scenarios), []
    for s in sorted({0, int(np.argmax(floor.mean(1)))}):
        table = conditions(names, inputs, floor[s], lead[s], case.settings.seed)
        rows += [{"scenario": labels[s], **row} for row in table]
    return {"own_breaks": rows}


def conditions(
    names: tuple[str, ...], inputs: np.ndarray, floor: np.ndarray, lead: np.ndarray, seed: int
) -> list[dict[str, object]]:
    """Rank uncertain numbers by how much they decide about failure, and box the failures in; see `own_bank`.

    Parameters
    ----------
    names : tuple of str
    inputs : ndarray, shape (R, names)
        What each run drew.
    floor : ndarray of bool, shape (R,)
        Whether a floor is fallen below.
    lead : ndarray, shape (R,)
        Points of the index over the median of the kind at the end.
    seed : int
    """
    fails, failure = floor, "floor"
    if not RARE <= fails.mean() <= 1 - RARE:
        fails, failure = lead < 0.0, "behind"
    if not RARE <= fails.mean() <= 1 - RARE:
        fails, failure = lead <= float(quantile(lead, (WORST,))[0]), "worst_quarter"
    box = find_box(inputs, fails)
    stable = stability(box, resamples(inputs, fails, seed))
    rows = []
    for column, name in enumerate(names):
        values = inputs[:, column]
        low, high = quantile(values, (1 / 3, 2 / 3))
        thirds = [fails[values <= low], fails[values >= high]]
        below, above = (float(third.mean()) for third in thirds)
        error = sum(
            share * (1 - share) / len(third) for share, third in zip((below, above), thirds, strict=True)
        )
        bounded = column in box.restricted
        rows.append(
            {
                "failure": failure,
                "failures": float(fails.mean()),
                "parameter": name,
                "fails_low": below,
                "fails_high": above,
                "difference": above - below,
                "error": float(error**0.5),
                "low": max(box.low[column], values.min()) if bounded else np.nan,
                "high": min(box.high[column], values.max()) if bounded else np.nan,
                "range_low": values.min(),
                "range_high": values.max(),
                "coverage": box.coverage,
                "density": box.density,
                "mass": box.mass,
                "stability": stable.get(column, np.nan),
            }
        )
    return sorted(rows, key=lambda row: -abs(row["difference"]))


def _drawn_runs(case: Case) -> tuple[tuple[str, ...], np.ndarray, Runs]:
    """What differs between the runs and how the choices fare in each, arrays (S, R, years, rows).

    The study's own runs will do when each draws its own numbers; else the plans are run again over the ranges that
    calibration starts from.
    """
    laboratory, merged = case.laboratory, case.merged
    if laboratory.calibrated and merged is not None:
        names, inputs = case.drawn
        asked = (*READ, "index", "kind_median")
        outcomes = {
            name: np.concatenate([chunk[f"own/{name}"] for chunk in merged.chunks], axis=1) for name in asked
        }
    else:
        prior = parameters.prior_ensemble(case.settings, 1024)
        names, inputs = prior.paths, prior.drawn(case.settings.seed, case.replicates)
        every = laboratory.every
        outcomes = laboratory.run(every, case.replicates, own_banks, names, inputs)
    followed = np.isfinite(outcomes["index"]).all(axis=(0, 1, 3))
    outcomes = {name: values[:, :, followed] for name, values in outcomes.items()}
    mine = bank_of(case).kind
    other = tuple(f"banks.{kind}." for kind in SMALL_KINDS if kind != mine)
    kept = [c for c, name in enumerate(names) if not name.startswith(other) and np.ptp(inputs[:, c]) > 0]
    if not kept:
        raise StudyFailed("the method own_bank needs at least one number that differs between the runs")
    return tuple(names[c] for c in kept), inputs[:, kept], outcomes


def failed(values: Mapping[str, np.ndarray], floors: Mapping[str, float]) -> np.ndarray:
    """Whether any floor is fallen below in any year; the years are the last axis."""
    parts = breaches(values, floors)
    return np.any([part.any(-1) for part in parts.values()], axis=0)


def run_choices(
    case: Case, choices: Sequence[Choice], *scenarios: Scenario, replicates: Sequence[int] | None = None
) -> Runs:
    """Run choices of the own bank beside each other in some futures.

    Returns
    -------
    dict of ndarray, shape (S, R, years, choices)
        What `experiments.analysis.outcome.own_banks` reads, years followed only.
    """
    account = bank_of(case)
    other: Laboratory = copy(case.laboratory)
    alone = replace(account, asked=(), choices=tuple(choices))
    kept = Recording(outcomes=False, items=False)
    other.worlds = {
        key: replace(world, own_banks=(alone,), recording=kept)
        for key, world in case.laboratory.worlds.items()
    }
    outcomes = other.run(list(scenarios), case.replicates if replicates is None else replicates, own_banks)
    first = len(alone.rows) - len(choices)
    outcomes = {name: values[..., first:] for name, values in outcomes.items()}
    followed = np.isfinite(outcomes["index"]).all(axis=(0, 1, 3))
    return {name: values[:, :, followed] for name, values in outcomes.items()}


def floors(case: Case) -> dict[str, float]:
    """The floors of the study's bank; profit in million yuan."""
    asked = case.settings.bank.floors if case.settings.bank else None
    return floors_of(asked.known if asked else None)


def bank_of(case: Case) -> OwnAccount:
    """The study's bank with its plans."""
    return case.laboratory.world.own_banks[0]
