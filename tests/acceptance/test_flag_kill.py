"""A flag is killed in an incident: by one command, confirmed by every process, verified, undone exactly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from andon.drill.addresses import free_ports
from tests.acceptance.flag_shop import FLAGS, KEY, FlagServer, Program, with_flags
from tests.acceptance.shop import PATIENCE, Shop, wait_for


@pytest.fixture
def served(shop: Shop, tmp_path: Path) -> Iterator[tuple[Shop, FlagServer]]:
    """A shop whose checkout breaks while the flag is on, and its flag server."""
    with_flags(shop)
    port = free_ports("flags")["flags"]  # which nobody takes while the server is down
    server = FlagServer(shop, tmp_path / "flag-state").start(port)
    with_flags(shop, server.address)
    yield shop, server
    server.stop()


def test_one_command_from_the_alarm_to_the_proof(served: tuple[Shop, FlagServer]) -> None:
    shop, server = served
    programs = [Program(server.address, f"checkout/web-{n}/{n}") for n in range(3)]
    shop.program = programs[0]
    incident = shop.declare()
    shop.quickly("ack")
    shop.quickly("assess")
    assert shop.ask("decide", "--explain")["facts"]

    done = shop.andon("flags", "kill", KEY, "--yes", "--reason", "alone tonight")

    assert "3 of 3 processes confirmed in" in done.stdout and ", slowest checkout/web-" in done.stdout
    assert "verification passed" in done.stdout
    assert [program.now(KEY) for program in programs] == ["off"] * 3
    shop.quickly("mitigate")
    assert shop.ask("flags", "status", KEY)["confirmed"]["confirmed"] == 3
    story = shop.texts(incident)
    assert any("flag new-pricing: kill to off planned" in text for text in story)
    assert any("3 of 3 processes confirmed" in text for text in story)
    assert [a["title"] for a in shop.ask("actions")["actions"]] == [f"Turn {KEY} on again, or remove it"]

    kill = shop.ask("flags", "status", KEY)["kill"]["operation"]
    shop.quickly("flags", "undo", kill, "--yes", "--reason", "the cache was cold")
    assert programs[0].flags[KEY]["targeting"] == FLAGS["flags"][KEY]["targeting"]
    for program in programs:
        program.close()


def test_a_silent_process_is_named_and_the_exit_code_says_so(served: tuple[Shop, FlagServer]) -> None:
    shop, server = served
    loud = Program(server.address, "checkout/web-1/1")
    quiet = Program(server.address, "checkout/web-2/2", is_silent=True)
    shop.program = loud
    with_flags(shop, server.address)
    shop.toml(shop.toml_path.read_text().replace("confirm = 120", "confirm = 0.5"))

    done = shop.andon("flags", "kill", KEY, "--yes", code=3)

    assert " of 2 processes confirmed" in done.stdout
    assert "silent   checkout/web-2/2" in done.stdout
    wait_for(
        lambda: shop.ask("flags", "status", KEY, code=(0, 3))["confirmed"]["confirmed"] == 1,
        "the other process, if it took longer than half a second",
    )
    loud.close()
    quiet.close()


def test_the_symptom_is_still_there(served: tuple[Shop, FlagServer]) -> None:
    shop, server = served
    program = Program(server.address, "checkout/web-1/1")
    shop.program = None
    shop.declare()

    done = shop.andon("flags", "kill", KEY, "--yes", "--reason", "alone", "--watch", "1", code=1)

    assert "1 of 1 process confirmed" in done.stdout
    assert "verification failed" in done.stdout
    program.close()


def test_the_server_is_down_and_the_record_says_what_to_do(served: tuple[Shop, FlagServer]) -> None:
    shop, server = served
    incident = shop.declare()
    port = server.port
    server.stop()

    done = shop.andon("flags", "kill", KEY, "--yes", "--reason", "alone", code=1)

    assert "it was not taken" in done.stdout and "until the flag server runs" in done.stdout
    assert any("failed" in text for text in shop.texts(incident))
    server.start(port)
    again = shop.andon("flags", "kill", KEY, "--yes", "--no-verify", code=3)
    assert "no process is connected" in again.stdout


def test_three_people_at_once_do_one_act(served: tuple[Shop, FlagServer]) -> None:
    shop, server = served
    program = Program(server.address, "checkout/web-1/1")
    incident = shop.declare()
    words = ("flags", "kill", KEY, "--yes", "--reason", "all at once", "--no-verify", "--json")

    running = [shop.start(*words, ANDON_ACTOR=name) for name in ("ann", "bob", "eve")]
    said = [json.loads(one.communicate(timeout=PATIENCE)[0]) for one in running]

    assert [one.returncode for one in running] == [0, 0, 0]
    assert len({answer["operation"] for answer in said}) == 1
    assert [answer["is_new"] for answer in said].count(True) == 1
    history = shop.ask("flags", "status", KEY)["history"]
    assert len(history) == 2
    told = [text for text in shop.texts(incident) if "kill to off planned" in text]
    assert len(told) == 1 and len(shop.ask("actions")["actions"]) == 1
    assert program.now(KEY) == "off"
    program.close()


def test_a_file_cannot_say_who_has_it_so_the_smoke_tests_are_the_proof(shop: Shop) -> None:
    with_flags(shop)
    shop.program = None
    shop.declare()
    shop.quickly("ack")
    shop.quickly("assess")
    shop.program = type("Off", (), {"now": staticmethod(lambda key: "off")})

    done = shop.andon("flags", "kill", KEY, "--yes", "--reason", "alone", code=3)

    assert "processes confirmed" not in done.stdout and "verification passed" in done.stdout
    items = {line["check"]: line["standing"] for line in shop.ask("status")["checklist"]}
    assert items["response-applied"] == "passed"
    shop.quickly("mitigate")
    kill = shop.ask("flags", "status", KEY, code=(0, 3))["kill"]["operation"]
    shop.quickly("flags", "undo", kill, "--yes", "--reason", "calm")
    assert shop.ask("flags", "status", KEY, code=(0, 3))["flag"]["kill"] is None
