"""A command that is sent twice with the same id happens once and is answered alike."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from contextlib import closing

import pytest

from tests.acceptance.shop import PATIENCE, Shop, checked

#: Every recording command, in an order in which all succeed; the second part is its exit code.
STEPS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("deployed", "v1.1.0", "--verdict", "good", "--reason", "a week"), 0),
    (("gear", "SHIP"), 0),
    (("declare", "checkout answers 500", "--severity", "P3"), 0),
    (("ack",), 0),
    (("note", "called ben"), 0),
    (("note", "customers called", "--impact", "report"), 0),
    (("evidence", "add", "app.py"), 0),
    (("severity", "P2", "--reason", "more customers"), 0),
    (("assess", "--cause", "a price"), 0),
    (("decide", "--reason", "alone", "--yes"), 0),
    (("rollback", "--yes", "--watch", "10"), 0),
    (("verify", "--watch", "10"), 0),
    (("sign", "failure-resolved", "--reason", "looked"), 0),
    (("skip", "test-added", "--reason", "no time"), 0),
    (("mitigate",), 0),
    (("resolve", "--cause", "a price"), 0),
    (("postmortem", "draft"), 0),
    (("postmortem", "edit", "--set", "lessons/went-well=the rollback", "--set", "lessons/next-time=x y"), 0),
    (("actions", "add", "an alarm"), 0),
    (("actions", "assign", "A2", "--owner", "ben"), 0),
    (("actions", "drop", "A2", "--reason", "no longer"), 0),
    (
        ("regressions", "add", "--symptom", "checkout answers 500", "--root-cause", "a missing price field",
         "--incorrect-behaviour", "an error in the middle of it", "--correct-solution", "a default price",
         "--enforced-path", "only pricing reads prices", "--prevention-mechanism", "tests/test_pricing.py"),
        0,
    ),
    (("severity", "P3", "--reason", "over"), 0),
    (("log", "export"), 0),
    (("close",), 0),
    (("reopen", "--reason", "again"), 0),
)  # fmt: skip


def lengths(shop: Shop) -> dict[str, int]:
    """Return how many events each stream has."""
    with closing(sqlite3.connect(f"file:{shop.journal}?mode=ro", uri=True)) as database:
        return dict(database.execute("SELECT stream, count(*) FROM event GROUP BY stream"))


def test_every_recording_command_happens_once(shop: Shop) -> None:
    shop.deploy_by_command()
    shop.break_it()
    for number, (words, code) in enumerate(STEPS):
        first = shop.json(*words, "--command-id", f"c{number}", code=code)
        after, deploys = lengths(shop), shop.deploys()
        again = shop.ask(*words, "--command-id", f"c{number}", code=code)
        assert (lengths(shop), shop.deploys()) == (after, deploys), words
        assert again["repeated"], words
        for key in ("incident", "status", "severity", "owner", "events"):
            if key in first and key in again:
                assert again[key] == first[key], (words, key)
        shop.quickly(*words, "--command-id", f"c{number}", code=code)
    assert len(shop.deploys()) == 1
    assert (shop.repository / "INCIDENTS.md").read_text().count("<!-- andon:INC-1 -->") == 1
    assert shop.ask("audit")["whole"]


def test_a_refused_command_can_be_sent_again(shop: Shop) -> None:
    shop.declare()
    shop.andon("mitigate", "--command-id", "m", code=1)
    shop.andon("sign", "failure-resolved", "--reason", "looked", "--command-id", "s")
    assert shop.json("mitigate", "--command-id", "m")["status"] == "mitigated"


def test_a_failed_verification_stays_failed(shop: Shop) -> None:
    shop.break_it()
    shop.declare()
    shop.andon("assess", "--command-id", "a")
    shop.andon("verify", "--watch", "10", "--command-id", "v", code=1)
    shop.switch("v1.1.0")
    shop.log.write_text("")
    assert shop.json("verify", "--watch", "10", "--command-id", "v", code=1)["repeated"]
    anew = shop.json("verify", "--watch", "0", "--command-id", "w", code=(0, 3))
    assert "repeated" not in anew
    assert anew["verification"]["failure_gone"] == "passed"


@pytest.mark.parametrize("words", [("declare", "broken", "--no-capture"), ("ack",), ("note", "once")])
def test_sent_twice_at_the_same_moment(shop: Shop, words: tuple[str, ...]) -> None:
    if words[0] != "declare":
        shop.declare()
    started = [shop.start(*words, "--json", "--command-id", "same") for _ in range(4)]
    for process in started:
        output, errors = process.communicate(timeout=PATIENCE)
        done = checked(words, subprocess.CompletedProcess([], process.returncode, output, errors), 0)
        assert json.loads(done.stdout)["incident"] == "INC-1" or words[0] == "declare"
    streams = shop.ask("audit")["streams"]
    assert len([s for s in streams if s["stream"].startswith("INC")]) == 1
    texts = [text for text in shop.texts() if text.startswith(("declared", "acknowledged", "note"))]
    assert len(texts) == (1 if words[0] == "declare" else 2), texts
