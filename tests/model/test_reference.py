"""The columns of the engine are the plain rules: bank by bank, with chance on, for every rule of division."""

from collections.abc import Iterable

import numpy as np
import pytest

from agents.allocation import RULES, Outlook, allocation_rule
from agents.state import STATES
from benchmarks.plain_mesa import PlainMesa
from model.system import BankingSystem
from model.world import Scenario
from tests.worlds import LEVER_FILES, lever, scenario, storm, world

SHIPPED = ("satisficing", "reinforcement", "return_maximising", "fixed_plan", "uniform", "random")


def far_apart(engine: BankingSystem, plain: PlainMesa) -> list[str]:
    """States in which any bank differs: whole numbers at all, others by more than 1e-9."""
    found = []
    for name in STATES:
        ours = getattr(engine, name)[..., 0]
        theirs = np.moveaxis(np.array([getattr(bank, name) for bank in plain.banks]), 0, -1)
        if ours.dtype in (np.int8, np.bool_):
            same = np.array_equal(ours, theirs)
        else:
            scale = np.mean(engine.bad_loans if name == "defaulted" else np.abs(ours)) + 1e-12
            same = bool((np.abs(ours - theirs) <= 1e-9 * np.maximum(np.abs(ours), scale)).all())
        found += [] if same else [name]
    return found


def hold(scenario: Scenario, quarters: Iterable[int], **changed: object) -> None:
    here = world("2030Q4", **changed)
    engine, plain = BankingSystem(here, [scenario], [3]), PlainMesa(here, scenario, 3)
    for quarter in quarters:
        engine.step()
        plain.step()
        assert far_apart(engine, plain) == [], f"quarter {quarter}"


@pytest.mark.parametrize("rule", SHIPPED)
def test_twelve_quarters_are_the_same_under_every_rule(rule: str) -> None:
    hold(scenario(), range(12), allocation=rule)
    assert rule in RULES


@pytest.mark.parametrize("rule", ["satisficing", "return_maximising"])
def test_twelve_quarters_are_the_same_with_every_policy_and_shock(rule: str) -> None:
    hold(storm(), range(12), allocation=rule)


def test_twelve_quarters_are_the_same_where_language_models_stand_and_run() -> None:
    hold(storm(), range(12), numbers={"model_launch": 2020})


def test_a_single_provincial_bank_and_a_users_own_rule_are_the_same() -> None:
    @allocation_rule("half on application")
    def half_on_application(bank: Outlook) -> np.ndarray:
        weights = np.full(bank.shares.shape, 0.1)
        weights[3] = 0.5
        return weights

    merged = scenario("merged", [lever("hub_merges", 1.0), lever("hub_quality", 0.25)])
    hold(merged, range(12), allocation="half on application")


@pytest.mark.parametrize("network", ["none", "rewired"])
def test_without_the_network_and_with_its_placebo_they_are_the_same(network: str) -> None:
    hold(scenario(), range(6), network=network)
    assert len(LEVER_FILES) == 13
