"""Every word of figures and reports, in English and Chinese, from one catalogue (the YAML files beside this one)."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

CATALOGUE = Path(__file__).parent
LANGUAGES = ("en", "zh")


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Key -> language -> text, over all files of the catalogue; a key stands in one file only."""
    entries: dict[str, dict[str, str]] = {}
    for path in sorted(CATALOGUE.glob("*.yaml")):
        for key, texts in yaml.safe_load(path.read_text("utf-8")).items():
            if key in entries:
                raise KeyError(f"{path.name}: {key} is in the catalogue twice")
            entries[key] = {
                language: text.replace(" %", "\N{NO-BREAK SPACE}%") for language, text in texts.items()
            }
    return entries


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
        self.titles = dict(titles or {})

    def __call__(self, key: str, **values: object) -> str:
        """Text of a key, its places filled; an unknown key is an error."""
        text = catalogue()[key][self.language]
        return text.format(**values) if values else text

    def name(self, group: str, word: str) -> str:
        """Name of a word of the model (``kind``, ``dimension``, ...); a word the catalogue lacks names itself."""
        entry = catalogue().get(f"{group}.{word.replace(' ', '_')}")
        return entry[self.language] if entry else spoken(word)

    def scenario(self, name: str) -> str:
        """Name of a scenario: its own title, the catalogue's, or its policies joined; an environment follows."""
        bundle, _, environment = name.partition("@")
        if bundle in self.titles:
            title = self.titles[bundle]
        elif f"scenario.{bundle}" in catalogue():
            title = self.name("scenario", bundle)
        else:
            title = " + ".join(self.policy(part) for part in bundle.split("+"))
        if not environment:
            return title
        joint = "，" if self.language == "zh" else ", "
        return title + joint + self.name("environment", environment)

    def policy(self, name: str) -> str:
        """Name of a policy or shock: its own title, else the catalogue's."""
        return self.titles.get(name) or self.name("policy", name)

    def inside(self, name: str) -> str:
        """A name in the middle of a sentence."""
        return name if self.language == "zh" else name[:1].lower() + name[1:]

    def listing(self, items: list[str]) -> str:
        """Items joined as the language joins them."""
        return ("、" if self.language == "zh" else ", ").join(items)

    def sentences(self, parts: list[str]) -> str:
        """Sentences in a row, as the language sets them; empty ones are left out."""
        return ("" if self.language == "zh" else " ").join(part for part in parts if part)


def spoken(word: str) -> str:
    """An identifier as words: ``budget_exhausted`` -> ``Budget exhausted``."""
    words = word.replace("_", " ").replace(".", ": ").strip()
    return words[:1].upper() + words[1:]


def signed(value: float, digits: int | None = None) -> str:
    """A difference with its sign, ``+2.1`` or ``−0.42``; what rounds to zero carries none.

    One digit after the point, two where it is less than one, or as many as asked for.
    """
    if value != value:
        return "–"
    if digits is None:
        digits = 2 if abs(value) < 0.995 else 1
    text = f"{value:+,.{digits}f}"
    return text[1:] if float(text.replace(",", "")) == 0 else text.replace("-", "−")


def unsigned(value: float) -> str:
    """The size of a difference, told by a verb that has the sign."""
    return signed(abs(value)).removeprefix("+")


def chance(share: float) -> str:
    """A probability from runs: their number is finite, so none is told as 0 or 1."""
    if share != share:
        return "–"
    if share >= 0.995:
        return ">\N{NO-BREAK SPACE}0.99"
    return "<\N{NO-BREAK SPACE}0.01" if share < 0.005 else f"{share:.2f}"


def plain(value: float, digits: int = 1) -> str:
    """A level with thousands apart and a true minus sign."""
    return "–" if value != value else f"{value:,.{digits}f}".replace("-", "−")


def percent(share: float) -> str:
    """A share as a whole percentage."""
    return f"{100 * share:.0f}\N{NO-BREAK SPACE}%"
