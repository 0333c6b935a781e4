"""Smoke tests over TCP: connect, with TLS or without, say something, look for a text in the answer."""

from __future__ import annotations

import socket
import time

from andon.desk.values import ProbeReport
from andon.incident.words import Verdict
from andon.production.process import clean
from andon.production.reaching import Exchange, Unusable, secure_context, why
from andon.record import Record

#: Bytes that are waited for, and that the report shows.
LIMIT, EXCERPT = 1 << 16, 512


class Heard(Record):
    """What a service said."""

    #: Seconds until it was connected, and the TLS handshake done.
    seconds: float
    content: bytes = b""
    #: True when it closed the connection or said more than LIMIT before the text came.
    ended: bool = False
    secured: str = ""


class TcpProbe:
    """One connection to one port."""

    def __init__(
        self,
        name: str,
        place: str,
        *,
        covers: str = "",
        critical: bool = False,
        tls: bool = False,
        ca_file: str = "",
        send: bytes = b"",
        expect_text: str = "",
        max_seconds: float | None = None,
        timeout: float = 5.0,
    ) -> None:
        """Take `host:port` and what to expect there; `max_seconds` is how long connecting may take."""
        self.name = name
        self.covers = covers
        self.critical = critical
        self._place = place
        self._tls = tls
        self._ca_file = ca_file
        self._send = send
        self._expect = expect_text.encode()
        self._max_seconds = max_seconds
        self._timeout = timeout
        self._said = b""

    def run(self) -> ProbeReport:
        """Connect once and judge what is heard; never raises."""
        began = time.monotonic()
        self._said = b""
        heard = Exchange(self._ask).result(self._timeout)
        seconds = time.monotonic() - began
        verdict, summary = self._judge(heard)
        said = heard.content if isinstance(heard, Heard) else self._said
        lines = [f"tcp {clean(self._place.encode())}{' with TLS' if self._tls else ''}", summary]
        if isinstance(heard, Heard) and heard.secured:
            lines.append(heard.secured)
        if said:
            lines += ["", f"{len(said)} bytes were heard:", clean(said[:EXCERPT])]
        return ProbeReport(verdict=verdict, summary=summary, detail="\n".join(lines), seconds=seconds)

    def _judge(self, heard: Heard | Exception) -> tuple[Verdict, str]:
        wanted = clean(self._expect).strip()
        if isinstance(heard, TimeoutError) and self._said:
            return Verdict.FAILED, f"connected, but {wanted!r} did not come within {self._timeout:g} s"
        if isinstance(heard, Exception):
            return why(heard, self._timeout)
        took = f"connected in {heard.seconds * 1000:.0f} ms"
        if self._expect and self._expect not in heard.content:
            ended = "more came" if len(heard.content) >= LIMIT else "the connection was closed"
            return Verdict.FAILED, f"{took}, but {ended} without {wanted!r}"
        if self._max_seconds is not None and heard.seconds > self._max_seconds:
            return Verdict.FAILED, f"{took}, expected within {self._max_seconds * 1000:.0f} ms"
        return Verdict.PASSED, took

    def _ask(self, exchange: Exchange[Heard]) -> Heard:
        host, port = _host_and_port(self._place)
        context = secure_context(self._ca_file) if self._tls else None
        began = time.monotonic()
        with socket.create_connection((host, port), self._timeout) as plain:
            exchange.watch(lambda: plain)
            if context is None:
                return self._listen(plain, time.monotonic() - began, "")
            with context.wrap_socket(plain, server_hostname=host) as secured:
                exchange.watch(lambda: secured)
                return self._listen(secured, time.monotonic() - began, secured.version() or "")

    def _listen(self, connection: socket.socket, seconds: float, secured: str) -> Heard:
        if self._send:
            connection.sendall(self._send)
        content = bytearray()
        while self._expect and self._expect not in content and len(content) < LIMIT:
            part = connection.recv(4096)
            if not part:
                return Heard(seconds=seconds, content=bytes(content), ended=True, secured=secured)
            content += part
            self._said = bytes(content)
        return Heard(seconds=seconds, content=bytes(content), secured=secured)


def _host_and_port(place: str) -> tuple[str, int]:
    host, _, port = place.rpartition(":")
    if not host or not (port.isascii() and port.isdigit() and len(port) < 6):
        raise Unusable(f"{clean(place.encode())!r} is not a host and a port")
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host, int(port)
