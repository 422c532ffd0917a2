"""Validity: stylised facts, placebos of the network and of a reform, and what the survey's sample and break do."""

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Final

import numpy as np

from agents.honeycomb import KINDS, RURAL, SMALL_KINDS
from experiments.analysis.laboratory import Case
from experiments.analysis.outcome import banks, complete_measures, editions, path, pick
from experiments.analysis.registry import ASKED, KIND, Row, estimated, method
from experiments.calibration.measures import MEASURES, Run
from experiments.config.assembly import shared_population
from experiments.config.data import read
from experiments.config.errors import failure
from experiments.config.reading import mapping
from experiments.config.study import StudySettings
from experiments.config.tree import freeze, merged
from experiments.labels import LANGUAGES, Labels
from experiments.location import CONF
from experiments.results.schema import OWN_UNIT, SCENARIO, number, table, text, with_ends
from experiments.results.statistics import estimate, interval, mean_of_present, quantile
from model import calendar
from model.policy import Target
from model.record import Record
from model.run import simulate
from model.world import Recording, Reform, World

END: Final = "2030Q4"  # a fact is told of the same years whatever the study's horizon
MIDDLE: Final = "2025Q2"  # the last count of institutions that was published
RUNS, NATIONAL_RUNS = 32, 4
FACTS: Final = table(
    "one stylised fact, or one lever with the effect that is held plausible, and what the model makes of it",
    text("fact", "id in data/facts.csv; lever:<policy> for a lever"),
    text("group", "what it is about"),
    text("statement_en", "the fact in English"),
    text("statement_zh", "the fact in Chinese"),
    number("value", "the model's: median over runs; of a lever the mean"),
    number("value_low", "5 % quantile over runs"),
    number("value_high", "95 % quantile over runs"),
    text("unit", "unit of the value"),
    number("printed", "value of the source, where it has one"),
    number("low", "lower end of the band in which the value passes"),
    number("high", "upper end of the band"),
    text("passed", "yes or no"),
    text("band", "what the band rests on: sampling, published, sign or judgement"),
    text("used_in_fit", "yes, partly, input (a path or number given to the model) or no"),
    text("source", "ids in data/source, or assumption"),
    text("grade", "grade of the source"),
)


@method(facts=FACTS)
def facts(case: Case) -> Iterator[Row]:
    """Read every fact off the baseline of the study's numbers, and every single lever of the study off its target.

    Yields
    ------
    dict
        ``facts``: a row for each fact of ``data/facts.csv``, then one for each scenario that is one policy alone.
    """
    yield from _facts(case)
    yield from _levers(case)


def _facts(case: Case) -> Iterator[dict[str, Any]]:
    first = replace(case.laboratory.every[0], policies=(), shocks=())
    surveyed, nation = (_world(case.settings, place) for place in ("survey", "national"))
    runs = {"survey": Run(surveyed, first, range(min(RUNS, case.settings.replicates)), END)}
    runs |= {"national": Run(nation, first, range(NATIONAL_RUNS), MIDDLE, changed=False)}
    for row in read("facts.csv"):
        values = np.atleast_1d(MEASURES[row["id"]](runs[row["population"]]))
        columns = {key: row[key] for key in ("group", "statement_en", "statement_zh", "unit", "band")}
        columns |= {key: row[key] for key in ("used_in_fit", "source", "grade")}
        printed = float(row["printed"]) if row["printed"] else np.nan
        yield _row(row["id"], values, float(row["low"]), float(row["high"]), printed=printed, **columns)


def _row(name: str, values: np.ndarray, low: float, high: float, **facts: object) -> dict[str, Any]:
    below, middle, above = quantile(values)
    if facts["group"] == "levers":  # whole rungs make a single run's effect lumpy
        middle = values.mean()
    passed = "yes" if low <= middle <= high else "no"
    columns = {"value": middle, "value_low": below, "value_high": above, "low": low, "high": high}
    return {"fact": name, "passed": passed, **columns, **facts}


def _world(settings: StudySettings, population: str) -> World:
    """The study's world on one of the shipped populations."""
    from experiments.config import assembly

    if settings.choices["population"] != population:
        own = mapping(CONF / "population" / f"{population}.yaml")
        own.pop("defaults")  # what the shipped populations share
        whole = freeze(merged(settings.population, own))
        settings = settings.model_copy(update={"population": whole})
    return assembly.world(settings)


def _levers(case: Case) -> Iterator[dict[str, Any]]:
    """What each policy that stands alone does to its target by 2030, where all that it covers take part."""
    both = zip(case.settings.scenarios, case.laboratory.every, strict=True)
    alone = [
        (scenario, settings.policies[0], policy, policy.target)
        for settings, scenario in both
        if len(scenario.policies) == 1 and not scenario.shocks and not settings.assumptions
        for policy in scenario.policies
        if policy.target is not None and policy.start < calendar.index(END)
    ]
    if not alone:
        return
    world = replace(
        _world(case.settings, "survey"), start="2020Q1", end=END, recording=Recording(), own_banks=()
    )
    base = replace(alone[0][0], name="facts: baseline", policies=())
    taken = [replace(s, policies=(replace(policy, take_up=1.0),)) for s, _, policy, _ in alone]
    record = simulate(world, [base, *taken], range(min(RUNS, case.settings.replicates)))
    for place, (_, settings, _, target) in enumerate(alone, start=1):
        end = _reached(record, target)
        aims = [Labels(language).outcome(target.outcome, target.kind) for language in LANGUAGES]
        texts = {
            "statement_en": f"{settings.title.en}: effect by 2030 on: {aims[0]}",
            "statement_zh": f"{settings.title.zh}：至 2030 年的作用，对象：{aims[1]}",
        }
        same = {"group": "levers", "unit": "points", "printed": np.nan, "band": "judgement"}
        same |= {"used_in_fit": "no", "source": settings.source, "grade": settings.grade}
        yield _row(f"lever:{settings.name}", end[place] - end[0], target.low, target.high, **texts, **same)


def _reached(record: Record, target: Target) -> np.ndarray:
    """Level of a target at the end, (S, R)."""
    name = "like_for_like" if target.outcome == "index" else target.outcome
    return path(record, name, target.kind)["path"][..., -1]


SHUFFLES = 24  # networks, each shuffled in its own way
EACH = 4  # replicates of each
NETWORKS: dict[str, dict[str, bool]] = {
    "partnerships": {"partners": True, "rewired": False},
    "rewired": {"partners": True, "rewired": True},
    "none": {"partners": False},
}
PLACEBO: Final = table(
    "what the network does to one outcome, beside what shuffled networks do",
    SCENARIO,
    ASKED,
    number("shuffles", "seeds, each with its own network and shuffling"),
    with_ends("network", "with partners less without any, mean over runs", OWN_UNIT),
    with_ends("shuffled", "with shuffled partners less without any, mean over runs", OWN_UNIT),
    with_ends("difference", "network less shuffled, seed by seed", OWN_UNIT),
    number("as_large", "share of shuffled networks that do at least as much as the median true one", "0-1"),
)


@method(placebo=PLACEBO)
def placebo(case: Case) -> Iterator[Row]:
    """Compare what the network does with what shuffled networks do, over many drawings of both.

    A network and its shuffling belong to a seed, so each of the `SHUFFLES` seeds draws new ones and meets them with the
    same luck. Only ties among banks (alliances) are shuffled; vendors and large banks' exports stay. Without partners
    there are none of the three; unions, platforms and crowding are as they are throughout.

    Yields
    ------
    dict
        ``placebo``: a row for each scenario and outcome; for a scenario with a baseline, of its effect. ``network``:
        with partners less without any, mean over runs, its median and 90 % interval over seeds; ``shuffled``: the
        same for the shuffled one; ``difference``: network less shuffled, seed by seed; ``as_large``: share of shuffled
        networks whose effect is at least as large as the median of the true ones.
    """
    means = {name: _seeds(case, name) for name in NETWORKS}
    order = list(case.laboratory.scenarios)
    pairs = dict.fromkeys(pair for label in order for pair in case.measures(label))
    for outcome, kind in complete_measures(np.concatenate(list(means.values())), list(pairs)):
        values = {
            name: pick(of, outcome, kind).reshape(SHUFFLES, -1, EACH).mean(-1) for name, of in means.items()
        }
        for s, label in enumerate(order):
            base = case.pairs.get(label)
            effects = {n: v[:, s] - (v[:, order.index(base)] if base else 0.0) for n, v in values.items()}
            row = against(effects["partnerships"] - effects["none"], effects["rewired"] - effects["none"])
            yield {"scenario": label, "outcome": outcome, "bank_kind": kind, "shuffles": SHUFFLES, **row}


def against(network: np.ndarray, shuffled: np.ndarray) -> dict[str, float]:
    """Summarise effects of true and shuffled networks, both of shape (seeds,)."""
    middle = float(np.median(network))
    beyond = shuffled >= middle if middle >= 0 else shuffled <= middle
    return {
        **interval(network, "network"),
        **interval(shuffled, "shuffled"),
        **interval(network - shuffled, "difference"),
        "as_large": float(beyond.mean()),
    }


def _seeds(case: Case, name: str) -> np.ndarray:
    """Final values under one kind of network, shape (seeds * S, R, variables, kinds)."""
    parts = []
    for shuffle in range(SHUFFLES):
        settings = case.settings.model_copy(update={"seed": case.settings.seed + shuffle})
        other = case.laboratory.under(settings)
        for key, world in other.worlds.items():
            switches = SimpleNamespace(**{**vars(world.switches), **NETWORKS[name]})
            other.worlds[key] = replace(world, switches=switches)
        parts.append(other.run(case.laboratory.every, range(EACH))["values"])
    return np.concatenate(parts)


# --- a reform

EVENT: Final = table(
    "what one union reform did to the rural institutions of one province, and what it should not have done",
    text(
        "event",
        "real: the reform as it happened; date: read before it; province: read in a province without one; elsewhere: "
        "the same reform made there instead",
    ),
    text("province", "two-letter code of the province whose banks are measured"),
    text("mode", "union_bank or single_bank"),
    text("start", "quarter of the reform"),
    text("quarter", "quarter in which the index is read"),
    number("banks", "rural institutions of the province at the start", "banks"),
    estimated(
        "effect",
        "index of its rural institutions, weighted by assets, with the reform less without",
        "points",
    ),
)


def check_reform(settings: StudySettings) -> None:
    """Refuse a province whose union was not reformed, or that has no rural institution here."""
    province, real = settings.analysis.event.province, [row["province"] for row in read("union_reforms.csv")]
    if province not in real:
        raise failure(
            "analysis.event.province={}: no union was reformed there; {} were", province, ", ".join(real)
        )
    banks = shared_population(settings)
    if province not in {banks.provinces[place].code for place in banks.province[banks.rows("rural")]}:
        raise failure(
            "analysis.event.province={} has no rural bank here; choose population=national", province
        )


@method(check=check_reform, event_study=EVENT)
def event_study(case: Case) -> Iterator[Row]:
    """Run the system with and without one province's reform; read it there, before it, elsewhere, and made elsewhere.

    Yields
    ------
    dict
        ``event_study``: a row for each event and year read. The index is that of the province's rural institutions that
        are still there, weighted by their assets at the start, since a reform that merges its members changes of whom a
        plain mean is the mean. ``date`` and ``province`` are placebos: both worlds share every draw, so that a reform
        shows nothing before it happens, and elsewhere only what spills over.
    """
    event = case.settings.analysis.event
    world = case.laboratory.world
    codes = [province.code for province in world.population.provinces]
    real = {codes[reform.province]: reform for reform in world.reforms}
    reform = real[event.province]
    others = tuple(one for one in world.reforms if one is not reform)
    elsewhere = [codes.index(code) for code in event.placebo_provinces if code not in real]
    after = [(years, place) for years in event.years_after for place in elsewhere]
    read = [("real", reform, reform.province, years) for years in event.years_after]
    read += [("date", reform, reform.province, -years) for years in event.placebo_years]
    read += [("province", reform, place, years) for years, place in after]
    read += [("elsewhere", replace(reform, province=place), place, years) for years, place in after]
    for what, one, place, years in read:
        year = calendar.FIRST_YEAR + one.quarter // 4 + years
        members = np.flatnonzero((world.population.kind == RURAL) & (world.population.province == place))
        if not calendar.FIRST_YEAR <= year <= calendar.LAST_YEAR or not len(members):
            continue
        quarter = f"{year}Q4"
        with_it, without = (_index(case, (*others, *extra), quarter, members) for extra in ((one,), ()))
        change = with_it - without
        change = change[np.isfinite(change)]  # runs in which some are left in both worlds
        if not change.size:
            continue
        of = {"event": what, "province": codes[place], "mode": one.mode, "start": calendar.name(one.quarter)}
        yield {**of, "quarter": quarter, "banks": float(len(members)), **estimate(change)}


def _index(case: Case, reforms: tuple[Reform, ...], quarter: str, members: np.ndarray) -> np.ndarray:
    """Index of some banks in a quarter, weighted by assets over those still there, by replicate; NaN for none."""
    laboratory = case.laboratory.under(case.settings.model_copy(update={"end": quarter}))
    laboratory.worlds = {key: replace(world, reforms=reforms) for key, world in laboratory.worlds.items()}
    index = laboratory.run(laboratory.every[:1], case.replicates, banks)["index"][0][:, members]
    return mean_of_present(index, laboratory.world.population.assets[members])


COUNTS = {"city": "city_banks", "rural": "rural_institutions", "private": "private_banks"}
GROUPS = ("small", *SMALL_KINDS, "gap")
WEIGHTED: Final = table(
    "index of one group of banks, or an effect on it, raw and weighted to the national system",
    SCENARIO,
    text("quantity", "level or effect"),
    text("group", "name of the group"),
    number("banks", "banks in the group", "banks"),
    number("effective", "banks that an unweighted sample as precise would have", "banks"),
    number("covered", "share of the nation's banks in a kind and region that the sample has", "0-1"),
    with_ends("raw", "every bank the same", "points"),
    with_ends("weighted", "weighted by kind and region to the nation's banks", "points"),
    with_ends("difference", "weighted less raw", "points"),
)


@method(survey_weights=WEIGHTED)
def survey_weights(case: Case) -> Iterator[Row]:
    """Weigh the banks of the study as the sample has them and as the national system does, by kind and region.

    Yields
    ------
    dict
        ``survey_weights``: a row for each scenario and group, of the index in the last quarter: its ``level``, or the
        paired ``effect`` of the scenario. ``raw``: every bank the same; ``weighted``: banks of a kind and region
        together as many as the nation has there; ``effective``: banks that an unweighted sample as precise would have;
        ``covered``: share of the nation's banks in a kind and region that the sample has. ``small`` takes all small and
        medium banks, ``gap`` is city less rural.
    """
    merged = case.merged
    assert merged is not None
    kind = merged.stated_kind
    nation = read("provinces.csv")
    region = {row["code"]: row["region"] for row in nation}
    place = np.array([region[code] for code in merged.bank_province])
    weight, covered = post_strata(kind, place, nation)
    level = {label: merged.in_every_run("bank_index", s) for s, label in enumerate(merged.scenarios)}
    for label in merged.scenarios:
        base = case.pairs.get(label)
        values = level[label] - level[base] if base else level[label]
        indices = {name: _both(values, weight, _members(kind, name)) for name in GROUPS[:-1]}
        indices["gap"] = tuple(c - r for c, r in zip(indices["city"], indices["rural"], strict=True))
        for group, (raw, weighted) in indices.items():
            chosen = weight[_members(kind, group)]
            size = {"banks": len(chosen), "effective": float(chosen.sum() ** 2 / (chosen**2).sum())}
            of = {"scenario": label, "quantity": "effect" if base else "level", "group": group}
            ends = (
                interval(raw, "raw") | interval(weighted, "weighted") | interval(weighted - raw, "difference")
            )
            yield {**of, **size, "covered": covered[group], **ends}


def post_strata(
    kind: np.ndarray, region: np.ndarray, nation: list[dict[str, str]]
) -> tuple[np.ndarray, dict[str, float]]:
    """Weight of each bank: the nation's banks of its kind and region over those of the sample; zero for the others.

    Parameters
    ----------
    kind, region : ndarray of str, shape (N,)
    nation : list of dict
        Rows of ``data/provinces.csv``.

    Returns
    -------
    weight : ndarray, shape (N,)
    covered : dict
        By group, the share of the nation's banks in strata that the sample has, 0-1.
    """
    weight, reached, total = np.zeros(len(kind)), dict.fromkeys(COUNTS, 0.0), dict.fromkeys(COUNTS, 0.0)
    for name, column in COUNTS.items():
        for place in sorted({row["region"] for row in nation}):
            number = sum(float(row[column]) for row in nation if row["region"] == place)
            members = (kind == name) & (region == place)
            total[name] += number
            if members.any():
                reached[name] += number
                weight[members] = number / members.sum()
    covered = {name: reached[name] / total[name] for name in COUNTS}
    covered["small"] = sum(reached.values()) / sum(total.values())
    return weight, {**covered, "gap": min(covered["city"], covered["rural"])}


def _members(kind: np.ndarray, group: str) -> np.ndarray:
    """Whether a bank belongs to a group."""
    if group == "small":
        return np.asarray(kind != "large")
    return np.asarray(np.isin(kind, ("city", "rural")) if group == "gap" else kind == group)


def _both(values: np.ndarray, weight: np.ndarray, members: np.ndarray) -> tuple[np.ndarray, ...]:
    """Mean over the members in each run, raw and weighted, each of shape (R,)."""
    chosen = values[:, members]
    return mean_of_present(chosen), mean_of_present(chosen, weight[members])


EDITIONS: Final = table(
    "score of application with and without the items of the edition of 2023, in one year",
    KIND,
    number("year", "calendar year"),
    with_ends("without", "score of application by the items of the first edition", "points"),
    with_ends("with_item", "score of application by the edition of the year", "points"),
    with_ends("shift", "with the items less without them, paired", "points"),
)


@method(measurement_break=EDITIONS)
def measurement_break(case: Case) -> Iterator[Row]:
    """Score what the same banks have by the first edition and by that of the year.

    Yields
    ------
    dict
        ``measurement_break``: a row for each kind and year of the first scenario, true score of application:
        ``without`` the items on language models, ``with_item``, and their paired difference, the ``shift``; all zero
        before the edition that brings them.
    """
    by_edition = case.laboratory.run(case.laboratory.every[:1], case.replicates, editions)
    ends = [calendar.index(quarter) for quarter in (case.settings.start, case.settings.end)]
    names = [calendar.name(q) for q in range(ends[0], ends[1] + 1) if calendar.last_of_year(q)]
    for k, kind in enumerate(KINDS):
        for y, quarter in enumerate(names):
            scores = {name: values[0, :, y, k] for name, values in by_edition.items()}
            if np.isfinite(scores["without"]).all():
                row = interval(scores["without"], "without") | interval(scores["with_item"], "with_item")
                row |= interval(scores["with_item"] - scores["without"], "shift")
                yield {"bank_kind": kind, "year": int(quarter[:4]), **row}
