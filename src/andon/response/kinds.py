"""Kinds of errors: what makes a message severe, and the name that its kind keeps from release to release.

An error is named by its type and the innermost frame of the project's own code, else by its message with
everything that changes masked. Line numbers are no part of it, so that releases can be compared.
"""

from __future__ import annotations

import re

from andon.record import Record
from andon.response.shapes import HOLE, shape
from andon.response.traces import trace_in
from andon.response.upstreams import names_upstream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from andon.response.entries import Entry
    from andon.response.traces import Trace

#: Number of this way of grouping; signatures of different numbers must not be compared. 1 masked every word
#: with a digit whole and knew no lists; 2 keeps what stands before `=` and `(`.
ALGORITHM = 2
#: Occurrences of a kind whose hosts are looked for, and hosts that are kept.
BLAMED, _HOSTS = 50, 8

_SEVERE = re.compile(
    r"\b(?:unhandled|uncaught|out of memory|oom-?kill\w*|segmentation fault|segfault|core dumped|panic:|"
    r"fatal error|deadlock detected|\w+(?:Error|Exception): )|"
    r'"(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \S+ HTTP/[\d.]+" 5\d\d\b',
    re.IGNORECASE,
)
_CRASH = re.compile(
    r"\b(?:FATAL|PANIC|CRITICAL|EMERG|out of memory|oom-?kill\w*|segmentation fault)\b|panic:"
)
#: Words of a message that tells of a failure without naming a level.
_TROUBLE = re.compile(
    r"(?<![A-Za-z])(?:fail(?:ed|ure|ures|s|ing)?|errors?|exceptions?|fatal|denied|refused|timed? ?out|"
    r"timeout|abort(?:ed|ing)?|corrupt(?:ed|ion)?|unable|cannot|could not|unreachable|crash(?:ed)?|panic|"
    r"illegal|invalid)(?![A-Za-z])",
    re.IGNORECASE,
)
_ACCESS = re.compile(r'"([A-Z]+) ([^\s?"]+)[^"]* HTTP/[\d.]+" (\d\d\d)\b')
#: Whatever stands before the message: moment, level, process, in brackets or not.
_PREFIX = re.compile(
    r"^(?:(?:\[[^\]]{0,60}\]|<\d{1,3}>|[A-Z][a-z]{2} +\d+ [\d:.]+ \S+|[\d\-/.:,TZ+_]{6,40}(?=\s)|"
    r"(?:UTC|ERROR|ERR|FATAL|CRITICAL|CRIT|SEVERE|PANIC|EMERG|ALERT|WARN(?:ING)?|INFO|DEBUG)\b:?)[\s|:-]*)+"
)
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


class Tally:
    """A kind of error that is being counted. Not a record: it changes with every occurrence."""

    __slots__ = ("count", "first", "in_own_code", "is_crash", "last", "name", "sample", "upstreams")

    def __init__(self, name: str, sample: str) -> None:
        """Begin with no occurrence."""
        self.name, self.sample, self.count = name, sample, 0
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.upstreams: dict[str, None] = {}
        self.in_own_code = self.is_crash = False

    def add(self, entry: Entry, trace: Trace | None) -> None:
        """Count one more."""
        self.seen(entry.at)
        self.in_own_code = self.in_own_code or bool(trace and trace.frame)
        if self.count > BLAMED:
            return
        text = "\n".join(entry.lines)
        self.is_crash = self.is_crash or trace is not None or _CRASH.search(text) is not None
        if len(self.upstreams) < _HOSTS:
            self.upstreams.update(dict.fromkeys(names_upstream(text)))

    def seen(self, at: datetime | None) -> None:
        """Count one more that says nothing new."""
        self.count += 1
        if at is not None:
            self.first = min(self.first or at, at)
            self.last = max(self.last or at, at)

    def told(self) -> Signature:
        """Return what was counted."""
        return Signature(
            signature=self.name,
            sample=self.sample,
            count=self.count,
            first_seen=self.first,
            last_seen=self.last,
            upstreams=tuple(self.upstreams)[:_HOSTS],
            in_own_code=self.in_own_code,
            is_crash=self.is_crash,
        )


def kind_of(entry: Entry) -> tuple[str, str, Trace | None] | None:
    """Return the name of a message's kind of error, the line that tells it, its trace; None if not severe."""
    trace = trace_in(entry.lines) if len(entry.lines) > 1 else None
    if trace is not None and entry.level != "warning":
        name = f"{trace.error} in {trace.frame}" if trace.frame else trace.error
        return name, trace.line, trace
    if line := _telling(entry):
        return template(line) or "an error without words", line, None
    return None


def speaks_of_trouble(text: str) -> bool:
    """Say whether a message that names no level tells of a failure, other than in the path of a request."""
    return _TROUBLE.search(text[:1000]) is not None and not _ACCESS.search(text)


def template(line: str) -> str:
    """Return a message without what stands before it and what changes from one occurrence to the next."""
    if access := _ACCESS.search(line):
        path = "/".join(HOLE if any(c.isdigit() for c in part) else part for part in access[2].split("/"))
        return f"{access[3]} {access[1]} {shown(path)}"[:200]
    message = _PREFIX.sub("", line) or line
    return shown(shape(_LONG.sub(HOLE, message)))[:200].strip()


def shown(line: str) -> str:
    """Return a line that cannot steer a terminal, at most 300 characters."""
    return "".join(c if c.isprintable() else " " for c in line[:300]).strip()


def _telling(entry: Entry) -> str:
    """Return the line that makes a message without a trace severe; "" when none does."""
    if entry.level == "severe":
        return next((line for line in entry.lines if template(line)), entry.lines[0] or "?")
    if entry.level:
        return ""
    return next((line for line in entry.lines if _SEVERE.search(line)), "")
