"""A log while it is watched: read once as far back as is needed, then only what is new."""

from __future__ import annotations

from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports_production import LogSource
    from andon.desk.values import LogExcerpt

#: Readings of what is new before a log that grows faster than it is read is left for the next time.
_ROUNDS = 16


class Followed:
    """One log source and what it said so far."""

    def __init__(self, source: LogSource, limit: int) -> None:
        """Take the source, and how many bytes from its end are kept."""
        self._source = source
        self._limit = limit
        self._said: LogExcerpt | None = None
        self._gap = ""

    def excerpt(self) -> LogExcerpt:
        """Return the end of the log as it is now; a gap that lines fell into is a failure from then on."""
        if self._said is None or not self._said.cursor:
            self._said = self._source.tail(None, self._limit)
            return self._said
        failure = ""
        for _ in range(_ROUNDS):
            new = self._source.follow(self._said.cursor, self._limit)
            self._gap = self._gap or new.gap
            failure = new.failure
            if not new.cursor or failure:
                break
            self._said = self._with(self._said, new)
            if not new.content:
                break
        return replace(self._said, failure=failure or self._gap)

    def _with(self, said: LogExcerpt, new: LogExcerpt) -> LogExcerpt:
        if not new.content:
            return replace(said, cursor=new.cursor)
        content = said.content + new.content
        if len(content) > self._limit:
            content = content[len(content) - self._limit :].partition(b"\n")[2]
        return replace(
            new,
            content=content,
            total_size=said.total_size + len(new.content),
            zone_minutes=said.zone_minutes if said.content else new.zone_minutes,
            touched_at=new.touched_at or said.touched_at,
        )
