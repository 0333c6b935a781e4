"""The old code would run on the new schema, but its start refuses it: the way down has to come first."""

from __future__ import annotations

import os
import subprocess
import sys

from andon.drill.chapters import cord, mitigate, own_it, watch
from andon.drill.environment import environment
from andon.drill.releases import Edit, Release
from andon.drill.review import Review, closing, reviewing
from andon.drill.script import Decision, Option, Scenario, Stage, Step

#: A release of last week that runs well: the migrations became a step of their own before the start.
STRICT = Release(
    version="v1.4.0",
    message="Migrate in a step of its own, before the start",
    author="Tom",
    edits=(
        Edit(
            file="ops/migrate",
            old="",
            new='''"""Bring the database to these migrations: `migrate -path PLACE -database FILE up|down`.

A database that is newer than the files is refused: nobody knows what would be missing.
"""

import os
import sqlite3
import sys
from contextlib import closing


def names(directory: str, way: str) -> list[str]:
    """Return the files of one way, in order; those without a way down are older than this script."""
    found = sorted(os.listdir(directory))
    return [n for n in found if n.endswith(".down.sql") == (way == "down")]


def run(connection: sqlite3.Connection, path: str, version: int) -> None:
    """Run one file and write down which version the database has then."""
    with open(path, encoding="utf-8") as file:
        connection.executescript(f"BEGIN; {file.read()} PRAGMA user_version={version}; COMMIT;")
    print(f"{os.path.basename(path)}: done")


def migrate(directory: str, database: str, way: str) -> int:
    """Go all the way up, or one step down; 1 when the database is newer than the files."""
    with closing(sqlite3.connect(database, timeout=5)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        seen = connection.execute("PRAGMA user_version").fetchone()[0]
        ups = names(directory, "up")
        if seen > len(ups):
            print(f"error: no migration found for version {seen}", file=sys.stderr)
            return 1
        if way == "down":
            (down,) = [n for n in names(directory, "down") if n.split("_")[0] == ups[seen - 1].split("_")[0]]
            run(connection, os.path.join(directory, down), seen - 1)
            return 0
        for number, name in enumerate(ups, start=1):
            if number > seen:
                run(connection, os.path.join(directory, name), number)
    return 0


if __name__ == "__main__":
    _, _, directory, _, database, way = sys.argv
    sys.exit(migrate(directory, database, way))
''',
        ),
        Edit(
            file="Procfile",
            old="",
            new="release: python ops/migrate -path migrations -database $DATABASE up\n"
            "web: python -m shop shop.json\n",
        ),
        Edit(file="shop/server.py", old="    store.migrate(settings.database)\n", new=""),
        Edit(
            file="shop/server.py",
            old='"""Bring the database up to date and answer until told to stop."""',
            new='"""Answer until told to stop."""',
        ),
        Edit(
            file="shop/store.py",
            old='''def migrate(path: str) -> None:
    """Apply the migrations this database has not seen, in the order of their names."""
    with closing(connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        seen: int = connection.execute("PRAGMA user_version").fetchone()[0]
        for number, name in enumerate(sorted(os.listdir(MIGRATIONS)), start=1):
            if number > seen:
                with open(os.path.join(MIGRATIONS, name), encoding="utf-8") as file:
                    connection.executescript(f"BEGIN; {file.read()} PRAGMA user_version={number}; COMMIT;")


''',
            new="",
        ),
        Edit(
            file="shop/store.py",
            old="""import os
import sqlite3
from contextlib import closing

MIGRATIONS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "migrations")
""",
            new="import sqlite3\n",
        ),
        Edit(
            file="shop/store.py",
            old="products and orders in SQLite, its schema brought up to date at every start.",
            new="products and orders in SQLite.",
        ),
    ),
)
RELEASE = Release(
    version="v1.5.0",
    message="Let customers write a note",
    author="Lena",
    edits=(
        Edit(file="migrations/0003_notes.up.sql", old="", new="ALTER TABLE orders ADD COLUMN note TEXT;\n"),
        Edit(file="migrations/0003_notes.down.sql", old="", new="ALTER TABLE orders DROP COLUMN note;\n"),
        Edit(
            file="shop/orders.py",
            old='            "INSERT INTO orders (sequence, number, amount, receipt) VALUES (?, ?, ?, ?)",\n'
            "            (sequence, number, amount, receipt),\n",
            new='            "INSERT INTO orders (sequence, number, amount, receipt, note)"\n'
            '            " VALUES (?, ?, ?, ?, ?)",\n'
            "            (sequence, number, amount, receipt, note),\n",
        ),
        Edit(
            file="shop/orders.py",
            old="    amount = pricing.total(basket(connection, items), customer)\n",
            new="    amount = pricing.total(basket(connection, items), customer)\n"
            "    note = note_of(request)\n",
        ),
        Edit(
            file="shop/orders.py",
            old="def place(",
            new="def note_of(request: dict[str, object]) -> str:\n"
            '    """Return what the customer wrote."""\n'
            '    return str(request["note"])[:200]\n\n\n'
            "def place(",
        ),
    ),
)
TEST = Edit(
    file="tests/test_notes.py",
    old="",
    new='''"""What a customer wrote on an order."""

import unittest

from shop.orders import note_of


class Notes(unittest.TestCase):
    """Most customers write nothing."""

    def test_nothing_written(self) -> None:
        """No note, no error."""
        self.assertEqual(note_of({"items": []}), "")

    def test_something_written(self) -> None:
        """As it came."""
        self.assertEqual(note_of({"note": "ring twice"}), "ring twice")
''',
)
CURE = Edit(
    file="shop/orders.py",
    old='    return str(request["note"])[:200]\n',
    new='    return str(request.get("note", ""))[:200]\n',
)


def _ship(stage: Stage) -> str:
    """Deploy the release; its release step adds a column."""
    stage.world.deploy(RELEASE)
    return (
        f'Lena merges "{RELEASE.message}"; the pipeline deploys {RELEASE.version}. Its release step adds a '
        "column to the orders, which nobody else notices."
    )


def _take_back(stage: Stage) -> str:
    """Run the way down of the newer release: the older one has none for a migration it does not know."""
    production = stage.world.production
    database = os.path.join(production, "shop.db")
    words = ["ops/migrate", "-path", "migrations", "-database", database, "down"]
    ran = subprocess.run(
        [sys.executable, *words],
        cwd=os.path.join(production, "releases", RELEASE.version),
        env=environment(),
        check=True,
        capture_output=True,
        text=True,
    )
    return f"releases/{RELEASE.version} $ python {' '.join(words)}\n{ran.stdout.strip()}"


_VERIFY = Step(
    say="It has started. Whether it serves, the smoke tests and the log decide.",
    command=("verify", "--watch", "60"),
    proves=("failure-resolved", "critical-paths-pass", "no-new-failures", "logs-clean"),
)

_RESPONSE = Decision(
    name="response",
    question="v1.4.0 is good and its code runs on the new schema, but its start refuses it. What now?",
    options=(
        Option(
            label="take the migration back with v1.5.0's own way down, then roll back",
            points=3,
            because="Only the newer release knows the way down; after it, the older one starts again.",
            steps=(
                Step(
                    say="The rule says: not like this. Mina knows what has to come first, and says so.",
                    command=(
                        "decide",
                        "rollback",
                        "--reason",
                        "v1.5.0's own way down takes the empty column back, then v1.4.0 starts",
                    ),
                    shows=("rollback-unsafe",),
                ),
                Step(say="The way down, from the release that has it.", act=_take_back),
                Step(
                    say="The gate judges files. That the way down ran, a person vouches for.",
                    command=(
                        "sign",
                        "migrations-reversible",
                        "--reason",
                        "0003_notes.down.sql ran from v1.5.0; no order had a note",
                    ),
                ),
                Step(
                    say="Now the old release finds the schema it knows.",
                    command=("rollback", "--yes", "--no-verify"),
                    proves=("last-known-good", "migrations-reversible", "previous-version-deployed"),
                ),
            ),
        ),
        Option(
            label="roll back at once, it is only an added column",
            points=0,
            because="The code does not mind the column; the start does. That is a second outage.",
            steps=(
                Step(
                    say="You overrule the rule, and you sign what you have not looked at.",
                    command=("decide", "rollback", "--reason", "only an added column"),
                ),
                Step(
                    command=(
                        "sign",
                        "migrations-reversible",
                        "--reason",
                        "only an added column, old code does not mind",
                    )
                ),
                Step(command=("rollback", "--yes"), expect=1, shows=("release step failed",)),
                Step(
                    say="v1.4.0 does not start: no migration found for version 3. The plan had its undo.",
                    command=("rollback", "--undo", "--yes", "--no-verify"),
                ),
            ),
            again=True,
        ),
        Option(
            label="look for the fault in v1.5.0 first",
            points=1,
            because="It can be found in peace once customers are served again.",
            steps=(watch(5),),
            again=True,
        ),
    ),
)

_REVIEW = Review(
    cause="v1.5.0 reads the note of every order; customers who write none send none",
    sections={
        "summary/user-impact": "Nobody could buy anything while v1.5.0 ran.",
        "cause/why-not-caught": "The only test of a note writes one.",
        "lessons/went-well": "Nobody found out by a crash loop that the old release does not start.",
        "lessons/went-poorly": "The start of every release refuses what it does not know, and nobody had "
        "thought of going back.",
        "lessons/next-time": "A release that migrates says in its description how it is taken back.",
    },
    actions=(
        ("Test an order without a note", "mina", "tests"),
        ("Alarm when checkouts fail", "mina", "monitoring"),
        ("Give the release step a way to accept a newer schema", "tom", "other"),
    ),
    test=TEST,
    cure=(CURE,),
    done={
        "tests": "tests/test_notes.py, commit {commit}",
        "monitoring": "ops/watch_checkout.py, commit {commit}",
    },
    regression={
        "symptom": "POST /checkout answers 500 for every order without a note",
        "root-cause": "orders.note_of takes the note for granted",
        "incorrect-behaviour": "an optional field is read as if it were always there",
        "correct-solution": "no note is an empty note",
        "enforced-path": "shop/orders.py: note_of",
        "prevention-mechanism": "tests/test_notes.py orders with and without a note",
    },
    signatures={
        "no-data-corruption": "no order with a note was ever written: all of them failed before",
        "dependencies-compatible": "the payment interface is the same in both releases",
    },
)

SCENARIO = Scenario(
    name="boot-migrate-trap",
    summary="old code would run, its start refuses the newer schema: the way down comes first",
    opening="The same small shop, a week later. The migrations are a step of their own now, before each "
    "start, and that step refuses a database it does not know.",
    quiet_days=7,
    past_orders=640,
    history=(STRICT,),
    break_it=_ship,
    script=(
        *cord("Nobody can buy", "support: every purchase ends with an error"),
        own_it(
            Step(
                chapter="Find out",
                say="A release near the break, and a good one before it. Would that one start?",
                command=("assess",),
                proves=("broken-part-identified", "break-time-identified", "rollback-weighed"),
                shows=("v1.5.0", "v1.4.0", "Procfile:1"),
            )
        ),
        Step(chapter="Decide and act"),
        _RESPONSE,
        mitigate(_VERIFY),
        *reviewing(_REVIEW),
        *closing(),
    ),
    lesson="Ask not only whether the old code runs on the new schema, but whether the old release gets as "
    "far as running it.",
)
