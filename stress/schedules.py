"""One study on 1, 2 and 4 workers, in shuffled order, in other pieces, under other hash seeds: one digest.

``python -m stress.schedules --orders 2``
"""

import itertools
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments import cli
from experiments.runs import workers as schedule
from experiments.runs.identity import digest
from experiments.runs.manifest import contents
from stress.trial import WORDS, command, report, study

WORKERS = (1, 2, 4)
ORDER = "STRESS_ORDER"


def digest_of(folder: Path) -> str:
    """Return one digest of every file of a study, the manifest's list of chunks left out.

    How a study is cut into chunks is told in its manifest and shall not show anywhere else.
    """
    return digest({name: value for name, value in contents(folder).items() if name != "manifest.json"})


def one(root: Path, workers: int, order: int, hash_seed: int, rows: int) -> str:
    """Run the study in a fresh interpreter and return its digest."""
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed), ORDER: str(order)}
    words = [*WORDS[:-2], f"execution.workers={workers}", f"execution.chunk_rows={rows}"]
    command = [
        sys.executable,
        "-m",
        "stress.schedules",
        "--study",
        f"outputs.folder={root / 'outputs'}",
        *words,
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return digest_of(study(root))


def in_order(words: Sequence[str], order: int) -> int:
    """Be the fresh interpreter: compute the chunks in the order of a seed."""
    shuffled = schedule.shuffled
    schedule.shuffled = lambda chunks, seed: shuffled(chunks, order)
    return cli.main(words)


def trial(orders: int, root: Path) -> int:
    """Run every combination and count the digests."""
    found: dict[str, str] = {}
    cases = list(itertools.product(WORKERS, range(orders)))
    for n, (workers, order) in enumerate(cases):
        hash_seed, rows = (0, 1, 12345, 4294967295)[n % 4], (400, 400, 1600)[n % 3]
        folder = root / str(n)
        folder.mkdir()
        found[f"{workers} workers, order {order}, hash seed {hash_seed}, {rows} rows a chunk"] = one(
            folder, workers, order, hash_seed, rows
        )
    figures: dict[str, object] = {case: found[case][:8] for case in found} | {
        "digests": len(set(found.values()))
    }
    return report("Schedules", figures, [] if len(set(found.values())) == 1 else ["the digests differ"])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--study"]:
        raise SystemExit(in_order(sys.argv[2:], int(os.environ[ORDER])))
    raise SystemExit(command(trial, orders=4))
