"""A name of a model comes in; one object that continues prompts and chooses among words goes out."""
