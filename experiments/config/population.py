"""The population of a study from its settings and the tables of banks, and whom a policy reaches in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from agents.honeycomb import KINDS
from experiments.config.data import read
from experiments.config.errors import Faults, Sentence, sentence
from experiments.config.names import KIND_NAMES, PROVINCE_NAMES
from experiments.config.numbers import plain_tree
from experiments.config.study import StudySettings
from experiments.failure import StudyFailed
from model.population import Population, Province, Stratum, settle, spread_sizes
from model.world import Scenario

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
    placed = _survey_places(codes) if numbers["places"] == "survey" else _national_places(codes)
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
        places, known = _with_known_first(
            _fit(placed[name], number), [codes.index(code) for code, _ in named]
        )
        strata.append(Stratum(size, size, assets, places, reported=name != "other", known=known))
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


def _survey_places(codes: list[str]) -> dict[str, np.ndarray]:
    rows = read("survey_regions.csv")
    placed = {
        name: _repeat(codes, ((row["province"], int(row[name])) for row in rows))
        for name in ("city", "rural", "private", "other")
    }
    return {**placed, "village": placed["rural"]}


def _national_places(codes: list[str]) -> dict[str, np.ndarray]:
    rows = read("provinces.csv")
    columns = {
        "city": "city_banks", "rural": "rural_banks", "village": "village_banks", "private": "private_banks",
    }  # fmt: skip
    placed = {
        name: _repeat(codes, ((r["code"], int(r[column])) for r in rows)) for name, column in columns.items()
    }
    return {**placed, "other": placed["city"]}


def _repeat(codes: list[str], rows: Iterable[tuple[str, int]]) -> np.ndarray:
    return np.concatenate([np.full(number, codes.index(code)) for code, number in rows]).astype(int)


def _fit(places: np.ndarray, number: int) -> np.ndarray:
    """Places for another number of banks than the table has: the table's provinces, evenly thinned or repeated."""
    return places if len(places) == number else places[np.arange(number) * len(places) // number]


def _with_known_first(places: np.ndarray, known: list[int]) -> tuple[np.ndarray, int]:
    """Move the provinces of known banks to the front; none is known where a thinned population lacks a province."""
    rest = places
    for place in known:
        here = np.flatnonzero(rest == place)
        if not here.size:
            return places, 0
        rest = np.delete(rest, here[0])
    return np.concatenate([np.array(known, int), rest]), len(known)


def _named(kind: str) -> list[tuple[str, float]]:
    """Province and assets of the banks known by name, the largest first."""
    tables = {"rural": "rural_top.csv", "private": "private_top.csv"}
    rows = read(tables[kind]) if kind in tables else []
    known = [(row["province"], float(row["assets"]) * TRILLION) for row in rows]
    return sorted(known, key=lambda bank: -bank[1])


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
        covered = [population.covered(policy) for policy in scenario.policies]
        rows += [
            _row(population, scenario.name, policy.name, reached)
            for policy, reached in zip(scenario.policies, covered, strict=True)
        ]
        if covered:
            rows.append(_row(population, scenario.name, ALL, np.any(covered, axis=0)))
    return tuple(rows)


def check_reach(rows: Sequence[Coverage]) -> None:
    """Refuse a policy that reaches nobody: it would read as one without effect."""
    nobody = [f"{row.policy} of {row.scenario}" for row in rows if not row.banks and row.policy != ALL]
    if nobody:
        raise StudyFailed(
            f"{', '.join(nobody)} reaches no bank of this population: widen its provinces or kinds of banks, "
            "or choose population=national"
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


def note_reach(settings: StudySettings, faults: Faults, place: Callable[[str, str], str]) -> None:
    """Note every policy that reaches no bank, or none that one of its levers can move.

    Parameters
    ----------
    settings : StudySettings
    faults : Faults
        Grows by what is wrong.
    place : callable
        From a scenario and a policy of it to the key that says whom it reaches.
    """
    policies = [(scenario.name, policy) for scenario in settings.scenarios for policy in scenario.policies]
    if not policies:
        return
    banks = shared_population(settings)
    for scenario, policy in policies:
        known, key = policy.assembled, place(scenario, policy.name)
        everywhere = replace(known, provinces=(), first_tier=None)
        reached = int(banks.covered(known).sum())
        if not reached:
            faults.at(key, sentence("reaches 0 banks"), _present(banks, banks.covered(everywhere)))
        elif not banks.moved(known).any():
            movable = banks.moved(replace(everywhere, kinds=KINDS))
            what = sentence("reaches {} banks, none of which its levers can move", reached)
            faults.at(key, what, _present(banks, movable))


def _present(banks: Population, some: np.ndarray) -> Sentence:
    """Which provinces have the banks that a policy could reach, and of which kinds they are."""
    codes = [banks.provinces[int(place)].code for place in np.unique(banks.province[some])]
    kinds = [KINDS[k] for k in np.unique(banks.kind[some])]
    shown = PROVINCE_NAMES.choice(codes) if codes else Sentence("", "")
    return sentence("provinces with {} banks: {}", KIND_NAMES.choice(kinds) if kinds else "", shown)


def shared_population(settings: StudySettings) -> Population:
    """The population of a study; studies of a sweep that share one have it built once."""
    focus = {kind: tree["focus"] for kind, tree in settings.banks.plain().items()}
    key = repr((settings.population.plain(), focus, settings.seed))
    if key not in _BUILT:
        if len(_BUILT) == MOST_KEPT:
            _BUILT.pop(next(iter(_BUILT)))
        _BUILT[key] = population(settings)
    return _BUILT[key]


def forget_populations() -> None:
    """Build the next population anew, whatever was built from the same settings before."""
    _BUILT.clear()


MOST_KEPT: Final = 4
_BUILT: Final[dict[str, Population]] = {}
