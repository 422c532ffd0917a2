"""Every word of figures, pages and the console, in English and Chinese, and how numbers are written among them.

The catalogue of words is the YAML files beside this one.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from agents.honeycomb import DIMENSIONS
from experiments.config import catalogue as catalogued
from experiments.config.catalogue import OUTCOMES
from experiments.config.data import read_items
from experiments.config.reading import mapping
from experiments.location import CONF
from experiments.results.schema import LADDER
from experiments.runs.records import ITEM
from model.outcomes import BY_SYSTEM

CATALOGUE = Path(__file__).parent
LANGUAGES = ("en", "zh")
# What stands before the description of another number, and behind it in Chinese.
OF_ANOTHER = {
    "5 % quantile of: ": "的 5 % 分位数",
    "95 % quantile of: ": "的 95 % 分位数",
    "first day: ": "（首日）",
    "first day, percent of peers with less: ": "：首日低于本行的同业占比",
    "first day, median of peers: ": "：首日同业中位数",
}
ORDER = re.compile(r"^(\d{4})Q([1-4])$")
BREAK = "\N{NO-BREAK SPACE}"
INTERVAL = re.compile(r"\[([^][ ]+), ([^][ ]+)\]")
FINE = ("gini", "p90_p10", "vendor_hhi", "export_hhi")
PERCENT = (
    "language_model",
    "budget_exhausted",
    "outage_exposure",
    "route_build",
    "route_buy",
    "route_union",
    "route_alliance",
)


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Key -> language -> text, over all files of the catalogue; a key stands in one file only."""
    entries: dict[str, dict[str, str]] = {}
    for path in sorted(CATALOGUE.glob("*.yaml")):
        for key, texts in mapping(path).items():
            if key in entries:
                raise KeyError(f"{path.name}: {key} is in the catalogue twice")
            entries[key] = {language: text.replace(" %", f"{BREAK}%") for language, text in texts.items()}
    return entries


@cache
def translations() -> dict[str, str]:
    """English text of a data dictionary or a unit -> Chinese."""
    return mapping(CATALOGUE / "translations" / "zh.yaml")


@cache
def items() -> dict[str, dict[str, str]]:
    """Item of the questionnaire -> language -> name: that of the catalogue, else of the questionnaire itself."""
    names = {row["id"]: {language: row[f"name_{language}"] for language in LANGUAGES} for row in read_items()}
    return {name: catalogue().get(f"item.{name}", name_pair) for name, name_pair in names.items()}


@cache
def titles_shipped() -> Mapping[str, Mapping[str, str]]:
    """Scenario, policy or shock of a shipped file -> language -> its title there."""
    files = [file for group in ("policies", "shocks") for file in (CONF / group).glob("*.yaml")]
    entries = mapping(CONF / "library" / "default.yaml") | {file.stem: mapping(file) for file in files}
    return {name: entry["title"] for name, entry in entries.items()}


class Counting(Formatter):
    """Fills the places of a text; ``{n:bank|banks}`` is a number with the word that goes with it: 1 bank, 2 banks."""

    def format_field(self, value: object, format_spec: str) -> str:
        """A value as its place asks for."""
        one, several, many = format_spec.partition("|")
        if not several:
            return str(super().format_field(value, format_spec))
        return f"{value} {one if str(value) == '1' else many}"


class Labels:
    """The catalogue in one language, with the names that a study's own settings give to its scenarios.

    Parameters
    ----------
    language
        ``en`` or ``zh``.
    titles
        Name of a scenario or policy -> its title in this language; such names are data, not markup.
    """

    def __init__(self, language: str, titles: Mapping[str, str] | None = None) -> None:
        if language not in LANGUAGES:
            raise ValueError(f"language is {language!r}; choose from {', '.join(LANGUAGES)}")
        self.language = language
        self.chinese = language == "zh"
        self.titles = dict(titles or {})

    def __call__(self, key: str, **values: object) -> str:
        """Text of a key, its places filled; an unknown key is an error."""
        text = catalogue()[key][self.language]
        # An amount without 万 or 亿, such as 0, stands apart from its yuan.
        return re.sub(r"(?<=\d)元", f"{BREAK}元", Counting().vformat(text, (), values)) if values else text

    def name(self, group: str, word: str) -> str:
        """Name of a word of the model (``kind``, ``dimension``, ...); a word the catalogue lacks names itself."""
        entry = catalogue().get(f"{group}.{word.replace(' ', '_')}")
        return entry[self.language] if entry else spoken(word)

    def translated(self, english: str) -> str:
        """What data describe in English, in Chinese where the page is; words that nobody has translated stay."""
        if english.startswith(LADDER):
            names = {LADDER + row["name_en"]: items()[row["id"]][self.language] for row in read_items()}
            item = names.get(english, english.removeprefix(LADDER))
            return f"条目在其阶梯上的平均水平：{item}" if self.chinese else f"{LADDER}{item}"
        if not self.chinese:
            return english
        texts = translations()
        for level, name in OF_ANOTHER.items():
            if english.startswith(level):
                return f"{self.translated(english.removeprefix(level))}{name}"
        return texts.get(english) or catalogued.UNIT_NAMES.display(english, self.language)

    def scenario(self, name: str) -> str:
        """Name of a scenario: its own title, the shipped one, or its policies joined; an environment follows."""
        bundle, _, environment = name.partition("@")
        title = self.titles.get(bundle) or self.shipped(bundle)
        title = title or " + ".join(self.policy(part) for part in bundle.split("+"))
        if not environment:
            return title
        return title + ("，" if self.chinese else ", ") + self.name("environment", environment)

    def under(self, name: str) -> str:
        """A scenario as a place in a sentence: what already calls itself one, in Chinese, is not called so twice."""
        title = self.scenario(name)
        return title if not self.chinese or title.endswith("情景") else f"{title}情景"

    def policy(self, name: str) -> str:
        """Name of a policy or shock: its own title, else that of the shipped file."""
        return self.titles.get(name) or self.shipped(name) or spoken(name)

    def shipped(self, name: str) -> str | None:
        """Title of a scenario, policy or shock in the lab's own files; None for others."""
        return titles_shipped().get(name, {}).get(self.language)

    def outcome(self, name: str, kind: str | None = None) -> str:
        """Name of an outcome with the unit of its effects, and of the banks it is taken over where they are given."""
        if name in DIMENSIONS:
            title = self.name("dimension", name)
        elif name.startswith(ITEM):
            title = items()[name.removeprefix(ITEM)][self.language]
        elif name.startswith("pain_"):
            title = self.name("pain", name.removeprefix("pain_"))
        else:
            title = self.name("outcome", name)
        if kind is None:
            return title
        title += self.unit_of_effect(name)
        if kind == "all" and name in BY_SYSTEM:
            return title
        return self("analysis.of", outcome=title, banks=self.inside(self.banks(kind)))

    def banks(self, kind: str) -> str:
        """Name of a kind of bank; ``all`` are the small and medium ones."""
        return self.name("kind", "small" if kind == "all" else kind)

    def unit_of_effect(self, outcome: str) -> str:
        """Unit of an effect on an outcome, in brackets; none where the name says it or there is none."""
        unit = OUTCOMES[outcome][0] if outcome in OUTCOMES else ""
        return self("analysis.points") if outcome in PERCENT or unit.startswith("percent") else ""

    def unit(self, outcome: str) -> str:
        """Unit of an effect on an outcome as a word of a sentence."""
        if outcome in PERCENT or OUTCOMES.get(outcome, ("points",))[0].startswith("percent"):
            return self("unit.percentage_points")
        unit = "points" if outcome not in OUTCOMES else OUTCOMES[outcome][0]
        return self("unit.points") if unit in ("points", "0-100") else ""

    def parameter(self, name: str) -> str:
        """Name of an uncertain number, from the catalogue of numbers; a policy's strength by its policy and lever."""
        group, _, rest = name.partition(".")
        owner, _, part = rest.partition(".")
        if group == "policy":
            lever = self.inside(self._catalogued(f"policies.{owner}.effects.{part}") or spoken(part))
            return self("analysis.strength", policy=self.policy(owner), lever=lever)
        if not rest:  # a choice: allocation, network, environment
            return self.name("group", group)
        title = self._catalogued(name) or spoken(part or owner)
        if group == "banks":
            return self("analysis.of", outcome=title, banks=self.inside(self.name("kind", owner)))
        return title

    def _catalogued(self, name: str) -> str:
        """What a number means, as the catalogue has it; empty where it has no row."""
        if not catalogued.known(name):
            return ""
        row = catalogued.row(name)
        meaning = row.meaning_zh if self.chinese else row.meaning_en
        return begun(meaning)

    def money(self, million: float, among: float | None = None) -> str:
        """An amount given in million yuan, as the language counts: millions in English, 万 and 亿 in Chinese.

        What no run bounds is infinite. The word for yuan is the sentence's or the column's own. ``among`` is the
        largest of amounts that add up: all are told in its unit and with its decimals.
        """
        if math.isnan(million):
            return "–"
        if math.isinf(million):
            return "∞" if million > 0 else "−∞"
        size = abs(million)
        if size < 5e-5:
            return "0"
        if among is not None and self.chinese:
            large = abs(among) >= 1000
            return f"{plain(million / 100, 2)}{BREAK}亿" if large else f"{plain(100 * million, 0)}{BREAK}万"
        if among is not None:
            return plain(million, 0 if abs(among) >= 1000 else 1 if abs(among) >= 10 else 2)
        if not self.chinese:
            return plain(million, 0 if size >= 10 else 2)
        if size >= 100:
            return f"{plain(million / 100, 1 if size >= 1000 else 2)}{BREAK}亿"
        return f"{plain(100 * million, 0 if size >= 0.1 else 2)}{BREAK}万"

    def balance(self, million: float) -> str:
        """An amount with its sign, given in million yuan."""
        if not self.chinese:
            return signed(million)
        return ("+" if million > 0 else "") + self.money(million)

    def quarter(self, name: str) -> str:
        """A quarter as the language writes it: ``2030Q4``, or 2030 年四季度."""
        match = ORDER.match(name)
        return f"{match[1]} 年{'一二三四'[int(match[2]) - 1]}季度" if match and self.chinese else name

    def inside(self, name: str) -> str:
        """A name in the middle of a sentence."""
        return name if self.chinese else name[:1].lower() + name[1:]

    def listing(self, items: Iterable[str]) -> str:
        """Items joined as the language joins them."""
        return ("、" if self.chinese else ", ").join(items)

    def clauses(self, items: Iterable[str]) -> str:
        """Clauses joined as the language joins them."""
        return ("；" if self.chinese else "; ").join(items)

    def sentences(self, parts: Iterable[str]) -> str:
        """Sentences in a row, as the language sets them; empty ones are left out."""
        return ("" if self.chinese else " ").join(part for part in parts if part)

    def stopped(self, text: str) -> str:
        """A text with a full stop, where it has none."""
        return text if text[-1:] in (".", "。") else text + ("。" if self.chinese else ".")


def titled(scenarios: Sequence[Mapping[str, Any]], language: str) -> dict[str, str]:
    """Titles that settings give to their scenarios, and to the policies and shocks of these, by name."""
    titles: dict[str, str] = {}
    for scenario in scenarios:
        for item in (*scenario.get("policies", ()), *scenario.get("shocks", ())):
            titles.setdefault(str(item["name"]), str((item.get("title") or {}).get(language) or ""))
    for scenario in scenarios:
        title = (scenario.get("title") or {}).get(language)
        if title and str(scenario["label"]).partition("@")[0] == str(scenario.get("name")):
            titles[str(scenario["name"])] = str(title)
    return {name: title for name, title in titles.items() if title}


def spoken(word: str) -> str:
    """An identifier as words: ``budget_exhausted`` -> ``Budget exhausted``."""
    words = word.replace("_", " ").replace(".", ": ").strip()
    return begun(words)


def begun(text: str) -> str:
    """A text as a sentence begins."""
    return text[:1].upper() + text[1:]


# --- how numbers are written


def unbroken(text: str) -> str:
    """The same text with every interval in it on one line: ``[+1.32, +4.77]``."""
    return INTERVAL.sub(rf"[\1,{BREAK}\2]", text)


def signed(value: float, digits: int | None = None) -> str:
    """A difference with its sign, ``+2.1`` or ``−0.42``; what rounds to zero carries none.

    One digit after the point, two where it is less than one, or as many as asked for.
    """
    if math.isnan(value):
        return "–"
    if digits is None:
        digits = 2 if abs(value) < 0.995 else 1
    text = f"{value:+,.{digits}f}"
    return text[1:] if float(text.replace(",", "")) == 0 else text.replace("-", "−")


def unsigned(value: float) -> str:
    """The size of a difference, told by a verb that has the sign."""
    return signed(abs(value)).removeprefix("+")


def plain(value: float, digits: int = 1) -> str:
    """A level with thousands apart and a true minus sign, which what rounds to zero has not."""
    return "–" if math.isnan(value) else f"{value:z,.{digits}f}".replace("-", "−")


def percent(share: float) -> str:
    """A share as a whole percentage; a dash where it is not known."""
    return "–" if math.isnan(share) else f"{100 * share:.0f}{BREAK}%"


def reached(share: float) -> str:
    """A share of all assets to a tenth of a percent; what is more than nothing is not told as 0."""
    return f"<{BREAK}0.1{BREAK}%" if 0.0 < share < 0.0005 else f"{100 * share:.1f}{BREAK}%"


def chance(share: float) -> str:
    """A probability from runs: their number is finite, so none is told as 0 or 1."""
    if math.isnan(share):
        return "–"
    if share >= 0.995:
        return f">{BREAK}0.99"
    return f"<{BREAK}0.01" if share < 0.005 else f"{share:.2f}"


def digits(outcome: str) -> int:
    """Decimals that an effect on an outcome is told with."""
    return 4 if outcome in FINE else 2


def scale(outcome: str) -> float:
    """100 for shares, which are told in percentage points."""
    return 100.0 if outcome in PERCENT else 1.0


def columns(text: str) -> int:
    """Width of a text in Latin letters; a Chinese one counts for two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
