"""A relay is as slow as it was told to be, passes on how either side ends, and leaves nothing open."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg
import pytest

from andon.production.gap.relay import Relay
from tests.fakes.flag_stream import until


class _Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while data := self.request.recv(65536):
            self.request.sendall(data)
        self.request.sendall(b"bye")  # after the client's half-close


class _Breaking(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.recv(10)
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.request.close()

    def finish(self) -> None:
        pass


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]
        request.close()


@contextmanager
def serving(handler: type[socketserver.BaseRequestHandler]) -> Iterator[int]:
    with _Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def ask(port: int, content: bytes) -> tuple[bytes, float]:
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(content)
        client.shutdown(socket.SHUT_WR)
        got = b""
        while chunk := client.recv(65536):
            got += chunk
    return got, time.monotonic() - began


def test_it_passes_everything_on_with_the_half_close() -> None:
    content = bytes(range(256)) * 8000
    with serving(_Echo) as port, Relay("127.0.0.1", port) as relay:
        got, _ = ask(relay.port, content)
        assert got == content + b"bye"
        assert (relay.connections, relay.bytes_up, relay.bytes_down) == (1, len(content), len(content) + 3)
        until(lambda: relay.open == 0)


def test_latency_is_there_and_back_and_once_more_for_the_handshake() -> None:
    with serving(_Echo) as port, Relay("127.0.0.1", port, latency=100) as relay:
        got, seconds = ask(relay.port, b"x")
        assert got == b"xbye"
        assert 0.2 <= seconds < 2


def test_bytes_a_second_are_kept_to() -> None:
    with serving(_Echo) as port, Relay("127.0.0.1", port, down=200_000) as relay:
        _, seconds = ask(relay.port, b"x" * 60_000)
        assert 0.27 <= seconds < 3


def test_a_reset_is_passed_on() -> None:
    with serving(_Breaking) as port, Relay("127.0.0.1", port, latency=2) as relay:
        with (
            pytest.raises(ConnectionResetError),
            socket.create_connection(("127.0.0.1", relay.port)) as client,
        ):
            client.settimeout(10)
            client.sendall(b"x")
            if client.recv(10) == b"":
                raise AssertionError("closed, not reset")
        until(lambda: relay.open == 0)


def test_a_target_that_is_not_there_is_a_reset_too() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with Relay("127.0.0.1", unused.getsockname()[1]) as relay:
            with (
                pytest.raises(ConnectionError),
                socket.create_connection(("127.0.0.1", relay.port)) as client,
            ):
                client.settimeout(10)
                client.recv(1)
                client.sendall(b"x")
                client.recv(1)
            until(lambda: relay.refused == 1)


def test_a_port_in_use_is_another_port() -> None:
    with serving(_Echo) as port, Relay("127.0.0.1", port, wanted=port) as relay:
        assert relay.port not in (0, port)
        assert ask(relay.port, b"x")[0] == b"xbye"


def test_leaving_closes_connections_that_are_open(caplog: pytest.LogCaptureFixture) -> None:
    with serving(_Echo) as port, ExitStack() as entered:
        relay = entered.enter_context(Relay("127.0.0.1", port, latency=20_000))
        with socket.create_connection(("127.0.0.1", relay.port), timeout=10) as client:
            client.sendall(b"x")
            until(lambda: relay.open == 1)
            entered.close()
            assert client.recv(10) == b""
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", relay.port), timeout=1)
    assert not [record for record in caplog.records if record.levelname != "DEBUG"]


def test_a_database_is_as_far_away_as_it_is_told(postgres_url: str) -> None:
    parts = psycopg.conninfo.conninfo_to_dict(postgres_url)
    host, port = str(parts["host"]), int(str(parts.get("port") or 5432))
    with Relay(host, port, latency=40) as relay:
        slow = psycopg.conninfo.make_conninfo(postgres_url, host="127.0.0.1", port=relay.port)
        with psycopg.connect(slow) as connection:
            connection.execute("SELECT 1")
            began = time.monotonic()
            connection.execute("SELECT 1")
            assert time.monotonic() - began >= 0.04
