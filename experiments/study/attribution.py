"""What changed the answer between two studies: seed, data, numbers, assumptions, scenarios, the rules or the version.

Numbers are compared as the folders have them stored, whatever version wrote them; each that moved stands beside the
entries of the changelog that name its outcome or its levers.

Where both manifests can be read, the first study is turned into the second one part at a time and each step is run at a
small size on the same code, so that the parts add up exactly; what is left between the runs of this code and the two
published answers is the work of the rules (the code).
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pandas as pd

from experiments.config.errors import ENGLISH, Sentence, Words, enumerated, sentence, spoken
from experiments.failure import StudyFailed
from experiments.location import ROOT
from experiments.results.open import Results
from experiments.study.replay import load_settings, read_study, settings_of
from experiments.study.run import run_study

PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "seed": ("seed", "replicates"),
    "data": ("series", "uncertainty"),
    "numbers": ("banks", "behaviour", "population", "pinned", "rows"),
    "assumptions": ("allocation", "network", "start", "end"),
    "scenarios": ("scenarios",),
}
KEYS: Final = ["scenario", "quantity", "measure", "outcome", "quarter", "bank_kind"]
MOST: Final = 30
"""Moved numbers listed, the largest first."""
PARTS_TOLD: Final = {
    told.en: told
    for told in (
        sentence("seed"), sentence("data"), sentence("numbers"), sentence("assumptions"), sentence("scenarios"),
        sentence("rules (code)"),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Attribution:
    """What differs between two studies, and what each difference did.

    Parameters
    ----------
    inputs : tuple of str
        What differs in what went in: parts of the settings, data files, code, packages.
    versions : tuple of str or Sentence
        Of the lab, that wrote the two.
    layout : tuple of Sentence
        Tables, columns and outcomes that one of the two lacks.
    moved : DataFrame
        Medians of ``bands`` that differ: the keys, ``before``, ``after``, ``change``, and in ``changelog`` the places
        in `entries` of what is said of them.
    compared : int
        Numbers that both studies have.
    steps : DataFrame
        One row a part: what it alone does to the headline, in the order of `PARTS`; empty where nothing was run.
    entries : tuple of str
        Entries of the changelog from the one version to the other, where the rules or the data differ.
    """

    inputs: tuple[str, ...]
    versions: tuple[Words, Words]
    layout: tuple[Sentence, ...]
    moved: pd.DataFrame
    compared: int
    steps: pd.DataFrame
    entries: tuple[str, ...]

    def __str__(self) -> str:
        return self.spoken(ENGLISH)

    def spoken(self, language: str) -> str:
        """What differs and what moved, in ``en`` or ``zh``; names of columns and the changelog are in English."""
        inputs = enumerated(PARTS_TOLD.get(one, one) for one in self.inputs)
        inputs = inputs if self.inputs else sentence("nothing that was put in")
        lines: list[Words] = [
            sentence("written by: {} and {}", *self.versions), sentence("differs in: {}", inputs)
        ]  # fmt: skip
        lines += [sentence("layout: {}", line) for line in self.layout]
        lines.append(sentence("{} of {} numbers moved", len(self.moved), self.compared))
        if len(self.moved):
            lines.append(self.moved.head(MOST).to_string(index=False))
        if len(self.steps):
            lines += [sentence("what each part did to the headline:"), self.steps.to_string(index=False)]
        entries = sorted({place for places in self.moved["changelog"] for place in places})
        lines += [f"changelog [{place}] {self.entries[place]}" for place in entries]
        if others := len(self.entries) - len(entries):
            lines.append(sentence("changelog: {} further entries name none of these", others))
        return "\n".join(spoken(line, language) for line in lines)


def compare_studies(
    first: str | Path, second: str | Path | None = None, headline: tuple[str, str] = ("index", "all")
) -> Attribution:
    """Name every number that moved between two studies, and what moved it.

    Parameters
    ----------
    first, second : str or Path
        Folders of finished studies; without a second one, the first one's settings run again by this version.
    headline : tuple of str
        Outcome and kind of bank, of the last scenario in the last quarter, that the steps are read on.
    """
    first = Path(first)
    before = read_study(first)
    if second is None:
        with TemporaryDirectory() as place:
            settings = load_settings(settings_of(before, Path(place)))
            return compare_studies(first, _quiet_run(settings, place), headline)
    second = Path(second)
    after = read_study(second)
    both = pd.concat({"before": _medians(first), "after": _medians(second)}, axis=1, join="inner").dropna()
    both["change"] = both["after"] - both["before"]
    moved = both[both["change"] != 0.0].sort_values("change", key=abs, ascending=False).reset_index()
    differing = [
        part
        for part, keys in PARTS.items()
        if any(before["config"].get(key) != after["config"].get(key) for key in keys)
    ]
    code = before["code"]["numbers"] != after["code"]["numbers"]
    inputs = [*differing, *(["rules (code)"] if code else []), *_files(before.content, after.content)]
    versions = before["code"].get("version"), after["code"].get("version")
    entries = changelog_between(*versions) if code or before["data"] != after["data"] else []
    levers = _levers(before["config"]) | _levers(after["config"])

    @cache
    def entries_of(scenario: str, outcome: str) -> list[int]:
        return entries_naming(entries, [outcome.removeprefix("item:"), *levers.get(scenario, ())])

    moved["changelog"] = [*map(entries_of, moved["scenario"], moved["outcome"])]
    steps = _steps(settings_of(before, first), settings_of(after, second), differing, headline)
    names = tuple(version or sentence("an unnamed version") for version in versions)
    return Attribution(
        tuple(inputs),
        (names[0], names[1]),
        tuple(_layout(first, second)),
        moved,
        len(both),
        steps,
        tuple(entries),
    )


def _medians(folder: Path) -> pd.Series:
    frame = Results(folder).frame("bands").astype(dict.fromkeys(KEYS, str))
    return frame.set_index(KEYS)["q50"]


def _levers(config: Mapping[str, Any]) -> dict[str, list[str]]:
    """Scenario -> names of its policies and shocks."""
    return {
        scenario["label"]: [
            lever["name"] for key in ("policies", "shocks") for lever in scenario.get(key) or ()
        ]
        for scenario in config["scenarios"]
    }


def _layout(first: Path, second: Path) -> Iterator[Sentence]:
    """Tables, columns and outcomes that only one of two studies has."""
    one, other = (
        _names(json.loads((folder / "schema.json").read_text("utf-8"))) for folder in (first, second)
    )
    if names := one - other:
        yield sentence("only in the first: {}", ", ".join(sorted(names)))
    if names := other - one:
        yield sentence("only in the second: {}", ", ".join(sorted(names)))


def _names(schema: Mapping[str, Any]) -> set[str]:
    tables = schema["tables"]
    columns = {f"{name}.{column['name']}" for name, table in tables.items() for column in table["columns"]}
    return {*tables, *columns, *(outcome["name"] for outcome in schema["outcomes"])}


def _files(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Data files and packages whose content or version differs."""
    files = []
    for kind in ("data", "packages"):
        names = sorted({*before[kind], *after[kind]})
        files += [name for name in names if before[kind].get(name) != after[kind].get(name)]
    return files


def _steps(
    before: Mapping[str, object], after: Mapping[str, object], differing: list[str], headline: tuple[str, str]
) -> pd.DataFrame:
    """Run the first study, then with one part after the other as the second has it; what each step changed."""
    if not differing:
        return pd.DataFrame()
    config, values, names = dict(before), [], ["as first", *differing]
    with TemporaryDirectory() as folder:
        for part in names:
            config |= {key: after[key] for key in PARTS.get(part, ()) if key in after}
            try:
                settings = load_settings(config)
            except StudyFailed:
                return pd.DataFrame()
            values.append(_headline(_quiet_run(settings, folder), headline))
    changes = [float("nan"), *(b - a for a, b in pairwise(values))]
    return pd.DataFrame({"part": names, "value": values, "change": changes})


def _quiet_run(settings: Any, folder: str) -> Path:
    """Run a study's simulations alone, without report or banks."""
    quiet = settings.outputs.model_copy(update={"folder": folder, "report": False, "banks": False})
    return run_study(settings.model_copy(update={"outputs": quiet, "task": "simulate"}))


def _headline(folder: Path, headline: tuple[str, str]) -> float:
    bands = _medians(folder)
    scenario = bands.index.get_level_values("scenario")[-1]
    quarter = max(bands.index.get_level_values("quarter"))
    return float(bands.loc[(scenario, "level", "true", headline[0], quarter, headline[1])])


SECTION = re.compile(r"^## \[([^\]]+)\]", re.MULTILINE)
ENTRY = re.compile(r"^ *- ", re.MULTILINE)


@cache
def changelog_sections() -> Mapping[str, tuple[str, ...]]:
    """Version -> its entries, the newest version first; a wheel carries no changelog."""
    file = ROOT / "CHANGELOG.md"
    _, *parts = SECTION.split(file.read_text("utf-8")) if file.is_file() else [""]
    plain = [re.sub(r"^#.*$", "", text, flags=re.MULTILINE) for text in parts[1::2]]
    entries = [tuple(" ".join(entry.split()) for entry in ENTRY.split(text)[1:]) for text in plain]
    return dict(zip(parts[::2], entries, strict=True))


def changelog_between(before: str | None, after: str | None) -> list[str]:
    """Entries of the versions after one of two versions, up to the other.

    Parameters
    ----------
    before, after : str or None
        Two versions, in either order; equal ones stand for the work on that version. None, or one that the changelog
        does not know, is older than all.
    """
    versions = list(changelog_sections())
    first, last = sorted(versions.index(v) if v in versions else len(versions) for v in (before, after))
    return [entry for v in versions[first : max(last, first + 1)] for entry in changelog_sections()[v]]


def entries_naming(entries: Sequence[str], words: Iterable[str]) -> list[int]:
    """Places of the entries that name one of some outcomes or levers, such as ``rural_city_gap``."""
    pattern = re.compile("|".join(rf"\b{re.escape(_spaced(word))}\b" for word in words))
    return [place for place, entry in enumerate(entries) if pattern.search(_spaced(entry))]


def _spaced(text: str) -> str:
    return re.sub(r"[_\- ]+", " ", text.lower())
