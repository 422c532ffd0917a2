"""Sensitivity: how much of an effect's spread is ignorance and luck, which parameters matter, and which assumptions.

Morris screens parameters and choices, Sobol indices weigh the few that matter by quarter. A choice is an assumption
with a handful of options: how banks divide their money, which layers of the network there are, and the environment. It
is a factor like a number; its place on 0-1 picks the option. A judgement that nothing samples is moved by itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

from agents.honeycomb import SMALL_KINDS
from experiments.analysis import parameters
from experiments.analysis.laboratory import Case, Laboratory, check_focus
from experiments.analysis.outcome import complete_measures, path, pick
from experiments.analysis.parameters import Parameter
from experiments.analysis.registry import ASKED, KIND, PARAMETER, Row, Rows, estimated, method
from experiments.config.assembly import environment
from experiments.config.errors import failure
from experiments.config.numbers import content
from experiments.config.study import StudySettings
from experiments.config.tree import freeze
from experiments.results.schema import OWN_UNIT, QUARTER, SCENARIO, number, table, text, with_ends
from experiments.results.statistics import CRITICAL, estimate
from model import calendar
from model.world import Scenario

KEPT = 8  # parameters that go on to Sobol
SWINGS = 4  # seeds behind each end of a swing
TRAJECTORIES, LEVELS = 10, 4
SMALLEST, LARGEST = 8, 1024  # base samples of Sobol
SEED = Parameter("seed", 0.0, 0.0, 1.0)
SEEDS = 1 << 16
CHOICES: Final = MappingProxyType(
    {
        "allocation": ("fixed_plan", "satisficing", "reinforcement", "return_maximising"),
        "network": ("no_partners", "rewired", "partnerships"),
        "environment": ("mild", "central", "severe"),
    }
)
"""Assumptions that are factors beside numbers, with their options in order."""
SOBOL: Final = (
    *with_ends("first", "Sobol index of first order", "0-1"),
    *with_ends("total", "Sobol index of total order", "0-1"),
)
SENSITIVITY: Final = table(
    "how the effect in focus depends on one parameter",
    SCENARIO,
    PARAMETER,
    number("low", "effect at the lower end of the parameter's range, mean of a few seeds", OWN_UNIT),
    number("high", "effect at the upper end of the parameter's range, mean of a few seeds", OWN_UNIT),
    number("centre", "effect with every parameter at its central value", OWN_UNIT),
    number("mu_star", "mean absolute elementary effect (Morris)", OWN_UNIT),
    number("mu_star_error", "half-width of its 90 % interval", OWN_UNIT),
    number("sigma", "standard deviation of elementary effects", OWN_UNIT),
    SOBOL,
    number("seed_noise", "share of variance that the seed takes part in", "0-1"),
    number("base_samples", "base samples of the Sobol design"),
    ASKED,
)

BY_QUARTER: Final = table(
    "share of one parameter in the variance of the effect in focus in one quarter",
    SCENARIO,
    PARAMETER,
    QUARTER,
    SOBOL,
    number("told", "1 where the interval of the total index leaves zero out; 0: not told from zero"),
    number("seed_noise", "share of variance that the seed takes part in", "0-1"),
    ASKED,
)


@method(
    needs="SALib",
    extra="sensitivity",
    check=check_focus,
    sensitivity=SENSITIVITY,
    sensitivity_path=BY_QUARTER,
)
def sensitivity(case: Case) -> Rows:
    """Sensitivity of the effect in focus to behaviour, the strength of its policies, and choices (`CHOICES`).

    The seed is a factor like any other, so its total index is the share of the variance that luck takes part in: the
    floor below which no index means anything.

    Returns
    -------
    dict
        ``sensitivity``: a row a parameter or choice, in the order of Morris' mu*. ``low``, ``high``: the effect at
        either end of the parameter's range, or with the first and last option (mean of a few seeds); ``mu_star``,
        ``sigma``: elementary effects over the whole range, or of another option; ``first``, ``total`` with 90 %
        bootstrap intervals for the choices and the parameters that passed the screen, NaN for the others, which Sobol
        holds at their central values. ``sensitivity_path``: the indices in every quarter in which the effect varies.
    """
    from SALib.analyze import sobol as sobol_indices
    from SALib.sample import sobol as sobol_sample
    from SALib.sample.morris import sample as morris_sample

    every = uncertain(case)
    seed, budget = case.settings.seed % 2**32, case.settings.analysis.runs
    trajectories = max(2, min(TRAJECTORIES, budget // (6 * (len(every) + 1))))
    unit = morris_sample(_problem(every), trajectories, num_levels=LEVELS, seed=seed)
    screened = elementary(every, unit, last(effects_at(case, every, unit)), seed)
    order = np.argsort(-np.nan_to_num(screened["mu_star"]), kind="stable")
    few = (*(every[k] for k in order if every[k].name in CHOICES or k in order[:KEPT]), SEED)
    swings = one_at_a_time(case, every, max(1, min(SWINGS, budget // (6 * (2 * len(every) + 1)))))
    spent = 2 * len(unit) + 4 * SWINGS * len(every)
    base = base_samples(case.settings.replicates, budget - spent, len(few))
    unit = sobol_sample.sample(_problem(few), base, calc_second_order=False, seed=seed)
    paths = effects_at(case, few, unit).T
    quarters = range(calendar.index(case.settings.start), calendar.index(case.settings.end) + 1)
    by_quarter = {
        calendar.name(quarter): _weigh(sobol_indices, few, effect, seed)
        for quarter, effect in zip(quarters, paths, strict=True)
        if np.isfinite(effect).all()
    }
    weighed = list(by_quarter.values())[-1]
    floor = weighed.get("seed", {}).get("total", np.nan)
    of = {"scenario": case.focus, "base_samples": base}
    rows: list[Row] = []
    for k in order:
        name = every[k].name
        screen = {column: values[k] for column, values in screened.items()} | {"seed_noise": floor}
        rows.append({**of, "parameter": name, **swings[name], **screen, **weighed.get(name, {})})
    by_year = [
        {**of, "parameter": name, "quarter": quarter, **line, "told": float(line["total_low"] > 0),
         "seed_noise": by_options["seed"]["total"]}
        for quarter, by_options in by_quarter.items()
        for name, line in by_options.items()
    ]  # fmt: skip
    return {"sensitivity": rows, "sensitivity_path": by_year}


def elementary(
    every: tuple[Parameter, ...], unit: np.ndarray, effect: np.ndarray, seed: int
) -> dict[str, np.ndarray]:
    """Morris' measures of a design: an effect over the whole range of a number, and of a choice that of another option.

    A step of the design is part of a range, by which the effect is divided; an option is had whole.
    """
    from SALib.analyze import morris

    results = morris.analyze(_problem(every), unit, effect, num_levels=LEVELS, conf_level=0.9, seed=seed)
    step = np.array([LEVELS / (2 * (LEVELS - 1)) if one.name in CHOICES else 1.0 for one in every])
    measures = {"mu_star": "mu_star", "mu_star_error": "mu_star_conf", "sigma": "sigma"}
    return {column: step * results[name] for column, name in measures.items()}


def uncertain(case: Case) -> tuple[Parameter, ...]:
    """Behaviour, the strength of every policy in the scenario in focus and its baseline, and the choices."""
    pair = case.pair(case.focus)[::-1]
    made = made_choices(case)
    chosen = [
        Parameter(name, 0.0, (options.index(made[name]) + 0.5) / len(options), 1.0)
        for name, options in CHOICES.items()
        if made[name] in options
    ]
    return (*case.laboratory.parameters, *parameters.strengths(pair), *chosen)


def made_choices(case: Case) -> dict[str, str]:
    """What the study itself chose; none where a scenario of the pair assumes something else than the study."""
    files = case.settings.choices
    focus = case.settings.scenario(case.focus)
    made = {name: str(files.get(name, "")) for name in ("allocation", "network")}
    assumed = focus.assumptions or case.settings.scenario(focus.baseline).assumptions
    return {**(dict.fromkeys(made, "") if assumed else made), "environment": focus.environment_name}


def under(case: Case, options: tuple[str, ...]) -> tuple[Laboratory, list[Scenario]]:
    """A laboratory and the pair in focus under some options of `CHOICES`; the study's own where they are its own."""
    made = made_choices(case)
    changed = {name: option for name, option in zip(CHOICES, options, strict=True) if option != made[name]}
    pair = case.pair(case.focus)
    if "environment" in changed:
        name, series = changed.pop("environment"), case.settings.scenario(case.focus).series
        tree = freeze({**content("environments/shared/outturn"), **content(f"environments/{name}")})
        pair = [replace(one, environment=environment(name, tree, series)) for one in pair]
    if not changed:
        return case.laboratory, pair
    return case.assuming([f"{name}={option}" for name, option in changed.items()]), pair


def _problem(chosen: tuple[Parameter, ...]) -> dict[str, object]:
    return {"num_vars": len(chosen), "names": [p.name for p in chosen], "bounds": [[0.0, 1.0]] * len(chosen)}


def base_samples(replicates: int, runs: int, factors: int) -> int:
    """Base samples of Sobol, a power of two: what the runs pay for, and at most half the study's replicates."""
    paid = runs // (2 * (factors + 2))
    number = max(SMALLEST, min(paid, replicates // 2, LARGEST))
    return 1 << (number.bit_length() - 1)


def effects_at(case: Case, chosen: tuple[Parameter, ...], unit: np.ndarray) -> np.ndarray:
    """Paired effect in focus at points of the unit cube, shape (points, quarters); NaN where it is not taken."""
    seeds = [0] * len(unit)
    if chosen[-1] is SEED:
        seeds = [int(place) for place in np.minimum(unit[:, -1] * SEEDS, SEEDS - 1)]
        chosen, unit = chosen[:-1], unit[:, :-1]
    fixed = [p for p in uncertain(case) if p not in chosen]
    middle = np.tile([p.centre for p in fixed], (len(unit), 1))
    rows = np.column_stack([parameters.scaled(chosen, unit), middle])
    names = [p.name for p in (*chosen, *fixed)]
    numbers = [place for place, name in enumerate(names) if name not in CHOICES]
    kept = tuple(names[place] for place in numbers)
    effects: dict[int, np.ndarray] = {}
    reading = partial(path, variable=case.outcome, kind=case.kind)
    for options, places in by_options(case, names, rows).items():
        laboratory, pair = under(case, options)
        seeded = [seeds[place] for place in places]
        paths = laboratory.run(pair, seeded, reading, kept, rows[np.ix_(places, numbers)])["path"]
        effects |= dict(zip(places, paths[1] - paths[0], strict=True))
    return np.stack([effects[place] for place in range(len(unit))])


def last(paths: np.ndarray) -> np.ndarray:
    """The last quarter in which an effect is taken, (points,)."""
    return np.asarray(paths[:, np.isfinite(paths).all(0)][:, -1])


def by_options(case: Case, names: Sequence[str], rows: np.ndarray) -> dict[tuple[str, ...], np.ndarray]:
    """Points that share their options, by these; a choice that is no factor stays as the study made it."""
    made = pd.DataFrame(made_choices(case), range(len(rows)), [*CHOICES])
    for name, options in CHOICES.items():
        if name in names:
            place = np.minimum((rows[:, names.index(name)] * len(options)).astype(int), len(options) - 1)
            made[name] = np.array(options)[place]
    groups: dict[Any, Any] = made.groupby([*CHOICES]).indices
    return groups


def one_at_a_time(case: Case, every: tuple[Parameter, ...], seeds: int) -> dict[str, dict[str, float]]:
    """Effect at either end of each parameter, all others at the centre, mean of some seeds."""
    centre = [(p.centre - p.low) / (p.high - p.low) if p.high > p.low else 0.5 for p in every]
    points = np.tile(centre, (2 * len(every) + 1, 1))
    for k in range(len(every)):
        points[2 * k, k], points[2 * k + 1, k] = 0.0, 1.0
    luck = np.tile(np.arange(seeds) / SEEDS, len(points))
    unit = np.column_stack([np.repeat(points, seeds, axis=0), luck])
    effect = last(effects_at(case, (*every, SEED), unit)).reshape(len(points), seeds).mean(1)
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
    results = indices.analyze(
        _problem(few), effect, calc_second_order=False, num_resamples=200, conf_level=0.9, seed=seed
    )
    return {
        p.name: {
            f"{order}{end}": float(results[key][k] + sign * results[f"{key}_conf"][k])
            for order, key in (("first", "S1"), ("total", "ST"))
            for end, sign in (("", 0), ("_low", -1), ("_high", 1))
        }
        for k, p in enumerate(few)
    }


# --- ignorance and luck

# Seeds of each parameter vector, few: many vectors tell the share of assumptions, each needs only some luck of its own.
CROSSED = 3
FEWEST = 5  # runs: with fewer the normal interval that is asked for means nothing
SHARES: Final = table(
    "how the variance of one paired effect divides between parameters and seeds",
    SCENARIO,
    ASKED,
    number("mean", "mean over the study's runs", OWN_UNIT),
    number("sd", "standard deviation over the study's runs", OWN_UNIT),
    number("share_parameters", "share of variance by parameters alone", "0-1"),
    number("share_seeds", "share of variance by seeds alone", "0-1"),
    number("share_both", "share of variance by both together", "0-1"),
    number("replicates_sign", "runs for a 90 % interval of the mean that leaves zero out", "runs"),
    number("replicates_tenth", "runs for a half-width of a tenth of the mean", "runs"),
)


@method(variance=SHARES)
def variance(case: Case) -> Iterator[Row]:
    """Cross parameter vectors with seeds and split the variance of every effect.

    Yields
    ------
    dict
        ``variance``: a row a scenario and outcome. The shares add to one: parameters alone (behaviour and strength of
        the policy), seeds alone, and both together (luck that matters under some parameters). ``replicates_sign`` is
        how many runs, each with its own parameters and seed, the 90 % interval of the mean needs to leave zero out;
        ``replicates_tenth`` how many until its half-width is a tenth of the mean: both from the mean and the spread
        of the study's own runs, which are independent, where those of the crossed design share their few seeds.
    """
    draws = vectors(case.settings.replicates)
    names, rows = parameter_rows(case, draws)
    crossed = case.laboratory.run(
        case.laboratory.every,
        [seed for _ in range(draws) for seed in range(CROSSED)],
        names=names,
        rows=np.repeat(rows, CROSSED, axis=0),
    )["values"]
    for label in case.pairs:
        for outcome, kind in complete_measures(crossed, case.measures(label)):
            effect = case.paired(pick(crossed, outcome, kind), label).reshape(draws, CROSSED)
            own = case.effect(label, outcome, kind)
            of = {"scenario": label, "outcome": outcome, "bank_kind": kind}
            yield {**of, **split(effect), **needed(own)}


def vectors(replicates: int) -> int:
    """How many parameter vectors a study of so many replicates crosses with `CROSSED` seeds."""
    return max(8, replicates // 2)


def parameter_rows(case: Case, number: int) -> tuple[tuple[str, ...], np.ndarray]:
    """Return names and values of parameter vectors: behaviour as the ensemble has it, strengths over their ranges."""
    ensemble = case.laboratory.world.ensemble
    assert ensemble is not None
    own = ensemble.draw(case.settings.seed, range(number))
    powers = parameters.strengths(case.laboratory.every)
    if not powers:
        return ensemble.paths, own
    rows = parameters.sample(powers, number, case.settings.seed)
    return (*ensemble.paths, *(p.name for p in powers)), np.concatenate([own, rows], axis=1)


def split(effect: np.ndarray) -> dict[str, Any]:
    """Split the variance of a crossed design by the method of moments.

    Parameters
    ----------
    effect : ndarray, shape (parameter vectors, seeds)

    Returns
    -------
    dict
        The three shares, NaN where nothing varies.
    """
    draws, seeds = effect.shape
    mean = float(effect.mean())
    rows, columns = effect.mean(1), effect.mean(0)
    rest = effect - rows[:, None] - columns + mean
    noise = float((rest**2).sum() / ((draws - 1) * (seeds - 1)))
    by_parameters = max(float(rows.var(ddof=1)) - noise / seeds, 0.0)
    by_seeds = max(float(columns.var(ddof=1)) - noise / draws, 0.0)
    total = by_parameters + by_seeds + noise
    shares = [part / total if total > 0 else np.nan for part in (by_parameters, by_seeds, noise)]
    return dict(zip(("share_parameters", "share_seeds", "share_both"), shares, strict=True))


def needed(effect: np.ndarray) -> dict[str, float]:
    """How many independent runs a precision of the mean asks for, never fewer than `FEWEST`.

    Parameters
    ----------
    effect : ndarray, shape (runs,)
        Paired effects, each with parameters and a seed of its own.

    Returns
    -------
    dict
        ``mean``, ``sd``, ``replicates_sign``, ``replicates_tenth``; the last two NaN where nothing varies or a
        single run tells no spread, infinite where the mean is nothing.
    """
    effect = effect[np.isfinite(effect)]
    mean = float(effect.mean()) if len(effect) else np.nan
    sd = float(effect.std(ddof=1)) if len(effect) > 1 else np.nan
    ratio = (CRITICAL * sd / abs(mean) if mean else np.inf) if sd > 0 else np.nan
    runs = {"sign": ratio**2, "tenth": (10 * ratio) ** 2}
    counts = {
        f"replicates_{goal}": float(np.maximum(np.ceil(number), FEWEST)) for goal, number in runs.items()
    }
    return {"mean": mean, "sd": sd, **counts}


ASSUMPTIONS: Final = table(
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
        raise failure("analysis.changed names no changed assumption, such as ['allocation=reinforcement']")
    return settings.under(of_words(settings.analysis.changed, settings))


@method(check=changed_settings, assumptions=ASSUMPTIONS)
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
    for outcome, kind in complete_measures(np.concatenate(values), case.measures(label)):
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
        for kind in (kind for kind in SMALL_KINDS if np.isfinite(start[kind])):  # a kind may have no banks
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
        if row.grade == "assumption" and not settings.is_sampled(path)
    )
