"""Processes are stopped by id and start time, and never by id alone."""

import os
import subprocess
import sys

from andon.drill import supervisor

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]


def sleeper() -> subprocess.Popen[bytes]:
    child = subprocess.Popen(SLEEPER, stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    return child


def test_a_running_process_has_a_start_time() -> None:
    assert supervisor.began(os.getpid()) == supervisor.began(os.getpid()) != ""


def test_a_process_that_ended_has_none_even_before_it_is_reaped() -> None:
    with sleeper() as child:
        birth = supervisor.began(child.pid)
        supervisor.stop(child.pid, birth)
        assert birth
        assert supervisor.began(child.pid) == ""


def test_a_reused_process_id_is_not_touched() -> None:
    with sleeper() as child:
        supervisor.stop(child.pid, "some other time")
        supervisor.stop(child.pid, "")
        assert child.poll() is None
        child.kill()


def test_a_process_that_ignores_the_first_signal_is_killed() -> None:
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        supervisor.stop(child.pid, supervisor.began(child.pid), patience=0.2)
        assert supervisor.began(child.pid) == ""


def test_nothing_starts_in_a_closed_production(tmp_path) -> None:
    (tmp_path / "run").mkdir()
    supervisor.close(str(tmp_path))
    try:
        supervisor.register(str(tmp_path), "late")
    except supervisor.Closed:
        return
    raise AssertionError("a closed production let a process in")


def test_a_damaged_pid_file_names_no_process(tmp_path) -> None:
    (tmp_path / "run").mkdir()
    for text in ("", "{", '{"pid": "x", "began": "1"}', "[]", '{"pid": 1}'):
        (tmp_path / "run" / "shop.pid").write_text(text)
        assert supervisor.recorded(str(tmp_path), "shop") is None
