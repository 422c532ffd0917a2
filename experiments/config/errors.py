"""Faults of a configuration: gathered in one pass, each with its place, what is allowed and a suggestion."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from experiments.config.sentences import Refused, Sentence

COMMAND_LINE: Final = "command line"
ENGLISH: Final = "en"
LINE: Final = re.compile(r":line ([0-9]+)")
Words = Sentence | str


def plain(text: object, limit: int = 200) -> str:
    """Text that can be printed on one line: control characters escaped, long values cut."""
    line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(text))
    return line if len(line) <= limit else f"{line[:limit]}…"


def shown(item: object) -> str:
    """A value as a message quotes it."""
    try:
        return repr(item)
    except ValueError:
        return "a number of thousands of digits"


def spoken(words: Words, language: str) -> str:
    """Words in a language; a plain text, such as a name, is the same in both."""
    return words.spoken(language) if isinstance(words, Sentence) else words


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a configuration.

    Parameters
    ----------
    where : str
        ``file:key``, for instance ``conf/policies/data_sharing.yaml:policies.data_sharing.start`` or
        ``command line:replicates``.
    what : Sentence or str
        What is wrong, in plain words.
    allowed : Sentence or str
        What would be accepted, with range and unit; empty when it goes without saying.
    suggestion : str
        The likeliest thing meant; empty when there is none.
    """

    where: str
    what: Words
    allowed: Words = ""
    suggestion: str = ""

    def spoken(self, language: str) -> str:
        """The whole fault in one line, in a language of the report."""
        chinese = language == "zh"
        where = plain(self.where)
        if chinese and where.startswith(COMMAND_LINE):
            where = f"命令行{where.removeprefix(COMMAND_LINE)}"
        if chinese:
            where = LINE.sub(r":第 \1 行", where).replace(", column ", "，列 ")
        parts = [f"{where}: {plain(spoken(self.what, language), 400)}"]
        if allowed := spoken(self.allowed, language):
            parts.append(("可用：" if chinese else "allowed ") + plain(allowed, 600))
        if self.suggestion:
            best = plain(self.suggestion)
            parts.append(f"是否指 {best}？" if chinese else f"did you mean {best}?")
        return ("；" if chinese else "; ").join(parts)

    def __str__(self) -> str:
        return self.spoken(ENGLISH)


class ConfigError(Exception):
    """A configuration that cannot run, with every fault found in it, told in the language of its report."""

    def __init__(self, faults: Iterable[Fault], language: str = ENGLISH) -> None:
        self.faults, self.language = tuple(dict.fromkeys(faults)), language
        super().__init__("\n".join(fault.spoken(language) for fault in self.faults))

    def __reduce__(self) -> tuple[type[ConfigError], tuple[tuple[Fault, ...], str]]:
        return ConfigError, (self.faults, self.language)


class Faults:
    """A list of faults that grows while a configuration is read."""

    def __init__(self) -> None:
        self._found: dict[Fault, None] = {}
        self._places: set[str] = set()
        self._said: set[tuple[str, Words]] = set()

    def add(self, where: str, what: Words, allowed: Words = "", suggestion: str = "") -> None:
        """Note one fault; of a word that is wrong in itself the first is enough."""
        known = where in self._places and where.startswith(COMMAND_LINE)
        if not known and (where, what) not in self._said:
            self._found[Fault(where, what, allowed, suggestion)] = None
            self._places.add(where)
            self._said.add((where, what))

    def refused(self, where: str, refused: Refused) -> None:
        """Note what a reader refused."""
        self.add(where, refused.what, refused.allowed, refused.suggestion)

    def extend(self, faults: Iterable[Fault]) -> None:
        """Note several faults."""
        for fault in faults:
            self.add(fault.where, fault.what, fault.allowed, fault.suggestion)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def stop(self, language: str = ENGLISH) -> None:
        """Raise every fault noted so far as one `ConfigError`; do nothing when there is none."""
        if self._found:
            raise ConfigError(self._found, language)
