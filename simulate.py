"""Simulate a national banking system from a configuration: ``python simulate.py --help``."""

import os
import sys
from pathlib import Path

OWN_PYTHON = Path(__file__).resolve().parent / ".venv" / "bin" / "python"

try:
    from experiments.cli import main
except KeyboardInterrupt:  # Ctrl-C before there is anything to stop
    sys.exit(130)
except ModuleNotFoundError as error:  # another Python than the one that `make` equipped: go on in that one
    if __name__ != "__main__" or OWN_PYTHON.parent.parent == Path(sys.prefix):
        raise
    if not OWN_PYTHON.is_file():
        sys.exit(f"{error}: `make run` or `make env` installs what the lab needs")
    os.execv(OWN_PYTHON, [str(OWN_PYTHON), *sys.argv])

__all__ = ["main"]  # the wheel's command calls it too

if __name__ == "__main__":
    sys.exit(main())
