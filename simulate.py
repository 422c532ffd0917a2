"""Simulate a national banking system from a configuration: ``python simulate.py --help``."""

import sys
from pathlib import Path

try:
    import hydra

    from experiments.entry.command import run, run_job
except KeyboardInterrupt:  # Ctrl-C before there is anything to stop
    sys.exit(130)


@hydra.main(
    version_base="1.3", config_path=str(Path(__file__).resolve().parent / "conf"), config_name="config"
)
def job(_: object) -> str:
    return str(run_job())


def main() -> int:
    return run(sys.argv[1:], job)  # the wheel's command calls it too


if __name__ == "__main__":
    sys.exit(main())
