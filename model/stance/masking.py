"""Judging blind: what is read has a stand-in for the name of each party, so that no label can rest on who it is."""

STAND_INS = tuple("αβγδεζηθικλμνξοπρστυφχψω")
"""Words of one token each for the encoder, by the order in which an article names its parties; then from the first."""
