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
_DISREGARD = "ignore|disregard|forget|override"
_ORDERS = re.compile(
    r"<\|[a-z_]+\|?>?|\[/?INST\]|</?s>|\[(?:end|text) [0-9a-f]{6,}\]|```|<!--"  # marks of chats and fences
    rf"|\b(?:{_DISREGARD})\b.{{0,40}}\b(?:above|preceding|instructions?|prompt|(?:your|all) rules)\b"
    # News tells of those who override an earlier veto; an order begins with the verb.
    rf"|\b(?={_DISREGARD})(?:(?<!\w )|(?<=\bplease )|(?<=\bnow )|(?<=\band )|(?<=\byou must ))"
    rf"(?:{_DISREGARD})\b.{{0,40}}\b(?:previous|prior|earlier)\b"
    r"|\b(?:system|developer) (?:prompt|message|note|instruction)|\bprompt injection\b"
    r"|\byour (?:system )?prompt\b|\b(?:the|this) prompt\b(?! \w)"
    rf"|\b(?:{_TOOL})s?\b[^.!?]{{0,80}}\b(?:reading this|sums? (?:up|this)|digests?)\b"
    r"|\b(?:language model|chatbot|AI (?:assistant|model)|as an AI|LLM|Sprachmodell|automatic reader)s?\b.{0,80}"
    rf"\b(?:must|should|please|will|{_TOLD})\b"
    r"|\bnew task\b(?! force)|\bwhatever you write\b|\bunless you (?:write|say|state)\b"
    rf"|\b(?:always|please|now|instead|and) (?:(?:{_MADE}) that |(?:{_TOLD}) [“\"'])"
    rf"|\bfor the [^.;]{{2,60}} (?:write|say) [“\"']|\brules? override"
    r"|</?\w{1,40}[_-]\w{1,40}>|\{\s*\"\w+\"\s*:"  # calls of tools
    r"|\b(?:note|attention|message|instructions?|notice) (?:to|for) (?:the |any |all )?(?:\w+ )?"
    r"(?:summari[sz]\w+|AI|model|assistant|tool|software|system)\b"
    r"|\bsummari[sz]er|\bsummari[sz]ing (?:this|the) (?:article|text)|\bwhen (?:you )?summari[sz]\w+"
    r"|\b(?:answer|reply|respond|output|print|return|write) (?:only|exactly|with only|nothing but|just)\b"
    r"|\b(?:print|reveal|repeat|show|output) (?:your|the) (?:\w+ )?(?:prompt|instructions)\b"
    r"|\byou are (?:now )?(?:a|an|no longer)\b.{0,60}\b(?:assistant|model|bot|AI|summari\w+|character|persona)\b"
    r"|^[^\S\n]*(?:Summary|Assistant|System|User|Output|Answer|JSON)\s*:|\{\s*\"(?:summary|stance|label|answer)\""
    r"|!\[[^\[\]]*\]\(|\]\(https?://|\bin your (?:summary|answer|reply|output|response)\b"
    r"|\b(?:the|this|any|every|your) summary (?:must|should|has to|needs to|ought to|of this)\b",
    re.IGNORECASE | re.MULTILINE,
)
_UNSEEN = re.compile("[\u200b\u202a-\u202e\u2060-\u2064\U000e0000-\U000e007f]")
"""Such as overrides of the direction and tags; an honest text may have soft hyphens, joiners and isolates."""
_SPACED = re.compile(r"(?:\b\w ){6,}")
_ENCODED = re.compile(r"\b[A-Za-z0-9+/]{40,}={0,2}")


def speaks_to_tool(text: str) -> bool:
    """Whether `text` gives orders to a language model or hides something from readers.

    Such text is judged and shown like any other, and no summary is made of it.
    """
    # No sign that is not seen may stand between the letters of an order.
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    return bool(_UNSEEN.search(text)) or any(sign.search(seen) for sign in (_ORDERS, _SPACED, _ENCODED))
