"""Labelling by hand: a form of plain text comes in, checked; lines of a gold file go out."""
