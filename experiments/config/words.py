"""The words of a command line: its help; sorted, checked one by one as data, and in Hydra's grammar."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Glob, Override
from hydra.errors import HydraException

from experiments.config import bank_file, names
from experiments.config.errors import Faults, sentence, typed
from experiments.config.folders import GROUP_OF, SHIPPED, OwnFiles, definitions, groups
from experiments.config.reading import dangers
from experiments.location import COMMAND, CONF

VERBS: Final = ("clean", "compare", "purge", "redact", "replay", "template", "verify")
INFO: Final = ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath")
SIMPLE: Final = {
    "--help": "--help", "-h": "--help", "--version": "--version", "--multirun": "--multirun",
    "-m": "--multirun", "--run": "--run", "-r": "--run", "--resolve": "--resolve",
    "--hydra-help": "--hydra-help", "--shell-completion": "--shell-completion", "-sc": "--shell-completion",
}  # fmt: skip
VALUED: Final = {
    "--cfg": "--cfg", "-c": "--cfg", "--package": "--package", "-p": "--package",
    "--config-dir": "--config-dir", "-cd": "--config-dir",
}  # fmt: skip
INFORMED: Final = ("--info", "-i")
DOING: Final = ("--run", "--multirun", "--cfg", "--info", "--hydra-help", "--shell-completion")
SHOWING: Final = ("--cfg", "--info", "--hydra-help", "--shell-completion", "--help")
SWEEPING: Final = ("hydra.sweep", "hydra.launcher", "hydra/launcher", "hydra/sweeper", "design=")
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
    faults = faults.placed(typed)
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
            faults.unknown(word, key, known, sentence("is not a known flag"))
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
        faults.at(verb, sentence("stands beside other words"), sentence("{}=<path> by itself", verb))
    doing = [flag for flag in DOING if flag in flags]
    if len(doing) > 1:
        faults.at(doing[1], sentence("stands beside {}", doing[0]))
    if "--package" in flags and "--cfg" not in flags:
        faults.at("--package", sentence("has nothing to show a part of"))
    if "--multirun" not in flags and not any(flag in flags for flag in SHOWING):
        for word in overrides:
            if word.lstrip("+").startswith(SWEEPING):
                faults.at(word.partition("=")[0], sentence("says how to sweep, without -m"))
    if "--multirun" in flags and any(word.startswith("hydra.run.dir=") for word in overrides):
        what = sentence("is the folder of one run, beside -m")
        faults.at("hydra.run.dir", what, suggestion="hydra.sweep.dir=...")
    if "--resolve" in flags and "--cfg" not in flags:
        faults.at("--resolve", sentence("has nothing to resolve"))


def _valued(key: str, value: str | None, rest: list[str], flags: dict[str, str], faults: Faults) -> None:
    flag = VALUED[key]
    if value is None and rest:
        value = rest.pop(0)
    if not value:
        faults.at(key, sentence("has no value"), f"{flag} VALUE")
    elif flag == "--cfg" and value not in CFG:
        faults.unknown(key, value, CFG)
    else:
        flags[flag] = value


# --- the help: printed without Hydra, whose own lists every group twice before it fills a template


WIDTH: Final = 100


def help_text() -> str:
    """What ``--help`` prints: ``conf/help.txt`` with the names, groups and keys of the configuration."""
    names = [line for key, group in GROUP_OF.items() for line in _listed(key, definitions(group, SHIPPED))]
    shown = {"names": names, "groups": group_lines(), "keys": key_lines()}
    text = (CONF / "help.txt").read_text(encoding="utf-8").removesuffix("\n")
    return text.format(command=COMMAND, **{part: "\n".join(lines) for part, lines in shown.items()})


def _listed(word: str, options: Iterable[str], usual: str = "") -> list[str]:
    shown = f"[{usual}] " if usual else ""
    return textwrap.wrap(
        f"  {word:<14} {shown}{' '.join(options)}", WIDTH, subsequent_indent=" " * 17, break_on_hyphens=False
    )


def group_lines() -> Iterator[str]:
    """One entry per group: its options and the one chosen when nothing is said."""
    chosen = dict(
        re.findall(r"^  - (\w+): (\w+)", (CONF / "config.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    )
    for group, usual in chosen.items():
        options = sorted(file.stem for file in (CONF / group).glob("*.yaml"))
        if group != "library":
            yield from _listed(group, options, "" if usual == "null" else usual)


def key_lines() -> Iterator[str]:
    """One line per key with its default and what its file says of it."""
    for prefix, file in (("", "config.yaml"), ("outputs.", "outputs/default.yaml")):
        for line in (CONF / file).read_text(encoding="utf-8").splitlines():
            found = re.match(r"(\w+): (.*?)\s+# (.*)", line)
            if found and found[2] != "{}":
                value = f"={found[2].replace(' ', '')}" if found[2] else ".<key>=..."
                yield f"  {prefix + found[1]}{value}"
                yield from textwrap.wrap(found[3], WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6)


# --- overrides


LONGEST: Final = 10_000
KEY: Final = re.compile(r"[A-Za-z0-9_]+([./][A-Za-z0-9_]+)*(@[A-Za-z0-9_.:]+)?", re.ASCII)
# What of Hydra's own a command line may set. Loggers and callbacks name code, so that they are not among them.
HYDRA_KEYS: Final = (
    "hydra.run.dir", "hydra.sweep.dir", "hydra.sweep.subdir", "hydra.searchpath", "hydra.verbose",
    "hydra.mode", "hydra.output_subdir", "hydra.job.name", "hydra.job.chdir", "hydra.launcher.",
    "hydra.sweeper.",
)  # fmt: skip
HYDRA_GROUPS: Final = ("hydra/launcher", "hydra/sweeper", "hydra/sweeper/sampler")
RESOLVERS: Final = re.compile(r"\$\{(now:[^{}$]*|hydra[.:][\w.]+)\}")


def hydra_words(texts: Sequence[str], own: OwnFiles, faults: Faults, sweeping: bool = False) -> list[str]:
    """Words as Hydra takes them, when nothing is wrong with them by themselves.

    Parameters
    ----------
    texts : sequence of str
        ``key=value`` as typed.
    own : OwnFiles
        The user's files.
    faults : Faults
        Grows by what is wrong.
    sweeping : bool
        Whether several values at once are a sweep.
    """
    faults = faults.placed(typed)
    words, seen = [], {}  # type: tuple[list[str], dict[str, str]]
    for text in _with_files(texts):
        word = names.override(text) if text.isprintable() else text
        override = parse(word, faults)
        if override is None or not _is_sound(override, word, faults, sweeping):
            continue
        key = override.key_or_group + (f"@{override.package}" if override.package else "")
        if key in seen:
            once = sentence("once; a list as {}=[a,b]", key) if key in GROUP_OF else "once"
            faults.at(key, sentence("is given twice"), once)
        seen[key] = word
        words += _by_year(override) or [_globbed(override, word, own, faults)]
    return words


def _with_files(texts: Sequence[str]) -> Iterator[str]:
    """``bank=path/to/bank.xlsx`` and ``design=jobs.csv`` as the option that reads a file, and the file's name."""
    for text in texts:
        key, _, value = text.partition("=")
        files = [one.strip().strip("'\"") for one in value.split(",")]
        if key == "bank" and value and all(map(bank_file.is_file, files)):
            yield "bank=file"
            yield f"bank.file={','.join(names.quoted(file) for file in files)}"
        elif key == "design":
            yield "hydra/sweeper=design"
            yield f"hydra.sweeper.table={names.quoted(value)}"
        else:
            yield text


def _by_year(override: Override) -> list[str]:
    """``a={2025: 1, 2026: 2}`` as ``a.2025=1 a.2026=2``: to Hydra a number is another key than its text."""
    value: Any = override.value()
    if override.is_add() or not isinstance(value, dict) or not value:
        return []
    plain = all(isinstance(key, int) and isinstance(item, int | float) for key, item in value.items())
    return [f"{override.key_or_group}.{key}={item!r}" for key, item in value.items()] if plain else []


def parse(text: str, faults: Faults) -> Override | None:
    """One override in Hydra's grammar, or None with a fault noted."""
    key = text.partition("=")[0]
    if "=" not in text and not text.startswith("~"):
        faults.at(key, sentence("is no key=value"), suggestion=f"{text}=...")
    elif len(text) > LONGEST:
        faults.at(key, sentence("is {} letters long", len(text)), sentence("at most {}", LONGEST))
    elif not text.isprintable():
        faults.at(key, sentence("holds characters that cannot be printed"))
    else:
        try:
            return OverridesParser.create().parse_override(text)
        except (HydraException, ValueError, RecursionError, OverflowError):
            value = text.partition("=")[2]
            what = sentence("cannot be read: {}", text)
            faults.at(key, what, sentence("key=value in Hydra's grammar"), f"{key}='\"{value}\"'")
    return None


def _is_sound(override: Override, text: str, faults: Faults, sweeping: bool) -> bool:
    key, before = override.key_or_group, len(faults)
    if not KEY.fullmatch(key):
        faults.at(key, sentence("is no key"))
    elif override.is_sweep_override():
        if not sweeping:
            listed = text.partition("=")[2]
            is_list = key in ("policy", "shock") or (key not in GROUP_OF and key not in groups())
            meant = f"{key}=[{listed}]" if is_list else f"-m {key}={listed}"
            faults.at(key, sentence("has several values: {}", listed), suggestion=meant)
    elif override.is_hydra_override():
        _check_hydra(override, text, faults)
    elif override.package is not None and key not in groups():
        what = sentence("only files of a group can be put elsewhere with @")
        faults.at(key, what, suggestion=f"{key}={text.partition('=')[2]}")
    elif key in groups() and isinstance(override.value(), list):
        faults.at(key, sentence("takes one name, not a list"), ", ".join(groups()[key]))
    elif override.value() is not None:
        for below, refused in dangers(_tree(key, override.value())):
            faults.refused(faults.where(below), refused)
    return len(faults) == before


def _check_hydra(override: Override, text: str, faults: Faults) -> None:
    key = override.key_or_group
    if key not in HYDRA_GROUPS and not any(
        key == k or (k.endswith(".") and key.startswith(k)) for k in HYDRA_KEYS
    ):
        known = [name.rstrip(".") for name in (*HYDRA_GROUPS, *HYDRA_KEYS)]
        faults.unknown(key, key, known, sentence("is not for a command line to set"))
        return
    value: Any = override.value()
    plain = RESOLVERS.sub("", text.partition("=")[2])
    for below, refused in dangers({key: plain, **_tree(key, value if isinstance(value, dict) else None)}):
        faults.refused(faults.where(below), refused)
    if key == "hydra.searchpath":
        folders = value if isinstance(value, list) else [value]
        for folder in folders:
            if not isinstance(folder, str) or ("://" in folder and not folder.startswith("file://")):
                faults.at(key, sentence("{!r} is no folder", folder))


def _tree(key: str, value: Any) -> Any:
    """A value below the parts of its key, so that what asks for something to be built is found in them."""
    for name in reversed(re.split(r"[./]", key)):
        value = {name: value}
    return value


def _globbed(override: Override, text: str, own: OwnFiles, faults: Faults) -> str:
    """``policy=glob(*)`` as the list of names that fit, which Hydra itself finds for groups of files alone."""
    glob: Any = override.value()
    key = override.key_or_group
    if not isinstance(glob, Glob) or key not in (*GROUP_OF, *groups()):
        return text
    options = definitions(GROUP_OF[key], own) if key in GROUP_OF else own.options(key)
    fitting = [
        name
        for name in options
        if any(fnmatchcase(name, pattern) for pattern in glob.include)
        and not any(fnmatchcase(name, pattern) for pattern in glob.exclude)
    ]
    if not fitting:
        faults.at(key, sentence("{} fits no name", text.partition("=")[2]), ", ".join(options))
    return f"{key}={','.join(fitting)}"


def searched(texts: Sequence[str]) -> list[str]:
    """Folders that ``hydra.searchpath`` names."""
    folders: list[str] = []
    for text in texts:
        if text.lstrip("+").startswith("hydra.searchpath="):
            try:
                value = OverridesParser.create().parse_override(text).value()
            except (HydraException, ValueError):
                continue
            folders += [
                str(one).removeprefix("file://") for one in (value if isinstance(value, list) else [value])
            ]
    return [folder for folder in folders if "://" not in folder]
