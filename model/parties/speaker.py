"""Who speaks where a text says "I" and "we"."""

import re

from ..domain import Kind
from .entities import TITLE, Entity, EntityMention, MentionType
from .entity_table import EntityTable

_FIRST = {"i", "me", "my", "mine", "we", "us", "our", "ours", "ourselves"}
_SECOND = {"you", "your", "yours", "yourself"}
_SPEECH = re.compile(r"(?:Address|Speech|Remarks|Statement|Lecture|Message|Open letter)\b")


class Speaker:
    """Who says "I" and "we" in a speech ("Address … by …") or in the answers of an interview ("… interview with …")."""

    def __init__(self, table: EntityTable) -> None:
        self.table = table
        self.interview = False
        self.entity: Entity | None = None
        if TITLE not in table.texts:
            return
        title = table.texts[TITLE].text
        named = sorted(
            ((r, entity) for entity in table.entities for r in entity.mentions if r.paragraph == TITLE),
            key=lambda pair: (pair[0].start, pair[0].end),
        )
        interview = re.search(
            r"\b(?:interview with|interviews?|(?:speaks?|talks?) (?:to|with))\b", title, re.IGNORECASE
        )
        asks = any(re.match(r"[QA]: ", parsed.text) for parsed in table.texts.values())
        if interview and (asks or "interview" in interview[0].lower()):  # not "Talks with Iran collapse"
            self.interview = True
            asked = [entity for r, entity in named if r.start >= interview.end()]
            self.entity = next((entity for entity in asked if entity.kind is Kind.PERSON), next(iter(asked), None))
        elif named and _SPEECH.match(title):
            by = re.search(r"\bby (?=[A-Z][\w ]+ to )", title)  # "Address by Norway to the General Assembly"
            last, speaker = named[-1]
            addressed = re.search(r"\bto (?:the )?$", title[: last.start])  # "Open letter to Ann Berg"
            self.entity = next((e for r, e in named if by and r.start >= by.end()), None if addressed else speaker)

    def find(self, place: int) -> None:
        """Add a paragraph's "I" and "we" to the speaker; in an interview, those of the answer, and "you" elsewhere."""
        parsed = self.table.texts[place]
        answer = re.search(r"(?:^|\s)A: ", parsed.text)
        if self.entity is None:
            return
        start = 0
        if self.interview:
            start = answer.end() if answer else len(parsed.text)
        for token in parsed.tokens:
            word = token.text.lower()
            first = token.start >= start and word in _FIRST and token.text != "US"
            if first or (self.interview and token.start < start and word in _SECOND):
                self.entity.add(EntityMention(place, token.start, token.end, MentionType.PRONOUN))
