"""Where the lab itself lies: its files, its version, and the word that starts it."""

from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
CONF: Final = ROOT / "conf"
DATA: Final = ROOT / "data"
# A wheel carries the package and none of the repository's own files.
CHECKOUT: Final = (ROOT / "pyproject.toml").is_file()
COMMAND: Final = "python simulate.py" if CHECKOUT else "honeycomb"


def version() -> str:
    """The lab's version: that of the project file in a checkout, that of the wheel when one is installed."""
    if not CHECKOUT:
        return installed_version("honeycomb-lab")
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return str(project["project"]["version"])


def existing(place: str | Path) -> Path:
    """The folder or file that a setting names, to be read.

    Parameters
    ----------
    place : str or Path
        An absolute path stands for itself. A relative one is below the repository; where a wheel is installed it is
        below the working folder, and the wheel's own file of that name stands in when there is none.
    """
    own = output_path(place)
    return own if own.exists() else ROOT / place


def of_user(place: str | Path) -> Path:
    """The user's own folder or file that a setting names, to be read.

    Parameters
    ----------
    place : str or Path
        A relative path is below the working folder, as for every program; where nothing of that name is there, it is
        one of the lab's own (`existing`), if that is there.
    """
    own, shipped = Path.cwd() / place, existing(place)
    return shipped if shipped.exists() and not own.exists() else own


def output_path(place: str | Path) -> Path:
    """The folder or file that a setting names, to be written: below the repository, for a wheel the working folder."""
    return ROOT / place if CHECKOUT else Path.cwd() / place
