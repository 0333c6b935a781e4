"""What goes by the front, written down: without credentials, redacted, and cut."""

from __future__ import annotations

import math
import threading
import time
import zlib

from andon.gaps.beliefs import Exchange
from andon.gaps.scale.overlap import most_beside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from andon.desk.ports_journal import Redactor
    from andon.gaps.scale.overlap import Span

#: Bytes of a body that are looked at, and characters of its text that are kept.
LOOKED, KEPT = 256 << 10, 64 << 10
#: Headers whose value may be kept: what an application says of its answer, nothing of who asked.
_HARMLESS_NAMES = """
accept-ranges access-control-allow-headers access-control-allow-methods access-control-allow-origin age allow
alt-svc cache-control content-disposition content-encoding content-language content-length content-range
content-security-policy content-type cross-origin-opener-policy cross-origin-resource-policy date deprecation
expires last-modified link permissions-policy ratelimit-limit ratelimit-remaining ratelimit-reset
referrer-policy retry-after server strict-transport-security sunset transfer-encoding vary via x-cache
x-content-type-options x-frame-options x-powered-by x-ratelimit-limit x-ratelimit-remaining x-request-id
"""
_HARMLESS = frozenset(_HARMLESS_NAMES.split())
_TEXTUAL = ("text/", "json", "xml", "javascript", "x-www-form-urlencoded", "graphql", "csv", "yaml")


class Going:
    """One request that is under way."""

    def __init__(self, number: int, method: str, path: str, began: float, *, is_replay: bool) -> None:
        """Take what is known at its beginning."""
        self.number = number
        self.method, self.path = method, path
        self.began = began
        self.is_replay = is_replay
        self.status = 0
        self.headers: tuple[tuple[str, str], ...] = ()
        self.content_type = self.encoding = self.problem = ""
        self.sent = b""
        self.body = bytearray()

    def answered(self, status: int, headers: Mapping[str, str]) -> None:
        """Take the answer's status and headers."""
        self.status = status
        self.content_type = headers.get("Content-Type", "")
        self.encoding = headers.get("Content-Encoding", "").lower()
        self.headers = tuple(
            (name.lower(), value) for name, value in headers.items() if name.lower() in _HARMLESS
        )

    def add(self, chunk: bytes) -> None:
        """Take a piece of the answer's body."""
        if len(self.body) < LOOKED:
            self.body += chunk[: LOOKED - len(self.body)]


class Record:
    """The requests so far; asked from other threads than the one that writes."""

    def __init__(self, redactor: Redactor, kept: int) -> None:
        """Take what redacts, and how many requests are remembered."""
        self._redactor = redactor
        self._kept = kept
        self._lock = threading.Lock()
        self._done: dict[int, tuple[Going, float]] = {}
        self._began = 0.0
        self._at_once = 0
        #: When each request of a crowd, and of the tests, began and ended; without end while under way.
        self._crowd: dict[int, Span] = {}
        self._tests: dict[int, Span] = {}
        #: How many came, and how many were under way at once, at most.
        self.requests = self.most_at_once = 0

    def begin(self, method: str, path: str, *, is_replay: bool, is_crowd: bool = False) -> Going:
        """Note that a request came."""
        now = time.monotonic()
        with self._lock:
            self._began = self._began or now
            self.requests += 1
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            if not is_replay:
                (self._crowd if is_crowd else self._tests)[self.requests] = (now, math.inf)
            return Going(self.requests, method, path, now, is_replay=is_replay)

    def end(self, going: Going) -> None:
        """Note that its answer is whole, or will not come."""
        now = time.monotonic()
        with self._lock:
            self._at_once -= 1
            for spans in (self._crowd, self._tests):
                if going.number in spans:
                    spans[going.number] = (going.began, now)
            # A crowd leaves room for what the tests ask for.
            most = self._kept // 2 if going.number in self._crowd else self._kept
            if len(self._done) < most:
                self._done[going.number] = (going, now - going.began)

    def most_beside_tests(self) -> int:
        """Return how many went at once while the tests ran; where they asked for nothing, at any time."""
        with self._lock:
            if not self._tests:
                return self.most_at_once
            return most_beside(tuple(self._crowd.values()), tuple(self._tests.values()))

    def exchanges(self) -> tuple[Exchange, ...]:
        """Return those that were answered, in the order in which they were asked."""
        with self._lock:
            done = sorted(self._done.items())
        return tuple(self._exchange(going, seconds) for _, (going, seconds) in done)

    def _exchange(self, going: Going, seconds: float) -> Exchange:
        return Exchange(
            method=going.method,
            path=self._words(going.path),
            status=going.status,
            started=going.began - self._began,
            seconds=seconds,
            resource="replay" if going.is_replay else "",
            content_type=self._words(going.content_type)[:120],
            headers=tuple((name, self._words(value)[:500]) for name, value in going.headers),
            sent=self._body(bytes(going.sent), "text/"),
            answer=self._body(_unpacked(bytes(going.body), going.encoding), going.content_type),
            problem=going.problem,
        )

    def _body(self, content: bytes, kind: str) -> str:
        if not content or b"\0" in content or not any(word in kind for word in _TEXTUAL):
            return ""
        return self._words(content.decode("utf-8", "replace"))[:KEPT]

    def _words(self, text: str) -> str:
        return (
            self._redactor.redact(text.encode("utf-8", "replace"))[0].decode("utf-8", "replace")
            if text
            else ""
        )


def _unpacked(content: bytes, encoding: str) -> bytes:
    """Return what was compressed, as far as it came and as far as it is looked at."""
    if encoding not in ("gzip", "x-gzip", "deflate"):
        return content if not encoding or encoding == "identity" else b""
    for bits in (47, -15):  # gzip or zlib by its header; deflate as some servers send it, without one
        try:
            return zlib.decompressobj(bits).decompress(content, LOOKED)
        except zlib.error:
            continue
    return b""
