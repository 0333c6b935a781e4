"""What can happen between a journal and its server: each time a clear Unavailable, and nothing twice."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from andon.errors import Unavailable
from andon.incident.events import NoteAdded
from andon.incident.recorded import Batch
from andon.incident.words import CommandId
from andon.journal import postgres
from andon.journal.postgres import PostgresJournal
from andon.journal.postgres_database import PostgresDatabase
from andon.journal.postgres_evidence import PostgresEvidence
from tests.fakes.journal import FakeRedactor

NOW = datetime(2026, 3, 1, 3, 4, 5, tzinfo=UTC)


def batch(command: str, text: str = "note") -> Batch:
    return Batch(command=CommandId(command), actor="alice", at=NOW, events=(NoteAdded(text=text),))


@pytest.fixture
def database(empty_postgres_url: str) -> Iterator[PostgresDatabase]:
    """A journal's database, which is not waited for longer than a moment."""
    with closing(PostgresDatabase(empty_postgres_url, patience=1)) as database:
        yield database


@pytest.fixture
def journal(database: PostgresDatabase) -> PostgresJournal:
    return PostgresJournal(database)


def refused(url: str, rule: str) -> Unavailable:
    """Check that the journal at `url` takes nothing, for the reason `rule`, and return the error."""
    with closing(PostgresJournal(PostgresDatabase(url, patience=1))) as journal:
        with pytest.raises(Unavailable) as error:
            journal.append("INC-1", batch("refused"))
        assert error.value.rule == rule, error.value
        assert error.value.where == journal.place
        assert error.value.message
        assert error.value.remedy
        assert "PLACE" not in error.value.remedy
        return error.value


def changed(url: str, **changes: str) -> str:
    """Return the URL of the same server with something else in it."""
    given = {name: str(value) for name, value in {**conninfo_to_dict(url), **changes}.items()}
    return f"postgresql://?{urlencode(given, quote_via=quote)}"


@pytest.fixture
def own_database(postgres_url: str) -> Iterator[str]:
    """URL of a database of its own, without any schema of ours."""
    if os.environ.get("ANDON_TEST_PG"):
        pytest.skip("the server is somebody else's")
    name = f"d{os.getpid()}_{time.monotonic_ns()}"
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    yield changed(postgres_url, dbname=name)
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


# ---- reaching it


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    refused(f"postgresql://alice:s3cret@127.0.0.1:{port}/andon", "journal-reachable")


def test_reading_says_so_too() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"postgresql://alice@127.0.0.1:{unused.getsockname()[1]}/andon"
    with closing(PostgresJournal(PostgresDatabase(url, patience=1))) as journal:
        for read in (journal.heads, lambda: journal.read("INC-1"), lambda: journal.audit("INC-1")):
            with pytest.raises(Unavailable):
                read()


def test_a_user_or_a_database_that_does_not_exist(own_database: str) -> None:
    refused(changed(own_database, user="stranger"), "journal-sign-in")
    refused(changed(own_database, dbname="nowhere"), "journal-sign-in")


def test_a_wrong_password_is_not_repeated_to_anybody(own_database: str) -> None:
    with psycopg.connect(own_database, autocommit=True) as server:
        row = server.execute("SHOW hba_file").fetchone()
        assert row is not None
        rules = Path(row[0])
        before = rules.read_text()
        server.execute("CREATE ROLE locked LOGIN PASSWORD 'the right one'")
        try:
            rules.write_text("local all locked scram-sha-256\n" + before)
            server.execute("SELECT pg_reload_conf()")
            url = changed(own_database, user="locked", password="s3cret")
            _until(lambda: "password" in refused(url, "journal-sign-in").message)
            error = refused(url, "journal-sign-in")
            assert "s3cret" not in f"{error}{error.message}{error.where}{error.remedy}{error.__cause__}"
            refused(changed(own_database, user="locked"), "journal-sign-in")
        finally:
            rules.write_text(before)
            server.execute("SELECT pg_reload_conf()")
            server.execute("DROP ROLE locked")


def _until(condition: Callable[[], bool]) -> None:
    """Wait for the server to notice, at most ten seconds."""
    deadline = time.monotonic() + 10
    while True:
        with suppress(pytest.fail.Exception, AssertionError):
            if condition():
                return
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_user_without_rights_is_told_what_is_missing(own_database: str) -> None:
    with psycopg.connect(own_database, autocommit=True) as server:
        server.execute("CREATE ROLE guest LOGIN")
        try:
            error = refused(changed(own_database, user="guest"), "journal-rights")
            assert "CREATE SCHEMA andon" in error.remedy
        finally:
            server.execute("DROP ROLE guest")


# ---- where the tables are


def test_the_tables_are_in_a_schema_of_their_own(own_database: str) -> None:
    with closing(PostgresJournal(PostgresDatabase(own_database))) as journal:
        assert journal.read("INC-1") == ()
        assert journal.heads() == ()
        with psycopg.connect(own_database) as server:
            found = server.execute("SELECT to_regnamespace('andon')").fetchone()
        assert found == (None,), "reading made something"
        journal.append("INC-1", batch("c1"))
    with psycopg.connect(own_database) as server:
        schemas = server.execute("SELECT DISTINCT schemaname FROM pg_tables WHERE tablename = 'event'")
        assert schemas.fetchall() == [("andon",)]


def test_tables_of_another_program_are_not_touched(empty_postgres_url: str) -> None:
    with psycopg.connect(empty_postgres_url) as server:
        server.execute("CREATE TABLE event (id integer)")
    refused(empty_postgres_url, "journal-is-ours")
    with psycopg.connect(empty_postgres_url) as server:
        assert server.execute("SELECT count(*) FROM pg_tables WHERE tablename = 'head'").fetchone() == (0,)


def test_a_commit_is_on_disk_whatever_the_servers_default_is(database: PostgresDatabase) -> None:
    show = "SHOW synchronous_commit"
    assert database.write(lambda db: db.execute(show).fetchone()) == ("on",)


# ---- it does not write


def test_a_read_only_database_can_be_read(empty_postgres_url: str, journal: PostgresJournal) -> None:
    journal.append("INC-1", batch("c1"))
    options = str(conninfo_to_dict(empty_postgres_url)["options"])
    read_only = changed(empty_postgres_url, options=f"{options} -cdefault_transaction_read_only=on")
    refused(read_only, "journal-writable")
    with closing(PostgresJournal(PostgresDatabase(read_only))) as reader:
        assert len(reader.read("INC-1")) == 1
        assert reader.audit("INC-1").is_whole


def test_a_lock_that_somebody_holds_is_waited_for_and_then_reported(
    empty_postgres_url: str, journal: PostgresJournal
) -> None:
    journal.append("INC-1", batch("c1"))
    with psycopg.connect(empty_postgres_url) as other:
        other.execute("SELECT * FROM head FOR UPDATE")
        assert "pg_stat_activity" in refused(empty_postgres_url, "journal-locked").remedy
        assert len(journal.read("INC-1")) == 1
    journal.append("INC-1", batch("c2"))
    assert [r.command for r in journal.read("INC-1")] == ["c1", "c2"]


def test_a_full_disk_loses_nothing_that_was_acknowledged(own_database: str) -> None:
    directory = Path(tempfile.mkdtemp(prefix="andon-space-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", directory], capture_output=True, text=True
    )
    if mounted.returncode:
        directory.rmdir()
        pytest.skip(f"needs a small disk, which only root can mount: {mounted.stderr.strip()}")
    try:
        shutil.chown(directory, "nobody")
        _fill_a_tablespace(own_database, directory)
    finally:
        subprocess.run(["umount", directory], check=True)
        directory.rmdir()


def _fill_a_tablespace(url: str, directory: Path) -> None:
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE TABLESPACE small LOCATION '{directory}'")
        try:
            in_small = changed(url, options="-cdefault_tablespace=small")
            with closing(PostgresDatabase(in_small)) as database:
                journal, evidence = PostgresJournal(database), PostgresEvidence(database, FakeRedactor())
                journal.append("INC-1", batch("c0"))
                kept = []
                with pytest.raises(Unavailable) as error:
                    for number in range(1000):
                        kept.append(evidence.put(os.urandom(50_000), "text/plain").evidence)
                        journal.append("INC-1", batch(f"c{number + 1}"))
                assert error.value.rule == "disk-full"
                assert len(kept) > 5
                assert set(kept) <= set(evidence.hashes())
                assert evidence.damaged() == ()
                assert journal.audit("INC-1").is_whole
                assert journal.audit("INC-1").verified >= len(kept)
        finally:
            server.execute("DROP SCHEMA andon CASCADE")
            server.execute("DROP TABLESPACE small")


# ---- the connection drops


def kill_connection(url: str, database: PostgresDatabase) -> None:
    """End the connection from the server's side, as a restart does."""
    pid = database.write(lambda db: db.info.backend_pid)
    with psycopg.connect(url) as server:
        server.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


def test_a_connection_that_dropped_between_commands_is_made_again(
    empty_postgres_url: str, database: PostgresDatabase, journal: PostgresJournal
) -> None:
    journal.append("INC-1", batch("c1"))
    kill_connection(empty_postgres_url, database)
    assert not journal.append("INC-1", batch("c2")).repeated
    kill_connection(empty_postgres_url, database)
    assert [r.command for r in journal.read("INC-1")] == ["c1", "c2"]
    kill_connection(empty_postgres_url, database)
    assert journal.audit("INC-1").is_whole


def test_a_connection_that_drops_before_the_commit_is_tried_again(
    empty_postgres_url: str, journal: PostgresJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.append("INC-1", batch("c1"))
    write, killed = postgres._write, []

    def write_and_die(db: psycopg.Connection, *rest: object) -> None:
        write(db, *rest)  # type: ignore[arg-type]
        if not killed:
            with psycopg.connect(empty_postgres_url) as server:
                killed.append(db.info.backend_pid)
                server.execute("SELECT pg_terminate_backend(%s, 5000)", (killed[0],))

    monkeypatch.setattr(postgres, "_write", write_and_die)
    answer = journal.append("INC-1", batch("c2"))
    assert killed
    assert not answer.repeated
    assert journal.read("INC-1")[1:] == answer.recorded
    assert journal.audit("INC-1").is_whole


@contextmanager
def lossy(url: str) -> Iterator[str]:
    """Yield a URL whose connection is lost when the first COMMIT reached the server, before its answer."""
    target = f"{conninfo_to_dict(url)['host']}/.s.PGSQL.5432"
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    lost, over = threading.Event(), threading.Event()

    def serve() -> None:
        while not over.is_set():
            with suppress(TimeoutError):
                client = listener.accept()[0]
                server = socket.socket(socket.AF_UNIX)
                server.connect(target)
                threading.Thread(target=carry, args=(client, server)).start()
                threading.Thread(target=return_, args=(client, server)).start()

    waiting: set[socket.socket] = set()

    def carry(client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError), server:
            while said := client.recv(65536):
                if b"COMMIT" in said and not lost.is_set():
                    lost.set()
                    waiting.add(server)
                server.sendall(said)

    def return_(client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError), client:
            while answer := server.recv(65536):
                if server in waiting:
                    client.shutdown(socket.SHUT_RDWR)
                    return
                client.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        port = str(listener.getsockname()[1])
        yield changed(url, host="127.0.0.1", port=port, sslmode="disable")
    finally:
        over.set()
        thread.join()
        listener.close()
    assert lost.is_set()


def test_an_answer_that_was_lost_after_the_commit_is_found_again(
    empty_postgres_url: str, journal: PostgresJournal
) -> None:
    journal.append("INC-1", batch("c1"))
    with lossy(empty_postgres_url) as url, closing(PostgresJournal(PostgresDatabase(url))) as unlucky:
        answer = unlucky.append("INC-1", batch("c2"))
        assert not answer.repeated, "it was this very command, not a repetition"
        assert unlucky.append("INC-1", batch("c2")).repeated
    assert [r.command for r in journal.read("INC-1")] == ["c1", "c2"]
    assert journal.read("INC-1")[1:] == answer.recorded
    assert journal.audit("INC-1").is_whole
