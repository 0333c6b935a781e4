"""When a log line was written: ISO 8601, syslog, access logs, JSON fields, seconds since 1970."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: Characters at the beginning of a line in which its moment is looked for.
_REACH = 120
#: Fields of a JSON line that hold its moment, the usual one first; the last is the system journal's.
FIELDS = (
    "time", "ts", "timestamp", "@timestamp", "datetime", "date", "t", "@t", "Timestamp", "asctime",
    "eventTime", "timeUnixNano", "__REALTIME_TIMESTAMP",
)  # fmt: skip
_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: n for n, name in enumerate(_NAMES, 1)}

_ISO = re.compile(
    r"(?<![\d.])(\d{4})[-/](\d\d)[-/](\d\d)[T _](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?"
    r"\s?(Z\b|UTC\b|[+-]\d\d:?\d\d\b)?"
)
_ACCESS = re.compile(r"\[(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})\]")
_SYSLOG = re.compile(r"(?:<\d{1,3}>)?([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?\b")
_EPOCH = re.compile(r"[\[(]?(\d{10})(?:(\d{3})|[.](\d{1,9}))?(?=[\s\]),:|]|$)")
#: Seconds since 1970 that are believed to be a moment: September 2001 to 2096.
_OLDEST, _NEWEST = 1_000_000_000, 4_000_000_000


def moment_of(line: str, zone_minutes: int = 0, near: datetime | None = None) -> datetime | None:
    """Return when a line was written, in UTC; None when it does not say.

    A moment without a zone is `zone_minutes` east of UTC. One without a year (syslog) needs `near`, the
    moment it is closest to.
    """
    head = line[:_REACH]
    zone = timezone(timedelta(minutes=zone_minutes))
    try:
        if found := _ISO.search(head):
            *date, fraction, offset = found.groups()
            return _made([int(part) for part in date], fraction, _zone(offset) or zone)
        if found := _ACCESS.search(head):
            day, month, year, *clock, offset = found.groups()
            return _made([int(year), _MONTHS[month], int(day), *map(int, clock)], None, _zone(offset) or zone)
        if found := _EPOCH.match(head):
            whole, milliseconds, fraction = found.groups()
            return of_number(float(f"{whole}.{milliseconds or fraction or 0}"))
        if near is not None and (found := _SYSLOG.match(head)):
            return _closest(found, zone, near)
    except (ValueError, KeyError, OverflowError):
        return None
    return None


def moment_in(fields: Mapping[str, object], zone_minutes: int = 0) -> datetime | None:
    """Return when a JSON line was written, in UTC; None when no field says."""
    for name in FIELDS:
        value = fields.get(name)
        if isinstance(value, str):
            found = moment_of(value, zone_minutes)
            if found is None and value.isdecimal() and len(value) <= 19:
                found = of_number(float(value))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found = of_number(float(value))
        else:
            continue
        if found is not None:
            return found
    return None


def of_number(value: float) -> datetime | None:
    """Return the moment of a number of seconds to nanoseconds since 1970; None if implausible."""
    for unit in (1.0, 1e3, 1e6, 1e9):
        if _OLDEST <= value / unit < _NEWEST:
            return datetime.fromtimestamp(value / unit, UTC)
    return None


def _made(date: list[int], fraction: str | None, zone: timezone) -> datetime:
    micro = int((fraction or "0").ljust(6, "0")[:6])
    if date[5] == 60:  # a leap second
        date[5] = 59
    return datetime(*date, micro, tzinfo=zone).astimezone(UTC)  # type: ignore[misc,arg-type]


def _zone(offset: str | None) -> timezone | None:
    if not offset:
        return None
    if offset in ("Z", "UTC"):
        return UTC
    minutes = int(offset[1:3]) * 60 + int(offset[-2:])
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))


def _closest(found: re.Match[str], zone: timezone, near: datetime) -> datetime | None:
    month, day, hour, minute, second, fraction = found.groups()
    candidates = []
    for year in (near.year - 1, near.year, near.year + 1):
        try:
            date = [year, _MONTHS[month], int(day), int(hour), int(minute), int(second)]
            candidates.append(_made(date, fraction, zone))
        except ValueError:  # 29 February
            continue
    return min(candidates, key=lambda moment: abs(moment - near), default=None)
