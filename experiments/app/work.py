"""What a worker of the page does: first answers from a few runs, further runs chunk by chunk, reports, one bank's year.

A worker is a process of its own, so that a long answer, or one that dies, holds up nobody else.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import signal
import tempfile
import zipfile
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from threadpoolctl import threadpool_limits

from experiments.analysis.case import Case
from experiments.analysis.cost_effectiveness import cost_effectiveness
from experiments.analysis.laboratory import Laboratory
from experiments.analysis.registry import check
from experiments.app.answer import Answer, answer
from experiments.app.frame import Frames
from experiments.app.own import FUTURES, OwnAnswer, Plan, own_answer
from experiments.app.setting import ALL_RUNS, BASE, FIRST_RUNS, PAGE, Question, Setting
from experiments.app.story import Quarter, Story, banks_of, tell
from experiments.config.errors import ConfigError, Refused
from experiments.config.folders import definitions, own_files
from experiments.config.load import compose_study
from experiments.config.scenarios import PolicySettings, ShockSettings
from experiments.config.study import ExecutionSettings, network_quarters
from experiments.failure import StudyFailed
from experiments.labels import LANGUAGES
from experiments.own_bank.template import write_template
from experiments.runs.engine import LAB
from experiments.runs.identity import identify
from experiments.runs.job import Chunk, Job, cut
from experiments.runs.merged import Merged
from experiments.runs.records import ITEM, Packed, pack
from experiments.runs.store import Store

LOG: Final = logging.getLogger("honeycomb.app")
CHUNK_RUNS: Final = 32
STORE_LIMIT: Final = 1500.0  # megabytes of finished chunks that the page keeps, all sessions together
PLANS_KEPT: Final = 64
EXPECTED: Final = (ConfigError, StudyFailed, Refused, ValidationError)


@dataclass(frozen=True)
class View:
    """What of a question is looked at."""

    outcome: str = "index"
    kind: str = "all"


@dataclass(frozen=True)
class Refusal:
    """Why there is no answer, in one sentence."""

    why: str


@dataclass(frozen=True)
class Offer:
    """What the page offers from its start.

    Parameters
    ----------
    shipped : tuple of dict
        Every lever and shock as shipped, by name.
    quarters : tuple of str
        At which networks are kept.
    banks : list of dict
        Every bank of the world.
    futures : dict of str to dict
        That a bank can be tried under, with their titles by language.
    templates : list of str
        Workbooks to fill in, below the files to fetch.
    """

    shipped: tuple[dict[str, PolicySettings], dict[str, ShockSettings]]
    quarters: tuple[str, ...]
    banks: list[dict[str, Any]]
    futures: dict[str, dict[str, str]]
    templates: list[str]


class Work:
    """The tasks of a worker, with what it keeps between them.

    Parameters
    ----------
    place : Path
        Folder of the page: finished chunks, shared by all workers, and files to fetch.
    folders : sequence of str
        Folders of the user's own configuration files.
    """

    def __init__(self, place: Path, folders: Sequence[str] = ()) -> None:
        self.place, self.frames = place, Frames(folders)
        self.store = Store(place / "chunks", user="page")
        self._plans: OrderedDict[Question, list[Chunk]] = OrderedDict()

    def first(self, question: Question, view: View) -> Answer:
        """Answer from a few runs, at once."""
        record = self.frames.record(question, FIRST_RUNS)
        with tempfile.TemporaryDirectory(dir=self.place) as folder:
            file = Path(folder) / "first"
            file.write_bytes(b"".join(pack(file.name, record, with_graphs=False)))
            return self._answer(question, view, [Packed(file, checked=False)])

    def plan(self, question: Question) -> list[Chunk]:
        """The chunks of the whole study, in order."""
        if question not in self._plans:
            settings = self.frames.study(question)
            rows = len(settings.scenarios) * LAB.banks(settings)
            self._plans[question] = list(cut(ALL_RUNS, rows, CHUNK_RUNS * rows, identify(settings).chunks))
            if len(self._plans) > PLANS_KEPT:
                self._plans.popitem(last=False)
        return self._plans[question]

    def further(self, question: Question, view: View, done: int) -> tuple[Answer, int]:
        """Compute the next chunk; answer from all so far, and say how many there are."""
        chunks = self.plan(question)
        Job(LAB, self.frames.study(question), self.store).here(chunks[done])
        names = [chunk.name for chunk in chunks[: done + 1]]
        self.store.use(names)
        answer = self._answer(question, view, [self.store.open(name) for name in names])
        self.store.make_room(STORE_LIMIT)
        return answer, len(chunks)

    def nation(self, question: Question, view: View) -> dict[str, object] | None:
        """What a point of the outcome costs the nation, or why it has no price: a row of `cost_effectiveness`.

        None where it is not priced: what is compared differs by more than levers, or the outcome is not measured so.
        """
        study = self.frames.study(question)
        asked = study.analysis.model_copy(update={"outcome": view.outcome, "bank_kind": view.kind})
        settings = study.model_copy(update={"analysis": asked, "execution": ExecutionSettings(workers=1)})
        try:
            check(settings)
        except StudyFailed:
            return None
        case = Case(settings, Laboratory(settings, self.store))
        return dict(cost_effectiveness(case)["frontier"].iloc[0]) if case.bundles else None

    def _answer(self, question: Question, view: View, chunks: Sequence[Packed]) -> Answer:
        frame = self.frames.of(question.setting)
        aims = [frame.policies[use.name].target for use in question.setting.uses]
        asked = [view.outcome, *(aim.outcome for aim in aims if aim)]
        items = [name for name in asked if name.startswith(ITEM)]
        merged = Merged(chunks, {BASE: BASE, PAGE: BASE}, items)
        return answer(merged, asked, self.frames.reach(question))

    def offer(self) -> Offer:
        """What the page offers from its start; workbooks to fill in are written."""
        folders, frame = self.frames.folders, self.frames.of(Setting())
        shocked = self.frames.of(Setting(shocks=tuple(definitions("shocks", own_files(folders)))))
        futures = compose_study([f"scenarios=[{','.join(FUTURES)}]"], folders).scenarios
        templates = [f"{secrets.token_urlsafe(12)}/bank-{language}.xlsx" for language in LANGUAGES]
        for language, name in zip(LANGUAGES, templates, strict=True):
            write_template(self.place / "files" / name, language)
        return Offer(
            shipped=(frame.policies, {shock.name: shock for shock in shocked.scenario.shocks}),
            quarters=network_quarters(frame.settings),
            banks=banks_of(frame.world),
            futures={one.label: {"en": one.title.en, "zh": one.title.zh} for one in futures},
            templates=templates,
        )

    def year(self, setting: Setting, bank: int, year: int, run: int) -> tuple[Story, tuple[Quarter, ...]]:
        """Tell one bank's year, and its four quarters of all banks."""
        frame = self.frames.of(setting)
        return tell(frame.world, frame.model(setting.uses), bank, year, run)

    def bank(self, path: str, plan: Plan, runs: int, language: str) -> OwnAnswer:
        """Answer for a user's own bank."""
        return own_answer(Path(path), plan, runs, language, self.frames.folders)

    def report(self, question: Question, language: str) -> dict[str, str]:
        """Run the whole study as the command does; the names of its report and of a ZIP file of all it wrote."""
        from experiments.study.run import run_study

        settings = self.frames.composed({**question.config, "report": {"language": language}})
        rows = len(settings.scenarios) * LAB.banks(settings)
        alone = ExecutionSettings(workers=1, chunk_rows=CHUNK_RUNS * rows)
        folder = self.place / "files" / secrets.token_urlsafe(18)
        folder.mkdir(parents=True)
        written = run_study(
            settings.model_copy(update={"execution": alone}), folder / PAGE, store=self.store.root
        )
        (folder / "page.yaml").write_text(question.file(), "utf-8")
        with zipfile.ZipFile(folder / "honeycomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(folder / "page.yaml", "experiment/page.yaml")
            for path in sorted(written.rglob("*")):
                archive.write(path, path.relative_to(folder))
        shutil.copyfile(written / "report.html", folder / "report.html")
        shutil.rmtree(written)
        return {name: f"{folder.name}/{name}" for name in ("report.html", "honeycomb.zip")}


def serve(channel: Connection, place: str, folders: Sequence[str], patient: bool) -> None:
    """Do one task after the other until the channel closes.

    Parameters
    ----------
    channel : Connection
        Brings the name and arguments of a task; takes its result, or a `Refusal`.
    place : str
    folders : sequence of str
    patient : bool
        Give way to other processes.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if patient and hasattr(os, "nice"):
        os.nice(5)
    work = Work(Path(place), folders)
    with threadpool_limits(1):
        while True:
            try:
                name, arguments = channel.recv()
            except EOFError:
                return
            channel.send(_done(work, name, arguments))


def _done(work: Work, name: str, arguments: Sequence[object]) -> object:
    try:
        return getattr(work, name)(*arguments)
    except EXPECTED as error:
        return Refusal(str(error))
    except Exception as error:
        LOG.exception("%s failed", name)
        return Refusal(f"{type(error).__name__}: {error}")
