"""The changelog, by version: which of its entries speak of a number that moved."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from experiments.location import ROOT

SECTION = re.compile(r"^## \[([^\]]+)\]", re.MULTILINE)
ENTRY = re.compile(r"^ *- ", re.MULTILINE)


@cache
def sections() -> Mapping[str, tuple[str, ...]]:
    """Version -> its entries, the newest version first; a wheel carries no changelog."""
    file = ROOT / "CHANGELOG.md"
    _, *parts = SECTION.split(file.read_text("utf-8")) if file.is_file() else [""]
    plain = [re.sub(r"^#.*$", "", text, flags=re.MULTILINE) for text in parts[1::2]]
    entries = [tuple(" ".join(entry.split()) for entry in ENTRY.split(text)[1:]) for text in plain]
    return dict(zip(parts[::2], entries, strict=True))


def between(before: str | None, after: str | None) -> list[str]:
    """Entries of the versions after one of two versions, up to the other.

    Parameters
    ----------
    before, after : str or None
        Two versions, in either order; equal ones stand for the work on that version. None, or one that the changelog
        does not know, is older than all.
    """
    versions = list(sections())
    first, last = sorted(versions.index(v) if v in versions else len(versions) for v in (before, after))
    return [entry for v in versions[first : max(last, first + 1)] for entry in sections()[v]]


def naming(entries: Sequence[str], words: Iterable[str]) -> list[int]:
    """Places of the entries that name one of some outcomes or levers, such as ``rural_city_gap``."""
    sought = re.compile("|".join(rf"\b{re.escape(_spaced(word))}\b" for word in words))
    return [place for place, entry in enumerate(entries) if sought.search(_spaced(entry))]


def _spaced(text: str) -> str:
    return re.sub(r"[_\- ]+", " ", text.lower())
