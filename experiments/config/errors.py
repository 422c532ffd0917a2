"""What is wrong with an input, in both languages of the report; faults are gathered in one pass, each with its place.

A message stands in English where it is raised; ``conf/messages.csv`` has its Chinese, and in both languages what would
be accepted instead where that goes with the message.
"""

from __future__ import annotations

import csv
import errno
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Final, Self

from pydantic_core import InitErrorDetails, ValidationError

from experiments.failure import StudyFailed
from experiments.location import CONF

COMMAND_LINE: Final = "command line"
ENGLISH: Final = "en"
LINE: Final = re.compile(r":line ([0-9]+)")


def typed(key: str) -> str:
    """A key of the command line, as a place."""
    return f"{COMMAND_LINE}:{key}"


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
Where = Callable[[str], str]


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
        What stands in its places; a sentence stands there in each language.
    """
    en, zh = ([v.spoken(lang) if isinstance(v, Sentence) else v for v in values] for lang in ("en", "zh"))
    chinese, *allowed = messages()[english]
    accepted = Sentence(allowed[0].format(*en), allowed[1].format(*zh)) if allowed else None
    return Sentence(english.format(*en), chinese.format(*zh), accepted)


def enumerated(items: Iterable[Words]) -> Sentence:
    """Several things, as a message lists them."""
    items = list(items)
    return Sentence(", ".join(spoken(i, "en") for i in items), "、".join(spoken(i, "zh") for i in items))


def spoken(words: Words, language: str) -> str:
    """Words in a language; a plain text, such as a name, is the same in both."""
    return words.spoken(language) if isinstance(words, Sentence) else words


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


class Refused(ValueError):
    """An input that cannot be used as it stands; readers raise it, and so do the validators of settings.

    Parameters
    ----------
    what : Sentence
        What is wrong.
    allowed : Sentence or str
        What would be accepted.
    suggestion : str
        The likeliest thing meant, as it would be written; empty when there is none.
    where : str
        A place of its own, for what is wrong in a file that a value names.
    """

    def __init__(self, what: Sentence, allowed: Words = "", suggestion: str = "", where: str = "") -> None:
        super().__init__(what.en)
        self.what, self.suggestion, self.where = what, suggestion, where
        self.allowed = allowed or what.allowed or ""

    def __reduce__(self) -> tuple[type[Refused], tuple[Sentence, Words, str, str]]:
        return Refused, (self.what, self.allowed, self.suggestion, self.where)

    def at(self, where: str) -> Fault:
        """The same as the fault of a place, unless it has one of its own."""
        return Fault(self.where or where, self.what, self.allowed, self.suggestion)


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
        if isinstance(self.what, Sentence):
            object.__setattr__(self, "allowed", self.allowed or self.what.allowed or "")

    def refused(self, where: str = "") -> Refused:
        """The same as what a reader refused, with or without a place of its own."""
        what = self.what if isinstance(self.what, Sentence) else Sentence(self.what, self.what)
        return Refused(what, self.allowed, self.suggestion, where)

    def spoken(self, language: str) -> str:
        """The whole fault in one line, in a language of the report."""
        chinese = language == "zh"
        where = plain(self.where)
        if chinese and where.startswith(COMMAND_LINE):
            where = f"命令行{where.removeprefix(COMMAND_LINE)}"
        if chinese:
            where = LINE.sub(r":第 \1 行", where).replace(", column ", "，列 ")
        parts = [(f"{where}: " if where else "") + plain(spoken(self.what, language), 400)]
        if accepted := spoken(self.allowed, language):
            parts.append(("可用：" if chinese else "allowed ") + plain(accepted, 600))
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
    """A list of faults that grows while a configuration is read.

    Parameters
    ----------
    where : callable
        From a dotted key to ``file:key``.
    """

    def __init__(self, where: Where = str) -> None:
        self.where = where
        self._found: dict[tuple[str, Words], Fault] = {}

    def add(self, where: str, what: Words, allowed: Words = "", suggestion: str = "") -> None:
        """Note one fault."""
        self.extend([Fault(where, what, allowed, suggestion)])

    def at(self, key: str, what: Words, allowed: Words = "", suggestion: str = "") -> None:
        """Note one fault of a dotted key."""
        self.add(self.where(key), what, allowed, suggestion)

    def unknown(
        self, key: str, word: object, options: Iterable[object], what: Sentence | None = None
    ) -> None:
        """Note a word of a dotted key that is none of the options."""
        self.refused(key, unknown(word, options, what))

    def placed(self, where: Where) -> Self:
        """The same list for keys that stand elsewhere."""
        view = copy(self)
        view.where = where
        return view

    def refused(self, key: str, refused: Refused) -> None:
        """Note what a reader refused of a dotted key."""
        self.extend([refused.at(self.where(key))])

    @contextmanager
    def noted(self, key: str) -> Iterator[None]:
        """Go on behind what is refused inside, noted as a fault of a dotted key."""
        try:
            yield
        except Refused as refused:
            self.refused(key, refused)

    def extend(self, faults: Iterable[Fault]) -> None:
        """Note several faults; the first of a word that is wrong in itself, and of one thing in one place."""
        for fault in faults:
            of_word = fault.where.startswith(COMMAND_LINE)
            self._found.setdefault((fault.where, "" if of_word else fault.what), fault)

    def replace(self, faults: Iterable[Fault]) -> None:
        """Have these in place of all that were noted."""
        faults = list(faults)
        self._found.clear()
        self.extend(faults)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._found.values())

    def __len__(self) -> int:
        return len(self._found)

    def stop(self, language: str = ENGLISH) -> None:
        """Raise every fault noted so far as one `ConfigError`; do nothing when there is none."""
        if self._found:
            raise ConfigError(self, language)


# --- what messages say again and again


NOT_KNOWN: Final = sentence("is not a known key")
IS_MISSING: Final = sentence("is missing")


def unknown(word: object, options: Iterable[Any], what: Sentence | None = None) -> Refused:
    """A word that is none of the options: these, and the nearest; `what` is said of it in place of the usual."""
    words = tuple(map(str, options))
    return Refused(what or sentence("{} is not known", shown(word)), ", ".join(words), nearest(word, words))


def one_of(word: Any, options: Iterable[Any], what: Sentence | None = None) -> Any:
    """A word that is one of the options; Refused when it is none of them, see `unknown`."""
    if word not in options:
        raise unknown(word, options, what)
    return word


def out_of_range(value: object) -> Sentence:
    """What is said of a number outside its range."""
    return sentence("{} is out of range", shown(value))


def refuse(title: str, wrong: Iterable[tuple[tuple[str, ...], Refused, Any]]) -> None:
    """Refuse a value for everything that is wrong in it: the keys that lead there, what it is, and what was given.

    It is told as pydantic tells of what one validator refuses.
    """
    details = [
        InitErrorDetails(type="value_error", loc=keys, input=value, ctx={"error": refused})
        for keys, refused, value in wrong
    ]
    if details:
        raise ValidationError.from_exception_data(title, details)


def sentence_of(error: BaseException) -> Sentence:
    """What an error says, in both languages where it knows them."""
    faults = error.faults if isinstance(error, ConfigError) else ()
    if isinstance(error, Refused):
        faults = (error.at(""),)
    if faults:
        en, zh = ("\n".join(fault.spoken(language) for fault in faults) for language in ("en", "zh"))
        return Sentence(en, zh)
    message = error.args[0] if error.args else ""
    return message if isinstance(message, Sentence) else Sentence(str(error), str(error))


# --- what ends a study, and what the system refuses while it runs


def failure(english: str, *values: object) -> StudyFailed:
    """What ends a study with a message; see `sentence`."""
    return StudyFailed(sentence(english, *values))


MISSING_RIGHT: Final = sentence("permission is missing")
REASONS: Final[Mapping[int, Sentence]] = {
    errno.ENOSPC: sentence("the disk is full"),
    errno.EDQUOT: sentence("the disk quota is used up"),
    errno.EFBIG: sentence("the file is larger than allowed"),
    errno.EROFS: sentence("the file system is read-only"),
    errno.EACCES: MISSING_RIGHT,
    errno.EPERM: MISSING_RIGHT,
    errno.ENOTDIR: sentence("a part of the path is a file"),
    errno.ENOENT: sentence("the path cannot be made"),
}
GOES_ON: Final = sentence("Finished chunks are kept; the same command goes on.")
REMOVED_LATER: Final = sentence("What is left can be removed later.")


def unwritable(error: OSError, where: Path, kept: Sentence) -> StudyFailed:
    """Say in one line why a study could not be written, and what is kept."""
    reason = REASONS.get(error.errno or 0, error.strerror or str(error))
    return failure("cannot write {}: {}. {}", error.filename or where, reason, kept)


# --- did you mean

# What a language is called beside its code.
LANGUAGES: Final = {"cn": "zh", "chinese": "zh", "中文": "zh", "english": "en", "英文": "en"}


def distance(first: str, second: str) -> int:
    """Typing slips between two words: letters left out, added or changed, and neighbours swapped.

    Parameters
    ----------
    first, second : str
        Two words.

    Returns
    -------
    int
        Optimal string alignment distance, 0 for equal words.
    """
    before_last: list[int] = []
    last = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        row = [i]
        for j, b in enumerate(second, 1):
            cost = min(last[j] + 1, row[-1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == second[j - 2] and first[i - 2] == b:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        before_last, last = last, row
    return last[-1]


def nearest(typed: object, words: Iterable[str]) -> str:
    """The known word most likely meant by a mistyped one.

    Words that share all but two letters with it are compared by typing slips; of equally near ones the one made of the
    same letters comes first, then the one of the same length. When there is none, the most similar word is taken, or
    the only one of which it is a part, as ``gap`` is of ``rural_city_gap``.

    Parameters
    ----------
    typed : object
        What was written.
    words : iterable of str
        The known words.

    Returns
    -------
    str
        Empty when nothing is near.
    """
    text, names = str(typed)[:300], sorted(set(words))
    for word in (text.casefold(), LANGUAGES.get(text.casefold())):
        if word in names:
            return word
    letters = Counter(text)
    close = [word for word in names if abs(len(word) - len(text)) <= 1 and _unlike(letters, word) <= 2]
    if close:
        best = min(close, key=lambda w: (distance(text, w), Counter(w) != letters, len(w) != len(text), w))
        if distance(text, best) <= min(2, len(text) // 2):
            return best
    similar = get_close_matches(text, names, n=1, cutoff=0.6) if len(text) > 1 else []
    parts = [word for word in names if text in re.split("[_:]", word)]
    return (similar or (parts if len(parts) == 1 else []) or [""])[0]


def _unlike(letters: Counter[str], word: str) -> int:
    """How many letters of either word the other lacks."""
    others = Counter(word)
    return (letters - others).total() + (others - letters).total()
