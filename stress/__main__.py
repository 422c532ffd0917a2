"""Every trial in turn: ``python -m stress``; with ``--full --into docs/promises.md`` the figures of that page."""

import argparse
import re
import subprocess
import sys
from pathlib import Path

SMALL = {
    "kills": ["--kills", "12"],
    "disk": ["--sizes", "200", "1200"],
    "damage": ["--files", "6"],
    "rivals": ["--pairs", "1"],
    "schedules": ["--orders", "1"],
    "configs": ["--mutants", "40"],
}
FULL = {
    "kills": ["--kills", "300"],
    "disk": [],
    "damage": ["--files", "24"],
    "rivals": ["--pairs", "4"],
    "schedules": ["--orders", "4"],
    "configs": ["--mutants", "240"],
    "speed": ["--runs", "10240"],
}


def main() -> int:
    """Run the trials one after another; return 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m stress", description=__doc__)
    parser.add_argument("--full", action="store_true", help="the sizes that docs/promises.md reports")
    parser.add_argument("--into", type=Path, help="page whose blocks of figures are replaced")
    parser.add_argument("only", nargs="*", help=f"which of {', '.join(FULL)}; all by default")
    asked = parser.parse_args()
    sizes = FULL if asked.full else SMALL
    broken = False
    for name in asked.only or sizes:
        command = [sys.executable, "-m", f"stress.{name}", *sizes[name]]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        print(done.stdout, flush=True)
        broken |= done.returncode != 0
        if asked.into:
            replace(asked.into, f"python -m stress.{' '.join([name, *sizes[name]])}", done.stdout)
    return int(broken)


def replace(page: Path, command: str, figures: str) -> None:
    """Put new figures into the block of a page that begins with the program's command."""
    program = command.split()[2]
    block = re.compile(rf"```text\n\$ python -m {re.escape(program)}\b.*?```\n", re.DOTALL)
    text, found = block.subn(
        lambda _: f"```text\n$ {command}\n{figures.strip()}\n```\n", page.read_text("utf-8")
    )
    if found != 1:
        raise SystemExit(f"{page} has {found} blocks for {program}")
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
