"""A purge that is killed, or whose disk is full, harms nothing and is done again from the start."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from andon.errors import Conflict, Refused, Unavailable
from andon.production import history_backup, history_mirror
from andon.production.history_work import GitHistories, alone_in
from tests.integration.leaked import commit, git, secret, start
from tests.integration.test_leak_purge import NOW, everything_in, quiet

#: Runs a purge and says each step, so that it can be stopped there.
PURGE = """
import sys
from andon.production.history_work import GitHistories, alone_in
from andon.secrets.leak.credential import Credential
root, room, stop = sys.argv[1:]
value = sys.stdin.buffer.read()
def tell(line):
    print(line, flush=True)
    if stop and stop in line:
        while True:
            __import__("signal").pause()
GitHistories(root).purge(room, (Credential(mark="aaaaaa", kind="api-key", value=value),), (), (), tell)
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository with a leak, and some commits after it."""
    root = start(tmp_path / "shop")
    commit(root, {".env": b"KEY=" + secret(21).value + b"\n"})
    for number in range(5):
        commit(root, {f"{number}.txt": b"%d\n" % number})
    return root


@pytest.mark.parametrize("step", ["cloning", "writing 6 commits", "comparing", "removing the old objects"])
def test_killed_at_any_step_it_begins_again(shop: Path, tmp_path: Path, step: str) -> None:
    before, room = everything_in(shop), tmp_path / "room"
    with subprocess.Popen(
        [sys.executable, "-c", PURGE, str(shop), str(room), step],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(secret(21).value)
        child.stdin.close()
        assert any(step.encode() in line for line in iter(child.stdout.readline, b""))
        os.killpg(child.pid, signal.SIGKILL)
    assert everything_in(shop) == before
    work, leaked = GitHistories(str(shop)), (secret(21),)
    with pytest.raises(Refused, match="no purged mirror"):
        work.verify(str(room), leaked, (), quiet)
    with pytest.raises(Refused, match="no purged mirror"):
        work.plan_push(str(room), leaked, "origin", quiet)
    _, account = work.purge(str(room), leaked, (), (), quiet)
    assert account.commits == 6
    assert work.verify(str(room), leaked, (), quiet).survivors == ()
    assert everything_in(shop) == before


def test_too_little_room_is_told_before_anything_is_made(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, room = GitHistories(str(shop)), tmp_path / "room"
    for module in (history_mirror, history_backup):
        monkeypatch.setattr(module, "free_bytes", lambda _: 1 << 20)
    with pytest.raises(Unavailable, match="1 MiB are free"):
        work.purge(str(room), (secret(21),), (), (), quiet)
    with pytest.raises(Unavailable, match="1 MiB are free"):
        work.back_up(str(room), (secret(21),), NOW, quiet)
    assert os.listdir(room) == []


def test_a_disk_that_fills_stops_it_and_leaves_the_original(tmp_path: Path) -> None:
    root = start(tmp_path / "shop")
    commit(root, {".env": b"KEY=" + secret(21).value, "large.bin": os.urandom(3 << 20)})
    before, room = everything_in(root), tmp_path / "room"
    done = subprocess.run(
        [sys.executable, "-c", PURGE, str(root), str(room), ""],
        input=secret(21).value,
        capture_output=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20)),
    )
    assert done.returncode != 0
    assert b"no complete copy of the repository can be made" in done.stderr
    assert everything_in(root) == before
    assert not (room / "mirror.git").exists()
    assert secret(21).value not in done.stderr + done.stdout


def test_a_backup_that_does_not_fit_leaves_no_half_file(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> object:
        raise OSError(28, "No space left on device")

    work, room = GitHistories(str(shop)), tmp_path / "room"
    monkeypatch.setattr(history_backup.subprocess, "run", fail)
    with pytest.raises(Unavailable, match="No space left"):
        work.back_up(str(room), (secret(21),), NOW, quiet)
    assert os.listdir(room) == []


def test_no_process_shows_the_secret_in_its_arguments_or_environment(shop: Path, tmp_path: Path) -> None:
    if not Path("/proc/self/cmdline").exists():
        pytest.skip("this system shows no arguments of processes in files")
    value, seen = secret(21).value, []
    with subprocess.Popen(
        [sys.executable, "-c", PURGE, str(shop), str(tmp_path / "room"), ""],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    ) as child:
        assert child.stdin is not None
        child.stdin.write(value)
        child.stdin.close()
        while child.poll() is None:
            seen += _shown()
    assert child.returncode == 0
    assert len(seen) > 10
    assert value not in b"".join(seen)


def _shown() -> list[bytes]:
    """Return what other processes show of themselves right now."""
    shown = []
    for place in Path("/proc").iterdir():
        if place.name.isdecimal():
            for name in ("cmdline", "environ"):
                try:
                    shown.append((place / name).read_bytes())
                except OSError:
                    continue
    return shown


def test_what_is_left_of_a_killed_purge_is_cleaned_up(shop: Path, tmp_path: Path) -> None:
    room = tmp_path / "room"
    room.mkdir()
    git(shop, "clone", "-q", "--mirror", str(shop), str(room / "mirror.git"))
    (room / "account.json").write_text(json.dumps({}))
    done = GitHistories(str(shop)).clean_up(str(room), NOW, quiet)
    assert (done.left, len(done.removed), os.listdir(room)) == ((), 2, [])


def test_two_purges_do_not_write_into_one_mirror(shop: Path, tmp_path: Path) -> None:
    room = str(tmp_path / "room")
    with alone_in(room), pytest.raises(Conflict, match="another purge"):
        GitHistories(str(shop)).purge(room, (secret(21),), (), (), quiet)
