"""Every figure is drawn in both languages without a warning, says what its numbers say, and is the same twice."""

import itertools
import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from agents.honeycomb import DIMENSIONS, KINDS
from experiments.figures.comparison import Measure, scoreboard, winners
from experiments.figures.decomposition import indices, tornado, waterfall
from experiments.figures.live import live
from experiments.figures.maps import honeycomb, network_map, province_map
from experiments.figures.paths import adoption, fans, gap_path, items_to_show
from experiments.figures.source import FAN, StudyTables, figure, planned, ranking
from experiments.figures.source import FIGURES as REGISTERED
from experiments.figures.still import safe, save, still, wrapped
from experiments.labels import LANGUAGES, Labels
from experiments.report.embed import inline
from tests.markup import Page
from tests.synthetic_study import graph, settings, write_study

ROOT = Path(__file__).parents[1]
RNG = np.random.default_rng(3)
NASTY = 'a<b>$x_1$ & "q" 龘'


def effects(**means: float) -> pd.DataFrame:
    runs = RNG.normal(0, 0.3, 40)
    return pd.concat(
        [pd.DataFrame({"scenario": k, "replicate": range(40), "effect": m + runs}) for k, m in means.items()]
    )


QUANTILES = ("q05", "q25", "q50", "q75", "q95")


def fan_table() -> pd.DataFrame:
    index = pd.MultiIndex.from_product([["baseline", "both"], DIMENSIONS, range(2020, 2031)])
    table = pd.DataFrame(index=index.set_names(["scenario", "dimension", "year"])).reset_index()
    for level in FAN:
        table[f"q{round(100 * level):02d}"] = 40 + 20 * level + (table["year"] - 2020)
    return table


def observed() -> pd.DataFrame:
    rows = [(year, name, 50.0, 4.3) for year in range(2020, 2024) for name in DIMENSIONS]
    return pd.DataFrame(rows, columns=["year", "dimension", "score", "error"])


def distribution() -> pd.DataFrame:
    rng = np.random.default_rng(3)  # its own, so that the count below does not hang on which test drew first
    groups = [("kind", kind) for kind in KINDS] + [("size_quintile", str(q)) for q in range(1, 6)]
    groups += [("province", code) for code in ("BJ", "GD", "ZJ")]
    rows = [
        {"replicate": r, "grouping": g, "group": k, "banks": 10, "effect": rng.normal(1 + 3 * (k == "GD"), 1)}
        for g, k in groups
        for r in range(30)
    ]
    bands = {"lose_large": 0.0, "lose": 0.1, "same": 0.5, "gain": 0.3, "gain_large": 0.1}
    return pd.DataFrame(rows).assign(**bands)


def tiles() -> pd.DataFrame:
    rows = [
        ("BJ", "Beijing", "北京", 5, 2),
        ("GD", "Guangdong", "广东", 4, 6),
        ("ZJ", "Zhejiang", "浙江", 5, 5),
    ]
    rows.append(("XZ", "Tibet", "西藏", 0, 4))
    return pd.DataFrame(rows, columns=["code", "name_en", "name_zh", "tile_column", "tile_row"])


def by_quarter() -> pd.DataFrame:
    keys = itertools.product(("2026Q4", "2028Q4", "2030Q4"), ("behaviour.peer", "allocation", "seed"))
    table = pd.DataFrame(keys, columns=["quarter", "parameter"]).assign(scenario="both", seed_noise=0.2)
    total = np.where(table["parameter"] == "allocation", 0.2, 0.6) + 0.1 * (table["quarter"] == "2028Q4")
    ends = {f"{one}{end}": total + by for one in ("first", "total") for end, by in
            (("_low", -0.25), ("", 0.0), ("_high", 0.25))}  # fmt: skip
    return table.assign(**ends, told=(total > 0.25).astype(float))


def provinces(weight: float = 0.5) -> pd.DataFrame:
    keys = itertools.product(("both", "data_sharing"), ("2024Q4", "2025Q4", "2030Q4"), ("BJ", "GD", "ZJ"))
    table = pd.DataFrame(keys, columns=["scenario", "quarter", "province"]).assign(banks=10, index=50.0)
    effect = np.where(table["province"] == "GD", 3.0, 0.2) * (table["quarter"] > "2025")
    ends = {"_low": effect - 0.5 * (effect > 0), "": effect, "_high": effect + 0.5 * (effect > 0)}
    told = {
        f"{name}{end}": (1 + (name == "raw")) * one for name in ("effect", "raw") for end, one in ends.items()
    }
    return table.assign(**told, probability=0.9, weight=weight)


def partners() -> tuple[pd.DataFrame, pd.DataFrame]:
    nodes, edges = [], []
    for step, quarter in enumerate(("2020Q1", "2025Q4", "2030Q4")):
        drawn = graph(step)
        for node, facts in drawn.nodes(data=True):
            kept = {"assets": facts.get("assets", np.nan), "index": facts.get("index", np.nan)}
            nodes.append({"quarter": quarter, "node": node, "kind": facts["kind"], **kept})
        edges += [{"quarter": quarter, "source": a, "target": b} for a, b in drawn.edges]
    return pd.DataFrame(nodes), pd.DataFrame(edges)


def levels() -> pd.DataFrame:
    index = pd.MultiIndex.from_product([KINDS, (*DIMENSIONS, "index"), (2023, 2030)])
    table = pd.DataFrame(index=index.set_names(["bank_kind", "outcome", "year"])).reset_index()
    table = table.assign(q50=40.0 + 5 * (table["bank_kind"] == "city") + (table["year"] - 2023))
    gap = {"bank_kind": "all", "outcome": "rural_city_gap", "year": [2023, 2030], "q50": [6.0, 7.0]}
    return pd.concat([table, pd.DataFrame(gap)])


def shapley() -> pd.DataFrame:
    rows = [
        ("data_sharing", 1.4, 0.9, 1.9),
        ("talent_policy", -0.5, -0.9, -0.1),
        ("residual", 0.1, np.nan, np.nan),
    ]
    return pd.DataFrame(rows, columns=["channel", "effect", "low", "high"])


def sensitivity() -> tuple[pd.DataFrame, pd.DataFrame]:
    swings = pd.DataFrame({"parameter": ["rural.imitation", NASTY], "low": [0.2, 0.8], "high": [2.0, 1.2]})
    shares = swings[["parameter"]].assign(first=[0.5, 0.1], total=[0.6, 0.2])
    for order in ("first", "total"):
        shares = shares.assign(
            **{f"{order}_low": shares[order] - 0.08, f"{order}_high": shares[order] + 0.08}
        )
    return swings, shares


COSTS = pd.DataFrame({"scenario": ["both", "data_sharing"], "cost": [900.0, 300.0]})
FIGURES = {
    "scoreboard": lambda labels: scoreboard(
        effects(both=2.0, data_sharing=0.1, **{NASTY: -2.0}), COSTS, labels, 2030
    ),
    "fans": lambda labels: fans(fan_table(), observed(), labels, "rural", "baseline", "both"),
    "honeycomb": lambda labels: honeycomb(levels(), labels, NASTY),
    "waterfall": lambda labels: waterfall(shapley(), labels),
    "winners": lambda labels: winners(distribution(), labels, NASTY, 2030),
    "province_map": lambda labels: province_map(provinces(), tiles(), labels, "both"),
    "network_map": lambda labels: network_map(*partners(), labels, "both"),
    "tornado": lambda labels: tornado(*sensitivity(), labels, 1.0, 0.05),
    "indices": lambda labels: indices(by_quarter(), labels),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_drawn_without_a_warning_at_its_width(name, language, tmp_path):
    formats = ("svg", "png") if language == "zh" else ("svg",)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        chart = FIGURES[name](Labels(language))
        figure = still(chart)
        svg, png = save(figure, tmp_path, name, formats)
    assert figure.get_figwidth() == 7.2
    assert len(chart.data) > 0
    assert chart.title
    assert "<text" not in svg
    part = Page(inline(svg, name, chart.title))
    assert part.open == []
    assert len(part.ids) == len(set(part.ids)) > 0
    assert {one.partition("-")[0] for one in part.ids} == {name}
    assert {one for one in part.addresses if not one.startswith("data:image/png;")} <= {
        f"#{one}" for one in part.ids
    }
    assert {path.name for path in tmp_path.iterdir()} == {f"{name}.{ending}" for ending in formats}
    assert "png" not in formats or png().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_on_the_screen_has_the_marks_of_the_one_on_paper_and_is_the_same_twice(name):
    chart = FIGURES[name](Labels("zh"))
    first, second = live(chart, name), live(chart, name)
    panels = [panel for panel in chart.panels if not panel.printed]
    assert first == second
    assert len(first["roots"]) == len(panels)
    drawn = json.dumps(first).count('"name": "GlyphRenderer"')
    assert drawn == sum(bool(len(mark.data)) for panel in panels for mark in panel.marks)


def test_the_same_figure_has_the_same_bytes(tmp_path):
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        save(still(waterfall(shapley(), Labels("en"))), folder, "waterfall")
    for name in ("waterfall.svg", "waterfall.png"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_drawing_leaves_no_trace_in_the_settings_of_matplotlib():
    import matplotlib

    before = dict(matplotlib.rcParams)
    still(waterfall(shapley(), Labels("en")))
    assert dict(matplotlib.rcParams) == before


def test_the_scoreboard_prices_only_gains_beyond_noise():
    chart = scoreboard(effects(both=2.0, data_sharing=0.1), COSTS, Labels("en"), 2030)
    table = chart.data
    priced = table.set_index("scenario")["price"]
    assert priced["both"] == pytest.approx(900.0 / table["median"].iloc[0])
    assert np.isnan(priced["data_sharing"])
    assert chart.title.startswith("Of 2 scenarios, 1 raises the index")


def test_the_scoreboard_says_when_nothing_moves():
    chart = scoreboard(effects(both=0.0, data_sharing=0.1), COSTS, Labels("en"), 2030)
    assert chart.title == "No scenario moves the index of small and medium banks beyond noise"


def test_the_fans_count_the_observed_scores_inside_the_bands():
    chart = fans(fan_table(), observed(), Labels("en"), "rural", "baseline")
    assert "hold 24 of 24 observed scores" in chart.title.replace("\N{NO-BREAK SPACE}", " ")
    assert chart.data["observed"].notna().sum() == 24


def test_large_banks_are_called_an_assumption():
    chart = fans(fan_table(), observed().head(0), Labels("en"), "large", "baseline", "both")
    assert chart.title == "Large banks: an assumption, no observed scores"


def test_the_honeycomb_tells_the_gap_of_the_tables_not_the_gap_of_its_medians():
    told = honeycomb(levels(), Labels("en"), "baseline").title
    assert "trail city banks by 7.0 points in 2030 (6.0 in 2023)" in told
    alone = levels().query("outcome != 'rural_city_gap'")
    assert "trail" not in honeycomb(alone, Labels("en"), "baseline").title


def test_a_figure_is_registered_once_and_drawn_only_where_its_tables_are(tmp_path):
    study = StudyTables(write_study(tmp_path / "s", ("baseline",), replicates=4), settings(("baseline",)))
    names = [plan.name for plan in planned(study, Labels("en"))]
    assert names == ["fans_large", "fans_city", "fans_rural", "fans_private", "honeycomb", "network_map"]
    files = {path.stem for path in (ROOT / "experiments" / "figures").glob("*.py")}
    drawn = {entry.plans.__module__.rpartition(".")[2] for entry in REGISTERED.values()}
    apart = {"__init__", "registry", "source", "palette", "chart", "still", "live", "style", "comparison"}
    assert files - apart <= drawn
    with pytest.raises(ValueError, match="two figures"):
        figure("fans", place=1)(lambda study, labels, brief: [])


def test_a_brief_draws_what_it_has_room_for(tmp_path):
    study = StudyTables(write_study(tmp_path / "s", replicates=4), settings())
    plans = planned(study, Labels("en"), brief=True)
    assert [plan.name for plan in plans] == ["scoreboard", "fans_city", "fans_rural"]


def test_what_saves_money_has_no_price():
    table = ranking(effects(both=2.0), pd.DataFrame({"scenario": ["both"], "cost": [-900.0]}))
    assert np.isnan(table["price"]).all()


def test_only_provinces_beyond_noise_are_counted_and_absent_ones_stay_on_the_map():
    chart = FIGURES["province_map"](Labels("en"))
    assert "1 of 3 provinces gain beyond noise" in chart.title
    assert (chart.data.set_index("code").loc["XZ", "banks"] == 0).all()


def test_an_index_that_is_not_told_from_zero_is_hollow_and_says_so():
    chart = indices(by_quarter(), Labels("en"))
    assert "2 of 3 total indices are told from zero" in chart.title
    allocation = next(panel for panel in chart.panels if panel.title == "Allocation")
    full, hollow = (mark for mark in allocation.marks if mark.shape == "points")
    assert (list(full.data["quarter"]), hollow.fill) == (["2028Q4"], "#ffffff")
    assert hollow.data["said"].str.endswith("not told from zero").all()


def test_provinces_that_nothing_moves_are_shown_as_they_end():
    still = provinces()
    still[["raw_low", "raw_high"]] = 0.0
    assert province_map(still, tiles(), Labels("en"), "both").frames == [still["quarter"].max()]


def test_provinces_are_shown_by_year_from_the_first_that_moves_and_pooled_unless_that_leaves_nothing():
    chart = FIGURES["province_map"](Labels("en"))
    assert (chart.frames, chart.printed) == (["2025Q4", "2030Q4"], ["2025Q4", "2030Q4"])
    assert [panel.title for panel in chart.on_paper().panels] == ["2025Q4", "2030Q4"]
    assert chart.data["median"].max() == 3.0
    alike = province_map(provinces(weight=0.0), tiles(), Labels("en"), "both")
    assert alike.data["median"].max() == 6.0
    assert "no more than chance" in alike.title


def items() -> pd.DataFrame:
    """Levels of three items: `both` moves two of them, up and down; the baseline raises the third most."""
    rise = {"core_network": (5.0, 3.0), "training": (20.0, 0.0), "encryption": (10.0, -1.0)}
    rows = [
        {"scenario": name, "quarter": quarter, "bank_kind": kind, "item": item, "rung": 0, "share": share}
        | {"share_low": share - 1, "share_high": share + 1, "effect": effect if name == "both" else np.nan}
        for name in ("baseline", "both")
        for kind in ("rural", "all")
        for item, (grown, moved) in rise.items()
        for quarter, part in (("2020Q4", 0.0), ("2030Q4", 1.0))
        for effect in (part * moved,)
        for share in (40.0 + part * grown + (effect if name == "both" else 0.0),)
    ]
    return pd.DataFrame(rows)


def test_items_are_shown_that_the_scenario_moves_and_those_that_grow_only_where_it_moves_none():
    assert items_to_show(items(), (), "baseline", "both") == ["core_network", "encryption"]
    assert items_to_show(items(), ("training",), "baseline", "both") == [
        "training",
        "core_network",
        "encryption",
    ]
    assert items_to_show(items(), (), "baseline", None) == ["training", "encryption", "core_network"]
    still = items().assign(effect=0.0)
    assert items_to_show(still, (), "baseline", "both") == ["training", "encryption", "core_network"]
    chart = adoption(items().query("item == 'core_network'"), Labels("en"), "baseline", "both")
    assert "moves most by 2030, +3.0 points at small and medium banks" in chart.title
    lines = [list(mark.data["y"]) for mark in chart.panels[0].marks]
    assert lines == [[40.0, 45.0], [40.0, 48.0]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_title_of_a_panel_is_cut(language):
    labels, conf = Labels(language), ROOT / "conf"
    asked = pd.read_csv(conf / "questionnaire" / "items.csv")["id"]
    strengths = [
        f"policy.{file.stem}.{lever}"
        for file in (conf / "policies").glob("*.yaml")
        for lever in yaml.safe_load(file.read_text("utf-8"))["effects"]
    ]
    one = items().query("item == 'training'")
    charts = [adoption(pd.concat([one.assign(item=id_) for id_ in asked]), labels, "baseline", "both")]
    charts += [indices(by_quarter().assign(parameter=strength), labels) for strength in strengths]
    assert [panel.title for chart in charts for panel in chart.panels if "…" in panel.title] == []


def test_of_many_scenarios_those_are_coloured_that_move_the_gap_most():
    names = ["baseline", *(f"lever_{k}" for k in range(1, 15))]
    row = {"outcome": "rural_city_gap", "bank_kind": "all"}
    bands = pd.DataFrame(
        row | {"scenario": name, "quantity": quantity, "quarter": quarter} | dict.fromkeys(QUANTILES, value)
        for place, name in enumerate(names)
        for quantity, value in (("level", 10.0 - place), ("effect", -1.0 * place))[: 1 if not place else 2]
        for quarter in ("2029Q4", "2030Q4")
    )
    ended = (bands["scenario"] == "lever_14") & (bands["quarter"] == "2030Q4")  # no rural bank is left there
    chart = gap_path(bands[~ended], Labels("en"), "baseline")
    assert [key.name for key in chart.keys] == [
        "baseline",
        *(f"lever_{k}" for k in range(14, 8, -1)),
        "others",
    ]
    assert [key.off for key in chart.keys] == [False] * 7 + [True]
    assert len({key.colour for key in chart.keys}) == 8
    levels, effects = chart.panels
    assert [mark.name for mark in levels.marks if mark.shape == "band"] == ["baseline"]
    assert [mark.name for mark in effects.marks if mark.shape == "band"] == [
        "lever_12",
        "lever_13",
        "lever_14",
    ]
    assert {key.name for key in chart.keys} == {mark.name for mark in levels.marks if mark.shape == "line"}


def test_a_scoreboard_of_a_gap_puts_the_narrowest_first_and_prices_it():
    costs = pd.DataFrame({"scenario": ["a", "b"], "cost": [100.0, 100.0]})
    of = Measure("Rural-city gap", better=-1.0)
    chart = scoreboard(effects(a=2.0, b=-2.0), costs, Labels("en"), 2030, of=of)
    table = chart.data
    assert table["scenario"].tolist() == ["b", "a"]
    assert table["price"].iloc[0] == pytest.approx(50, rel=0.2)
    assert np.isnan(table["price"].iloc[1])
    assert (
        chart.title == "Of 2 scenarios, 1 moves rural-city gap for the better beyond noise; 1 for the worse"
    )


def test_two_parameters_that_begin_alike_are_told_apart_in_the_tornado():
    names = [f"Alliances of small banks: strength of {lever}" for lever in ("alliance links", "cost sharing")]
    swings = pd.DataFrame({"parameter": names, "low": [0.1, 0.2], "high": [1.0, 0.8]})
    chart = tornado(swings, pd.DataFrame(), Labels("en"), 0.5, float("nan"))
    assert list(chart.panels[0].y.ticks.values()) == names


def test_where_most_lose_the_title_names_the_losers():
    table = distribution().assign(lose_large=0.3, lose=0.5, same=0.2, gain=0.0, gain_large=0.0)
    assert "80\N{NO-BREAK SPACE}% of banks lose" in winners(table, Labels("en"), "both", 2030).title


def test_the_layout_of_the_network_is_the_same_at_every_date_and_no_two_nodes_share_a_place():
    table = network_map(*partners(), Labels("en"), "both").data
    assert table.groupby("node")[["x", "y"]].nunique().to_numpy().max() == 1
    assert not table.drop_duplicates("node")[["x", "y"]].duplicated().any()
    radius = np.hypot(table["x"], table["y"])
    assert radius[table["kind"] == "large"].max() < radius[table["kind"] == "rural"].min()


def test_the_waterfall_ends_at_the_sum_of_its_parts():
    table = waterfall(shapley(), Labels("en")).data
    assert table["effect"].iloc[-1] == pytest.approx(1.0)
    assert table["end"].iloc[-2] == pytest.approx(1.0)


def test_the_tornado_counts_parameters_above_the_seed_noise():
    assert "2 of 2 parameters matter more" in tornado(*sensitivity(), Labels("en"), 1.0, 0.05).title
    assert "1 of 2 parameters matter more" in tornado(*sensitivity(), Labels("en"), 1.0, 0.3).title


def test_names_from_data_are_cut_and_stripped_of_letters_no_font_has():
    assert safe("龘\n b") == "□ b"
    assert safe("x" * 80, 10) == "x" * 9 + "…"
    assert wrapped("数据共享使银行得分上升。", 8) == "数据共享\n使银行得\n分上升。"


def test_a_dollar_in_a_name_is_no_formula(tmp_path: Path):
    svg, _ = save(
        still(scoreboard(effects(**{"$\\frac{1}{0}$": 1.0}), COSTS, Labels("en"), 2030)), tmp_path, "s"
    )
    assert svg
