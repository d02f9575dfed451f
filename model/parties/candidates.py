"""Phrases that may refer to a party by no name ("the minister", "our branches", "we"), and what can be said of them."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..article.nlp import ParsedText
from ..domain import Kind, Party

_PRONOUNS = {
    "both", "either", "he", "her", "hers", "herself", "him", "himself", "his", "i", "it", "its", "itself", "me", "mine",
    "my", "myself", "neither", "one", "our", "ours", "ourselves", "she", "their", "theirs", "them", "themselves",
    "they", "those", "us", "we", "who", "you", "your", "yours",
}  # fmt: skip
_POSSESSIVE = {"her", "his", "its", "my", "our", "their", "your"}
_DETERMINERS = _POSSESSIVE | {
    "a", "all", "an", "both", "each", "either", "every", "neither", "no", "some", "such", "that", "the", "these",
    "this", "those", "two",
}  # fmt: skip
_LONGEST = 6  # tokens of a phrase
_LATELY = 3  # parties
_QUOTATION = re.compile(r"[\"“][^\"“”]*(?:[\"”]|$)")
_SORTS = {
    "government": "government administration cabinet junta regime authorities ministry department executive ministers",
    "court": "court tribunal bench judge judges judiciary",
    "chamber": "parliament assembly senate congress house commons legislature chamber",
    "council": "council city county municipality town province borough district mayor",
    "union": "union federation association confederation guild league alliance society forum coalition network "
    "committee",
    "party": "party labour conservative conservatives democrat democrats republican republicans liberal liberals "
    "greens front movement left bloc list",
    "agency": "agency authority commission board office inspectorate regulator bureau service institute institution "
    "police commissioner",
    "media": "newspaper post times herald gazette news journal television radio broadcaster correspondent",
    "church": "church diocese vatican bishop bishops",
    "team": "club team fc united rovers athletic side",
    "school": "university college school academy",
    "hospital": "hospital clinic trust",
    "bank": "bank fund",
    "army": "army navy force forces military guard militia soldiers police",
    "company": "company group inc ltd plc corp holdings partners works airlines airways energy mining media systems "
    "motors bank water rail mobile shipping steel foods",
}
_SORT_OF = {
    word: [sort for sort, words in _SORTS.items() if word in words.split()]
    for word in " ".join(_SORTS.values()).split()
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pronoun or noun phrase that may refer to a party, `text[start:end]` of a paragraph.

    `head` is its last word in small letters, from character `at`; `form` its determiner and number, of a pronoun the
    word itself. `link` is the preposition after it, and `linked` where the word after that one starts (-1 without);
    `names` says that this word is a name, `capital` that the last word has a capital.
    """

    start: int
    end: int
    at: int
    head: str
    form: str
    modifiers: tuple[str, ...]
    pronoun: bool
    quoted: bool
    link: str
    linked: int
    names: bool
    capital: bool


@dataclass(frozen=True, slots=True)
class Scene:
    """What a paragraph is known to mention, `(start, end, party)` in order.

    `before` is whom the paragraph directly before it mentions, the last one first.

    Parties are numbers; `sorts` and `words` say what each is, `counts` how often the article mentions it, `alone`
    whether no other is of its sort.
    """

    mentions: Sequence[tuple[int, int, int]]
    before: Sequence[int]
    sorts: Sequence[Sequence[str]]
    words: Sequence[frozenset[str]]
    counts: Sequence[int]
    alone: Sequence[bool]

    def mentioned_at(self, start: int, end: int) -> set[int]:
        """The parties that the characters from `start` to `end` are known to mention."""
        return {party for left, right, party in self.mentions if left < end and start < right}

    def last(self, start: int) -> list[int]:
        """The last three parties mentioned in the paragraph before character `start`, the nearest first."""
        last = list[int]()
        for place in range(bisect_left(self.mentions, (start,)) - 1, -1, -1):
            if self.mentions[place][2] not in last:
                last.append(self.mentions[place][2])
                if len(last) == _LATELY:
                    break
        return last


def scenes(parties: Sequence[Party], paragraphs: int) -> list[Scene]:
    """The scene of each paragraph."""
    mentions: list[list[tuple[int, int, int]]] = [[] for _ in range(paragraphs)]
    for number, party in enumerate(parties):
        for mention in party.mentions:
            mentions[mention.paragraph].append((mention.start, mention.end, number))
    sorts = [_sorts(party) for party in parties]
    words = [frozenset(word for word in re.findall(r"\w+", party.name.lower()) if len(word) > 2) for party in parties]
    counts = [len(party.mentions) for party in parties]
    alone = [sum(bool({*some} & {*others}) for others in sorts) == 1 for some in sorts]
    found, before = [], list[int]()
    for some in map(sorted, mentions):
        found.append(Scene(some, before, sorts, words, counts, alone))
        before = list(dict.fromkeys(party for *_, party in reversed(some)))
    return found


def _sorts(party: Party) -> list[str]:
    if party.kind is Kind.PERSON:
        return ["person"]
    words = party.name.split() or [""]
    sorts = {sort for word in re.findall(r"\w+", party.name.lower()) for sort in _SORT_OF.get(word, ())}
    if party.kind is Kind.STATE:
        sorts.add("state")
    if words[-1].endswith("s") and (words[-1] == words[-1].lower() or len(words) == 1):
        sorts.add("people")
    return sorted(sorts) or ["other"]


def candidates(parsed: ParsedText) -> Iterator[Candidate]:
    """The pronouns and the noun phrases of a paragraph that may refer to somebody."""
    starts = [token.start for token in parsed.tokens]
    quotations = [match.span() for match in _QUOTATION.finditer(parsed.text)]

    def quoted(at: int) -> bool:
        return any(start <= at < end for start, end in quotations)

    for token in parsed.tokens:
        word = token.text.lower()
        if word in _PRONOUNS and (word in _POSSESSIVE or token.pos in ("PRON", "DET", "ADJ")) and token.text != "US":
            yield Candidate(
                token.start, token.end, token.start, word, word, (), True, quoted(token.start), "", -1, False, False
            )
    for phrase in parsed.phrases:
        first, last = bisect_left(starts, phrase.start), bisect_left(starts, phrase.end)
        tokens = parsed.tokens[first:last]
        if not 0 < len(tokens) <= _LONGEST or tokens[-1].pos not in ("NOUN", "PROPN"):
            continue
        head = tokens[-1]
        determiner = tokens[0].text.lower() if tokens[0].text.lower() in _DETERMINERS else ""
        if not determiner and head.tag == "NN" and head.text[0].islower():
            continue  # "water", "legal advice"
        modifiers = tuple(token.text.lower() for token in tokens[bool(determiner) : -1])
        following = [token for token in parsed.tokens[last : last + 3] if token.text.lower() != "the"]
        link = following[0].text.lower() if following else ""
        linked = link in ("of", "in", "at", "from", "for")
        yield Candidate(
            tokens[0].start,
            phrase.end,
            head.start,
            head.text.lower(),
            f"{determiner} {'plural' if head.tag in ('NNS', 'NNPS') else 'singular'}",
            modifiers,
            False,
            quoted(phrase.start),
            link if linked else "",
            following[1].start if linked and len(following) > 1 else -1,
            linked and len(following) > 1 and following[1].pos == "PROPN",
            head.text[0].isupper(),
        )


def features(candidate: Candidate, scene: Scene, party: int, last: Sequence[int]) -> Iterator[str]:
    """What speaks for and against that `candidate` refers to the party with this number, each once.

    `last` is what `scene.last` says of the candidate's start.
    """
    if party in last:
        recency = f"here {last.index(party)}"
    elif last:
        recency = "others"
    else:
        recency = f"before {scene.before.index(party)}" if party in scene.before[:_LATELY] else "nowhere"
    alone = scene.alone[party]
    yield f"head {candidate.head}"
    yield f"form {candidate.form}"
    yield f"recency {recency}"
    yield f"recency {recency}, form {candidate.form}"
    yield f"mentions {min(4, scene.counts[party])}"
    for sort in scene.sorts[party]:
        yield f"{sort}, head {candidate.head}"
        yield f"{sort}, head {candidate.head}, alone {alone}"
        yield f"{sort}, form {candidate.form}"
        if candidate.pronoun:
            yield f"{sort}, {candidate.head}, quoted {candidate.quoted}"
    if candidate.pronoun:
        yield f"{candidate.head}, quoted {candidate.quoted}, recency {recency}"
    heads = {candidate.head, candidate.head.removesuffix("s")}
    if heads & scene.words[party]:
        yield f"head in the name, capital {candidate.capital}"
    elif any(heads & words for words in scene.words):
        yield "head in another name"
    if scene.words[party].intersection(candidate.modifiers):
        yield f"modifier in the name, capital {candidate.capital}"
    if candidate.link:
        linked = scene.mentioned_at(candidate.linked, candidate.linked + 1) if candidate.linked >= 0 else set()
        whose = "its" if party in linked else "another's" if linked else "a name's" if candidate.names else "no name's"
        yield f"{candidate.link} {whose}"
    taken = scene.mentioned_at(candidate.start, candidate.end)
    yield f"known {'for another' if taken else 'for nobody'}, pronoun {candidate.pronoun}"
    if taken:
        yield f"known for another, form {candidate.form}"
