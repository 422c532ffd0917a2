"""``python -m tests.app.picture`` draws docs/figures/page.png, the page as README shows it."""

from playwright.sync_api import sync_playwright

from tests.app.browser import ROOT, answered, chromium, served, watched

RUNS = 64  # after so many the picture hardly moves


def main() -> None:
    """Serve the page, wait for all of its runs, and keep what is seen."""
    with served() as link, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        with watched(browser) as (page, faults):
            page.goto(f"{link}?lang=en&union_reform=1&data_sharing=1")
            answered(page, RUNS, within=900.0)
            page.wait_for_timeout(2000)
            page.screenshot(path=ROOT / "docs" / "figures" / "page.png")
            assert not faults, faults
        browser.close()


if __name__ == "__main__":
    main()
