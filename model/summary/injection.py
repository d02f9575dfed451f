"""Text that speaks to the tool instead of its readers: orders, marks of chats, and signs that no eye can see."""

import re
import unicodedata

_MADE = r"answer|reply|respond|write|output|print|add|include|append"
"""What a news text seldom tells others to do that somebody says: "and say that" it has often."""
_TOLD = rf"{_MADE}|say|state"
_TOOL = (
    r"language model|chatbot|AI (?:assistant|model|system|tool)|as an AI|LLM|assistant|Sprachmodell|software|machine"
    r"|automatic reader|robot|algorithm"
)
_MARKS = (
    r"<\|[a-z_]+\|?>?|\[/?INST\]|</?s>|\[(?:end|text) [0-9a-f]{6,}\]|```|<!--"  # of chats and fences
    r"|</?\w{1,40}[_-]\w{1,40}>|\{\s*\"\w+\"\s*:|\{\s*\"(?:summary|stance|label|answer)\""  # calls of tools
    r"|^[^\S\n]*(?:Summary|Assistant|System|User|Output|Answer|JSON)\s*:|!\[[^\[\]]*\]\(|\]\(https?://"
)
_WORDS = (
    r"(?:ignore|disregard|forget|override)\b.{0,40}"
    r"\b(?:above|previous|prior|earlier|preceding|instructions?|prompt|(?:your|all) rules)\b"
    r"|(?:system|developer) (?:prompt|message|note|instruction)|prompt injection\b"
    r"|(?:your|the|this) (?:system )?prompt\b"
    rf"|(?:{_TOOL})s?\b[^.!?]{{0,80}}\b(?:reading this|sums? (?:up|this)|digests?)\b"
    r"|(?:language model|chatbot|AI (?:assistant|model)|as an AI|LLM|Sprachmodell|automatic reader)s?\b.{0,80}"
    rf"\b(?:must|should|please|will|{_TOLD})\b"
    r"|new task\b(?! force)|whatever you write\b|unless you (?:write|say|state)\b"
    rf"|(?:always|please|now|instead|and) (?:(?:{_MADE}) that |(?:{_TOLD}) [“\"'])"
    rf"|for the [^.;]{{2,60}} (?:write|say) [“\"']|rules? override"
    r"|(?:note|attention|message|instructions?|notice) (?:to|for) (?:the |any |all )?(?:\w+ )?"
    r"(?:summari[sz]\w+|AI|model|assistant|tool|software|system)\b"
    r"|summari[sz]er|summari[sz]ing (?:this|the) (?:article|text)|when (?:you )?summari[sz]\w+"
    r"|(?:answer|reply|respond|output|print|return|write) (?:only|exactly|with only|nothing but|just)\b"
    r"|(?:print|reveal|repeat|show|output) (?:your|the) (?:\w+ )?(?:prompt|instructions)\b"
    r"|you are (?:now )?(?:a|an|no longer)\b.{0,60}\b(?:assistant|model|bot|AI|summari\w+|character|persona)\b"
    r"|in your (?:summary|answer|reply|output|response)\b"
    r"|(?:the|this|any|every|your) summary (?:must|should|has to|needs to|ought to|of this)\b"
)
_ORDERS = re.compile(rf"{_MARKS}|\b(?=[a-z])(?:{_WORDS})", re.IGNORECASE | re.MULTILINE)
_UNSEEN = re.compile("[\u200b\u202a-\u202e\u2060-\u2064\U000e0000-\U000e007f]")
"""Such as overrides of the direction and tags; an honest text may have soft hyphens, joiners and isolates."""
_SPACED = re.compile(r"(?:\b\w ){6,}")
_ENCODED = re.compile(r"\b[A-Za-z0-9+/]{40,}={0,2}")


def speaks_to_tool(text: str) -> bool:
    """Whether `text` gives orders to a language model or hides something from readers.

    Such text is judged and shown like any other, and no summary is made of it.
    """
    # A sign that is not seen may stand between the letters of an order, or between its words.
    plain = unicodedata.normalize("NFKC", text)
    unseen = [sign for sign in set(plain) if unicodedata.category(sign) == "Cf"]
    readings = {plain.translate(dict.fromkeys(map(ord, unseen), put)) for put in ("", " ")}
    return _UNSEEN.search(text) is not None or any(
        sign.search(reading) for sign in (_ORDERS, _SPACED, _ENCODED) for reading in readings
    )
