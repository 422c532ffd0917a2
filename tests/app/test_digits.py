"""What the page shows once its runs are done, and its ZIP file, are what the command writes, digit for digit."""

import os
import subprocess
import sys
import zipfile

import pandas as pd
import pytest

from experiments.app import setting, work
from experiments.app.setting import PAGE
from experiments.app.work import CHUNK_RUNS, View, Work
from tests.app.browser import ROOT
from tests.app.tables import QUESTION, same_paths

pytestmark = pytest.mark.slow
TELL_OF_THE_RUN = {"manifest.json", "run.json"}  # the chunks and the hours of a run are its own
RUNS = 64  # two chunks as the page cuts them, which are merged as eight are


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """The last answer of the page, the folder in its ZIP file, and the command's own."""
    place = tmp_path_factory.mktemp("digits")
    with pytest.MonkeyPatch.context() as patch:
        for module in (setting, work):
            patch.setattr(module, "ALL_RUNS", RUNS)
        page = Work(place)
        for done in range(RUNS // CHUNK_RUNS):
            found = page.further(QUESTION, View("index", "rural"), done)
        files = page.report(QUESTION, "en")
        with zipfile.ZipFile(place / "files" / files["honeycomb.zip"]) as archive:
            archive.extractall(place / "zip")
    words = ["--config-dir", str(place / "zip"), "experiment=page", f"outputs.folder={place / 'own'}"]
    subprocess.run([sys.executable, "simulate.py", *words], cwd=ROOT, check=True, env=os.environ)
    (own,) = (place / "own").glob(f"{PAGE}-*")
    return found, place / "zip" / PAGE, own


def test_every_file_of_the_zip_is_the_one_that_the_command_writes(folders):
    _, page, own = folders
    names = _files(own)
    assert _files(page) == names
    for name in sorted(names - TELL_OF_THE_RUN):
        assert (page / name).read_bytes() == (own / name).read_bytes(), name


def test_every_path_that_the_page_shows_is_in_the_tables_of_the_command(folders):
    found, _, own = folders
    assert found.runs == RUNS
    bands = pd.read_parquet(own / "bands.parquet")
    same_paths(found, bands, ["rural", "all"])


def _files(folder):
    """What a study wrote; Hydra's own record and log belong to the command line."""
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return {name for name in names if not name.startswith(".hydra/")} - {"study.log"}
