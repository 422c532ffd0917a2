"""The project's own data: its tables, and the posterior ensemble with a manifest that says where it comes from."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from agents.items import Item
from experiments.config.errors import ConfigError, Fault
from experiments.files import replace_file
from experiments.location import CONF, DATA, ROOT
from model.world import Ensemble


def table(path: Path) -> tuple[Mapping[str, str], ...]:
    """The rows of one of the project's own tables, read again only when the file has changed."""
    try:
        facts = path.stat()
        return _table(path, facts.st_mtime_ns, facts.st_size)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        place = path.relative_to(ROOT).as_posix()
        raise ConfigError([Fault(place, f"cannot be read: {error}", "a UTF-8 table")]) from error


@lru_cache(maxsize=64)
def _table(path: Path, changed: int, size: int) -> tuple[Mapping[str, str], ...]:
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def read(name: str) -> list[dict[str, str]]:
    """Read a table of the data folder, one dict a row.

    Parameters
    ----------
    name : str
        File below ``data/``.

    Returns
    -------
    list of dict

    Raises
    ------
    ConfigError
        If the file is missing or is no UTF-8 table.
    """
    return [dict(row) for row in table(DATA / name)]


def read_items() -> list[dict[str, str]]:
    """Read the items of the questionnaire, one dict a row; raises `ConfigError` as `read` does."""
    return [dict(row) for row in table(CONF / "questionnaire/items.csv")]


def items() -> list[Item]:
    """The items of the questionnaire as the model reads them."""
    return [Item.from_row(row) for row in read_items()]


MEMBERS, MANIFEST = "members.csv", "manifest.json"
DIGITS = 6


def write_ensemble(folder: Path, ensemble: Ensemble, facts: dict[str, object]) -> dict[str, Any]:
    """Write an ensemble, members first, and return its manifest.

    Parameters
    ----------
    folder : Path
        Made if missing; an older ensemble is replaced and its version counted up when the members differ.
    ensemble : Ensemble
    facts : dict
        Where it comes from, as plain data.
    """
    lines = [",".join(ensemble.paths)]
    lines += [",".join(f"{value:.{DIGITS}g}" for value in member) for member in ensemble.members]
    text = ("\n".join(lines) + "\n").encode()
    digest = hashlib.sha256(text).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    before = _read_manifest(folder) if (folder / MANIFEST).is_file() else {}
    changed = before.get("members_sha256") != digest
    manifest = {
        "version": int(before.get("version", 0)) + changed,
        "members": len(ensemble.members),
        "parameters": len(ensemble.paths),
        "members_sha256": digest,
        **facts,
    }
    replace_file(folder / MEMBERS, [text])
    replace_file(folder / MANIFEST, [(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode()])
    return manifest


def read_ensemble(folder: Path) -> Ensemble:
    """Read an ensemble.

    Parameters
    ----------
    folder : Path
        With ``members.csv``: a header of dotted names and one member a row.

    Raises
    ------
    ConfigError
        If it is missing, torn, or not what its manifest says.
    """
    path = folder / MEMBERS
    try:
        text = path.read_bytes()
        manifest = _read_manifest(folder)
        head, *rows = csv.reader(text.decode().splitlines())
        members = np.array([[float(cell) for cell in row] for row in rows])
    except (OSError, ValueError) as error:
        raise _unusable(path, f"cannot be read: {error}") from error
    if members.ndim != 2 or members.shape[1] != len(head) or not np.isfinite(members).all():
        raise _unusable(path, "is no table of members")
    if hashlib.sha256(text).hexdigest() != manifest.get("members_sha256"):
        raise _unusable(path, "does not belong to its manifest")
    return Ensemble(tuple(head), members)


def _read_manifest(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
    return manifest


def _unusable(path: Path, what: str) -> ConfigError:
    return ConfigError([Fault(f"{path}", what, "an ensemble (python simulate.py experiment=calibrate)")])
