"""The pages in a real browser: figures come alive without a network, keys and sliders work, paper keeps the stills."""

import shutil
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from experiments.analysis.interactions import PLACES
from experiments.labels import Labels
from experiments.report.page import cells, opened, write_grid, write_pages
from experiments.report.tables import effect
from tests.synthetic_study import settings, write_study


def grid_of(strengths: tuple[float, ...] = (0.0, 1.0)) -> pd.DataFrame:
    rows = []
    for outcome, one, other, third in product(("index", "application"), *[strengths] * 3):
        middle = 0.3 * one + 0.1 * other
        triple = {"first_strength": one, "second_strength": other, "third_strength": third}
        ends = {"effect": middle, "effect_low": middle - 0.05, "effect_high": middle + 0.2}
        rows.append({"outcome": outcome, "bank_kind": "all", "cost": 100 * one, **triple, **ends})
    named = dict(zip(PLACES, ("data_sharing", "talent_policy", "own_talent"), strict=True))
    return pd.DataFrame(rows).assign(scenario="both", probability=0.9, **named)


def test_each_number_of_the_page_to_hand_on_is_that_of_the_table(tmp_path):
    frame, labels = grid_of(), Labels("zh")
    told = cells(frame, labels)
    assert len(told["cells"]) == 8
    line = frame.iloc[-1].to_dict()
    expected = effect(line, of="application")
    assert told["cells"]["1,1,1"]["rows"][1][:2] == [expected.text, expected.interval]
    assert told["cells"]["1,1,1"]["cost"] == labels.money(100.0)


@pytest.fixture(scope="module")
def browser():
    api = pytest.importorskip("playwright.sync_api")
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.skip("no Chromium on this machine")
    with api.sync_playwright() as play:
        opened = play.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


def loaded(browser, path: Path, width: int, scheme: str):
    page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    page.set_default_timeout(120_000)
    asked, faults = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.goto(path.as_uri())
    return page, asked, faults


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(400, "light"), (1000, "dark"), (1920, "light")])
def test_a_report_comes_alive_loads_nothing_and_never_scrolls_sideways(browser, tmp_path, width, scheme):
    path = write_pages(opened(write_study(tmp_path / "s", replicates=8), "en", settings()))
    page, asked, faults = loaded(browser, path, width, scheme)
    page.locator("#network_map").scroll_into_view_if_needed()
    page.wait_for_selector("#network_map.lively canvas")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    slider = page.locator("#network_map input[type=range]")
    last = page.locator("#network_map output").inner_text()
    slider.fill("0")
    assert page.locator("#network_map output").inner_text() != last
    page.locator("#fans_city").scroll_into_view_if_needed()
    page.wait_for_selector("#fans_city.lively canvas")
    key = page.locator("#fans_city [data-key]").first
    key.click()
    assert key.get_attribute("aria-pressed") == "false"
    page.emulate_media(media="print")
    assert page.locator("#fans_city .still").is_visible()
    assert not page.locator("#fans_city .live").is_visible()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert faults == []


@pytest.mark.slow
def test_the_page_to_hand_on_answers_from_a_disk(browser, tmp_path):
    path = write_grid(tmp_path, grid_of(), Labels("en"), "study", ["cite"])
    assert path.stat().st_size < 5_000_000
    page, asked, faults = loaded(browser, path, 1000, "light")
    cost = page.locator("#cost").inner_text()
    page.locator("input[type=range]").first.fill("0")
    assert page.locator("#cost").inner_text() != cost
    assert page.locator("tbody td").first.inner_text() == "+0.10"
    assert len(asked) == 1
    assert faults == []
