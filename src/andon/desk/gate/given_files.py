"""Reading a file that somebody names on the command line, however odd it is."""

from __future__ import annotations

import os
import stat

from andon.errors import NotFound, Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.response.findings.finding import Scan

#: Bytes of a file; readers refuse what reaches it.
LARGEST = (64 << 20) + 1


def read_bytes(path: str, rule: str) -> bytes:
    """Return a file, at most LARGEST bytes; raises NotFound, and Unavailable for what is no regular file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError("it is no regular file")
            return file.read(LARGEST)
    except FileNotFoundError as problem:
        raise NotFound("there is no such file", where=path, rule=rule, remedy="check the path") from problem
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or problem
        raise Unavailable(
            f"the file cannot be read: {why}", where=path, rule=rule, remedy="check it"
        ) from problem


def read_given_sarif(path: str) -> tuple[Scan, ...]:
    """Return what a SARIF file says; raises NotFound, Unavailable, InvalidInput."""
    from andon.response.findings.sarif import read_sarif

    return read_sarif(read_bytes(path, "secrets"), where=path, root=os.getcwd())
