"""The texts of an article, and where names stand in them."""

import re
from calendar import month_name
from collections.abc import Iterator, Sequence
from functools import cached_property

from spacy.lang.en.stop_words import STOP_WORDS

from ..article.nlp import ParsedText
from ..domain import TITLE, Mention
from ..names.gazetteer import Form, leader_named, state_matches, state_named
from ..names.lexicon import is_state
from ..names.people import JUNIOR
from ..names.plain import plain_letters
from .entities import is_free

_MONTHS = frozenset(month_name)
_JUNIORS_REST = re.compile(rf"((?: [A-Z][\w.]*){{0,2}}){JUNIOR.pattern}")
_LONG = 9
"""Characters of a name of several words that is found in any case ("BOKO HARAM")."""
_BEFORE = 80  # characters


class ArticleTexts:
    """An article's title, which may be empty, by `TITLE`, and its paragraphs, by number, in `parsed`."""

    def __init__(self, title: ParsedText, paragraphs: Sequence[ParsedText]) -> None:
        self.parsed = dict(enumerate((title, *paragraphs), TITLE))
        self._plain = {place: plain_letters(parsed.text) for place, parsed in self.parsed.items()}
        self._occurrences: dict[str, Sequence[Mention]] = {}

    @cached_property
    def full_names(self) -> list[tuple[Mention, list[str]]]:
        """Each full name of a person that spaCy sees, and its words."""
        found = []
        for place, parsed in self.parsed.items():
            for person in parsed.entities:
                name = re.sub("['’]s?$", "", person.text).rstrip()  # "Tom 's": parted words have a blank before
                if person.label == "PERSON" and " " in name:
                    found.append((Mention(place, person.start, person.start + len(name)), name.split()))
        return found

    def words(self, mention: Mention) -> str:
        """The words of a mention, as the text has them."""
        return self.parsed[mention.paragraph].text[mention.start : mention.end]

    def form(self, mention: Mention) -> str:
        """The words of a name on one line, without "the" before it and "'s" behind."""
        words = " ".join(self.words(mention).split())
        return re.sub(r"^[Tt]he ", "", re.sub(r" ?['’]s?$", "", words))

    def before(self, name: Mention) -> str:
        """What stands before a name."""
        return self.parsed[name.paragraph].text[max(0, name.start - _BEFORE) : name.start]

    def means_other(self, name: Mention) -> bool:
        """Whether what looks like a person's name is a plain word ("Will"), or within a longer one of no person."""
        text = self.parsed[name.paragraph]
        named = next((one for one in text.entities if one.start < name.end and name.start < one.end), None)
        if named is None:
            return any(token.start == name.start and token.pos != "PROPN" for token in text.tokens)
        longer = len(re.sub("^[Tt]he |['’]s$", "", named.text)) > name.end - name.start
        return named.label == "NORP" or (named.label != "PERSON" and longer)

    def is_pronoun(self, name: Mention) -> bool:
        """Whether what looks like a name is "He" or "I"."""
        return [word.tag for word in self.parsed[name.paragraph].within(name)] == ["PRP"]

    def occurrences(self, form: str) -> Sequence[Mention]:
        """Where `form` stands as whole words, accents aside, and not in another state's or leader's name.

        "Sudan" does not stand in "South Sudan", "Mexico" not in "New Mexico", "Donald Trump" not before "Jr.". Case is
        ignored for a form in lowercase, and for one of several words and at least `_LONG` characters; else it counts
        ("US").
        """
        if form not in self._occurrences:
            self._occurrences[form] = self._own(form, list(self._search(form)))
        return self._occurrences[form]

    def _own(self, form: str, places: Sequence[Mention]) -> Sequence[Mention]:
        """Those of the places of `form` that are in no longer name of another state or leader."""
        places = [place for place in places if not self.is_juniors(place)]
        state = state_named(form) if places else None
        if state is None:
            return places
        others = set()
        for paragraph in {place.paragraph for place in places}:
            parsed = self.parsed[paragraph]
            for match in state_matches(parsed.text):
                if match.state is not state or (match.form is Form.NAME and not is_state(parsed, match)):
                    others.add(Mention(paragraph, match.start, match.end))
        taken = sorted(others)
        return [place for place in places if is_free(taken, place)]

    def is_juniors(self, name: Mention) -> bool:
        """Whether a leader's name, or what opens it, is a namesake's with "Jr." behind it ("Donald" of Trump Jr.)."""
        text = self.parsed[name.paragraph].text
        rest = _JUNIORS_REST.match(text, name.end)
        return rest is not None and leader_named(text[name.start : rest.end(1)]) is not None

    def _search(self, form: str) -> Iterator[Mention]:
        flags = re.IGNORECASE if form == form.lower() or (len(form) >= _LONG and " " in form) else 0
        words = re.escape(plain_letters(form)).replace(r"\ ", r"\s+").replace(r"\-", r"-(?:\s(?=\w))?")
        pattern = re.compile(rf"(?<!\w){words}(?!\w)", flags)
        # "WHO IS TO BLAME" names neither; "US" in a headline is hardly ever the pronoun.
        common = form.isupper() and form.lower() in STOP_WORDS - {"us"}
        for place, text in self._plain.items():
            for match in () if common and text.isupper() else pattern.finditer(text):
                if form not in _MONTHS or not self._in_date(place, match.start()):  # "in May 2019"
                    yield Mention(place, match.start(), match.end())

    def _in_date(self, place: int, at: int) -> bool:
        entities = self.parsed[place].entities
        return any(entity.label == "DATE" and entity.start <= at < entity.end for entity in entities)
