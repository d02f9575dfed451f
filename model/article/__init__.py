"""Pasted text or a dropped file comes in; an `Article` (title, paragraphs, boilerplate) and parsed sentences go out."""
