"""Ctrl-C while evidence is captured or a rollback runs: exit 130, the history tells it, work goes on."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.acceptance.shop import PATIENCE, Shop, checked, explains, wait_for

SLOW_PROBE = '''
[[smoke]]
name = "slow"
command = ["{python}", "-S", "-c", """import os, time
with open('{pid}', 'w') as pid:
    pid.write(str(os.getpid()))
time.sleep(600)"""]
timeout = 300
'''


def interrupt(shop: Shop, process: subprocess.Popen[bytes], words: tuple[str, ...]) -> str:
    """Send Ctrl-C and return what the command said last."""
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=PATIENCE)
    done = subprocess.CompletedProcess([], process.returncode, output, errors)
    return checked(words, done, 130).stderr


def is_running(pid: str) -> bool:
    """True when a process exists and is no zombie."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes through /proc")
def test_while_evidence_is_captured(shop: Shop) -> None:
    pid = shop.home / "probe.pid"
    shop.configure(more=SLOW_PROBE.format(python=sys.executable, pid=pid))
    process = shop.start("declare", "checkout answers 500", "--severity", "P0")
    wait_for(lambda: pid.exists() and pid.read_text(), "the slow smoke test")
    assert "andon status" in interrupt(shop, process, ("declare",))
    assert shop.json("status")["status"] == "declared"
    assert any("interrupted" in text for text in shop.texts())
    wait_for(lambda: not is_running(pid.read_text()), "the end of the smoke test")
    shop.configure()
    shop.andon("ack")
    shop.andon("assess")
    assert shop.ask("audit")["whole"]


def test_while_a_rollback_runs(shop: Shop) -> None:
    """Ctrl-C ends the telling, not the rollback: a worker has it, and whoever wants to follows it again."""
    busy_until_told = (
        "(here / 'busy').write_text(str(os.getpid()))\nwhile not (here / 'go').exists(): time.sleep(.01)"
    )
    shop.deploy_by_command(busy_until_told)
    shop.break_it()
    shop.declare()
    shop.andon("assess")
    shop.andon("decide", "--reason", "alone", "--yes")
    process = shop.start("rollback", "--yes", "--watch", "10")
    busy = shop.place / "busy"
    wait_for(lambda: busy.exists() and busy.read_text(), "the deploy tool")
    assert "andon status" in interrupt(shop, process, ("rollback",))
    assert is_running(busy.read_text()), "the deploy tool was interrupted with the command"
    assert any(text.startswith("rollback started") for text in shop.texts())
    assert shop.json("status")["next"]["command"] == "andon rollback --resume"
    shop.andon("rollback", "--yes", code=1)  # never a second one beside it
    (under_way,) = shop.json("workflows")["workflows"]
    assert (under_way["state"], under_way["step"]) == ("running", "deploy")
    assert is_running(str(shop.json("workflows")["worker"]))
    explains(shop.andon("workflows", "cancel", under_way["operation"], code=1), "cannot be stopped")
    (shop.place / "go").touch()
    resumed = shop.json("rollback", "--resume", code=(0, 3))
    assert resumed["outcome"] == "succeeded"
    assert shop.running() == "v1.1.0"
    assert len(shop.deploys()) == 1
    wait_for(lambda: shop.json("workflows")["worker"] is None, "the worker, which has nothing left to do")
    assert shop.ask("audit")["whole"]


def test_with_an_answer_for_programs(shop: Shop) -> None:
    pid = shop.home / "probe.pid"
    shop.configure(more=SLOW_PROBE.format(python=sys.executable, pid=pid))
    process = shop.start("declare", "checkout answers 500", "--json")
    wait_for(lambda: pid.exists() and pid.read_text(), "the slow smoke test")
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert b'"Interrupted"' in output
