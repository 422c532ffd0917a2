"""Chunks on disk: whole or absent, checked, named by what their numbers depend on."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from experiments.failure import StudyFailed
from experiments.files import abandoned, alive, replace_file, temporary_name
from experiments.runs.identity import identify
from experiments.runs.manifest import whole
from experiments.runs.records import Packed, check_finite, pack
from experiments.runs.store import ArrayFile, Damaged, Store, by_user
from experiments.runs.workers import Chunk, chunk_width, cut
from tests.invented_study import Engine, invented, simulate

CHUNK = Chunk(2, 4, "0123456789abcdef" * 2)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / ".studies")


def pieces(root: Path) -> list[bytes]:
    return list(pack(CHUNK.name, simulate(invented(root), CHUNK.replicates)))


def test_a_chunk_comes_back_bit_for_bit(store: Store, tmp_path: Path) -> None:
    record = simulate(invented(tmp_path), CHUNK.replicates)
    assert store.put(CHUNK.name, pack(CHUNK.name, record)) == store.digest(CHUNK.name)
    opened = Packed(store.path(CHUNK.name), checked=False)
    for name in ("survey", "costs", "bank_index", "bank_assets"):
        np.testing.assert_array_equal(opened[name], getattr(record, name))
    np.testing.assert_array_equal(opened["true"][..., :-1, :], record.true)
    for name, array in record.outcomes.items():
        np.testing.assert_array_equal(opened[f"outcomes/{name}"], array)
    assert opened.labels["scenarios"] == list(record.scenarios)
    assert opened.labels["replicates"] == [2, 3]


def test_any_changed_byte_and_any_tear_is_noticed(store: Store, tmp_path: Path) -> None:
    store.put(CHUNK.name, pieces(tmp_path))
    path, sound = store.path(CHUNK.name), store.path(CHUNK.name).read_bytes()
    random = np.random.default_rng(1)
    places = [0, 20, len(sound) - 1, *random.integers(len(sound), size=40).tolist()]
    for place in places:
        path.write_bytes(sound[:place] + bytes([sound[place] ^ 1]) + sound[place + 1 :])
        assert store.digest(CHUNK.name) is None, f"byte {place}"
    for length in (0, 1, 17, 200, len(sound) // 2, len(sound) - 1):
        path.write_bytes(sound[:length])
        assert store.digest(CHUNK.name) is None, f"{length} bytes"
    path.write_bytes(sound)
    assert store.digest(CHUNK.name) is not None


def test_a_chunk_under_another_chunks_name_is_not_used(store: Store, tmp_path: Path) -> None:
    other = "f" * 40
    store.put(other, pieces(tmp_path))
    assert store.digest(other) is None
    assert store.arrays(other) is None
    with pytest.raises(Damaged):
        ArrayFile(Path(__file__))


@pytest.mark.parametrize(
    "array",
    [
        np.arange(200_000.0).reshape(50, 4000),
        np.zeros((0, 3)),
        np.array(1.5),
        np.asfortranarray(np.arange(12).reshape(3, 4)),
        np.array([[np.nan, -0.0], [np.inf, 1e-320]]),
        np.array([b"ab", b"cde"]),
        np.arange(7, dtype=np.uint8),
    ],
    ids=lambda array: f"{array.dtype}{array.shape}",
)
def test_arrays_of_any_kind_come_back_bit_for_bit(store: Store, array: np.ndarray) -> None:
    store.keep("ab" * 20, {"one": array, "other": array[::-1] if array.ndim else array})
    found = store.arrays("ab" * 20)
    assert found is not None
    assert found["one"].tobytes() == array.tobytes()
    assert found["one"].dtype == array.dtype
    file = ArrayFile(store.path("ab" * 20))
    if array.ndim and len(array) > 2:
        np.testing.assert_array_equal(file.rows("one", slice(1, 3)), array[1:3])
        np.testing.assert_array_equal(file.rows("other", slice(-1, None)), array[:1])


def test_a_chunk_takes_much_less_than_its_numbers(store: Store) -> None:
    smooth = np.linspace(0.0, 1.0, 100_000).reshape(100, -1)
    store.keep("cd" * 20, {"smooth": smooth})
    assert store.path("cd" * 20).stat().st_size < 0.8 * smooth.nbytes
    store.keep("ce" * 20, {"same": np.full((100, 1000), 2.5)})
    assert store.path("ce" * 20).stat().st_size < 0.02 * smooth.nbytes


def test_arrays_by_quarter_read_back_as_their_record_has_them(store: Store, tmp_path: Path) -> None:
    store.put(CHUNK.name, pieces(tmp_path))
    record, packed = (
        simulate(invented(tmp_path), CHUNK.replicates),
        Packed(store.path(CHUNK.name), checked=False),
    )
    np.testing.assert_array_equal(packed["true"][..., :-1, :], record.true)
    np.testing.assert_array_equal(packed["true"][..., -1, :], record.small)
    np.testing.assert_array_equal(packed.read("survey", 1), record.survey[1])
    last = packed.rows("true", slice(-1, None))
    np.testing.assert_array_equal(last[0, 1, 2, 3], record.true[1, :, -1, 2, 3])


def test_a_write_that_fails_leaves_nothing(store: Store, tmp_path: Path) -> None:
    def full_disk():
        yield b"something"
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OSError, match="space"):
        store.put(CHUNK.name, full_disk())
    assert [path for path in store.root.rglob("*") if path.is_file()] == []
    with pytest.raises(FileNotFoundError) as refused:
        replace_file(tmp_path / "nowhere" / "bank.xlsx", [b"something"])
    assert refused.value.filename == str(tmp_path / "nowhere" / "bank.xlsx")


def test_what_dead_writers_left_is_removed_and_living_ones_are_left_alone(store: Store) -> None:
    folder = store.path(CHUNK.name).parent
    folder.mkdir(parents=True)
    ours = folder / temporary_name("x.chunk")
    dead = folder / ours.name.replace(f"-{os.getpid()}-", "-4194305-")
    elsewhere = folder / ".x.chunk.00000000-1-abcd.tmp"
    for path in (ours, dead, elsewhere):
        path.touch()
    store.sweep()
    assert sorted(folder.iterdir()) == sorted([ours, elsewhere])
    os.utime(elsewhere, (0, 0))
    assert abandoned(elsewhere)


def test_chunks_are_aligned_so_that_a_study_can_grow() -> None:
    assert chunk_width(4 * 98, 20_000) == 32
    assert chunk_width(12_000, 20_000) == 1
    assert chunk_width(30_000, 20_000) == 1
    small, large = cut(64, 392, 20_000, "key"), cut(128, 392, 20_000, "key")
    assert large[:2] == small
    assert [len(chunk.replicates) for chunk in cut(70, 392, 20_000, "key")] == [32, 32, 6]
    assert {chunk.name for chunk in cut(64, 392, 20_000, "other")}.isdisjoint(c.name for c in small)


def test_chunks_are_named_by_what_can_change_a_number(tmp_path: Path) -> None:
    def key(source: str = "invented", **changes):
        return identify(invented(tmp_path, **changes), Engine(source=source))

    first = key()
    same = (
        key(replicates=99),
        key(name="other"),
        key(report={"language": "zh"}),
        key(execution={"workers": 2, "chunk_rows": 5}),
        key(execution={"engine": "dask"}),
    )
    assert {other.chunks for other in same} == {first.chunks}
    assert {other.study for other in same[3:]} == {first.study}
    assert len({first.study, *(other.study for other in same[:3])}) == 4
    assert key(seed=8).chunks != first.chunks
    assert key(strength=2.0000000000000004).chunks != first.chunks
    assert key("other code").chunks != first.chunks
    assert key("other code").study != first.study


def test_a_store_within_its_limit_loses_what_was_used_longest_ago(store: Store) -> None:
    numbers = np.random.default_rng(1).random(125_000)  # a megabyte each, near enough
    names = [f"{n}{n}" * 20 for n in range(5)]
    for n, (user, name) in enumerate(zip("abcde", names, strict=True)):
        store.keep(name, {"x": numbers})
        Store(store.root, user).use([name], needed=user == "b")
        os.utime(store.path(name), (n, n))
    assert Store(store.root, "a").make_room(None) == 0
    assert Store(store.root, "a").make_room(3.2) > 0
    assert [file.name for file in store.files()] == [names[0], names[1], names[4]], (
        "its own, and what is needed, stay"
    )
    assert set(store.uses()) == {"a", "b", "e"}
    assert Store(store.root, "x").make_room(0) > 0
    assert [file.name for file in store.files()] == [names[1]]
    assert set(by_user(store.uses(), store.files())) == {"b"}


def test_a_list_of_uses_that_cannot_be_read_is_none(store: Store) -> None:
    Store(store.root, "a").use(["0" * 40])
    (store.root / "uses" / "a.json").write_text("[")
    (store.root / "uses" / "b.json").write_text("{}")
    assert store.uses() == {}


def test_numbers_that_are_not_finite_are_named_with_their_place(tmp_path: Path) -> None:
    record = simulate(invented(tmp_path), range(4))
    check_finite(record)
    record.outcomes["gini"][1, 2, 3, -1] = np.nan
    with pytest.raises(StudyFailed, match=r"gini is nan in scenario a\+b, replicate 2, 2020Q4, all"):
        check_finite(record)
    record = simulate(invented(tmp_path), range(4, 8))
    record.true[0, 1, 2, 1, 4] = np.inf
    with pytest.raises(
        StudyFailed, match="score is inf in scenario baseline, replicate 5, 2020Q3, city, data"
    ):
        check_finite(record)
    record = simulate(invented(tmp_path), range(1))
    record.outcomes["bad_loans"][...] = np.nan
    with pytest.raises(
        StudyFailed, match="bad_loans is nan in scenario baseline, replicate 0, 2020Q1, large"
    ):
        check_finite(record)


def test_a_folder_is_whole_or_absent(tmp_path: Path) -> None:
    target = tmp_path / "study"

    def halfway() -> None:
        with whole(target) as folder:
            (folder / "half").write_text("x")
            raise ValueError("halfway")

    with pytest.raises(ValueError, match="halfway"):
        halfway()
    assert list(tmp_path.iterdir()) == []
    for text in ("first", "second"):
        with whole(target) as folder:
            (folder / "manifest.json").write_text(text)
        assert (target / "manifest.json").read_text() == text
    assert list(tmp_path.iterdir()) == [target]


def test_what_a_killed_study_left_goes_when_any_other_is_written(tmp_path: Path) -> None:
    ours = tmp_path / temporary_name("other")
    dead = tmp_path / ours.name.replace(f"-{os.getpid()}-", "-4194305-")
    somebodys = tmp_path / ".notes.tmp"
    for path in (ours, dead, somebodys):
        path.mkdir()
        (path / "half").write_text("x")
    os.utime(somebodys, (0, 0))
    with whole(tmp_path / "study") as folder:
        (folder / "manifest.json").write_text("x")
    assert sorted(tmp_path.iterdir()) == sorted([ours, somebodys, tmp_path / "study"])


def test_a_folder_that_is_no_study_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("keep me")
    with pytest.raises(Exception, match="left alone"), whole(tmp_path / "letters"):
        pass
    assert (tmp_path / "letters" / "dear.txt").read_text() == "keep me"


def test_what_hydra_writes_while_a_study_runs_is_carried_along(tmp_path: Path) -> None:
    target = tmp_path / "study"
    (target / ".hydra").mkdir(parents=True)
    (target / ".hydra" / "config.yaml").write_text("seed: 1\n")
    with (target / "simulate.log").open("w") as log:
        for text in ("first", "second", "second"):
            with whole(target) as folder:
                (folder / "manifest.json").write_text(text)
                (folder / "run.json").write_text(text)
            log.write(f"{text}\n")
            log.flush()
            assert (target / ".hydra" / "config.yaml").read_text() == "seed: 1\n"
            assert (target / "run.json").read_text() == text
    assert (target / "simulate.log").read_text() == "first\nsecond\nsecond\n"
    assert sorted(p.name for p in target.iterdir()) == [".hydra", "manifest.json", "run.json", "simulate.log"]
    assert list(tmp_path.iterdir()) == [target]


def test_a_dead_process_writes_nothing_even_before_it_is_buried() -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, dead.pid, os.WEXITED | os.WNOWAIT)
    assert not alive(dead.pid)
    dead.wait()
    assert alive(os.getpid())
