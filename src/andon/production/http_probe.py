"""Smoke tests over HTTP: one request, the expectations it has to meet, and what was seen.

What it means when there is no answer is in `reaching`.
"""

from __future__ import annotations

import contextlib
import http.client
import time
import zlib

from andon.desk.values import ProbeReport
from andon.incident.words import Verdict
from andon.production.address import authorization, joined, origin, parsed, shown, target, why_not_followed
from andon.production.json_path import NotJson, complaint, read_json
from andon.production.process import clean
from andon.production.reaching import Exchange, Unusable, secure_context, why
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
#: Headers that another origin may see when a redirect leads there; any other could carry a credential.
_HARMLESS = frozenset(("accept", "accept-language", "content-type", "user-agent"))


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
        expect_headers: Mapping[str, str] | None = None,
        expect_json: Mapping[str, str | int | float | bool] | None = None,
        json_has: Sequence[str] = (),
        max_seconds: float | None = None,
        timeout: float = 10.0,
        redirects: int = 0,
        ca_file: str = "",
    ) -> None:
        """Keep what to ask and what to expect; `expect_json` maps dotted paths (`checks.0.ok`) to values.

        `json_has` are paths that must be there with any value; `expect_headers` maps names to texts that the
        header must contain.
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
        self._expect_headers = tuple((name.lower(), text) for name, text in (expect_headers or {}).items())
        self._expect_json = tuple((expect_json or {}).items())
        self._json_has = tuple(json_has)
        self._max_seconds = max_seconds
        self._timeout = timeout
        self._redirects = redirects
        self._ca_file = ca_file

    def run(self) -> ProbeReport:
        """Ask once and judge the answer; never raises."""
        began = time.monotonic()
        asked = f"{self._method} {shown(self._url)}"
        answer = Exchange(self._ask).result(self._timeout)
        seconds = time.monotonic() - began
        if isinstance(answer, Answer):
            verdict, summary = self._judge(answer)
            return ProbeReport(
                verdict=verdict, summary=summary, detail=_report(asked, answer), seconds=seconds
            )
        verdict, reason = why(answer, self._timeout)
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
        if missing := self._missing_header(answer):
            return Verdict.FAILED, f"{took}, but {missing}"
        verdict, reason = self._judge_body(answer)
        if verdict is not Verdict.PASSED:
            return verdict, f"{took}, but {reason}"
        if self._max_seconds is not None and answer.seconds > self._max_seconds:
            return Verdict.FAILED, f"{took}, expected within {self._max_seconds * 1000:.0f} ms"
        return Verdict.PASSED, took

    def _missing_header(self, answer: Answer) -> str:
        for name, text in self._expect_headers:
            values = [value for header, value in answer.headers if header == name]
            if not values:
                return f"there is no header {name}"
            if not any(text in value for value in values):
                return f"{text!r} is not in the header {name}"
        return ""

    def _judge_body(self, answer: Answer) -> tuple[Verdict, str]:
        if self._expect_text and self._expect_text not in answer.body.decode("utf-8", "replace"):
            where = f"the first {BODY_LIMIT} bytes of the body" if answer.cut else "the body"
            return Verdict.FAILED, f"{self._expect_text!r} is not in {where}"
        if not (self._expect_json or self._json_has):
            return Verdict.PASSED, ""
        if answer.cut:
            return Verdict.UNKNOWN, f"the body is longer than {BODY_LIMIT} bytes, so its JSON was not read"
        try:
            wrong = complaint(read_json(answer.body), self._json_has, self._expect_json)
        except NotJson as error:
            wrong = str(error)
        return (Verdict.FAILED, wrong) if wrong else (Verdict.PASSED, "")

    # -- asking ------------------------------------------------------------------------------------

    def _ask(self, exchange: Exchange[Answer]) -> Answer:
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
                headers = {k: v for k, v in headers.items() if k.lower() in _HARMLESS}
            if answer.status == 303 or (answer.status in (301, 302) and method == "POST"):
                method, body = "GET", b""
            url = destination
        raise http.client.HTTPException(f"more than {self._redirects} redirects, last to {shown(url)}")

    def _ask_once(
        self,
        exchange: Exchange[Answer],
        url: str,
        method: str,
        body: bytes,
        headers: Mapping[str, str],
        began: float,
    ) -> Answer:
        parts = parsed(url)
        connection = self._connection(parts)
        exchange.watch(lambda: connection.sock)
        with contextlib.closing(connection):
            sent = {"User-Agent": "andon-probe", "Accept": "*/*", "Accept-Encoding": "identity"}
            sent |= authorization(parts) | {"Connection": "close"} | dict(headers)
            try:
                connection.request(method, target(parts), body=body or None, headers=sent)
            except OSError:  # a certificate that is not valid is a ValueError as well
                raise
            except ValueError as error:  # what http.client refuses: a line break in a header, a bad method
                raise Unusable("its method, path or headers hold a character that HTTP forbids") from error
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
        context = secure_context(self._ca_file)
        return http.client.HTTPSConnection(host, parts.port, timeout=self._timeout, context=context)


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


def _span(statuses: Sequence[int] | range) -> str:
    if isinstance(statuses, range):
        return f"{statuses.start}-{statuses.stop - 1}" if len(statuses) > 1 else str(statuses.start)
    return " or ".join(str(status) for status in statuses)
