"""Words of the command line: checked one by one as data, and brought to what Hydra's grammar takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Glob, Override
from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from experiments.config import bank_file, names
from experiments.config.errors import COMMAND_LINE, Faults
from experiments.config.folders import OwnFiles, groups
from experiments.config.sentences import Sentence
from experiments.config.yaml_data import dangers

LONGEST: Final = 10_000
CONFIG_KEYS: Final = {
    "policy": "policies",
    "shock": "shocks",
    "environment": "environments",
    "scenario": "library",
}
KEY: Final = re.compile(r"[A-Za-z0-9_]+([./][A-Za-z0-9_]+)*(@[A-Za-z0-9_.:]+)?", re.ASCII)
# What of Hydra's own a command line may set. Loggers and callbacks name code, so that they are not among them.
HYDRA_KEYS: Final = (
    "hydra.run.dir",
    "hydra.sweep.dir",
    "hydra.sweep.subdir",
    "hydra.searchpath",
    "hydra.verbose",
    "hydra.mode",
    "hydra.output_subdir",
    "hydra.job.name",
    "hydra.job.chdir",
    "hydra.launcher.",
    "hydra.sweeper.",
)
HYDRA_GROUPS: Final = ("hydra/launcher", "hydra/sweeper", "hydra/sweeper/sampler")
RESOLVERS: Final = re.compile(r"\$\{(now:[^{}$]*|hydra[.:][\w.]+)\}")


def refused_by_hydra() -> tuple[type[Exception], ...]:
    """What Hydra raises when it cannot compose."""
    return (HydraException, OmegaConfBaseException, ValueError, TypeError, AssertionError, RecursionError)


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
    words, seen = [], {}  # type: tuple[list[str], dict[str, str]]
    for text in _with_bank_file(texts):
        word = names.override(text) if text.isprintable() else text
        override = parse(word, faults)
        if override is None or not _is_sound(override, word, faults, sweeping):
            continue
        key = override.key_or_group + (f"@{override.package}" if override.package else "")
        if key in seen:
            once = (
                Sentence(f"once; a list as {key}=[a,b]", f"一次；列表写作 {key}=[a,b]")
                if key in CONFIG_KEYS
                else "once"
            )
            faults.add(f"{COMMAND_LINE}:{key}", Sentence("is given twice", "给了两次"), once)
        seen[key] = word
        words += _by_year(override) or [_globbed(override, word, own, faults)]
    return words


def _with_bank_file(texts: Sequence[str]) -> Iterator[str]:
    """``bank=path/to/bank.xlsx`` as the option of its group that reads a file, and the file's name."""
    for text in texts:
        key, _, value = text.partition("=")
        files = [one.strip().strip("'\"") for one in value.split(",")]
        if key == "bank" and value and all(map(bank_file.is_file, files)):
            yield "bank=file"
            yield f"bank.file={','.join(names.quoted(file) for file in files)}"
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
    where = f"{COMMAND_LINE}:{key}"
    if "=" not in text and not text.startswith("~"):
        what = Sentence("is no key=value", "不是 键=值")
        faults.add(where, what, "key=value, group=option", f"{text}=...")
    elif len(text) > LONGEST:
        faults.add(
            where,
            Sentence(f"is {len(text)} letters long", f"长 {len(text)} 字"),
            Sentence(f"at most {LONGEST}", f"至多 {LONGEST}"),
        )
    elif not text.isprintable():
        what = Sentence("holds characters that cannot be printed", "含有不可打印的字符")
        faults.add(where, what, Sentence("printable text", "可打印的文本"))
    else:
        try:
            return OverridesParser.create().parse_override(text)
        except (HydraException, ValueError, RecursionError, OverflowError):
            value = text.partition("=")[2]
            what = Sentence(f"cannot be read: {text}", f"无法读取：{text}")
            faults.add(
                where,
                what,
                Sentence("key=value in Hydra's grammar", "Hydra 语法的 键=值"),
                f"{key}='\"{value}\"'",
            )
    return None


def _is_sound(override: Override, text: str, faults: Faults, sweeping: bool) -> bool:
    key = override.key_or_group
    where, before = f"{COMMAND_LINE}:{key}", len(faults)
    if not KEY.fullmatch(key):
        what = Sentence("is no key", "不是键")
        faults.add(where, what, Sentence("letters, digits, _ and . between them", "字母、数字、_，其间用 ."))
    elif override.is_sweep_override():
        if not sweeping:
            listed = text.partition("=")[2]
            is_list = key in ("policy", "shock") or (key not in CONFIG_KEYS and key not in groups())
            meant = f"{key}=[{listed}]" if is_list else f"-m {key}={listed}"
            what = Sentence(f"has several values: {listed}", f"有多个值：{listed}")
            faults.add(
                where, what, Sentence("one value; -m for one study each", "一个值；-m 则每值一项研究"), meant
            )
    elif override.is_hydra_override():
        _check_hydra(override, text, where, faults)
    elif override.package is not None and key not in groups():
        what = Sentence("only files of a group can be put elsewhere with @", "只有组的文件可用 @ 放到别处")
        faults.add(where, what, "group=option", f"{key}={text.partition('=')[2]}")
    elif key in groups() and isinstance(override.value(), list):
        what = Sentence("takes one name, not a list", "只取一个名称，不是列表")
        faults.add(where, what, ", ".join(groups()[key]))
    elif override.value() is not None:
        tree: Any = override.value()
        for name in reversed(re.split(r"[./]", key)):
            tree = {name: tree}
        for below, refused in dangers(tree):
            faults.refused(f"{COMMAND_LINE}:{below}", refused)
    return len(faults) == before


def _check_hydra(override: Override, text: str, where: str, faults: Faults) -> None:
    key = override.key_or_group
    if key not in HYDRA_GROUPS and not any(
        key == k or (k.endswith(".") and key.startswith(k)) for k in HYDRA_KEYS
    ):
        what = Sentence("is not for a command line to set", "不能由命令行设置")
        known = [name.rstrip(".") for name in (*HYDRA_GROUPS, *HYDRA_KEYS)]
        faults.add(where, what, ", ".join(known), names.nearest(key, known))
        return
    plain = RESOLVERS.sub("", text.partition("=")[2])
    for below, refused in dangers({key: plain, **_tree_of(override)}):
        faults.refused(f"{COMMAND_LINE}:{below}", refused)
    value = override.value()
    if key == "hydra.searchpath":
        folders = value if isinstance(value, list) else [value]
        for folder in folders:
            if not isinstance(folder, str) or ("://" in folder and not folder.startswith("file://")):
                what = Sentence(f"{folder!r} is no folder", f"{folder!r} 不是文件夹")
                faults.add(
                    where, what, Sentence("a list of folders: [file://mine]", "文件夹的列表：[file://mine]")
                )


def _tree_of(override: Override) -> dict[str, Any]:
    """The keys of an override as a tree, so that what asks for something to be built is found in them."""
    value = override.value()
    tree: Any = value if isinstance(value, dict) else None
    for name in reversed(re.split(r"[./]", override.key_or_group)):
        tree = {name: tree}
    return dict(tree)


def _globbed(override: Override, text: str, own: OwnFiles, faults: Faults) -> str:
    """``policy=glob(*)`` as the list of names that fit, which Hydra itself finds for groups of files alone."""
    glob: Any = override.value()
    key = override.key_or_group
    if not isinstance(glob, Glob) or key not in (*CONFIG_KEYS, *groups()):
        return text
    options = definitions(CONFIG_KEYS[key], own) if key in CONFIG_KEYS else own.options(key)
    fitting = [
        name
        for name in options
        if any(fnmatchcase(name, pattern) for pattern in glob.include)
        and not any(fnmatchcase(name, pattern) for pattern in glob.exclude)
    ]
    if not fitting:
        what = Sentence(f"{text.partition('=')[2]} fits no name", f"{text.partition('=')[2]} 没有匹配的名称")
        faults.add(f"{COMMAND_LINE}:{key}", what, ", ".join(options))
    return f"{key}={','.join(fitting)}"


def definitions(group: str, own: OwnFiles) -> tuple[str, ...]:
    """Names that the configuration defines in ``policies``, ``shocks``, ``environments`` or ``library``."""
    from experiments.config.shapes import content

    if group == "library":
        added = [file.partition("/")[2] for file in own.content if file.startswith("library/")]
        return tuple(dict.fromkeys((*content("library/default"), *added)))
    return tuple(name for name in own.options(group) if "/" not in name)


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
