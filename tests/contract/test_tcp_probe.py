"""Connecting: banners, silence, TLS with the right and the wrong certificate, also over HTTPS."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from andon.incident.words import Verdict
from andon.production.http_probe import HttpProbe
from andon.production.tcp_probe import LIMIT, TcpProbe

Talk = Callable[[socket.socket], None]


class Service:
    """Talks to everybody who connects, as it was told."""

    def __init__(self, talk: Talk, context: ssl.SSLContext | None = None) -> None:
        self._talk = talk
        self._context = context
        self._server = socket.create_server(("127.0.0.1", 0))
        self.done = threading.Event()
        self.heard: list[bytes] = []
        self.place = f"127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while not self.done.is_set():
            try:
                connection, _ = self._server.accept()
                with connection:
                    if self._context is not None:
                        connection = self._context.wrap_socket(connection, server_side=True)
                    with connection:
                        self._talk(connection)
            except OSError:
                continue

    def close(self) -> None:
        self.done.set()
        self._server.close()


Serve = Callable[..., Service]


@pytest.fixture
def serve() -> Iterator[Serve]:
    services: list[Service] = []

    def start(talk: Talk, context: ssl.SSLContext | None = None) -> Service:
        services.append(Service(talk, context))
        return services[-1]

    yield start
    for service in services:
        service.close()


def says(text: bytes) -> Talk:
    return lambda connection: connection.sendall(text)


def run(place: str, **settings: object) -> tuple[Verdict, str, str]:
    report = TcpProbe("probe", place, **settings).run()  # type: ignore[arg-type]
    return report.verdict, report.summary, report.detail


def test_a_banner_is_found_wherever_it_is_cut(serve: Serve) -> None:
    def dribble(connection: socket.socket) -> None:
        for byte in b"220 mail.example ESMTP\r\n":
            connection.sendall(bytes([byte]))

    verdict, summary, detail = run(serve(dribble).place, expect_text="ESMTP")
    assert verdict is Verdict.PASSED
    assert summary.startswith("connected in ")
    assert "220 mail.example ESMTP" in detail


def test_what_is_sent_is_answered(serve: Serve) -> None:
    def pong(connection: socket.socket) -> None:
        connection.sendall(b"+PONG\r\n" if connection.recv(100) == b"PING\r\n" else b"-ERR\r\n")

    assert run(serve(pong).place, send=b"PING\r\n", expect_text="+PONG")[0] is Verdict.PASSED


@pytest.mark.parametrize(
    ("talk", "said"),
    [
        (says(b"554 no\r\n"), "the connection was closed without '220'"),
        (says(b"\x1b[31m\0"), "closed without '220'"),
        (says(b""), "closed without '220'"),
        (says(b"x" * (LIMIT + 4096)), "more came without '220'"),
    ],
    ids=["another", "binary", "nothing", "too-much"],
)
def test_another_answer_is_a_failure(serve: Serve, talk: Talk, said: str) -> None:
    verdict, summary, detail = run(serve(talk).place, expect_text="220")
    assert (verdict, said in summary) == (Verdict.FAILED, True), summary
    assert "\x1b" not in summary + detail
    assert len(detail) < 2000


def test_a_service_that_says_nothing_or_drips_fails_in_time(serve: Serve) -> None:
    silent = serve(lambda connection: silent.done.wait(20) and None)
    assert run(silent.place, expect_text="220", timeout=0.3)[:2] == (Verdict.FAILED, "no answer within 0.3 s")
    assert run(silent.place, timeout=5)[0] is Verdict.PASSED

    def drip(connection: socket.socket) -> None:
        while not dripping.done.wait(0.02):
            connection.sendall(b".")

    dripping = serve(drip)
    verdict, summary, detail = run(dripping.place, expect_text="220", timeout=0.3)
    assert (verdict, summary) == (Verdict.FAILED, "connected, but '220' did not come within 0.3 s")
    assert "bytes were heard" in detail


def test_connecting_may_take_only_so_long(serve: Serve) -> None:
    verdict, summary, _ = run(serve(says(b"")).place, max_seconds=0.0)
    assert (verdict, "expected within 0 ms" in summary) == (Verdict.FAILED, True)


@pytest.mark.parametrize("place", ["", "localhost", ":80", "127.0.0.1:http", "127.0.0.1:999999", "\x1b[31m"])
def test_a_place_that_is_none_is_unknown(place: str) -> None:
    verdict, summary, detail = run(place)
    assert (verdict, "cannot be run" in summary) == (Verdict.UNKNOWN, True)
    assert "\x1b" not in summary + detail


# -- with TLS ------------------------------------------------------------------------------------------

needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificates")


class Identity:
    """A certificate that vouches for itself, made for one test run."""

    def __init__(self, directory: Path, *names: str) -> None:
        self.certificate, key = directory / "certificate.pem", directory / "key.pem"
        names_given = ",".join(names)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-days", "2", "-subj", "/CN=shop", "-addext", f"subjectAltName={names_given}",
             "-keyout", str(key), "-out", str(self.certificate)],
            check=True, capture_output=True,
        )  # fmt: skip
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.certificate, key)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return Identity(tmp_path_factory.mktemp("shop"), "IP:127.0.0.1")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return Identity(tmp_path_factory.mktemp("stranger"), "DNS:elsewhere.example")


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def over_http(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(OK)


@needs_openssl
def test_a_certificate_of_a_configured_authority_is_trusted(serve: Serve, shop: Identity) -> None:
    tcp, web = serve(says(b"220 ok\r\n"), shop.context), serve(over_http, shop.context)
    trusted = str(shop.certificate)
    verdict, _, detail = run(tcp.place, tls=True, ca_file=trusted, expect_text="220")
    assert (verdict, "TLSv1" in detail) == (Verdict.PASSED, True)
    assert HttpProbe("p", f"https://{web.place}/", ca_file=trusted).run().verdict is Verdict.PASSED


@needs_openssl
def test_any_other_certificate_is_a_failure(serve: Serve, shop: Identity, stranger: Identity) -> None:
    for identity, trusted in ((shop, ""), (shop, stranger.certificate), (stranger, stranger.certificate)):
        tcp, web = serve(says(b"220"), identity.context), serve(over_http, identity.context)
        reports = (
            TcpProbe("p", tcp.place, tls=True, ca_file=str(trusted)).run(),
            HttpProbe("p", f"https://{web.place}/", ca_file=str(trusted)).run(),
        )
        for report in reports:
            assert report.verdict is Verdict.FAILED
            assert "the certificate is not valid" in report.summary


def test_a_port_without_tls_is_no_secure_connection(serve: Serve) -> None:
    verdict, summary, _ = run(serve(says(b"220 plain text\r\n")).place, tls=True)
    assert (verdict, "no secure connection" in summary) == (Verdict.FAILED, True)
