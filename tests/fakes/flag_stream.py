"""A flag server on the loopback that behaves, or misbehaves, as a test tells it to. Standard library only."""

from __future__ import annotations

import json
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

#: How long a test waits for what another thread or process does, in seconds: for what has to come, however
#: busy the machine is, so that only what never comes takes it.
PATIENCE = 60.0
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\r\n"
#: Elsewhere a port that is bound cannot be listened on by another socket.
HOLDS_A_PLACE = sys.platform == "linux"
CHUNKED = HEAD[:-2] + b"Transfer-Encoding: chunked\r\n\r\n"


def until(condition: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Return what `condition` says as soon as that is true; fails when it is not within `seconds`."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"did not happen within {seconds} s: {condition}")
        time.sleep(0.002)
    return found


def flag(is_on: bool) -> dict[str, Any]:
    """Return a boolean flag in flagd's format."""
    return {
        "state": "ENABLED",
        "variants": {"on": True, "off": False},
        "defaultVariant": "on" if is_on else "off",
    }


def event(name: str, message: Any, version: int | str = "") -> bytes:
    """Return one server-sent event."""
    data = message if isinstance(message, str) else json.dumps(message)
    lines = [f"event: {name}", *(f"data: {line}" for line in data.split("\n"))]
    if version != "":
        lines.insert(0, f"id: {version}")
    return ("\n".join(lines) + "\n\n").encode()


class Request:
    """The head of a request."""

    def __init__(self, head: bytes) -> None:
        first, *lines = head.decode("latin-1").split("\r\n")
        self.method, self.path, _ = first.split(" ", 2)
        self.headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}


class FlagStream:
    """Serves a set of flags, and remembers who asked and who acknowledged."""

    def __init__(
        self,
        flags: dict[str, Any] | None = None,
        version: int = 1,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._tls = tls
        self.flags = dict(flags or {})
        self.version = version
        #: Answers a request for the stream instead of this server; returns whether the connection stays.
        self.script: Callable[[socket.socket, Request], object] | None = None
        #: The status of the answer to an acknowledgement; 0 never answers.
        self.acknowledgement_status = 204
        self.requests: list[Request] = []
        self.acknowledgements: list[dict[str, Any]] = []
        self.acknowledged_at: list[float] = []
        self._streams: list[socket.socket] = []
        self._others: list[socket.socket] = []
        self._lock = threading.RLock()
        self._place = _kept(port)
        self.port = self._place.getsockname()[1]
        if not HOLDS_A_PLACE:
            self._place.close()
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.address = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self) -> FlagStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self._place.close()

    def close(self) -> None:
        """Stop, and break every connection; the port stays this server's until its `with` ends."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(PATIENCE)  # whom it has just accepted is one of the others from here on
        self.drop()
        with self._lock:
            others, self._others = self._others, []
        for other in others:
            _break(other)

    # ---- what a test does

    def whole(self) -> dict[str, Any]:
        """Return the message of a whole set."""
        return {"version": self.version, "flags": self.flags}

    def put(self, flags: dict[str, Any]) -> None:
        """Serve another set, and send it."""
        with self._lock:
            self.version += 1
            self.flags = dict(flags)
            self.send(event("put", self.whole(), self.version))

    def patch(self, changed: dict[str, Any], removed: tuple[str, ...] = ()) -> int:
        """Change flags, and send only these; return the new version."""
        with self._lock:
            previous, self.version = self.version, self.version + 1
            made = {**self.flags, **changed}
            self.flags = {key: value for key, value in made.items() if key not in removed}
            message = {
                "version": self.version,
                "previous": previous,
                "flags": changed,
                "removed": list(removed),
            }
            self.send(event("patch", message, self.version))
            return self.version

    def send(self, content: bytes) -> None:
        """Send bytes to every open stream."""
        with self._lock:
            streams = list(self._streams)
        for stream in streams:
            with suppress(OSError):
                stream.sendall(content)

    def drop(self) -> None:
        """Break every open stream."""
        with self._lock:
            streams, self._streams = self._streams, []
        for stream in streams:
            _break(stream)

    @property
    def connected(self) -> int:
        """Return how many streams are open as far as this server knows."""
        with self._lock:
            return len(self._streams)

    def confirmed(self, version: int) -> set[str]:
        """Return the processes that acknowledged a version."""
        return {a["process"] for a in self.acknowledgements if a["version"] >= version}

    # ---- the server

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._others.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        waiting = b""
        try:
            if self._tls is not None:
                connection = self._secured(connection, self._tls)
            while True:
                while b"\r\n\r\n" not in waiting:
                    piece = connection.recv(65536)
                    if not piece:
                        return
                    waiting += piece
                head, _, waiting = waiting.partition(b"\r\n\r\n")
                request = Request(head)
                length = int(request.headers.get("content-length", "0"))
                while len(waiting) < length:
                    waiting += connection.recv(65536)
                body, waiting = waiting[:length], waiting[length:]
                if request.path.endswith("/acknowledgements"):
                    self._acknowledge(connection, request, json.loads(body))
                else:
                    self.requests.append(request)
                    if (self.script or self._stream)(connection, request) is not None:
                        return
        except (OSError, ValueError):
            pass
        finally:
            with self._lock:
                for known in (self._streams, self._others):
                    if connection in known:
                        known.remove(connection)
            connection.close()

    def _secured(self, connection: socket.socket, tls: ssl.SSLContext) -> socket.socket:
        secured = tls.wrap_socket(connection, server_side=True)
        with self._lock:
            self._others[self._others.index(connection)] = secured
        return secured

    def _acknowledge(self, connection: socket.socket, request: Request, message: dict[str, Any]) -> None:
        self.acknowledged_at.append(time.perf_counter())
        self.acknowledgements.append({**message, "_headers": request.headers})
        if self.acknowledgement_status:
            status = self.acknowledgement_status
            length = "" if status == 204 else "Content-Length: 0\r\n"
            connection.sendall(f"HTTP/1.1 {status} Said\r\n{length}\r\n".encode())

    def _stream(self, connection: socket.socket, request: Request) -> None:
        self.greet(connection, request)

    def greet(self, connection: socket.socket, request: Request, head: bytes = HEAD) -> None:
        """Send head and whole set (nothing to whom has it), then keep the stream."""
        with self._lock:
            known = request.headers.get("last-event-id") == str(self.version)
            ping, put = {"version": self.version}, self.whole()
            first = event("ping", ping) if known else event("put", put, self.version)
            connection.sendall(head + first)
            self._streams.append(connection)


def _kept(port: int) -> socket.socket:
    """Return what keeps a port while nobody listens: nobody else gets it, and who connects is refused."""
    place = socket.socket()
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    place.bind(("127.0.0.1", port))
    return place


def _break(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
