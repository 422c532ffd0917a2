"""The manifest: what a study's numbers came from, and the hash of every file that holds them."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from experiments.failure import StudyFailed
from experiments.runs import provenance
from experiments.runs.folder import MARK, RUN, contents
from experiments.runs.identity import SCHEMA, Identity, canonical, digest

if TYPE_CHECKING:
    from experiments.runs.job import Chunk

MANIFEST = MARK
# What a folder, its manifest and the store beside it say where they hold a bank of the user's.
CONFIDENTIAL: Final = (
    "Holds a bank of the user's own: its books, its answers and its plans. Not to be passed on; redact=<folder> makes "
    "a copy without it, purge=<folder> removes it. 含有用户自己银行的数据（账目、问卷与方案），请勿外传；"
    "redact=<文件夹> 生成不含该数据的副本，purge=<文件夹> 将其删除。"
)
NOTICE: Final = "CONFIDENTIAL.txt"
PARTS: Final = {
    **dict.fromkeys(("name", "study", "python", "platform"), str),
    **dict.fromkeys(("config", "data", "code", "packages", "files"), dict),
    **dict.fromkeys(("overrides", "chunks"), list),
}


@dataclass(frozen=True)
class Manifest:
    """A manifest as read from its file; `content` is plain data."""

    content: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.content[key]

    @property
    def intact(self) -> bool:
        """Whether the manifest matches its own checksum."""
        return bool(sealed(self.content)["checksum"] == self.content.get("checksum"))


def describe(
    identity: Identity,
    overrides: Sequence[str],
    chunks: Sequence["Chunk"],
    digests: Sequence[str],
    members: Mapping[str, int],
) -> dict[str, Any]:
    """Say what a study's numbers come from.

    Parameters
    ----------
    identity : Identity
        The study's resolved settings and hashes.
    overrides : sequence of str
        What the command line asked for; what says only how and where to run is left out.
    chunks, digests : sequence
        The chunks that were merged, and the checksum of each.
    members : mapping of str to int
        How many parameter members there are to draw from, and how many different ones the replicates drew.
    """
    from model.streams import PURPOSES

    return {
        "schema": SCHEMA,
        "name": identity.config.get("name"),
        "study": identity.study,
        "seed": identity.config.get("seed"),
        "streams": list(PURPOSES),
        "overrides": kept_overrides(overrides),
        "config": identity.config,
        **({"confidential": CONFIDENTIAL} if holds_bank({"config": identity.config}) else {}),
        **members,
        "data": provenance.data_digests(identity.config),
        "code": provenance.code_version(identity.code),
        "packages": provenance.package_versions(),
        **provenance.machine(),
        "chunks": [
            {"first": chunk.first, "stop": chunk.stop, "name": chunk.name, "checksum": digest}
            for chunk, digest in zip(chunks, digests, strict=True)
        ],
    }


def holds_bank(content: Mapping[str, Any]) -> bool:
    """Whether the plain data of a manifest hold a bank of the user's."""
    config = content.get("config")
    return isinstance(config, Mapping) and bool(config.get("bank") or config.get("members"))


def write_manifest(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write manifest.json: the facts, and the hash of every other file that is in the folder by now."""
    files = {name: value for name, value in contents(folder).items() if name != MANIFEST}
    write_json(folder / MANIFEST, {**facts, "files": files})


def write_run(folder: Path, **facts: Any) -> None:
    """Write run.json: what differs from run to run, such as when it ran, how long and on how many workers."""
    finished = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    write_json(folder / RUN, {"schema": SCHEMA, "finished": finished, **facts})


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write plain data with its checksum, readable by eye."""
    path.write_text(json.dumps(sealed(content), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return plain data with the checksum of all the rest at the end."""
    rest = {key: value for key, value in content.items() if key != "checksum"}
    return {**rest, "checksum": digest(rest)}


def read_manifest(path: Path) -> Manifest:
    """Read a manifest from its file or its study's folder.

    Parameters
    ----------
    path : Path
        A manifest.json, or a folder that holds one.
    """
    file = path / MANIFEST if path.is_dir() else path
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        canonical(content)  # refuses what could not be written again, such as NaN
    except FileNotFoundError as error:
        raise StudyFailed(f"there is no manifest at {file}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise StudyFailed(f"{file} cannot be read as a manifest: {error}") from error
    if not isinstance(content, dict) or type(content.get("schema")) is not int or "files" not in content:
        raise StudyFailed(f"{file} is not the manifest of a study")
    if content["schema"] > SCHEMA:
        raise StudyFailed(
            f"{file} was written by a later version of the lab (schema {content['schema']} > {SCHEMA})"
        )
    if wrong := unsound(content):
        raise StudyFailed(f"{file} is not a sound manifest: {', '.join(wrong)}")
    return Manifest(content)


def unsound(content: Mapping[str, Any]) -> list[str]:
    """Name what a manifest lacks or has of another kind; names that would lead out of a folder count as well."""
    parts = PARTS if "jobs" not in content else {"name": str, "study": str, "files": dict}
    wrong = [key for key, kind in parts.items() if not isinstance(content.get(key), kind)]
    if wrong:
        return [f"{key} is missing or no {parts[key].__name__}" for key in wrong]
    if "jobs" not in content and not isinstance(content["config"].get("outputs"), dict):
        return ["config has no outputs"]
    named = {"name": Path(content["name"]).name == content["name"] != "", "study": content["study"].isalnum()}
    names = [Path(name) for name in content["files"]]
    named["files"] = not any(name.is_absolute() or ".." in name.parts for name in names)
    return [f"{key} names no place in a folder" for key, sound in named.items() if not sound]


def kept_overrides(overrides: Sequence[str]) -> list[str]:
    """Leave out of a command what says only how and where to run, and where a bank's own files lie."""
    aside = ("execution", "outputs.folder", "hydra", "bank.file", "bank.peer_files", "banks_file")
    return [text for text in overrides if not text.lstrip("+~").startswith(aside)]
