"""Memory: of one case at its peak, in a process of its own, and of other processes as they stand.

``python -m benchmarks.memory survey 256 central`` prints the first.
"""

import resource
import subprocess
import sys
from pathlib import Path

from benchmarks.cases import Case, run

UNIT = 1 if sys.platform == "darwin" else 1024  # bytes on macOS, kibibytes elsewhere


def peak(case: Case) -> float:
    """Megabytes a process holds at most while it runs the case, libraries included."""
    command = [sys.executable, "-m", "benchmarks.memory"]
    command += [case.population, str(case.replicates), case.parameters]
    answer = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1]
    )
    return float(answer.stdout)


def high_water_mark() -> float:
    """Megabytes this process has held at most.

    On Linux the kernel's count for this program: ``ru_maxrss`` starts from what the parent process held.
    """
    if Path("/proc/self/status").exists():
        return held("self", "VmHWM")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT / 1e6


def held(process: int | str, what: str = "VmRSS") -> float:
    """Megabytes that a process holds now, or another count of the kernel's (Linux)."""
    status = Path(f"/proc/{process}/status").read_text("utf-8")
    return int(status.partition(f"{what}:")[2].split()[0]) * 1024 / 1e6


def family(process: int) -> list[int]:
    """Processes that a process has started (Linux)."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:  # ended meanwhile
            continue
        if parent == process:
            found.append(int(folder.name))
    return found


def main() -> None:
    run(Case("", sys.argv[1], int(sys.argv[2]), sys.argv[3]))
    print(high_water_mark())


if __name__ == "__main__":
    main()
