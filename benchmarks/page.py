"""Time the page in a real browser: ``python -m benchmarks.page [--moves N] [--sessions N] [--json FILE]``.

From the moment a slider moves to the moment the figures hold the new answer, for one reader; then how much memory and
time so many more sessions take.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np

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
            found = {"slider_ms": _moves(link, options.moves)} | _sessions(
                link, process.pid, options.sessions
            )
        finally:
            process.terminate()
    low, middle, high = quantile(np.array(found["slider_ms"]), (0.05, 0.5, 0.95))
    load = f"{len(found['slider_ms'])} moves, load {os.getloadavg()[0]:.1f}"
    print(f"slider to figure: median {middle:.0f} ms, 95 % {high:.0f} ms ({load})")
    print(
        f"{options.sessions} sessions: {found['sessions_s']:.1f} s to open, {found['session_mb']:.1f} MB each"
    )
    options.json.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps(found | {"p05": low, "p50": middle, "p95": high}, indent=2)
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


def _sessions(link: str, server: int, number: int) -> dict[str, Any]:
    """Seconds to open so many sessions one after the other, and megabytes of the server that each takes."""
    before, start = _memory(server), time.monotonic()
    for _ in range(number):
        with urllib.request.urlopen(link) as page:
            page.read()
    size = (_memory(server) - before) / max(number, 1)
    return {"sessions": number, "sessions_s": time.monotonic() - start, "session_mb": size}


def _memory(process: int) -> float:
    """Megabytes that a process holds."""
    status = Path(f"/proc/{process}/status").read_text("utf-8")
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else float("nan")


if __name__ == "__main__":
    main()
