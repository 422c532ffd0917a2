"""Worlds that many tests read; all are built once, from the files of conf, by the same path as a study's."""

import pytest
from hypothesis import settings

from experiments.config.assembly import scenario, world
from experiments.config.load import compose_study
from experiments.config.study import StudySettings
from model.world import Recording, Scenario, World
from tests.worlds import LEVER_FILES, SHOCK_FILES, until

# The same examples on every machine, and few enough that the whole suite stays quick.
settings.register_profile("lab", max_examples=25, derandomize=True, deadline=None)
settings.load_profile("lab")

FEW_NATIONAL_BANKS = (
    "population=national",
    "population.counts.city=12",
    "population.counts.rural=60",
    "population.counts.private=3",
    "population.village_banks=20",
)


@pytest.fixture(scope="session")
def composed() -> StudySettings:
    """The default study with the baseline alone."""
    return compose_study(["scenarios=[baseline]", "uncertainty.parameters=central"])


@pytest.fixture(scope="session")
def lab(composed: StudySettings) -> World:
    """The surveyed banks and the large ones, 2020 to 2030; only scores are recorded."""
    return until(world(composed), "2030Q4")


@pytest.fixture(scope="session")
def baseline(composed: StudySettings) -> Scenario:
    return scenario(composed.scenarios[0])


@pytest.fixture(scope="session")
def pulled() -> dict[str, Scenario]:
    """Each of the thirteen levers alone, as its file has it."""
    study = compose_study([f"scenarios=[baseline,{','.join(LEVER_FILES)}]"])
    return {part.label: scenario(part) for part in study.scenarios[1:]}


@pytest.fixture(scope="session")
def storm() -> Scenario:
    """Every lever and every shock at once."""
    study = compose_study([f"policy=[{','.join(LEVER_FILES)}]", f"shock=[{','.join(SHOCK_FILES)}]"])
    return scenario(study.scenarios[-1])


@pytest.fixture(scope="session")
def nation() -> World:
    """A thinned national system over two years."""
    study = compose_study([*FEW_NATIONAL_BANKS, "scenarios=[baseline]", "uncertainty.parameters=central"])
    return until(world(study), "2021Q4", recording=Recording(banks=True))
