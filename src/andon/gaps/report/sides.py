"""Test and production side by side: what the page looked like, and which requests it made. Pure."""

from __future__ import annotations

import base64

from andon.gaps.failure import template
from andon.gaps.report.markup import Markup, element, joined, seconds
from andon.gaps.report.waterfall import span, waterfall
from andon.gaps.words import Showed
from andon.secrets.pictures import only_pixels, picture_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.gaps.beliefs import Beliefs, Exchange
    from andon.gaps.experiment import Picture, Replay
    from andon.gaps.failure import Failure
    from andon.gaps.verdict import Search

#: Pairs of pictures, and bytes of all of them together, that go into the page: it is kept whole up to 5 MiB.
PAIRS, BYTES = 4, 3 << 20


_AS_SEEN = (
    "As they came to the application. What a slow connection adds on the way to the browser is the time "
    "between them."
)


def passing(search: Search) -> Replay | None:
    """Return the replay that shows how it is when it works: the control, else one that passed."""
    return _first(search, ("control",), Showed.PASSED) or _first(search, ("restore", "flip"), Showed.PASSED)


def failing(search: Search) -> Replay | None:
    """Return the replay that shows the failure: of the smallest change that has pictures, else of any."""
    order = ("narrow", "flip", "pair", "production")
    found = [r for name in order for p, r in search.replays if p == name and r.showed is Showed.REPRODUCED]
    return next((r for r in found if r.pictures), None) or next(
        (r for r in found if r.exchanges), found[0] if found else None
    )


def _first(search: Search, purposes: Sequence[str], showed: Showed) -> Replay | None:
    found = [r for p, r in search.replays if p in purposes and r.showed is showed]
    return next((r for r in found if r.pictures), found[0] if found else None)


def pictures(test: Replay | None, production: Replay | None) -> Markup:
    """Return the pages of both worlds, the same test's beside each other."""
    left = _drawable(test.pictures if test else ())
    right = _drawable(production.pictures if production else ())
    if not (left or right):
        return Markup()
    room = BYTES
    titles: list[str] = []
    for title in dict.fromkeys([*right, *left]):
        needed = sum(len(side[title][1]) for side in (left, right) if title in side)
        if needed <= room and len(titles) < PAIRS:
            room -= needed
            titles.append(title)
    pairs = [
        element(
            "div",
            _picture("Test", one, left.get(one)),
            _picture("As in production", one, right.get(one)),
            class_="pair",
        )
        for one in titles
    ]
    return joined((element("h2", "What the page looked like"), *pairs))


def _drawable(found: Sequence[Picture]) -> dict[str, tuple[str, bytes]]:
    """Return pictures by title with their type by content, reduced to their pixels."""
    drawn = {}
    for one in found:
        pixels = only_pixels(one.content)
        if pixels is not None and one.title not in drawn:
            drawn[one.title] = (picture_type(pixels), pixels)
    return drawn


def _picture(world: str, title: str, picture: tuple[str, bytes] | None) -> Markup:
    caption = element("figcaption", element("b", world), f" {title}")
    if picture is None:
        return element("figure", element("p", "no picture", class_="soft"), caption)
    media_type, content = picture
    source = f"data:{media_type};base64,{base64.b64encode(content).decode()}"
    return element("figure", element("img", src=source, alt=f"{world}: {title}"), caption)


def waterfalls(test: Replay | None, production: Replay | None, beliefs: Beliefs, failure: Failure) -> Markup:
    """Return the requests of both worlds on one scale; of the tests, else those of their artefacts."""
    left, source = _believed(beliefs, failure), " (as the suite's last run recorded it)"
    if test and test.exchanges:
        left, source = _last_run(test), _which(test)
    right = _last_run(production) if production else ()
    if not (left or right):
        return Markup()
    total = max(span(left), span(right))
    parts = [element("h2", "Which requests were made"), element("p", _AS_SEEN, class_="soft")]
    seen = f"As in production{_which(production) if production else ''}"
    for name, found in ((f"Test{source}", left), (seen, right)):
        parts.append(element("h3", f"{name}: {len(found)} in {seconds(span(found))}" if found else name))
        nothing = element("p", "no request was recorded", class_="soft")
        parts.append(waterfall(found, failure, total) if found else nothing)
    return joined(parts)


def _last_run(replay: Replay) -> tuple[Exchange, ...]:
    """Return the requests of the last of several runs: each begins with what the first one began with."""
    found = tuple(sorted(replay.exchanges, key=lambda e: e.started))
    if replay.runs < 2 or not found:
        return replay.exchanges
    first = (found[0].method, template(found[0].path))
    begins = [n for n, e in enumerate(found) if (e.method, template(e.path)) == first]
    each = max(len(begins) // replay.runs, 1)
    return found[begins[-each] :]


def _which(replay: Replay) -> str:
    return f" (the last of {replay.runs} runs)" if len(_last_run(replay)) < len(replay.exchanges) else ""


def _believed(beliefs: Beliefs, failure: Failure) -> tuple[Exchange, ...]:
    """Return the requests of the test that goes the failing way, by its artefacts."""
    there = beliefs.at(failure.method, failure.path)
    return next((t.exchanges for t in beliefs.tests if any(e in t.exchanges for e in there)), ())
