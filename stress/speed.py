"""What a large study costs over its bare engine, on one worker and on two, and how much memory it takes.

``python -m stress.speed --runs 10000``
"""

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from benchmarks.study_layer import processor
from experiments.config.load import compose_study
from experiments.config.study import StudySettings
from experiments.runs.engine import LAB
from experiments.study.run import plan_study, run_study
from stress.trial import command, report

SCENARIOS = 4
WORDS = ("scenarios=[baseline,inclusive_supervision,data_sharing,both]", "outputs.report=false")
MEGABYTE = 1e6 / (1024 if sys.platform != "darwin" else 1)
OVERHEAD, SPEED_UP, GROWTH = 0.10, 1.7, 1.25


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock, seconds of processor (children included), and peak memory in megabytes."""

    wall: float
    processor: float
    memory: float


def cost(what: str, runs: int, workers: int, root: Path) -> Cost:
    """Measure one of `CALLS` in a fresh interpreter."""
    command = [sys.executable, "-m", "stress.speed", "--measure", what, str(runs), str(workers), str(root)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return Cost(**json.loads(done.stdout))


def measured(what: str, runs: int, workers: int, root: Path) -> Cost:
    """Be that interpreter: measure without the time that imports and composition take."""
    study = settings(runs, workers)
    LAB.banks(study)
    began, spent = time.perf_counter(), processor()
    CALLS[what](study, root)
    wall, used = time.perf_counter() - began, processor() - spent
    return Cost(wall, used, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE)


def settings(runs: int, workers: int) -> StudySettings:
    """Compose the surveyed study of so many runs."""
    return compose_study([*WORDS, f"replicates={runs // SCENARIOS}", f"execution.workers={workers}"])


def bare(study: StudySettings, root: Path) -> None:
    """Compute the chunks of a study and forget them."""
    for chunk in plan_study(study, root / "none", store=root / "none").chunks:
        LAB(study, chunk.replicates)


def whole(study: StudySettings, root: Path) -> None:
    """Run a study: chunks, store, tables, manifest."""
    run_study(study, root / "study", store=root / "store")


CALLS: Final = {"bare": bare, "whole": whole}


def trial(runs: int, root: Path) -> int:
    """Measure the engine, the study on one worker and on two, and a smaller study for its memory."""
    load = os.getloadavg()[0]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    alone = cost("bare", runs, 1, root)
    study = cost("whole", runs, 1, root / "one")
    small = cost("whole", runs // 8, 1, root / "small")
    two = cost("whole", runs, 2, root / "two")
    overhead = {"clock": study.wall / alone.wall - 1, "processor": study.processor / alone.processor - 1}
    speed_up, growth = study.wall / two.wall, study.memory / small.memory
    figures = {
        "runs of the surveyed banks, 2020 to 2030": runs,
        "bare engine, ms a run (clock, processor)": each(alone, runs),
        "study on one worker, ms a run": each(study, runs),
        "study layer over the engine, clock": f"{overhead['clock']:.1%}",
        "study layer over the engine, processor": f"{overhead['processor']:.1%}",
        f"two workers against one, on {cores} cores": f"{speed_up:.2f} times as fast",
        f"peak memory, {runs // 8} and {runs} runs": f"{small.memory:.0f} and {study.memory:.0f} MB",
        "load of the machine before and after": f"{load:.1f}, {os.getloadavg()[0]:.1f}",
    }
    broken = [f"{name} overhead above {OVERHEAD:.0%}" for name, share in overhead.items() if share > OVERHEAD]
    broken += [f"less than {SPEED_UP} times as fast"] if speed_up < SPEED_UP else []
    broken += ["memory grows with the number of runs"] if growth > GROWTH else []
    return report("Speed", figures, broken)


def each(spent: Cost, runs: int) -> str:
    """Show the milliseconds that one run takes, by the clock and of processor."""
    return f"{1e3 * spent.wall / runs:.2f}, {1e3 * spent.processor / runs:.2f}"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        what, runs, workers, folder = sys.argv[2:]
        print(json.dumps(asdict(measured(what, int(runs), int(workers), Path(folder)))))
    else:
        raise SystemExit(command(trial, runs=10_000))
