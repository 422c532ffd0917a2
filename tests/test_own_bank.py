"""A bank of one's own in the frame: plans side by side, answers that add up, a board paper in two languages."""

import re
from math import ceil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook
from PIL import ImageFont
from pptx import Presentation

from experiments import api
from experiments.config import names
from experiments.config.assembly import own_bank
from experiments.config.bank import BankSettings, PlanSettings, own_plan
from experiments.config.errors import ConfigError
from experiments.config.load import compose_study
from experiments.location import DATA
from experiments.own_bank import analysis, answers
from experiments.own_bank.analysis import breaks, conditions, next_sizes
from experiments.own_bank.answers import FLOORS, STANDING, OwnRuns, Results, breaches, paid
from experiments.own_bank.pages import Board, own_section
from experiments.own_bank.paper import PAPER, console_text, write_board
from experiments.report.embed import Drawing
from experiments.report.page import opened, title_of
from experiments.report.registry import Page, contents
from model.own_bank import BRIDGE, BUDGET
from model.own_opening import percent_behind
from model.own_plan import KIND, STILL

QUICK = ("execution.workers=1", "outputs.report=false", "outputs.network=[]")
BANK = ("bank=example", "start=2024Q1", "end=2025Q4", "replicates=4", "scenarios=[baseline,margin_shock]")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    folder = tmp_path_factory.mktemp("own")
    return api.simulate(*BANK, "plans=[data_first,own_model]", *QUICK, f"outputs.folder={folder}")


@pytest.fixture(scope="module")
def found(results: Results) -> dict[str, pd.DataFrame]:
    return results.own_bank()


@pytest.fixture(scope="module")
def bank() -> BankSettings:
    settings = compose_study(["bank=example", "scenarios=[baseline]"]).bank
    assert settings is not None
    return settings


def test_plans_are_chosen_by_name_and_by_file(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "spending: {2025: 3000 万元}\nprojects: [{item: scoring, start: 2025Q1}]\n"
    )
    chosen = f"plans=[data_first,{tmp_path / 'mine.yaml'}]"
    settings = compose_study(["bank=example", "scenarios=[baseline]", chosen]).bank
    assert settings is not None
    assert settings.plans is not None
    assert list(settings.plans) == ["data_first", "mine"]
    assert settings.plans["mine"].spending == {2025: 30e6}
    assert [plan.name for plan in own_bank(settings).plans] == ["data_first", "mine"]


@pytest.mark.parametrize(
    "chosen", ["Data first,Own language model", "数据先行,自建大模型", "数据先行,own_model"]
)
def test_a_plan_is_called_by_its_title_as_a_scenario_is(chosen: str) -> None:
    bank = compose_study(["bank=example", "scenarios=[baseline]", names.override(f"plans=[{chosen}]")]).bank
    assert bank is not None
    assert bank.plans is not None
    assert list(bank.plans) == ["data_first", "own_model"]


@pytest.mark.parametrize(
    ("override", "said"),
    [
        (
            "+bank.plans.more_data={spend_ratio: 0.03}",
            "more_data is what a choice beside the plans is called",
        ),
        ("plans=[nothing]", "'nothing' is no plan of the bank"),
        ("plans=[Data frist]", "did you mean data_first?"),
        ("plans=[data_first,数据先行]", "data_first stands there twice"),
        ("bank.plans.data_first.projects=[{item: spend, start: 2025Q1}]", "is no item that a plan can begin"),
        ("+bank.plans.data_first.spending={1999: 3}", "'1999' is no year of the study"),
        (
            "bank.plans.own_model.projects=[{item: scoring, start: 2025Q1, route: magic}]",
            "allowed own, vendor, export",
        ),
        (
            "bank.plans.own_model.projects=[{item: committee, start: 2025Q1, route: own}]",
            "committee is neither a system nor a language model, and has no route",
        ),
        ("+bank.plans.own_model.language_model=联盟", "one route to language models, not alliance, build"),
        ("+bank.plans.own_model.spend_ratio=0.04", "own_model is not read: the plan gives yuan from 2024 on"),
        (
            "+bank.plans.own={language_model: wait, projects: [{item: llm_service, start: 2025Q1}]}",
            "waits with language models, and begins llm_service",
        ),
    ],
)
def test_a_fault_of_a_plan_is_named(override: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        compose_study(["bank=example", "scenarios=[baseline]", override])
    assert said in "\n".join(map(str, caught.value.faults))


def test_pay_is_told_in_yuan_and_a_model_project_sets_the_route(bank: BankSettings) -> None:
    plan = next(plan for plan in own_bank(bank).plans if plan.name == "own_model")
    assert plan.language_model == "build"
    assert plan.pay == {2026: 280_000.0}
    assert plan.staff[2026] == (8.0, 3.0, 4.0)


def test_a_language_model_built_by_the_bank_itself_has_that_route_in_any_words() -> None:
    words = "bank.plans.own_model.projects=[{item: llm_service, start: 2025Q1, route: 自建}]"
    study = compose_study(["bank=example", "scenarios=[baseline]", words])
    assert (
        next(plan for plan in own_bank(study.bank).plans if plan.name == "own_model").language_model
        == "build"
    )


def test_a_role_that_a_year_leaves_out_stays_as_it_was() -> None:
    heads = {"2026": {"technologists": 22}, "2028": {"data": 5}}
    staff = own_plan("ours", PlanSettings.model_validate({"headcount": heads})).staff
    assert np.array_equal(staff[2026], (22, np.nan, np.nan), equal_nan=True)
    assert np.array_equal(staff[2028], (22, 5, np.nan), equal_nan=True)


def test_the_plans_stand_side_by_side_in_every_future(found: dict[str, pd.DataFrame]) -> None:
    assert found["choice"]["plan"].tolist() == ["data_first", "own_model", KIND, STILL]
    assert set(found["floors"]["scenario"]) == {"baseline", "margin_shock"}
    assert len(found["paired"]) == 2 * 6
    assert found["choice"].set_index("plan").loc[STILL, "npv"] == 0.0
    assert (found["choice"]["regret_npv"] >= 0).all()
    assert (found["choice"]["cvar_npv"] <= found["choice"]["npv"] + 1e-9).all()


def test_the_choice_is_what_the_rows_of_the_table_say(
    results: Results, found: dict[str, pd.DataFrame]
) -> None:
    raw = results.frame("own_bank").astype({"scenario": str, "choice": str})
    rows = raw[raw["choice"].isin(found["choice"]["plan"])]
    by, run = ["choice", "scenario"], ["choice", "scenario", "replicate"]
    budget = raw[raw["choice"] == "data_first"].set_index(["scenario", "replicate", "year"])[
        "technology_spending"
    ]
    spent = rows.join(budget.rename("first"), on=["scenario", "replicate", "year"])
    still = spent["choice"] == STILL
    least = spent["technology_spending"].where(~still, spent[["technology_spending", "first"]].max(axis=1))
    broken = (rows["capital"] < 10.5) | (rows["net_profit"] < 0.0) | (rows["budget_exhausted"] > 0)
    broken |= rows["run"] + rows["fees"] > least + 1e-6
    last = rows[rows["year"] == 2025].set_index(run)
    fails = broken.groupby([rows[key] for key in run]).any()
    keeps = (last["index"] >= last["kind_median"]) & ~fails.reindex(last.index)
    profit = rows.pivot_table(index=run, columns="year", values="net_profit")
    gain = profit - profit.loc[STILL].reindex(profit.index.droplevel("choice")).to_numpy()
    value = gain[2024] / 1.08**0.5 + gain[2025] / 1.08**1.5
    told = found["choice"].set_index("plan")
    mean_index, mean_value = last["index"].groupby(by).mean(), value.groupby(by).mean()
    for plan, row in told.iterrows():
        assert row["fails"] == pytest.approx(fails[plan].mean())
        assert row["keeps_up"] == pytest.approx(keeps[plan].mean())
        assert row["cvar_npv"] == pytest.approx(value[plan].nsmallest(1).mean())  # a tenth of 2 x 4 runs
        for name, means in (("regret_index", mean_index), ("regret_npv", mean_value)):
            behind = [means.xs(future, level=1).max() - means[plan, future] for future in means[plan].index]
            assert row[name] == pytest.approx(max(behind), abs=1e-9)


def test_a_score_is_ahead_of_peers_with_less_and_of_half_of_its_equals() -> None:
    peers = np.array([[1.0], [2.0], [2.0], [3.0], [0.0]])
    active = np.array([[True], [True], [True], [True], [False]])  # the last has been merged away
    assert percent_behind(np.array([[2.0], [0.5]]), peers, active).tolist() == [[50.0], [0.0]]


def test_a_floor_that_is_just_met_is_kept() -> None:
    floors = {"capital": 10.5, "profit": 1.0, "run_cost": 0.5, "market": 0.9}
    met = {"capital": 10.5, "net_profit": 0.5, "quarters": 2.0, "run": 3.0, "fees": 2.0}
    met |= {"technology_spending": 10.0, "budget_exhausted": 0.0, "inclusive_share": 90.0}
    told = breaches({key: np.array([value]) for key, value in met.items()}, floors)
    assert not any(part.any() for part in told.values())


def test_a_million_more_brings_what_the_index_gains_over_what_was_added(
    results: Results, found: dict[str, pd.DataFrame]
) -> None:
    raw = results.frame("own_bank").astype({"scenario": str, "choice": str})
    raw = raw[raw["scenario"] == "baseline"]
    ends = raw[raw["year"] == 2025].set_index(["choice", "replicate"])["index"]
    added = raw.groupby(["choice", "replicate"])["added"].sum()
    for row in found["bottleneck"].to_dict("records"):
        more = f"more_{row['dimension']}"
        assert row["gain"] == pytest.approx(((ends[more] - ends["data_first"]) / added[more]).mean())


def test_every_table_reconciles(found: dict[str, pd.DataFrame]) -> None:
    budget, bridge = found["budget"], found["bridge"]
    assert np.allclose(budget[list(BUDGET)].sum(axis=1), budget["technology_spending"], rtol=1e-12)
    assert np.allclose(bridge[["bridge_before", *BRIDGE]].sum(axis=1), bridge["revenue"], rtol=1e-12)
    earned = (
        bridge["revenue"]
        + bridge["fee_income"]
        - bridge[["costs", "charge", "technology_spending", "tax"]].sum(axis=1)
    )
    assert np.allclose(earned, bridge["net_profit"])


def test_questions_eleven_to_twenty_have_answers(found: dict[str, pd.DataFrame]) -> None:
    asked = (
        "place",
        "bottleneck",
        "routes",
        "shares",
        "maintenance",
        "people",
        "floors",
        "payback",
        "paths",
        "early",
    )
    assert all(len(found[name]) for name in asked)
    assert found["place"]["peers"].min() >= 5
    assert found["bottleneck"]["tied"].sum() >= 1
    assert set(found["routes"]["route"]) == {"build", "buy", "union", "alliance", "wait"}


def test_a_breach_is_a_failure() -> None:
    good = {
        "capital": 12.0,
        "net_profit": 5.0,
        "quarters": 4.0,
        "run": 6.0,
        "fees": 1.0,
        "technology_spending": 10.0,
    }
    good |= {"budget_exhausted": 0.0, "inclusive_share": 95.0}
    floors = {"capital": 10.5, "profit": 0.0, "run_cost": 0.8, "market": 0.9}
    for name, worse in {
        "capital": {"capital": 10.4},
        "profit": {"net_profit": -0.1},
        "run_cost": {"run": 7.5},
        "market": {"inclusive_share": 89.0},
    }.items():
        told = breaches({key: np.array([value]) for key, value in (good | worse).items()}, floors)
        assert {key for key, part in told.items() if part.any()} == {name}
    exhausted = breaches({k: np.array([v]) for k, v in (good | {"budget_exhausted": 1.0}).items()}, floors)
    assert exhausted["run_cost"].all()


def overfull(slide: Any) -> list[str]:
    """Texts of a slide that do not fit their box, and tables that run into their note, by the width of letters."""
    face = ImageFont.truetype(str(DATA / "fonts" / "NotoSansSC-Regular.otf"), 100)

    def tall(paragraph: Any, width: float) -> float:
        size, room = paragraph.font.size.pt, 72 * (width / 914400 - 0.2)
        lines, at = 1, 0.0
        for word in re.findall(r"[\u2e80-\uffff]|[^\s\u2e80-\uffff]+\s*|\s+", paragraph.text):
            long = face.getlength(word) * size / 100
            lines, at = (lines, at + long) if at + long <= room else (lines + max(1, ceil(long / room)), long)
        after = paragraph.space_after.pt if paragraph.space_after else 0
        return lines * 1.2 * size + after

    found = []
    for shape in slide.shapes:
        if shape.has_text_frame:
            needed = sum(tall(line, shape.width) for line in shape.text_frame.paragraphs if line.text)
            found += [shape.text_frame.text] if needed > shape.height / 12700 else []
        if shape.has_table:
            widths = [column.width for column in shape.table.columns]
            rows = [
                max(
                    tall(cell.text_frame.paragraphs[0], width) + 6
                    for cell, width in zip(row.cells, widths, strict=True)
                )
                for row in shape.table.rows
            ]
            needed = sum(
                max(row.height / 12700, tall) for row, tall in zip(shape.table.rows, rows, strict=True)
            )
            found += [slide.shapes.title.text_frame.text] if shape.top / 12700 + needed > 6.6 * 72 else []
    return found


def test_a_balance_is_paid_back_when_it_stays_above_zero() -> None:
    assert paid(np.array([-2.0, 3.0, -2.0, 4.0])).tolist() == [False, False, False, True]
    assert paid(np.array([-2.0, 3.0, 1.0])).tolist() == [False, True, True]
    assert paid(np.array([1.0, -3.0])).tolist() == [False, False]
    assert paid(np.array([0.0, 0.0, 1.0])).tolist() == [
        False,
        False,
        True,
    ]  # nothing is gained before it begins
    assert not paid(np.zeros(3)).any()


def invented(**outcomes: list[list[float]]) -> OwnRuns:
    """Runs of one future, a plan and as today; outcomes are those of the plan, by run and year."""
    runs = OwnRuns.__new__(OwnRuns)
    shape = np.shape(outcomes["net_profit"])
    names = ("net_profit", "tax", "projects", "kept", "compliance", "claim", "policy_cost")
    still = {"net_profit": 100.0, "tax": 25.0, "projects": 0.0, "kept": 0.0}
    runs._columns = {
        name: np.stack(
            [
                np.asarray(outcomes.get(name, np.full(shape, still.get(name, 0.0)))),
                np.full(shape, still.get(name, 0.0)),
                np.full(shape, still.get(name, 0.0)),
            ],
            axis=1,
        )[None]
        for name in names
    }
    runs.axes = {"choice": ["ours", KIND, STILL]}
    runs.futures, runs.years, runs.rate = ["baseline"], list(range(2024, 2024 + shape[1])), 0.1
    runs.plans, runs.compared = ["ours"], ["ours", KIND, STILL]
    return runs


def test_returns_that_go_on_are_counted_as_the_balance_is_not_discounted() -> None:
    # Three years: 8 below, 8 below, 2 above; the last year's projects of 1 cost 0.8 after the tax of a fifth.
    profit = [[92.0, 92.0, 102.0]]
    runs = invented(net_profit=profit, tax=[[23.0, 23.0, 25.5]], projects=[[8.0, 8.0, 1.0]])
    assert runs.going_on("ours")[0] == pytest.approx([2.8])
    weights = [1.1 ** -(year + 0.5) for year in range(8)]
    by_hand = -8 * (weights[0] + weights[1]) + 2 * weights[2] + 2.8 * sum(weights[3:])
    assert runs.npv("ours", 5)[0] == pytest.approx([by_hand])
    assert by_hand < 0
    row = answers.payback(runs).iloc[0]
    assert row["tail"] == 0.0  # -8 - 8 + 2 + 5 * 2.8 = 0: not above zero yet
    runs._columns["projects"][0, 0, 0, 2] = 1.1  # a little more is spared, and the balance passes zero
    assert runs.npv("ours", 5)[0] < 0
    assert answers.payback(runs).iloc[0]["tail"] == 1.0


def test_a_year_with_a_loss_spares_projects_after_the_tax_of_years_without_one() -> None:
    # Pay 20 % on profit; in the last year 5 in its good quarters, though the year as a whole loses.
    for tax, spared in ((5.0, 8.0), (0.0, 10.0)):
        runs = invented(net_profit=[[80.0, -30.0]], tax=[[20.0, tax]], projects=[[0.0, 10.0]])
        assert runs.going_on("ours")[0] == pytest.approx([-130.0 + spared])


def test_the_year_of_payback_is_one_by_which_half_of_the_runs_are_paid_back() -> None:
    soon, late, never = [101.0, 101.0, 101.0, 101.0], [90.0, 101.0, 101.0, 120.0], [90.0, 90.0, 90.0, 90.0]
    for others, year in (([late, late], 2024), ([never, never], 2024), ([late, never], 2024)):
        assert answers.payback(invented(net_profit=[soon, soon, *others])).iloc[0]["year"] == year
    assert np.isnan(answers.payback(invented(net_profit=[soon, never, never])).iloc[0]["year"])


def test_no_plan_pays_back_sooner_under_stress(results: Results) -> None:
    runs = OwnRuns(results.path("own_bank"), results.manifest["config"]["bank"])
    assert runs.stressed[1].all()
    assert not runs.stressed[0].any()
    for choice in runs.axes["choice"]:  # by yuan, by project, by share of revenue, and as peers decide
        stays = runs.paid_back(choice)
        assert (stays[1] <= stays[0]).all()
        spared = paid(runs.gain(choice)) & ~stays
        assert not spared[0].any()
    table = answers.payback(runs).set_index(["plan", "scenario"])
    for plan in (*runs.plans, KIND):
        base, hit = table.loc[(plan, "baseline")], table.loc[(plan, "margin_shock")]
        assert hit["paid_back"] <= base["paid_back"]
        assert hit["tail"] <= base["tail"]
        assert hit["spared"] >= 0.0


def test_conditions_name_the_number_that_decides() -> None:
    inputs = np.random.default_rng(1).random((300, 4))
    rows = conditions(("a", "b", "c", "d"), inputs, inputs[:, 2] < 0.4, np.ones(300), 3)
    assert rows[0]["parameter"] == "c"
    assert (rows[0]["fails_low"], rows[0]["fails_high"]) == (1.0, 0.0)
    assert rows[0]["failure"] == "floor"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_board_gets_a_paper_slides_and_every_table(results: Results, language: str) -> None:
    page_of = opened(results.folder, language)
    assert [path.name for path in write_board(page_of)] == list(PAPER)
    page = (results.folder / "board.html").read_text("utf-8")
    said = console_text(results.folder)
    assert results.manifest["config"]["bank"]["name"] in said
    assert "Data first" in said  # whichever language the paper is in, the console has the study's own
    assert page.count("<section") == 4
    assert "http" not in page.replace("http://www.w3.org", "")
    assert ("数据先行" if language == "zh" else "Data first") in page
    drawings = [block for block in own_section(page_of) if isinstance(block, Drawing)]
    assert [drawing.name for drawing in drawings] == ["own_standing", "own_choice", "own_stress", "own_next"]
    shares = drawings[2].data
    assert shares["value"].between(0, 100).all()
    deck = Presentation(str(results.folder / "board.pptx"))
    charts = [shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    board = page_of.once(Board)
    drawn = [chart for sheet in board.sheets for chart in sheet.charts]
    for native, chart in zip(charts, drawn, strict=True):
        series = {line.name: list(line.values) for line in native.plots[0].series}
        assert series == {name: pytest.approx(values) for name, values in chart.series.items()}
    shares = board.frame("floors").pivot(index="scenario", columns="plan", values="any")
    heat = next(chart for chart in drawn if chart.kind == "heat")
    for plan in board.runs.compared:
        assert heat.series[board.plans[plan]] == pytest.approx(list(100 * shares[plan][board.runs.futures]))
    assert [words for words in map(overfull, deck.slides) if words] == []
    tables = [shape.table for slide in deck.slides for shape in slide.shapes if shape.has_table]
    bold = [[c.text_frame.paragraphs[0].font.bold for c in row.cells] for row in list(tables[1].rows)[1:]]
    assert bold == [[cell.strong for cell in row] for row in board.standing().tables[1].rows]
    for slide in deck.slides:
        boxes = [(s.left, s.top, s.left + s.width, s.top + s.height) for s in slide.shapes]
        for place, (left, top, right, bottom) in enumerate(boxes):
            assert 0 <= left < right <= deck.slide_width
            assert 0 <= top < bottom <= deck.slide_height
            for other in boxes[:place]:
                assert not (left < other[2] and other[0] < right and top < other[3] and other[1] < bottom)
    book = load_workbook(results.folder / "board.xlsx")
    assert {"board", "choice", "floors", "budget", "bridge", "payback", "items"} <= set(book.sheetnames)


def test_what_is_said_of_a_plan_is_the_difference_of_what_the_table_shows(results: Results) -> None:
    board = opened(results.folder, "en").once(Board)
    worth = board.frame("choice").set_index("plan")["npv"]
    others = ["no_change", "like_its_kind", *board.runs.plans[1:]]
    for said, other in zip(board.choice().points, others, strict=False):
        assert said.endswith(f"{board.labels.balance(worth[board.lead] - worth[other])} million yuan.")
    early = next(table for table in board.next().tables if "As today, end of 2024" in table.head)
    row = board.frame("early").set_index(["plan", "outcome"]).loc[(board.lead, "spend_ratio")]
    still = board.runs.of("spend_ratio", "no_change")[0, :, 0]
    assert row["still_year"] == 2024
    assert row["still"] == pytest.approx(np.median(still))
    assert len(early.head) == 4


def test_hiring_costs_what_it_costs_beyond_the_first_plan() -> None:
    paid = {"lead": 30.0, "people_hire": 100.0, "people_train": 30.0}
    runs: Any = SimpleNamespace(
        of=lambda name, choice: np.full((1, 2, 2), paid[choice] if name == "people_cost" else 50.0),
        npv=lambda choice: np.zeros((1, 2)),
        plans=["lead"],
    )
    assert answers.people(runs).set_index("choice")["cost"].to_dict() == {"hire": 140.0, "train": 0.0}


def test_a_page_says_no_more_than_its_numbers(results: Results) -> None:
    page = opened(results.folder, "en")
    board = page.once(Board)
    whole = board.whole
    assert list(board.floors) == ["capital", "profit", "run_cost"], "nobody set a floor of the market"
    assert "market share" not in board._bears()[0]
    assert board.breaches().note.endswith("none of the market share.")
    shares = board.frame("shares").assign(keeps_up=1.0)
    few = board.frame("early").assign(outcome="heads", still=3.0, q50=2.7, effect=-0.3)
    gains = board.frame("bottleneck").assign(
        spent=500.0, gain=[2e-4, *[0.0] * 5], error=1e-5, tied=[1, *[0] * 5]
    )
    driven = [
        {"plan": plan, "driver": "margin", "floor": floor}
        for plan in board.plans
        for floor in (*FLOORS, STANDING)
    ]
    at = {"capital": np.nan, "profit": 20.0, "run_cost": 0.0, "market": np.nan, STANDING: 0.0}
    struck = pd.DataFrame(driven).assign(first=0.0, largest=150.0, unit="basis points lower")
    struck["breaks_at"] = struck["floor"].map(at)
    put = {"shares": shares, "early": few, "bottleneck": gains, "own_reverse": struck}
    board.whole = lambda name: put.get(name, whole(name))
    assert board._next_sentences()[0].startswith("Even ")
    assert [cell.text for cell in board._early().rows[0][1:]] == ["3.0", "2.7", "−0.3"]
    assert "100 million yuan more there adds 0.02 points" in board._binding()
    assert board._marginal().head[1:] == ["Points for 100 million yuan", "Rank"]
    assert board._marginal().rows[0][2].text == "first"
    reverse = board._reverse()[0]
    assert reverse.rows[0][0].interval.startswith("already broken: running cost; one floor or another")
    assert reverse.rows[0][1].interval == "", "what is broken in half of the runs is so in one of ten"


def test_plans_that_keep_up_as_often_are_named_together(results: Results) -> None:
    board = opened(results.folder, "en").once(Board)
    whole, choice, (first, second) = board.whole, board.frame("choice"), board.runs.plans[:2]
    for shares, title in (
        (
            {first: 0.501, second: 0.499},
            "“{}”, “{}” keep up without a breach in 50\N{NO-BREAK SPACE}% of futures and runs each",
        ),
        (
            {first: 0.54, second: 0.5},
            "“{}” keeps up without a breach in 54\N{NO-BREAK SPACE}% of futures and runs, more often than any",
        ),
    ):
        often = choice.assign(keeps_up=choice["plan"].map(shares).fillna(0.1))
        board.whole = lambda name, often=often: often if name == "choice" else whole(name)
        assert board.choice().title.startswith(title.format(board.plans[first], board.plans[second]))


def test_the_report_of_a_bank_begins_with_it(results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Page, "draw", lambda page: None)  # its own figures are drawn for the board
    page = opened(results.folder, "en")
    assert title_of(page).startswith(f"{results.manifest['config']['bank']['name']}: where its plans lead")
    assert [name for name, _ in contents(page)][:3] == ["own_bank", "own_opening", "moves"]


def test_every_floor_has_its_own_break_whatever_else_is_broken_already() -> None:
    limits = {"capital": 0.4, "profit": 0.13, "run_cost": 2.0, "market": -1.0}  # of the largest blow
    luck = np.linspace(-0.01, 0.01, 21)
    tried: dict[float, np.ndarray] = {}
    for steps in (8, 4, 4, 4):
        sizes = next_sizes(tried, steps)
        tried |= {size: np.array([size + luck >= limit for limit in limits.values()]) for size in sizes}
    assert len(tried) < 9 + 2 * 2 * 9  # it looks where a floor breaks, and nowhere else
    rows = {row["floor"]: row for row in breaks(tried)}
    assert rows["market"] == {"floor": "market", "breaks_at": 0.0, "first": 0.0, "unstruck": 1.0}
    for floor in ("capital", "profit"):
        assert rows[floor]["breaks_at"] == pytest.approx(limits[floor], abs=1 / 512)
        assert rows[floor]["first"] == pytest.approx(limits[floor] - 0.008, abs=1 / 512)
    assert np.isnan(rows["run_cost"]["breaks_at"])
    assert {**rows["standing"], "floor": "profit"} == rows["profit"]  # the first of those that stand
    every = dict(zip((0.0, 1.0), np.ones((2, 4, 3), bool), strict=True))
    assert all(row["breaks_at"] == 0 for row in breaks(every))
    assert next_sizes(every, 4) == []


def test_a_blow_breaks_a_plan_and_a_better_plan_keeps_to_its_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analysis, "GENERATIONS", 2)
    monkeypatch.setattr(analysis, "TRIED", 4)
    monkeypatch.setattr(analysis, "LUCK", 3)
    monkeypatch.setattr(analysis, "STEPS", (2, 2))
    methods = "analysis.methods=[own_reverse,own_search]"
    results = api.simulate(
        *BANK, "plans=[data_first]", "task=policy", methods, *QUICK, f"outputs.folder={tmp_path}"
    )
    broken = results.frame("own_reverse")
    assert set(broken["driver"]) == {"margin", "bad_loans", "loss", "cost"}
    assert set(broken["floor"]) == {"capital", "profit", "run_cost", "market", "standing"}
    borne = broken.dropna(subset="breaks_at")
    assert (borne["first"].fillna(np.inf) <= borne["breaks_at"]).all()
    proposal = results.frame("own_search").set_index("what")
    assert proposal.loc["spending", "proposed"] <= 1.02 * proposal.loc["spending", "plan"]
    write_board(opened(results.folder, "en"))
    assert "Reverse stress" in (results.folder / "board.html").read_text("utf-8")


def test_what_a_single_run_brings_has_no_error() -> None:
    row = analysis.brought("index", "points", np.array([[[50.0, 51.5]]]))
    assert (row["plan"], row["proposed"], row["effect"], row["mean"]) == (50.0, 51.5, 1.5, 1.5)
    assert np.isnan(row["error"])
    pair = analysis.brought("index", "points", np.array([[[50.0, 51.0], [50.0, 53.0]]]))
    assert pair["error"] == pytest.approx(1.0)
    futures = np.array([[[50.0, 51.0], [50.0, 53.0]], [[50.0, 52.0], [50.0, 54.0]]])  # gains 1, 3 and 2, 4
    assert analysis.brought("index", "points", futures)["error"] == pytest.approx(1.0)
    assert np.isnan(analysis.brought("index", "points", futures[:, :1])["error"])


def test_one_bank_of_several_can_be_asked_for(results: Results) -> None:
    runs = OwnRuns(results.path("own_bank"), results.manifest["config"]["bank"])
    assert runs.plans == ["data_first", "own_model"]
    assert runs.floors["profit"] == 0.0
    assert answers.choice(runs).shape[0] == 4


@pytest.mark.parametrize("replicates", [1, 3])
def test_a_single_run_has_no_error_and_no_dimension_clearly_ahead(replicates: int) -> None:
    """Every dimension brings the same in every run, far apart from the others: one run cannot tell that from luck."""
    index = {name: 50.0 + place for place, name in enumerate(answers.MORE)}

    def of(column: str, plan: str) -> np.ndarray:
        return np.full((1, replicates, 2), 0.5 if column == "added" else index.get(plan, 40.0))

    runs: Any = SimpleNamespace(of=of, plans=("today",))
    table = answers.bottleneck(runs)
    assert table["gain"].tolist() == [15.0, 14.0, 13.0, 12.0, 11.0, 10.0]
    if replicates == 1:
        assert table["error"].isna().all()
        assert table["tied"].tolist() == [1] * 6
    else:
        assert table["error"].tolist() == [0.0] * 6
        assert table["tied"].tolist() == [1, 0, 0, 0, 0, 0]


def test_where_more_money_does_nothing_at_all_no_dimension_is_the_bottleneck() -> None:
    runs: Any = SimpleNamespace(of=lambda column, plan: np.full((1, 3, 2), 50.0), plans=("today",))
    table = answers.bottleneck(runs)
    assert table["gain"].tolist() == [0.0] * 6
    assert table["tied"].tolist() == [1] * 6
