"""Studies that hold a bank of the user's: told apart, computed again without it to be shared, and removed for good."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from experiments.config.errors import ENGLISH, REMOVED_LATER, failure, sentence, unwritable
from experiments.config.study import StudySettings
from experiments.config.tree import Tree
from experiments.failure import StudyFailed
from experiments.runs.engine import LAB, Engine
from experiments.runs.identity import identify
from experiments.runs.manifest import MANIFEST, Manifest, folder_of, holds_bank, read_manifest
from experiments.runs.store import MEGABYTE, Store
from experiments.study.clean import STORE
from experiments.study.replay import load_settings, read_study, settings_of
from experiments.study.run import WriteReport, folder_name, run_study, write_report_of

ABOVE: Final = 4  # folders above a study in which its store is looked for: a job of a sweep lies deeper
OWN: Final = "own_"
REDACTED: Final = "study"


@dataclass(frozen=True)
class Purged:
    """What was removed.

    Attributes
    ----------
    folders : tuple of Path
        Folders of studies.
    removed, freed : int
        Files of the store, and their bytes.
    """

    folders: tuple[Path, ...]
    removed: int = 0
    freed: int = 0

    def __str__(self) -> str:
        return self.spoken(ENGLISH)

    def spoken(self, language: str) -> str:
        """What went, in ``en`` or ``zh``."""
        counts = len(self.folders), self.removed, self.freed / MEGABYTE
        gone = sentence("{} folders and {} files of the store removed, {:.1f} MB", *counts)
        return "\n".join((*map(str, self.folders), gone.spoken(language)))


def without_bank(settings: StudySettings) -> StudySettings:
    """The same study of the same system without the user's bank, and without a word about it."""
    methods = tuple(name for name in settings.analysis.methods if not name.startswith(OWN))
    keeps = settings.task != "banks" and (methods or settings.task != "policy")
    task = settings.task if keeps else "simulate"
    words = [
        text for text in settings.overrides if not text.lstrip("+~").startswith(("bank", "plans", "name="))
    ]
    return settings.model_copy(
        update={
            "bank": None,
            "members": (),
            "task": task,
            "name": settings.experiment or REDACTED,
            "overrides": tuple(words),
            "choices": Tree({**settings.choices, "bank": "none"}),
            "rows": {name: row for name, row in settings.rows.items() if not name.startswith("bank.")},
            "pinned": tuple(name for name in settings.pinned if not name.startswith("bank.")),
            "analysis": settings.analysis.model_copy(update={"methods": methods, "question": None}),
        }
    )


def redact(
    folder: str | Path,
    target: str | Path | None = None,
    *,
    engine: Engine = LAB,
    write_report: WriteReport = write_report_of,
) -> Path:
    """Compute a study again without the user's bank, in a folder that can be shared.

    No bank of the system ever sees the user's own, so that every table is what it was; what was the bank's is not taken
    out but never there.

    Parameters
    ----------
    folder : str or Path
        The folder of a study, or its manifest.
    target : str or Path, optional
        Where the copy goes; by default beside the folder, as ``<name>-<hash>-redacted``.
    engine, write_report : optional
        As in `run_study`.

    Raises
    ------
    StudyFailed
        If the study holds no bank, or the code has changed so that it cannot be read.
    """
    folder = Path(folder)
    manifest = read_study(folder)
    if not holds_bank(manifest.content):
        raise failure("{} holds no bank of yours: it can be shared as it is", folder)
    place = folder_of(folder).absolute()
    settings = without_bank(load_settings(settings_of(manifest, place.parent)))
    if target is None:
        target = place.parent / f"{folder_name(settings, identify(settings, engine))}-redacted"
    return run_study(
        settings, Path(target), engine=engine, write_report=write_report, store=store_of(place).root
    )


def purge(place: str | Path) -> Purged:
    """Remove every study that holds a bank of the user's at or below a place, with what the store keeps of it.

    Parameters
    ----------
    place : str or Path
        The folder of a study, of a sweep, or of outputs. Studies without a bank stay.
    """
    place = Path(place)
    if not place.is_dir():
        raise failure("{} is no folder", place)
    folders, removed, freed = [], 0, 0
    try:
        for folder, manifests in list(confidential(place)):
            store = store_of(folder)
            users = {f"{one['name']}-{one['study'][:8]}" for one in manifests}
            names = {name for user, use in store.uses().items() if user in users for name in use["names"]}
            files = [file for file in store.files() if file.name in names]
            freed += store.remove(files)
            removed += len(files)
            store.forget(users)
            shutil.rmtree(folder)
            folders.append(folder)
    except OSError as error:
        raise unwritable(error, place, REMOVED_LATER) from error
    return Purged(tuple(folders), removed, freed)


def confidential(place: Path) -> Iterator[tuple[Path, list[Manifest]]]:
    """Folders at or below a place that hold a bank, each with the manifests in it; a sweep is one folder."""
    by_folder: dict[Path, list[Manifest]] = {}
    for file in sorted(place.rglob(MANIFEST)):
        try:
            manifest = read_manifest(file)
        except StudyFailed:
            continue  # not a study's
        by_folder[file.parent] = [manifest]
    for folder, manifests in list(by_folder.items()):
        if "jobs" in manifests[0].content:
            below = [path for path in by_folder if folder in path.parents]
            by_folder[folder] = [one for path in below for one in by_folder.pop(path)]
    for folder, manifests in by_folder.items():
        if any(holds_bank(manifest.content) for manifest in manifests):
            yield folder, manifests


def store_of(folder: Path) -> Store:
    """The store beside a study, or above the sweep that it is part of."""
    above = list(folder.absolute().parents)[:ABOVE]
    place = next((path / STORE for path in above if (path / STORE).is_dir()), above[0] / STORE)
    return Store(place)
