"""YAML as plain data: no tags, no key twice, no tree that unfolds into millions of values; nothing is executed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any, Final

import yaml

from experiments.config.reading import text
from experiments.config.sentences import Refused, Sentence

DEEPEST: Final = 30
MOST_VALUES: Final = 100_000


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML as Hydra reads it: ``1e5`` is a number, a date is text, no key stands twice; and no tags."""

    def construct_mapping(self, node: yaml.Node, deep: bool = False) -> Any:
        """A mapping in which no key stands twice."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                problem = "a key is no plain text"
                raise yaml.constructor.ConstructorError(None, node.start_mark, problem, key.start_mark)
            if key.value in seen:
                problem = f"key {key.value!r} stands twice"
                raise yaml.constructor.ConstructorError(None, node.start_mark, problem, key.start_mark)
            seen.add(str(key.value))
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
        raise _wide(content) or Refused(
            Sentence("is not a mapping of keys to values", "不是“键: 值”的结构"),
            Sentence("lines such as 'replicates: 64'", "形如“replicates: 64”的行"),
        )
    if not is_small(data):
        what = Sentence(
            f"holds more than {MOST_VALUES} values, or refers to itself",
            f"超过 {MOST_VALUES} 个值，或引用了自身",
        )
        raise Refused(what)
    return data


def _parsed(content: str) -> Any:
    try:
        return yaml.load(content, Loader=_Loader)  # noqa: S506 - a SafeLoader underneath
    except yaml.MarkedYAMLError as error:
        raise _wide(content) or _unsound(error, content) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        first = str(error).splitlines()[0].split(";")[0]
        raise Refused(Sentence(f"is not sound YAML: {first}", f"不是有效的 YAML：{first}")) from error
    except RecursionError as error:
        raise Refused(Sentence("is nested too deeply", "嵌套过深")) from error


def _unsound(error: yaml.MarkedYAMLError, content: str) -> Refused:
    mark, problem = error.problem_mark, error.problem
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    place = f"第 {mark.line + 1} 行第 {mark.column + 1} 列：" if mark else ""
    line = content.split("\n")[mark.line] if mark and mark.line < content.count("\n") + 1 else ""
    if re.match(r" *\t", line):
        what = Sentence(
            f"is not sound YAML: {where}begins with a tab", f"不是有效的 YAML：{place}以制表符开头"
        )
        return Refused(what, Sentence("spaces before a key", "键前用空格缩进"))
    return Refused(Sentence(f"is not sound YAML: {where}{problem}", f"不是有效的 YAML：{place}{problem}"))


_WIDE_MARKS: Final = {
    "：": ": ",
    "［": "[",
    "］": "]",
    "｛": "{",
    "｝": "}",
    "\u3000": " ",
    "＃": "#",
    "－": "- ",
}


def _wide(content: str) -> Refused | None:
    """The first full-width mark where YAML wants a plain one; None when there is none."""
    for number, line in enumerate(content.split("\n"), 1):
        bare = re.sub(r"'[^']*'|\"[^\"]*\"|#.*", "", line)
        match = re.match(r"[\s\u3000]*(?:－|\u3000)|[^:]*?(：|［|］|｛|｝|＃)", bare)
        if match is None:
            continue
        mark = match[1] or match[0].strip(" \t")[:1]
        plain = _WIDE_MARKS[mark].strip() or "a space"
        what = Sentence(
            f"line {number} has the full-width {mark!r} where YAML needs a plain one",
            f"第 {number} 行的全角 {mark!r} 应为半角",
        )
        return Refused(
            what, Sentence(f"{plain} typed with the keyboard set to English", f"英文输入法下的 {plain}")
        )
    return None


def for_hydra(path: str | os.PathLike[str]) -> None:
    """Check a configuration file that Hydra is going to read by itself, which knows plain UTF-8 alone.

    Raises
    ------
    Refused
        As `mapping` does, and for what Hydra would misread: a byte order mark, GBK, UTF-16.
    """
    file = text(path)
    if not file.is_plain:
        kind = "UTF-8 with a byte order mark" if file.encoding == "utf-8" else file.encoding.upper()
        chinese = "带 BOM 的 UTF-8" if file.encoding == "utf-8" else file.encoding.upper()
        what = Sentence(f"is stored as {kind}", f"以{chinese}编码保存")
        raise Refused(
            what,
            Sentence(
                "plain UTF-8: choose 'UTF-8' (without BOM) in the editor's Save as",
                "不带 BOM 的 UTF-8：在编辑器“另存为”中选择 UTF-8",
            ),
        )
    mapping_of(file.content)


def is_small(tree: Any) -> bool:
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


def dangers(tree: Any, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Refused]]:
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
        allowed = Sentence(f"at most {DEEPEST} levels", f"至多 {DEEPEST} 层")
        yield prefix, Refused(Sentence("is nested too deeply", "嵌套过深"), allowed)
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
        yield (
            prefix,
            Refused(
                Sentence(f"a {kind} is no plain value", f"{kind} 不是普通值"),
                Sentence(
                    "numbers, text, true, false, null, lists, mappings",
                    "数、文本、true、false、null、列表、映射",
                ),
            ),
        )


def _key_dangers(key: Any) -> Iterator[Refused]:
    if isinstance(key, bool) or not isinstance(key, str | int):
        yield Refused(
            Sentence(f"{key!r} cannot be a key", f"{key!r} 不能作键"),
            Sentence("text and years", "文本和年份"),
        )
    elif isinstance(key, str) and key.startswith("_") and key.endswith("_"):
        yield Refused(
            Sentence(
                "asks for something to be built, and nothing named in a configuration is",
                "要求构建对象，而配置只作数据",
            ),
            Sentence("plain values", "普通值"),
        )
    elif isinstance(key, str) and "${" in key:
        yield Refused(
            Sentence("a key cannot refer to another", "键不能引用其他键"), Sentence("plain keys", "普通键")
        )


def _text_dangers(content: str) -> Iterator[Refused]:
    if not content.replace("\n", " ").replace("\u3000", " ").isprintable():
        yield Refused(
            Sentence("holds characters that cannot be printed", "含有不可打印的字符"),
            Sentence("printable text", "可打印的文本"),
        )
    if "${" in content:
        references = INTERPOLATION.findall(content)
        if content.count("${") != len(references) or not all(map(REFERENCE.fullmatch, references)):
            yield Refused(
                Sentence(f"{content!r} would compute something", f"{content!r} 会触发计算"),
                Sentence("references to other keys, as ${seed}", "对其他键的引用，如 ${seed}"),
            )
