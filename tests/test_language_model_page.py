"""The page with the default language model: the encoder's labels at once, then those of both, then the summary."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import WAIT, download, judge, loaded, serve

TEXT = (
    "Norway thanked Sweden for its great patience, which it called an example to all.\n\n"
    "Sweden broke its word to Norway, and that is a disgrace.\n\nNorway and Sweden met in Oslo on Monday."
)


pytestmark = pytest.mark.llm


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve(LLM="default") as address:
        yield loaded(address)


def test_labels_and_summary_of_the_model_follow_and_leave_what_is_open(page: Page, tmp_path: Path) -> None:
    judge(page, TEXT)
    expect(page.locator("#sl-matrix tbody tr")).to_have_count(3, timeout=WAIT)
    page.locator('[data-cell="1,1"].sl-cell').click()
    page.locator(".sl-card [data-note]").fill("a thought")
    expect(page.locator("#sl-summary .sl-hint").first).to_contain_text("language model", timeout=3 * WAIT)
    expect(page.locator("#sl-progress")).to_be_empty(timeout=3 * WAIT)  # it has written
    saved = json.loads(download(page, "#sl-take-json", tmp_path).read_text(encoding="utf-8"))
    expect(page.locator(".sl-card")).to_have_attribute("data-cell", "1,1")
    expect(page.locator(".sl-card [data-note]")).to_have_value("a thought")
    expect(page.locator('input[name="sl-party"][value="1"]')).to_be_checked()
    assert saved["versions"]["judges"].startswith("encoder, qwen2.5-coder")
    assert saved["written"]["method"] == "written"
    labels = {(row["paragraph"], row["party"]): row["stance"] for row in saved["stances"]}
    assert labels[0, "Sweden"] == "favorable"
    assert labels[1, "Sweden"] == "critical"
    assert labels[2, "Norway"] == labels[2, "Sweden"] == "neutral"
