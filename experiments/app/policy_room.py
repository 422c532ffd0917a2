"""The policy room: move levers, see at once what they do, to whom and at what price; ask why of every number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

import pandas as pd
import param
from markupsafe import Markup, escape

from agents.honeycomb import DIMENSIONS, PAYERS, SMALL_KINDS
from experiments.app import figures as draw
from experiments.app.answer import EFFECT, GAP, LEVEL, Answer
from experiments.app.page import (
    Choices,
    Component,
    Plate,
    Visit,
    answer_of,
    laid_out,
    marked,
    script,
    table,
    texts,
)
from experiments.app.setting import ALL_RUNS, BASE, COMPARED, PAGE, STRONGEST, Question, Setting
from experiments.app.work import CHUNK_RUNS, Refusal, Request, View
from experiments.config import catalogue
from experiments.config.errors import Refused, sentence, shown
from experiments.config.folders import groups
from experiments.config.names import REGION_NAMES, REGIONS
from experiments.config.scenarios import PolicySettings, ShockSettings
from experiments.figures.chart import BASELINE, GAIN, LOSS, Chart
from experiments.labels import Labels, begun, chance, items, reached, scale, signed
from experiments.report.console import aimed
from experiments.results.schema import variable
from experiments.results.statistics import side
from experiments.runs.merged import KINDS_AND_ALL
from experiments.runs.records import ITEM
from model import calendar
from model.outcomes import OUTCOMES

Shipped = tuple[Mapping[str, PolicySettings], Mapping[str, ShockSettings]]
Inquiry = tuple[Question, View]
USUAL: Final = View()
CALM: Final = 400  # milliseconds of rest after which further runs are asked for
SHOWN_KINDS: Final = (*SMALL_KINDS, "all")


class Controls(Component):
    """The controls, in the browser's own elements; see ``page.js``."""

    state = param.Dict(default={})
    files = param.Dict(default={})

    _esm = script("page.js")


def offered(shipped: Shipped) -> dict[str, tuple[str, ...]]:
    """Names that an address may hold."""
    policies, shocks = shipped
    names = groups()
    return {
        "policies": tuple(policies),
        "shocks": tuple(shocks),
        "environments": names["environments"],
        "allocation": names["allocation"],
        "network": names["network"],
    }


def variables(labels: Labels) -> list[tuple[str, str, str]]:
    """What can be looked at: name, title and group."""
    groups_of = {
        "group_scores": ("index", *DIMENSIONS, GAP),
        "group_outcomes": tuple(name for name in OUTCOMES if name != GAP),
        "group_items": tuple(f"{ITEM}{name}" for name in items()),
    }
    return [(n, labels.outcome(n), labels(f"app.{g}")) for g, names in groups_of.items() for n in names]


def why_of(labels: Labels, name: str, value: float) -> tuple[str, str]:
    """What is known of a number beside its value: meaning, unit, range, source and grade."""
    row = catalogue.row(name)
    grade = labels.name("grade", row.grade)
    ends = {"value": f"{value:g}", "low": f"{row.low:g}", "high": f"{row.high:g}"}
    text = labels("app.row", unit=labels.translated(row.unit), source=row.source, grade=grade, **ends)
    return row.meaning(labels.language), text


def lever_of(labels: Labels, policy: PolicySettings) -> dict[str, object]:
    """A lever as the controls show it."""
    name, title = policy.name, getattr(policy.title, labels.language)
    why = [why_of(labels, f"policies.{name}.effects.{e.field}", e.value) for e in policy.effects]
    for cost in policy.costs:
        meaning, text = why_of(labels, f"policies.{name}.costs.{cost.name}.amount", cost.amount)
        payer = labels("app.pays", payer=labels.name("payer", cost.payer))
        why.append((meaning, labels.clauses([text, payer])))
    why += [why_of(labels, f"policies.{name}.{key}", getattr(policy, key)) for key in ("take_up", "ramp")]
    if policy.target is not None:
        low, high = policy.target.range
        why.append(
            (
                labels("app.aim"),
                f"{labels.outcome(policy.target.outcome, policy.target.bank_kind)}: {low:g} – {high:g}",
            )
        )
    why.append((labels("app.source"), f"{policy.source}; {labels.name('grade', policy.grade)}"))
    return {
        "name": name,
        "title": title,
        "does": getattr(policy.does, labels.language),
        "why": why,
        "start": policy.start,
        "kinds": list(policy.coverage.kinds),
    }


def shock_of(labels: Labels, shock: ShockSettings) -> dict[str, object]:
    """A shock as the controls show it."""
    parts = []
    for effect in shock.effects:
        meaning, text = why_of(labels, f"shocks.{shock.name}.effects.{effect.field}", effect.value)
        parts.append(f"{meaning}: {text}")
    ends = f"{shock.start} – {shock.end}"
    return {
        "name": shock.name,
        "title": getattr(shock.title, labels.language),
        "why": labels.sentences([getattr(shock.does, labels.language), labels.clauses([*parts, ends])]),
    }


def offer(labels: Labels, shipped: Shipped) -> dict[str, object]:
    """Everything that the controls offer, in one language."""
    policies, shocks = shipped
    names = offered(shipped)
    usual = ("", labels("app.usual"))
    first, last = calendar.index("2020Q2"), calendar.index("2030Q4")
    return {
        "texts": texts(labels) | {"banks": labels("app.kind")},
        "strongest": STRONGEST,
        "outcome": USUAL.outcome,
        "outcomes": variables(labels),
        "levers": [lever_of(labels, policy) for policy in policies.values()],
        "shocks": [shock_of(labels, shock) for shock in shocks.values()],
        "quarters": [calendar.name(quarter) for quarter in range(first, last + 1)],
        "kinds": [(kind, labels.name("kind", kind)) for kind in KINDS_AND_ALL[:-1]],
        "all_kinds": [(k, labels.banks(k)) for k in KINDS_AND_ALL],
        "regions": [(name, REGION_NAMES.display(name, labels.language)) for name in REGIONS],
        "compared": [(name, labels(f"app.{name}")) for name in COMPARED],
        "environments": [(name, labels.name("environment", name)) for name in names["environments"]],
        "allocation": [usual, *((name, labels.name("allocation", name)) for name in names["allocation"])],
        "network": [usual, *((name, labels.name("network", name)) for name in names["network"])],
    }  # fmt: skip


class PolicyRoom:
    """The policy room of one session.

    Parameters
    ----------
    visit : Visit
    shipped : tuple of mapping
        Levers and shocks as shipped.
    quarters : sequence of str
        At which networks are kept.
    """

    def __init__(self, visit: Visit, shipped: Shipped, quarters: Sequence[str]) -> None:
        self.visit, self.labels, self.shipped, self.quarters = visit, visit.labels, shipped, tuple(quarters)
        self.offered = offered(shipped)
        self.inquiry: Inquiry | None = None
        self.kept: tuple[Setting, View, Answer] | None = None
        self.answer: Answer | None = None
        self.price = ""
        self.controls = Controls(self._press, offer=offer(self.labels, shipped))
        own = {
            key: value for key, value in visit.query.items() if key not in ("room", "lang", "theme", "token")
        }
        self.controls.state = own
        self.controls.param.watch(lambda event: self._set(event.new), "state")
        self.networks: tuple[pd.DataFrame, pd.DataFrame] | None = None
        self.past = [dict.fromkeys(draw.POINT, 0.0)]
        facts: dict[str, dict[str, Any]] = {"winners": {"columns": 2}, "honeycomb": {"min_width": 640}}
        facts["network"] = {"columns": 3, "match_aspect": True}
        charts = self._charts(None) | {"network": draw.network(self.labels)}
        self.figures = {
            name: draw.LiveChart(visit.look, chart, **facts.get(name, {})) for name, chart in charts.items()
        }
        moments = [(quarter, self.labels.quarter(quarter)) for quarter in self.quarters]
        at = self.labels("app.quarter"), moments, self.quarters[-1]
        self.quarter = Choices.of({"at": at}, visit.query)
        self.quarter.param.watch(lambda _: self._show_network(), "state")

    def page(self) -> Any:
        """The page, with its first answer under way."""
        labels, plots = self.labels, {name: figure.plot for name, figure in self.figures.items()}
        plates = [
            Plate("answer", labels("app.answer", quarter=labels.quarter("2030Q4")), whole=True),
            *(
                Plate(name, labels(f"app.{name}"), plots[name], whole=name == "honeycomb")
                for name in ("effect", "level", "gap", "plane", "winners", "provinces", "honeycomb")
            ),
            Plate("network", labels("app.network_of"), plots["network"], whole=True, above=self.quarter),
            Plate("numbers", labels("app.numbers"), whole=True),
        ]
        template = laid_out(self.visit, self.controls, plates)
        self._set(self.controls.state)
        return template

    # ------------------------------------------------------------ what is asked

    def _set(self, state: Mapping[str, object]) -> None:
        """Ask again when the controls have moved."""
        query = {str(key): str(value) for key, value in state.items()}
        try:
            setting = Setting.read(query, self.offered)
            kept = Setting.read(dict(parse_qsl(query["kept"])), self.offered) if query.get("kept") else None
            question = Question.about(setting, query.get("base", "same"), kept)
            view = View(
                self._one_of(query.get("out", USUAL.outcome), self._outcomes),
                self._one_of(query.get("kind", USUAL.kind), KINDS_AND_ALL),
            )
        except Refused as error:
            self._refused(error.at("").spoken(self.labels.language))
            return
        if kept is None:
            self.kept = None
        if (question, view) == self.inquiry and self.answer is not None:
            self._show()
            return
        self.inquiry, self.price, self.answer = (question, view), "", None
        self.visit.lines.patient.forget(self.visit.name)
        self.visit.lines.quick.ask(self.visit.name, self._first(self.inquiry, kept))

    @property
    def view(self) -> View:
        """What of the answer is looked at."""
        return self.inquiry[1] if self.inquiry else USUAL

    @property
    def _outcomes(self) -> tuple[str, ...]:
        return tuple(name for name, _, _ in variables(self.labels))

    @staticmethod
    def _one_of(word: str, names: tuple[str, ...]) -> str:
        if word not in names:
            raise Refused(sentence("{} is not known", shown(word)))
        return word

    def _current(self, inquiry: Inquiry) -> bool:
        return not self.visit.gone and inquiry == self.inquiry

    def _request(
        self, task: str, inquiry: Inquiry, then: Callable[[Answer], Request | None], *more: int
    ) -> Request:
        """Ask for an answer that is shown, and followed by what is asked then, unless the controls have moved on."""

        def heard(result: Answer | Refusal) -> Request | None:
            if not self._current(inquiry):
                return None
            self.visit.later(lambda: self._answered(result, inquiry))
            return None if isinstance(result, Refusal) else then(result)

        return Request(task, (*inquiry, *more), heard)

    def _first(self, inquiry: Inquiry, kept: Setting | None) -> Request:
        def then(_: Answer) -> Request | None:
            self.visit.later(lambda: self._go_on(inquiry), CALM)
            answered = self.kept is not None and self.kept[:2] == (kept, inquiry[1])
            return None if kept is None or answered else self._keep(kept, inquiry[1])

        return self._request("first", inquiry, then)

    def _go_on(self, inquiry: Inquiry) -> None:
        """Ask for further runs once the controls are at rest."""
        if self._current(inquiry):
            self.visit.lines.patient.ask(self.visit.name, self._further(inquiry, 0))

    def _keep(self, kept: Setting, view: View) -> Request:
        def then(result: Answer | Refusal) -> None:
            if isinstance(result, Answer) and view == self.view:
                self.kept = (kept, view, result)
                self.visit.later(self._show)

        return Request("first", (Question.about(kept), view), then)

    def _further(self, inquiry: Inquiry, done: int) -> Request:
        def then(answer: Answer) -> Request | None:
            return self._nation(inquiry) if answer.runs >= ALL_RUNS else self._further(inquiry, done + 1)

        return self._request("further", inquiry, then, done)

    def _nation(self, inquiry: Inquiry) -> Request | None:
        """What a point costs the nation, asked for last."""

        def then(result: dict[str, object] | Refusal | None) -> None:
            title = self.labels.outcome(inquiry[1].outcome)
            text = self._why(result) if isinstance(result, Refusal) else price_of(self.labels, result, title)
            if self._current(inquiry):
                self.price = text
                self.visit.later(self._show)

        return Request("nation", inquiry, then) if inquiry[0].setting.uses else None

    def _press(self, message: Mapping[str, object]) -> None:
        """A button: the configuration, or the report with all data."""
        what = message.get("ask")
        if self.inquiry is None:
            return
        question = self.inquiry[0]
        if what == "config":
            self.controls.files = {
                "text": self.labels("app.config_ready"),
                "links": [("page.yaml", "", question.file())],
            }
        elif what == "report":
            self.controls.files = {"text": self.labels("app.writing"), "links": []}
            request = Request("report", (question, self.labels.language), self._reported)
            self.visit.lines.patient.ask(f"{self.visit.name}/report", request)

    def _reported(self, result: dict[str, str] | Refusal) -> None:
        def show() -> None:
            if isinstance(result, Refusal):
                self.controls.files = {"text": self._why(result), "links": []}
            else:
                links = [(name, f"files/{path}", None) for name, path in result.items()]
                self.controls.files = {"text": self.labels("app.written"), "links": links}

        self.visit.later(show)

    # ------------------------------------------------------------ what is shown

    def _progress(self, runs: int, text: str) -> dict[str, object]:
        """How far it is, and for which state: no two messages are equal, since an equal one is not sent."""
        return {"done": runs, "all": ALL_RUNS, "text": text, "of": dict(self.controls.state)}

    def _why(self, refusal: Refusal) -> str:
        return refusal.why.spoken(self.labels.language)

    def _refused(self, why: str) -> None:
        self.controls.shown = answer_of({}, {}, progress=self._progress(0, why))

    def _answered(self, result: Answer | Refusal, inquiry: Inquiry) -> None:
        if not self._current(inquiry):
            return
        if isinstance(result, Refusal):
            self._refused(self._why(result))
            return
        self.answer = result
        self._show()
        if result.networks:
            self.networks = draw.network_tables(result, PAGE)
            self._show_network()

    def _show(self) -> None:
        """Send everything that an answer moves, as one message."""
        if self.answer is None or self.inquiry is None:
            return
        answer, labels, (question, view) = self.answer, self.labels, self.inquiry
        banks = labels.banks(view.kind)
        title = labels.outcome(view.outcome)
        here = self._point(answer)
        if answer.runs >= ALL_RUNS and here and here not in self.past:
            self.past = [*self.past[-40:], here]
        texts = {
            "effect-title": escape(labels("app.path_of", outcome=title, banks=banks)),
            "level-title": escape(labels("app.level_of", outcome=title, banks=banks)),
            "answer": answer_markup(labels, answer, question, view, self.shipped[0]),
            "numbers": numbers(labels, answer),
            "provinces": f"<p>{escape(labels('app.alike' if draw.alike(answer) else 'app.pooled'))}</p>",
            "plane": f"<p>{escape(self.price or labels('app.price_later'))}</p>"
            if question.setting.uses
            else "",
        }
        figures = {name: self.figures[name].show(chart) for name, chart in self._charts(answer).items()}
        few, whole = answer.runs < CHUNK_RUNS, answer.runs >= ALL_RUNS
        count = labels(
            f"app.{'first' if few else 'whole' if whole else 'runs'}", runs=answer.runs, all=ALL_RUNS
        )
        self.controls.shown = answer_of(texts, figures, progress=self._progress(answer.runs, count))

    def _charts(self, answer: Answer | None) -> dict[str, Chart]:
        """Every figure but that of the network, with the lines and points of an answer, or of none."""
        labels, view, kept = self.labels, self.view, self.kept[2] if self.kept and answer else None
        unit, answers = labels.unit(view.outcome), ((PAGE, answer), ("kept", kept))
        effects = [(labels(f"app.{name}"), self._effect(one)) for name, one in answers]
        points = {name: self._point(one) for name, one in answers}
        levels, gap = (
            [(labels(f"app.{name}"), answer.path(of, LEVEL, *what))
             for name, of in (("page", PAGE), ("baseline", BASE))] if answer else []
            for what in ((view.outcome, self._kind(answer) if answer else "all"), (GAP, "all"))
        )  # fmt: skip
        blue, orange, soft = (GAIN, False), (LOSS, True), (BASELINE, True)
        return {
            "effect": draw.paths(labels, effects, (blue, orange), unit, zero=True),
            "level": draw.paths(labels, levels, (blue, soft)),
            "plane": draw.plane(labels, points, self.past, unit),
            "gap": draw.paths(labels, gap, (blue, soft), labels("app.points")),
            "honeycomb": draw.honeycomb(labels, answer),
            "winners": draw.shares(labels, answer),
            "provinces": draw.provinces(labels, answer),
        }

    def _kind(self, answer: Answer) -> str:
        return self.view.kind if (self.view.outcome, self.view.kind) in answer.ends else "all"

    def _effect(self, answer: Answer | None) -> Any:
        there = answer is not None and (PAGE, EFFECT, self.view.outcome) in answer.paths
        return answer.path(PAGE, EFFECT, self.view.outcome, self._kind(answer)) if answer and there else None

    def _point(self, answer: Answer | None) -> dict[str, float] | None:
        """Where an answer stands in the plane of cost and effect."""
        end = answer.ends.get((self.view.outcome, self._kind(answer))) if answer else None
        return {**end, **answer.costs["total"]} if answer and end else None

    def _show_network(self) -> None:
        quarter = str(self.quarter.state["at"])
        if quarter in self.quarters and self.networks is not None:
            chart = draw.network(
                self.labels, *(table[table["quarter"] == quarter] for table in self.networks)
            )
            self.controls.later = answer_of({}, {"network": self.figures["network"].show(chart)})


def answer_markup(
    labels: Labels, answer: Answer, question: Question, view: View, levers: Mapping[str, PolicySettings]
) -> str:
    """What moves, in plain words, as markup."""
    if not question.setting.uses and question.setting == question.baseline:
        return f"<p>{escape(labels('app.nothing'))}</p>"
    lines = [
        *_aims(labels, answer, question, levers),
        *_moves(labels, answer, view),
        *_costs(labels, answer),
    ]
    return f'<ul class="said">{"".join(f"<li>{escape(line)}</li>" for line in lines)}</ul>'


def _moves(labels: Labels, answer: Answer, view: View) -> Iterator[str]:
    """The outcome looked at, the index and the gap, told as the console tells them."""
    outcomes = dict.fromkeys([(view.outcome, view.kind), ("index", "all"), (GAP, "all")])
    for outcome, kind in outcomes:
        end = answer.ends.get((outcome, kind))
        if end:
            ends = {"end": end["effect"], "end_low": end["effect_low"], "end_high": end["effect_high"]}
            yield labels.stopped(begun(aimed({"outcome": outcome, "bank_kind": kind, **ends}, labels)))


def _aims(
    labels: Labels, answer: Answer, question: Question, levers: Mapping[str, PolicySettings]
) -> Iterator[str]:
    """Of each lever in use: what it aims at, what was held plausible, what it does here."""
    for use in question.setting.uses:
        policy = levers[use.name]
        aim = policy.target
        end = answer.ends.get((aim.outcome, aim.bank_kind)) if aim else None
        if aim is None or end is None:
            continue
        yield labels(
            "app.prior",
            lever=getattr(policy.title, labels.language),
            outcome=labels.inside(labels.outcome(aim.outcome)),
            banks=labels.inside(labels.banks(aim.bank_kind)),
            low=f"{aim.range[0]:g}",
            high=f"{aim.range[1]:g}",
            effect=signed(end["effect"]),
            below=signed(end["effect_low"]),
            above=signed(end["effect_high"]),
        )


def _costs(labels: Labels, answer: Answer) -> Iterator[str]:
    """Whom it reaches, what it costs and whom."""
    if answer.reach is not None:
        share = reached(answer.reach.asset_share)
        yield labels("app.reach", banks=answer.reach.banks, provinces=answer.reach.provinces, assets=share)
    total = answer.costs["total"]
    if not total["cost"]:
        yield labels("app.saved")
        return
    paid = [
        f"{labels.name('payer', payer)} {labels.money(answer.costs[payer]['cost'])}"
        for payer in PAYERS
        if answer.costs[payer]["cost"]
    ]
    ends = {name: labels.money(total[f"cost_{name}"]) for name in ("low", "high")}
    yield labels("app.paid", cost=labels.money(total["cost"]), payers=labels.listing(paid), **ends)


def price_of(labels: Labels, row: Mapping[str, Any] | None, outcome: str) -> str:
    """What a point costs the nation, or why it has no price; a row of the analysis of cost and effect."""
    if row is None:
        return labels("app.price_none")
    if row["point_reason"]:
        return labels("app.no_price", outcome=outcome, reason=labels(f"reason.{row['point_reason']}"))
    price, low, high = (labels.money(row[f"point_price{end}"]) for end in ("", "_low", "_high"))
    banks = f"{row['banks']:,.0f}"
    return labels(
        "app.price", outcome=outcome, price=price, low=low, high=high, runs=int(row["runs"]), banks=banks
    )


def numbers(labels: Labels, answer: Answer) -> str:
    """The effects by outcome and kind as a table, each with its definition."""
    rows = [
        [_outcome_header(labels, name), *(_cell(answer.ends.get((name, kind)), name) for kind in SHOWN_KINDS)]
        for name in dict.fromkeys(name for name, _ in answer.ends)
    ]
    how = f"<p>{escape(labels('app.how'))}</p>"
    return table(labels("app.of_runs", runs=answer.runs), ["", *map(labels.banks, SHOWN_KINDS)], rows) + how


def _cell(end: Mapping[str, float] | None, name: str) -> str:
    if end is None:
        return "–"
    size = scale(name)
    low, middle, high = (size * end[key] for key in ("effect_low", "effect", "effect_high"))
    text = f"{signed(middle)} [{signed(low)}, {signed(high)}]"
    title = f"P(> 0) = {chance(end['probability'])}"
    return marked("clear" if side(low, high) else "", text, title)


def _outcome_header(labels: Labels, name: str) -> str:
    described = variable(name)
    meaning = labels("app.item_meaning") if name.startswith(ITEM) else labels.translated(described["meaning"])
    unit = labels.translated(described["unit"]) or labels("app.points")
    definition = labels("app.definition", meaning=meaning, unit=unit)
    details = Markup('<details class="why" style="margin:0"><summary>{}</summary>{}</details>')
    return details.format(labels.outcome(name), definition)
