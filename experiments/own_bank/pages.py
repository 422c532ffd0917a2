"""What the board is told of its own bank: four sheets of sentences, tables and charts, for the report and the paper."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from typing import Any, Final

import numpy as np
import pandas as pd

from agents.honeycomb import DIMENSIONS
from experiments.figures.source import Plan, province
from experiments.labels import percent, plain, signed
from experiments.own_bank.answers import ANSWERS, FLOORS, STANDING, TAIL, WORST, OwnRuns
from experiments.own_bank.figures import Chart, figure_of
from experiments.report.embed import Drawing
from experiments.report.registry import Block, Page, Points, Text, section
from experiments.report.tables import (
    Cell,
    Line,
    Table,
    Write,
    banded,
    by_column,
    catalogued,
    effect,
    level,
    money,
    share,
)
from experiments.results.statistics import CRITICAL, lookup, rows_of, side
from model.own_bank import BRIDGE, BUDGET
from model.own_plan import KIND, STILL

ENOUGH: Final = 0.8  # share of runs that counts as keeping up
KPIS: Final = 8
BRIDGED: Final = (
    "bridge_before", *BRIDGE, "revenue", "fee_income", "costs", "charge", "technology_spending", "tax", "net_profit",
)  # fmt: skip
STRESSED: Final = (
    "index", "percentile", "revenue", "net_profit", "technology_spending", "capital", "bad_loans", "inclusive_share",
)  # fmt: skip
IN_YUAN: Final = ("revenue", "net_profit", "technology_spending")


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
        self.lead, self.first = self.runs.plans[0], self.runs.futures[0]
        self.plans = {name: self._plan(name) for name in self.runs.compared}
        self.futures = {name: self.labels.scenario(str(name)) for name in self.runs.futures}
        # A floor of nothing of the market is none.
        kept = [name for name in FLOORS if name != "market" or self.runs.floors["market"]]
        self.floors = {name: self.labels(f"own.floor_{name}") for name in kept}
        self.whole = cache(self._whole)

    def _plan(self, name: str) -> str:
        if name in (KIND, STILL):
            return self.labels(f"own.{name}")
        title = ((self.bank.get("plans") or {}).get(name) or {}).get("title") or {}
        return str(title.get(self.labels.language) or (self.labels("own.plan") if name == "plan" else name))

    def _whole(self, name: str) -> pd.DataFrame:
        """An answer, or a table of the study's folder; empty where it is not there."""
        return ANSWERS[name](self.runs) if name in ANSWERS else self.study.table(name)

    def frame(self, name: str, **equal: object) -> pd.DataFrame:
        """An answer, or a table of the study: the rows in which each named column is as given."""
        frame = self.whole(name)
        for column, value in equal.items() if len(frame) else ():
            frame = frame[frame[column] == value]
        return frame

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

    def table(
        self,
        name: str,
        columns: Mapping[str, Write],
        data: pd.DataFrame,
        lines: Iterable[Line] | None = None,
        **look: Any,
    ) -> Table:
        """A table that the catalogue names: a row a line, by default of its data, by what each column writes of it."""
        rows = by_column(rows_of(data) if lines is None else lines, columns)
        return catalogued(self.labels, f"own.{name}", columns, rows, data, **look)

    def grid[Row, Column](
        self, name: str, corner: str, rows: Mapping[Row, str | Cell], columns: Mapping[Column, str],
        cell: Callable[[Row, Column], str | Cell], data: pd.DataFrame, **look: Any,
    ) -> Table:  # fmt: skip
        """A table that the catalogue names: what is written of each row and column, both by their titles."""
        cells = [[title, *(cell(row, column) for column in columns)] for row, title in rows.items()]
        head = (corner, *(f"={title}" for title in columns.values()))
        return catalogued(self.labels, f"own.{name}", head, cells, data, **look)

    # ------------------------------------------------------------ where we stand

    def standing(self) -> Sheet:
        """Who we are, where we stand among peers, what binds, what running takes."""
        labels, rows = self.labels, lookup(self.frame("place"), ["dimension", "year"])
        first, last = self.runs.years[0], self.runs.years[-1]
        now, then = (plain(rows["index", year]["q50"], 0) for year in (first, last))
        title = labels("own.standing", name=self.bank["name"], now=now, first=first, then=then, year=last)
        chart = Chart(
            labels("own.place_title"), "%", "bar", [labels.name("dimension", d) for d in DIMENSIONS],
            {str(y): [float(rows[d, y]["q50"]) for d in DIMENSIONS] for y in (first, last)},
        )  # fmt: skip
        points = [self.who(), self._binding(), self._running()]
        return Sheet("standing", title, points, [self.place(), self._marginal()], [chart])

    def place(self) -> Table:
        """Scores in the first and the last year, and the share of peers that lie behind."""
        labels, frame = self.labels, self.frame("place")
        rows, years = lookup(frame, ["dimension", "year"]), (self.runs.years[0], self.runs.years[-1])
        columns = {(k, y): labels(f"own.{k}", year=y) for k in ("score_in", "ahead_in") for y in years}

        def cell(dimension: str, column: tuple[str, int]) -> str | Cell:
            row = rows[dimension, column[1]]
            return plain(row["score"]) if column[0] == "score_in" else level(row, number=0)

        names = {d: labels.outcome(d) for d in ("index", *DIMENSIONS)}
        facts = {"peers": rows["index", years[0]]["peers"]}
        return self.grid("place", "dimension", names, columns, cell, frame, facts=facts)

    def who(self) -> str:
        """Which bank it is, and what is told of it."""
        bank, labels = self.bank, self.labels
        return labels(
            "own.is",
            name=bank["name"],
            kind=labels(f"own.a_{bank['kind']}"),
            province=province(bank["province"], self.study.data, labels.language),
            assets=labels.money(bank["assets"] / 1e6) if labels.chinese else plain(bank["assets"] / 1e9),
            since=labels.quarter(bank["since"]),
            runs=len(self.runs.axes["replicate"]),
            scenario=self.futures[self.first],
        )

    def _binding(self) -> str:
        labels, frame = self.labels, self.frame("bottleneck")
        tied = [labels.inside(labels.name("dimension", d)) for d in frame.loc[frame["tied"] > 0, "dimension"]]
        if len(tied) == len(frame):
            return labels("own.nothing_binds")
        key, (millions, more) = "own.binds" if len(tied) == 1 else "own.binds_tied", self._more()
        gain = plain(millions * float(frame["gain"].iloc[0]), 2)
        return labels(key, dimensions=labels.listing(tied), gain=gain, more=more)

    def _more(self) -> tuple[float, str]:
        """Million yuan that a gain is told of, and their name: a hundred where a bank spends more on project money."""
        millions = 100.0 if float(self.frame("bottleneck")["spent"].median()) > 100.0 else 1.0
        return millions, self.labels(f"own.more_{millions:.0f}")

    def _marginal(self) -> Table:
        labels, frame, (millions, more) = self.labels, self.frame("bottleneck"), self._more()
        first = "own.tied" if frame["tied"].sum() > 1 else "own.ahead"

        def gain(r: Line) -> Cell:
            middle, half = millions * r["gain"], millions * CRITICAL * r["error"]
            if not np.isfinite(half):  # of a single run
                return Cell(signed(middle, 3))
            return banded((middle, middle - half, middle + half), partial(signed, digits=3))

        columns: dict[str, Write] = {
            "dimension": lambda r: Cell(labels.name("dimension", r["dimension"]), strong=bool(r["tied"])),
            f"={labels('own.gain', more=more)}": gain,
            "rank": lambda r: labels(first) if r["tied"] else "–",
        }
        return self.table("marginal", columns, frame, facts={"more": more})

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
        best = max(rows_of(frame), key=lambda r: (r["keeps_up"], -r["fails"], r["npv"]))
        columns: dict[str, Write] = {
            "column_plan": lambda r: Cell(self.plans[r["plan"]], strong=r["plan"] == best["plan"]),
            "index_end": lambda r: plain(r["index"]),
            "keeps_up": lambda r: percent(r["keeps_up"]),
            "fails": lambda r: share(r["fails"], 0.6),
            "npv": lambda r: labels.balance(r["npv"]),
            "npv_tail": lambda r: labels.balance(r["npv_tail"]),
            "cvar": lambda r: labels.balance(r["cvar_npv"]),
            "regret_index": lambda r: plain(r["regret_index"]),
            "regret_npv": lambda r: labels.money(r["regret_npv"]),
            "spent": lambda r: labels.money(r["spent"]),
        }
        facts = {"rate": f"{100 * self.runs.rate:g}", "futures": len(self.futures), "tail": TAIL}
        facts |= {"worst": percent(WORST), "first": self.futures[self.first]}
        title = labels("own.choice_none")
        if best["keeps_up"]:
            part = percent(best["keeps_up"])
            alike = [self.plans[r["plan"]] for r in rows_of(frame) if percent(r["keeps_up"]) == part]
            key = "own.choice_best" if len(alike) == 1 else "own.choice_alike"
            title = labels(key, plan=labels.listing(f"“{plan}”" for plan in alike), share=part)
        table = self.table("choice", columns, frame, facts=facts, wide=True)
        tables = [table, self._bridge(), self._budget()]
        return Sheet("choice", title, self._sentences_of_choice(), tables, self._path_charts(), 3)

    def _sentences_of_choice(self) -> list[str]:
        labels = self.labels
        pairs = lookup(self.frame("paired"), ["plan", "against", "scenario"])
        # Means, as the table of plans has them, so that a difference is the difference of what stands there.
        worth = self.frame("choice").set_index("plan")["npv"]
        sentences = []
        for other in (STILL, KIND, *self.runs.plans[1:]):
            r = pairs[self.lead, other, self.first]
            clear = int(side(r["index_low"], r["index_high"]))
            key = {1: "own.above", -1: "own.below", 0: "own.alike"}[clear]
            low, high = signed(r["index_low"]), signed(r["index_high"])
            value = labels.balance(worth[self.lead] - worth[other])
            effect = plain(abs(r["index"])) if clear else signed(r["index"])
            names = {"plan": self.plans[self.lead], "other": self.plans[other]}
            sentences.append(labels(key, **names, effect=effect, low=low, high=high, npv=value))
        back = lookup(self.frame("payback"), ["plan", "scenario"])[self.lead, self.first]
        year = "" if np.isnan(back["year"]) else f"{back['year']:.0f}"
        key = "own.back" if year else "own.no_back"
        share, tail = percent(back["paid_back"]), percent(back["tail"])
        return [*sentences, labels(key, year=year or self.runs.years[-1], share=share, tail=tail, years=TAIL)]

    def _path_charts(self) -> list[Chart]:
        labels, charts = self.labels, []
        titles = {"index": labels("own.path_index"), "net_profit": labels("own.line_net_profit")}
        for outcome, unit in (("index", labels("unit.points")), ("net_profit", labels("own.million"))):
            values = self.frame("paths", scenario=self.first, outcome=outcome).set_index("plan")["q50"]
            # 万元 where English has millions
            by = 100.0 if labels.chinese and outcome == "net_profit" else 1.0
            charts.append(self._paths(titles[outcome], unit, by * values))
        return charts

    def _paths(self, title: str, unit: str, values: pd.Series, floor: float | None = None) -> Chart:
        """A line a plan over the years, from values by plan in the order of the years."""
        series = {name: values.loc[[plan]].tolist() for plan, name in self.plans.items()}
        return Chart(title, unit, "line", list(map(str, self.runs.years)), series, floor)

    def _budget(self) -> Table:
        labels, frame = self.labels, self.frame("budget")
        spent = self.frame("budget", scenario=self.first, plan=self.lead).set_index("year")
        uses = {name: labels(f"own.use_{name}") for name in (*BUDGET, "technology_spending")}
        years = {year: str(year) for year in spent.index}
        facts, most = {"plan": self.plans[self.lead]}, float(spent["technology_spending"].max())
        return self.grid(
            "budget", "use", uses, years, lambda use, year: labels.money(spent.loc[year, use], most), frame,
            facts=facts, wide=True,
        )  # fmt: skip

    def _bridge(self) -> Table:
        labels, frame = self.labels, self.frame("bridge")
        lines = lookup(self.frame("bridge", scenario=self.first), ["plan"])
        columns, facts = {name: labels(f"own.line_{name}") for name in BRIDGED}, {"year": self.runs.years[-1]}
        most = max(abs(line[name]) for line in lines.values() for name in BRIDGED)
        return self.grid(
            "bridge", "column_plan", self.plans, columns, lambda plan, name: labels.money(lines[plan,][name], most),
            frame, facts=facts, wide=True,
        )  # fmt: skip

    # ------------------------------------------------------------ under stress

    def stress(self) -> Sheet:
        """Which futures break which plan, and how much each bears."""
        labels, cells = self.labels, lookup(self.frame("floors"), ["plan", "scenario"])
        worst = max(self.futures, key=lambda f: cells[self.lead, f]["any"])
        key = "own.stress_worst" if worst != self.first else "own.stress_alike"
        share = percent(cells[self.lead, worst]["any"])
        title = labels(key, plan=self.plans[self.lead], future=labels.under(worst), share=share)
        reverse = self._reverse()
        tables = [self.breaches(), *reverse[:1], self._stressed(), *self._breaks(), *reverse[1:]]
        chart = Chart(
            labels("own.stress_title"), "%", "heat", list(self.futures.values()),
            {name: [100.0 * cells[p, f]["any"] for f in self.futures] for p, name in self.plans.items()},
        )  # fmt: skip
        charts = [chart, self._capital(cells)]
        return Sheet("stress", title, self._bears(), tables, charts, 1 + len(reverse[:1]))

    def breaches(self) -> Table:
        """How often each plan falls below a floor in each future, and below which."""
        frame, limits = self.frame("floors"), self.runs.floors
        cells = lookup(frame, ["plan", "scenario"])
        market = "own.market_floor" if limits["market"] else "own.market_none"
        facts = {
            "capital": plain(limits["capital"]), "profit": self.labels.money(limits["profit"]),
            "run": percent(limits["run_cost"]), "market": self.labels(market, share=percent(limits["market"])),
        }  # fmt: skip

        def cell(future: str, plan: str) -> Cell:
            row = cells[plan, future]
            broken = sorted((name for name in FLOORS if row[name]), key=lambda name: -row[name])
            parts = (f"{self.floors[name]} {percent(row[name])}" for name in broken)
            return Cell(percent(row["any"]), shade=0.8 * row["any"], interval=self.labels.listing(parts))

        return self.grid("stress", "future", self.futures, self.plans, cell, frame, facts=facts, wide=True)

    def _capital(self, cells: Mapping[tuple[str, str], Mapping[str, Any]]) -> Chart:
        """Capital of every plan, the poorest run in twenty, in the future in which most fall below its floor."""
        paths = self.frame("paths", outcome="capital")
        low = paths.groupby("scenario", observed=True)["q05"].min()
        future = min(self.futures, key=lambda f: (-sum(cells[p, f]["capital"] for p in self.plans), low[f]))
        values = paths[paths["scenario"] == future].set_index("plan")["q05"]
        title = self.labels("own.capital_path", future=self.futures[future])
        return self._paths(title, "%", values, self.runs.floors["capital"])

    def _stressed(self) -> Table:
        """What each future makes of the first plan in the last year."""
        labels, last = self.labels, self.frame("paths", year=self.runs.years[-1], plan=self.lead)
        cells = lookup(last, ["scenario", "outcome"])

        def cell(future: str, name: str) -> Cell:
            write = labels.money if name in IN_YUAN else plain
            return banded((cells[future, name][q] for q in ("q50", "q05", "q95")), write)

        columns = {name: labels(f"own.path_{name}") for name in STRESSED}
        facts = {"plan": self.plans[self.lead], "year": self.runs.years[-1]}
        return self.grid("stressed", "future", self.futures, columns, cell, last, facts=facts, wide=True)

    def _reverse(self) -> list[Table]:
        """Where each plan breaks what stands without a blow, then floor by floor."""
        labels, frame = self.labels, self.frame("own_reverse")
        if frame.empty:
            return []
        cells = lookup(frame, ["plan", "driver", "floor"])
        drivers = list(frame["driver"].unique())

        def plan_cell(r: Line) -> Cell:
            unstruck = {
                f: cells[r["plan"], drivers[0], f]["breaks_at"] == 0 for f in (*self.floors, STANDING)
            }
            broken = [self.floors[f] for f in self.floors if unstruck[f]]
            already = [labels("own.already_list", floors=labels.listing(broken))] if broken else []
            if unstruck[STANDING] and len(broken) < len(self.floors):
                already.append(labels("own.already_together"))
            return Cell(self.plans[r["plan"]], interval=labels.clauses(already))

        def bears(driver: str, r: Line) -> Cell:
            floors = (r["floor"],) if "floor" in r else (STANDING, *FLOORS)
            return self._bearing([cells[r["plan"], driver, floor] for floor in floors])

        borne: dict[str, Write] = {f"driver_{driver}": partial(bears, driver) for driver in drivers}
        by_floor: dict[str, Write] = {
            "column_plan": lambda r: self.plans[r["plan"]],
            "column_floor": lambda r: self.floors[r["floor"]],
        }
        lines = [{"plan": plan} for plan in self.plans]
        apart = [line | {"floor": floor} for line in lines for floor in self.floors]
        return [
            self.table("reverse", {"column_plan": plan_cell} | borne, frame, lines, wide=True),
            self.table("reverse_floors", by_floor | borne, frame, apart, wide=True),
        ]

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
        others = (r for r in floors[1:] if r["breaks_at"] > 0)
        weakest = min(others, key=lambda r: r["breaks_at"], default=None)
        parts = [labels("own.tenth", size=tenth)] if tenth != half else []
        if weakest and row["breaks_at"] > 0:
            parts.append(labels("own.first_floor", floor=self.floors[weakest["floor"]]))
        return Cell(half, interval=labels.clauses(parts))

    def _size(self, driver: str, size: float) -> str:
        """How large a blow is, in the unit of its column."""
        return self.labels.money(size) if driver in ("loss", "cost") else plain(size, 0)

    def _breaks(self) -> Iterator[Table]:
        labels, breaks = self.labels, self.frame("own_breaks", scenario=self.first)
        if breaks.empty:
            return

        def part(r: Line, key: str) -> Cell:
            return Cell(percent(r[key]), strong=abs(r["difference"]) > 2 * r["error"])

        columns: dict[str, Write] = {
            "number": lambda r: labels.parameter(r["parameter"]),
            "fails_low": lambda r: part(r, "fails_low"),
            "fails_high": lambda r: part(r, "fails_high"),
        }
        facts = {"failure": labels(f"own.failure_{breaks.iloc[0]['failure']}"), "count": len(breaks)}
        yield self.table("breaks", columns, self.frame("own_breaks"), rows_of(breaks.head(KPIS)), facts=facts)

    def _bears(self) -> list[str]:
        """How often the first plan falls below each floor over all futures, and what it bears, a sentence a floor."""
        labels, floors = self.labels, self.frame("floors", plan=self.lead)
        whole, *often = (percent(float(floors[name].mean())) for name in ("any", *self.floors))
        parts = labels.listing(
            f"{floor} {part}" for floor, part in zip(self.floors.values(), often, strict=True)
        )
        sentences = [labels("own.often", plan=self.plans[self.lead], any=whole, floors=parts)]
        blown = self.frame("own_reverse", plan=self.lead)
        for floor in self.floors if len(blown) else ():
            rows = rows_of(blown[blown["floor"] == floor])
            sizes = {r["driver"]: self._size(r["driver"], r["breaks_at"]) for r in rows if r["breaks_at"] > 0}
            blows = [labels(f"own.blow_{driver}", size=size) for driver, size in sizes.items()]
            key = "breaks_all" if len(blows) == len(rows) else "breaks_at" if blows else "bears"
            if rows[0]["breaks_at"] == 0:
                key = "broken"
            sentences.append(
                labels(f"own.{key}", floor=self.floors[floor], blows=labels("own.or").join(blows))
            )
        return sentences

    # ------------------------------------------------------------ what to do

    def next(self) -> Sheet:
        """A better plan, routes and waiting, people, what share keeps up, and what should move within a year."""
        tables = [*self._better(), self._early(), self._people(), self._routes()]
        points, charts = self._next_sentences(), [self._share_chart()]
        return Sheet("next", self._next_title(), points, [*tables, self._shares()], charts, len(tables))

    def _next_title(self) -> str:
        labels, better = self.labels, self.frame("own_search", what="index")
        if better.empty:
            return labels("own.next_title", year=self.runs.years[0] + 1)
        row = better.iloc[0]
        key = "own.improved" if row["mean"] > CRITICAL * row["error"] else "own.not_improved"
        return labels(key, effect=plain(row["effect"]), plan=self.plans[self.lead])

    def _next_sentences(self) -> list[str]:
        labels, (least, tried) = self.labels, self._least_share()
        key = "own.share_never" if least is None else "own.share_least" if tried else "own.share_is"
        words = {"scenario": self.futures[self.first], "enough": percent(ENOUGH)}
        rows = lookup(self.frame("people"), ["choice"])
        effects = {n: signed(rows[n,]["index"]) for n in ("hire", "train")}
        wait = lookup(self.frame("routes"), ["route"])["wait",]
        return [
            labels(key, share=plain(least or 0.0), **words),
            labels("own.people_is", cost=labels.money(rows["hire",]["cost"]), **effects),
            labels("own.waiting", index=signed(wait["index"]), npv=labels.balance(wait["npv"])),
        ]

    def _least_share(self) -> tuple[float | None, bool]:
        """Least spending over revenue, percent, that keeps up in ``ENOUGH`` of runs; whether no less was tried."""
        rows = self.frame("shares", scenario=self.first).sort_values("spend_ratio")
        chances = np.maximum.accumulate(rows["keeps_up"].to_numpy())
        if not len(rows) or chances[-1] < ENOUGH:
            return None, False
        after = int(np.argmax(chances >= ENOUGH))
        part = slice(max(after - 1, 0), after + 1)
        return float(np.interp(ENOUGH, chances[part], rows["spend_ratio"].to_numpy()[part])), after == 0

    def _better(self) -> Iterator[Table]:
        labels, frame = self.labels, self.frame("own_search")
        if frame.empty:
            return
        writers: dict[str, Callable[[float], str]] = {"million yuan": labels.money, "share of runs": percent}
        writers["percent of project money"] = lambda v: percent(0.01 * v)

        def name(r: Line) -> str:
            of_dimension = r["what"] in DIMENSIONS
            return labels.name("dimension", r["what"]) if of_dimension else labels(f"own.what_{r['what']}")

        def value(r: Line, key: str) -> str:
            if r["what"] == "language_model" and key == "proposed" and r["word"]:
                return labels(f"own.route_{r['word']}")
            return "–" if np.isnan(r[key]) else writers.get(r["unit"], plain)(r[key])

        def difference(r: Line) -> Cell:
            points = 100.0 if r["what"] == "fails" else 1.0
            values = [points * r[k] for k in ("effect", "effect_low", "effect_high")]
            write = labels.balance if r["unit"] == "million yuan" else signed
            return banded(values, write, bool(side(*values[1:])))

        columns: dict[str, Write] = {
            "what": name,
            "column_first": lambda r: value(r, "plan"),
            "column_proposed": lambda r: value(r, "proposed"),
            "difference": difference,
        }
        yield self.table("better", columns, frame)

    def _routes(self) -> Table:
        labels = self.labels
        columns: dict[str, Write] = {
            "route": lambda r: labels(f"own.route_{r['route']}"),
            "adopted": lambda r: percent(r["adopted"]),
            "taken_in": lambda r: "–" if np.isnan(r["year"]) else f"{r['year']:.0f}",
            "paid": lambda r: labels.money(r["paid"]),
            "maturity": lambda r: plain(r["maturity"], 0),
            "index_effect": lambda r: effect(r, "index"),
            "npv_effect": lambda r: money(r, "npv", labels, signed=True),
        }
        return self.table("routes", columns, self.frame("routes"), wide=True)

    def _people(self) -> Table:
        labels = self.labels
        columns: dict[str, Write] = {
            "choice_of": lambda r: labels(f"own.choice_{r['choice']}"),
            "paid": lambda r: labels.money(r["cost"]),
            "index_effect": lambda r: effect(r, "index"),
            "organization_effect": lambda r: effect(r, "organization"),
            "npv_effect": lambda r: money(r, "npv", labels, signed=True),
        }
        return self.table("people", columns, self.frame("people"))

    def _shares(self) -> Table:
        frame = self.frame("shares")
        cells = lookup(frame, ["scenario", "times"])

        def cell(times: float, future: str) -> Cell:
            up, fails = (cells[future, times][key] for key in ("keeps_up", "fails"))
            return Cell(percent(up), shade=0.5 * up, interval=percent(fails))

        ratios = {t: plain(cells[self.first, t]["spend_ratio"]) for t in sorted(frame["times"].unique())}
        rows = {t: Cell(f"{ratio}\N{NO-BREAK SPACE}%", strong=t == 1.0) for t, ratio in ratios.items()}
        return self.grid("shares", "share_of_revenue", rows, self.futures, cell, frame, wide=True)

    def _early(self) -> Table:
        labels, early = self.labels, self.frame("early", plan=self.lead)
        sure = early["effect"].abs() / (early["effect_high"] - early["effect_low"] + 1e-9)
        surest = early.loc[sure.sort_values(ascending=False, kind="stable").index].head(KPIS)
        first, year = (int(early[column].iloc[0]) for column in ("still_year", "year"))

        def name(r: Line) -> str:
            own = r["outcome"] in ("heads", "new_technology", "language_model", "spend_ratio")
            of = "own" if own else "dimension" if r["outcome"] in DIMENSIONS else "outcome"
            return labels.name(of, r["outcome"])

        def number(r: Line) -> int:
            return 2 if r["outcome"] != "heads" else int(r["q50"] < 100.0)

        columns: dict[str, Write] = {
            "kpi": name,
            f"={labels('own.still_in_year', year=first)}": lambda r: plain(r["still"], number(r)),
            f"={labels('own.in_year', year=year)}": lambda r: level(r, number=number(r)),
            "against_still": lambda r: effect(r, number=number(r)),
        }
        return self.table("early", columns, self.frame("early"), rows_of(surest), facts={"year": year})

    def _share_chart(self) -> Chart:
        ratios = self.frame("shares", scenario=self.first)["spend_ratio"]
        series = {
            name: [100.0 * float(v) for v in self.frame("shares", scenario=future)["keeps_up"]]
            for future, name in list(self.futures.items())[:6]
        }
        title = self.labels("own.shares_title")
        return Chart(title, "%", "line", [f"{v:.1f} %" for v in ratios], series)


@section("own_bank", place=8, tables=("own_bank",), always=False)
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
