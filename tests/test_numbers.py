"""Every number of the configuration says what it is, how far it could be off and where it comes from; none is idle."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agents.allocation import RULES
from agents.honeycomb import KINDS
from experiments.config import catalogue
from experiments.config.assembly import world as assembled
from experiments.config.catalogue import GRADES, Row
from experiments.config.load import SHARED, compose_study
from experiments.config.plain import numbers
from experiments.config.study import StudySettings
from experiments.config.units import measure, parts
from experiments.config.yaml_data import mapping
from model.books import imbalances
from model.graph import partnership_graph
from model.system import BankingSystem
from model.world import Recording, Scenario, World
from tests.worlds import until

ROOT = Path(__file__).resolve().parents[1]
ONE_ID = re.compile(r"([A-Z]+)(\d+)")
# Read when the world is assembled, before any bank exists.
ASSEMBLED = {"focus_emphasis", "indicator_bias", "language_model_launch", "focus"}


def known_ids() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "data" / "source").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            found |= {row["id"] for row in csv.DictReader(file)}
    return found


IDS = known_ids()


def ids(source: str) -> Iterator[str]:
    """``T001-T004; P082`` as five ids."""
    for part in source.split(";"):
        first, _, last = part.strip().partition("-")
        letters, low = ONE_ID.fullmatch(first).groups()  # type: ignore[union-attr]
        high = ONE_ID.fullmatch(last).group(2) if last else low  # type: ignore[union-attr]
        for number in range(int(low), int(high) + 1):
            yield f"{letters}{number:0{len(low)}d}"


def test_a_source_is_a_list_of_ids() -> None:
    assert list(ids("T001-T003; P082")) == ["T001", "T002", "T003", "P082"]


@pytest.mark.parametrize("row", catalogue.rows().values(), ids=lambda row: row.name)
def test_a_row_is_finished(row: Row) -> None:
    assert row.meaning_en.strip()
    assert re.search(r"[\u4e00-\u9fff]", row.meaning_zh), "says nothing in Chinese"
    assert row.unit.strip(), "has no unit"
    assert row.low < row.high, "a range without width knows too much"
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
    for scenario in study.scenarios:
        found += numbers(scenario.environment, f"environments.{scenario.environment_name}")
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
    for scenario in study.scenarios:
        for policy in scenario.policies:
            for effect in policy.effects:
                row = catalogue.row(f"policies.{policy.name}.effects.{effect.field}")
                assert row.low <= effect.range[0] <= effect.value <= effect.range[1] <= row.high
            for cost in policy.costs:
                assert f"policies.*.costs.{cost.name}.amount" in catalogue.rows()
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


# ---- nothing is idle
class Watched(SimpleNamespace):
    """Numbers that remember which of them were read."""

    def __init__(self, numbers: Mapping[str, Any], seen: set[str], prefix: str) -> None:
        super().__init__(**numbers)
        object.__setattr__(self, "_seen", (seen, prefix))

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("_"):
            seen, prefix = object.__getattribute__(self, "_seen")
            seen.add(prefix + name)
        return object.__getattribute__(self, name)


@pytest.fixture(scope="module")
def read(composed: StudySettings, storm: Scenario, baseline: Scenario) -> set[str]:
    """What the model reads in a year and a half of every allocation rule, with every policy and shock on."""
    seen: set[str] = set()
    plain = until(
        assembled(composed), "2021Q4", language_model_launch="2020Q2", recording=Recording(banks=True)
    )

    class WatchedWorld(World):
        @property
        def behaviour(self) -> Watched:
            return Watched(self.common_numbers, seen, "behaviour.")

        def traits(self, replicates: Any, scenarios: int) -> tuple[Watched, dict[str, Watched]]:
            common, kinds = super().traits(replicates, scenarios)
            watched = {
                kind: Watched(vars(numbers), seen, f"banks.{kind}.") for kind, numbers in kinds.items()
            }
            return Watched(vars(common), seen, "behaviour."), watched

    start = {"start": 1, "end": 83}
    storm = replace(
        storm,
        policies=tuple(replace(policy, **start) for policy in storm.policies),
        shocks=tuple(replace(shock, **start) for shock in storm.shocks),
    )
    fields = {name: getattr(plain, name) for name in plain.__dataclass_fields__}
    fields["network"] = Watched(vars(plain.network), seen, "network.")
    fields["questionnaire"] = Watched(vars(plain.questionnaire), seen, "questionnaire.")
    for rule in RULES:
        watched = WatchedWorld(**{**fields, "allocation": rule})
        system = BankingSystem(watched, [baseline, storm], (0,))
        before = {name: values.copy() for name, values in system.columns.items()}
        system.run_for(7)
        imbalances(before, system)
        partnership_graph(system, 0)
    return seen


def test_every_behavioural_number_is_read(read: set[str], composed: StudySettings) -> None:
    by_kind = {name.split(".", 2)[2] for name in read if name.startswith("banks.")}
    common = {name.removeprefix("behaviour.") for name in read if name.startswith("behaviour.")} | by_kind
    assert set(composed.behaviour) - common - ASSEMBLED == set()


@pytest.mark.parametrize("kind", KINDS)
def test_every_number_of_a_kind_is_read_for_that_kind(
    read: set[str], composed: StudySettings, kind: str
) -> None:
    own = {name.split(".", 2)[2] for name in read if name.startswith(f"banks.{kind}.")}
    assert set(composed.banks[kind]) - own - ASSEMBLED == set()


def test_every_number_of_the_network_and_the_survey_is_read(read: set[str], composed: StudySettings) -> None:
    assert {f"network.{name}" for name in composed.network} - read == set()
    assert {f"questionnaire.{name}" for name in composed.population["questionnaire"]} - read == set()


def test_a_number_that_is_sampled_is_not_read_from_the_central_values(
    composed: StudySettings, lab: World
) -> None:
    """`system.numbers` holds central values alone; what it is asked for must not be open to calibration."""
    pattern = re.compile(r"system\.numbers\.(\w+)|self\.numbers\.(\w+)")
    files = [
        ROOT / "model" / name for name in ("peers.py", "start.py", "system.py", "market.py", "outcomes.py")
    ]
    asked = {a or b for path in files for a, b in pattern.findall(path.read_text(encoding="utf-8"))}
    sampled = {name for name in composed.behaviour if catalogue.row(f"behaviour.{name}").sampled}
    assert asked & sampled == set()
