"""A process forks only while the thread of its flags is quiet: a fork copies whatever that thread holds.

In the middle of its work that can be a lock nobody opens any more, half of a module or half of a message: the
forked process would wait for it for ever, or never follow the server.
"""

from __future__ import annotations

# What an evaluation imports when a flag is asked for the first time, and a thread when something is wrong:
# loaded before there is a thread that could be in the middle of it when the program forks.
import codecs
import struct  # noqa: F401
import threading

from andon.flags import judging, reading_json, versions  # noqa: F401

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# As flag files are read; `wire` has that of names.
codecs.lookup("utf-8-sig")


class Quiet:
    """Held by the thread while it works, and by whoever forks."""

    def __init__(self) -> None:
        """Start with a thread that is quiet."""
        self._lock = threading.RLock()

    def __enter__(self) -> Quiet:
        """Begin to work, once nobody forks."""
        self._lock.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        """Be quiet."""
        self._lock.release()

    def during(self, call: Callable[..., object], *arguments: object) -> None:
        """Be quiet while something runs that only waits, or belongs to the program; called while at work."""
        self._lock.release()
        try:
            call(*arguments)
        finally:
            self._lock.acquire()

    def hold(self, seconds: float) -> bool:
        """Wait until the thread is quiet, so many seconds at most, and keep it so; return whether it is."""
        return self._lock.acquire(timeout=seconds)

    def let_go(self) -> None:
        """Let the thread go on; for who held it."""
        self._lock.release()
