"""Stakeholders are told by a worker that nobody waits for, and which leaves when nothing is due soon."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.acceptance.shop import Shop, wait_for


class Pager(ThreadingHTTPServer):
    """Takes messages."""

    daemon_threads = True

    def __init__(self) -> None:
        self.taken: list[dict[str, object]] = []
        super().__init__(("127.0.0.1", 0), Message)


class Message(BaseHTTPRequestHandler):
    """One message."""

    server: Pager

    def do_POST(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.taken.append(told)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def pager() -> Iterator[Pager]:
    server = Pager()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_declaration_is_told_once_and_the_deadline_is_known(shop: Shop, pager: Pager) -> None:
    del shop.environment["ANDON_DELIVERY"]
    shop.configure(more=f'[notify]\nP0 = ["json://127.0.0.1:{pager.server_address[1]}/"]\n')
    shop.declare()
    wait_for(lambda: pager.taken, "the message")
    wait_for(lambda: any(text.startswith("told ") for text in shop.texts()), "its record")
    wait_for(lambda: shop.json("workflows")["worker"] is None, "the worker to leave")
    shop.andon("ack")
    shop.andon("sign", "failure-resolved", "--reason", "looked")
    shop.andon("mitigate")
    wait_for(lambda: len(pager.taken) == 2, "the second message")
    wait_for(
        lambda: shop.json("workflows")["worker"] is None, "the worker to leave although a deadline is known"
    )
    (timer,) = shop.json("workflows")["timers"]
    assert timer["for"] == "deadline" and timer["due"]
    shown = shop.andon("workflows").stdout
    assert "deadline" in shown and "in 23 h" in shown
    assert len(pager.taken) == 2
