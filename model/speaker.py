"""Who speaks where a text says "I" and "we"."""

import re

from model.actors import TITLE, Actor, By, Reference
from model.cast import Cast
from model.domain import Kind

_FIRST = {"i", "me", "my", "mine", "we", "us", "our", "ours", "ourselves"}
_SECOND = {"you", "your", "yours", "yourself"}
_SPEECH = re.compile(r"(?:Address|Speech|Remarks|Statement|Lecture|Message|Open letter)\b")


class Speaker:
    """Who says "I" and "we" in a speech ("Address … by …") or in the answers of an interview ("… interview with …")."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.interview = False
        self.actor: Actor | None = None
        if TITLE not in cast.texts:
            return
        title = cast.texts[TITLE].text
        named = sorted(
            ((r, actor) for actor in cast.actors for r in actor.references if r.paragraph == TITLE),
            key=lambda pair: (pair[0].start, pair[0].end),
        )
        interview = re.search(
            r"\b(?:interview with|interviews?|speaks? (?:to|with)|talks? (?:to|with))\b", title, re.IGNORECASE
        )
        if interview:
            self.interview = True
            asked = [actor for r, actor in named if r.start >= interview.end()]
            self.actor = next((actor for actor in asked if actor.kind is Kind.PERSON), next(iter(asked), None))
        elif named and _SPEECH.match(title):
            by = re.search(r"\bby (?=[A-Z][\w ]+ to )", title)  # "Address by Norway to the General Assembly"
            self.actor = next((actor for r, actor in named if by and r.start >= by.end()), named[-1][1])

    def find(self, place: int) -> None:
        """Add a paragraph's "I" and "we" to the speaker; in an interview, those of the answer, and "you" elsewhere."""
        reading = self.cast.texts[place]
        answer = re.search(r"(?:^|\s)A: ", reading.text)
        if self.actor is None:
            return
        start = 0
        if self.interview:
            start = answer.end() if answer else len(reading.text)
        for token in reading.tokens:
            word = token.text.lower()
            first = token.start >= start and word in _FIRST and token.text != "US"
            if first or (self.interview and token.start < start and word in _SECOND):
                self.actor.add(Reference(place, token.start, token.end, By.PRONOUN))
