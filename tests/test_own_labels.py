"""A reader's own labels: set, kept, taken away, loaded again, scored."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from eval.__main__ import main
from eval.gold import read_gold
from model import Stance
from model.export.json_reader import from_json
from tests.conftest import WAIT, download, judge, judged, open_saved, reload, save
from tests.test_access import findings


def test_disagree_download_and_load_again(opened: Page, tmp_path: Path) -> None:
    ours = opened.locator('.sl-cell[data-cell="0,0"]').inner_text()
    first = opened.locator('.sl-cell[data-cell="0,0"]')
    first.focus()
    opened.keyboard.press("n")
    expect(first).to_have_text("= neutral", use_inner_text=True)
    opened.keyboard.press("ArrowDown")
    expect(opened.locator('.sl-cell[data-cell="1,0"]')).to_be_focused()
    opened.keyboard.press("y")
    opened.locator('.sl-cell[data-cell="2,1"]').click()
    card = opened.locator("#sl-p3 .sl-card")
    card.locator('[data-set="critical"]').click()
    card.locator("[data-note]").fill("irony, I think")
    card.locator("[data-note]").press("Tab")
    expect(opened.locator("#sl-status")).to_have_text("Your labels: 3")

    path = download(opened, '[data-do="download"]', tmp_path)
    (gold,) = read_gold([path])
    assert [(label.paragraph, label.party, label.stance) for label in gold.labels] == [
        (0, "Denmark", Stance.NEUTRAL),
        (1, "Denmark", next(s for s in Stance if s in opened.locator('.sl-cell[data-cell="1,0"]').inner_text())),
        (2, "Norway", Stance.CRITICAL),
    ]
    assert "irony, I think" in path.read_text(encoding="utf-8")
    assert len(gold.article.paragraphs) == 7

    opened.once("dialog", lambda dialog: dialog.accept())
    opened.locator('[data-do="clear"]').click()
    expect(first).to_have_text(ours, use_inner_text=True)
    opened.locator('[data-do="load"]').set_input_files(path)
    expect(opened.locator("#sl-status")).to_contain_text("Labels loaded: 3")
    expect(first).to_have_text("= neutral", use_inner_text=True)
    first.focus()
    opened.keyboard.press("Delete")
    expect(first).to_have_text(ours, use_inner_text=True)


def test_a_correction_is_scored(open_page: Callable[..., Page], saved: Path, tmp_path: Path) -> None:
    page = open_page()
    open_saved(page, saved)
    page.locator('.sl-cell[data-cell="2,0"]').focus()
    page.keyboard.press("c")
    page.locator('.sl-cell[data-cell="6,0"]').focus()
    page.keyboard.press("y")
    labels = download(page, '[data-do="download"]', tmp_path)
    assert main([str(labels), "--cache", str(tmp_path / "cache"), "--json", str(tmp_path / "scores.json")]) == 0
    scores = json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"))
    contradicted, confirmed = ((item["gold"], item["predicted"]) for item in scores["items"])
    assert contradicted[0] == "critical" != contradicted[1]
    assert confirmed == ("critical", "critical")
    assert scores["scores"]["accuracy"] == 0.5


def test_labels_of_a_renamed_party_are_not_lost(opened: Page, tmp_path: Path) -> None:
    opened.locator('.sl-cell[data-cell="0,0"]').focus()
    opened.keyboard.press("f")
    opened.get_by_text("Change the parties").click()
    names = opened.locator("#sl-parties textarea")
    expect(names).to_have_value(re.compile("Denmark"), timeout=WAIT)
    names.fill("Kingdom of Denmark: Denmark, Danish, Copenhagen\nNorway")
    opened.locator("#sl-again").click()
    expect(opened.locator("#sl-matrix thead th").nth(1)).to_have_text("Kingdom of Denmark", timeout=WAIT)
    expect(opened.locator("#sl-status")).to_have_text("Your labels: 1; 1 of parties that are not shown")
    opened.locator('.sl-cell[data-cell="0,0"]').focus()
    opened.keyboard.press("c")
    (gold,) = read_gold([download(opened, '[data-do="download"]', tmp_path)])
    assert {(label.party, label.stance) for label in gold.labels} == {
        ("Denmark", Stance.FAVORABLE),
        ("Kingdom of Denmark", Stance.CRITICAL),
    }


def test_labels_outlive_a_new_analysis_and_a_reload(page: Page, example: str) -> None:
    judged(page, example)
    page.locator('.sl-cell[data-cell="0,0"]').focus()
    page.keyboard.press("a")
    expect(page.locator("#sl-progress")).to_be_empty(timeout=WAIT)
    reload(page)
    judged(page, example)
    expect(page.locator('.sl-cell[data-cell="0,0"]')).to_have_text("· absent", use_inner_text=True)


def test_loading_what_is_not_ours(opened: Page, tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text("{]", encoding="utf-8")
    opened.locator('[data-do="load"]').set_input_files(tmp_path / "bad.jsonl")
    expect(opened.locator("#sl-status")).to_contain_text("Expected a file of labels")
    other = {"title": "Snow", "paragraphs": ["Norway praised Sweden for its ploughs."], "parties": [], "labels": []}
    (tmp_path / "other.jsonl").write_text(json.dumps(other), encoding="utf-8")
    opened.locator('[data-do="load"]').set_input_files(tmp_path / "other.jsonl")
    expect(opened.locator("#sl-status")).to_contain_text("of another article")
    expect(opened.locator("#sl-input textarea")).to_have_value("Snow\n\nNorway praised Sweden for its ploughs.")


def test_labels_of_another_article_load_once_its_text_is_analyzed_again(
    open_page: Callable[..., Page], saved: Path, address: str, tmp_path: Path
) -> None:
    # Without its first line the second one would be taken for the title.
    text = (
        "By Ann Berg\r\n\r\nCan Norway praise Sweden for its ploughs? It can!\r\n\r\n"
        "Sweden was glad of Norway and thanked it for its patience."
    )
    page = open_page()
    open_saved(page, save(address, tmp_path, text=text))
    page.locator('.sl-cell[data-cell="0,0"]').focus()
    page.keyboard.press("c")
    labels = download(page, '[data-do="download"]', tmp_path)
    page.evaluate("localStorage.clear()")
    open_saved(page, saved)
    expect(page.locator("#sl-matrix tbody tr")).to_have_count(7, timeout=WAIT)
    page.locator('[data-do="load"]').set_input_files(labels)
    expect(page.locator("#sl-status")).to_contain_text("of another article")
    expect(page.locator("#sl-input textarea")).to_have_value(text.replace("\r\n", "\n"))
    page.locator("#sl-judge").click()
    expect(page.locator("#sl-matrix tbody tr")).to_have_count(2, timeout=WAIT)
    expect(page.locator("#sl-take-csv")).to_be_visible(timeout=WAIT)
    page.locator('[data-do="load"]').set_input_files(labels)
    expect(page.locator("#sl-status")).to_contain_text("Labels loaded: 1")


def test_labels_load_where_only_white_space_differs(opened: Page, tmp_path: Path) -> None:
    opened.locator('.sl-cell[data-cell="0,0"]').focus()
    opened.keyboard.press("n")
    row = json.loads(download(opened, '[data-do="download"]', tmp_path).read_text(encoding="utf-8"))
    row["paragraphs"] = [text.replace(" ", "\r\n") for text in row["paragraphs"]]
    (tmp_path / "wrapped.jsonl").write_text(json.dumps(row), encoding="utf-8")
    opened.locator('[data-do="load"]').set_input_files(tmp_path / "wrapped.jsonl")
    expect(opened.locator("#sl-status")).to_contain_text("Labels loaded: 1")


def test_blind(opened: Page) -> None:
    opened.get_by_label("Hide Sidelight’s labels").check()
    assert set(opened.locator(".sl-cell:visible").all_inner_texts()) == {"your label?"}
    expect(opened.locator("#sl-lines")).to_be_hidden()
    expect(opened.locator("#sl-article .sl-text .favorable, #sl-article .sl-text .critical")).to_have_count(0)
    opened.locator('.sl-cell[data-cell="0,0"]').click()
    expect(opened.locator(".sl-card")).to_be_visible()
    expect(opened.locator(".sl-card")).not_to_contain_text("Sidelight:")
    opened.locator('.sl-card [data-set="favorable"]').click()
    expect(opened.locator('.sl-cell[data-cell="0,0"]')).to_have_text("+ favorable", use_inner_text=True)
    opened.get_by_label("Hide Sidelight’s labels").uncheck()
    expect(opened.locator('.sl-cell[data-cell="1,0"]')).to_contain_text("%")


def test_blind_shows_nothing_of_where_minor_parties_are(
    open_page: Callable[..., Page], saved: Path, tmp_path: Path
) -> None:
    values = json.loads(saved.read_text(encoding="utf-8"))
    for label in values["stances"]:
        label["stance"] = "critical" if label["party"] == values["parties"][1]["name"] else "neutral"
    values["parties"][1]["main"] = True
    for party in values["parties"][2:]:
        party["main"] = False
    path = tmp_path / "minor.json"
    path.write_text(json.dumps(values), encoding="utf-8")
    page = open_page()
    open_saved(page, path)
    expect(page.locator('input[name="sl-party"][value="1"]')).to_be_checked()
    page.get_by_role("button", name=re.compile("more part")).last.click()
    minor = page.locator(".sl-chip.sl-minor")
    expect(minor.first).to_be_visible()
    page.locator("#sl-matrix td.sl-minor .sl-cell").first.focus()
    page.get_by_role("button", name="Show the main parties only").last.click()
    expect(page.locator('#sl-matrix .sl-cell[tabindex="0"]')).to_be_visible()  # the table stays within the keys' reach
    page.get_by_role("button", name=re.compile("more part")).last.click()
    page.get_by_label("Hide Sidelight’s labels").check()
    expect(minor.filter(visible=True)).to_have_count(0)
    expect(page.locator("#sl-matrix td.sl-minor").first).to_be_visible()
    values["text"] = values["text"].replace("night boat", "night Boat")
    path.write_text(json.dumps(values), encoding="utf-8")
    page.locator("#sl-file input[type=file]").set_input_files(path)
    expect(page.locator("#sl-article")).to_contain_text("night Boat", timeout=WAIT)
    expect(page.locator('input[name="sl-party"][value="0"]')).to_be_checked()  # not whom Sidelight finds criticized


def test_blind_without_a_table(page: Page, example: str) -> None:
    judged(page, example)
    page.get_by_label("Hide Sidelight’s labels").check()
    expect(page.locator(".sl-glance")).to_be_hidden()
    judge(page, "It rained all night on the small roofs, and nobody knew when it would stop for good.")
    expect(page.locator("body")).to_contain_text("No party was found", timeout=WAIT)
    expect(page.locator(".sl-glance")).to_be_visible()


def test_a_note_before_the_label(opened: Page, tmp_path: Path) -> None:
    opened.locator('.sl-cell[data-cell="2,1"]').click()
    opened.locator(".sl-card [data-note]").fill("irony, I think")
    opened.locator('.sl-card [data-set="critical"]').click()
    expect(opened.locator(".sl-card [data-note]")).to_have_value("irony, I think")
    assert "irony, I think" in download(opened, '[data-do="download"]', tmp_path).read_text(encoding="utf-8")


def test_a_note_without_a_label_of_ones_own_is_of_sidelights(opened: Page, tmp_path: Path) -> None:
    card, note = opened.locator(".sl-card"), opened.locator(".sl-card [data-note]")
    ways = {3: "[data-shut]", 5: "Escape", 7: '[data-set="favorable"]'}
    stances = []
    for number, (paragraph, leave) in enumerate(ways.items(), start=1):
        cell = opened.locator(f'.sl-cell[data-cell="{paragraph - 1},1"]')
        stances.append("favorable" if "favorable" in cell.inner_text() else "critical")
        cell.click()
        note.press_sequentially(f"irony {number}")
        if leave == "Escape":
            opened.keyboard.press(leave)
        else:
            card.locator(leave).click()
        expect(opened.locator("#sl-status")).to_have_text(f"Your labels: {number}")
        sign = "+" if stances[-1] == "favorable" else "−"
        expect(cell).to_have_text(f"{sign} {stances[-1]}", use_inner_text=True)
        if leave != '[data-set="favorable"]':  # to press what Sidelight says is to agree, not to take back
            expect(card).to_have_count(0)
            cell.click()
        expect(note).to_have_value(f"irony {number}")
    rows = csv.DictReader(download(opened, "#sl-take-csv", tmp_path).read_text("utf-8-sig").splitlines())
    noted = [(row["paragraph"], row["stance"], row["by"], row["note"]) for row in rows if row["note"]]
    assert noted == [(str(n * 2 + 1), stances[n - 1], "model", f"irony {n}") for n in (1, 2, 3)]
    opened.get_by_label("Hide Sidelight’s labels").check()
    opened.locator('.sl-cell[data-cell="0,0"]').click()
    expect(note).to_be_disabled()  # to agree would tell Sidelight's label
    card.locator('[data-set="neutral"]').click()
    expect(note).to_be_enabled()


def test_new_labels_leave_a_note_that_has_no_label_yet(opened: Page) -> None:
    cell = opened.locator('.sl-cell[data-cell="2,1"]')
    note = opened.locator(".sl-card [data-note]")
    cell.click()
    note.press_sequentially("irony")
    opened.evaluate(NEW_LABELS, {"2,1": {"stance": "critical"}})
    expect(note).to_have_value("irony")
    expect(note).to_be_focused()
    expect(opened.locator("#sl-status")).to_be_empty()  # nobody agreed to this one yet
    opened.keyboard.press("Escape")
    expect(cell).to_have_text("− critical", use_inner_text=True)
    cell.click()
    expect(note).to_have_value("irony")


def test_two_tabs_of_an_article_show_the_same_labels(opened: Page, saved: Path, address: str) -> None:
    cell = opened.locator('.sl-cell[data-cell="0,0"]')
    cell.click()
    with opened.context.expect_page() as opening:
        opened.evaluate("(address) => { window.open(address); }", address)
    other = opening.value
    expect(other.locator("#sl-refused")).to_be_attached(timeout=WAIT)
    expect(other.locator("#sl-progress")).to_be_attached(timeout=WAIT)
    open_saved(other, saved)
    other.locator('.sl-cell[data-cell="0,0"]').focus()
    other.keyboard.press("f")
    expect(cell).to_have_text("+ favorable", use_inner_text=True)
    expect(opened.locator('.sl-card [data-set="favorable"]')).to_have_attribute("aria-pressed", "true")
    expect(opened.locator("#sl-lines li").first).to_contain_text("Without your labels", timeout=WAIT)
    other.close()


def test_labels_that_were_cleared_elsewhere_do_not_count_here(
    opened: Page, saved: Path, address: str, tmp_path: Path
) -> None:
    line = opened.locator("#sl-lines li").first
    opened.locator('.sl-cell[data-cell="0,0"]').focus()
    opened.keyboard.press("f")
    expect(line).to_contain_text("Without your labels", timeout=WAIT)
    text = "Norway thanked Sweden for its patience.\n\nSweden was glad of Norway."
    opened.locator("#sl-file input[type=file]").set_input_files(save(address, tmp_path, text=text))
    expect(opened.locator("#sl-matrix tbody tr")).to_have_count(2, timeout=WAIT)
    opened.locator('.sl-cell[data-cell="0,0"]').focus()
    opened.keyboard.press("c")
    expect(line).to_contain_text("Without your labels", timeout=WAIT)
    opened.evaluate("localStorage.clear()")  # as another tab does
    open_saved(opened, saved)
    expect(opened.locator("#sl-matrix tbody tr")).to_have_count(7, timeout=WAIT)
    expect(line).not_to_contain_text("Without your labels", timeout=WAIT)


def test_labels_that_another_reader_saved_are_not_called_sidelights(
    open_page: Callable[..., Page], saved: Path, tmp_path: Path
) -> None:
    values = json.loads(saved.read_text(encoding="utf-8"))
    label = next(row for row in values["stances"] if row["paragraph"] == 2 and row["party"] == "Norway")
    label |= {"stance": "critical", "probabilities": None}
    path = tmp_path / "corrected.json"
    path.write_text(json.dumps(values), encoding="utf-8")
    page = open_page()
    open_saved(page, path)
    chip = page.locator('.sl-chip[data-cell="2,1"]')
    expect(chip).to_contain_text("✎ −")
    expect(chip).to_have_attribute("title", re.compile("the reader’s label"))
    chip.click()
    expect(page.locator(".sl-card")).to_contain_text(re.compile("Norway. critical, .*the reader’s label"))
    expect(page.locator(".sl-card")).not_to_contain_text("Sidelight:")
    page.locator('.sl-card [data-set="favorable"]').click()
    expect(page.locator("#sl-changes")).to_contain_text(re.compile("critical, .*the reader’s label → favorable"))


def test_a_file_has_the_note_that_was_typed_just_before(opened: Page, tmp_path: Path) -> None:
    opened.locator('.sl-cell[data-cell="2,1"]').click()
    opened.locator('.sl-card [data-set="critical"]').click()
    opened.locator(".sl-card [data-note]").press_sequentially("irony, I think")
    rows = csv.DictReader(download(opened, "#sl-take-csv", tmp_path).read_text("utf-8-sig").splitlines())
    assert [(row["paragraph"], row["note"]) for row in rows if row["note"]] == [("3", "irony, I think")]


def test_another_analysis_begins_with_its_first_party(opened: Page, address: str, tmp_path: Path) -> None:
    opened.locator('input[name="sl-party"][value="1"]').check(force=True)
    other = save(address, tmp_path, text="Norway thanked Sweden for its patience.\n\nSweden was glad of Norway.")
    opened.locator("#sl-file input[type=file]").set_input_files(other)
    expect(opened.locator("#sl-matrix tbody tr")).to_have_count(2, timeout=WAIT)
    expect(opened.locator('input[name="sl-party"][value="0"]')).to_be_checked()


def test_whom_the_page_names_as_most_criticized_is_colored_first(
    open_page: Callable[..., Page], saved: Path, tmp_path: Path
) -> None:
    values = json.loads(saved.read_text(encoding="utf-8"))
    for label in values["stances"]:
        if label["party"] == values["parties"][0]["name"]:
            label["stance"] = "neutral"
        elif label["paragraph"] == 2:
            label["stance"] = "critical"
    path = tmp_path / "second.json"
    path.write_text(json.dumps(values), encoding="utf-8")
    page = open_page()
    open_saved(page, path)
    expect(page.locator("#sl-lines")).to_contain_text(
        f"Most often criticized among the main parties: {values['parties'][1]['name']}"
    )
    expect(page.locator('input[name="sl-party"][value="1"]')).to_be_checked()
    expect(page.locator("#sl-matrix thead th").nth(1)).to_have_text(values["parties"][0]["name"])


def test_counts_charts_and_files_follow_a_label_and_undo(opened: Page, tmp_path: Path) -> None:
    line = opened.locator("#sl-lines li").first
    before = line.inner_text()
    course = line.locator("svg").get_attribute("aria-label")
    opened.locator('.sl-cell[data-cell="0,0"]').focus()
    opened.keyboard.press("f")
    expect(line).to_contain_text(re.compile("Without your labels: (treated|referred)"), timeout=WAIT)
    assert line.locator("svg").get_attribute("aria-label") != course
    change = opened.locator("#sl-changes li")
    expect(change).to_have_count(1)
    expect(change).to_contain_text("¶1, Denmark")
    rows = list(csv.DictReader(download(opened, "#sl-take-csv", tmp_path).read_text("utf-8-sig").splitlines()))
    assert [(row["stance"], row["by"]) for row in rows[:2]] == [("favorable", "reader"), (rows[1]["stance"], "model")]
    change.get_by_role("button").click()
    expect(change).to_have_count(0)
    expect(line).to_have_text(before, use_inner_text=True, timeout=WAIT)


def test_a_minor_party_is_shown_and_corrected(open_page: Callable[..., Page], saved: Path, tmp_path: Path) -> None:
    values = json.loads(saved.read_text(encoding="utf-8"))
    for party in values["parties"][1:]:
        party["main"] = False
    count, name = len(values["parties"]) - 1, values["parties"][1]["name"]
    path = tmp_path / "minor.json"
    path.write_text(json.dumps(values), encoding="utf-8")
    page = open_page()
    open_saved(page, path)
    places = [page.locator(f"{where} >> text={name}").first for where in ("#sl-lines", "#sl-matrix thead")]
    places += [page.locator("#sl-party label", has_text=name), page.locator(".sl-chip.favorable", has_text=name).first]
    assert not any(place.is_visible() for place in places)
    page.locator('.sl-cell[data-cell="0,0"]').focus()
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.dataset.cell") == "0,0"
    shows = page.get_by_role("button", name=f"Show {count} more parties")
    expect(shows).to_have_count(2)  # below the sentences and above the table
    shows.first.click()
    for place in places:
        expect(place).to_be_visible()
    page.locator('.sl-cell[data-cell="2,1"]').click()
    page.locator('.sl-card [data-set="critical"]').click()
    expect(page.locator("#sl-status")).to_have_text("Your labels: 1")
    expect(page.locator("#sl-lines li", has_text=name)).to_contain_text("Without your labels", timeout=WAIT)
    assert findings(page) == []
    page.get_by_role("button", name="Show the main parties only").last.click()
    expect(places[1]).to_be_hidden()


@pytest.mark.usefixtures("width")
def test_a_label_does_not_move_its_panel(opened: Page) -> None:
    opened.locator('.sl-chip[data-cell="2,1"]').click()
    note = opened.locator(".sl-card [data-note]")
    place = note.bounding_box()
    assert place

    def stays() -> None:
        now = note.bounding_box()
        assert now
        assert abs(now["y"] - place["y"]) < 2  # the browser anchors its view where the sentences above grow

    lines = opened.locator("#sl-lines")
    for stance in ("neutral", "favorable", "absent", "critical"):
        before = lines.inner_text()
        opened.locator(f'.sl-card [data-set="{stance}"]').click()
        stays()
        expect(lines).not_to_have_text(before, use_inner_text=True, timeout=WAIT)
        stays()


def test_a_voice_is_corrected_and_undone(opened: Page, tmp_path: Path) -> None:
    line = opened.locator("#sl-lines li", has_text="Norway")
    before = line.inner_text()
    opened.locator('.sl-cell[data-cell="2,1"]').click()
    card = opened.locator(".sl-card")
    card.locator("[data-note]").fill("hearsay")
    ours = "quoted" if "quoted" in card.locator("p").first.inner_text() else "author"
    other = {"quoted": "author", "author": "quoted"}[ours]
    expect(card.locator('.sl-choices [aria-pressed="true"]')).to_have_attribute("data-set", ours)
    card.locator(f'[data-set="{other}"]').click()
    expect(card.locator(f'[data-set="{other}"]')).to_be_focused()
    expect(card.locator("[data-note]")).to_have_value("hearsay")
    change = opened.locator("#sl-changes li")
    expect(change).to_contain_text(re.compile("favorable, .+ → favorable, .+Undo"))
    expect(line).to_contain_text("Without your labels", timeout=WAIT)
    rows = list(csv.DictReader(download(opened, "#sl-take-csv", tmp_path).read_text("utf-8-sig").splitlines()))
    (row,) = (row for row in rows if row["paragraph"] == "3" and row["party"] == "Norway")
    assert (row["stance"], row["voice"], row["by"], row["note"]) == ("favorable", other, "reader", "hearsay")
    path = download(opened, '[data-do="download"]', tmp_path)
    (gold,) = read_gold([path])
    assert [(label.stance, label.voice) for label in gold.labels] == [(Stance.FAVORABLE, other)]
    card.locator('[data-set="critical"]').click()  # the voice is told though it is Sidelight's again
    card.locator(f'[data-set="{ours}"]').click()
    expect(change).to_contain_text(re.compile("favorable, .+ → critical, .+Undo"))
    change.get_by_role("button").click()
    expect(line).to_have_text(before, use_inner_text=True, timeout=WAIT)
    opened.locator('[data-do="load"]').set_input_files(path)
    expect(change).to_have_count(1)

    card.locator('[data-set="neutral"]').click()  # what takes no side has no voice
    expect(card.locator('[data-set="author"]')).to_be_disabled()
    expect(card.locator('.sl-choices [aria-pressed="true"]')).to_have_text("= neutral")
    (gold,) = read_gold([download(opened, '[data-do="download"]', tmp_path)])
    assert [(label.stance, label.voice) for label in gold.labels] == [(Stance.NEUTRAL, None)]


def test_who_speaks_is_typed_counts_and_is_undone(opened: Page, tmp_path: Path) -> None:
    line = opened.locator("#sl-lines li").first
    before = line.inner_text()
    opened.locator('.sl-cell[data-cell="0,0"]').click()
    card = opened.locator(".sl-card")
    holder = card.locator("[data-holder]")
    card.locator('[data-set="critical"]').click()
    card.locator('[data-set="author"]').click()
    expect(holder).to_be_disabled()
    card.locator('[data-set="quoted"]').click()
    assert "Norway" in card.locator("datalist option").evaluate_all("(some) => some.map(({ value }) => value)")
    holder.fill("<b>Ann</b>  Berg")
    card.locator("[data-shut]").click()  # which takes along what is typed
    expect(card).to_have_count(0)
    expect(line).to_contain_text("<b>Ann</b> Berg", timeout=WAIT)
    change = opened.locator("#sl-changes li")
    expect(change).to_contain_text("→ critical, quoted: <b>Ann</b> Berg")
    rows = list(csv.DictReader(download(opened, "#sl-take-csv", tmp_path).read_text("utf-8-sig").splitlines()))
    assert (rows[0]["voice"], rows[0]["holder"], rows[0]["by"]) == ("quoted", "<b>Ann</b> Berg", "reader")
    saved = from_json(download(opened, "#sl-take-json", tmp_path).read_text(encoding="utf-8"))
    assert saved.labels[0].holder == "<b>Ann</b> Berg"
    labels = download(opened, '[data-do="download"]', tmp_path)
    (gold,) = read_gold([labels])
    assert [label.holder for label in gold.labels] == ["<b>Ann</b>  Berg"]

    change.get_by_role("button").click()
    expect(line).to_have_text(before, use_inner_text=True, timeout=WAIT)
    opened.locator('[data-do="load"]').set_input_files(labels)
    expect(line).to_contain_text("<b>Ann</b> Berg", timeout=WAIT)
    opened.locator('.sl-cell[data-cell="0,0"]').click()
    expect(holder).to_have_value("<b>Ann</b>  Berg")
    card.locator('[data-set="neutral"]').click()  # what takes no side has no holder
    expect(holder).to_be_disabled()
    expect(holder).to_have_value("")


NEW_LABELS = """(changes) => {  // as when the second judge's labels come: Gradio takes the card away with the table
  const holder = document.querySelector("#sl-data");
  const data = JSON.parse(holder.dataset.json);
  for (const label of Object.values(data.labels)) label.share = "51%" + " ".repeat(data.times || 0);
  for (const [cell, change] of Object.entries(changes || {})) Object.assign(data.labels[cell], change);
  data.times = (data.times || 0) + 1;
  document.querySelector(".sl-card")?.remove();
  document.querySelector("#sl-matrix").removeAttribute("data-ready");
  document.querySelector("#sl-disagree").open = true;
  holder.dataset.json = JSON.stringify(data);
}"""


def test_new_labels_leave_what_is_typed_and_the_focus(opened: Page) -> None:
    card = opened.locator("#sl-p2 .sl-card")
    opened.locator('[data-cell="1,0"].sl-cell').click()
    card.locator('[data-set="neutral"]').click()
    card.locator("[data-note]").press_sequentially("half a")
    opened.evaluate(NEW_LABELS)
    expect(card).to_contain_text("51%")
    expect(card.locator("[data-note]")).to_have_value("half a")
    expect(card.locator("[data-note]")).to_be_focused()
    card.locator("[data-note]").press_sequentially(" thought")
    opened.locator("#sl-disagree > summary").click()
    expect(opened.locator("#sl-disagree ul")).to_be_hidden()
    opened.get_by_text("Change the parties").click()
    box = opened.locator("#sl-parties textarea")
    box.focus()
    opened.evaluate(NEW_LABELS)
    expect(card.locator("[data-note]")).to_have_value("half a thought")
    expect(box).to_be_focused()
    expect(opened.locator("#sl-disagree ul")).to_be_hidden()
    assert "half a thought" in opened.evaluate("Object.values(localStorage).join()")


def test_agreement_keeps_its_voice_where_our_label_changes(opened: Page) -> None:
    labels = opened.evaluate("""() => JSON.parse(document.querySelector("#sl-data").dataset.json).labels""")
    cell, ours = next((cell, label) for cell, label in labels.items() if label["stance"] in ("favorable", "critical"))
    opened.locator(f'.sl-cell[data-cell="{cell}"]').focus()
    opened.keyboard.press("y")
    mine = opened.evaluate("""() => Object.values(JSON.parse(Object.entries(localStorage)
        .find(([key]) => /^sidelight:[0-9a-f]{16}$/.test(key))[1]))[0]""")
    assert (mine["stance"], mine["voice"]) == (ours["stance"], ours["by"])
    assert ours["by"] in ("author", "quoted")


def test_a_speaker_that_is_typed_is_of_the_label_that_was_there(opened: Page) -> None:
    labels = opened.evaluate("""() => JSON.parse(document.querySelector("#sl-data").dataset.json).labels""")
    cell = next(cell for cell, label in labels.items() if label["stance"] == "critical")
    opened.locator(f'.sl-cell[data-cell="{cell}"]').click()
    holder = opened.locator(".sl-card [data-holder]")
    opened.locator('.sl-card [data-set="quoted"]').click()
    holder.press_sequentially("Ann Berg")
    opened.evaluate(NEW_LABELS)
    expect(holder).to_have_value("Ann Berg")
    opened.locator("#sl-changes").get_by_role("button").click()
    expect(opened.locator("#sl-status")).to_be_empty()
    opened.evaluate(NEW_LABELS)
    expect(opened.locator("#sl-status")).to_be_empty()  # what was taken back stays so
    opened.evaluate(NEW_LABELS, {cell: {"by": "quoted"}})
    holder.press_sequentially("Ann")
    opened.evaluate(NEW_LABELS, {cell: {"stance": "favorable"}})
    expect(holder).to_have_value("Ann")
    kept = opened.evaluate("Object.values(localStorage).join()")
    assert '"stance":"favorable"' not in kept, "nobody called it so"


def test_labels_in_quick_succession_are_all_heard(opened: Page) -> None:
    opened.evaluate("""() => {
      const fetched = window.fetch;
      window.fetch = async (...args) => {
        if (String(args[0]).includes("queue/join")) await new Promise((go) => setTimeout(go, 2000));
        return fetched(...args);
      };
    }""")
    cells = [f'.sl-cell[data-cell="{paragraph},0"]' for paragraph in range(7)]
    for cell in cells:
        opened.locator(cell).focus()
        opened.keyboard.press("f")
        opened.wait_for_timeout(500)
    expect(opened.locator("#sl-lines li").first).to_contain_text("favorably in 7 of 7", timeout=WAIT)


def test_new_labels_leave_a_box_that_was_opened(opened: Page, tmp_path: Path) -> None:
    before = opened.evaluate("localStorage.getItem('sidelight:history')")
    opened.locator("[data-do=edit]").click()
    text = "Norway and Sweden thanked Denmark for its great patience."
    (tmp_path / "b.txt").write_text(text, encoding="utf-8")
    opened.locator("#sl-file input[type=file]").set_input_files(tmp_path / "b.txt")
    expect(opened.locator("#sl-input textarea")).to_have_value(text, timeout=WAIT)
    opened.evaluate(NEW_LABELS)
    expect(opened.locator("#sl-matrix[data-ready]")).to_be_attached()
    expect(opened.locator("#sl-input textarea")).to_be_visible()
    assert opened.evaluate("localStorage.getItem('sidelight:history')") == before
