"""Which files are migrations, of which framework, and where their way down is."""

from __future__ import annotations

import pytest

from andon.response.schema.layouts import Framework, Language, Layout, Migration, is_candidate, read_layout

ALEMBIC = 'revision = "b"\ndown_revision = "a"\n\ndef upgrade():\n    pass\n'
DJANGO = "from django.db import migrations\n\nclass Migration(migrations.Migration):\n    operations = []\n"


def only(layout: Layout) -> Migration:
    """The one migration that was found."""
    assert len(layout.migrations) == 1, layout
    return layout.migrations[0]


@pytest.mark.parametrize(
    ("path", "text", "framework", "version"),
    [
        ("shop/migrations/versions/ab12_price.py", ALEMBIC, Framework.ALEMBIC, "ab12_price"),
        ("shop/migrations/0002_price.py", DJANGO, Framework.DJANGO, "0002"),
        (
            "db/migrate/20260301020000_add_price.rb",
            "class AddPrice < ActiveRecord::Migration[7.1]\nend\n",
            Framework.RAILS,
            "20260301020000",
        ),
        ("prisma/migrations/20260301_price/migration.sql", "SELECT 1", Framework.PRISMA, "20260301"),
        ("migrations/20260301_price/migration.sql", "SELECT 1", Framework.PRISMA, "20260301"),
        ("migrations/20260301_a.js", "exports.up = (knex) => knex.schema.x()", Framework.KNEX, "20260301"),
        (
            "src/migration/1700000000000-Price.ts",
            "export class Price1700000000000 implements MigrationInterface {}",
            Framework.TYPEORM,
            "1700000000000",
        ),
        (
            "migrations/20260301-a.js",
            "module.exports = { up: (queryInterface) => 1 }",
            Framework.SEQUELIZE,
            "20260301",
        ),
        ("migrations/1700_a.js", "exports.up = (pgm) => {}", Framework.NODE_PG_MIGRATE, "1700"),
        ("drizzle/0001_price.sql", "SELECT 1", Framework.DRIZZLE, "0001"),
        ("db/0001_price.sql", "SELECT 1;--> statement-breakpoint\n", Framework.DRIZZLE, "0001"),
        ("src/main/resources/db/migration/V2.1__price.sql", "SELECT 1", Framework.FLYWAY, "2.1"),
        ("src/main/resources/db/changelog/1.xml", "<databaseChangeLog/>", Framework.LIQUIBASE, "1"),
        ("db/000004_price.up.sql", "SELECT 1", Framework.GOLANG_MIGRATE, "000004"),
        ("db/1_a.sql", "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;\n", Framework.GOOSE, "1"),
        ("db/1_a.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n", Framework.DBMATE, "1"),
        ("db/1_a.sql", "-- +migrate Up\nSELECT 1;\n", Framework.SQL_MIGRATE, "1"),
        ("supabase/migrations/20260301_a.sql", "SELECT 1", Framework.SUPABASE, "20260301"),
        ("migrations/0001.a.sql", "-- depends: 0000.z\nSELECT 1", Framework.YOYO, "0001"),
        ("migrations/0001.a.py", "from yoyo import step\nsteps = [step('x')]\n", Framework.YOYO, "0001"),
        ("migrations/0002_price.sql", "SELECT 1", Framework.SQL, "0002"),
        ("migrations/strange.lisp", "(alter)", Framework.UNKNOWN, "strange"),
        ("migrations/strange.py", "print('hello')\n", Framework.UNKNOWN, "strange"),
    ],
)
def test_the_framework_shows_in_path_and_text(
    path: str, text: str, framework: Framework, version: str
) -> None:
    assert is_candidate(path) or framework in (Framework.GOOSE, Framework.DBMATE, Framework.SQL_MIGRATE)
    found = only(read_layout({path: text}))
    assert (found.framework, found.version, found.path) == (framework, version, path)


def test_a_journal_beside_it_tells_drizzle() -> None:
    layout = read_layout({"db/out/0001_a.sql": "SELECT 1"}, beside=["db/out/meta/_journal.json"])
    assert only(layout).framework is Framework.DRIZZLE


@pytest.mark.parametrize(
    ("up", "down", "framework"),
    [
        ("db/1_a.up.sql", "db/1_a.down.sql", Framework.GOLANG_MIGRATE),
        ("db/V2__a.sql", "db/U2__take_a_back.sql", Framework.FLYWAY),
        ("migrations/0001.a.sql", "migrations/0001.a.rollback.sql", Framework.YOYO),
        ("migrations/2026_a/up.sql", "migrations/2026_a/down.sql", Framework.SQL),
        ("prisma/migrations/2026_a/migration.sql", "prisma/migrations/2026_a/down.sql", Framework.PRISMA),
        ("sql/7_a.sql", "sql/7_a_down.sql", Framework.SQL),
    ],
)
def test_a_way_down_in_a_file_of_its_own(up: str, down: str, framework: Framework) -> None:
    found = only(read_layout({up: "CREATE TABLE a (b int)", down: "DROP TABLE a"}))
    assert found.framework is framework and found.path == up
    assert found.down is not None and (found.down.path, found.down.text) == (down, "DROP TABLE a")
    assert not found.is_program


def test_another_version_of_flyway_does_not_answer() -> None:
    layout = read_layout({"db/V2__a.sql": "A", "db/U1__a.sql": "B", "db/V21__c.sql": "C"})
    assert [m.down for m in layout.migrations if m.framework is Framework.FLYWAY] == [None, None]
    assert [m.path for m in layout.migrations if m.framework is Framework.UNKNOWN] == ["db/U1__a.sql"]


def test_a_way_down_whose_way_up_is_not_in_the_range_is_not_understood() -> None:
    found = only(read_layout({"db/1_a.down.sql": "DROP TABLE a"}, beside=["db/1_a.up.sql"]))
    assert found.framework is Framework.UNKNOWN and found.up.language is Language.OTHER


def test_sections_keep_their_lines() -> None:
    text = "-- a comment\n-- +goose Up\nCREATE TABLE a (b int);\n\n-- +goose Down\nDROP TABLE a;\n"
    found = only(read_layout({"db/1_a.sql": text}))
    assert (found.up.line, found.up.text.strip()) == (3, "CREATE TABLE a (b int);")
    assert found.down is not None and (found.down.line, found.down.text.strip()) == (6, "DROP TABLE a;")


def test_a_section_that_is_missing_is_no_way_down() -> None:
    assert only(read_layout({"db/1_a.sql": "-- migrate:up\nSELECT 1;\n"})).down is None


def test_formatted_liquibase_goes_back_in_reverse() -> None:
    text = (
        "--liquibase formatted sql\n--changeset ann:1\nCREATE TABLE a (b int);\n--rollback DROP TABLE a;\n"
        "--changeset ann:2\nCREATE TABLE c (d int);\n--rollback DROP TABLE c;\n"
    )
    found = only(read_layout({"changelog/1.sql": text}))
    assert found.framework is Framework.LIQUIBASE
    assert found.down is not None and found.down.text == "DROP TABLE c;\nDROP TABLE a;"
    without = only(read_layout({"changelog/1.sql": text.replace("--rollback DROP TABLE c;", "")}))
    assert without.down is None, "one changeset without a way down leaves none for the file"


def test_snapshots_and_bystanders_are_no_migrations() -> None:
    layout = read_layout(
        {
            "db/schema.rb": "ActiveRecord::Schema[7.1].define(version: 1) do\nend\n",
            "prisma/schema.prisma": "model A {}",
            "alembic/env.py": "from alembic import context\n",
            "migrations/__init__.py": "",
            "drizzle/meta/_journal.json": "{}",
            "drizzle/meta/0001_snapshot.json": "{}",
            "migrations/README.md": "read me",
        }
    )
    assert layout.migrations == ()
    assert layout.snapshots == ("db/schema.rb", "prisma/schema.prisma")
    assert len(layout.bystanders) == 5


def test_an_init_that_does_something_is_not_a_bystander() -> None:
    assert read_layout({"migrations/__init__.py": "import os\nos.system('x')\n"}).migrations


def test_migrations_come_oldest_first() -> None:
    names = ["10_c.up.sql", "9_b.up.sql", "1_a.up.sql"]
    layout = read_layout({f"db/{name}": "SELECT 1" for name in names})
    assert [m.version for m in layout.migrations] == ["1", "9", "10"]


@pytest.mark.parametrize(
    "path",
    [
        "migrations/0001_first.py",
        "db/migrate/20260301020000_add_price.rb",
        "alembic/versions/ab12_price.py",
        "db/versions/ab12_price.py",
        "prisma/schema.prisma",
        "db/schema.rb",
        "db/structure.sql",
        "src/main/resources/db/changelog/1.xml",
        "Migrations/20260301_Price.cs",
        "DB/SCHEMA.SQL",
        "queries/cleanup.sql",
    ],
)
def test_looks_like_a_schema_change(path: str) -> None:
    assert is_candidate(path)


@pytest.mark.parametrize(
    "path",
    [
        "shop/cart.py",
        "docs/migrations.md",
        "versions.py",
        "versions/notes.txt",
        "shop/immigration/form.py",
        "tests/test_migrate.py",
        "schema.py",
        "db/seeds.rb",
        "sql.txt",
        "",
    ],
)
def test_does_not(path: str) -> None:
    assert not is_candidate(path)


@pytest.mark.parametrize(
    ("path", "configured", "found"),
    [
        ("store/ddl/0001.txt", ("store/ddl",), True),
        ("store/ddl/0001.txt", ("store/ddl/",), True),
        ("store/tables.py", ("store/tables.py",), True),
        ("store/ddl2/0001.txt", ("store/ddl",), False),
        ("store/tables.py.md", ("store/tables.py",), False),
        ("shop/cart.py", ("",), False),
        ("shop/cart.py", (), False),
    ],
)
def test_the_configured_places_count(path: str, configured: tuple[str, ...], found: bool) -> None:
    assert is_candidate(path, configured) is found
