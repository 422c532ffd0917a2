"""Every number of the configuration says what it is, how far it could be off and where it comes from; none is idle."""

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from agents.allocation import RULES
from agents.honeycomb import KINDS
from experiments.config import catalogue
from experiments.config.catalogue import GRADES, Row
from experiments.config.data import read_items
from experiments.config.fields import Whole
from experiments.config.load import SHARED, compose_study
from experiments.config.numbers import numbers
from experiments.config.reading import mapping
from experiments.config.study import CalibrationSettings, StudySettings
from experiments.config.units import measure, parts
from model.graph import partnership_graph
from model.system import BankingSystem
from model.world import Recording, World
from tests.books import before, imbalances
from tests.worlds import scenario, storm, world

ROOT = Path(__file__).resolve().parents[1]
# Read when the world is assembled, before any bank exists.
ASSEMBLED = {"ease", "focus"}


def known_ids() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "data" / "source").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            found |= {row["id"] for row in csv.DictReader(file)}
    return found


IDS = known_ids()


def ids(source: str) -> Iterator[str]:
    """``T001-T004; P082`` as three ids: a list, with both ends of each span, of which the selection has gaps."""
    for part in source.split(";"):
        if part.strip() != "assumption":
            yield from part.strip().split("-")


def test_a_source_is_a_list_of_ids() -> None:
    assert list(ids("T001-T003; P082; assumption")) == ["T001", "T003", "P082"]


def test_rows_of_calibration_are_its_settings_with_their_bounds() -> None:
    rows = {
        name.removeprefix("calibration."): (row.low, row.high)
        for name, row in catalogue.rows().items()
        if name.startswith("calibration.") and "*" not in name
    }
    assert rows == {
        name: (whole.low, whole.high)
        for name, field in CalibrationSettings.model_fields.items()
        for whole in field.metadata
        if isinstance(whole, Whole)
    }


@pytest.mark.parametrize("row", catalogue.rows().values(), ids=lambda row: row.name)
def test_a_row_is_finished(row: Row) -> None:
    assert row.meaning_en.strip()
    assert re.search(r"[\u4e00-\u9fff]", row.meaning_zh), "says nothing in Chinese"
    assert row.unit.strip(), "has no unit"
    assert row.low < row.high, "a range without width knows too much"
    assert row.value is None or row.low <= row.value <= row.high
    assert row.grade in GRADES
    if row.source == "assumption":
        assert row.grade != "outturn", "an outturn has a source"
    else:
        missing = [one for one in ids(row.source) if one not in IDS]
        assert not missing, f"no row of data/source has {missing}"


def test_every_unit_can_be_read(composed: StudySettings) -> None:
    """What is given with a unit is converted: the parser knows the unit of every number of the model."""
    for tree in ("behaviour", "banks", "network", "population"):
        for name, _ in numbers(getattr(composed, tree), tree):
            for unit in parts(catalogue.row(name).unit):
                measure(unit)


def leaves(value: Any) -> Iterator[Any]:
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, tuple) else None
    if items is None:
        yield value
    else:
        for item in items:
            yield from leaves(item)


@pytest.mark.parametrize("population", ["survey", "national"])
def test_every_number_has_a_row_and_lies_within_its_range(population: str) -> None:
    study = compose_study(["experiment=library", f"population={population}"])
    found = [pair for group in SHARED for pair in numbers(getattr(study, group), group)]
    for one in study.scenarios:
        found += numbers(one.environment, f"environments.{one.environment_name}")
    assert len({name for name, _ in found}) > 230
    for name, value in found:
        row, scalars = catalogue.row(name), list(leaves(value))
        assert all(isinstance(v, int | float) and not isinstance(v, bool) for v in scalars), name
        assert all(row.low <= v <= row.high for v in scalars), (
            f"{name}: {scalars} is not within {row.within.en}"
        )
        if row.total is not None:
            assert sum(scalars) == pytest.approx(row.total, abs=1e-9)
    # Whatever is no number of the catalogue is a word or a switch.
    for group in SHARED:
        for name, value in all_leaves(getattr(study, group), group):
            assert any(name == key or name.startswith(f"{key}.") for key, _ in found) or isinstance(
                value, str | bool
            )
    for one in study.scenarios:
        for policy in one.policies:
            for effect in policy.effects:
                row = catalogue.row(f"policies.{policy.name}.effects.{effect.field}")
                assert row.low <= effect.range[0] <= effect.value <= effect.range[1] <= row.high
            for cost in policy.costs:
                assert f"policies.{policy.name}.costs.{cost.name}.amount" in catalogue.rows()
                assert cost.range[0] < cost.amount < cost.range[1]


def all_leaves(tree: Mapping[str, Any], name: str) -> Iterator[tuple[str, Any]]:
    for key, item in tree.items():
        if isinstance(item, Mapping):
            yield from all_leaves(item, f"{name}.{key}")
        else:
            yield f"{name}.{key}", item


@pytest.mark.parametrize(
    "path", sorted((ROOT / "conf" / "policies").glob("*.yaml")), ids=lambda path: path.stem
)
def test_a_policy_says_where_it_comes_from_and_what_is_expected_of_it(path: Path) -> None:
    policy = mapping(path)
    assert set(ids(policy["source"])) <= IDS
    assert policy["source"].startswith("H0")
    assert policy["grade"] in GRADES
    assert policy["effects"]
    assert policy["expected"]


def test_the_thirteen_levers_are_those_of_the_sources() -> None:
    sources = [mapping(path)["source"] for path in (ROOT / "conf" / "policies").glob("*.yaml")]
    assert sorted(sources) == [f"H{number:03d}" for number in range(13, 26)]


def test_items_stand_on_evidence_and_printed_shares_are_not_judged() -> None:
    for row in read_items():
        assert set(ids(row["evidence"])) <= IDS, row["id"]
        assert row["name_en"]
        assert row["name_zh"]
        assert len(row["basis"]) == int(row["rungs"])
        assert "p" not in row["basis"] or row["evidence"] != "assumption"


# ---- nothing is idle
SEEN: set[str] = set()


class Remembering(dict[str, Any]):
    """A dict that remembers which of its items were asked for by name."""

    def __getitem__(self, name: str) -> Any:
        SEEN.add(name)
        return super().__getitem__(name)


class Watched:
    """Numbers that remember which of them were read, as attributes or out of ``vars``."""

    __slots__ = ("_values",)

    def __init__(self, **values: Any) -> None:
        self._values = values

    def __getattr__(self, name: str) -> Any:
        if name not in self._values:
            raise AttributeError(name)
        SEEN.add(name)
        return self._values[name]

    @property
    def __dict__(self) -> Remembering:  # type: ignore[override]
        return Remembering(self._values)


class WatchedWorld(World):
    """A world that remembers which of its numbers were read."""

    def numbers(self, *asked: Any) -> Any:
        return Watched(**vars(super().numbers(*asked)))


@pytest.fixture(scope="module")
def read() -> set[str]:
    """What the model reads in four years of the nation and of every allocation rule, with every policy and shock on."""
    for rule, place in (*((rule, "survey") for rule in RULES), ("satisficing", "national")):
        plain = world("2023Q4", place, allocation=rule, recording=Recording(banks=True))
        watched = WatchedWorld(**{name: getattr(plain, name) for name in plain.__dataclass_fields__})
        system = BankingSystem(watched, [scenario(), storm("2020Q2")], (0,))
        system.f = Watched(**vars(system.f))
        for _ in range(16 if place == "national" else 5):
            earlier = before(system)
            system.step()
            imbalances(earlier, system)
        partnership_graph(system, 0)
    return SEEN


def test_every_number_of_all_banks_is_read(read: set[str], composed: StudySettings) -> None:
    assert set(composed.behaviour) - read - ASSEMBLED == set()


@pytest.mark.parametrize("kind", KINDS)
def test_every_number_of_a_kind_is_read(read: set[str], composed: StudySettings, kind: str) -> None:
    assert set(composed.banks[kind]) - read - ASSEMBLED == set()
