"""What an effect depends on: Morris screens all parameters, Sobol indices weigh the few that matter."""

from typing import Any, Final

import numpy as np

from experiments.analysis import parameters
from experiments.analysis.case import Case
from experiments.analysis.outcome import pick
from experiments.analysis.parameters import Parameter
from experiments.analysis.registry import KIND, OUTCOME, PARAMETER, Frames, frame, method
from experiments.failure import StudyFailed
from experiments.results.schema import OWN_UNIT, SCENARIO, number, table, with_ends

KEPT = 8  # parameters that go on to Sobol
SWINGS = 4  # seeds behind each end of a swing
TRAJECTORIES = 10
SMALLEST, LARGEST = 8, 1024  # base samples of Sobol
SEED = Parameter("seed", 0.0, 0.0, 1.0)
SEEDS = 1 << 16
TABLE: Final = table(
    "how the effect in focus depends on one parameter",
    SCENARIO,
    PARAMETER,
    number("low", "effect at the lower end of the parameter's range, mean of a few seeds", OWN_UNIT),
    number("high", "effect at the upper end of the parameter's range, mean of a few seeds", OWN_UNIT),
    number("centre", "effect with every parameter at its central value", OWN_UNIT),
    number("mu_star", "mean absolute elementary effect (Morris)", OWN_UNIT),
    number("mu_star_error", "half-width of its 90 % interval", OWN_UNIT),
    number("sigma", "standard deviation of elementary effects", OWN_UNIT),
    with_ends("first", "Sobol index of first order", "0-1"),
    with_ends("total", "Sobol index of total order", "0-1"),
    number("seed_noise", "share of variance that the seed takes part in", "0-1"),
    number("base_samples", "base samples of the Sobol design"),
    OUTCOME,
    KIND,
)


@method(needs="SALib", extra="sensitivity", sensitivity=TABLE)
def sensitivity(case: Case) -> Frames:
    """Sensitivity of the effect in focus to behaviour and to the strength of its policies.

    The seed is a factor like any other, so its total index is the share of the variance that luck takes part in: the
    floor below which no index means anything.

    Returns
    -------
    dict
        ``sensitivity``: a row a parameter, in the order of Morris' mu*. ``low``, ``high``: the effect at either end
        of the parameter's range (mean of a few seeds); ``mu_star``, ``sigma``: elementary effects over the whole
        range; ``first``, ``total`` with 90 % bootstrap intervals for the parameters that passed the screen, NaN for
        the others, which Sobol holds at their central values.
    """
    try:
        from SALib.analyze import morris as morris_indices
        from SALib.analyze import sobol as sobol_indices
        from SALib.sample import sobol as sobol_sample
        from SALib.sample.morris import sample as morris_sample
    except ImportError as error:
        raise StudyFailed("sensitivity needs SALib, which `make dev-env` installs") from error
    every = uncertain(case)
    seed, budget = case.settings.seed % 2**32, case.settings.analysis.runs
    trajectories = max(2, min(TRAJECTORIES, budget // (6 * (len(every) + 1))))
    unit = morris_sample(_problem(every), trajectories, num_levels=4, seed=seed)
    screened = morris_indices.analyze(
        _problem(every), unit, effects_at(case, every, unit), num_levels=4, conf_level=0.9, seed=seed
    )
    order = np.argsort(-np.nan_to_num(screened["mu_star"]), kind="stable")
    few = (*(every[k] for k in order[:KEPT]), SEED)
    swings = one_at_a_time(case, every, max(1, min(SWINGS, budget // (6 * (2 * len(every) + 1)))))
    spent = 2 * len(unit) + 4 * SWINGS * len(every)
    base = base_samples(case.settings.replicates, budget - spent, len(few))
    unit = sobol_sample.sample(_problem(few), base, calc_second_order=False, seed=seed)
    effect = effects_at(case, few, unit)
    weighed = _weigh(sobol_indices, few, effect, seed)
    floor = weighed.get("seed", {}).get("total", np.nan)
    of = {"scenario": case.focus, "outcome": case.outcome, "bank_kind": case.kind, "base_samples": base}
    rows = []
    for k in order:
        name = every[k].name
        screen = {"mu_star": screened["mu_star"][k], "mu_star_error": screened["mu_star_conf"][k]}
        screen |= {"sigma": screened["sigma"][k], "seed_noise": floor}
        rows.append({**of, "parameter": name, **swings[name], **screen, **weighed.get(name, {})})
    return {"sensitivity": frame(rows, TABLE)}


def uncertain(case: Case) -> tuple[Parameter, ...]:
    """Behaviour, and the strength of every policy in the scenario in focus and its baseline."""
    pair = [case.scenario(case.focus), case.scenario(case.pairs[case.focus])]
    return (*case.laboratory.parameters, *parameters.strengths(pair))


def _problem(chosen: tuple[Parameter, ...]) -> dict[str, Any]:
    return {"num_vars": len(chosen), "names": [p.name for p in chosen], "bounds": [[0.0, 1.0]] * len(chosen)}


def base_samples(replicates: int, runs: int, factors: int) -> int:
    """Base samples of Sobol, a power of two: what the runs pay for, and at most half the study's replicates."""
    paid = runs // (2 * (factors + 2))
    number = max(SMALLEST, min(paid, replicates // 2, LARGEST))
    return 1 << (number.bit_length() - 1)


def effects_at(case: Case, chosen: tuple[Parameter, ...], unit: np.ndarray) -> np.ndarray:
    """Paired effect in focus at points of the unit cube, shape (points,)."""
    seeds = [0] * len(unit)
    if chosen[-1] is SEED:
        seeds = [int(place) for place in np.minimum(unit[:, -1] * SEEDS, SEEDS - 1)]
        chosen, unit = chosen[:-1], unit[:, :-1]
    pair = [case.scenario(case.pairs[case.focus]), case.scenario(case.focus)]
    fixed = [p for p in uncertain(case) if p not in chosen]
    middle = np.tile([p.centre for p in fixed], (len(unit), 1))
    rows = np.column_stack([parameters.scaled(chosen, unit), middle])
    names = tuple(p.name for p in (*chosen, *fixed))
    values = case.laboratory.run(pair, seeds, names=names, rows=rows)["values"]
    found = pick(values, case.outcome, case.kind)
    return np.asarray(found[1] - found[0])


def one_at_a_time(case: Case, every: tuple[Parameter, ...], seeds: int) -> dict[str, dict[str, float]]:
    """Effect at either end of each parameter, all others at the centre, mean of some seeds."""
    centre = [(p.centre - p.low) / (p.high - p.low) if p.high > p.low else 0.5 for p in every]
    points = np.tile(centre, (2 * len(every) + 1, 1))
    for k in range(len(every)):
        points[2 * k, k], points[2 * k + 1, k] = 0.0, 1.0
    luck = np.tile(np.arange(seeds) / SEEDS, len(points))
    unit = np.column_stack([np.repeat(points, seeds, axis=0), luck])
    effect = effects_at(case, (*every, SEED), unit).reshape(len(points), seeds).mean(1)
    return {
        p.name: {"low": effect[2 * k], "high": effect[2 * k + 1], "centre": effect[-1]}
        for k, p in enumerate(every)
    }


def _weigh(
    indices: Any, few: tuple[Parameter, ...], effect: np.ndarray, seed: int
) -> dict[str, dict[str, float]]:
    """First and total order with bootstrap intervals; nothing where the effect never varies."""
    if np.ptp(effect) == 0:
        return {}
    found = indices.analyze(
        _problem(few), effect, calc_second_order=False, num_resamples=200, conf_level=0.9, seed=seed
    )
    return {
        p.name: {
            f"{order}{end}": float(found[key][k] + sign * found[f"{key}_conf"][k])
            for order, key in (("first", "S1"), ("total", "ST"))
            for end, sign in (("", 0), ("_low", -1), ("_high", 1))
        }
        for k, p in enumerate(few)
    }
