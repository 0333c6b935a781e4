"""Log sources that can only be asked for their end: what they have in common is how they are followed."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from andon.desk.values import LogExcerpt
from andon.production.log_overlap import OVERLAP, begin, beyond, read_cursor, write_cursor
from andon.record import replace

#: Bytes that are asked for when following, so that what is new is not behind a limit that is meant for it.
WINDOW = 4 << 20


class AskedLog:
    """A source whose `ask` returns the end of a log."""

    name = ""

    def ask(self, since: datetime | None, limit: int) -> LogExcerpt:
        """Return at most `limit` bytes from the end, from `since` on; never raises."""
        raise NotImplementedError

    def tail(self, since: datetime | None, limit: int) -> LogExcerpt:
        """Return at most `limit` bytes from the end, with a cursor for `follow`; never raises."""
        at = datetime.fromtimestamp(time.time(), UTC)
        found = self.ask(since, limit)
        return replace(found, cursor="" if found.failure else write_cursor(begin(found.content, at)))

    def follow(self, cursor: str, limit: int) -> LogExcerpt:
        """Return the whole lines that are new since `cursor`; never raises.

        `gap` says so when more came than was asked for, or when the lines that were known are not there.
        """
        seen = read_cursor(cursor) if cursor else None
        if seen is None:
            now = self.tail(None, WINDOW)
            gap = "it is not known how far this log was read" if cursor else ""
            return replace(now, content=b"", gap=gap)
        at = datetime.fromtimestamp(time.time(), UTC)
        found = self.ask(seen.at - OVERLAP, max(limit, WINDOW))
        if found.failure:
            return replace(found, content=b"", cursor=cursor)
        new = beyond(found.content, seen, at)
        content, gap = new.content, ""
        if new.is_apart and found.total_size > len(found.content):
            gap = "more was written than could be asked for"
        if len(content) > limit:
            content = content[len(content) - max(limit, 0) :].partition(b"\n")[2]
            gap = "more was written than was asked for"
        return replace(
            found, content=content, total_size=len(content), cursor=write_cursor(new.seen), gap=gap
        )
