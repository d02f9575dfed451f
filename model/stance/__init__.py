"""Paragraphs and mentions of parties come in; a label with voice, evidence and probability for each pair goes out."""
