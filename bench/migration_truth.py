"""The truth about Alembic migrations, by running them: up, down and up again on a throw-away PostgreSQL.

Needs what Andon does not: `pip install alembic alembic-postgresql-enum` beside the tests' own packages.
Imports of a migration that cannot be resolved become stand-ins; what then fails on the way up did not run.
"""

from __future__ import annotations

import enum
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import types
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.string import StrDumperUnknown

from tests.postgres import running_server

#: Seconds a statement may take.
PATIENCE = 20

SOME_ID = "00000000-0000-4000-8000-000000000001"

Truth = dict[str, dict[str, Any]]


def measure(root: Path, place: str, known: Truth, save: Callable[[Truth], None]) -> Truth:
    """Return, per revision, whether up and down restored schema and rows; `known` ones are not run again.

    `place` is the directory with `versions`. The answers are saved as they come.
    """
    _import_alembic()
    with running_server() as url, stand_ins():
        walk = Walk(url, root, place)
        for revision in walk.revisions:
            if not known.get(revision.revision, {}).get("ran"):
                known[revision.revision] = walk.trial(revision)
                save(known)
            walk.advance(revision)
    return known


def _import_alembic() -> None:
    """Load Alembic, and let migrations for SQLAlchemy 1 run: texts to execute, values of a row by name."""
    if importlib.util.find_spec("alembic") is None:
        raise SystemExit("the truth needs alembic: pip install alembic alembic-postgresql-enum")
    if importlib.util.find_spec("alembic_postgresql_enum") is not None:
        importlib.import_module("alembic_postgresql_enum")
    from sqlalchemy import Boolean, Connection, Enum, Row, text

    execute, item, member = Connection.execute, Row.__getitem__, Enum._db_value_for_elem

    def either(self: Any, statement: Any, *given: Any, **more: Any) -> Any:
        return execute(self, text(statement) if isinstance(statement, str) else statement, *given, **more)

    def by_name(self: Any, key: Any) -> Any:
        return self._mapping[key] if isinstance(key, str) else item(self, key)

    setattr(Connection, "execute", either)  # noqa: B010 - mypy refuses to assign a method
    setattr(Row, "__getitem__", by_name)  # noqa: B010

    def first_in_doubt(self: Any, said: Any) -> Any:
        try:
            return member(self, said)
        except LookupError:
            return self.enums[0]

    setattr(Enum, "_db_value_for_elem", first_in_doubt)  # noqa: B010

    class AsText(StrDumperUnknown):
        def dump(self, said: Any) -> Any:
            return super().dump(str(said))

    psycopg.adapters.register_dumper(Nothing, AsText)
    # A setting that is stood in for is true.
    setattr(Boolean, "_strict_as_bool", lambda _, said: None if said is None else bool(said))  # noqa: B010


class Walk:
    """A database that goes through the history one revision after the other, and a copy for each trial."""

    def __init__(self, url: str, root: Path, place: str) -> None:
        """Make the empty database and read the history."""
        self.url, self.base = url, "walk"
        self._command(f"CREATE DATABASE {self.base}")
        from alembic.script import ScriptDirectory

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            directory = ScriptDirectory(str(root / place))
            self.revisions = list(directory.walk_revisions("base", "heads"))[::-1]
        self.stuck = ""

    def trial(self, revision: Any) -> dict[str, Any]:
        """Go up, down and up on a copy; say what was restored."""
        told: dict[str, Any] = {"file": os.path.basename(revision.path)}
        if self.stuck:
            return {**told, "ran": False, "why": f"an earlier one did not run: {self.stuck}"}
        before, problem = self._begin(revision, with_rows=True)
        if problem:  # a row that nobody would have written can be in the way
            before, problem = self._begin(revision, with_rows=False)
        if problem:
            return {**told, "ran": False, "why": f"up: {problem}"}
        if not hasattr(revision.module, "downgrade"):
            return {**told, "ran": True, "restored": False, "why": "there is no way down"}
        problem = self._run("trial", revision.module.downgrade)
        if problem:
            return {**told, "ran": True, "restored": False, "why": f"down: {problem}"}
        after = self._dump("trial")
        if before != after:
            return {**told, "ran": True, "restored": False, "why": _first_difference(before, after)}
        problem = self._run("trial", revision.module.upgrade)
        return {
            **told,
            "ran": True,
            "restored": not problem,
            "why": f"up again: {problem}" if problem else "",
        }

    def _begin(self, revision: Any, *, with_rows: bool) -> tuple[list[str], str]:
        """Copy the database and go up; return the dump from before and the problem."""
        self._command("DROP DATABASE IF EXISTS trial")
        self._command(f"CREATE DATABASE trial TEMPLATE {self.base}")
        if with_rows:
            self._seed("trial")
        return self._dump("trial"), self._run("trial", revision.module.upgrade, lenient=not with_rows)

    def advance(self, revision: Any) -> None:
        """Take the database itself one revision further."""
        if self.stuck:
            return
        problem = self._run(self.base, revision.module.upgrade)
        if problem:  # it points to rows that only production has
            problem = self._run(self.base, revision.module.upgrade, lenient=True)
        if problem:  # what stands in for a setting was no identity, but a number or a text
            Nothing.text = "1"
            problem = self._run(self.base, revision.module.upgrade, lenient=True)
            Nothing.text = SOME_ID
        if problem:  # a new value of a type can only be used once it is committed
            problem = self._run(self.base, revision.module.upgrade, lenient=True, at_once=True)
        if problem:
            self.stuck = f"{revision.revision}: {problem}"

    def _command(self, text: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(text.encode())

    def _address(self, database: str) -> str:
        return re.sub(r"/postgres(?=\?|$)", f"/{database}", self.url)

    def _run(
        self, database: str, way: Callable[[], None], *, lenient: bool = False, at_once: bool = False
    ) -> str:
        """Run one way in a transaction of its own; return the problem, "" for none.

        A lenient run does not check foreign keys; one that is `at_once` commits every statement.
        """
        from alembic.migration import MigrationContext
        from alembic.operations import Operations
        from sqlalchemy import create_engine, event, pool

        engine = create_engine(
            self._address(database).replace("postgresql:", "postgresql+psycopg:"), poolclass=pool.NullPool
        )

        @event.listens_for(engine, "before_cursor_execute", retval=True)
        def _plainly(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> tuple[str, Any]:
            return re.sub(r"(?i)\bCONCURRENTLY\b", "", statement), parameters

        try:
            with engine.connect() as connection, warnings.catch_warnings():
                warnings.simplefilter("ignore")
                connection.exec_driver_sql(f"SET statement_timeout = '{PATIENCE}s'")
                if lenient:
                    connection.exec_driver_sql("SET session_replication_role = replica")
                connection.commit()
                if at_once:
                    connection.execution_options(isolation_level="AUTOCOMMIT")
                context = MigrationContext.configure(connection, opts={"transaction_per_migration": True})
                with context.begin_transaction(_per_migration=True), Operations.context(context), patience():
                    way()
                connection.commit()
        except Exception as problem:  # noqa: BLE001 - whatever a migration raises is its answer
            return f"{type(problem).__name__}: {str(problem).splitlines()[0][:160] if str(problem) else ''}"
        finally:
            engine.dispose()
        return ""

    def _seed(self, database: str) -> None:
        """Give every empty table one row, where a row can be made."""
        with psycopg.connect(self._address(database), autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            tables = connection.execute(
                "SELECT c.oid, nspname, relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
                "WHERE relkind = 'r' AND nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
            ).fetchall()
            for oid, schema, name in tables:
                table = sql.Identifier(schema, name)
                if connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(table)).fetchone():
                    continue
                self._row(connection, oid, table)

    def _row(self, connection: psycopg.Connection[Any], oid: int, table: sql.Identifier) -> None:
        columns = connection.execute(
            "SELECT attname, format_type(atttypid, NULL), atttypid, attnotnull, atthasdef FROM pg_attribute "
            "WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped AND attgenerated = '' "
            "AND attidentity = '' ORDER BY attnum",
            (oid,),
        ).fetchall()
        full = [(n, _value(connection, kind, type_)) for n, kind, type_, _, _ in columns]
        needed = [
            (n, _value(connection, kind, type_)) for n, kind, type_, must, has in columns if must and not has
        ]
        for chosen in (full, needed):
            names = sql.SQL(", ").join(sql.Identifier(n) for n, _ in chosen)
            values = sql.SQL(", ").join(sql.SQL(v) for _, v in chosen)
            try:
                if chosen:
                    connection.execute(
                        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(table, names, values)
                    )
                else:
                    connection.execute(sql.SQL("INSERT INTO {} DEFAULT VALUES").format(table))
            except psycopg.Error:
                continue
            return

    def _dump(self, database: str) -> list[str]:
        """Return schema and rows as text without what differs by chance: comments, the order of rows."""
        program = _dump_program()
        done = subprocess.run(
            [program, "--inserts", "--no-owner", self._address(database)],
            capture_output=True,
            text=True,
            check=True,
        )
        noise = ("--", "\\restrict", "\\unrestrict", "SELECT pg_catalog.setval", "SET ")
        return list(
            in_order(line for line in done.stdout.splitlines() if line and not line.startswith(noise))
        )


def in_order(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a dump with the rows of each table sorted: an UPDATE moves a row to the end."""
    rows: list[str] = []
    row = ""
    for line in lines:
        if row or line.startswith("INSERT INTO "):
            row += line
            if line.endswith(");"):
                rows.append(row)
                row = ""
            continue
        yield from sorted(rows)
        rows = []
        yield line
    yield from sorted((*rows, row) if row else rows)


def _dump_program() -> str:
    given = os.environ.get("ANDON_TEST_PG_DUMP") or shutil.which("pg_dump")
    if not given:
        raise SystemExit("pg_dump is not on PATH; name it in ANDON_TEST_PG_DUMP")
    return given


def _first_difference(before: list[str], after: list[str]) -> str:
    was, now = set(before), set(after)
    gone = next((line for line in before if line not in now), "")
    come = next((line for line in after if line not in was), "")
    return f"not restored: -{gone.strip()[:120]} +{come.strip()[:120]}"


_VALUES = (
    (r"bool", "true"),
    (r"smallint|integer|bigint|numeric|double|real|oid", "1"),
    (r"uuid", f"'{SOME_ID}'"),  # the same everywhere: foreign keys hold
    (r"timestamp|^date$", "'2020-01-02'"),
    (r"^time", "'01:02:03'"),
    (r"interval", "'1 hour'"),
    (r"json", "'{}'"),
    (r"inet|cidr", "'10.0.0.1'"),
    (r"bytea", "'\\x00'"),
    (r"tsvector", "'a'"),
    (r"hstore", "'a=>1'"),
    (r"char|text|name|citext", "'a'"),
)


def _value(connection: psycopg.Connection[Any], kind: str, type_: int) -> str:
    """Return a literal that a column of this type takes."""
    label = connection.execute(
        "SELECT enumlabel FROM pg_enum WHERE enumtypid = %s LIMIT 1", (type_,)
    ).fetchone()
    if label:
        return sql.Literal(label[0]).as_string(connection)
    if kind.endswith("[]"):
        return "'{}'"
    return next((value for pattern, value in _VALUES if re.search(pattern, kind)), "NULL")


@contextmanager
def patience() -> Iterator[None]:
    """Raise TimeoutError in what takes too long: a stand-in can make a loop endless."""

    def too_long(_signal: int, _frame: Any) -> None:
        raise TimeoutError(f"it takes longer than {PATIENCE} s")

    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)


@contextmanager
def stand_ins() -> Iterator[None]:
    """Stand in for modules that are not there: a project's own code is never run, only its migrations."""
    finder = StandIns()
    sys.meta_path.append(finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [n for n, module in sys.modules.items() if isinstance(module, StandIn)]:
            del sys.modules[name]


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Makes modules that are not there."""

    def find_spec(self, name: str, _path: Any, _target: Any = None) -> Any:
        """Offer a stand-in; called last, when nothing real was found."""
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: Any) -> types.ModuleType:
        """Return a module with every name."""
        return StandIn(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run."""


class StandIn(types.ModuleType):
    """A module that has every name: classes are types of columns, anything else does nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return stand_in_for(name)


def stand_in_for(name: str) -> Any:
    """Return a type of column for what is called like a class, and nothing for anything else."""
    import sqlalchemy

    plain = {"GUID": sqlalchemy.Uuid, "UUID": sqlalchemy.Uuid, "JSON": sqlalchemy.JSON}
    if name in plain:
        return lambda *_, **__: plain[name]()
    if not name[0].isupper() or name.isupper():
        return Nothing()
    base: Any = sqlalchemy.DateTime if re.search(r"Date|Time", name) else sqlalchemy.Text
    body = {
        "cache_ok": True,
        "__init__": lambda self, *_, **__: base.__init__(self),
        "__getattr__": lambda _self, _name: Nothing(),
    }
    members = {
        "__getattr__": lambda _class, attribute: nothing_called(attribute),
        "__iter__": lambda _class: iter(()),
        "__len__": lambda _class: 0,
        "__bool__": lambda _class: True,
        "__members__": AMember.__members__,
    }
    return type(type(base))("Members", (type(base),), members)(name, (base,), body)


class AMember(enum.Enum):
    """Stands in for the members of a class that could be an enumeration."""

    A_VALUE = "A_VALUE"


def nothing_called(name: str) -> Nothing:
    """Return nothing for a member of a class; what Python itself asks for is not there."""
    if name.startswith("_") and name != "__table__":
        raise AttributeError(name)
    return Nothing()


class Nothing:
    """Does nothing, whatever is done with it; as a text it is one identity, the same everywhere."""

    text = SOME_ID

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return stand_in_for(name)

    def __call__(self, *_: Any, **__: Any) -> Any:
        return Nothing()

    def __getitem__(self, _: Any) -> Any:
        return Nothing()

    def __contains__(self, _: Any) -> bool:
        return True

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __index__(self) -> int:
        return 1

    def __str__(self) -> str:
        return Nothing.text


def read(path: Path | None) -> Truth:
    """Return the answers of an earlier run."""
    if path is None or not path.exists():
        return {}
    kept: Truth = json.loads(path.read_text())
    return kept


def saver(path: Path | None) -> Callable[[Truth], None]:
    """Return what keeps the answers in `path`, whole at every moment."""

    def save(truth: Truth) -> None:
        if path is not None:
            beside = path.with_suffix(".new")
            beside.write_text(json.dumps(truth, indent=1, sort_keys=True))
            beside.replace(path)

    return save


def places(root: Path) -> Iterator[str]:
    """Yield the directories below `root` that look like Alembic's."""
    for versions in sorted(root.rglob("versions")):
        if versions.is_dir() and any(
            "down_revision" in f.read_text(errors="replace") for f in versions.glob("*.py")
        ):
            yield str(versions.parent.relative_to(root))
