"""The failing request, against a server that does not keep to anything."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

from andon.gaps.failure import Failure
from andon.production.gap.sending import Sender


def sender() -> Sender:
    failure = Failure(path="/orders", status=500)
    return Sender(failure=failure, sends=failure, log=lambda _: ("", 0), redact=lambda text: text)


def trickle(server: socket.socket, over: threading.Event) -> None:
    connection, _ = server.accept()
    with connection, contextlib.suppress(OSError):
        connection.recv(1 << 16)
        connection.sendall(b"HTTP/1.1 500 No\r\nContent-Length: 1000000\r\n\r\n")
        while not over.wait(0.02):
            connection.sendall(b".")


def test_an_answer_that_comes_byte_by_byte_is_given_up_when_its_time_is_over() -> None:
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=trickle, args=(server, over), daemon=True)
        thread.start()
        began = time.monotonic()
        seen = sender().send(f"http://127.0.0.1:{server.getsockname()[1]}", began + 0.5)
        seconds = time.monotonic() - began
        over.set()
        thread.join()
    assert (seen.status, seen.text.startswith("no answer within")) == (0, True)
    assert seconds < 5
