"""Ends what runs at a moment, and lets a closed terminal or a polite kill clean up as Ctrl-C does."""

from __future__ import annotations

import contextlib
import signal
import threading
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


class TimeIsUp(BaseException):
    """The search's time is over while something runs; no `except Exception` on the way keeps it."""


@contextlib.contextmanager
def interrupted_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the block as Ctrl-C does, so that it cleans up."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    numbers = (signal.SIGTERM, signal.SIGHUP) if _is_main() else ()
    before = [(number, signal.signal(number, interrupt)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


@contextlib.contextmanager
def until(deadline: float) -> Iterator[None]:
    """Raise TimeIsUp in the block at a moment of the monotonic clock; in the main thread only.

    In other threads the block has to mind the time itself.
    """
    if not _is_main():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TimeIsUp

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, max(deadline - time.monotonic(), 0.001))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def in_peace() -> Iterator[None]:
    """Let nothing interrupt the block: what was started is being stopped, which is bounded."""
    if not _is_main():
        yield
        return
    seen: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [(number, signal.signal(number, lambda n, _f: seen.append(n))) for number in numbers]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
        if seen:
            raise KeyboardInterrupt


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()
