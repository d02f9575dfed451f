"""Speed on this machine: `python -m model.bench` (`make bench`)."""
