"""`andon flags serve` as a process: killed at any moment it forgets nothing, and it stops in order."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.shop import PATIENCE, Shop, explains, wait_for
from tests.flag_server import switch

TOKEN = "token-of-the-acceptance-test"
MANY = {f"flag-{number}": switch() for number in range(2000)}


def write_flags(shop: Shop, flags: dict[str, Any]) -> None:
    (shop.repository / "flags.json").write_text(json.dumps({"flags": flags}))


@contextmanager
def serving(shop: Shop, *words: str, **extra: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Yield a running server and its port; it is killed at the end when it still runs."""
    process = shop.start("flags", "serve", "--port", "0", "--json", *words, **extra)
    try:
        assert process.stdout is not None and process.stderr is not None
        text = ""
        while "}" not in text:
            line = process.stdout.readline().decode()
            assert line, process.stderr.read().decode()
            text += line
        yield process, int(json.loads(text)["address"].rpartition(":")[2])
    finally:
        process.kill()
        process.communicate()


def ask(port: int, method: str, path: str, body: object = None, token: str = "") -> tuple[int, Any]:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        content = None
        if body is not None:
            headers["Content-Type"], content = "application/json", json.dumps(body)
        connection.request(method, path, content, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read() or b"null")
    finally:
        connection.close()


def test_no_override_that_was_acknowledged_is_lost_when_the_server_is_killed(shop: Shop) -> None:
    write_flags(shop, MANY)
    acknowledged: dict[str, int] = {}
    number = 0
    for round_ in range(4):
        with serving(shop, "--file", "flags.json") as (process, port):
            told = ask(port, "GET", "/flags/v1/flags")[1]
            kept = {one["flag"]: one["version"] for one in told["overrides"]}
            lost = acknowledged.keys() - kept.keys()
            assert not lost, f"round {round_}: {lost}"
            newest = max(acknowledged.values(), default=0)
            assert told["version"] >= newest, "the version went back"
            enough = len(acknowledged) + 5 + 17 * round_

            def kill_switches(port: int, first: int) -> None:
                for flag in (f"flag-{n}" for n in range(first, len(MANY))):
                    override = {"flag": flag, "layer": "kill", "variant": "off", "operation": f"kill {flag}"}
                    try:
                        status, answer = ask(port, "PUT", "/flags/v1/overrides", override)
                    except (OSError, HTTPException, ValueError):
                        return  # killed in the middle: nobody was told that it is in force
                    assert status == 200
                    acknowledged[flag] = answer["version"]

            threads = [
                threading.Thread(target=kill_switches, args=(port, number + 400 * n)) for n in range(2)
            ]
            for thread in threads:
                thread.start()
            wait_for(lambda: len(acknowledged) >= enough, "enough kills")  # noqa: B023
            process.send_signal(signal.SIGKILL)
            process.wait()
            for thread in threads:
                thread.join()
            number += 100


def test_it_stops_in_order_and_says_where_it_is(shop: Shop) -> None:
    write_flags(shop, {"a": switch()})
    for number in (signal.SIGTERM, signal.SIGINT):
        process = shop.start("flags", "serve", "--port", "0", "--file", "flags.json")
        assert process.stdout is not None
        line = process.stdout.readline().decode()
        assert line.startswith("serving flags at http://127.0.0.1:")
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, out, err) == (0, b"", b"")


def test_two_servers_never_share_a_state_and_a_damaged_one_is_never_passed_over(shop: Shop) -> None:
    write_flags(shop, {"a": switch()})
    state = shop.home / "state"
    words = ("--file", "flags.json", "--state", str(state))
    with serving(shop, *words) as (_, port):
        explains(
            shop.andon("flags", "serve", "--port", "0", *words, code=1), "another flag server", "--state"
        )
        override = {"flag": "a", "layer": "kill", "variant": "off", "operation": "o"}
        assert ask(port, "PUT", "/flags/v1/overrides", override)[0] == 200
    changes = state / "changes.log"
    kept = changes.read_bytes()
    for damaged in (kept.replace(b'"off"', b'"on"'), b"x\n" + kept, b"\n"):
        changes.write_bytes(damaged)
        explains(
            shop.quickly("flags", "serve", "--port", "0", *words, code=2), "damaged", "changes.log:1", "mv "
        )
    changes.write_bytes(kept + b"1234 {")  # begun, and never answered
    with serving(shop, *words) as (process, port):
        assert ask(port, "GET", "/flags/v1/flags")[1]["overrides"][0]["flag"] == "a"
        process.send_signal(signal.SIGTERM)
        assert b"not finished" in process.communicate(timeout=PATIENCE)[1]
    kept = state / "state.json"
    for damaged in (b"", b"{", kept.read_bytes().replace(b'"off"', b'"on"'), b"[" * 100_000):
        kept.write_bytes(damaged)
        explains(
            shop.quickly("flags", "serve", "--port", "0", *words, code=2), "damaged", "state.json", "mv "
        )
    kept.unlink()
    explains(shop.quickly("flags", "serve", "--port", "0", *words, code=2), "it is gone")
    state.rename(shop.home / "aside")
    with serving(shop, *words) as (_, port):
        assert ask(port, "GET", "/flags/v1/flags")[1]["overrides"] == []


def test_without_a_token_it_listens_on_loopback_only_and_tokens_are_never_shown(shop: Shop) -> None:
    write_flags(shop, {"a": switch()})
    words = ("flags", "serve", "--port", "0", "--file", "flags.json")
    refused = shop.quickly(*words, "--host", "0.0.0.0", code=1)
    explains(refused, "without a token", "ANDON_FLAGS_TOKEN")
    explains(shop.quickly(*words, ANDON_FLAGS_READ_TOKEN=TOKEN, code=1), "ANDON_FLAGS_TOKEN")
    with serving(shop, "--file", "flags.json", "--host", "0.0.0.0", ANDON_FLAGS_TOKEN=TOKEN) as (
        process,
        port,
    ):
        assert ask(port, "GET", "/flags/v1/flags")[0] == 401
        assert ask(port, "GET", "/flags/v1/flags", token=TOKEN)[0] == 200
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
        assert TOKEN.encode() not in out + err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "no file defines the flags"),
        (("--file", "nope.json"), "cannot be read"),
        (("--file", "broken.json"), "broken.json:2"),
        (("--file", "flags.json", "--port", "70000"), "--port"),
        (("--file", "flags.json", "--host", "256.1.1.1"), "ANDON_FLAGS_TOKEN"),
    ],
)
def test_what_cannot_be_served_is_explained(shop: Shop, words: tuple[str, ...], told: str) -> None:
    write_flags(shop, {"a": switch()})
    (shop.repository / "broken.json").write_text('{"flags": {\n"a": {')
    explains(shop.quickly("flags", "serve", *words, code=(1, 2, 3)), told)


def test_the_commands_see_what_the_server_has(shop: Shop) -> None:
    write_flags(shop, {"a": switch(metadata={"owner": "shop", "kind": "release"})})
    with serving(shop, "--file", "flags.json", ANDON_FLAGS_TOKEN=TOKEN) as (_, port):
        shop.configure(more=f'[flags]\nserver = "http://127.0.0.1:{port}"\ntoken = "$SHOP_TOKEN"')
        override = {
            "flag": "a",
            "layer": "kill",
            "variant": "off",
            "operation": "o",
            "incident": "INC-7",
            "at": "2026-11-27T03:14:00Z",
        }
        assert ask(port, "PUT", "/flags/v1/overrides", override, TOKEN)[0] == 200
        (flag,) = shop.ask("flags", SHOP_TOKEN=TOKEN)["flags"]
        assert flag["state"].startswith("killed: off since") and flag["state"].endswith("in INC-7")
        explains(shop.quickly("flags", code=3, SHOP_TOKEN="wrong"), "does not let us", "export SHOP_TOKEN=")
        explains(shop.quickly("flags", code=3), "SHOP_TOKEN")


def test_a_thousand_open_files_are_no_limit() -> None:
    import resource

    from andon.server.flag_serving import _raise_open_files

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, before[1]), before[1]))
        _raise_open_files()
        os._exit(0 if resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= min(4096, before[1]) else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_the_state_lies_beside_the_journal_of_the_service(shop: Shop) -> None:
    write_flags(shop, {"a": switch()})
    with serving(shop, "--file", "flags.json"):
        assert (Path(shop.journal).parent / "flags" / "state.json").exists()
