"""A page served for tests, and a real browser to look at it; what it cannot find is said, and the test is skipped."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """Path of the system's Chromium; without one the test is skipped."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"no browser is installed ({', '.join(BROWSERS)}): apt-get install chromium")
    return found


def free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return int(place.getsockname()[1])


@contextmanager
def served(*words: str):
    """The address of a page served by the command."""
    port = free_port()
    command = [sys.executable, "simulate.py", "app", "--no-browser", f"--port={port}", *words]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=os.environ | {"COLUMNS": "80"}
    )
    try:
        assert process.stdout is not None
        link = process.stdout.readline().strip()
        assert re.fullmatch(rf"http://[\w.]+:{port}/(\?token=\S+)?", link), link
        yield link
    finally:
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(20) == 0
        finally:
            process.kill()
            process.stdout.close()


@contextmanager
def watched(browser, width: int = 1280, **given):
    """A tab, with what went wrong in it and what it asked of others than this machine."""
    context = browser.new_context(viewport={"width": width, "height": 1000}, accept_downloads=True, **given)
    context.set_default_timeout(180_000)  # a machine with other work answers late
    page = context.new_page()
    wrong: list[str] = []
    page.on(
        "console",
        lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: wrong.append(str(error)))
    inside = ("http://127.0.0.1:", "ws://127.0.0.1:", "blob:http://127.0.0.1:", "data:")
    page.on(
        "request", lambda request: wrong.append(request.url) if not request.url.startswith(inside) else None
    )
    page.on(
        "websocket", lambda socket: wrong.append(socket.url) if not socket.url.startswith(inside) else None
    )
    yield page, wrong
    context.close()


def answered(page, runs: int = 4, within: float = 240.0) -> str:
    """Wait until an answer of at least so many runs is shown; what the progress says."""
    ends = time.monotonic() + within
    while time.monotonic() < ends:
        told = page.locator("#told").inner_text()
        found = re.search(r"\d+", told)
        if found and int(found[0]) >= runs:
            return told
        page.wait_for_timeout(100)
    raise AssertionError(f"no answer within {within} s: {told!r}")
