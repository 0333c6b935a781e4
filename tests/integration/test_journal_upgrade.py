"""A journal of an older Andon is upgraded where it lies, with all that is in it, even by several at once."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from andon.errors import Unavailable
from andon.incident.events import NoteAdded
from andon.incident.recorded import Batch, Recorded
from andon.incident.words import CommandId
from andon.journal import migrations, postgres_database, sqlite_file
from andon.journal.open import open_journal
from tests.fakes.journal import FakeRedactor

if TYPE_CHECKING:
    from andon.desk.ports_journal import EvidenceStore, Journal

NOW = datetime(2026, 3, 1, 3, 4, 5, tzinfo=UTC)
MIGRATIONS = Path(migrations.__file__).parent
NEWEST = {"sqlite": sqlite_file.VERSION, "postgres": postgres_database.VERSION}


def batch(command: str) -> Batch:
    event = NoteAdded(text=f"said by {command}: naïve 🧯")
    return Batch(command=CommandId(command), actor="alice", at=NOW, events=(event,))


class Opener:
    """Opens journals at one place and closes them at the end."""

    def __init__(self, place: str) -> None:
        self.place = place
        self._journals: list[Journal] = []

    def __call__(self) -> tuple[Journal, EvidenceStore]:
        opened = open_journal(self.place, FakeRedactor())
        self._journals.append(opened[0])
        return opened

    def close(self) -> None:
        for journal in self._journals:
            journal.close()

    def version(self) -> int:
        """Return the schema version that is really there."""
        if "://" in self.place:
            with psycopg.connect(self.place) as server:
                row = server.execute("SELECT number FROM version").fetchone()
        else:
            with sqlite3.connect(self.place) as file:
                row = file.execute("PRAGMA user_version").fetchone()
            file.close()
        assert row is not None
        return int(row[0])


@pytest.fixture(params=["sqlite", "postgres"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Open one and the same journal."""
    place = (
        str(tmp_path / "journal.db")
        if request.param == "sqlite"
        else request.getfixturevalue("empty_postgres_url")
    )
    opener = Opener(place)
    yield opener
    opener.close()


@pytest.fixture
def before(reopen: Opener, monkeypatch: pytest.MonkeyPatch) -> tuple[Recorded, ...]:
    """The events of a journal that was made by the first version, which knew no evidence."""
    with monkeypatch.context() as past:
        past.setattr(sqlite_file, "VERSION", 1)
        past.setattr(postgres_database, "VERSION", 1)
        journal, evidence = reopen()
        for number in range(20):
            journal.append("INC-1", batch(f"c{number}"))
        with pytest.raises((Unavailable, psycopg.errors.UndefinedTable)):
            evidence.hashes()
        events = journal.read("INC-1")
        reopen.close()
    assert reopen.version() == 1
    return events


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_the_newest_migration_is_the_version_that_this_andon_knows(database: str) -> None:
    numbers = sorted(int(path.name[:4]) for path in (MIGRATIONS / database).glob("*.sql"))
    assert numbers == list(range(1, NEWEST[database] + 1))
    assert all(re.fullmatch(r"\d{4}_[a-z_]+\.sql", p.name) for p in (MIGRATIONS / database).iterdir())


def test_the_previous_version_is_upgraded_with_everything_in_it(
    reopen: Opener, before: tuple[Recorded, ...]
) -> None:
    journal, evidence = reopen()
    assert journal.read("INC-1") == before
    assert journal.audit("INC-1").is_whole
    assert journal.append("INC-1", batch("c3")).repeated
    journal.append("INC-1", batch("new"))
    assert journal.claim_number() == 1
    kept = evidence.put(b"a log", "text/plain")
    assert evidence.get(kept.evidence).content == b"a log"
    assert reopen.version() == 2
    again = reopen()[0]
    assert again.read("INC-1")[:20] == before
    assert again.audit("INC-1").verified == 21


UPGRADE = """
import sys
from andon.journal.open import open_journal
from tests.fakes.journal import FakeRedactor
from tests.integration.test_journal_upgrade import batch
journal, evidence = open_journal(sys.argv[1], FakeRedactor())
print("ready", flush=True)
sys.stdin.readline()
journal.append("INC-1", batch("from " + sys.argv[2]))
evidence.put(sys.argv[2].encode(), "text/plain")
print(journal.claim_number())
journal.close()
"""


def all_at_once(place: str, count: int) -> list[int]:
    """Let several processes open the journal at the same time; return the numbers they claimed."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p or "." for p in sys.path)}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", UPGRADE, place, str(number)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
        )
        for number in range(count)
    ]  # fmt: skip
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.communicate()[1]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=60) for process in processes]
    assert not any(process.returncode for process in processes), answers
    return [int(out) for out, _ in answers]


@pytest.mark.usefixtures("before")
def test_several_who_upgrade_at_once_do_it_once(reopen: Opener) -> None:
    assert sorted(all_at_once(reopen.place, 4)) == [1, 2, 3, 4]
    assert reopen.version() == 2
    report = reopen()[0].audit("INC-1")
    assert (report.reason, report.verified) == ("", 24)
    assert len(reopen()[1].hashes()) == 4


def test_several_who_make_the_journal_at_once_make_one(reopen: Opener) -> None:
    assert sorted(all_at_once(reopen.place, 4)) == [1, 2, 3, 4]
    report = reopen()[0].audit("INC-1")
    assert (report.reason, report.verified) == ("", 4)


def test_an_upgrade_that_fails_leaves_the_version_and_the_data(
    reopen: Opener, before: tuple[Recorded, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = migrations.migrations

    def broken(database: str, after: int, up_to: int) -> list[tuple[int, str]]:
        return [(n, s + "\nSELECT no_such_function();\n") for n, s in real(database, after, up_to)]

    with monkeypatch.context() as broken_release:
        broken_release.setattr("andon.journal.sqlite_schema.migrations", broken)
        broken_release.setattr("andon.journal.postgres_schema.migrations", broken)
        with pytest.raises((Unavailable, psycopg.errors.UndefinedFunction)):
            reopen()[0].append("INC-1", batch("too early"))
    assert reopen.version() == 1
    assert reopen()[0].read("INC-1") == before


def test_a_newer_version_is_read_but_not_written_to(reopen: Opener) -> None:
    reopen()[0].append("INC-1", batch("c1"))
    if "://" in reopen.place:
        with psycopg.connect(reopen.place) as server:
            server.execute("UPDATE version SET number = 99")
    else:
        with sqlite3.connect(reopen.place) as file:
            file.execute("PRAGMA user_version = 99")
        file.close()
    journal, evidence = reopen()
    assert len(journal.read("INC-1")) == 1
    for write in (
        lambda: journal.append("INC-1", batch("c2")),
        journal.claim_number,
        lambda: evidence.put(b"x", "text/plain"),
    ):
        with pytest.raises(Unavailable) as refused:
            write()
        assert refused.value.rule == "schema-version"
    assert journal.audit("INC-1").verified == 1


def test_opening_an_up_to_date_journal_reads_no_sql_files(
    reopen: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    reopen()[0].append("INC-1", batch("c1"))

    def never(*_: object) -> list[tuple[int, str]]:
        raise AssertionError("the migrations were read")

    monkeypatch.setattr("andon.journal.sqlite_schema.migrations", never)
    monkeypatch.setattr("andon.journal.postgres_schema.migrations", never)
    journal = reopen()[0]
    journal.append("INC-1", batch("c2"))
    assert len(journal.read("INC-1")) == 2
