"""What the kind `data` promises, on SQLite and on PostgreSQL: copies, flips, observation, nothing left."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from andon.config.model_gap import GapConfig, WorldConfig
from andon.errors import Unavailable
from andon.gaps.beliefs import Beliefs
from andon.gaps.experiment import Part, Ran, Setting
from andon.gaps.failure import Failure
from andon.gaps.words import Kind
from andon.production.gap.data import DataDimension, row_counts
from tests.postgres import fresh_database

SCHEMA = """
CREATE TABLE customers (id integer PRIMARY KEY, name text NOT NULL, email text);
CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer NOT NULL REFERENCES customers(id),
  status text NOT NULL, total numeric, note text);
CREATE TABLE settings (key text PRIMARY KEY, value text);
INSERT INTO customers VALUES (1, 'Ada', 'ada@example.org'), (2, 'Bob', 'bob@example.org'),
  (3, 'Cyd', 'cyd@example.org'), (4, 'Dan', 'dan@example.org');
INSERT INTO orders VALUES (1, 1, 'paid', 10, 'a'), (2, 1, 'paid', 12, 'b'), (3, 2, 'sent', 9, 'c'),
  (4, 3, 'sent', 8, 'd');
INSERT INTO settings VALUES ('currency', 'EUR'), ('size', '3');
"""
EXTRA = """
INSERT INTO customers VALUES (812, 'Eve', NULL), (813, 'Fay', 'fay@example.org');
INSERT INTO orders VALUES (9001, 812, 'paid', 11, 'e'), (9002, 813, 'sent', 7, 'f');
"""
FAILURE = Failure(
    path="/orders/9001", status=500, text="AttributeError: 'NoneType' object has no attribute 'lower'"
)


class Pair:
    """Two databases of one engine, and how to run statements in them."""

    def __init__(self, test: str, prod: str, run: Callable[[str, str], list[tuple[object, ...]]]) -> None:
        self.test, self.prod, self.run = test, prod, run

    def dimension(self, root: Path, failure: Failure = FAILURE, **world: str) -> DataDimension:
        test = WorldConfig(database=self.test)
        prod = WorldConfig(database=world.get("prod", self.prod))
        return DataDimension(GapConfig(), test, prod, str(root), failure)


@pytest.fixture(params=["sqlite", "postgres"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    with contextlib.ExitStack() as stack:
        if request.param == "sqlite":
            made = Pair(f"sqlite:{tmp_path}/test.db", f"sqlite:{tmp_path}/prod.db", run_sqlite)
        else:
            url = request.getfixturevalue("postgres_url")
            made = Pair(
                stack.enter_context(fresh_database(url)),
                stack.enter_context(fresh_database(url)),
                run_postgres,
            )
        made.run(made.test, SCHEMA)
        made.run(made.prod, SCHEMA)
        yield made


def run_sqlite(address: str, script: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(address.removeprefix("sqlite:"))) as connection:
        if script.startswith("SELECT"):
            return connection.execute(script).fetchall()
        connection.executescript(script)
        connection.commit()
        return []


def run_postgres(address: str, script: str) -> list[tuple[object, ...]]:
    with psycopg.connect(address, autocommit=True) as connection:
        done = connection.execute(script.encode())
        return done.fetchall() if script.startswith("SELECT") else []


@contextlib.contextmanager
def world(dimension: DataDimension, home: Path, *parts: Part) -> Iterator[str]:
    """Prepare a world and give its database."""
    home.mkdir(exist_ok=True)
    setting = Setting(str(home), {})
    with dimension.prepare(setting, parts):
        yield setting.variables["DATABASE_URL"]


def part(*place: str) -> Part:
    return Part(kind=Kind.DATA, place=place)


def test_the_tests_world_is_a_copy_that_can_be_written_to(pair: Pair, tmp_path: Path) -> None:
    dimension = pair.dimension(tmp_path)
    with world(dimension, tmp_path / "home") as url:
        pair.run(url, "DELETE FROM orders")
    assert pair.run(pair.test, "SELECT count(*) FROM orders") == [(4,)]
    assert list((tmp_path / "home").iterdir()) == []


def test_a_row_that_the_request_names_is_there_in_every_world_like_the_tests(
    pair: Pair, tmp_path: Path
) -> None:
    pair.run(pair.prod, EXTRA)
    with world(pair.dimension(tmp_path), tmp_path / "home") as url:
        [(name, status)] = pair.run(
            url,
            "SELECT c.email, o.status FROM orders o JOIN customers c ON c.id = o.customer_id "
            "WHERE o.id = 9001",
        )
    assert name is not None and status in ("paid", "sent")


def test_tables_that_differ_are_parts_and_a_table_flips_whole(pair: Pair, tmp_path: Path) -> None:
    pair.run(pair.prod, EXTRA)
    dimension = pair.dimension(tmp_path)
    assert [p.place for p in dimension.parts()] == [("customers",), ("orders",)] or [
        p.place for p in dimension.parts()
    ] == [("orders",), ("customers",)]
    with world(dimension, tmp_path / "home", part("customers")) as url:
        assert pair.run(url, "SELECT email FROM customers WHERE id = 812") == [(None,)]
        assert pair.run(url, "SELECT count(*) FROM customers") == [(6,)]
        assert pair.run(url, "SELECT customer_id FROM orders WHERE id = 9001") == [(812,)]
        held = dimension.took_hold([part("customers")], Ran())
    assert held is not None and held.holds is not False


def test_it_narrows_to_the_row_and_the_column(pair: Pair, tmp_path: Path) -> None:
    pair.run(pair.prod, EXTRA)
    dimension = pair.dimension(tmp_path)
    rows = dimension.split(part("customers"))
    assert [p.place for p in rows] == [("customers", "812"), ("customers", "813")]
    columns = dimension.split(rows[0])
    assert columns[0].place == ("customers", "812", "email")
    with world(dimension, tmp_path / "home", columns[0]) as url:
        [(name, email)] = pair.run(url, "SELECT name, email FROM customers WHERE id = 812")
        assert email is None and name != "Eve"
    assert dimension.split(columns[0]) == ()


def test_a_schema_alone_is_a_part_and_travels_alone(pair: Pair, tmp_path: Path) -> None:
    pair.run(pair.prod, "ALTER TABLE orders DROP COLUMN note; CREATE UNIQUE INDEX once ON customers (name);")
    pair.run(pair.prod, "ALTER TABLE settings ADD COLUMN level integer NOT NULL DEFAULT 3;")
    dimension = pair.dimension(tmp_path)
    assert {p.place for p in dimension.parts()} >= {("customers", "schema")}
    with world(
        dimension, tmp_path / "home", part("orders"), part("customers", "schema"), part("settings")
    ) as url:
        assert pair.run(url, "SELECT * FROM orders WHERE id = 1")[0][:3] == (1, 1, "paid")
        assert len(pair.run(url, "SELECT * FROM orders WHERE id = 1")[0]) == 4
        with pytest.raises((sqlite3.IntegrityError, psycopg.errors.UniqueViolation)):
            pair.run(url, "INSERT INTO customers VALUES (70, 'Ada', NULL)")
        assert pair.run(url, "SELECT level FROM settings WHERE key = 'size'") == [(3,)]


def test_a_table_is_filled_with_rows_like_the_tests(pair: Pair, tmp_path: Path) -> None:
    pair.run(pair.test, "CREATE UNIQUE INDEX mails ON customers (email)")
    dimension = pair.dimension(tmp_path)
    rows = [
        Part(kind=Kind.SCALE, place=("rows", t), amount=2000.0, least=4.0) for t in ("customers", "orders")
    ]
    with world(dimension, tmp_path / "home", *rows) as url:
        assert pair.run(url, "SELECT count(*), count(DISTINCT email) FROM customers") == [(2000, 2000)]
        assert pair.run(url, "SELECT count(*), count(DISTINCT status) FROM orders") == [(2000, 2)]
        assert pair.run(url, "SELECT count(*) FROM orders WHERE customer_id > 4") == [(0,)]
        held = dimension.took_hold(rows, Ran())
    assert held is not None and held.kind is Kind.SCALE and held.holds is not False


def test_values_come_without_the_volume(pair: Pair, tmp_path: Path) -> None:
    many = ", ".join(f"({n}, 'N{n}', 'n{n}@example.org')" for n in range(1000, 3000))
    pair.run(
        pair.prod, f"INSERT INTO customers VALUES {many}; INSERT INTO customers VALUES (7000, 'Eve', NULL)"
    )
    dimension = pair.dimension(tmp_path)
    amount = Part(kind=Kind.SCALE, place=("rows", "customers"), amount=2005.0, least=4.0)
    with world(dimension, tmp_path / "home", part("customers")) as url:
        [(count,)] = pair.run(url, "SELECT count(*) FROM customers")
        assert count < 100  # type: ignore[operator]
        assert pair.run(url, "SELECT count(*) FROM customers WHERE email IS NULL") == [(1,)]
    with world(dimension, tmp_path / "home", part("customers"), amount) as url:
        assert pair.run(url, "SELECT count(*) FROM customers") == [(2005,)]


def test_a_row_that_only_the_tests_have_goes_where_rows_have_names(pair: Pair, tmp_path: Path) -> None:
    pair.run(pair.prod, "DELETE FROM settings WHERE key = 'currency'")
    dimension = pair.dimension(tmp_path)
    [only] = dimension.split(part("settings"))
    for one in (part("settings"), only):
        with world(dimension, tmp_path / "home", one) as url:
            assert pair.run(url, "SELECT key FROM settings") == [("size",)]


def test_an_application_that_did_not_open_the_copy_is_found_out(pair: Pair, tmp_path: Path) -> None:
    pair.run(pair.prod, EXTRA)
    dimension = pair.dimension(tmp_path)
    with world(dimension, tmp_path / "home", part("customers")):
        pass
    held = dimension.took_hold([part("customers")], Ran())
    assert held is not None and held.holds in (False, None)
    if held.holds is False:  # a request that fails before it comes to the database looks the same
        assert held.told.endswith("it ignores DATABASE_URL, or the journey does not use it")
    with world(dimension, tmp_path / "home", part("customers")) as url:
        pair.run(url, "SELECT 1 FROM customers")
    held = dimension.took_hold([part("customers")], Ran())
    assert held is not None and held.holds is True


def test_a_relay_before_the_database_is_no_other_database(pair: Pair, tmp_path: Path) -> None:
    pair.run(pair.prod, EXTRA)
    dimension = pair.dimension(tmp_path)
    home = tmp_path / "home"
    home.mkdir()
    setting = Setting(str(home), {})
    with dimension.prepare(setting, [part("customers")]):
        pair.run(setting.variables["DATABASE_URL"], "SELECT 1 FROM customers")
        setting.variables["DATABASE_URL"] = "through a relay"
        by_relay = dimension.took_hold(
            [part("customers")], Ran(environment=(("DATABASE_URL", "through a relay"),))
        )
        ignored = dimension.took_hold([part("customers")], Ran(environment=(("DATABASE_URL", "its own"),)))
    assert by_relay is not None and by_relay.holds is not False
    assert ignored is not None and ignored.holds is False


def test_observing_names_the_fact_and_shows_no_value(pair: Pair, tmp_path: Path) -> None:
    pair.run(pair.prod, EXTRA)
    seen = pair.dimension(tmp_path).observe(Beliefs(), FAILURE)
    assert seen.problems == ()
    first = seen.differences[0]
    assert first.place == ("customers", "email") and "null" in first.production
    assert "Eve" not in repr(seen) and "fay@" not in repr(seen)


def test_a_database_that_is_productions_own_is_refused(pair: Pair, tmp_path: Path) -> None:
    dimension = pair.dimension(tmp_path, prod=pair.test)
    assert "production's own" in dimension.cannot()
    assert dimension.parts() == ()
    with pytest.raises(Unavailable), world(dimension, tmp_path / "home"):
        pass


def test_rows_are_counted_by_table(pair: Pair, tmp_path: Path) -> None:
    assert row_counts(pair.test, str(tmp_path)) == {"customers": 4, "orders": 4, "settings": 2}


def test_a_flipped_row_is_met_on_the_way_on_which_production_meets_it(pair: Pair, tmp_path: Path) -> None:
    pair.run(pair.prod, EXTRA)
    failure = Failure(path="/report", status=500, text="'NoneType' object has no attribute 'lower'")
    dimension = pair.dimension(tmp_path, failure)
    with world(dimension, tmp_path / "home", part("customers", "812", "email")) as url:
        joined = "SELECT c.email, o.note FROM orders o JOIN customers c ON c.id = o.customer_id"
        query = f"{joined} WHERE c.email IS NULL"
        [(_, note)] = pair.run(url, query)
        assert note != "e"


def test_rows_that_the_request_names_by_a_value_are_there_in_every_world(pair: Pair, tmp_path: Path) -> None:
    pair.run(pair.prod, EXTRA + "UPDATE orders SET note = '2026-12-01' WHERE id > 9000;")
    failure = Failure(method="POST", path="/reminders/2026-12-01", status=500)
    with world(pair.dimension(tmp_path, failure), tmp_path / "home") as url:
        rows = pair.run(url, "SELECT id, customer_id FROM orders WHERE note = '2026-12-01'")
        assert rows == [(9001, 812), (9002, 813)]
        assert pair.run(url, "SELECT count(*) FROM customers WHERE email IS NULL") == [(0,)]


def test_a_row_whose_key_is_odd_has_no_stand_in_and_is_the_place(pair: Pair, tmp_path: Path) -> None:
    for one in (pair.test, pair.prod):
        pair.run(
            one,
            "CREATE TABLE rides (id bigint PRIMARY KEY, title text);"
            "INSERT INTO rides VALUES (1, 'a'), (2, 'b')",
        )
    pair.run(pair.prod, "INSERT INTO rides VALUES (2147483801, 'c')")
    dimension = pair.dimension(tmp_path, Failure(path="/rides/2147483801", status=500))
    with world(dimension, tmp_path / "home") as url:
        assert pair.run(url, "SELECT count(*) FROM rides") == [(2,)]
    [row] = dimension.split(part("rides"))
    assert row.place == ("rides", "2147483801") and dimension.split(row) == ()


def test_a_view_and_a_trigger_of_production_that_are_others_are_told_without_their_texts(
    pair: Pair, tmp_path: Path
) -> None:
    view = "CREATE VIEW open_orders AS SELECT id, total FROM orders WHERE status = '{}'"
    pair.run(pair.test, view.format("paid"))
    pair.run(pair.test, "CREATE VIEW same AS SELECT id FROM orders")
    pair.run(pair.prod, view.format("canary"))
    pair.run(pair.prod, "CREATE VIEW same AS\n  select id\n  from orders")
    if pair.test.startswith("sqlite:"):
        pair.run(pair.prod, "CREATE TRIGGER noted AFTER INSERT ON orders BEGIN SELECT 'canary'; END")
    else:
        pair.run(
            pair.prod,
            "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;"
            "CREATE TRIGGER noted AFTER INSERT ON orders EXECUTE FUNCTION note()",
        )
    seen = pair.dimension(tmp_path).observe(Beliefs(), FAILURE)
    told = {(d.place[0], d.production, d.weight) for d in seen.differences}
    assert ("view open_orders", "there, with another text", 3) in told
    assert ("trigger orders.noted", "there", 3) in told
    assert not any(name == "view same" for name, _, _ in told)
    assert any("open_orders" in problem and "only tables are flipped" in problem for problem in seen.problems)
    assert "canary" not in str(seen)
