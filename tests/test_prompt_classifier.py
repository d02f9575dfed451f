"""The language model's own labels on the page: asked for with a button, shown where they differ, saved and reopened."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from model.export.json_format import to_dict
from model.export.json_reader import from_dict
from tests.conftest import WAIT, download, judge, open_saved, serve
from tests.scripted import Scripted, answering
from tests.test_page import long

TEXT = "Norway thanked Sweden for its great patience.\n\nSweden broke its word to Norway, and that is a disgrace."


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The page with a language model that finds all critical in the first paragraph and has no label for the second."""

    def reply(self: Scripted, body: dict[str, Any]) -> None:
        prompt = body["messages"][0]["content"]
        if body.get("stream"):
            self.begin_stream()
            self.say_piece("Nothing to say.")
            return
        said = "neutral" if "N/A" in prompt else "who knows" if "disgrace" in prompt else "critical"
        message = {"role": "assistant", "content": said}
        self.say({"id": "1", "object": "chat.completion", "created": 0, "model": "m",
                  "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})  # fmt: skip

    with answering(reply) as (model, _), serve(LLM=model) as address:
        yield address


def test_it_is_shown_where_it_differs(page: Page, tmp_path: Path) -> None:
    expect(page.locator("#sl-second")).to_be_hidden()
    judge(page, TEXT)
    expect(page.locator("#sl-matrix tbody tr")).to_have_count(2, timeout=WAIT)
    expect(page.locator("#sl-progress")).to_be_empty(timeout=WAIT)
    labels = page.locator("#sl-matrix tbody tr").nth(0).locator("td").all_inner_texts()
    page.locator("#sl-second").click()
    said = page.locator("#sl-second-said")
    same = sum("critical" in label for label in labels)
    expect(said).to_contain_text(f"gives {same} of 2 cells the same label", timeout=WAIT)
    expect(said).to_contain_text("Of 2 it said nothing that is a label")
    expect(page.locator("td .sl-second")).to_have_count(2 - same)
    expect(page.locator("td .sl-second").first).to_have_text("≠ critical 100%")
    expect(page.locator("#sl-progress")).to_be_empty(timeout=WAIT)
    page.locator('[data-do="blind"]').check()
    expect(page.locator("td .sl-second").first).to_be_hidden()
    page.locator('[data-do="blind"]').uncheck()
    path = download(page, "#sl-take-json", tmp_path)
    saved = json.loads(path.read_text(encoding="utf-8"))
    assert [row["stance"] for row in saved["second_opinion"]] == ["critical", "critical", None, None]
    assert to_dict(from_dict(saved)) == saved
    open_saved(page, path)
    expect(said).to_contain_text(f"gives {same} of 2 cells the same label", timeout=WAIT)


def test_other_parties_and_another_article_end_it(page: Page, example: str) -> None:
    judge(page, TEXT)
    page.locator("#sl-second").click()
    expect(page.locator("#sl-second-said")).to_be_visible(timeout=WAIT)
    page.get_by_text("Change the parties").click()
    page.locator("#sl-parties textarea").fill("Norway")
    page.locator("#sl-again").click()
    expect(page.locator("#sl-matrix thead th")).to_have_count(2, timeout=WAIT)
    expect(page.locator("#sl-second-said")).to_have_count(0)
    judge(page, long(example, 16))
    expect(page.locator("#sl-progress")).to_contain_text("judging 112 paragraphs", timeout=WAIT)
    expect(page.locator("#sl-second")).to_be_hidden()  # it would be about the article before
