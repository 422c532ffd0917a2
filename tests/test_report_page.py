"""The report of a made-up study: self-contained, in two languages, honest, and with nothing from data left raw."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import numpy as np
import pandas as pd
import pytest

from experiments.figures.comparison import scoreboard_plans
from experiments.figures.source import StudyTables
from experiments.labels import LANGUAGES, Labels, chance
from experiments.report import registry
from experiments.report.embed import Drawing, data_link, drawing_of, inline
from experiments.report.page import opened, rendered, write_page, write_pages
from experiments.report.registry import SECTIONS, Text, contents, section
from experiments.report.sections.effects import every_output, kinds_moved
from experiments.report.sections.provenance import listed, show
from experiments.report.sections.sensitivity import _runs
from experiments.report.tables import DASH, Cell, Table
from experiments.results.statistics import first_share, paired_summary
from tests.markup import Page
from tests.synthetic_study import settings, write_study


def unscripted(text: str) -> str:
    """A page without its scripts, and without the figures' data in them."""
    return re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    return write_study(tmp_path_factory.mktemp("study"), replicates=16)


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """A study of few runs, written once."""
    return write_study(tmp_path_factory.mktemp("small"), replicates=4)


@pytest.fixture
def folder(small, tmp_path) -> Path:
    """A copy of the small study, for a test to change."""
    return Path(copytree(small, tmp_path / "s"))


def write_report(folder: Path, language: str, asked: dict) -> Path:
    return write_pages(opened(folder, language, asked))


def write_one(folder: Path, language: str, asked: dict) -> Path:
    """The report without its brief."""
    return write_page(opened(folder, language, asked), "report.html")


def write_brief(folder: Path, language: str, asked: dict) -> Path:
    return write_page(replace(opened(folder, language, asked), brief=True), "brief.html")


def undrawn(plan):
    """Stand in for a figure where a test is about the page: drawing is most of the time a report takes."""
    figure = inline('<svg viewBox="0 0 1 1"></svg>', plan.name, plan.caption)
    return Drawing(plan.name, plan.caption, plan.caption, figure, pd.DataFrame({"a": [1]}), plan.note)


def sketched(plan):
    """A figure that says all that it says, and of which a picture is taken only where a test looks at it."""
    one = drawing_of(plan)
    if plan.name in ("scoreboard", "network_map"):
        return one
    return replace(one, image=inline('<svg viewBox="0 0 1 1"></svg>', one.name, one.finding), chart=None)


@pytest.fixture(scope="module")
def pages(study) -> dict[str, str]:
    """The report in both languages; how every figure is drawn for a page is held beside the figures."""
    texts = {}
    for language, stand_in in (("en", sketched), ("zh", undrawn)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(registry, "drawing_of", stand_in)
            texts[language] = write_report(study, language, settings()).read_text("utf-8")
    return texts


@pytest.fixture
def without_drawing(monkeypatch):
    monkeypatch.setattr(registry, "drawing_of", undrawn)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_whole_and_loads_nothing(pages, language):
    page = Page(pages[language])
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    own = {f"#{name}" for name in page.ids}
    assert [a for a in page.addresses if not a.startswith("data:") and a not in own] == []
    loads = re.sub(r'xmlns(:xlink)?="[^"]*"|base64,[\w+/=]*', "", unscripted(pages[language]))
    assert "http" not in loads.replace("http-equiv", "")


def test_a_page_runs_the_scripts_that_its_policy_names_and_no_other(pages):
    codes = re.findall(r"<script>(.*?)</script>", pages["en"], re.DOTALL)
    sums = [base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() for code in codes]
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', pages["en"])[1]
    assert len(codes) == 2
    assert policy.endswith("script-src " + " ".join(f"'sha256-{one}'" for one in sums))
    assert "<script>" not in pages["zh"]  # whose figures are stand-ins: without charts nothing is to be run


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_section_and_figure_is_there(pages, language):
    sections = {"summary", "uncertainty", "effects", "figures", "levels", "diagnostics", "costs"}
    sections |= {"policies", "assumptions", "provenance", "dictionary"}
    figures = ["scoreboard", *(f"fans_{k}" for k in ("large", "city", "rural", "private"))]
    figures += ["honeycomb", "winners", "province_map", "province_map_1", "province_map_2", "network_map"]
    page = Page(pages[language])
    assert sections | set(figures) <= set(page.ids)
    assert page.tags.count("figure") == len(figures)
    assert unscripted(pages[language]).count('aria-label="') >= len(figures)
    assert len(
        re.findall(
            r'download="(scoreboard|fans|honeycomb|winners|province|network)[a-z_0-9]*\.csv"',
            pages[language],
        )
    ) == len(figures)


def test_chinese_letters_travel_with_the_chinese_page_only(pages):
    assert unscripted(pages["zh"]).count("@font-face") == 2
    assert "@font-face" not in unscripted(pages["en"])
    assert 'lang="zh-CN"' in pages["zh"]


def test_figures_stand_in_the_folder_too(pages, study):
    names = {path.name for path in (study / "figures").iterdir()}
    assert {"scoreboard.png", "scoreboard.svg", "network_map.png"} <= names


def test_the_summary_says_what_moves_for_whom_how_surely_and_at_what_cost(pages):
    text = pages["en"].replace("\N{NO-BREAK SPACE}", " ")
    assert re.search(
        r"<strong>Both:</strong> the index of small and medium banks rises by \d\.\d points in 2030 \(90 % interval",
        text,
    )
    assert re.search(r"That is [\d,.]+ \[[\d,.]+, [\d,.∞]+\] million yuan per point \(90 % interval\)", text)
    assert "priors, not estimates" in text
    assert "large banks is an assumption" in text


def test_columns_of_words_are_set_to_the_left_and_those_of_numbers_to_the_right():
    head = ["Scenario", "Beaten by", "Effect", "Price", "Since", "Nothing"]
    rows = [
        [Cell("Alliances"), Cell("Join rather than build"), Cell("+0.05"), Cell("within noise"), Cell("2030Q4"), DASH],
        [Cell("Talent"), DASH, Cell("> 0.99"), Cell("1,234 m"), Cell("[2.0, 6.0]"), Cell("")],
    ]  # fmt: skip
    table = Table(head, rows)
    assert table.words == [True, True, False, False, False, False]
    assert Table(head, []).words == [False] * 6
    page = rendered("T", "S", [("moves", [table])], Labels("en"))
    cells = re.findall(r"<t[dh][^>]*>(?:Beaten by|Join rather than build|Effect|\+0\.05)<", page)
    assert cells == ['<th scope="col" class="words">Beaten by<', '<th scope="col">Effect<',
                     '<td class=" words">Join rather than build<', "<td>+0.05<"]  # fmt: skip


def test_only_kinds_that_move_beyond_noise_are_said_to_move():
    runs = np.linspace(-1.0, 1.0, 41)
    centres = {"city": (0.2, 0.1), "rural": (0.3, 1.0), "private": (0.0, 0.0)}  # the largest median is noise
    mine = pd.concat(
        pd.DataFrame({"bank_kind": kind, "outcome": "index", "effect": middle + width * runs})
        for kind, (middle, width) in centres.items()
    )
    assert kinds_moved(mine, Labels("en")) == (
        "What moves beyond noise: city banks (+0.20); not: rural institutions, private banks."
    )
    every = mine.assign(effect=mine["effect"] + 2.0)
    assert kinds_moved(every, Labels("zh")).startswith(
        "各类银行的变化均超出噪声：农村金融机构（+2.3）、城商行（+2.2）"
    )
    still = mine.assign(effect=0.0)
    assert kinds_moved(still, Labels("en")) == "No kind of small and medium banks moves beyond noise."


def test_the_fans_confess_how_many_observed_scores_they_miss(pages):
    assert len(re.findall(r"bands of the baseline hold \d+ of 24 observed scores", pages["en"])) == 3


def test_the_data_behind_a_figure_can_be_read_back(pages):
    link = re.search(
        r'href="data:text/csv;charset=utf-8;base64,([^"]*)" download="scoreboard.csv"', pages["en"]
    )
    assert base64.b64decode(link[1]).decode("utf-8-sig").startswith("scenario,replicates,median,")


@pytest.mark.usefixtures("without_drawing")
def test_the_same_study_gives_the_same_page(pages, study):
    assert write_one(study, "zh", settings()).read_text("utf-8") == pages["zh"]


@pytest.mark.usefixtures("without_drawing")
def test_a_value_beyond_the_evidence_is_marked(pages, folder):
    assert "Beyond the evidence" not in pages["en"]
    asked = settings()
    asked["behaviour"] = {"imitation": {**asked["behaviour"]["imitation"], "value": 0.9}}
    text = write_one(folder, "en", asked).read_text("utf-8")
    assert (
        "Beyond the evidence, outside the range that the sources cover: behaviour.imitation = 0.9 (0.1 – 0.5)"
        in text
    )
    assert re.search(r"<td[^>]*>0.9 †</td>", text)


@pytest.mark.usefixtures("without_drawing")
def test_a_table_of_effects_says_which_are_of_another_world(folder):
    asked = settings()
    last = asked["scenarios"][-1]
    for node in asked["scenarios"]:
        node["assumptions"] = {"allocation.rule": "reinforcement"} if node is last else {}
    text = write_one(folder, "en", asked).read_text("utf-8")
    said = (
        r"compared with [^:]*, which has another environment or other assumptions: the effect is that of all"
    )
    assert re.search(rf"<p class=\"note\">[^<]*{said}", text)


@pytest.mark.usefixtures("without_drawing")
def test_the_page_is_the_same_wherever_its_folder_lies(small, tmp_path):
    asked = settings()
    del asked["name"]
    pages = []
    for place in (tmp_path / "a" / "study", tmp_path / "elsewhere" / "copy"):
        write_report(copytree(small, place), "en", asked)
        pages.append([(place / name).read_bytes() for name in ("report.html", "brief.html")])
    assert pages[0] == pages[1]


@pytest.mark.usefixtures("without_drawing")
def test_names_from_settings_are_escaped_everywhere(tmp_path):
    attack = '<script>alert("x")<\\script>&$\\alpha$'
    folder = write_study(tmp_path / "s", ("baseline", attack), replicates=4)
    asked = settings(("baseline", attack))
    asked["name"] = attack
    asked["scenarios"][1]["title"] = {"en": attack, "zh": attack}
    text = write_report(folder, "en", asked).read_text("utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;alert(&#34;x&#34;)" in text
    assert "script" not in Page(text).tags


@pytest.mark.usefixtures("without_drawing")
def test_a_study_of_the_baseline_alone_says_so(tmp_path):
    folder = write_study(tmp_path / "s", ("baseline",), replicates=4)
    (folder / "manifest.json").unlink()
    text = write_report(folder, "en", settings(("baseline",))).read_text("utf-8")
    assert "holds the baseline alone" in text
    assert "With so few runs" in text
    assert 'id="scoreboard"' not in text


@pytest.mark.usefixtures("without_drawing")
def test_of_a_single_run_no_error_is_told(tmp_path):
    folder = write_study(tmp_path / "s", ("baseline",), replicates=1)
    for language, said, known in (
        ("en", "no error of any number", "is known to ±"),
        ("zh", "误差都无从知晓", "误差约 ±"),
    ):
        text = write_report(folder, language, settings(("baseline",))).read_text("utf-8")
        assert said in text
        assert known not in text


@pytest.mark.usefixtures("without_drawing")
def test_the_brief_holds_the_summary_the_scoreboard_and_the_caveats(study):
    text = write_brief(study, "en", settings()).read_text("utf-8")
    page = Page(text)
    assert {"summary", "scoreboard", "fans_city", "fans_rural", "costs", "uncertainty"} <= set(page.ids)
    assert "priors, not estimates" in text
    assert "script" not in page.tags


@pytest.mark.usefixtures("without_drawing")
def test_a_brief_is_written_beside_every_report_of_a_policy(folder):
    write_report(folder, "en", settings())
    both = (folder / "brief.html").read_text("utf-8")
    assert {"scoreboard", "fans_city", "fans_rural"} == set(Page(both).ids) & {
        *("scoreboard", "winners", "fans_city", "fans_rural", "fans_private", "network_map")
    }
    write_brief(folder, "en", settings())
    assert (folder / "brief.html").read_text("utf-8") == both


@pytest.mark.usefixtures("without_drawing")
def test_no_policy_brief_stands_beside_the_report_of_a_bank(folder):
    write_report(folder, "en", settings() | {"bank": {"name": "Ours"}})
    assert [path.name for path in folder.glob("*.html")] == ["report.html"]


@pytest.mark.usefixtures("without_drawing")
def test_the_brief_of_many_scenarios_keeps_to_its_pages(tmp_path):
    names = ("baseline", *(f"policy_{number}" for number in range(12)))
    folder = write_study(tmp_path / "s", names, replicates=4)
    text = write_brief(folder, "en", settings(names)).read_text("utf-8")
    assert "The 10 best of 12 scenarios" in text
    assert text.count("<tr>") == 2 * (1 + 10)
    assert text.count("index of small and medium banks rises") <= 4


def test_the_page_asks_for_its_own_chinese_letters_first(pages):
    assert re.search(r'font: [^;]*?/[\d.]+ "Report SC"', pages["zh"])


@pytest.mark.usefixtures("without_drawing")
def test_the_scenario_that_an_analysis_looks_at_is_the_one_in_focus(study):
    asked = {**settings(), "analysis": {"scenario": "data_sharing"}}
    assert StudyTables(study, settings()).focus == "both"
    assert StudyTables(study, asked).focus == "data_sharing"


def test_the_scenario_in_focus_moves_what_is_asked_about_most(study):
    effects = StudyTables(study, settings()).effects
    mine = effects[(effects["outcome"] == "bad_loans") & (effects["bank_kind"] == "rural")]
    most = mine.groupby("scenario")["effect"].median().abs().idxmax()
    asked = {**settings(), "analysis": {"outcome": "bad_loans", "bank_kind": "rural"}}
    assert StudyTables(study, asked).focus == most != "both"


def test_a_stress_path_is_not_in_focus_where_policies_are(study):
    plain = settings()
    plain["scenarios"][3]["shocks"] = [{"name": "margin"}]
    assert StudyTables(study, plain).focus == "data_sharing"


def test_a_gap_that_narrows_is_below_zero_everywhere(pages, study):
    found = StudyTables(study, settings()).effects
    mine = found[(found["scenario"] == "both") & (found["outcome"] == "rural_city_gap")]
    middle = float(mine["effect"].median())
    told = re.search(
        r"rural-city gap [a-z ]*\(([−+]?[\d.]+) points", pages["en"].replace("\N{NO-BREAK SPACE}", " ")
    )
    assert float(told[1].replace("−", "-")) == pytest.approx(middle, abs=0.06)


def test_costs_are_beyond_those_of_a_baseline_that_has_policies(folder):
    paid = StudyTables(folder, settings()).costs.groupby("scenario")["cost"].sum()
    for name in ("distribution", "effects"):
        table = pd.read_parquet(folder / f"{name}.parquet")
        table[table["scenario"] != "data_sharing"].assign(baseline="data_sharing").to_parquet(
            folder / f"{name}.parquet"
        )
    beyond = StudyTables(folder, settings()).costs.groupby("scenario")["cost"].sum()
    assert beyond["both"] == pytest.approx(paid["both"] - paid["data_sharing"])


def saving(folder: Path, factor: float) -> None:
    """Turn the costs of every policy by a factor: below zero they save money."""
    table = pd.read_parquet(folder / "costs.parquet")
    table.assign(cost=factor * table["cost"]).to_parquet(folder / "costs.parquet")


@pytest.mark.usefixtures("without_drawing")
def test_what_saves_money_is_said_to_save_it_and_has_neither_shares_nor_a_price(folder):
    saving(folder, -1.0)
    text = write_one(folder, "en", settings()).read_text("utf-8").replace("\N{NO-BREAK SPACE}", " ")
    assert re.search(r"It saves [\d,]+ million yuan against its baseline", text)
    assert "The cost is" not in text
    assert "paid by" not in text
    assert "million yuan per point (90 %" not in text
    assert re.search(r"[−-]\d+ % of it", text) is None
    shown = StudyTables(folder, settings()).scoreboard
    assert shown["price"].isna().all()


@pytest.mark.parametrize(("population", "priced"), [("national", True), ("survey", False)])
def test_no_figure_prices_a_point_in_a_sample_of_banks(folder, population, priced):
    tables = StudyTables(folder, {**settings(), "choices": {"population": population}})
    plans = {plan.name: plan for plan in scoreboard_plans(tables, Labels("en"), brief=False)}
    assert plans["scoreboard"].draw().data["price"].notna().any() == priced
    assert tables.scoreboard["price"].notna().any() == priced


@pytest.mark.usefixtures("without_drawing")
def test_where_one_payer_saves_and_another_pays_both_are_named(folder):
    table = pd.read_parquet(folder / "costs.parquet").astype({"payer": str})
    turned = table["cost"].where(table["payer"] == "bank", -0.1 * table["cost"])
    table.assign(cost=turned).to_parquet(folder / "costs.parquet")
    text = write_one(folder, "en", settings()).read_text("utf-8")
    assert re.search(
        r"million yuan paid by: banks; [\d,]+ million yuan less paid by: central government", text
    )


@pytest.mark.usefixtures("without_drawing")
def test_whom_a_policy_reaches_stands_in_the_report_and_in_the_brief_and_few_are_named(folder):
    rows = [("data_sharing", "data_sharing", 78, 19, 0.31), ("both", "inclusive_supervision", 2, 1, 0.004)]
    rows.append(("both", "all", 3, 2, 0.01))
    frame = pd.DataFrame(rows, columns=["scenario", "policy", "banks", "provinces", "asset_share"])
    frame.to_parquet(folder / "coverage.parquet")
    for text in (write_report(folder, "en", settings()), folder / "brief.html"):
        assert text.read_text("utf-8").count("reaches few") == 1
        said = text.read_text("utf-8").replace("\N{NO-BREAK SPACE}", " ")
        assert (
            "Inclusive supervision (Both) reaches few: 2 banks in 1 province with 0.4 % of the assets" in said
        )
        assert "Data sharing (Data sharing) reaches few" not in said
        assert re.search(r"<td>78</td><td>19</td><td>31.0 %</td>", said)


@pytest.mark.usefixtures("without_drawing")
def test_one_quantity_is_one_number_on_the_page(pages, study):
    text = pages["en"].replace("\N{NO-BREAK SPACE}", " ")
    gap = re.search(r"trail city banks by ([\d.]+) points in 2023 and ([\d.]+) in 2030", text)
    honeycomb = re.search(r"trail city banks by ([\d.]+) points in 2030 \(([\d.]+) in 2023\)", text)
    assert gap.groups() == honeycomb.groups()[::-1]
    (chance_,) = re.findall(r"<strong>Both:</strong>[^<]*?chance of a gain (&gt; 0.99|[\d.]+)\)", text)
    by_kind, every = re.findall(
        r'<th scope="row">(?:Both|Index \(mean of the six\), small and medium banks)</th>.*?</tr>', text
    )[:2]
    assert re.findall(r"<td[^>]*>((?:&gt; )?[\d.]+)</td>", by_kind)[0] == chance_
    assert re.findall(r"<td[^>]*>((?:&gt; )?[\d.]+)</td>", every)[-1] == chance_
    middle = re.findall(r'<td class="strong">([+−\d.]+) <small>', by_kind)[0]
    effect = re.search(r"<strong>Both:</strong>[^<]*? rises by ([\d.]+) points", text)[1]
    assert middle == f"+{effect}"
    assert float(re.search(r'<td class="strong">([+\d.]+)</td>', every)[1]) == pytest.approx(
        float(effect), abs=0.05
    )


def test_a_section_of_another_room_is_registered_once_and_only_where_its_tables_are(study, monkeypatch):
    registry.load()
    monkeypatch.setattr(registry, "SECTIONS", {"summary": SECTIONS["summary"]})  # the others take their time
    section("ours", place=15, brief=15, tables=("ours",), always=False)(lambda page: [Text("it")])
    assert "ours" not in [one for one, _ in contents(opened(study, "en", settings()))]
    monkeypatch.setattr(
        StudyTables, "has", lambda self, *names: True if "ours" in names else study_has(self, *names)
    )
    ids = [one for one, _ in contents(opened(study, "en", settings()))]
    assert ids.index("ours") < ids.index("summary")
    with pytest.raises(ValueError, match="two sections"):
        section("summary", place=1)(lambda page: [])


study_has = StudyTables.has


def test_no_chance_is_told_as_certain():
    assert [chance(share) for share in (0.0, 0.4, 1.0, float("nan"))] == [
        "<\N{NO-BREAK SPACE}0.01",
        "0.40",
        ">\N{NO-BREAK SPACE}0.99",
        "–",
    ]


def test_every_output_is_told_with_both_bands(study):
    table = every_output(opened(study, "en", settings()))
    assert table.rows[0][0].text.startswith("Rural-city gap")
    assert all(re.fullmatch(r"\[[−+]?[\d.]+,\s[−+]?[\d.]+\]", row[2].text) for row in table.rows)
    assert len({row[0].text for row in table.rows}) == len(table.rows) >= 10


@pytest.mark.usefixtures("without_drawing")
def test_deeper_figures_are_drawn_when_their_tables_are_there(folder):
    shapley = pd.DataFrame(
        {
            "channel": ["data_sharing", "residual"],
            "effect": [1.0, 0.1],
            "low": [0.5, None],
            "high": [1.5, None],
        }
    )
    of = {"scenario": "both", "outcome": "index", "bank_kind": "all"}
    levers = shapley.assign(**of, decomposition="levers")
    shapley = pd.concat([levers, levers.assign(decomposition="channels", channel=["talent", "residual"])])
    shapley.to_parquet(folder / "shapley.parquet")
    swings = pd.DataFrame(
        {
            "parameter": ["behaviour.imitation", "policy.data_sharing.openness"],
            "low": [0.1, 0.4],
            "high": [1.0, 0.6],
        }
    )
    ends = {
        "first_low": 0.1,
        "first": 0.2,
        "first_high": 0.3,
        "total_low": 0.2,
        "total": 0.3,
        "total_high": 0.4,
    }
    screening = {"mu_star": 0.2, "mu_star_error": 0.1, "sigma": 0.1, "base_samples": 16}
    swings = swings.assign(**of, centre=0.5, seed_noise=0.05, **ends, **screening)
    swings.to_parquet(folder / "sensitivity.parquet")
    column = {
        "name": "score",
        "dtype": "float64",
        "meaning": "it",
        "unit": "points",
        "low": 0.0,
        "high": None,
    }
    schema = {"tables": {"scores": {"meaning": "a score", "columns": [column]}}}
    (folder / "schema.json").write_text(json.dumps(schema), "utf-8")
    text = write_report(folder, "en", settings()).read_text("utf-8")
    assert {"waterfall", "waterfall_2", "tornado"} <= set(Page(text).ids)
    assert "0 – ∞" in text


@pytest.mark.usefixtures("without_drawing")
def test_bands_are_read_where_the_runs_are_gone(folder):
    scores = pd.read_parquet(folder / "scores.parquet")
    scores[scores["quarter"] == "2030Q4"].to_parquet(folder / "scores.parquet")
    text = write_one(folder, "en", settings()).read_text("utf-8")
    assert "In the baseline the mean score of city banks goes from" in text
    assert 'id="fans_city"' in text


def test_every_graded_number_of_the_settings_is_listed_once():
    rows = {(row.place, row.value): row for row in listed(settings())}
    assert rows["banks.rural.wage", "city 0.2; rural 0.3"].grade == "from memory"
    assert rows["policies.data_sharing.effects.openness", "0.25"].range == "0.1 – 0.5"
    assert sum(place == "environments.central.margin" for place, _ in rows) == 1
    (years,) = listed({"population": {"sizes_year": {"city": 2022}}})
    assert (years.value, years.range) == ("city 2022", "2019 – 2030")


@pytest.mark.parametrize(
    ("value", "chinese"),
    [
        ({"state": 1, "city": 1.05}, "国有大行 1; 城商行 1.05"),
        ({"technology": 0.5, "data": 0.25}, "技术 0.5; 数据 0.25"),
        ({"goals": 1.5, "office": [1, 2]}, "科技写入战略并分阶段设目标 1.5; 数字化办公室 1, 2"),
        ({"retail": 0.5, "rural": 0.25}, "零售 0.5; 乡村振兴 0.25"),
        ({"city": 0.5, "unheard": 1.0}, "city 0.5; unheard 1"),
    ],
)
def test_parts_of_a_number_have_the_names_of_the_language(value, chinese):
    assert show(value, Labels("zh")) == chinese
    assert show(value, Labels("en")) == show(value) == "; ".join(f"{k} {show(v)}" for k, v in value.items())


def test_ids_inside_a_drawing_become_its_own():
    svg = '<svg viewBox="0 0 1 1" width="1"><defs><path id="g"/></defs><use xlink:href="#g" clip-path="url(#c)"/></svg>'
    text = inline(svg, "fan", 'a "b" <c>')
    assert 'id="fan-g"' in text
    assert 'xlink:href="#fan-g"' in text
    assert "url(#fan-c)" in text
    assert 'aria-label="a &#34;b&#34; &lt;c&gt;"' in text


def test_a_link_to_data_holds_the_frame():
    assert (
        base64.b64decode(data_link(pd.DataFrame({"a": [1.5]})).split(",")[1]).decode("utf-8-sig")
        == "a\n1.5\n"
    )


def test_paired_summaries_know_noise_from_effect():
    frame = pd.DataFrame(
        {"of": ["up"] * 4 + ["still"] * 4 + ["zero"] * 4, "effect": [1, 2, 3, 4, -2, -1, 1, 2, 0, 0, 0, 0]}
    )
    table = paired_summary(frame, ["of"]).set_index("of")
    assert table["clear"].to_dict() == {"up": 1, "still": 0, "zero": 0}
    assert table["probability"].to_dict() == {"up": 1.0, "still": 0.5, "zero": 0.5}


def test_a_summary_keeps_the_probability_of_its_own_group_in_whatever_order_groups_appear():
    rows = [
        ("a", "x", 1.0),
        ("a", "y", -1.0),
        ("b", "y", -1.0),
        ("b", "x", 1.0),
        ("a", "z", 0.0),
        ("b", "z", 0.0),
    ]
    table = paired_summary(pd.DataFrame(rows * 2, columns=["one", "other", "effect"]), ["one", "other"])
    assert list(zip(table["one"], table["other"], strict=True)) == [row[:2] for row in rows]
    assert table["median"].tolist() == [row[2] for row in rows]
    assert table["probability"].tolist() == [row[2] / 2 + 0.5 for row in rows]


def test_the_first_place_is_shared_in_a_tie():
    frame = pd.DataFrame(
        {"scenario": ["a", "b"] * 2, "replicate": [0, 0, 1, 1], "effect": [1.0, 1.0, 2.0, 1.0]}
    )
    assert first_share(frame).to_dict() == {"a": 0.75, "b": 0.25}
    frame.loc[1, "effect"] = np.nan
    assert first_share(frame).to_dict() == {"a": 1.0, "b": 0.0}


def test_the_runs_that_a_precision_asks_for_are_a_dash_where_nobody_knows_them():
    assert (_runs(float("nan")), _runs(float("inf")), _runs(61.0)) == ("–", "> 100,000", "61")
