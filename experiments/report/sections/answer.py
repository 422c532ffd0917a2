"""The answer to the study's question: what was asked, the answer in plain words, and the tables behind it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from experiments.config import data
from experiments.labels import FINE, chance, digits, scale
from experiments.location import CONF
from experiments.report.registry import FINDINGS, Block, Page, Points, Text, section
from experiments.report.tables import DASH, Cell, Line, Table, interval, level
from experiments.results.statistics import lookup, paired_summary
from model.outcomes import BY_SYSTEM

type Asked = Sequence[tuple[str, str]]

SAID = 5  # sentences in a brief: four pages are all it has
COLUMNS = 6  # years of a path at most
WAYS = {1: "analysis.rises", -1: "analysis.falls", 0: "analysis.still"}


@dataclass(frozen=True)
class Question:
    """A question: a row of ``conf/questions.csv``.

    Parameters
    ----------
    id : str
        Such as ``Q001``, as docs/questions.md numbers them.
    asked_by : str
        policy, expert, or academic (what a study of their own answers; the others are calibration's).
    asks : str
        The question in plain words.
    experiment : str
        File below ``conf/experiment``.
    tables : tuple of str
        Tables of the study's folder that hold the answer.
    outcomes : tuple of (str, str)
        Outcomes and kinds of bank whose paths tell it.
    moment : str
        A quarter before the end that it asks about as well; empty for most.
    """

    id: str
    asked_by: str
    asks: str
    experiment: str
    tables: tuple[str, ...]
    outcomes: tuple[tuple[str, str], ...]
    moment: str

    @property
    def command(self) -> str:
        """The command that answers the question."""
        return f"python simulate.py experiment={self.experiment}"


@cache
def questions() -> dict[str, Question]:
    """Every question by its id."""
    by_id = {}
    for row in data.table(CONF / "questions.csv"):
        pairs = (one.partition("@") for one in row["outcomes"].split())
        tables, outcomes = tuple(row["tables"].split()), tuple((name, kind) for name, _, kind in pairs)
        head = row["id"], row["asked_by"], row["asks"], row["experiment"]
        by_id[row["id"]] = Question(*head, tables, outcomes, row["moment"])
    return by_id


NONE = Question("", "", "", "", (), (), "")


@section("answer", place=10, brief=10, always=False)
def answer(page: Page) -> Iterator[Block]:
    """Tell what the tables of the analysis say, those of the study's question first."""
    question, sentences, tables = answer_parts(page)
    if not sentences and not tables:
        return
    if question:
        yield Text("", lead=question)
    yield Points(sentences[:SAID] if page.brief else sentences)
    if not page.brief:
        yield from tables


def answer_parts(page: Page) -> tuple[str, list[str], list[Table]]:
    """The question, the sentences that answer it and the tables they rest on."""
    study, labels = page.study, page.labels
    question_id = str(study.analysis.get("question") or "")
    question = questions().get(question_id, NONE)
    effects = question.outcomes if "effects" in question.tables else ()
    sentences = baseline(question.outcomes, page) + measured(effects, page)
    if question.moment:
        sentences += measured(effects, page, question.moment)
    tables = paths(question.outcomes, page)
    first = {name: place for place, name in enumerate(question.tables)}
    order = sorted(FINDINGS, key=lambda name: (first.get(name, len(FINDINGS)), FINDINGS[name][0]))
    for name in order:
        frame, tell = study.table(name), FINDINGS[name][1]
        if len(frame):
            texts, parts = tell(frame, page)
            sentences += filter(None, texts)
            tables += parts
    return labels(f"question.{question_id}") if question_id else "", sentences, tables


def measured(pairs: Asked, page: Page, quarter: str = "") -> list[str]:
    """One sentence a scenario: which of the asked outcomes rise or fall, at the end of the study or in a quarter."""
    study, labels = page.study, page.labels
    effects = study.effects_in(quarter) if quarter else study.effects
    if effects.empty or not pairs:
        return []
    keys = ["scenario", "outcome", "bank_kind"]
    lines = lookup(paired_summary(effects, keys), keys)
    sentences = []
    for scenario in study.policies:
        mine = [(name, kind, lines.get((scenario, name, kind))) for name, kind in pairs]
        clauses = []
        for way, key in WAYS.items():
            some = [(line, name, kind) for name, kind, line in mine if line and line["clear"] == way]
            listed = [_moved(*one, page) for one in some]
            clauses += [labels(key, listing=labels.listing(listed))] if listed else []
        if clauses:
            facts = {"scenario": labels.scenario(scenario), "year": quarter[:4] or str(study.year)}
            sentences.append(labels("analysis.measured_all", **facts, listing=labels.clauses(clauses)))
    return sentences


def _moved(line: Line, name: str, kind: str, page: Page) -> str:
    cell = interval(line, digits(name), scale(name))
    facts = {"effect": cell.text, "interval": cell.interval, "chance": chance(line["probability"])}
    return page.labels("analysis.measured", outcome=page.labels.outcome(name, kind), **facts)


def baseline(pairs: Asked, page: Page) -> list[str]:
    """Where the baseline takes what is one number for the whole system, from the first year to the last."""
    study, labels = page.study, page.labels
    names = [name for name, _ in pairs if name in BY_SYSTEM]
    columns = ["scenario", "outcome", "quarter", "q05", "q50", "q95"]
    chosen = {"outcome": names, "scenario": study.baseline, "bank_kind": "all", "quantity": "level"}
    table = study.table("bands", columns, measure="true", **chosen)
    table = table[table["quarter"].str.endswith("Q4")] if len(table) else table
    sentences = []
    for name in names:
        mine = table[table["outcome"] == name].sort_values("quarter")
        if len(mine):
            first, last = (_level(mine.iloc[place].to_dict(), name) for place in (0, -1))
            years = {"first": mine["quarter"].iloc[0][:4], "year": mine["quarter"].iloc[-1][:4]}
            facts = {"outcome": _level_name(name, "all", page), "start": first.text, "end": last}
            sentences.append(labels("analysis.baseline_path", **years, **facts))
    return sentences


def paths(pairs: Asked, page: Page) -> list[Table]:
    """Levels of the asked outcomes over the years under every scenario: median and 90 % band over runs."""
    study, labels = page.study, page.labels
    columns = ["scenario", "bank_kind", "outcome", "quarter", "q05", "q50", "q95"]
    names = sorted({name for name, _ in pairs})
    table = study.table("bands", columns, quantity="level", measure="true", outcome=names)
    table = table[table["quarter"].str.endswith("Q4")] if len(table) else table
    if table.empty:
        return []
    every = sorted(set(table["quarter"]))
    step = -(-len(every) // COLUMNS)
    quarters = every[::-1][::step][::-1]
    levels = lookup(table, ["scenario", "outcome", "bank_kind", "quarter"])
    rows = []
    for name, kind in pairs:
        for scenario in study.scenarios:
            lines = [levels.get((scenario, name, kind, quarter)) for quarter in quarters]
            if any(line is not None for line in lines):
                cells = [_level(line, name) if line else DASH for line in lines]
                rows.append([_level_name(name, kind, page), labels.scenario(scenario), *cells])
    head = [labels("column.outcome"), labels("column.scenario"), *(quarter[:4] for quarter in quarters)]
    kept = table[[pair in set(pairs) for pair in zip(table["outcome"], table["bank_kind"], strict=True)]]
    note, title = labels("analysis.paths_note"), labels("analysis.paths_title")
    return [Table(head, rows, note, title, data=kept, kind="pairs", wide=True)]


def _level_name(name: str, kind: str, page: Page) -> str:
    """Name of an outcome whose level is told: a percentage where its effects are percentage points."""
    labels = page.labels
    return labels.outcome(name, kind).replace(labels("analysis.points"), labels("analysis.percent"))


def _level(line: Line, name: str) -> Cell:
    return level(line, number=3 if name in FINE else 1, by=scale(name))
