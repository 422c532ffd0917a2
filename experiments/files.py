"""Files that are whole or absent, whoever is killed when."""

import hashlib
import os
import platform
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

DAY = 86_400.0


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def replace_file(target: Path, pieces: Iterable[bytes]) -> bytes:
    """Write a file so that it is whole or absent; return the last piece written."""
    temporary = target.with_name(temporary_name(target.name))
    last = b""
    try:
        with temporary.open("xb") as stream:
            for last in pieces:
                stream.write(last)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, target)
        flush_folder(target.parent)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError) and error.filename == str(temporary):
            error.filename = str(target)  # what its user asked for
        raise
    return last


def flush_folder(folder: Path) -> None:
    """Make a rename last through a power cut, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def temporary_name(name: str) -> str:
    """Return a hidden name that says which process, on which machine, is writing."""
    return f".{name}.{machine_mark()}-{os.getpid()}-{secrets.token_hex(4)}.tmp"


def machine_mark() -> str:
    """Return a short mark of this machine that does not give away its name."""
    return sha256(platform.node().encode()).hexdigest()[:8]


def writer(path: Path) -> int | None:
    """Return the process of this machine that writes a temporary file; None for one of another machine."""
    mark, _, rest = path.name.removesuffix(".tmp").rpartition(".")[2].partition("-")
    process = rest.partition("-")[0]
    return int(process) if mark == machine_mark() and process.isdigit() else None


def abandoned(path: Path) -> bool:
    """Tell whether a temporary file has no writer: a dead process here, or a day without change."""
    process = writer(path)
    if process is not None:
        return not alive(process)
    with suppress(OSError):
        return time.time() - path.stat().st_mtime > DAY
    return False


def alive(process: int) -> bool:
    """Tell whether a process of this machine is running; one that only waits to be buried is not."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    with suppress(OSError, IndexError):  # where the system tells
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return True
