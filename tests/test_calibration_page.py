"""The committed pages on calibration: whole, self-contained, small, and plain about losses in both languages."""

import json
import re

import pytest
from markupsafe import escape

from experiments.labels import Labels
from experiments.location import existing
from experiments.report.calibration import (
    PAGES,
    SECTIONS,
    TASKS,
    Parts,
    losses,
    read_parts,
    verdicts,
    write_page,
)
from experiments.report.tables import Table

FOLDER = existing("docs/calibration")


@pytest.fixture(scope="module")
def parts() -> Parts:
    return read_parts(FOLDER)


@pytest.mark.parametrize("name", PAGES.values())
def test_a_page_needs_nothing_from_outside_and_is_small(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8")
    assert len(text.encode()) < 1_500_000
    assert not re.search(r"(src|href)=\"(https?:)?//", text)
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("language", "name"), PAGES.items())
def test_a_page_is_drawn_from_the_committed_parts_losses_first(
    parts: Parts, language: str, name: str
) -> None:
    assert set(parts) == set(TASKS)
    text, labels = (FOLDER / name).read_text("utf-8"), Labels(language)
    places = [text.find(str(escape(sentence))) for sentence in losses(parts, labels)]
    assert min(places) > 0
    assert max(places) < text.index('id="backtest"')


def test_losses_are_said_before_draws_and_draws_before_wins(parts: Parts) -> None:
    said = verdicts(parts["backtest"], Labels("en"))
    order = [
        next(k for k, w in enumerate(("loses to", "cannot be told", "beats")) if w in text) for text in said
    ]
    assert order == sorted(order)
    assert len(said) == 4 * (1 + len(parts["backtest"]["origins"]))


def test_what_fails_is_named(parts: Parts) -> None:
    said = " ".join(losses(parts, Labels("en")))
    for row in parts["patterns"]["patterns"]:
        assert (Labels("en")(f"pattern.{row['pattern']}") in said) == (not row["passed"])


def test_the_page_tells_of_the_shipped_ensemble(parts: Parts) -> None:
    manifest = json.loads((existing("data/posterior") / "manifest.json").read_text("utf-8"))
    assert parts["calibrate"]["ensemble"]["members_sha256"] == manifest["members_sha256"]


@pytest.mark.parametrize(("language", "said"), [("en", "scores of 2020, 2024"), ("zh", "2020、2024 年得分")])
def test_the_words_follow_the_editions_that_were_fitted(parts: Parts, language: str, said: str) -> None:
    part, labels = parts["calibrate"], Labels(language)
    scores = [{**row, "year": year} for row in part["scores"]["rows"][:6] for year in ("2024", "2020")]
    fitted = {"calibrate": {**part, "scores": {**part["scores"], "rows": scores}}}
    tables = [block for block in SECTIONS["fit"][1](fitted, labels) if isinstance(block, Table)]
    assert tables[0].rows[0][0].text == said
    assert str(len(part["scores"]["rows"])) not in labels("page.calibration_study"), "the table counts them"


@pytest.mark.slow
def test_the_pages_are_written_anew_from_their_parts(tmp_path, parts: Parts) -> None:
    for name in TASKS:
        (tmp_path / f"{name}.json").write_text(json.dumps(parts[name]), "utf-8")
    assert [path.name for path in write_page(tmp_path)] == list(PAGES.values())


@pytest.mark.parametrize(("language", "name"), PAGES.items())
def test_a_page_calls_the_policies_as_the_lab_does_now(parts: Parts, language: str, name: str) -> None:
    text = (FOLDER / name).read_text("utf-8")
    titles = [
        str(escape(Labels(language).scenario(policy)))
        for policy in parts["ablations"]["variants"][0]["effects"]
    ]
    assert [title for title in titles if title not in text] == []
