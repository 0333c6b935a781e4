"""The requests of one run over time, as a browser's network tab shows them. Pure."""

from __future__ import annotations

from andon.gaps.failure import endpoint_of
from andon.gaps.report.markup import Markup, element, seconds, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.gaps.beliefs import Exchange
    from andon.gaps.failure import Failure

#: Requests that are drawn.
ROWS = 40
#: Units in which bars are drawn, whatever the width of the page, and the shortest bar.
_WIDTH, _LEAST = 1000.0, 4.0


def span(exchanges: Sequence[Exchange]) -> float:
    """Return the seconds from the first request's start to the last one's end."""
    first = min((e.started for e in exchanges), default=0.0)
    return max((e.started + e.seconds - first for e in exchanges), default=0.0)


def waterfall(exchanges: Sequence[Exchange], failure: Failure, total: float) -> Markup:
    """Return a bar for each request, on a scale of `total` seconds; the failing ones stand out."""
    first = min((e.started for e in exchanges), default=0.0)
    shown = sorted(exchanges, key=lambda e: e.started)[:ROWS]
    rows = [part for e in shown for part in _row(e, failure, first, total or 1.0)]
    more = len(exchanges) - len(shown)
    rest = element("p", f"and {more} more", class_="soft small") if more > 0 else None
    return element("div", element("div", *rows, class_="fall"), rest, class_="falls")


def _row(exchange: Exchange, failure: Failure, first: float, total: float) -> tuple[Markup, ...]:
    wanted = endpoint_of(failure.method, failure.path) if failure.path else ""
    is_it = endpoint_of(exchange.method, exchange.path) == wanted
    is_bad = exchange.status >= 400 or bool(exchange.problem)
    told = f"{exchange.method} {exchange.path} {exchange.status or 'no answer'}"
    sort = (
        "bad" if is_bad else "mocked" if exchange.is_mocked else "api" if exchange.resource == "api" else ""
    )
    named = " ".join(filter(None, ("is" if is_it else "", "bad" if is_bad else "")))
    at = min((exchange.started - first) / total, 1.0) * _WIDTH
    wide = max(min(exchange.seconds / total, 1.0) * _WIDTH, _LEAST)
    bar = element(
        "rect", x=min(at, _WIDTH - _LEAST), y=2, width=wide, height=12, class_=f"bar {sort}".strip()
    )
    return (
        element("span", text(told, 200), title=told[:500], class_=named or None),
        element("svg", bar, viewBox=f"0 0 {_WIDTH:.0f} 16", preserveAspectRatio="none", aria_hidden="true"),
        element(
            "span", seconds(exchange.seconds) + (", made up" if exchange.is_mocked else ""), class_="took"
        ),
    )
