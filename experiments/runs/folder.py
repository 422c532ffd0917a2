"""The folder of a study: whole or absent, and never half old, half new."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from experiments.failure import StudyFailed
from experiments.files import abandoned, file_digest, flush_folder, temporary_name

# Files that differ between two runs of one study: when, where and how fast it ran.
VOLATILE = ("run.json",)
MARK = "manifest.json"


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
    """Tell whether a path is free, an empty folder or the folder of a study."""
    if not os.path.lexists(target):
        return True
    return target.is_dir() and ((target / MARK).is_file() or not any(target.iterdir()))


def publish(temporary: Path, target: Path) -> None:
    """Put a finished folder in its place, whatever another process does there at the same time."""
    for _ in range(100):
        if target.is_dir() and contents(target) == contents(temporary):
            for name in VOLATILE:
                with suppress(FileNotFoundError):
                    os.replace(temporary / name, target / name)
            return
        old = target.with_name(f".{target.name}.{secrets.token_hex(4)}.old")
        with suppress(FileNotFoundError):
            os.rename(target, old)
        try:
            os.rename(temporary, target)
        except OSError:
            if not target.exists():
                with suppress(OSError):
                    os.rename(old, target)
                raise
        else:
            flush_folder(target.parent)
            shutil.rmtree(old, ignore_errors=True)
            return
        shutil.rmtree(old, ignore_errors=True)
    raise OSError(f"another process keeps writing {target}")


def contents(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a folder by relative path, volatile and hidden ones left out."""
    files = (path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder): path for path in files}
    return {
        name.as_posix(): file_digest(names[name])
        for name in sorted(names)
        if name.as_posix() not in VOLATILE and not any(part.startswith(".") for part in name.parts)
    }


def flush(folder: Path) -> None:
    """Write every file of a folder through to the disk."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as stream:
                os.fsync(stream.fileno())


def remove_abandoned(target: Path) -> None:
    """Remove what killed processes left beside the target."""
    for path in target.parent.glob(f".{target.name}.*.tmp"):
        if abandoned(path):
            shutil.rmtree(path, ignore_errors=True)
