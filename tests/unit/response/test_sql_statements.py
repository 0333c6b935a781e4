"""Scripts are cut where statements end; what reaches past its database is seen behind comments."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.response.sql_statements import bare, reaching_out, statements

TRIGGER = (
    "create trigger t after insert on a begin update b set c = case when 1 then 2 end; delete from d; end"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" ;; \n;", []),
        ("-- nothing", []),
        ("/* nothing */", []),
        ("a; b;", ["a", "b"]),
        ("a -- one; two\n; b", ["a -- one; two", "b"]),
        ("a /* ; /* ; */ ; */ b; c", ["a /* ; /* ; */ ; */ b", "c"]),
        ("select ';'; select 'it''s;'; x", ["select ';'", "select 'it''s;'", "x"]),
        ('select ";" ; x', ['select ";"', "x"]),
        ("select `;` ; x", ["select `;`", "x"]),
        (r"select E'\';' ; x", [r"select E'\';'", "x"]),
        ("do $$ a; b $$; x", ["do $$ a; b $$", "x"]),
        ("do $f$ a; $$ ; $f$; x", ["do $f$ a; $$ ; $f$", "x"]),
        ("select $1; x", ["select $1", "x"]),
        ("select 'open; x", ["select 'open; x"]),
        ("do $$ open; x", ["do $$ open; x"]),
        ("/* open; x", []),
        (f"{TRIGGER}; x", [TRIGGER, "x"]),
        ("BEGIN; a; COMMIT", ["BEGIN", "a", "COMMIT"]),
    ],
)
def test_where_a_statement_ends(text: str, expected: list[str]) -> None:
    assert list(statements(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "CREATE ROLE x",
        "create  user x",
        "/* a */ ALTER ROLE x",
        "a; -- b\nDROP DATABASE x",
        "ALTER SYSTEM SET a = 1",
        "COPY a TO PROGRAM 'x'",
        "COPY a FROM '/etc/passwd'",
        "ATTACH DATABASE 'x' AS y",
        "VACUUM INTO 'x'",
        "SET ROLE x",
        "DROP OWNED BY x",
        "DO $$ begin perform dblink('a', 'b'); end $$",
        "SELECT dblink_exec ('a', 'b')",
        "SELECT \"dblink\"('a', 'b')",
        "SELECT pg_read_file('/etc/passwd')",
        "CREATE SUBSCRIPTION x",
        "CREATE TABLESPACE x LOCATION '/y'",
        "SELECT pg_terminate_backend(1)",
    ],
)
def test_what_reaches_out(text: str) -> None:
    assert reaching_out(text)
    assert reaching_out(f"SELECT 1; {text};")


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE role (a integer)",
        "SELECT 'CREATE ROLE x'",
        "-- CREATE ROLE x\nSELECT 1",
        "/* ALTER SYSTEM */ SELECT 1",
        "COPY a FROM STDIN",
        "INSERT INTO attach VALUES (1)",
        "ALTER TABLE a SET SCHEMA b",
        "VACUUM a",
        "SELECT 'dblink(1)'",
        "CREATE FUNCTION loads() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "SET search_path = x",
    ],
)
def test_what_stays(text: str) -> None:
    assert reaching_out(text) == ""


WORDS = st.sampled_from(
    (
        "'",
        '"',
        "`",
        "$$",
        "$a$",
        ";",
        "--",
        "\n",
        "/*",
        "*/",
        "E'",
        "\\",
        "a",
        " ",
        "CREATE TRIGGER",
        "BEGIN",
        "END",
    )
)


@given(st.lists(WORDS, max_size=40).map("".join))
def test_no_statement_is_lost_or_made_up(text: str) -> None:
    found = list(statements(text))
    at = 0
    for statement in found:
        at = text.index(statement, at) + len(statement)
    bare(text)
    reaching_out(text)


@pytest.mark.parametrize("piece", ["'", "/*", "$$", "E'\\", "case ", "copy ", "-- x\n", "''"])
def test_long_input_ends_soon(piece: str) -> None:
    text = piece * 50_000
    assert len(list(statements(text))) <= 1
    reaching_out(text)
