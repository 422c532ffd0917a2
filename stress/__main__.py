"""Every trial in turn: ``python -m stress`` in a small version, with ``--full`` as docs/promises.md reports them."""

import argparse
import subprocess
import sys

SMALL = {
    "kills": ["--kills", "4"],
    "disk": [],
    "damage": ["--files", "6"],
    "rivals": ["--pairs", "1"],
    "schedules": ["--orders", "1"],
    "configs": ["--mutants", "120"],
}
FULL = {
    "kills": ["--kills", "300"],
    "disk": [],
    "damage": ["--files", "60"],
    "rivals": ["--pairs", "10"],
    "schedules": ["--orders", "4"],
    "configs": ["--mutants", "5000"],
}


def main() -> int:
    """Run the trials one after another; return how many promises were broken."""
    parser = argparse.ArgumentParser(prog="python -m stress", description=__doc__)
    parser.add_argument("--full", action="store_true", help="the sizes that docs/promises.md reports")
    parser.add_argument("only", nargs="*", choices=[*SMALL, []], help="which trials; all by default")
    asked = parser.parse_args()
    sizes = FULL if asked.full else SMALL
    broken = 0
    for name in asked.only or sizes:
        broken += subprocess.run(
            [sys.executable, "-m", f"stress.{name}", *sizes[name]], check=False
        ).returncode
    return broken


if __name__ == "__main__":
    raise SystemExit(main())
