"""A hotfix from its branch to production and back to the main line: the installed program, real git."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.acceptance.shop import BROKEN, PATIENCE, Shop, explains, wait_for
from tests.acceptance.test_durable_rollback import WAITS, begun, kill_together, worker_of

#: Puts the tree of a tag into a release directory, as a pipeline would.
BUILD = """\
import pathlib, subprocess, sys
version, commit, place = sys.argv[1:]
there = pathlib.Path(place) / "releases" / version
there.mkdir(parents=True)
told = subprocess.run(["git", "show", f"{commit}:app.py"], check=True, capture_output=True, text=True).stdout
(there / "app.py").write_text(told)
print("built", version)
"""
FIX = "VERSION = 'v1.2.0'\nPRICE = 10\n"

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes in /proc")


def with_hotfix(shop: Shop, mode: str = "", *, build: bool = True, more: str = "") -> None:
    """Deploy with the team's own tool, and build a hotfix into a release directory."""
    (shop.place / "build.py").write_text(BUILD)
    argv = [sys.executable, "-S", str(shop.place / "build.py"), "{version}", "{commit}", str(shop.place)]
    hotfix = f"[hotfix]\nbuild = {json.dumps(argv)}\n" if build else ""
    shop.deploy_by_command(mode, more=f"{hotfix}{more}")


def decided(shop: Shop) -> Shop:
    """Break the shop and decide on a hotfix."""
    shop.andon("verify")
    shop.break_it()
    shop.declare()
    shop.andon("ack")
    shop.andon("assess", "--cause", "the price is missing", "--fix-minutes", "5")
    shop.andon("decide", "hotfix", "--reason", "alone, and the cause is known", "--yes")
    return shop


@pytest.fixture
def ready(shop: Shop) -> Shop:
    """A shop where a hotfix is decided and main has gone on since the release."""
    with_hotfix(shop)
    shop.git("config", "user.name", "Mina")
    shop.git("config", "user.email", "mina@example.org")
    (shop.repository / "next.py").write_text("NEXT = 1\n")
    shop.git("add", "next.py")
    shop.git("commit", "-q", "-m", "Work for the next release")
    return decided(shop)


def fix(shop: Shop, text: str = FIX, message: str = "INC-1: put the price in") -> str:
    (shop.repository / "app.py").write_text(text)
    shop.git("commit", "-q", "-a", "-m", message)
    return shop.git("rev-parse", "HEAD").strip()


def assert_shipped_once(shop: Shop, version: str = "v1.2.0-hotfix.1") -> None:
    texts = shop.texts()
    for beginning in ("hotfix planned", "hotfix started: ", "deployment succeeded", "verification passed"):
        assert len([text for text in texts if text.startswith(beginning)]) == 1, (beginning, texts)
    assert len(shop.deploys()) == 1 and shop.running() == version
    assert shop.ask("audit")["whole"]


def test_the_whole_way_of_a_hotfix(ready: Shop) -> None:
    told = ready.andon("hotfix", "start").stdout
    assert "hotfix/INC-1" in told and BROKEN in told and "forbidden" in told
    assert ready.git("rev-parse", "HEAD") == ready.git("rev-parse", BROKEN), "from the release, not from main"
    assert "is there already" in ready.andon("hotfix", "start").stdout
    explains(ready.andon("hotfix", "check", code=1), "nothing is committed")
    explains(ready.andon("hotfix", "ship", "--yes", code=1), "nothing is committed")

    commit = fix(ready)
    (ready.repository / "app.py").write_text(FIX + "# later\n")
    shown = ready.andon("hotfix", "check").stdout
    assert "to be proven after deployment: checkout failed and has to pass" in shown
    assert "not committed, so nobody looked at it: app.py" in shown
    ready.git("checkout", "-q", "app.py")
    assert ready.json("hotfix", "check")["commit"] == commit
    assert ready.json("status")["next"]["command"] == "andon hotfix ship"

    done = ready.andon("hotfix", "ship", "--yes", "--watch", "5")
    assert "undo     andon rollback --to v1.2.0" in done.stdout
    assert_shipped_once(ready)
    ledger = {r["version"]: r for r in ready.json("releases")["releases"]}
    shipped = ledger["v1.2.0-hotfix.1"]
    assert (shipped["source"], shipped["verdict"], shipped["commit"]) == ("hotfix", "good", commit)
    explains(ready.andon("hotfix", "ship", "--yes", code=1), "runs already")

    ready.andon("mitigate")
    ready.andon("resolve", "--cause", "the price is missing")
    assert ready.json("status")["next"]["command"] == "andon hotfix finish"
    explains(ready.andon("close", code=1), "the next release loses it")
    missing = ready.andon("hotfix", "finish", code=1).stdout
    assert "git switch main" in missing and "git merge --no-ff hotfix/INC-1" in missing
    lost = ready.git("rev-parse", "main").strip()
    assert "A FIX IS LOST" in ready.andon("deployed", "v1.3.0", "--commit", lost).stdout
    ready.andon("deployed", "v1.2.0-hotfix.1", "--commit", commit)
    assert "the hotfix is on main" in ready.andon("hotfix", "finish", "--merge").stdout
    assert "PRICE" in ready.git("show", "main:app.py") and ready.git("show", "main:next.py")
    assert "A FIX IS LOST" not in ready.andon("deployed", "v1.3.1", "--commit", "main").stdout
    assert ready.json("status")["next"]["command"] != "andon hotfix finish"


def test_only_for_a_decided_emergency(shop: Shop) -> None:
    explains(shop.andon("hotfix", "start", code=2), "no incident is open")
    shop.andon("declare", "slow", "--severity", "P2", "--no-capture")
    explains(shop.andon("hotfix", "start", code=1), "a hotfix is for a P0 or P1")
    shop.andon("severity", "P1", "--reason", "worse")
    explains(shop.andon("hotfix", "start", code=1), "decided is nothing yet", "andon decide hotfix")


def test_uncommitted_work_is_left_alone(ready: Shop) -> None:
    (ready.repository / "next.py").write_text("NEXT = 'half done'\n")
    told = ready.json("hotfix", "start", "price")
    place = Path(told["place"])
    assert place != ready.repository and told["hotfix"]["branch"] == "hotfix/INC-1-price"
    assert (ready.repository / "next.py").read_text() == "NEXT = 'half done'\n"
    assert any("andon.toml" in note for note in told["notes"])
    assert "hotfix/INC-1-price" in ready.andon("hotfix", cwd=place).stdout, "its configuration came along"


@pytest.fixture
def shipping(shop: Shop) -> Shop:
    """A shop with a hotfix that passes the guard, where the deploy tool waits."""
    with_hotfix(shop, WAITS)
    decided(shop)
    shop.andon("hotfix", "start")
    fix(shop)
    shop.andon("hotfix", "check")
    return shop


def test_everybody_is_killed_and_somebody_comes_back(shipping: Shop) -> None:
    process = shipping.start("hotfix", "ship", "--yes", "--watch", "5")
    begun(shipping)
    worker = worker_of(shipping)
    process.kill()  # first: it would start another worker
    process.communicate()
    os.kill(worker, signal.SIGKILL)
    (shipping.place / "go").touch()
    wait_for(lambda: shipping.running() == "v1.2.0-hotfix.1", "the deploy tool, which goes on")
    assert shipping.json("status")["next"]["command"] == "andon hotfix ship --resume"
    again = shipping.json("hotfix", "ship", "--yes")
    assert again["outcome"] == "succeeded" and again["verification"]["verdict"] == "passed"
    assert_shipped_once(shipping)


@pytest.mark.slow
def test_the_runner_is_killed_before_it_took_effect(shipping: Shop) -> None:
    from andon.desk.operation import holder_of

    process = shipping.start("hotfix", "ship", "--yes", "--watch", "5")
    tool = begun(shipping)
    operation = shipping.json("workflows")["workflows"][0]["operation"]
    lock = Path(shipping.environment["XDG_DATA_HOME"]) / "andon" / "operations" / operation
    kill_together(int(holder_of(str(lock))), int(tool))
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1 and b"v1.2.0 still runs" in output
    (shipping.place / "go").touch()
    shipping.andon("hotfix", "ship", "--yes", "--watch", "5")
    assert len(shipping.deploys()) == 2, "again, because a person said so"
    assert shipping.running() == "v1.2.0-hotfix.1"


def test_a_second_person_approves_and_a_change_stops_it(shipping: Shop) -> None:
    (shipping.place / "go").touch()
    shipping.andon("hotfix", "ship", "--ask")
    told = next(text for text in shipping.texts() if text.startswith("hotfix planned"))
    operation = told.partition("(operation ")[2].partition(")")[0]
    assert shipping.running() == BROKEN
    shipping.switch("v1.1.0")
    explains(shipping.andon("hotfix", "ship", "--approve", operation, "--yes", code=1), "v1.1.0 runs")
    shipping.switch(BROKEN)
    done = shipping.andon(
        "hotfix", "ship", "--approve", operation, "--yes", "--watch", "5", ANDON_ACTOR="ben"
    )
    assert f"operation {operation}" in done.stdout
    assert_shipped_once(shipping)


def test_a_hotfix_that_cures_nothing_says_the_way_back(shipping: Shop) -> None:
    (shipping.place / "go").touch()
    (shipping.place / "releases" / "v1.2.0-hotfix.1").symlink_to(shipping.place / "releases" / BROKEN)
    done = shipping.andon("hotfix", "ship", "--yes", "--watch", "1", code=1)
    assert "andon rollback --to v1.2.0" in done.stdout
