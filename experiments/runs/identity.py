"""What makes two studies the same: their settings, their code, their data."""

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from experiments.runs import provenance

SCHEMA = 1

# How a study runs and where it goes never changes a number; what it is called and how it is shown only its
# report.
EXECUTION = ("execution", "overrides")
PRESENTATION = ("name", "report", "experiment", "title", "description", "task", "analysis", "calibration")
PLACES = ("folder",)
SHOWN_OUTPUTS = (*PLACES, "detail", "figures", "report")


@dataclass(frozen=True)
class Identity:
    """A study's resolved settings and the hashes that name it.

    Attributes
    ----------
    config : dict
        Resolved settings as plain data, without execution and places: what a manifest keeps.
    data : dict
        SHA-256 of every data file by name.
    chunks : str
        Hash shared by the chunks: whatever can change a simulated number, except which replicates.
    study : str
        Hash of the whole study, replicates and presentation included.
    """

    config: dict[str, Any]
    data: dict[str, str]
    chunks: str
    study: str


def identify(config: Mapping[str, Any]) -> Identity:
    """Hash resolved settings with the code and data they run on.

    Parameters
    ----------
    config : mapping
        Resolved settings as plain data.
    """
    kept = without_places(config)
    data = provenance.data_digests(config)
    basis = {
        "schema": SCHEMA,
        "code": provenance.code_digest(True),
        "data": data,
        "packages": provenance.package_versions(provenance.NUMERICAL),
        "python": ".".join(platform.python_version_tuple()[:2]),
    }
    return Identity(
        config=kept,
        data=data,
        chunks=digest({**basis, "config": numbers_config(kept)}),
        study=digest({**basis, "config": kept}),
    )


def plain(settings: Any) -> dict[str, Any]:
    """Return settings as plain data: mappings, lists, strings and numbers only."""
    return dict(settings) if isinstance(settings, Mapping) else settings.model_dump(mode="json")


def without_places(config: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out how and where a study runs: no machine's path belongs in its identity."""
    kept = {key: value for key, value in config.items() if key not in EXECUTION}
    if isinstance(kept.get("outputs"), Mapping):
        kept["outputs"] = {key: value for key, value in kept["outputs"].items() if key not in PLACES}
    return kept


def numbers_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the part of the settings that a simulated number can depend on.

    The number of replicates is left out because each replicate draws from streams keyed by its own number: a
    study that grows from 64 to 128 replicates keeps the first 64.
    """
    kept = {
        key: value for key, value in config.items() if key not in (*EXECUTION, *PRESENTATION, "replicates")
    }
    if isinstance(kept.get("outputs"), Mapping):
        kept["outputs"] = {key: value for key, value in kept["outputs"].items() if key not in SHOWN_OUTPUTS}
    return kept


def canonical(data: Any) -> bytes:
    """Write plain data as JSON in one way only.

    Keys keep their order: were order to matter somewhere, sorting would give two different studies one name.
    """
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def digest(data: Any) -> str:
    """Return the SHA-256 of plain data, in hexadecimal."""
    return hashlib.sha256(canonical(data)).hexdigest()
