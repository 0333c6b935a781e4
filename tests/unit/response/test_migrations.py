"""The migration gate, first form: what looks like a schema change, and what the gate says to a range."""

from __future__ import annotations

import pytest

from andon.incident.words import Verdict
from andon.response.migrations import is_migration, judge_migrations


@pytest.mark.parametrize(
    "path",
    [
        "migrations/0001_first.py",
        "shop/migrations/0002_price.py",
        "db/migrate/20260301020000_add_price.rb",
        "alembic/versions/ab12_price.py",
        "prisma/migrations/20260301/migration.sql",
        "prisma/schema.prisma",
        "db/schema.rb",
        "db/structure.sql",
        "drizzle/0001_price.sql",
        "src/main/resources/db/changelog/1.xml",
        "src/main/resources/db/migration/V2__price.sql",
        "Migrations/20260301_Price.cs",
        "DB/SCHEMA.SQL",
        "queries/cleanup.sql",
    ],
)
def test_looks_like_a_schema_change(path: str) -> None:
    assert is_migration(path)
    verdict, reason = judge_migrations(["shop/cart.py", path])
    assert verdict is Verdict.UNKNOWN and path in reason


@pytest.mark.parametrize(
    "path",
    [
        "shop/cart.py",
        "docs/migrations.md",
        "migrations.py",
        "shop/immigration/form.py",
        "tests/test_migrate.py",
        "schema.py",
        "db/seeds.rb",
        "sql.txt",
        "",
    ],
)
def test_does_not(path: str) -> None:
    assert not is_migration(path)


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
    assert is_migration(path, configured) is found


def test_a_range_without_schema_changes_passes() -> None:
    assert judge_migrations(["a.py", "b.py"]) == (Verdict.PASSED, "no schema change among 2 changed files")
    assert judge_migrations([]) == (Verdict.PASSED, "no schema change among 0 changed files")


def test_a_range_that_nobody_can_read_is_unknown() -> None:
    verdict, reason = judge_migrations(None)
    assert verdict is Verdict.UNKNOWN and "not known" in reason


def test_only_some_of_many_schema_changes_are_named() -> None:
    paths = [f"migrations/{n:04}.sql" for n in range(9)]
    verdict, reason = judge_migrations(paths)
    assert verdict is Verdict.UNKNOWN
    assert "migrations/0002.sql and 6 more" in reason and "0003" not in reason


def test_the_gate_never_says_failed_on_paths_alone() -> None:
    assert {judge_migrations(c)[0] for c in (None, [], ["x.sql"], ["x.py"])} == {
        Verdict.PASSED,
        Verdict.UNKNOWN,
    }
