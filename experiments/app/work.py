"""The workers of the page: who waits for them, and what they do, from first answers to whole reports.

A worker is a process of its own, so that a long answer, or one that dies, holds up nobody else. The requests of all
sessions wait in lines, one a session and line.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import secrets
import shutil
import signal
import tempfile
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from threadpoolctl import threadpool_limits

from experiments.analysis.choice import cost_effectiveness
from experiments.analysis.laboratory import Case, Laboratory
from experiments.analysis.registry import check
from experiments.app.answer import (
    FUTURES,
    Answer,
    OwnAnswer,
    Plan,
    Story,
    answer,
    banks_of,
    own_answer,
    year_of,
)
from experiments.app.setting import ALL_RUNS, BASE, FIRST_RUNS, PAGE, Frames, Question, Setting
from experiments.config.errors import ConfigError, Refused, Sentence, sentence, sentence_of
from experiments.config.folders import definitions, own_files
from experiments.config.load import compose_study
from experiments.config.scenarios import PolicySettings, ShockSettings
from experiments.config.study import ExecutionSettings, network_quarters
from experiments.failure import StudyFailed
from experiments.labels import LANGUAGES, Labels
from experiments.own_bank.template import write_template
from experiments.runs.engine import LAB
from experiments.runs.identity import identify
from experiments.runs.merged import Merged
from experiments.runs.records import ITEM, Packed, pack
from experiments.runs.store import Store
from experiments.runs.workers import Chunk, Job, cut

LOG: Final = logging.getLogger("honeycomb.app")
CHUNK_RUNS: Final = 32
STORE_LIMIT: Final = 1500.0  # megabytes of finished chunks that the page keeps, all sessions together
PLANS_KEPT: Final = 64
LONGEST: Final = 180.0  # seconds that one task may take
ENDED: Final = sentence("the computation ended early and was given up; move any control to try again")
SLOW: Final = sentence("the computation took too long and was stopped")
EXPECTED: Final = (ConfigError, StudyFailed, Refused, ValidationError)


@dataclass(frozen=True)
class View:
    """What of a question is looked at."""

    outcome: str = "index"
    kind: str = "all"


@dataclass(frozen=True)
class Refusal:
    """Why there is no answer, in every language of the page."""

    why: Sentence


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
        self.plan = lru_cache(PLANS_KEPT)(self._plan)

    def first(self, question: Question, view: View) -> Answer:
        """Answer from a few runs, at once."""
        record = self.frames.record(question, FIRST_RUNS)
        with tempfile.TemporaryDirectory(dir=self.place) as folder:
            file = Path(folder) / "first"
            file.write_bytes(b"".join(pack(file.name, record, with_graphs=False)))
            return self._answer(question, view, [Packed(file, checked=False)])

    def _plan(self, question: Question) -> list[Chunk]:
        """The chunks of the whole study, in order."""
        settings = self.frames.study(question)
        rows = len(settings.scenarios) * LAB.banks(settings)
        return list(cut(ALL_RUNS, rows, CHUNK_RUNS * rows, identify(settings).chunks))

    def further(self, question: Question, view: View, done: int) -> Answer:
        """Compute the next chunk; answer from all so far."""
        chunks = self.plan(question)
        Job(LAB, self.frames.study(question), self.store).here(chunks[done])
        names = [chunk.name for chunk in chunks[: done + 1]]
        self.store.use(names)
        answer = self._answer(
            question, view, [Packed(self.store.path(name), checked=False) for name in names]
        )
        self.store.make_room(STORE_LIMIT)
        return answer

    def nation(self, question: Question, view: View) -> dict[str, object] | None:
        """What a point of the outcome costs the nation, or why it has no price: a row of `cost_effectiveness`.

        None where it is not priced: what is compared differs by more than levers, or the outcome is not measured so.
        """
        study = self.frames.study(question)
        analysis = study.analysis.model_copy(update={"outcome": view.outcome, "bank_kind": view.kind})
        settings = study.model_copy(update={"analysis": analysis, "execution": ExecutionSettings(workers=1)})
        try:
            check(settings)
        except StudyFailed:
            return None
        case = Case(settings, Laboratory(settings, self.store))
        return dict(cost_effectiveness(case)["frontier"].iloc[0]) if case.bundles else None

    def _answer(self, question: Question, view: View, chunks: Sequence[Packed]) -> Answer:
        frame = self.frames.of(question.setting)
        aims = [frame.policies[use.name].target for use in question.setting.uses]
        outcomes = [view.outcome, *(aim.outcome for aim in aims if aim)]
        items = [name for name in outcomes if name.startswith(ITEM)]
        merged = Merged(chunks, {BASE: BASE, PAGE: BASE}, items)
        return answer(merged, outcomes, self.frames.reach(question))

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

    def year(self, setting: Setting, bank: int, year: int, run: int, language: str) -> Story:
        """Tell one bank's year, and its four quarters of all banks."""
        frame = self.frames.of(setting)
        return year_of(frame.world, frame.model(setting.uses), bank, year, run, Labels(language))

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
            channel.send(_perform(work, name, arguments))


def _perform(work: Work, name: str, arguments: Sequence[object]) -> object:
    try:
        return getattr(work, name)(*arguments)
    except EXPECTED as error:
        return Refusal(sentence_of(error))
    except Exception as error:
        LOG.exception("%s failed", name)
        text = f"{type(error).__name__}: {error}"
        return Refusal(Sentence(text, text))


# ------------------------------------------------------------ who waits for them


@dataclass(frozen=True)
class Request:
    """One task for a worker.

    Parameters
    ----------
    task : str
        A method of `Work`.
    arguments : tuple
    then : callable
        Takes the result or a `Refusal`, and gives the request that follows, if any; it runs in a thread of the line.
    """

    task: str
    arguments: tuple[Any, ...]
    then: Callable[[Any], Request | None]


class Line:
    """A line of sessions, each with at most one request, and the workers that take them in turn.

    A newer request of a session takes the place of its older one.

    Parameters
    ----------
    workers : int
    place : Path
        Folder of the page.
    folders : sequence of str
        Folders of the user's own configuration files.
    patient : bool
        Whether the workers give way to other processes.
    """

    def __init__(self, workers: int, place: Path, folders: Sequence[str] = (), patient: bool = False) -> None:
        self.start = (str(place), tuple(folders), patient)
        self.waiting: OrderedDict[str, Request] = OrderedDict()
        self.change = threading.Condition()
        self.closed = False
        self.workers = [Worker(self) for _ in range(workers)]
        for worker in self.workers:
            worker.start()

    def ask(self, session: str, request: Request) -> None:
        """Put a request in the line, in the place of an older one of the session."""
        with self.change:
            self.waiting[session] = request
            self.change.notify()

    def forget(self, session: str) -> None:
        """Drop what a session still waits for."""
        with self.change:
            self.waiting.pop(session, None)

    def take(self) -> tuple[str, Request] | None:
        """Wait for the next request; None once the line is closed."""
        with self.change:
            while not self.waiting and not self.closed:
                self.change.wait()
            return None if self.closed else self.waiting.popitem(last=False)

    def follow(self, session: str, request: Request | None) -> None:
        """Put a following request at the end of the line, unless the session has asked something else meanwhile."""
        with self.change:
            if request is not None and session not in self.waiting:
                self.waiting[session] = request
                self.change.notify()

    def close(self) -> None:
        """End the workers."""
        with self.change:
            self.closed = True
            self.change.notify_all()
        for worker in self.workers:
            worker.end()


class Worker(threading.Thread):
    """A thread that hands requests to a process of its own, and starts another one when that has gone."""

    def __init__(self, line: Line) -> None:
        super().__init__(daemon=True, name="honeycomb-page-worker")
        self.line = line
        self.process: Any = None
        self.channel: Any = None

    def run(self) -> None:
        """See to one request after the other."""
        self._begin()
        while (taken := self.line.take()) is not None:
            session, request = taken
            result = self._result(request)
            try:
                self.line.follow(session, request.then(result))
            except Exception:  # of one session, which the others must not notice
                LOG.exception("an answer could not be handed on")

    def _result(self, request: Request) -> object:
        for _ in range(2):  # a process may have been killed while it was idle, or by another's doing
            try:
                self.channel.send((request.task, request.arguments))
                if self.channel.poll(LONGEST):
                    return self.channel.recv()
                self._again()
                return Refusal(SLOW)
            except (EOFError, OSError):
                if self.line.closed:
                    break
                self._again()
        return Refusal(ENDED)

    def _begin(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.channel, other = context.Pipe()
        self.process = context.Process(target=serve, args=(other, *self.line.start), daemon=True)
        self.process.start()
        other.close()

    def _again(self) -> None:
        self.end()
        self._begin()

    def end(self) -> None:
        """Stop the process, whatever it is doing."""
        if self.process is not None and self.process.is_alive():
            self.process.kill()
            self.process.join()
        if self.channel is not None:
            self.channel.close()
