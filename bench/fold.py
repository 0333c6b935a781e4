"""How long the history of a long incident takes to become its state: read, decode, fold.

One incident of 1,000 events in the proportions of a real one: notes, evidence, checks, deliveries. Beside it
stands what the JSON parser of the standard library alone takes for the same texts.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from andon.incident import events as e
from andon.incident.codec import encode
from andon.incident.evolve import fold
from andon.incident.recorded import Batch, Recorded
from andon.incident.words import CommandId, EvidenceHash, IncidentId, Occasion, Severity, Verdict
from andon.journal.open import open_journal

TARGET = 10.0
STREAM = "INC-1"
BEGUN = datetime(2026, 3, 1, 3, 4, 5, 678901, tzinfo=UTC)
CHECKS = [f"smoke-{number}" for number in range(12)]


class NothingSecret:
    """The redactor of a service without secrets; no evidence is stored here."""

    def redact(self, content: bytes) -> tuple[bytes, int]:
        """Return the content as it is."""
        return content, 0


def incident(length: int) -> Iterator[e.Event]:
    """Yield the events of an incident, `length` of them, the same every time."""
    chance = random.Random(1)
    yield e.IncidentDeclared(
        incident=IncidentId(STREAM), service="shop", title="Checkout is down", severity=Severity.P0
    )
    yield e.IncidentAcknowledged()
    yield e.NotificationRequested(
        request="r-0",
        occasion=Occasion.DECLARED,
        title="INC-1 P0: Checkout is down",
        body="b",
        targets=("a", "b"),
    )
    for number in range(length - 3):
        digest = EvidenceHash(f"{chance.getrandbits(256):064x}")
        kind = chance.random()
        if kind < 0.35:
            yield e.NoteAdded(
                text=f"Note {number}: error rate at {chance.random():.1%}, still looking at payments."
            )
        elif kind < 0.65:
            yield e.EvidenceAttached(
                evidence=digest,
                kind="log",
                title="shop.log",
                media_type="text/plain",
                size=4096,
                source="shop",
            )
        elif kind < 0.9:
            yield e.ItemChecked(
                check=chance.choice(CHECKS),
                verdict=chance.choice(list(Verdict)),
                summary="200 in 12 ms",
                evidence=digest,
            )
        elif kind < 0.97:
            yield e.ItemSigned(item=f"item-{number % 40}", reason="looked at the dashboard")
        else:
            yield e.NotificationFailed(
                request="r-0",
                target="a",
                attempt=number,
                reason="no answer",
                retry_at=BEGUN + timedelta(hours=1),
            )


def milliseconds(work: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Return the median and the shortest time of some work."""
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken), min(taken)


def run(length: int, rounds: int) -> dict[str, tuple[float, float]]:
    """Measure reading, decoding and folding one incident."""
    story = list(incident(length))
    bodies = [encode(event) for event in story]
    with tempfile.TemporaryDirectory(prefix="andon-bench-") as directory:
        journal, _ = open_journal(str(Path(directory) / "journal.db"), NothingSecret())
        batch = Batch(command=CommandId("c"), actor="ada@example.org", at=BEGUN, events=tuple(story))
        journal.append(STREAM, batch)
        history: tuple[Recorded, ...] = journal.read(STREAM)
        assert [recorded.event for recorded in history] == story, "the journal changed the story"
        taken = {
            "JSON alone (json.loads)": milliseconds(lambda: [json.loads(body) for body in bodies], rounds),
            "read and decode from SQLite": milliseconds(lambda: journal.read(STREAM), rounds),
            "fold": milliseconds(lambda: fold(history), rounds),
            "read, decode and fold": milliseconds(lambda: fold(journal.read(STREAM)), rounds),
        }
        journal.close()
    return taken


def main() -> int:
    """Print the table; with --check, fail when the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument(
        "--check", action="store_true", help=f"exit 1 when the fold takes {TARGET:g} ms or more"
    )
    arguments = parser.parse_args()
    taken = run(arguments.events, arguments.rounds)
    alone = taken["JSON alone (json.loads)"][0]
    print(f"Python {sys.version.split()[0]}, {arguments.events} events, {arguments.rounds} rounds, medians\n")
    print(f"{'':32}{'ms':>8}{'min':>8}{'x JSON':>9}   target")
    for name, (middle, shortest) in taken.items():
        verdict = f"{TARGET:g} {'kept' if middle < TARGET else 'MISSED'}" if name == "fold" else ""
        print(f"{name:32}{middle:8.2f}{shortest:8.2f}{middle / alone:9.1f}   {verdict}")
    return 1 if arguments.check and taken["fold"][0] >= TARGET else 0


if __name__ == "__main__":
    sys.exit(main())
