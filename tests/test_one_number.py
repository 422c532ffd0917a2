"""One quantity, one number: whatever console, tables, report and brief print of it is the same."""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from experiments import api
from experiments.analysis import choice
from experiments.config.load import compose_study
from experiments.failure import StudyFailed
from experiments.labels import Labels, titled
from experiments.report import registry
from experiments.report.console import summary
from experiments.results.open import Results
from experiments.results.statistics import (
    CRITICAL,
    interval,
    lookup,
    paired_summary,
    price_interval,
    probability,
)
from experiments.study.run import objective, run_study

STUDY = (
    "task=policy",
    "analysis.methods=[cost_effectiveness,ranking,winners]",
    "scenarios=[baseline,union_reform,data_sharing,bank_own_package]",
    "population=survey",
    "replicates=16",
    "start=2023Q1",
    "end=2026Q4",
    "execution.workers=1",
    "outputs.figures=[]",
)
NUMBER = re.compile(r"[-+−]?\d[\d,]*(?:\.\d+)?|∞")


class Page(HTMLParser):
    """The tables of a page as rows of text, and the text outside them."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.words: list[str] = []
        self.cell: list[str] | None = None
        self.skipped = 0
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attributes):
        self.skipped += tag in ("style", "script", "svg")
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.cell = []

    def handle_endtag(self, tag):
        self.skipped -= tag in ("style", "script", "svg")
        if tag in ("td", "th") and self.cell is not None:
            self.tables[-1][-1].append(" ".join("".join(self.cell).split()))
            self.cell = None

    def handle_data(self, data):
        if not self.skipped:
            (self.words if self.cell is None else self.cell).append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Results:
    with pytest.MonkeyPatch.context() as patch:  # the table of prices is of the same runs here
        patch.setattr(choice, "whole_nation", lambda case: True)
        patch.setattr(
            registry.Page, "draw", lambda page: None
        )  # a chart's words are read here, and no picture is
        return api.simulate(*STUDY, f"outputs.folder={tmp_path_factory.mktemp('one')}")


@pytest.fixture(scope="module")
def pages(study: Results) -> dict[str, Page]:
    return {name: Page(study.folder / f"{name}.html") for name in ("report", "brief")}


@pytest.fixture(scope="module")
def effects(study: Results) -> pd.DataFrame:
    table = study.frame("effects").astype(
        dict.fromkeys(("scenario", "quarter", "outcome", "measure", "bank_kind"), str)
    )
    return table[(table["quarter"] == table["quarter"].max()) & (table["measure"] == "true")]


@pytest.fixture(scope="module")
def lines(effects: pd.DataFrame) -> dict[tuple[str, str, str], dict[str, float]]:
    """The one definition: the summary of every paired effect, from the runs."""
    keys = ["scenario", "outcome", "bank_kind"]
    return lookup(paired_summary(effects, keys), keys)


@pytest.fixture(scope="module")
def titles(study: Results) -> dict[str, str]:
    config = study.manifest["config"]
    labels = Labels("en", titled(config["scenarios"], "en"))
    return {labels.scenario(s["label"]): s["label"] for s in config["scenarios"]}


def same(printed: str, *values: float) -> None:
    """Assert that a cell prints these numbers, each to the digits it shows."""
    found = NUMBER.findall(printed)
    assert len(found) >= len(values), (printed, values)
    for text, value in zip(found, values, strict=False):
        if text == "∞":
            assert value == float("inf"), (printed, values)
            continue
        digits = len(text.partition(".")[2])
        shown = float(text.replace("−", "-").replace(",", ""))
        assert abs(shown - value) <= 0.5000001 * 10.0**-digits, (printed, values)


def same_chance(printed: str, value: float) -> None:
    """Assert that a cell prints this probability; close to the ends only on which side it lies."""
    if printed.startswith(">"):
        assert value > 0.99
    elif printed.startswith("<"):
        assert value < 0.01
    else:
        same(printed, value)


def paragraph(page: Page, title: str) -> str:
    """The paragraph of the summary on one scenario."""
    starts = (f"{title}: the index", f"{title}: no effect on the index")
    text = page.text[next(page.text.index(start) for start in starts if start in page.text) :]
    return text[: text.index("The cost is") + 400].split("million yuan per point")[0]


def columns(page: Page, head: str) -> list[tuple[str, str]]:
    """Row name and cell of every column with this head, in all tables of a page that have a row a scenario."""
    return [
        (row[0], row[table[0].index(head)])
        for table in page.tables
        if table and head in table[0] and not {"Policy", "Outcome"} & set(table[0])
        for row in table[1:]
        if len(row) == len(table[0])
    ]


def test_every_effect_on_all_small_banks_is_that_of_the_runs(pages, lines, titles):
    index = Labels("en").outcome("index", "all")
    heads = ("Small and medium banks", "Effect, points", index, f"Gain: {index}")
    seen = 0
    for page in pages.values():
        for head in heads:
            for name, cell in columns(page, head):
                if "%" in cell:  # shares of banks that gain and lose
                    continue
                line = lines[titles[name], "index", "all"]
                ends = [line["low90"], line["high90"]] if "[" in cell else []
                same(cell, line["median"], *ends)
                seen += 1
        for head in ("P(effect > 0)", "P(for the better)"):
            for name, cell in columns(page, head):
                same_chance(cell, lines[titles[name], "index", "all"]["probability"])
                seen += 1
    assert seen >= 3 * (2 + 2 + 1 + 1 + 2 + 1)  # three scenarios; report and brief


def test_every_effect_by_kind_is_that_of_the_runs(pages, lines, titles, study):
    labels, seen = Labels("en"), 0
    kinds = {labels.name("kind", kind): kind for kind in ("large", "city", "rural", "private")}
    for page in pages.values():
        for title, kind in kinds.items():
            for name, cell in columns(page, title):
                if "/" in cell or "[" not in cell or name not in titles:
                    continue
                line = lines[titles[name], "index", kind]
                same(cell, line["median"], line["low90"], line["high90"])
                seen += 1
    assert seen >= 2 * 3 * 4
    winners = study.frame("winners")
    shown = {row[0]: row[1] for table in pages["report"].tables if "Group" in table[0] for row in table[1:]}
    focus = next(s for s in winners["scenario"] if s == "bank_own_package")
    for title, kind in {**kinds, labels.name("kind", "small"): "all"}.items():
        line = lines[focus, "index", kind]
        same(shown[title], line["median"], line["low90"], line["high90"])
    assert {*kinds, labels.name("kind", "small")} <= set(shown)


def test_the_gap_is_one_number(pages, lines, titles, effects):
    wide = effects[effects["outcome"] == "index"].pivot_table(
        index=["scenario", "replicate"], columns="bank_kind", values="effect"
    )
    gap = (wide["city"] - wide["rural"]).groupby("scenario").median()
    for page in pages.values():
        for name, cell in columns(page, Labels("en").name("outcome", "rural_city_gap")):
            line = lines[titles[name], "rural_city_gap", "all"]
            assert line["median"] == pytest.approx(gap[titles[name]], abs=1e-9)
            same(cell, line["median"], line["low90"], line["high90"])
        for name, cell in columns(page, "P(gap closes)"):
            same_chance(cell, 1 - lines[titles[name], "rural_city_gap", "all"]["probability"])


def test_the_level_of_the_gap_is_that_of_the_runs_in_text_and_figure(pages, study):
    bands = study.frame("bands")
    mine = bands[(bands["outcome"] == "rural_city_gap") & (bands["quantity"] == "level")]
    mine = mine[(mine["scenario"] == "baseline") & (mine["quarter"] == "2026Q4")].iloc[0]
    told = re.findall(r"trail city banks by [\d.]+ points in \d+ and ([\d.]+) in 2026", pages["report"].text)
    assert told
    for number in told:
        same(number, mine["q50"])
    drawn = re.findall(
        r"trail city banks by ([\d.]+) points in 2026", (study.folder / "report.html").read_text("utf-8")
    )
    assert drawn
    for number in drawn:
        same(number, mine["q50"])


def test_cost_and_price_of_a_point_are_one_number(pages, study, lines, titles, effects):
    costs = study.frame("costs").groupby(["scenario", "replicate"], observed=True)["cost"].sum()
    index = effects[(effects["outcome"] == "index") & (effects["bank_kind"] == "all")]
    frontier = study.frame("frontier").set_index("scenario").to_dict("index")
    seen = 0
    for title, label in titles.items():
        if label == "baseline":
            continue
        gain = index[index["scenario"] == label].set_index("replicate")["effect"].sort_index()
        paid = costs[label].reindex(gain.index).fillna(0.0)
        line = frontier[label]
        three = price_interval(paid.to_numpy(), gain.to_numpy(), "point_price")
        assert [line[name] for name in three] == pytest.approx(list(three.values()), nan_ok=True)
        for page in pages.values():
            for name, cell in [*columns(page, "Total"), *columns(page, "Cost (million yuan)")]:
                if name == title:
                    same(cell, paid.mean())
                    seen += 1
            for name, cell in columns(page, "Million yuan per point"):
                assert cell == "–" or name != title  # a sample carries no price
                seen += 1
            for name, cell in columns(page, "Million yuan a point of the target"):
                if name == title and np.isfinite(line["target_price"]):
                    same(cell, *(line[f"target_price{end}"] for end in ("", "_low", "_high")))
                    seen += 1
            part = paragraph(page, title)
            cost = re.search(r"The cost is ([\d,]+) million yuan", part)
            assert cost is not None
            same(cost[1], paid.mean())
            assert "That is" not in part
    assert seen >= 12


def test_the_sentence_of_a_scenario_tells_the_same_as_its_tables(pages, lines, titles):
    for page in pages.values():
        for title, label in titles.items():
            if label == "baseline":
                continue
            line, part = lines[label, "index", "all"], paragraph(page, title)
            effect = abs(line["median"]) if line["clear"] else line["median"]  # "rises by", "falls by"
            same(re.search(r"([-+−\d.,]+) points", part)[1], effect)
            ends = re.search(r"interval (\S+) to (\S+);", part)
            same(f"{ends[1]} {ends[2]}", line["low90"], line["high90"])
            told = re.search(r"chance of a gain ([<>]? ?\d+\.\d+)", part)
            same_chance(told[1], line["probability"])


def test_tables_of_analysis_and_console_say_what_the_runs_say(study, lines, effects):
    frontier = study.frame("frontier").set_index("scenario")
    ranking = study.frame("ranking").drop_duplicates("scenario").set_index("scenario")
    bands = study.frame("bands")
    bands = bands[(bands["quantity"] == "effect") & (bands["measure"] == "true")]
    texts = ["scenario", "outcome", "bank_kind"]
    banded = bands[bands["quarter"] == "2026Q4"].astype(dict.fromkeys(texts, str)).set_index(texts)
    for (scenario, outcome, kind), line in lines.items():
        band = banded.loc[scenario, outcome, kind]
        assert [band["q05"], band["q50"], band["q95"]] == pytest.approx(
            [line["low90"], line["median"], line["high90"]], abs=1e-12
        )
    of_all = effects[(effects["outcome"] == "index") & (effects["bank_kind"] == "all")]
    for scenario in frontier.index:
        line = lines[scenario, "index", "all"]
        three = [line["median"], line["low90"], line["high90"]]
        for table, name in ((frontier, "effect"), (ranking, "gain")):
            found = table.loc[scenario, [name, f"{name}_low", f"{name}_high"]].tolist()
            assert found == pytest.approx(three, abs=1e-9)
        assert frontier.loc[scenario, "probability"] == pytest.approx(line["probability"])
        gap = lines[scenario, "rural_city_gap", "all"]
        assert frontier.loc[scenario, "gap_effect"] == pytest.approx(gap["median"], abs=1e-9)
        assert frontier.loc[scenario, "gap_probability"] == pytest.approx(1 - gap["probability"])
        runs = of_all[of_all["scenario"] == scenario]["effect"].to_numpy()
        assert interval(runs)["effect"] == pytest.approx(line["median"], abs=1e-12)
        assert probability(runs) == pytest.approx(line["probability"])
    paths = study.frame("paths")
    for row in paths.to_dict("records"):
        line = lines[str(row["scenario"]), str(row["outcome"]), str(row["bank_kind"])]
        found = [row["end"], row["end_low"], row["end_high"], row["probability"]]
        assert found == pytest.approx([line[name] for name in ("median", "low90", "high90", "probability")])
    told = summary(study.folder)
    for row in told[told.index("Effect on the index") :].splitlines()[3:]:
        if not row:
            break
        label = row.split()[0]
        cells = [float(text) for text in re.findall(r"[-+]\d+\.\d+", row)]
        for k, kind in enumerate(("large", "city", "rural", "private", "all")):
            line = lines[label, "index", kind]
            assert cells[3 * k : 3 * k + 3] == pytest.approx(
                [line["median"], line["low90"], line["high90"]], abs=0.0050001
            )


@pytest.mark.parametrize(
    ("statistic", "column"),
    {"median": "median", "q05": "low90", "q95": "high90", "probability": "probability"}.items(),
)
def test_the_number_of_a_sweeper_is_that_of_the_runs(study, lines, statistic, column):
    settings = compose_study(
        (*STUDY, f"objective={{outcome: index, bank_kind: all, statistic: {statistic}}}")
    )
    assert objective(settings, study.folder) == lines[settings.labels[-1], "index", "all"][column]


def test_an_objective_taken_once_a_year_is_read_at_the_last_year_end(monkeypatch):
    frames = {
        "effects": pd.DataFrame(
            [
                ("a", "gap", "all", "2025Q4", 2.0),
                ("a", "gap", "all", "2025Q4", 4.0),
                ("a", "index", "all", "2026Q3", 1.0),
            ],
            columns=["scenario", "outcome", "bank_kind", "quarter", "effect"],
        ),
        "costs": pd.DataFrame({"scenario": ["a"], "cost": [4500.0]}),
    }
    monkeypatch.setattr("experiments.study.run.Results", lambda folder: SimpleNamespace(frame=frames.get))

    def asked(kind, cost=0.0):
        sought = SimpleNamespace(outcome="gap", bank_kind=kind, statistic="mean", cost=cost)
        quarters = ("2025Q2", "2025Q3", "2025Q4", "2026Q1", "2026Q2", "2026Q3")
        return SimpleNamespace(objective=sought, labels=("b", "a"), quarters=quarters, replicates=2)

    assert objective(asked("all"), Path("out")) == 3.0
    # 4.5 billion yuan in two runs of a year and a half each
    assert objective(asked("all", cost=0.2), Path("out")) == pytest.approx(3.0 - 0.2 * 1.5)
    with pytest.raises(StudyFailed, match="gap of rural, has no effect"):
        objective(asked("rural"), Path("out"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("start=2025Q1", "end=2025Q3"), "2025Q1 to 2025Q3 has no year's end"),
        (("task=policy",), "task=policy needs a method at least"),
    ],
)
def test_a_study_that_could_answer_nothing_is_refused_before_it_runs(tmp_path, words, said):
    with pytest.raises(StudyFailed, match=said):
        run_study(compose_study([*words, f"outputs.folder={tmp_path}"]))
    assert not list(tmp_path.iterdir())


def test_quantiles_and_errors_of_means_are_computed_in_one_file():
    """Forecasts alone have another rule, which they name: their draws stand in the middle of even shares."""
    names = {"quantile", "nanquantile", "percentile", "nanpercentile"}
    for path in (Path(api.__file__).parent).rglob("*.py"):
        if path.name == "statistics.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in names
            ):
                assert {word.arg for word in node.keywords} >= {"method"}, (path, node.lineno)
            assert not (isinstance(node, ast.Constant) and node.value == CRITICAL), (path, node.lineno)
