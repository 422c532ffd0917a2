"""The bank room: a bank's own workbook, where it stands, and what becomes of a plan under chosen futures."""

from __future__ import annotations

import base64
import binascii
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import param

from agents.honeycomb import DIMENSIONS, ROUTES
from experiments.app.answer import ENDINGS, FUTURES, LARGEST, RUNS, OwnAnswer, Plan
from experiments.app.figures import LINE_COLOURS, LiveChart, own_budget, paths
from experiments.app.page import Component, Plate, Visit, answer_of, laid_out, markup_of, script, texts
from experiments.app.work import Refusal, Request
from experiments.labels import Labels

YEARS: Final = tuple(range(2025, 2031))
MOST_MILLION: Final = 1e6
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
        self.inquiry: tuple[Path, Plan] | None = None
        start = {"futures": ["baseline", "severe_margin"], "division": {}, "spending": {}, "route": ""}
        self.controls = BankControls(
            self._upload, offer=self._offer(templates), plan=start, told=self.labels("app.no_bank")
        )
        self.controls.param.watch(lambda _: self._ask(), "plan")
        lines = paths(self.labels, (), LINES)
        self.capital, self.index = (LiveChart(visit.look, lines, columns=1) for _ in range(2))
        self.budget = LiveChart(visit.look, own_budget(self.labels, {}), columns=1, height=400)

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
        self.inquiry = None
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
        self.inquiry = (self.file, plan)
        self.controls.param.update(told=self.labels("app.waiting"), wrong="")
        self.visit.lines.patient.forget(self.visit.name)
        self.visit.lines.quick.ask(self.visit.name, self._request(self.file, plan, RUNS[0]))

    def _request(self, file: Path, plan: Plan, runs: int) -> Request:
        def then(result: OwnAnswer | Refusal) -> None:
            if self.inquiry != (file, plan):
                return
            self.visit.later(lambda: self._answered(result))
            if isinstance(result, OwnAnswer) and runs < RUNS[-1]:
                self.visit.lines.patient.ask(self.visit.name, self._request(file, plan, RUNS[-1]))

        return Request("bank", (str(file), plan, runs, self.labels.language), then)

    # ------------------------------------------------------------ what is shown

    def _answered(self, result: OwnAnswer | Refusal) -> None:
        if isinstance(result, Refusal):
            why = result.why.spoken(self.labels.language)
            self.controls.param.update(wrong=_without_place(why, self.file), told="")
            return
        text = self.labels("app.own_runs", runs=result.runs, name=result.name)
        self.controls.param.update(told=text, wrong="", open=True)
        figures = {"budget": self.budget.show(own_budget(self.labels, result.budget))}
        for name, figure, least in (("capital", self.capital, result.floor), ("index", self.index, None)):
            unit = self.labels(f"own.path_{name}")
            figures[name] = figure.show(paths(self.labels, result.paths[name], LINES, unit, least))
        texts = {plate: markup_of(blocks) for plate, blocks in result.plates.items()}
        self.controls.shown = answer_of(texts, figures)


def plan_of(fields: Mapping[str, Any], size: float = 1.0) -> Plan:
    """What the controls say, within bounds; a `ValueError` where it is nothing that a plan can be.

    Parameters
    ----------
    fields : mapping
        Spending by year, parts by dimension, route and futures.
    size : float
        Million yuan in one of the unit in which spending is given.
    """
    spending = {int(year): size * float(amount) for year, amount in dict(fields["spending"]).items()}
    division = {str(name): float(part) for name, part in dict(fields["division"]).items()}
    route, futures = str(fields["route"]), tuple(map(str, fields["futures"]))
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
