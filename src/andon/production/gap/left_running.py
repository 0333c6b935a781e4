"""Ending what a run left behind in sessions of its own, by a mark in its environment; nothing else.

A test runner that is killed leaves its browser: browsers are started as leaders of a session of their own.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time

#: The variable that carries the mark of a run.
RUN = "ANDON_GAP_RUN"
#: Seconds for ending by itself, and for being gone after SIGKILL.
_GRACE, _GONE = 1.0, 2.0
_PROC = "/proc"


def stop_marked(mark: str) -> int:
    """End every process of this user whose environment carries the mark; returns how many there were.

    Where there is no /proc nothing can be known of them, and 0 is returned.
    """
    found = marked(mark)
    if not found:
        return 0
    _signal(found, signal.SIGTERM)
    if not _are_gone(mark, _GRACE):
        # Once more by the mark: an id may be another process's by now.
        _signal(marked(mark), signal.SIGKILL)
        _are_gone(mark, _GONE)
    return len(found)


def marked(mark: str) -> tuple[int, ...]:
    """Return the ids of the processes whose environment carries the mark, but not this one."""
    wanted = f"{RUN}={mark}".encode()
    found = []
    for name in _ids():
        if int(name) == os.getpid():
            continue
        try:
            with open(f"{_PROC}/{name}/environ", "rb") as file:
                if wanted in file.read(1 << 20).split(b"\0") and not _is_over(name):
                    found.append(int(name))
        except OSError:  # it ended, or is another user's
            continue
    return tuple(found)


def _ids() -> list[str]:
    try:
        return [name for name in os.listdir(_PROC) if name.isdigit()]
    except OSError:
        return []


def _is_over(name: str) -> bool:
    """True for one that ended and was not yet waited for by its parent."""
    with open(f"{_PROC}/{name}/stat", "rb") as file:
        return file.read(4096).rpartition(b")")[2].split()[:1] == [b"Z"]


def _signal(ids: tuple[int, ...], sign: int) -> None:
    for one in ids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(one, sign)


def _are_gone(mark: str, patience: float) -> bool:
    enough = time.monotonic() + patience
    while marked(mark):
        if time.monotonic() >= enough:
            return False
        time.sleep(0.02)
    return True
