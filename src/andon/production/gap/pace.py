"""How fast a search asks a host, whichever of its looks asks: one at a time, and so many a second."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque

from andon.desk.gap.consent import PACE, is_here

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Pace:
    """Gives turns by host, to any thread, in the order in which they are asked for.

    The next turn begins some time after the end of the last, not after its beginning: a request that was held
    up on its way arrives before its answer does, so the host never gets two of them closer together.
    """

    def __init__(
        self,
        per_second: float = PACE,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Take how many requests a host gets in a second, at most, and a clock that never goes back."""
        self._gap = 1 / per_second
        self._clock, self._sleep = clock, sleep
        self._hosts: dict[str, _Line] = {}
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def turn(self, host: str) -> Iterator[None]:
        """Wait until a host may be asked; nobody else in this search asks it while the block runs."""
        line, me = self._line(host), object()
        try:
            with line.moved:
                line.waiting.append(me)
                line.moved.wait_for(lambda: line.waiting[0] is me)
            self._sleep(max(0.0, line.free_at - self._clock()))
            try:
                yield
            finally:
                line.free_at = self._clock() + self._gap
        finally:
            with line.moved:
                if me in line.waiting:
                    line.waiting.remove(me)
                line.moved.notify_all()

    def _line(self, host: str) -> _Line:
        """Return the line before a host; all names of this machine are one host."""
        with self._lock:
            return self._hosts.setdefault("" if is_here(host) else host.strip("[]").lower(), _Line())


class _Line:
    """Those who wait for one host, the one whose turn it is first."""

    def __init__(self) -> None:
        self.waiting: deque[object] = deque()
        self.moved = threading.Condition()
        #: The moment from which on the host may be asked again.
        self.free_at = float("-inf")
