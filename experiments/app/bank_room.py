"""The bank room: a bank's own workbook, where it stands, and what becomes of a plan under chosen futures."""

from __future__ import annotations

import base64
import binascii
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import param
from markupsafe import escape

from agents.honeycomb import DIMENSIONS, ROUTES
from experiments.app.figures import LINE_COLOURS, Drawn, own_budget, paths
from experiments.app.own import EDITED, ENDINGS, FUTURES, LARGEST, RUNS, OwnAnswer, Plan
from experiments.app.page import Component, Plate, Visit, answer_of, laid_out, marked, script, table, texts
from experiments.app.work import Refusal, Request
from experiments.config.names import KIND_NAMES, PROVINCE_NAMES
from experiments.labels import Labels, items
from experiments.labels.numbers import percent, plain, signed
from experiments.own_bank.answers import FLOORS
from model.own_plan import KIND, STILL

YEARS: Final = tuple(range(2025, 2031))
PLAIN: Final = "plan"  # of a bank whose file names no plans
MOST_MILLION: Final = 1e6
SHOWN_ITEMS: Final = 15
LINES: Final = tuple((colour, False) for colour in LINE_COLOURS)
WHOLE: Final = ("stand", "echo", "items")  # plates as wide as the page


class BankControls(Component):
    """The controls of the bank room; see ``bank.js``."""

    plan = param.Dict(default={})
    told = param.String(default="")
    wrong = param.String(default="")
    open = param.Boolean(default=False)

    _esm = script("bank.js")


class BankRoom:
    """The bank room of one session.

    Parameters
    ----------
    visit : Visit
    templates : sequence of str
        Workbooks to fill in, below the files to fetch.
    futures : mapping of str to mapping
        Titles of the futures by language.
    """

    def __init__(
        self, visit: Visit, templates: Sequence[str], futures: Mapping[str, Mapping[str, str]]
    ) -> None:
        self.visit = visit
        language = visit.labels.language
        self.labels = Labels(language, {name: titles[language] for name, titles in futures.items()})
        self.folder = visit.lines.place / "banks" / visit.name
        self.file: Path | None = None
        self.asked: tuple[Path, Plan] | None = None
        start = {"futures": ["baseline", "severe_margin"], "division": {}, "spending": {}, "route": ""}
        self.controls = BankControls(
            self._upload, offer=self._offer(templates), plan=start, told=self.labels("app.no_bank")
        )
        self.controls.param.watch(lambda _: self._ask(), "plan")
        lines = paths(self.labels, (), LINES)
        self.capital, self.index = (Drawn(visit.look, lines, columns=1) for _ in range(2))
        self.budget = Drawn(visit.look, own_budget(self.labels, {}), columns=2)

    def _offer(self, templates: Sequence[str]) -> dict[str, object]:
        labels = self.labels
        keep = ("", labels("app.usual_plan"))
        return {
            "texts": texts(labels),
            "endings": ENDINGS,
            "largest": LARGEST,
            "futures": [(name, labels.scenario(name)) for name in FUTURES],
            "dimensions": [(name, labels.name("dimension", name)) for name in DIMENSIONS],
            "routes": [keep, *((name, labels.name("route", name)) for name in ROUTES)],
            "years": list(YEARS),
            "templates": [(Path(name).name, f"files/{name}") for name in templates],
        }

    def page(self) -> Any:
        """The page."""
        plots = {"capital": self.capital.plot, "index": self.index.plot, "budget": self.budget.plot}
        plates = [
            Plate(name, self.labels(f"app.own_{name}"), plots.get(name), whole=name in WHOLE)
            for name in ("stand", "echo", *plots, "risks", "items")
        ]
        return laid_out(self.visit, self.controls, plates)

    def left(self) -> None:
        """Remove what was entered."""
        shutil.rmtree(self.folder, ignore_errors=True)

    # ------------------------------------------------------------ what is asked

    def _upload(self, message: Mapping[str, object]) -> None:
        """Keep a file in a folder of this session, under a name of ours, and answer for it."""
        self.controls.wrong = ""
        ending = Path(str(message.get("name", ""))).suffix.lower()
        try:
            data = base64.b64decode(str(message.get("content", "")), validate=True)
        except (binascii.Error, ValueError):
            data = b""
        if ending not in ENDINGS or not data or len(data) > LARGEST:
            key = "app.too_large" if len(data) > LARGEST else "app.wrong_file"
            self.controls.param.update(wrong=self.labels(key, endings=", ".join(ENDINGS)), told="")
            return
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.file = self.folder / f"bank{ending}"
        self.file.write_bytes(data)
        self.asked = None
        self._ask()

    def _ask(self) -> None:
        if self.file is None:
            return
        try:
            plan = plan_of(self.controls.plan, 100.0 if self.labels.chinese else 1.0)
        except (KeyError, TypeError, ValueError, AttributeError):
            self.controls.wrong = self.labels("app.wrong_plan")
            return
        if not plan.futures:
            self.controls.wrong = self.labels("app.no_future")
            return
        self.asked = (self.file, plan)
        self.controls.param.update(told=self.labels("app.waiting"), wrong="")
        self.visit.lines.patient.forget(self.visit.name)
        self.visit.lines.quick.ask(self.visit.name, self._request(self.file, plan, RUNS[0]))

    def _request(self, file: Path, plan: Plan, runs: int) -> Request:
        def then(result: OwnAnswer | Refusal) -> None:
            if self.asked != (file, plan):
                return
            self.visit.later(lambda: self._answered(result, plan))
            if isinstance(result, OwnAnswer) and runs < RUNS[-1]:
                self.visit.lines.patient.ask(self.visit.name, self._request(file, plan, RUNS[-1]))

        return Request("bank", (str(file), plan, runs, self.labels.language), then)

    # ------------------------------------------------------------ what is shown

    def _answered(self, result: OwnAnswer | Refusal, plan: Plan) -> None:
        if isinstance(result, Refusal):
            self.controls.param.update(wrong=_without_place(result.why, self.file), told="")
            return
        labels = self.labels
        text = labels("app.own_runs", runs=result.runs, name=result.bank.name)
        self.controls.param.update(told=text, wrong="", open=True)
        future = plan.futures[0]
        names = {name: self._plan(name, result) for name in result.plans}
        floor = result.tables["floors"][0]["floor_capital"]
        figures = {}
        for name, figure, least in (("capital", self.capital, floor), ("index", self.index, None)):
            lines = self._lines(name, result, plan, names)
            figures[name] = figure.show(paths(labels, lines, LINES, labels(f"own.path_{name}"), least))
        rows = {row["year"]: row for row in result.rows("budget", plan=result.lead, scenario=future)}
        figures["budget"] = self.budget.show(own_budget(labels, rows))
        texts = {
            "stand": standing(labels, result),
            "echo": echo(result),
            "risks": breaches(labels, result, names),
            "items": moves(labels, result, names),
        }
        self.controls.shown = answer_of(texts, figures)

    def _lines(
        self, outcome: str, result: OwnAnswer, plan: Plan, names: Mapping[str, str]
    ) -> list[tuple[str, dict[str, Any]]]:
        """An outcome of the edited plan in every future, and as today in the first one."""
        lines = []
        for name, future in (*((result.lead, one) for one in plan.futures), (STILL, plan.futures[0])):
            rows = result.rows("paths", outcome=outcome, plan=name, scenario=future)
            path = {q: [row[q] for row in rows] for q in ("q05", "q50", "q95")}
            path |= {"q25": path["q50"], "q75": path["q50"], "quarter": [str(row["year"]) for row in rows]}
            lines.append((f"{names[name]}, {self.labels.scenario(future)}", path))
        return lines

    def _plan(self, name: str, result: OwnAnswer) -> str:
        if name in (KIND, STILL):
            return self.labels(f"own.{name}")
        if name in (EDITED, PLAIN):
            return self.labels("app.own_edited" if name == EDITED else "own.plan")
        return result.titles.get(name, {}).get(self.labels.language, name)


def plan_of(given: Mapping[str, Any], size: float = 1.0) -> Plan:
    """What the controls say, within bounds; a `ValueError` where it is nothing that a plan can be.

    Parameters
    ----------
    given : mapping
        Spending by year, parts by dimension, route and futures.
    size : float
        Million yuan in one of the unit in which spending is given.
    """
    spending = {int(year): size * float(amount) for year, amount in dict(given["spending"]).items()}
    division = {str(name): float(part) for name, part in dict(given["division"]).items()}
    route, futures = str(given["route"]), tuple(map(str, given["futures"]))
    sound = (
        all(year in YEARS and 0 <= million <= MOST_MILLION for year, million in spending.items())
        and all(name in DIMENSIONS and 0 <= part <= 100 for name, part in division.items())
        and (not route or route in ROUTES)
        and set(futures) <= set(FUTURES)
    )
    if not sound:
        raise ValueError("no plan")
    return Plan(tuple(sorted(spending.items())), tuple(sorted(division.items())), route, futures)


def _without_place(why: str, file: Path | None) -> str:
    """A refusal without the path under which the page keeps the file."""
    return why if file is None else why.replace(f"{file}:", "").replace(str(file), file.name)


def standing(labels: Labels, answer: OwnAnswer) -> str:
    """Who the bank is, and where it stands among peers."""
    bank = answer.bank
    facts = {"name": bank.name, "assets": labels.money(1e-6 * bank.assets), "since": bank.since}
    facts["kind"] = KIND_NAMES.display(bank.kind, labels.language)
    facts["province"] = PROVINCE_NAMES.display(bank.province, labels.language)
    first, last = answer.years[0], answer.years[-1]
    place = {(row["dimension"], row["year"]): row for row in answer.tables["place"]}
    head = [labels(key, year=year) for year in (first, last) for key in ("own.score_in", "own.ahead_in")]
    rows = []
    for name in ("index", *DIMENSIONS):
        cells = [labels.outcome(name)]
        for year in (first, last):
            row = place[name, year]
            ahead = f"{plain(row['q50'], 0)} [{plain(row['q05'], 0)}, {plain(row['q95'], 0)}]"
            cells += [plain(row["score"]), ahead]
        rows.append(cells)
    caption = labels("own.place_note", peers=int(place["index", first]["peers"]))
    return f"<p>{escape(labels('app.own_is', **facts))}</p>" + table(caption, ["", *head], rows)


def echo(answer: OwnAnswer) -> str:
    """You entered, the model uses, and why: bold where it is not what was entered."""
    sentences, told = answer.echo
    rows = [
        [marked("clear" if cell.strong else "", f"{cell.text} {cell.interval}") for cell in row]
        for row in told.rows
    ]
    text = "".join(f"<p>{escape(line)}</p>" for line in (*sentences, told.note))
    return text + table(told.caption, told.head, rows)


def breaches(labels: Labels, answer: OwnAnswer, names: Mapping[str, str]) -> str:
    """How often each plan falls below a floor, by future."""
    futures = list(dict.fromkeys(row["scenario"] for row in answer.tables["floors"]))
    rows = []
    for plan in answer.plans:
        cells = [names[plan]]
        for future in futures:
            row = answer.rows("floors", plan=plan, scenario=future)[0]
            parts = [f"{labels(f'own.floor_{key}')} {percent(row[key])}" for key in FLOORS if row[key] > 0]
            kind = "fail" if row["any"] > 0 else "pass"
            cells.append(marked(kind, percent(row["any"]), labels.listing(parts)))
        rows.append(cells)
    return table(labels("own.stress_title"), ["", *map(labels.scenario, futures)], rows)


def moves(labels: Labels, answer: OwnAnswer, names: Mapping[str, str]) -> str:
    """The items that the edited plan moves most, beside the other plans."""
    rows = sorted(answer.tables["items"], key=lambda row: -abs(row[answer.lead] - row["today"]))[:SHOWN_ITEMS]
    head = ["", labels("app.own_today"), *(names[plan] for plan in answer.plans)]
    cells = []
    for row in rows:
        changes = (f"{plain(row[plan], 0)} ({signed(row[plan] - row['today'], 0)})" for plan in answer.plans)
        cells.append([items()[row["item"]][labels.language], plain(row["today"], 0), *changes])
    return table(labels("app.own_items_note"), head, cells)
