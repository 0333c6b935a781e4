"""Stack traces of Python, Java, Node and Go: which error, and where in the project's own code."""

from __future__ import annotations

import re

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Trace(Record):
    """An error with the place it comes from."""

    #: Type of the error: `KeyError`, `java.lang.NullPointerException`, `panic`.
    error: str
    #: Innermost frame of the project's own code as `file:function`; "" when there is none.
    frame: str
    #: The line that names the error.
    line: str


_PYTHON_FRAME = re.compile(r'\s+File "([^"]+)", line \d+(?:, in (\S+))?')
_PYTHON_ERROR = re.compile(r"([A-Za-z_][\w.]*)(?::|$)")
_JAVA_FRAME = re.compile(r"\s*at ((?:[\w$]+[./@])*[\w$<>]+)\.([\w$<>]+)\(([^)]*)\)\s*$")
_JAVA_ERROR = re.compile(r"(?:.*\s)?((?:[a-z_][\w$]*\.)+[A-Z][\w$]*)(?::|\s*$)")
_NODE_FRAME = re.compile(
    r"\s+at (?:(?:async |new )*([^\s(]+)[^(]*\()?((?:file://|node:|/|[A-Za-z]:\\|\w)[^():]*):\d+:\d+\)?"
)
_NODE_ERROR = re.compile(r"(?:.*\s)?([A-Z]\w*(?:Error|Exception))\b")
_GO_FRAME = re.compile(r"([\w./*()-]+)\(.*\)$")
_GO_PLACE = re.compile(r"\s+(\S+\.go):\d+")
#: Code that is not the project's own.
_PYTHON_FOREIGN = re.compile(r"site-packages/|dist-packages/|/lib/python3|/lib64/python3|^<|/importlib/")
_JAVA_FOREIGN = re.compile(
    r"(?:java|javax|jdk|sun|com\.sun|jakarta|kotlin|scala|groovy|org\.(?:springframework|apache|hibernate|eclipse|"
    r"jboss|postgresql|gradle|junit|slf4j|aspectj)|io\.(?:netty|grpc|micronaut|quarkus|vertx|undertow)|"
    r"com\.(?:zaxxer|fasterxml|google\.common|mysql))[.$/]"
)
_NODE_FOREIGN = re.compile(r"node_modules|^node:|^internal/|^timers\.js|^events\.js")
_GO_FOREIGN = re.compile(r"/go/src/|/pkg/mod/|/vendor/|/golang\.org/")


def trace_in(lines: Sequence[str]) -> Trace | None:
    """Return the error a message carries a stack trace of; None without one. Of a chain, the one that counts.

    Python prints the error that came out last; Java names the root last (`Caused by`).
    """
    for read in (_python, _go, _node, _java):
        found = read(lines)
        if found is not None:
            return found
    return None


def _python(lines: Sequence[str]) -> Trace | None:
    """The last `Traceback` of the message, and the line after its frames."""
    starts = [n for n, line in enumerate(lines) if "Traceback (most recent call last):" in line]
    if not starts:
        return None
    frame, bare = "", ""
    for line in lines[starts[-1] + 1 :]:
        if found := _PYTHON_FRAME.match(line):
            if not _PYTHON_FOREIGN.search(found[1]):
                frame = f"{_file(found[1])}:{found[2] or '<module>'}"
        elif line and not line[0].isspace():
            bare = line
            break
    error = _PYTHON_ERROR.match(bare)
    return Trace(error=error[1] if error else "Traceback", frame=frame, line=bare or lines[starts[-1]])


def _java(lines: Sequence[str]) -> Trace | None:
    error, line_of_error, frame = "", "", ""
    for number, line in enumerate(lines):
        if not (found := _JAVA_FRAME.match(line)):
            continue
        before = lines[number - 1] if number else ""
        if not _JAVA_FRAME.match(before) and (named := _JAVA_ERROR.match(before)):
            error, line_of_error, frame = named[1], before.strip(), ""
        if not frame and not _JAVA_FOREIGN.match(found[1]):
            frame = f"{found[3].partition(':')[0] or found[1]}:{found[2]}"
    return Trace(error=error, frame=frame, line=line_of_error) if error else None


def _node(lines: Sequence[str]) -> Trace | None:
    error, line_of_error, frame = "", "", ""
    for number, line in enumerate(lines):
        if not (found := _NODE_FRAME.match(line)) or _PYTHON_FRAME.match(line):
            continue
        if not error:
            heads = [head for head in lines[:number] if _NODE_ERROR.match(head)]
            if not heads:
                return None
            named = _NODE_ERROR.match(heads[-1])
            error, line_of_error = named[1] if named else "Error", heads[-1].strip()
        if not frame and not _NODE_FOREIGN.search(found[2]):
            frame = f"{_file(found[2])}:{found[1] or '<anonymous>'}"
    return Trace(error=error, frame=frame, line=line_of_error) if error else None


def _go(lines: Sequence[str]) -> Trace | None:
    starts = [n for n, line in enumerate(lines) if re.search(r"(?:^|\s)(?:panic|fatal error): ", line)]
    if not starts or not any(line.startswith("goroutine ") for line in lines):
        return None
    frame = ""
    for function, place in zip(lines[starts[0] :], lines[starts[0] + 1 :], strict=False):
        where, what = _GO_PLACE.match(place), _GO_FRAME.match(function[:500])
        if (
            where
            and what
            and not _GO_FOREIGN.search(where[1])
            and not what[1].startswith(("runtime.", "panic"))
        ):
            frame = f"{_file(where[1])}:{what[1].rpartition('/')[2]}"
            break
    line = lines[starts[0]].strip()
    return Trace(error="panic" if "panic: " in line else "fatal error", frame=frame, line=line)


def _file(path: str) -> str:
    """Return the last two parts of a path, without those that name a version: releases are compared."""
    parts = [part for part in re.split(r"[/\\]", path) if part and not re.fullmatch(r"v?\d[\w.+-]*", part)]
    return "/".join(parts[-2:])
