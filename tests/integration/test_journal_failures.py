"""What can happen to the file of a journal: each time a clear Unavailable, and nothing lost."""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from andon.errors import Unavailable
from andon.incident.events import NoteAdded
from andon.incident.recorded import Batch
from andon.incident.words import CommandId
from andon.journal import sqlite_schema
from andon.journal.sqlite import SqliteJournal
from andon.journal.sqlite_evidence import SqliteEvidence
from andon.journal.sqlite_file import JournalFile
from tests.fakes.journal import FakeRedactor

NOW = datetime(2026, 3, 1, 3, 4, 5, tzinfo=UTC)


def batch(command: str, text: str = "note") -> Batch:
    return Batch(command=CommandId(command), actor="alice", at=NOW, events=(NoteAdded(text=text),))


_open: list[SqliteJournal] = []


def opened(path: Path, patience: float = 0.3) -> SqliteJournal:
    """Open a journal, which is closed at the end of the test at the latest."""
    _open.append(SqliteJournal(JournalFile(str(path), patience)))
    return _open[-1]


@pytest.fixture(autouse=True)
def closed_at_the_end() -> Iterator[None]:
    yield
    close_all()


def close_all() -> None:
    while _open:
        _open.pop().close()


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory that any user can reach; pytest's own is closed to others."""
    path = Path(tempfile.mkdtemp(prefix="andon-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def filled(directory: Path) -> Path:
    """A journal with two hundred events, closed, so that they are all in one file."""
    path = directory / "data" / "journal.db"
    journal = opened(path)
    for number in range(200):
        journal.append("INC-1", batch(f"c{number}", f"event {number} " * 20))
    journal.close()
    assert sorted(os.listdir(path.parent)) == ["journal.db", "journal.db.lock"]
    return path


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Do something as a user whom permissions bind, as they do not bind root."""
    if os.geteuid() != 0:
        yield
        return
    nobody = pwd.getpwnam("nobody")
    group = os.getegid()
    os.setegid(nobody.pw_gid)
    os.seteuid(nobody.pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)


def refused(path: Path, rule: str) -> Unavailable:
    """Check that nothing can be appended, for the reason `rule`, and return the error."""
    journal = opened(path)
    with pytest.raises(Unavailable) as error:
        journal.append("INC-1", batch("refused"))
    journal.close()
    assert error.value.rule == rule
    assert error.value.where.startswith(str(path))
    assert error.value.remedy
    assert error.value.message
    assert "FILE" not in error.value.remedy
    return error.value


def assert_whole(path: Path, length: int) -> None:
    """Check that exactly the first `length` events are there."""
    journal = opened(path)
    report = journal.audit("INC-1")
    assert (report.reason, report.verified) == ("", length)
    assert len(journal.read("INC-1")) == length
    assert journal.recall(CommandId("refused")) is None
    journal.close()


# ---- making it


def test_a_new_journal_is_private_and_its_directory_is_made(directory: Path) -> None:
    path = directory / "a" / "shop" / "journal.db"
    journal = opened(path)
    assert journal.read("INC-1") == ()
    assert not path.parent.exists(), "reading made something"
    journal.append("INC-1", batch("c1"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    for name in os.listdir(path.parent):
        assert stat.S_IMODE((path.parent / name).stat().st_mode) == 0o600, name
    journal.close()


def test_a_strange_name_is_only_a_name(directory: Path) -> None:
    path = directory / "50% off?mode=memory#x & 'y'.db"
    opened(path).append("INC-1", batch("c1"))
    assert path.stat().st_size
    assert len(opened(path).read("INC-1")) == 1


def test_a_journal_can_be_used_again_after_it_was_closed(directory: Path) -> None:
    journal = opened(directory / "journal.db")
    journal.append("INC-1", batch("c1"))
    journal.close()
    journal.append("INC-1", batch("c2"))
    assert len(journal.read("INC-1")) == 2
    journal.close()
    journal.close()


def test_writes_are_synced_at_every_commit(directory: Path) -> None:
    file = JournalFile(str(directory / "journal.db"))
    with file.writing() as db:
        assert db.execute("PRAGMA synchronous").fetchone() == (2,)
    with file.reading() as db:
        assert db is not None
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    file.close()


# ---- what is there is no journal


def test_a_directory_is_no_journal(directory: Path) -> None:
    refused(directory, "journal-is-a-file")


def test_a_place_below_a_file_cannot_be_made(filled: Path) -> None:
    refused(filled / "deeper" / "journal.db", "journal-opens")


def test_text_is_no_journal(directory: Path) -> None:
    path = directory / "journal.db"
    path.write_text("this is a diary, not a journal\n" * 1000)
    refused(path, "journal-intact")
    assert path.read_text().startswith("this is a diary")


def test_another_programs_database_is_not_touched(directory: Path) -> None:
    path = directory / "shop.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE orders (id INTEGER)")
    db.close()
    before = path.read_bytes()
    refused(path, "journal-is-ours")
    with pytest.raises(Unavailable):
        opened(path).read("INC-1")
    assert path.read_bytes() == before


def test_a_newer_journal_is_read_but_not_written_to(filled: Path) -> None:
    with sqlite3.connect(filled) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    assert len(opened(filled).read("INC-1")) == 200
    error = refused(filled, "schema-version")
    assert "upgrade" in error.remedy
    file = JournalFile(str(filled))
    with pytest.raises(Unavailable):
        SqliteEvidence(file, FakeRedactor()).put(b"x", "text/plain")
    file.close()


# ---- the file is damaged


def test_an_emptied_file_is_not_taken_for_a_new_journal(filled: Path) -> None:
    os.truncate(filled, 0)
    error = refused(filled, "journal-intact")
    assert "empty" in error.message
    with pytest.raises(Unavailable):
        opened(filled).read("INC-1")
    assert filled.stat().st_size == 0


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.95])
def test_a_truncated_file_is_noticed(filled: Path, share: float) -> None:
    os.truncate(filled, int(filled.stat().st_size * share))
    journal = opened(filled)
    with pytest.raises(Unavailable) as error:
        journal.audit("INC-1")
        journal.read("INC-1")
    assert error.value.rule == "journal-intact"
    journal.close()


def test_damaged_pages_are_noticed(filled: Path) -> None:
    size = filled.stat().st_size
    with filled.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(size - 4096))
    journal = opened(filled)
    with pytest.raises(Unavailable) as error:
        journal.read("INC-1")
    assert error.value.rule == "journal-intact"
    journal.close()
    refused(filled, "journal-intact")


# ---- it cannot be written now


def test_another_programs_lock_is_waited_for_and_then_named(filled: Path) -> None:
    other = sqlite3.connect(filled, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert "fuser" in refused(filled, "journal-locked").remedy
    assert len(opened(filled).read("INC-1")) == 200, "reading does not wait"
    other.execute("ROLLBACK")
    other.close()
    assert_whole(filled, 200)


def test_the_process_whose_turn_takes_too_long_is_named(filled: Path) -> None:
    journal = opened(filled)
    journal.append("INC-1", batch("c200"))  # leaves our process id in the file
    with open(f"{filled}.lock", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert f"process {os.getpid()}" in refused(filled, "journal-locked").message
    journal.append("INC-1", batch("c201"))
    journal.close()
    assert_whole(filled, 202)


def test_a_process_that_cannot_leave_its_name_does_not_keep_its_turn(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk_full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("andon.journal.turns.os.pwrite", disk_full)
        opened(filled).append("INC-1", batch("c200"))
    opened(filled).append("INC-1", batch("c201"))
    assert_whole(filled, 202)


def test_a_read_only_file_and_directory_can_be_read_but_not_written(filled: Path) -> None:
    filled.chmod(0o444)
    (filled.parent / "journal.db.lock").unlink()
    filled.parent.chmod(0o555)
    with ordinary_user():
        journal = opened(filled)
        assert len(journal.read("INC-1")) == 200
        assert journal.audit("INC-1").is_whole
        with pytest.raises(Unavailable) as error:
            journal.append("INC-1", batch("refused"))
        assert error.value.rule == "journal-writable"
        journal.close()
        refused(filled, "journal-writable")
    assert os.listdir(filled.parent) == ["journal.db"]
    filled.parent.chmod(0o755)
    filled.chmod(0o644)
    assert_whole(filled, 200)


def test_a_file_of_somebody_else_cannot_be_opened(filled: Path) -> None:
    filled.chmod(0o000)
    filled.parent.chmod(0o755)
    with ordinary_user():
        refused(filled, "journal-opens")
        with pytest.raises(Unavailable):
            opened(filled).read("INC-1")


def test_a_directory_of_somebody_else_cannot_be_entered(filled: Path) -> None:
    filled.parent.chmod(0o000)
    with ordinary_user():
        with pytest.raises(Unavailable) as error:
            opened(filled).read("INC-1")
        assert error.value.rule in ("journal-writable", "journal-opens")
        refused(filled, "journal-writable")
    filled.parent.chmod(0o700)


def test_a_full_disk_loses_nothing_that_was_acknowledged(directory: Path) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", directory], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"needs a small disk, which only root can mount: {mounted.stderr.strip()}")
    path = directory / "journal.db"
    journal = opened(path)
    done = 0
    try:
        with pytest.raises(Unavailable) as error:
            for number in range(10_000):
                journal.append("INC-1", batch(f"c{number}", "x" * 1000))
                done += 1
        assert error.value.rule == "disk-full"
        assert done > 5
        assert len(journal.read("INC-1")) == done
        with pytest.raises(Unavailable):
            journal.append("INC-1", batch("refused", "x" * 10_000))
        journal.close()
        assert_whole(path, done)
        _fill(directory)
        refused(directory / "other" / "journal.db", "disk-full")
        subprocess.run(["mount", "-o", "remount,size=4m", directory], check=True)
        opened(path).append("INC-1", batch("room again"))
        assert_whole(path, done + 1)
    finally:
        close_all()
        subprocess.run(["umount", directory], check=True)


def _fill(directory: Path) -> None:
    """Use up what is left of a disk."""
    with pytest.raises(OSError, match="No space"), (directory / "filler").open("wb", 0) as file:
        while True:
            file.write(b"x" * 1024)


def test_a_limit_on_file_sizes_loses_nothing_that_was_acknowledged(directory: Path) -> None:
    path = directory / "journal.db"
    program = f"""
import resource
from tests.integration.test_journal_failures import Path, Unavailable, batch, opened
journal = opened(Path({str(path)!r}))
journal.claim_number()
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
done = 0
try:
    while True:
        journal.append("INC-1", batch(f"c{{done}}", "x" * 1000))
        done += 1
except Unavailable as problem:
    print(done, problem.rule)
"""
    ran = run(program)
    done, rule = ran.stdout.split()
    assert rule in ("journal-disk", "disk-full")
    assert int(done) > 5
    assert_whole(path, int(done))


def run(program: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a Python program to its end, successfully."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p) or "."}
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment
    )


def test_a_failed_creation_leaves_nothing_behind(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def disk_full(path: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sqlite_schema, "_sync", disk_full)
    refused(directory / "journal.db", "disk-full")
    assert os.listdir(directory) == ["journal.db.lock"]
    monkeypatch.undo()
    opened(directory / "journal.db").append("INC-1", batch("c1"))


def test_an_interrupted_transaction_leaves_nothing(filled: Path) -> None:
    file = JournalFile(str(filled))
    with pytest.raises(KeyboardInterrupt), file.writing() as db:
        db.execute("UPDATE counter SET value = 1000")
        raise KeyboardInterrupt
    journal = SqliteJournal(file)
    assert journal.claim_number() == 1
    journal.append("INC-1", batch("c200"))
    journal.close()
    assert_whole(filled, 201)
