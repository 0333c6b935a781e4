"""A bad release is taken out; the search for its commit is interrupted, resumed, and goes on record."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.acceptance.shop import PATIENCE, Shop, checked, wait_for

#: Fails where the price is missing; stops at a place where the test can interrupt it.
SMOKE = """
import os, pathlib, sys, time
home = pathlib.Path({home!r})
if (home / "hold").exists() and os.path.exists("broken"):
    (home / "busy").write_text(str(os.getpid()))
    time.sleep(600)
sys.exit(os.path.exists("broken"))
"""


@pytest.fixture
def bad(shop: Shop) -> Shop:
    """Five commits between the release that works and the bad one; the third breaks it."""
    shop.git("checkout", "-q", "-B", "work", "v1.1.0")
    for number in range(1, 6):
        if number == 3:
            (shop.repository / "broken").write_text("x")
        (shop.repository / "app.py").write_text(f"STEP = {number}\n")
        shop.git("add", "app.py", *(["broken"] if number == 3 else []))
        shop.git("commit", "-q", "-m", f"Step {number}")
    shop.git("tag", "-f", "v1.2.0")
    (shop.home / "smoke.py").write_text(SMOKE.format(home=str(shop.home)))
    shop.break_it()
    shop.declare()
    shop.andon("assess")
    shop.andon("decide", "--reason", "alone", "--yes")
    shop.andon("rollback", "--yes", "--watch", "10")
    return shop


def test_the_culprit_is_found_through_an_interruption(bad: Shop) -> None:
    (bad.repository / "app.py").write_text("what somebody is working on\n")
    assert "Step 5" in bad.andon("bisect", "--suspects").stdout
    assert [s["subject"] for s in bad.json("bisect", "--suspects")["suspects"]][::4] == ["Step 5", "Step 1"]
    for mistake in (("v1.1.0",), (), ("--smoke", "checkout"), ("--run",), ("--setup", '"', "--run", "true")):
        bad.andon("bisect", *mistake, code=2)
    (bad.home / "hold").touch()
    words = ("bisect", "--run", sys.executable, "-S", str(bad.home / "smoke.py"))
    process = bad.start(*words)
    busy = bad.home / "busy"
    wait_for(lambda: busy.exists() and busy.read_text(), "the smoke command")
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=PATIENCE)
    done = subprocess.CompletedProcess([], process.returncode, output, errors)
    assert "andon bisect --resume" in checked(words, done, 130).stderr
    assert list((bad.home / "tmp").glob("andon-bisect-*")) == []
    (bad.home / "hold").unlink()
    found = bad.json("bisect", "--resume")
    assert (found["subjects"], found["confidence"]) == (["Step 3"], "proven")
    assert any(text.startswith("culprit proven") for text in bad.texts())
    assert len(bad.git("worktree", "list").splitlines()) == 1
    assert (bad.repository / "app.py").read_text() == "what somebody is working on\n"
    bad.andon("verify", "--watch", "10", code=(0, 3))
    bad.andon("sign", "failure-resolved", "--reason", "looked")
    bad.andon("mitigate")
    assert "Step 3 broke it" in bad.json("status")["next"]["text"]
    bad.andon("resolve")
    assert any(text.startswith("resolved: commit ") and "Step 3" in text for text in bad.texts())
    assert bad.json("audit")["whole"]
