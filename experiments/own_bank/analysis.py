"""Analyses of the own bank: where its plan breaks, what share of revenue keeps it up, whether to hire or to train."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from agents.honeycomb import KINDS, TALENTS
from experiments.analysis import parameters
from experiments.analysis.case import Case
from experiments.analysis.discovery import BOX, RARE, STABILITY, WORST, find_box, resamples, stability
from experiments.analysis.laboratory import Laboratory
from experiments.analysis.outcome import own_ends
from experiments.analysis.registry import EFFECT, PARAMETER, PROBABILITY, Frames, frame, method
from experiments.config.bank import BankSettings, Staff
from experiments.failure import StudyFailed
from experiments.results.schema import SCENARIO, number, table, text, with_ends
from experiments.results.statistics import interval, probability
from model.own_bank import VARIANTS

TIMES = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)  # times the bank's own share
SMALLEST, LARGEST = 0.001, 0.5  # what the bank's file may say
HIRED = (0.0, 0.25, 0.5, 1.0)  # more people in every role, over the bank's own number
TRAINED = (0.0, 0.15, 0.3)  # technologists who become composite people, over all technologists
LARGEST_ROLE = 0.6  # of all staff in one role, as the bank's file allows
KEEPS_UP: Final = number(
    "keeps_up", "share of runs in which the own bank's index ends at or above the median of its kind", "0-1"
)
EXHAUSTED: Final = number(
    "exhausted", "share of runs in which its budget does not cover its running cost in the last year", "0-1"
)
BREAKS: Final = table(
    "how one parameter decides about the failure of the own bank's plan in one scenario",
    SCENARIO,
    text("failure", "behind_or_exhausted, or worst_quarter: among the worst quarter of runs"),
    number("behind", "share of runs in which the own bank's index ends below the median of its kind", "0-1"),
    EXHAUSTED,
    number("failures", "share of all runs that fail", "0-1"),
    number(
        "threshold", "lead over the median of the kind at and below which a run is among the worst", "points"
    ),
    PARAMETER,
    number("fails_low", "share of runs that fail among those in the lowest third of the parameter", "0-1"),
    number("fails_high", "share of runs that fail among those in the highest third of the parameter", "0-1"),
    number("difference", "highest less lowest third", "0-1"),
    number("error", "standard error of the difference", "0-1"),
    *BOX,
    STABILITY,
)
SHARE: Final = table(
    "how the own bank's plan ends in one scenario at one share of revenue",
    SCENARIO,
    number("spend_ratio", "technology spending over revenue at the start", "0-1"),
    number("own", "1 at the bank's own number"),
    KEEPS_UP,
    number(
        "holds_place", "share of runs in which it leaves no fewer of its kind behind than at the start", "0-1"
    ),
    EXHAUSTED,
    with_ends("index", "index of the own bank in the last quarter", "points"),
)
STAFF: Final = table(
    "how the own bank's plan ends with one staff, in the first scenario",
    number("people", "technologists, data and composite people over all staff", "percent"),
    number("hired", "more people in every role over the present number", "0-1"),
    number("trained", "technologists who become composite people over all technologists", "0-1"),
    EFFECT,
    PROBABILITY,
    KEEPS_UP,
)


@method(own_bank_breaks=BREAKS)
def own_bank(case: Case) -> Frames:
    """Find out how often the plan fails, and under which conditions.

    A run fails where the index ends below the median of its kind (``behind``) or the budget does not cover what must be
    kept running in any quarter of the last year (``exhausted``). Where that hardly happens, or nearly always does, the
    conditions are those of the worst quarter of the runs by distance to the median instead.

    Returns
    -------
    dict
        ``own_bank_breaks``: a row for each scenario and parameter, the most telling first. ``fails_low`` and
        ``fails_high``: share of runs that fail in its lowest and highest third; ``error``: standard error of their
        difference; ``low`` and ``high``: its bounds in the box that holds most failures, missing where it is free.
    """
    _bank(case, "own_bank")
    names, inputs, ends = _runs(case)
    rows: list[dict[str, Any]] = []
    for s, label in enumerate(case.laboratory.scenarios):
        end = {key: value[s] for key, value in ends.items()}
        found = conditions(names, inputs, end, case.settings.seed)
        rows += [{"scenario": label, **row} for row in found]
    return {"own_bank_breaks": frame(rows, BREAKS)}


def conditions(
    names: tuple[str, ...], inputs: np.ndarray, end: Mapping[str, np.ndarray], seed: int
) -> list[dict[str, Any]]:
    """Rank parameters by how much they decide about failure, and box the failures in; see `own_bank`.

    Parameters
    ----------
    names : tuple of str
    inputs : ndarray, shape (R, names)
        What each run drew.
    end : mapping of str to ndarray, shape (R,)
        ``lead`` over the median of the kind, points, and whether the budget was ``exhausted``.
    seed : int
    """
    behind, exhausted = end["lead"] < 0.0, end["exhausted"] > 0.0
    fails, failure, threshold = behind | exhausted, "behind_or_exhausted", 0.0
    if not RARE <= fails.mean() <= 1 - RARE:
        failure, threshold = "worst_quarter", float(np.quantile(end["lead"], WORST))
    shares = {"behind": behind.mean(), "exhausted": exhausted.mean(), "failures": fails.mean()}
    fails = fails if failure != "worst_quarter" else end["lead"] <= threshold
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
                "threshold": threshold,
                **{key: float(share) for key, share in shares.items()},
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


def _runs(case: Case) -> tuple[tuple[str, ...], np.ndarray, dict[str, np.ndarray]]:
    """What differs between the runs, and how the plan ends in each; arrays (S, R).

    The study's own runs will do when each draws its own parameters. Else the plan is run again over the ranges that
    calibration starts from.
    """
    laboratory, kind = case.laboratory, _bank(case, "own_bank").kind
    ensemble = laboratory.world.ensemble
    varied = ensemble is not None and laboratory.calibrated and len(np.unique(ensemble.members, axis=0)) > 1
    if varied and case.merged is not None:
        names, inputs = case.drawn
        parts = [
            own_ends({name: chunk[f"own/{name}"] for name in ("index", "kind_median", "budget_exhausted")})
            for chunk in case.merged.chunks
        ]
        ends = {key: np.concatenate([part[key] for part in parts], axis=1) for key in parts[0]}
    else:
        prior = parameters.prior_ensemble(case.settings, 1024)
        names, inputs = prior.paths, prior.drawn(case.settings.seed, case.replicates)
        every = list(laboratory.scenarios.values())
        ends = laboratory.run(every, case.replicates, "own_bank", names, inputs)
    other = tuple(f"banks.{k}." for k in KINDS if k != kind)
    kept = [c for c, name in enumerate(names) if not name.startswith(other) and np.ptp(inputs[:, c]) > 0]
    return tuple(names[c] for c in kept), inputs[:, kept], ends


@method(own_share=SHARE)
def own_share(case: Case) -> Frames:
    """Run the plan at several shares of revenue, in every future without a policy.

    Returns
    -------
    dict
        ``own_share``: a row for each scenario and share. ``spend_ratio``: technology spending over revenue at the
        start; ``own``: 1 at the bank's own share; ``keeps_up``: share of runs in which the index ends at or above the
        median of the kind; ``holds_place``: in which the bank leaves no fewer of its kind behind than at the start;
        ``exhausted``: in which the budget of the last year does not cover what must be kept running.
    """
    bank = _bank(case, "own_share")
    every = case.laboratory.scenarios
    futures = [label for label, scenario in every.items() if not scenario.policies] or list(every)[:1]
    today = bank.spend_ratio or _today(case)
    rows: list[dict[str, Any]] = []
    for share in dict.fromkeys(float(np.clip(today * times, SMALLEST, LARGEST)) for times in TIMES):
        other = with_bank(case, {"spend_ratio": share})
        found = other.run([other.scenarios[label] for label in futures], case.replicates, "own_plan")
        for s, label in enumerate(futures):
            end = {key: value[s] for key, value in found.items()}
            told = {
                "keeps_up": end["lead"] >= 0,
                "holds_place": end["moved"] >= 0,
                "exhausted": end["exhausted"] > 0,
            }
            rows.append(
                {"scenario": label, "spend_ratio": share, "own": float(share == today)}
                | {key: float(value.mean()) for key, value in told.items()}
                | interval(end["index"], "index")
            )
    rows.sort(key=lambda row: futures.index(row["scenario"]))
    return {"own_share": frame(rows, SHARE)}


def with_bank(case: Case, changed: dict[str, Any]) -> Laboratory:
    """The laboratory of the same study with other numbers of the own bank; they hold for all its variants."""
    bank = _bank(case, "own_share").model_copy(update=changed)
    return Laboratory(case.settings.model_copy(update={"bank": bank}), case.laboratory.store)


def _today(case: Case) -> float:
    """Share of revenue that a bank without one of its own starts with: the median over the runs of the study."""
    assert case.merged is not None
    plan = VARIANTS.index("plan")
    seen = np.concatenate([chunk["own/spend_ratio"][0, :, :, plan] for chunk in case.merged.chunks])
    first = np.isfinite(seen).any(0).argmax()
    return float(np.median(seen[:, first])) / 100.0


@method(own_staff=STAFF)
def own_staff(case: Case) -> Frames:
    """Run the plan with other staffs: more people, more of them composite, and both.

    The new staff is there on the first day and the bank goes on wanting it, so that vacancies are filled and leavers
    replaced as the model has it. Pay is not in the model: set the gain against what the people cost you.

    Returns
    -------
    dict
        ``own_staff``: a row for each staff in the first scenario; no row where the bank's file leaves its staff to its
        kind. ``people``: technologists, data and composite people, percent of all staff; ``effect``: index in the last
        quarter less the same run's with the bank's own staff.
    """
    bank = _bank(case, "own_staff")
    staff, first = bank.staff, next(iter(case.laboratory.scenarios.values()))
    if staff is None or len(staff.known) < len(TALENTS):
        return {"own_staff": frame([], STAFF)}
    rows: list[dict[str, Any]] = []
    own = None
    for hired in HIRED:
        for trained in TRAINED:
            mix = mixed(staff, hired, trained)
            if mix is None:
                continue
            found = with_bank(case, {"staff": mix}).run([first], case.replicates, "own_plan")
            own = found["index"][0] if own is None else own
            effect = found["index"][0] - own
            people = 100.0 * sum(mix.known.values())
            rows.append(
                {"people": people, "hired": hired, "trained": trained, "probability": probability(effect)}
                | {"keeps_up": float((found["lead"][0] >= 0).mean()), **interval(effect)}
            )
    return {"own_staff": frame(rows, STAFF)}


def mixed(staff: Staff, hired: float, trained: float) -> Staff | None:
    """A staff with more people in every role, and a part of the technologists turned into composite people.

    Parameters
    ----------
    staff : Staff
    hired : float
        More people, over the present number.
    trained : float
        Technologists who become composite people, over all technologists, 0-1.

    Returns
    -------
    Staff or None
        None where a role would hold more of the staff than a bank's file may say.
    """
    more, now = 1.0 + hired, staff.known
    roles = {
        "technologists": more * now["technologists"] * (1.0 - trained),
        "data": more * now["data"],
        "composite": more * (now["composite"] + trained * now["technologists"]),
    }
    fits = max(roles.values()) <= LARGEST_ROLE and sum(roles.values()) <= 1.0
    return Staff(**roles) if fits else None


def _bank(case: Case, method: str) -> BankSettings:
    if case.settings.bank is None:
        raise StudyFailed(f"the method {method} needs a bank of your own, for instance bank=example")
    return case.settings.bank
