"""The wheel: built without a network, installed beside other people's modules, used from a folder that has its own."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from experiments.location import ROOT, version
from hatch_build import CODE, rewritten

pytestmark = pytest.mark.slow
STUDY = (
    "replicates=2",
    "scenarios=[baseline,data_sharing]",
    "end=2025Q4",
    "outputs.figures=[svg]",
    "execution.workers=2",
)
HOSTILE = "raise RuntimeError('a stranger was imported')\n"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--no-build-isolation", "--no-index", "--wheel-dir", folder, ROOT], check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--no-index", "--target", target, wheel], check=True)
    return target


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with modules of the lab's names, which must not be taken for the lab's."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "model.py").write_text(HOSTILE)
    for name in ("agents", "experiments"):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(HOSTILE)
    return folder


def call(words: list[str], installed: Path, elsewhere: Path) -> subprocess.CompletedProcess[str]:
    """Run a command where strangers come first on the path, then the wheel."""
    path = os.pathsep.join([str(elsewhere), str(installed)])
    return subprocess.run(
        words,
        cwd=elsewhere,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def honeycomb(
    *words: str, installed: Path, elsewhere: Path, expected: int = 0
) -> subprocess.CompletedProcess[str]:
    done = call([sys.executable, str(installed / "bin" / "honeycomb"), *words], installed, elsewhere)
    assert done.returncode == expected, done.stderr
    return done


@pytest.fixture(scope="module")
def study(installed: Path, elsewhere: Path) -> Path:
    """The folder of a tiny study, below the working folder."""
    done = honeycomb(*STUDY, installed=installed, elsewhere=elsewhere)
    folder = elsewhere / Path(done.stdout.splitlines()[-1]).parent
    assert folder.parent == elsewhere / "outputs"
    return folder


def test_the_wheel_puts_one_name_beside_other_peoples_modules(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        tops = {name.partition("/")[0] for name in names}
        code = {name: archive.read(name).decode() for name in names if name.endswith(".py")}
    assert tops == {"honeycomb", "hydra_plugins", f"honeycomb_lab-{version()}.dist-info"}
    assert [name for name in names if name.startswith("hydra_plugins/")] == ["hydra_plugins/honeycomb.py"]
    for needed in ("py.typed", "conf/config.yaml", "data/source/scores.csv", "data/posterior/members.csv"):
        assert f"honeycomb/{needed}" in names
    assert not [name for name in names if "__pycache__" in name or name.endswith((".tmp", ".ipynb"))]
    left = re.compile(rf"^\s*(?:from|import) (?:{'|'.join(CODE)})\b", re.MULTILINE)
    assert {name: left.findall(text) for name, text in code.items() if left.search(text)} == {}


def test_every_file_of_the_rooms_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name.removeprefix("honeycomb/") for name in archive.namelist()}
    for room in (*CODE, "conf", "data"):
        files = {path.relative_to(ROOT).as_posix() for path in (ROOT / room).rglob("*.*") if path.is_file()}
        assert {name for name in files if "__pycache__" not in name and "/." not in name} - packed == set()


def test_the_command_says_its_version_and_helps(installed: Path, elsewhere: Path) -> None:
    done = honeycomb("--version", installed=installed, elsewhere=elsewhere)
    assert done.stdout.strip() == f"honeycomb-lab {version()}"
    told = honeycomb("--help", installed=installed, elsewhere=elsewhere).stdout
    assert "simulate.py" not in told
    assert "honeycomb experiment=" in told


def test_a_study_runs_beside_strangers_and_is_verified(study: Path, installed: Path, elsewhere: Path) -> None:
    assert {"report.html", "scores.parquet", "manifest.json"} <= {path.name for path in study.iterdir()}
    done = honeycomb(f"verify={study}", installed=installed, elsewhere=elsewhere)
    assert "every number is the same" in done.stdout
    assert not (installed / "honeycomb" / "outputs").exists()


def test_what_moved_between_two_studies_is_told(study: Path, installed: Path, elsewhere: Path) -> None:
    there = {"installed": installed, "elsewhere": elsewhere}
    other = Path(honeycomb(*STUDY, "seed=7", "outputs.report=false", **there).stdout.splitlines()[-1])
    done = honeycomb(f"compare=[{study},{other}]", "report=zh", expected=1, **there)
    assert f"写出版本：{version()} 与 {version()}\n差异在于：随机种子\n" in done.stdout
    assert "各部分对主要结果的作用：" in done.stdout


def test_a_fault_is_said_as_in_the_repository(installed: Path, elsewhere: Path) -> None:
    done = honeycomb("replicats=3", installed=installed, elsewhere=elsewhere, expected=2)
    assert "did you mean replicates?" in done.stderr
    assert "Traceback" not in done.stderr


def test_python_gets_the_same_numbers_and_meets_no_stranger(
    study: Path, installed: Path, elsewhere: Path
) -> None:
    code = f"""
import json, sys
from honeycomb.experiments import api
results = api.simulate(*{list(STUDY)!r}, "outputs.report=false")
strangers = [name for name in sys.modules if name.partition(".")[0] in {CODE!r}]
print(json.dumps([str(results.folder), strangers, float(results.frame("scores")["score"].sum())]))
"""
    done = call([sys.executable, "-c", code], installed, elsewhere)
    assert done.returncode == 0, done.stderr
    folder, strangers, total = json.loads(done.stdout.splitlines()[-1])
    assert strangers == []
    from experiments.results.open import Results

    assert total == pytest.approx(float(Results(study).frame("scores")["score"].sum()), abs=0.0)
    assert (elsewhere / folder).is_dir()


def test_the_wheel_and_the_repository_are_one_code(study: Path) -> None:
    """A study made by either is verified by the other: their import lines differ, their code does not."""
    from tests.test_fingerprint import digest_of

    code = json.loads((study / "manifest.json").read_text("utf-8"))["code"]
    assert code["numbers"] == digest_of(ROOT)
    assert code["commit"] is None


def test_an_installed_lab_reads_its_own_files_and_writes_none_of_them(
    installed: Path, elsewhere: Path
) -> None:
    code = (
        "from honeycomb.experiments.location import existing, output_path\n"
        "print(existing('data/posterior'), output_path('data/posterior'), sep='\\n')"
    )
    done = call([sys.executable, "-c", code], installed, elsewhere)
    assert done.stdout.splitlines() == [
        str(installed / "honeycomb" / "data" / "posterior"),
        str(elsewhere / "data" / "posterior"),
    ]


def test_only_import_statements_are_rewritten() -> None:
    source = (
        'from model.run import simulate\nfrom modelling import x\ntext = "from model.run import simulate"\n'
    )
    assert rewritten(source, "x.py") == source.replace("from model.run", "from honeycomb.model.run", 1)
    with pytest.raises(ValueError, match=r"x\.py:1 binds a room's name"):
        rewritten("import model.run\n", "x.py")
