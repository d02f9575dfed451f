"""Scores Sidelight against hand labels: `python -m eval GOLD.jsonl …`."""
