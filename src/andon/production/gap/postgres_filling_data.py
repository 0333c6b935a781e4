"""The changes that are made in a disposable copy on PostgreSQL: schemas, rows, numbering."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import psycopg

from andon.errors import Conflict
from andon.gaps.data.schema import Family
from andon.production.gap.conditions import literal, quoted
from andon.production.gap.postgres_data import told

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any, TypeAlias

    from andon.gaps.data.schema import Column, Table
    from andon.production.gap.postgres_data import PostgresSource

    Connection: TypeAlias = "psycopg.Connection[tuple[Any, ...]]"


class PostgresCopy:
    """The port `Copy` on an open connection."""

    def __init__(self, connection: Connection, source: PostgresSource) -> None:
        """Take a connection of its own to the copy."""
        self._connection = connection
        self._source = source
        self._tables, _ = source.tables_in(connection)
        self._loose: dict[str, str] = {}

    @contextlib.contextmanager
    def unhindered(self) -> Iterator[None]:
        """Let rows be written without triggers and foreign keys, which are back afterwards."""
        try:
            self._connection.execute("SET session_replication_role = replica")
            yield
            return
        except psycopg.errors.InsufficientPrivilege:
            pass
        keys = self._connection.execute(
            "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) "
            "FROM pg_constraint WHERE contype = 'f' AND conparentid = 0"
        ).fetchall()
        for table, name, _ in keys:
            self._execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for full in self._source.full_names.values():
            self._execute(f"ALTER TABLE {full} DISABLE TRIGGER USER")
        yield
        for full in self._source.full_names.values():
            with contextlib.suppress(psycopg.Error):
                self._execute(f"ALTER TABLE {full} ENABLE TRIGGER USER")
        for table, name, text in keys:
            marker = "" if "NOT VALID" in text else " NOT VALID"
            with contextlib.suppress(psycopg.Error):  # its table went, or became another
                self._execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {text}{marker}")

    def _execute(self, statement: str, values: Sequence[Any] | None = None) -> None:
        self._connection.execute(statement.encode(), values)

    def _full(self, table: str) -> str:
        return self._source.full_names.get(table) or quoted(table)

    def columns(self, table: str) -> tuple[str, ...]:
        """Return the columns that can be written."""
        found = self._tables.get(table)
        return found.names if found else ()

    def reshape(self, table: str, ours: Table | None, theirs: Table | None) -> None:
        """Make a table as production's is, by changing what differs; its rows stay."""
        full = self._full(table)
        if theirs is None:
            self._execute(f"DROP TABLE {full} CASCADE")
        elif ours is None:
            for statement in theirs.definition:
                with contextlib.suppress(psycopg.errors.DuplicateObject):  # an enum that the tests have, too
                    self._execute(statement)
        else:
            self._alter(full, ours, theirs)
        self._tables, _ = self._source.tables_in(self._connection)

    def _alter(self, full: str, ours: Table, theirs: Table) -> None:
        self._drop_keys(full, ours, theirs)
        for column in ours.columns:
            if theirs.column(column.name) is None:
                self._execute(f"ALTER TABLE {full} DROP COLUMN {quoted(column.name)} CASCADE")
        for statement in theirs.definition:
            if statement.startswith("CREATE TYPE"):
                with contextlib.suppress(psycopg.errors.DuplicateObject):
                    self._execute(statement)
        for column in theirs.columns:
            own = ours.column(column.name)
            if own is None:
                self._add(full, column)
            elif not column.is_made:
                self._change(full, own, column)
        self._add_keys(ours, theirs)

    def _add(self, full: str, column: Column) -> None:
        default = column.default if column.default and not column.default.startswith("nextval(") else ""
        line = f"ALTER TABLE {full} ADD COLUMN {quoted(column.name)} {column.type}"
        if default:
            line += f" DEFAULT {default}"
        self._execute(line)
        if column.is_required:
            self._fill_nulls(full, column)
            self._execute(f"ALTER TABLE {full} ALTER COLUMN {quoted(column.name)} SET NOT NULL")

    def _fill_nulls(self, full: str, column: Column) -> None:
        name = quoted(column.name)
        self._execute(
            f"UPDATE {full} SET {name} = {literal(_filler(column))}::{column.type} WHERE {name} IS NULL"  # noqa: S608
        )

    def _change(self, full: str, own: Column, column: Column) -> None:
        alter = f"ALTER TABLE {full} ALTER COLUMN {quoted(column.name)}"
        if own.type != column.type:
            self._execute(f"{alter} DROP DEFAULT")
            cast = f"{quoted(column.name)}::text"
            if column.longest:
                cast = f"left({cast}, {column.longest})"
            self._execute(f"{alter} TYPE {column.type} USING {cast}::{column.type}")
        if column.default != own.default or own.type != column.type:
            if column.default and not column.default.startswith("nextval("):
                self._execute(f"{alter} SET DEFAULT {column.default}")
            elif not column.default:
                self._execute(f"{alter} DROP DEFAULT")
        if own.is_required and not column.is_required:
            self._execute(f"{alter} DROP NOT NULL")
        elif column.is_required and not own.is_required:
            self._fill_nulls(full, column)
            self._execute(f"{alter} SET NOT NULL")

    def _drop_keys(self, full: str, ours: Table, theirs: Table) -> None:
        """Drop the constraints and indexes that production's table does not have."""
        wanted = set(_rest(theirs))
        for statement in _rest(ours):
            if statement in wanted:
                continue
            words = statement.split('"')
            if " ADD CONSTRAINT " in statement:
                name = statement.split(" ADD CONSTRAINT ", 1)[1]
                end = name.index('"', 1)
                self._execute(f"ALTER TABLE {full} DROP CONSTRAINT IF EXISTS {name[: end + 1]} CASCADE")
            elif statement.startswith(("CREATE INDEX", "CREATE UNIQUE INDEX")):
                index = statement.split(" INDEX ", 1)[1].split(" ON ", 1)[0]
                schema = full.rpartition(".")[0]
                self._execute(f"DROP INDEX IF EXISTS {schema + '.' if schema and words else ''}{index}")

    def _add_keys(self, ours: Table, theirs: Table) -> None:
        had = set(_rest(ours))
        for statement in _rest(theirs):
            if statement not in had:
                self._execute(statement)

    def remove(self, table: str, columns: Sequence[str], keys: Sequence[Sequence[Any]]) -> None:
        """Remove rows."""
        where = " AND ".join(f"{quoted(c)}::text = %s" for c in columns)
        with self._connection.cursor() as cursor:
            cursor.executemany(
                f"DELETE FROM {self._full(table).replace('%', '%%')} WHERE {where}".encode(),  # noqa: S608
                [tuple(str(v) for v in key) for key in keys],
            )

    def put(
        self,
        table: str,
        uniques: Sequence[Sequence[str]],
        columns: Sequence[str],
        rows: Iterator[tuple[Any, ...]],
    ) -> None:
        """Put rows in by way of a table of their own; what has the same key gives way."""
        try:
            self._put(table, uniques, columns, rows)
        except psycopg.Error as problem:
            raise Conflict(
                f"the tests' {table} does not take production's rows: {told(problem, {})}"
            ) from None

    def _put(
        self,
        table: str,
        uniques: Sequence[Sequence[str]],
        columns: Sequence[str],
        rows: Iterator[tuple[Any, ...]],
    ) -> None:
        full, names = self._full(table), ", ".join(quoted(c) for c in columns)
        known = self._tables[table]
        self._execute("DROP TABLE IF EXISTS pg_temp.andon_gap_rows")
        self._execute(f"CREATE TEMP TABLE andon_gap_rows AS SELECT {names} FROM {full} WITH NO DATA")  # noqa: S608
        with (
            self._connection.cursor() as cursor,
            cursor.copy(f"COPY pg_temp.andon_gap_rows ({names}) FROM STDIN".encode()) as copying,
        ):
            for row in rows:
                copying.write_row([None if v is None else _as_text(v) for v in row])
        for unique in {tuple(u) for u in (*uniques, known.key, *known.uniques) if u}:
            if all(c in columns for c in unique):
                same = " AND ".join(f"t.{quoted(c)} = r.{quoted(c)}" for c in unique)
                self._execute(f"DELETE FROM {full} t USING pg_temp.andon_gap_rows r WHERE {same}")  # noqa: S608
        self._execute(
            f"INSERT INTO {full} ({names}) OVERRIDING SYSTEM VALUE "  # noqa: S608 - from the catalogue
            f"SELECT {names} FROM pg_temp.andon_gap_rows ON CONFLICT DO NOTHING"
        )
        self._execute("DROP TABLE pg_temp.andon_gap_rows")

    def last_key(self, table: str, value: int | None) -> None:
        """Let the database's own numbering of a table go on after this, or after what is there."""
        known = self._tables.get(table)
        full = self._full(table)
        for column in known.columns if known else ():
            if column.family is not Family.WHOLE:
                continue
            row = self._connection.execute(
                "SELECT pg_get_serial_sequence(%s, %s)", (full, column.name)
            ).fetchone()
            if not row or row[0] is None:
                continue
            highest_there = f"SELECT max({quoted(column.name)}) FROM {full}"  # noqa: S608 - from the catalogue
            there = self._connection.execute(highest_there.encode()).fetchone()
            made_last = f"SELECT last_value FROM {row[0]}"  # noqa: S608 - from the catalogue
            now = self._connection.execute(made_last.encode()).fetchone()
            highest = max(int(there[0] or 0) if there else 0, int(now[0]) if now else 0, value or 0)
            if highest > (int(now[0]) if now else 0):
                with contextlib.suppress(
                    psycopg.errors.NumericValueOutOfRange, psycopg.errors.InvalidParameterValue
                ):
                    self._connection.execute("SELECT setval(%s::regclass, %s)", (row[0], highest))


def _rest(table: Table) -> list[str]:
    """Return a table's statements but those that make types and the table itself."""
    return [s for s in table.definition if not s.startswith(("CREATE TYPE", "CREATE TABLE"))]


def _as_text(value: Any) -> str:
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    return ("t" if value else "f") if isinstance(value, bool) else str(value)


def _filler(column: Column) -> str:
    """Return a value for a column that must have one and that the tests' rows do not give."""
    match column.family:
        case Family.WHOLE | Family.NUMBER:
            return "0"
        case Family.TRUTH:
            return "f"
        case Family.MOMENT:
            return "1970-01-01"
        case Family.JSON:
            return "{}"
    return ""
