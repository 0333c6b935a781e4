"""Stands between Andon and its flag server, and holds one request back, before or after it took effect."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.acceptance.forked import PATIENCE


class HaltingProxy(ThreadingHTTPServer):
    """Forwards what it gets; the first request that `halts_at` fits is never answered."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        self.port = port
        #: Method and beginning of the path; empty for none.
        self.halts_at = ("", "")
        #: True when the server gets the request, and only the answer is lost.
        self.passes_on = False
        self.halted = threading.Event()
        self.released = threading.Event()
        #: What was forwarded: `PUT /flags/v1/overrides`.
        self.forwarded: list[str] = []
        super().__init__(("127.0.0.1", 0), Forward)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: whoever asked was killed."""


class Forward(BaseHTTPRequestHandler):
    """One request."""

    server: HaltingProxy
    protocol_version = "HTTP/1.1"

    def _forward(self) -> None:
        proxy = self.server
        method, path = proxy.halts_at
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        halts = bool(method) and self.command == method and self.path.startswith(path)
        if halts:
            proxy.halts_at = ("", "")
        if not halts or proxy.passes_on:
            proxy.forwarded.append(f"{self.command} {self.path}")
            upstream = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=PATIENCE)
            headers = {k: v for k, v in self.headers.items() if k.lower() != "host"}
            upstream.request(self.command, self.path, content or None, headers)
            answer = upstream.getresponse()
            status, body = answer.status, answer.read()
            upstream.close()
        if halts:
            proxy.halted.set()
            proxy.released.wait(PATIENCE)
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_DELETE = do_POST = _forward  # noqa: N815 - the names are the library's

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def halting_proxy(port: int) -> Iterator[HaltingProxy]:
    """Run a proxy before the server on a port."""
    proxy = HaltingProxy(port)
    thread = threading.Thread(target=proxy.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.released.set()
        proxy.shutdown()
        proxy.server_close()
        thread.join()
