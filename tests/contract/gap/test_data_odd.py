"""Databases as they really are: odd names and types, views, partitions, refusals, engines that differ."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from andon.config.model_gap import GapConfig, WorldConfig
from andon.errors import Unavailable
from andon.gaps.beliefs import Beliefs
from andon.gaps.experiment import Part, Ran, Setting
from andon.gaps.failure import Failure
from andon.gaps.words import Kind
from andon.production.gap import data_compared, sqlite_copy_data
from andon.production.gap.data import DataDimension
from andon.production.gap.sqlite_copy_data import SqliteCopies
from tests.postgres import fresh_database

ODD_POSTGRES = """
CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE DOMAIN short AS text CHECK (length(value) < 40);
CREATE SCHEMA billing;
CREATE TABLE "Order Items" ("Item Id" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "a""b" text,
  price numeric(8,2),
  doubled numeric GENERATED ALWAYS AS (price * 2) STORED, tags text[], mood mood, raw bytea, doc jsonb,
  name short,
  "100%" integer);
CREATE TABLE billing.invoices (id uuid PRIMARY KEY, day date NOT NULL, at timestamptz);
CREATE TABLE log (line text, at timestamp);
CREATE TABLE measures (id integer, day date, value real) PARTITION BY RANGE (day);
CREATE TABLE measures_2025 PARTITION OF measures FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE child (id serial PRIMARY KEY, item bigint REFERENCES "Order Items");
CREATE VIEW glad AS SELECT * FROM "Order Items" WHERE mood = 'glad';
INSERT INTO "Order Items" ("a""b", price, tags, mood, raw, doc, name, "100%")
  VALUES ('x', 1.50, '{a,"b c"}', 'glad', '\\x00ff', '{"k": [1]}', 'n', 1),
  ('y', 2, NULL, 'sad', NULL, NULL, 'm', 2);
INSERT INTO billing.invoices
  VALUES ('00000000-0000-4000-8000-000000000001', '2025-02-03', '2025-02-03 01:02:03+02');
INSERT INTO log VALUES ('one', '2025-02-03'), ('one', '2025-02-03');
INSERT INTO measures VALUES (1, '2025-02-03', 1.5);
INSERT INTO child (item) VALUES (1);
"""
ODD_POSTGRES_MORE = """
INSERT INTO "Order Items" ("a""b", price, tags, mood, raw, doc, name, "100%")
  VALUES (E'tab\\there \\\\N', 3, '{}', 'sad', '\\xdeadbeef', '[]', 'o', -5);
INSERT INTO billing.invoices VALUES ('00000000-0000-4000-8000-000000000002', '9999-02-03', NULL);
INSERT INTO log VALUES ('two', NULL);
INSERT INTO measures VALUES (2, '2025-06-03', 'NaN');
INSERT INTO child (item) VALUES (3);
ALTER TYPE mood ADD VALUE 'odd';
"""
ODD_SQLITE = """
CREATE TABLE "Order Items" ("Item Id" integer PRIMARY KEY AUTOINCREMENT, "a""b" text, price real, raw blob,
  doubled real GENERATED ALWAYS AS (price * 2) STORED, "100%" int, anything);
CREATE TABLE pairs (a text, b text, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE TABLE log (line text);
CREATE TABLE audit (what text);
CREATE VIEW cheap AS SELECT * FROM "Order Items" WHERE price < 2;
CREATE VIRTUAL TABLE found USING fts5(body);
CREATE TRIGGER noted AFTER INSERT ON log BEGIN INSERT INTO audit VALUES (new.line); END;
CREATE INDEX some ON log (line) WHERE line IS NOT NULL;
CREATE INDEX lowered ON log (lower(line));
INSERT INTO "Order Items" ("a""b", price, raw, "100%", anything)
  VALUES ('x', 1.5, x'00ff', 1, 'a'), ('y', 2, NULL, 2, 5);
INSERT INTO pairs VALUES ('a', 'b'); INSERT INTO log VALUES ('one'), ('one');
INSERT INTO found VALUES ('body');
"""
ODD_SQLITE_MORE = """
INSERT INTO "Order Items" ("a""b", price, raw, "100%", anything)
  VALUES (CAST(x'ff' AS text), 'dear', 'text', -5, NULL);
INSERT INTO pairs VALUES ('a', 'c'); INSERT INTO log VALUES ('two');
"""


@pytest.fixture
def databases(postgres_url: str) -> Iterator[tuple[str, str]]:
    with fresh_database(postgres_url) as test, fresh_database(postgres_url) as prod:
        yield test, prod


def run(address: str, script: str) -> list[tuple[object, ...]]:
    if address.startswith("sqlite:"):
        with contextlib.closing(sqlite3.connect(address.removeprefix("sqlite:"))) as connection:
            if script.startswith(("SELECT", "PRAGMA")):
                return connection.execute(script).fetchall()
            connection.executescript(script)
            return []
    with psycopg.connect(address, autocommit=True) as connection:
        done = connection.execute(script.encode())
        return done.fetchall() if script.startswith("SELECT") else []


def dimension(test: str, prod: str, root: Path, path: str = "/x") -> DataDimension:
    failure = Failure(path=path, status=500)
    return DataDimension(
        GapConfig(), WorldConfig(database=test), WorldConfig(database=prod), str(root), failure
    )


@contextlib.contextmanager
def world(made: DataDimension, home: Path, *parts: Part, given: str = "") -> Iterator[str]:
    home.mkdir(exist_ok=True)
    setting = Setting(str(home), {"DATABASE_URL": given} if given else {})
    with made.prepare(setting, parts):
        yield setting.variables["DATABASE_URL"]


def test_odd_postgresql_is_read_flipped_and_narrowed(databases: tuple[str, str], tmp_path: Path) -> None:
    test, prod = databases
    for one in databases:
        run(one, ODD_POSTGRES)
    run(prod, ODD_POSTGRES_MORE)
    made = dimension(test, prod, tmp_path)
    seen = made.observe(Beliefs(), Failure(path="/x", status=500))
    assert seen.problems == () and seen.differences
    parts = made.parts()
    assert {p.place[0] for p in parts} == {"Order Items", "billing.invoices", "log", "measures", "child"}
    with world(made, tmp_path / "home", *parts) as url:
        for table in ('"Order Items"', "billing.invoices", "log", "measures", "child"):
            whole = f"SELECT * FROM {table}"
            assert sorted(map(str, run(url, whole))) == sorted(map(str, run(prod, whole)))
        run(url, "INSERT INTO child (item) VALUES (1)")
    rows = [finer for part in parts for finer in made.split(part)]
    columns = [one for row in rows for one in made.split(row)]
    assert len(columns) > 8
    for some in (rows, columns):
        with world(made, tmp_path / "home", *some):
            pass


def test_odd_sqlite_is_read_flipped_and_narrowed(tmp_path: Path) -> None:
    test, prod = f"sqlite:{tmp_path}/test#1%20.db", f"sqlite:{tmp_path}/prod.db"
    for one in (test, prod):
        run(one, ODD_SQLITE)
    run(prod, ODD_SQLITE_MORE)
    made = dimension(test, prod, tmp_path)
    seen = made.observe(Beliefs(), Failure(path="/x", status=500))
    assert seen.problems == () and seen.differences
    parts = made.parts()
    assert {p.place[0] for p in parts} == {"Order Items", "pairs", "log", "audit"}
    with world(made, tmp_path / "home", *parts) as url:
        for table in ('"Order Items"', "pairs", "log", "audit"):
            query = f"SELECT count(*), max(rowid) FROM {table}" if table != "pairs" else "SELECT * FROM pairs"
            assert run(url, query) == run(prod, query)
        run(url, "INSERT INTO log VALUES ('three')")
        assert run(url, "SELECT what FROM audit WHERE what = 'three'") == [("three",)]
    for part in parts:
        for finer in made.split(part):
            for one in (finer, *made.split(finer)):
                with world(made, tmp_path / "home", one):
                    pass


def test_a_table_that_may_not_be_read_is_told_and_the_rest_is_looked_at(
    databases: tuple[str, str], tmp_path: Path
) -> None:
    test, prod = databases
    for one in databases:
        run(
            one, "CREATE TABLE open (a integer); CREATE TABLE closed (a integer); INSERT INTO open VALUES (1)"
        )
    run(prod, "INSERT INTO open VALUES (-1)")
    role = f"reader{os.getpid()}"
    run(prod, f"CREATE ROLE {role} LOGIN; GRANT SELECT ON open TO {role}")
    try:
        made = dimension(test, prod.replace("andon@", f"{role}@"), tmp_path, "/open")
        seen = made.observe(Beliefs(), Failure(path="/open", status=500))
        assert any("closed: permission denied" in p for p in seen.problems)
        assert ("open", "a") in [d.place for d in seen.differences]
        assert [p.place for p in made.parts()] == [("open",)]
    finally:
        run(prod, f"DROP OWNED BY {role}; DROP ROLE {role}")


#: A column that can be stored, counted and compared, and of which no value can be read.
UNREADABLE = """
CREATE TYPE spot AS (x integer);
CREATE FUNCTION refuse(spot) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE 'canary-4711'; END$$;
CREATE CAST (spot AS text) WITH FUNCTION refuse(spot);
"""


@pytest.mark.parametrize("whose", ["tests", "production"])
def test_a_table_of_which_no_rows_can_be_read_is_told_and_the_others_are_tried(
    databases: tuple[str, str], tmp_path: Path, whose: str
) -> None:
    test, prod = databases
    run(test if whose == "tests" else prod, UNREADABLE)
    run(prod if whose == "tests" else test, "CREATE TYPE spot AS (x integer)")
    tables = (
        "CREATE TABLE open (a integer PRIMARY KEY); CREATE TABLE spots (id integer PRIMARY KEY, at spot);"
    )
    for one in databases:
        run(one, tables + "INSERT INTO open VALUES (1); INSERT INTO spots VALUES (1, ROW(1))")
    run(prod, "INSERT INTO open VALUES (-1)")
    made = dimension(test, prod, tmp_path, "/spots")
    seen = made.observe(Beliefs(), Failure(path="/spots", status=500))
    told = f"{whose}: spots: its rows were not read: RaiseException P0001"
    # What is only counted in production was looked at; of the tests' rows each is.
    assert (told in seen.problems) is (whose == "tests")
    assert ("open",) in [p.place for p in made.parts()]
    assert made.cannot() == told
    assert "canary-4711" not in repr(seen) + made.cannot()
    with world(made, tmp_path / "home", Part(kind=Kind.DATA, place=("open",))) as url:
        assert run(url, "SELECT a FROM open ORDER BY a") == [(-1,), (1,)]


def test_of_many_tables_that_were_not_read_some_are_named_and_the_rest_counted() -> None:
    unread = [f"t{number}: its rows were not read: it took too long" for number in range(40)]
    told = data_compared._few("production", unread)
    assert told[:2] == [f"production: {one}" for one in unread[:2]]
    assert told[3:] == ["production: 37 more tables, of which no rows were read"]
    assert data_compared._few("tests", ()) == []


def test_a_server_that_does_not_answer_is_a_problem_not_an_exception(tmp_path: Path) -> None:
    test = f"sqlite:{tmp_path}/test.db"
    run(test, "CREATE TABLE a (a)")
    made = dimension(test, "postgresql://u:canary-pw-77@127.0.0.1:1/nowhere", tmp_path)
    seen = made.observe(Beliefs(), Failure(status=500))
    assert "refused" in seen.problems[0] and "canary-pw-77" not in repr(seen)
    assert "refused" in made.cannot()
    with world(made, tmp_path / "home") as url:  # the tests' own world can be made all the same
        assert run(f"sqlite:{url.removeprefix('sqlite:')}", "SELECT * FROM a") == []
    with pytest.raises(Unavailable), world(made, tmp_path / "home", Part(kind=Kind.DATA, place=("a",))):
        pass


def test_production_is_not_asked_without_consent(tmp_path: Path) -> None:
    test = f"sqlite:{tmp_path}/test.db"
    run(test, "CREATE TABLE a (a)")
    made = dimension(test, "postgresql://db.shop.example.com/shop", tmp_path)
    [problem] = made.observe(Beliefs(), Failure(status=500)).problems
    assert (
        problem == "the database on db.shop.example.com was not asked: give --i-own-this db.shop.example.com"
    )


def test_a_tests_database_elsewhere_gets_no_copies(tmp_path: Path) -> None:
    made = dimension("postgresql://db.example.com/shop_test", "postgresql://db2.example.com/shop", tmp_path)
    assert "another machine" in made.cannot()


def test_a_database_in_use_is_copied_all_the_same(databases: tuple[str, str], tmp_path: Path) -> None:
    test, prod = databases
    for one in databases:
        run(one, "CREATE TABLE a (id integer PRIMARY KEY); INSERT INTO a VALUES (1)")
    made = dimension(test, prod, tmp_path)
    with psycopg.connect(test):
        try:
            with world(made, tmp_path / "home") as url:
                assert run(url, "SELECT * FROM a") == [(1,)]
        except Unavailable as refused:
            assert "connected" in refused.message and "pg_dump" in refused.message
        finally:
            made.close()
    assert run(test, "SELECT count(*) FROM pg_database WHERE datname LIKE 'andon_gap_%'") == [(0,)]


def test_a_busy_sqlite_file_in_wal_mode_is_copied_as_of_one_moment(tmp_path: Path) -> None:
    test = tmp_path / "test.db"
    with contextlib.closing(sqlite3.connect(test)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.executescript("CREATE TABLE a (a); INSERT INTO a VALUES (1)")
        writer.execute("INSERT INTO a VALUES (2)")
        made = dimension(f"sqlite:{test}", "", tmp_path)
        with world(made, tmp_path / "home") as url:
            assert run(url, "SELECT * FROM a") == [(1,)]
        writer.rollback()


def test_a_sqlite_file_that_stays_locked_is_told_and_waited_for_no_longer_than_a_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "test.db"
    run(f"sqlite:{path}", "CREATE TABLE t (id integer PRIMARY KEY)")
    monkeypatch.setattr(sqlite_copy_data, "PATIENCE", 0.2)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as somebody:
        somebody.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Unavailable, match="locked"), SqliteCopies(str(path)).make(str(tmp_path)):
            pass
    assert os.listdir(tmp_path) == ["test.db"]


@pytest.mark.parametrize("is_test_sqlite", [True, False])
def test_rows_go_from_one_engine_to_the_other(
    postgres_url: str, tmp_path: Path, is_test_sqlite: bool
) -> None:
    script = """
    CREATE TABLE people (id integer PRIMARY KEY, name text, is_on boolean, born date);
    INSERT INTO people VALUES (1, 'Ada', true, '1999-01-02'), (2, 'Bob', false, '1998-01-02');
    """
    with fresh_database(postgres_url) as url:
        file = f"sqlite:{tmp_path}/one.db"
        test, prod = (file, url) if is_test_sqlite else (url, file)
        for one in (test, prod):
            run(one, script)
        run(prod, "INSERT INTO people VALUES (5, NULL, true, '1997-01-02')")
        made = dimension(test, prod, tmp_path, "/people")
        seen = made.observe(Beliefs(), Failure(path="/people", status=500))
        assert [d.place for d in seen.differences[:2]] == [("system",), ("people", "name")]
        [table] = [p for p in made.parts() if p.place[0] == "people"]
        rows = made.split(table)
        assert ("people", "5") in [r.place for r in rows]
        with world(made, tmp_path / "home", table) as copy:
            assert run(copy, "SELECT id, name FROM people WHERE id = 5") == [(5, None)]


@pytest.mark.parametrize(
    "given",
    ["sqlite:///{}", "sqlite:{}", "{}", "file:{}?cache=shared", "sqlite+aiosqlite:///{}", "jdbc:sqlite:{}"],
)
def test_the_variable_keeps_its_form(given: str, tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    run(f"sqlite:{path}", "CREATE TABLE a (a)")
    made = dimension(f"sqlite:{path}", "", tmp_path)
    with world(made, tmp_path / "home", given=given.format("/elsewhere/a.db")) as url:
        before, after = given.format("\0").split("\0")
        assert url.startswith(before + str(tmp_path / "home")) and url.endswith(after)


def test_the_next_key_near_the_end_of_32_bits_is_a_part(databases: tuple[str, str], tmp_path: Path) -> None:
    test, prod = databases
    for one in databases:
        run(
            one,
            "CREATE TABLE orders (id serial PRIMARY KEY, name text); INSERT INTO orders (name) VALUES ('a')",
        )
    run(prod, "SELECT setval('orders_id_seq', 2147483646)")
    made = dimension(test, prod, tmp_path, "/orders")
    seen = made.observe(Beliefs(), Failure(path="/orders", status=500))
    assert seen.differences[0].place == ("orders", "next key")
    [table] = made.parts()
    assert [p.place for p in made.split(table)] == [("orders", "next key")]
    with world(made, tmp_path / "home", made.split(table)[0]) as url:
        run(url, "INSERT INTO orders (name) VALUES ('b')")
        with pytest.raises(psycopg.errors.SequenceGeneratorLimitExceeded):
            run(url, "INSERT INTO orders (name) VALUES ('c')")


CANARIES = [f"canary{n}x{n * 7919}q" for n in range(14)]


def test_no_value_of_production_is_in_any_output(databases: tuple[str, str], tmp_path: Path) -> None:
    test, prod = databases
    for one in databases:
        run(
            one,
            "CREATE TABLE users (login text PRIMARY KEY, email text UNIQUE, pass text, kind text, doc text);"
            "CREATE TABLE codes (code text PRIMARY KEY);"
            "INSERT INTO users VALUES ('ada', 'a@example.org', 'p', 'x', '{\"a\": 1}'),"
            " ('bob', 'b@example.org', 'q', 'x', '{\"a\": 2}'),"
            " ('cyd', 'c@example.org', 'r', 'x', '{\"a\": 2}')",
        )
    c = CANARIES
    doc = f'{{"{c[5]}": "{c[6]}"}}'
    run(prod, f"ALTER TABLE users ALTER COLUMN kind SET DEFAULT '{c[0]}'")
    run(prod, f"INSERT INTO users VALUES ('{c[1]}', '{c[2]} ', '{c[3]}\U0001f600', '{c[4]}', '{doc}')")
    run(prod, f"INSERT INTO users VALUES ('{c[7]}', NULL, '{c[8] * 20}', '{c[9]}', '{c[10]}')")
    run(prod, f"INSERT INTO codes VALUES ('{c[11]}'), ('{c[12]}')")
    run(prod, f"ALTER TABLE users ADD COLUMN extra text NOT NULL DEFAULT '{c[13]}'")
    made = dimension(test, prod, tmp_path, "/users")
    said = [repr(made.observe(Beliefs(), Failure(path="/users", status=500)))]
    parts = made.parts()
    said += [repr(parts)]
    for part in parts:
        for finer in made.split(part):
            said += [repr(finer), repr(made.split(finer))]
    home = tmp_path / "home"
    home.mkdir()
    setting = Setting(str(home), {})
    with made.prepare(setting, parts):
        said += [repr(setting.remarks), repr(made.took_hold(parts, Ran()))]
    said += [repr(made.took_hold(parts, Ran()))]
    assert len(parts) == 2
    assert [canary for canary in CANARIES if canary in "\n".join(said)] == []


KILLED = """
import sys
from andon.config.model import GapConfig, WorldConfig
from andon.gaps.experiment import Setting
from andon.gaps.failure import Failure
from andon.production.gap import data_compared, sqlite_copy_data
from andon.production.gap.data import DataDimension
from andon.production.gap.sqlite_copy_data import SqliteCopies
made = DataDimension(GapConfig(), WorldConfig(database=sys.argv[1]), WorldConfig(), ".", Failure())
with made.prepare(Setting(sys.argv[2], {}), ()):
    print("ready", flush=True)
    sys.stdin.read()
"""


def test_what_a_killed_search_left_is_swept_by_the_next(databases: tuple[str, str], tmp_path: Path) -> None:
    test, _ = databases
    run(test, "CREATE TABLE a (a integer)")
    left = "SELECT datname FROM pg_database WHERE datname LIKE 'andon_gap_%'"
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, test, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        with world(dimension(test, "", tmp_path), tmp_path / "home"):
            assert len(run(test, left)) == 2  # one that lives is left alone
        os.kill(other.pid, signal.SIGKILL)
    assert len(run(test, left)) == 1
    with world(dimension(test, "", tmp_path), tmp_path / "home"):
        assert len(run(test, left)) == 1
    assert run(test, left) == []
