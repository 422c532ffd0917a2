"""A user's own bank on the page: its file composed as the command does, and the answers of the own bank's analysis."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import yaml

from experiments.config.bank import BankSettings
from experiments.config.load import compose_study
from experiments.failure import StudyFailed
from experiments.labels import Labels
from experiments.own_bank import answers
from experiments.own_bank.answers import OwnRuns
from experiments.own_bank.echo import told
from experiments.own_bank.table import write_own_bank
from experiments.report.tables import Table
from experiments.results.statistics import rows_of
from experiments.runs.engine import LAB
from experiments.runs.merged import Merged
from experiments.runs.records import Packed, pack

ENDINGS: Final = (".xlsx", ".xlsm", ".csv", ".yaml", ".yml")
LARGEST: Final = 4 * 1024 * 1024  # bytes of a file
UNPACKED: Final = 40 * 1024 * 1024  # bytes of all that a workbook holds
EDITED: Final = "edited"
RUNS: Final = (8, 32)  # of the first answer, and of the one that follows
FUTURES: Final = (
    "baseline", "severe_margin", "descent_faster", "large_bank_opens", "union_service", "union_bank",
    "union_single_bank",
)  # fmt: skip
ASKED: Final = ("place", "paths", "budget", "floors", "items")


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
    """The bank, and what becomes of it.

    Parameters
    ----------
    bank : BankSettings
    plans : tuple of str
        The edited plan first, where one is, then the bank's own, its peers' way, and as today.
    years : tuple of int
    runs : int
    echo : tuple of list of str and Table
        What was entered, what the model uses and why, in the language asked for.
    tables : dict of str to list of dict
        The answers of ``ASKED``.
    titles : dict of str to dict
        Titles of the bank's own plans by language.
    """

    bank: BankSettings
    plans: tuple[str, ...]
    years: tuple[int, ...]
    runs: int
    echo: tuple[list[str], Table]
    tables: dict[str, list[dict[str, Any]]]
    titles: dict[str, dict[str, str]]

    @property
    def lead(self) -> str:
        """The plan that is told of: the edited one, or the bank's first while nothing is edited."""
        return self.plans[0]

    def rows(self, table: str, **equal: object) -> list[dict[str, Any]]:
        """The rows of an answer in which each named column is as given."""
        return [row for row in self.tables[table] if all(row[key] == value for key, value in equal.items())]


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
        edited.write_text(yaml.safe_dump(plan.content), "utf-8")
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
        bank = settings.bank
        assert bank is not None
        file = folder / "runs"
        file.write_bytes(b"".join(pack(file.name, LAB(settings, range(runs)), with_graphs=False)))
        write_own_bank(Merged([Packed(file, checked=False)]), folder)
        outcomes = OwnRuns(folder / "own_bank.parquet", bank.model_dump(mode="json"), bank.name)
        sentences, echo = told(outcomes, bank, Labels(language))
        tables = {name: rows_of(getattr(answers, name)(outcomes)) for name in ASKED}
        return OwnAnswer(
            bank=bank,
            plans=tuple(outcomes.compared),
            years=tuple(outcomes.years),
            runs=runs,
            echo=(sentences, replace(echo, data=None)),
            tables=tables,
            titles=_titles(bank),
        )


def _titles(bank: BankSettings) -> dict[str, dict[str, str]]:
    plans = (bank.plans or {}).items()
    return {name: {"en": plan.title.en, "zh": plan.title.zh} for name, plan in plans if plan.title}
