"""What makes two studies the same: the numbers they resolve to, the code that computes as it is loaded, their data.

A stored chunk is named by the world and the scenarios that settings resolve to and by the code that computes them
(`fingerprint`), with the versions of the packages that compute. A reworded message, a figure, another analysis, another
language, more replicates or another cluster therefore find every chunk; a changed rule, number or table of data does
not, and neither does a rule that was replaced in memory. A study as a whole is named by that and by all its settings,
those that only present it included.
"""

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, ClassVar, Final

from experiments.config.assembly import forget
from experiments.config.study import StudySettings
from experiments.runs.engine import LAB, Engine
from experiments.runs.fingerprint import NUMERICAL, PACKAGES, Reader, fingerprint

SCHEMA: Final = 1

# How a study runs and where it goes: no part of what it is.
EXECUTION: Final = ("execution", "overrides")
PLACES: Final = ("folder",)


@dataclass(frozen=True)
class Identity:
    """A study's resolved settings and the hashes that name it.

    Attributes
    ----------
    config : dict
        Resolved settings as plain data, without execution and places: what a manifest keeps.
    code : str
        Hash of the code that makes the numbers.
    chunks : str
        Hash shared by the chunks: whatever can change a simulated number, except which replicates.
    study : str
        Hash of the whole study, replicates and presentation included.
    """

    config: dict[str, Any]
    code: str
    chunks: str
    study: str


def identify(settings: StudySettings, engine: Engine = LAB) -> Identity:
    """Name a study and what its numbers depend on.

    Parameters
    ----------
    settings : StudySettings
    engine : callable
        Computes its chunks; the lab's model by default.
    """
    config = config_of(settings)
    code = Code(engine)
    chunks = code.with_inputs(*engine.inputs(settings))
    return Identity(config, code.digest, chunks, fingerprint(chunks, config))


class Code:
    """The code that makes the numbers, as it is loaded now, read once.

    Attributes
    ----------
    digest : str
        Its hash.
    """

    remembered: ClassVar[str] = ""  # digest of the code that whatever is remembered was worked out by

    def __init__(self, engine: Engine = LAB) -> None:
        self._read = Reader()
        self.digest: str = self._read.digest(tuple(engine.code()))
        if self.digest != Code.remembered:
            forget()
            Code.remembered = self.digest

    def with_inputs(self, *inputs: object) -> str:
        """Hash what a number depends on: the code, its inputs, the packages that compute, and Python.

        Parameters
        ----------
        *inputs
            As `fingerprint` takes them.
        """
        return Reader(self._read).digest((SCHEMA, computing(), self.digest, inputs))


def code_digest(engine: Engine = LAB) -> str:
    """Hash the code that makes the numbers, as it is loaded now."""
    return Code(engine).digest


def package_versions(names: Sequence[str] = PACKAGES) -> dict[str, str | None]:
    """Return the installed version of each package, None for one that is missing."""
    return {name: package_version(name) for name in names}


@cache
def package_version(name: str) -> str | None:
    """Return the installed version of a package, read once in a process: what is loaded stays as it is."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


@cache
def computing() -> dict[str, str | None]:
    """Return the versions of the packages that compute, and of Python: part of what a number is named by."""
    return {**package_versions(NUMERICAL), "python": ".".join(platform.python_version_tuple()[:2])}


def config_of(settings: Any) -> dict[str, Any]:
    """Return settings as plain data, without how and where a study runs: no path of a machine belongs in them."""
    config = settings if isinstance(settings, Mapping) else settings.model_dump(mode="json")
    kept = {key: value for key, value in config.items() if key not in EXECUTION}
    for section, aside in (("outputs", PLACES), ("choices", EXECUTION)):
        if isinstance(kept.get(section), Mapping):
            kept[section] = {key: value for key, value in kept[section].items() if key not in aside}
    return kept


def canonical(data: object) -> bytes:
    """Write plain data as JSON in one way only.

    Keys keep their order: were order to matter somewhere, sorting would give two different studies one name.
    """
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def digest(data: object) -> str:
    """Return the SHA-256 of plain data, in hexadecimal."""
    return hashlib.sha256(canonical(data)).hexdigest()
