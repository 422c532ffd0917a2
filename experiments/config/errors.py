"""What is wrong with an input, in both languages of the report; faults are gathered in one pass, each with its place.

A message stands in English where it is raised; ``conf/messages.csv`` has its Chinese, and in both languages what would
be accepted instead where that goes with the message.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from experiments.location import CONF

COMMAND_LINE: Final = "command line"
ENGLISH: Final = "en"
LINE: Final = re.compile(r":line ([0-9]+)")


@dataclass(frozen=True)
class Sentence:
    """A sentence in English and in Chinese.

    Parameters
    ----------
    en, zh : str
    allowed : Sentence, optional
        What would be accepted instead of what it says is wrong.
    """

    en: str
    zh: str
    allowed: Sentence | None = None

    def __str__(self) -> str:
        return self.en

    def spoken(self, language: str) -> str:
        """The sentence in ``en`` or ``zh``."""
        return self.zh if language == "zh" else self.en


Words = Sentence | str
NOTHING: Final = Sentence("", "")


@cache
def messages() -> Mapping[str, Sequence[str]]:
    """By the English of every message its Chinese, and in both languages what would be accepted, where that is said."""
    with (CONF / "messages.csv").open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    return {english: others for english, *others in rows}


def sentence(english: str, *values: object) -> Sentence:
    """A message in both languages.

    Parameters
    ----------
    english : str
        As `str.format` takes it, with a row in ``conf/messages.csv``.
    *values
        What stands in its places.
    """
    chinese, *allowed = (text.format(*values) for text in messages()[english])
    return Sentence(english.format(*values), chinese, Sentence(allowed[0], allowed[1]) if allowed else None)


def spoken(words: Words, language: str) -> str:
    """Words in a language; a plain text, such as a name, is the same in both."""
    return words.spoken(language) if isinstance(words, Sentence) else words


def allowed_beside(what: Words, allowed: Words) -> Words:
    """What would be accepted: as given, or as the message has it."""
    return allowed or (isinstance(what, Sentence) and what.allowed) or ""


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


def _in_one_line(what: str, allowed: Words, suggestion: str, language: str) -> str:
    chinese = language == "zh"
    parts = [what]
    if accepted := spoken(allowed, language):
        parts.append(("可用：" if chinese else "allowed ") + plain(accepted, 600))
    if suggestion:
        best = plain(suggestion)
        parts.append(f"是否指 {best}？" if chinese else f"did you mean {best}?")
    return ("；" if chinese else "; ").join(parts)


class Refused(ValueError):
    """An input that cannot be used as it stands.

    Parameters
    ----------
    what : Sentence
        What is wrong.
    allowed : Sentence
        What would be accepted.
    suggestion : str
        The likeliest thing meant, as it would be written; empty when there is none.
    """

    def __init__(self, what: Sentence, allowed: Sentence | None = None, suggestion: str = "") -> None:
        super().__init__(what.en)
        self.what, self.suggestion = what, suggestion
        self.allowed = allowed or what.allowed or NOTHING

    def __reduce__(self) -> tuple[type[Refused], tuple[Sentence, Sentence, str]]:
        return Refused, (self.what, self.allowed, self.suggestion)

    def spoken(self, language: str) -> str:
        """Everything in one line of a language."""
        return _in_one_line(self.what.spoken(language), self.allowed, self.suggestion, language)


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

    def __post_init__(self) -> None:
        object.__setattr__(self, "allowed", allowed_beside(self.what, self.allowed))

    def spoken(self, language: str) -> str:
        """The whole fault in one line, in a language of the report."""
        chinese = language == "zh"
        where = plain(self.where)
        if chinese and where.startswith(COMMAND_LINE):
            where = f"命令行{where.removeprefix(COMMAND_LINE)}"
        if chinese:
            where = LINE.sub(r":第 \1 行", where).replace(", column ", "，列 ")
        what = f"{where}: {plain(spoken(self.what, language), 400)}"
        return _in_one_line(what, self.allowed, self.suggestion, language)

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
