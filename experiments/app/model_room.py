"""The model room: one bank's year told step by step, a quarter of all banks, the facts, posterior against prior."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

import numpy as np
import pandas as pd
from markupsafe import Markup, escape

from agents.honeycomb import DIMENSIONS
from experiments.app.figures import Drawn, Look
from experiments.app.page import Choice, Choices, Plate, Visit, answer_of, laid_out, marked, table
from experiments.app.policy_room import offered
from experiments.app.setting import Setting
from experiments.app.story import Move, Quarter, Story
from experiments.app.work import Refusal, Request
from experiments.config import catalogue
from experiments.config.data import read_ensemble
from experiments.config.errors import Refused
from experiments.config.names import PROVINCE_NAMES
from experiments.figures.chart import Axis, Chart, Mark, Panel, bars
from experiments.figures.palette import GAIN, GREY
from experiments.labels import Labels, items
from experiments.labels.numbers import plain, signed
from experiments.location import DATA, existing
from experiments.results.statistics import quantile
from experiments.runs.merged import KINDS_AND_ALL

FIRST_YEAR, LAST_YEAR = 2020, 2030
RUNS: Final = 8


def choices(labels: Labels, banks: Sequence[Mapping[str, Any]], asked: Mapping[str, str]) -> Any:
    """Which bank, year and run, with what the address asks for."""
    listed = [(str(bank["bank"]), _listed(labels, bank), labels.name("kind", bank["kind"])) for bank in banks]
    usual = next(str(bank["bank"]) for bank in banks if bank["kind"] == "city")
    offered_here: dict[str, Choice] = {
        "which": (labels("app.which_bank"), listed, usual),
        "year": (labels("app.year"), [(str(year),) * 2 for year in range(FIRST_YEAR, LAST_YEAR + 1)], "2026"),
        "run": (labels("app.run"), [(str(run), str(run + 1)) for run in range(RUNS)], "0"),
    }
    return Choices.of(offered_here, asked)


def _listed(labels: Labels, bank: Mapping[str, Any]) -> str:
    place, size = _province(labels, bank["province"]), labels.money(bank["assets"])
    return labels("app.bank_of", number=bank["bank"], province=place, assets=size)


def _province(labels: Labels, code: str) -> str:
    return PROVINCE_NAMES.display(code, labels.language)


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
            self.setting = Setting.read(visit.asked, offered(shipped))
        except Refused as error:
            visit.note = self.labels("app.unknown", what=error.what.spoken(self.labels.language))
            self.setting = Setting()
        self.banks = {str(bank["bank"]): bank for bank in banks}
        self.choices = choices(self.labels, banks, visit.asked)
        self.choices.param.watch(lambda event: self._ask(event.new), "state")

    def page(self) -> Any:
        """The page, with the first story under way."""
        labels = self.labels
        how = f"<p>{escape(labels('app.prior_how'))}</p>"
        plates = [
            Plate("year", "", whole=True),
            Plate("quarters", labels("app.quarters"), whole=True),
            Plate("facts", labels("section.facts"), text=facts(labels), whole=True),
            Plate("prior", labels("app.prior_title"), prior_figure(self.visit.look), how, whole=True),
        ]
        template = laid_out(self.visit, self.choices, plates)
        self._ask(self.choices.state)
        return template

    def _ask(self, state: Mapping[str, str]) -> None:
        if state["which"] not in self.banks or not state["year"].isdigit() or not state["run"].isdigit():
            return
        asked = (
            self.setting,
            int(state["which"]),
            min(max(int(state["year"]), FIRST_YEAR), LAST_YEAR),
            min(int(state["run"]), RUNS - 1),
        )
        self.choices.told = self.labels("app.waiting")
        self.visit.lines.quick.ask(self.visit.name, Request("year", asked, self._told))

    def _told(self, result: tuple[Story, tuple[Quarter, ...]] | Refusal) -> None:
        def show() -> None:
            if isinstance(result, Refusal):
                self.choices.told = result.why
                return
            story, quarters = result
            self.choices.told = ""
            bank = _bank(self.labels, story)
            texts = {
                "year-title": escape(self.labels("app.year_of", year=story.year, bank=bank)),
                "year": year_of(self.labels, story),
                "quarters": "".join(quarter_of(self.labels, quarter) for quarter in quarters),
            }
            self.choices.shown = answer_of(texts, {})

        self.visit.later(show)


def _bank(labels: Labels, story: Story) -> str:
    kind = labels.inside(labels.name("kind", story.kind))
    return labels(
        "app.a_bank",
        kind=kind,
        province=_province(labels, story.province),
        assets=labels.money(story.assets[0]),
    )


def year_of(labels: Labels, story: Story) -> str:
    """A bank's year as an ordered list, as markup."""
    if not story.active:
        return f"<p>{escape(labels('app.merged_away'))}</p>"
    parts = (_earned, _decided, _why, _built, _people, _stands)
    lines = [f"<li>{escape(labels.sentences(part(labels, story)))}</li>" for part in parts]
    return f'<ol class="year">{"".join(lines)}</ol>'


def _earned(labels: Labels, story: Story) -> Iterator[str]:
    money = {
        name: labels.money(story.flows[name])
        for name in ("revenue", "costs", "charge", "profit", "dividend", "issued")
    }
    yield labels("app.earned", margin=plain(story.flows["margin"], 2), **money)
    before, after = (labels.money(assets) for assets in story.assets)
    yield labels("app.capital", ratio=plain(story.flows["capital"], 1), before=before, after=after)


def _decided(labels: Labels, story: Story) -> Iterator[str]:
    money = {name: labels.money(value) for name, value in story.planned.items()}
    yield labels("app.decided", **money)
    order = sorted(story.shares, key=lambda name: -story.shares[name])
    yield labels(
        "app.divided",
        shares=labels.listing(f"{labels.outcome(name)} {100 * story.shares[name]:.0f} %" for name in order),
    )


def _why(labels: Labels, story: Story) -> Iterator[str]:
    most = max(story.gaps, key=lambda name: story.gaps[name])
    least = min(story.gaps, key=lambda name: story.gaps[name])
    far, near = (signed(story.gaps[name]) for name in (most, least))
    yield labels("app.because", most=labels.outcome(most), gap=far, least=labels.outcome(least), other=near)


def _built(labels: Labels, story: Story) -> Iterator[str]:
    named = items()
    begun = [
        f"{named[item][labels.language]} ({labels.name('delivery', way)})" for item, way in story.started
    ]
    key = "app.begun" if begun else "app.begun_none"
    yield labels(key, count=len(begun), items=labels.listing(begun))
    for key, up in (("app.climbed", True), ("app.lost", False)):
        told = [_moved(labels, move) for move in story.moves if (move.after > move.before) == up]
        if told:
            yield labels(key, count=len(told), items=labels.clauses(told))


def _moved(labels: Labels, move: Move) -> str:
    words = vars(move) | {"item": items()[move.item][labels.language], "quarter": move.quarter[4:]}
    return labels("app.move", **words)


def _people(labels: Labels, story: Story) -> Iterator[str]:
    technologists, data, composite = (plain(value, 1) for value in story.people)
    yield labels("app.people", technologists=technologists, data=data, composite=composite)
    yield labels("app.partners", count=story.partners, route=labels.inside(labels.name("route", story.route)))


def _stands(labels: Labels, story: Story) -> Iterator[str]:
    moved = [
        f"{labels.outcome(name)} {plain(story.before[name])} → {plain(story.after[name])}"
        for name in DIMENSIONS
    ]
    yield labels("app.stands", scores=labels.listing(moved))


def quarter_of(labels: Labels, quarter: Quarter) -> str:
    """A quarter as its table of contents, with what each step left."""
    rows: list[list[str]] = []
    for number, (phase, outcomes) in enumerate(quarter.values.items(), 1):
        rows.append([Markup("<strong>{}. {}</strong>").format(number, labels(f"app.step_{phase}"))])
        for name, values in outcomes.items():
            rows.append([labels.outcome(name), *(plain(one, 2 if abs(one) < 10 else 1) for one in values)])
    named = labels.quarter(quarter.name)
    body = table(labels("app.quarter_of", quarter=named), ["", *map(labels.banks, KINDS_AND_ALL)], rows)
    opened = " open" if quarter.name.endswith("Q1") else ""
    return f"<details{opened}><summary>{escape(named)}</summary>{body}</details>"


@cache
def _facts() -> pd.DataFrame:
    return pd.read_csv(DATA / "facts_result.csv")


def facts(labels: Labels) -> str:
    """What the model is held to, with pass and fail, as markup."""
    frame = _facts()
    held, free = frame["passed"] == "yes", frame["used_in_fit"] == "no"
    counts = {"held": held.sum(), "all": len(frame), "free_held": (held & free).sum(), "free": free.sum()}
    said = [labels("facts.shipped"), labels("facts.held", **counts), labels("facts.how")]
    head = [labels(f"facts.column_{key}") for key in ("fact", "passed", "model", "band", "fitted", "source")]
    failing = [_fact(labels, row) for row in frame[~held].to_dict("records")]
    rows = [_fact(labels, row) for row in frame.to_dict("records")]
    text = "".join(f"<p>{escape(line)}</p>" for line in said)
    shown = table(labels("facts.failing", count=len(failing)), head, failing)
    title = labels("facts.all", count=len(rows))
    return f"{text}{shown}<details><summary>{escape(title)}</summary>{table(title, head, rows)}</details>"


def _fact(labels: Labels, row: Mapping[Any, Any]) -> list[str]:
    digits = 2 if row["high"] - row["low"] < 2 else 1
    value, low, high, least, most = (
        plain(row[key], digits) for key in ("value", "value_low", "value_high", "low", "high")
    )
    passed = "pass" if row["passed"] == "yes" else "fail"
    return [
        str(row[f"statement_{labels.language}"]),
        marked(passed, labels(f"facts.{row['passed']}")),
        f"{value} [{low}, {high}] {labels.translated(str(row['unit']))}",
        f"[{least}, {most}]",
        labels(f"facts.fit_{row['used_in_fit']}"),
        str(row["source"]),
    ]


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
    said = [f"{plain(a, 2)} … {plain(b, 2)}" for a, b in zip(low, high, strict=True)]
    frame = pd.DataFrame(
        {"y": y + 0.2, "named": meanings, "about": texts, "said": said, "low_": low, "high_": high}
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
    return Drawn(look, Chart("", [panel], frame)).plot
