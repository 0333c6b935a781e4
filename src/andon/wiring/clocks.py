"""The machine's clocks and its source of new identities."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime

from andon.errors import InvalidInput


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        """Return the present moment in UTC; ANDON_NOW replaces it in rehearsals. Raises InvalidInput."""
        fixed = os.environ.get("ANDON_NOW")
        if not fixed:
            return datetime.now(UTC)
        try:
            return datetime.fromisoformat(fixed).astimezone(UTC)
        except (ValueError, OverflowError) as problem:
            raise InvalidInput(
                f"{fixed!r} is not a moment",
                where="ANDON_NOW",
                rule="moment",
                remedy="unset ANDON_NOW; or ANDON_NOW=2026-03-01T02:14:00Z",
            ) from problem

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class RandomIds:
    """Identities from the system's random source."""

    def new(self) -> str:
        """Return 32 hexadecimal digits."""
        return os.urandom(16).hex()
