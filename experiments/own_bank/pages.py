"""What the board is told of its own bank: four sheets of sentences, tables and charts, for the report and the paper."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from agents.honeycomb import DIMENSIONS
from experiments.figures.source import Plan, province
from experiments.labels.numbers import percent, plain, signed
from experiments.own_bank import answers
from experiments.own_bank.answers import FLOORS, STANDING, OwnRuns
from experiments.own_bank.figures import Chart, figure_of
from experiments.report.embed import Drawing
from experiments.report.registry import Block, Page, Points, Text, section
from experiments.report.tables import (
    Cell,
    Table,
    Write,
    by_column,
    catalogued,
    effect,
    ends,
    level,
    money,
    share,
    texts,
)
from experiments.results.statistics import CRITICAL, lookup, rows_of, side
from model.own_bank import BRIDGE, BUDGET
from model.own_plan import KIND, STILL

ENOUGH: Final = 0.8  # share of runs that counts as keeping up
KPIS: Final = 8


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
    page : Page
        Of a study with a bank; `Page.once` makes its board once for the report and the paper together.
    """

    def __init__(self, page: Page) -> None:
        self.page, self.study, self.labels = page, page.study, page.labels
        self.bank: Mapping[str, Any] = self.study.settings["bank"]
        self.runs = OwnRuns(self.study.folder / "own_bank.parquet", self.bank)
        self.answers = answers.every(self.runs)
        self.lead = self.runs.plans[0]

    def frame(self, name: str) -> pd.DataFrame:
        """An answer, or a table of the study's folder; empty where it is not there."""
        if name in self.answers:
            return self.answers[name]
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

    @cached_property
    def sheets(self) -> list[Sheet]:
        """The four pages."""
        return [self.standing(), self.choice(), self.stress(), self.next()]

    def figure(self, sheet: Sheet) -> Drawing:
        """The charts of a sheet as one figure, for the report and the paper."""
        labels, charts = self.labels, sheet.charts
        title = charts[0].title if len(charts) == 1 else labels(f"own.figure_{sheet.id}")
        name = f"own_{sheet.id}"
        return self.page.drawing(Plan(name, labels("section.own_bank"), lambda: figure_of(title, charts)))

    # ------------------------------------------------------------ where we stand

    def standing(self) -> Sheet:
        """Who we are, where we stand among peers, what binds, what running takes."""
        labels, places = self.labels, self.frame("place")
        first, last = self.runs.years[0], self.runs.years[-1]
        rows = lookup(places, ["dimension", "year"])
        index = rows["index", first], rows["index", last]
        now, then = (plain(r["q50"], 0) for r in index)
        title = labels("own.standing", name=self.bank["name"], now=now, then=then, year=last)
        lines = []
        for d in ("index", *DIMENSIONS):
            ours = rows[d, first], rows[d, last]
            scores = texts(labels.outcome(d), *(plain(r["score"]) for r in ours))
            lines.append([*scores, *(level(r, number=0) for r in ours)])
        keys = ((key, year) for key in ("score_in", "ahead_in") for year in (first, last))
        head = ["dimension", *(f"={labels(f'own.{key}', year=year)}" for key, year in keys)]
        table = catalogued(labels, "own.place", head, lines, places, facts={"peers": index[0]["peers"]})
        chart = Chart(
            labels("own.place_title"), "%", "bar", [labels.name("dimension", d) for d in DIMENSIONS],
            {str(y): [float(rows[d, y]["q50"]) for d in DIMENSIONS] for y in (first, last)},
        )  # fmt: skip
        points = [self._who(), self._binding(), self._running()]
        return Sheet("standing", title, points, [table, self._marginal()], [chart])

    def _who(self) -> str:
        bank, labels = self.bank, self.labels
        return labels(
            "own.is",
            name=bank["name"],
            kind=labels(f"own.a_{bank['kind']}"),
            province=province(bank["province"], self.study.data, labels.language),
            assets=labels.money(bank["assets"] / 1e6) if labels.chinese else plain(bank["assets"] / 1e9),
            since=labels.quarter(bank["since"]),
            runs=self.study.runs,
            scenario=self.future(self.runs.futures[0]),
        )

    def _binding(self) -> str:
        labels, frame = self.labels, self.frame("bottleneck")
        tied = [labels.inside(labels.name("dimension", d)) for d in frame.loc[frame["tied"] > 0, "dimension"]]
        if len(tied) == len(frame):
            return labels("own.nothing_binds")
        key = "own.binds" if len(tied) == 1 else "own.binds_tied"
        return labels(key, dimensions=labels.listing(tied), gain=plain(float(frame["gain"].iloc[0]), 2))

    def _marginal(self) -> Table:
        labels, frame = self.labels, self.frame("bottleneck")
        rows = []
        for r in rows_of(frame):
            low, high = (signed(r["gain"] + step * r["error"], 3) for step in (-CRITICAL, CRITICAL))
            name, tied = labels.name("dimension", r["dimension"]), labels("own.tied") if r["tied"] else "–"
            gain = Cell(signed(r["gain"], 3), interval=ends(low, high))
            rows.append([Cell(name, strong=bool(r["tied"])), gain, Cell(tied)])
        return catalogued(labels, "own.marginal", ("dimension", "gain", "rank"), rows, frame)

    def _running(self) -> str:
        rows = rows_of(self.frame("maintenance"))
        then = rows[min(1, len(rows) - 1)]
        share, low, high = (plain(then[q], 0) for q in ("q50", "q05", "q95"))
        end = plain(rows[-1]["q50"], 0)
        years = {"year": then["year"], "last": rows[-1]["year"]}
        return self.labels("own.maintenance", share=share, low=low, high=high, end=end, **years)

    # ------------------------------------------------------------ the plans

    def choice(self) -> Sheet:
        """The plans side by side."""
        labels, frame = self.labels, self.frame("choice")
        lines = rows_of(frame)
        best = max(lines, key=lambda r: (r["keeps_up"], -r["fails"], r["npv"]))
        columns: dict[str, Write] = {
            "column_plan": lambda r: Cell(self.plan(r["plan"]), strong=r["plan"] == best["plan"]),
            "index_end": lambda r: plain(r["index"]),
            "keeps_up": lambda r: share(r["keeps_up"]),
            "fails": lambda r: share(r["fails"], 0.6),
            "npv": lambda r: labels.balance(r["npv"]),
            "npv_tail": lambda r: labels.balance(r["npv_tail"]),
            "cvar": lambda r: labels.balance(r["cvar_npv"]),
            "regret_index": lambda r: plain(r["regret_index"]),
            "regret_npv": lambda r: labels.money(r["regret_npv"]),
            "spent": lambda r: labels.money(r["spent"]),
        }
        facts = {"rate": f"{100 * self.runs.rate:g}", "futures": len(self.runs.futures)}
        facts |= {
            "tail": answers.TAIL,
            "worst": percent(answers.WORST),
            "first": self.future(self.runs.futures[0]),
        }
        rows = by_column(lines, columns)
        table = catalogued(labels, "own.choice", columns, rows, frame, facts=facts, wide=True)
        title = labels("own.choice_none")
        if best["keeps_up"]:
            part = percent(best["keeps_up"])
            title = labels("own.choice_best", plan=self.plan(best["plan"]), share=part)
        tables = [table, self._bridge(), self._budget()]
        return Sheet("choice", title, self._sentences_of_choice(), tables, self._path_charts(), 3)

    def _sentences_of_choice(self) -> list[str]:
        labels, first = self.labels, self.runs.futures[0]
        pairs = lookup(self.frame("paired"), ["plan", "against", "scenario"])
        # Means, as the table of plans has them, so that a difference is the difference of what stands there.
        worth = self.frame("choice").set_index("plan")["npv"]
        said = []
        for other in (STILL, KIND, *self.runs.plans[1:]):
            r = pairs[self.lead, other, first]
            clear = int(side(r["index_low"], r["index_high"]))
            key = {1: "own.above", -1: "own.below", 0: "own.alike"}[clear]
            low, high = signed(r["index_low"]), signed(r["index_high"])
            value = labels.balance(worth[self.lead] - worth[other])
            effect = plain(abs(r["index"])) if clear else signed(r["index"])
            names = {"plan": self.plan(self.lead), "other": self.plan(other)}
            said.append(labels(key, **names, effect=effect, low=low, high=high, npv=value))
        back = lookup(self.frame("payback"), ["plan", "scenario"])[self.lead, first]
        year = "" if np.isnan(back["year"]) else f"{back['year']:.0f}"
        key = "own.back" if year else "own.no_back"
        done, tail = percent(back["paid_back"]), percent(back["tail"])
        said.append(labels(key, year=year or self.runs.years[-1], share=done, tail=tail, years=answers.TAIL))
        return said

    def _path_charts(self) -> list[Chart]:
        labels, paths = self.labels, self.frame("paths")
        mine = paths[paths["scenario"] == self.runs.futures[0]]
        charts = []
        for outcome, unit in (("index", labels("unit.points")), ("net_profit", labels("own.million"))):
            rows = mine[mine["outcome"] == outcome]
            # 万元 where English has millions
            by = 100.0 if labels.chinese and outcome == "net_profit" else 1.0
            charts.append(
                self._paths(labels(f"own.path_{outcome}"), unit, by * rows.set_index("plan")["q50"])
            )
        return charts

    def _paths(self, title: str, unit: str, values: pd.Series, floor: float | None = None) -> Chart:
        """A line a plan over the years, from values by plan in the order of the years."""
        series = {self.plan(plan): values.loc[[plan]].tolist() for plan in self.runs.compared}
        return Chart(title, unit, "line", list(map(str, self.runs.years)), series, floor)

    def _budget(self) -> Table:
        labels, frame = self.labels, self.frame("budget")
        mine = frame[(frame["scenario"] == self.runs.futures[0]) & (frame["plan"] == self.lead)]
        rows = [
            [Cell(labels(f"own.use_{name}")), *(Cell(labels.money(v)) for v in mine[name])]
            for name in (*BUDGET, "technology_spending")
        ]
        head, facts = ("use", *(f"={year}" for year in mine["year"])), {"plan": self.plan(self.lead)}
        return catalogued(labels, "own.budget", head, rows, frame, facts=facts, wide=True)

    def _bridge(self) -> Table:
        labels, frame = self.labels, self.frame("bridge")
        mine = frame[frame["scenario"] == self.runs.futures[0]]
        names = (
            "bridge_before", *BRIDGE, "revenue", "fee_income", "costs", "charge", "technology_spending", "tax",
            "net_profit",
        )  # fmt: skip
        rows = [
            [Cell(self.plan(r["plan"])), *(Cell(labels.money(r[n])) for n in names)] for r in rows_of(mine)
        ]
        head, facts = ("column_plan", *(f"line_{name}" for name in names)), {"year": self.runs.years[-1]}
        return catalogued(labels, "own.bridge", head, rows, frame, facts=facts, wide=True)

    # ------------------------------------------------------------ under stress

    def stress(self) -> Sheet:
        """Which futures break which plan, and how much each bears."""
        labels, frame = self.labels, self.frame("floors")
        cells = lookup(frame, ["plan", "scenario"])
        rows = [
            [Cell(self.future(f)), *(self._breach(cells[p, f]) for p in self.runs.compared)]
            for f in self.runs.futures
        ]
        head, limits = ("future", *(f"={self.plan(p)}" for p in self.runs.compared)), self.runs.floors
        said = {
            "capital": plain(limits["capital"]), "profit": labels.money(limits["profit"]),
            "run": percent(limits["run_cost"]), "market": percent(limits["market"]),
        }  # fmt: skip
        table = catalogued(labels, "own.stress", head, rows, frame, facts=said, wide=True)
        worst = max(self.runs.futures, key=lambda f: cells[self.lead, f]["any"])
        key = "own.stress_worst" if worst != self.runs.futures[0] else "own.stress_alike"
        share = percent(cells[self.lead, worst]["any"])
        title = labels(key, plan=self.plan(self.lead), future=labels.under(worst), share=share)
        reverse = list(self._reverse())
        tables = [table, *reverse[:1], self._stressed(), *self._breaks(), *reverse[1:]]
        chart = Chart(
            labels("own.stress_title"), "%", "heat", [self.future(f) for f in self.runs.futures],
            {self.plan(p): [100.0 * cells[p, f]["any"] for f in self.runs.futures] for p in self.runs.compared},
        )  # fmt: skip
        charts = [chart, self._capital(cells)]
        return Sheet("stress", title, self._bears(), tables, charts, 1 + len(reverse[:1]))

    def _capital(self, cells: Mapping[tuple[str, str], Mapping[str, Any]]) -> Chart:
        """Capital of every plan, the poorest run in twenty, in the future in which most fall below its floor."""
        labels, runs = self.labels, self.runs
        paths = self.frame("paths")
        mine = paths[paths["outcome"] == "capital"]
        low = mine.groupby("scenario", observed=True)["q05"].min()
        future = min(
            runs.futures, key=lambda f: (-sum(cells[p, f]["capital"] for p in runs.compared), low[f])
        )
        values = mine[mine["scenario"] == future].set_index("plan")["q05"]
        title = labels("own.capital_path", future=self.future(future))
        return self._paths(title, "%", values, runs.floors["capital"])

    def _breach(self, row: Mapping[str, Any]) -> Cell:
        broken = sorted((name for name in FLOORS if row[name]), key=lambda name: -row[name])
        parts = (f"{self.labels(f'own.floor_{name}')} {percent(row[name])}" for name in broken)
        return Cell(percent(row["any"]), shade=0.8 * row["any"], interval=self.labels.listing(parts))

    def _stressed(self) -> Table:
        """What each future makes of the first plan in the last year."""
        labels, paths = self.labels, self.frame("paths")
        last = paths[(paths["year"] == self.runs.years[-1]) & (paths["plan"] == self.lead)]
        cells = lookup(last, ["scenario", "outcome"])
        shown = (
            "index", "percentile", "revenue", "net_profit", "technology_spending", "capital", "bad_loans",
            "inclusive_share",
        )  # fmt: skip
        rows = []
        for future in self.runs.futures:
            row = [Cell(self.future(future))]
            for name in shown:
                tell = labels.money if name in ("revenue", "net_profit", "technology_spending") else plain
                middle, low, high = (tell(cells[future, name][q]) for q in ("q50", "q05", "q95"))
                row.append(Cell(middle, interval=ends(low, high)))
            rows.append(row)
        head = ("future", *(f"path_{name}" for name in shown))
        facts = {"plan": self.plan(self.lead), "year": self.runs.years[-1]}
        return catalogued(labels, "own.stressed", head, rows, last, facts=facts, wide=True)

    def _reverse(self) -> Iterator[Table]:
        """Where each plan breaks what stands without a blow, then floor by floor."""
        labels, frame = self.labels, self.frame("own_reverse")
        if frame.empty:
            return
        cells = lookup(frame, ["plan", "driver", "floor"])
        drivers = list(frame["driver"].unique())
        head = ("column_plan", *(f"driver_{driver}" for driver in drivers))
        rows, by_floor = [], []
        for plan in self.runs.compared:
            broken = [f for f in FLOORS if cells[plan, drivers[0], f]["breaks_at"] == 0]
            names = labels.listing(labels(f"own.floor_{floor}") for floor in broken)
            name = Cell(self.plan(plan), interval=labels("own.already_list", floors=names) if broken else "")
            every = ([cells[plan, driver, floor] for floor in (STANDING, *FLOORS)] for driver in drivers)
            rows.append([name, *map(self._bearing, every)])
            for floor in FLOORS:
                told = (self._bearing([cells[plan, driver, floor]]) for driver in drivers)
                by_floor.append([Cell(self.plan(plan)), Cell(labels(f"own.floor_{floor}")), *told])
        yield catalogued(labels, "own.reverse", head, rows, frame, wide=True)
        head = (head[0], "column_floor", *head[1:])
        yield catalogued(labels, "own.reverse_floors", head, by_floor, frame, wide=True)

    def _bearing(self, floors: Sequence[Mapping[str, Any]]) -> Cell:
        """The blow at which half of the runs break, and below it that at which one in ten does.

        Of several floors the first is told, with the one of the others that breaks with it.
        """
        labels, row = self.labels, floors[0]
        borne = labels("own.borne", most=self._size(row["driver"], row["largest"]))
        half, tenth = (
            borne if np.isnan(v) else self._size(row["driver"], v) if v else labels("own.already")
            for v in (row["breaks_at"], row["first"])
        )
        weakest = min(
            (r for r in floors[1:] if r["breaks_at"] > 0), key=lambda r: r["breaks_at"], default=None
        )
        parts = [labels("own.tenth", size=tenth)]
        if weakest and row["breaks_at"] > 0:
            parts.append(labels("own.first_floor", floor=labels(f"own.floor_{weakest['floor']}")))
        return Cell(half, interval=labels.clauses(parts))

    def _size(self, driver: str, size: float) -> str:
        """How large a blow is, in the unit of its column."""
        return self.labels.money(size) if driver in ("loss", "cost") else plain(size, 0)

    def _breaks(self) -> Iterator[Table]:
        labels, frame = self.labels, self.frame("own_breaks")
        mine = frame[frame["scenario"].astype(str) == self.runs.futures[0]] if len(frame) else frame
        if mine.empty:
            return
        rows = []
        for r in rows_of(mine.head(KPIS)):
            clear = abs(r["difference"]) > 2 * r["error"]
            shares = (Cell(percent(r[k]), strong=clear) for k in ("fails_low", "fails_high"))
            rows.append([Cell(labels.parameter(r["parameter"])), *shares])
        facts = {"failure": labels(f"own.failure_{mine.iloc[0]['failure']}"), "count": len(mine)}
        yield catalogued(
            labels, "own.breaks", ("number", "fails_low", "fails_high"), rows, frame, facts=facts
        )

    def _bears(self) -> list[str]:
        """How often the first plan falls below each floor over all futures, and what it bears, a sentence a driver."""
        labels, floors = self.labels, self.frame("floors")
        mine = floors[floors["plan"] == self.lead]
        often = {n: percent(float(mine[n].mean())) for n in (*FLOORS, "any")}
        said = [labels("own.often", plan=self.plan(self.lead), **often)]
        return said + list(self._blows())

    def _blows(self) -> Iterator[str]:
        """A sentence a floor: the blows at which half of the first plan's runs fall below it."""
        labels, frame = self.labels, self.frame("own_reverse")
        mine = frame[frame["plan"] == self.lead] if len(frame) else frame
        for floor in FLOORS if len(mine) else ():
            rows = rows_of(mine[mine["floor"] == floor])
            name = labels(f"own.floor_{floor}")
            sizes = {r["driver"]: self._size(r["driver"], r["breaks_at"]) for r in rows if r["breaks_at"] > 0}
            blows = [labels(f"own.blow_{driver}", size=size) for driver, size in sizes.items()]
            key = "breaks_all" if len(blows) == len(rows) else "breaks_at" if blows else "bears"
            if rows[0]["breaks_at"] == 0:
                key = "broken"
            yield labels(f"own.{key}", floor=name, blows=labels("own.or").join(blows))

    # ------------------------------------------------------------ what to do

    def next(self) -> Sheet:
        """A better plan, routes and waiting, people, what share keeps up, and what should move within a year."""
        tables = [*self._better(), self._early(), self._people(), self._routes()]
        points, charts = self._next_sentences(), [self._share_chart()]
        return Sheet("next", self._next_title(), points, [*tables, self._shares()], charts, len(tables))

    def _next_title(self) -> str:
        labels, frame = self.labels, self.frame("own_search")
        if len(frame):
            row = frame[frame["what"] == "index"].iloc[0]
            key = "own.improved" if row["mean"] > CRITICAL * row["error"] else "own.not_improved"
            return labels(key, effect=plain(row["effect"]), plan=self.plan(self.lead))
        return labels("own.next_title", year=self.runs.years[0] + 1)

    def _next_sentences(self) -> list[str]:
        labels, said = self.labels, []
        least = self._least_share()
        key = "own.share_is" if least is not None else "own.share_never"
        words = {"scenario": self.future(self.runs.futures[0]), "enough": percent(ENOUGH)}
        said.append(labels(key, share=plain(least or 0.0), **words))
        rows = lookup(self.frame("people"), ["choice"])
        effects = {n: signed(rows[n,]["index"]) for n in ("hire", "train")}
        said.append(labels("own.people_is", cost=labels.money(rows["hire",]["cost"]), **effects))
        wait = lookup(self.frame("routes"), ["route"])["wait",]
        said.append(labels("own.waiting", index=signed(wait["index"]), npv=labels.balance(wait["npv"])))
        return said

    def _least_share(self) -> float | None:
        """Least spending over revenue, percent, with which the bank keeps up in ``ENOUGH`` of runs, first future."""
        frame = self.frame("shares")
        rows = frame[frame["scenario"] == self.runs.futures[0]].sort_values("spend_ratio")
        chances = np.maximum.accumulate(rows["keeps_up"].to_numpy())
        if not len(rows) or chances[-1] < ENOUGH:
            return None
        after = int(np.argmax(chances >= ENOUGH))
        if after == 0:
            return float(rows["spend_ratio"].iloc[0])
        part = slice(after - 1, after + 1)
        return float(np.interp(ENOUGH, chances[part], rows["spend_ratio"].to_numpy()[part]))

    def _better(self) -> Iterator[Table]:
        labels, frame = self.labels, self.frame("own_search")
        if frame.empty:
            return
        rows = []
        for r in rows_of(frame):
            dimension = r["what"] in DIMENSIONS
            what = labels.name("dimension", r["what"]) if dimension else labels(f"own.what_{r['what']}")
            if r["what"] == "language_model":
                rows.append(texts(what, "–", labels(f"own.route_{r['word']}") if r["word"] else "–", "–"))
                continue
            by = 0.01 if r["unit"] == "percent of project money" else 1.0
            told_as = {
                "million yuan": labels.money,
                "share of runs": percent,
                "percent of project money": percent,
            }
            tell = told_as.get(r["unit"], plain)
            told = Cell("–")
            if not np.isnan(r["effect"]):
                points = 100.0 if r["what"] == "fails" else 1.0
                values = [points * r[k] for k in ("effect", "effect_low", "effect_high")]
                said = [labels.balance(v) if r["unit"] == "million yuan" else signed(v) for v in values]
                told = Cell(said[0], strong=bool(side(*values[1:])), interval=ends(*said[1:]))
            plans = (Cell("–" if np.isnan(r[key]) else tell(by * r[key])) for key in ("plan", "proposed"))
            rows.append([Cell(what), *plans, told])
        head = ("what", "column_first", "column_proposed", "difference")
        yield catalogued(labels, "own.better", head, rows, frame)

    def _routes(self) -> Table:
        labels, frame = self.labels, self.frame("routes")
        columns: dict[str, Write] = {
            "route": lambda r: labels(f"own.route_{r['route']}"),
            "adopted": lambda r: share(r["adopted"]),
            "taken_in": lambda r: "–" if np.isnan(r["year"]) else f"{r['year']:.0f}",
            "paid": lambda r: labels.money(r["paid"]),
            "maturity": lambda r: plain(r["maturity"], 0),
            "index_effect": lambda r: effect(r, "index"),
            "npv_effect": lambda r: money(r, "npv", labels),
        }
        rows = by_column(rows_of(frame), columns)
        return catalogued(labels, "own.routes", columns, rows, frame, wide=True)

    def _people(self) -> Table:
        labels, frame = self.labels, self.frame("people")
        columns: dict[str, Write] = {
            "choice_of": lambda r: labels(f"own.choice_{r['choice']}"),
            "paid": lambda r: labels.money(r["cost"]),
            "index_effect": lambda r: effect(r, "index"),
            "organization_effect": lambda r: effect(r, "organization"),
            "npv_effect": lambda r: money(r, "npv", labels),
        }
        return catalogued(labels, "own.people", columns, by_column(rows_of(frame), columns), frame)

    def _shares(self) -> Table:
        labels, frame = self.labels, self.frame("shares")
        cells = lookup(frame, ["scenario", "times"])
        rows = []
        for times in sorted(frame["times"].unique()):
            ratio = plain(cells[self.runs.futures[0], times]["spend_ratio"])
            line = [Cell(f"{ratio}\N{NO-BREAK SPACE}%", strong=times == 1.0)]
            shown = ((r["keeps_up"], r["fails"]) for r in (cells[f, times] for f in self.runs.futures))
            line += [Cell(percent(up), shade=0.5 * up, interval=percent(fails)) for up, fails in shown]
            rows.append(line)
        head = ("share_of_revenue", *(f"={self.future(f)}" for f in self.runs.futures))
        return catalogued(labels, "own.shares", head, rows, frame, wide=True)

    def _early(self) -> Table:
        labels, frame = self.labels, self.frame("early")
        mine = frame[frame["plan"] == self.lead]
        sure = mine["effect"].abs() / (mine["effect_high"] - mine["effect_low"] + 1e-9)
        rows = []
        for r in rows_of(mine.loc[sure.sort_values(ascending=False, kind="stable").index].head(KPIS)):
            name = r["outcome"]
            own = name in ("heads", "new_technology", "language_model", "spend_ratio")
            title = labels.name("own" if own else "dimension" if name in DIMENSIONS else "outcome", name)
            number = 0 if name == "heads" else 2
            numbers = Cell(plain(r["today"], number)), level(r, number=number), effect(r, number=number)
            rows.append([Cell(title), *numbers])
        year = int(mine["year"].iloc[0])
        years = {"still_in_year": self.runs.years[0], "in_year": year}
        dated = (f"={labels(f'own.{key}', year=of)}" for key, of in years.items())
        head = ("kpi", *dated, "against_still")
        return catalogued(labels, "own.early", head, rows, frame, facts={"year": year})

    def _share_chart(self) -> Chart:
        labels, frame = self.labels, self.frame("shares")
        first = frame[frame["scenario"] == self.runs.futures[0]]
        series = {
            self.future(f): [100.0 * float(v) for v in frame[frame["scenario"] == f]["keeps_up"]]
            for f in self.runs.futures[:6]
        }
        return Chart(
            labels("own.shares_title"), "%", "line", [f"{v:.1f} %" for v in first["spend_ratio"]], series
        )


@section("own_bank", place=20, tables=("own_bank",), always=False)
def own_section(page: Page) -> Iterator[Block]:
    """The sheets of the board paper, one after the other."""
    if not page.study.settings.get("bank"):
        return
    board = page.once(Board)
    for sheet in board.sheets:
        yield Text("", sheet.title)
        yield Points(sheet.points)
        yield board.figure(sheet)
        yield from sheet.tables
    yield Text(page.labels("own.limits"))
