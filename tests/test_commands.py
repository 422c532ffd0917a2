"""Every command that README, docs, notebooks and configuration files print does what it says, as it is printed."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from experiments import api
from experiments.config import sweep
from experiments.config.errors import Faults
from experiments.config.folders import OwnFiles
from experiments.config.load import compose_study
from tests.commands import PLACEHOLDER, ROOT, SHELL, Command, commands, pages

PRINTED = {page.relative_to(ROOT).as_posix(): commands(page) for page in pages()}
ALL = [command for page in PRINTED.values() for command in page]
PLACED = r"outputs/<study>(/manifest\.json)?"
TAKES = {
    "clean": r"list|all|older:\d+[hdw]|study-[0-9a-f]{8}",
    "compare": rf"{PLACED}(,{PLACED}-replay)?",
    "template": r"(banks:)?(zh:)?[a-z]+\.xlsx",
}
STUDIES = {
    command.text: command
    for command in ALL
    if command.starts_the_lab and not command.is_verb and command.words[:1] not in (["--help"], ["app"])
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that commands name, made as the pages say."""
    place = tmp_path_factory.mktemp("commands")
    (place / "mine" / "bank").mkdir(parents=True)
    shutil.copy(ROOT / "conf" / "bank" / "example.yaml", place / "mine" / "bank" / "ours.yaml")
    for page in ("own_rules", "own_bank_plans"):
        text = (ROOT / "docs" / f"{page}.md").read_text("utf-8")
        ((path, content),) = re.findall(
            r"^```yaml\n# mine/(\w+/\w+\.yaml)\n(.*?)^```", text, re.MULTILINE | re.DOTALL
        )
        (place / "mine" / path).parent.mkdir()
        (place / "mine" / path).write_text(content, "utf-8")
    shutil.copy(ROOT / "data" / "source" / "scores.csv", place / "my_scores.csv")
    shutil.copy(ROOT / "data" / "series" / "margin.csv", place / "my_margin.csv")
    shutil.copytree(ROOT / "data" / "posterior", place / "my_posterior")
    for name, sheet, cells in (
        ("bank", "Bank", {"C2": "Ours", "C3": "rural", "C4": "SD", "C5": "2024Q1", "C6": 30}),
        ("members", "Banks", {"A2": "Ours", "B2": "rural", "C2": "SD", "D2": "2024Q1", "E2": 30}),
    ):
        path = api.template(place / f"{name}.xlsx", many=name == "members")
        book = openpyxl.load_workbook(path)
        for cell, value in cells.items():
            book[sheet][cell] = value
        book.save(path)
    return place


def test_pages_print_commands() -> None:
    assert len(PRINTED["README.md"]) >= 12
    assert len(PRINTED["docs/questions.md"]) >= 25
    assert len(STUDIES) >= 40
    assert {command.page for command in STUDIES.values()} >= {"README.md", "docs/calibration.md"}


@pytest.mark.parametrize("command", STUDIES.values(), ids=lambda command: command.text)
def test_a_study_that_a_page_prints_composes(command: Command, folder: Path) -> None:
    words = [
        re.sub(r"^((calibration|uncertainty|series)\.\w+)=my_", rf"\1={folder}/my_", word)
        for word in command.words
    ]
    words = [re.sub(r"^(bank|banks_file)=(\w+\.xlsx)$", rf"\1={folder}/\2", word) for word in words]
    folders: list[Path] = []
    if words[:1] == ["--config-dir"]:
        folders, words = [folder / words[1]], words[2:]
    if words[:1] == ["-m"]:
        tables = [word.partition("=")[2] for word in words if word.startswith("design=")]
        given = [word for word in words[1:] if not word.startswith("design=")]
        jobs = (
            [job for job, _ in sweep.designed(str(ROOT / tables[0]), given, OwnFiles(), Faults())]
            if tables
            else sweep.jobs(given)
        )
        assert len(jobs) > 1
        compose_study(jobs[0])
        compose_study(jobs[-1])
    else:
        compose_study(words, folders)


@pytest.mark.parametrize(
    "command", [c for c in ALL if not c.starts_the_lab], ids=lambda command: command.text
)
def test_a_shell_command_that_a_page_prints_is_there(command: Command) -> None:
    program, *words = command.words
    assert program in SHELL, f"{command.page} prints {command.text!r}"
    if program == "make":
        targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
        assert {word for word in words if "=" not in word} <= targets
    elif program == "cp":
        assert (ROOT / words[0]).is_file()
    elif "/" in program and not program.startswith(".venv"):
        assert (ROOT / program).is_file()


def test_verbs_are_printed_with_what_they_take() -> None:
    verbs = [command.words[0] for command in ALL if command.is_verb]
    assert {verb.partition("=")[0] for verb in verbs} >= {"replay", "verify"}
    for verb in verbs:
        name, _, value = verb.partition("=")
        takes = TAKES.get(name, PLACED)
        assert re.fullmatch(takes, value), value
        assert value.endswith("manifest.json") == (name == "replay")


@pytest.mark.parametrize("command", ALL, ids=lambda command: command.text)
def test_no_shell_takes_a_word_for_a_pattern(command: Command) -> None:
    """Brackets and braces stand in quotes: zsh refuses ``x=[a,b]``, and a shell may find a file that fits."""
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", "", command.text.replace(PLACEHOLDER, ""))
    assert not re.search(r"[][{}*?<>|;&$()]", bare)


def test_any_python_goes_on_in_the_one_that_make_equipped() -> None:
    """``python simulate.py`` as printed, where ``python`` is one without the lab's packages."""
    system = Path(
        sys.executable
    ).resolve()  # outside the environment, and by -S without what is installed there
    bare = [str(system), "-S", "-E", "simulate.py", "--version"]
    done = subprocess.run(bare, cwd=ROOT, capture_output=True, text=True, check=False)
    if (ROOT / ".venv" / "bin" / "python").is_file():
        assert done.stdout.startswith("honeycomb-lab "), done.stderr
    else:
        assert (
            done.stderr == "No module named 'hydra': `make run` or `make env` installs what the lab needs\n"
        )
