"""A flag server for tests: in a thread of this process, on a free port of loopback, stopped by its handle."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

from andon.server.flag_access import Access
from andon.server.flag_serving import FlagServer, Settings, prepared
from andon.server.flag_state import StateDirectory

#: Seconds that a test waits for what has to come, however busy the machine is.
PATIENCE = 60.0


def switch(**more: Any) -> dict[str, Any]:
    """Return a flag that is on for everybody, with its off side safe."""
    variants = {"on": True, "off": False}
    return {"state": "ENABLED", "variants": variants, "defaultVariant": "on", **more}


class Running:
    """A server that runs, and what to ask it."""

    def __init__(self, server: FlagServer, address: str, file: Path) -> None:
        self.server = server
        self.address = address
        self.file = file
        self.port = int(address.rpartition(":")[2])
        #: What it told whoever started it.
        self.told: list[str] = []

    def ask(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, Any, dict[str, str]]:
        """Exchange one request; return the status, the body (from JSON where it is) and the headers."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
            sent = {"Content-Type": "application/json"} if content is not None else {}
            sent |= {key.replace("_", "-"): value for key, value in headers.items()}
            connection.request(method, path, content, sent)
            response = connection.getresponse()
            answer = response.read()
            found = {key.lower(): value for key, value in response.getheaders()}
            is_json = "json" in found.get("content-type", "")
            return response.status, json.loads(answer) if is_json and answer else answer, found
        finally:
            connection.close()

    def put(self, flag: str, variant: str = "off", **more: Any) -> int:
        """Kill a flag; return the version."""
        override = {"flag": flag, "layer": "kill", "variant": variant, "operation": f"op-{flag}", **more}
        status, answer, _ = self.ask("PUT", "/flags/v1/overrides", override)
        assert status == 200, answer
        return int(answer["version"])

    def acknowledge(self, process: str, version: int, **more: Any) -> None:
        """Confirm a version for a process."""
        body = {"process": process, "name": f"name-{process}", "version": version, **more}
        status, answer, _ = self.ask("POST", "/flags/v1/acknowledgements", body)
        assert status == 204, answer

    @contextmanager
    def stream(self, process: str = "", path: str = "/flags/v1/stream", **headers: str) -> Iterator[Events]:
        """Open a stream."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        if process:
            sent |= {"Andon-Process": process, "Andon-Process-Name": f"name-{process}"}
        try:
            connection.request("GET", path, headers=sent)
            response = connection.getresponse()
            assert response.status == 200, response.read()
            yield Events(response)
        finally:
            connection.close()


class Event:
    """One event of a stream."""

    def __init__(self, name: str, number: str, data: Any) -> None:
        self.name = name
        self.number = number
        self.data = data


class Events:
    """Reads a stream event by event."""

    def __init__(self, response: HTTPResponse) -> None:
        self.response = response

    def next(self, *names: str) -> Event:
        """Return the next event with one of these names; fails when the stream ends."""
        while True:
            name, number, data = "message", "", ""
            while (line := self.response.readline().decode().rstrip("\n")) != "":
                field, _, value = line.partition(": ")
                if field == "event":
                    name = value
                elif field == "id":
                    number = value
                elif field == "data":
                    data = value
            assert data or not self.response.isclosed(), "the stream ended"
            if data and (not names or name in names):
                return Event(name, number, json.loads(data))


@contextmanager
def running_server(
    place: Path,
    flags: dict[str, Any] | None = None,
    *,
    access: Access | None = None,
    after: int = 0,
    port: int = 0,
    origins: tuple[str, ...] = (),
    ready: Callable[[str], None] = lambda _address: None,
) -> Iterator[Running]:
    """Yield a server over `place`/flags.json (written when `flags` are given) and `place`/state."""
    file = place / "flags.json"
    if flags is not None:
        file.write_text(json.dumps({"flags": flags}))
    settings = Settings(
        host="127.0.0.1",
        port=port,
        file=str(file),
        state=str(place / "state"),
        access=access or Access(),
        after=after,
        origins=origins,
    )
    directory = StateDirectory(settings.state)
    directory.open()
    told: list[str] = []
    started = threading.Event()
    addresses: list[str] = []

    def is_ready(address: str) -> None:
        addresses.append(address)
        ready(address)
        started.set()

    listening: socket.socket | None = None
    try:
        server, listening = prepared(settings, directory, is_ready, told.append)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        assert started.wait(PATIENCE), "the server did not start"
        running = Running(server, addresses[0], file)
        running.told = told
        try:
            yield running
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
            assert not thread.is_alive(), "the server did not stop"
    finally:
        if listening is not None:
            listening.close()
        directory.close()
