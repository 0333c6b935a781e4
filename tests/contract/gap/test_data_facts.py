"""Facts that the tests' data cannot show: each injected one is found, and the same generator shows none."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from pathlib import Path

import psycopg
import pytest

from andon.config.model_gap import GapConfig, WorldConfig
from andon.gaps.beliefs import Beliefs
from andon.gaps.experiment import Observed
from andon.gaps.failure import Failure
from andon.production.gap.data import DataDimension

SCHEMA = """
CREATE TABLE customers (id integer PRIMARY KEY, name varchar(200) NOT NULL, email varchar(200),
  city varchar(200));
CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer, status varchar(20), quantity bigint,
  placed varchar(30), note text, meta text);
"""
NAMES = ("Ada", "Bob", "Cyd", "Dan", "Eva", "Fay", "Gus", "Hal", "Ivy", "Jon")
CITIES = ("Bern", "Oslo", "Rome", "Riga", "Kyiv")
#: What is done to one row of production, and the words by which it has to be found.
FAULTS = {
    "null": ("customers", "email", "NULL", "null"),
    "empty": ("customers", "city", "''", "empty"),
    "untrimmed": ("orders", "status", "'paid '", "blanks at an end"),
    "emoji": ("orders", "note", "'thanks \U0001f600'", "emoji"),
    "negative": ("orders", "quantity", "-1", "negative"),
    "int32": ("orders", "quantity", "3000000000", "beyond 32 bits"),
    "category": ("orders", "status", "'held'", "a category"),
    "orphan": ("orders", "customer_id", "99999", "no row"),
    "duplicate": ("customers", "email", "'e5@example.org'", "the same value twice"),
    "json": ("orders", "meta", "'[]'", "no JSON object"),
    "json key": ("orders", "meta", "'{\"b\": 1}'", "JSON without a key"),
    "latin": ("customers", "name", "'\u0141ucja'", "beyond Latin-1"),
    "control": ("customers", "name", "'A\x07'", "control"),
    "long": ("orders", "note", f"'{'x' * 900}'", "longer"),
    "markup": ("customers", "name", "'A<b>'", "markup"),
    "future": ("orders", "placed", "'9999-12-31'", "in the future"),
    "zero": ("orders", "quantity", "0", "zero"),
}


def rows(seed: int, many: int) -> str:
    """Return statements for both tables, drawn by one generator."""
    chance = random.Random(seed)
    customers, orders = [], []
    for n in range(1, many + 1):
        name, city = chance.choice(NAMES), chance.choice(CITIES)
        customers.append(f"({n}, '{name}', 'e{n}@example.org', '{city}')")
        status, day = chance.choice(("paid", "sent", "open")), chance.randint(1, 28)
        meta = f'{{"a": {chance.randint(1, 9)}, "b": 2}}'
        placed = f"2025-0{chance.randint(1, 9)}-{day:02}"
        note = " ".join(chance.choice(NAMES) for _ in range(chance.randint(1, 6)))
        who, quantity = chance.randint(1, many), chance.randint(1, 90)
        orders.append(f"({n}, {who}, '{status}', {quantity}, '{placed}', '{note}', '{meta}')")
    return (
        f"INSERT INTO customers VALUES {', '.join(customers)}; INSERT INTO orders VALUES {', '.join(orders)};"
    )


def changed(fault: str) -> str:
    """Return the statement that puts a fault into one row."""
    table, column, value, _ = FAULTS[fault]
    return f"UPDATE {table} SET {column} = {value} WHERE id = 77;"


def sqlite_file(path: Path, script: str) -> str:
    path.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    return f"sqlite:{path}"


def postgres_database(url: str, name: str, script: str) -> str:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
    address = url.replace("/postgres?", f"/{name}?")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(script.encode())
    return address


def observed(test: str, prod: str, root: Path, path: str = "/orders") -> Observed:
    failure = Failure(path=path, status=500)
    worlds = WorldConfig(database=test), WorldConfig(database=prod)
    return DataDimension(GapConfig(), *worlds, str(root), failure).observe(Beliefs(), failure)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_in_sqlite(fault: str, tmp_path: Path) -> None:
    table, column, _, words = FAULTS[fault]
    test = sqlite_file(tmp_path / "test.db", SCHEMA + rows(1, 120))
    prod = sqlite_file(tmp_path / "prod.db", SCHEMA + rows(2, 120) + changed(fault))
    seen = observed(test, prod, tmp_path, f"/{table}")
    assert seen.problems == ()
    assert seen.differences[0].place == (table, column), seen.differences
    assert words in seen.differences[0].production


@pytest.mark.parametrize("fault", FAULTS)
def test_what_the_tests_show_too_is_no_fact(fault: str, tmp_path: Path) -> None:
    table, column, _, words = FAULTS[fault]
    test = sqlite_file(tmp_path / "test.db", SCHEMA + rows(1, 120) + changed(fault))
    prod = sqlite_file(tmp_path / "prod.db", SCHEMA + rows(2, 120) + changed(fault))
    told = [
        d.production
        for d in observed(test, prod, tmp_path, f"/{table}").differences
        if d.place == (table, column)
    ]
    assert not [one for one in told if words in one]


def test_the_faults_are_found_in_postgresql(postgres_url: str, tmp_path: Path) -> None:
    test = postgres_database(postgres_url, "andon_facts_test", SCHEMA + rows(1, 120))
    prod = postgres_database(postgres_url, "andon_facts_prod", SCHEMA + rows(2, 120))
    found = {}
    for fault, (table, column, _, words) in FAULTS.items():
        with psycopg.connect(prod, autocommit=True) as connection:
            connection.execute("TRUNCATE customers, orders")
            connection.execute((rows(2, 120) + changed(fault)).encode())
        seen = observed(test, prod, tmp_path, f"/{table}")
        first = seen.differences[0] if seen.differences else None
        found[fault] = bool(first and first.place == (table, column) and words in first.production)
        assert not seen.problems
    assert found == dict.fromkeys(FAULTS, True)


@pytest.mark.parametrize("many", [25, 120])
def test_the_same_generator_shows_nothing_that_weighs(tmp_path: Path, many: int) -> None:
    """0 of 40 pairs, the number of the field notes: half of them small, half of them larger."""
    heavy = []
    for seed in range(20):
        test = sqlite_file(tmp_path / "test.db", SCHEMA + rows(100 + seed, many))
        prod = sqlite_file(tmp_path / "prod.db", SCHEMA + rows(500 + seed, 4 * many))
        seen = observed(test, prod, tmp_path)
        heavy += [d for d in seen.differences if d.weight >= 4]
    assert heavy == []
