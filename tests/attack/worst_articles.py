"""Articles at the limits of what is allowed, of the shapes that cost most to read."""

from collections.abc import Iterable

from model.settings import LONGEST_ARTICLE, MOST_PARAGRAPHS

PARTIES = (
    "Norway", "Sweden", "Denmark", "Finland", "Iceland", "Germany", "France", "Spain", "Portugal", "Italy", "Greece",
    "Poland", "Hungary", "Austria", "Belgium", "Ireland", "Estonia", "Latvia", "Lithuania", "Croatia", "Serbia",
    "Ann Berg", "Kreel Union", "Harbor Council",
)  # fmt: skip
REQUESTED = "; ".join(PARTIES)
"""As many parties as may be asked for."""
_LETTERS = "abcdefghijklmnopqrst"


def _sentence(number: int) -> str:
    """A sentence about three of the parties, with a pronoun and a quotation."""
    first, second, third = (PARTIES[(number * step + step) % len(PARTIES)] for step in (1, 5, 7))
    return (
        f"{first} praised {second} for its patience in week {number}, but its minister told the council that they "
        f"“would never trust {third} again”."
    )


def _surname(number: int) -> str:
    return "".join(_LETTERS[number // len(_LETTERS) ** place % len(_LETTERS)] for place in range(4)).capitalize()


def _filled(pieces: Iterable[str], between: str = " ", most: int = LONGEST_ARTICLE) -> str:
    """As many of the pieces as fit."""
    text: list[str] = []
    length = 0
    for piece in pieces:
        length += len(piece) + len(between)
        if length > most:
            break
        text.append(piece)
    return between.join(text)


_MANY = range(LONGEST_ARTICLE)
SHAPES = {
    "one paragraph": lambda: _filled(map(_sentence, _MANY)),
    "short paragraphs": lambda: _filled(
        (f"{PARTIES[n % 24]} thanked {PARTIES[(n * 5 + 1) % 24]} and said it was its own plan {n}." for n in
         range(MOST_PARAGRAPHS - 10)), "\n\n",
    ),
    "paragraphs": lambda: _filled((" ".join(map(_sentence, range(n, n + 5))) for n in _MANY), "\n\n"),
    "repeated names": lambda: _filled("Norway Sweden Ann Berg and Denmark, " for _ in _MANY),
    "other names": lambda: _filled(f"Ana {_surname(n)} met Bo {_surname(n * 7 + 3)}." for n in _MANY),
    "acronyms": lambda: _filled(f"the {_surname(n)} Union ({_surname(n)[:3].upper()}) and" for n in _MANY),
    "capitals": lambda: _filled(map(_sentence, _MANY)).upper(),
    "no spaces": lambda: "Norway and Sweden thanked Ann Berg." + "NorwaySwedenAnnBerg" * 10_500,
    "one word": lambda: "Norway and Sweden thanked Ann Berg." + "x" * 199_000,
    "one sentence": lambda: _filled(f"and {PARTIES[n % 24]} thanked {PARTIES[n * 5 % 24]} for it" for n in _MANY),
    "pronouns": lambda: _filled("He told Ann Berg it was its own plan; she said they thanked Norway." for _ in _MANY),
    "descriptions": lambda: _filled("The company told the ministry and the government of the council." for _ in _MANY),
    "quotation marks": lambda: _filled("“ \" ' said Norway" for _ in _MANY),
    "dots": lambda: _filled("a.a.a. Norway" for _ in _MANY),
    "signs": lambda: _filled("( ) [ ] - – , ; : Norway" for _ in _MANY),
    "numbers": lambda: _filled(f"{n} 1,000 3.5 %" for n in _MANY),
    "lines": lambda: _filled((f"Norway thanks Sweden {n}" for n in range(1900)), "\n"),
}  # fmt: skip
"""Each as long as is allowed."""
