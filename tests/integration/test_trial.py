"""Migrations on a disposable copy, on real SQLite and real PostgreSQL: what holds, what lies, what hangs."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from andon.desk.trial import WHOLE, try_range
from andon.desk.values import TrialFailed
from andon.errors import InvalidInput, NotFound, Refused
from andon.incident.words import Verdict
from andon.production.trials import trial_for
from andon.response.trial import TrialResult
from tests.integration.ranges import ORDERS, range_of

Try = Callable[..., TrialResult]


@pytest.fixture(params=["sqlite", "postgres"])
def tried(request: pytest.FixtureRequest, tmp_path: Path) -> Try:
    """Try a range of (up, down) pairs on a copy that begins empty."""
    address = "sqlite:" if request.param == "sqlite" else request.getfixturevalue("empty_database_url")

    def run(*steps: tuple[str, str | None], first: str = ORDERS, limit: float = 20.0) -> TrialResult:
        desk, found = range_of(tmp_path, *steps, first=first)
        return try_range(desk, found, trial_for(address, (), str(tmp_path), limit))

    return run


@pytest.fixture
def postgres(tmp_path: Path, empty_database_url: str) -> Try:
    def run(*steps: tuple[str, str | None], first: str = ORDERS, limit: float = 20.0) -> TrialResult:
        desk, found = range_of(tmp_path, *steps, first=first)
        return try_range(desk, found, trial_for(empty_database_url, (), str(tmp_path), limit))

    return run


def databases(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'andon_trial_%'")
        return [str(name) for (name,) in rows]


ADD = ("ALTER TABLE orders ADD COLUMN tip integer DEFAULT 5;", "ALTER TABLE orders DROP COLUMN tip;")
TABLE = ("CREATE TABLE receipts (id integer PRIMARY KEY, words text);", "DROP TABLE receipts;")


# ---- what holds


def test_a_down_that_restores_everything_passes(tried: Try) -> None:
    result = tried(ADD, TABLE, ("CREATE INDEX by_note ON orders (note);", "DROP INDEX by_note;"))
    assert (result.verdict, result.differences) == (Verdict.PASSED, ()), result
    assert result.summary == "3 migrations tried on a copy: down restores schema and rows"
    assert [step.name for step in result.steps] == [
        "db/migrations/0002_step.up.sql",
        "db/migrations/0003_step.up.sql",
        "db/migrations/0004_step.up.sql",
        WHOLE,
    ]


def test_rows_of_a_data_migration_come_back(tried: Try) -> None:
    swap = ("UPDATE orders SET total = -total;", "UPDATE orders SET total = -total;")
    assert tried(swap).verdict is Verdict.PASSED


# ---- what does not


def test_a_column_that_was_dropped_comes_back_empty(tried: Try) -> None:
    lossy = ("ALTER TABLE orders DROP COLUMN note;", "ALTER TABLE orders ADD COLUMN note varchar(40);")
    result = tried(lossy)
    assert result.verdict is Verdict.FAILED
    assert result.summary == "db/migrations/0002_step.up.sql: down does not restore the rows"
    [line] = result.differences
    assert line.endswith("other values in note")


def test_a_down_that_lies(tried: Try) -> None:
    result = tried((ADD[0], "SELECT 1;"))
    assert result.verdict is Verdict.FAILED
    assert result.summary.endswith("down does not restore the schema")
    assert any(line.startswith("+ column") and "tip" in line for line in result.differences)


def test_a_down_that_fails_half_way(tried: Try) -> None:
    up = f"{ADD[0]} {TABLE[0]}"
    result = tried((up, f"{TABLE[1]} DROP TABLE absent; {ADD[1]}"), TABLE)
    assert result.verdict is Verdict.FAILED
    assert "down fails: db/migrations/0002_step.down.sql" in result.summary
    assert "absent" in result.summary
    assert len(result.steps) == 1, "nothing after it is tried on a spoiled copy"


def test_a_down_that_deletes_rows(tried: Try) -> None:
    result = tried((ADD[0], f"DELETE FROM orders; {ADD[1]}"))
    assert result.verdict is Verdict.FAILED
    [line] = result.differences
    assert line.endswith("1 rows before, 0 after")


def test_a_down_that_fails_only_when_the_whole_range_is_taken_back(tried: Try) -> None:
    """Step by step the table is still empty when its way down is tried; then a row stands in it."""
    table = "CREATE TABLE lines (id integer PRIMARY KEY, note text);"
    counting = (table, "INSERT INTO orders (id, total) SELECT 500 + id, 1 FROM lines; DROP TABLE lines;")
    result = tried(counting)
    assert result.verdict is Verdict.FAILED
    assert result.summary.startswith(WHOLE)
    assert result.differences[0].endswith("1 rows before, 2 after")


def test_an_up_that_cannot_run_again(tried: Try) -> None:
    up = "INSERT INTO orders (id, total) SELECT count(*) * 1000, 1 FROM orders WHERE 1 = 1;"
    result = tried((up, "DELETE FROM orders WHERE id >= 1000;"))
    assert result.verdict is Verdict.PASSED
    once = tried(
        (
            "CREATE TABLE IF NOT EXISTS marks (id integer PRIMARY KEY); INSERT INTO marks VALUES (1);",
            "SELECT 1;",
        ),
        first=ORDERS + "CREATE TABLE marks (id integer PRIMARY KEY);",
    )
    assert once.verdict is not Verdict.PASSED


# ---- what is not known


def test_no_way_down_is_not_known(tried: Try) -> None:
    result = tried((ADD[0], None))
    assert result.verdict is Verdict.UNKNOWN
    assert result.summary.endswith("it has no way down that could be tried")


def test_an_up_that_fails_is_not_known(tried: Try) -> None:
    result = tried(("ALTER TABLE absent ADD COLUMN a integer;", "SELECT 1;"), ADD)
    assert result.verdict is Verdict.UNKNOWN
    assert "up fails on the copy" in result.summary and "absent" in result.summary


def test_an_older_schema_that_cannot_be_built_is_not_known(tried: Try) -> None:
    result = tried(ADD, first="CREATE TABLE orders (id nonsense(;")
    assert result.verdict is Verdict.UNKNOWN
    assert result.summary.startswith("the older schema cannot be built from its migrations")


def test_a_table_in_which_no_row_fits_leaves_its_rows_open(tried: Try) -> None:
    first = ORDERS.replace("NOT NULL", "NOT NULL CHECK (total > 3 AND total < 2)")
    result = tried(ADD, first=first)
    assert result.verdict is Verdict.UNKNOWN
    assert "rows not tried" in result.summary and "orders" in result.summary


@pytest.mark.parametrize("check", ["total > 17", "total BETWEEN 100 AND 200", "note IN ('card', 'cash')"])
def test_a_row_is_made_that_fits_the_checks(tried: Try, check: str) -> None:
    first = ORDERS.replace("NOT NULL", f"NOT NULL CHECK ({check})")
    assert tried(ADD, first=first).verdict is Verdict.PASSED


def test_what_hangs_is_stopped_and_not_known(tried: Try, request: pytest.FixtureRequest) -> None:
    forever = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n;"
    result = tried((ADD[0], forever), limit=1.0)
    assert result.verdict is Verdict.UNKNOWN
    assert "down did not end in time" in result.summary
    assert tried((forever, ADD[1]), limit=1.0).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "script",
    [
        "CREATE ROLE intruder;",
        "COPY orders TO PROGRAM 'true';",
        "/* x */ ATTACH DATABASE 'other.db' AS other;",
        "DO $$ BEGIN PERFORM dblink('x', 'y'); END $$;",
    ],
)
def test_what_reaches_past_the_copy_is_not_run(tmp_path: Path, script: str) -> None:
    desk, found = range_of(tmp_path, (ADD[0], script))
    result = try_range(desk, found, trial_for("sqlite:", (), str(tmp_path), 5.0))
    assert result.verdict is Verdict.UNKNOWN
    assert "would change more than the copy, and was not run" in result.summary
    assert not (tmp_path / "other.db").exists()


# ---- SQLite


def test_the_file_that_is_copied_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.execute(ORDERS)
        connection.execute("INSERT INTO orders VALUES (1, 'mine', 3)")
    connection.close()
    before = path.read_bytes()
    desk, found = range_of(tmp_path, ADD)
    result = try_range(desk, found, trial_for(f"sqlite:{path}", (), str(tmp_path), 20.0))
    assert result.verdict is Verdict.PASSED
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["shop.db"]


def test_a_rebuilt_table_is_the_same_table(tmp_path: Path) -> None:
    """SQLite's way of changing a column: a new table, the rows copied, renamed."""
    first = (
        "CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, note TEXT COLLATE NOCASE UNIQUE,"
        " total INTEGER NOT NULL CHECK (total > 0), half AS (total / 2));"
    )
    rebuilt = first.replace("orders", "new_orders").replace("> 0", "> -9")
    move = "INSERT INTO new_orders (id, note, total) SELECT id, note, total FROM orders; DROP TABLE orders;"
    rename = " ALTER TABLE new_orders RENAME TO orders;"
    up = rebuilt + move + rename
    down = first.replace("orders", "new_orders") + move + rename
    desk, found = range_of(tmp_path, (up, down), first=first)
    trial = trial_for("sqlite:", (), str(tmp_path), 20.0)
    assert try_range(desk, found, trial).verdict is Verdict.PASSED
    desk, found = range_of(tmp_path, (up, up), first=first)
    result = try_range(desk, found, trial)
    assert result.verdict is Verdict.FAILED
    assert any("check (total > -9)" in line for line in result.differences)


def test_a_source_that_cannot_be_copied(tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"this is no database at all" * 100)
    desk, found = range_of(tmp_path, ADD)
    result = try_range(desk, found, trial_for(f"sqlite:{broken}", (), str(tmp_path), 5.0))
    assert result.verdict is Verdict.UNKNOWN
    assert result.summary.startswith("no copy to try it on: the copy failed")
    with pytest.raises(NotFound):
        trial_for("sqlite:absent.db", (), str(tmp_path), 5.0)


def test_a_production_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "live.db").write_bytes(b"")
    with pytest.raises(Refused) as caught:
        trial_for("sqlite:live.db", ("live.db",), str(tmp_path), 5.0)
    assert caught.value.rule == "never-production"


# ---- PostgreSQL


def test_each_check_gets_a_value_of_its_own(postgres: Try) -> None:
    first = """
        CREATE TABLE orders (id integer PRIMARY KEY, total integer NOT NULL CHECK (total > 17),
            link text NOT NULL CHECK (link ~ '^https?://'), mail text NOT NULL CHECK (mail LIKE '%@%.%'),
            digest text NOT NULL CHECK (length(digest) = 64), card text, cash text,
            CONSTRAINT one CHECK (num_nonnulls(card, cash) = 1));
    """
    assert postgres(ADD, first=first).verdict is Verdict.PASSED


def test_objects_of_every_kind_come_back(postgres: Try, empty_database_url: str) -> None:
    up = """
        CREATE TYPE mood AS ENUM ('sad', 'ok');
        CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
        CREATE SEQUENCE numbers START 7;
        ALTER TABLE orders ADD COLUMN mood mood NOT NULL DEFAULT 'ok', ADD COLUMN size positive;
        CREATE TABLE lines (id uuid PRIMARY KEY, order_id integer NOT NULL REFERENCES orders (id),
            tags text[] NOT NULL, at timestamptz NOT NULL, extra jsonb NOT NULL, mood mood NOT NULL,
            CONSTRAINT few CHECK (cardinality(tags) < 9));
        CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS $$ SELECT 1; $$;
        CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RETURN NEW; END; $f$;
        CREATE TRIGGER stamped BEFORE INSERT ON lines FOR EACH ROW EXECUTE FUNCTION stamp();
        CREATE VIEW busy AS SELECT id FROM orders WHERE total > 1;
        CREATE POLICY own ON orders USING (total > 0);
        COMMENT ON TABLE orders IS 'what people bought';
    """
    down = """
        COMMENT ON TABLE orders IS NULL;
        DROP POLICY own ON orders; DROP VIEW busy; DROP TABLE lines; DROP FUNCTION stamp; DROP FUNCTION one;
        ALTER TABLE orders DROP COLUMN mood, DROP COLUMN size;
        DROP SEQUENCE numbers; DROP DOMAIN positive; DROP TYPE mood;
    """
    result = postgres((up, down))
    assert result.verdict is Verdict.PASSED, result
    for left in ("DROP POLICY own ON orders;", "DROP SEQUENCE numbers;", "COMMENT ON TABLE orders IS NULL;"):
        assert postgres((up, down.replace(left, ""))).verdict is Verdict.FAILED, left
    assert databases(empty_database_url) == []


def test_what_may_not_be_in_a_transaction_is_run_one_by_one(postgres: Try) -> None:
    index = ("CREATE INDEX CONCURRENTLY by_total ON orders (total);", "DROP INDEX CONCURRENTLY by_total;")
    assert postgres(index).verdict is Verdict.PASSED
    both = (f"{ADD[0]} {index[0]}", f"{index[1]} {ADD[1]}")
    assert postgres(both).verdict is Verdict.PASSED


def test_a_script_that_lifts_its_own_limits_is_ended_all_the_same(
    postgres: Try, empty_database_url: str
) -> None:
    stubborn = "SET statement_timeout = 0; DO $$ BEGIN LOOP BEGIN PERFORM pg_sleep(60); EXCEPTION WHEN "
    stubborn += "query_canceled THEN NULL; END; END LOOP; END $$;"
    result = postgres((ADD[0], stubborn), limit=1.0)
    assert result.verdict is Verdict.UNKNOWN
    assert "down did not end in time" in result.summary
    assert databases(empty_database_url) == []


def test_an_enum_value_cannot_be_taken_back(postgres: Try) -> None:
    first = ORDERS + "CREATE TYPE mood AS ENUM ('sad');"
    result = postgres(("ALTER TYPE mood ADD VALUE 'ok';", "SELECT 1;"), first=first)
    assert result.verdict is Verdict.FAILED
    assert any("enum public.mood" in line for line in result.differences)


def test_a_database_with_tables_is_copied_and_only_read(tmp_path: Path, empty_database_url: str) -> None:
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE somebodys_copy")
    url = re.sub(r"/\w+\?", "/somebodys_copy?", empty_database_url)
    try:
        with psycopg.connect(url) as connection:
            connection.execute(ORDERS)
            connection.execute("INSERT INTO orders VALUES (1, 'mine', 3)")
        desk, found = range_of(tmp_path, ADD, first="this is never run;")
        trial = trial_for(url, (), str(tmp_path), 20.0)
        assert try_range(desk, found, trial).verdict is Verdict.PASSED
        with psycopg.connect(url) as live:
            assert live.execute("SELECT * FROM orders").fetchall() == [(1, "mine", 3)]
            with pytest.raises(Refused) as caught:
                try_range(desk, found, trial)
        assert caught.value.rule == "disposable-only"
    finally:
        with psycopg.connect(empty_database_url, autocommit=True) as connection:
            connection.execute("DROP DATABASE somebodys_copy WITH (FORCE)")
    assert databases(empty_database_url) == []


@pytest.mark.parametrize(
    ("given", "own"),
    [
        ("postgresql://me@db.example/trial", "postgresql://app:secret@db.example:5432/live"),
        ("host=DB.example. dbname=trial", "postgresql://app@db.example/live"),
        ("postgresql://localhost/trial", "postgresql:///live"),
        ("postgresql://127.0.0.1/trial", "postgresql://localhost/live"),
    ],
)
def test_the_server_of_production_is_refused(given: str, own: str) -> None:
    with pytest.raises(Refused) as caught:
        trial_for(given, (own,), "", 5.0)
    assert caught.value.rule == "never-production"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["postgresql://u:hunter2@/x?nonsense=1", "mysql://u:hunter2@h/x", "nonsense"]
)
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        trial_for(address, (), "", 5.0)
    assert "hunter2" not in f"{caught.value} {caught.value.remedy} {caught.value.where}"


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    desk, found = range_of(tmp_path, ADD)
    trial = trial_for(f"postgresql://me:hunter2@/x?host={tmp_path}", (), "", 5.0)
    result = try_range(desk, found, trial)
    assert result.verdict is Verdict.UNKNOWN
    assert result.summary.startswith("no copy to try it on")
    assert "hunter2" not in result.summary
    assert "hunter2" not in trial.place


INTERRUPTED = """
import sys
from andon.production.trials import trial_for
with trial_for(sys.argv[1], (), "", 60.0).copy() as copy:
    copy.apply("CREATE TABLE one (a integer)")
    print("running", flush=True)
    copy.apply("SELECT pg_sleep(50)")
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_an_interrupted_trial_leaves_no_database(empty_database_url: str, how: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, empty_database_url],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "running\n"
    assert len(databases(empty_database_url)) == 1
    process.send_signal(how)
    process.wait(20)
    process.stdout.close()
    if how is signal.SIGKILL:  # nobody could drop it: the next trial does
        with psycopg.connect(empty_database_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ~ 'andon_trial'"
            )
        with trial_for(empty_database_url, (), "", 60.0).copy():
            pass
    assert databases(empty_database_url) == []


def test_two_trials_at_once_do_not_drop_each_others_copy(empty_database_url: str) -> None:
    trial = trial_for(empty_database_url, (), "", 20.0)
    with trial.copy() as one, trial.copy() as other:
        one.apply("CREATE TABLE one (a integer)")
        other.apply("CREATE TABLE other (a integer)")
        assert len(databases(empty_database_url)) == 2
    assert databases(empty_database_url) == []


def test_a_user_who_may_make_no_database(tmp_path: Path, empty_database_url: str) -> None:
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute("CREATE ROLE humble LOGIN")
    try:
        desk, found = range_of(tmp_path, ADD)
        url = empty_database_url.replace("andon@", "humble@")
        result = try_range(desk, found, trial_for(url, (), "", 20.0))
        assert result.verdict is Verdict.UNKNOWN
        assert "permission denied to create database" in result.summary
    finally:
        with psycopg.connect(empty_database_url, autocommit=True) as connection:
            connection.execute("DROP ROLE humble")


def test_a_sqlite_directory_of_a_killed_trial_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True
    )
    left = tmp_path / f"andon-trial-{gone.stdout.strip()}-x"
    left.mkdir()
    own = tmp_path / f"andon-trial-{os.getpid()}-y"
    own.mkdir()
    with trial_for("sqlite:", (), "", 5.0).copy() as copy:
        with pytest.raises(TrialFailed):
            copy.apply("NONSENSE")
        assert len(list(tmp_path.iterdir())) == 2
    assert [p.name for p in tmp_path.iterdir()] == [own.name]
