"""English phrases that the command line and the files say too; the page has them in its other languages as well."""

from collections.abc import Callable, Mapping

Say = Callable[..., str]
"""Gives the words for a key, with values in their places."""
PHRASES: Mapping[str, str] = {
    "favorable": "favorable",
    "critical": "critical",
    "neutral": "neutral",
    "absent": "absent",
    "line_unnamed": "not referred to.",
    "line_neutral": "referred to in {where}; none takes a side.",
    "line_treated": "treated {parts}{rest}.",
    "line_critical": "critically in {where}, {voices}",
    "line_favorable": "favorably in {where}, {voices}",
    "line_rest": "; neutrally in {count}",
    "line_paragraph": "{count} of {total} paragraph",
    "line_paragraphs": "{count} of {total} paragraphs",
    "line_unsure": "{where}, {count} of them unsure",
    "line_all_unsure": "{where}, unsure",
    "line_author": "in the author’s own voice",
    "line_quoted": "quoted{holders}",
    "line_all_quoted": "in quoted voices{holders}",
    "line_holders": " ({names})",
    "line_holder": "{name}",
    "line_holder_count": "{count} by {name}",
    "line_holder_rest": "{count} by others",
    "line_holder_unnamed": "{count} unnamed",
    "line_readers": "by the reader’s label",
    "most_critical": "Most often criticized among the main parties: {parties}, in {where}{voices}{rest}.",
    "most_each": "Most often criticized among the main parties: {parties}, each in {where}{voices}{rest}.",
    "most_rest": "; treated favorably in {where}",
    "most_nobody": "None of the main parties is criticized.",
    "most_author": ", mostly in the author’s own voice",
    "most_author_all": ", in the author’s own voice",
    "most_quoted": ", mostly by quoted voices{holders}",
    "most_quoted_all": ", by quoted voices{holders}",
    "most_both": ", as often in the author’s own voice as by quoted voices{holders}",
    "voice_author": "author’s voice",
    "voice_quoted": "quoted",
    "voice_quoted_of": "quoted: {holder}",
    "unsure": "unsure",
    "compare_none": "not mentioned",
    "compare_absent": "absent from every paragraph",
    "compare_voice": "{count} {voice}",
    "compare_author": "in the author’s voice",
    "compare_quoted": "quoted",
    "readers_label": "the reader’s label",
    "readers_sign": "{sign} marks labels that the reader set.",
    "readers_corrections": "The reader’s corrections: old → new",
    "readers_notes": "The reader’s notes",
    "file_summary": "Summary",
    "file_parties": "Parties",
    "file_stance": "Stance",
    "file_evidence": "Evidence",
    "file_unsure": "A question mark marks a label that is unsure.",
    "warning_language": "This does not look like English. Sidelight is scored on English only: nothing below is "
    "scored.",
    "warning_nobody": "No party was found: the text names no state, organization or person. Add one by name and "
    "analyze again.",
    "warning_unnamed": "No paragraph refers to “{party}”: it is absent from all of them.",
    "warning_unwritten": "There is no written summary: {error}",
    "warning_portrayals": "The sentences on the parties are not all written: {error}",
}


def english(key: str, **values: object) -> str:
    """The English phrase for `key`."""
    return PHRASES[key].format(**values)
