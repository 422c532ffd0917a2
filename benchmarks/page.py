"""Time the page in a real browser: ``python -m benchmarks.page [--moves N] [--sessions N] [--json FILE]``.

From the moment a slider moves to the moment the figures hold the new answer, for one reader in a browser; then, without
one, how long so many readers wait who all move a slider at once, and how much memory they take. A machine with other
work answers later: the load is printed beside the times.
"""

import argparse
import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.memory import family, held
from benchmarks.reader import Reader
from experiments.results.statistics import quantile

MOVED = """async ([form, name, value]) => {
  const slider = form.querySelector(`#strength-${name}`);
  const before = Number(form.dataset.answers || 0), start = performance.now();
  slider.value = value;
  slider.dispatchEvent(new Event('input'));
  while (Number(form.dataset.answers || 0) === before) await new Promise(requestAnimationFrame);
  return performance.now() - start;
}"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument("--moves", type=int, default=60, help="of the slider")
    parser.add_argument("--sessions", type=int, default=50, help="that are opened beside it")
    parser.add_argument(
        "--json", type=Path, default=Path("build/benchmark_page.json"), help="where the numbers go"
    )
    options = parser.parse_args()
    words = ["app", "--no-browser", "--port=5099", f"--sessions={options.sessions + 1}"]
    command = [sys.executable, "simulate.py", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            link = process.stdout.readline().strip()
            found: dict[str, Any] = {"slider_ms": _moves(link, options.moves)}
            _, taken = asyncio.run(crowd(link, process.pid, options.sessions))
        finally:
            process.terminate()
    low, middle, high = quantile(np.array(found["slider_ms"]), (0.05, 0.5, 0.95))
    load = f"{len(found['slider_ms'])} moves, load {os.getloadavg()[0]:.1f}"
    print(f"slider to figure: median {middle:.0f} ms, 95 % {high:.0f} ms ({load})")
    print(told(taken))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps(found | taken | {"p05": low, "p50": middle, "p95": high}, indent=2)
    options.json.write_text(f"{content}\n", encoding="utf-8")


def _moves(link: str, number: int) -> list[float]:
    """Milliseconds from a slider's move to its answer; the runs that follow an answer are given a moment to start."""
    from playwright.sync_api import sync_playwright

    found = []
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.goto(f"{link}?lang=en&data_sharing=1&union_reform=1")
        page.locator("#told", has_text=re.compile("runs")).wait_for(timeout=120_000)
        page.wait_for_timeout(1000)
        form = page.locator("form.controls").first.element_handle()
        for move in range(number):
            strength = 0.05 + 0.05 * (7 * move % 38)
            found.append(float(page.evaluate(MOVED, [form, "data_sharing", strength])))
            page.wait_for_timeout(200)
        browser.close()
    return found


async def crowd(link: str, server: int, number: int) -> tuple[list[Reader], dict[str, float]]:
    """Let so many readers open the page and then all move a slider at once.

    Returns
    -------
    list of Reader
        They stay as long as they are held.
    dict of str to float
        Seconds to open all pages, to the first and to the last answer; megabytes of the server that each reader takes,
        and all that the server and its workers hold at the end.
    """
    first = await Reader(link).open()
    await first.move(alliances="0.3")
    before, start = held(server), time.monotonic()
    readers = [first, *[await Reader(link).open() for _ in range(number - 1)]]
    opened = time.monotonic() - start
    waits = await asyncio.gather(
        *(reader.move(alliances=f"{place / number:.2f}") for place, reader in enumerate(readers, 1))
    )
    return readers, {
        "sessions": number,
        "open_s": opened,
        "first_s": min(waits),
        "last_s": max(waits),
        "session_mb": (held(server) - before) / max(number - 1, 1),
        "all_mb": sum(map(held, (server, *family(server)))),
    }


def told(taken: dict[str, float]) -> str:
    """What `crowd` has measured, in a line."""
    return (
        "{sessions} sessions: {open_s:.1f} s to open; of as many answers at once the first after {first_s:.1f} s, "
        "the last after {last_s:.1f} s; {session_mb:.1f} MB each, {all_mb:.0f} MB in all, workers included"
    ).format(**taken)


if __name__ == "__main__":
    main()
