"""Daemons that cut themselves loose, with no mark in their environment: they end with the search too.

On Linux a process can ask to become the parent of whatever below it loses its own (prctl(2),
PR_SET_CHILD_SUBREAPER). Elsewhere such a daemon is nobody's, and nothing is known of it.
"""

from __future__ import annotations

import contextlib
import os

from andon.production.gap.processes import parents

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_SET, _GET = 36, 37  # linux/prctl.h


class Adopted:
    """The children of this process that were not there at the beginning."""

    def __init__(self) -> None:
        """Remember those that are there."""
        self._before = set(self._children())

    def alive(self) -> list[int]:
        """Return those that live."""
        found = [pid for pid in self._children() if pid not in self._before]
        return [pid for pid in found if not _is_over(pid)]

    def _children(self) -> list[int]:
        me = os.getpid()
        return [pid for pid, parent in parents().items() if parent == me]


@contextlib.contextmanager
def adopting() -> Iterator[Adopted]:
    """Become the parent of what loses its own, while the block runs."""
    adopted = Adopted()
    before = _subreaper(True)
    try:
        yield adopted
    finally:
        if before is False:
            _subreaper(False)


def _subreaper(wanted: bool) -> bool | None:
    """Set it and return what it was; None where it cannot be."""
    import ctypes

    try:
        prctl = ctypes.CDLL(None).prctl
    except (OSError, AttributeError):
        return None
    was = ctypes.c_int(0)
    if prctl(_GET, ctypes.byref(was), 0, 0, 0) or prctl(_SET, int(wanted), 0, 0, 0):
        return None
    return bool(was.value)


def _is_over(pid: int) -> bool:
    """True for a child that has ended. How it ended stays for whoever started it to ask."""
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True
