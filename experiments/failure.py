"""How a study ends early, in words meant for the person who started it."""

import errno
from pathlib import Path

REASONS = {
    errno.ENOSPC: "the disk is full", errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file is larger than allowed", errno.EROFS: "the file system is read-only",
    errno.EACCES: "permission is missing", errno.EPERM: "permission is missing",
    errno.ENOTDIR: "a part of the path is a file", errno.ENOENT: "the path cannot be made",
}  # fmt: skip


class StudyFailed(Exception):
    """A study that could not be finished; its message stands alone, without a traceback (exit code 1)."""


class StudyStopped(StudyFailed):
    """A study that was interrupted; the same command goes on where it stopped (exit code 130)."""


def unwritable(error: OSError, where: Path, kept: str) -> StudyFailed:
    """Say in one line why a study could not be written, and what is kept."""
    reason = REASONS.get(error.errno or 0, error.strerror or str(error))
    return StudyFailed(f"cannot write {error.filename or where}: {reason}. {kept}")
