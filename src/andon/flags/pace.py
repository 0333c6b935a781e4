"""How long to wait before the next attempt to reach a server. Pure."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: The first pause and the longest, in seconds: a server that is back is noticed within ten.
FIRST, LONGEST = 0.1, 10.0
#: A connection that lasted so long was a good one, in seconds.
GOOD = 5.0


class Pace:
    """Doubles the pause with every failure and varies it, so that a thousand clients do not come at once."""

    def __init__(self, draw: Callable[[], float]) -> None:
        """Take chance from `draw`, which returns a number from 0 to 1."""
        self._draw = draw
        self.failures = 0
        #: What the server asked for, in seconds.
        self.least = 0.0

    def lasted(self, seconds: float) -> None:
        """Note how long a connection was good for; after a good one the pauses are short again."""
        if seconds >= GOOD:
            self.failures = 0

    def pause(self, *, is_urgent: bool = False) -> float:
        """Return how many seconds to wait; none the first time when something is known to be missing."""
        self.failures += 1
        if is_urgent and self.failures == 1:
            return 0.0
        longest = min(LONGEST, FIRST * 2.0 ** min(self.failures - 1, 16))
        return max(min(self.least, 6 * LONGEST), longest * (0.5 + 0.5 * self._draw()))
