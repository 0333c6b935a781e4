"""Kill processes that append with SIGKILL, again and again, and check after each that nothing was lost.

python -m tests.campaigns.journal_kills [COUNT] [--seed N] [--place PATH-OR-URL]
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING

from andon.incident.events import NoteAdded
from andon.incident.recorded import Batch
from andon.incident.words import CommandId
from andon.journal.open import open_journal
from tests.fakes.journal import FakeRedactor

if TYPE_CHECKING:
    from andon.desk.ports_journal import Journal

PATIENCE = 60.0
KILLS_PER_JOURNAL = 25

#: Appends to a stream of its own and to the common one, stores evidence, and prints what was acknowledged.
WRITER = """
import sys
from datetime import UTC, datetime
from andon.incident.events import NoteAdded
from andon.incident.recorded import Batch
from andon.journal.open import open_journal
from tests.fakes.journal import FakeRedactor

journal, evidence = open_journal(sys.argv[1], FakeRedactor())
name, number = sys.argv[2], 0
print("ready", flush=True)
while True:
    number += 1
    for stream in (name, "common"):
        command = f"{name}/{stream}/{number}"
        events = tuple(NoteAdded(text=f"{command} {part} " + "x" * 300) for part in range(1 + number % 3))
        batch = Batch(command=command, actor=name, at=datetime.now(UTC), events=events)
        last = journal.append(stream, batch).recorded[-1]
        print("event", stream, last.seq, last.id, last.hash, command, flush=True)
    if number % 5 == 0:
        print("evidence", evidence.put(command.encode() * 500, "text/plain").evidence, flush=True)
        print("number", journal.claim_number(), flush=True)
"""


class Campaign:
    """One journal that has to survive, and everything that was ever acknowledged."""

    def __init__(self, place: str, chance: Random, writers: int = 2, longest: float = 0.25) -> None:
        """Take the journal's place; `longest`: seconds a writer lives at most once it may write."""
        self.place = place
        self.chance = chance
        self.writers = writers
        self.longest = longest
        self.kills = 0
        self.acknowledged = 0
        self._events: dict[str, dict[int, tuple[str, str, str]]] = {}
        self._evidence: set[str] = set()
        self._numbers: list[int] = []

    def kill_once(self) -> None:
        """Let writers write for a random time, kill them, and check the journal; raises AssertionError."""
        processes = [self._start(f"w{self.kills}-{number}") for number in range(self.writers)]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n", process.communicate()
        time.sleep(self.chance.uniform(0, self.longest))  # the moment at which the power goes, not a wait
        for process in processes:
            process.send_signal(signal.SIGKILL)
        for process in processes:
            output, errors = process.communicate(timeout=PATIENCE)
            assert not errors, errors
            self._remember(output.decode())
        self.kills += 1
        self._check()

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)}
        return subprocess.Popen(
            [sys.executable, "-c", WRITER, self.place, name],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,  # readline() must not take more than a line from communicate()
            env=environment,
        )

    def _remember(self, output: str) -> None:
        for line in output.splitlines(keepends=True):
            if not line.endswith("\n"):
                continue  # cut off by the kill: not acknowledged
            kind, *words = line.split()
            self.acknowledged += 1
            if kind == "event":
                stream, seq, *rest = words
                id_, hash_, command = rest
                self._events.setdefault(stream, {})[int(seq)] = (id_, hash_, command)
            elif kind == "evidence":
                self._evidence.add(words[0])
            else:
                self._numbers.append(int(words[0]))

    def _check(self) -> None:
        journal, evidence = open_journal(self.place, FakeRedactor())
        try:
            for head in journal.heads():
                report = journal.audit(head.stream)
                assert report.is_whole, report
                assert report.verified == head.length
            for stream, acknowledged in self._events.items():
                kept = {r.seq: (r.id, r.hash, r.command) for r in journal.read(stream)}
                lost = {seq: what for seq, what in acknowledged.items() if kept.get(seq) != what}
                assert not lost, lost
            assert self._evidence <= set(evidence.hashes())
            assert not evidence.damaged()
            assert len(set(self._numbers)) == len(self._numbers)
            self._numbers.append(journal.claim_number())
            assert self._numbers[-1] == max(self._numbers)
            self._go_on(journal)
        finally:
            journal.close()

    def _go_on(self, journal: Journal) -> None:
        """Append once more, and give a command of a dead writer again."""
        events = (NoteAdded(text="the journal goes on"),)
        after = CommandId(f"after {self.kills}")
        batch = Batch(command=after, actor="check", at=datetime.now(UTC), events=events)
        assert not journal.append("common", batch).repeated
        if "common" in self._events:
            _, (id_, _, command) = max(self._events["common"].items())
            again = Batch(command=CommandId(command), actor="check", at=datetime.now(UTC), events=events)
            answer = journal.append("common", again)
            assert answer.repeated
            assert answer.recorded[-1].id == id_


def main() -> None:
    """Run the campaign and say what it saw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=200, help="how many times to kill")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--place", default="", help="a path or a PostgreSQL URL; default: a temporary file")
    given = parser.parse_args()
    chance, done, answers = Random(given.seed), 0, 0
    with tempfile.TemporaryDirectory() as directory:
        while done < given.count:
            # Now and then a new journal: everything is checked after every kill, and making one is tried too.
            place = given.place or os.path.join(directory, str(done), "journal.db")
            campaign = Campaign(place, chance, given.writers)
            while campaign.kills < KILLS_PER_JOURNAL and done < given.count:
                campaign.kill_once()
                done += 1
            answers += campaign.acknowledged
    print(
        f"seed {given.seed}: {done} times {given.writers} writers killed, {answers} answers were given,",
        end=" ",
    )
    print("none was lost, every chain is whole")


if __name__ == "__main__":
    main()
