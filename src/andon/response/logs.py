"""What a log says: kinds of errors with their counts and first moments, and how two stretches of it differ.

An error is grouped by its type and the innermost frame of the project's own code, else by its message with
everything that holds a digit masked. Line numbers are no part of it, so that releases can be compared.
"""

from __future__ import annotations

import re
from datetime import datetime

from andon.record import Record
from andon.response.entries import Entry, entries
from andon.response.moments import moment_of
from andon.response.traces import trace_in
from andon.response.upstreams import names_upstream

__all__ = ["LogComparison", "LogSummary", "Signature", "after", "compare", "names_upstream", "scan"]

#: Number of this way of grouping; signatures of different numbers must not be compared.
ALGORITHM = 1
#: Kinds of errors that are told apart in one log; what comes later is counted only.
KINDS = 1000
#: Occurrences from which an ordinary new kind of error counts; a crash counts from the first.
ENOUGH_TO_COUNT = 3

_SEVERE = re.compile(
    r"\b(?:unhandled|uncaught|out of memory|oom-?kill\w*|segmentation fault|segfault|core dumped|panic:|"
    r"fatal error|deadlock detected|\w+(?:Error|Exception): )|"
    r'"(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \S+ HTTP/[\d.]+" 5\d\d\b',
    re.IGNORECASE,
)
_CRASH = re.compile(
    r"\b(?:FATAL|PANIC|CRITICAL|EMERG|out of memory|oom-?kill\w*|segmentation fault)\b|panic:"
)
_ACCESS = re.compile(r'"([A-Z]+) ([^\s?"]+)[^"]* HTTP/[\d.]+" (5\d\d)\b')
#: Whatever stands before the message: moment, level, process, in brackets or not.
_PREFIX = re.compile(
    r"^(?:(?:\[[^\]]{0,60}\]|<\d{1,3}>|[A-Z][a-z]{2} +\d+ [\d:.]+ \S+|[\d\-/.:,TZ+_]{6,40}(?=\s)|"
    r"(?:UTC|ERROR|ERR|FATAL|CRITICAL|CRIT|SEVERE|PANIC|EMERG|ALERT|WARN(?:ING)?|INFO|DEBUG)\b:?)[\s|:-]*)+"
)
_DIGITS = re.compile(r"(?<!\S)[^\s\d]*+\d\S*+")
_LONG = re.compile(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b[0-9a-fA-F]{12,}\b")


class Signature(Record):
    """A kind of error."""

    signature: str
    #: The line that names the error, as it came first, safe to show.
    sample: str
    count: int
    first_seen: datetime | None
    last_seen: datetime | None = None
    #: Hosts that the error blames, `host:port`.
    upstreams: tuple[str, ...] = ()
    #: True when the trace passes through the project's own code.
    in_own_code: bool = False
    #: True for a trace, a panic, a lack of memory: counts from the first occurrence.
    is_crash: bool = False


class LogSummary(Record):
    """What a stretch of a log says."""

    #: Messages in the stretch, and how many of them are severe.
    lines: int
    severe: int
    #: Kinds of errors, most frequent first.
    signatures: tuple[Signature, ...]
    first_at: datetime | None = None
    last_at: datetime | None = None
    #: False when no message says when it was written: then nothing was left out as too old.
    is_dated: bool = False
    #: Severe messages of further kinds, beyond what is told apart.
    others: int = 0

    def find(self, signature: str) -> Signature | None:
        """Return the kind of error of that name."""
        return next((kind for kind in self.signatures if kind.signature == signature), None)


class LogComparison(Record):
    """How a stretch after a change differs from one before it."""

    #: Kinds of errors that count and were not there before; all others that are new but rare.
    new: tuple[Signature, ...]
    rare: tuple[Signature, ...]
    #: Kinds that were there before and are gone, and that are still there.
    gone: tuple[Signature, ...]
    remaining: tuple[Signature, ...]
    #: False when too little was written after the change to conclude anything from silence.
    has_enough_traffic: bool


def scan(
    content: bytes, since: datetime | None = None, zone_minutes: int = 0, near: datetime | None = None
) -> LogSummary:
    """Return the errors in a log; messages from before `since` are left out.

    Moments without a zone are `zone_minutes` east of UTC; those without a year are the closest to `near`, or
    to `since`.
    """
    found: dict[str, Signature] = {}
    lines = severe = others = 0
    first = last = None
    messages = list(entries(content, zone_minutes, near or since))
    is_dated = any(entry.is_dated for entry in messages)
    for entry in messages:
        if since is not None and is_dated and (entry.at is None or entry.at < since):
            continue
        lines += 1
        if entry.at is not None:
            first = min(first or entry.at, entry.at)
            last = max(last or entry.at, entry.at)
        kind = _kind(entry)
        if kind is None:
            continue
        severe += 1
        if kind.signature in found:
            found[kind.signature] = _counted(found[kind.signature], kind)
        elif len(found) < KINDS:
            found[kind.signature] = kind
        else:
            others += 1
    return LogSummary(
        lines=lines,
        severe=severe,
        signatures=tuple(sorted(found.values(), key=lambda kind: -kind.count)),
        first_at=first,
        last_at=last,
        is_dated=is_dated,
        others=others,
    )


def compare(before: LogSummary, after: LogSummary, enough_lines: int = 300) -> LogComparison:
    """Tell new kinds of errors from those that are gone and those that remain.

    Of `n` messages without an error the true share is below 3/n with 95 % confidence (rule of three): less
    than one message in a hundred with the default.
    """
    known = {kind.signature for kind in before.signatures}
    now = {kind.signature for kind in after.signatures}
    fresh = tuple(kind for kind in after.signatures if kind.signature not in known)
    counts = tuple(kind for kind in fresh if kind.is_crash or kind.count >= ENOUGH_TO_COUNT)
    return LogComparison(
        new=counts,
        rare=tuple(kind for kind in fresh if kind not in counts),
        gone=tuple(kind for kind in before.signatures if kind.signature not in now),
        remaining=tuple(kind for kind in after.signatures if kind.signature in known),
        has_enough_traffic=after.lines >= enough_lines,
    )


def after(content: bytes, since: datetime, zone_minutes: int = 0) -> bytes:
    """Return the log from its first line written at `since` or later; all of it when no line says when."""
    position, is_dated = 0, False
    while position < len(content):
        end = content.find(b"\n", position) + 1 or len(content)
        at = _at(content[position : min(end, position + 4000)], zone_minutes, since)
        if at is not None and at >= since:
            return content[position:]
        is_dated = is_dated or at is not None
        position = end
    return b"" if is_dated else content


def _at(line: bytes, zone_minutes: int, near: datetime) -> datetime | None:
    text = line.decode("utf-8", "replace")
    at = moment_of(text, zone_minutes, near)
    if at is None and text.lstrip().startswith("{"):
        first = next(entries(line, zone_minutes, near), None)
        at = first.at if first else None
    return at


def _kind(entry: Entry) -> Signature | None:
    """Return the kind of error of a message; None when it is not severe."""
    text = "\n".join(entry.lines)
    trace = trace_in(entry.lines) if len(entry.lines) > 1 else None
    if trace is not None and entry.level != "warning":
        line, name = trace.line, f"{trace.error} in {trace.frame}" if trace.frame else trace.error
    elif line := _telling(entry):
        name = _template(line) or "an error without words"
    else:
        return None
    return Signature(
        signature=name,
        sample=_shown(line),
        count=1,
        first_seen=entry.at,
        last_seen=entry.at,
        upstreams=names_upstream(text),
        in_own_code=bool(trace and trace.frame),
        is_crash=trace is not None or _CRASH.search(text) is not None,
    )


def _telling(entry: Entry) -> str:
    """Return the line that makes a message without a trace severe; "" when none does."""
    if entry.level == "severe":
        return next((line for line in entry.lines if _template(line)), entry.lines[0] or "?")
    if entry.level:
        return ""
    return next((line for line in entry.lines if _SEVERE.search(line)), "")


def _counted(kind: Signature, again: Signature) -> Signature:
    moments = [at for at in (kind.first_seen, kind.last_seen, again.first_seen) if at is not None]
    return Signature(
        signature=kind.signature,
        sample=kind.sample,
        count=kind.count + 1,
        first_seen=min(moments, default=None),
        last_seen=max(moments, default=None),
        upstreams=tuple(dict.fromkeys((*kind.upstreams, *again.upstreams)))[:8],
        in_own_code=kind.in_own_code or again.in_own_code,
        is_crash=kind.is_crash or again.is_crash,
    )


def _template(line: str) -> str:
    """Return a message without what changes from one occurrence to the next."""
    if access := _ACCESS.search(line):
        return (
            f"{access[3]} {access[1]} {_DIGITS.sub('<*>', access[2].replace('/', ' / ')).replace(' / ', '/')}"
        )
    message = _PREFIX.sub("", line) or line
    return _shown(_DIGITS.sub("<*>", _LONG.sub("<*>", message)))[:200].strip()


def _shown(line: str) -> str:
    """Return a line that cannot steer a terminal, at most 300 characters."""
    return "".join(c if c.isprintable() else " " for c in line[:300]).strip()
