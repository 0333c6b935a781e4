"""Who and when, as git writes it into commits and reflogs: `Name <address> SECONDS ZONE`. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_SIGNATURE = re.compile(rb"(.*?) ?(-?\d{1,18}) ([+-]\d{1,6})\s*\Z", re.DOTALL)
_CLOSED = re.compile(rb"(.*>) ?(-?\d{1,18})", re.DOTALL)


def signature(written: bytes) -> tuple[str, datetime | None]:
    """Return the name with its address, and the moment in UTC; None for one that no calendar has."""
    found = _SIGNATURE.match(written) or _CLOSED.match(written)
    if found is None:
        return written.decode("utf-8", "replace").strip(), None
    return found[1].decode("utf-8", "replace").strip(), moment(found[2])


def moment(seconds: bytes | str) -> datetime | None:
    """Return the moment so many seconds after 1970; None for what is no moment."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None
