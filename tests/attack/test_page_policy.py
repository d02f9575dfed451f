"""The page works under its own policy: nothing that it loads or runs is refused by it, and no frame takes it."""

from playwright.sync_api import Browser, expect

from tests.attack.door import opened_page

ARTICLE = "Ferries and patience\n\nNorway thanked Sweden for its great patience with the ferries of the year."


def test_the_page_runs_under_its_policy(browser: Browser) -> None:
    with opened_page() as address:
        page = browser.new_page()
        errors: list[str] = []
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        page.locator("#sl-input textarea").fill(ARTICLE)
        page.locator("#sl-judge").click()
        expect(page.locator("#sl-article")).to_contain_text("thanked Sweden", timeout=60_000)
        page.locator("#sl-stop").click()
        page.locator("#sl-file input[type=file]").set_input_files(
            {"name": "a.txt", "mimeType": "text/plain", "buffer": b"Another text that was dropped."}
        )
        expect(page.locator("#sl-input textarea")).to_have_value("Another text that was dropped.", timeout=60_000)
        page.close()
    assert errors == []
