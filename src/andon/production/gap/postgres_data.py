"""PostgreSQL databases of the two worlds, read: read-only, with limits, a few questions a second."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from andon.errors import InvalidInput, Unavailable
from andon.gaps.data.facts import Sort
from andon.gaps.data.schema import Column, Family, ForeignKey, Table
from andon.production.gap.conditions import condition, counting, literal, quoted, twice
from andon.production.gap.data_source import FEW_ROWS, MANY_ROWS, MOST_ROWS, PATIENCE, Counted
from andon.production.gap.postgres_address import for_libpq, host_of, is_loopback

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from typing import Any, TypeAlias

    from andon.gaps.data.facts import Fact

    Connection: TypeAlias = "psycopg.Connection[tuple[Any, ...]]"

#: Seconds between two questions to a host that is not this machine: five a second.
PAUSE = 0.2
#: Facts that one query asks for; a result takes 1664 columns.
_AT_ONCE = 300
#: Rows, as estimated, beyond which a table is not counted.
_COUNTED = 5_000_000

_TABLES = """
SELECT c.oid::int8,
       CASE WHEN n.nspname = current_schema() THEN c.relname ELSE n.nspname || '.' || c.relname END,
       format('%I.%I', n.nspname, c.relname), c.reltuples::int8,
       has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                  AND d.deptype = 'e')
ORDER BY 2
"""
_COLUMNS = """
SELECT a.attrelid::int8, a.attname, format_type(a.atttypid, a.atttypmod), t.typname, t.typcategory::text,
       a.attnotnull, coalesce(pg_get_expr(d.adbin, d.adrelid), ''), a.attidentity::text, a.attgenerated::text,
       CASE WHEN a.atttypmod > 4 AND t.typname IN ('varchar', 'bpchar') THEN a.atttypmod - 4 ELSE 0 END
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = ANY(%s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum
"""
_INDEXES = """
SELECT i.indrelid::int8, i.indisprimary, i.indisunique AND i.indpred IS NULL,
       (SELECT array_agg(coalesce(a.attname, 'expression') ORDER BY k.n)
        FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(att, n)
        LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.att AND k.att > 0
        WHERE k.n <= i.indnkeyatts)::text[],
       CASE WHEN EXISTS (SELECT FROM pg_constraint c
                         WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x'))
            THEN '' ELSE pg_get_indexdef(i.indexrelid) END
FROM pg_index i WHERE i.indrelid = ANY(%s::oid[]) AND i.indisvalid ORDER BY i.indexrelid::regclass::text
"""
_CONSTRAINTS = """
SELECT c.conrelid::int8, c.conname, c.contype::text, pg_get_constraintdef(c.oid),
       (SELECT array_agg(a.attname ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY k(att, n)
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.att)::text[],
       c.confrelid::int8,
       (SELECT array_agg(a.attname ORDER BY k.n) FROM unnest(c.confkey) WITH ORDINALITY k(att, n)
        JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.att)::text[]
FROM pg_constraint c WHERE c.conrelid = ANY(%s::oid[]) AND c.contype IN ('p', 'u', 'f', 'c', 'x')
ORDER BY c.contype <> 'p', c.contype = 'f', c.conname
"""
_LAST_KEYS = """
SELECT d.refobjid::int8, s.last_value FROM pg_depend d
JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S' JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_sequences s ON s.schemaname = n.nspname AND s.sequencename = c.relname
WHERE d.refobjid = ANY(%s::oid[]) AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
  AND s.last_value IS NOT NULL
"""
_ENUMS = """
SELECT format('%I.%I', n.nspname, t.typname), t.typname,
       (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
        FROM pg_enum e WHERE e.enumtypid = t.oid)
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'e' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""


def parsed(address: str) -> dict[str, Any]:
    """Return the parts of an address; raises InvalidInput, without quoting it, for what is none."""
    try:
        return {k: v for k, v in conninfo_to_dict(for_libpq(address)).items() if v is not None}
    except psycopg.Error:
        raise InvalidInput(
            "this is not a PostgreSQL address",
            where="[gap] database",
            rule="gap-database",
            remedy="write postgresql://user@host:5432/database; special characters as %xx",
        ) from None


def told(problem: psycopg.Error, given: dict[str, Any]) -> str:
    """Return why a database refused, in the words of the error's class: its message may quote values."""
    known = (
        (psycopg.errors.QueryCanceled, "it took too long"),
        (psycopg.errors.LockNotAvailable, "a lock was not to be had"),
        (psycopg.errors.InsufficientPrivilege, "permission denied"),
        (psycopg.errors.UndefinedTable, "the table is gone"),
    )
    for sort, words in known:
        if isinstance(problem, sort):
            return words
    state = getattr(problem, "sqlstate", None)
    if state is None and isinstance(problem, psycopg.OperationalError):
        words = " ".join(str(problem).split())[-200:]
        secret = str(given.get("password") or "")
        return words.replace(secret, "***") if secret else words
    return f"{type(problem).__name__} {state or ''}".strip()


class PostgresSource:
    """The port `Source` on a server."""

    system = "PostgreSQL"

    def __init__(self, address: str) -> None:
        """Take an address; nobody is asked yet. Raises InvalidInput."""
        self.given = parsed(address)
        self.host = host_of(self.given)
        self.place = f"{self.given.get('dbname') or 'database'} on {self.host}"
        self._pause = 0.0 if is_loopback(self.given) else PAUSE
        self._asked = 0.0
        #: Full quoted names of the tables, by the names they have here.
        self.places: dict[str, str] = {}
        self.closed: frozenset[str] = frozenset()

    @contextlib.contextmanager
    def reading(self, patience: float = PATIENCE) -> Iterator[Connection]:
        """Open a session that can only read, as of one moment."""
        limits = (
            "-c default_transaction_read_only=on -c default_transaction_isolation=repeatable\\ read "
            f"-c statement_timeout={int(patience * 1000)} -c lock_timeout=2000 "
            "-c idle_in_transaction_session_timeout=60000"
        )
        own = str(self.given.get("options") or "")
        try:
            connection = psycopg.connect(
                make_conninfo(
                    **{
                        "connect_timeout": "5", "application_name": "andon gap", **self.given,
                        "options": f"{own} {limits}".strip(),
                    }
                )
            )  # fmt: skip
        except psycopg.Error as problem:
            raise Unavailable(
                f"{self.place} refused: {told(problem, self.given)}", rule="gap-database"
            ) from None
        with contextlib.closing(connection):
            connection.add_notice_handler(lambda _: None)
            try:
                yield connection
            except psycopg.Error as problem:
                raise Unavailable(
                    f"{self.place} could not be read: {told(problem, self.given)}", rule="gap-database"
                ) from None

    def ask(
        self, connection: Connection, query: str, values: Sequence[Any] | None = None
    ) -> list[tuple[Any, ...]]:
        """Ask one question, not sooner than allowed after the last."""
        wait = self._asked + self._pause - time.monotonic()
        if self._pause and wait > 0:
            time.sleep(wait)  # production is asked at most five questions a second
        self._asked = time.monotonic()
        return connection.execute(query.encode(), values).fetchall()

    def tables(self) -> tuple[dict[str, Table], tuple[str, ...]]:
        """Return the tables by name, and what could not be looked at."""
        with self.reading() as connection:
            return self.tables_in(connection)

    def tables_in(self, connection: Connection) -> tuple[dict[str, Table], tuple[str, ...]]:
        """Return the same in an open session."""
        rows = self.ask(connection, _TABLES)
        problems = [f"{name}: permission denied" for _, name, _, _, may in rows if not may]
        self.closed = frozenset(row[1] for row in rows if not row[4])
        allowed = [row for row in rows if row[4]]
        self.places = {row[1]: row[2] for row in allowed}
        oids = [row[0] for row in allowed]
        by_oid = {row[0]: row[1] for row in rows}
        catalogue = {
            sort: _grouped(self.ask(connection, query, (oids,)))
            for sort, query in (
                ("columns", _COLUMNS), ("indexes", _INDEXES), ("constraints", _CONSTRAINTS),
                ("keys", _LAST_KEYS),
            )
        }  # fmt: skip
        enums = self.ask(connection, _ENUMS)
        found = {}
        for oid, name, full, estimate, _ in allowed:
            count, is_counted = self._count(connection, full, int(estimate), name, problems)
            own = {sort: rows.get(oid, []) for sort, rows in catalogue.items()}
            found[name] = _table(name, full, own, by_oid, enums, count, is_counted=is_counted)
        return found, tuple(problems)

    def _count(
        self, connection: Connection, full: str, estimate: int, name: str, problems: list[str]
    ) -> tuple[int, bool]:
        if estimate > _COUNTED:
            return estimate, False
        try:
            with connection.transaction():
                return int(self.ask(connection, f"SELECT count(*) FROM {full}")[0][0]), True  # noqa: S608
        except psycopg.Error as problem:
            problems.append(f"{name}: {told(problem, self.given)}")
            return max(0, estimate), False

    def counts(self) -> dict[str, int]:
        """Return the number of rows by table."""
        found, _ = self.tables()
        return {name: table.count for name, table in found.items()}

    def count(
        self, table: Table, facts: Sequence[Fact], named: Mapping[str, object], tables: Mapping[str, Table]
    ) -> tuple[int, tuple[Counted, ...], tuple[str, ...]]:
        """Return rows in all, rows by fact, and what could not be looked at; aggregates only."""
        del tables  # their places are known here
        together = [f for f in facts if f.sort is not Sort.DUPLICATE]
        found: list[Counted] = []
        problems: list[str] = []
        total = table.count
        with self.reading() as connection:
            for begin in range(0, len(together), _AT_ONCE):
                part = together[begin : begin + _AT_ONCE]
                try:
                    with connection.transaction():
                        query = counting(table, part, self.places, named, is_sqlite=False)
                        row = self.ask(connection, query)[0]
                except psycopg.Error as problem:
                    if not isinstance(problem, psycopg.errors.QueryCanceled):
                        problems.append(f"{table.name}: {told(problem, self.given)}")
                    found += self._one_by_one(connection, table, part, problems)
                    continue
                total = int(row[0])
                found += [
                    Counted(fact=fact, rows=int(row[1 + 2 * n] or 0), named=int(row[2 + 2 * n] or 0))
                    for n, fact in enumerate(part)
                ]
            for fact in facts:
                if fact.sort is Sort.DUPLICATE:
                    try:
                        with connection.transaction():
                            rows = self.ask(connection, twice(table, fact, self.places))
                            found.append(Counted(fact=fact, rows=int(rows[0][0])))
                    except psycopg.Error as problem:
                        problems.append(f"{table.name}.{fact.column}: {told(problem, self.given)}")
        return total, tuple(c for c in found if c.rows), tuple(problems)

    def _one_by_one(
        self, connection: Connection, table: Table, facts: Sequence[Fact], problems: list[str]
    ) -> Iterator[Counted]:
        """Ask whether there is any such row, each for a second at most: a table too large for one pass."""
        late = 0
        for fact in facts:
            column = table.column(fact.column)
            where = condition(fact, column, self.places, is_sqlite=False) if column else "false"
            query = f"SELECT EXISTS (SELECT 1 FROM {self.places[table.name]} t WHERE {where})"  # noqa: S608
            try:
                with connection.transaction():
                    connection.execute("SET LOCAL statement_timeout = 1000")
                    if self.ask(connection, query)[0][0]:
                        yield Counted(fact=fact, rows=1)
            except psycopg.Error:
                late += 1
                if late > 5:
                    break
        if late:
            problems.append(f"{table.name}: too large to ask everything of it in time")

    def rows(
        self, tables: Collection[Table], first: Mapping[str, Sequence[Mapping[str, object]]]
    ) -> dict[str, tuple[list[tuple[Any, ...]], bool]]:
        """Return the rows of tables as of one moment, values as texts, each with whether these are all."""
        found: dict[str, tuple[list[tuple[Any, ...]], bool]] = {}
        with self.reading(6 * PATIENCE) as connection:
            for table in tables:
                read = sum(len(rows) for rows, _ in found.values())
                most = MOST_ROWS if read < MANY_ROWS else FEW_ROWS
                columns = ", ".join(f"{quoted(c)}::text" for c in table.names) or "NULL"
                order = ", ".join(quoted(c) for c in table.key) or "ctid"
                query = f"SELECT {columns} FROM {self.places[table.name]}"  # noqa: S608 - from the catalogue
                try:
                    with connection.transaction():
                        rows = self.ask(connection, f"{query} ORDER BY {order} LIMIT {most + 1}")
                        is_whole = len(rows) <= most
                        for key in first.get(table.name, ()) if not is_whole else ():
                            where = " AND ".join(
                                f"{quoted(c)}::text = {literal(str(v))}" for c, v in key.items()
                            )
                            rows = rows[:most] + self.ask(connection, f"{query} WHERE {where} LIMIT 1")
                except psycopg.Error:
                    continue
                found[table.name] = rows, is_whole
        return found


def _grouped(rows: list[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = {}
    for oid, *rest in rows:
        found.setdefault(int(oid), []).append(tuple(rest))
    return found


def _table(
    name: str,
    full: str,
    own: dict[str, list[tuple[Any, ...]]],
    by_oid: dict[int, str],
    enums: list[tuple[Any, ...]],
    count: int,
    *,
    is_counted: bool,
) -> Table:
    columns = tuple(
        Column(
            name=column,
            type=kind,
            family=_family(base, category),
            is_required=bool(required),
            default="" if generated else default,
            is_made=bool(generated),
            longest=int(longest),
        )
        for column, kind, base, category, required, default, _, generated, longest in own["columns"]
    )
    indexes = [(bool(p), bool(u), tuple(names or ())) for p, u, names, _ in own["indexes"]]
    key = next((names for is_primary, _, names in indexes if is_primary), ())
    return Table(
        name=name,
        columns=columns,
        key=key,
        uniques=tuple(sorted({n for p, u, n in indexes if u and not p and "expression" not in n})),
        indexes=tuple(sorted({n for p, _, n in indexes if not p})),
        foreign_keys=tuple(
            ForeignKey(columns=tuple(ours), parent=by_oid[parent], parent_columns=tuple(theirs))
            for _, sort, _, ours, parent, theirs in own["constraints"]
            if sort == "f" and parent in by_oid
        ),
        count=count,
        is_counted=is_counted,
        last_key=max((int(row[0]) for row in own["keys"]), default=None),
        definition=tuple(_definition(full, own, enums)),
    )


def _definition(
    full: str, own: dict[str, list[tuple[Any, ...]]], enums: list[tuple[Any, ...]]
) -> Iterator[str]:
    """Yield the statements that make a table; a partitioned one is made as a plain one."""
    kinds = {row[2].lstrip("_") for row in own["columns"]}
    for enum, short, labels in enums:
        if short in kinds:
            yield f"CREATE TYPE {enum} AS ENUM ({labels or ''})"
    lines = []
    for name, kind, _, _, required, default, identity, generated, _ in own["columns"]:
        line = f"{quoted(name)} {kind}"
        if generated:
            line += f" GENERATED ALWAYS AS ({default}) STORED"
        elif identity or default.startswith("nextval("):
            line += " GENERATED BY DEFAULT AS IDENTITY"
        elif default:
            line += f" DEFAULT {default}"
        lines.append(f"{line}{' NOT NULL' if required else ''}")
    yield f"CREATE TABLE {full} ({', '.join(lines)})"
    for name, sort, text, *_ in own["constraints"]:
        marker = " NOT VALID" if sort == "f" and "NOT VALID" not in text else ""
        yield f"ALTER TABLE {full} ADD CONSTRAINT {quoted(name)} {text}{marker}"
    for *_, index in own["indexes"]:
        if index:
            yield str(index)


def _family(base: str, category: str) -> Family:
    if base in ("int2", "int4", "int8"):
        return Family.WHOLE
    if base in ("json", "jsonb"):
        return Family.JSON
    if base in ("date", "timestamp", "timestamptz"):
        return Family.MOMENT
    if category == "E" or base == "citext":
        return Family.TEXT
    return {"N": Family.NUMBER, "S": Family.TEXT, "B": Family.TRUTH}.get(category, Family.OTHER)


def place_of(address: str) -> tuple[str, str, str]:
    """Return what tells one database from another: server, port and name; this machine has one name."""
    given = parsed(address)
    host = str(given.get("hostaddr") or given.get("host") or "")
    if is_loopback(given):
        host = "" if not host.startswith("/") or host in ("/var/run/postgresql", "/run/postgresql") else host
    return host.lower(), str(given.get("port") or "5432"), str(given.get("dbname") or given.get("user") or "")
