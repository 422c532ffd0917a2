"""The model's description agrees with the model: states, items, schedule, sources, numbers in tables and sentences."""

import ast
import inspect
import re
import textwrap

import pytest

from agents.allocation import RULES
from agents.honeycomb import DELIVERY, DIMENSIONS, FAMILIES, FOCUS, INDICATORS, KINDS, LAYERS, ROUTES
from agents.state import STATES
from experiments.config.assembly import SWITCHES
from experiments.config.study import StudySettings
from model.policy import COST_BASES, LEVERS, USERS
from model.shock import SHOCKS
from model.streams import PURPOSES
from model.system import BankingSystem
from tests.odd_tables import CLAIMS, DOCUMENT, MARKS, NUMBERS, TABLES, rewritten
from tests.test_numbers import IDS
from tests.worlds import items

TEXT = DOCUMENT.read_text(encoding="utf-8")
PROSE = MARKS.sub("", TEXT)
SECTIONS = (
    "Purpose",
    "Entities, state variables and scales",
    "Process overview and scheduling",
    "Theoretical and empirical background",
    "Individual decision-making",
    "Learning",
    "Individual sensing",
    "Individual prediction",
    "Interaction",
    "Collectives",
    "Heterogeneity",
    "Stochasticity",
    "Observation",
    "Implementation details",
    "Initialisation",
    "Input data",
    "Submodels",
)


PHASES = {"meet", "open_books", "plan", "build", "close_books", "measure", "look", "record"}
SHIPPED = ("satisficing", "reinforcement", "return_maximising", "fixed_plan", "uniform", "random")


def named(text: str = TEXT) -> set[str]:
    """What stands in code marks."""
    return set(re.findall(r"`([^`\n]+)`", text))


def phases() -> set[str]:
    """What one quarter calls."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(BankingSystem.step)))
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    found = {call.attr for call in calls if isinstance(call, ast.Attribute)}
    found |= {call.id for call in calls if isinstance(call, ast.Name)}
    return {name for name in found if not name.startswith("_")} - {
        "first_of_year",
        "last_of_year",
        "partial",
        "ValueError",
    }


def test_the_document_follows_the_protocol() -> None:
    headings = re.findall(r"^#+ (?:[IVX\d.]+ )*(.+)$", TEXT, re.MULTILINE)
    assert [section for section in SECTIONS if section not in headings] == []


def test_the_tables_and_the_numbers_in_sentences_are_those_of_the_code() -> None:
    assert {found[1] for found in MARKS.finditer(TEXT)} == set(TABLES)
    assert {found[2] for found in NUMBERS.finditer(PROSE)} == set(CLAIMS)
    assert rewritten(TEXT) == TEXT, "run: python -m tests.odd_tables"


def test_every_phase_of_the_quarter_is_described() -> None:
    assert phases() == PHASES
    assert PHASES - named(PROSE) == set()


def test_every_state_item_and_number_is_in_a_table(composed: StudySettings) -> None:
    assert set(STATES) - named() == set()
    assert {item.id for item in items().items} - named() == set()
    assert set(composed.behaviour) | set(composed.banks["city"]) <= named()


def test_every_number_that_a_rule_uses_is_explained_in_the_text(composed: StudySettings) -> None:
    """Not in a table alone: each number stands where its rule is described."""
    assert set(composed.behaviour) - named(PROSE) == set()
    assert {name for kind in KINDS for name in composed.banks[kind]} - named(PROSE) == set()
    environment = {
        name.removesuffix("_build").removesuffix("_year") for name in composed.scenarios[0].environment
    }
    assert environment - named(PROSE) - {"title", "tests", "source", "grade"} == set()


@pytest.mark.parametrize(
    "names",
    [
        LEVERS,
        SHOCKS,
        PURPOSES,
        SHIPPED,
        ROUTES,
        LAYERS,
        DIMENSIONS,
        INDICATORS,
        FOCUS,
        KINDS,
        FAMILIES,
        USERS,
        SWITCHES,
    ],
)
def test_every_name_of_the_model_is_described(names: object) -> None:
    assert set(names) - named() == set()  # type: ignore[call-overload]


def test_every_source_exists() -> None:
    cited = set(re.findall(r"\b([A-Z]\d{3})\b", PROSE))
    assert len(cited) > 25
    assert cited - IDS == set()


def test_every_name_in_the_text_is_a_name_of_the_project(composed: StudySettings) -> None:
    """Words in code marks that look like states or numbers are ones: a renamed one leaves no ghost behind."""
    known = set(STATES) | set(composed.behaviour) | set(composed.banks["city"]) | set(LEVERS) | set(SHOCKS)
    known |= set(RULES) | set(ROUTES) | set(LAYERS) | set(DELIVERY) | set(DIMENSIONS) | set(INDICATORS)
    known |= set(FOCUS) | set(KINDS) | set(PURPOSES) | set(COST_BASES) | set(USERS) | PHASES
    known |= set(composed.scenarios[0].environment) | {"open_weights"}
    ghosts = {name for name in named(PROSE) if re.fullmatch(r"[a-z]+(_[a-z]+)+", name)} - known
    assert ghosts == set()
