"""The books of every bank balance in every quarter, with every policy and shock on, under every allocation rule."""

from dataclasses import replace

import numpy as np
import pytest

from agents.allocation import RULES
from agents.honeycomb import KINDS, PAYERS
from agents.language_model import affordability
from agents.partnership import wish
from model.books import imbalances, where_fees_go
from model.system import BankingSystem
from model.world import Scenario, World
from tests.worlds import quarters

EXACT = 1e-9
STOCKS = ("loans", "bad_loans", "provisions", "capital")
UNIT_INTERVAL = (
    "indicators", "dimensions", "data_asset", "benefit", "performance", "aspiration", "allocation", "weights",
    "habitual", "written_plan", "best_practice", "inclusive_share", "openness", "hub_level", "route_draw",
    "failure_draw", "spend_ratio", "staff",
)  # fmt: skip
NEVER_NEGATIVE = (
    "assets", "loans", "bad_loans", "provisions", "capital", "revenue", "budget", "run", "change", "compliance",
    "policy_cost", "vendor_fee", "export_fee", "alliance_fee", "union_fee", "fee_income", "projects",
    "language_model_spending", "commitment", "dividend", "recapitalised", "loss_charge", "defaulted", "disposed",
    "run_unpaid", "effort_cost", "written_off",
)  # fmt: skip


@pytest.fixture(scope="module", params=list(RULES))
def audited(
    request: pytest.FixtureRequest, lab: World, baseline: Scenario, storm: Scenario
) -> dict[str, object]:
    """Eleven years of one rule, without and with every policy and shock, and what the audit saw in each quarter."""
    system = BankingSystem(replace(lab, allocation=request.param), [baseline, storm], (0,))
    seen: dict[str, list] = {"errors": [], "fees": [], "own": [], "outside": []}
    before = {name: system.columns[name].copy() for name in STOCKS}
    for _ in quarters(system, 44):
        seen["errors"].append(imbalances(before, system))
        seen["fees"].append(where_fees_go(system))
        seen["own"].append(system.population.kind_sums(system.columns["policy_cost"]))
        seen["outside"].append(out_of_bounds(system))
        before = {name: system.columns[name].copy() for name in STOCKS}
    return {**seen, "system": system}


def out_of_bounds(system: BankingSystem) -> list[str]:
    columns, slack = system.columns, 1e-12
    wrong = [n for n in UNIT_INTERVAL if columns[n].min() < -slack or columns[n].max() > 1.0 + slack]
    wrong += [n for n in NEVER_NEGATIVE if columns[n].min() < 0.0]
    return wrong + [name for name, values in columns.items() if not np.isfinite(values).all()]


def test_every_identity_holds_in_every_quarter(audited: dict) -> None:
    worst = {name: max(errors[name] for errors in audited["errors"]) for name in audited["errors"][0]}
    assert all(error < EXACT for error in worst.values()), worst


def test_what_banks_pay_for_partners_is_received_or_leaves_the_system(audited: dict) -> None:
    for fees in audited["fees"]:
        arrived = fees["large_banks"] + fees["unions"] + fees["vendors"] + fees["alliances"]
        np.testing.assert_allclose(arrived, fees["paid"], rtol=EXACT)
    assert all(float(audited["fees"][-1][place].min()) > 0 for place in ("large_banks", "unions", "vendors"))


def test_banks_pay_for_policies_what_the_table_of_costs_says(audited: dict) -> None:
    system = audited["system"]
    table = system.recorder.costs[..., PAYERS.index("bank"), :].sum(3)[:, 0]
    own = np.array(audited["own"]).reshape(11, 4, 2, len(KINDS)).sum(1)
    np.testing.assert_allclose(table.swapaxes(0, 1) * 1e6, own, rtol=EXACT, atol=1e-3)
    assert own[-1, 1].sum() > 0
    assert own[:, 0].sum() == 0


def test_states_keep_their_bounds(audited: dict) -> None:
    assert [names for names in audited["outside"] if names] == []


def test_decisions_are_probabilities(audited: dict) -> None:
    system = audited["system"]
    for cohort in system.cohorts:
        for layer in ("vendor", "export", "alliance"):
            chance = cohort.partner_wish(layer)
            assert chance.min() >= 0.0
            assert chance.max() <= 1.0
        reach = affordability(4 * cohort.change, cohort.route_costs(), cohort.traits.threshold_dispersion)
        assert reach.min() >= 0.0
        assert reach.max() <= 1.0
        assert cohort.room().min() >= 0.0
        assert cohort.room().max() <= 1.0
    assert wish(np.array([1e9]), 0.0, 0.0, 4.0) == 1.0


def test_an_altered_book_is_noticed(lab: World, baseline: Scenario) -> None:
    system = BankingSystem(lab, [baseline], (0,))
    before = {name: system.columns[name].copy() for name in STOCKS}
    system.run_for(1)
    assert max(imbalances(before, system).values()) < EXACT
    system.columns["capital"][0, 40] *= 1.001
    assert imbalances(before, system)["capital"] > EXACT
