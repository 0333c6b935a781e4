"""`python -m andon` and the console script."""

from __future__ import annotations

import gc
import os
import sys

gc.disable()  # collecting while everything is being imported finds nothing and takes 3 ms; main turns it on

from andon.cli.main import main  # noqa: E402


def run() -> None:
    """Run the command line and leave with its exit code, without tidying up what the system frees anyway."""
    code = main(sys.argv[1:])
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except BrokenPipeError:
        pass  # whoever read has seen enough
    except OSError as problem:
        code = code or 3
        os.write(2, f"unavailable: the answer could not be written: {problem.strerror}\n".encode())
    os._exit(code)


if __name__ == "__main__":
    run()
