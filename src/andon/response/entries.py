"""The bytes of a log to entries: one message each, with its continuation lines, its moment and its level."""

from __future__ import annotations

import json
import re

from andon.record import Record
from andon.response.moments import moment_in, moment_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

#: Lines an entry may have before the rest is left out, and bytes of a line that are looked at; a JSON line
#: may hold a whole stack trace.
LINES, WIDTH, JSON_WIDTH = 400, 4000, 1 << 16
#: Lines that are kept from the beginning of a longer entry; the others are its last ones.
_HEAD = 100
#: Fields of a JSON line that hold its level, its message and its stack trace, as loggers and collectors spell
#: them: Python, Java, .NET, pino, bunyan, zap, zerolog, ECS, GELF, OpenTelemetry, Google, the system journal.
_LEVELS = (
    "level", "severity", "levelname", "log.level", "lvl", "loglevel", "log_level", "levelName", "level_name",
    "severity_text", "severityText", "SeverityText", "Level", "Severity", "@l", "PRIORITY",
)  # fmt: skip
_MESSAGES = (
    "message", "msg", "log", "MESSAGE", "event", "error", "text", "Message", "@m", "@mt", "body", "Body",
    "short_message", "textPayload", "jsonPayload.message",
)  # fmt: skip
_TRACES = (
    "stack", "stack_trace", "stacktrace", "exc_info", "exception", "traceback", "error.stack_trace", "err",
    "error.stack", "exception.stacktrace", "Exception", "@x", "full_message", "stackTrace",
)  # fmt: skip
#: A pair of a logfmt line, and the keys of its message and of what comes with it.
_PAIR = re.compile(r'([A-Za-z_@][\w.@-]*)=("(?:[^"\\]|\\.)*"|[^\s"]*)(?=\s|$)')
_LOGFMT_MESSAGES, _LOGFMT_ERRORS = ("msg", "message", "event"), ("err", "error", "exception")
_LOGFMT_LEVELS = ("level", "lvl", "severity", "loglevel")
#: The priority that a syslog line begins with (RFC 3164, RFC 5424): facility * 8 + severity.
_PRIORITY = re.compile(r"<(\d{1,3})>")
#: What RFC 5424 puts before the message: version, moment, host, program, process, kind, structured data.
_RFC5424 = re.compile(r'1 \S+ \S+ \S+ \S+ \S+ (?:-|(?:\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\])+)(?: |$)\ufeff?')
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
#: How a line begins inside a Python trace; the one after the last of them names the error.
IN_TRACE = ("Traceback (most", "  ")
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
    for entry, _, _ in entries_of(content.split(b"\n"), zone_minutes, near):
        yield entry


def entries_of(
    lines: Sequence[bytes],
    zone_minutes: int = 0,
    near: datetime | None = None,
    *,
    start: int = 0,
    last: datetime | None = None,
) -> Iterator[tuple[Entry, int, int]]:
    """Yield the messages from line `start` on, each with the number of its first line and of the one after.

    `last` is the moment that a message without one inherits.
    """
    opened: Opened | None = None
    begun = start
    for number in range(start, len(lines)):
        line = read_line(lines[number], zone_minutes, near)
        if opened is not None and opened.takes(line):
            opened.add(line)
        elif line.text.strip():
            if opened is not None:
                yield opened.closed(), begun, number
            last = line.at or last
            opened, begun = Opened(line, last), number
    if opened is not None:
        yield opened.closed(), begun, len(lines)


def continues(line: Line) -> bool:
    """Say whether a line on its own is blank or the continuation of a message."""
    if line.is_json or not line.text.strip():
        return not line.is_json
    return (_CONTINUES if line.at is None else _CONTINUES_DATED).match(line.bare) is not None


def may_continue(line: Line, before: Line | None) -> bool:
    """Say whether a line may belong to the message before it, whatever that one is: never wrongly no."""
    if line.is_json:
        return False
    if before is not None and before.bare.startswith(IN_TRACE):
        return True
    found = _CONTINUES.match(line.bare) or _GO_FUNCTION.match(line.bare)
    return bool(found or (line.at is None and _THROWN.match(line.bare)))


class Line:
    """One line, without what collectors put before it. Not a record: there is one for every line of a log."""

    __slots__ = ("at", "bare", "is_json", "level", "text")

    def __init__(self, at: datetime | None, text: str, bare: str, level: str, is_json: bool = False) -> None:
        #: The line as it came, or the message of a JSON line; and without its moment, for what continues it.
        self.text, self.bare = text, bare
        self.at, self.level, self.is_json = at, level, is_json


class Opened:
    """A message whose end has not been seen."""

    def __init__(self, line: Line, at: datetime | None) -> None:
        self._first, self._at = line, at
        self._lines = line.text.split("\n")
        if (
            len(self._lines) > LINES
        ):  # a trace begins with the message and ends with the error, or the other way
            self._lines = self._lines[:_HEAD] + self._lines[_HEAD - LINES :]
        self._in_trace = line.bare.startswith("Traceback (most")
        self._in_go = line.bare.startswith("goroutine ")

    def takes(self, line: Line) -> bool:
        """Say whether a line belongs to this message."""
        if line.is_json:
            return False
        if self._in_go and _GO_FUNCTION.match(line.bare):
            return True
        if line.at is None:
            thrown = self._first.level == "severe" and _THROWN.match(line.bare)
            return bool(self._in_trace or thrown or continues(line))
        ends_trace = self._in_trace and _NAMES_ERROR.match(line.bare) is not None
        return ends_trace or _CONTINUES_DATED.match(line.bare) is not None

    def add(self, line: Line) -> None:
        """Take a line; the one after the last frame of a Python trace is the error itself."""
        self._in_trace = line.bare.startswith(IN_TRACE)
        self._in_go = self._in_go or line.bare.startswith("goroutine ")
        self._lines.append(line.bare)
        if len(self._lines) > LINES:
            del self._lines[_HEAD]

    def closed(self) -> Entry:
        """Return the message."""
        return Entry(
            at=self._at,
            level=self._first.level,
            lines=tuple(self._lines),
            is_dated=self._first.at is not None,
        )


def read_line(raw: bytes, zone_minutes: int = 0, near: datetime | None = None) -> Line:
    """Read one line, without the terminal's colours and what a collector put before it."""
    width = JSON_WIDTH if raw[:WIDTH].lstrip()[:1] == b"{" or b" {" in raw[:200] else WIDTH
    line = raw[:width].decode("utf-8", "replace").rstrip()
    if "\x1b" in line:
        line = _ESCAPES.sub("", line)
    if ("|" in line[:90] or line.startswith("[")) and not _level(line[:12]):
        line = _PREFIX.sub("", line, count=1)
    fields = _fields(line)
    if fields is None:
        return _plain(line[:WIDTH], zone_minutes, near)
    at = moment_in(fields, zone_minutes) or moment_of(line, zone_minutes, near)
    inner = fields.get("log")
    if isinstance(inner, str) and "stream" in fields:  # Docker's own files: one JSON line for each line
        inner = inner.rstrip("\n")
        told = _fields(inner)
        if told is None:
            return Line(at=at, text=inner[:WIDTH], bare=inner[:WIDTH], level=_level(inner))
        fields = told
    text, level = _said(fields)
    return Line(at=at, text=text, bare=text, level=level, is_json=True)


def written_at(raw: bytes, zone_minutes: int = 0, near: datetime | None = None) -> datetime | None:
    """Return when a line was written, as `read_line` says, but without reading all of it where that does."""
    head = raw[:200].decode("utf-8", "replace")
    if not head.lstrip().startswith("{"):
        at = moment_of(head, zone_minutes, near)
        if at is not None or ("|" not in head and "=" not in head and "\x1b" not in head):
            return at
    return read_line(raw, zone_minutes, near).at if head.strip() else None


def _plain(line: str, zone_minutes: int, near: datetime | None) -> Line:
    priority = _PRIORITY.match(line)
    text = line[priority.end() :] if priority else line
    at = moment_of(text, zone_minutes, near)
    if pairs := _pairs(text):
        message = next(pairs[key] for key in _LOGFMT_MESSAGES if key in pairs)
        error = next((pairs[key] for key in _LOGFMT_ERRORS if pairs.get(key)), "")
        level = next((pairs[key] for key in _LOGFMT_LEVELS if key in pairs), "")
        at = at or moment_in(pairs, zone_minutes)
        told = f"{message}: {error}" if error else message
        return Line(at=at, text=told or line, bare=told, level=_named(level), is_json=True)
    stamp = (_RFC5424.match(text) if priority else None) or _STAMP.match(text)
    bare = text[stamp.end() :] if stamp else text
    level = _level(bare) or _level(text)
    if not level and priority and not bare[:1].isspace():
        level = _named(int(priority[1]) % 8)
    return Line(at=at, text=text if priority is None else bare, bare=bare, level=level)


def _pairs(line: str) -> dict[str, str]:
    """Return the pairs of a logfmt line; none of any other, and of one without level or message."""
    if "=" not in line or not any(f"{key}=" in line for key in _LOGFMT_MESSAGES):
        return {}
    found: dict[str, str] = {}
    for pair in _PAIR.finditer(line):
        key, value = pair.groups()
        if value.startswith('"'):
            value = value[1:-1].replace('\\"', '"').replace("\\n", "\n").replace("\\t", "\t")
        found.setdefault(key, value)
    is_logfmt = any(key in found for key in _LOGFMT_LEVELS) and any(key in found for key in _LOGFMT_MESSAGES)
    return found if is_logfmt else {}


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
    message = next((m for name in _MESSAGES if (m := _text(_field(fields, name)))), "")
    trace = next((t for name in _TRACES if "\n" in (t := _text(_field(fields, name)))), "")
    text = f"{message}\n{trace}" if trace and trace != message else message
    level = next((value for name in _LEVELS if (value := _field(fields, name)) is not None), None)
    return text or json.dumps(fields)[:WIDTH], _level(text) if level is None else _named(level)


def _field(fields: dict[str, object], name: str) -> object:
    """Return a field, also of a nested one: `log.level` is both `"log.level"` and `"log": {"level"}`."""
    if name in fields:
        return fields[name]
    outer, dot, inner = name.partition(".")
    nested = fields.get(outer) if dot else None
    return nested.get(inner) if isinstance(nested, dict) else None


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
