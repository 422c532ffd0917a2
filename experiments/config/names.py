"""Names as people write them: 四川省, Sichuan or SC; 城商行 or city bank; west or 西部; 数据共享 for data_sharing.

`Names` finds the one name that a word means, in Chinese or English, or says which it might be; `display` goes the
other way. Provinces are grouped by the four regions of the National Bureau of Statistics.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from agents.honeycomb import KINDS, SMALL_KINDS
from experiments.config.data import table
from experiments.config.errors import Refused, Sentence, enumerated, nearest, sentence, shown
from experiments.location import CONF, DATA

KIND_GROUPS: Final[Mapping[str, tuple[str, ...]]] = {"all": KINDS, "small": SMALL_KINDS}
ALL_PROVINCES: Final = "all"
WORDS: Final = CONF / "words.csv"


def folded(word: object) -> str:
    """A word without what people write differently: width, case, spaces, hyphens, underscores, quotes, dots."""
    text = unicodedata.normalize("NFKC", str(word)).casefold()
    return re.sub(r"[\s_\-·'\"“”‘’「」.,()（）]+", "", text)


class Names:
    """Words for a few names.

    Parameters
    ----------
    words : mapping of str to iterable of str
        Name -> the other words for it.
    shown : mapping of str to Sentence
        Name -> what it is called in English and Chinese.
    """

    def __init__(self, words: Mapping[str, Iterable[str]], shown: Mapping[str, Sentence]) -> None:
        self.others = {name: tuple(others) for name, others in words.items()}
        self.names = tuple(words)
        self.shown = dict(shown)
        self._meant: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for name in self.names:
            for word in self._words(name):
                self._meant[folded(word)][name] = None
        # What something is called in the files comes before what else may be called so.
        for name in self.names:
            self._meant[folded(name)] = {name: None}

    def _words(self, name: str) -> tuple[str, ...]:
        """Other words for a name: what it is called, and how a list of names shows it, from which people copy it."""
        title = self.shown.get(name)
        titles = (title.en, title.zh, f"{name} {title.en}", f"{name} {title.zh}") if title else ()
        return (*self.others.get(name, ()), *titles)

    def find(self, word: object) -> str | None:
        """The name that a word means; None when it is unknown or may mean several."""
        candidates = self.candidates(word)
        return candidates[0] if len(candidates) == 1 else None

    def candidates(self, word: object) -> tuple[str, ...]:
        """Every name that a word may mean: equal words first, else those a Chinese word of two letters is part of."""
        if word in self.names:
            return (str(word),)
        key = folded(word)
        if key in self._meant:
            return tuple(self._meant[key])
        if len(key) < 2 or not is_chinese(key):
            return ()
        return tuple(
            dict.fromkeys(name for words, names in self._meant.items() if key in words for name in names)
        )

    def name(self, word: object) -> str:
        """The name that a word means.

        Raises
        ------
        Refused
            With the names to choose from and the nearest one.
        """
        candidates = self.candidates(word)
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            raise Refused(sentence("{!r} may be any of {}", word, enumerated(candidates)))
        raise Refused(sentence("{} is not known", shown(word)), self.choice(), self.nearest(word))

    def nearest(self, word: object) -> str:
        """The name whose words are nearest to a mistyped one; empty when none is near."""
        best = nearest(folded(word), self._meant)
        return next(iter(self._meant[best])) if best else ""

    def choice(self, among: Iterable[str] = ()) -> Sentence:
        """The names to choose from, or some of them, as a message lists them."""
        names = tuple(among) or self.names
        return enumerated(
            Sentence(name, f"{name} {self.shown[name].zh}") if name in self.shown else name for name in names
        )

    def display(self, name: str, language: str) -> str:
        """What a name is called in a language; a name without a title names itself."""
        return self.shown[name].spoken(language) if name in self.shown else name

    def __or__(self, more: Names) -> Names:
        """These names and more: one that both have has the words of both."""
        words = {name: (*self._words(name), *more._words(name)) for name in self.others | more.others}
        return Names(words, self.shown | more.shown)


def titled(titles: Mapping[str, object], names: Names | None = None) -> Names:
    """The names of policies, shocks, scenarios or outcomes by their titles.

    Parameters
    ----------
    titles : mapping
        Name -> ``{en, zh}``, or one text for both, or None.
    known : Names, optional
        What some of them are called whose files have no title, and the other words that people have for them.
    """
    names = names or Names({}, {})
    sentences = {name: one for name, one in names.shown.items() if name in titles}
    for name, title in titles.items():
        if isinstance(title, Mapping):
            sentences[name] = Sentence(str(title.get("en", name)), str(title.get("zh", name)))
        elif title is not None:
            sentences[name] = Sentence(str(title), str(title))
    return Names({name: names.others.get(name, ()) for name in titles}, sentences)


@cache
def vocabulary(name: str) -> Names:
    """One list of ``conf/words.csv``: names, what they are called, and the other words that people have for them."""
    rows = [row for row in table(WORDS) if row["list"] == name]
    titles = {row["name"]: Sentence(row["en"], row["zh"]) for row in rows if row["en"]}
    return Names({row["name"]: [word for word in row["words"].split("; ") if word] for row in rows}, titles)


PROVINCE_NAMES: Final = vocabulary("province")
REGION_NAMES: Final = vocabulary("region")
KIND_NAMES: Final = vocabulary("kind")
PLACE_NAMES: Final = PROVINCE_NAMES | REGION_NAMES
REACH_NAMES: Final = KIND_NAMES | PLACE_NAMES
PROVINCES: Final = PROVINCE_NAMES.names
REGION_OF: Final[Mapping[str, str]] = {row["code"]: row["region"] for row in table(DATA / "provinces.csv")}
REGIONS: Final[Mapping[str, tuple[str, ...]]] = {
    region: tuple(code for code in PROVINCES if REGION_OF[code] == region)
    for region in ("east", "central", "west", "northeast")
}


def kind(word: object, among: tuple[str, ...] = KINDS) -> str:
    """The name of one bank kind from what people call it; Refused when there is none, or several are meant."""
    name = KIND_NAMES.find(word)
    if name in among:
        return str(name)
    what = sentence("{} is not known", shown(word))
    if name in KIND_GROUPS:
        what = sentence("{!r} are several kinds of banks", word)
    raise Refused(what, KIND_NAMES.choice(among), "" if name else KIND_NAMES.nearest(word))


def provinces(value: object) -> tuple[str, ...]:
    """Codes of provinces from a list, or one text, of provinces and regions.

    Parameters
    ----------
    value : text or list
        ``all``, ``west``, ``[west, 山东]``, ``四川、云南`` ...

    Returns
    -------
    tuple of str
        Each code once, in the order in which they were named.

    Raises
    ------
    Refused
    """
    return _gathered(value, PLACE_NAMES, {**REGIONS, ALL_PROVINCES: PROVINCES})


def kinds(value: object) -> tuple[str, ...]:
    """Names of bank kinds from a list, or one text, of kinds and groups of kinds; each once, as they were named."""
    return _gathered(value, KIND_NAMES, KIND_GROUPS)


def _gathered(value: object, names: Names, members: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    groups = [names.name(word) for word in listed(value)]
    return tuple(dict.fromkeys(one for name in groups for one in members.get(name, (name,))))


def kinds_and_places(value: object) -> tuple[list[Any], list[Any]]:
    """Words for whom a policy reaches, told apart: kinds of banks, and provinces with regions; Refused for neither."""
    kinds: list[Any] = []
    places: list[Any] = []
    for word in listed(value):
        REACH_NAMES.name(word)
        is_kind = KIND_NAMES.find(word) is not None and word != ALL_PROVINCES
        (kinds if is_kind else places).append(word)
    return kinds, places


def listed(value: object) -> list[Any]:
    """A list as it stands, or the items of one text: ``［四川，云南］``, ``四川、云南``, ``[a, b]``, ``a``."""
    if not isinstance(value, str):
        return list(value) if isinstance(value, list | tuple) else [value]
    inside = re.fullmatch(r"\s*[\[［【]?(.*?)[\]］】]?\s*", value, re.DOTALL)
    items = re.split(r"[,，、;；\n]", inside[1] if inside else value)
    return [item.strip() for item in items if item.strip()]


def is_chinese(text: str) -> bool:
    """Whether a text holds a Chinese character."""
    return re.search(r"[\u3400-\u9fff]", text) is not None


# --- what a keyboard set to Chinese types on a command line

MARKS: Final = str.maketrans("【】\u3000", "[] ")
_QUOTED: Final = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_OPENS: Final = re.compile(r"\s*(?:[\[{]|[a-z_]+\()")
_THOUSANDS: Final = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?\s*[^\s0-9,.].*")


def override(word: str) -> str:
    """A ``key=value`` of the command line as Hydra's grammar takes it.

    Full-width marks become plain ones, text with letters that the grammar does not know is quoted, and so is a number
    with thousands separators and a unit (``1,200 million yuan``), which would be a sweep over 1 and 200 million.

    Parameters
    ----------
    word : str
        As typed.

    Returns
    -------
    str
        Unchanged when it holds plain letters only, or is quoted already.
    """
    key, equals, value = "".join(_narrowed(word)).partition("=")
    if not equals:
        return key
    if _THOUSANDS.fullmatch(value):
        return f"{key}={quoted(value)}"
    marks = r",\[\]{}():" if _OPENS.match(value) else ","
    pieces = re.findall(rf"{_QUOTED}|[^{marks}'\"]+|.", value, re.DOTALL)
    return f"{key}={''.join(map(_as_text, pieces))}"


def _narrowed(word: str) -> Iterator[str]:
    """A word in pieces: what is in quotes as it stands, every other letter at its plain width."""
    for pair in ("‘’", "“”"):
        word = re.sub(f"=[{pair}]([^{pair}]*)[{pair}]", lambda match: f"={quoted(match[1])}", word)
    for piece in re.findall(rf"{_QUOTED}|.", word, re.DOTALL):
        wide = len(piece) == 1 and "\uff01" <= piece <= "\uff5e"
        plain = unicodedata.normalize("NFKC", piece) if wide else piece.translate(MARKS)
        yield plain if len(piece) == 1 else piece


def _as_text(piece: str) -> str:
    bare = piece.strip()
    if bare.isascii() or bare[0] in "'\"" or "${" in bare:
        return piece
    return piece.replace(bare, quoted(bare))


def quoted(text: str) -> str:
    """A text in quotes as Hydra's grammar reads it back, whatever letters it has."""
    inside = re.sub(r"(\\*)'", r"\1\1\'", text)
    ending = re.search(r"\\*$", inside)
    return f"'{inside}{ending[0] if ending else ''}'"
