"""Who is carrying out an operation right now: a lock that the system releases when the process dies.

The lock's descriptor is inherited by the deploy tool, so it is held until the tool has ended too, even
when Andon itself was killed.
"""

from __future__ import annotations

import fcntl
import os

from andon.errors import Conflict, Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType


def _path(operation: str) -> str:
    from andon.config.load import cache_directory

    name = "".join(c if c.isalnum() or c in "-_" else "-" for c in operation)
    directory = cache_directory()
    return os.path.join(directory, "operations", name) if directory else ""


class hold:  # noqa: N801 - used like a function: with hold(operation)
    """Hold an operation while it is carried out; raises Conflict when another process does."""

    def __init__(self, operation: str) -> None:
        """Take the operation's id."""
        self._operation = operation
        self._descriptor = -1

    def __enter__(self) -> None:
        """Take the lock."""
        path = _path(self._operation)
        try:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as problem:
            raise Unavailable(
                f"the operation cannot be claimed: {problem.strerror}",
                where=path,
                rule="one-act-at-a-time",
                remedy="make the cache directory writable: XDG_CACHE_HOME",
            ) from problem
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


def held(operation: str) -> str:
    """Return the process id of whoever holds the operation, "" when nobody does."""
    try:
        descriptor = os.open(_path(operation), os.O_RDWR)
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
