"""`andon migrations` in a real repository: what it shows, what a trial proves, what it leaves behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

ORDERS = "CREATE TABLE orders (id integer PRIMARY KEY, note text, total integer);"
RENAME = "ALTER TABLE orders RENAME COLUMN {} TO {};"
#: Release to file name, way up and way down: the second can be taken back, the third loses what was there.
MIGRATIONS = {
    "v1": ("0001_orders.sql", ORDERS, "DROP TABLE orders;"),
    "v2": ("0002_sum.sql", RENAME.format("total", "sum"), RENAME.format("sum", "total")),
    "v3": (
        "0003_note.sql",
        "ALTER TABLE orders DROP COLUMN note;",
        "ALTER TABLE orders ADD COLUMN note text;",
    ),
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with three tagged releases, each with a migration in dbmate's form."""
    root = tmp_path / "shop"
    (root / "db/migrations").mkdir(parents=True)
    git(root, "init", "-q")
    for version, (name, up, down) in MIGRATIONS.items():
        text = f"-- migrate:up\n{up}\n\n-- migrate:down\n{down}\n"
        (root / "db/migrations" / name).write_text(text)
        (root / ".env.example").write_text("" if version == "v3" else "PAY_KEY=\n")
        git(root, "add", "-A")
        git(root, "commit", "-qm", version)
        git(root, "tag", version)
    return root


def git(root: Path, *words: str) -> None:
    own = ["-c", "user.name=Mia", "-c", "user.email=mia@example.com", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *own, *words], cwd=root, check=True, capture_output=True)


def andon(root: Path, *words: str, code: int | tuple[int, ...] = 0, **extra: str) -> str:
    surroundings = {
        **os.environ,
        "HOME": str(root.parent),
        "XDG_CACHE_HOME": str(root.parent / "cache"),
        "ANDON_JOURNAL": str(root.parent / "journal.db"),
        "ANDON_ACTOR": "mia",
        "ANDON_DELIVERY": "manual",
        "NO_COLOR": "1",
        **extra,
    }
    done = subprocess.run(
        [sys.executable, "-m", "andon", *words], cwd=root, env=surroundings, capture_output=True, text=True
    )
    codes = code if isinstance(code, tuple) else (code,)
    assert done.returncode in codes, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def plain(root: Path, *words: str, code: int = 0, **extra: str) -> Any:
    return json.loads(andon(root, "migrations", *words, "--json", code=code, **extra))


def test_what_it_shows(repository: Path) -> None:
    shown = andon(repository, "migrations", "v2", "v3", code=(1, 3))
    for words in ("back from v3 to v2", "0003_note.sql", "dbmate", "a way down of its own", ".env.example:1"):
        assert words in shown


def test_a_trial_says_no_and_shows_the_lost_column(repository: Path) -> None:
    result = plain(repository, "v1", "v3", "--trial", "--trial-dsn", "sqlite:", code=1)
    assert result["verdict"] == "failed"
    steps = {step["name"]: step["verdict"] for step in result["trial"]["steps"]}
    assert steps == {"db/migrations/0002_sum.sql": "passed", "db/migrations/0003_note.sql": "failed"}
    shown = andon(repository, "migrations", "v1", "v3", "--trial-dsn", "sqlite:", code=1)
    assert "other values in note" in shown
    assert "andon decide hotfix" in shown


def test_a_trial_says_yes(repository: Path) -> None:
    (repository / "andon.toml").write_text('[trial]\ncopy_of = "sqlite:"\n')
    shown = andon(repository, "migrations", "v1", "v2", "--trial")
    assert "down restores schema and rows" in shown
    assert "the schema has to go back before the code does" in shown


def test_nothing_says_where(repository: Path) -> None:
    shown = andon(repository, "migrations", "v1", "v2", "--trial", code=2)
    assert "nothing says where a copy may be made" in shown
    assert "is not set in the environment" in andon(
        repository, "migrations", "v1", "v2", "--trial-dsn", "$ABSENT", code=2
    )
    assert "one release alone is no range" in andon(repository, "migrations", "v1", code=2)


def test_a_password_is_neither_taken_from_the_command_line_nor_shown(repository: Path) -> None:
    secret = "postgresql://me:hunter2@127.0.0.1:1/x"
    shown = andon(repository, "migrations", "v1", "v2", "--trial-dsn", secret, code=2)
    assert "hunter2" not in shown
    shown = andon(repository, "migrations", "v1", "v2", "--trial", code=(1, 3), ANDON_TRIAL_DSN=secret)
    assert "hunter2" not in shown
    assert "no copy to try it on" in shown


def test_it_is_recorded_in_the_incident_and_holds_the_gate(repository: Path, empty_database_url: str) -> None:
    for version in ("v1", "v2"):
        andon(repository, "deployed", version)
        andon(repository, "deployed", version, "--verdict", "good", "--reason", "a week without errors")
    andon(repository, "deployed", "v3")
    andon(repository, "declare", "checkout answers 500", "--no-capture")
    result = plain(repository, "v2", "v3", "--trial", code=1, ANDON_TRIAL_DSN=empty_database_url)
    assert result["recorded_in"] == "INC-1"
    assert "migrations tried on a copy failed" in andon(repository, "timeline")
    evidence = json.loads(andon(repository, "evidence", "list", "--json"))
    [kept] = [e for e in evidence if "on a copy" in e["title"]]
    assert "other values in note" in andon(repository, "evidence", "show", kept["evidence"])
    andon(repository, "audit")
    with psycopg.connect(empty_database_url) as connection:
        left = connection.execute(
            "SELECT count(*) FROM pg_database WHERE datname LIKE 'andon_trial_%'"
        ).fetchone()
    assert left == (0,)
