"""Open a file to read it, without ever waiting: a pipe in its place would hold up whoever reads, for ever."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

#: What of a mode says what kind of thing it is, and what it says for a file.
_KIND, _FILE = 0o170000, 0o100000


def open_file(path: str) -> BinaryIO:
    """Return an open file; raises OSError, also for what is there and no file."""
    number = os.open(
        path,
        os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0),
    )
    try:
        if os.fstat(number).st_mode & _KIND != _FILE:
            raise OSError(0, "it is no file")
        return open(number, "rb")
    except BaseException:
        os.close(number)
        raise
