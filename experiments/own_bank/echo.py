"""The page that echoes what was entered: you entered, the model uses, why it differs; peers; items worth checking."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pandas as pd

from agents.honeycomb import DIMENSIONS
from experiments.config.bank import EVIDENCE_NAMES, FOCUS_NAMES, BankSettings
from experiments.config.bank_file import ENTRIES
from experiments.config.names import KIND_NAMES, PROVINCE_NAMES
from experiments.config.plans import ROUTE_NAMES
from experiments.config.questionnaire import RUNGS, asked, title
from experiments.labels import Labels
from experiments.labels.numbers import BREAK, plain
from experiments.own_bank.answers import OwnRuns
from experiments.own_bank.evidence import known, worth_checking
from experiments.own_bank.opening import ENTERED, PEERS, first_day, opening
from experiments.own_bank.pages import Board
from experiments.report.registry import Block, Page, Points, section
from experiments.report.tables import DASH, Cell, Table, ends
from experiments.results.statistics import quantile

TITLES: Final = {entry.key: entry.title for entry in ENTRIES}
NAMED: Final = {"kind": KIND_NAMES, "province": PROVINCE_NAMES, "language_model": ROUTE_NAMES}


@section("own_opening", place=19, tables=("own_bank",), always=False)
def own_opening(page: Page) -> Iterator[Block]:
    """Say what was entered, what the model uses and why, and what is worth checking first."""
    given = page.study.settings.get("bank")
    if not given:
        return
    bank, labels = BankSettings.model_validate(given), page.labels
    sentences, table = told(page.once(Board).runs, bank, labels)
    yield Points(sentences)
    yield table
    yield _answers(bank, labels)


def told(runs: OwnRuns, bank: BankSettings, labels: Labels) -> tuple[list[str], Table]:
    """What was entered, what the model uses and why: in sentences, and field by field."""
    table = opening(runs, bank)
    return list(_sentences(table, runs, bank, labels)), _echo(table, bank, labels)


def _sentences(table: pd.DataFrame, runs: OwnRuns, bank: BankSettings, labels: Labels) -> Iterator[str]:
    numbers = table[table["used"].notna()]
    said = int((numbers["reason"] != PEERS).sum())
    key = "echo.entered" if said < len(numbers) else "echo.entered_all"
    yield labels(key, said=said, every=len(numbers), peers=int(numbers["peers"].max()))
    index = np.mean([first_day(runs, f"opening.scores.{d}", runs.plans[0]) for d in DIMENSIONS], axis=0)
    low, middle, high = (plain(value) for value in quantile(index))
    yield labels("echo.start", index=middle, low=low, high=high)
    first = worth_checking(bank)
    if len(first):
        names = [labels.inside(title(asked()[item]).spoken(labels.language)) for item in first["item"]]
        yield labels("echo.check", items=labels.listing(names))
    yield labels("echo.confidential")


def _echo(table: pd.DataFrame, bank: BankSettings, labels: Labels) -> Table:
    """You entered, the model uses, why it differs."""
    others = "others" in table and table["others"].notna().any()
    rows = []
    for line in table.to_dict("records"):
        marked = line["reason"] != ENTERED
        used = (
            _words(line["field"], bank, labels)
            if pd.isna(line["used"])
            else written(line["used"], line["unit"], labels)
        )
        low, high = (
            "" if pd.isna(line["used"]) else written(line[key], line["unit"], labels)
            for key in ("used_low", "used_high")
        )
        entered = (
            _words(line["field"], bank, labels)
            if line["words"]
            else written(line["entered"], line["unit"], labels)
        )
        if line["field"].startswith("staff.") and bank.employees and not np.isnan(line["entered"]):
            persons = plain(line["entered"] * bank.employees, 0)
            entered = labels("echo.persons", persons=persons, share=entered)
        row = [
            Cell(TITLES[line["field"]].spoken(labels.language)),
            Cell(entered),
            Cell(used, strong=marked, interval=ends(low, high) if low != high else ""),
            Cell(labels(f"echo.why_{line['reason']}"), strong=marked),
            *_place(line, "ahead", "peers", line.get("median"), labels),
        ]
        rows.append(row + (_place(line, "others_ahead", "others", None, labels)[:1] if others else []))
    names = ["field", "said", "used", "why", "ahead", "median", *(["others"] if others else [])]
    head = [labels(f"echo.column_{name}") for name in names]
    return Table(head, rows, labels("echo.note"), labels("echo.caption"), table, wide=True)


def _words(field: str, bank: BankSettings, labels: Labels) -> str:
    """What was said in words, in the language of the page."""
    value = getattr(bank, field)
    if field == "branches":
        names = (PROVINCE_NAMES.display(code, labels.language) for code in value)
        return labels.listing(f"{name} {number}" for name, number in zip(names, value.values(), strict=True))
    if field == "focus":
        return labels.listing(FOCUS_NAMES.display(name, labels.language) for name in value)
    return NAMED[field].display(value, labels.language) if field in NAMED else str(value)


def _place(line: dict[Any, Any], ahead: str, number: str, median: Any, labels: Labels) -> list[Cell]:
    if pd.isna(line.get(ahead, np.nan)):
        return [DASH, DASH]
    share = Cell(f"{line[ahead]:.0f}{BREAK}%", interval=f"n = {line[number]:.0f}")
    return [share, DASH if median is None or pd.isna(median) else Cell(written(median, line["unit"], labels))]


def written(value: float, unit: str, labels: Labels) -> str:
    """A number of the first day as a bank writes it."""
    if np.isnan(value):
        return "–"
    if unit.startswith("yuan"):
        return labels("echo.yuan", amount=labels.money(1e-6 * value))
    if unit.startswith("percent"):
        return f"{plain(value, 2)}{BREAK}%"
    if unit.startswith(("share", "ratio")):
        return f"{plain(100 * value, 1 if unit == 'ratio' else 2)}{BREAK}%"
    if unit == "yes or no":
        return labels("echo.yes" if value >= 0.5 else "echo.no")
    return plain(value, 1 if unit == "points" else 0)


def _answers(bank: BankSettings, labels: Labels) -> Table:
    """Every item with its answer, what is behind it, and the rungs between which it starts."""
    table = known(bank)
    table = table[(table["answers"] != "") | (table["points"] > 0)]
    rows = []
    for line in table.to_dict("records"):
        item = asked()[line["item"]]
        low, high = (RUNGS[item.rungs][line[key]].spoken(labels.language) for key in ("low", "high"))
        rows.append(
            [
                Cell(title(item).spoken(labels.language)),
                Cell(line["answers"] or "–"),
                Cell(EVIDENCE_NAMES.display(line["evidence"], labels.language) if line["evidence"] else "–"),
                Cell(low if low == high else f"{low} – {high}"),
                Cell(plain(line["points"], 2)),
                Cell(
                    labels(f"echo.{line['reason']}") if line["reason"] else "–", strong=bool(line["reason"])
                ),
            ]
        )
    head = [
        labels(f"echo.column_{name}") for name in ("item", "answers", "evidence", "start", "points", "why")
    ]
    caption = labels("echo.answers_caption")
    return Table(head, rows, labels("echo.answers_note"), caption, table, wide=True, folded=caption)
