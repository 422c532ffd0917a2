"""What the board is told of its own bank: four sheets of sentences, tables and charts, for the report and the paper."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from agents.honeycomb import DIMENSIONS
from experiments.figures.reference import province
from experiments.figures.source import StudyTables
from experiments.labels import Labels
from experiments.labels.numbers import percent, plain, signed
from experiments.own_bank import answers
from experiments.own_bank.answers import OwnRuns
from experiments.report.tables import Cell, Table, effect, ends, money, share, texts
from experiments.results.statistics import lookup, side
from model.own_bank import BRIDGE, BUDGET
from model.own_plan import KIND, STILL

ENOUGH: Final = 0.8  # share of runs that counts as keeping up
FLOORS: Final = ("capital", "profit", "run_cost", "market")
KPIS: Final = 8
DRIVERS: Final = ("margin", "bad_loans", "loss", "cost")


@dataclass(frozen=True)
class Chart:
    """A chart, drawn natively by slides and as a drawing on the page.

    Parameters
    ----------
    title, unit : str
    kind : str
        ``line`` over the categories, or ``bar``.
    categories : list of str
    series : dict of str to list of float
    """

    title: str
    unit: str
    kind: str
    categories: list[str]
    series: dict[str, list[float]]


@dataclass(frozen=True)
class Sheet:
    """One page of the paper: its finding as a title, sentences, tables of which the first are printed, charts."""

    id: str
    title: str
    points: list[str]
    tables: list[Table]
    charts: list[Chart] = field(default_factory=list)
    printed: int = 2


class Board:
    """The answers of a study with a bank, and the words to tell them in.

    Parameters
    ----------
    study : StudyTables
    labels : Labels
    """

    def __init__(self, study: StudyTables, labels: Labels) -> None:
        self.study, self.labels = study, labels
        self.bank: Mapping[str, Any] = study.settings["bank"]
        self.runs = OwnRuns(study.folder / "own_bank.parquet", self.bank)
        self.found = answers.every(self.runs)
        self.lead = self.runs.plans[0]

    def frame(self, name: str) -> pd.DataFrame:
        """An answer, or a table of the study's folder; empty where it is not there."""
        if name in self.found:
            return self.found[name]
        path = self.study.folder / f"{name}.parquet"
        return pd.read_parquet(path) if path.exists() else pd.DataFrame()

    def plan(self, name: str) -> str:
        """What a plan is called."""
        if name in (KIND, STILL):
            return self.labels(f"own.{name}")
        given = ((self.bank.get("plans") or {}).get(name) or {}).get("title") or {}
        return str(given.get(self.labels.language) or (self.labels("own.plan") if name == "plan" else name))

    def future(self, name: str) -> str:
        """What a future is called."""
        return self.labels.scenario(str(name))

    def sheets(self) -> list[Sheet]:
        """The four pages."""
        return [self.standing(), self.choice(), self.stress(), self.next()]

    # ------------------------------------------------------------ where we stand

    def standing(self) -> Sheet:
        """Who we are, where we stand among peers, what binds, what running takes."""
        labels, places = self.labels, self.frame("place")
        first, last = self.runs.years[0], self.runs.years[-1]
        rows = {(r["dimension"], r["year"]): r for r in _lines(places)}
        index = rows["index", first], rows["index", last]
        name = str(self.bank["name"])
        title = labels(
            "own.standing",
            name=name,
            now=plain(index[0]["q50"], 0),
            then=plain(index[1]["q50"], 0),
            year=last,
        )
        lines = [
            [
                Cell(labels.name("dimension", d) if d != "index" else labels("outcome.index")),
                Cell(plain(rows[d, first]["score"])),
                Cell(plain(rows[d, last]["score"])),
                *(
                    Cell(plain(r["q50"], 0), interval=ends(plain(r["q05"], 0), plain(r["q95"], 0)))
                    for r in (rows[d, first], rows[d, last])
                ),
            ]
            for d in ("index", *DIMENSIONS)
        ]
        head = [
            labels(f"own.{k}", year=y)
            for k, y in (
                ("dimension", ""),
                ("score_in", first),
                ("score_in", last),
                ("ahead_in", first),
                ("ahead_in", last),
            )
        ]
        table = Table(
            head, lines, labels("own.place_note", peers=index[0]["peers"]), labels("own.place"), places
        )
        chart = Chart(
            labels("own.place"), "%", "bar", [labels.name("dimension", d) for d in DIMENSIONS],
            {str(y): [float(rows[d, y]["q50"]) for d in DIMENSIONS] for y in (first, last)},
        )  # fmt: skip
        return Sheet(
            "standing",
            title,
            [self._who(), self._binding(), self._running()],
            [table, self._marginal()],
            [chart],
        )

    def _who(self) -> str:
        bank, labels = self.bank, self.labels
        return labels(
            "own.is",
            name=bank["name"],
            kind=labels.inside(labels.name("kind", bank["kind"])),
            province=province(bank["province"], self.study.data, labels.language),
            assets=labels.money(bank["assets"] / 1e6) if labels.chinese else plain(bank["assets"] / 1e9),
            since=labels.quarter(bank["since"]),
            runs=self.study.runs,
            scenario=self.future(self.runs.futures[0]),
        )

    def _binding(self) -> str:
        labels, found = self.labels, self.frame("bottleneck")
        tied = [labels.inside(labels.name("dimension", d)) for d in found.loc[found["tied"] > 0, "dimension"]]
        if len(tied) == len(found):
            return labels("own.nothing_binds")
        key = "own.binds" if len(tied) == 1 else "own.binds_tied"
        return labels(key, dimensions=labels.listing(tied), gain=signed(float(found["gain"].iloc[0]), 2))

    def _marginal(self) -> Table:
        labels, found = self.labels, self.frame("bottleneck")
        rows = [
            [
                Cell(labels.name("dimension", r["dimension"]), strong=bool(r["tied"])),
                Cell(
                    signed(r["gain"], 3),
                    interval=ends(
                        signed(r["gain"] - 1.645 * r["error"], 3), signed(r["gain"] + 1.645 * r["error"], 3)
                    ),
                ),
                Cell(labels("own.tied") if r["tied"] else "–"),
            ]
            for r in _lines(found)
        ]
        head = [labels("own.dimension", year=""), labels("own.gain"), labels("own.rank")]
        return Table(head, rows, labels("own.marginal_note"), labels("own.marginal"), found)

    def _running(self) -> str:
        rows = _lines(self.frame("maintenance"))
        then = rows[min(1, len(rows) - 1)]
        words = {
            "year": then["year"],
            "share": plain(then["q50"], 0),
            "last": rows[-1]["year"],
            "end": plain(rows[-1]["q50"], 0),
        }
        return self.labels("own.maintenance", low=plain(then["q05"], 0), high=plain(then["q95"], 0), **words)

    # ------------------------------------------------------------ the plans

    def choice(self) -> Sheet:
        """The plans side by side."""
        labels, found = self.labels, self.frame("choice")
        lines = _lines(found)
        best = max(lines, key=lambda r: (r["keeps_up"], -r["fails"], r["npv"]))
        rows = [
            [
                Cell(self.plan(r["plan"]), strong=r["plan"] == best["plan"]),
                Cell(plain(r["index"])),
                share(r["keeps_up"]),
                share(r["fails"], 0.6),
                *(Cell(labels.balance(r[k])) for k in ("npv", "npv_tail", "cvar_npv")),
                Cell(plain(r["regret_index"])),
                Cell(labels.money(r["regret_npv"])),
                Cell(labels.money(r["spent"])),
            ]
            for r in lines
        ]
        head = [
            labels(f"own.{k}")
            for k in (
                "column_plan",
                "index_end",
                "keeps_up",
                "fails",
                "npv",
                "npv_tail",
                "cvar",
                "regret_index",
                "regret_npv",
                "spent",
            )
        ]
        note = labels(
            "own.choice_note",
            rate=f"{100 * self.runs.rate:g}",
            futures=len(self.runs.futures),
            tail=answers.TAIL,
            worst=percent(answers.WORST),
        )
        table = Table(head, rows, note, labels("own.choice"), found, wide=True)
        title = labels("own.choice_title", plan=self.plan(best["plan"]), share=percent(best["keeps_up"]))
        return Sheet(
            "choice",
            title,
            self._sentences_of_choice(),
            [table, self._bridge(), self._budget()],
            self._path_charts(),
            3,
        )

    def _sentences_of_choice(self) -> list[str]:
        labels, first = self.labels, self.runs.futures[0]
        pairs = self.frame("paired")
        said = []
        for other in (STILL, KIND, *self.runs.plans[1:]):
            rows = pairs[
                (pairs["scenario"] == first) & ((pairs["plan"] == self.lead) & (pairs["against"] == other))
            ]
            r = _lines(rows)[0]
            clear = int(side(r["index_low"], r["index_high"]))
            key = {1: "own.above", -1: "own.below", 0: "own.alike"}[clear]
            said.append(
                labels(
                    key,
                    plan=self.plan(self.lead),
                    other=self.plan(other),
                    effect=plain(abs(r["index"])),
                    low=signed(r["index_low"]),
                    high=signed(r["index_high"]),
                    npv=labels.balance(r["npv"]),
                )
            )
        back = lookup(self.frame("payback"), ["plan", "scenario"])[self.lead, first]
        year = "" if np.isnan(back["year"]) else f"{back['year']:.0f}"
        key = "own.back" if year else "own.no_back"
        said.append(
            labels(
                key,
                year=year or self.runs.years[-1],
                share=percent(back["paid_back"]),
                tail=percent(back["tail"]),
                years=answers.TAIL,
            )
        )
        return said

    def _path_charts(self) -> list[Chart]:
        labels, paths = self.labels, self.frame("paths")
        mine = paths[paths["scenario"] == self.runs.futures[0]]
        charts = []
        for outcome, unit in (("index", labels("unit.points")), ("net_profit", labels("own.million"))):
            rows = mine[mine["outcome"] == outcome]
            by = (
                100.0 if labels.chinese and outcome == "net_profit" else 1.0
            )  # 万元 where English has millions
            series = {
                self.plan(plan): [by * float(v) for v in rows[rows["plan"] == plan]["q50"]]
                for plan in self.runs.compared
            }
            charts.append(
                Chart(labels(f"own.path_{outcome}"), unit, "line", list(map(str, self.runs.years)), series)
            )
        return charts

    def _budget(self) -> Table:
        labels, found = self.labels, self.frame("budget")
        mine = found[(found["scenario"] == self.runs.futures[0]) & (found["plan"] == self.lead)]
        rows = [
            [Cell(labels(f"own.use_{name}")), *(Cell(labels.money(v)) for v in mine[name])]
            for name in (*BUDGET, "technology_spending")
        ]
        head = [labels("own.use"), *map(str, mine["year"])]
        return Table(
            head,
            rows,
            labels("own.budget_note"),
            labels("own.budget", plan=self.plan(self.lead)),
            found,
            wide=True,
        )

    def _bridge(self) -> Table:
        labels, found = self.labels, self.frame("bridge")
        mine = found[found["scenario"] == self.runs.futures[0]]
        names = (
            "bridge_before",
            *BRIDGE,
            "revenue",
            "fee_income",
            "costs",
            "charge",
            "technology_spending",
            "tax",
            "net_profit",
        )
        rows = [
            [Cell(self.plan(r["plan"])), *(Cell(labels.money(r[n])) for n in names)] for r in _lines(mine)
        ]
        head = [labels("own.column_plan"), *(labels(f"own.line_{name}") for name in names)]
        return Table(
            head,
            rows,
            labels("own.bridge_note"),
            labels("own.bridge", year=self.runs.years[-1]),
            found,
            wide=True,
        )

    # ------------------------------------------------------------ under stress

    def stress(self) -> Sheet:
        """Which futures break which plan, and how much each bears."""
        labels, found = self.labels, self.frame("floors")
        cells = {(r["plan"], r["scenario"]): r for r in _lines(found)}
        rows = [
            [Cell(self.future(f)), *(self._breach(cells[p, f]) for p in self.runs.compared)]
            for f in self.runs.futures
        ]
        head = [labels("own.future"), *map(self.plan, self.runs.compared)]
        limits = self.runs.floors
        said = {
            "capital": plain(limits["capital"]), "profit": labels.money(limits["profit"]),
            "run": percent(limits["run_cost"]), "market": percent(limits["market"]),
        }  # fmt: skip
        table = Table(head, rows, labels("own.stress_note", **said), labels("own.stress"), found, wide=True)
        worst = max(self.runs.futures, key=lambda f: cells[self.lead, f]["any"])
        title = labels(
            "own.stress_title",
            plan=self.plan(self.lead),
            future=labels.under(worst),
            share=percent(cells[self.lead, worst]["any"]),
        )
        tables = [table, *self._reverse(), self._stressed(), *self._breaks()]
        chart = Chart(
            labels("own.stress"), "%", "bar", [self.future(f) for f in self.runs.futures],
            {self.plan(p): [100.0 * cells[p, f]["any"] for f in self.runs.futures] for p in self.runs.compared},
        )  # fmt: skip
        return Sheet("stress", title, self._bears(), tables, [chart])

    def _breach(self, row: Mapping[str, Any]) -> Cell:
        worst = max(FLOORS, key=lambda name: row[name])
        return Cell(
            percent(row["any"]),
            shade=0.8 * row["any"],
            interval=self.labels(f"own.floor_{worst}") if row["any"] else "",
        )

    def _stressed(self) -> Table:
        """What each future makes of the first plan in the last year."""
        labels, paths = self.labels, self.frame("paths")
        last = paths[(paths["year"] == self.runs.years[-1]) & (paths["plan"] == self.lead)]
        cells = {(r["scenario"], r["outcome"]): r for r in _lines(last)}
        shown = (
            "index",
            "percentile",
            "revenue",
            "net_profit",
            "technology_spending",
            "capital",
            "bad_loans",
            "inclusive_share",
        )
        rows = []
        for future in self.runs.futures:
            row = [Cell(self.future(future))]
            for name in shown:
                values = [cells[future, name][q] for q in ("q50", "q05", "q95")]
                tell = labels.money if name in ("revenue", "net_profit", "technology_spending") else plain
                middle, low, high = map(tell, values)
                row.append(Cell(middle, interval=ends(low, high)))
            rows.append(row)
        head = [labels("own.future"), *(labels(f"own.path_{name}") for name in shown)]
        return Table(
            head,
            rows,
            labels("own.stressed_note"),
            labels("own.stressed", plan=self.plan(self.lead), year=self.runs.years[-1]),
            last,
            wide=True,
        )

    def _reverse(self) -> Iterator[Table]:
        labels, found = self.labels, self.frame("own_reverse")
        if found.empty:
            return
        cells = lookup(found, ["plan", "driver"])
        rows = [
            [Cell(self.plan(plan)), *(self._bearing(cells[plan, d]) for d in DRIVERS)]
            for plan in self.runs.compared
        ]
        head = [labels("own.column_plan"), *(labels(f"own.driver_{driver}") for driver in DRIVERS)]
        yield Table(head, rows, labels("own.reverse_note"), labels("own.reverse"), found, wide=True)

    def _bearing(self, row: Mapping[str, Any]) -> Cell:
        """The blow at which half of the runs break, and below it that at which one in ten does."""
        labels = self.labels
        tell = labels.money if row["driver"] in ("loss", "cost") else (lambda v: plain(v, 0))
        borne = labels("own.borne", most=tell(row["largest"]))
        half, tenth = (
            borne if np.isnan(row[k]) else tell(row[k]) if row[k] else labels("own.already")
            for k in ("breaks_at", "first")
        )
        floor = labels(f"own.floor_{row['floor']}") if row["floor"] and not np.isnan(row["breaks_at"]) else ""
        return Cell(half, interval=labels("own.tenth", size=tenth, floor=floor))

    def _breaks(self) -> Iterator[Table]:
        labels, found = self.labels, self.frame("own_breaks")
        mine = found[found["scenario"].astype(str) == self.runs.futures[0]] if len(found) else found
        if mine.empty:
            return
        rows = []
        for r in _lines(mine.head(KPIS)):
            clear = abs(r["difference"]) > 2 * r["error"]
            rows.append(
                [
                    Cell(labels.parameter(r["parameter"])),
                    *(Cell(percent(r[k]), strong=clear) for k in ("fails_low", "fails_high")),
                ]
            )
        head = [labels(f"own.{k}") for k in ("number", "fails_low", "fails_high")]
        note = labels(
            "own.breaks_note", failure=labels(f"own.failure_{mine.iloc[0]['failure']}"), count=len(mine)
        )
        yield Table(head, rows, note, labels("own.breaks"), found)

    def _bears(self) -> list[str]:
        """How often the first plan falls below each floor over all futures, and what it bears, a sentence a driver."""
        labels, floors = self.labels, self.frame("floors")
        mine = floors[floors["plan"] == self.lead]
        said = [
            labels(
                "own.often",
                plan=self.plan(self.lead),
                **{n: percent(float(mine[n].mean())) for n in (*FLOORS, "any")},
            )
        ]
        found = self.frame("own_reverse")
        for r in _lines(found[found["plan"] == self.lead]) if len(found) else ():
            tell = labels.money if r["driver"] in ("loss", "cost") else (lambda v: plain(v, 0))
            if r["breaks_at"] == 0:
                continue
            key = "own.bears" if np.isnan(r["breaks_at"]) else "own.breaks_at"
            size = tell(r["largest"] if np.isnan(r["breaks_at"]) else r["breaks_at"])
            said.append(labels(key, driver=labels.inside(labels(f"own.driver_{r['driver']}")), size=size))
        return said

    # ------------------------------------------------------------ what to do

    def next(self) -> Sheet:
        """A better plan, routes and waiting, people, what share keeps up, and what should move within a year."""
        tables = [*self._better(), self._early(), self._people(), self._routes()]
        charts = [self._share_chart()]
        return Sheet(
            "next", self._next_title(), self._next_sentences(), [*tables, self._shares()], charts, len(tables)
        )

    def _next_title(self) -> str:
        labels, found = self.labels, self.frame("own_search")
        if len(found):
            row = found[found["what"] == "index"].iloc[0]
            key = "own.better_title" if row["mean"] > 1.645 * row["error"] else "own.no_better_title"
            return labels(key, effect=signed(row["mean"]), plan=self.plan(self.lead))
        return labels("own.next_title", year=self.runs.years[0] + 1)

    def _next_sentences(self) -> list[str]:
        labels, said = self.labels, []
        least = self._least_share()
        if least is not None:
            said.append(
                labels(
                    "own.share_is",
                    share=plain(least),
                    scenario=self.future(self.runs.futures[0]),
                    enough=percent(ENOUGH),
                )
            )
        else:
            said.append(
                labels("own.share_never", scenario=self.future(self.runs.futures[0]), enough=percent(ENOUGH))
            )
        rows = lookup(self.frame("people"), ["choice"])
        told = {n: signed(rows[n,]["index"]) for n in ("hire", "train")}
        said.append(labels("own.people_is", cost=labels.money(rows["hire",]["cost"]), **told))
        wait = lookup(self.frame("routes"), ["route"])["wait",]
        said.append(labels("own.waiting", index=signed(wait["index"]), npv=labels.balance(wait["npv"])))
        return said

    def _least_share(self) -> float | None:
        """Least spending over revenue, percent, with which the bank keeps up in ``ENOUGH`` of runs, first future."""
        found = self.frame("shares")
        rows = found[found["scenario"] == self.runs.futures[0]].sort_values("spend_ratio")
        chances = np.maximum.accumulate(rows["keeps_up"].to_numpy())
        if not len(rows) or chances[-1] < ENOUGH:
            return None
        after = int(np.argmax(chances >= ENOUGH))
        if after == 0:
            return float(rows["spend_ratio"].iloc[0])
        part = slice(after - 1, after + 1)
        return float(np.interp(ENOUGH, chances[part], rows["spend_ratio"].to_numpy()[part]))

    def _better(self) -> Iterator[Table]:
        labels, found = self.labels, self.frame("own_search")
        if found.empty:
            return
        rows = []
        for r in _lines(found):
            what = (
                labels.name("dimension", r["what"])
                if r["what"] in DIMENSIONS
                else labels(f"own.what_{r['what']}")
            )
            if r["what"] == "language_model":
                rows.append(texts(what, "–", labels(f"own.route_{r['word']}") if r["word"] else "–", "–"))
                continue
            tell = (
                labels.money
                if r["unit"] == "million yuan"
                else percent
                if r["unit"] == "share of runs"
                else plain
            )
            told = Cell("–")
            if not np.isnan(r["effect"]):
                by = 100.0 if r["what"] == "fails" else 1.0
                values = [by * r[k] for k in ("effect", "effect_low", "effect_high")]
                said = [labels.balance(v) if r["unit"] == "million yuan" else signed(v) for v in values]
                told = Cell(said[0], strong=bool(side(*values[1:])), interval=ends(*said[1:]))
            rows.append([Cell(what), Cell(tell(r["plan"])), Cell(tell(r["proposed"])), told])
        head = [labels(f"own.{k}") for k in ("what", "column_first", "column_proposed", "difference")]
        yield Table(head, rows, labels("own.better_note"), labels("own.better"), found)

    def _routes(self) -> Table:
        labels, found = self.labels, self.frame("routes")
        rows = [
            [
                Cell(labels(f"own.route_{r['route']}")),
                share(r["adopted"]),
                Cell("–" if np.isnan(r["year"]) else f"{r['year']:.0f}"),
                Cell(labels.money(r["paid"])),
                Cell(plain(r["maturity"], 0)),
                effect(r, "index"),
                money(r, "npv", labels),
            ]
            for r in _lines(found)
        ]
        head = [
            labels(f"own.{k}")
            for k in ("route", "adopted", "taken_in", "paid", "maturity", "index_effect", "npv_effect")
        ]
        return Table(head, rows, labels("own.routes_note"), labels("own.routes"), found, wide=True)

    def _people(self) -> Table:
        labels, found = self.labels, self.frame("people")
        rows = [
            [
                Cell(labels(f"own.choice_{r['choice']}")),
                Cell(labels.money(r["cost"])),
                effect(r, "index"),
                effect(r, "organization"),
                money(r, "npv", labels),
            ]
            for r in _lines(found)
        ]
        head = [
            labels(f"own.{k}")
            for k in ("choice_of", "paid", "index_effect", "organization_effect", "npv_effect")
        ]
        return Table(head, rows, labels("own.people_note"), labels("own.people"), found)

    def _shares(self) -> Table:
        labels, found = self.labels, self.frame("shares")
        cells = {(r["scenario"], r["times"]): r for r in _lines(found)}
        rows = []
        for times in sorted(found["times"].unique()):
            ratio = plain(cells[self.runs.futures[0], times]["spend_ratio"])
            line = [Cell(f"{ratio}\N{NO-BREAK SPACE}%", strong=times == 1.0)]
            line += [
                Cell(
                    percent(cells[f, times]["keeps_up"]),
                    shade=0.5 * cells[f, times]["keeps_up"],
                    interval=percent(cells[f, times]["fails"]),
                )
                for f in self.runs.futures
            ]
            rows.append(line)
        head = [labels("own.share_of_revenue"), *map(self.future, self.runs.futures)]
        return Table(head, rows, labels("own.shares_note"), labels("own.shares"), found, wide=True)

    def _early(self) -> Table:
        labels, found = self.labels, self.frame("early")
        mine = found[found["plan"] == self.lead]
        order = (
            (mine["effect"].abs() / (mine["effect_high"] - mine["effect_low"] + 1e-9))
            .sort_values(ascending=False, kind="stable")
            .index
        )
        rows = []
        for r in _lines(mine.loc[order].head(KPIS)):
            title = labels.name("dimension" if r["outcome"] in DIMENSIONS else "outcome", r["outcome"])
            title = (
                labels("own.heads")
                if r["outcome"] == "heads"
                else labels("own.new_technology")
                if r["outcome"] == "new_technology"
                else title
            )
            rows.append(
                [
                    Cell(title),
                    Cell(plain(r["today"], 2)),
                    Cell(plain(r["q50"], 2), interval=ends(plain(r["q05"], 2), plain(r["q95"], 2))),
                    effect(r, number=2),
                ]
            )
        year = int(mine["year"].iloc[0])
        head = [
            labels("own.kpi"),
            labels("own.today"),
            labels("own.in_year", year=year),
            labels("own.against_still"),
        ]
        return Table(head, rows, labels("own.early_note", year=year), labels("own.early"), found)

    def _share_chart(self) -> Chart:
        labels, found = self.labels, self.frame("shares")
        first = found[found["scenario"] == self.runs.futures[0]]
        series = {
            self.future(f): [100.0 * float(v) for v in found[found["scenario"] == f]["keeps_up"]]
            for f in self.runs.futures[:6]
        }
        return Chart(labels("own.shares"), "%", "line", [f"{v:.1f} %" for v in first["spend_ratio"]], series)


def _lines(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of an answer."""
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def board_of(folder: Path, study: StudyTables, labels: Labels) -> Board | None:
    """The board of a study's folder; None where it holds no bank."""
    return (
        Board(study, labels)
        if study.settings.get("bank") and (folder / "own_bank.parquet").exists()
        else None
    )
