"""The room of a search: private, emptied again, and swept by the next one when the search was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from andon.production.gap.room import MARK, PREFIX, end_processes, room, sweep

KILLED = """
import os, subprocess, sys, time
from andon.production.gap.room import room
with room() as place:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    print(place, child.pid, flush=True)
    time.sleep(600)
"""

#: Starts a daemon as it is done in the book, which keeps nothing of the environment, and tells its id.
DAEMON = """
import os, sys
if os.fork() == 0:
    os.setsid()
    child = os.fork()
    if child:
        print(child, flush=True)
        os._exit(0)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.execve(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)"], {})
os.wait()
"""


@pytest.fixture(autouse=True)
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    yield


def is_alive(process: int) -> bool:
    try:
        with Path(f"/proc/{process}/stat").open() as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_room_is_private_and_gone_afterwards_with_what_ran_in_it() -> None:
    with room() as place:
        assert Path(place).stat().st_mode & 0o077 == 0
        assert os.environ[MARK] == place
        child = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True
        )
        while not Path(f"/proc/{child.pid}/environ").read_bytes():
            pass
    assert child.wait(5) in (-signal.SIGTERM, -signal.SIGKILL)
    assert not Path(place).exists()
    assert MARK not in os.environ


@pytest.mark.skipif(sys.platform != "linux", reason="nobody adopts a daemon elsewhere")
def test_a_daemon_that_cut_itself_loose_ends_with_the_room_and_nobody_elses_child_does() -> None:
    ours = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    try:
        with room():
            started = subprocess.run([sys.executable, "-c", DAEMON], stdout=subprocess.PIPE, check=True)
            daemon = int(started.stdout)
            assert is_alive(daemon)
        assert not is_alive(daemon)
        assert ours.poll() is None
    finally:
        ours.kill()
        ours.wait()


def test_a_search_that_was_killed_is_swept_by_the_next_one() -> None:
    search = subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True)
    assert search.stdout is not None
    place, child = search.stdout.readline().split()
    search.kill()
    search.wait()
    search.stdout.close()
    assert is_alive(int(child)) and Path(place).exists()
    sweep()
    deadline = time.monotonic() + 5
    while is_alive(int(child)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_alive(int(child))
    assert not Path(place).exists()


def test_a_search_that_runs_is_left_alone_and_so_is_what_is_not_ours(tmp_path: Path) -> None:
    other = tmp_path / "andon-other"
    other.mkdir()
    (tmp_path / f"{PREFIX}file").write_text("no directory")
    with room() as place:
        sweep()
        assert Path(place).exists()
    assert other.exists()
    assert (tmp_path / f"{PREFIX}file").exists()


def test_only_marked_processes_are_ended(tmp_path: Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        end_processes(str(tmp_path / "nobody"))
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()
