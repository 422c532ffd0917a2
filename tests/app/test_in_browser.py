"""The page in a real browser: every control, both languages, three widths, and nothing asked of the outside."""

from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest

pytest.importorskip("playwright", reason="playwright is not installed: make dev-env")

from playwright.sync_api import expect

from tests.app.browser import answered, chromium, served, watched

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def link() -> Iterator[str]:
    chromium()
    with served() as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tool:
        started = tool.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield started
        started.close()


def asked(page) -> dict[str, str]:
    """The address as the page itself has it: what the browser tells of it may come later."""
    query = page.evaluate("location.search.slice(1)")
    return {key: values[-1] for key, values in parse_qs(query).items()}


def came(page, room: str) -> None:
    """Wait until a room has its first answer, or asks for a file."""
    if room == "policy":
        answered(page)
    else:
        page.locator({"model": "#plate-year li", "bank": "#workbook"}[room]).first.wait_for()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [400, 1024, 1920])
@pytest.mark.parametrize("room", ["policy", "model", "bank"])
def test_every_room_fits_every_width_in_both_languages(link, browser, room, width, language):
    with watched(browser, width) as (page, wrong):
        page.goto(f"{link}?room={room}&lang={language}&theme={'dark' if width == 1024 else 'light'}")
        came(page, room)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("main h2").count() >= 3
        assert wrong == []


def test_what_can_be_moved_has_a_name_for_a_screen_reader_and_is_reached_by_the_keyboard(link, browser):
    with watched(browser) as (page, wrong):
        page.goto(f"{link}?lang=en&data_sharing=1")
        page.locator("form.controls").first.wait_for()
        form = page.locator("form.controls").first
        for one in form.locator("input, select").all():
            label = one.evaluate("one => [...(one.labels || [])].map(label => label.innerText).join('')")
            assert label.strip(), one.get_attribute("id")
        slider = page.locator("#strength-data_sharing")
        slider.focus()
        page.keyboard.press("ArrowLeft")
        assert asked(page)["data_sharing"] == "0.95"
        page.keyboard.press("Alt+ArrowLeft")  # back, as everywhere, and no step of the slider
        expect(slider).to_have_value("1", timeout=60_000)
        page.keyboard.press("Alt+ArrowRight")
        expect(slider).to_have_value("0.95", timeout=60_000)
        assert wrong == []


def test_every_control_moves_the_address_and_is_answered(link, browser):
    with watched(browser) as (page, wrong):
        page.goto(f"{link}?lang=en")
        answered(page)
        first = page.locator("input[id^='use-']").all()
        assert len(first) >= 13
        for one in first:
            name = (one.get_attribute("id") or "").removeprefix("use-")
            one.check()
            page.locator(f"#start-{name}").select_option("2027Q1")
            page.locator(f"#strength-{name}").fill("0.5")
            page.locator(f"#regions-{name}-west").uncheck()
            assert asked(page)[name].startswith("0.5~2027Q1")
            one.uncheck()
            assert name not in asked(page)
        page.locator("#use-data_sharing").check()
        page.locator("#kinds-data_sharing-private").uncheck()
        assert asked(page)["data_sharing"] == "1~~city.rural"
        for box in page.locator("input[id^='shocks-']").all():
            box.check()
        for key in ("env", "alloc", "net", "out", "kind", "base"):
            choice = page.locator(f"#choose-{key}")
            values = choice.locator("option").evaluate_all("all => all.map(one => one.value)")
            choice.select_option(values[1])
            assert asked(page)[key] == values[1]
        answered(page)
        assert "2030Q4" in page.locator("#plate-answer").inner_text()
        page.locator("#clear").click()
        assert set(asked(page)) <= {"lang"}
        assert wrong == []


def test_undo_back_and_reload_bring_settings_back(link, browser):
    with watched(browser) as (page, wrong):
        page.goto(f"{link}?lang=en")
        answered(page)
        page.locator("#use-alliances").check()
        page.locator("#strength-alliances").fill("0.4")
        answered(page)
        page.go_back()
        assert asked(page)["alliances"] == "1"
        assert page.locator("#strength-alliances").input_value() == "1"
        page.go_forward()
        assert page.locator("#strength-alliances").input_value() == "0.4"
        page.locator("#undo").click()
        expect(page.locator("#strength-alliances")).to_have_value("1", timeout=60_000)
        page.reload()
        answered(page)
        assert page.locator("#use-alliances").is_checked()
        assert wrong == []


def test_a_setting_is_kept_and_compared_and_why_is_told(link, browser):
    with watched(browser) as (page, wrong):
        page.goto(f"{link}?lang=en&union_reform=1")
        answered(page)
        page.locator("#keep").click()
        assert asked(page)["kept"] == "union_reform=1"
        page.locator("#use-data_sharing").check()
        answered(page)
        lever = page.locator(".lever", has=page.locator("#use-data_sharing"))
        lever.locator("summary").click()
        assert "source" in lever.locator("dl").inner_text()
        numbers = page.locator("#plate-numbers")
        numbers.locator("summary").first.click()
        assert "(" in numbers.locator("details").first.inner_text()
        answered(page, 32)  # drawn anew, and what was opened stays open with the keyboard on it
        assert "(" in numbers.locator("details").first.inner_text()
        assert page.evaluate("document.activeElement.closest('#plate-numbers') !== null")
        assert wrong == []


def test_the_config_file_is_the_setting(link, browser, tmp_path):
    with watched(browser) as (page, wrong):
        page.goto(f"{link}?lang=en&data_sharing=0.5~2026Q1")
        answered(page)
        page.locator("#config").click()
        with page.expect_download() as download:
            page.locator("#files a").first.click()
        download.value.save_as(tmp_path / "page.yaml")
        text = (tmp_path / "page.yaml").read_text("utf-8")
        assert "intensity: 0.5" in text
        assert "2026Q1" in text
        assert wrong == []


def test_an_address_that_is_not_known_is_said_and_never_run(link, browser):
    with watched(browser) as (page, wrong):
        page.goto(f"{link}?lang=en&env=%3Cscript%3Ealert(1)%3C/script%3E")
        page.locator("#told", has_text="is not known").wait_for()
        page.goto(f"{link}?room=model&lang=en&env=%3Cimg%20src=x%20onerror=alert(1)%3E")
        page.locator("#plate-year li").first.wait_for()
        assert "onerror" in page.locator("header .wrong").inner_text()
        assert page.locator("header img").count() == 0
        assert wrong == []


def test_more_runs_follow_and_the_network_comes_with_them(link, browser):
    with watched(browser) as (page, wrong):
        page.goto(f"{link}?lang=en&union_reform=1")
        answered(page, 64, 600)
        assert page.locator("#plate-network canvas").count() > 0
        page.locator("#choose-at").select_option(index=0)
        assert wrong == []


def test_a_year_of_a_bank_is_told(link, browser):
    with watched(browser) as (page, wrong):
        page.goto(f"{link}?room=model&lang=en")
        page.locator("#plate-year li").first.wait_for()
        assert page.locator("#plate-year li").count() == 6
        page.locator("#choose-year").select_option("2029")
        page.locator("#plate-year h2", has_text="2029").wait_for()
        assert asked(page)["year"] == "2029"
        page.go_back()
        page.locator("#plate-year h2", has_text="2026").wait_for()
        assert wrong == []


def test_a_page_with_a_token_lets_in_who_knows_it(browser):
    with served("--token=open-sesame") as link, watched(browser) as (page, wrong):
        bare = link.partition("?")[0]
        assert page.goto(bare).status == 403
        wrong.clear()
        page.goto(link)
        answered(page)
        assert page.goto(bare).status == 200
        assert wrong == []


def test_a_bank_is_taken_from_its_workbook_and_a_plan_is_edited(link, browser, tmp_path):
    bank = tmp_path / "ours <b>.yaml"
    bank.write_text(
        "name: '<img src=x onerror=alert(1)>'\nkind: rural\nprovince: SD\nsince: 2025Q1\nassets: 30.0e+9\n",
        "utf-8",
    )
    with watched(browser) as (page, wrong):
        page.goto(f"{link}?room=bank&lang=en")
        page.locator("#workbook").wait_for()
        assert page.locator(".files a").count() == 2
        page.locator("#workbook").set_input_files(bank)
        page.locator("#editor").wait_for(state="visible")
        page.locator("#plate-stand", has_text="onerror").wait_for()  # told as text, not run
        assert "30,000" in page.locator("#plate-echo").inner_text()  # as it was entered, in million yuan
        page.locator("#share-data").fill("60")
        page.locator("#route").select_option("buy")
        page.locator("#spending-2027").fill("40")
        page.locator("#spending-2027").press("Tab")
        page.locator("#future-descent_faster").check()
        page.locator("#plate-risks", has_text="Edited plan").wait_for()
        assert "bank" not in (page.url.partition("?")[2].replace("room=bank", ""))
        assert wrong == []


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("bank.exe", b"MZ", "no file that can be read"),
        ("bank.xlsx", b"PK nonsense", "no workbook"),
        ("bank.yaml", b"name: x\nkind: rural\n", "assets"),
        ("bank.csv", b"", "no file that can be read"),
        ("bank.xlsx", b"0" * (5 * 1024 * 1024), "larger than 4 MB"),
    ],
)
def test_a_wrong_upload_is_said_in_a_sentence(link, browser, tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    with watched(browser) as (page, wrong):
        page.goto(f"{link}?room=bank&lang=en")
        page.locator("#workbook").wait_for()
        page.locator("#workbook").set_input_files(tmp_path / name)
        page.locator("#wrong", has_text=said).wait_for()
        assert "/" not in page.locator("#wrong").inner_text().replace("and/or", "")
        assert page.locator("#editor").is_hidden()
        assert wrong == []
