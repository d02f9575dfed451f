"""The page: paste an article, see what it says and where each paragraph stands. `python app.py` opens it."""

import sys

from model.page.server import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
