"""A user's own bank on the page: its file composed as the command does, and told as its board paper tells it."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import yaml

from experiments.config.load import compose_study
from experiments.config.study import StudySettings
from experiments.failure import StudyFailed
from experiments.labels import LANGUAGES, Labels, items
from experiments.labels.numbers import plain, signed
from experiments.own_bank.echo import told
from experiments.own_bank.pages import Board
from experiments.own_bank.table import write_own_bank
from experiments.report.page import opened
from experiments.report.registry import Block, Points
from experiments.report.tables import Table, texts
from experiments.results.statistics import rows_of
from experiments.runs.engine import LAB
from experiments.runs.merged import Merged
from experiments.runs.records import Packed, pack
from model.own_plan import STILL

ENDINGS: Final = (".xlsx", ".xlsm", ".csv", ".yaml", ".yml")
LARGEST: Final = 4 * 1024 * 1024  # bytes of a file
UNPACKED: Final = 40 * 1024 * 1024  # bytes of all that a workbook holds
EDITED: Final = "edited"
RUNS: Final = (8, 32)  # of the first answer, and of the one that follows
FUTURES: Final = (
    "baseline", "severe_margin", "descent_faster", "large_bank_opens", "union_service", "union_bank",
    "union_single_bank",
)  # fmt: skip
SHOWN_ITEMS: Final = 15


@dataclass(frozen=True)
class Plan:
    """What the page changes in what the bank means to do; what is empty goes on as in the bank's file.

    Parameters
    ----------
    spending : tuple of (int, float)
        Year and million yuan for technology.
    division : tuple of (str, float)
        Dimension and part of project money.
    route : str
        To language models.
    futures : tuple of str
        Scenarios of the library; the first is the one that is told of.
    """

    spending: tuple[tuple[int, float], ...] = ()
    division: tuple[tuple[str, float], ...] = ()
    route: str = ""
    futures: tuple[str, ...] = ("baseline",)

    @property
    def content(self) -> dict[str, Any]:
        """The plan as a file says it."""
        content: dict[str, Any] = {}
        if self.spending:
            content["spending"] = {year: 1e6 * million for year, million in self.spending}
        if sum(part for _, part in self.division) > 0:
            whole = sum(part for _, part in self.division)
            content["division"] = {name: part / whole for name, part in self.division}
        if self.route:
            content["language_model"] = self.route
        return content


@dataclass(frozen=True)
class OwnAnswer:
    """What becomes of a bank, in the words of its board paper.

    Parameters
    ----------
    name : str
    runs : int
    plates : dict of str to list
        Sentences and a table: where it ``stand``s, the ``echo`` of what was entered, the ``risks`` and the ``items``.
    paths : dict of str to list of (str, dict)
        By outcome, the first plan in every future and as today in the first one: name, and quantiles by year.
    floor : float
        Of capital, percent.
    budget : dict of str to dict
        What the first plan spends in the first future, by year and use, million yuan.
    """

    name: str
    runs: int
    plates: dict[str, list[Block]]
    paths: dict[str, list[tuple[str, dict[str, Any]]]]
    floor: float
    budget: dict[str, dict[str, Any]]


def check_file(path: Path) -> None:
    """Refuse a workbook that unpacks to more than it should."""
    if path.suffix in (".xlsx", ".xlsm") and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as parts:
            size = sum(part.file_size for part in parts.infolist())
        if size > UNPACKED:
            raise StudyFailed(
                f"the workbook unpacks to {size / 1e6:.0f} MB, more than {UNPACKED / 1e6:.0f} MB"
            )


def own_answer(path: Path, plan: Plan, runs: int, language: str, folders: Sequence[str] = ()) -> OwnAnswer:
    """Answer for a bank.

    Parameters
    ----------
    path : Path
        The bank's file.
    plan : Plan
    runs : int
    language : str
        Of what is said about faults.
    folders : sequence of str
        Folders of the user's own configuration files.
    """
    check_file(path)
    with tempfile.TemporaryDirectory(dir=path.parent) as inside:
        folder = Path(inside)
        edited = folder / f"{EDITED}.yaml"
        title = {one: Labels(one)("app.own_edited") for one in LANGUAGES}
        edited.write_text(yaml.safe_dump({"title": title, **plan.content}), "utf-8")
        words = [
            f"bank={path}",
            f"report={language}",
            f"scenarios=[{','.join(plan.futures)}]",
            f"replicates={runs}",
        ]
        said = compose_study(words, folders).bank
        own = tuple((said.plans if said else None) or ())
        if plan.content:
            words.append(f"plans=[{','.join([str(edited), *own])}]")
        settings = compose_study(words, folders)
        file = folder / "runs"
        file.write_bytes(b"".join(pack(file.name, LAB(settings, range(runs)), with_graphs=False)))
        write_own_bank(Merged([Packed(file, checked=False)]), folder)
        return told_of(Board(opened(folder, language, settings)), settings)


def told_of(board: Board, settings: StudySettings) -> OwnAnswer:
    """What the page shows of a bank's runs."""
    assert settings.bank is not None
    plates = {
        "stand": ([board.who()], board.place()),
        "echo": told(board.runs, settings.bank, board.labels),
        "risks": ([], board.breaches()),
        "items": ([], _items(board)),
    }
    spent = rows_of(board.frame("budget", plan=board.lead, scenario=board.first))
    return OwnAnswer(
        name=settings.bank.name,
        runs=settings.replicates,
        plates={name: [Points(said), replace(table, data=None)] for name, (said, table) in plates.items()},
        paths={outcome: _paths(board, outcome) for outcome in ("capital", "index")},
        floor=board.runs.floors["capital"],
        budget={str(row["year"]): row for row in spent},
    )


def _paths(board: Board, outcome: str) -> list[tuple[str, dict[str, Any]]]:
    """An outcome of the first plan in every future, and as today in the first one."""
    lines = []
    for plan, future in (*((board.lead, one) for one in board.futures), (STILL, board.first)):
        rows = board.frame("paths", outcome=outcome, plan=plan, scenario=future)
        path = {"quarter": [*map(str, rows["year"])]} | {q: rows[q].tolist() for q in ("q05", "q50", "q95")}
        path |= {"q25": path["q50"], "q75": path["q50"]}
        lines.append((f"{board.plans[plan]}, {board.futures[future]}", path))
    return lines


def _items(board: Board) -> Table:
    """The items that the first plan moves most, beside the other plans."""
    labels, frame = board.labels, board.frame("items")
    moved = (frame[board.lead] - frame["today"]).abs().sort_values(ascending=False, kind="stable").index
    rows = []
    for row in rows_of(frame.loc[moved[:SHOWN_ITEMS]]):
        changes = (f"{plain(row[plan], 0)} ({signed(row[plan] - row['today'], 0)})" for plan in board.plans)
        rows.append(texts(items()[row["item"]][labels.language], plain(row["today"], 0), *changes))
    head = ["", labels("app.own_today"), *board.plans.values()]
    return Table(head, rows, caption=labels("app.own_items_note"))
