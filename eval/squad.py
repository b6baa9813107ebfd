"""`python -m eval.squad FILE`: short for `python -m eval public squad FILE`."""

from __future__ import annotations

import sys

from eval.__main__ import main

if __name__ == "__main__":
    main(["public", "squad", *sys.argv[1:]], prog_name="python -m eval")
