"""Forms of a schema change that are easily overlooked: by name, by place, by what stands beside them."""

from __future__ import annotations

import pytest

from andon.incident.words import Verdict
from andon.response.schema.gate import RangeFile, SchemaRange, pass_range

HEAD = "from alembic import op\nimport sqlalchemy as sa\nrevision = 'b'\ndown_revision = 'a'\n"
MUST = "def upgrade():\n    op.add_column('a', sa.Column('b', sa.Text(), nullable=False, {}))\n"
DOWN = "def downgrade():\n    op.drop_column('a', 'b')\n"
RAILS = "class A < ActiveRecord::Migration[7.1]\n  def change\n    {}\n  end\nend\n"
DBMATE = "-- migrate:up\nCREATE TABLE z (i int);\n-- migrate:down\nDROP TABLE z;\n"


def verdict(*files: RangeFile) -> Verdict:
    """The gate's verdict where the older release starts without a migrate step."""
    boot = {"Procfile": "web: gunicorn shop\n"}
    return pass_range(
        SchemaRange(changed=len(files), files=files, older={}, beside=frozenset(), boot=boot)
    ).verdict


def added(path: str, text: str | None) -> RangeFile:
    """A file that the older release did not have."""
    return RangeFile(path=path, kind="added", text=text)


@pytest.mark.parametrize(
    "path",
    [
        "db/post_migrate/20260301_drop.rb",
        "db-migrations/1.js",
        "schema_migrations/0002_x.py",
        "db/versions/2026/x.py",
        "flyway/V2__x.java",
        "db/changes.psql",
        "db/dump.sql.gz",
        "prisma/schema/user.prisma",
        "migrations/readme.sql",
        "alembic/versions/readme.py",
        "migrations/.gitx",
    ],
)
def test_an_odd_name_is_not_overlooked(path: str) -> None:
    from andon.response.schema.layouts import is_candidate

    assert is_candidate(path)
    assert verdict(added(path, "what is this")) is not Verdict.PASSED


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("src/migrations.ts", "export const all = [`ALTER TABLE a DROP COLUMN b`]", Verdict.UNKNOWN),
        ("shop/db_migrations.py", "def run(c):\n    c.drop_column('a')\n", Verdict.UNKNOWN),
        ("shop/migrations.py", "def latest():\n    return 3\n", Verdict.PASSED),
    ],
)
def test_a_module_counts_when_it_speaks_of_tables(path: str, text: str, expected: Verdict) -> None:
    assert verdict(added(path, text)) is expected


@pytest.mark.parametrize("path", ["tests/migrations.py", "shop/test_migrations.py", "src/migrations.test.ts"])
def test_a_test_of_migrations_is_none(path: str) -> None:
    from andon.response.schema.layouts import is_candidate

    assert not is_candidate(path)


def test_a_module_that_cannot_be_read_is_not_empty() -> None:
    assert verdict(added("app/migrations/__init__.py", None)) is Verdict.UNKNOWN


def test_env_py_can_be_a_migration() -> None:
    text = "class Migration(migrations.Migration):\n    operations = [migrations.DeleteModel('x')]\n"
    assert verdict(added("app/migrations/env.py", text)) is Verdict.FAILED


@pytest.mark.parametrize(
    "text",
    [
        f"DROP TABLE users;\n{DBMATE}",
        " -- migrate:up\nDROP TABLE users;\n-- migrate:down\nSELECT 1;\n",
        "DROP TABLE users;\n-- +goose Down\nSELECT 1;\n",
    ],
)
def test_statements_before_the_first_mark_count(text: str) -> None:
    assert verdict(added("db/1_x.sql", text)) is Verdict.FAILED


def test_words_before_the_first_mark_do_not() -> None:
    assert verdict(added("db/1_x.sql", f"-- the price list\n\n{DBMATE}")) is Verdict.PASSED


@pytest.mark.parametrize("snapshot", ["b/schema.sql", "c/db/schema.rb", "b/schema.prisma"])
def test_a_migration_of_another_service_explains_no_snapshot(snapshot: str) -> None:
    other = RangeFile(path=snapshot, kind="changed", text="now", before="then")
    assert verdict(added("a/migrations/1_x.sql", DBMATE), other) is Verdict.UNKNOWN


@pytest.mark.parametrize("snapshot", ["a/schema.sql", "schema.sql"])
def test_its_own_does(snapshot: str) -> None:
    own = RangeFile(path=snapshot, kind="changed", text="now", before="then")
    assert verdict(added("a/migrations/1_x.sql", DBMATE), own) is Verdict.PASSED


def test_a_comment_that_is_executed_is_an_edit() -> None:
    edit = RangeFile(
        path="migrations/1.sql",
        kind="changed",
        text="CREATE TABLE x (i int) /*! ENGINE=MEMORY */;",
        before="CREATE TABLE x (i int);",
    )
    assert verdict(edit) is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "line",
    [
        "add_column :users, :a, :string; drop_table :users",
        "add_column :users, :a, :string if production?",
        "add_column :users, :a, :string, default: nil, null: false",
        "add_index :users, :a, where: 'x' and User.delete_all",
        "add_column :users, :a, :string, default: User.delete_all",
        "add_column(:users, :a, :string) { drop_table :users }",
    ],
)
def test_a_line_of_ruby_that_says_more_than_one_call(line: str) -> None:
    assert verdict(added("db/migrate/1_a.rb", RAILS.format(line))) is not Verdict.PASSED


@pytest.mark.parametrize(
    "options",
    ["default: {}, null: false", "default: 'if; or', null: false", "if_not_exists: { a: { b: 1 } }"],
)
def test_what_stands_in_quotes_says_no_more(options: str) -> None:
    line = f"add_column :users, :a, :string, {options}"
    assert verdict(added("db/migrate/1_a.rb", RAILS.format(line))) is Verdict.PASSED


@pytest.mark.parametrize(
    "body",
    [
        "def upgrade():\n    assert op.drop_table('x') is None\n",
        "def upgrade(x=op.drop_table('x')):\n    pass\n",
        "def other():\n    op.drop_table('x')\ndef upgrade():\n    pass\nupgrade = other\n",
        "def upgrade():\n    pass\nglobals()['upgrade'] = other\n",
        "def upgrade():\n    op.create_table('t', sa.Column('x', sa.Text(), default=op.drop_table('q')))\n",
        MUST.format("server_default=None"),
        MUST.format("server_default=sa.null()"),
        MUST.format("server_default='1', unique=True"),
    ],
)
def test_a_program_with_a_second_meaning(body: str) -> None:
    assert verdict(added("x/versions/b.py", HEAD + body + DOWN)) is not Verdict.PASSED


def test_a_unique_column_with_one_default_is_not_for_old_code() -> None:
    sql = "ALTER TABLE users ADD COLUMN y int NOT NULL DEFAULT 0 UNIQUE;"
    text = f"-- migrate:up\n{sql}\n-- migrate:down\nALTER TABLE users DROP COLUMN y;\n"
    assert verdict(added("db/1_x.sql", text)) is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "sql",
    [
        "-- the price list\rDROP TABLE users;\nSELECT 1;",
        "SELECT 1; /* one /* two */ DROP TABLE users; -- */",
        "SELECT '\\''; DROP TABLE users; -- ';",
    ],
    ids=["carriage return", "nested comment", "backslash"],
)
def test_what_databases_read_differently_is_not_understood(sql: str) -> None:
    text = f"-- migrate:up\n{sql}\n-- migrate:down\nSELECT 1;\n"
    assert verdict(added("db/1_x.sql", text)) is not Verdict.PASSED
    program = f"{HEAD}def upgrade():\n    op.execute({sql!r})\ndef downgrade():\n    pass\n"
    assert verdict(added("x/versions/b.py", program)) is not Verdict.PASSED


def test_lines_that_end_as_on_windows_are_read() -> None:
    assert verdict(added("db/1_x.sql", DBMATE.replace("\n", "\r\n"))) is Verdict.PASSED


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("./changes", True),
        ("changes/", True),
        (".", True),
        ("changes/2", False),
        ("change", False),
        ("", False),
    ],
)
def test_a_configured_place_is_found_however_it_is_written(place: str, found: bool) -> None:
    from andon.response.schema.layouts import is_candidate

    assert is_candidate("changes/2.txt", (place,)) is found


DJANGO = "from django.db import migrations, models\n"
CLASS = "class Migration(migrations.Migration):\n    operations = [{}]\n"
FIELD = "migrations.AddField('a', 'b', models.TextField(null=True))"


@pytest.mark.parametrize(
    "text",
    [
        CLASS.format(FIELD) + "Migration.operations.append(evil)\n",
        CLASS.format("") + "Migration.operations = [migrations.DeleteModel('a')]\n",
        "evil()\n" + CLASS.format(FIELD),
        "@evil\n" + CLASS.format(FIELD),
        "from evil import Migration\nclass Migration(Migration):\n    operations = []\n",
        "import evil\nclass Migration(evil.Migration):\n    operations = []\n",
        "class RunPython:\n    noop = evil\n" + CLASS.format("migrations.RunPython(RunPython.noop)"),
        "from evil import AddField\n" + CLASS.format("AddField('a', 'b', models.TextField(null=True))"),
        "SQL = 'SELECT 1'\nSQL += '; DROP TABLE a'\n" + CLASS.format("migrations.RunSQL(SQL)"),
        CLASS.format("migrations.SeparateDatabaseAndState(**given)"),
        CLASS.format("migrations.AddField('a', 'b', models.TextField(db_default='', unique=True))"),
    ],
)
def test_what_stands_around_a_django_migration_counts(text: str) -> None:
    assert verdict(added("app/migrations/0002_x.py", DJANGO + text)) is not Verdict.PASSED


@pytest.mark.parametrize(
    "around",
    [
        "import django.db.models.deletion\nfrom django.conf import settings\n",
        "from shop.models import price\nLENGTH = 20\ndef fill(apps, schema_editor):\n    pass\n",
    ],
)
def test_an_everyday_django_migration_passes(around: str) -> None:
    assert verdict(added("app/migrations/0002_x.py", DJANGO + around + CLASS.format(FIELD))) is Verdict.PASSED


def test_a_bracket_that_was_never_opened_ends_no_function() -> None:
    text = "exports.up = (knex) => { )A }; exports.down = (knex) => { };"
    assert verdict(added("migrations/1_a.js", text)) is not Verdict.PASSED


def test_a_default_of_null_fills_nothing() -> None:
    up = "queryInterface.addColumn('a', 'b', { type: S.STRING, allowNull: false, defaultValue: null })"
    down = "queryInterface.removeColumn('a', 'b')"
    text = f"module.exports = {{ up: (queryInterface) => {up}, down: (queryInterface) => {down} }}"
    assert verdict(added("migrations/1-a.js", text)) is not Verdict.PASSED
