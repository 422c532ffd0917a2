"""Every number of the configuration says what it is, how far it could be off and where it comes from; none is idle."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from agents.allocation import RULES
from agents.honeycomb import KINDS
from experiments.assembly import world as assembled
from experiments.composition.files import Loader
from experiments.settings import StudySettings
from model.books import imbalances
from model.graph import partnership_graph
from model.system import BankingSystem
from model.world import Recording, Scenario, World
from tests.worlds import until

ROOT = Path(__file__).resolve().parents[1]
GRADES = ("outturn", "inferred", "from memory", "assumption")
ONE_ID = re.compile(r"([A-Z]+)(\d+)")
FILES = sorted((ROOT / "conf").rglob("*.yaml"))
# Read when the world is assembled, before any bank exists.
ASSEMBLED = {"focus_emphasis", "indicator_bias", "language_model_launch", "focus"}


def known_ids() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "data" / "source").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            found |= {row["id"] for row in csv.DictReader(file)}
    return found


IDS = known_ids()


def numbers(node: Any, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every mapping that describes a number, below a node of a file."""
    if isinstance(node, Mapping):
        if "value" in node:
            yield name, node
        else:
            for key, item in node.items():
                yield from numbers(item, f"{name}.{key}" if name else str(key))


def content(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader)  # noqa: S506 - the project's loader of plain data


def whole(name: str, number: Mapping[str, Any]) -> Mapping[str, Any]:
    """A number as it stands, on top of the policy or shock file that it narrows."""
    group, _, rest = name.partition(".")
    file, *keys = rest.split(".")
    shipped = ROOT / "conf" / group / f"{file}.yaml"
    if "unit" in number or not shipped.exists():
        return number
    original = content(shipped)
    for key in keys:
        original = original[key]
    assert original["range"][0] <= number["range"][0] <= number["range"][1] <= original["range"][1]
    return {**original, **number}


NUMBERS = [
    pytest.param(whole(name, number), id=f"{path.relative_to(ROOT / 'conf')}:{name}")
    for path in FILES
    for name, number in numbers(content(path), "")
]


def leaves(value: Any) -> Iterator[Any]:
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else None
    if items is None:
        yield value
    else:
        for item in items:
            yield from leaves(item)


def ids(source: str) -> Iterator[str]:
    """``T001-T004; P082`` as five ids."""
    for part in source.split(";"):
        first, _, last = part.strip().partition("-")
        letters, low = ONE_ID.fullmatch(first).groups()  # type: ignore[union-attr]
        high = ONE_ID.fullmatch(last).group(2) if last else low  # type: ignore[union-attr]
        for number in range(int(low), int(high) + 1):
            yield f"{letters}{number:0{len(low)}d}"


def test_there_are_numbers_to_check() -> None:
    assert len(NUMBERS) > 250
    assert list(ids("T001-T003; P082")) == ["T001", "T002", "T003", "P082"]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_finished(number: Mapping[str, Any]) -> None:
    assert str(number["unit"]).strip(), "has no unit"
    low, high = number["range"]
    values = list(leaves(number["value"]))
    assert all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    assert low < high or low == high == values[0], "a range without width knows too much"
    assert all(low <= v <= high for v in values), f"{values} is not within {low} to {high}"
    assert number["grade"] in GRADES
    if number["source"] == "assumption":
        assert number["grade"] != "outturn", "an outturn has a source"
    else:
        missing = [one for one in ids(str(number["source"])) if one not in IDS]
        assert not missing, f"no row of data/source has {missing}"
    if "total" in number:
        assert sum(values) == pytest.approx(number["total"], abs=1e-9)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "conf" / "policy").glob("*.yaml")), ids=lambda path: path.stem
)
def test_a_policy_says_where_it_comes_from_and_what_is_expected_of_it(path: Path) -> None:
    policy = content(path)
    if path.stem == "none":
        assert not policy
        return
    assert set(ids(policy["source"])) <= IDS
    assert policy["source"].startswith("H0")
    assert policy["grade"] in GRADES
    assert policy["effects"]
    assert policy["expected"]
    assert {effect["sign"] for effect in policy["effects"].values()} <= {"+", "-"}


def test_the_thirteen_levers_are_those_of_the_sources() -> None:
    sources = [
        content(path)["source"] for path in (ROOT / "conf" / "policy").glob("[!n]*.yaml") if content(path)
    ]
    sources += [content(ROOT / "conf" / "policy" / "new_infrastructure.yaml")["source"]]
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
    sampled = {name for name, quantity in composed.behaviour.quantities() if quantity.prior}
    assert asked & sampled == set()
