"""Records, comparison, gate, cache, report and loaders, with judges whose labels are known."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from eval import gate
from eval.__main__ import FIRST_MODEL, GOLD, main
from eval.cache import ask
from eval.compare import compare, lines_of
from eval.gold import GoldArticle, read_gold
from eval.judges import AnalyzerJudge, Judge, PromptJudge, Reply, baselines
from eval.loaders import newsmtsc, persent, table
from eval.prompt_classifier import PromptClassifier
from eval.record import Item, items_of, read_record, record_of, scores_of, write_record
from eval.report import worst, write_report
from eval.summaries import summary_scores
from model.article.splitter import join_article
from model.domain import Span, Stance, StanceLabel, SummarySentence, Voice
from model.errors import LabelError, PromptError
from model.language_model.interface import Choice
from model.language_model.prompts import Prompt
from model.language_model.weights import LM_STANCE
from model.networks.file_record import hash_of
from model.networks.versions import versions_of
from model.parties.requests import PartyRequest
from model.stance.classifier import SHIPPED

pytestmark = pytest.mark.slow

SWAP = {Stance.FAVORABLE: Stance.CRITICAL, Stance.CRITICAL: Stance.FAVORABLE}


class Known:
    """A judge that says what the gold says, changed by a rule; a label that the rule drops is unread."""

    name = "known"
    summary: tuple[SummarySentence, ...] = ()
    """To score one takes ten times as long as the labels."""

    def __init__(self, rule: Any = lambda label: label) -> None:
        self.rule = rule
        self.versions: dict[str, str] = {}
        self.asked = 0

    def judge(self, article: GoldArticle) -> Reply:
        self.asked += 1
        labels = [
            replace(label, probabilities={s: 0.7 if s is label.stance else 0.1 for s in Stance})
            for label in map(self.rule, article.labels)
            if label is not None
        ]
        return Reply({(label.paragraph, label.party): label for label in labels}, summary=self.summary)


@pytest.fixture(scope="module")
def gold() -> list[GoldArticle]:
    return read_gold(GOLD[:1])


def run(judge: Judge, gold: list[GoldArticle], pace: float | None = 1.0) -> tuple[dict[str, Any], list[Item]]:
    replies = [judge.judge(article) for article in gold]
    record = record_of(judge, gold, replies, GOLD[:1], seed=1)
    record |= {"pace": pace, "selected": False, "asked": len(gold), "seconds": 1.0, "ceiling": None, "baselines": {}}
    return record, [i for article, reply in zip(gold, replies, strict=True) for i in items_of(article, reply.labels)]


@pytest.fixture(scope="module")
def baseline(gold: list[GoldArticle], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("baseline")
    write_record(run(Known(), gold)[0], folder / "run.json")
    gate.move_baseline(folder / "run.json", "the first", folder / "baseline.json")
    return folder / "baseline.json"


def some_wrong(label: StanceLabel) -> StanceLabel:
    return replace(label, stance=Stance.NEUTRAL if label.paragraph % 3 == 0 else label.stance)


def test_gold_is_large_and_varied_enough(gold: list[GoldArticle]) -> None:
    assert len(gold) >= 30
    assert sum(len(article.article.paragraphs) for article in gold) >= 250
    assert sum(len(article.labels) for article in gold) >= 700
    assert {"opinion", "editorial", "report", "press release", "letter", "interview", "speech"} == {
        a.genre for a in gold
    }
    assert all(article.summaries for article in gold)
    assert sum(len(article.summaries) == 2 for article in gold) >= 10


def test_a_perfect_run(gold: list[GoldArticle], baseline: Path) -> None:
    record, items = run(Known(), gold)
    scores = record["scores"]
    assert scores["accuracy"] == scores["macro_f1"] == scores["alpha"] == 1
    assert scores["intervals"]["accuracy"] == (1, 1)
    assert set(record["by"]["genre"]) == {article.genre for article in gold}
    assert gate.check(record, items, baseline) == []


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (lambda label: replace(label, stance=SWAP.get(label.stance, label.stance)), "macro_f1 fell"),
        (lambda label: None, "items unread"),
        (lambda label: None if label.paragraph == 2 else label, "items unread"),
        (some_wrong, "accuracy fell"),
        (lambda label: replace(label, stance=Stance.ABSENT), "present_macro_f1 fell"),
    ],
    ids=["labels swapped", "no reply is usable", "some replies are not usable", "some neutral", "all absent"],
)
def test_planted_regressions_close_the_gate(gold: list[GoldArticle], baseline: Path, rule: Any, message: str) -> None:
    failures = gate.check(*run(Known(rule), gold), baseline)
    assert any(message in failure for failure in failures)
    assert any(failure.startswith("flipped to wrong: gold-") for failure in failures)


class Scripted:
    """A stand-in for a language model: it knows the gold, and answers with a label if the prompt names all four."""

    def __init__(self, gold: list[GoldArticle]) -> None:
        self.labels = {
            (article.article.paragraphs[label.paragraph].text, label.party): label.stance
            for article in gold
            for label in article.labels
        }

    version = "scripted"

    def choose(self, prompts: list[str], options: list[str]) -> list[Choice]:
        return [self.choice(prompt, options) for prompt in prompts]

    def choice(self, prompt: str, options: list[str]) -> Choice:
        _, paragraph, party = re.findall(r"\[text (\w+)\]\n(.*?)\n\[end \1\]", prompt, re.DOTALL)
        if not all(stance in prompt.rsplit("[end", 1)[1] for stance in Stance):
            return Choice(dict.fromkeys(options, 0.0), "The paragraph takes a rather mixed view of this party.")
        known = self.labels.get((paragraph[1], party[1]))
        return Choice({option: 0.97 if option == known else 0.01 if known else 0.25 for option in options})


def test_a_broken_prompt_closes_the_gate(gold: list[GoldArticle], tmp_path: Path) -> None:
    shipped = Prompt.load("stance")
    model = Scripted(gold)
    record, items = run(PromptJudge(PromptClassifier(model, shipped)), gold)
    assert record["scores"]["accuracy"] == 1
    write_record(record, tmp_path / "run.json")
    gate.move_baseline(tmp_path / "run.json", "the prompt as it is", tmp_path / "baseline.json")
    assert gate.check(record, items, tmp_path / "baseline.json") == []
    (tmp_path / "stance.txt").write_text(shipped.text.rsplit("Answer with", 1)[0] + "What do you say?")
    broken = run(PromptJudge(PromptClassifier(model, Prompt.load("stance", tmp_path))), gold)
    failures = gate.check(*broken, tmp_path / "baseline.json")
    assert any("items unread" in failure for failure in failures)
    (tmp_path / "stance.txt").write_text(shipped.text.replace("$paragraph", "the paragraph"))
    with pytest.raises(PromptError, match=r"slots \['before', 'party'\]"):
        run(PromptJudge(PromptClassifier(model, Prompt.load("stance", tmp_path))), gold)


def test_a_slow_run_closes_the_gate(gold: list[GoldArticle], baseline: Path) -> None:
    assert gate.check(*run(Known(), gold, pace=1.9), baseline) == []
    assert gate.check(*run(Known(), gold, pace=2.1), baseline) == [
        "an item takes 2.1 times as long as in the baseline, 2.0 are allowed"
    ]
    assert gate.check(*run(Known(), gold, pace=None), baseline) == []
    record, items = run(Known(), gold, pace=2.1)
    assert gate.check(record | {"machine": {"processor": "another"}}, items, baseline) == []


@pytest.mark.parametrize(
    ("path", "worse", "message"),
    [
        (("unaided", "scores", "macro_f1"), 0.58, "unaided scores macro_f1 fell from 60.0 to 58.0"),
        (("unaided", "finding", "found"), 0.56, "found fell"),
        (("unaided", "finding", "junk"), 0.64, "junk rose from 60.0 to 64.0"),
        (("scores", "opposite", "accuracy"), 0.62, "opposite accuracy rose"),
        (("summary", "rougeLsum"), None, "summary rougeLsum is missing"),
        (("unaided", "scores", "macro_f1"), None, "is missing"),
        (("names", "invented", "followed"), 0.57, "invented followed fell"),
    ],
)
def test_other_figures_close_the_gate(
    gold: list[GoldArticle], tmp_path: Path, path: tuple[str, ...], worse: float | None, message: str
) -> None:
    record, items = run(Known(), gold)

    def with_figure(value: float | None) -> dict[str, Any]:
        changed: dict[str, Any] = json.loads(json.dumps(record, default=list))
        at = changed
        for key in path[:-1]:
            at[key] = at.get(key) or {}
            at = at[key]
        at[path[-1]] = value
        return changed

    write_record(with_figure(0.6), tmp_path / "run.json")
    gate.move_baseline(tmp_path / "run.json", "planted", tmp_path / "baseline.json")
    assert gate.check(with_figure(0.6), items, tmp_path / "baseline.json") == []
    (failure,) = gate.check(with_figure(worse), items, tmp_path / "baseline.json")[:1]
    assert message in failure
    assert gate.check(with_figure(worse) | {"without_text": ["gold-none"]}, items, tmp_path / "baseline.json") == []


BASELINES = [gate.BASELINE, gate.BASELINE.with_name("press.json"), gate.BASELINE.with_name("press_lm.json")]


@pytest.mark.parametrize("file", BASELINES, ids=[file.stem for file in BASELINES])
def test_the_tracked_baselines_are_of_the_shipped_weights(file: Path) -> None:
    made, _ = read_record(file)
    assert made["versions"]["stance"] == versions_of(SHIPPED, with_lm=False)["stance"]
    if file.stem == "press_lm":
        assert f"lm_stance@{hash_of(LM_STANCE)[:12]}" in made["versions"]["language model"]


def test_what_is_said_of_a_run() -> None:
    """Seven items by hand: gold, prediction, voices, how sure."""
    f, c, n, a = Stance.FAVORABLE, Stance.CRITICAL, Stance.NEUTRAL, Stance.ABSENT
    rows: list[tuple[Stance, Stance | None, Voice | None, Voice | None, float, bool]] = [
        (f, f, Voice.AUTHOR, Voice.AUTHOR, 0.9, False),
        (f, c, Voice.AUTHOR, Voice.QUOTED, 0.9, False),
        (c, c, Voice.QUOTED, Voice.QUOTED, 0.5, True),
        (c, a, Voice.QUOTED, Voice.NONE, 0.6, False),
        (n, n, Voice.NONE, Voice.NONE, 0.7, False),
        (a, n, Voice.NONE, Voice.NONE, 0.7, True),
        (a, None, Voice.NONE, None, 0.0, False),
    ]
    items = [
        Item("a", "report", "state", at, "X", gold, voice, said, heard, {said.value: p} if said else {}, unsure, "", "")
        for at, (gold, said, voice, heard, p, unsure) in enumerate(rows)
    ]
    scores = scores_of(items)
    assert scores["voice"] == {"items": 3, "accuracy": pytest.approx(2 / 3)}
    assert scores["sure"] == {"items": 4, "accuracy": 0.5}
    assert (scores["unsure"], scores["unread"]) == (2, 1)
    assert scores["opposite"] == {"items": 5, "accuracy": pytest.approx(1 / 5)}
    assert scores["taken_for_absent"] == {"items": 5, "accuracy": pytest.approx(1 / 5)}
    # Labels other than absent: two at 0.9, one right; two at 0.7, one right; one at 0.5, right.
    assert scores["calibration_error"] == pytest.approx((2 * 0.4 + 2 * 0.2 + 0.5) / 5)


def test_summaries_are_scored_by_the_better_reference_and_a_missing_one_by_zero() -> None:
    article = join_article("", ["It rained in Hale. The ferry stood still.", "Nobody left. It was Monday."])
    gold = [
        GoldArticle(name, article, (), {}, (), genre="report", summaries=("Snow fell.", "It rained in Hale."))
        for name in ("a", "b")
    ]
    told = Reply({}, summary=(SummarySentence("It rained in Hale.", (0,)), SummarySentence("Berg paid 5.", (1,))))
    one = summary_scores(gold[:1], [told])
    assert one is not None
    assert one["rougeLsum"] == pytest.approx(2 * 1 * (4 / 7) / (1 + 4 / 7))
    assert (one["supported"], one["strange"], one["articles"]) == (0.5, 1, 1)
    assert one["lead3"]["words"] == 10
    both = summary_scores(gold, [told, Reply({})])
    assert both is not None
    assert both["rougeLsum"] == pytest.approx(one["rougeLsum"] / 2)
    assert summary_scores(gold, [Reply({}), Reply({})]) is None


def test_a_partial_run_closes_the_gate(gold: list[GoldArticle], baseline: Path) -> None:
    (failure, *_) = gate.check(*run(Known(), gold[:5]), baseline)
    assert "items of the baseline were not scored" in failure


def test_shuffled_aliases_close_the_gate(gold: list[GoldArticle], tmp_path: Path) -> None:
    """The real judge, on three articles whose parties' names are handed round."""
    some = gold[:3]
    judge = AnalyzerJudge(checks=False)

    def scored(articles: list[GoldArticle]) -> tuple[dict[str, Any], list[Item]]:
        replies = ask([judge], articles, None)[0].replies
        items = [i for article, reply in zip(some, replies, strict=True) for i in items_of(article, reply.labels)]
        record = record_of(judge, some, replies, [], seed=1)
        return record | {"pace": None, "selected": False}, items

    def shuffled(article: GoldArticle) -> GoldArticle:
        first, *rest = article.requests
        names = [*rest, first]
        return replace(
            article,
            requests=tuple(
                replace(request, aliases=(other.name, *other.aliases), exact=True)
                for request, other in zip(article.requests, names, strict=True)
            ),
        )

    write_record(scored(some)[0], tmp_path / "run.json")
    gate.move_baseline(tmp_path / "run.json", "planted", tmp_path / "baseline.json")
    failures = gate.check(*scored([shuffled(article) for article in some]), tmp_path / "baseline.json")
    assert any("fell by" in failure for failure in failures)


def test_moving_the_baseline_needs_a_reason_and_all_articles(gold: list[GoldArticle], tmp_path: Path) -> None:
    run_file, target = tmp_path / "run.json", tmp_path / "baseline.json"
    record, _ = run(Known(), gold)
    write_record(record, run_file)
    with pytest.raises(LabelError, match="expected a reason"):
        gate.move_baseline(run_file, " ", target)
    gate.move_baseline(run_file, "one", target)
    gate.move_baseline(run_file, "two", target)
    moved = json.loads(target.read_text(encoding="utf-8"))
    assert [entry["why"] for entry in moved["history"]] == ["one", "two"]
    assert all(item["text"] == "" for item in moved["items"])
    write_record(record | {"selected": True}, run_file)
    with pytest.raises(LabelError, match="over all gold"):
        gate.move_baseline(run_file, "three", target)


def test_comparison_names_each_changed_item(gold: list[GoldArticle]) -> None:
    first, second = run(Known(some_wrong), gold)[1], run(Known(), gold)[1]
    found = compare(first, second)
    changed = [(a, b) for a, b in zip(first, second, strict=True) if a.predicted is not b.predicted]
    assert len(found.gained) == len(changed) > 50
    assert found.lost == found.moved == []
    value, low, high = found.differences["accuracy"]
    assert low <= value <= high
    assert low > 0
    text = "\n".join(lines_of(found))
    assert "more than chance" in text
    a, b = found.gained[0]
    assert f"gained: {a.article} ¶{a.paragraph + 1} {a.party}: neutral → {b.gold} (gold {b.gold})" in text


def test_comparison_refuses_other_gold(gold: list[GoldArticle]) -> None:
    items = run(Known(), gold)[1]
    with pytest.raises(LabelError, match="none in common"):
        compare(items, [replace(item, article="x") for item in items])
    with pytest.raises(LabelError, match="the same gold labels"):
        compare(items, [replace(item, gold=SWAP.get(item.gold, item.gold)) for item in items])


def test_a_record_comes_back_whole(gold: list[GoldArticle], tmp_path: Path) -> None:
    record, items = run(Known(some_wrong), gold)
    write_record(record, tmp_path / "run.json")
    _, again = read_record(tmp_path / "run.json")
    assert again == items
    (tmp_path / "junk.json").write_text("{}", encoding="utf-8")
    with pytest.raises(LabelError, match="expected a record"):
        read_record(tmp_path / "junk.json")


def test_nothing_is_judged_twice(gold: list[GoldArticle], tmp_path: Path) -> None:
    judge = Known()
    judge.summary = (SummarySentence("It rained.", (0,)),)
    (first,) = ask([judge], gold[:4], tmp_path)
    assert first.number == judge.asked == 4
    (again,) = ask([judge], gold[:4], tmp_path)
    assert (again.number, again.seconds, judge.asked) == (0, 0, 4)
    assert again.replies == first.replies
    other = replace(gold[0], article=replace(gold[0].article, text=gold[0].article.text + " More."))
    assert ask([judge], [other, *gold[1:4]], tmp_path)[0].number == 1
    judge.versions = {"weights": "new"}
    assert ask([judge], gold[:4], tmp_path)[0].number == 4
    next(iter(tmp_path.glob("*.json"))).write_text("{", encoding="utf-8")
    assert sum(asked.number for asked in ask([judge, Known()], gold[:4], tmp_path)) == 1


def test_all_judge_an_article_before_the_next(gold: list[GoldArticle]) -> None:
    order: list[tuple[str, str]] = []

    class Noting(Known):
        def judge(self, article: GoldArticle) -> Reply:
            order.append((self.name, article.id))
            return super().judge(article)

    both = [Noting(), Noting()]
    both[1].name = "other"
    ask(both, gold[:2], None)
    assert order == [(judge.name, article.id) for article in gold[:2] for judge in both]


class Links(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.outside: list[str] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.outside += [v for k, v in attrs if k in ("src", "href") and v and not v.startswith("data:")]


def test_the_report_stands_alone(gold: list[GoldArticle], tmp_path: Path) -> None:
    record, items = run(Known(some_wrong), gold)
    hostile = '<script>alert("1")</script><img src=x onerror=y>'
    items[0] = replace(items[0], text=hostile, party=hostile, predicted=None)
    write_report(record, items, tmp_path / "r.html")
    html = (tmp_path / "r.html").read_text(encoding="utf-8")
    page = Links(html)
    assert page.outside == []
    assert "script" not in page.tags
    assert page.tags.count("img") == 2
    assert "&lt;script&gt;" in html
    assert worst(items)[0] is items[0]


def test_baselines_say_what_their_names_say(gold: list[GoldArticle]) -> None:
    berg = (PartyRequest("Berg"),)
    judged = GoldArticle("a", join_article("", ["Berg deserves praise.", "Berg lied.", "Berg came."]), berg, {}, ())
    assert [label.stance for label in baselines()[2].judge(judged).labels.values()] == [
        Stance.FAVORABLE, Stance.CRITICAL, Stance.NEUTRAL
    ]  # fmt: skip
    neutral, mention, words = (judge.judge(gold[0]) for judge in baselines())
    assert {label.stance for label in neutral.labels.values()} == {Stance.NEUTRAL}
    assert {label.stance for label in mention.labels.values()} == {Stance.NEUTRAL, Stance.ABSENT}
    assert {label.stance for label in words.labels.values()} == set(Stance)


def test_the_first_model_knows_all_of_our_gold() -> None:
    said = {(r["id"], r["paragraph"], r["party"]) for r in map(json.loads, FIRST_MODEL.read_text("utf-8").splitlines())}
    for article in read_gold(GOLD):
        assert {(article.id, label.paragraph, label.party) for label in article.labels} <= said


def test_newsmtsc(tmp_path: Path) -> None:
    row = {
        "primary_gid": "x_1_2_3",
        "sentence_normalized": "Ann thanked Bo.",
        "targets": [
            {"mention": "Ann", "from": 0, "to": 3, "polarity": 4.0},
            {"mention": "Bo", "from": 12, "to": 14, "polarity": 6.0},
        ],
    }
    file = tmp_path / "x.jsonl"
    file.write_text(json.dumps(row), encoding="utf-8")
    (article,) = newsmtsc(str(file))
    assert [label.stance for label in article.labels] == [Stance.NEUTRAL, Stance.FAVORABLE]
    assert [m.start for mentions in article.mentions.values() for m in mentions] == [0, 12]
    row["targets"] = [{"mention": "Ann", "from": 0, "to": 3, "polarity": 5.0}]
    file.write_text(json.dumps(row), encoding="utf-8")
    with pytest.raises(LabelError, match=r"row 1: expected one of 2\.0, 4\.0, 6\.0, got 5\.0"):
        newsmtsc(str(file))


def test_persent(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text(
        "DOCUMENT_INDEX,TITLE,TARGET_ENTITY,DOCUMENT,Paragraph0,Paragraph1\n"
        '7,Thanks,Ann Berg,"Ann Berg helped.\nShe left.",Positive,\n',
        encoding="utf-8",
    )
    (article,) = persent(str(file))
    assert article.id == "persent-7"
    assert [p.text for p in article.article.paragraphs] == ["Ann Berg helped.", "She left."]
    assert [(label.paragraph, label.stance) for label in article.labels] == [(0, Stance.FAVORABLE)]


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_a_table_of_ones_own(tmp_path: Path, suffix: str) -> None:
    rows = [
        {"id": "a", "paragraph": 2, "text": "Bo lied.", "party": "Bo", "stance": "critical", "voice": "author"},
        {"id": "a", "paragraph": 1, "text": "Ann met Bo.", "party": "Bo", "stance": "neutral", "voice": "none"},
        {"id": "a", "paragraph": 1, "text": "Ann met Bo.", "party": "Ann", "stance": "neutral", "voice": "none"},
    ]
    file = tmp_path / f"x.{suffix}"
    if suffix == "csv":
        lines = [",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]
        file.write_text("\n".join(lines), encoding="utf-8")
    else:
        file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (article,) = table(str(file))
    assert [p.text for p in article.article.paragraphs] == ["Ann met Bo.", "Bo lied."]
    assert {(label.paragraph, label.party, label.voice) for label in article.labels} == {
        (1, "Bo", Voice.AUTHOR),
        (0, "Bo", Voice.NONE),
        (0, "Ann", Voice.NONE),
    }


def test_a_table_whose_ids_are_numbers(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    cells = [f"{number},{paragraph},Text {paragraph}.,Bo,neutral" for number in (0, 1) for paragraph in (0, 1)]
    file.write_text("\n".join(["id,paragraph,text,party,stance", *cells]), encoding="utf-8")
    assert [(article.id, len(article.article.paragraphs)) for article in table(str(file))] == [("0", 2), ("1", 2)]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"text": "a", "party": "b"}], "row 1: expected the columns text, party, stance, stance is missing"),
        ([{"text": "a", "party": "b", "stance": "bad"}], "row 1: expected a stance of favorable"),
        *(
            (
                [{"text": "a", "party": "b", "stance": "neutral", "paragraph": paragraph}],
                "row 1: expected a whole number as the paragraph",
            )
            for paragraph in ("p1", 1.5)
        ),
        ([{"text": "a", "party": "b", "stance": "neutral"}] * 2, "row 2: expected each item once"),
        (
            [{"id": "i", "text": t, "party": "b", "stance": "neutral"} for t in ("a", "c")],
            "row 2: expected one text for paragraph 0",
        ),
    ],
)
def test_a_bad_table(tmp_path: Path, rows: list[dict[str, str]], message: str) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    with pytest.raises(LabelError, match=message):
        table(str(file))


def test_commands_and_their_errors(gold: list[GoldArticle], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, rule in (("a", some_wrong), ("b", lambda label: label)):
        write_record(run(Known(rule), gold)[0], tmp_path / f"{name}.json")
    assert main(["compare", str(tmp_path / "a.json"), str(tmp_path / "b.json")]) == 0
    assert "items gained" in capsys.readouterr().out
    assert main(["compare", str(tmp_path / "a.json"), str(tmp_path / "none.json")]) == 2
    assert "expected a record" in capsys.readouterr().err
    assert main(["agreement", str(GOLD[0].parent / "readings.jsonl")]) == 0
    assert "present items" in capsys.readouterr().out
    assert main(["--set", "table"]) == 2
    assert "--set and --from together" in capsys.readouterr().err
    assert main(["--only", "nothing*"]) == 2
    assert "found none that match 'nothing*'" in capsys.readouterr().err


def test_evidence_text_is_the_paragraphs(gold: list[GoldArticle]) -> None:
    article = gold[0]
    label = replace(article.labels[0], evidence=Span(0, 5))
    (item, *_) = items_of(article, {(label.paragraph, label.party): label})
    assert item.evidence == article.article.paragraphs[0].text[:5]
    assert items_of(replace(article, open_text=False), {})[0].text == ""
