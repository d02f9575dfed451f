"""Gold files: what a good one gives, what every malformed one is told, and the repository's own."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from eval.agreement import agreement
from eval.gold import read_gold, read_lines
from model.article.splitter import split_article
from model.domain import Mention, Stance, Voice
from model.errors import LabelError

GOLD = Path(__file__).parents[1] / "eval" / "gold"
READINGS = GOLD / "readings.jsonl"
GOLD_FILES = [GOLD / "articles.jsonl", GOLD / "seed.jsonl"]

GOOD: dict[str, Any] = {
    "id": "ferry",
    "title": "Ferries",
    "paragraphs": ["Norway bought a ferry.", "Sweden wisely waited."],
    "parties": [{"name": "Norway"}, {"name": "Sweden", "aliases": ["Stockholm"]}],
    "labels": [
        {"paragraph": 0, "party": "Norway", "stance": "neutral", "voice": "none"},
        {"paragraph": 1, "party": "Sweden", "stance": "favorable", "voice": "quoted", "holder": "A captain"},
    ],
}
SWEDEN = {"name": "Sweden"}
TEXT = (
    "Ferries on the fjord\n\nNorway bought a new electric ferry for the long route last year.\n\n"
    "Sweden wisely waited until the price of the batteries had fallen by half.\n"
)
HASHES = [hashlib.sha256(paragraph.text.encode()).hexdigest() for paragraph in split_article(TEXT).paragraphs]


def write(folder: Path, *rows: dict[str, Any] | str) -> Path:
    file = folder / "gold.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def label(stance: str = "neutral", **changes: Any) -> dict[str, Any]:
    return {"paragraph": 0, "party": "Norway", "stance": stance} | changes


def test_good_file_is_read(tmp_path: Path) -> None:
    (gold,) = read_gold([write(tmp_path, GOOD)])
    assert gold.id == "ferry"
    assert gold.article.read(gold.article.title) == "Ferries"
    assert [paragraph.text for paragraph in gold.article.paragraphs] == GOOD["paragraphs"]
    norway, sweden = gold.requests
    assert (norway.name, norway.aliases, sweden.name, sweden.aliases) == ("Norway", (), "Sweden", ("Stockholm",))
    first, second = gold.labels
    assert (first.paragraph, first.party, first.stance, first.holder) == (0, "Norway", Stance.NEUTRAL, None)
    assert (second.stance, second.voice, second.holder) == (Stance.FAVORABLE, Voice.QUOTED, "A captain")
    assert second.probabilities is None
    assert gold.mentions == {"Norway": (), "Sweden": ()}
    assert gold.disputed == 0


def test_mentions_are_read(tmp_path: Path) -> None:
    places = [{"paragraph": 0, "start": 0, "end": 6}, {"paragraph": 1, "start": 14, "end": 21}]
    parties = [{"name": "Norway", "mentions": places}, SWEDEN]
    (gold,) = read_gold([write(tmp_path, GOOD | {"parties": parties})])
    assert gold.mentions == {"Norway": (Mention(0, 0, 6), Mention(1, 14, 21)), "Sweden": ()}


def test_blank_lines_and_odd_line_separators(tmp_path: Path) -> None:
    odd = "Norway\u2028bought\x85a ferry."
    other = GOOD | {"id": "b", "paragraphs": [odd, "Sweden slept."]}
    first, second = read_gold([write(tmp_path, "", GOOD, "  ", other)])
    assert (first.id, second.id) == ("ferry", "b")
    assert second.article.paragraphs[0].text == odd


def test_several_files_are_read_in_order(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    files = [write(tmp_path, GOOD), write(tmp_path / "other", GOOD | {"id": "a"})]
    assert [gold.id for gold in read_gold(files)] == ["ferry", "a"]


@pytest.mark.parametrize(
    ("given", "expected", "disputed"),
    [
        ([("a", "critical"), ("b", "neutral"), ("adjudicated", "absent")], Stance.ABSENT, 0),
        ([("Gold", "neutral"), ("b", "critical"), ("c", "critical")], Stance.NEUTRAL, 0),
        ([("a", "critical"), ("b", "neutral"), ("c", "neutral")], Stance.NEUTRAL, 0),
        ([("a", "critical"), ("b", "critical")], Stance.CRITICAL, 0),
        ([("a", "critical"), ("b", "neutral")], None, 1),
        ([("a", "critical"), ("b", "neutral"), ("c", "absent")], None, 1),
        ([("a", "critical"), ("b", "neutral"), ("c", "neutral"), ("d", "critical")], None, 1),
    ],
)
def test_several_annotators(
    tmp_path: Path, given: list[tuple[str, str]], expected: Stance | None, disputed: int
) -> None:
    labels = [label(stance, annotator=annotator) for annotator, stance in given]
    (gold,) = read_gold([write(tmp_path, GOOD | {"labels": [*labels, label(party="Sweden")]})])
    assert {found.party: found.stance for found in gold.labels}.get("Norway") is expected
    assert len(gold.labels) == 2 - disputed
    assert gold.disputed == disputed


def stand_off(folder: Path) -> Path:
    row = GOOD | {"paragraph_sha256": HASHES}
    del row["paragraphs"]
    return write(folder, row)


def test_stand_off_text_at_hand(tmp_path: Path) -> None:
    (tmp_path / "ferry.txt").write_text(TEXT, encoding="utf-8")
    (gold,) = read_gold([stand_off(tmp_path)], texts=tmp_path)
    assert gold.article == split_article(TEXT)
    assert [found.stance for found in gold.labels] == [Stance.NEUTRAL, Stance.FAVORABLE]


def test_stand_off_text_not_at_hand(tmp_path: Path) -> None:
    assert read_gold([stand_off(tmp_path)]) == []
    assert read_gold([stand_off(tmp_path)], texts=tmp_path) == []


def test_stand_off_text_changed(tmp_path: Path) -> None:
    (tmp_path / "ferry.txt").write_text(TEXT.replace("half", "a third"), encoding="utf-8")
    with pytest.raises(LabelError, match=r"gold\.jsonl:1: expected the 2 paragraphs .* in .*ferry\.txt"):
        read_gold([stand_off(tmp_path)], texts=tmp_path)


def test_stand_off_text_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "ferry.txt").write_bytes(b"Norway\xff" + TEXT.encode())
    with pytest.raises(LabelError, match=r"gold\.jsonl:1: .*ferry\.txt"):
        read_gold([stand_off(tmp_path)], texts=tmp_path)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"id": "x",', r"expected JSON \(.+\), found"),
        ("[1, 2]", r"expected a JSON object, found \[1, 2\]"),
        ('"text"', "expected a JSON object, found 'text'"),
        ({"id": None}, "expected 'id' to be str, found None"),
        ({"id": 7}, "expected 'id' to be str, found 7"),
        ({"parties": None}, "expected 'parties' to be list, found None"),
        ({"parties": ["Norway"]}, "expected 'name' to be str, found 'Norway'"),
        ({"parties": [{"kind": "state"}]}, "expected 'name' to be str, found None"),
        ({"parties": [{"name": "Norway"}, {"name": "Norway"}]}, r"expected each party once, found \['Norway'\]"),
        ({"parties": [{"name": "Norway", "aliases": "Oslo"}, SWEDEN]}, "expected a list of strings, found 'Oslo'"),
        ({"parties": [{"name": "Norway", "mentions": 1}, SWEDEN]}, "expected .*, found 1"),
        ({"paragraphs": None}, "expected 'paragraphs' to be list, found None"),
        ({"paragraphs": []}, r"expected paragraphs that are not empty, found \[\]"),
        ({"paragraphs": ["Norway bought.", " \n"]}, "expected paragraphs that are not empty"),
        ({"paragraphs": ["Norway bought.", 2]}, "expected a list of strings"),
        ({"paragraph_sha256": "abc"}, "expected 'paragraph_sha256' to be list, found 'abc'"),
        ({"labels": None}, "expected 'labels' to be list, found None"),
        ({"labels": ["neutral"]}, "expected 'paragraph' to be int, found 'neutral'"),
        ({"labels": [{"party": "Norway", "stance": "neutral"}]}, "expected 'paragraph' to be int, found None"),
        ({"labels": [{"paragraph": 0, "stance": "neutral"}]}, "expected 'party' to be str, found None"),
        ({"labels": [{"paragraph": 0, "party": "Norway"}]}, "expected one of favorable, .*, found None"),
        ({"labels": [label("positive")]}, "expected one of favorable, critical, neutral, absent, found 'positive'"),
        ({"labels": [label("Neutral")]}, "expected one of favorable, critical, neutral, absent, found 'Neutral'"),
        ({"labels": [label(voice="reporter")]}, "expected one of author, quoted, none, found 'reporter'"),
        ({"labels": [label(party="Denmark")]}, r"expected one of the parties \['Norway', 'Sweden'\], found 'Denmark'"),
        ({"labels": [label(paragraph=2)]}, "expected a paragraph from 0 to 1, found 2"),
        ({"labels": [label(paragraph=-1)]}, "expected a paragraph from 0 to 1, found -1"),
        ({"labels": [label(paragraph=True)]}, "expected 'paragraph' to be int, found True"),
        ({"labels": [label(paragraph="0")]}, "expected 'paragraph' to be int, found '0'"),
        ({"labels": [label(), label("critical")]}, r"expected one label per item .*, found \(0, 'Norway', ''\)"),
        ({"labels": 2 * [label(annotator="a")]}, r"expected one label per item .*, found \(0, 'Norway', 'a'\)"),
    ],
)
def test_malformed_line(tmp_path: Path, row: dict[str, Any] | str, message: str) -> None:
    second = GOOD | {"id": "second"} | row if isinstance(row, dict) else row
    with pytest.raises(LabelError, match=rf"gold\.jsonl:2: {message}"):
        read_gold([write(tmp_path, GOOD, second)])


@pytest.mark.parametrize(
    ("mention", "message"),
    [
        ({"paragraph": 2, "start": 0, "end": 6}, "expected a mention in paragraph 0 to 1, found 2"),
        ({"paragraph": 0, "start": 0, "end": 23}, r"expected a mention within 0–22, found \(0, 23\)"),
        ({"paragraph": 0, "start": -1, "end": 6}, r"expected a mention within 0–22, found \(-1, 6\)"),
        ({"paragraph": 0, "start": 6, "end": 6}, r"expected a mention within 0–22, found \(6, 6\)"),
        ({"paragraph": 0, "start": 0}, "expected 'end' to be int, found None"),
        ([0, 0, 6], "expected 'paragraph' to be int"),
    ],
)
def test_malformed_mention(tmp_path: Path, mention: object, message: str) -> None:
    parties = [{"name": "Norway", "mentions": [mention]}, SWEDEN]
    with pytest.raises(LabelError, match=rf"gold\.jsonl:2: {message}"):
        read_gold([write(tmp_path, GOOD, GOOD | {"id": "second", "parties": parties})])


@pytest.mark.parametrize("number", [1, 3])
def test_bad_utf8_is_named_with_its_line(tmp_path: Path, number: int) -> None:
    lines = [json.dumps(GOOD | {"id": f"a{n}"}).encode() for n in range(4)]
    lines[number - 1] = lines[number - 1].replace(b"bought", b"b\xffught")
    file = tmp_path / "gold.jsonl"
    file.write_bytes(b"\n".join(lines))
    with pytest.raises(LabelError, match=rf"gold\.jsonl:{number}: expected UTF-8 text, found b'\\xff'"):
        read_gold([file])


def test_article_twice(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match=r"expected each article id once, found 'ferry' more than once .*gold\.jsonl"):
        read_gold([write(tmp_path, GOOD, GOOD | {"id": "b"}, GOOD)])


def test_article_in_two_files(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with pytest.raises(LabelError, match="expected each article id once, found 'ferry'"):
        read_gold([write(tmp_path, GOOD), write(tmp_path / "other", GOOD)])


def test_missing_file_and_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="expected a JSONL file, found nothing at "):
        read_gold([tmp_path / "none.jsonl"])
    with pytest.raises(LabelError, match="expected JSONL files in the folder "):
        read_gold([tmp_path])


@pytest.mark.slow
def test_a_folder_of_gold(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    assert [article.id for article in read_gold([tmp_path])] == ["ferry"]


def test_empty_file(tmp_path: Path) -> None:
    assert read_gold([write(tmp_path, "")]) == []
    (tmp_path / "gold.jsonl").write_bytes(b"")
    assert read_gold([tmp_path / "gold.jsonl"]) == []


def test_repository_gold_labels_every_item_once() -> None:
    articles = read_gold(GOLD_FILES)
    assert len(articles) >= 8
    for gold in articles:
        items = [(p.index, request.name) for p in gold.article.paragraphs for request in gold.requests]
        assert sorted((found.paragraph, found.party) for found in gold.labels) == sorted(items), gold.id
        assert gold.disputed == 0, gold.id


def test_repository_gold_voices_fit_the_codebook() -> None:
    labels = [(gold.id, found) for gold in read_gold(GOLD_FILES) for found in gold.labels]
    odd = [
        (identifier, found.paragraph, found.party)
        for identifier, found in labels
        if (found.voice is Voice.NONE) is not (found.stance in (Stance.NEUTRAL, Stance.ABSENT))
    ]
    assert labels
    assert odd == []


def test_repository_readings_and_gold_agree() -> None:
    gold = {
        (row["id"], found["paragraph"], found["party"]): found["stance"]
        for file in GOLD_FILES
        for _, row in read_lines(file)
        for found in row["labels"]
    }
    read: dict[tuple[str, int, str], list[str]] = {}
    for _, row in read_lines(READINGS):
        read.setdefault((row["id"], row["paragraph"], row["party"]), []).append(row["stance"])
    report = agreement([READINGS])
    assert report["voice"]["items"] <= report["present"]["items"]  # no voice on either side is no agreement
    assert read.keys() == gold.keys()
    assert report["items"] == len(gold)
    assert report["kappa"] > 0.98
    differ = {(d["id"], d["paragraph"], d["party"]) for d in report["differ"]}
    assert differ == {item for item, stances in read.items() if len(set(stances)) > 1}
    assert [item for item in gold if item not in differ and read[item] != 2 * [gold[item]]] == []
