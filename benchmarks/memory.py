"""Peak memory of one case, measured in a process of its own: ``python -m benchmarks.memory survey 256``."""

import resource
import subprocess
import sys
from pathlib import Path

from benchmarks.cases import Case, run

KIBIBYTE = 1024 if sys.platform != "darwin" else 1


def peak(case: Case) -> float:
    """Megabytes a process holds at most while it runs the case, libraries included."""
    command = [sys.executable, "-m", "benchmarks.memory", case.population, str(case.replicates)]
    answer = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1]
    )
    return float(answer.stdout)


def main() -> None:
    run(Case("", sys.argv[1], int(sys.argv[2])))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIBIBYTE / 1e6)


if __name__ == "__main__":
    main()
