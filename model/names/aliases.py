"""What a party's name implies: the other names that usually stand for it."""

import re
from collections.abc import Iterator

from .gazetteer import Form, State, leader_named, organization_named, state_matches, state_named
from .lexicon import COMPANY, GENERIC_WORDS, ORGANIZATION_NOUNS, POLITICAL, department_name, organization_forms
from .plain import singular

_GOVERNMENT_WORDS = (
    "administration", "government", "regime", "cabinet", "authorities", "coalition", "ministers", "leadership",
    "presidency", "side",
)  # fmt: skip
_GOVERNMENT = rf"(?:{'|'.join(_GOVERNMENT_WORDS)})"
_HEAD_END = re.compile(r"(?:['’]s)? (?:of|on|for|in|from|to|at|by|with|who|that|against|within|\w+ing)\b")
_TOO_COMMON = {"forces", "leaders", "members", "parties", "people", "states", "countries", "nations", "governments"}
_PLURALS = {"men", "women", "children", "families", "people", "police", "staff", "crew"}
_STATES = {"states", "countries", "nations"}
_GROUP = r"(?:movement|rebels|militia|militants|group|party|tribe|camp|forces|fighters|people)"
_OFFICES = r"(?:Secretary-General|President|Vice[ -]President|Prime Minister|Speaker|High Commissioner|Pope|Chancellor)"
_CONTINENTS = {"african": "Africa", "european": "Europe", "asian": "Asia", "caribbean": "Caribbean"}
HONORIFICS = {
    "King", "Queen", "Pope", "Prince", "Princess", "Sheikh", "President", "Mayor", "Judge", "Sir", "Lord", "Lady", "Dr",
}  # fmt: skip
"""What may stand before a person's name and is no first name."""
_BODIES = {
    "senate": ("senators",),
    "house": ("House",),
    "parliament": ("parliament",),
    "police": ("police", "police officers", "officers"),
}
"""By what else news calls a body with this noun in its name."""
_IN_BRACKETS = re.compile(r"\(([^()]*)\)")
_OTHER_HOUSE = re.compile(r"(?!(?:The |U\.?S\.? )*House\b).*\bHouse\b")
"""No chamber: the White House, an opera house."""


def implied_forms(name: str, *, common: bool = True) -> set[str]:
    """Other names that `name` implies: without "the", without or from its brackets, its acronym, its adherents.

    With `common` also common words for people ("women" of "Women"), which a proper name does not imply ("Times").
    """
    if re.match(r"[Tt]he [a-z]", name):  # "the club": any club would be too much
        return {name}
    known = organization_named(name)
    plain = re.sub(r"^[Tt]he ", "", name)
    inner = (part.strip() for part in _IN_BRACKETS.findall(plain))
    forms = {known.name, *known.names} if known else set()
    for part in filter(None, (_without_brackets(plain), *inner)):
        forms |= {part, *_short_forms(part), *_political(part), *_without_state(part), *_by_other_names(part)}
        forms |= set(_of_people(part)) if common else set()
    return {form for form in forms if len(form) > 1}


def without_capital(form: str) -> str:
    """Without the capital that may only open a description ("Bus driver", "People of Guam")."""
    opening = form.split()[0]
    return form[0].lower() + form[1:] if opening[1:] == opening[1:].lower() else form


def office_of(name: str) -> str:
    """The office that a party's name is ("Secretary-General" of "Secretary-General of the United Nations"), or ""."""
    office = re.fullmatch(rf"({_OFFICES}) of .+", name)
    return office[1] if office else ""


def state_of(name: str) -> State | None:
    """The state that `name` is, or whose government it is ("Trump administration", "Syria (Assad government)")."""
    base = _without_brackets(re.sub(r"^[Tt]he ", "", name))
    state = state_named(base)
    if state is not None:
        return state
    whose = _whose_government(base)
    leader = leader_named(whose) if whose else None
    return (state_named(whose) if whose else None) or (leader[0] if leader else None)


def _without_brackets(name: str) -> str:
    """`name` without what stands in brackets, with single blanks."""
    return " ".join(_IN_BRACKETS.sub(" ", name).split())


def _whose_government(name: str) -> str:
    """Who it is whose government `name` is ("Trump administration", "Government of Syria"), or ""."""
    words = name.split()
    kept = len(words)
    while kept > 1 and words[kept - 1].lower() in _GOVERNMENT_WORDS:
        kept -= 1
    if kept < len(words):
        return re.sub("['’]s$", "", " ".join(words[:kept]))
    government = re.fullmatch(rf"{_GOVERNMENT} of (?:the )?(.+)", name, re.IGNORECASE)
    return government[1] if government else ""


def _head(name: str) -> str:
    """The words up to the first preposition: "Victims" of "Victims of the attack"."""
    return _HEAD_END.split(name)[0]


def _short_forms(name: str) -> set[str]:
    forms = set(organization_forms(name)) if any(word[0].isupper() for word in name.split()) else {name}
    group = re.fullmatch(rf"([A-Z]\w+) {_GROUP}", name)
    if group:
        forms |= {group[1], f"{group[1]}s"}
    if re.fullmatch(r"[A-Z][a-z]+", name) and not list(state_matches(name)):
        forms.add(name[:-1] if re.search("[^s]s$", name) else f"{name}s")  # "Houthi rebels"
    forms.add(department_name(name).lower())
    government = re.fullmatch(r"([A-Z].*?)(?:['’]s)? (government|administration|authorities)", name)
    if government:
        forms |= {f"{government[1]}'s {government[2]}", f"{government[2]} of {government[1]}"}
    forms.add(office_of(name))
    words = name.lower().split()
    for noun, others in _BODIES.items():
        chamber = words[-1] == noun or words[:2] == [noun, "of"] or (noun == "police" and noun in words)
        if chamber and not (noun == "house" and _OTHER_HOUSE.match(name)):
            forms |= set(others)
    return forms


def _political(name: str) -> set[str]:
    """A party's adherents ("Democrats"), and a government's leader."""
    full = POLITICAL.get(name, name)
    forms = {word for word, other in POLITICAL.items() if other == full}
    party = re.fullmatch(r"(\w+(?: \w+)?) Party", name)
    if party:
        forms |= {f"{party[1]}s"} | ({party[1]} - GENERIC_WORDS)
    government = re.fullmatch(rf"(\w[\w'’ \-]*) {_GOVERNMENT}", name, re.IGNORECASE)
    leader = leader_named(government[1]) if government else None
    return forms | ({government[1], leader[1]} if government and leader else set())


def _of_people(name: str) -> Iterator[str]:
    """For people without a name of their own ("Hong Kong protesters", "Victims of the attack", "Ann Berg's family")."""
    head = _head(name)
    words = head.split()
    last = words[-1] if words else ""
    several = (last.lower().endswith("s") and last[1:] == last[1:].lower()) or last.lower() in _PLURALS
    described = several and (len(words) == 1 or last == last.lower())
    if described:
        for start in range(len(words) - 1):
            if start or words[0][1:] == words[0][1:].lower():
                yield " ".join(words[start:]).lower() if start else without_capital(head)
        if last.lower() not in _TOO_COMMON | _PLURALS:
            yield last.lower()
            if len(words) == 1:
                yield singular(last.lower())
            elif words[0][1:] == words[0][1:].lower():
                yield without_capital(f"{head[: -len(last)]}{singular(last)}")
    both = re.fullmatch(r"(\w+s) and (\w+s)", name)
    yield from (word.lower() for word in both.groups()) if both else ()
    owned = re.fullmatch(r"(.+?)['’]s (.+)", name)
    if owned:
        yield f"{owned[2]} of {owned[1]}"
    elif described and len(words) > 1 and words[0][0].isupper() and name == head:
        yield from (f"{last} {word} {' '.join(words[:-1])}" for word in ("in", "of", "from"))
    if last.lower() in _STATES and len(words) > 1 and not state_named(name) and not organization_named(name):
        before = " ".join(words[:-1])
        yield from (f"{before} {other}" for other in _STATES)
        if before.lower() in _CONTINENTS:
            yield _CONTINENTS[before.lower()]


def _by_other_names(name: str) -> set[str]:
    """A state's body by the state's other names ("US military"), another's without it ("Minsk Group" of the OSCE)."""
    match = next(state_matches(name), None)
    own = name[match.end :].strip() if match and match.start == 0 else ""
    if match and own[:1].isalpha() and match.form in (Form.NAME, Form.ADJECTIVE):
        others = (match.state.name, *match.state.names, *match.state.adjectives)
        return {form for other in others for form in (f"{other} {own}", f"{other}'s {own}")}
    body = re.fullmatch(r"[A-Z]{2,5} ((?:[A-Z]|peacekeeping)\S* .+)", name)
    return {body[1]} if body else set()


def _without_state(name: str) -> set[str]:
    """A state's body by its own name: "Senate" of "United States Senate", "Parliament" of "Parliament of Tunisia"."""
    for match in state_matches(name):
        rest = name[match.end :].strip()
        if match.start == 0 and rest[:1].isupper() and not COMPANY.fullmatch(rest):
            return {rest, *_short_forms(rest)}
        body = re.match(r"(\w+) of (?:the )?$", name[: match.start])
        if body and not rest and body[1].lower() in ORGANIZATION_NOUNS - {"bank"}:
            return {body[1]}
    return set()
