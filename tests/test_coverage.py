"""Whom a policy reaches: counted from the population, refused when it is nobody, told in tables and on the console."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from agents.honeycomb import KINDS
from agents.kinds import BANK_KINDS
from experiments.config import assembly
from experiments.config.assembly import ALL, Coverage, check_reach, coverage
from experiments.config.errors import ConfigError
from experiments.config.load import compose_study
from experiments.failure import StudyFailed
from experiments.report.console import apart, reach
from experiments.study.run import write_tables
from model.policy import LEVERS, OF_ALLIANCES
from tests.test_tables_of_a_study import SPLITS, merged
from tests.worlds import lever, scenario

WORDS = (
    "policy=[inclusive_supervision,data_sharing]",
    "policies.inclusive_supervision.coverage.kinds=[city,private]",
    "population=survey",
    "replicates=2",
    "end=2025Q4",
)


@pytest.fixture(scope="module")
def world():
    settings = compose_study([*WORDS])
    return assembly.world(settings), [assembly.scenario(one) for one in settings.scenarios]


def test_a_policy_reaches_the_banks_of_its_kinds_and_provinces(world):
    population, scenarios = world[0].population, world[1]
    rows = {row.policy: row for row in coverage(population, scenarios)}
    assert list(rows) == ["inclusive_supervision", "data_sharing", ALL]
    kinds = np.isin(population.kind, [1, 3])  # city and private banks, as the words say
    one = rows["inclusive_supervision"]
    assert one.banks == kinds.sum()
    assert one.provinces == len(set(population.province[kinds]))
    assert one.asset_share == pytest.approx(population.assets[kinds].sum() / population.assets.sum())
    assert (
        rows[ALL].banks == rows["data_sharing"].banks > one.banks
    )  # a bank counts once, whichever reaches it


def test_banks_that_a_lever_cannot_move_are_not_reached(world):
    population = world[0].population
    (row, _) = coverage(population, [scenario("union", [lever("hub_quality", 0.3)])])
    unions = np.array([place.has_union for place in population.provinces])[population.province]
    assert row.banks == (unions & (population.kind == KINDS.index("rural"))).sum()


def test_provinces_narrow_the_reach_and_nobody_is_refused(world):
    population, (_, scenario) = world[0].population, world[1]
    lever = scenario.policies[0]
    here = population.provinces[int(population.province[-1])].code
    narrow = replace(scenario, policies=(replace(lever, provinces=(here,)),))
    nobody = replace(scenario, policies=(replace(lever, provinces=("XZ",)), lever))
    few, none = coverage(population, [narrow]), coverage(population, [nobody])
    assert 0 < few[0].banks < population.covered(lever).sum()
    assert few[0].provinces == 1
    check_reach(few)
    assert none[0] == Coverage(scenario.name, lever.name, 0, 0, 0.0)
    with pytest.raises(StudyFailed, match=rf"{lever.name} of .* reaches no bank"):
        check_reach(none)


@pytest.mark.parametrize(
    ("policy", "reach", "said"),
    [
        (
            "inclusive_supervision",
            "provinces=[XZ,QH]",
            "reaches 0 banks; .* with city, rural, private banks: BJ",
        ),
        ("union_reform", "kinds=[city]", "reaches 47 banks, none of which .* with rural banks: HE"),
        (
            "alliances",
            "kinds=[large]",
            "reaches 18 banks, none of which .* with city, rural, private banks: BJ",
        ),
    ],
)
def test_a_study_whose_policy_moves_nobody_does_not_begin(policy: str, reach: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        compose_study([f"policy={policy}", f"policies.{policy}.coverage.{reach}", "population=survey"])


def test_levers_move_the_kinds_that_have_what_they_act_on() -> None:
    able = {
        trait: {n for n in KINDS if getattr(BANK_KINDS.get(n), trait)} for trait in ("joins_union", "imports")
    }
    for name in LEVERS:
        trait = "joins_union" if name.startswith("hub_") else "imports" if name in OF_ALLIANCES else ""
        assert set(LEVERS.get(name).kinds) == able.get(trait, set())


def test_the_table_says_what_was_counted_and_the_console_shows_it(tmp_path: Path):
    rows = (
        Coverage("a+b", "a", 1200, 31, 0.125),
        Coverage("a+b", "b", 3, 2, 0.5),
        Coverage("a+b", ALL, 1203, 31, 0.625),
        Coverage("c@severe", "c", 4, 1, 0.001),
        Coverage("c@severe", ALL, 4, 1, 0.001),
        *(Coverage("d+e", name, 80, 25, 0.08) for name in ("d", "e", ALL)),
    )
    write_tables(merged(tmp_path, SPLITS[0]), tmp_path, "full", rows)
    table = pd.read_parquet(tmp_path / "coverage.parquet")
    assert list(table.itertuples(index=False, name=None)) == [
        (r.scenario, r.policy, r.banks, r.provinces, r.asset_share) for r in rows
    ]
    described = json.loads((tmp_path / "schema.json").read_text("utf-8"))["tables"]["coverage"]
    assert [column["name"] for column in described["columns"]] == list(table.columns)
    lines = [line.split() for line in reach(table).splitlines()[3:]]
    assert lines[0] == ["a+b", "a", "1,200", "31", "12.5", "%"]
    assert [line[1] for line in lines] == ["a", "b", "all", "c", "d", "e"]  # no total of what reaches alike


def test_the_reach_of_a_scenario_as_a_whole_stands_where_its_policies_differ() -> None:
    rows = [("one", "a", 5), ("one", ALL, 5), ("two", "a", 5), ("two", "b", 7), ("two", ALL, 9)]
    every = pd.DataFrame(rows, columns=["scenario", "policy", "banks"]).assign(provinces=1, asset_share=0.1)
    every["scenario"] = every["scenario"].astype("category")
    assert apart(every)["policy"].tolist() == ["a", "a", "b", ALL]
    alone = every[every["scenario"] == "one"]
    assert apart(alone)["policy"].tolist() == ["a"], "one scenario, as a table that names its categories"
