"""Parsed paragraphs come in; the parties go out, each with its names and every place that refers to it."""
