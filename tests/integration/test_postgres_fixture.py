"""The tests' own PostgreSQL: real, isolated from test to test, and gone when its user is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import psycopg
import pytest

from tests.postgres import PATIENCE, fresh_schema


def test_a_test_sees_an_empty_schema_of_its_own(postgres_url: str) -> None:
    with fresh_schema(postgres_url) as one, fresh_schema(postgres_url) as other:
        with psycopg.connect(one) as connection:
            connection.execute("CREATE TABLE thing (id integer)")
        with psycopg.connect(other) as connection, pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("SELECT * FROM thing")


def test_nothing_is_left_behind_by_a_test(postgres_url: str) -> None:
    with fresh_schema(postgres_url) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE thing (id integer)")
    with psycopg.connect(postgres_url) as connection:
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE tablename = 'thing'").fetchone()
    assert row == (0,)


def test_the_server_ends_when_the_tests_are_killed() -> None:
    if os.environ.get("ANDON_TEST_PG"):
        pytest.skip("the server is somebody else's")
    program = (
        "from tests.postgres import running_server\n"
        "with running_server() as url:\n    print(url, flush=True)\n    input()"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdin and owner.stdout
    with owner, owner.stdin, owner.stdout:
        directory = owner.stdout.readline().strip().partition("host=")[2]
        assert os.path.isdir(directory)
        owner.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE
    while os.path.exists(directory):
        assert time.monotonic() < deadline, f"{directory} is still there"
        time.sleep(0.02)
