"""Every word that the page says, in one place, so that it can be translated."""

from collections.abc import Mapping

STRINGS: Mapping[str, str] = {
    "tagline": "Paste a news or opinion article: see what it says, and where each paragraph stands toward each party.",
    "article": "Article (English)",
    "article_info": "Ctrl+Enter judges it. What you paste stays on this machine.",
    "file": "…or drop a file: .txt, .md, .html, .docx, .pdf, or an analysis saved here as .json",
    "judge": "Judge the article",
    "stop": "Stop",
    "examples": "Or try one of ours:",
    "ferry-line": "Opinion: a ferry dispute",
    "water-company": "Column: a water company",
    "harbour-talks": "Report: harbour talks",
    "limits": "Sidelight judges what each paragraph says, not what is true. It reads English only, errs on irony and "
    "on parties that go unnamed, and its labels are a reader’s aid: check them against the text.",
    "stage_loading": "Loading the models: some seconds after the start, longer at the very first",
    "stage_read": "Step 1 of 3: finding the parties",
    "stage_parties": "Step 2 of 3: judging {paragraphs} paragraphs toward {parties} parties",
    "stage_labels": "Step 3 of 3: choosing the summary",
    "stage_writing": "Writing the summary",
    "parties_title": "Change the parties",
    "parties": "Parties",
    "parties_info": "One party a line: its name, then, after a colon, the other names that stand for it, with commas "
    "between. Delete a line to drop a party, move its names to another line to merge, give names a line of their own "
    "to split, add a line with a name alone to add one. Only what changes is judged again.",
    "parties_again": "Judge again with these parties",
    "take_title": "Take it away",
    "take_csv": "CSV",
    "take_json": "JSON",
    "take_markdown": "Markdown",
    "take_gone": "This analysis is no longer in memory: judge the article again.",
    "take_html": "Printable report",
    "summary": "Summary, in the article’s own sentences",
    "summary_written": "Summary",
    "summary_by": "Written by a language model ({model}). Each sentence was held against the paragraphs it cites; what "
    "they do not support is not shown. In quotation marks: the article’s own sentence.",
    "summary_rejected": "Written sentences left out: {count}.",
    "summary_all_rejected": "A language model wrote one too; the article does not clearly support it, or it only "
    "copies the article.",
    "summary_sections": "The article is longer than the model reads at once: it was read in {count} parts.",
    "summary_own": "The article’s own sentences",
    "summary_none": "No language model is at hand (LLM=default sets one), so the summary is made of the article’s own "
    "sentences.",
    "lines": "How the article treats each party",
    "lines_more": "{count} more",
    "course": "The article’s course",
    "course_info": "Up: favorable. Down: critical. On the line: neutral. Nothing: absent. The longer, the surer. "
    "Pale: unsure.",
    "course_of": "{party}, paragraph by paragraph: {course}",
    "totals": "Whose voice",
    "totals_party": "Party",
    "totals_author": "The author",
    "totals_quoted": "Quoted",
    "totals_neutral": "Neutral",
    "totals_absent": "Absent",
    "matrix": "Where each paragraph stands",
    "matrix_info": "Choose a cell to go to its paragraph. With a cell in focus, F, C, N or A sets your own label, Y "
    "agrees with ours, Delete takes yours back, and the arrows, Home and End move.",
    "second": "Ask the language model for a second opinion",
    "second_info": "Second opinion: the language model gives {same} of {count} cells the same label; ≠ marks the "
    "others. It errs more often than Sidelight’s own model: a difference is a reason to read the paragraph, no more.",
    "second_unread": "Of {count} it said nothing that is a label.",
    "second_cell": "≠ {stance} {share}",
    "stage_careful": "Reading the paragraphs once more, with the language model",
    "stage_second": "Asking the language model about each paragraph",
    "paragraph": "Paragraph",
    "paragraph_number": "paragraph {number}",
    "reading": "The article",
    "reading_party": "Color the text for",
    "reading_info": "Underlined: where a paragraph refers to the party. Shaded: the sentence that carries the stance.",
    "reading_mentions": "Underline mentions",
    "unsure": "unsure",
    "disagree": "Disagree",
    "disagree_info": "Your labels stay in this browser until you download or clear them. "
    "“.venv/bin/python -m eval FILE” scores Sidelight against the file.",
    "disagree_download": "Download your labels",
    "disagree_load": "Load labels",
    "disagree_clear": "Clear your labels",
    "disagree_blind": "Hide Sidelight’s labels (to label blind)",
    "file_large": "Expected a file of at most {most} MB, got {name} of {size} MB; paste the article's text instead.",
    "js_count": "Your labels: {count}",
    "js_ours": "Sidelight: {stance} {share}",
    "js_set": "Your label for ¶{number}, {party}",
    "js_unset": "your label?",
    "js_note": "Note",
    "js_close": "Close",
    "js_back": "Back to the table",
    "js_evidence": "Because of: “{text}”",
    "js_other": "These labels are of another article. Its text is in the box now: judge it, then load them again.",
    "js_bad": "Expected a gold file as downloaded here, got something else: {reason}",
    "js_loaded": "{count} labels loaded",
    "js_hidden": "; {count} of parties that are not shown",
    "js_full": "This browser keeps nothing for this page (its storage is off or full): download your labels elsewhere.",
    "js_empty": "You have set no label yet: choose a cell and press F, C, N, A or Y.",
    "js_confirm_clear": "Delete your {count} labels of this article?",
    "favorable": "favorable",
    "critical": "critical",
    "neutral": "neutral",
    "absent": "absent",
}


def say(key: str, **values: object) -> str:
    """The words for `key`, with `values` in their places."""
    return STRINGS[key].format(**values) if values else STRINGS[key]
