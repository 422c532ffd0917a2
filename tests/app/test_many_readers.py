"""Fifty readers at once, one that does not read, workers that are killed: nobody else notices."""

import asyncio
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.app.browser import ROOT, served
from tests.app.reader import Reader, family, megabytes

pytestmark = pytest.mark.slow
READERS = 50
MOST_MEGABYTES = 20.0  # of the server for one reader more
MOST_WAIT = 150.0  # seconds for the last of fifty answers, on two cores that do other work


def test_fifty_readers_are_answered_at_once_within_bounds_and_one_more_is_told():
    async def play(link: str, server: int) -> None:
        first = await Reader(link).open()
        await first.move(alliances="0.3")
        before = megabytes(server)
        readers = [first, *[await Reader(link).open() for _ in range(READERS - 1)]]
        with pytest.raises(AssertionError, match="in use by as many sessions"):
            await Reader(link).open()
        start = time.monotonic()
        moves = [reader.move(alliances=f"{place / READERS:.2f}") for place, reader in enumerate(readers, 1)]
        waits = await asyncio.gather(*moves)
        whole = time.monotonic() - start
        grown = (megabytes(server) - before) / (READERS - 1)
        print(
            f"{READERS} answers in {whole:.1f} s, the first after {min(waits):.1f} s; {grown:.1f} MB a reader"
        )
        assert whole < MOST_WAIT
        assert grown < MOST_MEGABYTES

    with served(f"--sessions={READERS}") as link:
        asyncio.run(play(link, _server()))


def test_a_reader_who_does_not_read_and_a_killed_worker_harm_no_other():
    async def play(link: str, server: int) -> None:
        command = [sys.executable, "-m", "tests.app.reader", link]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as slow:
            assert slow.stdout is not None
            assert slow.stdout.readline() == "moving\n"
            time.sleep(2.0)
            slow.send_signal(signal.SIGSTOP)  # its socket fills up from now on
            before = megabytes(server)
            try:
                reader = await Reader(link).open()
                for strength in ("0.2", "0.4", "0.6"):
                    await reader.move(union_reform=strength)
                for worker in family(server):
                    os.kill(worker, signal.SIGKILL)
                await reader.move(union_reform="0.8")
                assert megabytes(server) - before < 3 * MOST_MEGABYTES
            finally:
                slow.kill()
        await reader.move(union_reform="1")  # and after it has gone

    with served() as link:
        asyncio.run(play(link, _server()))


def _server() -> int:
    """The page's process among those that this one has started."""
    return max(family(os.getpid()))
