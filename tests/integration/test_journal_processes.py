"""Eight processes write at once: no number is missing, none is there twice, and the chain is whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from andon.journal.open import open_journal
from tests.fakes.journal import FakeRedactor

PROCESSES, TURNS = 8, 25

WRITER = """
import sys
from datetime import UTC, datetime
from andon.errors import Conflict
from andon.incident.events import NoteAdded
from andon.incident.recorded import Batch
from andon.journal.open import open_journal
from tests.fakes.journal import FakeRedactor

place, me, turns = sys.argv[1], sys.argv[2], int(sys.argv[3])
journal, evidence = open_journal(place, FakeRedactor())

def batch(command, expected=None):
    events = (NoteAdded(text=command), NoteAdded(text=command + " again"))
    return Batch(command=command, actor=me, at=datetime.now(UTC), events=events, expected=expected)

print("ready", flush=True)
sys.stdin.readline()
for turn in range(turns):
    journal.append("common", batch(f"{me}/common/{turn}"))
    journal.append("own-" + me, batch(f"{me}/own/{turn}"))
    journal.append("common", batch(f"shared/{turn}"))
    print(journal.claim_number())
    try:
        journal.append("contested", batch(f"{me}/contested/{turn}", expected=2 * turn))
        print("won")
    except Conflict:
        pass
evidence.put(b"the same for all", "text/plain")
journal.close()
"""


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "journal.db")
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


def test_eight_processes_leave_no_gap_and_no_duplicate(place: str) -> None:
    printed = write_at_once(place)
    journal, evidence = open_journal(place, FakeRedactor())
    events = journal.read("common")
    assert [r.seq for r in events] == list(range(1, 1 + 2 * TURNS * (PROCESSES + 1)))
    assert len({r.id for r in events}) == len(events)
    for number in range(PROCESSES):
        own = [r.command for r in events if r.command.startswith(f"{number}/")]
        assert own == [f"{number}/common/{turn}" for turn in range(TURNS) for _ in "ab"]
        assert len(journal.read(f"own-{number}")) == 2 * TURNS
    shared = [r.command for r in events if r.command.startswith("shared/")]
    assert sorted(shared) == sorted(f"shared/{turn}" for turn in range(TURNS) for _ in "ab")
    assert sorted(int(word) for word in printed if word.isdigit()) == list(range(1, 1 + TURNS * PROCESSES))
    assert len(journal.read("contested")) == 2 * printed.count("won")
    assert len(evidence.hashes()) == 1
    for head in journal.heads():
        report = journal.audit(head.stream)
        assert (report.reason, report.verified) == ("", head.length)
    journal.close()


def write_at_once(place: str) -> list[str]:
    """Let the processes begin together; return the words they printed."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, place, str(number), str(TURNS)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
        )
        for number in range(PROCESSES)
    ]  # fmt: skip
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.communicate()[1]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=120) for process in processes]
    assert not any(process.returncode for process in processes), answers
    return [word for out, _ in answers for word in out.split()]
