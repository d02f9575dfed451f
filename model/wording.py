"""What the wording of a name and of its neighbours says: a company, a club, a state, an office."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from model.gazetteer import Form, State, StateMatch, state_matches
from model.language import Reading

COMPANY_NOUNS = {
    "company", "firm", "manufacturer", "maker", "producer", "operator", "retailer", "developer", "supplier", "miner",
    "corporation", "business", "employer",
}  # fmt: skip
ORGANIZATION_NOUNS = COMPANY_NOUNS | {
    "agency", "alliance", "assembly", "association", "authority", "bank", "board", "body", "bureau", "charity",
    "chamber", "club", "coalition", "college", "commission", "committee", "confederation", "conference", "congress",
    "council", "court", "department", "endowment", "federation", "force", "foundation", "fund", "group", "house",
    "institute",
    "institution", "laboratory", "league", "ministry", "movement", "museum", "newspaper", "office", "opposition",
    "organisation", "organization", "panel", "parliament", "party", "police", "regulator", "senate", "service",
    "society", "team", "tribunal", "trust", "union", "university", "watchdog",
}  # fmt: skip
STATE_NOUNS = {"country", "nation", "government", "state", "kingdom", "republic", "regime", "administration", "cabinet"}
_COMPANY = re.compile(
    r"\b(?:Inc|Corp|Corporation|Ltd|Limited|LLC|PLC|plc|Co|Company|Group|Holdings|Industries|Resources|Mining|Motors"
    r"|Airlines|Airways|Energy|Pharma\w*|Medical|Devices|Systems|Technologies|Foods|Steel|Buses|Media|Partners)\b\.?"
)
ACRONYM = re.compile(r"(?: \((?:the )?|,? (?:known as|called|or) (?:the )?)([A-Z][A-Z&.]{1,9})\b")
_CLUB = re.compile(r"\w (?:Town|United|City|Rovers|Wanderers|Athletic|Albion|FC|F\.C\.)$")
# A state's name inside one of these is somebody else's name.
_NOT_STATE_AFTER = re.compile(
    r"(?! (?:and|for|of|the|West Bank|Belt and Road|[A-Z]\w+ (?:Sea|Ocean|Gulf))\b)"  # "Iran and the Gulf states"
    r"(?:[ \-](?:[A-Z][\w'’]*|of|for|and|the))*?[ \-](?:Post|Times|Daily|Bank|Airlines?|Airways|Press|University"
    r"|College"
    r"|Institute|Studies|Club|Journal|Herald|Tribune|Telegraph|Broadcasting|Open|Cup|Sea|Ocean|Gulf|Bay|Canal|Inc|Corp"
    r"|Ltd|Monument|Mercury|Guardian|Mail|Express|Museum|Academy|Street|Avenue|Road|Bridge|Marathon)\b"
)
_NOT_STATE_BEFORE = re.compile(
    r"(?:\b(?:Latin|Central|African|Native|Pan|Meso|New|George|Fort|Lake|Port|Bank of|Baptist|University of)[ \-])$"
)
_GOVERNMENT_BODY = re.compile(
    r"\b(?:Ministry|Department|Government|Embassy|Consulate|Mission|Army|Navy|Air Force|Armed Forces|Forces|Military"
    r"|Administration|Foreign|Defen[cs]e|Treasury|State|Republic|Presidency|Cabinet)\b"
)
_LOCATIVE = re.compile(
    r"\b(?:in|at|near|outside|around|across|from|of|into|through|to|visit(?:ing|ed)?) $", re.IGNORECASE
)
_OFFICE = (
    r"(?:(?:[Vv]ice|[Dd]eputy|[Ff]ormer|[Aa]cting|[Ss]enior|[Tt]op|[Cc]hief|[Pp]ermanent|[Ss]pecial|[Ff]oreign"
    r"|[Dd]efen[cs]e|[Ff]inance|[Ii]nterior|[Tt]rade|[Pp]rime|[Nn]ational|[Ss]ecurity|[Hh]ealth|[Jj]ustice|[Ee]nvironment"
    r"|[Ss]tate) )*"
    r"(?:[Pp]resident|[Mm]inister|[Pp]remier|[Cc]hancellor|[Ss]ecretary(?: of [A-Z]\w+)?|[Aa]mbassador|[Ee]nvoy"
    r"|[Dd]iplomat"
    r"|[Ss]pokes(?:man|woman|person)|[Oo]fficial|[Gg]eneral|[Kk]ing|[Qq]ueen|[Ee]mperor|[Ll]eader|[Aa]dvis[eo]r"
    r"|[Nn]egotiator|[Aa]dmiral|[Cc]ommander|[Rr]epresentative)"
)
OFFICE_END = re.compile(rf"\b{_OFFICE}[, ]*$")
ROLE_END = re.compile(
    r"(?<![Vv]ice )(?<![Vv]ice-)(?<!ormer )(?<!ormer [Pp]rime )(?<!eputy )\b"
    r"([Pp]resident|[Mm]inister|[Pp]remier|[Cc]hancellor|[Ss]ecretary|[Aa]mbassador|[Ss]enator|[Mm]ayor|[Gg]overnor"
    r"|[Jj]udge|[Jj]ustice|[Cc]hairman|[Cc]hairwoman|[Cc]hair|[Cc]oach|[Cc]aptain|[Pp]rofessor|[Cc]ouncillor"
    r"|[Cc]ongress(?:man|woman)|[Rr]epresentative|[Dd]irector|[Pp]ope|[Kk]ing|[Qq]ueen|[Gg]eneral|[Pp]rince"
    r"|[Ee]xecutive)[, ]*$"
)
HONORIFIC_END = re.compile(r"\b(Mr|Mrs|Ms|Miss|Sir|Lady|Dame|Lord|King|Queen|Prince|Princess)\.? $")
SHE_TITLES, HE_TITLES = (
    {"Mrs", "Ms", "Miss", "Lady", "Dame", "Queen", "Princess"},
    {"Mr", "Sir", "Lord", "King", "Prince"},
)
RULES_AFTER = re.compile(
    r"(?:['’]s?)? (?:administration|government|regime|cabinet|presidency|White House|team)\b", re.IGNORECASE
)
HONORIFIC = re.compile(r"^(Mr|Mrs|Ms|Miss|Dr|Sir|Lady|Dame|Lord)\.? ")
POLITICAL = {
    "Republican": "Republican Party", "Republicans": "Republican Party", "GOP": "Republican Party",
    "Democrat": "Democratic Party", "Democrats": "Democratic Party", "Democratic": "Democratic Party",
    "Conservatives": "Conservative Party", "Tory": "Conservative Party", "Tories": "Conservative Party",
    "Labour": "Labour Party",
}  # fmt: skip
SOURCES = {
    "AFP", "AP", "Agence France-Presse", "Associated Press", "BBC", "BBC News", "CNN", "Facebook", "Instagram",
    "Reuters", "Telegram", "Twitter", "Wikinews", "Xinhua", "YouTube",
}  # fmt: skip
"""Who is named for having carried the news; parties only where the article is about them."""
UNNAMED = {
    "ministry",
    "council",
    "union",
    "commission",
    "federation",
    "regulator",
    "agency",
    "opposition",
    "club",
    "court",
    "board",
}
_PLAIN = {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "’": "'", "‘": "'", "ʼ": "'", "‑": "-", "–": "-"}
GENERIC_WORDS = {
    "National", "New", "United", "First", "American", "International", "General", "Federal", "Royal", "Central",
    "Ministry", "Department", "University", "Court", "Supreme", "High", "World", "Bank", "House", "Council", "Free",
    "Constitutional", "Democratic", "Republican", "People", "Human", "Public", "Great", "European", "Global", "North",
    "South", "East", "West", "Northern", "Southern", "Eastern", "Western", "City", "State", "St", "San", "Los", "Las",
    "Health", "Home", "Security", "Foreign", "White", "Air", "Trade", "Union", "The", "Association", "Federation",
    "Confederation", "Institute", "Kingdom", "Office", "Republic", "Committee", "Commission", "Society", "League",
    "Party", "Senate",
}  # fmt: skip


def plain_letters(text: str) -> str:
    """`text` without accents, with straight apostrophes and hyphens; each character stays in its place."""
    return text if text.isascii() else "".join(map(_plain_letter, text))


@cache
def _plain_letter(letter: str) -> str:
    return _PLAIN.get(letter) or unicodedata.normalize("NFD", letter)[0]


def organization_forms(name: str) -> Iterator[str]:
    """`name`, its acronym, and its first word where that can stand for it ("Karrawin Resources" → "Karrawin")."""
    yield name
    words = re.findall(r"[\w'’&\-]+", name)
    capitals = [word for word in words if word[0].isupper()]
    if len(capitals) >= 3:
        yield "".join(word[0] for word in capitals)
    if len(words) > 1 and words[0][0].isupper() and words[0] not in GENERIC_WORDS and len(words[0]) > 3:
        known = {match.state.name for match in state_matches(words[0])}
        if not known and (_COMPANY.search(name) or words[-1] in {"Party", "Town", "United", "City"}):
            yield words[0]


def organization_nouns(name: str) -> set[str]:
    """The common nouns that the name itself holds ("Ministry of Education" → ministry), and "company" for companies."""
    words = re.findall(r"\w+", name)
    nouns = {word.lower() for word in words} & ORGANIZATION_NOUNS
    if "ministry" in nouns:
        nouns.add("minister")
    if _CLUB.search(name):
        nouns |= {"club", "team", "side"}
    return nouns | (COMPANY_NOUNS if _COMPANY.search(name) else set())


def state_nouns(state: State) -> set[str]:
    """What "the …" may call `state`: "kingdom" and "republic" only where a name of it says so."""
    words = {word.lower() for name in (state.name, *state.names) for word in name.split()}
    return STATE_NOUNS - ({"kingdom", "republic"} - words)


def is_state(reading: Reading, match: StateMatch) -> bool:
    """Whether a state's name here is not part of another name (a paper, a person) and a capital not just a place."""
    before, after = reading.text[max(0, match.start - 20) : match.start], reading.text[match.end : match.end + 60]
    if match.form is Form.LEADER:
        return True
    if _NOT_STATE_BEFORE.search(before) or _NOT_STATE_AFTER.match(after):
        return False
    if re.search(r"\b(?:South|North) $", before) and match.state.name in {"United States"}:
        return False
    if _own_body(reading, match):
        return False
    for entity in reading.entities:
        inside = (
            entity.start <= match.start and match.end <= entity.end and len(entity.text) > match.end - match.start + 4
        )
        if inside and entity.label == "PERSON" and match.form in (Form.NAME, Form.CAPITAL):
            return False
    return match.form is not Form.CAPITAL or not _LOCATIVE.search(before) or after.startswith(("'s", "’s"))


def _own_body(reading: Reading, match: StateMatch) -> bool:
    """Whether the state's name is part of a body that is not the state ("Health Canada", "Bank of England")."""
    for entity in reading.entities:
        if entity.label == "ORG" and entity.start <= match.start and match.end <= entity.end:
            start = entity.start + (4 if entity.text.lower().startswith("the ") else 0)
            rest = reading.text[start : match.start] + reading.text[match.end : entity.end]
            if _GOVERNMENT_BODY.search(rest) or not rest.strip(" '’s"):
                return False
            nouns = {word.lower() for word in re.findall(r"\w+", rest)} & ORGANIZATION_NOUNS
            return start < match.start or bool(nouns)
    return False


def is_short_for(name: str, longer: str, person: bool) -> bool:
    """Whether the one word `name` is short for `longer`: its last word, or its first where that is no person's name."""
    words = longer.split()
    if len(words) < 2 or " " in name or name in GENERIC_WORDS or not all(word[0].isupper() for word in words):
        return False
    return name == words[-1] or (not person and name == words[0])


def may_be_same_person(known: str, name: str) -> bool:
    """Whether two full names with one surname can be one person: one's first name is in the other or is an initial."""
    first, other = known.split()[0], name.split()[0]
    return (
        first == other
        or (first[0] == other[0] and min(len(first.rstrip(".")), len(other.rstrip("."))) == 1)
        or (set(known.split()) >= set(name.split()) or set(name.split()) >= set(known.split()))
    )


def state_before(text: str, start: int) -> State | None:
    """The state for which a person acts by the words before the name ("China's senior diplomat", "US envoy")."""
    before = text[max(0, start - 80) : start]
    office = OFFICE_END.search(before)
    if office is None:
        return None
    head = before[: office.start()]
    found = [m for m in state_matches(head) if re.fullmatch(r"(?:['’]s)?[ \-]*(?:the )?", head[m.end :])]
    return found[-1].state if found else None
