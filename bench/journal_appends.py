"""How many events a second a journal takes durably, with many processes writing at once.

Each writer appends one event a time, as commands do, and counts it only when `append` has returned: then it
is on disk. Beside it stand what the disk and the database alone can do, in the same run.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import NamedTuple

import psycopg

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from andon.errors import Unavailable  # noqa: E402
from andon.incident.events import NoteAdded  # noqa: E402
from andon.incident.recorded import Batch  # noqa: E402
from andon.incident.words import CommandId  # noqa: E402
from andon.journal.open import open_journal  # noqa: E402
from tests.postgres import NoServer, fresh_schema, running_server  # noqa: E402

TARGET = 2000
TEXT = "Half of the orders fail since the release; the payment service answers, the basket does not. " * 2

#: Given where to write and the writer's number, returns what appends one event.
Opener = Callable[[str, int], Callable[[int], None]]


class Result(NamedTuple):
    """What all writers together managed."""

    per_second: float
    #: Milliseconds from asking to knowing that it is durable.
    median: float
    late: float
    worst: float


class NothingSecret:
    """The redactor of a service without secrets; notes do not pass it."""

    def redact(self, content: bytes) -> tuple[bytes, int]:
        """Return the content as it is."""
        return content, 0


def andon_own_streams(place: str, writer: int) -> Callable[[int], None]:
    """Append to an incident of the writer's own."""
    return _andon(place, f"INC-{writer}", writer)


def andon_one_stream(place: str, writer: int) -> Callable[[int], None]:
    """Append to one incident that everybody writes to."""
    return _andon(place, "INC-1", writer)


def _andon(place: str, stream: str, writer: int) -> Callable[[int], None]:
    journal, _ = open_journal(place, NothingSecret())

    def append(number: int) -> None:
        command = CommandId(f"{writer}-{number}")
        batch = Batch(
            command=command, actor="ada@example.org", at=datetime.now(UTC), events=(NoteAdded(text=TEXT),)
        )
        journal.append(stream, batch)

    return append


def sqlite_alone(place: str, writer: int) -> Callable[[int], None]:
    """Insert one row a transaction, with the same durability, no chain and no command ids."""
    connection = sqlite3.connect(place, timeout=60, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA fullfsync=ON")
    connection.execute("CREATE TABLE IF NOT EXISTS event (id INTEGER PRIMARY KEY, writer INTEGER, data TEXT)")

    def append(number: int) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO event (writer, data) VALUES (?, ?)", (writer, f"{number} {TEXT}"))
        connection.execute("COMMIT")

    return append


def disk_alone(place: str, writer: int) -> Callable[[int], None]:
    """Write the same bytes to a file of the writer's own and wait for the disk."""
    file = os.open(f"{place}.{writer}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    wait = getattr(os, "fdatasync", os.fsync)

    def append(number: int) -> None:
        os.write(file, f"{number} {TEXT}\n".encode())
        wait(file)

    return append


def postgres_alone(place: str, writer: int) -> Callable[[int], None]:
    """Insert one row a transaction, no chain and no command ids."""
    connection = psycopg.connect(place)
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(1)")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS alone (id bigserial PRIMARY KEY, writer int, data text)"
        )

    def append(number: int) -> None:
        connection.execute("INSERT INTO alone (writer, data) VALUES (%s, %s)", (writer, f"{number} {TEXT}"))
        connection.commit()

    return append


def write(
    opener: Opener, place: str, writer: int, seconds: float, together: Barrier, answer: Queue[list[float]]
) -> None:
    """Append for some seconds and answer how long each append took."""
    append = opener(place, writer)
    append(0)
    together.wait()
    taken = []
    now = time.perf_counter()
    end = now + seconds
    while now < end:
        append(len(taken) + 1)
        before, now = now, time.perf_counter()
        taken.append(now - before)
    answer.put(taken)


def measure(opener: Opener, place: str, writers: int, seconds: float) -> Result:
    """Let `writers` processes append at once."""
    processes = multiprocessing.get_context("fork")
    together = processes.Barrier(writers)
    answer: Queue[list[float]] = processes.Queue()
    started = [
        processes.Process(target=write, args=(opener, place, number, seconds, together, answer))
        for number in range(writers)
    ]
    for process in started:
        process.start()
    times = sorted(taken for _ in started for taken in answer.get(timeout=seconds + 60))
    for process in started:
        process.join()
    late = times[min(int(len(times) * 0.99), len(times) - 1)]
    return Result(len(times) / seconds, statistics.median(times) * 1000, late * 1000, times[-1] * 1000)


def run(writers: int, seconds: float, rounds: int) -> dict[str, list[Result]]:
    """Measure every kind once a round, on a new journal each time."""
    taken: dict[str, list[Result]] = {}
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="andon-bench-", dir="."))
        kinds = dict(ON_FILES)
        try:
            server = stack.enter_context(running_server(durable=True))
            open_journal(server, NothingSecret())
            kinds |= ON_POSTGRES
        except (NoServer, Unavailable) as problem:
            print(f"PostgreSQL is not measured: {problem}\n")
        for number in range(rounds):
            for name, opener in kinds.items():
                with ExitStack() as each:
                    place = os.path.join(directory, f"{opener.__name__}-{number}.db")
                    if name in ON_POSTGRES:
                        place = each.enter_context(fresh_schema(server))
                    taken.setdefault(name, []).append(measure(opener, place, writers, seconds))
    return taken


ON_FILES: dict[str, Opener] = {
    "the disk alone (fdatasync)": disk_alone,
    "SQLite alone": sqlite_alone,
    "Andon on SQLite, own incidents": andon_own_streams,
    "Andon on SQLite, one incident": andon_one_stream,
}
ON_POSTGRES: dict[str, Opener] = {
    "PostgreSQL alone": postgres_alone,
    "Andon on PostgreSQL, own incidents": andon_own_streams,
    "Andon on PostgreSQL, one incident": andon_one_stream,
}


def main() -> int:
    """Print the table; with --check, fail when SQLite stays below the target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--check", action="store_true", help=f"exit 1 below {TARGET} appends/s on SQLite")
    arguments = parser.parse_args()
    taken = run(arguments.writers, arguments.seconds, arguments.rounds)
    print(
        f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}, {arguments.writers} writers,"
        f" {arguments.rounds} rounds of {arguments.seconds:g} s, medians; x = times the database alone\n"
    )
    print(f"{'':36}{'appends/s':>11}{'x':>7}{'median ms':>11}{'p99 ms':>9}{'worst ms':>10}   target")
    kept = True
    for name, results in taken.items():
        middle = Result(*(statistics.median(column) for column in zip(*results, strict=True)))
        alone = taken["PostgreSQL alone" if "PostgreSQL" in name else "SQLite alone"]
        ratio = middle.per_second / statistics.median(result.per_second for result in alone)
        verdict = ""
        if name.startswith("Andon on SQLite"):
            kept = kept and middle.per_second >= TARGET
            verdict = f"{TARGET} {'kept' if middle.per_second >= TARGET else 'MISSED'}"
        waits = f"{middle.median:11.2f}{middle.late:9.2f}{middle.worst:10.1f}"
        print(f"{name:36}{middle.per_second:11,.0f}{ratio:7.2f}{waits}   {verdict}")
    return 1 if arguments.check and not kept else 0


if __name__ == "__main__":
    sys.exit(main())
