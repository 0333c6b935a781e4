"""A kill reaches forked processes: of os.fork, of multiprocessing, of a server that loads before it forks."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from andon.flags.client import Flags, connect, from_file
from tests.fakes.flag_stream import PATIENCE, FlagStream, flag, until

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system"),
    # Python 3.12 warns of every fork beside a thread; a client that follows a server is one.
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning"),
]
KEYS = {"new-pricing": flag(True), "dark-mode": flag(False)}


@pytest.fixture
def server() -> Iterator[FlagStream]:
    with FlagStream(KEYS, 100) as made:
        yield made


@pytest.fixture
def flags(server: FlagStream, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flags]:
    # A goodbye is said to the end, here and in what is forked, on a machine that is busy for longer.
    monkeypatch.setattr("andon.flags.stream.FAREWELL", PATIENCE)
    monkeypatch.setattr("andon.flags.client.CLOSING", PATIENCE)
    monkeypatch.setattr("andon.flags.client.EXITING", PATIENCE)
    made = connect(server.address, name="shop")
    assert made.wait_ready(60)
    until(lambda: server.confirmed(100))
    yield made
    made.close()


class Child:
    """A forked process that runs `body`, and says a word for each line it is sent."""

    def __init__(self, answer: Callable[[str], str]) -> None:
        ours, theirs = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            status = 1
            try:
                ours.close()
                lines = theirs.makefile("rw")
                for line in lines:
                    lines.write(answer(line.strip()) + "\n")
                    lines.flush()
                status = 0
            finally:
                os._exit(status)
        theirs.close()
        self._lines = ours.makefile("rw")
        self._socket = ours

    def ask(self, word: str) -> str:
        self._lines.write(word + "\n")
        self._lines.flush()
        return self._lines.readline().strip()

    def end(self) -> int:
        self._socket.shutdown(socket.SHUT_RDWR)  # its siblings hold this end too
        self._lines.close()
        self._socket.close()
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def answering(flags: Flags) -> Callable[[str], str]:
    def answer(word: str) -> str:
        if word == "close":
            flags.close()
        if word == "threads":
            # Whatever else the process of the tests left running is not this client's.
            return str(sum(thread.name == "andon-flags" for thread in threading.enumerate()))
        return f"{flags.boolean('new-pricing', False)} {flags.status().version}"

    return answer


def test_a_kill_reaches_forked_processes_and_each_confirms_it(server: FlagStream, flags: Flags) -> None:
    children = [Child(answering(flags)) for _ in range(3)]
    try:
        until(lambda: server.connected == 4)
        version = server.patch({"new-pricing": flag(False)})
        until(lambda: len(server.confirmed(version)) == 4)
        assert {child.ask("?") for child in children} == {f"False {version}"}
        assert not flags.boolean("new-pricing", True)
        parent = server.requests[0].headers["andon-process"]
        forked = [a for a in server.acknowledgements if a["forked_from"]]
        assert {a["forked_from"] for a in forked} == {parent} and len({a["process"] for a in forked}) == 3
        assert {a["name"].rpartition("/")[2] for a in forked} == {str(child.pid) for child in children}
        assert children[0].ask("threads") == "1"
    finally:
        assert [child.end() for child in children] == [0, 0, 0]


def test_a_child_that_ends_takes_nothing_from_its_parent(server: FlagStream, flags: Flags) -> None:
    child = Child(answering(flags))
    until(lambda: server.connected == 2)
    child.ask("close")
    assert child.end() == 0
    until(lambda: server.connected == 1)
    version = server.patch({"new-pricing": flag(False)})
    until(lambda: server.confirmed(version))
    assert len(server.requests) == 2, "the parent had to connect again"


def test_a_child_counts_only_what_it_served_itself(server: FlagStream, flags: Flags) -> None:
    for _ in range(5):
        flags.boolean("new-pricing", False)
    child = Child(answering(flags))
    child.ask("?")
    until(lambda: server.connected == 2)
    child.ask("close")
    child.end()
    until(lambda: any(a.get("closing") for a in server.acknowledgements))
    flags.close()
    told = {bool(a["forked_from"]): a["counts"] for a in server.acknowledgements if a.get("closing")}
    assert told[True][0][:2] == ["new-pricing", "on"] and told[True][0][2] <= 2
    assert told[False] == [["new-pricing", "on", 5]]


def test_a_grandchild_is_reached_too(server: FlagStream, flags: Flags) -> None:
    def answer(word: str) -> str:
        grandchild = Child(answering(flags))
        try:
            until(lambda: not flags.boolean("new-pricing", True))
            return until(lambda: (said := grandchild.ask("?")).startswith("False") and said)
        finally:
            grandchild.end()

    child = Child(answer)
    child._lines.write("go\n")
    child._lines.flush()
    until(lambda: server.connected == 3)
    server.patch({"new-pricing": flag(False)})
    assert child._lines.readline().startswith("False")
    assert child.end() == 0


def test_closed_clients_are_not_renewed(server: FlagStream, flags: Flags) -> None:
    flags.close()
    child = Child(answering(flags))
    assert child.ask("threads") == "0" and child.ask("?") == "True 100"
    assert child.end() == 0


def test_forks_while_sets_come_in_never_hang(server: FlagStream, flags: Flags) -> None:
    """Each child is forked at another moment of the parent's thread, and each gets the last set."""
    stop = threading.Event()

    def flood() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            server.patch({"dark-mode": flag(bool(number % 2))})
            server.put({**KEYS, "more": flag(bool(number % 2))})

    thread = threading.Thread(target=flood)
    thread.start()
    children = []
    try:
        for _ in range(12):
            children.append(Child(answering(flags)))
            assert children[-1].ask("?").startswith("True")
    finally:
        stop.set()
        thread.join()
    try:
        version = server.patch({"new-pricing": flag(False)})
        for child in children:
            until(lambda child=child: child.ask("?") == f"False {version}")  # type: ignore[misc]
    finally:
        assert {child.end() for child in children} == {0}


def _serve(flags: Flags, ends: multiprocessing.connection.Connection) -> None:  # type: ignore[name-defined]
    while ends.recv():
        ends.send(flags.boolean("new-pricing", False))


def test_multiprocessing_by_fork(server: FlagStream, flags: Flags) -> None:
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(flags, theirs))
    with warnings.catch_warnings():
        process.start()
    until(lambda: server.connected == 2)
    version = server.patch({"new-pricing": flag(False)})
    until(lambda: len(server.confirmed(version)) == 2)
    ours.send(True)
    assert ours.recv() is False
    ours.send(False)
    process.join(PATIENCE)
    assert process.exitcode == 0
    goodbye = until(lambda: [a for a in server.acknowledgements if a.get("closing")])
    assert goodbye[0]["forked_from"] and goodbye[0]["counts"] == [["new-pricing", "off", 1]]


def test_a_program_started_by_fork_and_exec_is_no_client(server: FlagStream, flags: Flags) -> None:
    for _ in range(3):
        subprocess.run([sys.executable, "-S", "-c", "pass"], check=True, preexec_fn=lambda: None)
    version = server.patch({"new-pricing": flag(False)})
    until(lambda: server.confirmed(version))
    assert len(server.requests) == 1


def test_a_file_is_watched_in_a_forked_process(tmp_path: Path) -> None:
    path = tmp_path / "flags.json"
    path.write_text(json.dumps({"flags": {"new-pricing": flag(True)}}))
    flags = from_file(str(path), every=0.02)
    child = Child(answering(flags))
    try:
        assert child.ask("?").startswith("True")
        path.write_text(json.dumps({"flags": {"new-pricing": flag(False)}}))
        until(lambda: child.ask("?").startswith("False"))
    finally:
        assert child.end() == 0
        flags.close()


GUNICORN = """
from andon.flags.client import connect
flags = connect({address!r}, name="gunicorn")
flags.wait_ready(60)
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(flags.boolean("new-pricing", False)).encode()]
"""


def test_gunicorn_that_loads_before_it_forks(server: FlagStream, tmp_path: Path) -> None:
    pytest.importorskip("gunicorn", reason="gunicorn is not installed")
    (tmp_path / "shop.py").write_text(GUNICORN.format(address=server.address))
    with socket.create_server(("127.0.0.1", 0)) as free:
        bind = f"fd://{free.fileno()}"
        words = ["-m", "gunicorn", "--preload", "-w", "3", "-b", bind, "--chdir", str(tmp_path), "shop"]
        process = subprocess.Popen(
            [sys.executable, *words],
            pass_fds=(free.fileno(),),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            until(lambda: server.connected == 4)
            version = server.patch({"new-pricing": flag(False)})
            until(lambda: len(server.confirmed(version)) == 4)
            with socket.create_connection(free.getsockname()) as asked:
                asked.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                with asked.makefile("rb") as answer:
                    assert b"False" in answer.read()
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
