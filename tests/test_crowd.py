"""Many readers at once: each gets their own article back, in turn, and sees their place in the queue."""

from collections.abc import Callable

from gradio_client import Client
from playwright.sync_api import Page, expect

from tests.conftest import WAIT, judge

CITIES = [
    *("Oslo", "Paris", "Rome", "Madrid", "Lisbon", "Vienna", "Prague", "Warsaw", "Athens", "Dublin"),
    *("Tokyo", "Delhi", "Cairo", "Nairobi", "Lima", "Quito", "Ottawa", "Havana", "Jakarta", "Manila"),
]


def test_twenty_at_once(address: str) -> None:
    client = Client(address, verbose=False)
    jobs = [
        client.submit(
            text=f"The council of {city} kept its promise to Ann Berg of the ferry union.\n\nAnn Berg thanked {city}.",
            parties=f"{city}; Ann Berg",
            api_name="/analyze",
        )
        for city in CITIES
    ]
    for city, job in zip(CITIES, jobs, strict=True):
        result = job.result(timeout=300)
        assert [party["name"] for party in result["parties"]] == [city, "Ann Berg"]
        assert city in result["text"]


def test_the_place_in_the_queue_is_shown(open_page: Callable[..., Page], example: str) -> None:
    pages = [open_page() for _ in range(3)]
    texts = [f"Round {n}.\n\n{example}" for n in range(3)]
    for page, text in zip(pages, texts, strict=True):
        judge(page, text)
    expect(pages[2].locator("#sl-progress")).to_contain_text("queue: ", timeout=WAIT)
    for page, text in zip(pages, texts, strict=True):
        expect(page.locator("#sl-take-csv")).to_be_visible(timeout=3 * WAIT)
        assert page.locator("#sl-input textarea").input_value() == text
        expect(page.locator("#sl-article")).to_contain_text(text.split("\n")[0])
