"""What figures and pages read of a study, no further than they need, and which figures it has.

A file of figures registers its planners with `figure`; a room that brings figures of its own does the same in a group
of its own.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from agents.honeycomb import DIMENSIONS, KINDS, SMALL_KINDS
from experiments.figures.chart import Chart
from experiments.labels import Labels
from experiments.location import DATA
from experiments.results.statistics import paired_summary, price, quantiles

PAINS = tuple(f"pain_{number}" for number in range(1, 11))
ENDS = ("q05", "q50", "q95")
FAN = (0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95)
"""Levels of the fans' bands."""


@dataclass(frozen=True)
class StudyTables:
    """The tables of a study; one that is missing gives an empty frame.

    Attributes
    ----------
    folder
        The study.
    settings
        Its resolved settings as plain data.
    data
        Where observed scores and provinces stand.
    """

    folder: Path
    settings: Mapping[str, Any]
    data: Path = DATA

    def has(self, *names: str) -> bool:
        """Whether the study holds all of these tables."""
        return all((self.folder / f"{name}.parquet").is_file() for name in names)

    def table(self, name: str, columns: Sequence[str] | None = None, **equal: object) -> pd.DataFrame:
        """A table, or columns of it: the rows where each named column is (one of) the given; texts as texts."""
        nothing = any(isinstance(value, tuple | list) and not value for value in equal.values())
        if nothing or not self.has(name):
            return pd.DataFrame({column: pd.Series(dtype="object") for column in columns or ()})
        tests = [
            (key, "in", list(value)) if isinstance(value, tuple | list) else (key, "==", value)
            for key, value in equal.items()
        ]
        path = self.folder / f"{name}.parquet"
        return texts(pq.read_table(path, columns=columns, filters=tests or None).to_pandas())

    def json(self, name: str) -> dict[str, Any]:
        """A JSON file of the study; empty when it is not there."""
        path = self.folder / name
        return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}

    def distinct(self, name: str, column: str) -> list[Any]:
        """The values of one column of a table, in order of appearance."""
        path = self.folder / f"{name}.parquet"
        return list(pq.read_table(path, columns=[column]).column(column).unique().to_pylist())

    @property
    def figures(self) -> Path:
        """Where the study's figures stand; made when it is not there."""
        folder = self.folder / "figures"
        folder.mkdir(exist_ok=True)
        return folder

    @property
    def formats(self) -> tuple[str, ...]:
        """Files to write of each figure."""
        return tuple((self.settings.get("outputs") or {}).get("figures") or ("svg", "png"))

    @cached_property
    def nodes(self) -> list[Mapping[str, Any]]:
        """The scenarios that the settings describe: mappings with a ``label``."""
        listed = self.settings.get("scenarios", ())
        listed = listed if isinstance(listed, list | tuple) else ()
        return [node for node in listed if isinstance(node, Mapping) and "label" in node]

    @cached_property
    def pairs(self) -> dict[str, str]:
        """Scenario -> the baseline its effects are measured against."""
        pairs = self.table("distribution", ["scenario", "baseline"]).drop_duplicates()
        if pairs.empty:
            pairs = self.table("effects", ["scenario", "baseline"]).drop_duplicates()
        return dict(zip(pairs["scenario"], pairs["baseline"], strict=True))

    @cached_property
    def scenarios(self) -> list[str]:
        """Every scenario in the study's order, baselines first."""
        declared = [str(node["label"]) for node in self.nodes]
        stored = list(map(str, self.distinct("scores", "scenario")))
        names = [name for name in declared if name in stored] + [
            name for name in stored if name not in declared
        ]
        bases = set(self.pairs.values())
        return sorted(names, key=lambda name: name not in bases)

    @property
    def baseline(self) -> str:
        """The first baseline."""
        return self.scenarios[0]

    @property
    def policies(self) -> list[str]:
        """Scenarios that are measured against a baseline."""
        return [name for name in self.scenarios if name in self.pairs]

    @cached_property
    def bundles(self) -> list[str]:
        """Those of `policies` that differ from their baseline by policies alone, not by a shock or an environment."""
        nodes = {str(node["label"]): node for node in self.nodes}
        bundles = []
        for name in self.policies:
            node, base = nodes.get(name, {}), nodes.get(self.pairs[name], {})
            same = all(node.get(key) == base.get(key) for key in ("shocks", "environment_name"))
            if node.get("policies") and same:
                bundles.append(name)
        return bundles

    @cached_property
    def focus(self) -> str | None:
        """The scenario that figures of one scenario show; none without policies.

        It is the one that the analysis looks at, else that with the largest median effect, either way, on the outcome
        that is asked about, by default the index of small and medium banks; what policies do goes before stress paths.
        """
        if not self.policies or self.index.empty:
            return None
        scenario = self.analysis.get("scenario")
        if scenario in self.policies:
            return str(scenario)
        outcome = self.effects_asked
        table = ranking(self.index if outcome.empty else outcome, self.total_costs)
        bundles = table[table["scenario"].isin(self.bundles)]
        table = bundles if len(bundles) else table
        return str(table["scenario"].iloc[int(table["median"].abs().argmax())])

    @property
    def analysis(self) -> Mapping[str, Any]:
        """What the analysis is about: its settings."""
        return self.settings.get("analysis") or {}

    @property
    def measure_asked(self) -> tuple[str, str]:
        """The outcome and the kind of bank that the analysis is about."""
        return str(self.analysis.get("outcome") or "index"), str(self.analysis.get("bank_kind") or "all")

    @property
    def effects_asked(self) -> pd.DataFrame:
        """Those of `effects` that the analysis is about; empty where the study does not keep them."""
        name, kind = self.measure_asked
        return self.effects[(self.effects["outcome"] == name) & (self.effects["bank_kind"] == kind)]

    @cached_property
    def quarter(self) -> str:
        """Last quarter of the study."""
        return max(map(str, self.distinct("scores", "quarter")))

    @property
    def year(self) -> int:
        """Last year of the study."""
        return int(self.quarter[:4])

    @cached_property
    def runs(self) -> int:
        """Replicates of each scenario."""
        return len(self.distinct("scores", "replicate"))

    @cached_property
    def effects(self) -> pd.DataFrame:
        """Paired effects on true values in the last quarter: scenario, replicate, bank_kind, outcome, effect.

        Rows of the kind ``all`` take small and medium banks together, each weighing the same.
        """
        return self.effects_in(self.quarter)

    def effects_in(self, quarter: str) -> pd.DataFrame:
        """The same in another quarter."""
        columns = ["scenario", "replicate", "bank_kind", "outcome", "effect"]
        return self.table("effects", columns, measure="true", quarter=quarter)

    @cached_property
    def distribution(self) -> pd.DataFrame:
        """Winners and losers, last quarter."""
        bands = ["lose_large", "lose", "same", "gain", "gain_large"]
        columns = ["scenario", "replicate", "grouping", "group", "banks", "effect", *bands]
        return self.table("distribution", columns)

    @cached_property
    def index(self) -> pd.DataFrame:
        """Paired effect on the index of small and medium banks, all weighing the same: scenario, replicate, effect."""
        mine = self.effects
        mine = mine[(mine["outcome"] == "index") & (mine["bank_kind"] == "all")]
        return mine[["scenario", "replicate", "effect"]].reset_index(drop=True)

    @cached_property
    def banks(self) -> int:
        """Small and medium banks that the study simulates; 0 where no table tells."""
        kinds = self.distribution
        kinds = kinds[(kinds["grouping"] == "kind") & kinds["group"].isin(SMALL_KINDS)]
        return int(kinds.groupby("group")["banks"].first().sum())

    @cached_property
    def costs(self) -> pd.DataFrame:
        """Costs beyond the baseline's, million yuan, mean of runs: scenario, year, policy, payer, bank_kind, cost.

        Where the baseline has policies of its own their costs are taken off, so that one that ends saves money.
        """
        keys = ["scenario", "year", "policy", "payer", "bank_kind"]
        frame = self.table("costs", [*keys, "replicate", "cost"])
        if frame.empty:
            return frame
        paid = frame.groupby(keys, sort=False)["cost"].mean().reset_index()
        parts = []
        for name, base in self.pairs.items():
            own, other = paid[paid["scenario"] == name], paid[paid["scenario"] == base]
            both = pd.concat([own, other.assign(scenario=name, cost=-other["cost"])])
            parts.append(both.groupby(keys, sort=False)["cost"].sum().reset_index())
        return pd.concat(parts, ignore_index=True) if parts else paid.head(0)

    @cached_property
    def run_costs(self) -> pd.DataFrame:
        """Cost of each scenario (column) beyond its baseline in each replicate (row), million yuan."""
        frame = self.table("costs", ["scenario", "replicate", "cost"])
        runs = sorted(self.index["replicate"].unique())
        if frame.empty:
            return pd.DataFrame(0.0, index=runs, columns=list(self.pairs))
        paid = frame.pivot_table(index="replicate", columns="scenario", values="cost", aggfunc="sum")
        paid = paid.reindex(index=runs, columns=[*self.pairs, *self.pairs.values()]).fillna(0.0)
        paid = paid.loc[:, ~paid.columns.duplicated()]
        return pd.DataFrame({name: paid[name] - paid[base] for name, base in self.pairs.items()})

    @cached_property
    def total_costs(self) -> pd.DataFrame:
        """Cost of each scenario beyond its baseline, million yuan, all payers and years: scenario, cost."""
        paid = self.costs
        total = paid.groupby("scenario", sort=False)["cost"].sum() if len(paid) else pd.Series(dtype=float)
        added = [float(total.get(name, 0.0)) for name in self.pairs]
        return pd.DataFrame({"scenario": list(self.pairs), "cost": added})

    @property
    def carries_prices(self) -> bool:
        """Whether the study plays on the nation: what a system pays does not shrink with a sample of its banks."""
        choices = self.settings.get("choices") or {}
        return str(choices.get("population", "national")) == "national"

    @cached_property
    def scoreboard(self) -> pd.DataFrame:
        """Scenarios by their effect on the index of small and medium banks, with costs and, of the nation, prices."""
        return ranking(self.index, self.total_costs, priced=self.carries_prices)

    @cached_property
    def first_year(self) -> int:
        """The year that levels are compared with: the last observed one, 2023, where the study covers it."""
        years = sorted(self.surveyed["year"].unique())
        return 2023 if 2023 in years and self.year > 2023 else int(years[0])

    @cached_property
    def surveyed(self) -> pd.DataFrame:
        """Scores as surveyed at the end of each year: scenario, bank_kind, dimension, year and quantiles.

        Kinds of bank that the survey does not ask, the large ones, have their true scores here.
        """
        columns = ["scenario", "quarter", "bank_kind", "dimension", "score"]
        runs = self.table("scores", columns, measure="survey")
        others = [kind for kind in KINDS if kind not in set(runs["bank_kind"])]
        if others:  # nobody asks large banks: their true scores, at the same dates, stand in
            dates = tuple(runs["quarter"].unique())
            rest = self.table("scores", columns, measure="true", bank_kind=others, quarter=dates)
            runs = pd.concat([runs, rest])
        if runs["quarter"].nunique() > 1:
            table = quantiles(runs.dropna(), ["scenario", "bank_kind", "dimension", "quarter"], "score", FAN)
            return by_year(table)
        ends = ("q05", "q25", "q50", "q75", "q95")
        surveyed = self.levels_of(ends, measure="survey", outcome=DIMENSIONS)
        quarters = [f"{year}Q4" for year in surveyed["year"].unique()]
        chosen = {"outcome": DIMENSIONS, "bank_kind": others or KINDS[:1], "quarter": quarters}
        rest = self.levels_of(ends, measure="true", **chosen) if others else surveyed.head(0)
        return pd.concat([surveyed, rest]).rename(columns={"outcome": "dimension"})

    @cached_property
    def levels(self) -> pd.DataFrame:
        """True scores by dimension, their mean (``index``) and the rural-city gap, at `first_year` and at the end.

        Columns scenario, bank_kind (``all`` for the gap), outcome, year, q05, q50, q95.
        """
        quarters = (f"{self.first_year}Q4", self.quarter)
        outcomes = (*DIMENSIONS, "index", "rural_city_gap")
        return self.levels_of(ENDS, measure="true", outcome=outcomes, quarter=quarters)

    def diagnostics(self, years: Sequence[int]) -> pd.DataFrame:
        """Pain points of the baseline by kind at the ends of years (0-100); columns as in `levels`."""
        quarters = [f"{year}Q4" for year in years]
        chosen = {"scenario": self.baseline, "outcome": PAINS, "quarter": quarters, "bank_kind": KINDS}
        return self.levels_of(ENDS, measure="true", **chosen)

    def levels_of(self, ends: Sequence[str], **equal: object) -> pd.DataFrame:
        """Quantiles of levels over the runs from ``bands``, by year."""
        columns = ["scenario", "bank_kind", "outcome", "quarter", *ends]
        return by_year(self.table("bands", columns, quantity="level", **equal))

    def of_scenario(self, name: str) -> pd.DataFrame:
        """The rows of one scenario of a table: the one in focus, else the table's first; empty without the table."""
        frame = self.table(name)
        if "scenario" not in frame or frame.empty:
            return frame
        focus = self.shown_first(frame["scenario"])
        return frame[frame["scenario"] == focus].reset_index(drop=True)

    def shown_first(self, scenarios: pd.Series) -> str:
        """The scenario in focus where a table has it, else the table's first."""
        names = list(dict.fromkeys(map(str, scenarios)))
        return self.focus if self.focus in names else names[0]


def texts(frame: pd.DataFrame) -> pd.DataFrame:
    """The same with categories as plain texts."""
    return frame.astype(dict.fromkeys(frame.select_dtypes("category"), str))


def by_year(frame: pd.DataFrame) -> pd.DataFrame:
    """The same with the year in the place of its last quarter."""
    return frame.assign(year=frame["quarter"].astype(str).str[:4].astype(int)).drop(columns="quarter")


def ranking(
    effects: pd.DataFrame, costs: pd.DataFrame, better: float = 1.0, priced: bool = True
) -> pd.DataFrame:
    """The table behind the scoreboard: effects, costs and, where asked for, price of a point, best first."""
    table = paired_summary(effects, ["scenario"])
    table = table.merge(costs[["scenario", "cost"]], on="scenario", how="left")
    gain = better * table["median"]
    lowest = table["low90"] if better > 0 else -table["high90"]
    prices = [price(*line) for line in zip(table["cost"], gain, lowest, strict=True)]
    table["price"] = prices if priced else np.nan
    order = gain.sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


ERRORS = {"city": "Z002", "rural": "Z003", "private": "Z004"}  # rows of noise_and_limits.csv
TILES = ["code", "name_en", "name_zh", "tile_column", "tile_row"]
GRAPH = re.compile(r"(?P<scenario>.+?)[._/-](?P<quarter>\d{4}Q[1-4])$")


def observed_scores(data: Path, settings: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """Scores of the survey with their standard error (points); empty without the file.

    Parameters
    ----------
    data
        Folder of the shipped tables.
    settings
        Of a study, whose own ``series.scores`` come before the shipped ones.
    """
    columns = ["bank_kind", "year", "dimension", "score", "error"]
    path = data / "source" / "scores.csv"
    if not path.exists():
        return pd.DataFrame(columns=columns)
    own = ((settings or {}).get("series") or {}).get("scores")
    frame = _own(own) if own else pd.read_csv(path).rename(columns={"bank_type": "bank_kind"})
    limits = pd.read_csv(data / "source" / "noise_and_limits.csv").set_index("id")["value"].astype(str)
    error = {kind: float(limits[row].split()[0]) for kind, row in ERRORS.items()}
    return frame.assign(error=frame["bank_kind"].map(error))[columns]


def _own(scores: Mapping[str, Any]) -> pd.DataFrame:
    """Scores by kind, dimension and year as rows."""
    cells = [
        {"bank_kind": kind, "dimension": dimension, "year": int(year), "score": float(score)}
        for kind, dimensions in scores.items()
        for dimension, years in dimensions.items()
        for year, score in years.items()
    ]
    return pd.DataFrame(cells)


def tiles(data: Path) -> pd.DataFrame:
    """Provinces with their names and their places on the map of tiles; empty without the file."""
    path = data / "provinces.csv"
    return pd.read_csv(path, keep_default_na=False)[TILES] if path.exists() else pd.DataFrame(columns=TILES)


def province(code: str, data: Path, language: str) -> str:
    """Name of a province; its code where the folder of data does not name it."""
    names = tiles(data).set_index("code")[f"name_{language}"]
    return str(names.get(code, code))


def network(folder: Path, scenario: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nodes and edges of a scenario's partnerships at every date written.

    Parameters
    ----------
    folder
        Where ``<scenario>-<quarter>.graphml`` stand.
    scenario
        Label of the scenario.

    Returns
    -------
    tuple of pandas.DataFrame
        Nodes: ``quarter``, ``node``, ``kind``, ``assets``, ``index`` (missing where the file has none). Edges:
        ``quarter``, ``source``, ``target``. Both empty when no file is there.
    """
    dates = sorted(
        (match["quarter"], path)
        for path in sorted(folder.rglob("*.graphml"))
        if (match := GRAPH.match(path.relative_to(folder).with_suffix("").as_posix()))
        and match["scenario"] == scenario.replace("/", "_")
    )
    return graphs((quarter, nx.read_graphml(path)) for quarter, path in dates)


def graphs(networks: Iterable[tuple[str, nx.Graph]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The same of networks by quarter."""
    nodes: list[dict[str, Any]] = []
    edges: list[dict[str, Any]] = []
    for quarter, graph in networks:
        for node, facts in graph.nodes(data=True):
            kind = facts.get("kind", facts.get("bank_kind", "other"))
            row = {"quarter": quarter, "node": node, "kind": kind}
            nodes.append({**row, "assets": facts.get("assets"), "index": facts.get("index")})
        edges += [{"quarter": quarter, "source": a, "target": b} for a, b in graph.edges()]
    frame = pd.DataFrame(nodes, columns=["quarter", "node", "kind", "assets", "index"])
    lines = pd.DataFrame(edges, columns=["quarter", "source", "target"])
    return frame.astype({"assets": float, "index": float}), lines


@dataclass(frozen=True)
class Plan:
    """A figure about to be drawn.

    Attributes
    ----------
    name
        Of its files, and of its place on the page.
    caption
        What it is.
    draw
        Gives the chart, with the table behind it.
    note
        What is to be said beside the caption.
    """

    name: str
    caption: str
    draw: Callable[[], Chart]
    note: str = ""


type Planner = Callable[[StudyTables, Labels, bool], Iterable[Plan]]


@dataclass(frozen=True)
class Entry:
    """A registered figure: its place on the page, the tables it needs, and whether a brief shows it."""

    name: str
    place: int
    tables: tuple[str, ...]
    brief: bool
    group: str
    plans: Planner


FIGURES: dict[str, Entry] = {}


def figure(
    name: str, *, place: int, tables: tuple[str, ...] = (), brief: bool = False, group: str = "figures"
) -> Callable[[Planner], Planner]:
    """Register a planner: a function of a study, labels and whether a brief asks, that gives the plans that apply.

    Parameters
    ----------
    name
        Of the figure, once.
    place
        On the page, small first.
    tables
        Without which it is not drawn.
    brief
        Whether a brief shows it.
    group
        The section that shows it.
    """

    def register(plans: Planner) -> Planner:
        if name in FIGURES and FIGURES[name].plans.__module__ != plans.__module__:
            raise ValueError(f"two figures are called {name}")
        FIGURES[name] = Entry(name, place, tables, brief, group, plans)
        return plans

    return register


def planned(study: StudyTables, labels: Labels, brief: bool = False, group: str = "figures") -> list[Plan]:
    """Plans of every figure of a group that the study has tables for, in the order of the page."""
    package = import_module(str(__package__))
    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
    entries = sorted(FIGURES.values(), key=lambda entry: entry.place)
    return [
        plan
        for entry in entries
        if entry.group == group and (entry.brief or not brief) and study.has(*entry.tables)
        for plan in entry.plans(study, labels, brief)
    ]
