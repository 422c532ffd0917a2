"""Seconds of a call, in processor time and on the clock, over several repetitions."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median


@dataclass
class Timing:
    """Repetitions of one measurement, seconds."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    def add(self, call: Callable[[], object]) -> None:
        """Call once more and keep how long it took."""
        wall, cpu = time.perf_counter(), time.process_time()
        call()
        self.cpu.append(time.process_time() - cpu)
        self.wall.append(time.perf_counter() - wall)

    def per(self, units: float) -> dict[str, float]:
        """Microseconds a unit of work: the least and the middle repetition."""
        scale = 1e6 / units
        return {
            "cpu_min": min(self.cpu) * scale,
            "cpu_median": median(self.cpu) * scale,
            "wall_min": min(self.wall) * scale,
            "wall_median": median(self.wall) * scale,
        }


def interleaved(calls: dict[str, Callable[[], object]], repetitions: int) -> dict[str, Timing]:
    """Time several calls in turn, so that a busy machine slows all of them alike and ratios hold."""
    timings = {name: Timing() for name in calls}
    for _ in range(repetitions):
        for name, call in calls.items():
            timings[name].add(call)
    return timings
