"""The commands that the pages print: found in the pages themselves, and those of README.md run.

``python -m tests.commands`` does what README.md says after ``make run``; it needs nothing but what a study needs.
Studies are small then; with ``--whole`` they are as printed.
"""

import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LAB = ("python simulate.py", ".venv/bin/python simulate.py", "honeycomb")
SHELL = ("make", "mkdir", "cp", "pip", ".ci/run", "./reproduce.sh", ".venv/bin/pre-commit")
VERBS = ("replay=", "verify=", "compare=", "clean", "template=", "redact=", "purge=")
PLACEHOLDER = "outputs/<study>"
# What makes any study small without changing what it asks for.
SMALL = ("replicates=2", "end=2028Q4", "outputs.figures=[svg]")


@dataclass(frozen=True)
class Command:
    """One command of one page."""

    page: str
    text: str

    @property
    def starts_the_lab(self) -> bool:
        return self.text.startswith(LAB)

    @property
    def words(self) -> list[str]:
        """The words after the name of the lab, or all of them for a command of the shell."""
        name = next((name for name in LAB if self.text.startswith(name)), "")
        return shlex.split(self.text.removeprefix(name))

    @property
    def is_verb(self) -> bool:
        """Whether it looks at what is there and makes no study."""
        return self.starts_the_lab and self.words[:1] != [] and self.words[0].startswith(VERBS)


def pages() -> list[Path]:
    """Every page and file that prints commands for people."""
    kinds = ("*.md", "docs/**/*.md", "data/**/*.md", "conf/**/*.yaml", "notebooks/*.py")
    return sorted(path for kind in kinds for path in ROOT.glob(kind))


def commands(page: Path) -> list[Command]:
    """The commands of a page, each once, in order."""
    text = page.read_text("utf-8")
    lines = (_in_blocks(text) + _in_prose(text)) if page.suffix == ".md" else _in_comments(text)
    return [Command(page.relative_to(ROOT).as_posix(), line) for line in dict.fromkeys(lines)]


def _in_blocks(text: str) -> list[str]:
    """Lines of the fenced blocks that a shell reads."""
    fenced = re.findall(r"^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    blocks = [block for language, block in fenced if language in ("", "sh", "bash", "console")]
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    parts = [part for line in lines for part in re.sub(r"(^|\s+)#.*", "", line).split("&&")]
    return [" ".join(part.split()).removeprefix("$ ") for part in parts if part.strip()]


def _in_prose(text: str) -> list[str]:
    """Code in the lines of prose and tables that starts like a command."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    codes = [" ".join(code.split()) for code in re.findall(r"`([^`\n]+(?:\n[^`\n]+)?)`", prose)]
    starts = tuple(f"{name} " for name in (*LAB, "make", "pip"))
    return [code for code in codes if code.startswith(starts) or code in LAB[:2]]


def _in_comments(text: str) -> list[str]:
    """Commands in comments, up to the first word that is none of theirs; they may go on in the next line."""
    comments = " ".join(
        line.lstrip("# ").strip() if line.lstrip().startswith("#") else "\n" for line in text.splitlines()
    )
    printed = []
    for after in comments.split("python simulate.py ")[1:]:
        words: list[str] = []
        for word in after.partition("\n")[0].partition("`")[0].split():
            if not (word.startswith("-") or "=" in word or words[-1:] == ["--config-dir"]):
                break
            words.append(word)
        printed.append(" ".join(["python simulate.py", *words]))
    return printed


def run(page: Path, more: tuple[str, ...]) -> None:
    """Do what a page says, in order, from the repository's folder; stop where something fails.

    Parameters
    ----------
    page : Path
    more : tuple of str
        Words added to every study.
    """
    study = ""
    for command in commands(page):
        if command.starts_the_lab and command.words[:1] == ["app"]:
            continue  # a page stays open until it is closed; it is seen elsewhere
        if command.starts_the_lab:
            words = [word.replace(PLACEHOLDER, study) for word in command.words]
            call = [sys.executable, "simulate.py", *words, *(() if command.is_verb else more)]
        elif command.words[0] in ("mkdir", "cp"):
            call = command.words
        else:  # what make and pip do is seen elsewhere
            continue
        print(f"-- {command.text}", flush=True)
        done = subprocess.run(call, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        last = Path((done.stdout.splitlines() or [""])[-1])
        if last.name == "report.html" and (ROOT / last).is_file():
            study = last.parent.as_posix()


if __name__ == "__main__":
    run(ROOT / "README.md", () if "--whole" in sys.argv else SMALL)
