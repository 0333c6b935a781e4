"""A commit goes from red to shipped: tests in a checkout of their own, gate, waivers, the decision."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from andon.desk.gate.rules import MODULES
from tests.acceptance.shop import PATIENCE, Shop, explains, wait_for

GREEN = "import unittest\n\nclass T(unittest.TestCase):\n    def test_it(self):\n        pass\n"
RED = "print('the price is missing')\nraise SystemExit(1)\n"
TEST = json.dumps([sys.executable, "-S", "-m", "unittest", "test_app"])
#: Rules of other parts, without which nothing can be shipped.
NEEDED = {"secrets", "no-new-finding", "regression-tests", "hotfix-merged"}


@pytest.fixture
def ready(shop: Shop) -> Shop:
    """A shop whose next commit has a test, with staging, and with v1.1.0 known to be good."""
    prove(shop, TEST)
    commit(shop, GREEN)
    shop.andon("verify")
    return shop


def prove(shop: Shop, test: str) -> None:
    staging = f'[[staging]]\nname = "health"\nurl = "{shop.production.url}/health"\n'
    shop.configure(more=f"[ship]\ntest = {test}\n\n{staging}")


def commit(shop: Shop, test: str) -> str:
    (shop.repository / "test_app.py").write_text(test)
    shop.git("add", "test_app.py")
    shop.git("commit", "-q", "-m", "Test the price")
    return shop.git("rev-parse", "HEAD").strip()


def rows(shop: Shop, code: int | tuple[int, ...] = (0, 1, 3)) -> dict[str, str]:
    """Return what follows from each rule."""
    told = shop.json("ship", "check", code=code)
    return {row["rule"]: row["effect"] for row in told["changes"][0]["rows"]}


@pytest.mark.skipif(not set(MODULES) >= NEEDED, reason="rules of other parts are not there yet")
def test_from_red_to_shipped(ready: Shop) -> None:
    assert rows(ready, 3)["tests-green"] == "blocks"
    ready.andon("ship", "record", "v1.3.0", code=3)
    ready.andon("ship", "test")
    checked = ready.andon("ship", "check")
    assert "may be shipped" in checked.stdout and "andon ship record" in checked.stdout
    ready.andon("ship", "record", "v1.3.0")
    again = ready.json("ship", "record", "v1.3.0", ANDON_ACTOR="bob")
    assert (again["repeated"], again["by"], again["version"]) == (True, "mina", "v1.3.0")
    assert {a["rule"] for a in again["answers"]} >= {"tests-green", "rollback-plan", "secrets"}
    ready.andon("ship", "abandon", "--reason", "the launch was called off")
    assert not ready.json("ship", "record", "v1.3.0")["repeated"]


def test_what_is_judged_is_the_commit_and_not_the_work_tree(ready: Shop) -> None:
    (ready.repository / "test_app.py").write_text(RED)
    (ready.repository / "test_more.py").write_text(RED)
    done = ready.json("ship", "test")
    assert (done["verdict"], done["commit"]) == ("passed", ready.git("rev-parse", "HEAD").strip())
    assert "unittest: 1" in done["summary"]
    assert (ready.repository / "test_app.py").read_text() == RED
    nothing_is_left(ready)


def nothing_is_left(shop: Shop) -> None:
    assert len(shop.git("worktree", "list").splitlines()) == 1
    assert not list((shop.home / "tmp").glob("andon-bisect-*"))


def test_a_red_commit_says_what_failed_and_another_commit_is_not_proven(ready: Shop) -> None:
    green = ready.git("rev-parse", "HEAD").strip()
    red = commit(ready, RED)
    done = ready.andon("ship", "test", code=1)
    assert "the price is missing" in done.stdout and "exit code 1" in done.stdout
    assert rows(ready, (1, 3))["tests-green"] == "blocks"
    ready.andon("ship", "test", green)
    assert rows(ready, (1, 3))["tests-green"] == "blocks", f"{red} is red"
    told = ready.json("ship", "check", green, code=(0, 1, 3))
    assert next(r for r in told["changes"][0]["rows"] if r["rule"] == "tests-green")["effect"] == "passes"


@pytest.mark.parametrize(
    ("test", "code", "word"),
    [
        ([sys.executable, "-S", "-c", "print('all is well')"], 3, "cannot be told"),
        ([sys.executable, "-S", "-c", "print('no tests ran in 0.01s')"], 1, "no test ran"),
        (["./is-not-there"], 3, "did not begin"),
        (
            [sys.executable, "-S", "-c", "print('\\033[2J3 passed in 1s'); raise SystemExit(1)"],
            1,
            "exit code 1",
        ),
    ],
)
def test_what_is_not_green_is_not_called_green(shop: Shop, test: list[str], code: int, word: str) -> None:
    prove(shop, json.dumps(test))
    assert word in shop.andon("ship", "test", code=code).stdout


def test_a_run_given_twice_under_one_id_is_one_run(ready: Shop) -> None:
    commit(ready, RED)
    for _ in range(2):
        ready.andon("ship", "test", "--command-id", "ci-17", code=1)
    assert ready.json("ship", "test", "--command-id", "ci-17", code=1)["repeated"] is True


def test_a_run_can_be_interrupted_and_leaves_nothing(ready: Shop) -> None:
    mark = ready.home / "began"
    program = f"import pathlib, time; pathlib.Path({str(mark)!r}).touch(); time.sleep(60)"
    prove(ready, json.dumps([sys.executable, "-S", "-c", program]))
    process = ready.start("ship", "test")
    wait_for(mark.exists, "the tests to begin")
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == 130, said
    nothing_is_left(ready)
    assert rows(ready)["tests-green"] == "blocks"


def test_cis_report_is_counted_and_a_hostile_one_is_refused(ready: Shop, tmp_path: Path) -> None:
    report = tmp_path / "ci.xml"
    report.write_text('<testsuite><testcase name="a"/><testcase name="b"><skipped/></testcase></testsuite>')
    assert "2 tests, 0 failures" in ready.andon("ship", "test", "--junit", str(report)).stdout
    assert rows(ready)["tests-green"] == "passes"
    report.write_text(
        '<testsuite><testcase name="a&#27;[2J"><failure/></testcase></testsuite>'.replace("&#27;", "")
    )
    ready.andon("ship", "test", "--junit", str(report), code=1)
    assert rows(ready)["tests-green"] == "blocks"
    entity = "<!DOCTYPE x [" + "".join(f'<!ENTITY a{n} "&a{n - 1};&a{n - 1};">' for n in range(1, 40)) + "]>"
    for content in (entity + "<testsuite>&a39;</testsuite>", "", "<html/>", "\0"):
        report.write_text(content)
        explains(ready.andon("ship", "test", "--junit", str(report), code=2), "JUnit")
    ready.andon("ship", "test", "--junit", str(tmp_path / "nowhere.xml"), code=2)
    ready.andon("ship", "test", "--junit", str(tmp_path), code=2)
    os.mkfifo(tmp_path / "pipe")
    ready.andon("ship", "test", "--junit", str(tmp_path / "pipe"), code=2)


def test_a_waiver_is_named_reasoned_and_ends(ready: Shop) -> None:
    ready.configure()
    assert rows(ready)["staging-smoke"] == "blocks"
    for reason in ("", "x", "todo"):
        explains(ready.andon("ship", "waive", "staging-smoke", "--reason", reason, code=2), "reason")
    explains(ready.andon("ship", "waive", "secrets", "--reason", "we are in a great hurry", code=1), "never")
    explains(
        ready.andon("ship", "waive", "stagin", "--reason", "we are in a great hurry", code=2), "staging-smoke"
    )
    why = ("--reason", "staging is rebuilt \x1b[2J until Thursday")
    explains(ready.andon("ship", "waive", "staging-smoke", *why, "--until", "90d", code=2), "30 days")
    given = ready.json("ship", "waive", "staging-smoke", *why, "--until", "2d")
    assert given["by"] == "mina"
    assert rows(ready)["staging-smoke"] == "waived"
    assert "waived by mina: staging is rebuilt" in ready.andon("ship", "check", code=(0, 1, 3)).stdout
    assert "holds" in ready.andon("ship", "waivers").stdout
    later = given["until"].replace("T", " ").partition(" ")[0]
    after = (
        f"{later[:4]}-12-31T00:00:00Z"
        if later < f"{later[:4]}-12-30"
        else f"{int(later[:4]) + 1}-02-01T00:00:00Z"
    )
    assert ready.json("ship", "waivers", ANDON_NOW=after)["waivers"][0]["holds"] is False
    ready.andon("ship", "waive", "staging-smoke", "--withdraw")
    assert rows(ready)["staging-smoke"] == "blocks"


def test_a_secret_in_a_reason_is_not_kept(ready: Shop) -> None:
    (ready.repository / ".env").write_text("TOKEN=correct-horse-battery\n")
    words = "staging refuses the token correct-horse-battery today"
    done = ready.andon("ship", "waive", "staging-smoke", "--reason", words)
    assert "correct-horse-battery" not in done.stdout
    assert b"correct-horse-battery" not in ready.journal_bytes()


def test_staging_that_is_down_blocks(ready: Shop) -> None:
    ready.toml(ready.toml_path.read_text().replace("[[staging]]\nname", "[[staging]]\nstatus = 204\nname"))
    assert rows(ready)["staging-smoke"] == "blocks"


def test_in_hotfix_nothing_but_the_hotfix_is_shipped(ready: Shop) -> None:
    ready.declare()
    checked = ready.andon("ship", "check", code=1)
    assert "gear HOTFIX" in checked.stdout and "in HOTFIX nothing is shipped but the hotfix" in checked.stdout
    ready.andon("ship", "record", "v1.3.0", code=1)


def test_places_without_a_commit_say_so(shop: Shop, tmp_path: Path) -> None:
    bare = tmp_path / "empty"
    bare.mkdir()
    shop.git("init", "-q", str(bare))
    for words in (("check",), ("record",), ("test", "--junit", str(shop.toml_path))):
        shop.andon("ship", *words, code=2, cwd=bare)
    shop.andon("ship", "check", "--", "--upload-pack=x", code=2)
    shop.andon("ship", "check", "no\nsuch", code=2)
    shop.git("checkout", "-q", "--detach", "v1.0.0")
    shop.andon("ship", "check", code=(1, 3))
