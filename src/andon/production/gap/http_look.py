"""How a world answers from outside: status, headers, flags of cookies, redirects, encryption. GET only."""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import ssl
from datetime import UTC, datetime
from urllib.parse import urlsplit

from andon.gaps.environment.looks import COMPARED, Cookie, Look, Tls, plain_header
from andon.gaps.failure import template
from andon.production.address import joined, shown, target
from andon.production.certificate import expiry_in
from andon.production.gap.pace import Pace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Seconds for one request; redirects that are followed.
_TIMEOUT, _REDIRECTS = 5.0, 3
_LARGEST = 64 * 1024
_FLAGS = re.compile(
    r"^(secure|httponly|partitioned|samesite=\w+|path=/[\w/-]{0,40}|domain=.*)$", re.IGNORECASE
)


class HttpLook:
    """Looks at worlds that run already; counts what it sent."""

    def __init__(
        self, consent: Callable[[str], bool], redact: Callable[[str], str], pace: Pace | None = None
    ) -> None:
        """Take which hosts may be asked, and how fast, and what takes secrets out of what they say."""
        self._consent = consent
        self._redact = redact
        self._pace = pace or Pace()
        self.requests = 0

    def refused(self, url: str) -> str:
        """Return why an address is not asked; "" when it is."""
        try:
            host = urlsplit(url).hostname or ""
        except ValueError:
            host = ""
        if not host:
            return "an address of a world cannot be read: url in andon.toml"
        return "" if self._consent(host) else f"{host} was not asked: give --i-own-this {host}"

    def look(self, base: str, path: str) -> Look:
        """Return how a world answers a path; never raises."""
        url = base + path
        redirects: list[str] = []
        while True:
            answer = self._get(url)
            if isinstance(answer, str):
                return Look(path=path, problem=answer)
            onward = _onward(answer, url)
            if onward:
                redirects.append(self._redact(_place(onward, base)))
            # Another host was not agreed to, and says nothing about this one.
            if not onward or len(redirects) > _REDIRECTS or urlsplit(onward)[:2] != urlsplit(url)[:2]:
                return self._seen(path, answer, redirects)
            url = onward

    def _seen(self, path: str, answer: http.client.HTTPResponse, redirects: list[str]) -> Look:
        headers = {name.lower(): value for name, value in answer.getheaders()}
        cookies = [_cookie(line) for line in answer.headers.get_all("set-cookie") or ()]
        return Look(
            path=path,
            status=answer.status,
            version="HTTP/1.1" if answer.version == 11 else "HTTP/1.0",
            headers=tuple(
                (name, self._redact(plain_header(name, headers[name])))
                for name in COMPARED
                if name in headers
            ),
            cookies=tuple(sorted(cookies, key=lambda one: one.name)),
            redirects=tuple(redirects),
        )

    def _get(self, url: str) -> http.client.HTTPResponse | str:
        parts = urlsplit(url)
        try:
            connection = _connection(parts.scheme, parts.hostname or "", parts.port)
        except ValueError:
            return f"{shown(url)} cannot be read"
        with self._turn(parts.hostname or ""), contextlib.closing(connection):
            try:
                connection.request(
                    "GET", target(parts), headers={"User-Agent": "andon", "Connection": "close"}
                )
                answer = connection.getresponse()
                answer.read(_LARGEST)
            except (OSError, http.client.HTTPException, ValueError) as problem:
                return f"{shown(url)} did not answer: {type(problem).__name__}"
        return answer

    @contextlib.contextmanager
    def _turn(self, host: str) -> Iterator[None]:
        with self._pace.turn(host):
            self.requests += 1
            yield

    def tls(self, url: str) -> Tls | None:
        """Return what a server shows of its encryption; None for http or when nothing is shown."""
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname:
            return None
        try:
            host, port = parts.hostname, parts.port or 443
            with self._turn(host):
                issuer, untrusted = _trusted(host, port)
            with self._turn(host):
                return _shown(host, port, issuer, untrusted)
        except (OSError, ValueError):
            return None


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme != "https":
        return http.client.HTTPConnection(host, port, timeout=_TIMEOUT)
    # Whether it is trusted is told by itself; what it answers is looked at all the same.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=_TIMEOUT, context=context)


def _trusted(host: str, port: int) -> tuple[str, str]:
    """Return who says that a server is itself, and why that is not believed; "" where it is."""
    trusting = ssl.create_default_context()
    trusting.set_alpn_protocols(["h2", "http/1.1"])
    try:
        with (
            socket.create_connection((host, port), timeout=_TIMEOUT) as plain,
            trusting.wrap_socket(plain, server_hostname=host) as secured,
        ):
            return _issuer(secured.getpeercert()), ""
    except ssl.SSLCertVerificationError as problem:
        return "", re.sub(r"'[^']*'", "its name", problem.verify_message)[:120]


def _shown(host: str, port: int, issuer: str, untrusted: str) -> Tls:
    """Return what a server shows to whoever asks."""
    blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    blind.check_hostname = False
    blind.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection((host, port), timeout=_TIMEOUT) as plain,
        blind.wrap_socket(plain, server_hostname=host) as secured,
    ):
        ends = expiry_in(secured.getpeercert(binary_form=True) or b"")
        days = (ends - datetime.now(UTC)).days if ends else None
        return Tls(protocol=secured.version() or "", issuer=issuer, days=days, untrusted=untrusted)


def _issuer(shown_certificate: object) -> str:
    if not isinstance(shown_certificate, dict):
        return ""
    names = {key: value for part in shown_certificate.get("issuer", ()) for key, value in part}
    return str(names.get("organizationName") or names.get("commonName") or "")[:80]


def _cookie(line: str) -> Cookie:
    """Return the name and flags of a Set-Cookie line; its value is never kept, a domain is a flag alone."""
    first, *rest = (part.strip() for part in line.split(";"))
    flags = ["Domain" if part.lower().startswith("domain=") else part for part in rest if _FLAGS.match(part)]
    name = first.partition("=")[0]
    return Cookie(name=re.sub(r"[^\w.-]", "", name)[:60], flags=tuple(sorted(flags, key=str.lower)))


def _onward(answer: http.client.HTTPResponse, url: str) -> str:
    """Return where an answer redirects to; "" when it does not, or to what cannot be read."""
    location = answer.getheader("location") or ""
    if not (300 <= answer.status < 400 and location):
        return ""
    onward = joined(url, location)
    return onward if onward.startswith(("http://", "https://")) else ""


def _place(url: str, base: str) -> str:
    """Return where a redirect leads, without what could be secret in a query."""
    parts = urlsplit(url)
    path = template(re.sub(r"[^\w/.~-]", "", parts.path)[:80])
    same = parts.netloc == urlsplit(base).netloc
    return path if same else f"{parts.scheme}://{(parts.hostname or '')[:80]}{path}"
