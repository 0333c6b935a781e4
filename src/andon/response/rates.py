"""How many messages and errors a log has a minute: what a break and a jump in traffic are located by."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from statistics import median

from andon.record import Record
from andon.response.change_point import change_point
from andon.response.moments import moment_in, moment_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.response.change_point import ChangePoint

#: Minutes that are counted, back from the last message; half a day.
_SPAN = 720
#: Characters of a line that are looked at.
_WIDTH = 2000
#: The minute of a line that begins with an ISO 8601 moment: lines of one minute need not be read one by one.
_MINUTE = re.compile(rb"\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?=:\d\d(?:[.,]\d+)?(Z|\s|\]|$))")
_SEVERE = re.compile(
    rb"(?i)(?<![a-z])(?:error|err|fatal|critical|crit|severe|panic|emerg|alert)(?![a-z])|"
    rb'[a-z](?:Error|Exception): |" 5\d\d(?= |$)'
)
_CALM = re.compile(rb"(?i)(?<![a-z])(?:info|information|notice|debug|trace|warn|warning)(?![a-z])")
#: Where in a line its level is looked for.
_HEAD = 100
#: Traffic has jumped when it is so many times as much as before, and at least so much, in messages a minute.
JUMP, LEAST = 3.0, 10.0
#: Minutes before and after the break that are compared for a jump.
_BEFORE, _AFTER = 60, 15


class Rates(Record):
    """What a log has a minute, from `start` on."""

    log: str
    start: datetime
    #: Dated messages, and those of them that are errors.
    messages: tuple[int, ...]
    errors: tuple[int, ...]

    def rise(self) -> tuple[datetime, ChangePoint] | None:
        """Return when the errors rose for their traffic, and how; None when no step is clear.

        Without enough other messages the errors alone are compared.
        """
        others = [m - e for m, e in zip(self.messages, self.errors, strict=True)]
        exposure = [1.0 + other for other in others] if sum(others) > 2 * len(others) else None
        found = change_point(self.errors, exposure)
        if found is None or not found.is_clear:
            return None
        return self.start + timedelta(minutes=found.index), found

    def jump(self, broke_at: datetime) -> tuple[float, float] | None:
        """Return the messages a minute before and after the break, errors left out; None without both.

        Medians, so that one wild minute counts for one.
        """
        place = int((broke_at - self.start) / timedelta(minutes=1))
        others = [m - e for m, e in zip(self.messages, self.errors, strict=True)]
        before, after = others[max(place - _BEFORE, 0) : max(place, 0)], others[max(place, 0) :][:_AFTER]
        if len(before) < 5 or not after:
            return None
        return median(before), median(after)


def has_jumped(before: float, after: float) -> bool:
    """True when traffic is several times what it was."""
    return after >= JUMP * max(before, 1.0) and after >= LEAST


def rates(log: str, content: bytes, zone_minutes: int = 0, near: datetime | None = None) -> Rates | None:
    """Return how many messages and errors there are a minute; None when no line says when it was written.

    A line without a moment belongs to the message before it. Moments without a zone are `zone_minutes` east
    of UTC; those without a year are the closest to `near`. What comes after `near` is left out.
    """
    counts: dict[int, list[int]] = {}
    latest = None if near is None else int(near.timestamp() // 60) + 1
    for minute, is_error in _lines(content, zone_minutes, near):
        if latest is not None and minute > latest:
            continue
        counted = counts.setdefault(minute, [0, 0])
        counted[0] += 1
        counted[1] += is_error
    if not counts:
        return None
    last = max(counts)
    first = max(min(counts), last - _SPAN + 1)
    span = range(first, last + 1)
    return Rates(
        log=log,
        start=datetime.fromtimestamp(first * 60, UTC),
        messages=tuple(counts[m][0] if m in counts else 0 for m in span),
        errors=tuple(counts[m][1] if m in counts else 0 for m in span),
    )


def _lines(content: bytes, zone_minutes: int, near: datetime | None) -> Iterator[tuple[int, bool]]:
    """Yield the minute since 1970 of every dated line, and whether it is an error."""
    known: dict[bytes, int | None] = {}
    for raw in content.split(b"\n"):
        line = raw[:_WIDTH]
        found = _MINUTE.match(line)
        key = found[0] + (found[1] or b"").strip() if found else b""
        if not key or key not in known:
            minute = _minute(line, zone_minutes, near)
            if key:
                known[key] = minute
        else:
            minute = known[key]
        if minute is not None:
            yield minute, _is_error(line)


def _minute(line: bytes, zone_minutes: int, near: datetime | None) -> int | None:
    text = line.decode("utf-8", "replace")
    at = _moment_of_json(text, zone_minutes) if text.startswith("{") else None
    at = at or moment_of(text, zone_minutes, near)
    return int(at.timestamp() // 60) if at is not None else None


def _moment_of_json(text: str, zone_minutes: int) -> datetime | None:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return moment_in(fields, zone_minutes) if isinstance(fields, dict) else None


def _is_error(line: bytes) -> bool:
    """True when the line says that it is an error: by its level, else by its words."""
    severe = _SEVERE.search(line)
    if severe is None:
        return False
    calm = _CALM.search(line[:_HEAD])
    return calm is None or severe.start() < calm.start()
