"""Who waits for what: requests of all sessions, one a session and line, and the workers that see to them."""

from __future__ import annotations

import logging
import multiprocessing
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from experiments.app.work import Refusal, serve

LOG: Final = logging.getLogger("honeycomb.app")
LONGEST: Final = 180.0  # seconds that one task may take
ENDED: Final = "the computation ended early and was given up; move any control to try again"
SLOW: Final = "the computation took too long and was stopped"


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
