"""The classes of schema changes, each with its two labels: does old code run, can it be taken back."""

from __future__ import annotations

import pytest

from andon.incident.words import Verdict
from andon.response.schema.judge import Judgement, judge
from andon.response.schema.layouts import read_layout

YES, NO, UNKNOWN = Verdict.PASSED, Verdict.FAILED, Verdict.UNKNOWN


def judged(up: str, down: str | None) -> Judgement:
    """The judgement on a pair of SQL files."""
    files = {"db/1_a.up.sql": up} | ({} if down is None else {"db/1_a.down.sql": down})
    (migration,) = read_layout(files).migrations
    return judge(migration)


@pytest.mark.parametrize(
    ("name", "up", "down", "old_code", "reversible"),
    [
        ("new table", "CREATE TABLE a (id int PRIMARY KEY)", "DROP TABLE a", YES, YES),
        ("new column", "ALTER TABLE a ADD COLUMN b text", "ALTER TABLE a DROP COLUMN b", YES, YES),
        (
            "new column with a default",
            "ALTER TABLE a ADD b int NOT NULL DEFAULT 0",
            "ALTER TABLE a DROP b",
            YES,
            YES,
        ),
        (
            "new column that must have a value",
            "ALTER TABLE a ADD b int NOT NULL",
            "ALTER TABLE a DROP b",
            NO,
            YES,
        ),
        ("new index", "CREATE INDEX i ON a (b)", "DROP INDEX i", YES, YES),
        (
            "new index beside work",
            "CREATE INDEX CONCURRENTLY i ON a (b)",
            "DROP INDEX CONCURRENTLY i",
            YES,
            YES,
        ),
        ("new unique index", "CREATE UNIQUE INDEX i ON a (b)", "DROP INDEX i", NO, YES),
        (
            "new unique constraint",
            "ALTER TABLE a ADD CONSTRAINT u UNIQUE (b)",
            "ALTER TABLE a DROP CONSTRAINT u",
            NO,
            YES,
        ),
        (
            "new foreign key",
            "ALTER TABLE a ADD CONSTRAINT f FOREIGN KEY (b) REFERENCES c (d)",
            "ALTER TABLE a DROP CONSTRAINT f",
            NO,
            YES,
        ),
        (
            "new check",
            "ALTER TABLE a ADD CONSTRAINT c CHECK (b > 0)",
            "ALTER TABLE a DROP CONSTRAINT c",
            NO,
            YES,
        ),
        ("new view", "CREATE VIEW v AS SELECT 1 AS x", "DROP VIEW v", YES, YES),
        ("new sequence", "CREATE SEQUENCE s", "DROP SEQUENCE s", YES, YES),
        ("new type", "CREATE TYPE m AS ENUM ('x')", "DROP TYPE m", YES, YES),
        ("new extension", "CREATE EXTENSION citext", "DROP EXTENSION citext", YES, YES),
        ("new schema", "CREATE SCHEMA s", "DROP SCHEMA s", YES, YES),
        (
            "new trigger",
            "CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION f()",
            "DROP TRIGGER t ON a",
            UNKNOWN,
            YES,
        ),
        ("comment", "COMMENT ON COLUMN a.b IS 'x'", "COMMENT ON COLUMN a.b IS 'y'", YES, YES),
        ("dropped table", "DROP TABLE a", "CREATE TABLE a (id int)", NO, NO),
        ("dropped column", "ALTER TABLE a DROP COLUMN b", "ALTER TABLE a ADD COLUMN b text", NO, NO),
        ("dropped schema", "DROP SCHEMA s CASCADE", "CREATE SCHEMA s", NO, NO),
        ("dropped view", "DROP VIEW v", "CREATE VIEW v AS SELECT 1 AS x", NO, YES),
        ("dropped index", "DROP INDEX i", "CREATE INDEX i ON a (b)", UNKNOWN, YES),
        (
            "dropped constraint",
            "ALTER TABLE a DROP CONSTRAINT u",
            "ALTER TABLE a ADD CONSTRAINT u UNIQUE (b)",
            UNKNOWN,
            YES,
        ),
        ("renamed table", "ALTER TABLE a RENAME TO b", "ALTER TABLE b RENAME TO a", NO, YES),
        (
            "renamed column",
            "ALTER TABLE a RENAME COLUMN b TO c",
            "ALTER TABLE a RENAME COLUMN c TO b",
            NO,
            YES,
        ),
        (
            "narrower type",
            "ALTER TABLE a ALTER COLUMN b TYPE varchar(5)",
            "ALTER TABLE a ALTER COLUMN b TYPE varchar(50)",
            UNKNOWN,
            UNKNOWN,
        ),
        (
            "wider type",
            "ALTER TABLE a ALTER COLUMN b TYPE varchar(50)",
            "ALTER TABLE a ALTER COLUMN b TYPE varchar(5)",
            UNKNOWN,
            YES,
        ),
        (
            "must have a value",
            "ALTER TABLE a ALTER b SET NOT NULL",
            "ALTER TABLE a ALTER b DROP NOT NULL",
            NO,
            YES,
        ),
        (
            "may be empty",
            "ALTER TABLE a ALTER b DROP NOT NULL",
            "ALTER TABLE a ALTER b SET NOT NULL",
            UNKNOWN,
            UNKNOWN,
        ),
        (
            "new default",
            "ALTER TABLE a ALTER b SET DEFAULT 1",
            "ALTER TABLE a ALTER b DROP DEFAULT",
            YES,
            YES,
        ),
        (
            "dropped default",
            "ALTER TABLE a ALTER b DROP DEFAULT",
            "ALTER TABLE a ALTER b SET DEFAULT 1",
            NO,
            YES,
        ),
        ("changed rows", "UPDATE a SET b = 1", "UPDATE a SET b = 2", UNKNOWN, NO),
        ("deleted rows", "DELETE FROM a WHERE b = 1", "", UNKNOWN, NO),
        ("emptied table", "TRUNCATE a", "", UNKNOWN, NO),
        (
            "inserted rows",
            "INSERT INTO a (id, n) VALUES ('x', 1), ('y', 2)",
            "DELETE FROM a WHERE id IN ('x', 'y')",
            UNKNOWN,
            YES,
        ),
        ("new value of a type", "ALTER TYPE m ADD VALUE 'y'", "", UNKNOWN, NO),
        ("row security", "ALTER TABLE a ENABLE ROW LEVEL SECURITY", "", UNKNOWN, UNKNOWN),
        ("a block of code", "DO $$ BEGIN DELETE FROM a; END $$", "", UNKNOWN, UNKNOWN),
        (
            "a replaced function",
            "CREATE OR REPLACE FUNCTION f() RETURNS int AS 'x' LANGUAGE sql",
            "",
            UNKNOWN,
            NO,
        ),
        ("rights", "GRANT SELECT ON a TO b", "REVOKE SELECT ON a FROM b", UNKNOWN, UNKNOWN),
        ("an unknown call", "SELECT clean_up()", "", UNKNOWN, UNKNOWN),
    ],
)
def test_class(name: str, up: str, down: str | None, old_code: Verdict, reversible: Verdict) -> None:
    found = judged(up, down)
    assert (found.old_code, found.reversible) == (old_code, reversible), (name, found)


@pytest.mark.parametrize(
    ("up", "down", "reason"),
    [
        ("CREATE TABLE a (b int)", None, "there is no way down"),
        ("CREATE TABLE a (b int)", "", "the way down leaves that as it is"),
        ("CREATE TABLE a (b int)", "DROP TABLE other", "which the way up did not make"),
        ("CREATE INDEX i ON a (b)", "DROP INDEX j", "which the way up did not make"),
        ("CREATE TABLE a (b int)", "DROP TABLE a; DROP INDEX i", "which the way up did not make"),
        (
            "ALTER TABLE a ADD b int",
            "ALTER TABLE a DROP b; ALTER TABLE a DROP c",
            "which the way up did not make",
        ),
        ("ALTER TABLE a ALTER b SET DEFAULT 1", "ALTER TABLE a ALTER b SET DEFAULT 1", "what it is already"),
        ("ALTER TABLE a RENAME TO b", "ALTER TABLE b RENAME TO c", "did not rename"),
        ("CREATE TABLE IF NOT EXISTS a (b int)", "DROP TABLE a", "unless it is there already"),
        ("CREATE TABLE a (b int)", "DROP TABLE a CASCADE", "whatever depends on it"),
        (
            "CREATE TABLE a (id int); CREATE TABLE b (a int REFERENCES a (id))",
            "DROP TABLE a; DROP TABLE b",
            "still needs",
        ),
        (
            "ALTER TABLE a ADD b int; CREATE INDEX i ON a (b)",
            "ALTER TABLE a DROP b; DROP INDEX i",
            "gone by then",
        ),
        ("INSERT INTO a (id) VALUES ('x')", "DELETE FROM a WHERE id = 'y'", "changes rows"),
        ("INSERT INTO a (id) VALUES ('x'), ('y')", "DELETE FROM a WHERE id = 'x'", "leaves that as it is"),
        ("INSERT INTO a (id, b) VALUES ('x', 'team')", "DELETE FROM a WHERE b = 'team'", "changes rows"),
        ("INSERT INTO a VALUES ('x', 'x')", "DELETE FROM a WHERE id = 'x'", "changes rows"),
        ("INSERT INTO a VALUES ('x', clean_up())", "DELETE FROM a WHERE id = 'x'", "may do anything"),
        (
            "INSERT INTO a VALUES ('paid')",
            "DELETE FROM b WHERE a = 'open'; DELETE FROM a WHERE name = 'paid'",
            "changes rows of b",
        ),
        ("INSERT INTO a VALUES (7)", "DELETE FROM b WHERE a = 7; DELETE FROM a WHERE id = 7", "rows of b"),
        ("UPDATE a SET b = 'x' WHERE c = 'y'", "UPDATE a SET b = 'z' WHERE c = 'y'", "changes rows"),
        ("UPDATE a SET b = 'x' WHERE id = 1", "UPDATE a SET b = 'z' WHERE id = 2", "changes rows"),
        ("UPDATE a SET b = 'x' WHERE id IN (1, 2)", "UPDATE a SET b = 'z' WHERE id = 1", "changes rows"),
        ("ALTER TABLE a RENAME b TO c", "ALTER TABLE a RENAME TO b", "did not rename"),
        (
            "ALTER TABLE a RENAME TO b; ALTER TABLE b RENAME COLUMN x TO y",
            "ALTER TABLE b RENAME TO a; ALTER TABLE c RENAME COLUMN y TO x",
            "did not rename",
        ),
        ("DROP VIEW IF EXISTS v; CREATE VIEW v AS SELECT 1", "DROP VIEW v", "whether it was there before"),
        ("DROP INDEX i", "DROP INDEX IF EXISTS j; CREATE INDEX i ON a (b)", "if it is there"),
        ("UPDATE a SET b = now() WHERE id = 1", "UPDATE a SET b = 'z' WHERE id = 1", "changes rows"),
        ("ALTER TABLE a VALIDATE CONSTRAINT c", "", "alters the validity of constraint a.c"),
        (
            "ALTER TABLE a ADD CONSTRAINT p PRIMARY KEY (b, c)",
            "ALTER TABLE a DROP CONSTRAINT p; ALTER TABLE a ALTER b DROP NOT NULL",
            "whether c could be empty is not known",
        ),
        (
            (
                "ALTER TYPE m RENAME TO old; CREATE TYPE m AS ENUM ('a', 'b'); "
                "ALTER TABLE t ALTER m TYPE m USING m::text::m; DROP TYPE old"
            ),
            "",
            "alters the values of type m",
        ),
        (
            (
                "ALTER TYPE m RENAME TO old; CREATE TYPE m AS ENUM ('a', 'b'); "
                "ALTER TABLE t ALTER m TYPE m USING m::text::m; DROP TYPE old"
            ),
            (
                "UPDATE t SET m = 'b' WHERE m = 'a'; "
                "ALTER TYPE m RENAME TO old; CREATE TYPE m AS ENUM ('a'); "
                "ALTER TABLE t ALTER m TYPE m USING m::text::m; DROP TYPE old"
            ),
            "changes rows of t",
        ),
        ("INSERT INTO a (id) SELECT id FROM b", "DELETE FROM a WHERE id = 'x'", "changes rows"),
        (
            "CREATE OR REPLACE FUNCTION f() RETURNS int AS 'x' LANGUAGE sql",
            "DROP FUNCTION f()",
            "whether it was there before",
        ),
    ],
)
def test_a_way_down_that_is_not_the_opposite(up: str, down: str | None, reason: str) -> None:
    found = judged(up, down)
    assert found.reversible is not YES
    assert any(reason in f.reason for f in found.for_way_down), found.for_way_down


@pytest.mark.parametrize(
    ("up", "down"),
    [
        ("ALTER TABLE a ADD b int; UPDATE a SET b = 1", "ALTER TABLE a DROP b"),
        ("CREATE TABLE a (b int); INSERT INTO a SELECT 1; CREATE INDEX i ON a (b)", "DROP TABLE a"),
        ("ALTER TABLE a ADD b int; CREATE INDEX i ON a (b, c)", "ALTER TABLE a DROP b"),
        (
            "ALTER TABLE a DROP CONSTRAINT u; ALTER TABLE a ADD CONSTRAINT u UNIQUE (b, c)",
            "ALTER TABLE a DROP CONSTRAINT u; ALTER TABLE a ADD CONSTRAINT u UNIQUE (b)",
        ),
        ("ALTER TABLE a ADD UNIQUE (b)", "ALTER TABLE a DROP CONSTRAINT a_b_key"),
        ('CREATE TABLE "a" (b int)', "DROP TABLE public.a"),
        ("SET lock_timeout = '3s'; BEGIN; CREATE INDEX i ON a (b); COMMIT", "DROP INDEX IF EXISTS i"),
        ("CREATE TABLE a (b int); DROP TABLE a", ""),
        ("ALTER TABLE orders ADD COLUMN note TEXT;\n", "ALTER TABLE orders DROP COLUMN note;\n"),
        ("INSERT INTO a VALUES ('paid')", "DELETE FROM a WHERE name = 'paid'"),
        ("INSERT INTO a VALUES ('x', 'Ada')", "DELETE FROM a WHERE id = 'x'"),
        ("INSERT INTO a (id, b) VALUES ('x', now())", "DELETE FROM a WHERE id = 'x'"),
        ("INSERT INTO a (b, c) VALUES ('x', 'y')", "DELETE FROM a WHERE b = 'x' AND c = 'y'"),
        (
            "INSERT INTO a (b, c) VALUES ((SELECT id FROM d WHERE name = 'x'), 1)",
            "DELETE FROM a WHERE b = (SELECT id FROM d WHERE name = 'x') AND c = 1",
        ),
        (
            "INSERT INTO a VALUES ('paid')",
            (
                "DELETE FROM b WHERE a = 'paid'; UPDATE c SET a = 'open' WHERE a = 'paid'; "
                "DELETE FROM a WHERE name = 'paid'"
            ),
        ),
        ("UPDATE a SET b = 'x' WHERE id = 1", "UPDATE a SET b = 'z' WHERE id = 1"),
        ("UPDATE a SET b = 'x' WHERE id = 1 AND b = 'z'", "UPDATE a SET b = 'z' WHERE id = 1 AND b = 'x'"),
        ("ALTER TABLE a RENAME b TO c", "ALTER TABLE a RENAME COLUMN c TO b"),
        (
            "ALTER TABLE a RENAME TO b; ALTER TABLE b RENAME COLUMN x TO y",
            "ALTER TABLE b RENAME TO a; ALTER TABLE a RENAME COLUMN y TO x",
        ),
        (
            "DROP INDEX CONCURRENTLY IF EXISTS i; CREATE INDEX CONCURRENTLY i ON a (b)",
            "DROP INDEX CONCURRENTLY IF EXISTS i",
        ),
        ("DROP INDEX i", "DROP INDEX IF EXISTS i; CREATE INDEX i ON a (b)"),
        (
            "UPDATE a SET b = 'x' WHERE slug IN ('one', 'two')",
            "UPDATE a SET b = 'z' WHERE slug IN ('two', 'one')",
        ),
        ("CREATE INDEX CONCURRENTLY i ON a (b)", "DROP INDEX CONCURRENTLY IF EXISTS i"),
        (
            "ALTER TABLE a ADD CONSTRAINT c CHECK (b > 0) NOT VALID; ALTER TABLE a VALIDATE CONSTRAINT c",
            "ALTER TABLE a DROP CONSTRAINT c",
        ),
        (
            "ALTER TABLE a DROP CONSTRAINT p; ALTER TABLE a ADD CONSTRAINT p PRIMARY KEY (b)",
            "ALTER TABLE a DROP CONSTRAINT p; ALTER TABLE a ADD CONSTRAINT p PRIMARY KEY (b, c)",
        ),
        (
            (
                "ALTER TYPE m RENAME TO old; CREATE TYPE m AS ENUM ('a', 'b'); "
                "ALTER TABLE t ALTER m TYPE m USING m::text::m; DROP TYPE old"
            ),
            (
                "UPDATE t SET m = 'a' WHERE m = 'b'; "
                "ALTER TYPE m RENAME TO old; CREATE TYPE m AS ENUM ('a'); "
                "ALTER TABLE t ALTER m TYPE m USING m::text::m; DROP TYPE old"
            ),
        ),
    ],
)
def test_a_way_down_that_is(up: str, down: str) -> None:
    found = judged(up, down)
    assert found.reversible is YES, found.for_way_down


def test_a_finding_names_its_line_and_its_file() -> None:
    found = judged("CREATE TABLE b (c int);\n\nALTER TABLE a\n  DROP COLUMN b;\n", "DROP TABLE b;\nDO 'x';")
    assert [f.line for f in found.for_old_code] == [3]
    assert {(f.line, f.in_way_down) for f in found.for_way_down} == {(3, False), (2, True)}
    assert found.down_path == "db/1_a.down.sql"


def test_lines_in_a_section_are_those_of_the_file() -> None:
    text = "-- migrate:up\nCREATE TABLE b (c int);\nTRUNCATE a;\n-- migrate:down\nDROP TABLE b;\n"
    (migration,) = read_layout({"db/1_a.sql": text}).migrations
    assert [f.line for f in judge(migration).for_old_code] == [3]
