"""Andon's writers take turns on an embedded journal, by a lock file beside it.

SQLite's own waiting is unfair: a writer may starve for seconds. And before SQLite 3.51.3 two processes that
write and checkpoint at the same instant can, rarely, damage the file (https://sqlite.org/wal.html#walresetbug).
With turns neither happens between Andon's own processes; other programs still meet SQLite's locks. The system
takes the lock away from a process that dies.
"""

from __future__ import annotations

import fcntl
import os
import time

from andon.errors import Unavailable

#: Shortest and longest pause between two looks at a lock that somebody else has, in seconds.
_PAUSES = (0.0002, 0.002)


class Turns:
    """The queue at one journal, seen from one connection."""

    def __init__(self, path: str, patience: float) -> None:
        """Take the lock file's path, made when needed, and how many seconds to wait at most."""
        self._path = path
        self._patience = patience
        self._file = -1

    def take(self) -> None:
        """Wait for our turn; raises Unavailable, naming the process in the way, and OSError."""
        if self._file < 0:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not self._try():
            self._wait()
        try:
            os.pwrite(self._file, b"%-20d\n" % os.getpid(), 0)
        except OSError:  # a full disk: whoever waits for us cannot be told our name, that is all
            return

    def give(self) -> None:
        """Let the next one in."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Release the lock file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _wait(self) -> None:
        deadline = time.monotonic() + self._patience
        pause, longest = _PAUSES
        while not self._try():
            if time.monotonic() > deadline:
                raise self._too_late()
            time.sleep(pause)
            pause = min(pause * 1.5, longest)

    def _try(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _too_late(self) -> Unavailable:
        holder = os.pread(self._file, 21, 0).decode("ascii", "replace").strip()
        who = f"process {holder}" if holder.isdigit() else "another process"
        look = f"look at it with `ps -fp {holder or 'PID'}`"
        return Unavailable(
            f"{who} has been writing to the journal for more than {self._patience:g} s",
            where=self._path,
            rule="journal-locked",
            remedy=f"{look}; when it hangs, end it and give the command again",
        )
