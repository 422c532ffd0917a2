"""The real study, small: on a cluster that loses a worker, interrupted, altered, launched by submitit."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from experiments.runs.manifest import contents
from tests.invented_study import tables

ROOT = Path(__file__).parents[1]
WORDS = (
    "policy=data_sharing",
    "policies.data_sharing.start=2020Q2",
    "end=2020Q4",
    "replicates=8",
    "outputs.report=false",
    "execution.chunk_rows=400",
)
SECONDS = 300
pytestmark = pytest.mark.slow


def command(*words: str, **more: object) -> subprocess.Popen[str]:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(
        [sys.executable, str(ROOT / "simulate.py"), *words], cwd=ROOT, **{**pipes, **more}
    )


def done(process: subprocess.Popen[str], status: int = 0) -> str:
    output, error = process.communicate(timeout=SECONDS)
    assert process.returncode == status, error
    assert "Traceback" not in error
    return output or error


def study(root: Path) -> Path:
    (folder,) = [path for path in root.iterdir() if not path.name.startswith(".")]
    return folder


def chunks(root: Path) -> int:
    return len(list((root / ".studies").glob("*/*.chunk")))


def wait_for(what, seconds: float = SECONDS) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study as one process here computes it."""
    root = tmp_path_factory.mktemp("real")
    done(command(*WORDS, "execution.workers=1", f"outputs.folder={root}"))
    return study(root)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A Dask scheduler and two workers, each a process started as on a cluster."""
    pytest.importorskip("distributed")
    file = tmp_path / "scheduler.json"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started: list[subprocess.Popen[bytes]] = []

    def start(*words: str) -> None:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        program = [sys.executable, "-m", f"distributed.cli.dask_{words[0]}", *words[1:]]
        started.append(subprocess.Popen(program, cwd=tmp_path, env=environment, **quiet))

    start("scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(file), "--host", "127.0.0.1")
    wait_for(lambda: file.exists() and file.read_text().endswith("}"))
    for _ in range(2):
        one = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(tmp_path))
        start("worker", "--scheduler-file", str(file), *one)
    yield json.loads(file.read_text())["address"], started[1:]
    for process in started[::-1]:
        process.kill()
        process.wait()


def test_a_running_cluster_that_loses_a_worker_gives_the_same_bytes(
    folder: Path, cluster, tmp_path: Path
) -> None:
    address, workers = cluster
    root = tmp_path / "outputs"
    process = command(*WORDS, "execution=dask", f"execution.address={address}", f"outputs.folder={root}")
    wait_for(lambda: chunks(root) or process.poll() is not None)
    workers[0].kill()
    left = chunks(root)
    done(process)
    assert left < 4, "the worker was to be killed before the study was done"
    assert workers[1].poll() is None
    assert tables(study(root)) == tables(folder)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_keeps_what_is_done_and_the_same_command_goes_on(tmp_path: Path) -> None:
    # So many chunks that however slowly this process sees the first one, the study is still at work.
    many = (*WORDS[:2], "end=2030Q4", "replicates=64", *WORDS[4:])
    calm, struck = tmp_path / "calm", tmp_path / "struck"
    words = (*many, "execution.workers=2", f"outputs.folder={struck}")
    process = command(*words, start_new_session=True)
    wait_for(lambda: chunks(struck) or process.poll() is not None)
    os.killpg(process.pid, signal.SIGINT)
    assert "the same command goes on where it stopped" in done(process, 130)
    kept = chunks(struck)
    assert 1 <= kept < 32
    again = command(*words)
    _, error = again.communicate(timeout=SECONDS)
    assert f"{kept} of 32 chunks were finished before" in error
    done(command(*many, "execution.workers=2", f"outputs.folder={calm}"))
    assert tables(study(struck)) == tables(study(calm))


def test_one_digit_changed_anywhere_is_caught(folder: Path, tmp_path: Path) -> None:
    altered = tmp_path / folder.name
    shutil.copytree(folder, altered)
    names = [*contents(altered), "run.json"]
    names.remove("manifest.json")
    for name in names:
        alter(altered / name)
    found = done(command(f"verify={altered}"), 1).splitlines()
    assert sorted({line.split(":")[0].split(",")[0] for line in found}) == sorted(names)


def alter(path: Path) -> None:
    """Change one digit: the last place of a number in a table, any digit of a text."""
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        number = next(field.name for field in table.schema if pa.types.is_float64(field.type))
        values = table[number].to_numpy().copy()
        values[len(values) // 2] = np.nextafter(values[len(values) // 2], np.inf)
        place = table.schema.get_field_index(number)
        pq.write_table(table.set_column(place, table.schema.field(number), pa.array(values)), path)
        return
    text = path.read_text()
    place = [n for n, letter in enumerate(text) if letter.isdigit()][-1]
    path.write_text(text[:place] + ("1" if text[place] != "1" else "2") + text[place + 1 :])


def test_submitit_launches_a_sweep_with_the_same_numbers(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("hydra_plugins.hydra_submitit_launcher")
    sweep = [word for word in WORDS if not word.startswith("replicates")]
    words = (*sweep, "replicates=4,8", "execution.workers=1", f"outputs.folder={tmp_path}")
    launcher = ("hydra/launcher=submitit_local", f"hydra.sweep.dir={tmp_path / 'sweep'}")
    done(command("-m", *words, *launcher))
    assert tables(tmp_path / "sweep" / "1") == tables(folder)
    assert list((tmp_path / "sweep").glob("*/comparison.parquet")) or list(
        tmp_path.glob("*/comparison.parquet")
    )
