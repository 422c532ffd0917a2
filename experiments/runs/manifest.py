"""The folder of a study, whole or absent, and its manifest: what its numbers came from, and the hash of every file."""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from experiments.config.assembly import POSTERIOR_FOLDER
from experiments.config.data import MEMBERS
from experiments.config.errors import Sentence, enumerated, failure, sentence
from experiments.config.study import CENTRAL, POSTERIOR
from experiments.files import abandoned, alive, file_digest, flush_folder, temporary_name, writer
from experiments.location import CHECKOUT, DATA, ROOT, of_user, version
from experiments.runs.identity import SCHEMA, Identity, canonical, digest, package_versions

if TYPE_CHECKING:
    from experiments.runs.workers import Chunk

ROOMS: Final = ("agents", "model", "experiments")
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
        **secrecy(identity.config),
        **members,
        "data": data_digests(identity.config),
        "code": code_version(identity.code),
        "packages": package_versions(),
        **machine(),
        "chunks": [
            {"first": chunk.first, "stop": chunk.stop, "name": chunk.name, "checksum": digest}
            for chunk, digest in zip(chunks, digests, strict=True)
        ],
    }


def holds_bank(content: Mapping[str, object]) -> bool:
    """Whether the plain data of a manifest hold a bank of the user's."""
    config = content.get("config")
    return isinstance(config, Mapping) and bool(config.get("bank") or config.get("members"))


def secrecy(config: Mapping[str, Any]) -> dict[str, str]:
    """What is noted beside settings that hold a bank of the user's; nothing beside others."""
    return {"confidential": CONFIDENTIAL} if holds_bank({"config": config}) else {}


def write_manifest(folder: Path, facts: Mapping[str, object]) -> None:
    """Write manifest.json: the facts, and the hash of every other file that is in the folder by now."""
    files = {name: value for name, value in contents(folder).items() if name != MANIFEST}
    write_json(folder / MANIFEST, {**facts, "files": files})


def write_run(folder: Path, **facts: object) -> None:
    """Write run.json: what differs from run to run, such as when it ran, how long and on how many workers."""
    finished = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    write_json(folder / RUN, {"schema": SCHEMA, "finished": finished, **facts})


def write_json(path: Path, content: Mapping[str, object]) -> None:
    """Write plain data with its checksum, readable by eye."""
    path.write_text(json.dumps(sealed(content), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def sealed(content: Mapping[str, object]) -> dict[str, Any]:
    """Return plain data with the checksum of all the rest at the end."""
    rest = {key: value for key, value in content.items() if key != "checksum"}
    return {**rest, "checksum": digest(rest)}


def folder_of(path: Path) -> Path:
    """The folder of a study that is called by itself or by its manifest.json."""
    return path if path.is_dir() else path.parent


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
        raise failure("there is no manifest at {}", file) from error
    except (OSError, ValueError, RecursionError) as error:
        raise failure("{} cannot be read as a manifest: {}", file, error) from error
    if not isinstance(content, dict) or type(content.get("schema")) is not int or "files" not in content:
        raise failure("{} is not the manifest of a study", file)
    if content["schema"] > SCHEMA:
        raise failure(
            "{} was written by a later version of the lab (schema {} > {})", file, content["schema"], SCHEMA
        )
    if wrong := unsound(content):
        raise failure("{} is not a sound manifest: {}", file, enumerated(wrong))
    return Manifest(content)


def unsound(content: Mapping[str, Any]) -> list[Sentence]:
    """Name what a manifest lacks or has of another kind; names that would lead out of a folder count as well."""
    parts = PARTS if "jobs" not in content else {"name": str, "study": str, "files": dict}
    wrong = [key for key, kind in parts.items() if not isinstance(content.get(key), kind)]
    if wrong:
        return [sentence("{} is missing or no {}", key, parts[key].__name__) for key in wrong]
    if "jobs" not in content and not isinstance(content["config"].get("outputs"), dict):
        return [sentence("config has no outputs")]
    plain = {"name": Path(content["name"]).name == content["name"] != "", "study": content["study"].isalnum()}
    names = [Path(name) for name in content["files"]]
    plain["files"] = not any(name.is_absolute() or ".." in name.parts for name in names)
    return [sentence("{} names no place in a folder", key) for key, sound in plain.items() if not sound]


def kept_overrides(overrides: Sequence[str]) -> list[str]:
    """Leave out of a command what says only how and where to run, and where a bank's own files lie."""
    aside = ("execution", "outputs.folder", "hydra", "bank.file", "bank.peer_files", "banks_file")
    return [text for text in overrides if not text.lstrip("+~").startswith(aside)]


# --- where numbers came from: code, data and machine, by hash and version


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
        "version": version(),
        "numbers": numbers,
        "all": sources_digest(),
        "commit": None if commit == "(initial)" else commit,
        "dirty": None if status is None else any(not line.startswith("#") for line in lines),
    }


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

    config: Any = numpy.show_config(mode="dicts")
    extensions = config.get("SIMD Extensions", {})
    vectors = [*extensions.get("baseline", ()), *extensions.get("found", ())]
    return str(vectors[-1]) if vectors else "none"


def data_digests(config: Mapping[str, Any]) -> dict[str, str]:
    """Hash every data file a study can read: those of `data/`, and any other file or ensemble its config names."""
    read = (p for p in DATA.rglob("*") if p.suffix not in ("", ".md") and p.parent.name != "track_record")
    files = {p.relative_to(ROOT).as_posix(): p for p in read}
    if ensemble := own_ensemble(config):
        files = {name: path for name, path in files.items() if path.parent != ROOT / POSTERIOR_FOLDER}
        folder = Path(ensemble)
        folder = Path(folder.name) if folder.is_absolute() else folder
        files |= {(folder / name).as_posix(): of_user(ensemble) / name for name in (MEMBERS, MANIFEST)}
    for text in strings(config):
        path = named_file(text)
        if path is not None and path not in files.values():
            files[path.name if Path(text).is_absolute() else text] = path
    return {name: file_digest(files[name]) for name in sorted(files) if files[name].is_file()}


def own_ensemble(config: Mapping[str, Any]) -> str:
    """The folder of the user's own ensemble that a study draws from, if it does."""
    parameters = (config.get("uncertainty") or {}).get("parameters")
    return "" if parameters in (None, CENTRAL, POSTERIOR) else str(parameters)


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


# --- the folder: never half old, half new

MANIFEST = "manifest.json"
RUN = "run.json"  # when, where and how fast a study ran


def volatile(name: str) -> bool:
    """Tell whether a file or folder in a study's folder is no part of the study: what Hydra writes while it runs.

    Hydra makes the folder and writes ``.hydra`` and a log of the job into it before the study exists.
    """
    return name in (RUN, ".hydra") or name.endswith(".log")


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """Offer a temporary folder beside the target, and rename it when it is complete.

    If the work fails, the temporary folder goes and the target stays as it was. If the target exists with the
    same content it is kept; with other content it is replaced, and only then removed.
    """
    make_way(target)
    remove_abandoned(target)
    temporary = target.with_name(temporary_name(target.name))
    temporary.mkdir()
    try:
        yield temporary
        flush(temporary)
        publish(temporary, target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def make_way(target: Path) -> None:
    """Make the folder above a target, and refuse a target that is something else than a study."""
    refuse_foreign(target)
    target.parent.mkdir(parents=True, exist_ok=True)


def refuse_foreign(target: Path) -> None:
    """Refuse to write where something else than a study is."""
    if not replaceable(target):
        raise failure("{} exists and is not the folder of a study: it is left alone", target)


def replaceable(target: Path) -> bool:
    """Tell whether a path is free, the folder of a study, or a folder that holds nothing of anybody's."""
    if not os.path.lexists(target):
        return True
    return target.is_dir() and (
        (target / MANIFEST).is_file() or all(volatile(p.name) for p in target.iterdir())
    )


def refuse_others(sweep: Path) -> None:
    """Refuse to write a sweep where something else lies than studies and what Hydra notes beside them."""
    if os.path.lexists(sweep) and not holds_studies(sweep):
        raise failure("{} exists and holds more than studies: it is left alone", sweep)


def holds_studies(path: Path) -> bool:
    """Tell whether a path is a folder of studies and of such folders; hidden ones, such as the store, aside."""
    return path.is_dir() and (
        replaceable(path) or all(holds_studies(one) for one in path.iterdir() if not _is_of_sweep(one.name))
    )


def _is_of_sweep(name: str) -> bool:
    return volatile(name) or name.startswith(".") or name in ("multirun.yaml", "optimization_results.yaml")


def publish(temporary: Path, target: Path) -> None:
    """Put a finished folder in its place, whatever another process does there at the same time.

    What is no part of the study, such as a log that is still being written, is carried along.
    """
    for _ in range(100):
        if target.is_dir() and contents(target) == contents(temporary):
            carry(temporary, target)
            return
        old = target.with_name(temporary_name(target.name))
        with suppress(FileNotFoundError):
            os.rename(target, old)
        try:
            os.rename(temporary, target)
        except OSError:
            if not target.exists():
                with suppress(OSError):
                    os.rename(old, target)
                raise
            shutil.rmtree(old, ignore_errors=True)
            continue
        if old.is_dir():
            carry(old, target, keep=True)
        flush_folder(target.parent)
        shutil.rmtree(old, ignore_errors=True)
        return
    raise OSError(f"another process keeps writing {target}")


def carry(source: Path, target: Path, keep: bool = False) -> None:
    """Move what is no part of a study from one folder into another; `keep` leaves alone what is there already."""
    for path in source.iterdir():
        place = target / path.name
        carried = volatile(path.name) or path.name.startswith(".")
        if carried and not (keep and place.exists()):
            with suppress(OSError):
                os.replace(path, place)


def contents(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a folder by relative path, volatile and hidden ones left out."""
    files = (path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder): path for path in files}
    return {
        name.as_posix(): file_digest(names[name])
        for name in sorted(names)
        if not volatile(name.parts[0]) and not any(part.startswith(".") for part in name.parts)
    }


def flush(folder: Path) -> None:
    """Write every file of a folder through to the disk."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as stream:
                os.fsync(stream.fileno())


def remove_abandoned(target: Path) -> None:
    """Remove what killed processes left beside the target, for this study or another."""
    for path in target.parent.glob(".*.tmp"):
        own = path.name.startswith(f".{target.name}.")
        process = writer(path)
        if path.is_dir() and (abandoned(path) if own else process is not None and not alive(process)):
            shutil.rmtree(path, ignore_errors=True)
