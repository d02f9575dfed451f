"""A name comes in; what it implies goes out: states, organisations, aliases, which words of a mention are a name."""
