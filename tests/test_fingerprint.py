"""One digest of code and data: what changes a number changes it, and nothing else does."""

import copy
import importlib.metadata
import subprocess
import sys
import textwrap
import types
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from agents import honeycomb
from agents.kinds import RuralBank
from experiments.config import assembly
from experiments.config.data import write_ensemble
from experiments.config.load import compose_study
from experiments.files import file_digest
from experiments.labels import Labels
from experiments.report.sections.provenance import citation
from experiments.runs.engine import LAB
from experiments.runs.fingerprint import Reader, fingerprint, installed, is_library
from experiments.runs.identity import Code, Identity, code_digest, config_of, identify
from experiments.runs.manifest import data_digests
from experiments.runs.store import Store
from experiments.runs.workers import Chunk, Job
from model import calendar, network, reduction
from model.run import simulate
from model.world import Ensemble

ROOT = Path(__file__).parents[1]


def defined(source: str, **names: object) -> Callable[..., object]:
    """Compile a function named `f` as a notebook does."""
    space: dict[str, object] = {"__name__": "__main__", **names}
    exec(compile(textwrap.dedent(source), "<cell>", "exec"), space)
    return space["f"]  # type: ignore[return-value]


BASE = """
    def f(x, y=1):
        if x > 2:
            raise ValueError(f"too large: {x}")
        total = x + y
        return total * SCALE
"""


@pytest.mark.parametrize(
    "other",
    [
        BASE.replace("def f", "# a comment\n    def f"),
        BASE.replace("y=1):", 'y=1):\n        """Say something."""'),
        BASE.replace("total", "another"),
        BASE.replace("too large: {x}", "{x} is more than allowed"),
        BASE.replace("x, y=1", "x: float, y: float = 1"),
        BASE.replace("return total * SCALE", "return (\n            total\n            * SCALE\n        )"),
    ],
)
def test_what_cannot_change_a_number_changes_no_digest(other: str) -> None:
    assert fingerprint(defined(other, SCALE=3)) == fingerprint(defined(BASE, SCALE=3))


def test_a_copy_of_what_a_class_made_changes_no_digest() -> None:
    kind = type("Kept", (), {"__module__": "__main__"})
    before = fingerprint(kind)
    copy.copy(kind())
    assert "__slotnames__" in vars(kind)
    assert fingerprint(kind) == before


@pytest.mark.parametrize(
    ("other", "scale"),
    [
        (BASE.replace("> 2", "> 3"), 3),
        (BASE.replace("> 2", ">= 2"), 3),
        (BASE.replace("y=1", "y=2"), 3),
        (BASE.replace("x + y", "y + x"), 3),
        (BASE.replace("x + y", "x - y"), 3),
        (BASE.replace("x, y=1", "x, z=1").replace("x + y", "x + z"), 3),
        (BASE, 3.0),
        (BASE, 4),
        (BASE.replace("total * SCALE", "abs(total) * SCALE"), 3),
    ],
)
def test_what_can_change_a_number_changes_the_digest(other: str, scale: float) -> None:
    assert fingerprint(defined(other, SCALE=scale)) != fingerprint(defined(BASE, SCALE=3))


def test_a_function_counts_with_the_functions_it_uses() -> None:
    def of(inner: str) -> str:
        helper = defined(f"def f(x):\n    return {inner}")
        return fingerprint(defined("def f(x):\n    return [helper(v) for v in x]", helper=helper))

    assert of("x + 1") == of("x + 1")
    assert of("x + 1") != of("x + 2")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (1, True),
        (0.0, -0.0),
        ("1", 1),
        ((1, 2), [1, 2]),
        (("a", "bc"), ("ab", "c")),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (np.arange(3), np.arange(3.0)),
        (np.zeros((2, 3)), np.zeros((3, 2))),
        (np.array([1.0]), np.nextafter(np.array([1.0]), 2)),
        (SimpleNamespace(a=1), SimpleNamespace(a=2)),
        (((1,), 2), ((1, 2),)),
    ],
)
def test_data_that_differ_have_other_digests(one: object, other: object) -> None:
    assert fingerprint(one) != fingerprint(other)
    assert fingerprint(one) == fingerprint(one)


def test_what_no_digest_can_hold_is_said(tmp_path: Path) -> None:
    with (tmp_path / "x").open("w") as file, pytest.raises(TypeError, match="no digest can hold"):
        fingerprint({"file": file})


def test_equal_sets_have_one_digest() -> None:
    assert fingerprint({"b", "a", "c"}) == fingerprint({"c", "b", "a"})


def test_a_rule_replaced_in_memory_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    before = code_digest()
    monkeypatch.setattr(RuralBank, "benefit", classmethod(lambda cls, seen: 0.0 * seen))
    patched = code_digest()
    assert patched != before
    monkeypatch.setattr(RuralBank, "benefit", classmethod(lambda cls, seen: 2.0 * seen))
    assert code_digest() not in (before, patched)
    monkeypatch.undo()
    assert code_digest() == before


def test_inputs_count_beside_the_code_and_bring_code_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    code, rule = Code(), defined(BASE, SCALE=3)
    told = code.with_inputs(rule, RuralBank, 1.0)
    assert told == Code().with_inputs(defined(BASE, SCALE=3), RuralBank, 1.0)
    assert told != code.with_inputs(defined(BASE, SCALE=4), RuralBank, 1.0)
    assert told != code.with_inputs(rule, RuralBank, 2.0)
    monkeypatch.setattr(RuralBank, "benefit", classmethod(lambda cls, seen: 0.0 * seen))
    assert told != Code().with_inputs(rule, RuralBank, 1.0)


def test_code_that_was_read_is_told_apart_by_more_than_its_name() -> None:
    one, other = (defined(f"def f(x):\n    return x + {number}") for number in (1, 2))
    read = Reader()
    read.digest((one, other))
    assert Reader(read).digest((one,)) != Reader(read).digest((other,))


def test_every_cache_that_numbers_come_from_is_emptied_together() -> None:
    settings = compose_study(["scenarios=[baseline]", "end=2020Q2"])
    for build in (assembly.worlds, assembly.shared_population):
        before = build(settings)
        assert build(settings) is before
        assembly.forget()
        assert build(settings) is not before
    LAB(settings, range(1))
    assert reduction._edges.cache_info().currsize
    assembly.forget()
    assert not reduction._edges.cache_info().currsize


@pytest.mark.parametrize("change", ["constant", "function", "default"])
def test_whatever_is_changed_in_a_module_of_the_economics_is_seen(
    monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    before = code_digest()
    if change == "constant":
        monkeypatch.setattr(honeycomb, "DIMENSIONS", honeycomb.DIMENSIONS[::-1])
    elif change == "function":
        monkeypatch.setattr(calendar, "last_of_year", lambda quarter: False)
    else:
        copied = types.FunctionType(simulate.__code__, simulate.__globals__, argdefs=((),))
        assert fingerprint(copied) != fingerprint(simulate)
        return
    assert code_digest() != before
    monkeypatch.undo()
    assert code_digest() == before


def test_running_the_model_changes_no_digest() -> None:
    settings = compose_study(["scenarios=[baseline]", "end=2020Q2"])
    before = identify(settings)
    LAB(settings, range(2))
    assert identify(settings) == before


@pytest.fixture(scope="module")
def usual() -> Identity:
    """The default study, named by the code as it is."""
    return identify(compose_study([]))


@pytest.mark.parametrize(
    "words",
    [
        ["report=zh"],
        ["execution=dask"],
        ["replicates=7"],
        ["outputs.report=false"],
        ["outputs.figures=[png]"],
    ],
)
def test_how_a_study_is_shown_and_where_it_runs_find_every_chunk(words: list[str], usual: Identity) -> None:
    assert identify(compose_study(words)).chunks == usual.chunks


def test_a_study_has_one_name_wherever_it_runs(usual: Identity) -> None:
    there = compose_study(["execution=dask", "execution.workers=3"])
    assert identify(there) == usual


@pytest.mark.parametrize(
    "words", [["seed=9"], ["end=2029Q4"], ["policy=data_sharing"], ["outputs.banks=true"]]
)
def test_what_moves_a_number_does_not(words: list[str], usual: Identity) -> None:
    assert identify(compose_study(words)).chunks != usual.chunks


DIGEST = """
import sys
sys.path.insert(0, sys.argv[1])
from {package}experiments.runs.identity import code_digest
print(code_digest())
"""


def digest_of(folder: Path, package: str = "") -> str:
    """The digest in a process of its own: other tests replace rules in this one."""
    command = [sys.executable, "-c", DIGEST.format(package=package), str(folder)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.slow
def test_an_installed_package_has_the_digest_of_the_repository(tmp_path: Path) -> None:
    sys.path.insert(0, str(ROOT))
    hook = pytest.importorskip("hatch_build", reason="the build hook needs hatchling")
    sys.path.remove(str(ROOT))
    hook.stage(ROOT, tmp_path / "honeycomb", "0")
    assert digest_of(tmp_path, "honeycomb.") == digest_of(ROOT)


@pytest.mark.parametrize(
    "rule",
    [
        "import {name}\ndef f(x): return {name}.share(x)",
        "from {name} import share\ndef f(x): return share(x)",
        "def f(x):\n    from {name} import share\n    return share(x)",
        "def f(x):\n    import {name}\n    return {name}.share(x)",
        "import {name}\nclass Held: tools = {name}\ndef f(x): return Held.tools.share(x)",
    ],
)
def test_a_rule_counts_with_the_file_of_its_users_that_it_imports(
    rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)

    def digest(name: str, factor: float) -> str:
        (tmp_path / f"{name}.py").write_text(f"FACTOR = {factor}\ndef share(x):\n    return x * FACTOR\n")
        importlib.invalidate_caches()
        found = fingerprint(defined(rule.format(name=name)))
        del sys.modules[name]
        is_library.cache_clear()
        return found

    names = [f"bank_tools_{abs(hash(rule))}"] * 3
    first, second, again = map(digest, names, (1.0, 1.25, 1.0))
    assert first == again != second


def test_an_installed_package_counts_with_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("experiments.runs.fingerprint.is_installed", lambda file: True)
    here = partial(importlib.metadata.distributions, path=[str(tmp_path)])  # to read them all takes a while
    monkeypatch.setattr(importlib.metadata, "distributions", here)
    (tmp_path / "bank_rules.py").write_text("def share(x):\n    return x\n")
    facts = tmp_path / "bank_rules-1.dist-info"
    facts.mkdir()
    (facts / "RECORD").write_text("bank_rules.py,,\n")
    found = []
    for number in ("1.0", "1.1", "1.0"):
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: bank-rules\nVersion: {number}\n")
        installed.cache_clear()
        is_library.cache_clear()
        found.append(fingerprint(defined("from bank_rules import share\ndef f(x): return share(x)")))
    del sys.modules["bank_rules"]
    is_library.cache_clear()
    assert found[0] == found[2] != found[1]


def test_what_an_old_rule_left_in_a_cache_is_not_taken_for_a_new_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = compose_study(["policy=none", "replicates=1", "end=2021Q4"])

    def pairs() -> int:
        identify(settings)
        return LAB(settings, [0]).graphs["baseline", "2021Q4"].number_of_edges()

    old = network.possible_alliances
    before, name = pairs(), identify(settings).chunks
    monkeypatch.setattr(
        network, "possible_alliances", lambda ring, neighbours, *rest: old(ring, neighbours + 6, *rest)
    )
    assert pairs() != before
    assert identify(settings).chunks != name
    monkeypatch.undo()
    assert pairs() == before


def test_a_world_is_built_anew_where_a_study_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = compose_study(["policy=none", "replicates=1", "end=2021Q4"])
    identify(settings)
    built = LAB.inputs(settings)
    spread = assembly.spread_sizes
    monkeypatch.setattr(assembly, "spread_sizes", lambda *given: spread(*given) * 1.25)
    assert identify(settings).chunks != fingerprint(code_digest(), built)
    assert not np.array_equal(LAB.inputs(settings)[0][0].population.assets, built[0][0].population.assets)


def test_a_worker_takes_up_an_ensemble_that_changed_between_two_studies(tmp_path: Path) -> None:
    path = "behaviour.back_mandate"

    def runs(value: float) -> bytes:
        write_ensemble(tmp_path, Ensemble((path,), np.array([[value]])), {"version": 1})
        settings = compose_study(
            ["policy=none", "replicates=1", "end=2021Q4", f"uncertainty.parameters={tmp_path}"]
        )
        return Job(LAB, settings, Store(tmp_path), code_digest(), inputs=str(value)).on_cluster(
            Chunk(0, 1, "x")
        )

    assert runs(0.1) == runs(0.1) != runs(0.2)


def test_a_study_of_ones_own_ensemble_rests_on_that_one_and_names_it(tmp_path: Path) -> None:
    write_ensemble(tmp_path / "mine", Ensemble(("behaviour.spillover",), np.array([[0.1]])), {})
    chosen = (tmp_path / "mine", "posterior", "central")
    configs = [config_of(compose_study(["policy=none", f"uncertainty.parameters={one}"])) for one in chosen]
    own, shipped, central = map(data_digests, configs)
    assert own.keys() - shipped.keys() == {"mine/members.csv", "mine/manifest.json"}
    assert shipped.keys() - own.keys() == {"data/posterior/members.csv", "data/posterior/manifest.json"}
    assert own["mine/members.csv"] == file_digest(tmp_path / "mine" / "members.csv")
    assert shipped == central == data_digests({})
    heads = [citation("", {}, config, Labels("en"))[0].rpartition("posterior ")[2] for config in configs]
    assert heads == ["mine", shipped["data/posterior/members.csv"][:10], Labels("en")("manifest.central")]
