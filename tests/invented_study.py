"""A study without a model: its numbers depend on seed, scenario and replicate only."""

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import networkx as nx
import numpy as np

from agents.honeycomb import DIMENSIONS, KINDS, PAYERS
from experiments.config.study import ExecutionSettings
from experiments.runs import manifest
from experiments.runs.manifest import contents

QUARTERS = tuple(f"{year}Q{quarter}" for year in (2020, 2021) for quarter in (1, 2, 3, 4))
SURVEYS = ("2020Q4", "2021Q4")
KIND_OF = ("large", "large", "city", "city", "city", "rural", "rural", "rural", "private", "private")
BANKS = len(KIND_OF)
OUTCOMES = ("bad_loans", "gini")
LEVELS = (("goals", 1), ("goals", 2), ("office", 1))
NOTHING_DONE = {"policies": [], "shocks": [], "expected": []}
EXECUTION = {
    "engine": "local",
    "workers": 1,
    "chunk_rows": 2 * 3 * BANKS,
    "store": ".studies",
    "address": None,
}


class Invented(SimpleNamespace):
    """Settings as far as a study runner looks at them."""

    def model_dump(self, mode: str = "json") -> dict[str, Any]:
        return {key: plain(value) for key, value in vars(self).items()}


def plain(value: Any) -> Any:
    if isinstance(value, ExecutionSettings):
        return value.model_dump(mode="json")
    if isinstance(value, SimpleNamespace):
        return {key: plain(part) for key, part in vars(value).items()}
    return [plain(part) for part in value] if isinstance(value, list | tuple) else value


def settings_of(config: dict[str, Any]) -> Invented:
    """Read back what `model_dump` wrote."""
    scenarios = tuple(SimpleNamespace(**scenario) for scenario in config["scenarios"])
    outputs = SimpleNamespace(**{"folder": "outputs", **config["outputs"]})
    parts = {name: SimpleNamespace(**config[name]) for name in ("report", "analysis")}
    execution = ExecutionSettings(**config.get("execution", EXECUTION))
    rest = {"overrides": (), **config, "scenarios": scenarios, "outputs": outputs, **parts}
    return Invented(**{**rest, "execution": execution})


def invented(root: Any, replicates: int = 8, **changes: Any) -> Invented:
    """Three scenarios of ten banks; keys of execution may be given as `execution={...}`."""
    execution = {**EXECUTION, **changes.pop("execution", {})}
    config = {
        "name": "invented",
        "seed": 7,
        "replicates": replicates,
        "strength": 2.0,
        "task": "simulate",
        "quarters": QUARTERS,
        "analysis": {"outcome": "index"},
        "objective": None,
        "scenarios": [
            {
                "label": label,
                "baseline": "baseline",
                "environment_name": "central",
                "push": push,
                **NOTHING_DONE,
            }
            for label, push in (("baseline", 0.0), ("a+b", 1.0), ("c@severe", -1.0))
        ],
        "outputs": {
            "folder": str(root),
            "banks": True,
            "network": ["end"],
            "figures": [],
            "report": False,
            "detail": "full",
        },
        "report": {"language": "en"},
        "overrides": ("seed=7", "execution.workers=1"),
    }
    return settings_of({**config, **changes, "execution": execution})


def simulate(settings: Invented, replicates: Sequence[int]) -> Any:
    """Every number is drawn by seed and replicate, and moved by the scenario's push."""
    S, R, Q, K = len(settings.scenarios), len(replicates), len(QUARTERS), len(KINDS)
    record = SimpleNamespace(
        scenarios=tuple(scenario.label for scenario in settings.scenarios),
        replicates=tuple(replicates),
        quarters=QUARTERS,
        survey_quarters=SURVEYS,
        policies=("a", "b", "c"),
        years=(2020, 2021),
        true=np.empty((S, R, Q, K, len(DIMENSIONS))),
        small=np.empty((S, R, Q, len(DIMENSIONS))),
        survey=np.empty((S, R, len(SURVEYS), K, len(DIMENSIONS))),
        outcomes={name: np.empty((S, R, Q, K + 1)) for name in OUTCOMES},
        costs=np.zeros((S, R, 2, 3, len(PAYERS), K)),
        bank_index=np.empty((S, R, BANKS)),
        bank_kind=KIND_OF,
        bank_reported=(True,) * BANKS,
        bank_province=("GD", "ZJ") * (BANKS // 2),
        bank_assets=np.geomspace(1e12, 1e9, BANKS),
        provinces=("GD", "ZJ"),
        province_index=np.empty((S, R, len(SURVEYS), 2)),
        banks={"bad_loans": np.empty((S, R, Q, BANKS))} if settings.outputs.banks else None,
        graphs={},
        own_rows=(),
        levels=LEVELS,
        items=np.empty((S, R, len(SURVEYS), K + 1, len(LEVELS))),
    )
    for r, replicate in enumerate(replicates):
        draws = np.random.default_rng([settings.seed, replicate])
        score = 30.0 + 40.0 * draws.random((Q, K, len(DIMENSIONS)))
        outcome, index, bank = draws.random((Q, K + 1)), 50 + draws.random(BANKS), draws.random((Q, BANKS))
        push, answer = (
            settings.strength * draws.random(BANKS),
            draws.normal(size=(len(SURVEYS), K, len(DIMENSIONS))),
        )
        share = 40.0 + 20.0 * draws.random((len(SURVEYS), K + 1, len(LEVELS)))
        for s, scenario in enumerate(settings.scenarios):
            record.items[s, r] = share + 8.0 * scenario.push
            record.true[s, r] = score + scenario.push * push[:K, None]
            record.small[s, r] = record.true[s, r, :, 1:].mean(1)
            record.survey[s, r] = record.true[s, r, 3::4] + answer
            record.outcomes["bad_loans"][s, r] = outcome + 0.1 * scenario.push
            record.outcomes["gini"][s, r] = np.nan
            record.outcomes["gini"][s, r, :, -1] = outcome[:, 0]
            record.bank_index[s, r] = index + 3 * scenario.push * push
            by_province = record.bank_index[s, r, 2:].reshape(-1, 2).mean(0)  # without the two large banks
            record.province_index[s, r] = by_province, by_province
            if record.banks:
                record.banks["bad_loans"][s, r] = 2.0 + bank + scenario.push
            if s:
                record.costs[s, r, :, s, 0] = push[:K] * (replicate % 2)
    if settings.outputs.network and 0 in record.replicates:
        record.graphs = {(record.scenarios[0], QUARTERS[-1]): nx.Graph([(0, 1), (1, 2)], name="first")}
    return record


NO_NUMBERS = ("execution", "overrides", "name", "report", "replicates")


def slowly(seconds: float, settings: Invented, replicates: Sequence[int]) -> Any:
    """Take some time over each chunk."""
    time.sleep(seconds)
    return simulate(settings, replicates)


def dying_once(marker: Path, settings: Invented, replicates: Sequence[int]) -> Any:
    """Kill the worker that comes first, before it returns anything."""
    try:
        marker.touch(exist_ok=False)
    except FileExistsError:
        return slowly(0.05, settings, replicates)
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("a killed process goes on")


@dataclass(frozen=True)
class Engine:
    """Computes the invented study by any function; its numbers are named as if by `simulate`, unless told otherwise."""

    function: Callable[..., Any] = simulate
    source: Any = "invented"

    def __call__(self, settings: Invented, replicates: Sequence[int]) -> Any:
        return self.function(settings, replicates)

    def code(self) -> tuple[Any, ...]:
        return (self.source,)

    def inputs(self, settings: Invented) -> tuple[Any, ...]:
        config = {key: value for key, value in settings.model_dump().items() if key not in NO_NUMBERS}
        kept = {key: value for key, value in config["outputs"].items() if key in ("banks", "network")}
        return ({**config, "outputs": kept},)

    def banks(self, settings: Invented) -> int:
        return BANKS

    def coverage(self, settings: Invented) -> tuple[()]:
        return ()

    def members(self, settings: Invented) -> dict[str, int]:
        return {"members": 5, "members_distinct": min(5, settings.replicates)}


def tables(folder: Path) -> dict[str, str]:
    """Digest of every file of a study but its manifest."""
    return {name: digest for name, digest in contents(folder).items() if name != "manifest.json"}


def settle_code(patch: Any = setattr) -> None:
    """Fix the version of the sources, so that files edited while tests run are not taken for another study."""
    version = {"all": "0" * 64, "commit": None, "dirty": None}
    patch(manifest, "code_version", lambda numbers: {"numbers": numbers, **version})


def main(root: str, replicates: str, workers: str, seconds: str) -> int:
    """Run the invented study in a process of its own, which tests may kill."""
    from experiments.failure import StudyFailed
    from experiments.study.run import run_study

    settle_code()
    settings = invented(root, int(replicates), execution={"workers": int(workers)})
    try:
        print(run_study(settings, engine=Engine(partial(slowly, float(seconds)))))
    except StudyFailed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
