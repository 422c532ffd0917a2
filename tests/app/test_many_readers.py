"""Fifty readers at once, one that does not read, workers that are killed: nobody else notices."""

import asyncio
import os
import signal
import subprocess
import sys
import time

import pytest

from benchmarks.memory import family, held
from benchmarks.page import crowd, told
from benchmarks.reader import Reader
from tests.app.browser import ROOT, served

pytestmark = pytest.mark.slow
READERS = 50
MOST_MEGABYTES = 20.0  # of the server for one reader more
MOST_WAIT = 150.0  # seconds for the last of fifty answers, on two cores that do other work


def test_fifty_readers_are_answered_at_once_within_bounds_and_one_more_is_told():
    async def play(link: str, server: int) -> None:
        readers, taken = await crowd(link, server, READERS)
        with pytest.raises(AssertionError, match="in use by as many sessions"):
            await Reader(link).open()
        print(told(taken))
        assert len(readers) == READERS
        assert taken["last_s"] < MOST_WAIT
        assert taken["session_mb"] < MOST_MEGABYTES

    with served(f"--sessions={READERS}") as link:
        asyncio.run(play(link, _server()))


def test_a_reader_who_does_not_read_and_a_killed_worker_harm_no_other():
    async def play(link: str, server: int) -> None:
        command = [sys.executable, "-m", "benchmarks.reader", link]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as slow:
            assert slow.stdout is not None
            assert slow.stdout.readline() == "moving\n"
            time.sleep(2.0)
            slow.send_signal(signal.SIGSTOP)  # its socket fills up from now on
            before = held(server)
            try:
                reader = await Reader(link).open()
                for strength in ("0.2", "0.4", "0.6"):
                    await reader.move(union_reform=strength)
                for worker in family(server):
                    os.kill(worker, signal.SIGKILL)
                await reader.move(union_reform="0.8")
                assert held(server) - before < 3 * MOST_MEGABYTES
            finally:
                slow.kill()
        await reader.move(union_reform="1")  # and after it has gone

    with served() as link:
        asyncio.run(play(link, _server()))


def _server() -> int:
    """The page's process among those that this one has started."""
    return max(family(os.getpid()))
