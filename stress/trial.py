"""The small real study that the promises are tried on, in processes of its own that may be killed."""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

# Everything that a study imports is imported here, so that a kill strikes work and not the start of Python.
from experiments import cli
from experiments.config import assembly, load  # noqa: F401
from experiments.files import abandoned
from experiments.runs import manifest
from experiments.runs.identity import code_digest
from experiments.runs.manifest import contents
from experiments.study import run as runner  # noqa: F401
from model import run as model_run  # noqa: F401

# Three quarters of the surveyed banks with and without one policy, in a dozen chunks.
WORDS = (
    "policy=data_sharing", "policies.data_sharing.start=2020Q2", "end=2020Q4", "replicates=24",
    "outputs.report=false", "outputs.detail=full", "execution.chunk_rows=400", "execution.workers=1",
)  # fmt: skip
PATIENCE = 3.0  # seconds
FORKED = "without a fork of this process the trial would time imports only: run it on Linux or macOS"


class Run:
    """One command in a process forked from this one, in a session of its own, its words kept in a file.

    Parameters
    ----------
    words : sequence of str
        What would follow ``python simulate.py``.
    log : Path
        Where its output goes.
    prepare : callable, optional
        Called in the new process first.
    """

    def __init__(self, words: Sequence[str], log: Path, prepare: Callable[[], object] = lambda: None) -> None:
        self.log = log
        if not hasattr(os, "fork"):
            raise SystemExit(FORKED)
        sys.stdout.flush()
        self.pid = os.fork()
        self.status: int | None = None
        if self.pid == 0:
            self.become(words, prepare)

    def become(self, words: Sequence[str], prepare: Callable[[], object]) -> None:
        """Be the new process; never return."""
        code = 70
        try:
            os.setsid()
            handle = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            for stream in (1, 2):
                os.dup2(handle, stream)
            prepare()
            code = cli.main(list(words))
            sys.stdout.flush()
            sys.stderr.flush()
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            os._exit(code)

    def wait(self, seconds: float = 600.0) -> int | None:
        """Return the exit status, or None if the process has not ended in time."""
        end = time.monotonic() + seconds
        while self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > end:
                return None
            else:
                time.sleep(0.01)
        return self.status

    def kill(self, group: bool) -> None:
        """Kill the process without warning, alone or with its workers."""
        with suppress(ProcessLookupError):  # a process that has only just begun leads no group yet
            if group:
                os.killpg(self.pid, signal.SIGKILL)
        os.kill(self.pid, signal.SIGKILL)
        self.wait()

    @property
    def text(self) -> str:
        """What the process has printed."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""


def run(root: Path, *words: str, prepare: Callable[[], object] = lambda: None) -> tuple[int, str]:
    """Run the small study to its end in a process of its own; return exit status and output."""
    root.mkdir(parents=True, exist_ok=True)
    found = Run([*WORDS, f"outputs.folder={root / 'outputs'}", *words], root / "log.txt", prepare)
    return found.wait() or 0, found.text


def study(root: Path) -> Path:
    """Return the one folder of a study below a root."""
    (folder,) = [path for path in (root / "outputs").iterdir() if not path.name.startswith(".")]
    return folder


def expected(root: Path) -> dict[str, str]:
    """Run the small study once, undisturbed, and return the digest of each of its files."""
    pin_code()
    load.compose_study(list(WORDS))  # reads every file of conf, which the runs to come then have in memory
    status, text = run(root)
    if status:
        raise SystemExit(f"the small study does not run undisturbed:\n{text}")
    return contents(study(root))


def pin_code() -> None:
    """Take the version of the code once, so that a file edited during a trial is not taken for a broken promise."""
    version = manifest.code_version(code_digest())
    manifest.code_version = lambda numbers: {**version, "numbers": numbers}


def unlike(found: dict[str, str], whole: dict[str, str]) -> list[str]:
    """Name the files that differ between two studies, by their digests."""
    return sorted(name for name in found.keys() | whole.keys() if found.get(name) != whole.get(name))


def leftovers(root: Path) -> list[str]:
    """Name what is in the folder of outputs beside the study and the store, and in the store beside chunks."""
    outputs = root / "outputs"
    end = time.monotonic() + PATIENCE
    while any(not abandoned(path) for path in outputs.rglob(".*.tmp")) and time.monotonic() < end:
        time.sleep(0.05)  # workers of a killed process, which notice it within a second, take theirs along
    beside = [
        path.name for path in outputs.iterdir() if path.name.startswith(".") and path.name != ".studies"
    ]
    kept = {".chunk", ".json"}  # chunks, and the lists of who uses them
    return beside + [path.name for path in (outputs / ".studies").glob("*/*") if path.suffix not in kept]


@contextmanager
def place() -> Iterator[Path]:
    """Offer a folder for a trial, and remove it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="stress-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def command(trial: Callable[..., int], **sizes: int) -> int:
    """Read the sizes of a program's trial from the command line, and run it in a folder of its own."""
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    for name, size in sizes.items():
        parser.add_argument(f"--{name}", type=int, default=size)
    asked = vars(parser.parse_args())
    with place() as root:
        return trial(*asked.values(), root)


def report(title: str, figures: Mapping[str, object], broken: Sequence[str] = ()) -> int:
    """Print the figures of one program and what is broken; return 0 if nothing is."""
    print(title)
    for name, value in figures.items():
        print(f"  {name:<44} {value}")
    for line in broken:
        print(f"  BROKEN: {line}")
    print(f"  {'promise kept' if not broken else 'promise broken'}")
    return int(bool(broken))
