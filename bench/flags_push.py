"""How long a kill takes to programs that read the flag, beside the LaunchDarkly SDK and a raw stream.

The server is Andon's own, in a process of its own; kills come by its HTTP interface. A time begins when the
server writes the change to its clients, or earlier, when it accepts it, before it is on disk, and ends when a
client has evaluated the flag with the new set in force. Clients are other processes; all of them read one
monotonic clock. LaunchDarkly's SDK follows a stub that speaks its stream protocol, from the stub's write.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import multiprocessing
import os
import resource
import selectors
import socket
import statistics
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

KEY = "new-pricing"
SWITCH = {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "on"}
LD_FLAG = {
    "key": KEY, "version": 1, "on": True, "variations": [True, False], "fallthrough": {"variation": 0},
    "offVariation": 1, "salt": "x", "rules": [], "targets": [], "prerequisites": [],
}  # fmt: skip
#: The targets, in milliseconds: median of one client, the last of a thousand, forked workers.
ONE, THOUSAND, FORKED = 0.6, 80.0, 5.0
SPAWN = multiprocessing.get_context("spawn")
#: Version and nanoseconds, as clients report them.
SEEN = struct.Struct("qqq")


class Role:
    """A process of this bench, and what it reports."""

    def __init__(self, run: Callable[..., None], *arguments: Any) -> None:
        self.ours, theirs = SPAWN.Pipe()
        self.process = SPAWN.Process(target=run, args=(theirs, *arguments), daemon=True)
        self.process.start()
        theirs.close()
        self.first = self.ours.recv()

    def ask(self, word: str) -> Any:
        self.ours.send(word)
        return self.ours.recv()

    def end(self) -> None:
        self.ours.send("end")
        self.process.join(20)
        if self.process.is_alive():
            self.process.kill()


def answer(end: Connection, first: Any, reports: Callable[[], Any]) -> None:
    """Report to the bench until it says `end`."""
    end.send(first)
    while end.recv() != "end":
        end.send(reports())


# ---- servers


def serve(end: Connection, directory: str) -> None:
    """Run Andon's server; report when each version was accepted and written."""
    from andon.server import flag_processes
    from andon.server.flag_access import Access
    from andon.server.flag_serving import Settings, prepared
    from andon.server.flag_state import StateDirectory

    times: list[tuple[int, int, int]] = []
    original = flag_processes.Processes.send

    def send(self: Any, version: int, accepted: float) -> None:
        times.append((version, int(accepted * 1e9), time.monotonic_ns()))
        original(self, version, accepted)

    flag_processes.Processes.send = send  # type: ignore[method-assign]
    state = os.path.join(directory, "state")
    settings = Settings(
        host="127.0.0.1", port=0, file=os.path.join(directory, "flags.json"), state=state, access=Access()
    )
    place = StateDirectory(state)
    place.open()
    ready: list[str] = []
    started = threading.Event()

    def is_ready(address: str) -> None:
        ready.append(address)
        started.set()

    server, listening = prepared(settings, place, is_ready, lambda _told: None)

    def report() -> None:
        started.wait()
        answer(end, ready[0], lambda: list(times))
        server.should_exit = True

    threading.Thread(target=report, daemon=True).start()
    server.run(sockets=[listening])
    listening.close()
    place.close()


def serve_stub(end: Connection) -> None:
    """Speak LaunchDarkly's stream protocol to one client; change the flag when asked, and report when."""
    listener = socket.create_server(("127.0.0.1", 0))
    streams: list[socket.socket] = []

    def chunk(name: str, data: Any) -> bytes:
        event = f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()
        return b"%x\r\n%b\r\n" % (len(event), event)

    def accept() -> None:
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while b"\r\n\r\n" not in connection.recv(65536):
                pass
            whole = {"path": "/", "data": {"flags": {KEY: LD_FLAG}, "segments": {}}}
            head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
            connection.sendall(head.encode() + chunk("put", whole))
            streams.append(connection)

    threading.Thread(target=accept, daemon=True).start()
    version = 1

    def flip() -> tuple[int, int]:
        nonlocal version
        version += 1
        flag = {**LD_FLAG, "version": version, "on": version % 2 == 1}
        message = chunk("patch", {"path": f"/flags/{KEY}", "data": flag})
        begun = time.monotonic_ns()
        for stream in streams:
            stream.sendall(message)
        return version, begun

    answer(end, f"http://127.0.0.1:{listener.getsockname()[1]}", flip)


# ---- clients


def follow(end: Connection, address: str, count: int) -> None:
    """Hold `count` clients of Andon; report version and moment at which each evaluated another value."""
    from andon.flags.client import connect

    seen: list[tuple[int, int, int]] = []
    clients = [connect(address, name=f"bench-{number}") for number in range(count)]

    for flags in clients:
        if not flags.wait_ready(20):
            raise SystemExit("a client does not become ready")
        evaluate_after_changes(flags, lambda version, moment: seen.append((version, moment, 0)))
    answer(end, True, lambda: list(seen))
    for flags in clients:
        flags.close()


def evaluate_after_changes(flags: Any, tell: Callable[[int, int], object]) -> None:
    """Evaluate as soon as a change is in force, in the client's thread, before it acknowledges."""
    in_force = flags._in_force
    apply = in_force.apply

    def applied(*arguments: Any) -> Any:
        keys = apply(*arguments)
        flags.boolean(KEY, True)
        tell(flags.evaluator.version, time.monotonic_ns())
        return keys

    in_force.apply = applied


def follow_forked(end: Connection, address: str, workers: int) -> None:
    """Hold one client and fork `workers` processes; report what these evaluated, and when."""
    from andon.flags.client import connect

    readable, writable = os.pipe()
    flags = connect(address, name="bench-parent")
    flags.wait_ready(20)
    parent = os.getpid()

    def tell(version: int, moment: int) -> None:
        if os.getpid() != parent:
            os.write(writable, SEEN.pack(version, moment, os.getpid()))

    evaluate_after_changes(flags, tell)
    children = []
    for _ in range(workers):
        if (child := os.fork()) == 0:
            flags.wait_ready(20)
            threading.Event().wait()
        children.append(child)
    os.set_blocking(readable, False)
    seen: list[tuple[Any, ...]] = []

    def report() -> list[tuple[Any, ...]]:
        while True:
            try:
                content = os.read(readable, SEEN.size * 1000)
            except BlockingIOError:
                return seen
            seen.extend(SEEN.iter_unpack(content))

    time.sleep(0.5)
    answer(end, True, report)
    for child in children:
        os.kill(child, 9)
        os.waitpid(child, 0)
    flags.close()


def follow_raw(end: Connection, address: str, count: int, acknowledges: bool) -> None:
    """Hold `count` bare connections, which parse each patch as JSON and, where asked, acknowledge it."""
    host, _, port = address.removeprefix("http://").partition(":")
    selector = selectors.DefaultSelector()
    seen: list[tuple[int, int, int]] = []
    for number in range(count):
        process = f"{os.getpid():x}x{number:x}"
        named = f"Andon-Process: {process}\r\nAndon-Process-Name: raw/{process}\r\n" if acknowledges else ""
        stream = socket.create_connection((host, int(port)))
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream.sendall(f"GET /flags/v1/stream HTTP/1.1\r\nHost: {host}\r\n{named}\r\n".encode())
        back = None
        if acknowledges:
            back = socket.create_connection((host, int(port)))
            back.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(stream, selectors.EVENT_READ, (process, back))

    def read() -> None:
        while True:
            due = []
            for key, _ in selector.select():
                content = key.fileobj.recv(65536)  # type: ignore[union-attr]
                for patch in content.split(b"event: patch")[1:]:
                    version = json.loads(patch.partition(b"data: ")[2].partition(b"\n")[0])["version"]
                    seen.append((version, time.monotonic_ns(), 0))
                    due.append((*key.data, version))
            for process, back, version in due:  # in life another process's, which delays none of these
                if back is not None:
                    acknowledge(back, process, version)

    threading.Thread(target=read, daemon=True).start()
    answer(end, True, lambda: list(seen))


def acknowledge(back: socket.socket, process: str, version: int) -> None:
    """Acknowledge as a client does; the answer to the one before is read and thrown away."""
    back.setblocking(False)
    with suppress(BlockingIOError):
        back.recv(65536)
    body = json.dumps({"process": process, "version": version, "counts": []})
    head = "POST /flags/v1/acknowledgements HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json"
    back.sendall(f"{head}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())


def follow_launchdarkly(end: Connection, address: str) -> None:
    """Hold LaunchDarkly's client; report flag version and moment at which it evaluated another value."""
    import logging

    import ldclient
    from ldclient import Context
    from ldclient.config import Config

    logging.disable(logging.CRITICAL)
    ldclient.set_config(Config("sdk-key", stream_uri=address, base_uri=address, send_events=False))
    client, context, seen = ldclient.get(), Context.create("user"), []

    def changed(_change: Any) -> None:
        detail = client.variation(KEY, context, None)
        seen.append((detail, time.monotonic_ns()))

    client.flag_tracker.add_listener(changed)
    if not client.is_initialized():
        raise SystemExit("the LaunchDarkly client does not become ready")
    answer(end, True, lambda: list(seen))
    client.close()


# ---- measuring


class Switching:
    """Kills the flag and takes the kill away, by the server's interface."""

    def __init__(self, address: str) -> None:
        self._connection = HTTPConnection(address.removeprefix("http://"))
        self._is_killed = False

    def flip(self) -> int:
        self._is_killed = not self._is_killed
        if self._is_killed:
            override = {"flag": KEY, "layer": "kill", "variant": "off", "operation": f"op-{time.time_ns()}"}
            self._connection.request(
                "PUT", "/flags/v1/overrides", json.dumps(override), {"Content-Type": "application/json"}
            )
        else:
            self._connection.request(
                "DELETE", f"/flags/v1/overrides/kill/{KEY}?operation=op-{time.time_ns()}"
            )
        answered = self._connection.getresponse()
        content = answered.read()
        if answered.status != 200:
            raise SystemExit(f"the server answers {answered.status}: {content!r}")
        return int(json.loads(content)["version"])

    def confirmed(self, version: int) -> dict[str, Any]:
        self._connection.request("GET", f"/flags/v1/confirmations/{version}?wait=10")
        found: dict[str, Any] = json.loads(self._connection.getresponse().read())
        return found


def flips(switching: Switching, rounds: int, pause: float = 0.02) -> list[int]:
    """Flip `rounds` times; return the versions."""
    versions = []
    for _ in range(rounds):
        versions.append(switching.flip())
        time.sleep(pause)
    time.sleep(0.3)
    return versions


def delays(
    server: Role, seen: list[Any], versions: list[int], per_version: int
) -> tuple[list[float], list[float]]:
    """Return for each version how long the last client took, in ms: from the write, from the acceptance."""
    begun = {version: (accepted, written) for version, accepted, written in server.ask("times")}
    written_ms, accepted_ms = [], []
    for version in versions:
        moments = [moment for number, moment, _ in seen if number == version]
        if len(moments) != per_version:
            raise SystemExit(f"{len(moments)} of {per_version} clients saw version {version}")
        written_ms.append((max(moments) - begun[version][1]) / 1e6)
        accepted_ms.append((max(moments) - begun[version][0]) / 1e6)
    return written_ms, accepted_ms


def row(name: str, values: list[float], target: float | None = None) -> bool:
    """Print median, 99th percentile and maximum; return whether the median keeps its target."""
    ordered = sorted(values)
    p99 = ordered[min(len(ordered) - 1, round(0.99 * len(ordered)))]
    is_kept = target is None or statistics.median(ordered) <= target
    verdict = "" if target is None else f"   {target:g} {'kept' if is_kept else 'MISSED'}"
    print(f"{name:58}{statistics.median(ordered):8.2f}{p99:8.2f}{ordered[-1]:8.2f}{verdict}", flush=True)
    return is_kept


def measure_one(server: Role, switching: Switching, rounds: int) -> bool:
    """One client, one bare connection, and forked workers: each alone with the server."""
    address = server.first
    client = Role(follow, address, 1)
    versions = flips(switching, rounds)
    written, accepted = delays(server, client.ask("seen"), versions, 1)
    client.end()
    is_kept = row("one client, from the write", written, ONE)
    row("one client, from the acceptance (to disk first)", accepted)
    raw = Role(follow_raw, address, 1, False)
    time.sleep(0.3)
    versions = flips(switching, rounds)
    row(
        "floor: a bare connection and json.loads, from the write",
        delays(server, raw.ask("seen"), versions, 1)[0],
    )
    raw.end()
    forked = Role(follow_forked, address, 4)
    versions = flips(switching, rounds)
    written, _ = delays(server, forked.ask("seen"), versions, 4)
    forked.end()
    return row("the last of 4 forked workers, from the write", written, FORKED) and is_kept


def measure_launchdarkly(rounds: int) -> None:
    """LaunchDarkly's SDK and its stub."""
    if importlib.util.find_spec("ldclient") is None:
        print("LaunchDarkly SDK: not installed")
        return
    stub = Role(serve_stub)
    client = Role(follow_launchdarkly, stub.first)
    begun = []
    for _ in range(rounds):
        begun.append(stub.ask("flip"))
        time.sleep(0.02)
    time.sleep(0.5)
    seen = client.ask("seen")
    wanted = [version % 2 == 1 for version, _ in begun]
    if [value for value, _ in seen] != wanted:
        raise SystemExit("LaunchDarkly's client did not see every change")
    row(
        "LaunchDarkly SDK and a stub of its stream, from the write",
        [(moment - written) / 1e6 for (_, moment), (_, written) in zip(seen, begun, strict=True)],
    )
    client.end()
    stub.end()


def measure_many(server: Role, switching: Switching, count: int, rounds: int) -> bool:
    """`count` connected clients: most of them bare connections in 4 processes, 40 of them Andon's own."""
    address, own = server.first, 40
    is_kept = True
    for acknowledges in (False, True):
        clients = [Role(follow, address, own // 2) for _ in range(2)]
        clients += [Role(follow_raw, address, (count - own) // 4, acknowledges) for _ in range(4)]
        time.sleep(2)
        versions, confirmed = [], []
        for _ in range(rounds):
            versions.append(switching.flip())
            if acknowledges:
                confirmed.append(switching.confirmed(versions[-1]))
            time.sleep(0.5)
        seen = [moment for client in clients for moment in client.ask("seen")]
        written, _ = delays(server, seen, versions, count)
        for client in clients:
            client.end()
        told = "every one acknowledges" if acknowledges else f"{own} acknowledge"
        is_kept = row(f"the last of {count:,} clients, from the write; {told}", written, THOUSAND) and is_kept
        if confirmed:
            if any(found["confirmed"] != count for found in confirmed):
                told = [(found["confirmed"], found["connected"]) for found in confirmed]
                raise SystemExit(f"not every client confirmed: {told}")
            last = [found["milliseconds"] for found in confirmed]
            row(f"  and {count:,} of {count:,} confirmed, from the acceptance", last)
        time.sleep(1)
    return is_kept


def main() -> int:
    """Print the table; with --check, fail when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--check", action="store_true", help="exit 1 when a target is missed")
    arguments = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 16384), most))
    print(f"Python {sys.version.split()[0]}, load {os.getloadavg()[0]:.1f}, {arguments.rounds} changes, ms\n")
    print(f"{'':58}{'median':>8}{'p99':>8}{'max':>8}   target")
    with tempfile.TemporaryDirectory(prefix="andon-bench-") as directory:
        Path(directory, "flags.json").write_text(json.dumps({"flags": {KEY: SWITCH}}))
        server = Role(serve, directory)
        switching = Switching(server.first)
        is_kept = measure_one(server, switching, arguments.rounds)
        measure_launchdarkly(arguments.rounds)
        is_kept = (
            measure_many(server, switching, arguments.clients, max(10, arguments.rounds // 10)) and is_kept
        )
        server.end()
    return 0 if is_kept or not arguments.check else 1


if __name__ == "__main__":
    sys.exit(main())
