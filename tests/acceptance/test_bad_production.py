"""The deploy tool hangs, fails, lies and babbles, smoke tests hang, logs are not what they should be."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.shop import PATIENCE, Shop, checked, explains, wait_for
from tests.acceptance.test_ctrl_c import is_running

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes through /proc")


def ready(shop: Shop, mode: str, timeout: float = 300) -> None:
    """Go as far as a decided rollback with a deploy tool that does `mode`."""
    shop.deploy_by_command(mode, timeout=timeout)
    shop.break_it()
    shop.declare()
    shop.quickly("ack")
    shop.quickly("assess")
    shop.quickly("decide", "rollback", "--reason", "alone", "--yes")


def rollback(shop: Shop, code: int) -> dict[str, object]:
    """Roll back, check the exit code, and see that it is on record."""
    answer: dict[str, object] = shop.json("rollback", "--yes", "--watch", "10", code=code)
    assert any(text.startswith(f"deployment {answer['outcome']}") for text in shop.texts())
    assert shop.ask("audit")["whole"]
    return answer


@linux
def test_a_tool_that_hangs_is_stopped_with_all_it_started(shop: Shop) -> None:
    child = "import os, signal, time; signal.signal(15, 1); print(os.getpid(), flush=True); time.sleep(600)"
    hangs = (
        "import signal, subprocess\nsignal.signal(15, signal.SIG_IGN)\n"
        f"subprocess.Popen([sys.executable, '-S', '-c', {child!r}], stdout=open(here / 'child', 'w'))\n"
        "time.sleep(600)\n"
    )
    ready(shop, hangs, timeout=1.5)
    pid = ""
    for limit in (1.5, 15, 150):  # long enough for the tool to start something, which is what this is about
        shop.deploy_by_command(hangs, timeout=limit)
        assert "did not end" in str(rollback(shop, 1)["detail"])
        started = shop.place / "child"
        if pid := started.read_text().strip() if started.exists() else "":
            break
    wait_for(lambda: not is_running(pid), "the end of what the tool had started")
    shop.deploy_by_command()
    assert rollback(shop, 0)["outcome"] == "succeeded"


def test_a_tool_that_fails(shop: Shop) -> None:
    ready(shop, "print('no route to host', file=sys.stderr); sys.exit(7)")
    assert "exit code 7" in str(rollback(shop, 1)["detail"])
    shown = shop.andon("rollback", "--yes", "--watch", "10", code=1)
    assert "no route to host" in shown.stdout
    assert shop.running() == "v1.2.0"
    shop.andon("mitigate", code=1)


def test_a_tool_that_does_nothing_and_says_it_did(shop: Shop) -> None:
    ready(shop, "print('deployed'); sys.exit(0)")
    text = shop.toml_path.read_text()
    shop.toml("\n".join(line for line in text.splitlines() if not line.startswith("running")))
    shop.andon("deployed", "v1.2.0")
    answer = rollback(shop, 1)
    assert answer["outcome"] == "succeeded"  # all that could be asked was the tool
    assert answer["verification"]["verdict"] == "failed"  # type: ignore[index]
    shop.andon("mitigate", code=1)


def test_a_tool_that_lies_is_found_out(shop: Shop) -> None:
    ready(shop, "print('deployed'); sys.exit(0)")
    assert "still runs" in str(rollback(shop, 1)["detail"])


def test_a_tool_that_babbles(shop: Shop) -> None:
    ready(
        shop,
        "out = sys.stdout.buffer\n"
        "for _ in range(50): out.write(bytes(range(256)) * 4096)\n"
        "out.write(b'\\x1b[2J\\x1b]0;owned\\x07 the end')\n",
    )
    assert rollback(shop, 0)["outcome"] == "succeeded"
    kept = [e for e in shop.ask("evidence", "list") if e["kind"] == "report"]
    assert 0 < kept[0]["size"] < 5 * 1024 * 1024 + 1000
    shop.andon("evidence", "show", kept[0]["evidence"])


def test_a_tool_that_is_not_there(shop: Shop) -> None:
    ready(shop, "")
    shop.toml(shop.toml_path.read_text().replace(str(shop.place / "tool.py"), "/nowhere/tool.py"))
    assert rollback(shop, 1)["outcome"] == "failed"
    shop.toml(shop.toml_path.read_text().replace("deploy = [", 'deploy = ["/nowhere/deploy", '))
    done = shop.andon("rollback", "--yes", "--watch", "10", code=1)
    assert "no such program" in done.stdout
    shop.andon("doctor", code=(0, 1))


@linux
def test_smoke_tests_that_hang_do_not_keep_anybody(shop: Shop) -> None:
    pid = shop.home / "pid"
    hang = f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    shop.configure(more=f'[[smoke]]\nname = "hang"\ntimeout = 1\ncommand = {toml(hang)}\n')
    declared = shop.json("declare", "checkout answers 500", "-s", "P0")
    assert declared["incident"] == "INC-1"
    wait_for(lambda: not pid.exists() or not is_running(pid.read_text()), "the end of the smoke test")
    answer = shop.json("verify", "--watch", "10", code=(1, 3))
    assert answer["verification"]["critical_paths"] != "passed"


def toml(program: str) -> str:
    """Return an argument list for andon.toml that runs a Python program."""
    quoted = program.replace("\\", "\\\\").replace('"', '\\"')
    return f'["{sys.executable}", "-S", "-c", "{quoted}"]'


@pytest.mark.parametrize("kind", ["missing", "directory", "pipe", "not UTF-8", "200 MB", "no permission"])
def test_logs_that_are_none(shop: Shop, kind: str) -> None:
    log = shop.home / "odd.log"
    make_log(log, kind)
    shop.configure(log=str(log))
    shop.break_it()
    declared = shop.json("declare", "checkout answers 500", "-s", "P0")
    said = [line for line in declared["captured"] if "log" in line]
    readable = kind in ("not UTF-8", "200 MB") or (kind == "no permission" and os.geteuid() == 0)
    assert any(line.startswith("log app") for line in said) == readable, said
    assert any(line.startswith("unknown: log app") for line in said) != readable, said
    shop.andon("assess")
    shop.switch("v1.1.0")
    verified = shop.json("verify", "--watch", "10", code=(0, 1, 3))["verification"]
    if not readable:
        assert verified["logs"] == "unknown"
    shop.quickly("timeline")
    for evidence in shop.ask("evidence", "list"):
        shop.quickly("evidence", "show", evidence["evidence"])
    assert shop.ask("audit")["whole"]


def make_log(log: Path, kind: str) -> None:
    """Make what stands where a log should be."""
    match kind:
        case "directory":
            log.mkdir()
        case "pipe":
            os.mkfifo(log)
        case "not UTF-8":
            log.write_bytes(b"2026-03-01T00:00:00Z ERROR caf\xe9 \xff\xfe \x00 \x1b[31m\n" * 100)
        case "200 MB":
            with log.open("wb") as file:
                file.truncate(200_000_000)
                file.seek(0, os.SEEK_END)
                file.write(b"\n2026-03-01T00:00:00Z ERROR the end\n")
        case "no permission":
            log.write_text("secret\n")
            log.chmod(0)


def test_a_production_that_is_gone(shop: Shop) -> None:
    shop.break_it()
    shop.production.shutdown()
    shop.production.server_close()
    shop.json("declare", "all is down", "-s", "P0")
    assert shop.json("status")["next"]["command"] == "andon ack"
    shop.andon("assess")
    (shop.place / "current").unlink()
    shop.andon("assess")
    shop.andon("decide", "rollback", "--reason", "alone", "--yes")
    shop.andon("rollback", "--yes", "--watch", "10", code=(1, 3))
    explains(shop.andon("mitigate", code=1))


def test_a_terminal_that_is_closed_during_a_rollback(shop: Shop) -> None:
    ready(shop, "(here / 'busy').touch()\nwhile not (here / 'go').exists(): time.sleep(0.01)")
    process = shop.start("rollback", "--yes", "--watch", "10")
    wait_for((shop.place / "busy").exists, "the deploy tool")
    process.send_signal(signal.SIGHUP)
    output, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == -signal.SIGHUP
    checked(("rollback",), subprocess.CompletedProcess([], 0, output, errors), 0)
    (shop.place / "go").touch()
    wait_for(lambda: any("is over" in text for text in shop.texts()), "the end, which nobody waited for")
    assert shop.running() == "v1.1.0"
    assert any(text.startswith("verification") for text in shop.texts())
    assert len(shop.deploys()) == 1
