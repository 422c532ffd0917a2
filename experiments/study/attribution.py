"""What changed the answer between two studies: seed, data, numbers, assumptions, scenarios or the rules.

Where both manifests can be read, the first study is turned into the second one part at a time and each step is run at a
small size on the same code, so that the parts add up exactly; what is left between the runs of this code and the two
published answers is the work of the rules (the code).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pandas as pd

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


@dataclass(frozen=True)
class Attribution:
    """What differs between two studies, and what each difference did.

    Parameters
    ----------
    inputs : tuple of str
        What differs in what went in: parts of the settings, data files, code, packages.
    moved : DataFrame
        Medians of ``bands`` that differ: the keys, ``before``, ``after`` and ``change``.
    compared : int
        Numbers that both studies have.
    steps : DataFrame
        One row a part: what it alone does to the headline, in the order of `PARTS`; empty where nothing was run.
    entries : tuple of str
        Entries of the changelog that say why results move.
    """

    inputs: tuple[str, ...]
    moved: pd.DataFrame
    compared: int
    steps: pd.DataFrame
    entries: tuple[str, ...]

    def lines(self) -> list[str]:
        """The attribution as lines of text."""
        said = [f"differs in: {', '.join(self.inputs) or 'nothing that was put in'}"]
        said.append(f"{len(self.moved)} of {self.compared} numbers moved")
        if len(self.moved):
            said.append(self.moved.head(MOST).to_string(index=False))
        if len(self.steps):
            said += ["what each part did to the headline:", self.steps.to_string(index=False)]
        return said + [f"changelog: {entry}" for entry in self.entries]


def compare_studies(first: Path, second: Path, headline: tuple[str, str] = ("index", "all")) -> Attribution:
    """Name every number that moved between two studies, and what moved it.

    Parameters
    ----------
    first, second : Path
        Folders of finished studies.
    headline : tuple of str
        Outcome and kind of bank, of the last scenario in the last quarter, that the steps are read on.
    """
    before, after = read_study(first), read_study(second)
    old, new = (_medians(folder) for folder in (first, second))
    both = pd.concat({"before": old, "after": new}, axis=1, join="inner").dropna()
    both["change"] = both["after"] - both["before"]
    moved = both[both["change"] != 0.0]
    moved = moved.reindex(moved["change"].abs().sort_values(ascending=False).index).reset_index()
    differing = [
        part for part, keys in PARTS.items() if any(_part(before, k) != _part(after, k) for k in keys)
    ]
    code = before.content["code"]["numbers"] != after.content["code"]["numbers"]
    inputs = [*differing, *(["rules (code)"] if code else []), *_files(before.content, after.content)]
    steps = _steps(settings_of(before, first), settings_of(after, second), differing, headline)
    entries = _entries() if code else ()
    return Attribution(tuple(inputs), moved, len(both), steps, entries)


def _medians(folder: Path) -> pd.Series:
    frame = Results(folder).frame("bands").astype(dict.fromkeys(KEYS, str))
    return frame.set_index(KEYS)["q50"]


def _part(manifest: Any, key: str) -> Any:
    return manifest.content["config"].get(key)


def _files(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Data files and packages whose content or version differs."""
    found = []
    for kind in ("data", "packages"):
        names = sorted({*before[kind], *after[kind]})
        found += [name for name in names if before[kind].get(name) != after[kind].get(name)]
    return found


def _steps(
    before: Mapping[str, Any], after: Mapping[str, Any], differing: list[str], headline: tuple[str, str]
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
            quiet = settings.outputs.model_copy(update={"folder": folder, "report": False, "banks": False})
            done = run_study(settings.model_copy(update={"outputs": quiet, "task": "simulate"}))
            values.append(_headline(done, headline))
    changes = [float("nan"), *(b - a for a, b in pairwise(values))]
    return pd.DataFrame({"part": names, "value": values, "change": changes})


def _headline(folder: Path, headline: tuple[str, str]) -> float:
    bands = _medians(folder)
    scenario = bands.index.get_level_values("scenario")[-1]
    quarter = max(bands.index.get_level_values("quarter"))
    return float(bands.loc[(scenario, "level", "true", headline[0], quarter, headline[1])])


def _entries() -> tuple[str, ...]:
    """The entries of the changelog under "Results move"."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8") if (ROOT / "CHANGELOG.md").is_file() else ""
    parts = re.findall(r"^#+ Results move\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    return tuple(
        " ".join(entry.split()) for part in parts for entry in re.split(r"^- ", part, flags=re.MULTILINE)[1:]
    )
