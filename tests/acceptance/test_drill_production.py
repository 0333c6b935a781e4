"""The practice production by itself: it serves, breaks, is noticed, goes back, and leaves nothing running."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime

import pytest

from andon.drill import supervisor, world
from andon.drill.releases import Edit, Release

BAD = Release(
    version="v1.4.0",
    message="Break the price",
    author="Lena",
    edits=(
        Edit(
            file="shop/pricing.py",
            old="    goods = sum(",
            new='    customer["tier"]\n    goods = sum(',
        ),
    ),
)


@pytest.fixture
def production(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with world.World.make() as made:
        made.build(datetime.now(UTC))
        made.open()
        yield made


def pids(production: str) -> list[tuple[int, str]]:
    found = [supervisor.recorded(production, name) for name in ("shop", "payments", "customers")]
    return [entry for entry in found if entry]


def until(condition, seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_a_bad_release_is_noticed_and_going_back_helps(production) -> None:
    broke = production.deploy(BAD).timestamp()
    until(lambda: sum(beat.lost for beat in production.beats_begun(broke)) >= 3)
    with open(production.log, encoding="utf-8") as log:
        text = log.read()
    assert "Traceback" in text
    assert "KeyError: 'tier'" in text

    fresh = os.path.join(production.production, "current.new")
    os.symlink(os.path.join("releases", "v1.3.0"), fresh)
    os.replace(fresh, os.path.join(production.production, "current"))
    production.restart()
    back = time.time()
    until(lambda: sum(beat.fine for beat in production.beats_begun(back)) >= 10)
    assert sum(beat.lost for beat in production.beats_begun(back)) == 0


def test_a_release_that_does_not_start_fails_its_deployment(production) -> None:
    broken = Release(
        version="v1.5.0",
        message="Forget a colon",
        author="Tom",
        edits=(Edit(file="shop/store.py", old="import os\n", new="import os os\n"),),
    )
    with pytest.raises(subprocess.CalledProcessError):
        production.deploy(broken)


def test_everything_is_stopped_and_removed_at_the_end(production) -> None:
    started = pids(production.production)
    assert len(started) == 3
    assert all(supervisor.began(pid) == birth for pid, birth in started)
    production.end()
    assert not any(supervisor.began(pid) == birth for pid, birth in started)
    assert not os.path.exists(production.home)


def test_a_production_that_is_kept_has_no_processes_left(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with world.World.make() as made:
        made.build(datetime.now(UTC))
        made.open()
        made.keep()
    assert not any(supervisor.began(pid) == birth for pid, birth in pids(made.production))
    assert os.path.exists(made.home)
    assert world.sweep() == ()


OWNER = """
import sys, tempfile
from datetime import UTC, datetime
from andon.drill.world import World
tempfile.tempdir = sys.argv[1]
made = World.make()
made.build(datetime.now(UTC))
made.open()
print(made.home, flush=True)
sys.stdin.read()
"""


def test_the_processes_of_a_killed_drill_end_and_the_next_one_clears_up(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    command = [sys.executable, "-c", OWNER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        home = owner.stdout.readline().strip()
        started = pids(os.path.join(home, "production"))
        assert len(started) == 3
        assert world.sweep() == (), "a drill that is going on is left alone"
        owner.send_signal(signal.SIGKILL)
    until(lambda: not any(supervisor.began(pid) == birth for pid, birth in started))
    assert world.sweep() == (home,)
    assert not os.path.exists(home)


def test_directories_of_others_are_never_swept(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    innocent = tmp_path / f"{world.PREFIX}mine"
    innocent.mkdir()
    marked = tmp_path / f"{world.PREFIX}odd"
    marked.mkdir()
    (marked / world.MARKER).write_text("[]")
    (tmp_path / f"{world.PREFIX}link").symlink_to(innocent)
    assert world.sweep() == ()
    assert innocent.exists()
    assert marked.exists()
