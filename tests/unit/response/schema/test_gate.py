"""The gate's five answers, and which way back they leave."""

from __future__ import annotations

import pytest

from andon.incident.words import Verdict
from andon.response.schema.gate import (
    FINDING_LIMIT,
    QUESTIONS,
    RangeFile,
    Route,
    SchemaGate,
    SchemaRange,
    not_readable,
    pass_range,
)

YES, NO, UNKNOWN = Verdict.PASSED, Verdict.FAILED, Verdict.UNKNOWN
HEAD = "from alembic import op\nimport sqlalchemy as sa\nrevision = 'b'\ndown_revision = 'a'\n"
ADDS = (
    f"{HEAD}def upgrade():\n    op.add_column('a', sa.Column('b', sa.Text()))\n"
    "def downgrade():\n    op.drop_column('a', 'b')\n"
)
MUST = ADDS.replace("sa.Text()", "sa.Text(), nullable=False")
LOSES = f"{HEAD}def upgrade():\n    op.drop_column('a', 'b')\ndef downgrade():\n    pass\n"
ROWS = f"{HEAD}def upgrade():\n    op.execute('UPDATE a SET b = 1')\ndef downgrade():\n    pass\n"
QUIET = {"Procfile": "web: gunicorn shop\n"}
TRAP = {"Procfile": "release: alembic upgrade head\n"}
PATH = "shop/migrations/versions/b_price.py"


def gate(*files: RangeFile, boot: dict[str, str] | None = None, changed: int = 5) -> SchemaGate:
    """The gate's answer."""
    given = QUIET if boot is None else boot
    return pass_range(SchemaRange(changed=changed, files=files, older={}, beside=frozenset(), boot=given))


def added(text: str | None, path: str = PATH) -> RangeFile:
    """A file that the older release did not have."""
    return RangeFile(path=path, kind="added", text=text)


def answers(found: SchemaGate) -> list[Verdict]:
    """The verdicts on the five questions."""
    assert [a.question for a in found.answers] == list(QUESTIONS)
    return [a.verdict for a in found.answers]


def test_no_migration_passes() -> None:
    found = gate()
    assert (found.verdict, found.route) == (YES, Route.CODE_ONLY)
    assert found.reason == "no schema change among 5 changed files"


@pytest.mark.parametrize(
    ("text", "boot", "verdict", "route", "verdicts"),
    [
        (ADDS, QUIET, YES, Route.CODE_ONLY, [NO, YES, YES, YES, YES]),
        (ADDS, TRAP, NO, Route.WITHOUT_MIGRATE, [NO, YES, YES, NO, YES]),
        (ADDS, {}, UNKNOWN, Route.WITHOUT_MIGRATE, [NO, YES, YES, UNKNOWN, YES]),
        (MUST, QUIET, NO, Route.DOWN_FIRST, [NO, NO, YES, YES, YES]),
        (MUST, TRAP, NO, Route.DOWN_FIRST, [NO, NO, YES, NO, YES]),
        (LOSES, QUIET, NO, Route.FORWARD, [NO, NO, NO, YES, YES]),
        (ROWS, QUIET, UNKNOWN, Route.FORWARD, [NO, UNKNOWN, NO, YES, NO]),
        ("down_revision = (\n", QUIET, UNKNOWN, Route.FORWARD, [NO, UNKNOWN, UNKNOWN, YES, UNKNOWN]),
    ],
)
def test_the_order_of_the_gate(
    text: str, boot: dict[str, str], verdict: Verdict, route: Route, verdicts: list[Verdict]
) -> None:
    found = gate(added(text), boot=boot)
    assert (found.verdict, found.route) == (verdict, route), found
    assert answers(found) == verdicts
    assert PATH in found.reason


def test_the_way_down_is_a_step_for_a_person() -> None:
    older, newer = "db/1_a.up.sql", "db/2_b.up.sql"
    found = gate(
        added("ALTER TABLE a ADD b int NOT NULL", older),
        added("DROP TABLE IF EXISTS never", "db/1_a.down.sql"),
        boot=QUIET,
    )
    assert found.route is Route.FORWARD, "its way down drops something else"
    found = gate(
        added("ALTER TABLE a ADD b int NOT NULL", older),
        added("ALTER TABLE a DROP b", "db/1_a.down.sql"),
        added("CREATE INDEX i ON a (b)", newer),
        added("DROP INDEX i", "db/2_b.down.sql"),
    )
    assert found.route is Route.DOWN_FIRST
    assert "image of the newer release" in found.steps[0]
    assert found.steps[0].index("2_b.down.sql") < found.steps[0].index("1_a.down.sql")
    assert "andon sign migrations-reversible" in found.steps[1]


def test_without_the_migrate_step_there_is_another_way_when_all_is_restored() -> None:
    off, down, sign = gate(added(ADDS), boot=TRAP).steps
    assert off.startswith("start the old release without its migrate step: ")
    assert down.startswith("or a person runs the way down, from the image of the newer release")
    assert PATH in down and sign.startswith("then: andon sign migrations-reversible")
    nothing_back = ADDS.replace("def downgrade", "def other")
    off, sign = gate(added(nothing_back), boot=TRAP).steps
    assert "migrate step" in off and "andon sign" in sign


def test_one_migration_that_loses_closes_the_way_for_all() -> None:
    found = gate(added(ADDS), added(LOSES, PATH.replace("b_", "c_")))
    assert found.route is Route.FORWARD and found.findings[0].startswith(PATH.replace("b_", "c_"))


def test_a_finding_names_file_and_line() -> None:
    assert gate(added(LOSES)).findings[0] == f"{PATH}:6 drops column a.b, which the old code may use"


@pytest.mark.parametrize(
    ("kind", "before", "now", "word"),
    [
        ("removed", ADDS, None, "was removed"),
        ("changed", ADDS, LOSES, "was edited"),
        ("changed", None, ADDS, "was edited"),
        ("added", None, None, "cannot be read"),
        ("changed", ADDS, None, "cannot be read"),
    ],
)
def test_what_was_not_simply_added_is_unknown(
    kind: str, before: str | None, now: str | None, word: str
) -> None:
    found = gate(RangeFile(path=PATH, kind=kind, text=now, before=before))
    assert (found.verdict, found.route) == (UNKNOWN, Route.FORWARD)
    assert word in found.findings[0]


@pytest.mark.parametrize(
    ("path", "before", "now"),
    [
        (PATH, ADDS, f'"""Say more."""\n{ADDS}# nothing\n'),
        (
            "db/1.sql",
            "CREATE TABLE a (b int);",
            "-- a table\ncreate table a (\n  b int\n);\n".replace("create table", "CREATE TABLE"),
        ),
        ("migrations/env.py", "import a\n", "import b\n"),
        ("migrations/README.md", "a", "b"),
    ],
)
def test_an_edit_that_changes_no_statement_is_none(path: str, before: str, now: str) -> None:
    found = gate(RangeFile(path=path, kind="changed", text=now, before=before))
    assert found.verdict is YES, found


def test_an_edit_of_a_section_mark_is_one() -> None:
    before = "-- migrate:up\nSELECT 1;\n-- migrate:down\nDROP TABLE a;\n"
    now = "-- migrate:up\nSELECT 1;\n\nDROP TABLE a;\n"
    assert gate(RangeFile(path="db/1.sql", kind="changed", text=now, before=before)).verdict is UNKNOWN


def test_a_snapshot_needs_a_migration_that_explains_it() -> None:
    snapshot = RangeFile(path="db/schema.rb", kind="changed", text="b", before="a")
    assert gate(snapshot).verdict is UNKNOWN
    rails = (
        "class A < ActiveRecord::Migration[7.1]\n  def change\n    add_column :a, :b, :string\n  end\nend\n"
    )
    assert gate(snapshot, added(rails, "db/migrate/1_a.rb")).verdict is YES
    assert gate(RangeFile(path="prisma/schema.prisma", kind="added", text="x")).verdict is UNKNOWN


def test_many_findings_are_counted() -> None:
    files = [added(f"DROP TABLE t{n};", f"db/{n}_x.sql") for n in range(40)]
    found = gate(*files)
    assert len(found.findings) == FINDING_LIMIT + 1 and found.findings[-1] == "108 more findings"
    assert "and 37 more" in found.reason


def test_what_cannot_be_read_is_unknown_on_every_question() -> None:
    found = not_readable("git is gone")
    assert (found.verdict, found.route) == (UNKNOWN, Route.FORWARD)
    assert answers(found) == [UNKNOWN] * 5
