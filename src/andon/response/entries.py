"""The bytes of a log to entries: one message each, with its continuation lines, its moment and its level."""

from __future__ import annotations

import json
import re

from andon.record import Record
from andon.response.moments import moment_in, moment_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

#: Lines an entry may have before the rest is left out, and characters of a line that are looked at.
LINES, WIDTH = 400, 4000
#: Fields of a JSON line that hold its level, its message and its stack trace.
_LEVELS = ("level", "severity", "levelname", "log.level", "lvl", "loglevel", "PRIORITY")
_MESSAGES = ("message", "msg", "log", "MESSAGE", "event", "error", "text")
_TRACES = (
    "stack",
    "stack_trace",
    "stacktrace",
    "exc_info",
    "exception",
    "traceback",
    "error.stack_trace",
    "err",
)
#: Levels as programs write them; syslog and the system journal count 0 to 3 as errors, pino counts from 50.
_SEVERE = "error|err|fatal|critical|crit|severe|panic|emergency|emerg|alert|dpanic"
_WARNING = "warning|warn"
_CALM = "info|information|notice|debug|trace|verbose|fine|finer|finest|config"
_LEVEL = re.compile(
    rf"(?:^|[\s\[(<|:=\"'])(?:(?P<severe>{_SEVERE})|(?P<warning>{_WARNING})|(?P<calm>{_CALM}))(?=$|[\s\])>|:,;\"'])",
    re.IGNORECASE,
)
_KLOG = re.compile(r"(?P<letter>[IWEF])\d{4} \d\d:\d\d:\d\d")
#: Characters at the beginning of a line in which its level is looked for.
_REACH = 100
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[ -/]*[0-~])")
#: What only ever stands inside a stack trace, so that it belongs to the message before it.
_TRACE_LINE = (
    r"Traceback \(most recent call last\):|Caused by: |at \S+ ?\(|\.\.\. \d+ (?:more|common)|"
    r"goroutine \d+ \[|During handling of the above exception|The above exception was the direct cause"
)
_CONTINUES = re.compile(rf"\s|[}}\])]|$|{_TRACE_LINE}")
#: The same for a line that a collector gave a moment of its own, and the line that ends a Python trace.
_CONTINUES_DATED = re.compile(rf"\s\s|\t|{_TRACE_LINE}")
#: The error of a trace on the line after the message, and a function of a Go trace.
_THROWN = re.compile(r"(?:[\w$]+\.)*[A-Z][\w$]*(?:Error|Exception|Throwable)\b")
_GO_FUNCTION = re.compile(r"created by |[\w./*()-]{1,300}\([^()]*\)$")
_NAMES_ERROR = re.compile(r"[A-Za-z_][\w.]*(?::\s|$)")
#: What collectors put before a line: the container, its moment, the host and the process.
_PREFIX = re.compile(r"^(?:\[?[\w./-]{1,80}\]?\s*\|\s|\[(?:pod|container)/[^\]]{1,200}\]\s)")
_STAMP = re.compile(
    r"(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"
    r"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)"
    r"(?: [\w.-]+ [\w./@-]+(?:\[\d+\])?:)?(?: |$)"
)


class Entry(Record):
    """One message of a log."""

    #: When it was written; None when neither it nor an earlier entry says.
    at: datetime | None
    #: `severe`, `warning`, `calm`, or "" when it names no level.
    level: str
    #: Its lines, without terminal colours.
    lines: tuple[str, ...]
    #: False when the moment is the one of an earlier entry.
    is_dated: bool = True


def entries(content: bytes, zone_minutes: int = 0, near: datetime | None = None) -> Iterator[Entry]:
    """Yield the messages in order; see `moments.moment_of` for the two settings."""
    opened: _Open | None = None
    last: datetime | None = None
    for raw in content.split(b"\n"):
        line = _read(raw, zone_minutes, near)
        if opened is not None and opened.takes(line):
            opened.add(line)
        elif line.text.strip():
            if opened is not None:
                yield opened.closed()
            last = line.at or last
            opened = _Open(line, last)
    if opened is not None:
        yield opened.closed()


class _Line:
    """One line, without what collectors put before it. Not a record: there is one for every line of a log."""

    __slots__ = ("at", "bare", "is_json", "level", "text")

    def __init__(self, at: datetime | None, text: str, bare: str, level: str, is_json: bool = False) -> None:
        #: The line as it came, or the message of a JSON line; and without its moment, for what continues it.
        self.text, self.bare = text, bare
        self.at, self.level, self.is_json = at, level, is_json


class _Open:
    """A message whose end has not been seen."""

    def __init__(self, line: _Line, at: datetime | None) -> None:
        self._first, self._at = line, at
        self._lines = line.text.split("\n")[:LINES]
        self._in_trace = line.bare.startswith("Traceback (most")
        self._in_go = line.bare.startswith("goroutine ")

    def takes(self, line: _Line) -> bool:
        """Say whether a line belongs to this message."""
        if line.is_json:
            return False
        if self._in_go and _GO_FUNCTION.match(line.bare):
            return True
        if line.at is None:
            thrown = self._first.level == "severe" and _THROWN.match(line.bare)
            return bool(self._in_trace or _CONTINUES.match(line.bare) or thrown)
        ends_trace = self._in_trace and _NAMES_ERROR.match(line.bare) is not None
        return ends_trace or _CONTINUES_DATED.match(line.bare) is not None

    def add(self, line: _Line) -> None:
        """Take a line; the one after the last frame of a Python trace is the error itself."""
        self._in_trace = line.bare.startswith(("Traceback (most", "  "))
        self._in_go = self._in_go or line.bare.startswith("goroutine ")
        if len(self._lines) < LINES:
            self._lines.append(line.bare)

    def closed(self) -> Entry:
        """Return the message."""
        return Entry(
            at=self._at,
            level=self._first.level,
            lines=tuple(self._lines),
            is_dated=self._first.at is not None,
        )


def _read(raw: bytes, zone_minutes: int, near: datetime | None) -> _Line:
    line = raw[:WIDTH].decode("utf-8", "replace").rstrip()
    if "\x1b" in line:
        line = _ESCAPES.sub("", line)
    if ("|" in line[:90] or line.startswith("[")) and not _level(line[:12]):
        line = _PREFIX.sub("", line, count=1)
    fields = _fields(line)
    if fields is None:
        at = moment_of(line, zone_minutes, near)
        stamp = _STAMP.match(line)
        bare = line[stamp.end() :] if stamp else line
        return _Line(at=at, text=line, bare=bare, level=_level(bare) or _level(line))
    at = moment_in(fields, zone_minutes) or moment_of(line, zone_minutes, near)
    inner = fields.get("log")
    if isinstance(inner, str) and "stream" in fields:  # Docker's own files: one JSON line for each line
        inner = inner.rstrip("\n")
        return _Line(at=at, text=inner, bare=inner, level=_level(inner))
    text, level = _said(fields)
    return _Line(at=at, text=text, bare=text, level=level, is_json=True)


def _fields(line: str) -> dict[str, object] | None:
    """Return the fields of a JSON line; None for any other line."""
    if not line.endswith("}"):
        return None
    stamp = _STAMP.match(line)
    start = stamp.end() if stamp else 0
    if not line.startswith("{", start):
        return None
    try:
        found = json.loads(line[start:])
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _said(fields: dict[str, object]) -> tuple[str, str]:
    """Return the text and the level of a JSON line."""
    message = next((m for name in _MESSAGES if (m := _text(fields.get(name)))), "")
    trace = next((t for name in _TRACES if "\n" in (t := _text(fields.get(name)))), "")
    text = f"{message}\n{trace}" if trace and trace != message else message
    level = next((fields[name] for name in _LEVELS if name in fields), None)
    return text or json.dumps(fields)[:WIDTH], _level(text) if level is None else _named(level)


def _text(value: object) -> str:
    if isinstance(value, dict):  # {"err": {"stack": "..."}}, {"error": {"message": "..."}}
        return next((v for k in ("stack", "message") if isinstance(v := value.get(k), str)), "")
    return value.strip() if isinstance(value, str) else ""


def _named(level: object) -> str:
    """Return the kind of a level that is given as a word or, in syslog's or pino's way, as a number."""
    if isinstance(level, str) and level.isdecimal():
        level = int(level)
    if isinstance(level, int | float):
        if level <= 7:
            return "severe" if level <= 3 else "warning" if level == 4 else "calm"
        return "severe" if level >= 50 else "warning" if level >= 40 else "calm"
    return _level(f"[{level}]")


def _level(line: str) -> str:
    head = line[:_REACH]
    if letter := _KLOG.match(head):
        return {"I": "calm", "W": "warning"}.get(letter["letter"], "severe")
    for found in _LEVEL.finditer(head):
        kind = found.lastgroup or ""
        before, word, then = head[found.start() : found.start(kind)], found[kind], head[found.end() :][:1]
        # "ERROR", "[error]", "level=error" and "error: ..." are levels; the "error" of a sentence is not.
        if word.isupper() or before in ("[", "=", "<", '"', "|") or (not found.start(kind) and then == ":"):
            return kind
    return ""
