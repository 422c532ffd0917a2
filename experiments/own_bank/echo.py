"""The page that echoes what was entered: you entered, the model uses, why it differs; peers; items worth checking."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import numpy as np
import pandas as pd

from agents.honeycomb import DIMENSIONS
from agents.items import ItemTable
from agents.kinds import BANK_KINDS
from experiments.config.bank import FOCUS_NAMES, ROUTE_NAMES, BankSettings, Facts
from experiments.config.bank_file import FIELDS
from experiments.config.catalogue import FIRST_DAY
from experiments.config.data import items
from experiments.config.names import KIND_NAMES, PROVINCE_NAMES
from experiments.config.questionnaire import CLAIMED, EVIDENCE_NAMES, RUNGS, Answer, asked, title
from experiments.config.tree import leaves
from experiments.labels import BREAK, Labels, plain
from experiments.own_bank.answers import OwnRuns
from experiments.own_bank.pages import Board
from experiments.report.registry import Block, Page, Points, section
from experiments.report.tables import DASH, Cell, Line, Table, Write, by_column, catalogued, ends
from experiments.results.statistics import describe, quantile
from model.own_opening import COMPARED, percent_behind

NAMED: Final = {"kind": KIND_NAMES, "province": PROVINCE_NAMES, "language_model": ROUTE_NAMES}
NEAR: Final = 0.005  # how far a number used may be from the one entered and count as it, relative
ALIKE: Final = 4.0  # times larger or smaller a bank of a peers' file may be
ENTERED, PEERS, STEPPED, RECONCILED = "entered", "peers", "rungs", "reconciled"
DRAWN, RENEWED = "answers", "renewed"
FIRST: Final = 5
REST: Final = "other_"  # what the report asks and does not print: nobody can check it
CONFLICTING, WEAK, MISSING = "conflicting", "weak", "missing"
WORDS: Final = ("kind", "province", "since", "focus", "branches", "language_model")


@section("own_opening", place=9, tables=("own_bank",), always=False)
def own_opening(page: Page) -> Iterator[Block]:
    """Say what was entered, what the model uses and why, and what is worth checking first."""
    settings = page.study.settings.get("bank")
    if not settings:
        return
    bank, labels = BankSettings.model_validate(settings), page.labels
    sentences, table = opening_echo(page.once(Board).runs, bank, labels)
    yield Points(sentences)
    yield table
    yield _answers(bank, labels)


def opening_echo(runs: OwnRuns, bank: BankSettings, labels: Labels) -> tuple[list[str], Table]:
    """What was entered, what the model uses and why: in sentences, and field by field."""
    table = opening(runs, bank)
    return list(_sentences(table, runs, bank, labels)), _echo(table, bank, labels)


def _sentences(table: pd.DataFrame, runs: OwnRuns, bank: BankSettings, labels: Labels) -> Iterator[str]:
    numbers = table[table["used"].notna()]
    entered = int((numbers["reason"] != PEERS).sum())
    key = "echo.entered" if entered < len(numbers) else "echo.entered_all"
    yield labels(key, said=entered, every=len(numbers), peers=int(numbers["peers"].max()))
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
        words = _words(line["field"], bank, labels) if line["words"] else ""
        numbers = (line[key] for key in ("entered", "used", "used_low", "used_high"))
        entered, used, low, high = (words or write_number(number, line["unit"], labels) for number in numbers)
        if line["field"].startswith("staff.") and bank.employees and not np.isnan(line["entered"]):
            persons = plain(line["entered"] * bank.employees, 0)
            entered = labels("echo.persons", persons=persons, share=entered)
        row: list[object] = [
            FIELDS.display(line["field"], labels.language),
            entered,
            Cell(used, strong=marked, interval=ends(low, high) if low != high else ""),
            Cell(labels(f"echo.why_{line['reason']}"), strong=marked),
            *_place(line, "ahead", "peers", line.get("median"), labels),
        ]
        rows.append(row + (_place(line, "others_ahead", "others", None, labels)[:1] if others else []))
    names = ["field", "said", "used", "why", "ahead", "median", *(["others"] if others else [])]
    head = [f"column_{name}" for name in names]
    return catalogued(labels, "echo.fields", head, rows, table, wide=True)


def _words(field: str, bank: BankSettings, labels: Labels) -> str:
    """What was said in words, in the language of the page."""
    value = getattr(bank, field)
    if field == "branches":
        names = (PROVINCE_NAMES.display(code, labels.language) for code in value)
        return labels.listing(f"{name} {number}" for name, number in zip(names, value.values(), strict=True))
    if field == "focus":
        return labels.listing(FOCUS_NAMES.display(name, labels.language) for name in value)
    return NAMED[field].display(value, labels.language) if field in NAMED else str(value)


def _place(line: dict[Any, Any], ahead: str, number: str, median: Any, labels: Labels) -> list[Cell | str]:
    if pd.isna(line.get(ahead, np.nan)):
        return [DASH, DASH]
    share = Cell(f"{line[ahead]:.0f}{BREAK}%", interval=f"n = {line[number]:.0f}")
    return [share, DASH if median is None or pd.isna(median) else write_number(median, line["unit"], labels)]


def write_number(value: float, unit: str, labels: Labels) -> str:
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
    table = item_doubts(bank)
    table = table[(table["answers"] != "") | (table["points"] > 0)]

    def start(line: Line) -> str:
        words = RUNGS[asked()[line["item"]].rungs]
        low, high = (words[line[end]].spoken(labels.language) for end in ("low", "high"))
        return low if low == high else f"{low} – {high}"

    def reason(line: Line) -> Cell:
        return Cell(labels(f"echo.{line['reason']}"), strong=True) if line["reason"] else DASH

    evidence = EVIDENCE_NAMES.display
    columns: dict[str, Write] = {
        "column_item": lambda line: title(asked()[line["item"]]).spoken(labels.language),
        "column_answers": lambda line: line["answers"] or "–",
        "column_evidence": lambda line: (
            evidence(line["evidence"], labels.language) if line["evidence"] else "–"
        ),
        "column_start": start,
        "column_points": lambda line: plain(line["points"], 2),
        "column_why": reason,
    }
    rows, folded = by_column(table.to_dict("records"), columns), labels("echo.answers_title")
    return catalogued(labels, "echo.answers", columns, rows, table, wide=True, folded=folded)


# ------------------------------------------------------------ the table behind it


def opening(runs: OwnRuns, bank: BankSettings) -> pd.DataFrame:
    """What was entered beside what the model uses on the first day, and the place among peers.

    Parameters
    ----------
    runs : OwnRuns
        The bank's runs; their first scenario and first plan are read.
    bank : BankSettings

    Returns
    -------
    DataFrame
        A row a field: ``entered`` (missing where nothing was said); ``used`` with ``used_low`` and ``used_high``, the
        median and 90 % of runs; ``reason``: ``entered`` (used as it is), ``peers`` (not said, as it falls among banks
        of its kind and size), ``rungs`` (scores move in whole steps of the questionnaire), ``answers`` (items were
        answered, and weak answers widen the start), ``reconciled`` (other numbers that were entered leave this one),
        ``renewed`` (partners are renewed in the first quarter); ``ahead``: percent of ``peers`` banks of its kind and
        size with less, ``median`` of theirs; ``others_ahead`` of ``others`` banks of the peers' files.
    """
    fields, others = flat(bank), _others(bank)
    plan = runs.plans[0]
    peers = int(np.nanmedian(first_day(runs, "peers", plan)))
    rows = []
    for key in FIELDS.names:
        if key in FIRST_DAY:
            band = describe(first_day(runs, f"opening.{key}", plan).copy())
            low, used, high = (float(band[name]) for name in ("q05", "q50", "q95"))
            entered = float(fields.get(key, np.nan))
            rows.append(
                {"field": key, "unit": FIRST_DAY[key][0], "entered": entered, "words": ""}
                | {"used": used, "used_low": low, "used_high": high}
                | {"reason": _reason(key, entered, (low, used, high), bank)}
                | _among(runs, key, plan, peers)
                | _among_others(others, key, used)
            )
        elif key in WORDS and fields.get(key) is not None:
            rows.append({"field": key, "words": _spoken(fields[key]), "reason": ENTERED, "entered": np.nan})
    return pd.DataFrame(rows)


def first_day(runs: OwnRuns, name: str, choice: str) -> np.ndarray:
    """An outcome in the year of the bank's arrival, in the first scenario, over runs."""
    return np.asarray(runs.of(name, choice)[0, :, 0], float)


def flat(bank: Facts) -> dict[str, Any]:
    """What was said, by field: whole, and in its parts by dotted field."""
    fields: dict[str, Any] = bank.model_dump(mode="json", exclude_none=True)
    return dict(leaves(fields)) | fields | ({} if bank.ratio is None else {"spend_ratio": bank.ratio})


def _reason(key: str, entered: float, used: tuple[float, float, float], bank: BankSettings) -> str:
    if np.isnan(entered) and key == "technology_spending" and bank.ratio is not None:
        return RECONCILED
    if np.isnan(entered):
        answered = {f"scores.{DIMENSIONS[asked()[name].dimension]}" for name in bank.items or ()}
        return DRAWN if key in answered else PEERS
    low, middle, high = used
    if max(abs(low - entered), abs(high - entered), abs(middle - entered)) <= NEAR * max(abs(entered), 1e-9):
        return ENTERED
    reasons = {"scores": STEPPED, "partners": RENEWED}
    return reasons.get(key.partition(".")[0], RECONCILED)


def _among(runs: OwnRuns, key: str, plan: str, peers: int) -> dict[str, float]:
    if f"ahead.{key}" not in runs.outcomes:
        return {}
    return {
        "ahead": float(np.nanmedian(first_day(runs, f"ahead.{key}", plan))),
        "peers": peers,
        "median": float(np.nanmedian(first_day(runs, f"peers.{key}", plan))),
    }


def _others(bank: BankSettings) -> list[dict[str, Any]]:
    """What was said of the banks of the peers' files of its kind and size."""
    near = (one for one in bank.peers if one.kind == bank.kind)
    return [flat(one) for one in near if 1 / ALIKE <= one.assets / bank.assets <= ALIKE]


def _among_others(others: list[dict[str, Any]], key: str, used: float) -> dict[str, float]:
    """Place among such banks."""
    values = np.array([float(one[key]) for one in others if key in one])
    if not len(values) or key == "assets" or key not in COMPARED:
        return {}
    ahead = percent_behind(np.full((1, 1), used), values[:, None], np.ones((len(values), 1), bool))
    return {"others_ahead": float(ahead[0, 0]), "others": len(values)}


def _spoken(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {number}" for key, number in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


# ------------------------------------------------------------ how far each answer is known


@cache
def points() -> dict[str, float]:
    """Score points of one rung of every item in its dimension, under the newest edition."""
    table = ItemTable(items())
    weights = table.weights(max(item.first_edition for item in table.items))
    return {item.id: float(weight) for item, weight in zip(table.items, weights, strict=True)}


def item_doubts(bank: BankSettings) -> pd.DataFrame:
    """How far every scored item is known, the least known first.

    Parameters
    ----------
    bank : BankSettings

    Returns
    -------
    DataFrame
        ``item``, ``dimension``; ``low`` and ``high``: rungs between which it stands with a chance of nine in ten;
        ``points``: standard deviation of the index that the doubt about it makes; ``reason``: ``missing`` (taken from
        the banks asked), ``conflicting`` (respondents differ), ``claimed`` or ``weak`` (documented, not audited), empty
        where nothing is in doubt; ``answers`` and ``evidence`` as given.
    """
    rows = []
    for name, item in asked().items():
        weight = points()[name]
        if not weight or name.startswith(REST) or name in _settled(bank):
            continue
        answer, dimension = (bank.items or {}).get(name), DIMENSIONS[item.dimension]
        chances = (
            np.array(answer.chances(item.rungs, bank.trust))
            if answer
            else -np.diff((1.0, *item.shares, 0.0))  # how the banks that were asked stand
        )
        rung, reached = np.arange(item.rungs + 1), np.cumsum(chances)
        if answer is None and bank.scores is not None and dimension in bank.scores.known:
            weight = 0.0  # together they meet the score that was given, whichever of them stands
        mean = float(chances @ rung)
        spread = float(chances @ (rung - mean) ** 2) ** 0.5
        rows.append(
            {
                "item": name,
                "dimension": dimension,
                "answers": ", ".join(map(str, answer.answers)) if answer else "",
                "evidence": answer.evidence if answer else "",
                "low": int(np.searchsorted(reached, 0.05)),
                "high": int(np.searchsorted(reached, 0.95 - 1e-12)),
                "points": spread * weight / len(DIMENSIONS),
                "reason": _doubt(answer, spread),
            }
        )
    return pd.DataFrame(rows).sort_values("points", ascending=False, kind="stable", ignore_index=True)


def worth_checking(bank: BankSettings, number: int = FIRST) -> pd.DataFrame:
    """The items whose answer is in most doubt, weighed by what they count for; see `item_doubts`."""
    table = item_doubts(bank)
    return table[table["points"] > 0].head(number)


def _settled(bank: BankSettings) -> tuple[str, ...]:
    """Items that kind, people and spending settle: whoever has no union has no support of one."""
    staff = bank.staff.known if bank.staff is not None else {}
    settled = {
        "composite": "composite" in staff,
        "data_people": "data" in staff,
        "spend": bank.ratio is not None,
        "union": bank.union is False or not BANK_KINDS.get(bank.kind).joins_union,
    }
    return tuple(name for name, is_known in settled.items() if is_known)


def _doubt(answer: Answer | None, spread: float) -> str:
    if answer is None:
        return MISSING
    if not spread:
        return ""
    if len(set(answer.answers)) > 1:
        return CONFLICTING
    return CLAIMED if answer.evidence == CLAIMED else WEAK
