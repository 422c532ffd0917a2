"""What a large study costs over its bare engine, on one worker and on two, and how much memory it takes.

``python -m stress.speed --runs 10000``
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.study_layer import processor
from experiments.config.load import compose_study
from experiments.config.study import StudySettings
from experiments.runs.engine import LAB, Engine
from experiments.study.run import run_study
from model.record import Record
from stress.trial import command, report

SCENARIOS = 4
WORDS = ("scenarios=[baseline,inclusive_supervision,data_sharing,both]", "outputs.report=false")
MEGABYTE = 1e6 / (1024 if sys.platform != "darwin" else 1)
OVERHEAD, SPEED_UP, GROWTH = 0.10, 1.7, 1.25


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock and of processor, children included, those of the engine alone, and megabytes at most."""

    wall: float
    processor: float
    engine_wall: float
    engine_processor: float
    memory: float


class Timed(Engine):
    """The lab's engine, which notes its own time: a machine wavers more from minute to minute than a layer costs."""

    def __init__(self) -> None:
        self.wall = self.processor = 0.0

    def __call__(self, settings: StudySettings, replicates: Sequence[int]) -> Record:
        """Compute a chunk."""
        began, spent = time.perf_counter(), time.process_time()
        record = super().__call__(settings, replicates)
        self.wall += time.perf_counter() - began
        self.processor += time.process_time() - spent
        return record


def cost(runs: int, workers: int, root: Path) -> Cost:
    """Measure a study in a fresh interpreter."""
    command = [sys.executable, "-m", "stress.speed", "--measure", str(runs), str(workers), str(root)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return Cost(**json.loads(done.stdout))


def measured(runs: int, workers: int, root: Path) -> Cost:
    """Be that interpreter: measure without the time that imports and composition take."""
    study, engine = settings(runs, workers), Timed()
    engine.banks(study)
    began, spent = time.perf_counter(), processor()
    # Workers compute with the engine that they can import; what theirs takes is not asked for.
    run_study(study, root / "study", store=root / "store", engine=engine if workers == 1 else LAB)
    wall, used = time.perf_counter() - began, processor() - spent
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    return Cost(wall, used, engine.wall, engine.processor, memory)


def settings(runs: int, workers: int) -> StudySettings:
    """Compose the surveyed study of so many runs."""
    return compose_study([*WORDS, f"replicates={runs // SCENARIOS}", f"execution.workers={workers}"])


def trial(runs: int, root: Path) -> int:
    """Measure the study on one worker and on two, and a smaller study for its memory."""
    load = os.getloadavg()[0]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    study = cost(runs, 1, root / "one")
    small = cost(runs // 8, 1, root / "small")
    two = cost(runs, 2, root / "two")
    overhead = {
        "clock": study.wall / study.engine_wall - 1, "processor": study.processor / study.engine_processor - 1
    }  # fmt: skip
    speed_up, growth = study.wall / two.wall, study.memory / small.memory
    figures = {
        "runs of the surveyed banks, 2020 to 2030": runs,
        "bare engine, ms a run (clock, processor)": each(study.engine_wall, study.engine_processor, runs),
        "study on one worker, ms a run": each(study.wall, study.processor, runs),
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


def each(wall: float, processor: float, runs: int) -> str:
    """Show the milliseconds that one run takes, by the clock and of processor."""
    return f"{1e3 * wall / runs:.2f}, {1e3 * processor / runs:.2f}"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        runs, workers, folder = sys.argv[2:]
        print(json.dumps(asdict(measured(int(runs), int(workers), Path(folder)))))
    else:
        raise SystemExit(command(trial, runs=10_000))
