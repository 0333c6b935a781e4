"""A client beside a server that behaves, misbehaves, vanishes and comes back: the program never notices."""

from __future__ import annotations

import gzip
import json
import random
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from andon.errors import InvalidInput
from andon.flags import processes
from andon.flags.client import Flags, Status, connect, from_file
from tests.fakes.flag_stream import CHUNKED, HEAD, PATIENCE, FlagStream, Request, event, flag, until

KEYS = {"new-pricing": flag(True), "dark-mode": flag(False)}


@contextmanager
def following(server: FlagStream, **more: Any) -> Iterator[Flags]:
    flags = connect(server.address, name="shop", **more)
    try:
        yield flags
    finally:
        flags.close()


@pytest.fixture
def server() -> Iterator[FlagStream]:
    with FlagStream(KEYS, 100) as made:
        yield made


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a client say its goodbye to the end, on a machine that is busy for longer than it would wait."""
    monkeypatch.setattr("andon.flags.stream.FAREWELL", PATIENCE)
    monkeypatch.setattr("andon.flags.client.CLOSING", PATIENCE)


def is_on(flags: Flags) -> bool:
    return flags.boolean("new-pricing", False)


def kill(server: FlagStream) -> int:
    return server.patch({"new-pricing": flag(False)})


# ---- the ordinary course


@pytest.mark.usefixtures("unhurried")
def test_a_kill_is_obeyed_and_acknowledged(server: FlagStream) -> None:
    with following(server, token="s3cret") as flags:
        changed: list[frozenset[str]] = []
        flags.on_change(changed.append)
        assert flags.wait_ready(60) and is_on(flags)
        version = kill(server)
        until(lambda: server.confirmed(version))
        assert not is_on(flags)
        until(lambda: changed and changed[-1] == {"new-pricing"})
        status = flags.status()
        assert (status.source, status.version, status.connected, status.problem) == (
            "stream",
            version,
            True,
            "",
        )
        assert status.age is not None and status.age < PATIENCE
    request = server.requests[0]
    assert request.headers["authorization"] == "Bearer s3cret"
    assert request.headers["andon-process-name"].startswith("shop/")
    last = server.acknowledgements[-1]
    assert last["process"] == request.headers["andon-process"] and len(last["process"]) == 32
    assert last["closing"] is True and last["_headers"]["authorization"] == "Bearer s3cret"


@pytest.mark.usefixtures("unhurried")
def test_acknowledgements_go_over_one_connection_and_say_the_counts_at_the_end(server: FlagStream) -> None:
    with following(server) as flags:
        flags.wait_ready(60)
        for _ in range(3):
            is_on(flags)
        until(lambda: server.confirmed(100))
        version = kill(server)
        until(lambda: server.confirmed(version))
        is_on(flags)
        assert len(server._others) == 2
    told = server.acknowledgements[-1]["counts"]
    assert sorted(told) == [["new-pricing", "off", 1], ["new-pricing", "on", 3]]
    assert [a["counts"] for a in server.acknowledgements[:-1]] == [[], []]


def test_what_is_told_never_holds_the_token(server: FlagStream) -> None:
    with following(server, token="s3cret") as flags:
        flags.wait_ready(60)
        assert "s3cret" not in repr(flags) + str(flags) + repr(flags.status())
        assert server.address in repr(flags) and "version 100" in repr(flags)


def test_a_program_starts_without_a_server(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unheard:  # accepts, and never answers
        begun, address = time.perf_counter(), f"http://127.0.0.1:{unheard.getsockname()[1]}"
        flags = connect(address, keep=str(tmp_path / "kept.json"), silence=2 * PATIENCE)
        try:
            assert flags.boolean("new-pricing", True) is True
            assert not flags.wait_ready(0)
            assert time.perf_counter() - begun < PATIENCE, "it waited for the server"
            status = flags.status()
            assert (status.source, status.version, status.age, status.connected) == (
                "nothing",
                0,
                None,
                False,
            )
            assert "has not answered" in status.problem
        finally:
            flags.close()
    assert not (tmp_path / "kept.json").exists()


def test_a_server_that_refuses_is_named_and_tried_again() -> None:
    with FlagStream() as closed:
        closed.close()
        flags = connect(closed.address)
        try:
            until(lambda: "refused" in flags.status().problem)
            with FlagStream(KEYS, 100, port=closed.port):
                assert flags.wait_ready(60) and is_on(flags) and flags.status().problem == ""
        finally:
            flags.close()


def test_a_program_starts_from_the_last_good_file(server: FlagStream, tmp_path: Path) -> None:
    keep = str(tmp_path / "kept.json")
    with following(server, keep=keep) as flags:
        flags.wait_ready(60)
        version = kill(server)
        until(lambda: server.confirmed(version))
    server.close()
    with following(server, keep=keep, file=str(tmp_path / "none.json")) as flags:
        assert not flags.boolean("new-pricing", True)
        status = flags.status()
        assert (status.source, status.version, status.connected) == ("last-good", version, False)
        assert status.age is not None and 0 <= status.age < PATIENCE


def test_a_damaged_last_good_file_is_said_and_replaced(server: FlagStream, tmp_path: Path) -> None:
    keep, bundled = tmp_path / "kept.json", tmp_path / "flags.json"
    keep.write_text('{"version": 99, "fla')
    bundled.write_text(json.dumps({"flags": {"new-pricing": flag(False)}}))
    server.script = lambda connection, request: True
    with following(server, keep=str(keep), file=str(bundled)) as flags:
        assert not flags.boolean("new-pricing", True)
        status = flags.status()
        assert (status.source, status.version, status.age) == ("file", 0, None)
        assert str(keep) in status.problem
        server.script = None
        assert flags.wait_ready(60) and is_on(flags)
        until(lambda: b"new-pricing" in keep.read_bytes())
        until(lambda: flags.status().problem == "")


def test_a_wrong_address_or_token_is_said_at_once() -> None:
    with pytest.raises(InvalidInput):
        connect("flags:80")
    with pytest.raises(InvalidInput):
        connect("http://127.0.0.1:1", token="two words")


def test_a_closed_client_still_answers_and_is_forgotten(server: FlagStream) -> None:
    with following(server) as flags:
        flags.wait_ready(60)
    assert is_on(flags)
    flags.close()
    assert not flags.status().connected and flags not in processes._open
    until(lambda: "andon-flags" not in {thread.name for thread in threading.enumerate()})


def test_callbacks_may_fail_and_may_close(server: FlagStream) -> None:
    seen: list[Status] = []
    with following(server) as flags:
        flags.on_status(seen.append)
        flags.wait_ready(60)

        def fail(keys: frozenset[str]) -> None:
            raise RuntimeError(keys)

        flags.on_change(fail)
        version = kill(server)
        until(lambda: server.confirmed(version))
        until(lambda: flags.status().callback_errors == 1)
        server.drop()
        until(lambda: any(not status.connected for status in seen))
        until(lambda: flags.status().connected)
        until(lambda: server.connected == 1)
        flags.on_change(lambda keys: flags.close())
        server.patch({"dark-mode": flag(True)})
        until(lambda: "closed" in flags.status().problem)
    assert flags.boolean("dark-mode", False)


# ---- connections that break


def test_a_broken_stream_goes_on_where_it_was(server: FlagStream) -> None:
    with following(server) as flags:
        flags.wait_ready(60)
        until(lambda: server.connected == 1 and server.acknowledgements)
        server.drop()
        until(lambda: len(server.requests) == 2)
        assert server.requests[0].headers.get("last-event-id") is None
        assert server.requests[1].headers["last-event-id"] == "100"
        until(lambda: flags.status().connected)
        until(lambda: len(server.acknowledgements) >= 2)  # this process has what the server has
        assert is_on(flags)


def test_a_stream_that_stalls_is_left(server: FlagStream) -> None:
    with following(server, silence=0.2) as flags:
        seen: list[str] = []
        flags.on_status(lambda status: seen.append(status.problem))
        flags.wait_ready(60)
        until(lambda: len(server.requests) >= 2 and any("stalled" in problem for problem in seen))
        assert is_on(flags)


def test_a_reply_that_never_comes_is_left(server: FlagStream) -> None:
    server.script = lambda connection, request: None
    with following(server, silence=0.1) as flags:
        until(lambda: len(server.requests) >= 2 and "stalled" in flags.status().problem)


def test_a_patch_that_follows_another_version_asks_for_the_whole_set(server: FlagStream) -> None:
    with following(server) as flags:
        flags.wait_ready(60)
        until(lambda: server.connected == 1)
        server.flags = {**KEYS, "new-pricing": flag(False)}
        server.version = 120
        server.send(event("patch", {"version": 121, "previous": 120, "flags": {}}, 121))
        until(lambda: not is_on(flags))
        assert flags.status().version == 120
        assert "last-event-id" not in server.requests[1].headers


def test_a_ping_of_a_version_that_did_not_come_asks_for_the_whole_set(server: FlagStream) -> None:
    with following(server) as flags:
        flags.wait_ready(60)
        until(lambda: server.connected == 1)
        server.flags, server.version = {"new-pricing": flag(False)}, 130
        server.send(event("ping", {"version": 130}))
        until(lambda: not is_on(flags))


def test_a_server_that_restarts_with_an_older_set_does_not_undo_a_kill(server: FlagStream) -> None:
    with following(server) as flags:
        flags.wait_ready(60)
        until(lambda: server.connected == 1)
        version = kill(server)
        until(lambda: server.confirmed(version))
        port = server.port
        server.close()
        with FlagStream(KEYS, 50, port=port) as older:
            until(lambda: "older than" in flags.status().problem)
            assert not is_on(flags) and flags.status().version == version
            assert flags.status().connected
            until(lambda: older.connected == 1)
            older.flags, older.version = {"new-pricing": flag(True)}, version + 10
            older.send(event("patch", {"version": version + 10, "previous": 50, "flags": {}}))
            until(lambda: is_on(flags))
            until(lambda: flags.status().problem == "")


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_a_client_ends_with_the_newest_set(
    server: FlagStream, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Changes, lost connections and lies in any order: never an older set, and the newest in the end."""
    monkeypatch.setattr("andon.flags.pace.GOOD", 0.0)  # every connection counts as a good one: short pauses
    chance = random.Random(seed)
    acts: list[Callable[[], object]] = [
        lambda: server.patch({"new-pricing": flag(chance.random() < 0.5)}),
        lambda: server.patch({f"flag-{chance.randrange(5)}": flag(True)}, (f"flag-{chance.randrange(5)}",)),
        lambda: server.put({**KEYS, f"flag-{chance.randrange(5)}": flag(False)}),
        server.drop,
        lambda: server.send(event("put", {"version": 1, "flags": {}}, 10**9)),
        lambda: server.send(event("patch", {"version": server.version + 1, "previous": 3, "flags": {}})),
        lambda: server.send(event("ping", {"version": server.version + 5})),
        lambda: server.send(b"data: \xff\n\nevent: patch\ndata: {]\n\n"),
        lambda: server.send(b": nothing\r\r\n\n"),
    ]
    with following(server) as flags:
        seen: list[int] = []
        flags.on_change(lambda keys: seen.append(flags.status().version))
        assert flags.wait_ready(60)
        for _ in range(60):
            chance.choice(acts)()
            if chance.random() < 0.2:
                until(lambda: flags.status().connected)
        version = server.patch({"last": flag(True)})
        until(lambda: flags.status().version == version)
        assert seen == sorted(seen)
        assert set(flags.evaluator.keys()) == set(server.flags)
        assert all(flags.evaluator.definition(key) == server.flags[key] for key in server.flags)
        until(lambda: server.confirmed(version))


# ---- what is no flag server


def answer(content: bytes, *, stays: bool = False) -> Any:
    def script(connection: socket.socket, request: Request) -> object:
        connection.sendall(content)
        return None if stays else True

    return script


def put(version: int = 999) -> bytes:
    return event("put", {"version": version, "flags": {"new-pricing": flag(False)}}, version)


HOSTILE = {
    "garbage": (b"\x00\xff" * 500, "does not speak HTTP"),
    "html": (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>" + put(), "no flag server"),
    "gzip": (
        HEAD[:-2] + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(put()),
        "no flag server",
    ),
    "unauthorized": (b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", "does not accept this token"),
    "not found": (b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", "HTTP 404"),
    "error": (b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", "HTTP 503"),
    "redirect": (b"HTTP/1.1 302 No\r\nLocation: http://127.0.0.1:1/\r\n\r\n", "sends elsewhere"),
    "no content": (b"HTTP/1.1 204 No\r\n\r\n", "HTTP 204"),
    "no json": (HEAD + b"event: put\ndata: {\n\n" + put(), "no JSON"),
    "half a set": (HEAD + b'event: put\ndata: {"version": 500, "flags": []}\n\n', "table of flags"),
    "deep": (HEAD + b"event: put\ndata: " + b"[" * 200_000 + b"\n\n", "no JSON"),
    "a lying size": (CHUNKED + b"zz\r\n" + put(), "sizes cannot be read"),
    "an end": (HEAD, "ended the stream"),
    "an escape": (b"HTTP/1.1 200 OK\r\nContent-Type: \x1b[31m\r\n\r\n", "no flag server"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_changes_no_flag_and_is_said(server: FlagStream, name: str) -> None:
    content, words = HOSTILE[name]
    with following(server) as flags:
        flags.wait_ready(60)
        seen: list[str] = []
        flags.on_status(lambda status: seen.append(status.problem))
        until(lambda: server.connected == 1)
        server.script = answer(content)
        server.drop()
        until(lambda: any(words in problem for problem in seen))
        assert is_on(flags) and flags.boolean("dark-mode", True) is False
        assert all(problem.isprintable() for problem in seen)
        server.script = None
        until(lambda: flags.status().connected)


def test_a_line_without_end_is_given_up_in_bounded_memory(
    server: FlagStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("andon.flags.sse.MOST", 1 << 20)
    monkeypatch.setattr("andon.flags.sse.Events.__init__.__defaults__", (1 << 20,))
    with following(server) as flags:
        flags.wait_ready(60)
        server.script = answer(HEAD + b"data: " + b"x" * (3 << 20), stays=True)
        server.drop()
        until(lambda: len(server.requests) >= 3)
        assert is_on(flags)


def test_ten_megabytes_in_one_line_are_read_and_refused(server: FlagStream) -> None:
    with following(server) as flags:
        flags.wait_ready(60)
        seen: list[str] = []
        flags.on_status(lambda status: seen.append(status.problem))
        server.script = answer(HEAD + b"event: put\ndata: " + b"x" * (10 << 20) + b"\n\n", stays=True)
        server.drop()
        until(lambda: any("no JSON" in problem for problem in seen))
        assert is_on(flags)


def test_ids_that_lie_are_not_believed(server: FlagStream) -> None:
    """The version stands in the message; an id beside it decides nothing."""
    with following(server) as flags:
        flags.wait_ready(60)
        until(lambda: server.connected == 1)
        server.send(event("put", {"version": 7, "flags": {}}, 10**12))
        server.send(event("put", {"version": 10**17, "flags": {}}, 101))
        until(lambda: len(server.requests) >= 2)
        assert is_on(flags) and flags.status().version == 100


@pytest.mark.parametrize("head", [HEAD, CHUNKED], ids=["until the end", "chunked"])
def test_a_stream_cut_into_single_bytes(server: FlagStream, head: bytes) -> None:
    whole = event("put", {"version": 100, "flags": KEYS, "metadata": {"of": "ä€"}})
    body = b"".join(b"1\r\n%c\r\n" % byte for byte in whole) if head is CHUNKED else whole

    def script(connection: socket.socket, request: Request) -> None:
        for number in range(len(head + body)):
            connection.sendall((head + body)[number : number + 1])

    server.script = script
    with following(server) as flags:
        assert flags.wait_ready(60) and is_on(flags)


# ---- acknowledgements that fail


@pytest.mark.parametrize("status", [0, 403, 500])
def test_acknowledgements_that_are_not_taken_never_hurt_the_stream(
    server: FlagStream, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("andon.flags.acknowledging.PATIENCE", 2 * PATIENCE)
    server.acknowledgement_status = status
    with following(server) as flags:
        flags.wait_ready(60)
        until(lambda: server.acknowledgements)
        until(lambda: server.connected == 1)
        kill(server)
        until(lambda: not is_on(flags))
        if status:
            until(lambda: f"HTTP {status}" in flags.status().problem)
            server.acknowledgement_status = 204
            until(lambda: server.confirmed(101) and flags.status().problem == "")
        assert flags.status().connected and len(server.requests) == 1
        begun = time.perf_counter()
    assert time.perf_counter() - begun < PATIENCE, "closing waited for the answer"


def test_counts_are_told_now_and_then_and_only_what_is_new(
    server: FlagStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("andon.flags.acknowledging.COUNTS_EVERY", 0.02)
    monkeypatch.setattr("andon.flags.acknowledging.COUNTS_AT_ONCE", 1)

    def told() -> dict[tuple[str, str], int]:
        found: dict[tuple[str, str], int] = {}
        for acknowledgement in list(server.acknowledgements):
            assert len(acknowledgement["counts"]) <= 1
            for key, variant, count in acknowledgement["counts"]:
                found[key, variant] = found.get((key, variant), 0) + count
        return found

    with following(server) as flags:
        flags.wait_ready(60)
        for number in range(1, 4):
            for _ in range(10):
                is_on(flags)
                flags.boolean("dark-mode", False)
            wanted = {("new-pricing", "on"): 10 * number, ("dark-mode", "off"): 10 * number}
            until(lambda wanted=wanted: told() == wanted)  # type: ignore[misc]
        quiet = len(server.acknowledgements)
    assert len(server.acknowledgements) == quiet + 1, "only the goodbye: nothing was new"


def test_counts_that_are_refused_do_not_hold_up_a_version(
    server: FlagStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("andon.flags.acknowledging.COUNTS_EVERY", 0.02)
    with following(server) as flags:
        flags.wait_ready(60)
        until(lambda: server.confirmed(100))
        server.acknowledgement_status = 413
        is_on(flags)
        until(lambda: any(a["counts"] for a in server.acknowledgements))
        until(lambda: "413" in flags.status().problem)
        server.acknowledgement_status = 204
        before = len(server.acknowledgements)
        version = kill(server)
        until(lambda: server.confirmed(version))
        assert not any(a["counts"] for a in server.acknowledgements[before:])


PROGRAM = """
from andon.flags import client, stream
client.EXITING = stream.FAREWELL = {patience}  # it says its goodbye to the end, however busy the machine is
flags = client.connect({address!r}, name="short")
assert flags.wait_ready(60)
flags.boolean("new-pricing", False)
"""


def test_a_program_that_ends_says_goodbye_and_what_it_served(server: FlagStream) -> None:
    words = [sys.executable, "-W", "error", "-c", PROGRAM.format(address=server.address, patience=PATIENCE)]
    ended = subprocess.run(words, capture_output=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")
    last = server.acknowledgements[-1]
    assert last["closing"] and last["counts"] == [["new-pricing", "on", 1]]


def test_a_program_ends_quickly_when_nothing_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unheard:
        address = f"http://127.0.0.1:{unheard.getsockname()[1]}"
        program = f"from andon.flags.client import connect; connect({address!r}, silence={2 * PATIENCE})"
        begun = time.perf_counter()
        ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
        assert (ended.returncode, ended.stderr) == (0, b"")
        assert time.perf_counter() - begun < PATIENCE, "its end waited for the server"


def test_no_thread_to_be_had_is_a_problem_and_no_error(
    server: FlagStream, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("threading.Thread.start", refuse)
    bundled = tmp_path / "flags.json"
    bundled.write_text(json.dumps({"flags": KEYS}))
    for flags in (connect("http://127.0.0.1:1", file=str(bundled)), from_file(str(bundled))):
        assert is_on(flags) and "can't start new thread" in flags.status().problem
        flags.close()


def test_a_system_without_poll(server: FlagStream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("select.poll")
    with following(server) as flags:
        assert flags.wait_ready(60) and is_on(flags)
        version = kill(server)
        until(lambda: server.confirmed(version))
        assert not is_on(flags)


# ---- https


def test_https(tmp_path: Path) -> None:
    from tests.fakes.flag_tls import certificate

    authority, context = certificate(tmp_path)
    with FlagStream(KEYS, 100, tls=context) as server:
        trust = ssl.create_default_context(cafile=authority)
        address = server.address.replace("http://127.0.0.1", "https://localhost")
        flags = connect(address, tls=trust, token="s3cret")
        try:
            assert flags.wait_ready(60) and is_on(flags)
            version = kill(server)
            until(lambda: server.confirmed(version))
            server.put({f"flag-{n}": flag(True) for n in range(5000)})  # longer than a TLS record
            until(lambda: flags.boolean("flag-4999", False))
        finally:
            flags.close()
        untrusting = connect(address, token="s3cret")
        try:
            until(lambda: "CERTIFICATE_VERIFY_FAILED" in untrusting.status().problem)
            assert not is_on(untrusting)
        finally:
            untrusting.close()
