"""Eight people give the same command at the same moment: one wins where one can, and nothing is lost."""

from __future__ import annotations

import json
import subprocess
from collections import Counter

from tests.acceptance.shop import PATIENCE, Shop, checked

PEOPLE = 8


def all_at_once(
    shop: Shop, *words: str, codes: tuple[int, ...] = (0,)
) -> list[subprocess.CompletedProcess[str]]:
    """Let everybody give the command; `#` in the words is the person's number."""
    started = [
        shop.start(*(word.replace("#", str(n)) for word in words), "--json", ANDON_ACTOR=f"person {n}")
        for n in range(PEOPLE)
    ]
    ended = []
    for process in started:
        output, errors = process.communicate(timeout=PATIENCE)
        done = subprocess.CompletedProcess(process.args, process.returncode, output, errors)
        ended.append(checked(words, done, codes))
    return ended


def test_declaring_at_once_makes_as_many_incidents(shop: Shop) -> None:
    ended = all_at_once(shop, "declare", "broken #", "--no-capture")  # the journal is not there yet
    ids = {json.loads(done.stdout)["incident"] for done in ended}
    assert ids == {f"INC-{n}" for n in range(1, PEOPLE + 1)}
    titles = {incident["title"] for incident in shop.json("status")["open"]}
    assert titles == {f"broken {n}" for n in range(PEOPLE)}
    audit = shop.ask("audit")
    assert audit["whole"]
    assert len(audit["streams"]) == PEOPLE


def test_one_of_many_owns_it_and_all_their_notes_are_kept(shop: Shop) -> None:
    shop.declare()
    acked = all_at_once(shop, "ack", codes=(0, 1))
    assert Counter(done.returncode for done in acked) == {0: 1, 1: PEOPLE - 1}
    (winner,) = [json.loads(done.stdout)["owner"] for done in acked if not done.returncode]
    assert shop.json("status")["owner"] == winner
    assert all(f"{winner} owns INC-1" in done.stderr for done in acked if done.returncode)
    all_at_once(shop, "note", "seen by #")
    all_at_once(shop, "skip", "test-added", "--reason", "person # has no time", codes=(0, 1))
    texts = shop.texts()
    assert {f"note: seen by {n}" for n in range(PEOPLE)} <= set(texts)
    assert len([text for text in texts if text.startswith("skipped")]) == 1
    all_at_once(shop, "actions", "add", "follow-up #")
    actions = shop.json("actions")["actions"]
    assert len({action["id"] for action in actions}) == len(actions) == PEOPLE + 1
    assert shop.ask("audit")["whole"]


def test_rolling_back_at_once_deploys_once(shop: Shop) -> None:
    shop.deploy_by_command()
    shop.break_it()
    shop.declare()
    shop.quickly("assess")
    shop.quickly("decide", "--reason", "alone", "--yes")
    ended = all_at_once(shop, "rollback", "--yes", "--watch", "10", "--no-verify", codes=(0, 1))
    assert Counter(done.returncode for done in ended)[0] >= 1
    assert len(shop.deploys()) == 1
    assert shop.running() == "v1.1.0"
    shop.andon("verify")
    assert shop.ask("audit")["whole"]


def test_writing_the_team_files_at_once_keeps_every_entry(shop: Shop) -> None:
    for n in range(3):
        shop.quickly("declare", f"broken {n}", "--severity", "P3", "--no-capture")
    started = [shop.start("log", "export", "--incident", f"INC-{n}") for n in (1, 2, 3) for _ in range(2)]
    for process in started:
        output, errors = process.communicate(timeout=PATIENCE)
        done = subprocess.CompletedProcess([], process.returncode, output, errors)
        checked(("log", "export"), done, (0, 1))
    entries = shop.json("log")["entries"]
    assert sorted(entry["incident"] for entry in entries) == ["INC-1", "INC-2", "INC-3"]
    assert shop.ask("audit")["whole"]
