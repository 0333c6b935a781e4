"""Errors that were always there: an old harmless message must not date the break, nor forbid its end.

A kind of error is background when it stands in the log from its beginning, over some time, and rarely. One
that was always there and is frequent is not: the log may begin in the middle of the break.
"""

from __future__ import annotations

from datetime import timedelta

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.response.logs import LogSummary, Signature

#: A log must cover this much before anything in it counts as always there: one that was rotated during a
#: slow break begins in the middle of it, and few customers make few errors.
_LEAST = timedelta(minutes=30)
#: The share of the log's time from its beginning in which a background error must have been seen.
_BEGINNING = 0.05
#: A background error is seen at most this often a minute.
_RARE = 1.0
#: More than so many times as frequent as before, and at least so many: it has risen.
_TIMES, _AT_LEAST = 3.0, 3


def was_there_from_the_beginning(kind: Signature, log: LogSummary) -> bool:
    """True when the error is as old as what is known of the log, so that it may be older."""
    if kind.first_seen is None or log.first_at is None or log.last_at is None:
        return False
    covered = log.last_at - log.first_at
    return covered >= _LEAST and kind.first_seen - log.first_at <= covered * _BEGINNING


def is_background(kind: Signature, log: LogSummary) -> bool:
    """True when the error was always there and always rare."""
    if not was_there_from_the_beginning(kind, log) or log.first_at is None or log.last_at is None:
        return False
    minutes = (log.last_at - log.first_at) / timedelta(minutes=1)
    return kind.count / minutes <= _RARE


def has_risen(kind: Signature, now_count: int, now_seconds: float, log: LogSummary) -> bool:
    """True when a background error became several times as frequent in `now_seconds` as it was in the log."""
    if log.first_at is None or log.last_at is None or now_count < _AT_LEAST:
        return False
    before = kind.count / max((log.last_at - log.first_at).total_seconds(), 1.0)
    return now_count / max(now_seconds, 1.0) > _TIMES * before


def density(kind: Signature) -> float:
    """Return how many times a minute the error is seen between its first and its last time."""
    if kind.first_seen is None or kind.last_seen is None:
        return 0.0
    return kind.count / max((kind.last_seen - kind.first_seen) / timedelta(minutes=1), 1.0)
