"""From settings to the model's objects: the population of a study, whom policies reach in it, world and scenarios."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Final

import numpy as np

from agents.honeycomb import KINDS
from agents.items import ItemTable
from experiments.config import catalogue
from experiments.config.bank import BankSettings, own_plan
from experiments.config.data import items, read, read_ensemble
from experiments.config.errors import ConfigError, Fault, Faults, Sentence, failure, sentence
from experiments.config.names import KIND_NAMES, PROVINCE_NAMES
from experiments.config.numbers import plain_tree
from experiments.config.scenarios import ScenarioSettings
from experiments.config.study import CENTRAL, POSTERIOR, StudySettings, network_quarters
from experiments.config.tree import Tree
from experiments.location import existing, of_user
from model import calendar
from model.environment import GROUPS, Environment, between_year_ends, by_year
from model.own_plan import QUESTIONS, OwnAccount
from model.population import InvalidWorld, Population, Province, Stratum, settle, spread_sizes
from model.world import Ensemble, Recording, Reform, Scenario, World

TRILLION = 1.0e12
_SIZE = {"other": "city"}


def population(settings: StudySettings) -> Population:
    """Build the population of a study.

    Parameters
    ----------
    settings : StudySettings
        Its ``population`` group, the strategic focus of the ``banks``, the seed, and the user's own openness of public
        data in 2020 by province, 0-1, where there is one.

    Returns
    -------
    Population
    """
    numbers = plain_tree(settings.population, "population")
    provinces = read_provinces(settings.series.openness)
    codes = [province.code for province in provinces]
    placed = _places(numbers["places"], codes)
    counts, sizes = numbers["counts"], numbers["sizes"]
    back = {
        size: (1.0 + numbers["sizes_growth"][size]) ** -(year - 2019.0)
        for size, year in numbers["sizes_year"].items()
    }
    strata = _large(codes, back)
    for name in ("city", "other", "rural", "private"):
        number, size = int(counts[name]), _SIZE.get(name, name)
        if not number:
            continue
        named = _named(name) if numbers["named_largest"] else []
        median, sigma = sizes[size]
        assets = back[size] * spread_sizes(median, sigma, number, [assets for _, assets in named])
        places, located = _with_known_first(
            _fit(placed[name], number), [codes.index(code) for code, _ in named]
        )
        strata.append(Stratum(size, size, assets, places, reported=name != "other", number_located=located))
    if village := int(numbers["village_banks"]):
        assets = back["village"] * spread_sizes(sizes["village"][0], sizes["village"][1], village)
        strata.append(Stratum("rural", "rural", assets, _fit(placed["village"], village), village=True))
    focus = {kind: dict(settings.banks[kind]["focus"]) for kind in KINDS}
    return settle(strata, provinces, focus, settings.seed)


def read_provinces(openness: Mapping[str, float] | None = None) -> tuple[Province, ...]:
    """Read the 31 provinces, with the user's openness where it is known."""
    own = openness or {}
    return tuple(
        Province(
            code=row["code"],
            first_tier=float(row["tier_1"]),
            openness=float(own.get(row["code"], row["openness_2020"])),
            union_mode=row["union_mode"],
            members=int(row["rural_banks"]),
        )
        for row in read("provinces.csv")
    )


def _large(codes: list[str], back: dict[str, float]) -> list[Stratum]:
    rows = read("large_banks.csv")
    strata = []
    for tier in ("state", "joint_stock"):
        own = [row for row in rows if row["tier"] == tier]
        assets = np.array([float(row["assets"]) * TRILLION for row in own]) * back[tier]
        places = np.array([codes.index(row["province"]) for row in own])
        strata.append(Stratum("large", tier, assets, places, surveyed=False))
    return strata


PLACED: Final = ("city", "rural", "private", "other", "village")
# By how banks are placed: the table, its column of provinces, and the columns of the numbers of banks of each kind.
PLACES: Final = {
    "survey": ("survey_regions.csv", "province", "city rural private other rural"),
    "national": ("provinces.csv", "code", "city_banks rural_banks private_banks city_banks village_banks"),
}


def _places(placed: str, codes: list[str]) -> dict[str, np.ndarray]:
    """The province of every bank, as an index, by kind."""
    file, code, columns = PLACES[placed]
    rows = read(file)
    at = np.array([codes.index(row[code]) for row in rows])
    numbers = [[int(row[column]) for row in rows] for column in columns.split()]
    return {kind: np.repeat(at, number) for kind, number in zip(PLACED, numbers, strict=True)}


def _fit(places: np.ndarray, number: int) -> np.ndarray:
    """Places for another number of banks than the table has: the table's provinces, evenly thinned or repeated."""
    return places if len(places) == number else places[np.arange(number) * len(places) // number]


def _with_known_first(places: np.ndarray, first: list[int]) -> tuple[np.ndarray, int]:
    """Move the provinces of known banks to the front; none is known where a thinned population lacks a province."""
    rest = places
    for place in first:
        here = np.flatnonzero(rest == place)
        if not here.size:
            return places, 0
        rest = np.delete(rest, here[0])
    return np.concatenate([np.array(first, int), rest]), len(first)


def _named(kind: str) -> list[tuple[str, float]]:
    """Province and assets of the banks known by name, the largest first."""
    tables = {"rural": "rural_top.csv", "private": "private_top.csv"}
    rows = read(tables[kind]) if kind in tables else []
    banks = [(row["province"], float(row["assets"]) * TRILLION) for row in rows]
    return sorted(banks, key=lambda bank: -bank[1])


ALL: Final = "all"
"""Stands for all policies of a scenario together."""


@dataclass(frozen=True)
class Coverage:
    """Whom one policy of a scenario reaches.

    Parameters
    ----------
    scenario, policy : str
        `ALL` takes every policy of the scenario: a bank counts once, whichever reaches it.
    banks, provinces : int
        Banks covered, and provinces where one of them has its head office.
    asset_share : float
        Their assets over those of all banks at the start, 0-1.
    """

    scenario: str
    policy: str
    banks: int
    provinces: int
    asset_share: float


def coverage(population: Population, scenarios: Iterable[Scenario]) -> tuple[Coverage, ...]:
    """Work out whom the policies of some scenarios reach.

    Parameters
    ----------
    population : Population
    scenarios : iterable of Scenario
        Those without a policy have no row.

    Returns
    -------
    tuple of Coverage
        A row for each policy of each scenario, and one for all of its policies.
    """
    rows: list[Coverage] = []
    for scenario in scenarios:
        covered = [(policy.name, population.moved(policy)) for policy in scenario.policies]
        if covered:
            covered.append((ALL, np.any([reached for _, reached in covered], axis=0)))
        rows += [_row(population, scenario.name, name, reached) for name, reached in covered]
    return tuple(rows)


def check_reach(rows: Sequence[Coverage]) -> None:
    """Refuse a policy that reaches nobody: it would read as one without effect."""
    nobody = [f"{row.policy} of {row.scenario}" for row in rows if not row.banks and row.policy != ALL]
    if nobody:
        raise failure(
            "{} reaches no bank of this population: widen its provinces or kinds of banks, or choose "
            "population=national",
            ", ".join(nobody),
        )


def _row(population: Population, scenario: str, policy: str, reached: np.ndarray) -> Coverage:
    assets = population.assets
    return Coverage(
        scenario=scenario,
        policy=policy,
        banks=int(reached.sum()),
        provinces=len(np.unique(population.province[reached])),
        asset_share=float(assets[reached].sum() / assets.sum()),
    )


# --- before a study starts


def note_reach(settings: StudySettings, faults: Faults, places: Mapping[tuple[str, str], str]) -> None:
    """Note a population that is none, and every policy that reaches no bank, or none that its levers can move.

    Parameters
    ----------
    settings : StudySettings
    faults : Faults
        Grows by what is wrong.
    places : mapping
        By scenario and policy of it, where it is said whom that reaches.
    """
    try:
        banks = shared_population(settings)
    except InvalidWorld as error:
        none = sentence("leaves no small or medium bank of any kind")
        faults.at(error.number, none if error.number == "population.counts" else error.why)
        return
    policies = [(scenario.name, policy) for scenario in settings.scenarios for policy in scenario.policies]
    for scenario, policy in policies:
        policy_set, where = policy.assembled, places[scenario, policy.name]
        everywhere = replace(policy_set, provinces=(), first_tier=None)
        reached = int(banks.covered(policy_set).sum())
        if not reached:
            faults.add(where, sentence("reaches 0 banks"), _present(banks, banks.covered(everywhere)))
        elif not banks.moved(policy_set).any():
            movable = banks.moved(replace(everywhere, kinds=KINDS))
            what = sentence("reaches {} banks, none of which its levers can move", reached)
            faults.add(where, what, _present(banks, movable))


def _present(banks: Population, some: np.ndarray) -> Sentence:
    """Which provinces have the banks that a policy could reach, and of which kinds they are."""
    codes = [banks.provinces[int(place)].code for place in np.unique(banks.province[some])]
    kinds = [KINDS[k] for k in np.unique(banks.kind[some])]
    places = PROVINCE_NAMES.choice(codes) if codes else Sentence("", "")
    return sentence("provinces with {} banks: {}", KIND_NAMES.choice(kinds) if kinds else "", places)


@dataclass(frozen=True)
class BuiltFrom:
    """Settings as a cache knows them: by the text of what counts for the thing that is built from them."""

    text: str
    settings: StudySettings = field(compare=False)


def shared_population(settings: StudySettings) -> Population:
    """The population of a study; studies of a sweep that share one have it built once."""
    focus = {kind: tree["focus"] for kind, tree in settings.banks.plain().items()}
    return _built(BuiltFrom(repr((settings.population.plain(), focus, settings.seed)), settings))


@lru_cache(maxsize=4)
def _built(source: BuiltFrom) -> Population:
    return population(source.settings)


# --- world and scenarios


JUDGED: Final = "bank.judged."
POSTERIOR_FOLDER: Final = "data/posterior"
SWITCHES: Final = ("partners", "platforms", "unions", "crowding", "rewired")


# Rooms in which something is remembered that numbers come from: the economics, and this one.
REMEMBERING: Final = (
    *(f"{__name__.removesuffix('experiments.config.assembly')}{room}." for room in ("agents", "model")),
    __name__,
)


def forget() -> None:
    """Empty every cache that numbers come from.

    A rule, a table or an ensemble may have been replaced, in a notebook or on disk, since what is remembered was built.
    """
    for name, module in tuple(sys.modules.items()):
        for thing in tuple(vars(module).values()) if name.startswith(REMEMBERING) else ():
            if hasattr(thing, "cache_clear"):
                thing.cache_clear()


Part = tuple[World, dict[int, Scenario]]


def by_assumptions(scenarios: Sequence[ScenarioSettings | Scenario]) -> list[list[int]]:
    """Places of the scenarios that assume the same, and so share a world."""
    groups: dict[str, list[int]] = {}
    for place, one in enumerate(scenarios):
        groups.setdefault(repr(one.assumptions), []).append(place)
    return list(groups.values())


def worlds(settings: StudySettings) -> list[Part]:
    """The worlds of a study, one for each set of assumptions, each with its scenarios by their places; built once."""
    return _worlds(BuiltFrom(settings.model_dump_json(), settings))


@lru_cache(maxsize=1)
def _worlds(study: BuiltFrom) -> list[Part]:
    settings = study.settings
    return [
        (
            world(settings.under(settings.scenarios[places[0]].assumptions)),
            {place: scenario(settings.scenarios[place]) for place in places},
        )
        for places in by_assumptions(settings.scenarios)
    ]


def world(settings: StudySettings) -> World:
    """Build what the scenarios of a study share.

    Parameters
    ----------
    settings : StudySettings

    Returns
    -------
    World

    Raises
    ------
    ConfigError
        If numbers that are each within their range make no world together.
    """
    try:
        return _world(settings)
    except InvalidWorld as error:
        raise ConfigError([Fault(error.number, error.why)]) from error


def _world(settings: StudySettings) -> World:
    behaviour = plain_tree(settings.behaviour, "behaviour")
    kinds = {kind: plain_tree(settings.banks[kind], f"banks.{kind}") for kind in KINDS}
    for numbers in kinds.values():
        numbers.pop("focus")
    return World(
        population=(banks := population(settings)),
        items=ItemTable(items(), behaviour.pop("ease")),
        common_numbers=behaviour,
        kind_numbers=kinds,
        switches=SimpleNamespace(**{name: settings.network[name] for name in SWITCHES}),
        reforms=reforms([province.code for province in banks.provinces]),
        sample=plain_tree(settings.population, "population")["sample"],
        allocation=settings.allocation["rule"],
        start=settings.start,
        end=settings.end,
        seed=settings.seed,
        ensemble=ensemble(settings),
        recording=Recording(banks=settings.outputs.banks, graphs=moments(settings)),
        own_banks=own_banks(settings),
        own_judged=own_judged(),
    )


def reforms(codes: list[str]) -> tuple[Reform, ...]:
    """Reforms of provincial unions as they were, by province, date and mode (W096-W098)."""
    return tuple(
        Reform(codes.index(row["province"]), calendar.index(row["quarter"]), row["mode"])
        for row in read("union_reforms.csv")
    )


def ensemble(settings: StudySettings) -> Ensemble | None:
    """The parameter members that replicates draw from; None when all take the central values.

    A number that the user gave keeps that value in every replicate, and so does one that is no longer sampled.
    """
    parameters = settings.uncertainty.parameters
    if parameters == CENTRAL:
        return None
    members = read_ensemble(existing(POSTERIOR_FOLDER) if parameters == POSTERIOR else of_user(parameters))
    return members.only(path for path in members.paths if settings.is_sampled(path))


def moments(settings: StudySettings) -> tuple[int, ...]:
    """Quarters, as indices, at which the network is kept."""
    return tuple(
        calendar.index(quarter)
        for quarter in network_quarters(settings)
        if settings.start <= quarter <= settings.end
    )


def scenario(settings: ScenarioSettings) -> Scenario:
    """Build one scenario.

    Parameters
    ----------
    settings : ScenarioSettings

    Returns
    -------
    Scenario
    """
    return Scenario(
        name=settings.label,
        policies=tuple(policy.assembled for policy in settings.policies),
        shocks=tuple(shock.assembled for shock in settings.shocks),
        environment=environment(settings.environment_name, settings.environment, settings.series),
        assumptions=tuple((name, repr(value)) for name, value in settings.assumptions.items()),
    )


def own_banks(settings: StudySettings) -> tuple[OwnAccount, ...]:
    """The accounts of the user's own bank, or of the many that a file lists, each followed by its plans alone."""
    many = (replace(own_bank(member), questions=(), alone=True) for member in settings.members)
    return ((own_bank(settings.bank),) if settings.bank else ()) + tuple(many)


def own_judged() -> dict[str, tuple[float, float, float]]:
    """What is judged of users' banks, from the catalogue: the ends of a draw, and the usual value between."""
    judged = {}
    for row in catalogue.rows().values():
        if row.name.startswith(JUDGED) and row.value is not None:
            low, high = row.sampled or (row.value, row.value)
            judged[row.name.removeprefix(JUDGED)] = (low, row.value, high)
    return judged


def own_bank(settings: BankSettings) -> OwnAccount:
    """Build the account of a user's own bank; None is not said.

    Mappings by role and dimension become arrays in the model's order, with NaN where nothing is said; answers become
    chances of each rung.
    """
    names = {field.name for field in fields(OwnAccount)}.intersection(BankSettings.model_fields)
    values: dict[str, Any] = {name: getattr(settings, name) for name in names}
    for name in ("staff", "pay", "scores", "plan"):
        if values[name] is not None:
            values[name] = np.array(values[name].ordered) * (0.01 if name == "scores" else 1.0)
    values["partners"] = settings.partners.known if settings.partners is not None else None
    values["plans"] = tuple(own_plan(name, plan) for name, plan in (settings.plans or {}).items())
    values |= {"spend_ratio": settings.ratio, "items": settings.chances or None}
    return OwnAccount(**values, questions=QUESTIONS)


QUARTERS: Final = calendar.index("2040Q4") + 1
SERIES_KIND: Final = {"state": "large"}
LEAST: Final = {"margin": 0.3, "bad_loans": 0.1, "capital": 5.0}
"""Percent below which a path does not fall."""


def environment(name: str, settings: Tree, series: Mapping[str, object] | None = None) -> Environment:
    """Build the paths of an environment.

    Parameters
    ----------
    name : str
    settings : Tree
        Its numbers.
    series : mapping, optional
        The user's own ``margin``, ``bad_loans`` and ``capital`` (percent by group and year end) and ``market_shares``
        (percent by kind and quarter) in place of the shipped; a group that they leave out keeps the shipped outturn.

    Returns
    -------
    Environment
        Paths from 2020Q1 to 2040Q4; the last yearly change is the last change, after which paths are flat.
    """
    numbers = plain_tree(settings, "environments.*")
    own = series or {}
    pace = by_year(numbers["growth"], QUARTERS)
    opened = calendar.index(f"{numbers['open_weights_year']:.0f}Q1")
    joint_stock = numbers["joint_stock_share"]
    quarters = np.arange(QUARTERS)
    lasting = dict.fromkeys(range(2026, 2031), 1.0)
    return Environment(
        name=name,
        margin=_paths("margin", own, numbers["margin_change"], numbers["margin_factor"]),
        bad_loans=_paths("bad_loans", own, lasting, numbers["bad_loan_change"]),
        capital=_paths("capital", own, {}, dict.fromkeys(GROUPS, 0.0)),
        growth=np.stack([pace * numbers["growth_factor"][group] for group in GROUPS], axis=1),
        large_share=_large_share(own, joint_stock, numbers["descent_rise"]),
        reference_share=_large_share(own, joint_stock, {}),
        openness=numbers["openness_growth"] * quarters / 4.0,
        model_price=np.full(QUARTERS, numbers["language_model_cost"]),
        open_weights=np.where(quarters >= opened, numbers["open_weights_build"], 1.0),
        claim=by_year(numbers["localisation_claim"], QUARTERS),
        exits=by_year(numbers["exits"], QUARTERS),
        ageing=np.full(QUARTERS, numbers["ageing"]),
    )


def _paths(
    series: str, own: Mapping[str, object], change: Mapping[int, float], factor: Mapping[str, float]
) -> np.ndarray:
    """A series of every group, percent: outturn to its last year, then yearly changes times the group's factor."""
    return np.stack([_path(series, own, group, change, factor[group]) for group in GROUPS], axis=1)


def _path(
    series: str, own: Mapping[str, Any], group: str, change: Mapping[int, float], factor: float
) -> np.ndarray:
    kind = SERIES_KIND.get(group, group)
    rows = read(f"series/{series}.csv")
    shipped = {int(row["year"]): float(row["value"]) for row in rows if row["kind"] == kind}
    ends = {int(year): float(value) for year, value in own.get(series, {}).get(kind, shipped).items()}
    for year in sorted(shipped):  # the user's own end sooner: from there on they move as the outturn did
        if year > max(ends):
            ends[year] = ends[year - 1] + shipped[year] - shipped[year - 1]
    for year in sorted(change):
        if year > max(ends):
            ends[year] = max(ends[year - 1] + factor * change[year], LEAST[series])
    return between_year_ends(ends, QUARTERS)


def _large_share(own: Mapping[str, Any], joint_stock: float, rise: Mapping[int, float]) -> np.ndarray:
    """Large banks' share of inclusive loans, 0-1: outturn to its last quarter, then yearly rises in points."""
    rows = read("series/inclusive_share.csv")
    shipped = {row["quarter"]: row["value"] for row in rows if row["kind"] == "large"}
    ends = own.get("market_shares", {}).get("large", shipped)
    dates = [(calendar.index(quarter), float(value)) for quarter, value in ends.items()]
    for year in sorted(rise):
        end = calendar.index(f"{year}Q4")
        if end > dates[-1][0]:
            years = (end - dates[-1][0]) / 4.0
            dates.append((end, min(dates[-1][1] + years * rise[year], 75.0)))
    places, values = zip(*dates, strict=True)
    share: np.ndarray = np.minimum(
        0.01 * (np.interp(np.arange(QUARTERS), places, values) + joint_stock), 0.95
    )
    return share
