"""Lines and workers: one request a session, and a worker that dies harms nobody else."""

import os
import signal
import threading
from types import SimpleNamespace

import pytest

from experiments.app.setting import Question, Setting, Use
from experiments.app.work import ENDED, Line, Refusal, Request, View, Worker, _perform
from experiments.config.errors import ConfigError, Refused, sentence
from experiments.failure import StudyFailed


class Idle(Line):
    """A line without workers."""

    def __init__(self):
        self.waiting, self.change, self.closed, self.workers = {}, threading.Condition(), False, []
        from collections import OrderedDict

        self.waiting = OrderedDict()


def request(task: str) -> Request:
    return Request(task, (), lambda _: None)


def test_a_newer_request_takes_the_place_of_the_older_one_of_its_session():
    line = Idle()
    for session, task in (("a", "first"), ("b", "first"), ("a", "again")):
        line.ask(session, request(task))
    taken = [line.take() for _ in range(2)]
    assert [(session, one.task) for session, one in taken] == [("a", "again"), ("b", "first")]


def test_what_follows_waits_behind_others_and_not_before_something_newer():
    line = Idle()
    line.ask("a", request("newer"))
    line.follow("a", request("further"))
    line.follow("b", request("further"))
    line.follow("b", None)
    assert [one.task for one in line.waiting.values()] == ["newer", "further"]
    line.forget("a")
    assert list(line.waiting) == ["b"]
    line.close()
    assert line.take() is None


def test_an_answer_that_cannot_be_handed_on_ends_no_worker(monkeypatch):
    line, heard = Idle(), []

    def gone(result):
        raise AttributeError("the document of a reader who has left")

    def there(result):
        heard.append(result)
        line.close()

    worker = Worker(line)
    monkeypatch.setattr(worker, "_begin", lambda: None)
    monkeypatch.setattr(worker, "_result", lambda request: request.task)
    line.ask("left", Request("first", (), gone))
    line.ask("stays", Request("second", (), there))
    worker.run()
    assert heard == ["second"]


@pytest.mark.slow
def test_a_killed_worker_is_replaced_and_its_request_answered(tmp_path):
    line = Line(1, tmp_path)
    try:
        question = Question.about(Setting((Use("alliances", 0.5),)))
        for kill in (False, True):
            heard, found = threading.Event(), []

            def then(result, found=found, heard=heard):
                found.append(result)
                heard.set()

            if kill:
                os.kill(line.workers[0].process.pid, signal.SIGKILL)
            line.ask("a", Request("first", (question, View()), then))
            assert heard.wait(120)
            assert not isinstance(found[0], Refusal), found[0]
            assert found[0].runs > 0
    finally:
        line.close()


UNKNOWN = sentence("{} is not known", "x")


@pytest.mark.parametrize(
    ("error", "english", "chinese"),
    [
        (Refused(UNKNOWN), UNKNOWN.en, UNKNOWN.zh),
        (
            ConfigError([Refused(UNKNOWN, "y").at("bank")]),
            f"bank: {UNKNOWN.en}; allowed y",
            f"bank: {UNKNOWN.zh}；可用：y",
        ),
        (StudyFailed(UNKNOWN), UNKNOWN.en, UNKNOWN.zh),
        (OSError("gone"), "OSError: gone", "OSError: gone"),
    ],
)
def test_a_refusal_is_told_in_the_language_of_the_page(error, english, chinese):
    def failing():
        raise error

    why = _perform(SimpleNamespace(first=failing), "first", ()).why
    assert (why.spoken("en"), why.spoken("zh")) == (english, chinese)


@pytest.mark.slow
def test_a_task_that_fails_is_said_and_its_worker_lives_on(tmp_path):
    line = Line(1, tmp_path)
    try:
        for _ in range(2):
            heard, found = threading.Event(), []

            def then(result, found=found, heard=heard):
                found.append(result)
                heard.set()

            line.ask("a", Request("year", (Setting(), 10**9, 2021, 0, "en"), then))
            assert heard.wait(120)
            assert isinstance(found[0], Refusal)
            assert found[0].why != ENDED
            process = line.workers[0].process.pid
        assert process == line.workers[0].process.pid
        assert line.workers[0].process.is_alive()
    finally:
        line.close()
