"""The words of a command line, sorted into flags, verbs and overrides before Hydra sees any of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from experiments.composition.suggestions import nearest
from experiments.faults import Faults

VERBS: Final = ("clean", "replay", "verify")
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
SHOWING: Final = ("--cfg", "--info", "--hydra-help", "--shell-completion")
SWEEPING: Final = ("hydra.sweep", "hydra.launcher", "hydra/launcher")
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
    def shows(self) -> bool:
        """Whether something is to be printed instead of run."""
        return any(flag in self.flags for flag in SHOWING)

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
            faults.add(f"command line:{word}", "is not a known flag", ", ".join(known), nearest(key, known))
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
        faults.add(
            f"command line:{verbs[0][0]}", "stands beside other words", f"{verbs[0][0]}=<path> by itself"
        )
    doing = [flag for flag in DOING if flag in flags]
    if len(doing) > 1:
        faults.add(f"command line:{doing[1]}", f"stands beside {doing[0]}", "one of them")
    if "--package" in flags and "--cfg" not in flags:
        faults.add("command line:--package", "has nothing to show a part of", "--cfg job --package KEY")
    if "--multirun" not in flags and not any(flag in flags for flag in SHOWING):
        for word in overrides:
            if word.lstrip("+").startswith(SWEEPING):
                faults.add(
                    f"command line:{word.partition('=')[0]}", "says how to sweep, without -m", "with -m"
                )
    if "--resolve" in flags and "--cfg" not in flags:
        faults.add("command line:--resolve", "has nothing to resolve", "--cfg job --resolve")


def _valued(key: str, value: str | None, rest: list[str], flags: dict[str, str], faults: Faults) -> None:
    flag = VALUED[key]
    if value is None and rest:
        value = rest.pop(0)
    if not value:
        faults.add(f"command line:{key}", "has no value", f"{flag} VALUE")
    elif flag == "--cfg" and value not in CFG:
        faults.add(f"command line:{key}", f"{value!r} is not known", ", ".join(CFG), nearest(value, CFG))
    else:
        flags[flag] = value
