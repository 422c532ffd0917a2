"""The model room: one bank's year told step by step, a quarter of all banks, the facts, posterior against prior."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

import numpy as np
import pandas as pd
from markupsafe import escape

from experiments.app.answer import Story
from experiments.app.figures import LiveChart, Look
from experiments.app.page import Choice, Choices, Plate, Visit, answer_of, laid_out, markup_of, tabled
from experiments.app.policy_room import offered
from experiments.app.setting import Setting
from experiments.app.work import Refusal, Request
from experiments.config import catalogue
from experiments.config.data import read_ensemble
from experiments.config.errors import Refused
from experiments.config.names import PROVINCE_NAMES
from experiments.figures.chart import GAIN, GREY, Axis, Chart, Mark, Panel, bars
from experiments.figures.source import StudyTables
from experiments.labels import Labels, plain
from experiments.location import DATA, existing
from experiments.report.registry import Page
from experiments.report.sections.provenance import facts
from experiments.results.statistics import quantile

FIRST_YEAR, LAST_YEAR = 2020, 2030
RUNS: Final = 8


def choices(labels: Labels, banks: Sequence[Mapping[str, Any]], selected: Mapping[str, str]) -> Any:
    """Which bank, year and run, with what the address asks for."""
    listed = [(str(bank["bank"]), _listed(labels, bank), labels.name("kind", bank["kind"])) for bank in banks]
    usual = next(str(bank["bank"]) for bank in banks if bank["kind"] == "city")
    offered_here: dict[str, Choice] = {
        "which": (labels("app.which_bank"), listed, usual),
        "year": (labels("app.year"), [(str(year),) * 2 for year in range(FIRST_YEAR, LAST_YEAR + 1)], "2026"),
        "run": (labels("app.run"), [(str(run), str(run + 1)) for run in range(RUNS)], "0"),
    }
    return Choices.of(offered_here, selected)


def _listed(labels: Labels, bank: Mapping[str, Any]) -> str:
    place = PROVINCE_NAMES.display(bank["province"], labels.language)
    size = labels.money(bank["assets"])
    return labels("app.bank_of", number=bank["bank"], province=place, assets=size)


class ModelRoom:
    """The model room of one session.

    Parameters
    ----------
    visit : Visit
    shipped : tuple of mapping
        Levers and shocks as shipped.
    banks : list of mapping
        Every bank of the world.
    """

    def __init__(self, visit: Visit, shipped: Any, banks: Sequence[Mapping[str, object]]) -> None:
        self.visit, self.labels = visit, visit.labels
        try:
            self.setting = Setting.read(visit.query, offered(shipped))
        except Refused as error:
            visit.note = self.labels("app.unknown", what=error.what.spoken(self.labels.language))
            self.setting = Setting()
        self.banks = {str(bank["bank"]): bank for bank in banks}
        self.choices = choices(self.labels, banks, visit.query)
        self.choices.param.watch(lambda event: self._ask(event.new), "state")

    def page(self) -> Any:
        """The page, with the first story under way."""
        labels, shipped = self.labels, Page(StudyTables(DATA, {}), self.labels)
        how = f"<p>{escape(labels('app.prior_how'))}</p>"
        plates = [
            Plate("year", "", whole=True),
            Plate("quarters", labels("app.quarters"), whole=True),
            Plate("facts", labels("section.facts"), text=markup_of(facts(shipped)), whole=True),
            Plate("prior", labels("app.prior_title"), prior_figure(self.visit.look), how, whole=True),
        ]
        template = laid_out(self.visit, self.choices, plates)
        self._ask(self.choices.state)
        return template

    def _ask(self, state: Mapping[str, str]) -> None:
        if state["which"] not in self.banks or not state["year"].isdigit() or not state["run"].isdigit():
            return
        selection = (
            self.setting,
            int(state["which"]),
            min(max(int(state["year"]), FIRST_YEAR), LAST_YEAR),
            min(int(state["run"]), RUNS - 1),
            self.labels.language,
        )
        self.choices.told = self.labels("app.waiting")
        self.visit.lines.quick.ask(self.visit.name, Request("year", selection, self._receive))

    def _receive(self, result: Story | Refusal) -> None:
        def show() -> None:
            if isinstance(result, Refusal):
                self.choices.told = result.why.spoken(self.labels.language)
                return
            self.choices.told = ""
            points = "".join(f"<li>{escape(point)}</li>" for point in result.points)
            merged = f"<p>{escape(self.labels('app.merged_away'))}</p>"
            texts = {
                "year-title": escape(result.title),
                "year": f'<ol class="year">{points}</ol>' if points else merged,
                "quarters": "".join(tabled(q, opened=q is result.quarters[0]) for q in result.quarters),
            }
            self.choices.shown = answer_of(texts, {})

        self.visit.later(show)


def _row(path: str) -> catalogue.Row:
    """What the catalogue says of a calibrated number, which may be one of several under a name."""
    return catalogue.row(path if catalogue.known(path) else path.rpartition(".")[0])


@cache
def _posterior() -> list[tuple[str, float, float, float]]:
    """Where the posterior lies in the prior range of every calibrated number: 5, 50 and 95 %, 0 to 1."""
    ensemble = read_ensemble(existing("data/posterior"))
    rows = []
    for path, members in zip(ensemble.paths, ensemble.members.T, strict=True):
        row = _row(path)
        width = (row.high - row.low) or 1.0
        low, middle, high = ((quantile(members) - row.low) / width).tolist()
        rows.append((path, low, middle, high))
    return sorted(rows, key=lambda one: one[3] - one[1])


def prior_figure(look: Look) -> object:
    """Posterior against prior: the narrower the bar within the whole width, the more the data said."""
    labels, rows = look.labels, _posterior()
    meanings, texts = [], []
    for path, *_ in rows:
        row = _row(path)
        meanings.append(row.meaning(labels.language))
        texts.append(f"{path}: {row.low:g} – {row.high:g} {row.unit}; {row.source}")
    _, low, middle, high = (np.array(column) for column in zip(*rows, strict=True))
    y = np.arange(len(rows))
    ranges = [f"{plain(a, 2)} … {plain(b, 2)}" for a, b in zip(low, high, strict=True)]
    frame = pd.DataFrame(
        {"y": y + 0.2, "named": meanings, "about": texts, "said": ranges, "low_": low, "high_": high}
    )
    wide = bars(frame.assign(zero=0.0, one=1.0), "zero", "one", height=0.44)
    hover = {"": "named", " ": "about", "5–95 %": "said"}
    marks = [
        Mark("cells", wide, GREY, alpha=0.3),
        Mark("cells", bars(frame, "low_", "high_", height=0.34), GAIN, hover=hover, alpha=0.8),
        Mark("points", frame.assign(x=middle), GAIN, size=4, fill="#ffffff"),
        Mark("texts", frame.assign(x=0.0, y=y - 0.26, text=meanings), align="left", letters=8),
    ]
    ticks = {part: f"{part:g}" for part in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)}
    across, down = Axis(labels("app.prior_axis"), ticks, -0.01, 1.01), Axis("", {}, len(rows) - 0.4, -0.7)
    panel = Panel(marks, x=across, y=down, tall=max(28 * len(rows), 200))
    return LiveChart(look, Chart("", [panel], frame)).plot
