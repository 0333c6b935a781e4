"""Smoke tests over HTTP: one request, the expectations it has to meet, and what was seen.

What a customer would meet as well is a failure: refused, reset, timed out, a bad certificate, a wrong answer.
What only says something about this machine is unknown, and never a pass: no name resolution, no route, no
free descriptor, a probe that is written wrongly.
"""

from __future__ import annotations

import contextlib
import errno
import http.client
import json
import os
import queue
import socket
import ssl
import threading
import time
import zlib

from andon.desk.values import ProbeReport
from andon.errors import InvalidInput
from andon.incident.words import Verdict
from andon.production.address import authorization, joined, origin, parsed, shown, target, why_not_followed
from andon.production.process import clean
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from urllib.parse import SplitResult

#: Bytes of a body that expectations are checked against, and that the report shows.
BODY_LIMIT, EXCERPT = 1 << 20, 2048
#: Headers the report shows.
SHOWN = (
    "content-type", "content-length", "server", "date", "x-request-id", "x-correlation-id", "traceparent",
    "retry-after", "location", "via", "cf-ray", "x-cache", "x-version",
)  # fmt: skip
#: What says that this machine cannot see, not that the service is down.
_OURS = {
    errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL, errno.EMFILE, errno.ENFILE,
    errno.EACCES, errno.EPERM, errno.ENOBUFS, errno.ENOMEM, errno.EAFNOSUPPORT,
}  # fmt: skip


class Answer(Record):
    """What came back."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    #: True when the body is longer than what was read.
    cut: bool
    #: The address that answered, without credentials, after redirects.
    url: str
    seconds: float


class _Unusable(Exception):
    """The probe itself cannot be run."""


class HttpProbe:
    """One request to one address."""

    def __init__(
        self,
        name: str,
        url: str,
        *,
        covers: str = "",
        critical: bool = False,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        expect_status: Sequence[int] | range = range(200, 300),
        expect_text: str = "",
        expect_json: Mapping[str, object] | None = None,
        max_seconds: float | None = None,
        timeout: float = 10.0,
        redirects: int = 0,
        ca_file: str = "",
    ) -> None:
        """Keep what to ask and what to expect; `expect_json` maps dotted paths (`checks.0.ok`) to values.

        `timeout` bounds the whole exchange in seconds, `max_seconds` is the latency that still counts as
        good, `redirects` how many may be followed. `ca_file` adds a certificate authority.
        """
        self.name = name
        self.covers = covers
        self.critical = critical
        self._url = url
        self._method = method.upper()
        self._headers = dict(headers or {})
        self._body = body
        self._expect_status = expect_status
        self._expect_text = expect_text
        self._expect_json = dict(expect_json or {})
        self._max_seconds = max_seconds
        self._timeout = timeout
        self._redirects = redirects
        self._ca_file = ca_file

    def run(self) -> ProbeReport:
        """Ask once and judge the answer; never raises."""
        began = time.monotonic()
        asked = f"{self._method} {shown(self._url)}"
        answer = _Exchange(self._ask).result(self._timeout)
        seconds = time.monotonic() - began
        if isinstance(answer, Answer):
            verdict, summary = self._judge(answer)
            return ProbeReport(
                verdict=verdict, summary=summary, detail=_report(asked, answer), seconds=seconds
            )
        verdict, reason = _why(answer, self._timeout)
        return ProbeReport(
            verdict=verdict,
            summary=reason,
            detail=f"{asked}\n{type(answer).__name__}: {reason}",
            seconds=seconds,
        )

    # -- judging -----------------------------------------------------------------------------------

    def _judge(self, answer: Answer) -> tuple[Verdict, str]:
        took = f"{answer.status} in {answer.seconds * 1000:.0f} ms"
        if answer.status not in self._expect_status:
            where = dict(answer.headers).get("location", "")
            to = f" to {shown(joined(answer.url, where))}" if where and 300 <= answer.status < 400 else ""
            return Verdict.FAILED, f"{took}{to}, expected {_span(self._expect_status)}"
        if self._expect_text or self._expect_json:
            verdict, reason = self._judge_body(answer)
            if verdict is not Verdict.PASSED:
                return verdict, f"{took}, but {reason}"
        if self._max_seconds is not None and answer.seconds > self._max_seconds:
            return Verdict.FAILED, f"{took}, expected within {self._max_seconds * 1000:.0f} ms"
        return Verdict.PASSED, took

    def _judge_body(self, answer: Answer) -> tuple[Verdict, str]:
        text = answer.body.decode("utf-8", "replace")
        if self._expect_text and self._expect_text not in text:
            where = f"the first {BODY_LIMIT} bytes of the body" if answer.cut else "the body"
            return Verdict.FAILED, f"{self._expect_text!r} is not in {where}"
        if not self._expect_json:
            return Verdict.PASSED, ""
        if answer.cut:
            return Verdict.UNKNOWN, f"the body is longer than {BODY_LIMIT} bytes, so its JSON was not read"
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            return Verdict.FAILED, "the body is not JSON"
        for path, expected in self._expect_json.items():
            found = _at(document, path)
            if isinstance(found, bool) is not isinstance(expected, bool) or found != expected:
                seen = "missing" if found is _NOTHING else json.dumps(found)[:120]
                wanted = json.dumps(expected, default=str)
                return Verdict.FAILED, f"{path} is {clean(seen.encode())}, expected {wanted}"
        return Verdict.PASSED, ""

    # -- asking ------------------------------------------------------------------------------------

    def _ask(self, exchange: _Exchange) -> Answer:
        began = time.monotonic()
        url, method, body, headers = self._url, self._method, self._body, self._headers
        for left in range(max(self._redirects, 0), -1, -1):
            answer = self._ask_once(exchange, url, method, body, headers, began)
            where = dict(answer.headers).get("location", "")
            if answer.status not in (301, 302, 303, 307, 308) or not where or self._redirects <= 0:
                return answer
            if not left:
                break
            destination = joined(url, where)
            if refusal := why_not_followed(url, destination):
                raise http.client.HTTPException(refusal)
            if origin(destination) != origin(url):
                headers = {k: v for k, v in headers.items() if k.lower() not in ("authorization", "cookie")}
            if answer.status == 303 or (answer.status in (301, 302) and method == "POST"):
                method, body = "GET", b""
            url = destination
        raise http.client.HTTPException(f"more than {self._redirects} redirects, last to {shown(url)}")

    def _ask_once(
        self,
        exchange: _Exchange,
        url: str,
        method: str,
        body: bytes,
        headers: Mapping[str, str],
        began: float,
    ) -> Answer:
        parts = parsed(url)
        connection = self._connection(parts)
        exchange.watch(connection)
        with contextlib.closing(connection):
            sent = {"User-Agent": "andon-probe", "Accept": "*/*", "Accept-Encoding": "identity"}
            sent |= authorization(parts) | {"Connection": "close"} | dict(headers)
            try:
                connection.request(method, target(parts), body=body or None, headers=sent)
            except ValueError as error:  # what http.client refuses: a line break in a header, a bad method
                raise _Unusable("its method, path or headers hold a character that HTTP forbids") from error
            with connection.getresponse() as response:
                content, cut = _content(response)
                return Answer(
                    status=response.status,
                    reason=response.reason,
                    headers=tuple((name.lower(), value) for name, value in response.getheaders()),
                    body=content,
                    cut=cut,
                    url=shown(url),
                    seconds=time.monotonic() - began,
                )

    def _connection(self, parts: SplitResult) -> http.client.HTTPConnection:
        host = parts.hostname or ""
        if parts.scheme == "http":
            return http.client.HTTPConnection(host, parts.port, timeout=self._timeout)
        try:
            context = ssl.create_default_context(cafile=self._ca_file or None)
        except OSError as error:
            raise _Unusable(f"the certificate authority {self._ca_file} cannot be read: {error}") from error
        return http.client.HTTPSConnection(host, parts.port, timeout=self._timeout, context=context)


class _Exchange:
    """The request on a thread of its own, so that neither a resolver nor a dripping server can hold us."""

    def __init__(self, ask: _Asking) -> None:
        self._ask = ask
        self._outcome: queue.SimpleQueue[Answer | Exception] = queue.SimpleQueue()
        self._connection: http.client.HTTPConnection | None = None

    def watch(self, connection: http.client.HTTPConnection) -> None:
        """Remember what to cut off when time is up."""
        self._connection = connection

    def result(self, timeout: float) -> Answer | Exception:
        """Return the answer or what went wrong; TimeoutError after `timeout` seconds, the connection cut."""
        threading.Thread(target=self._work, daemon=True, name="andon-probe").start()
        try:
            return self._outcome.get(timeout=timeout)
        except queue.Empty:
            return TimeoutError()
        finally:
            self._cut()

    def _work(self) -> None:
        try:
            self._outcome.put(self._ask(self))
        except Exception as error:  # noqa: BLE001 - handed over to the thread that waits, and judged there
            self._outcome.put(error)

    def _cut(self) -> None:
        sock = self._connection.sock if self._connection else None
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    _Asking: TypeAlias = Callable[[_Exchange], Answer]


# -- answers ---------------------------------------------------------------------------------------


def _content(response: http.client.HTTPResponse) -> tuple[bytes, bool]:
    """Return at most BODY_LIMIT bytes of the body, unpacked, and whether there was more."""
    content = response.read(BODY_LIMIT + 1)
    if response.length and len(content) <= BODY_LIMIT:  # a bounded read does not complain by itself
        raise http.client.IncompleteRead(content, response.length)
    if response.getheader("content-encoding", "").lower() in ("gzip", "x-gzip", "deflate"):
        with contextlib.suppress(zlib.error):
            content = zlib.decompressobj(wbits=47).decompress(content, BODY_LIMIT + 1)
    return content[:BODY_LIMIT], len(content) > BODY_LIMIT


def _report(asked: str, answer: Answer) -> str:
    lines = [asked, f"HTTP {answer.status} {answer.reason}".rstrip()]
    for name, value in answer.headers:
        if name in SHOWN:
            lines.append(f"{name}: {shown(value) if name == 'location' else value[:200]}")
    if answer.body:
        more = f", the first {EXCERPT} bytes" if len(answer.body) > EXCERPT else ""
        size = f"more than {BODY_LIMIT}" if answer.cut else f"{len(answer.body)}"
        lines += ["", f"body of {size} bytes{more}:"]
    return clean("\n".join(lines).encode()) + ("\n" + clean(answer.body[:EXCERPT]) if answer.body else "")


_NOTHING = object()


def _at(document: object, path: str) -> object:
    """Return what is at a dotted path; _NOTHING when there is no such place."""
    for step in path.split("."):
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        else:
            return _NOTHING
    return document


def _span(statuses: Sequence[int] | range) -> str:
    if isinstance(statuses, range):
        return f"{statuses.start}-{statuses.stop - 1}" if len(statuses) > 1 else str(statuses.start)
    return " or ".join(str(status) for status in statuses)


def _why(error: Exception, timeout: float) -> tuple[Verdict, str]:
    """Tell what a customer would meet as well (failed) from what only this machine meets (unknown)."""
    if isinstance(error, _Unusable | InvalidInput):
        return Verdict.UNKNOWN, f"this probe cannot be run: {error}"
    if isinstance(error, socket.gaierror):
        return Verdict.UNKNOWN, f"the name cannot be resolved from here: {error.strerror}"
    if isinstance(error, TimeoutError):
        return Verdict.FAILED, f"no answer within {timeout:g} s"
    if isinstance(error, ssl.SSLCertVerificationError):
        return Verdict.FAILED, f"the certificate is not valid: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return Verdict.FAILED, f"no secure connection: {error.reason or error}"
    if isinstance(error, ConnectionRefusedError):
        return Verdict.FAILED, "connection refused: nothing listens there"
    if isinstance(error, http.client.RemoteDisconnected | ConnectionError):
        return Verdict.FAILED, "the connection was closed before there was an answer"
    if isinstance(error, http.client.IncompleteRead):
        return Verdict.FAILED, "the connection was closed in the middle of the answer"
    if isinstance(error, http.client.HTTPException):
        said = clean(str(error).encode("utf-8", "replace")).strip()[:120]
        return Verdict.FAILED, f"the answer is not HTTP or cannot be followed: {said or type(error).__name__}"
    if isinstance(error, OSError):
        verdict = Verdict.UNKNOWN if error.errno in _OURS else Verdict.FAILED
        reason = os.strerror(error.errno) if error.errno else str(error)
        return verdict, f"cannot be reached{' from here' if verdict is Verdict.UNKNOWN else ''}: {reason}"
    return Verdict.UNKNOWN, f"this probe cannot be run: {type(error).__name__}: {error}"
