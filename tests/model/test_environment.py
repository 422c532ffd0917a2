"""Paths from outside: dates, outturns hit at the end of each year, shocks with a start and an end."""

import csv
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.kinds import GROUPS
from experiments.config.assembly import scenario
from experiments.config.load import compose_study
from experiments.location import DATA
from model import calendar
from model.environment import between_year_ends, conditions, log_odds_steps
from model.shock import Shock
from model.system import BankingSystem
from model.world import Scenario, World
from tests.worlds import by_scenario, quarters, ran, until, with_behaviour


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / "series" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# ---- dates
@given(st.integers(0, calendar.index("2040Q4")))
def test_a_quarter_keeps_its_name_and_its_index(position: int) -> None:
    assert calendar.index(calendar.name(position)) == position
    assert calendar.first_of_year(position) == calendar.name(position).endswith("Q1")
    assert calendar.last_of_year(position) == calendar.name(position).endswith("Q4")


@pytest.mark.parametrize("name", ["2019Q4", "2041Q1", "2024Q5", "2024q1", "2024Q1 ", "24Q1", ""])
def test_what_is_no_quarter_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a quarter"):
        calendar.index(name)


def test_a_span_counts_both_ends() -> None:
    assert calendar.span("2020Q3", "2021Q1") == ("2020Q3", "2020Q4", "2021Q1")


# ---- margins
@given(
    st.dictionaries(st.integers(2019, 2030), st.floats(0.3, 5.0), min_size=2).map(
        lambda values: {2019: 2.0, **values}
    )
)
def test_a_path_meets_every_year_end_and_stays_between(values: dict[int, float]) -> None:
    path = between_year_ends(values, 44)
    for year, value in values.items():
        if 2020 <= year <= 2030:
            assert path[calendar.index(f"{year}Q4")] == pytest.approx(value)
    assert path.min() >= min(values.values()) - 1e-12
    assert path.max() <= max(values.values()) + 1e-12


def test_margins_meet_the_outturn_of_every_year(baseline: Scenario) -> None:
    groups = {"large": "state"}
    for row in rows("margin.csv"):
        group = groups.get(row["kind"], row["kind"])
        if int(row["year"]) >= 2020 and group in GROUPS:
            quarter = calendar.index(f"{row['year']}Q4")
            assert baseline.environment.margin[quarter, GROUPS.index(group)] == pytest.approx(
                float(row["value"])
            )


def test_a_bank_earns_the_margin_of_its_group(lab: World, baseline: Scenario) -> None:
    system = ran(until(lab, "2021Q3"), [baseline])
    expected = baseline.environment.margin[system.quarter, lab.population.group]
    assert np.array_equal(system.columns["margin"][0], expected)


def test_environments_are_ordered_by_how_hard_they_are() -> None:
    paths = []
    for name in ("mild", "central", "severe"):
        study = compose_study(["scenarios=[baseline]", f"environment={name}"])
        paths.append(scenario(study.scenarios[0]).environment)
    mild, central, severe = (path.margin[calendar.index("2030Q4")] for path in paths)
    assert (mild > central).all()
    assert (central > severe).all()
    taken = [path.descent[calendar.index("2025Q1") :].sum() for path in paths]
    assert taken == sorted(taken)
    last = calendar.index("2024Q4")
    assert all(np.array_equal(path.margin[: last + 1], paths[0].margin[: last + 1]) for path in paths)


# ---- the market for inclusive loans
def test_large_banks_take_the_market_as_they_did(lab: World, baseline: Scenario) -> None:
    """With no contest by capability, state-owned banks' share follows P088-P094 to the last outturn."""
    system = BankingSystem(with_behaviour(until(lab, "2025Q4"), contest_sensitivity=0.0), [baseline], (0,))
    state = lab.population.group == GROUPS.index("state")
    joint = lab.population.group == GROUPS.index("joint_stock")
    shares = {quarter: system.columns["inclusive_share"].copy() for quarter in quarters(system, 22)}
    outturn = {
        calendar.index(r["quarter"]): float(r["value"])
        for r in rows("inclusive_share.csv")
        if r["kind"] == "large"
    }
    assert len(outturn) == 6
    for quarter, value in outturn.items():
        together = 100.0 * shares[quarter][:, state | joint].sum(-1)
        assert together - 17.0 == pytest.approx(value, abs=0.05)
    assert shares[21].sum(-1) == pytest.approx(1.0, abs=1e-12)


@given(st.lists(st.floats(0.02, 0.95), min_size=2, max_size=30))
def test_log_odds_steps_lead_back_to_the_shares(shares: list[float]) -> None:
    steps = np.cumsum(log_odds_steps(np.array(shares)))
    odds = shares[0] / (1.0 - shares[0]) * np.exp(steps)
    np.testing.assert_allclose(odds / (1.0 + odds), shares, rtol=1e-9)


# ---- shocks
def test_a_shock_acts_between_its_dates_alone(lab: World, baseline: Scenario) -> None:
    hit = replace(baseline, name="hit", shocks=(Shock("dip", 2, 3, (("margin", -0.25),)),))
    for quarter in quarters(system := BankingSystem(until(lab, "2021Q4"), [baseline, hit], (0,)), 6):
        usual, lower = by_scenario(system, "margin")
        fall = -0.25 if quarter in (2, 3) else 0.0
        np.testing.assert_allclose(lower - usual, fall, atol=1e-12)


def test_shocks_add_up(baseline: Scenario) -> None:
    one, two = Shock("a", 0, 9, (("margin", -0.1),)), Shock("b", 5, 9, (("margin", -0.2), ("descent", 1.0)))
    there = conditions([baseline.environment] * 2, [(), (one, two)], 3, 6)
    assert there.margin.shape == (6, len(GROUPS))
    np.testing.assert_allclose(there.margin[3:] - there.margin[:3], -0.3)
    np.testing.assert_allclose(there.descent[3:], 2.0 * there.descent[:3])


def test_a_shock_that_ends_before_it_starts_or_hits_nothing_known_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before"):
        Shock("late", 5, 4, ())
    with pytest.raises(ValueError, match="tide"):
        Shock("odd", 5, 9, (("tide", 1.0),))
