"""A full disk, a quota, and a folder that may not be written: one sentence, nothing lost, and on it goes.

``python -m stress.disk``
"""

import argparse
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from experiments.runs.manifest import contents
from stress.trial import expected, leftovers, place, report, run, study, unlike

SIZES = (40, 200, 600, 1200, 2200, 3200)  # kB of the small disk
NOBODY = 65534


def limited(kilobytes: int) -> Callable[[], None]:
    """Return what lets a process write no file longer than this: a disk that fills, where none can be mounted."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1024, kilobytes * 1024))

    return limit


@contextmanager
def disk(folder: Path, kilobytes: int) -> Iterator[bool]:
    """Mount a small disk on a folder; yields whether this user may."""
    folder.mkdir(parents=True)
    size = f"size={kilobytes}k"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], capture_output=True)
    try:
        yield done.returncode == 0
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", str(folder)], check=True)


def sentence(status: int, text: str) -> str | None:
    """Say what is wrong with the way a study failed: it should be one line, without a traceback."""
    lines = [line for line in text.splitlines() if line.strip()]
    if status == 1 and "Traceback" not in text and lines and "cannot write" in lines[-1]:
        return None
    return f"status {status}, {text.strip()[-300:]!r}"


def full_disk(
    root: Path, whole: dict[str, str], sizes: Sequence[int], figures: dict[str, object]
) -> list[str]:
    """Run on disks that are too small; finish on a large one with what the small one kept."""
    broken: list[str] = []
    kept = tried = 0
    means = ""
    for kilobytes in sizes:
        trial = root / f"disk-{kilobytes}"
        with disk(trial / "outputs", kilobytes) as mounted:
            means = (
                "a tmpfs of 40 to 3200 kB" if mounted else "RLIMIT_FSIZE: no file longer than 40 to 3200 kB"
            )
            status, text = run(trial, prepare=(lambda: None) if mounted else limited(kilobytes))
            if mounted:
                shutil.copytree(trial / "outputs", root / "copy", symlinks=True)
        if mounted:
            shutil.rmtree(trial / "outputs")
            (root / "copy").rename(trial / "outputs")
        tried += status != 0
        if status and (wrong := sentence(status, text)):
            broken.append(f"{kilobytes} kB: {wrong}")
        broken += [f"{kilobytes} kB left behind: {name}" for name in leftovers(trial)]
        chunks = len(list((trial / "outputs" / ".studies").glob("*/*.chunk")))
        kept += chunks
        status, text = run(trial)
        if status or (chunks and f"{chunks} of " not in text):
            broken.append(f"{kilobytes} kB: does not go on from {chunks} chunks: {text.strip()[-300:]}")
        elif other := unlike(contents(study(trial)), whole):
            broken.append(f"{kilobytes} kB: other bytes in {', '.join(other)}")
    figures["full disk, by means of"] = means
    figures["of these sizes too small, each said in one sentence"] = f"{tried} of {len(sizes)}"
    figures["finished chunks kept and used again"] = kept
    return broken + ([] if tried >= len(sizes) // 2 else ["the disks were large enough"])


def read_only(root: Path, figures: dict[str, object]) -> list[str]:
    """Run into a folder that may not be written, as a user who is not root."""
    broken, sentences = [], 0
    root.mkdir()
    root.parent.chmod(0o755)  # another user must be able to get here
    for name in ("outputs", "outputs/.studies"):
        trial = root / name.replace("/", "-")
        (trial / name).mkdir(parents=True)
        (trial / name).chmod(0o555)
        if name != "outputs" and os.geteuid() == 0:
            os.chown(trial / "outputs", NOBODY, NOBODY)
        status, text = run(trial, prepare=step_down)
        wrong = sentence(status, text)
        broken += [f"{name} read-only: {wrong}"] if wrong else []
        sentences += not wrong
        (trial / name).chmod(0o755)
    figures["read-only folders, each refused in one sentence"] = f"{sentences} of 2"
    return broken


def step_down() -> None:
    """Become a user who may not write everywhere."""
    with suppress(PermissionError):
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def main() -> int:
    """Read the command line and run both trials."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="of the disks, kB")
    asked = parser.parse_args()
    figures: dict[str, object] = {}
    with place() as root:
        whole = expected(root / "calm")
        broken = full_disk(root, whole, asked.sizes, figures) + read_only(root / "locked", figures)
    return report("Full disk and read-only folder", figures, broken)


if __name__ == "__main__":
    raise SystemExit(main())
