"""What the wording of a name and of its neighbours says: a company, a club, a state, an office."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..article.nlp import ParsedText
from ..article.patterns import read_patterns, read_words
from .gazetteer import Form, State, StateMatch, state_matches

_FILE = Path(__file__).parent / "data" / "lexicon.toml"
_WORDS, _PATTERNS = read_words(_FILE), read_patterns(_FILE)
ORGANIZATION_NOUNS = _WORDS["organization_nouns"]
GENERIC_WORDS = _WORDS["generic_words"]
ACRONYM = _PATTERNS["acronym"]
COMPANY, _CLUB = _PATTERNS["company"], _PATTERNS["club"]
_NOT_STATE_AFTER, _NOT_STATE_BEFORE = _PATTERNS["not_state_after"], _PATTERNS["not_state_before"]
_NAMED_AFTER_CITY = _PATTERNS["named_after_city"]
_GOVERNMENT_BODY, _LOCATIVE = _PATTERNS["government_body"], _PATTERNS["locative"]
_RULER = r"[Pp]resident|[Mm]inister|[Pp]remier|[Cc]hancellor|[Ss]ecretary(?: of [A-Z]\w+)?|[Kk]ing|[Qq]ueen|[Ee]mperor"
_OFFICE_END = re.compile(
    r"\b(?:(?:[Vv]ice|[Dd]eputy|[Ff]ormer|[Aa]cting|[Ss]enior|[Tt]op|[Cc]hief|[Pp]ermanent|[Ss]pecial|[Ff]oreign"
    r"|[Dd]efen[cs]e|[Ff]inance|[Ii]nterior|[Tt]rade|[Pp]rime|[Nn]ational|[Ss]ecurity|[Hh]ealth|[Jj]ustice|[Ee]nvironment"
    r"|[Ss]tate) ){0,6}"
    rf"(?:{_RULER}|[Aa]mbassador|[Ee]nvoy|[Dd]iplomat|[Ss]pokes(?:man|woman|person)|[Oo]fficial|[Gg]eneral|[Ll]eader"
    r"|[Aa]dvis[eo]r|[Nn]egotiator|[Aa]dmiral|[Cc]ommander|[Rr]epresentative)[, ]*$"
)
RULER_END = re.compile(rf"\b(?:{_RULER})[, ]*$")
"""An office that the leaders of the gazetteer have; an ambassador or a general is seldom one of them."""
ROLE_END = re.compile(
    r"(?<![Vv]ice )(?<![Vv]ice-)(?<!ormer )(?<!ormer [Pp]rime )(?<!eputy )\b"
    r"([Pp]resident|[Mm]inister|[Pp]remier|[Cc]hancellor|[Ss]ecretary|[Aa]mbassador|[Ss]enator|[Mm]ayor|[Gg]overnor"
    r"|[Jj]udge|[Jj]ustice|[Cc]hairman|[Cc]hairwoman|[Cc]hair|[Cc]oach|[Cc]aptain|[Pp]rofessor|[Cc]ouncillor"
    r"|[Cc]ongress(?:man|woman)|[Rr]epresentative|[Dd]irector|[Pp]ope|[Kk]ing|[Qq]ueen|[Gg]eneral|[Pp]rince"
    r"|[Ee]xecutive)(?: of [A-Z]\w+)?[, ]*$"
)
RULES_AFTER = re.compile(
    r"(?:['’]s?)? (?:administration|government|regime|cabinet|presidency|White House|team)\b", re.IGNORECASE
)
HONORIFIC = re.compile(r"^(?:Mr|Mrs|Ms|Miss|Dr|Sir|Lady|Dame|Lord)\.? ")
POLITICAL = {
    "Republican": "Republican Party", "Republicans": "Republican Party", "GOP": "Republican Party",
    "Democrat": "Democratic Party", "Democrats": "Democratic Party", "Democratic": "Democratic Party",
    "Conservatives": "Conservative Party", "Tory": "Conservative Party", "Tories": "Conservative Party",
    "Labour": "Labour Party",
}  # fmt: skip


def states_named(texts: Mapping[int, ParsedText]) -> Iterator[tuple[int, StateMatch]]:
    """Each state's names by place.

    A name that others bear too counts only where the article also calls the state otherwise: the surname of a person
    who is named ("Jordan"), and "Georgia".
    """
    found = [
        (place, match, parsed.text[match.start : match.end])
        for place, parsed in texts.items()
        for match in state_matches(parsed.text)
        if is_state(parsed, match)
    ]
    others = {"Georgia"} | {
        entity.text.split()[-1]
        for parsed in texts.values()
        for entity in parsed.entities
        if entity.label == "PERSON" and " " in entity.text
    }
    sure = {match.state.name for _, match, text in found if text not in others}
    yield from ((place, match) for place, match, text in found if text not in others or match.state.name in sure)


def organization_forms(name: str) -> Iterator[str]:
    """`name`, its acronym, and its first word where that can stand for it ("Karrawin Resources" → "Karrawin").

    A department also goes by `department_name`.
    """
    yield name
    if department := department_name(name):
        yield department
    words = re.findall(r"[\w'’&\-]+", name)
    capitals = [word for word in words if word[0].isupper()]
    if len(capitals) >= 3:
        yield "".join(word if word.isupper() else word[0] for word in capitals)  # "USPS" of "US Postal Service"
    if len(words) > 1 and words[0][0].isupper() and words[0] not in GENERIC_WORDS and len(words[0]) > 3:
        known = {match.state.name for match in state_matches(words[0])}
        if not known and (COMPANY.search(name) or words[-1] == "Party"):
            yield words[0]


def department_name(name: str) -> str:
    """The shorter name of a department: "Education Department" of "Department of Education"; of others ""."""
    parts = re.fullmatch(r"(Department|Ministry|Bureau|Office) of (?:the )?([A-Z]\w+)", name)
    return f"{parts[2]} {parts[1]}" if parts else ""


def organization_nouns(name: str) -> set[str]:
    """The common nouns that the name itself holds ("Ministry of Education" → ministry), and "company" for companies."""
    words = re.findall(r"\w+", name)
    nouns = {word.lower() for word in words} & ORGANIZATION_NOUNS
    if _CLUB.search(name):
        nouns.add("club")
    return nouns | ({"company"} if COMPANY.search(name) else set())


def is_state(parsed: ParsedText, match: StateMatch) -> bool:
    """Whether a state's name here is not part of another name (a paper, a person) and a capital not just a place."""
    before, after = parsed.text[max(0, match.start - 20) : match.start], parsed.text[match.end : match.end + 60]
    if match.form is Form.LEADER:
        return True
    if _NOT_STATE_BEFORE.search(before) or _NOT_STATE_AFTER.match(after):
        return False
    if match.form is Form.CAPITAL and _NAMED_AFTER_CITY.match(after):
        return False
    if re.search(r"\b(?:South|North) $", before) and match.state.name in {"United States"}:
        return False
    if _own_body(parsed, match):
        return False
    for entity in parsed.entities:
        inside = (
            entity.start <= match.start and match.end <= entity.end and len(entity.text) > match.end - match.start + 4
        )
        if inside and entity.label == "PERSON" and match.form in (Form.NAME, Form.CAPITAL):
            return False
        if entity.label == "PERSON" and " " in parsed.text[entity.start : match.start] and entity.end == match.end:
            return False  # a surname: "Jim Jordan", "Mark Cuban"
    return match.form is not Form.CAPITAL or not _LOCATIVE.search(before) or after.startswith(("'s", "’s"))


def _own_body(parsed: ParsedText, match: StateMatch) -> bool:
    """Whether the state's name is part of a body that is not the state ("Health Canada", "Bank of England")."""
    for entity in parsed.entities:
        if entity.label == "ORG" and entity.start <= match.start and match.end <= entity.end:
            start = entity.start + (4 if entity.text.lower().startswith("the ") else 0)
            rest = parsed.text[start : match.start] + parsed.text[match.end : entity.end]
            if _GOVERNMENT_BODY.search(rest) or not rest.strip(" '’s"):
                return False
            nouns = {word.lower() for word in re.findall(r"\w+", rest)} & ORGANIZATION_NOUNS
            return start < match.start or bool(nouns)
    return False


_INITIALS = 3
"""Fewer letters stand for many names."""


def is_short_for(name: str, longer: str, person: bool) -> bool:
    """Whether the one word `name` is short for `longer`.

    It is its last word, its first where that is no person's name, or the first letters of all its words ("MbS").
    """
    words = longer.split()
    if len(name) >= _INITIALS and name == "".join(word[0] for word in re.findall(r"\w+", longer)):
        return True
    if len(words) < 2 or " " in name or name in GENERIC_WORDS or not all(word[0].isupper() for word in words):
        return False
    return name == words[-1] or (not person and name == words[0])


def state_before(text: str, start: int) -> State | None:
    """The state for which a person acts by the words before the name ("China's senior diplomat", "US envoy")."""
    before = text[max(0, start - 80) : start]
    office = _OFFICE_END.search(before)
    if office is None:
        return None
    head = before[: office.start()]
    found = [m for m in state_matches(head) if re.fullmatch(r"(?:['’]s)?[ \-]*(?:the )?", head[m.end :])]
    return found[-1].state if found else None
