"""Where the plans of a user's own bank break: which uncertain number decides, and how large a blow they bear."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, Final

import numpy as np

from agents.honeycomb import SMALL_KINDS
from experiments.analysis import parameters
from experiments.analysis.case import Case
from experiments.analysis.discovery import BOX, RARE, STABILITY, WORST, find_box, resamples, stability
from experiments.analysis.laboratory import Laboratory
from experiments.analysis.registry import PARAMETER, Rows, method
from experiments.failure import StudyFailed
from experiments.own_bank.answers import READ, breaches, floors_of
from experiments.results.schema import SCENARIO, number, table, text
from model.own_plan import STILL, Choice, OwnAccount, OwnShock
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
# What strikes the bank alone: unit, and the largest blow that is tried.
DRIVERS: Final[dict[str, tuple[str, float]]] = {
    "margin": ("basis points lower", 150.0),
    "bad_loans": ("basis points of loans higher", 800.0),
    "loss": ("million yuan, once, by assets", 0.04),
    "cost": ("million yuan a year, by assets", 0.01),
}
STEPS: Final = (
    8  # parts into which a round divides what is left between a blow that is borne and one that is not
)
ROUNDS: Final = 3
REVERSE: Final = table(
    "the blow at which one plan falls below one of the bank's floors, in the first future",
    text("plan", "one of the plans, like_its_kind or no_change"),
    text("driver", "margin, bad_loans, loss or cost"),
    text("unit", "of the blow"),
    number(
        "breaks_at", "smallest blow at which half of the runs fail; missing where the largest tried is borne"
    ),
    number("first", "smallest blow at which one run in ten fails; missing likewise"),
    number("largest", "largest blow tried"),
    number("today", "share of runs that fail without a blow", "0-1"),
    text("floor", "the floor that most runs fall below there"),
)
Runs = dict[str, np.ndarray]


@method(own_breaks=BREAKS)
def own_bank(case: Case) -> Rows:
    """Find out under which conditions the first plan fails.

    A run fails where any floor that the bank sets is fallen below in any year. Where that hardly happens, or nearly
    always does, it fails where it ends behind its kind; where that tells nothing either, in the worst quarter of runs.

    Returns
    -------
    dict
        ``own_breaks``: a row for each uncertain number, the most telling first, in the first future and the hardest.
    """
    _bank(case)
    names, inputs, found = _drawn_runs(case)
    floor = failed({name: values[..., 0] for name, values in found.items()}, floors(case))
    lead = (found["index"] - found["kind_median"])[:, :, -1, 0]
    labels, rows = list(case.laboratory.scenarios), []
    for s in sorted({0, int(np.argmax(floor.mean(1)))}):
        told = conditions(names, inputs, floor[s], lead[s], case.settings.seed)
        rows += [{"scenario": labels[s], **row} for row in told]
    return {"own_breaks": rows}


def conditions(
    names: tuple[str, ...], inputs: np.ndarray, floor: np.ndarray, lead: np.ndarray, seed: int
) -> list[dict[str, Any]]:
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
        fails, failure = lead <= float(np.quantile(lead, WORST)), "worst_quarter"
    box = find_box(inputs, fails)
    stable = stability(box, resamples(inputs, fails, seed))
    rows = []
    for column, name in enumerate(names):
        values = inputs[:, column]
        low, high = np.quantile(values, (1 / 3, 2 / 3))
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
        found = {
            name: np.concatenate([chunk[f"own/{name}"] for chunk in merged.chunks], axis=1) for name in asked
        }
    else:
        prior = parameters.prior_ensemble(case.settings, 1024)
        names, inputs = prior.paths, prior.drawn(case.settings.seed, case.replicates)
        every = list(laboratory.scenarios.values())
        found = laboratory.run(every, case.replicates, "own_banks", names, inputs)
    followed = np.isfinite(found["index"]).all(axis=(0, 1, 3))
    found = {name: values[:, :, followed] for name, values in found.items()}
    mine = _bank(case).kind
    other = tuple(f"banks.{kind}." for kind in SMALL_KINDS if kind != mine)
    kept = [c for c, name in enumerate(names) if not name.startswith(other) and np.ptp(inputs[:, c]) > 0]
    if not kept:
        raise StudyFailed("the method own_bank needs at least one number that differs between the runs")
    return tuple(names[c] for c in kept), inputs[:, kept], found


def failed(values: Mapping[str, np.ndarray], floors: Mapping[str, float]) -> np.ndarray:
    """Whether any floor is fallen below in any year; the years are the last axis."""
    parts = breaches(values, floors)
    return np.any([part.any(-1) for part in parts.values()], axis=0)


@method(own_reverse=REVERSE)
def own_reverse(case: Case) -> Rows:
    """Find the blow at which each plan breaks: a lower margin, more bad loans, a loss, a cost, of this bank alone.

    What lies between a blow that is borne and one that is not is divided again and again; all meet the same luck.

    Returns
    -------
    dict
        ``own_reverse``: a row for each plan and driver.
    """
    account, rows = _bank(case), []
    plans = account.rows[: len(account.plans or (account.lead,)) + 2]
    scenario = next(iter(case.laboratory.scenarios.values()))
    limits = floors(case)
    ends = {(plan.name, driver): (0.0, 1.0, 0.0, 1.0) for plan in plans for driver in DRIVERS}
    today: dict[str, float] = {}
    seen: dict[tuple[str, str, float], dict[str, float]] = {}
    for turn in range(ROUNDS):
        tried = {
            key: sorted(
                {*np.linspace(low, high, STEPS + 1), *np.linspace(early, late, STEPS + 1 if turn else 1)}
            )
            for key, (low, high, early, late) in ends.items()
        }
        choices = [
            (key, size, _struck(plan, key[1], size, account))
            for plan in plans
            for key in tried
            if key[0] == plan.name
            for size in tried[key]
            if (*key, size) not in seen
        ]
        found = run_choices(case, [choice for _, _, choice in choices], scenario)
        for row, (key, size, _) in enumerate(choices):
            values = {name: part[0, :, :, row] for name, part in found.items()}
            budget = found["technology_spending"][0, :, :, 0] if key[0] == STILL else 0.0
            parts = breaches(values, limits, budget)
            share = {name: float(part.any(-1).mean()) for name, part in parts.items()}
            share["any"] = float(np.any([part.any(-1) for part in parts.values()], axis=0).mean())
            seen[(*key, size)] = share
        for key in ends:
            mine = sorted((size, share["any"]) for (*one, size), share in seen.items() if tuple(one) == key)
            ends[key] = (*_between(mine, 0.5), *_between(mine, 0.1))
            today[key[0]] = mine[0][1]
    for (plan, driver), (_, high, _, early) in ends.items():
        unit, most = DRIVERS[driver]
        scale = 1e-6 * account.assets * most if driver in ("loss", "cost") else most
        breaks = {size: share for (p, d, size), share in seen.items() if (p, d) == (plan, driver)}
        at_end = breaks[high]
        worst = max((name for name in at_end if name != "any"), key=lambda name: at_end[name])
        rows.append(
            {
                "plan": plan,
                "driver": driver,
                "unit": unit.partition(", by")[0],
                "breaks_at": scale * high if at_end["any"] >= 0.5 else np.nan,
                "first": scale * early if breaks[early]["any"] >= 0.1 else np.nan,
                "largest": scale,
                "today": today[plan],
                "floor": worst if at_end[worst] > 0 else "",
            }
        )
    return {"own_reverse": rows}


def _between(tried: Sequence[tuple[float, float]], share: float) -> tuple[float, float]:
    """The largest blow at which fewer runs fail, and the smallest at which that share does, or the largest tried."""
    high = next((size for size, failing in tried if failing >= share), tried[-1][0])
    return max((size for size, _ in tried if size < high), default=0.0), high


def _struck(plan: Choice, driver: str, size: float, account: OwnAccount) -> Choice:
    """A plan with a blow, as a part of the largest."""
    most = size * DRIVERS[driver][1]
    value = {
        "margin": -0.01 * most,
        "bad_loans": 0.01 * most,
        "loss": 1e-6 * account.assets * most,
        "cost": 1e-6 * account.assets * most,
    }[driver]
    return replace(plan, name=f"{plan.name}/{driver}/{size:.9f}", shock=OwnShock(**{driver: value}))


def run_choices(
    case: Case, choices: Sequence[Choice], *scenarios: Scenario, replicates: Sequence[int] | None = None
) -> Runs:
    """Run choices of the own bank beside each other in some futures.

    Returns
    -------
    dict of ndarray, shape (S, R, years, choices)
        What `experiments.analysis.outcome.own_banks` reads, years followed only.
    """
    account = _bank(case)
    other: Laboratory = copy(case.laboratory)
    alone = replace(account, asked=(), choices=tuple(choices))
    kept = Recording(outcomes=False, items=False)
    other.worlds = {
        key: replace(world, own_banks=(alone,), recording=kept)
        for key, world in case.laboratory.worlds.items()
    }
    found = other.run(list(scenarios), case.replicates if replicates is None else replicates, "own_banks")
    first = len(alone.rows) - len(choices)
    found = {name: values[..., first:] for name, values in found.items()}
    followed = np.isfinite(found["index"]).all(axis=(0, 1, 3))
    return {name: values[:, :, followed] for name, values in found.items()}


def floors(case: Case) -> dict[str, float]:
    """The floors of the study's bank; profit in million yuan."""
    asked = case.settings.bank.floors if case.settings.bank else None
    return floors_of(asked.known if asked else None)


def _bank(case: Case) -> OwnAccount:
    if not case.laboratory.world.own_banks:
        raise StudyFailed("this method needs a bank of your own, for instance bank=example")
    return case.laboratory.world.own_banks[0]
