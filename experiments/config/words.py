"""The words of a command line: its help; sorted, checked as data and in Hydra's grammar; and why Hydra refused them."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, Glob, Override, Transformer
from hydra.errors import HydraException

from experiments.config import bank_file, names
from experiments.config.catalogue import GIVEN, is_number, known
from experiments.config.composition import keys_of, plain_tree
from experiments.config.errors import (
    COMMAND_LINE,
    NOT_KNOWN,
    Faults,
    Sentence,
    nearest,
    sentence,
    shown,
    typed,
)
from experiments.config.fields import KINDS_OF_VALUE
from experiments.config.folders import (
    DEFINED,
    GROUP_OF,
    SHIPPED,
    OwnFiles,
    definitions,
    groups,
    is_group,
    parsed,
    values_of,
)
from experiments.config.reading import note_dangers
from experiments.config.scenarios import ScenarioDefinition
from experiments.config.tree import MISSING, assigned, dotted_keys, leaves, lookup
from experiments.location import COMMAND, CONF

VERBS: Final = ("clean", "compare", "purge", "redact", "replay", "template", "verify")
TELLING: Final = (
    "clean",
    "compare",
    "purge",
    "verify",
)  # write no report: report=zh is the language they speak
# Hydra's flags that are handed on, and the lab's own: their short forms, those by themselves, those with a value.
SHORT: Final = {
    "-h": "--help", "-m": "--multirun", "-r": "--run", "-sc": "--shell-completion", "-c": "--cfg", "-p": "--package",
    "-cd": "--config-dir", "-i": "--info",
}  # fmt: skip
BARE: Final = (
    "--help", "--version", "--multirun", "--run", "--resolve", "--hydra-help", "--shell-completion",
)  # fmt: skip
VALUED: Final = {"--cfg": ("job", "hydra", "all"), "--package": (), "--config-dir": ()}
INFO: Final = ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath")
WORD: Final = re.compile(r"[^-+~=][^=]*")  # neither a flag nor key=value
SHOWING: Final = ("--cfg", "--info", "--hydra-help", "--shell-completion")
SWEEPING: Final = ("hydra.sweep", "hydra.launcher", "hydra/launcher", "hydra/sweeper", "design=")


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
        key, equals, value = word.partition("=")
        flag = SHORT.get(key, key)
        if flag in VALUED:
            value = value if equals or not rest else rest.pop(0)
            if _is_value(key, flag, value, flags, faults):
                flags[flag] = value
        elif flag == "--info" and not equals:
            flags[flag] = rest.pop(0) if rest and WORD.fullmatch(rest[0]) else "all"
            if flags[flag] not in INFO:
                faults.unknown(key, flags[flag], INFO)
        elif flag in BARE and not equals:
            flags[flag] = ""
        elif word.startswith("-"):
            faults.unknown(word, key, (*BARE, *VALUED, "--info", *SHORT), sentence("is not a known flag"))
        elif key in VERBS:
            verbs.append((key, value))
        else:
            overrides.append(word)
    _in_company(flags, verbs, overrides, faults)
    return Arguments(flags, verbs[0] if verbs else None, tuple(overrides))


def _is_value(key: str, flag: str, value: str, flags: Mapping[str, str], faults: Faults) -> bool:
    """Whether a flag may have a value beside what was given before; a fault is noted where it may not."""
    if not value:
        faults.at(key, sentence("has no value"), f"{flag} VALUE")
    elif VALUED[flag] and value not in VALUED[flag]:
        faults.unknown(key, value, VALUED[flag])
    elif flags.get(flag, value) != value:
        is_folder = flag == "--config-dir"
        more = sentence("once; further folders as hydra.searchpath=[{}]", value)
        faults.at(key, sentence("is given twice"), more if is_folder else sentence("once"))
    else:
        return True
    return False


def _in_company(
    flags: dict[str, str], verbs: list[tuple[str, str]], overrides: list[str], faults: Faults
) -> None:
    """Note words that cannot stand beside the others, or that say nothing without another."""
    verb = verbs[0][0] if verbs else ""
    beside = set(overrides) - ({"report=en", "report=zh"} if verb in TELLING else set())
    if verbs and (len(verbs) > 1 or beside or flags):
        faults.at(verb, sentence("stands beside other words"), sentence("{}=<path> by itself", verb))
    doing = [flag for flag in ("--run", "--multirun", *SHOWING) if flag in flags]
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


# --- the help: printed without Hydra, whose own lists every group twice before it fills a template


WIDTH: Final = 100


def help_text() -> str:
    """What ``--help`` prints: ``conf/help.txt`` with the names, groups and keys of the configuration."""
    names = [line for key, group in GROUP_OF.items() for line in _listed(key, definitions(group, SHIPPED))]
    parts = {"names": names, "groups": group_lines(), "keys": key_lines()}
    text = (CONF / "help.txt").read_text(encoding="utf-8").removesuffix("\n")
    return text.format(command=COMMAND, **{part: "\n".join(lines) for part, lines in parts.items()})


def completed(line: str) -> list[str]:
    """What the shell may put for the last word of a line, where that is a name; Hydra knows groups and keys alone."""
    key, equals, begun = line.rpartition(" ")[2].partition("=")
    options = definitions(GROUP_OF[key], SHIPPED) if equals and key in GROUP_OF else ()
    return [f"{key}={name}" for name in options if name.startswith(begun)]


def _listed(word: str, options: Iterable[str], usual: str = "") -> list[str]:
    prefix = f"[{usual}] " if usual else ""
    return textwrap.wrap(
        f"  {word:<14} {prefix}{' '.join(options)}", WIDTH, subsequent_indent=" " * 17, break_on_hyphens=False
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
        text = (CONF / file).read_text(encoding="utf-8")
        for line in re.sub(r"\n {8,}# ", " ", text).splitlines():  # what goes on below is of the line above
            match = re.match(r"(\w+): (.*?)\s+# (.*)", line)
            if match and match[2] != "{}":
                value = f"={match[2].replace(' ', '')}" if match[2] else ".<key>=..."
                yield f"  {prefix + match[1]}{value}"
                yield from textwrap.wrap(match[3], WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6)


# --- overrides


LONGEST: Final = 10_000
PLAIN: Final = re.compile(r"[A-Za-z0-9_.-]+", re.ASCII)  # a text that Hydra reads without quotes
KEY: Final = re.compile(r"[A-Za-z0-9_]+([./][A-Za-z0-9_]+)*(@[A-Za-z0-9_.:]+)?", re.ASCII)
# What of Hydra's own a command line may set. Loggers and callbacks name code, so that they are not among them.
HYDRA_KEYS: Final = (
    "hydra.run.dir", "hydra.sweep.dir", "hydra.sweep.subdir", "hydra.searchpath", "hydra.verbose",
    "hydra.mode", "hydra.output_subdir", "hydra.job.name", "hydra.job.chdir",
)  # fmt: skip
HYDRA_BRANCHES: Final = ("hydra.launcher.", "hydra.sweeper.")
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
    words: dict[str, list[str]] = {}
    values: set[str] = set()
    for text in _with_files(texts):
        override = parse(text, faults)
        if override is None or not _is_sound(override, faults, sweeping):
            continue
        key = override.key_or_group + (f"@{override.package}" if override.package else "")
        if key in words:
            once = sentence("once; a list as {}=[a,b]", key) if key in GROUP_OF else sentence("once")
            faults.at(key, sentence("is given twice"), once)
        within = set(values_of(override))
        for twice in values & within:  # a mapping, and a key that lies in it
            faults.at(twice, sentence("is given twice"), sentence("once"))
        values |= within
        words[key] = _by_year(override) or [_listed_choices(override) or _globbed(override, own, faults)]
    return [word for group in words.values() for word in group]


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


def note_package(package: str, words: Sequence[str], own: OwnFiles, faults: Faults) -> None:
    """Note a part of the configuration that ``--package`` would show and that is not there."""
    faults = faults.placed(typed)
    tree = keys_of(tuple(str(one.input_line) for one in parsed(words) if is_group(one)), own)
    added = any(one.is_add() or one.is_force_add() for one in parsed(words))
    is_hydras = package.partition(".")[0] in ("_global_", "hydra")
    if not added and not is_hydras and lookup(tree, package) is MISSING:
        faults.unknown("--package", package, dotted_keys(tree), NOT_KNOWN)


def parse(text: str, faults: Faults) -> Override | None:
    """One override in Hydra's grammar, or None with a fault noted."""
    text = names.override(text) if text.isprintable() else text
    key, _, value = text.partition("=")
    if "=" not in text and not text.startswith("~"):
        is_flag = f"--{text}" in (*BARE, *VALUED)
        suggestion = text.replace(":", "=", 1) if ":" in text else f"--{text}" if is_flag else f"{text}=..."
        faults.at(
            key, sentence("is no key=value"), suggestion="" if text[:1].isdigit() or not text else suggestion
        )
    elif len(text) > LONGEST:
        faults.at(key, sentence("is {} letters long", len(text)), sentence("at most {}", LONGEST))
    elif not text.isprintable():
        faults.at(key, sentence("holds characters that cannot be printed"))
    else:
        try:
            return OverridesParser.create().parse_override(text)
        except (HydraException, ValueError, RecursionError, OverflowError):
            if not key.isascii():
                faults.at(key, sentence("is no key"))
                return None
            if value[:1] == "{" and not value.isascii():
                faults.at(key, sentence("has names in braces that are not in plain letters"))
                return None
            what = sentence("cannot be read: {}", text)
            bare = f"{key.strip()}={value.strip(' ,')}"  # without spaces around =, and commas with nothing behind
            sound = bare != text and parse(bare, Faults()) is not None
            suggestion = bare if sound else f"{key}='\"{value}\"'"
            if value[:1] == "[" and value[-1:] == "]" and not sound:
                suggestion = f'"{key}=[{",".join(map(names.quoted, value[1:-1].split(",")))}]"'
            faults.at(key, what, sentence("key=value in Hydra's grammar"), suggestion)
    return None


def searched(texts: Sequence[str]) -> list[str]:
    """Folders that ``hydra.searchpath`` names."""
    texts_given = [text for text in texts if text.lstrip("+").startswith("hydra.searchpath=")]
    overrides = [override for text in texts_given if (override := parse(text, Faults())) is not None]
    folders = [str(one).removeprefix("file://") for override in overrides for one in _folders_in(override)]
    return [folder for folder in folders if Path(folder).is_dir()]


def _folders_in(override: Override) -> list[Any]:
    value: Any = override.value()
    return value if isinstance(value, list) else [value]


def _is_sound(override: Override, faults: Faults, sweeping: bool) -> bool:
    key, before = override.key_or_group, len(faults)
    text = str(override.input_line).partition("=")[2]
    value: Any = override.value()
    if not KEY.fullmatch(key):
        faults.at(key, sentence("is no key"))
    elif override.is_sweep_override():
        if not sweeping:
            is_list = key in ("policy", "shock") or isinstance(lookup(plain_tree(), key), list)
            suggestion = f"{key}=[{text}]" if is_list else f"-m {key}={text}"
            faults.at(key, sentence("has several values: {}", text), suggestion=suggestion)
    elif override.is_hydra_override():
        _check_hydra(override, text, faults)
    elif override.package is not None and key not in groups():
        what = sentence("only files of a group can be put elsewhere with @")
        faults.at(key, what, suggestion=f"{key}={text}")
    elif value is not None and not _is_no_name(key, value, faults):
        for twice in _twice_in_braces(text):
            faults.at(f"{key}.{twice}", sentence("is given twice"), sentence("once"))
        note_dangers(assigned({}, key.replace("/", "."), value), faults)
    return len(faults) == before


def _is_no_name(key: str, value: Any, faults: Faults) -> bool:
    """Whether a key that takes a name is given something else, which is noted."""
    if isinstance(value, dict) and key == "experiment":
        faults.unknown(key, value, groups()[key])
    elif value == "" and key in GROUP_OF:
        faults.at(key, sentence("has no value"), ", ".join(definitions(GROUP_OF[key], SHIPPED)))
    elif isinstance(value, list) and key in (*groups(), "environment", "scenario", "baseline"):
        first = str(value[0]) if value else ""
        faults.at(key, sentence("takes one name, not a list"), ", ".join(groups().get(key, ())), first)
    else:
        return False
    return True


def _twice_in_braces(value: str) -> set[str]:
    """Keys that a plain mapping gives twice, of which Hydra would take the last."""
    if value.count("{") != 1 or "'" in value or '"' in value:
        return set()
    keys = re.findall(r"[{,]\s*([\w.-]+)\s*:", value)
    return {key for key in keys if keys.count(key) > 1}


def _check_hydra(override: Override, text: str, faults: Faults) -> None:
    key, value = override.key_or_group, override.value()
    if key not in (*HYDRA_GROUPS, *HYDRA_KEYS) and not key.startswith(HYDRA_BRANCHES):
        settable = [name.rstrip(".") for name in (*HYDRA_GROUPS, *HYDRA_KEYS, *HYDRA_BRANCHES)]
        faults.unknown(key, key, settable, sentence("is not for a command line to set"))
        return
    if value in (None, "") and key in ("hydra.run.dir", "hydra.sweep.dir", "hydra.sweep.subdir"):
        faults.at(key, sentence("has no value"), sentence("a path, 1 to 1000 letters that can be printed"))
    parts = Path(str(value)).parts  # of what is written below the folder of the study
    if key in ("hydra.job.name", "hydra.output_subdir") and (len(parts) > 1 or ".." in parts):
        faults.at(key, sentence("{} names no place in a folder", value), sentence("one name"))
    below = assigned({}, key.replace("/", "."), value if isinstance(value, dict) else None)
    note_dangers({key: RESOLVERS.sub("", text), **below}, faults)
    if key == "hydra.searchpath":
        for folder in _folders_in(override):
            if not isinstance(folder, str) or not Path(folder.removeprefix("file://")).is_dir():
                faults.at(key, sentence("{!r} is no folder", folder))
        if isinstance(value, str):
            faults.at(key, sentence("{!r} is no list of folders", value), suggestion=f"{key}=[{value}]")


def _by_year(override: Override) -> list[str]:
    """``a={2025: 1, 2026: 2}`` as ``a.2025=1 a.2026=2``: to Hydra a number is another key than its text."""
    value: Any = override.value()
    if override.is_add() or not isinstance(value, dict):
        return []
    plain = all(isinstance(key, int) and isinstance(item, int | float | str) for key, item in value.items())
    items = {key: names.quoted(item) if isinstance(item, str) else repr(item) for key, item in value.items()}
    return [f"{override.key_or_group}.{key}={item}" for key, item in items.items()] if plain else []


def _listed_choices(override: Override) -> str:
    """``a=choice(甲,乙)`` as a list in quotes, which Hydra forgets of a function's texts and then cannot read them."""
    choices: Any = override.value()
    is_function = re.match(r"[a-z]+\(", str(override.input_line).partition("=")[2])
    if not isinstance(choices, ChoiceSweep) or not is_function:
        return ""
    items = list(override.sweep_iterator())
    if all(not isinstance(item, str) or PLAIN.fullmatch(item) for item in items):
        return ""
    values = [
        names.quoted(item) if isinstance(item, str) else str(Transformer.encode(item)) for item in items
    ]
    return f"{override.get_key_element()}={','.join(values)}"


def _globbed(override: Override, own: OwnFiles, faults: Faults) -> str:
    """``policy=glob(*)`` as the list of names that fit, which Hydra itself finds for groups of files alone."""
    text, key = str(override.input_line), override.key_or_group
    glob: Any = override.value()
    if not isinstance(glob, Glob) or key not in (*GROUP_OF, *groups()):
        return text
    options = definitions(GROUP_OF[key], own) if key in GROUP_OF else own.options(key)
    fitting = glob.filter(list(options))
    if not fitting:
        faults.at(key, sentence("{} fits no name", text.partition("=")[2]), ", ".join(options))
    return f"{key}={','.join(fitting)}"


# --- why Hydra refused words that are sound by themselves


LISTED: Final = sentence("a key of the configuration (--cfg job lists them)")
# Launchers and sweepers; the module and the extra that bring them, where a plain installation lacks them.
SUBMITIT: Final = ("hydra_plugins.hydra_submitit_launcher", "slurm")
PLUGINS: Final[Mapping[str, Mapping[str, tuple[str, str] | None]]] = {
    "hydra/launcher": {
        "basic": None, "joblib": ("hydra_plugins.hydra_joblib_launcher", "joblib"),
        "submitit_local": SUBMITIT, "submitit_slurm": SUBMITIT,
    },
    "hydra/sweeper": {"basic": None, "design": None, "optuna": ("hydra_plugins.hydra_optuna_sweeper", "optuna")},
}  # fmt: skip
# Groups of which every file has a place of its own.
PLACED: Final = {"environments": "environments", "banks/kind": "banks"}


def sound_words(words: Sequence[str], own: OwnFiles, faults: Faults, error: Exception) -> list[str]:
    """The words that Hydra can take, but for those that are its own; every other one noted as a fault.

    Parameters
    ----------
    words : sequence of str
        In Hydra's grammar.
    own : OwnFiles
        The user's files.
    faults : Faults
        Grows by a fault for each word that Hydra cannot take.
    error : Exception
        What Hydra said, for when no word by itself is the reason.
    """
    faults = faults.placed(typed)
    overrides = list(parsed(words))
    sound = [
        str(override.input_line)
        for override in overrides
        if is_group(override) and _is_choice(override, own, faults)
    ]
    tree = keys_of(tuple(sound), own)
    for override in overrides:
        if override.is_hydra_override():
            _check_plugin(override, faults)
        elif not is_group(override) and (override.is_sweep_override() or _is_key(override, tree, faults)):
            sound.append(str(override.input_line))
    if not len(faults):
        faults.add(*_said_by_hydra(error))
    return sound


def _is_choice(override: Override, own: OwnFiles, faults: Faults) -> bool:
    """Whether an override chooses a file that is there, in its place; a fault is noted where it does not."""
    group, value, before = override.key_or_group, override.value(), len(faults)
    options = own.options(group)
    below = PLACED.get(group)
    places = [f"{below}.{name}" for name in groups()[group]] if below else [group]
    if override.is_delete() and group in (*DEFINED, *PLACED):
        faults.at(f"~{group}", sentence("cannot be taken away: {}", sentence("every study has it")))
        return False
    if override.is_sweep_override() or override.is_delete():
        return True
    if value not in options and not (group == "experiment" and value is None):
        faults.unknown(group, value, options)
        if group == "bank" and isinstance(value, str):
            faults.at("--config-dir", sentence("brings a bank of your own"))
    elif override.is_add() and override.package is None:
        faults.at(group, sentence("cannot be added"), suggestion=f"{group}={value}")
    elif override.package is not None and override.package.replace("/", ".") not in places:
        what = sentence("files cannot be put elsewhere with @")
        faults.at(group, what, ", ".join(f"{group}@{place}" for place in places), group)
    return len(faults) == before


def _check_plugin(override: Override, faults: Faults) -> None:
    """Note a launcher or sweeper that is not known, or not installed."""
    key, value = override.key_or_group, str(override.value())
    options = PLUGINS.get(key, {value: None})
    if value not in options:
        faults.unknown(key, value, options)
    elif needed := options[value]:
        note_lacking(key, value, *needed, faults)


def note_lacking(key: str, word: str, module: str, extra: str, faults: Faults) -> None:
    """Note a word that needs a module which is not installed, and the extra that brings it."""
    if find_spec(module) is None:
        what = sentence("{} needs {}, which is not installed", word, module.removeprefix("hydra_plugins."))
        command = f"pip install 'honeycomb-lab[{extra}]'"
        faults.at(key, what, sentence("after make dev-env, or {}", command))


def _is_key(override: Override, tree: Mapping[str, object], faults: Faults) -> bool:
    """Whether an override gives a key that is there, or adds one that is not; a fault is noted where it does not."""
    key, value, before = override.key_or_group, override.value(), len(faults)
    node = lookup(tree, key)
    if node is MISSING and not override.is_add():
        _note_unknown(key, tree, faults, of_group="/" in key and not override.is_delete())
    elif node is not MISSING and override.is_add():
        faults.at(key, sentence("keys cannot be added that are there"), suggestion=f"{key}={value}")
    elif override.is_delete() and (node is None or value not in (None, node)):
        what = sentence("has no value") if node is None else sentence("has another value")
        faults.at(f"~{key}", sentence("cannot be taken away: {}", what), suggestion=f"{key}=...")
    elif isinstance(node, Mapping) and isinstance(value, list):
        faults.at(key, sentence("{} is not {}", shown(value), KINDS_OF_VALUE["dict_type"]))
    elif isinstance(node, list) and isinstance(value, dict):
        faults.at(key, sentence("{} is not {}", shown(value), KINDS_OF_VALUE["tuple_type"]))
    elif isinstance(node, Mapping) and isinstance(value, dict) and not is_number(value):
        for below in [below for below, _ in leaves(value) if below and lookup(node, below) is MISSING][:1]:
            best = nearest(below, dotted_keys(node))
            faults.at(f"{key}.{below}", NOT_KNOWN, ", ".join(map(str, node)), f"{key}.{best}" if best else "")
    return len(faults) == before


def _note_unknown(key: str, tree: Mapping[str, object], faults: Faults, of_group: bool) -> None:
    """Note a key that is not there, with what was likely meant."""
    parts, (whole, _, last) = key.split("."), key.rpartition(".")
    scenario, branch = (lookup(tree, ".".join(parts[:depth])) for depth in (2, 3))
    is_new = parts[0] == "library" and scenario is not MISSING and branch is MISSING
    if of_group:
        faults.unknown(key, key, groups(), sentence("is not a known group"))
    elif parts[0] == "bank" and not tree.get("bank"):
        faults.at(key, sentence("this study has no bank of your own"))
    elif is_new and parts[2:] and parts[2] in ScenarioDefinition.model_fields:
        faults.at(key, sentence("is not among what this scenario says yet"), suggestion=f"+{key}")
    elif last in GIVEN and known(whole) and lookup(tree, whole) is not MISSING:
        suggestion = f"{whole}=..." if last == "value" else f"{whole}={{value: ..., {last}: ...}}"
        faults.at(key, sentence("a number is given by its own name"), f"{whole}=NUMBER", suggestion)
    else:
        faults.at(key, NOT_KNOWN, LISTED, _likeliest(key, tree))


def _likeliest(key: str, tree: Mapping[str, object]) -> str:
    """The key that was likely meant by one that is not there; empty when none is near."""
    word, _, rest = key.partition(".")
    keys = {*dotted_keys(tree), *(group for group in groups() if "/" not in group), *VERBS}
    keys = {other for other in keys if not key.startswith(f"{other}.")}  # of which it would be a part
    if word in GROUP_OF and rest:  # policy.data_sharing.start
        return nearest(f"{GROUP_OF[word]}.{rest}".removesuffix(".value"), keys)
    last = key.rpartition(".")[2]
    return nearest(key, keys) or min(
        (other for other in keys if other.rpartition(".")[2] == last), default=""
    )


def _said_by_hydra(error: Exception) -> tuple[str, Sentence]:
    """What Hydra itself says, when no single word is at fault: the place, where it names one, and one line."""
    message = f"{error}\n{error.__cause__ or ''}"
    key = re.search(r"full_key: ([\w.]+)", message)
    where = typed(key[1]) if key else COMMAND_LINE
    if match := re.search(r"Value ('.*') of .* converted to (Integer|Float|Boolean)", message):
        kind = {"Integer": "int_type", "Float": "float_type", "Boolean": "bool_type"}[match[2]]
        return where, sentence("{} is not {}", match[1], KINDS_OF_VALUE[kind])
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    text = "; ".join(dict.fromkeys(lines[:3])) or type(error).__name__
    return where, Sentence(text, text)
