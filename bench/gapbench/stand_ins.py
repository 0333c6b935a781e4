"""What stands around an application in a proof: recorded services, a slow way to it and to its database."""

from __future__ import annotations

import http.client
import json
import selectors
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

Recorded = dict[tuple[str, str], tuple[int, dict[str, str], bytes]]


def recorded(path: Path) -> Recorded:
    """Return the answers of a HAR or a VCR cassette by method and path with query."""
    found: Recorded = {}
    if path.suffix == ".har":
        for entry in json.loads(path.read_text("utf-8"))["log"]["entries"]:
            asked, answer = entry["request"], entry["response"]
            headers = {header["name"]: header["value"] for header in answer["headers"]}
            body = answer["content"]["text"].encode()
            found[asked["method"], _path(asked["url"])] = (answer["status"], headers, body)
    else:
        for entry in yaml.safe_load(path.read_text("utf-8"))["interactions"]:
            answer = entry["response"]
            headers = {name: values[0] for name, values in answer["headers"].items()}
            found[entry["request"]["method"], _path(entry["request"]["uri"])] = (
                answer["status"]["code"],
                headers,
                answer["body"]["string"].encode(),
            )
    return found


def _path(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: whoever hung up knows why."""


@contextmanager
def _serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def service(answers: Recorded, latency: float) -> Iterator[str]:
    """Yield the address of an outside service that answers as recorded, `latency` milliseconds later."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            time.sleep(latency / 1000)
            missing = (404, {"Content-Type": "text/plain"}, b"not recorded")
            status, headers, body = answers.get((self.command, self.path), missing)
            self.send_response(status)
            for name, value in {**headers, "Access-Control-Allow-Origin": "*"}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer

        def log_message(self, *told: Any) -> None:
            """Say nothing."""

    with _serving(Handler) as url:
        yield url


@contextmanager
def slow_way(target: str, latency: float, delays: dict[str, float]) -> Iterator[str]:
    """Yield an address before the application: each request is held back, some (`GET /path`) more."""
    host, port = urlsplit(target).hostname or "", urlsplit(target).port

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            held = latency + delays.get(f"{self.command} {self.path.partition('?')[0]}", 0.0)
            time.sleep(held / 1000)
            connection = http.client.HTTPConnection(host, port, timeout=60)
            try:
                connection.request(self.command, self.path, sent, dict(self.headers.items()))
                answer = connection.getresponse()
                body = answer.read()
            finally:
                connection.close()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("server", "date", "connection"):
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = answer

        def log_message(self, *told: Any) -> None:
            """Say nothing."""

    with _serving(Handler) as url:
        yield url


@contextmanager
def slow_link(connect: Any, latency: float) -> Iterator[int]:
    """Yield a loopback port behind which a server is, with `latency` milliseconds there and back."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    stopped = threading.Event()

    def carry(near: socket.socket) -> None:
        with near, connect() as far, selectors.DefaultSelector() as waiting:
            waiting.register(near, selectors.EVENT_READ, far)
            waiting.register(far, selectors.EVENT_READ, near)
            while not stopped.is_set():
                for key, _ in waiting.select(0.2):
                    try:
                        piece = key.fileobj.recv(65536)  # type: ignore[union-attr]
                        if not piece:
                            return
                        if key.fileobj is near:
                            time.sleep(latency / 1000)
                        key.data.sendall(piece)
                    except OSError:
                        return

    def accept() -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=carry, args=(near,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        stopped.set()
        listener.close()
