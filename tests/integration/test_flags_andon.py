"""The adapter of Andon's own flag system: over a server, and over a file with overrides beside it."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from andon.config.model_production import FlagSystemConfig
from andon.errors import InvalidInput, NotFound, Unavailable
from andon.flags.overrides import Override, effective
from andon.production.flag_overrides_file import FlagsInFile
from andon.production.flag_systems import flag_system_for
from andon.production.flags_andon import FlagServerSystem, open_system
from andon.server.flag_access import Access
from tests.flag_server import Running, running_server, switch

FLAGS = {
    "a": switch(metadata={"owner": "shop", "kind": "ops", "covers": "checkout"}),
    "b/c %41": switch(targeting={"if": [True, "on"]}),
}
KILL = Override(flag="a", layer="kill", variant="off", operation="op-1", incident="INC-7")
ROLLOUT = Override(flag="a", layer="rollout", variant="on", percent=5, operation="op-2")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with running_server(tmp_path, FLAGS, access=Access(admin="admin-token", read="read-token")) as running:
        yield running


@pytest.fixture(params=["server", "file"])
def system(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    if request.param == "file":
        (tmp_path / "flags.json").write_text(json.dumps({"flags": FLAGS}))
        yield FlagsInFile(str(tmp_path / "flags.json"))
        return
    made = FlagServerSystem(request.getfixturevalue("server").address, "admin-token")
    yield made
    made.close()


def silent(_told: str) -> None:
    """Tell nobody."""


def test_flags_are_seen_as_they_stand(system: Any) -> None:
    first, second = system.flags()
    assert (first.key, first.owner, first.covers, first.purpose_kind) == ("a", "shop", "checkout", "ops")
    assert (first.state, second.state) == ("on for everybody", "by its rules, else on")
    assert second == system.find("b/c %41")
    assert first.definition == FLAGS["a"]


def test_a_kill_above_a_rollout_and_back(system: Any) -> None:
    system.put(ROLLOUT)
    assert system.find("a").state == "on for 5 %"
    version = system.put(KILL)
    assert system.put(KILL) == version, "the same act happens once"
    seen = system.find("a")
    assert (seen.kill, seen.rollout, seen.state) == (KILL, ROLLOUT, "killed: off in INC-7")
    assert int(system.take("a", "kill", "op-3")) > int(version)
    assert system.find("a").state == "on for 5 %"
    system.take("a", "kill", "op-3")
    system.take("a", "rollout", "op-4")
    assert system.find("a").state == "on for everybody"


def test_what_is_not_there_or_cannot_work_is_said(system: Any) -> None:
    for act in (
        lambda: system.find("nope"),
        lambda: system.take("nope", "kill", "o"),
        lambda: system.put(Override(flag="nope", layer="kill", variant="off", operation="o")),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(InvalidInput, match="no variant 'x'"):
        system.put(Override(flag="a", layer="kill", variant="x", operation="o"))


def test_keys_with_any_characters_can_be_switched(system: Any) -> None:
    system.put(Override(flag="b/c %41", layer="kill", variant="off", operation="o"))
    assert system.find("b/c %41").kill is not None
    system.take("b/c %41", "kill", "o2")
    assert system.find("b/c %41").kill is None


def test_since_when_a_flag_is_killed_is_told(system: Any) -> None:
    now = datetime.now(UTC)
    system.put(Override(flag="a", layer="kill", variant="off", operation="o", at=now.isoformat()))
    assert system.find("a").state == f"killed: off since {now:%H:%M}"
    system.put(Override(flag="a", layer="kill", variant="off", operation="p", at="2026-01-02T03:14:00Z"))
    assert system.find("a").state == "killed: off since 2026-01-02 03:14"


# ---- over a server


def test_who_confirmed_is_told_while_it_goes_on(server: Running) -> None:
    system = FlagServerSystem(server.address, "admin-token")
    told: list[str] = []
    header = {"Authorization": "Bearer read-token"}
    with server.stream("p1", **header) as one, server.stream("p2", **header) as two:
        one.next("put"), two.next("put")
        version = system.put(KILL)
        confirm(server, "p1", int(version))
        with ThreadPoolExecutor(1) as pool:
            found = pool.submit(system.confirmations, version, 20.0, lambda t: (told.append(t), go.set()))
            go = threading.Event()
            assert go.wait(10)
            confirm(server, "p2", int(version))
            confirmed = found.result(10)
        assert (confirmed.connected, confirmed.confirmed, confirmed.silent) == (2, 2, ())
        assert confirmed.milliseconds > 0 and confirmed.slowest == "name-p2"
        later = system.put(ROLLOUT)
        assert system.confirmations(later, 0.1, silent).silent == ("name-p1", "name-p2")
    assert told == ["1 of 2 processes confirmed"]
    system.close()


def confirm(server: Running, process: str, version: int) -> None:
    body = {"process": process, "name": f"name-{process}", "version": version, "counts": [["a", "off", 2]]}
    path = "/flags/v1/acknowledgements"
    assert server.ask("POST", path, body, Authorization="Bearer read-token")[0] == 204


def test_what_was_served_is_known(server: Running) -> None:
    confirm(server, "p1", 0)
    confirm(server, "p2", 0)
    system = FlagServerSystem(server.address, "admin-token")
    (used,) = system.usage()
    system.close()
    assert (used.key, used.variant, used.count) == ("a", "off", 4)
    assert used.last_at is not None and used.since is not None and used.since <= used.last_at


@pytest.mark.parametrize("token", ["", "read-token", "wrong", "with\nnewline", "é"])
def test_a_token_that_does_not_switch_is_explained_and_not_shown(server: Running, token: str) -> None:
    system = FlagServerSystem(server.address, token)
    for act in (system.flags, lambda: system.put(KILL)):
        with pytest.raises(Unavailable) as problem:
            act()
        assert "ANDON_FLAGS_TOKEN" in problem.value.remedy
        assert not token or token not in f"{problem.value} {problem.value.remedy}"
    system.close()


def test_a_server_on_this_machine_that_asks_for_no_token_needs_no_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOP_FLAGS", raising=False)
    with running_server(tmp_path, FLAGS) as open_to_all:
        system = open_system(FlagSystemConfig(server=open_to_all.address, token="$SHOP_FLAGS"), "")
        assert isinstance(system, FlagServerSystem) and len(system.flags()) == 2
        system.close()


def test_the_variable_that_is_configured_is_the_one_that_is_named(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOP_FLAGS", raising=False)
    system = open_system(FlagSystemConfig(server=server.address, token="$SHOP_FLAGS"), "")
    with pytest.raises(Unavailable, match="a token is needed") as problem:
        system.flags()
    assert isinstance(system, FlagServerSystem) and "export SHOP_FLAGS=..." in problem.value.remedy
    system.close()
    with pytest.raises(Unavailable, match="SHOP_FLAGS is not set"):
        open_system(FlagSystemConfig(server="https://flags.example.com", token="$SHOP_FLAGS"), "")


def test_a_connection_that_went_stale_is_opened_anew(tmp_path: Path) -> None:
    with running_server(tmp_path, FLAGS) as server:
        system = FlagServerSystem(server.address)
        system.flags()
        assert system._connection is not None and system._connection.sock is not None
        system._connection.sock.shutdown(socket.SHUT_RDWR)
        assert len(system.flags()) == 2
    with pytest.raises(Unavailable, match="does not answer") as problem:
        system.flags()
    assert problem.value.remedy == (
        "is it running? andon flags serve prints its address; "
        f"here it is {server.address}: server under [flags] in andon.toml"
    )
    with pytest.raises(Unavailable):
        system.confirmations("1", 0.1, silent)
    system.close()


def answering(content: bytes) -> Callable[[socket.socket], None]:
    """Return what answers every connection with these bytes."""

    def answer(listening: socket.socket) -> None:
        while True:
            try:
                end, _ = listening.accept()
            except OSError:
                return
            with end:
                end.recv(65536)
                end.sendall(content)

    return answer


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]",
        b'HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n{"definitions":7}',
        b'HTTP/1.1 500 Oh\r\ncontent-length: 12\r\n\r\n{"error": 7}',
        b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n" + b"[" * 100_000,
        b"HTTP/1.1 302 Found\r\nlocation: http://elsewhere/\r\ncontent-length: 0\r\n\r\n",
    ],
)
def test_what_is_no_flag_server_is_unavailable_not_a_bug(content: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=answering(content), args=(listening,), daemon=True)
        thread.start()
        system = FlagServerSystem(f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=5)
        for act in (
            system.flags,
            system.usage,
            lambda: system.put(KILL),
            lambda: system.confirmations("1", 0.0, silent),
        ):
            with pytest.raises(Unavailable):
                act()
        system.close()
        listening.shutdown(socket.SHUT_RDWR)


def test_a_refusal_without_a_way_out_leads_to_the_server_itself() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        refuses = answering(b"HTTP/1.1 500 Oh\r\ncontent-length: 2\r\n\r\n{}")
        threading.Thread(target=refuses, args=(listening,), daemon=True).start()
        system = FlagServerSystem(f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=5)
        with pytest.raises(Unavailable, match="it answered 500") as problem:
            system.flags()
        system.close()
        listening.shutdown(socket.SHUT_RDWR)
    assert problem.value.remedy.startswith("the output of andon flags serve; here it is http://127.0.0.1:")


# ---- over a file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "flags.json"
    path.write_text(json.dumps({"flags": FLAGS}))
    return path


def test_the_overrides_lie_beside_the_flags_which_nobody_touches(file: Path) -> None:
    before = file.read_bytes()
    system = FlagsInFile(str(file))
    version = system.put(KILL)
    kept = json.loads((file.parent / "flags.json.overrides.json").read_text())
    assert (str(kept["version"]), kept["overrides"][0]["flag"]) == (version, "a")
    assert file.read_bytes() == before
    found = system.confirmations(version, 5, silent)
    assert (found.can_confirm, found.connected) == (False, 0)
    assert system.usage() == ()
    assert effective(FLAGS["a"], [KILL])["defaultVariant"] == "off"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 1}', '{"version": 1, "overrides": [7]}'])
def test_damaged_overrides_are_never_written_over(file: Path, content: str) -> None:
    beside = file.parent / "flags.json.overrides.json"
    beside.write_text(content)
    system = FlagsInFile(str(file))
    for act in (system.flags, lambda: system.put(KILL), lambda: system.take("a", "kill", "o")):
        with pytest.raises(InvalidInput):
            act()
    assert beside.read_text() == content


def test_many_who_write_at_once_lose_nothing(file: Path) -> None:
    file.write_text(json.dumps({"flags": {f"f{n}": switch() for n in range(16)}}))

    def kill(number: int) -> None:
        FlagsInFile(str(file)).put(
            Override(flag=f"f{number}", layer="kill", variant="off", operation=f"op-{number}")
        )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(kill, range(16)))
    assert all(flag.kill is not None for flag in FlagsInFile(str(file)).flags())


def test_a_file_that_is_not_there_or_not_writable_is_said(file: Path) -> None:
    with pytest.raises(Unavailable):
        FlagsInFile(str(file.parent / "nope.json")).flags()
    (file.parent / "flags.json.overrides.json.lock").mkdir()
    with pytest.raises(Unavailable):
        FlagsInFile(str(file)).put(KILL)


# ---- which one


def test_the_configuration_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOP_TOKEN", raising=False)
    found = flag_system_for(FlagSystemConfig(file="ops/flags.json"), str(tmp_path))
    assert isinstance(found, FlagsInFile) and found.address == os.path.join(tmp_path, "ops/flags.json")
    over = FlagSystemConfig(server="http://user:secret@flags.example.com:8014", token="$SHOP_TOKEN")
    with pytest.raises(Unavailable, match="SHOP_TOKEN"):
        flag_system_for(over, str(tmp_path))
    monkeypatch.setenv("SHOP_TOKEN", "x")
    system = flag_system_for(over, str(tmp_path))
    assert isinstance(system, FlagServerSystem) and "secret" not in system.address
