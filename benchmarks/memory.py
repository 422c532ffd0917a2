"""Peak memory of one case, measured in a process of its own: ``python -m benchmarks.memory survey 256 central``."""

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
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT / 1e6


def main() -> None:
    run(Case("", sys.argv[1], int(sys.argv[2]), sys.argv[3]))
    print(high_water_mark())


if __name__ == "__main__":
    main()
