"""docs/reference/journal.md: its program runs on a real journal, its tables are those of the schema."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from andon.incident.events import NoteAdded
from andon.incident.recorded import Batch
from andon.incident.words import CommandId
from andon.journal.evidence import LIMIT
from andon.journal.open import default_place, open_journal
from tests.docs.marked import REFERENCE, rows_of

PAGE = (REFERENCE / "journal.md").read_text(encoding="utf-8")


class NothingHidden:
    """A redactor for texts without secrets."""

    def redact(self, content: bytes) -> tuple[bytes, int]:
        """Return the content as it is."""
        return content, 0


@pytest.fixture
def journal_file(tmp_path: Path) -> Path:
    """A journal with two events in each of two streams."""
    place = tmp_path / "journal.db"
    journal, _ = open_journal(str(place), NothingHidden())
    for number, stream in enumerate(("INC-1", "service", "INC-1", "service")):
        note = NoteAdded(text=f'note {number}: "quoted", ä, \n new line')
        at = datetime(2026, 3, 1, 2, 14, number, tzinfo=UTC)
        journal.append(stream, Batch(command=CommandId(f"c{number}"), actor="Mia", at=at, events=(note,)))
    journal.close()
    return place


def run_the_program(journal_file: Path) -> list[str]:
    """Run the page's Python program on a journal and return the first word of each line it prints."""
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", f"{program}", str(journal_file)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return [line.split()[0] for line in done.stdout.splitlines()]


def test_the_program_finds_a_whole_journal_whole(journal_file: Path) -> None:
    assert run_the_program(journal_file) == ["whole"] * 4


@pytest.mark.parametrize("column", ["at", "actor", "type", "command", "id"])
def test_the_program_finds_what_was_altered(journal_file: Path, column: str) -> None:
    with sqlite3.connect(journal_file) as db:
        db.execute("DROP TRIGGER event_is_not_altered")
        db.execute(f"UPDATE event SET {column} = 'x' WHERE stream = 'INC-1' AND seq = 1")
    db.close()
    assert run_the_program(journal_file) == ["ALTERED", "whole", "whole", "whole"]


def test_the_tables_are_those_of_the_schema(journal_file: Path) -> None:
    db = sqlite3.connect(journal_file)
    names = {name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    db.close()
    section = PAGE.partition("\n## Tables\n")[2]
    assert {row[0].strip("`") for row in rows_of(section)[1:]} == names


def test_the_default_place_is_the_documented_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert default_place("SERVICE") == "/data/andon/SERVICE/journal.db"
    assert "`$XDG_DATA_HOME/andon/SERVICE/journal.db`" in PAGE


def test_the_limit_of_evidence_is_the_documented_one() -> None:
    assert f"{LIMIT // 1024 // 1024} MiB" in PAGE
