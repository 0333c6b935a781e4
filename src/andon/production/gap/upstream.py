"""Outside services as they really are, asked over HTTP: the tests' as they like, production's read-only.

Production is asked at the pace of the whole search, only with GET and HEAD, only with consent for its host,
and for the same thing once in a search.
"""

from __future__ import annotations

import http.client
import ssl
import threading
from urllib.parse import urlsplit

from andon.gaps.dependency.answers import Answer, Recorded
from andon.gaps.dependency.entries import MOST_BYTES, Wrong, unpacked
from andon.production.certificate import TlsCertificates

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from andon.desk.values import CertificateReport
    from andon.production.gap.pace import Pace

#: Seconds for one request.
TIMEOUT = 15.0
#: Answers of a service that are remembered.
_MOST_KEPT = 500
#: What a message says about one connection only, and what it says about contents that are packed.
_OWN = frozenset(
    ("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "upgrade",
     "transfer-encoding", "content-length", "host", "accept-encoding", "expect")
)  # fmt: skip


_TOLD = {"timeout": "no answer in time", "refused": "no connection", "reset": "the connection broke off"}


class Upstream:
    """A service at its own address."""

    blocks = True

    def __init__(
        self,
        url: str,
        *,
        is_production: bool,
        consent: Callable[[str], bool],
        pace: Pace,
    ) -> None:
        """Take its address, and for production whether a host may be asked and how often."""
        parts = urlsplit(url)
        self.host = parts.hostname or ""
        self._parts, self._base = parts, parts.path.rstrip("/")
        self._is_production, self._consent, self._pace = is_production, consent, pace
        self._kept: dict[tuple[str, str], Answer] = {}
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._lock = threading.Lock()
        #: Requests that were really sent.
        self.requests = 0

    @property
    def seen(self) -> tuple[Recorded, ...]:
        """What it answered so far, paths below its base path; the last answer to each request."""
        return tuple(
            Recorded(method=method, origin=self._origin, path=path, answer=answer)
            for (method, path), answer in tuple(self._kept.items())
        )

    def cannot(self) -> str:
        """Return why it may not be asked; "" when it may."""
        if self._is_production and not self._consent(self.host):
            return f"{self.host} was not asked: give --i-own-this {self.host}"
        return ""

    def answer(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, sent: bytes = b""
    ) -> Answer | str:
        """Return its answer to a request (`path` below its base path), or why it was not asked."""
        if told := self.cannot():
            return told
        if not self._is_production:
            answer = self._asked(method, path, headers or {}, sent)
            if len(self._kept) < _MOST_KEPT and not sent:
                self._kept[method, path] = answer
            return answer
        if method not in ("GET", "HEAD"):
            return f"{method} is not sent to production: record its answer"
        with self._lock:
            kept = self._kept.get((method, path))
            if kept is None:
                with self._pace.turn(self.host):
                    kept = self._asked(method, path, headers or {}, b"")
                if kept.problem:  # of the way from here, for all that is known: no answer of production's
                    return f"{self.host} could not be asked from this machine: {_TOLD[kept.problem]}"
                self._kept[method, path] = kept
        return kept

    @property
    def is_encrypted(self) -> bool:
        """True when it is asked over https."""
        return self._parts.scheme == "https"

    def certificate(self) -> CertificateReport:
        """Return until when its certificate is valid; raises nothing."""
        with self._pace.turn(self.host):
            self.requests += 1
            return TlsCertificates().expiry(self._origin)

    def _asked(self, method: str, path: str, headers: Mapping[str, str], sent: bytes) -> Answer:
        self.requests += 1
        passed = {n: v for n, v in headers.items() if n.lower() not in _OWN}
        connection = self._connection()
        try:
            connection.request(
                method, self._base + path, sent or None, {**passed, "Accept-Encoding": "identity"}
            )
            response = connection.getresponse()
            body = response.read(MOST_BYTES)
            own = tuple((n.lower(), v) for n, v in response.getheaders() if n.lower() not in _OWN)
            body, own = unpacked(body, own)
            return Answer(status=response.status, headers=own, body=body)
        except TimeoutError:
            return Answer(problem="timeout")
        except (ConnectionRefusedError, ssl.SSLError):
            return Answer(problem="refused")
        except (OSError, http.client.HTTPException, ValueError, Wrong):
            return Answer(problem="reset")
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if self._parts.scheme == "https":
            return http.client.HTTPSConnection(self.host, self._parts.port, timeout=TIMEOUT)
        return http.client.HTTPConnection(self.host, self._parts.port, timeout=TIMEOUT)
