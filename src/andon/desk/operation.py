"""Where operations leave their traces: who carries one out right now, and how it ended.

The lock is one that the system releases when the process dies. Its descriptor is inherited by the deploy
tool, so it is held until the tool has ended too, even when Andon itself was killed.
"""

from __future__ import annotations

import fcntl
import os
import sys

from andon.errors import Conflict, Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType


def directory() -> str:
    """Return the directory of the operations, in the user's data; "" for somebody without a home.

    It holds what would be dangerous to lose while an operation is under way, so it is no cache.
    """
    base = os.environ.get("XDG_DATA_HOME", "")
    if not os.path.isabs(base):  # a relative one is to be ignored: XDG base directory specification
        home = "Library/Application Support" if sys.platform == "darwin" else ".local/share"
        base = os.path.join(os.path.expanduser("~"), home)
    return os.path.join(base, "andon", "operations") if os.path.isabs(base) else ""


def trace(operation: str, kind: str = "") -> str:
    """Return the path of what an operation leaves: its lock, or its `started`, `outcome` or `progress`."""
    name = "".join(c if c.isalnum() or c in "-_" else "-" for c in operation)
    place = directory()
    return os.path.join(place, f"{name}.{kind}" if kind else name) if place else ""


def worker_lock(place: str, service: str) -> str:
    """Return the file that a worker locks: on a journal in a file one works, on another one lone one a host.

    `place` is the journal's: a path or a URL.
    """
    if "://" not in place:
        return os.path.splitext(os.path.abspath(os.path.expanduser(place)))[0] + "-engine.lock"
    from hashlib import sha256

    return trace(f"worker-{sha256(f'{place}#{service}'.encode()).hexdigest()[:16]}")


class hold:  # noqa: N801 - used like a function: with hold(operation)
    """Hold an operation while it is carried out; raises Conflict when another process does."""

    def __init__(self, operation: str) -> None:
        """Take the operation's id."""
        self._operation = operation
        self._descriptor = -1

    def __enter__(self) -> None:
        """Take the lock."""
        path = trace(self._operation)
        try:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as problem:
            raise unwritable(path, problem) from problem
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            os.close(self._descriptor)
            raise Conflict(
                f"operation {self._operation} is being carried out by process {held(self._operation)}",
                rule="one-act-at-a-time",
                remedy="andon status",
            ) from problem
        os.set_inheritable(self._descriptor, True)
        os.ftruncate(self._descriptor, 0)
        os.write(self._descriptor, str(os.getpid()).encode())

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release the lock."""
        os.close(self._descriptor)


def unwritable(path: str, problem: OSError) -> Unavailable:
    """Return the error for an operations directory that cannot be written to."""
    return Unavailable(
        f"the operation cannot be claimed: {problem.strerror}",
        where=path,
        rule="one-act-at-a-time",
        remedy="make the data directory writable: XDG_DATA_HOME",
    )


def held(operation: str) -> str:
    """Return the process id of whoever holds the operation, "" when nobody does."""
    return holder_of(trace(operation))


def holder_of(path: str) -> str:
    """Return the process id that holds the lock file, "" when nobody does."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return ""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return os.read(descriptor, 32).decode("ascii", "replace") or "unknown"
    else:
        return ""
    finally:
        os.close(descriptor)


def is_alive(process: str) -> bool:
    """True when a process with this id exists."""
    try:
        os.kill(int(process), 0)
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False
    return True
