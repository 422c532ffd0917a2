"""The folder of a study held against its manifest and against its numbers computed anew."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from experiments.runs.engine import LAB, Engine
from experiments.runs.folder import RUN, contents
from experiments.runs.manifest import MANIFEST, Manifest, read_manifest
from experiments.study.difference import Difference, first_difference
from experiments.study.replay import Load, Replay, changes, load_settings, read_study, settings_of
from experiments.study.run import run_study


def verify(
    folder: Path,
    *,
    load: Load = load_settings,
    engine: Engine = LAB,
) -> Replay:
    """Check every file of a study against the manifest, and recompute every table and compare.

    Report and figures are drawn from the tables: they are checked against the manifest and not drawn again.
    Nothing is computed for a manifest that was altered, because there is nothing left to hold the tables
    against.

    Parameters
    ----------
    folder : Path
        The folder of a study.
    load, engine : optional
        As in `replay`.
    """
    manifest = read_manifest(folder)
    differences = list(altered_by_hand(manifest, folder))
    if not manifest.intact:
        return Replay(folder, (*differences, *on_disk(manifest, folder, None)), ())
    with TemporaryDirectory(prefix="verify-") as place:
        again, store = Path(place) / "again", Path(place) / "store"
        settings = load(settings_of(read_study(folder), Path(place)))
        run_study(settings, again, engine=engine, write_report=no_report, store=store)
        differences += on_disk(manifest, folder, again)
    return Replay(folder, tuple(differences), tuple(changes(manifest, engine)))


def altered_by_hand(manifest: Manifest, folder: Path) -> Iterator[Difference]:
    """Report the files that carry their own checksum and do not match it."""
    if not manifest.intact:
        yield Difference(MANIFEST, "does not match its own checksum: something in it was altered")
    try:
        run = Manifest(json.loads((folder / RUN).read_text(encoding="utf-8")))
        if not run.intact:
            yield Difference(RUN, "does not match its own checksum: something in it was altered")
    except FileNotFoundError:
        return
    except (ValueError, AttributeError, RecursionError):
        yield Difference(RUN, "cannot be read")


def on_disk(manifest: Manifest, folder: Path, again: Path | None) -> Iterator[Difference]:
    """Hold each file of a folder against the manifest and the same file recomputed, if there is one."""
    listed, found, recomputed = manifest["files"], contents(folder), contents(again) if again else {}
    for name in sorted({*listed, *found, *recomputed} - {MANIFEST}):
        right = recomputed.get(name, listed.get(name))
        if name not in found:
            yield Difference(name, "is missing")
        elif right is None:
            yield Difference(name, "is not in the manifest")
        elif found[name] != right and again and name in recomputed:
            yield first_difference(name, folder / name, again / name)
        elif found[name] != right:
            yield Difference(name, "is not the file that the manifest lists")


def no_report(*_: Any) -> None:
    """Draw nothing: a verification needs the numbers only."""
