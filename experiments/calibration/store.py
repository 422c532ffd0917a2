"""Finished runs on disk, so that an interrupted calibration goes on where it stopped."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.calibration.forward import Forward, RunOutputs, Runs
from experiments.calibration.prior import Prior
from experiments.files import file_digest, temporary_name
from experiments.location import ROOT
from experiments.runs import identity, progress, provenance

if TYPE_CHECKING:
    from experiments.settings import StudySettings

ASIDE = ("calibration", "uncertainty", "replicates", "scenarios", "end", "start")
POSTERIOR = "data/posterior/"
HERE = Path(__file__).parent


def key(settings: StudySettings, years: tuple[int, ...]) -> str:
    """Hash of what runs depend on: the numbers, the code and the data, the posterior itself left out."""
    config = identity.numbers_config(identity.without_places(identity.plain(settings)))
    data = {
        name: digest for name, digest in provenance.data_digests({}).items() if not name.startswith(POSTERIOR)
    }
    basis = {
        "config": {name: value for name, value in config.items() if name not in ASIDE},
        "scenario": settings.scenarios[0].model_dump(mode="json"),
        "years": list(years),
        "code": [file_digest(source) for source in _sources()],
        "data": data,
        "packages": provenance.package_versions(provenance.NUMERICAL),
    }
    return identity.digest(basis)


def _sources() -> list[Path]:
    """Every source that a run passes through: the model, its assembly, and what is read off it."""
    rooms = (ROOT / "agents", ROOT / "model", ROOT / "experiments" / "assembly")
    files = [path for room in rooms for path in sorted(room.rglob("*.py"))]
    return [*files, HERE / "forward.py", HERE / "prior.py"]


def compute(
    forward: Forward, prior: Prior, scores: np.ndarray, folder: Path, wave: str, first: int, batch: int
) -> Runs:
    """Run parameter vectors, batch by batch; finished batches are read back.

    Parameters
    ----------
    forward : Forward
    prior : Prior
    scores : ndarray, shape (runs, P)
    folder : Path
        Of the finished batches; a batch is found again by its parameters.
    wave : str
        Part of the files' names.
    first : int
        Replicate number of the first run.
    batch : int
        Runs side by side.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = []
    with progress.bar(len(scores), 0, f"calibration: {wave}") as advance:
        for start in range(0, len(scores), batch):
            wanted = scores[start : start + batch]
            mark = hashlib.sha256(np.round(wanted, 9).tobytes()).hexdigest()[:12]
            path = folder / f"{wave}-{start:06d}-{mark}.npz"
            if not path.is_file():
                replicates = range(first + start, first + start + len(wanted))
                _write(path, forward.run(prior.values(wanted), replicates))
            parts.append(_read(path))
            advance(len(wanted))
    return Runs(scores, RunOutputs.joined(parts))


def kept(path: Path, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Arrays from a file, or made now and put there."""
    if not path.is_file():
        arrays = make()
        temporary = path.with_name(temporary_name(path.stem) + ".npz")
        np.savez(temporary, allow_pickle=False, **arrays)
        temporary.replace(path)
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def own_code() -> str:
    """Hash of the procedure's own sources."""
    names = ("emulator", "likelihood", "sampler", "problem")
    return identity.digest([file_digest(HERE / f"{name}.py") for name in names])


def _write(path: Path, outputs: RunOutputs) -> None:
    temporary = path.with_name(temporary_name(path.stem) + ".npz")
    np.savez(temporary, **{f.name: getattr(outputs, f.name) for f in dataclasses.fields(RunOutputs)})
    temporary.replace(path)


def _read(path: Path) -> RunOutputs:
    with np.load(path, allow_pickle=False) as file:
        return RunOutputs(**{f.name: file[f.name] for f in dataclasses.fields(RunOutputs)})
