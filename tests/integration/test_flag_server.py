"""A flag server over loopback: what it streams, keeps, counts and refuses."""

from __future__ import annotations

import errno
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import pytest

from andon.server import flag_changes
from andon.server.flag_access import Access
from tests.acceptance.shop import wait_for
from tests.flag_server import PATIENCE, Running, running_server, switch

HOSTILE = 'b/c %41 é\n"\x1b[31m'


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with running_server(tmp_path, {"a": switch(), HOSTILE: switch()}) as running:
        yield running


def version_of(server: Running) -> int:
    return int(server.ask("GET", "/flags/v1/flags")[1]["version"])


# ---- streams


def test_a_stream_begins_with_the_set_and_goes_on_with_every_change(server: Running) -> None:
    with server.stream("p1") as events:
        whole = events.next("put")
        assert set(whole.data["flags"]) == {"a", HOSTILE}
        assert whole.number == str(whole.data["version"])
        version = server.put("a", incident="INC-7", by="mina")
        patch = events.next("patch")
    assert patch.data["previous"] == whole.data["version"]
    assert patch.data["version"] == version == int(patch.number)
    assert list(patch.data["flags"]) == ["a"]
    assert patch.data["operation"] == "op-a"
    assert patch.data["flags"]["a"]["defaultVariant"] == "off"
    assert patch.data["flags"]["a"]["metadata"]["killIncident"] == "INC-7"


def test_who_comes_back_gets_what_it_missed_and_nothing_else(server: Running) -> None:
    with server.stream("p1") as events:
        before = events.next("put").data["version"]
    server.put("a")
    last = server.put(HOSTILE)
    with server.stream("p1", Last_Event_ID=str(before)) as events:
        assert [events.next().name, events.next().name] == ["patch", "patch"]
    with server.stream("p1", Last_Event_ID=str(last)) as events:
        assert events.next().name == "ping"
    for nonsense in ("x", "9" * 30):
        with server.stream("p1", Last_Event_ID=nonsense) as events:
            assert events.next().data["version"] == last, nonsense
    for foreign in ("17", str(last + 5)):  # of a state that was lost: who has it keeps it
        with server.stream("p2", Last_Event_ID=foreign) as events:
            assert (events.next("ping").data, foreign) == ({"version": 1}, foreign)


def test_taking_a_kill_away_gives_back_the_very_flag(server: Running) -> None:
    before = server.ask("GET", "/flags/v1/flags")[1]["document"]["flags"]
    server.put("a")
    status, answer, _ = server.ask("DELETE", "/flags/v1/overrides/kill/a?operation=op-2")
    assert (status, answer["changed"]) == (200, True)
    assert server.ask("GET", "/flags/v1/flags")[1]["document"]["flags"] == before
    again = server.ask("DELETE", "/flags/v1/overrides/kill/a?operation=op-2")[1]
    assert (again["version"], again["changed"]) == (answer["version"], False)


def test_the_same_override_twice_is_one_version(server: Running) -> None:
    first = server.put("a")
    with server.stream("p") as events:
        events.next("put")
        assert server.put("a") == first
        other = server.put("a", reason="another reason")
        assert events.next("patch").data["version"] == other > first


def test_a_flag_with_any_key_can_be_killed_and_given_back(server: Running) -> None:
    server.put(HOSTILE)
    path = "/flags/v1/overrides/kill/b%2Fc%20%2541%20%C3%A9%0A%22%1B%5B31m"
    assert server.ask("DELETE", path)[1]["changed"] is True
    assert server.ask("DELETE", "/flags/v1/overrides/kill/%FF")[0] == 404


@pytest.mark.parametrize(
    ("change", "status", "word"),
    [
        ({"flag": "nope"}, 404, "no flag nope"),
        ({"variant": "maybe"}, 400, "no variant 'maybe'"),
        ({"layer": "top"}, 400, "layer"),
        ({"percent": 101}, 400, "percent"),
        ({"operation": ""}, 400, "operation"),
        ({"flag": 7}, 400, "flag"),
    ],
)
def test_an_override_that_cannot_work_is_refused(
    server: Running, change: dict[str, object], status: int, word: str
) -> None:
    before = version_of(server)
    override = {"flag": "a", "layer": "kill", "variant": "off", "operation": "o", **change}
    got, answer, _ = server.ask("PUT", "/flags/v1/overrides", override)
    assert got == status
    assert word in answer["error"]["message"]
    assert version_of(server) == before


def full(_end: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_what_cannot_be_kept_is_not_in_force_and_not_streamed(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    with server.stream("p1") as events:
        before = events.next("put").data["version"]
        monkeypatch.setattr(flag_changes, "_to_disk", full)
        override = {"flag": "a", "layer": "kill", "variant": "off", "operation": "o"}
        status, answer, _ = server.ask("PUT", "/flags/v1/overrides", override)
        assert (status, answer["error"]["kind"]) == (503, "Unavailable")
        assert "df " in answer["error"]["remedy"]
        told = server.ask("GET", "/flags/v1/flags")[1]
        assert (told["version"], told["overrides"]) == (before, [])
        monkeypatch.undo()
        version = server.put("a")
        assert events.next("patch").data["version"] == version


# ---- confirmations


def test_confirmations_come_as_soon_as_everybody_has_it(server: Running) -> None:
    with server.stream("p1") as one, server.stream("p2") as two, ThreadPoolExecutor(1) as pool:
        one.next("put"), two.next("put")
        version = server.put("a")
        asked = pool.submit(server.ask, "GET", f"/flags/v1/confirmations/{version}?wait=30")
        one.next("patch"), two.next("patch")
        server.acknowledge("p1", version)
        server.acknowledge("p2", version)
        status, found, _ = asked.result(PATIENCE)
    assert status == 200
    assert (found["connected"], found["confirmed"], found["silent"]) == (2, 2, [])
    assert found["slowest"] in ("name-p1", "name-p2")
    assert 0 < found["milliseconds"] < 1000 * PATIENCE


def test_the_silent_are_named_and_who_vanished_is_one_of_them(server: Running) -> None:
    with server.stream("p1") as one, server.stream("p2") as two:
        one.next("put"), two.next("put")
        with server.stream("p3") as gone, server.stream("p4") as closing:
            gone.next("put"), closing.next("put")
            server.acknowledge("p4", 0, closing=True)
        wait_for(lambda: server.ask("GET", "/flags/v1/health")[1]["connected"] == 2, "two to leave")
        version = server.put("a")
        server.acknowledge("p1", version)
        found = server.ask("GET", f"/flags/v1/confirmations/{version}?wait=0.05")[1]
    assert (found["connected"], found["confirmed"]) == (3, 1)
    assert found["silent"][0] == "name-p2"
    assert found["silent"][1].startswith("name-p3 (connection lost")


def test_a_process_that_starts_after_a_kill_does_not_count_as_slow(server: Running) -> None:
    version = server.put("a")
    with server.stream("late") as events:
        events.next("put")
        server.acknowledge("late", version)
        found = server.ask("GET", f"/flags/v1/confirmations/{version}?wait=1")[1]
    assert (found["connected"], found["confirmed"], found["milliseconds"]) == (1, 1, 0.0)


def test_a_version_that_was_never_sent_is_not_found(server: Running) -> None:
    for version in ("9999999999999", "x", "1e3", "-1"):
        assert server.ask("GET", f"/flags/v1/confirmations/{version}?wait=0")[0] == 404
    assert server.ask("GET", f"/flags/v1/confirmations/{version_of(server)}?wait=nan")[0] == 400


def test_a_client_with_a_newer_set_is_told_of_and_how_to_go_on(server: Running) -> None:
    ahead = version_of(server) + 1000
    with server.stream("p1", Last_Event_ID=str(ahead)) as events:
        events.next("ping")
        health = server.ask("GET", "/flags/v1/health")[1]
    assert health["status"] == "degraded"
    assert f"--after {ahead}" in health["findings"][0]


# ---- over a restart


def test_overrides_versions_counts_and_processes_survive_a_restart(tmp_path: Path) -> None:
    with running_server(tmp_path, {"a": switch()}) as server, server.stream("p1") as events:
        events.next("put")
        version = server.put("a")
        server.acknowledge("p1", version, counts=[["a", "off", 3], ["gone", "", 2]])
    with running_server(tmp_path) as server:
        told = server.ask("GET", "/flags/v1/flags")[1]
        assert (told["version"], told["overrides"][0]["flag"]) == (version, "a")
        assert told["document"]["flags"]["a"]["defaultVariant"] == "off"
        found = server.ask("GET", f"/flags/v1/confirmations/{version}?wait=0")[1]
        assert found["silent"][0].startswith("name-p1"), "nobody knows yet whether it came back"
        used = server.ask("GET", "/flags/v1/usage")[1]
        assert used["counts"]["a"]["off"][0] == 3
        assert used["unknown"]["gone"][0] == 2
        with server.stream("p1", Last_Event_ID=str(version)) as events:
            assert events.next().name == "ping"
            assert server.ask("GET", f"/flags/v1/confirmations/{version}?wait=0")[1]["confirmed"] == 1


def test_definitions_that_changed_meanwhile_are_another_version(tmp_path: Path) -> None:
    with running_server(tmp_path, {"a": switch()}) as server:
        before = version_of(server)
    with running_server(tmp_path, {"a": switch(), "b": switch()}) as server:
        assert version_of(server) > before


def test_numbers_can_be_made_to_go_on_above_what_clients_have(tmp_path: Path) -> None:
    with running_server(tmp_path, {"a": switch()}, after=10**15) as server:
        assert version_of(server) == 10**15 + 1


# ---- the file of definitions


def test_a_change_of_the_file_is_streamed_and_a_broken_one_changes_nothing(server: Running) -> None:
    with server.stream("p1") as events:
        events.next("put")
        server.put("a")
        events.next("patch")
        server.file.write_text('{"flags": {\n"a": ')
        wait_for(lambda: server.ask("GET", "/flags/v1/health")[1]["findings"], "a finding")
        finding = server.ask("GET", "/flags/v1/health")[1]["findings"][0]
        assert f"{server.file}:" in finding and "last good" in finding
        assert server.told == [finding]
        server.file.write_text(
            json.dumps({"flags": {"a": switch(defaultVariant="on", metadata={"owner": "x"})}})
        )
        patch = events.next("patch")
    assert patch.data["removed"] == [HOSTILE]
    assert patch.data["flags"]["a"]["defaultVariant"] == "off", "it is still killed"
    wait_for(lambda: not server.ask("GET", "/flags/v1/health")[1]["findings"], "the finding to go")


def test_what_no_patch_can_carry_comes_as_a_whole_set(server: Running) -> None:
    with server.stream("p1") as events:
        events.next("put")
        server.file.write_text(json.dumps({"flags": {"a": switch()}, "metadata": {"team": "shop"}}))
        assert events.next("put", "patch").data["metadata"] == {"team": "shop"}


def test_a_kill_that_stands_above_nothing_any_more_is_told_of(server: Running) -> None:
    server.put("a")
    server.file.write_text(json.dumps({"flags": {"b": switch()}}))
    wait_for(lambda: server.ask("GET", "/flags/v1/health")[1]["findings"], "a finding")
    assert "'a'" in server.ask("GET", "/flags/v1/health")[1]["findings"][0]
    server.file.write_text(json.dumps({"flags": {"a": switch(), "b": switch()}}))
    wait_for(lambda: not server.ask("GET", "/flags/v1/health")[1]["findings"], "the finding to go")
    flags = server.ask("GET", "/flags/v1/flags")[1]["document"]["flags"]
    assert flags["a"]["defaultVariant"] == "off", "the kill was not forgotten"


def test_a_server_starts_with_the_last_good_definitions_when_the_file_is_broken(tmp_path: Path) -> None:
    with running_server(tmp_path, {"a": switch()}) as server:
        version = server.put("a")
    (tmp_path / "flags.json").write_text("{")
    with running_server(tmp_path) as server:
        assert version_of(server) == version
        assert "last good" in server.ask("GET", "/flags/v1/health")[1]["findings"][0]


def test_overrides_beside_the_file_are_told_of_because_they_are_not_obeyed(server: Running) -> None:
    beside = server.file.with_name("flags.json.overrides.json")
    beside.write_text("{}")
    wait_for(lambda: server.ask("GET", "/flags/v1/health")[1]["findings"], "a finding")
    assert "[flags] server" in server.ask("GET", "/flags/v1/health")[1]["findings"][0]
    beside.unlink()
    wait_for(lambda: not server.ask("GET", "/flags/v1/health")[1]["findings"], "the finding to go")


# ---- who may do what

ADMIN, READ = "admin-token-of-this-test", "read-token-of-this-test"


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Running]:
    with running_server(tmp_path, {"a": switch()}, access=Access(admin=ADMIN, read=READ)) as running:
        yield running


@pytest.mark.parametrize(
    ("method", "path", "reading"),
    [
        ("GET", "/flags/v1/flags", 200),
        ("GET", "/flags/v1/usage", 200),
        ("GET", "/flags/v1/processes", 403),
        ("GET", "/flags/v1/confirmations/1", 403),
        ("DELETE", "/flags/v1/overrides/kill/a", 403),
        ("POST", "/ofrep/v1/evaluate/flags", 400),
    ],
)
def test_a_token_opens_what_it_is_for(guarded: Running, method: str, path: str, reading: int) -> None:
    assert guarded.ask(method, path)[0] == 401
    assert guarded.ask(method, path, Authorization="Bearer wrong")[0] == 401
    assert guarded.ask(method, path, Authorization=f"Bearer {READ[:-1]}")[0] == 401
    assert guarded.ask(method, path, Authorization=f"Bearer {READ}")[0] == reading or reading == 400
    assert guarded.ask(method, path, Authorization=f"Bearer {ADMIN}")[0] not in (401, 403)
    assert guarded.ask(method, path, X_API_Key=ADMIN)[0] not in (401, 403)


def test_who_only_reads_does_not_see_layers_or_findings(guarded: Running) -> None:
    guarded.ask(
        "PUT",
        "/flags/v1/overrides",
        {"flag": "a", "layer": "kill", "variant": "off", "operation": "o", "reason": "secret plan"},
        Authorization=f"Bearer {ADMIN}",
    )
    told = guarded.ask("GET", "/flags/v1/flags", Authorization=f"Bearer {READ}")
    assert "secret plan" not in json.dumps(told[1])
    assert (
        guarded.ask("GET", "/flags/v1/flags", Authorization=f"Bearer {READ}", If_None_Match=told[2]["etag"])[
            0
        ]
        == 304
    )
    assert (
        guarded.ask("GET", "/flags/v1/flags", Authorization=f"Bearer {ADMIN}", If_None_Match=told[2]["etag"])[
            0
        ]
        == 200
    )
    assert guarded.ask("GET", "/flags/v1/health")[1] == {"status": "ok"}


def test_without_a_token_a_web_page_under_another_name_is_refused(server: Running) -> None:
    assert server.ask("GET", "/flags/v1/flags", Host="evil.example:8014")[0] == 403
    assert server.ask("GET", "/flags/v1/flags", Host=f"localhost:{server.port}")[0] == 200
    assert server.ask("GET", "/flags/v1/flags", Host=f"[::1]:{server.port}")[0] == 200
    plain = server.ask("POST", "/flags/v1/acknowledgements", b"{}", Content_Type="text/plain")
    assert plain[0] == 415, "what a page may send without asking first is not taken"


# ---- bad requests


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'{"process": "x y"}', 400),
        (b'{"process": "p", "version": -1}', 400),
        (b'{"process": "p", "version": 9007199254740992}', 400),
        (b'{"process": "p", "version": true}', 400),
        (b'{"process": "p", "version": NaN}', 400),
        (b'{"process": "p", "counts": {}}', 400),
        (b'{"process": "p", "counts": [' + b"[" * 5000 + b"]" * 5000 + b"]}", 400),
        (b"[" * 200_000, 400),
        (b'"' + b"x" * (1 << 20) + b'"', 413),
        (
            b'{"process": "p", "counts": [["a", "on", 1e400], ["a"], 7, ["a", "on", -5], ["a", "on", true]]}',
            204,
        ),
    ],
)
def test_an_acknowledgement_that_makes_no_sense_changes_nothing(
    server: Running, body: bytes, status: int
) -> None:
    assert server.ask("POST", "/flags/v1/acknowledgements", body)[0] == status
    assert server.ask("GET", "/flags/v1/usage")[1]["counts"] == {}


def test_a_head_that_never_ends_is_cut_off(server: Running) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as end:
        end.sendall(b"GET / HTTP/1.1\r\nx: ")
        try:
            for _ in range(2000):
                end.sendall(b"y" * 1000)
            answer = end.recv(100)
        except ConnectionError:
            return  # cut off while we were still sending
        assert answer.startswith(b"HTTP/1.1 431") or answer == b""


def test_counting_is_bounded_whatever_a_client_sends(server: Running) -> None:
    counts = [[f"made-up-{number}", "v", 1] for number in range(2000)] + [
        ["a", f"v{n}", 1] for n in range(2000)
    ]
    server.acknowledge("p", 0, counts=counts)
    used = server.ask("GET", "/flags/v1/usage")[1]
    assert list(used["counts"]["a"]) == [""], "variants that are not there count together"
    assert len(used["unknown"]) == 500


def exchange(end: socket.socket, *pieces: bytes) -> bytes:
    """Send pieces one by one and return what comes back."""
    for piece in pieces:
        end.sendall(piece)
    return end.recv(65536)


def test_confirmations_are_answered_in_any_company_on_one_connection(server: Running) -> None:
    plain = (
        b"POST /flags/v1/acknowledgements HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    )
    body = b'{"process": "p1", "counts": [["a", "on", 1]]}'
    sent = plain + b"Content-Length: %d\r\n\r\n" % len(body) + body
    other = b"GET /flags/v1/usage HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as end:
        assert exchange(end, sent).startswith(b"HTTP/1.1 204")
        assert b'"on":[1,' in exchange(end, other)
        assert exchange(end, sent).startswith(b"HTTP/1.1 204")
        end.sendall(sent[:70])  # in two pieces it goes the usual way
        wait_for(lambda: server.ask("GET", "/flags/v1/health")[0] == 200, "the server")
        assert exchange(end, sent[70:]).startswith(b"HTTP/1.1 204")
        assert exchange(end, sent.replace(b"localhost", b"evil.example")).startswith(b"HTTP/1.1 403")
        assert b'"on":[3,' in exchange(end, other)
    used = server.ask("GET", "/flags/v1/usage")[1]["counts"]["a"]["on"][0]
    assert used == 3


def test_a_confirmation_inside_the_body_of_another_request_is_none(server: Running) -> None:
    inner = (
        b"POST /flags/v1/acknowledgements HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b'Content-Length: 17\r\n\r\n{"process": "in"}'
    )
    head = b"GET /flags/v1/usage HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(inner)
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as end:
        assert exchange(end, head).startswith(b"HTTP/1.1 200"), "answered before its body came"
        end.sendall(inner)
        assert exchange(end, b"GET /flags/v1/usage HTTP/1.1\r\nHost: localhost\r\n\r\n").startswith(
            b"HTTP/1.1 200"
        )
    known = server.ask("GET", "/flags/v1/processes")[1]["processes"]
    assert known == []


# ---- slow, and many


def test_who_does_not_read_is_dropped_and_the_others_do_not_wait(tmp_path: Path) -> None:
    heavy = {"state": "ENABLED", "variants": {"on": "x" * 200_000, "off": ""}, "defaultVariant": "on"}
    with running_server(tmp_path, {"a": switch(), "heavy": heavy}) as server, server.stream("quick") as quick:
        quick.next("put")
        with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as lazy:
            lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            lazy.sendall(b"GET /flags/v1/stream HTTP/1.1\r\nHost: localhost\r\nAndon-Process: lazy\r\n\r\n")
            wait_for(lambda: server.ask("GET", "/flags/v1/health")[1]["streams"] == 2, "both streams")
            for number in range(60):
                server.put("heavy", reason=str(number), operation=str(number))
                quick.next("patch")
                if server.ask("GET", "/flags/v1/health")[1]["dropped"]:
                    break
            health = server.ask("GET", "/flags/v1/health")[1]
            assert (health["dropped"], health["streams"]) == (1, 1)


def test_it_stops_at_once_with_many_open_streams(tmp_path: Path) -> None:
    ends = []
    with running_server(tmp_path, {"a": switch()}) as server:
        for number in range(300):
            connection = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
            connection.request("GET", "/flags/v1/stream", headers={"Andon-Process": f"p{number}"})
            ends.append(connection)
        wait_for(lambda: server.ask("GET", "/flags/v1/health")[1]["streams"] == 300, "every stream")
        began = time.monotonic()
    took = time.monotonic() - began
    for connection in ends:
        connection.close()
    assert took < 3, f"it took {took:.1f} s"


def test_who_hangs_up_in_the_middle_of_a_request_is_no_bug(
    server: Running, capfd: pytest.CaptureFixture[str]
) -> None:
    """A process that dies while it confirms, or a scanner of ports, fills nobody's terminal."""
    head = "HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n"
    for what in (
        "PUT /flags/v1/overrides",
        "POST /flags/v1/acknowledgements",
        "POST /ofrep/v1/evaluate/flags",
    ):
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as connection:
            connection.sendall(f"{what} {head}{{".encode())
            time.sleep(0.02)  # else the head goes with the end
    assert server.put("a")
    assert "bug" not in capfd.readouterr().err
