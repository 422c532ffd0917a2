"""Time the engine: ``python -m benchmarks [--json FILE] [--repetitions N] [--study-runs N]``."""

import argparse
import json
from pathlib import Path

from benchmarks.cases import CASES
from benchmarks.measure import measure
from benchmarks.table import table


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--json", type=Path, default=Path("build/benchmarks.json"), help="where the numbers go"
    )
    parser.add_argument("--repetitions", type=int, default=3, help="of every measurement")
    parser.add_argument(
        "--study-runs",
        type=int,
        default=512,
        help="runs of the study; 0 leaves it out; from 2048 on (10240 takes two minutes) with a second worker",
    )
    options = parser.parse_args()
    found = measure(CASES, max(options.repetitions, 1), options.study_runs)
    print(table(found))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"The same numbers: {options.json}")


if __name__ == "__main__":
    main()
