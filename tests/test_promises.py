"""The promises of a study in small versions of the programs that try them, and the page that reports the large ones."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from stress.__main__ import FULL, SMALL, replace

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_the_promise_holds(name: str) -> None:
    command = [sys.executable, "-m", f"stress.{name}", *SMALL[name]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "promise kept" in done.stdout


def test_every_program_has_its_figures_on_the_page(tmp_path: Path) -> None:
    page = tmp_path / "promises.md"
    page.write_text((ROOT / "docs" / "promises.md").read_text("utf-8"), encoding="utf-8")
    for name in FULL:
        replace(page, f"python -m stress.{name} --more 7", "figures of today")
    assert page.read_text("utf-8").count("figures of today\n```") == len(FULL)


def test_what_the_pages_tell_to_run_is_run_again_by_reproduce() -> None:
    script = (ROOT / "reproduce.sh").read_text("utf-8")
    calibration = (ROOT / "docs" / "calibration.md").read_text("utf-8")
    for name in re.findall(r"^python simulate.py experiment=(\w+)(?:\s+#.*)?$", calibration, re.MULTILINE):
        assert re.search(rf"for part in [\w ]*\b{name}\b", script), name
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    written = {"calibration", "odd", "promises", "questions", "README"}
    # Written by hand: no numbers of the lab's own, or numbers that a test holds to their tables.
    said = {"configuration", "model", "own_bank", "own_bank_plans", "own_rules", "page", "results", "scale"}
    said |= {"tutorial_academic", "tutorial_bank", "tutorial_policy", "overview", "other_tools"}
    assert {page.stem for page in pages} <= written | said
    assert subprocess.run(["bash", "-n", ROOT / "reproduce.sh"], check=False).returncode == 0
