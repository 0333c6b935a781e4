"""A rollout whose worker and terminal are killed goes on, and turns itself off when checkout breaks."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from andon.desk.operation import holder_of, worker_lock
from andon.flags.client import connect
from andon.flags.evaluator import Evaluator
from andon.flags.overrides import share
from tests.acceptance.shop import PATIENCE, Answer, Shop, wait_for

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes in /proc")

KEY = "new-pricing"
FLAGS = {
    "flags": {
        KEY: {
            "state": "ENABLED",
            "variants": {"on": True, "off": False},
            "defaultVariant": "off",
            "metadata": {"owner": "mina", "purpose": "the new prices", "kind": "release"},
        }
    }
}
ROLLOUT = ("flags", "rollout", KEY)
STAGES = ("5%", "25%", "100%", "--every", "2s", "--yes")


def somebody() -> str:
    """Return a user who is in at 25 %, and not yet at 5 %."""
    evaluator = Evaluator()

    def has_it(name: str, percent: float) -> bool:
        flag = {**FLAGS["flags"][KEY], "targeting": share("on", percent, None, "off")}
        evaluator.replace({"flags": {KEY: flag}})
        return evaluator.boolean(KEY, False, {"targetingKey": name})

    return next(n for n in map(str, range(1000)) if has_it(n, 25.0) and not has_it(n, 5.0))


class Priced(Answer):
    """Checkout as the smoke tests' user sees it: the new prices are broken, once there are any."""

    user = somebody()

    def do_GET(self) -> None:  # noqa: N802 - the name the library asks for
        shop = self.server.shop
        evaluator = Evaluator()
        evaluator.replace(json.loads((shop.repository / "flags.json").read_text()))
        is_new = evaluator.boolean(KEY, False, {"targetingKey": self.user})
        if is_new:
            self.server.answers.wait(PATIENCE)
        breaks = is_new and self.path == "/checkout" and (shop.place / "new-prices-are-broken").exists()
        self.send_response(500 if breaks else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")


@pytest.fixture
def selling(shop: Shop) -> Iterator[Shop]:
    """A shop with a flag file and customers who fill its log."""
    shop.production.RequestHandlerClass = Priced
    shop.configure(more='[flags]\nsystem = "file"\nfile = "flags.json"\n')
    (shop.repository / "flags.json").write_text(json.dumps(FLAGS, indent=2))
    over = threading.Event()

    def buy() -> None:
        while not over.wait(0.01):
            shop.write_log("INFO order taken")

    customers = threading.Thread(target=buy)
    customers.start()
    try:
        yield shop
    finally:
        over.set()
        customers.join()


def events(shop: Shop) -> list[tuple[str, dict[str, Any]]]:
    """Return what the service's stream has of the rollout."""
    import sqlite3

    with sqlite3.connect(f"file:{shop.journal}?mode=ro", uri=True) as journal:
        found = journal.execute("SELECT type, data FROM event WHERE stream = 'service:shop' ORDER BY seq")
        return [(kind, json.loads(data)) for kind, data in found if kind.startswith(("Rollout", "FlagAct"))]


def stages(shop: Shop) -> list[str]:
    """Return the stages that were put, in order, from the plans on record."""
    found = [data for kind, data in events(shop) if kind == "FlagActPlanned" and data["purpose"] == "rollout"]
    return [data["operation"].rpartition("/")[2] for data in found]


def reached(shop: Shop, percent: float) -> bool:
    return shop.ask(*ROLLOUT)["percent"] >= percent


def worker_of(shop: Shop) -> int:
    return int(wait_for(lambda: holder_of(worker_lock(str(shop.journal), "shop")), "the worker"))


def test_the_worker_is_killed_and_every_stage_is_put_once(selling: Shop) -> None:
    selling.production.answers.clear()  # so that the second stage is not over before the worker is dead
    process = selling.start(*ROLLOUT, *STAGES)
    wait_for(lambda: selling.journal.exists() and "25" in stages(selling), "the second stage")
    os.kill(worker_of(selling), signal.SIGKILL)
    selling.production.answers.set()
    output, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, (output.decode(), errors.decode())
    assert b"the worker is gone; starting another one (1 of 3)" in output
    assert stages(selling) == ["5", "25", "100"]
    kinds = [kind for kind, _ in events(selling)]
    assert kinds.count("RolloutStageJudged") == 3 and kinds.count("RolloutEnded") == 1
    found = selling.ask(*ROLLOUT)
    assert found["ended"]["how"] == "completed"
    flag = json.loads((selling.repository / "flags.json").read_text())["flags"][KEY]
    assert flag["defaultVariant"] == "on" and "targeting" not in flag
    selling.quickly(*ROLLOUT, "--back", "--yes")
    assert json.loads((selling.repository / "flags.json").read_text()) == FLAGS, "exactly what was before"


def test_everybody_is_killed_and_what_breaks_is_turned_off_all_the_same(selling: Shop) -> None:
    (selling.place / "new-prices-are-broken").touch()
    selling.production.answers.clear()  # so that it is not turned off before everybody is dead
    process = selling.start(*ROLLOUT, *STAGES)
    wait_for(lambda: selling.journal.exists() and "5" in stages(selling), "the first stage")
    worker = worker_of(selling)
    process.kill()  # first: it would start another worker
    process.communicate()
    os.kill(worker, signal.SIGKILL)
    selling.production.answers.set()
    shown = selling.andon(*ROLLOUT).stdout
    assert "no worker has it now" in shown and f"andon flags rollout {KEY} --follow" in shown
    done = selling.andon(*ROLLOUT, "--follow", code=1)
    assert "checkout fails and passed before" in done.stdout and "off for everybody" in done.stdout
    assert stages(selling) == ["5", "25"], "the third never began"
    flag = json.loads((selling.repository / "flags.json").read_text())["flags"][KEY]
    assert flag["defaultVariant"] == "off" and "targeting" not in flag
    status = selling.ask("status")
    assert status["severity"] == "P1" and "turned off" in status["title"]
    assert [kind for kind, _ in events(selling)].count("RolloutEnded") == 1
    assert any("flag new-pricing: kill to off planned" in text for text in selling.texts())
    assert selling.ask("audit")["whole"]


def test_a_stage_reaches_every_process_of_the_flag_server(selling: Shop) -> None:
    """Two programs ask for a hundred users: each stage is confirmed, and their counts let it go on."""
    users = [f"user-{number}" for number in range(100)]
    server = selling.start("flags", "serve", "--port", "0", "--file", "flags.json")
    try:
        assert server.stdout is not None
        found = re.search(rb"http://[0-9.:]+", server.stdout.readline())
        assert found is not None
        used(selling, found[0].decode(), users)
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=PATIENCE)


def counted(address: str) -> bytes:
    """Return what the flag server has counted, as it says it."""
    with urllib.request.urlopen(f"{address}/flags/v1/usage", timeout=PATIENCE) as answer:
        return bytes(answer.read())


def served(selling: Shop) -> dict[str, int]:
    """Return how often each variant was served, empty before the first counts."""
    shown = selling.ask("flags", "exposures", KEY, code=(0, 1, 3))
    return {one["variant"]: one["count"] for one in shown["variants"]} if shown["total"] else {}


def used(selling: Shop, address: str, users: list[str]) -> None:
    """Roll the flag out while two programs of the flag server use it."""
    over = threading.Event()
    selling.configure(more=f'[flags]\nserver = "{address}"\nfile = "flags.json"\nconfirm = 120\n')
    programs = [connect(address, name=name) for name in ("checkout", "search")]

    def ask() -> None:
        while not over.wait(0.2):
            for flags in programs:
                for user in users:
                    flags.boolean(KEY, False, {"targetingKey": user})

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        assert all(flags.wait_ready(PATIENCE) for flags in programs)
        wait_for(lambda: KEY.encode() in counted(address), "the first counts")
        done = selling.andon(*ROLLOUT, "10%", "50%", "--every", "2s", "--patience", "10m", "--yes")
        assert "2 of 2 processes confirmed" in done.stdout
        assert [stage["act"]["confirmed"] for stage in selling.ask(*ROLLOUT)["stages"]] == [2, 2]
        have_it = {u for u in users if programs[0].boolean(KEY, False, {"targetingKey": u})}
        assert 30 <= len(have_it) <= 70
        counts = served(selling)
        assert counts["off"] > 0 and counts["on"] > 0, "it went on when it was known that somebody got it"
        selling.quickly(*ROLLOUT, "--back", "--yes")
        wait_for(
            lambda: not any(programs[1].boolean(KEY, False, {"targetingKey": u}) for u in users),
            "the way back",
        )
    finally:
        over.set()
        asking.join()
        for flags in programs:
            flags.close()


def test_leaving_does_not_stop_it_and_stopping_does(selling: Shop) -> None:
    process = selling.start(*ROLLOUT, "5%", "100%", "--every", "1h", "--yes")
    wait_for(lambda: selling.journal.exists() and "5" in stages(selling), "the first stage")
    wait_for(lambda: reached(selling, 5.0), "the stage")
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130 and b"goes on without this terminal" in errors, (output, errors)
    worker = worker_of(selling)
    assert Path(f"/proc/{worker}").exists()
    assert selling.ask("workflows")["rollouts"][0]["state"] == "running"
    assert selling.ask(*ROLLOUT, "--stop", "--reason", "enough for today")["ended"]["how"] == "stopped"
    wait_for(lambda: not Path(f"/proc/{worker}").exists(), "the worker to leave")
    assert stages(selling) == ["5"]
