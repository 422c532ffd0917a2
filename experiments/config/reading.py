"""Files that a user brings, as texts and as YAML, in whatever form an office leaves them.

A text is read right (a byte order mark, UTF-16, GBK, Windows line ends), or refused with one sentence that says what to
do. YAML is plain data: no tags, no key twice, no tree that unfolds into millions of values; nothing is executed.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from experiments.config.errors import Faults, Refused, Sentence, sentence

LARGEST: Final = 50_000_000

WORKBOOK: Final = sentence(
    "open it in Excel and save it as 'CSV UTF-8' (a table), or copy its text into a "
    "plain-text file (a configuration)"
)
PLAIN_TEXT: Final = sentence("a text file in UTF-8")
SIGNATURES: Final = (
    (b"\xd0\xcf\x11\xe0", sentence("an old Excel or Word file"), WORKBOOK),
    (b"%PDF", sentence("a PDF"), PLAIN_TEXT),
    (b"\x89PNG", sentence("a picture"), PLAIN_TEXT),
    (b"\xff\xd8\xff", sentence("a picture"), PLAIN_TEXT),
    (b"PAR1", sentence("a Parquet file"), sentence("the table as CSV")),
    (b"\x1f\x8b", sentence("a compressed file"), sentence("the file unpacked")),
    (b"Rar!", sentence("a compressed file"), sentence("the file unpacked")),
    (b"7z\xbc\xaf", sentence("a compressed file"), sentence("the file unpacked")),
)
MARKS_OF_ORDER: Final = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip

# What a text in Chinese is written with.
CHINESE: Final = re.compile(r"[\x00-\x7f\u4e00-\u9fff\u3000-\u303f\uff00-\uffef·—‘’“”…‰×÷±°→￥①-⑩≤≥≈√∞％]*")


@dataclass(frozen=True)
class Text:
    """The text of a file, with plain line ends and no byte order mark.

    Parameters
    ----------
    content : str
    encoding : str
        What it was stored in.
    marked : bool
        Whether it began with a byte order mark.
    """

    content: str
    encoding: str
    marked: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether a reader that knows UTF-8 alone sees the same."""
        return self.encoding == "utf-8" and not self.marked


def text(path: str | os.PathLike[str]) -> Text:
    """Read a file of text, whatever encoding it is in.

    Parameters
    ----------
    path : path

    Returns
    -------
    Text

    Raises
    ------
    Refused
        When it is missing, a folder, empty, too large, or no text.
    """
    data = _bytes(Path(path))
    for mark, encoding in MARKS_OF_ORDER:
        if data.startswith(mark):
            return Text(_lines(_decoded(data[len(mark) :], encoding)), encoding, marked=True)
    for signature, kind, allowed in (*SIGNATURES, *_zip(data)):
        if data.startswith(signature):
            raise Refused(sentence("is {}, whatever its name says", kind), allowed)
    for encoding in _likely(data):
        try:
            content = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_text(content, encoding):
            return Text(_lines(content), encoding)
    raise Refused(sentence("is no text that can be read"), PLAIN_TEXT)


def _bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise Refused(sentence("is a folder"))
        if path.stat().st_size > LARGEST:
            raise Refused(sentence("is larger than 50 MB"))
        data = path.read_bytes()
    except Refused:
        raise
    except FileNotFoundError as error:
        raise Refused(sentence("does not exist")) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Refused(sentence("cannot be read: {}", reason)) from error
    if not data.strip(b"\x00\t\r\n \xef\xbb\xbf\xff\xfe"):
        raise Refused(sentence("is empty"), sentence("a file with content"))
    return data


def _zip(data: bytes) -> Iterator[tuple[bytes, Sentence, Sentence]]:
    """What a ZIP archive is, by the names of the parts in it."""
    if b"xl/" in data:
        yield b"PK", sentence("an Excel workbook"), WORKBOOK
    elif b"word/" in data:
        yield b"PK", sentence("a Word document"), PLAIN_TEXT
    yield (b"PK\x03\x04", sentence("a compressed file"), sentence("the file unpacked"))


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Refused(sentence("is not sound {} text", encoding.upper()), PLAIN_TEXT) from error


def _likely(data: bytes) -> tuple[str, ...]:
    """Encodings to try, the likeliest first."""
    head = data[:4096]
    if head.count(0) <= len(head) // 4:
        return ("utf-8", "gb18030")
    little_first = head[1::2].count(0) > head[::2].count(0)
    return ("utf-16-le", "utf-16-be") if little_first else ("utf-16-be", "utf-16-le")


def _is_text(content: str, encoding: str) -> bool:
    """Whether decoding gave text: no control characters, and in GBK nothing but what Chinese is written with."""
    if any(c < " " and c not in "\t\r\n\f" for c in content):
        return False
    return encoding == "utf-8" or CHINESE.fullmatch(content) is not None


def _lines(content: str) -> str:
    return content.replace("\r\n", "\n").replace("\r", "\n")


# --- YAML

DEEPEST: Final = 30
TWICE: Final = "stands twice: "
MOST_VALUES: Final = 100_000


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML as Hydra reads it: ``1e5`` is a number, a date is text, no key stands twice; and no tags."""

    def construct_mapping(self, node: yaml.Node, deep: bool = False) -> Any:
        """A mapping in which no key stands twice."""
        keys: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                problem = "a key is no plain text"
                raise yaml.constructor.ConstructorError(None, node.start_mark, problem, key.start_mark)
            if key.value in keys:
                problem = f"{TWICE}{key.value}"
                raise yaml.constructor.ConstructorError(None, node.start_mark, problem, key.start_mark)
            keys.add(str(key.value))
        return super().construct_mapping(node, deep=deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":float"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"""^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+]?[0-9]+)?
        |[-+]?(?:[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)
        |\.[0-9_]+(?:[eE][-+][0-9]+)?
        |[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*
        |[-+]?\.(?:inf|Inf|INF)
        |\.(?:nan|NaN|NAN))$""",
        re.VERBOSE,
    ),
    list("-+0123456789."),
)


def mapping(path: str | os.PathLike[str]) -> dict[Any, Any]:
    """Read a YAML file as plain data.

    Parameters
    ----------
    path : path

    Returns
    -------
    dict

    Raises
    ------
    Refused
        When it cannot be read, is not sound YAML, not a mapping, or unfolds into too many values.
    """
    return mapping_of(text(path).content)


def mapping_of(content: str) -> dict[Any, Any]:
    """Read the text of a YAML file as plain data; see `mapping`."""
    data = _parsed(content)
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise _wide(content) or Refused(sentence("is not a mapping of keys to values"))
    if not is_small(data):
        raise Refused(sentence("holds more than {} values, or refers to itself", MOST_VALUES))
    return data


def _parsed(content: str) -> Any:
    try:
        return yaml.load(content, Loader=_Loader)  # noqa: S506 - a SafeLoader underneath
    except yaml.MarkedYAMLError as error:
        raise _wide(content) or _unsound(error, content) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        first = str(error).splitlines()[0].split(";")[0]
        raise Refused(sentence("is not sound YAML: {}", first)) from error
    except RecursionError as error:
        raise Refused(sentence("is nested too deeply")) from error


def _unsound(error: yaml.MarkedYAMLError, content: str) -> Refused:
    mark, problem = error.problem_mark, error.problem
    where = Sentence("", "")
    if mark:
        at = (mark.line + 1, mark.column + 1)
        where = Sentence("line {}, column {}: ".format(*at), "第 {} 行第 {} 列：".format(*at))
    if problem and problem.startswith(TWICE):
        twice = sentence("key {!r} stands twice", problem.removeprefix(TWICE))
        return Refused(sentence("is not sound YAML: {}{}", where, twice))
    line = content.split("\n")[mark.line] if mark and mark.line < content.count("\n") + 1 else ""
    if re.match(r" *\t", line):
        return Refused(sentence("is not sound YAML: {}begins with a tab", where))
    return Refused(sentence("is not sound YAML: {}{}", where, problem))


_WIDE_MARKS: Final = dict(zip("：［］｛｝＃－", ":[]{}#-", strict=True))


def _wide(content: str) -> Refused | None:
    """The first full-width mark where YAML wants a plain one; None when there is none."""
    for number, line in enumerate(content.split("\n"), 1):
        bare = re.sub(r"'[^']*'|\"[^\"]*\"|#.*", "", line)
        match = re.match(r"[\s\u3000]*(?:－|\u3000)|[^:]*?(：|［|］|｛|｝|＃)", bare)
        if match is None:
            continue
        mark = match[1] or match[0].strip(" \t")[:1]
        plain = _WIDE_MARKS.get(mark, "a space")
        what = sentence("line {} has the full-width {!r} where YAML needs a plain one", number, mark)
        return Refused(what, sentence("{} typed with the keyboard set to English", plain))
    return None


def for_hydra(path: str | os.PathLike[str]) -> dict[Any, Any]:
    """Read a configuration file that Hydra is going to read by itself, too, which knows plain UTF-8 alone.

    Raises
    ------
    Refused
        As `mapping` does, and for what Hydra would misread: a byte order mark, GBK, UTF-16.
    """
    file = text(path)
    if not file.is_plain:
        marked = Sentence("UTF-8 with a byte order mark", "带 BOM 的 UTF-8")
        stored = marked if file.encoding == "utf-8" else file.encoding.upper()
        raise Refused(sentence("is stored as {}", stored))
    return mapping_of(file.content)


def is_small(tree: object) -> bool:
    """Tell whether a tree has no more than `MOST_VALUES` values, counted as often as they are referred to."""
    waiting, number = [tree], 0
    while waiting and number <= MOST_VALUES:
        branch = waiting.pop()
        below = branch.values() if isinstance(branch, dict) else branch if isinstance(branch, list) else ()
        number += 1
        waiting.extend(below)
    return not waiting


INTERPOLATION: Final = re.compile(r"\$\{([^{}]*)\}")
REFERENCE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*", re.ASCII)


def dangers(tree: object, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Refused]]:
    """Whatever in plain data could make something run, or is no plain data at all.

    Parameters
    ----------
    tree : any
        Data from a file or an override.
    prefix : str
        Dotted key of `tree`.
    depth : int
        Levels above it.

    Yields
    ------
    key : str
    refused : Refused
    """
    if depth > DEEPEST:
        yield prefix, Refused(sentence("is nested too deeply"), sentence("at most {} levels", DEEPEST))
    elif isinstance(tree, dict):
        for key, value in tree.items():
            name = f"{prefix}.{key}" if prefix else str(key)
            yield from ((name, refused) for refused in _key_dangers(key))
            yield from dangers(value, name, depth + 1)
    elif isinstance(tree, list):
        for item in tree:
            yield from dangers(item, prefix, depth + 1)
    elif isinstance(tree, str):
        yield from ((prefix, refused) for refused in _text_dangers(tree))
    elif not isinstance(tree, int | float | None):
        kind = type(tree).__name__
        yield (prefix, Refused(sentence("a {} is no plain value", kind)))


def note_dangers(tree: object, faults: Faults) -> None:
    """Note what plain data must not hold, each at its key."""
    for key, refused in dangers(tree):
        faults.refused(key, refused)


def _key_dangers(key: object) -> Iterator[Refused]:
    if isinstance(key, bool) or not isinstance(key, str | int):
        yield Refused(sentence("{!r} cannot be a key", key))
    elif isinstance(key, str) and key.startswith("_") and key.endswith("_"):
        yield Refused(sentence("asks for something to be built, and nothing named in a configuration is"))
    elif isinstance(key, str) and "${" in key:
        yield Refused(sentence("a key cannot refer to another"))


def _text_dangers(content: str) -> Iterator[Refused]:
    if not content.replace("\n", " ").replace("\u3000", " ").isprintable():
        yield Refused(sentence("holds characters that cannot be printed"))
    if "${" in content:
        references = INTERPOLATION.findall(content)
        if content.count("${") != len(references) or not all(map(REFERENCE.fullmatch, references)):
            yield Refused(sentence("{!r} would compute something", content))
