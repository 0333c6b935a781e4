"""How many requests were under way at once. Pure."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from andon.gaps.beliefs import Exchange


def most_at_once(exchanges: Iterable[Exchange]) -> int:
    """Return the greatest number of requests that were under way at one moment.

    A request is under way from its first byte out to its last byte in; one that ends as another begins
    does not overlap it.
    """
    moments: list[tuple[float, int]] = []
    for exchange in exchanges:
        moments.append((exchange.started, 1))
        moments.append((exchange.started + max(exchange.seconds, 1e-9), -1))
    most = now = 0
    for _, change in sorted(moments):
        now += change
        most = max(most, now)
    return most
