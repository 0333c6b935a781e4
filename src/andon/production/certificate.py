"""Until when the certificate of an https address is valid, asked of the server itself.

Trust is not checked here: a smoke test does that. What matters is the date, also of a certificate from a
private authority, and of one that has expired.
"""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime
from urllib.parse import urlsplit

from andon.desk.values import CertificateReport

#: Seconds the connection and the handshake may take, each.
TIMEOUT = 3.0
_SEQUENCE, _VERSION, _UTC_TIME, _GENERALIZED = 0x30, 0xA0, 0x17, 0x18


class TlsCertificates:
    """Asks servers for their certificates."""

    def __init__(self, timeout: float = TIMEOUT) -> None:
        """Take the seconds that connection and handshake may take, each."""
        self._timeout = timeout

    def expiry(self, url: str, /) -> CertificateReport:
        """Return until when the certificate at `url` is valid; never raises: what cannot be told says why."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or 443
        except ValueError:
            return CertificateReport(host="", failure="this is no address")
        named = host if port == 443 else f"{host}:{port}"
        if parts.scheme != "https" or not host:
            return CertificateReport(host=named, failure="this is no https address")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        try:
            with (
                socket.create_connection((host, port), timeout=self._timeout) as plain,
                context.wrap_socket(plain, server_hostname=host) as secured,
            ):
                content = secured.getpeercert(binary_form=True)
        except (OSError, ValueError, UnicodeError) as problem:
            return CertificateReport(host=named, failure=f"no certificate was shown: {_why(problem)}")
        expires_at = expiry_in(content or b"")
        if expires_at is None:
            return CertificateReport(host=named, failure="the certificate names no date")
        return CertificateReport(host=named, expires_at=expires_at)


def _why(problem: Exception) -> str:
    if isinstance(problem, TimeoutError):
        return "no answer in time"
    text = getattr(problem, "strerror", "") or getattr(problem, "reason", "") or type(problem).__name__
    return str(text)[:120]


def expiry_in(content: bytes) -> datetime | None:
    """Return the end of the validity of a certificate in DER form; None for anything else.

    The end is the second moment of `validity`, the fourth or fifth part of the certificate's body: RFC 5280,
    4.1.
    """
    try:
        body = _parts(content, *_inside(content, 0, _SEQUENCE))[0]
        start, end = _inside(content, body, _SEQUENCE)
        parts = _parts(content, start, end)
        if parts and content[parts[0]] == _VERSION:
            parts = parts[1:]
        begin, until = _inside(content, parts[3], _SEQUENCE)
        moments = _parts(content, begin, until)
        return _moment(content, moments[1])
    except (IndexError, ValueError):
        return None


def _inside(content: bytes, at: int, tag: int) -> tuple[int, int]:
    """Return where the content of the element at `at` begins and ends; raises ValueError, IndexError."""
    if content[at] != tag:
        raise ValueError
    return _bounds(content, at)


def _bounds(content: bytes, at: int) -> tuple[int, int]:
    length = content[at + 1]
    start = at + 2
    if length & 0x80:
        count = length & 0x7F
        if not 1 <= count <= 4:
            raise ValueError
        length = int.from_bytes(content[start : start + count], "big")
        start += count
    if start + length > len(content):
        raise ValueError
    return start, start + length


def _parts(content: bytes, start: int, end: int) -> list[int]:
    """Return where the elements between two places begin."""
    found = []
    while start < end:
        found.append(start)
        start = _bounds(content, start)[1]
    return found


def _moment(content: bytes, at: int) -> datetime:
    """Return a UTCTime (two digits of the year: 1950 to 2049) or a GeneralizedTime."""
    start, end = _bounds(content, at)
    text = content[start:end].decode("ascii")
    if content[at] == _UTC_TIME:
        text = ("19" if text[:2] >= "50" else "20") + text
    elif content[at] != _GENERALIZED:
        raise ValueError
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
