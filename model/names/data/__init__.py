"""Word lists and tables of names."""
