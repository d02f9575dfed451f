"""Analyses come in, HTML goes out; all text of an article is escaped."""
