"""Telling on standard error what takes longer than a second, and for how long it has been going on."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager

from andon.cli.terminal import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Seconds after which something is told, and again: soon, then ever more rarely.
_MOMENTS: tuple[float, ...] = (1, 10, 30, 60, 120, 300)


@contextmanager
def ticking(limit: float = 0.0) -> Iterator[Callable[[str], None]]:
    """Yield what takes the name of each step; a step that lasts is told until the next one or the end.

    `limit` is shown beside the time, in seconds; 0 for none.
    """
    ticker = _Ticker(limit)
    thread = threading.Thread(target=ticker.tell, daemon=True)
    thread.start()
    try:
        yield ticker.step
    finally:
        ticker.end()
        thread.join()


class _Ticker:
    """Waits beside the work."""

    def __init__(self, limit: float) -> None:
        self._limit = f" (limit {limit:g} s)" if limit else ""
        self._changed = threading.Condition()
        self._step = ""
        self._number = 0
        self._is_over = False

    def step(self, name: str) -> None:
        """Begin the next step."""
        with self._changed:
            self._step, self._number = name, self._number + 1
            self._changed.notify()

    def end(self) -> None:
        """Tell nothing more."""
        with self._changed:
            self._is_over = True
            self._changed.notify()

    def tell(self) -> None:
        """Wait, and tell of each step at its moments."""
        with self._changed:
            while not self._is_over:
                self._attend(self._number)

    def _attend(self, number: int) -> None:
        """Tell of one step until it is over."""
        told = 0.0
        for moment in self._moments():
            if self._changed.wait_for(lambda: self._is_over or self._number != number, moment - told):
                return
            told = moment
            if self._step:
                print(f"  {one_line(self._step)} ... {moment:g} s{self._limit}", file=sys.stderr, flush=True)

    @staticmethod
    def _moments() -> Iterator[float]:
        yield from _MOMENTS
        last = _MOMENTS[-1]
        while True:
            last += _MOMENTS[-1]
            yield last
