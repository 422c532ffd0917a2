"""A study ends with the same bytes however it was interrupted, ordered, split or spread over workers."""

import errno
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from agents.kinds import RuralBank
from experiments import files as disk
from experiments.config.load import compose_study
from experiments.failure import StudyFailed, StudyStopped
from experiments.results.open import Results
from experiments.runs import workers
from experiments.runs.manifest import contents
from experiments.runs.workers import interrupts_held
from experiments.study.clean import clean
from experiments.study.run import default_folder, run_study
from tests.invented_study import BANKS, Engine, dying_once, invented, settle_code, simulate, tables

ROOT = Path(__file__).parents[1]


def run(root: Path, replicates: int = 8, function=simulate, **changes) -> Path:
    return run_study(invented(root, replicates, **changes), engine=Engine(function))


def started(root: Path, replicates: int, workers: int, seconds: float) -> subprocess.Popen:
    command = [
        sys.executable,
        "-m",
        "tests.invented_study",
        str(root),
        str(replicates),
        str(workers),
        str(seconds),
    ]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True, **pipes)


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    settle_code(monkeypatch.setattr)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the invented study of 8 replicates should be, computed in one go."""
    with pytest.MonkeyPatch.context() as patch:
        settle_code(patch.setattr)
        return contents(run(tmp_path_factory.mktemp("whole")))


def test_one_bar_counts_the_runs_of_all_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    shown.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", shown)
    run(tmp_path, 4)
    run(tmp_path, 8)
    text = shown.getvalue()
    assert text.count("| 12/12 [") >= 1
    assert "| 12/24 [" in text, "what was finished before is counted from the start"
    assert "| 24/24 [" in text


def never(settings, replicates):
    raise AssertionError("nothing should be computed")


def test_a_finished_study_is_not_computed_again(
    tmp_path: Path, whole, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = run(tmp_path)
    assert contents(folder) == whole
    assert folder == default_folder(invented(tmp_path), Engine())
    assert "finished before" not in capsys.readouterr().err
    inode = folder.stat().st_ino
    assert run(tmp_path, function=never) == folder
    assert "4 of 4 chunks were finished before" in capsys.readouterr().err
    assert folder.stat().st_ino == inode, "an equal folder is kept, not replaced"
    assert json.loads((folder / "run.json").read_text())["chunks_found"] == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == [".studies", folder.name]


def test_a_study_that_grows_uses_its_first_chunks(tmp_path: Path) -> None:
    computed = []

    def counting(settings, replicates):
        computed.append(tuple(replicates))
        return simulate(settings, replicates)

    run(tmp_path, 4, counting)
    run(tmp_path, 8, counting)
    assert sorted(computed) == [(0, 1), (2, 3), (4, 5), (6, 7)]
    run(tmp_path, 8, counting, strength=3.0)
    assert len(computed) == 8, "a changed number never meets an old chunk"


@pytest.mark.parametrize("chunk_rows", [30, 500])
def test_tables_do_not_depend_on_how_a_study_is_split(tmp_path: Path, whole, chunk_rows: int) -> None:
    folder = run(tmp_path, execution={"chunk_rows": chunk_rows})
    assert tables(folder) == {name: digest for name, digest in whole.items() if name != "manifest.json"}


def test_two_workers_in_any_order_give_the_same_bytes(
    tmp_path: Path, whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    shuffled = workers.shuffled
    monkeypatch.setattr(workers, "shuffled", lambda chunks, _: shuffled(chunks, 1))
    assert contents(run(tmp_path, execution={"workers": 2})) == whole


def test_another_hash_seed_gives_the_same_bytes(
    tmp_path: Path, whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "12345")
    process = started(tmp_path, 8, 1, 0)
    folder, error = process.communicate(timeout=300)
    assert process.returncode == 0, error
    assert contents(Path(folder.strip())) == whole


def test_a_killed_worker_is_replaced_and_its_chunk_done_again(tmp_path: Path, whole) -> None:
    function = partial(dying_once, tmp_path / "died")
    assert contents(run(tmp_path / "study", function=function, execution={"workers": 2})) == whole
    assert (tmp_path / "died").exists()


def suicidal(settings, replicates):
    os.kill(os.getpid(), signal.SIGKILL)


def test_workers_that_keep_dying_end_the_study_with_a_reason(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(workers, "PATIENCE", 1)
    with pytest.raises(StudyFailed, match="died 1 times in a row"):
        run(tmp_path, function=suicidal, execution={"workers": 2})
    assert not default_folder(invented(tmp_path), Engine()).exists()


@pytest.mark.slow
def test_killed_again_and_again_a_study_loses_nothing(tmp_path: Path) -> None:
    expected = contents(run(tmp_path / "calm", 16))
    chance = random.Random(5)
    kills = 0
    for attempt in range(40):
        process = started(tmp_path / "struck", 16, 1 + attempt % 2, 0.1)
        try:
            process.communicate(timeout=chance.uniform(0.9, 1.4) if kills < 5 else 300)
            break
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL) if attempt % 3 else process.kill()
            process.wait()
            process.stdout.close()
            process.stderr.close()
            kills += 1
    folder = default_folder(invented(tmp_path / "struck", 16), Engine())
    assert contents(folder) == expected
    assert kills >= 2
    leftovers = {path.name for path in folder.parent.iterdir()} - {".studies", folder.name}
    assert not leftovers


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_interrupting_a_study_stops_it_within_seconds_and_keeps_what_is_done(
    tmp_path: Path, workers: int
) -> None:
    process = started(tmp_path, 64, workers, 0.3)
    store = tmp_path / ".studies"
    while len(list(store.glob("*/*.chunk"))) < 2 and process.poll() is None:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "finished chunks are kept" in error
    assert "Traceback" not in error
    assert len(list(store.glob("*/*.chunk"))) >= 2
    assert [path.name for path in tmp_path.iterdir()] == [".studies"]


def test_what_stands_in_the_way_is_found_before_anything_is_computed(tmp_path: Path) -> None:
    folder = default_folder(invented(tmp_path), Engine())
    folder.mkdir(parents=True)
    (folder / "mine.txt").write_text("mine")
    with pytest.raises(StudyFailed, match="left alone"):
        run(tmp_path)
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


def test_workers_that_start_do_not_hear_ctrl_c() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, set())
    with interrupts_held():
        assert signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, set())
    assert signal.pthread_sigmask(signal.SIG_BLOCK, set()) == before


def test_ctrl_c_in_one_process_is_a_sentence(tmp_path: Path) -> None:
    def interrupted(settings, replicates):
        if replicates[0] == 4:
            raise KeyboardInterrupt
        return simulate(settings, replicates)

    with pytest.raises(StudyStopped, match="goes on where it stopped"):
        run(tmp_path, function=interrupted)


@pytest.mark.slow
def test_two_processes_on_one_study_both_succeed(tmp_path: Path, whole) -> None:
    pair = [started(tmp_path, 8, 1, 0.1) for _ in range(2)]
    for process in pair:
        folder, error = process.communicate(timeout=300)
        assert process.returncode == 0, error
        assert contents(Path(folder.strip())) == whole
    assert {path.name for path in tmp_path.iterdir()} == {".studies", Path(folder.strip()).name}


def test_damaged_chunks_are_computed_again(tmp_path: Path, whole) -> None:
    folder = run(tmp_path)
    files = sorted((tmp_path / ".studies").glob("*/*.chunk"))
    files[0].write_bytes(files[0].read_bytes()[:-100])
    content = bytearray(files[1].read_bytes())
    content[len(content) // 2] ^= 4
    files[1].write_bytes(bytes(content))
    files[2].write_bytes(b"")
    computed = []

    def counting(settings, replicates):
        computed.append(replicates)
        return simulate(settings, replicates)

    assert run(tmp_path, function=counting) == folder
    assert len(computed) == 3
    assert contents(folder) == whole


def test_an_altered_folder_is_replaced_when_the_new_one_is_whole(tmp_path: Path, whole) -> None:
    folder = run(tmp_path)
    (folder / "scores.parquet").write_bytes(b"altered")
    assert contents(run(tmp_path)) == whole
    assert {path.name for path in tmp_path.iterdir()} == {".studies", folder.name}


def test_a_full_disk_is_one_sentence_and_keeps_finished_chunks(tmp_path: Path, monkeypatch) -> None:
    written = []

    def filling(handle: int) -> None:
        written.append(handle)
        if len(written) == 5:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(disk.os, "fsync", filling)
    with pytest.raises(StudyFailed, match=r"the disk is full.*Finished chunks are kept"):
        run(tmp_path)
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == [".studies"]
    assert all(path.suffix in (".chunk", ".json") for path in (tmp_path / ".studies").glob("*/*"))
    assert len(list((tmp_path / ".studies").glob("*/*.chunk"))) >= 1


def test_a_full_disk_under_the_tables_leaves_no_folder(tmp_path: Path, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "outputs/bands.parquet")

    monkeypatch.setattr("experiments.study.run.write_bands", full)
    with pytest.raises(StudyFailed, match=r"outputs/bands.parquet: the disk is full"):
        run(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".studies"]


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StudyFailed, match=r"cannot write .*part of the path is a file"):
        run(tmp_path / "file" / "outputs")
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)
    if os.access(locked, os.W_OK):
        pytest.skip("this user may write everywhere")
    with pytest.raises(StudyFailed, match="permission is missing"):
        run(locked)


def test_the_manifest_names_no_machine_and_no_path(tmp_path: Path) -> None:
    folder = run(tmp_path)
    text = (folder / "manifest.json").read_text()
    assert str(tmp_path) not in text
    assert os.uname().nodename not in text
    manifest = json.loads(text)
    assert manifest["overrides"] == ["seed=7"], "what says how to run is not what is asked"
    assert manifest["seed"] == 7
    assert manifest["streams"]
    assert set(manifest["files"]) == set(contents(folder)) - {"manifest.json"}
    assert set(manifest["code"]) == {"numbers", "all", "commit", "dirty"}
    assert len(manifest["chunks"]) == 4


def test_results_open_as_frame_dataset_and_views(tmp_path: Path) -> None:
    results = Results(run(tmp_path))
    record = simulate(invented(tmp_path), range(8))
    effects = results.frame("effects")
    data = results.dataset()
    cell = {"scenario": "a+b", "replicate": 3, "quarter": "2021Q4"}
    assert data["score"].sel(**cell, bank_kind="city", dimension="data").item() == record.true[1, 3, 7, 1, 4]
    assert (
        data["survey"].sel(**cell, bank_kind="city", dimension="data").item() == record.survey[1, 3, 1, 1, 4]
    )
    assert data["gini"].sel(**cell, bank_kind="all").item() == record.outcomes["gini"][1, 3, 7, 4]
    with results.views() as views:
        counted = views.execute(
            "select count(*), avg(effect) from effects where outcome = 'index'"
        ).fetchone()
        assert views.execute("select count(*) from banks").fetchone() == (3 * 8 * 8 * BANKS,)
    index = effects[effects["outcome"] == "index"]["effect"]
    assert counted == (len(index), pytest.approx(index.mean()))
    with pytest.raises(StudyFailed, match="has no table"):
        results.frame("nothing")


def test_the_study_takes_workers_as_asked() -> None:
    assert workers.worker_count("auto", 1) == 1
    assert workers.worker_count(3, 100) == 3
    assert workers.worker_count("auto", 100) == len(os.sched_getaffinity(0))


def test_a_cluster_gives_the_same_bytes(tmp_path: Path, whole) -> None:
    pytest.importorskip("distributed")
    assert contents(run(tmp_path, execution={"engine": "dask", "workers": 1})) == whole


@pytest.mark.slow
def test_a_cluster_gives_the_same_bytes_though_a_worker_is_killed(tmp_path: Path, whole) -> None:
    pytest.importorskip("distributed")
    function = partial(dying_once, tmp_path / "died")
    folder = run(tmp_path / "study", function=function, execution={"engine": "dask", "workers": 2})
    assert contents(folder) == whole
    assert (tmp_path / "died").exists()


def test_a_scheduler_that_does_not_answer_is_one_sentence(tmp_path: Path, monkeypatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(workers, "TIMEOUT", "0.5s")
    with pytest.raises(StudyFailed, match="no Dask scheduler answers at"):
        run(tmp_path, execution={"engine": "dask", "address": "tcp://127.0.0.1:9"})


def test_code_that_only_this_process_has_is_computed_here(
    tmp_path: Path, whole, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = Engine(source=OnlyHere(os.getpid()))
    folder = run_study(invented(tmp_path, 8, execution={"workers": 2}), engine=engine)
    assert "computed in this process alone" in capsys.readouterr().err
    assert tables(folder) == {name: digest for name, digest in whole.items() if name != "manifest.json"}


class OnlyHere:
    """Code that is different wherever it is loaded."""

    def __init__(self, process: int) -> None:
        self.process = process

    def __reduce__(self) -> tuple[object, ...]:
        return OnlyHere, (0,)


def test_a_rule_replaced_in_memory_has_chunks_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        "scenarios=[baseline]",
        "end=2022Q4",
        "replicates=4",
        "outputs.report=false",
        "execution.workers=1",
    ]
    settings = compose_study([*words, f"outputs.folder={tmp_path}"])

    def score() -> float:
        frame = Results(run_study(settings)).frame("bands")
        return float(frame[(frame["outcome"] == "index") & (frame["bank_kind"] == "rural")]["mean"].sum())

    plain = score()
    backwards = classmethod(lambda cls, rule, outlook: rule.divide(outlook)[::-1])
    monkeypatch.setattr(RuralBank, "divide", backwards)
    assert score() != plain
    assert "finished before" not in capsys.readouterr().err, "other code never reads these chunks"
    monkeypatch.undo()
    assert score() == plain
    assert "1 of 1 chunks were finished before" in capsys.readouterr().err
    assert len(list((tmp_path / ".studies").glob("*/*.chunk"))) == 2


def test_a_study_that_stops_being_finite_fails_and_says_where(tmp_path: Path) -> None:
    def diverging(settings, replicates):
        record = simulate(settings, replicates)
        if 5 in replicates:
            record.true[1, list(replicates).index(5), 6, 2, 0] = float("nan")
        return record

    with pytest.raises(
        StudyFailed, match=r"score is nan in scenario a\+b, replicate 5, 2021Q3, rural, strategy"
    ):
        run(tmp_path, function=diverging)
    assert not default_folder(invented(tmp_path), Engine()).exists()
    assert len(list((tmp_path / ".studies").glob("*/*.chunk"))) <= 3


def test_the_store_stays_within_its_limit_and_keeps_what_is_not_whole(tmp_path: Path) -> None:
    def interrupted(settings, replicates):
        if replicates[0] == 6:
            raise KeyboardInterrupt
        return simulate(settings, replicates)

    with pytest.raises(StudyStopped):
        run(tmp_path, function=interrupted, strength=9.0, execution={"store_limit": 0})
    unfinished = set((tmp_path / ".studies").glob("*/*.chunk"))
    first = run(tmp_path, strength=1.0, execution={"store_limit": 0})
    run(tmp_path, strength=2.0, execution={"store_limit": 0})
    kept = set((tmp_path / ".studies").glob("*/*.chunk"))
    assert unfinished <= kept
    assert len(kept) == len(unfinished) + 4, "of whole studies the last one only"
    assert run(tmp_path, strength=1.0) == first


def test_clean_lists_by_study_and_removes_what_is_asked(tmp_path: Path) -> None:
    one, other = run(tmp_path, strength=1.0), run(tmp_path, strength=2.0, replicates=4)
    shown = run(tmp_path, strength=1.0, report={"language": "zh"})
    before = clean(f"{tmp_path}/list")
    assert [line.en.split()[0] for line in before.lines] == [*sorted([one.name, shown.name]), other.name]
    assert " 4 files" in before.lines[0].en
    assert before.removed == 0
    kept = clean(f"{tmp_path}/{one.name}")
    assert kept.removed == 0, "another study uses them too"
    assert str(kept).endswith(f"0 files removed, 0.0 MB; {kept.shared} stay, which other studies use too")
    gone = clean(f"{tmp_path}/{other.name}")
    assert (gone.removed, gone.freed > 0) == (2, True)
    assert clean(f"{tmp_path}/older:1h").removed == 0
    assert clean(f"{tmp_path}/older:7d", now=time.time() + 8 * 86_400).removed == 4
    assert clean(f"{tmp_path}/list").lines == ()
    assert str(clean(f"{tmp_path}/list")) == "the store is empty"
    assert {one.name, other.name, shown.name} <= {path.name for path in tmp_path.iterdir()}, "studies stay"
    with pytest.raises(StudyFailed, match="allowed: list, all, older:7d"):
        clean(f"{tmp_path}/nothing")
    with pytest.raises(StudyFailed, match="there is no folder"):
        clean(f"{tmp_path}/elsewhere/list")
