"""The model's description agrees with the model: states, schedule, numbers, levers, shocks, streams, rules, sources."""

import ast
import inspect
import re
import textwrap

import pytest
from agents.bank import Bank
from agents.column import columns_of

from agents.allocation import RULES
from agents.honeycomb import DIMENSIONS, FOCUS, INDICATORS, KINDS, LAYERS, ROUTES
from experiments.config.study import StudySettings
from model.policy import COST_BASES, LEVERS
from model.shock import SHOCKS
from model.streams import PURPOSES
from model.system import BankingSystem
from tests.odd_tables import DOCUMENT, MARKS, TABLES, rewritten
from tests.test_numbers import IDS

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


def named(text: str = TEXT) -> set[str]:
    """What stands in code marks."""
    return set(re.findall(r"`([^`\n]+)`", text))


def phases() -> set[str]:
    """Methods that one quarter calls, on the system, the network, the recorder, every bank or a user's own bank."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(BankingSystem.step)))
    found: set[str] = set()
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute):
            passed = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
            found |= set(passed) if call.func.attr == "every" else {call.func.attr.lstrip("_")}
    return found - {"first_of_year", "followed"}


def test_the_document_follows_the_protocol() -> None:
    headings = re.findall(r"^#+ (?:[IVX\d.]+ )*(.+)$", TEXT, re.MULTILINE)
    assert [section for section in SECTIONS if section not in headings] == []


def test_the_tables_are_those_of_the_code() -> None:
    assert {found[1] for found in MARKS.finditer(TEXT)} == set(TABLES)
    assert rewritten(TEXT) == TEXT, "run: python -m tests.odd_tables"


def test_every_state_is_described() -> None:
    assert set(columns_of(Bank)) - named() == set()


def test_every_phase_of_the_quarter_is_described() -> None:
    assert {"earn", "observe_environment", "interact", "contract", "settle", "record"} <= phases()
    assert phases() - named(PROSE) == set()


def test_every_number_of_behaviour_and_banks_is_described(composed: StudySettings) -> None:
    assert set(composed.behaviour) - named() == set()
    for kind in KINDS:
        assert set(composed.banks[kind]) - named() == set()


def test_every_number_of_the_network_and_the_survey_is_described(composed: StudySettings) -> None:
    assert set(composed.network) - named(PROSE) == set()
    assert set(composed.population["questionnaire"]) - named(PROSE) == set()


@pytest.mark.parametrize(
    "names", [LEVERS, SHOCKS, PURPOSES, RULES, ROUTES, LAYERS, DIMENSIONS, INDICATORS, FOCUS, KINDS]
)
def test_every_name_of_the_model_is_described(names: object) -> None:
    assert set(names) - named() == set()  # type: ignore[call-overload]


def test_every_number_that_an_equation_uses_is_explained_in_the_text(composed: StudySettings) -> None:
    """Not in a table alone: each number of behaviour stands where its rule is described."""
    assert set(composed.behaviour) - named(PROSE) == set()
    assert {name for kind in KINDS for name in composed.banks[kind]} - named(PROSE) == set()


def test_every_source_exists() -> None:
    cited = set(re.findall(r"\b([A-Z]\d{3})\b", PROSE))
    assert len(cited) > 25
    assert cited - IDS == set()


def test_every_name_in_the_text_is_a_name_of_the_project(composed: StudySettings) -> None:
    """Words in code marks that look like states or numbers are ones: a renamed state leaves no ghost behind."""
    known = (
        set(columns_of(Bank)) | set(composed.behaviour) | set(composed.network) | set(LEVERS) | set(SHOCKS)
    )
    known |= (
        {name for kind in KINDS for name in composed.banks[kind]} | set(RULES) | set(ROUTES) | set(LAYERS)
    )
    known |= set(DIMENSIONS) | set(INDICATORS) | set(FOCUS) | set(KINDS) | phases() | set(PURPOSES)
    known |= set(composed.population["questionnaire"]) | set(named_elsewhere(composed))
    ghosts = {name for name in named(PROSE) if re.fullmatch(r"[a-z]+(_[a-z]+)+", name)} - known
    assert ghosts == set()


def named_elsewhere(composed: StudySettings) -> set[str]:
    environment = set(composed.scenarios[0].environment)
    costs = set(COST_BASES)
    return (
        environment
        | costs
        | {"first_tier", "technology_finance", "parameter_rows", "union_bank", "single_bank"}
    )
