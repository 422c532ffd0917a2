"""A study computed again from its manifest: replayed into a folder, or its own folder verified, file by file."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.config.errors import ENGLISH, Refused, Sentence, failure, sentence
from experiments.config.study import ExecutionSettings
from experiments.files import file_digest
from experiments.runs.engine import LAB, Engine
from experiments.runs.fingerprint import NUMERICAL
from experiments.runs.identity import code_digest, package_versions
from experiments.runs.manifest import (
    MANIFEST,
    RUN,
    Manifest,
    contents,
    data_digests,
    folder_of,
    machine,
    read_manifest,
    sources_digest,
)
from experiments.study.run import WriteReport, run_study, write_report_of

Load = Callable[[Mapping[str, Any]], Any]
BATCH = 1 << 16
ALTERED: Final = sentence("does not match its own checksum: something in it was altered")
REGISTER: Final = sentence(
    "register rules, levers and kinds of banks of your own first, as the program of the study did, and check it from "
    "there with api.verify or api.replay"
)
MADE_BY = re.compile(r'<p class="cite">.*?</p>|<table class="[^"]*\bmade\b.*?</table>', re.DOTALL)


@dataclass(frozen=True)
class Difference:
    """One way in which a study is not what it should be.

    Attributes
    ----------
    file : str
        Path inside the study's folder.
    what : Sentence
        What is wrong with it.
    row, column : int and str, optional
        The first place: row of a table (from 0) and its column, or line of a text (from 1).
    """

    file: str
    what: Sentence
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        return self.spoken(ENGLISH)

    def spoken(self, language: str) -> str:
        """The whole difference in one line, in ``en`` or ``zh``."""
        row = sentence(", row {}", self.row) if self.row is not None else ""
        column = sentence(", column {}", self.column) if self.column is not None else ""
        return sentence("{}{}{}: {}", self.file, row, column, self.what).spoken(language)


@dataclass(frozen=True)
class Replay:
    """What running a study again showed.

    Attributes
    ----------
    folder : Path
        The folder that was written (replay) or checked (verify).
    differences : tuple of Difference
        Empty when every number is the same.
    notes : tuple of Sentence
        Which code, data or packages have changed since; these may explain a difference.
    """

    folder: Path
    differences: tuple[Difference, ...]
    notes: tuple[Sentence, ...]

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


def load_settings(config: Mapping[str, object]) -> Any:
    """Read resolved settings back, with every check of a new study."""
    from pydantic import ValidationError

    from experiments.config.study import restored

    try:
        return restored(config)
    except ValidationError as error:
        first = error.errors()[0]
        refused = first.get("ctx", {}).get("error")
        if refused and first["loc"][-1] in ("rule", "field"):  # names that a user may register
            raise failure(
                "{} is not known here: {}; or use the commit that the manifest names",
                first["input"],
                REGISTER,
            ) from None
        raise failure(
            "this version of the lab does not know the settings of the manifest: {}: {}; use the commit that the "
            "manifest names",
            ".".join(map(str, first["loc"])),
            refused.what if isinstance(refused, Refused) else first["msg"].removeprefix("Value error, "),
        ) from None


def replay(
    path: str | Path,
    folder: str | Path | None = None,
    *,
    load: Load = load_settings,
    engine: Engine = LAB,
    write_report: WriteReport = write_report_of,
) -> Replay:
    """Run a manifest again, from no stored chunk, and compare every file with the hashes in the manifest.

    Parameters
    ----------
    path : str or Path
        A manifest.json, or the folder of a study.
    folder : str or Path, optional
        Where the study goes; by default ``<name>-<hash>-replay`` beside the folder of the manifest.
    load, engine, write_report : optional
        As in `run_study`; `load` reads settings back from plain data.
    """
    path = Path(path)
    manifest = read_study(path)
    original = folder_of(path)
    root = original.absolute().parent
    target = Path(folder or root / f"{manifest['name']}-{manifest['study'][:8]}-replay")
    with TemporaryDirectory(prefix="replay-") as store:
        settings = load(settings_of(manifest, root))
        run_study(settings, target, engine=engine, write_report=write_report, store=Path(store))
    differences = against(manifest, contents(target), target, original)
    return Replay(target, tuple(differences), tuple(changes(manifest, engine)))


def against(
    manifest: Manifest, digests: Mapping[str, str], folder: Path, original: Path
) -> Iterator[Difference]:
    """Hold the files of a replay against the manifest, and find the place in the original if it is there."""
    for name in sorted({*manifest["files"], *digests} - {MANIFEST}):
        expected = manifest["files"].get(name)
        if expected is None:
            yield Difference(name, sentence("is new"))
        elif name not in digests:
            yield Difference(name, sentence("was not written again"))
        elif digests[name] != expected:
            stored = original / name
            faithful = stored.is_file() and file_digest(stored) == expected
            if not (faithful and name.endswith(".html") and [*lines(folder / name)] == [*lines(stored)]):
                differs = Difference(name, sentence("differs"))
                yield first_difference(name, folder / name, stored) if faithful else differs


def read_study(path: Path) -> Manifest:
    """Read the manifest of a study that is to be computed again; one that was altered is refused."""
    manifest = read_manifest(path)
    if "config" not in manifest.content:
        raise failure("{} is a comparison; its jobs can be checked one by one", path)
    if not manifest.intact:
        raise failure(
            "{}: the manifest does not match its own checksum, so something in it was altered", path
        )
    return manifest


def settings_of(manifest: Manifest, root: Path) -> dict[str, Any]:
    """Return the settings in a manifest, with its command and a place for outputs put back."""
    config = dict(manifest["config"])
    config["outputs"] = {**config["outputs"], "folder": str(root)}
    execution = ExecutionSettings().model_dump(mode="json")
    return {**config, "execution": execution, "overrides": list(manifest["overrides"])}


def changes(manifest: Manifest, engine: Engine = LAB) -> Iterator[Sentence]:
    """Name what has changed since a manifest was written and may change a number."""
    if manifest["code"]["numbers"] != code_digest(engine):
        yield from _changes_of_code(manifest)
    data = data_digests(manifest["config"])
    for name in sorted({*data, *manifest["data"]}):
        if data.get(name) != manifest["data"].get(name):
            yield sentence("{} has changed since", name)
    packages = package_versions(NUMERICAL)
    for name, version in packages.items():
        if manifest["packages"].get(name) != version:
            yield sentence("{} is {}, was {}", name, version, manifest["packages"].get(name))
    for key, value in machine().items():
        before = manifest.content.get(key, value)
        if before != value and key == "vectors":
            yield sentence(
                "NumPy computes with {} on this processor, with {} on that one: last digits may differ",
                value,
                before,
            )
        elif before != value:
            yield sentence("{} is {}, was {}", key, value, before)


def _changes_of_code(manifest: Manifest) -> Iterator[Sentence]:
    """Whether what was loaded is other code, or may be: another Python compiles the same sources otherwise."""
    here = machine()["python"]
    pythons = {text.rpartition(".")[0] for text in (here, manifest.content.get("python", here))}
    if len(pythons) == 1:
        yield sentence("the code that makes numbers has changed since")
        if manifest["code"].get("all") == sources_digest():
            yield sentence("its sources have not: {}", REGISTER)
    elif manifest["code"].get("all") != sources_digest():
        yield sentence("the code has changed since")


def verify(folder: str | Path, *, load: Load = load_settings, engine: Engine = LAB) -> Replay:
    """Check every file of a study against the manifest, and recompute every table and compare.

    Report and figures are drawn from the tables: they are checked against the manifest and not drawn again.
    Nothing is computed for a manifest that was altered, because there is nothing left to hold the tables
    against.

    Parameters
    ----------
    folder : str or Path
        The folder of a study.
    load, engine : optional
        As in `replay`.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    differences = list(altered_by_hand(manifest, folder))
    if not manifest.intact:
        return Replay(folder, (*differences, *on_disk(manifest, folder, None)), ())
    with TemporaryDirectory(prefix="verify-") as place:
        again, store = Path(place) / "again", Path(place) / "store"
        settings = load(settings_of(read_study(folder), Path(place)))
        run_study(settings, again, engine=engine, write_report=lambda *_: None, store=store)
        differences += on_disk(manifest, folder, again)
    return Replay(folder, tuple(differences), tuple(changes(manifest, engine)))


def altered_by_hand(manifest: Manifest, folder: Path) -> Iterator[Difference]:
    """Report the files that carry their own checksum and do not match it."""
    if not manifest.intact:
        yield Difference(MANIFEST, ALTERED)
    try:
        run = Manifest(json.loads((folder / RUN).read_text(encoding="utf-8")))
        if not run.intact:
            yield Difference(RUN, ALTERED)
    except FileNotFoundError:
        return
    except (ValueError, AttributeError, RecursionError):
        yield Difference(RUN, sentence("cannot be read"))


def on_disk(manifest: Manifest, folder: Path, again: Path | None) -> Iterator[Difference]:
    """Hold each file of a folder against the manifest and the same file recomputed, if there is one."""
    listed, digests, recomputed = manifest["files"], contents(folder), contents(again) if again else {}
    for name in sorted({*listed, *digests, *recomputed} - {MANIFEST}):
        right = recomputed.get(name, listed.get(name))
        if name not in digests:
            yield Difference(name, sentence("is missing"))
        elif right is None:
            yield Difference(name, sentence("is not in the manifest"))
        elif digests[name] != right and again and name in recomputed:
            yield first_difference(name, folder / name, again / name)
        elif digests[name] != right:
            yield Difference(name, sentence("is not the file that the manifest lists"))


# --- the first place where two files differ


def first_difference(name: str, actual: Path, expected: Path) -> Difference:
    """Say where a file that should equal another differs from it first.

    Parameters
    ----------
    name : str
        What to call the file.
    actual, expected : Path
        Two files known to differ in some byte.
    """
    try:
        if name.endswith(".parquet"):
            return in_table(name, actual, expected)
        if not name.endswith(".png"):
            return in_text(name, actual, expected)
    except (OSError, ValueError, pa.ArrowException) as error:
        return Difference(name, sentence("cannot be read: {}", str(error).splitlines()[0]))
    return Difference(name, sentence("is not what it should be"))


def in_table(name: str, actual: Path, expected: Path) -> Difference:
    """Compare two tables value by value; numbers by their bits."""
    ours, theirs = pq.ParquetFile(actual), pq.ParquetFile(expected)
    if ours.schema_arrow.names != theirs.schema_arrow.names:
        names = ours.schema_arrow.names, theirs.schema_arrow.names
        return Difference(name, sentence("has columns {}, expected {}", *names))
    start = 0
    for one, other in zip_longest(ours.iter_batches(BATCH), theirs.iter_batches(BATCH)):
        rows = min(one.num_rows if one else 0, other.num_rows if other else 0)
        place = first_unequal(one, other, rows) if one and other else None
        if place is not None:
            row, column = place
            values = one.column(column)[row].as_py(), other.column(column)[row].as_py()
            return Difference(name, sentence("is {!r}, expected {!r}", *values), start + row, column)
        if one is None or other is None or one.num_rows != other.num_rows:
            counts = ours.metadata.num_rows, theirs.metadata.num_rows
            return Difference(name, sentence("has {} rows, expected {}", *counts), start + rows)
        start += rows
    return Difference(name, sentence("holds the same values in other bytes"))


def first_unequal(one: pa.RecordBatch, other: pa.RecordBatch, rows: int) -> tuple[int, str] | None:
    """Return the first row, and in it the first column, where two batches differ."""
    places = []
    for c, column in enumerate(one.schema.names):
        unequal = bits(one.column(c).slice(0, rows)) != bits(other.column(c).slice(0, rows))
        if unequal.any():
            places.append((int(np.argmax(unequal)), c, column))
    return (min(places)[0], min(places)[2]) if places else None


def bits(values: Any) -> np.ndarray:
    """Return a column as something that compares exactly, NaN included."""
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    array = values.to_numpy(zero_copy_only=False)
    result: np.ndarray = array.view(np.int64) if array.dtype == np.float64 else array
    return result


def in_text(name: str, actual: Path, expected: Path) -> Difference:
    """Compare two texts line by line."""
    for number, (one, other) in enumerate(zip_longest(lines(actual), lines(expected)), 1):
        if one != other:
            excerpts = [
                sentence("nothing") if line is None else repr(line.strip()[:80]) for line in (one, other)
            ]
            return Difference(name, sentence("is {}, expected {}", *excerpts), number)
    return Difference(name, sentence("holds the same lines in other bytes"))


def lines(path: Path) -> Iterator[str]:
    """Yield the lines of a text, whatever its bytes; of a page without those that say by what code it was made."""
    with path.open(encoding="utf-8", errors="backslashreplace", newline="") as stream:
        yield from StringIO(MADE_BY.sub("", stream.read())) if path.suffix == ".html" else stream
