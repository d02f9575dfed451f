"""An `Analysis` comes in; JSON, CSV, Markdown or text goes out, and JSON comes back in."""
