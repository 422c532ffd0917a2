"""The folder of a study: whole or absent, and never half old, half new."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from experiments.failure import StudyFailed
from experiments.files import abandoned, alive, file_digest, flush_folder, temporary_name, writer

MANIFEST = "manifest.json"
RUN = "run.json"  # when, where and how fast a study ran


def volatile(name: str) -> bool:
    """Tell whether a file or folder in a study's folder is no part of the study: what Hydra writes while it runs.

    Hydra makes the folder and writes ``.hydra`` and a log of the job into it before the study exists.
    """
    return name in (RUN, ".hydra") or name.endswith(".log")


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """Offer a temporary folder beside the target, and rename it when it is complete.

    If the work fails, the temporary folder goes and the target stays as it was. If the target exists with the
    same content it is kept; with other content it is replaced, and only then removed.
    """
    make_way(target)
    remove_abandoned(target)
    temporary = target.with_name(temporary_name(target.name))
    temporary.mkdir()
    try:
        yield temporary
        flush(temporary)
        publish(temporary, target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def make_way(target: Path) -> None:
    """Make the folder above a target, and refuse a target that is something else than a study."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if not replaceable(target):
        raise StudyFailed(f"{target} exists and is not the folder of a study: it is left alone")


def replaceable(target: Path) -> bool:
    """Tell whether a path is free, the folder of a study, or a folder that holds nothing of anybody's."""
    if not os.path.lexists(target):
        return True
    return target.is_dir() and (
        (target / MANIFEST).is_file() or all(volatile(p.name) for p in target.iterdir())
    )


def publish(temporary: Path, target: Path) -> None:
    """Put a finished folder in its place, whatever another process does there at the same time.

    What is no part of the study, such as a log that is still being written, is carried along.
    """
    for _ in range(100):
        if target.is_dir() and contents(target) == contents(temporary):
            carry(temporary, target)
            return
        old = target.with_name(temporary_name(target.name))
        with suppress(FileNotFoundError):
            os.rename(target, old)
        try:
            os.rename(temporary, target)
        except OSError:
            if not target.exists():
                with suppress(OSError):
                    os.rename(old, target)
                raise
            shutil.rmtree(old, ignore_errors=True)
            continue
        if old.is_dir():
            carry(old, target, keep=True)
        flush_folder(target.parent)
        shutil.rmtree(old, ignore_errors=True)
        return
    raise OSError(f"another process keeps writing {target}")


def carry(source: Path, target: Path, keep: bool = False) -> None:
    """Move what is no part of a study from one folder into another; `keep` leaves alone what is there already."""
    for path in source.iterdir():
        place = target / path.name
        carried = volatile(path.name) or path.name.startswith(".")
        if carried and not (keep and place.exists()):
            with suppress(OSError):
                os.replace(path, place)


def contents(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a folder by relative path, volatile and hidden ones left out."""
    files = (path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder): path for path in files}
    return {
        name.as_posix(): file_digest(names[name])
        for name in sorted(names)
        if not volatile(name.parts[0]) and not any(part.startswith(".") for part in name.parts)
    }


def flush(folder: Path) -> None:
    """Write every file of a folder through to the disk."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as stream:
                os.fsync(stream.fileno())


def remove_abandoned(target: Path) -> None:
    """Remove what killed processes left beside the target, for this study or another."""
    for path in target.parent.glob(".*.tmp"):
        own = path.name.startswith(f".{target.name}.")
        process = writer(path)
        if path.is_dir() and (abandoned(path) if own else process is not None and not alive(process)):
            shutil.rmtree(path, ignore_errors=True)
