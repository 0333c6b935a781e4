"""Fill an empty database with a world's rows: `python3 -m kit.seeded URL test|prod`."""

import sys

import seed

from kit.db import Database

if __name__ == "__main__":
    with Database(sys.argv[1]) as filled:
        seed.seed(filled, sys.argv[2])
