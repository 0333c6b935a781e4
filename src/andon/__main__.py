"""`python -m andon` and the console script."""

from __future__ import annotations

import gc
import os
import sys

gc.disable()  # collecting while everything is being imported finds nothing and takes 3 ms; main turns it on

try:
    from andon.cli.main import main
    from andon.cli.streams import close_streams, open_streams
except KeyboardInterrupt:
    os._exit(130)


def run() -> None:
    """Run the command line and leave with its exit code, without tidying up what the system frees anyway."""
    code = 130
    try:
        channels = open_streams()
        code = main(sys.argv[1:])
        code = close_streams(channels, code)
    except KeyboardInterrupt:  # between two steps of our own: nothing is left to tell
        code = code or 130
    os._exit(code)


if __name__ == "__main__":
    run()
