"""Reading files that may be anything: a pipe or a device would never end, or never begin."""

from __future__ import annotations

import errno
import os
import stat


def read(path: str, most: int) -> bytes:
    """Return the first `most` bytes of a regular file; raises OSError as well for what is none."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe without a writer would wait for one
    with open(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file", path)
        return file.read(most)
