"""How many requests were under way at once. Pure."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from andon.gaps.beliefs import Exchange

    #: When a request began, and when it ended, in seconds of one clock.
    Span = tuple[float, float]

#: Seconds by which a crowd may be off and is still beside a test: its users pause between two requests.
NEAR = 1.5


def most_at_once(exchanges: Iterable[Exchange]) -> int:
    """Return the greatest number of requests that were under way at one moment.

    A request is under way from its first byte out to its last byte in; one that ends as another begins
    does not overlap it.
    """
    return _most((exchange.started, exchange.started + exchange.seconds) for exchange in exchanges)


def most_beside(crowd: Sequence[Span], tests: Sequence[Span]) -> int:
    """Return how many went at once while the tests ran: of a crowd at one moment, and those of the tests.

    A test is under way from its first request to its last, also between them, so it counts as one at least.
    A crowd that was gone before the last request of the tests was not beside them: it counts as nobody.
    """
    own = max(_most(tests), 1)
    first, last = min(began for began, _ in tests), max(began for began, _ in tests)
    if not crowd or max(ended for _, ended in crowd) < last - NEAR:
        return own
    until = max(ended for _, ended in tests) + NEAR
    return own + _most((began, ended) for began, ended in crowd if ended >= first - NEAR and began <= until)


def _most(spans: Iterable[Span]) -> int:
    moments: list[tuple[float, int]] = []
    for began, ended in spans:
        moments.append((began, 1))
        moments.append((max(ended, began + 1e-9), -1))
    most = now = 0
    for _, change in sorted(moments):
        now += change
        most = max(most, now)
    return most
