"""A link that may not be fetched, on the served page."""

from playwright.sync_api import Page, expect

from tests.conftest import WAIT, judge

LINK = "http://127.0.0.1:9/"


def test_a_refusal_keeps_the_link(page: Page) -> None:
    judge(page, LINK)
    alert = page.locator("#sl-message [role=alert]")
    expect(alert).to_have_text(
        "expected a link to port 80 or 443, got 9; paste the article's text instead", timeout=WAIT
    )
    expect(page.locator("#sl-input textarea")).to_have_value(LINK)
