"""A drill that is interrupted stops everything it started and removes its directory."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from andon.drill import supervisor
from andon.drill.environment import environment
from tests.acceptance.drilled import ANDON, PROCESSES
from tests.acceptance.shop import PATIENCE, wait_for

STARTED = "It breaks"


def production_in(place) -> str:
    (home,) = [entry.path for entry in os.scandir(place) if entry.name.startswith("andon-drill-")]
    return os.path.join(home, "production")


def processes_of(place: Path) -> list[str]:
    """Return the processes whose temporary directory this is; none where the system does not tell."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"TMPDIR={place}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append(process.name)
    return found


def births(production: str) -> list[tuple[int, str]]:
    found = [supervisor.recorded(production, name) for name in PROCESSES]
    return [entry for entry in found if entry]


@pytest.mark.parametrize(
    ("sign", "moment"),
    [
        (signal.SIGINT, "A shop, in production"),
        (signal.SIGINT, STARTED),
        (signal.SIGTERM, "Decide and act"),
        (signal.SIGHUP, "Learn"),
    ],
)
def test_an_interrupted_drill_leaves_nothing(tmp_path, sign, moment) -> None:
    with subprocess.Popen(
        [*ANDON, "drill", "--fast"],
        cwd=tmp_path,
        env=environment({"TMPDIR": str(tmp_path), "PYTHONUTF8": "1"}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if moment in line:
                break
        production = production_in(tmp_path)
        started = births(production)
        process.send_signal(sign)
        rest = process.stdout.read()
        code = process.wait(timeout=PATIENCE)
    assert code == 130, rest
    assert "Traceback" not in rest
    assert not any(supervisor.began(pid) == birth for pid, birth in started)
    assert not os.path.exists(production)
    if moment != "A shop, in production":
        assert len(started) == len(PROCESSES)


def test_ctrl_c_at_the_keyboard_reaches_everybody_and_leaves_nothing(tmp_path) -> None:
    terminal = pexpect.spawn(
        sys.executable,
        ["-m", "andon", "drill", "--fast"],
        cwd=str(tmp_path),
        env=environment({"TMPDIR": str(tmp_path), "TERM": "xterm"}),
        encoding="utf-8",
        timeout=PATIENCE,
    )
    terminal.expect("Pull the cord")
    production = production_in(tmp_path)
    started = births(production)
    terminal.sendintr()
    terminal.expect(pexpect.EOF)
    terminal.wait()
    terminal.close()
    assert terminal.exitstatus == 130
    assert len(started) == len(PROCESSES)
    assert not any(supervisor.began(pid) == birth for pid, birth in started)
    assert not os.path.exists(production)


def test_a_drill_that_was_killed_is_cleared_up_by_the_next(tmp_path) -> None:
    command = [*ANDON, "drill", "--fast"]
    surroundings = environment({"TMPDIR": str(tmp_path), "PYTHONUTF8": "1"})
    with subprocess.Popen(
        command, cwd=tmp_path, env=surroundings, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if STARTED in line:
                break
        production = production_in(tmp_path)
        started = births(production)
        process.kill()
    wait_for(lambda: not any(supervisor.began(pid) == birth for pid, birth in started), "their end")
    wait_for(lambda: not processes_of(tmp_path), "the end of the command that the drill had just given")
    assert os.path.exists(production)
    interactive = [*command, "--interactive"]
    nobody = subprocess.run(
        interactive, cwd=tmp_path, env=surroundings, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert nobody.returncode == 2
    assert re.search("nobody answers", nobody.stderr)
    assert not os.path.exists(production)
    assert [entry.name for entry in os.scandir(tmp_path)] == []
