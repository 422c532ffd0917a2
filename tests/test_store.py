"""Chunks on disk: whole or absent, checked, named by what their numbers depend on."""

import errno
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from experiments.files import abandoned, alive, temporary_name
from experiments.runs import provenance
from experiments.runs.folder import whole
from experiments.runs.identity import identify, plain
from experiments.runs.packed import Damaged, Packed, pack
from experiments.runs.plan import Chunk, chunk_width, cut
from experiments.runs.store import ChunkStore
from tests.invented_study import invented, simulate

CHUNK = Chunk(2, 4, "0123456789abcdef" * 2)


@pytest.fixture
def store(tmp_path: Path) -> ChunkStore:
    return ChunkStore(tmp_path / ".studies")


def pieces(root: Path) -> list[bytes]:
    return list(pack(simulate(invented(root), CHUNK.replicates)))


def test_a_chunk_comes_back_bit_for_bit(store: ChunkStore, tmp_path: Path) -> None:
    record = simulate(invented(tmp_path), CHUNK.replicates)
    assert store.put(CHUNK, pack(record)) == store.digest(CHUNK)
    opened = store.open(CHUNK)
    for name in ("survey", "costs", "bank_index", "bank_assets"):
        np.testing.assert_array_equal(opened[name], getattr(record, name))
    np.testing.assert_array_equal(opened["true"][..., :-1, :], record.true)
    for name, array in record.outcomes.items():
        np.testing.assert_array_equal(opened[f"outcomes/{name}"], array)
    assert opened.labels["scenarios"] == list(record.scenarios)
    assert opened.labels["replicates"] == [2, 3]


def test_any_changed_byte_and_any_tear_is_noticed(store: ChunkStore, tmp_path: Path) -> None:
    store.put(CHUNK, pieces(tmp_path))
    path, sound = store.path(CHUNK), store.path(CHUNK).read_bytes()
    random = np.random.default_rng(1)
    places = [0, 20, len(sound) - 1, *random.integers(len(sound), size=40).tolist()]
    for place in places:
        path.write_bytes(sound[:place] + bytes([sound[place] ^ 1]) + sound[place + 1 :])
        assert store.digest(CHUNK) is None, f"byte {place}"
    for length in (0, 1, 17, 200, len(sound) // 2, len(sound) - 1):
        path.write_bytes(sound[:length])
        assert store.digest(CHUNK) is None, f"{length} bytes"
    path.write_bytes(sound)
    assert store.digest(CHUNK) is not None


def test_a_chunk_under_another_chunks_name_is_not_used(store: ChunkStore, tmp_path: Path) -> None:
    other = replace(CHUNK, first=0, stop=2, name="f" * 40)
    store.put(other, pieces(tmp_path))
    assert store.digest(other) is None
    with pytest.raises(Damaged):
        Packed(Path(__file__))


def test_arrays_by_quarter_read_back_as_their_record_has_them(store: ChunkStore, tmp_path: Path) -> None:
    store.put(CHUNK, pieces(tmp_path))
    record, packed = simulate(invented(tmp_path), CHUNK.replicates), store.open(CHUNK)
    np.testing.assert_array_equal(packed["true"][..., :-1, :], record.true)
    np.testing.assert_array_equal(packed["true"][..., -1, :], record.small)
    np.testing.assert_array_equal(packed.read("survey", 1), record.survey[1])
    last = packed.quarters("true", slice(-1, None))
    np.testing.assert_array_equal(last[0, 1, 2, 3], record.true[1, :, -1, 2, 3])


def test_a_write_that_fails_leaves_nothing(store: ChunkStore, tmp_path: Path) -> None:
    def full_disk():
        yield b"something"
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OSError, match="space"):
        store.put(CHUNK, full_disk())
    assert [path for path in store.root.rglob("*") if path.is_file()] == []


def test_what_dead_writers_left_is_removed_and_living_ones_are_left_alone(store: ChunkStore) -> None:
    folder = store.path(CHUNK).parent
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


def test_chunks_are_named_by_what_can_change_a_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def key(**changes):
        return identify(plain(invented(tmp_path, **changes)))

    first = key()
    same = (
        key(replicates=99),
        key(name="other"),
        key(report={"language": "zh"}),
        key(execution={"workers": 2, "chunk_rows": 5}),
    )
    assert {other.chunks for other in same} == {first.chunks}
    assert same[3].study == first.study
    assert len({first.study, *(other.study for other in same[:3])}) == 4
    assert key(seed=8).chunks != first.chunks
    assert key(strength=2.0000000000000004).chunks != first.chunks
    monkeypatch.setattr(provenance, "code_digest", lambda numbers_only=True: "other code")
    assert key().chunks != first.chunks
    monkeypatch.undo()
    monkeypatch.setattr(provenance, "data_digests", lambda config: {"data/scores.csv": "other"})
    assert key().chunks != first.chunks


def test_a_data_file_named_in_the_settings_is_part_of_them(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("a,b\n1,2\n")
    first = identify(plain(invented(tmp_path, margin=str(file)))).chunks
    file.write_text("a,b\n1,3\n")
    assert identify(plain(invented(tmp_path, margin=str(file)))).chunks != first


def test_what_only_shows_is_not_what_makes_numbers() -> None:
    assert provenance.makes_numbers(Path("agents/bank.py"))
    assert provenance.makes_numbers(Path("experiments/assembly/study.py"))
    assert provenance.makes_numbers(Path("experiments/settings/study.py"))
    assert not provenance.makes_numbers(Path("experiments/entry/command.py"))
    assert not provenance.makes_numbers(Path("experiments/figures/fans.py"))
    assert len(provenance.code_digest(True)) == 64


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


def test_a_folder_that_is_no_study_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("keep me")
    with pytest.raises(Exception, match="left alone"), whole(tmp_path / "letters"):
        pass
    assert (tmp_path / "letters" / "dear.txt").read_text() == "keep me"


def test_a_dead_process_writes_nothing_even_before_it_is_buried() -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, dead.pid, os.WEXITED | os.WNOWAIT)
    assert not alive(dead.pid)
    dead.wait()
    assert alive(os.getpid())
