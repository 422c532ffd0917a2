"""Where a number came from: code, data and packages, by hash and version."""

import hashlib
import platform
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from experiments.files import file_digest
from experiments.location import CHECKOUT, DATA, ROOT, of_user
from experiments.location import version as lab_version

ROOMS = ("agents", "model", "experiments")
NUMERICAL = ("numpy", "scipy", "networkx", "mesa")
PACKAGES = (*NUMERICAL, "pandas", "pyarrow", "pydantic", "hydra-core", "joblib", "matplotlib", "jinja2")


@cache
def sources_digest() -> str:
    """Hash every source file by relative path and content; the same with or without version control."""
    total = hashlib.sha256()
    for source in sorted(p.relative_to(ROOT) for room in ROOMS for p in (ROOT / room).rglob("*.py")):
        content = as_in_repository((ROOT / source).read_bytes())
        total.update(f"{source.as_posix()}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def as_in_repository(source: bytes) -> bytes:
    """Source code as its repository has it: a checkout may have changed its line ends, a wheel its import lines."""
    plain = source.replace(b"\r\n", b"\n")
    return plain.replace(b"from honeycomb.", b"from ").replace(b"import honeycomb.", b"import ")


def git(*arguments: str) -> str | None:
    """Ask git one question; None when there is no git, no repository or no answer."""
    if not CHECKOUT:  # a wheel may lie inside somebody's repository, whose commits are not ours
        return None
    try:
        answer = subprocess.run(
            ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()


def code_version(numbers: str) -> dict[str, Any]:
    """Describe the code: digests of its sources, the commit, and whether files differ from that commit.

    Parameters
    ----------
    numbers : str
        Hash of the code that makes numbers, as it was loaded.

    Returns
    -------
    dict
        `version`, `numbers`, `all` (every source file), `commit` and `dirty`; the last two are None outside a git
        repository.
    """
    status = git("status", "--porcelain=v2", "--branch", "--", *ROOMS, "conf", "data", "simulate.py")
    lines = (status or "").splitlines()
    commit = next((line.split()[-1] for line in lines if line.startswith("# branch.oid ")), "(initial)")
    return {
        "version": lab_version(),
        "numbers": numbers,
        "all": sources_digest(),
        "commit": None if commit == "(initial)" else commit,
        "dirty": None if status is None else any(not line.startswith("#") for line in lines),
    }


def package_versions(names: Sequence[str] = PACKAGES) -> dict[str, str | None]:
    """Return the installed version of each package, None for one that is missing."""
    versions: dict[str, str | None] = {}
    for name in names:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = None
    return versions


@cache
def computing() -> dict[str, str | None]:
    """Return the versions of the packages that compute, and of Python: part of what a number is named by."""
    return {**package_versions(NUMERICAL), "python": ".".join(platform.python_version_tuple()[:2])}


def machine() -> dict[str, str]:
    """Return the Python version, the class of platform and of its processor, and nothing that names the machine."""
    system = f"{platform.system()}-{platform.machine()}"
    return {"python": platform.python_version(), "platform": system, "vectors": vector_class()}


@cache
def vector_class() -> str:
    """Name the widest vector instructions that NumPy uses on this processor, as NumPy itself tells.

    Functions such as `exp` have a loop of their own for each, whose last digits may differ.
    """
    import numpy

    told: Any = numpy.show_config(mode="dicts")
    extensions = told.get("SIMD Extensions", {})
    known = [*extensions.get("baseline", ()), *extensions.get("found", ())]
    return str(known[-1]) if known else "none"


def data_digests(config: Mapping[str, Any]) -> dict[str, str]:
    """Hash every data file a study can read: those of `data/`, and any other file its config names."""
    read = (p for p in DATA.rglob("*") if p.suffix not in ("", ".md") and p.parent.name != "track_record")
    files = {p.relative_to(ROOT).as_posix(): p for p in read}
    for text in strings(config):
        path = named_file(text)
        if path is not None and path not in files.values():
            files[path.name if Path(text).is_absolute() else text] = path
    return {name: file_digest(files[name]) for name in sorted(files) if files[name].is_file()}


def named_file(text: str) -> Path | None:
    """Return the file that a config value names, if it names one."""
    if "." not in text or len(text) > 500:
        return None
    try:
        path = of_user(text).resolve()
        return path if path.is_file() else None
    except (OSError, ValueError):
        return None


def strings(value: Any) -> Iterator[str]:
    """Yield every string value in nested plain data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from strings(part)
