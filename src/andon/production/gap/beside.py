"""What goes its way beside the tests for as long as they run: a crowd, in a thread of its own."""

from __future__ import annotations

import threading

from andon.errors import AndonError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    #: Goes its way until the event is set, for so many seconds at most.
    Work = Callable[[float, threading.Event], object]

#: Seconds between two requests of one user, and requests a second of all of them: a browser needs the
#: processor as well, and what a search may send is to last.
_PAUSE, _RATE = 0.25, 100.0
#: Seconds in which the last requests may end.
_LAST = 5.0


def pause(users: int) -> float:
    """Return the seconds that each of so many users lets pass between two of its requests."""
    return max(_PAUSE, users / _RATE)


class Beside:
    """A context manager: while its block lasts, the work is done; then it is told to end."""

    def __init__(self, work: Work | None, patience: float) -> None:
        """Take the work, None for none, and the seconds it may take at most."""
        self._patience = patience
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go, args=(work,), daemon=True) if work else None
        #: Why it could not be done; "" when it was.
        self.problem = ""

    def __enter__(self) -> Beside:
        """Begin."""
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        """End it, and wait for what is under way."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(_LAST)

    def _go(self, work: Work) -> None:
        try:
            work(self._patience, self._over)
        except AndonError as problem:
            self.problem = f"nobody went beside the tests: {problem}"
