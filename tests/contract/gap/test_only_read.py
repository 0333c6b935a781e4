"""A session on production's database cannot write, whatever is asked of it."""

from __future__ import annotations

import psycopg
import pytest

from andon.production.gap.postgres_data import PostgresSource
from tests.postgres import fresh_database

SCRIPT = """
CREATE TABLE orders (id int PRIMARY KEY);
INSERT INTO orders VALUES (1);
CREATE FUNCTION sneaky() RETURNS int LANGUAGE sql AS 'INSERT INTO orders VALUES (2) RETURNING id';
CREATE SEQUENCE numbers;
"""


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO orders VALUES (3)",
        "DELETE FROM orders",
        "SELECT sneaky()",
        "SELECT nextval('numbers')",
        "CREATE TABLE other (id int)",
    ],
)
def test_a_session_cannot_write(postgres_url: str, statement: str) -> None:
    with fresh_database(postgres_url) as address:
        with psycopg.connect(address, autocommit=True) as own:
            own.execute(SCRIPT.encode())
        with (
            PostgresSource(address).reading() as session,
            pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
        ):
            session.execute(statement.encode())
        with psycopg.connect(address) as own:
            assert own.execute("SELECT id FROM orders").fetchall() == [(1,)]
