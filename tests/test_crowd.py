"""Twenty readers at once: each gets their own article back, in turn, and sees their place in the queue."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from gradio_client import Client
from playwright.sync_api import Page, expect

from tests.conftest import WAIT

PROGRAMS = [
    *("Paris", "Rome", "Madrid", "Lisbon", "Vienna", "Prague", "Warsaw", "Athens", "Dublin"),
    *("Tokyo", "Delhi", "Cairo", "Nairobi", "Lima", "Quito", "Ottawa"),
]
READERS = ["Havana", "Jakarta", "Manila", "Helsinki"]
NOTE_PLACES = """() => {
  window.places = [];
  new MutationObserver(() => {
    if (document.querySelector("#sl-take-csv")?.checkVisibility()) return; // summaries have a queue of their own
    const place = document.querySelector("#sl-progress").textContent.match(/queue: (\\d+)/);
    if (place && places.at(-1) !== Number(place[1])) places.push(Number(place[1]));
  }).observe(document.querySelector("#sl-progress"), { childList: true, characterData: true, subtree: true });
}"""


def test_twenty_at_once(address: str, open_page: Callable[..., Page], example: str) -> None:
    short = "\n\n".join(example.split("\n\n")[:3])
    texts = {city: f"{city} thanked Ann Berg.\n\n{short}" for city in (*PROGRAMS, *READERS)}
    texts[PROGRAMS[0]] += example * 4  # so long that all others come while it is judged
    with ThreadPoolExecutor(4) as pool:
        clients = list(pool.map(lambda _: Client(address, verbose=False), PROGRAMS))
    pages = [open_page() for _ in READERS]
    for page, city in zip(pages, READERS, strict=True):
        page.locator("#sl-input textarea").fill(texts[city])
        page.evaluate(NOTE_PLACES)
    jobs = [
        client.submit(text=texts[city], parties=f"{city}; Ann Berg", api_name="/analyze")
        for client, city in zip(clients, PROGRAMS, strict=True)
    ]
    for page in pages:
        page.locator("#sl-judge").click()
    for job, city in zip(jobs, PROGRAMS, strict=True):
        result = job.result(timeout=120)
        assert [party["name"] for party in result["parties"]] == [city, "Ann Berg"]
        assert result["text"] == texts[city]
    for page, city in zip(pages, READERS, strict=True):
        expect(page.locator("#sl-take-csv")).to_be_visible(timeout=WAIT)
        shown = page.locator("#sl-article").inner_text()
        assert [other for other in texts if other in shown] == [city]
        places = page.evaluate("window.places")
        assert places
        assert places == sorted(places, reverse=True)
