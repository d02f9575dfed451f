"""The actors of an article come in; those that a reader would choose as parties go out, the likeliest first."""
