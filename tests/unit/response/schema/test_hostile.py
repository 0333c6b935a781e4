"""Whatever stands in a migration: an answer in bounded time, and "safe" only for what is known."""

from __future__ import annotations

import ast
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.incident.words import Verdict
from andon.response.schema.judge import judge
from andon.response.schema.layouts import read_layout
from andon.response.schema.sections import split_sections

#: Seconds of processor time that one file may cost.
BOUND = 8.0
KNOWN = (
    "CREATE INDEX i ON a (b)",
    "ALTER TABLE a ADD COLUMN c int",
    "CREATE TABLE t (x int)",
    "SET lock_timeout = 1",
)
#: What makes a script unsafe, or unknown.
OTHERS = (
    "DROP TABLE a",
    "UPDATE a SET b = 1",
    "DO $$ BEGIN END $$",
    "SELECT f()",
    "GRANT ALL ON a TO b",
    "ALTER TABLE a DROP COLUMN b",
    "ALTER TABLE a ALTER b SET NOT NULL",
    "what is this",
    "CREATE RULE r AS ON INSERT TO a DO NOTHING",
)
FILES = (
    ("db/1_a.sql", "{}"),
    ("db/1_a.up.sql", "{}"),
    (
        "x/versions/1_a.py",
        "down_revision = '0'\nfrom alembic import op\ndef upgrade():\n    {}\ndef downgrade():\n    pass\n",
    ),
    ("x/migrations/0001_a.py", "class Migration(migrations.Migration):\n    operations = [{}]\n"),
    ("migrations/1_a.js", "exports.up = (knex) => {{ {} }}; exports.down = (knex) => {{ }};"),
    ("db/migrate/1_a.rb", "class A < ActiveRecord::Migration[7.1]\n  def change\n    {}\n  end\nend\n"),
)


@pytest.mark.parametrize(("path", "form"), FILES)
@given(text=st.text(min_size=1, max_size=60))
@settings(max_examples=40, deadline=None)
def test_arbitrary_text_is_not_safe(path: str, form: str, text: str) -> None:
    for migration in read_layout({path: form.format(text)}).migrations:
        found = judge(migration)
        if found.old_code is Verdict.PASSED and found.reversible is Verdict.PASSED:
            assert not migration.up.text.strip() or says_nothing(path, text), (text, found)


def says_nothing(path: str, text: str) -> bool:
    """True for text without a word; in Python, for text that calls nothing."""
    if path.endswith(".py"):
        return not any(isinstance(node, ast.Call) for node in ast.walk(ast.parse(text.strip())))
    lines = [re.split(r"--|#|//", line)[0] for line in re.split(r"[\r\n]", text)]  # what ends a comment
    return not any(c.isalpha() for line in lines for c in line)


@given(
    known=st.lists(st.sampled_from(KNOWN), max_size=4),
    other=st.sampled_from(OTHERS),
    place=st.integers(0, 4),
    space=st.sampled_from([" ", "\n", "\t", "\n\n-- DROP nothing\n"]),
)
@settings(max_examples=60, deadline=None)
def test_one_other_statement_among_known_ones_shows(
    known: list[str], other: str, place: int, space: str
) -> None:
    told = [*known[:place], other, *known[place:]]
    text = ";\n".join(told).replace(" ", space) + ";"
    (migration,) = read_layout({"db/1_a.sql": text}).migrations
    assert judge(migration).old_code is not Verdict.PASSED


@given(text=st.text(alphabet="-+ \nmigrategoosupdownUPDOWN:;x", max_size=200))
def test_sections_never_lose_a_statement(text: str) -> None:
    sections = split_sections(f"-- migrate:up\nSTATEMENT;\n{text}\n")
    assert sections is not None and sections.up is not None
    assert "STATEMENT;" in sections.up.text


@pytest.mark.parametrize(
    "text",
    [
        "x" * 5_000_000,
        "INSERT INTO a (b) VALUES " + ",".join(["(1)"] * 1_000_000),
        "SELECT " + "(" * 40_000 + "1" + ")" * 40_000,
        "SELECT " + "(" * 24 + "1" + ")" * 24,
        "SELECT " + "CASE WHEN 1 THEN " * 24 + "1" + " END" * 24,
        "SELECT * FROM " + "(SELECT * FROM " * 24 + "a" + ")" * 24,
        "SELECT " + "NOT " * 20_000 + "1",
        "/*" * 40_000,
        "'" * 99_999,
        "$$" * 40_000,
        "UPDATE a SET b = 1;" * 5_000,
        "CREATE FUNCTION " * 6_000,
    ],
    ids=range(12),
)
def test_a_hostile_script_ends_soon(text: str) -> None:
    (migration,) = read_layout({"db/1_a.sql": text}).migrations
    began = time.process_time()
    found = judge(migration)
    assert time.process_time() - began < BOUND
    assert found.reversible is not Verdict.PASSED or not found.is_unknown


@pytest.mark.parametrize(("path", "form"), FILES[2:])
@pytest.mark.parametrize(
    "filling",
    [
        "x" * 5_000_000,
        "(" * 90_000,
        "a.b(" * 20_000,
        " " * 150_000 + "(",
        "'" * 99_999,
        "knex.schema.table('x', " + "a" * 150_000,
        "up" + " " * 150_000 + "x",
        "1+" * 50_000 + "1",
        "f(" + "[" * 90 + "]" * 90 + ")",
    ],
    ids=range(9),
)
def test_a_hostile_program_ends_soon(path: str, form: str, filling: str) -> None:
    began = time.process_time()
    for migration in read_layout({path: form.format(filling)}).migrations:
        found = judge(migration)
        assert found.reversible is not Verdict.PASSED
    assert time.process_time() - began < BOUND
