"""The words of a command line, sorted into flags, verbs and overrides before Hydra sees any of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from experiments.config.errors import COMMAND_LINE, Faults
from experiments.config.names import nearest
from experiments.config.numbers import unknown
from experiments.config.sentences import Sentence

VERBS: Final = ("clean", "compare", "purge", "redact", "replay", "template", "verify")
INFO: Final = ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath")
SIMPLE: Final = {
    "--help": "--help",
    "-h": "--help",
    "--version": "--version",
    "--multirun": "--multirun",
    "-m": "--multirun",
    "--run": "--run",
    "-r": "--run",
    "--resolve": "--resolve",
    "--hydra-help": "--hydra-help",
    "--shell-completion": "--shell-completion",
    "-sc": "--shell-completion",
}
VALUED: Final = {
    "--cfg": "--cfg",
    "-c": "--cfg",
    "--package": "--package",
    "-p": "--package",
    "--config-dir": "--config-dir",
    "-cd": "--config-dir",
}
INFORMED: Final = ("--info", "-i")
DOING: Final = ("--run", "--multirun", "--cfg", "--info", "--hydra-help", "--shell-completion")
SHOWING: Final = ("--cfg", "--info", "--hydra-help", "--shell-completion", "--help")
SWEEPING: Final = ("hydra.sweep", "hydra.launcher", "hydra/launcher", "hydra/sweeper")
CFG: Final = ("job", "hydra", "all")


@dataclass(frozen=True)
class Arguments:
    """A command line, sorted.

    `flags` are in Hydra's long form with their values; `verb` is a key and its path, or None.
    """

    flags: dict[str, str]
    verb: tuple[str, str] | None
    overrides: tuple[str, ...]

    @property
    def folders(self) -> tuple[str, ...]:
        """Folders of the user's own groups."""
        return (self.flags["--config-dir"],) if "--config-dir" in self.flags else ()


def sort(words: Sequence[str], faults: Faults) -> Arguments:
    """Sort the words of a command line.

    Parameters
    ----------
    words : sequence of str
        Without the name of the program.
    faults : Faults
        Grows by unknown flags, missing values and verbs in company.

    Returns
    -------
    Arguments
        What could be understood.
    """
    flags: dict[str, str] = {}
    overrides: list[str] = []
    verbs: list[tuple[str, str]] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        key, _, value = word.partition("=")
        if word in SIMPLE:
            flags[SIMPLE[word]] = ""
        elif word in INFORMED:
            flags["--info"] = rest.pop(0) if rest and rest[0] in INFO else "all"
        elif key in VALUED:
            _valued(key, value if "=" in word else None, rest, flags, faults)
        elif word.startswith("-"):
            known = (*SIMPLE, *VALUED, *INFORMED)
            what = Sentence("is not a known flag", "不是已知的选项")
            faults.add(f"{COMMAND_LINE}:{word}", what, ", ".join(known), nearest(key, known))
        elif key in VERBS:
            verbs.append((key, value))
        else:
            overrides.append(word)
    _in_company(flags, verbs, overrides, faults)
    return Arguments(flags, verbs[0] if verbs else None, tuple(overrides))


def _in_company(
    flags: dict[str, str], verbs: list[tuple[str, str]], overrides: list[str], faults: Faults
) -> None:
    """Note words that cannot stand beside the others, or that say nothing without another."""
    if verbs and (len(verbs) > 1 or overrides or flags):
        verb = verbs[0][0]
        what = Sentence("stands beside other words", "与其他词同时出现")
        faults.add(
            f"{COMMAND_LINE}:{verb}", what, Sentence(f"{verb}=<path> by itself", f"单独的 {verb}=<路径>")
        )
    doing = [flag for flag in DOING if flag in flags]
    if len(doing) > 1:
        what = Sentence(f"stands beside {doing[0]}", f"与 {doing[0]} 同时出现")
        faults.add(f"{COMMAND_LINE}:{doing[1]}", what, Sentence("one of them", "其中之一"))
    if "--package" in flags and "--cfg" not in flags:
        what = Sentence("has nothing to show a part of", "没有可显示的部分")
        faults.add(f"{COMMAND_LINE}:--package", what, "--cfg job --package KEY")
    if "--multirun" not in flags and not any(flag in flags for flag in SHOWING):
        for word in overrides:
            if word.lstrip("+").startswith(SWEEPING):
                what = Sentence("says how to sweep, without -m", "说明如何批量运行，但没有 -m")
                faults.add(f"{COMMAND_LINE}:{word.partition('=')[0]}", what, Sentence("with -m", "带 -m"))
    if "--multirun" in flags and any(word.startswith("hydra.run.dir=") for word in overrides):
        what = Sentence("is the folder of one run, beside -m", "是单次运行的文件夹，却带 -m")
        faults.add(f"{COMMAND_LINE}:hydra.run.dir", what, "hydra.sweep.dir", "hydra.sweep.dir=...")
    if "--resolve" in flags and "--cfg" not in flags:
        what = Sentence("has nothing to resolve", "没有可解析的内容")
        faults.add(f"{COMMAND_LINE}:--resolve", what, "--cfg job --resolve")


def _valued(key: str, value: str | None, rest: list[str], flags: dict[str, str], faults: Faults) -> None:
    flag = VALUED[key]
    if value is None and rest:
        value = rest.pop(0)
    if not value:
        faults.add(f"{COMMAND_LINE}:{key}", Sentence("has no value", "没有值"), f"{flag} VALUE")
    elif flag == "--cfg" and value not in CFG:
        faults.add(f"{COMMAND_LINE}:{key}", unknown(value), ", ".join(CFG), nearest(value, CFG))
    else:
        flags[flag] = value
