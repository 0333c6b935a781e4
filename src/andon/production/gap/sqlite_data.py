"""SQLite files of the two worlds: read without a trace, and copied for experiments."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import time
from typing import TYPE_CHECKING

from andon.errors import Unavailable
from andon.gaps.data.schema import Column, Family, ForeignKey, Table
from andon.gaps.data.stored import Stored
from andon.production.gap.conditions import quoted
from andon.production.gap.data_source import PATIENCE
from andon.production.gap.table_reader import TableReader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager
    from typing import Any

#: Instructions of the virtual machine between two looks at the clock.
_OFTEN = 10_000
_LENGTH = re.compile(r"\(\s*(\d+)\s*\)")
#: How a file is named in a variable: `sqlite:PATH`, `sqlite+aiosqlite:///PATH`, `file:PATH`, a plain path.
_FORM = re.compile(r"^((?:jdbc:)?sqlite3?(?:\+\w+)?:(?:///?)?|file:(?://)?)?([^?]*)(\?.*)?$", re.DOTALL)


def path_in(address: str, root: str) -> str:
    """Return the file that an address names; relative ones are below `root`."""
    found = _FORM.match(address)
    path = found[2] if found else address
    return os.path.abspath(os.path.join(root, os.path.expanduser(path)))


def in_form(given: str, path: str) -> str:
    """Return a path in the form in which another was given."""
    found = _FORM.match(given)
    if not found:
        return path
    return f"{found[1] or ''}{path}{found[3] or ''}"


class SqliteSource(TableReader[sqlite3.Connection]):
    """The port `Source` on a file."""

    system = "SQLite"
    is_sqlite = True
    failures = (sqlite3.Error,)
    at_once = 400  # a result takes 2000 columns, and deep expressions take memory
    unordered = "1"

    def __init__(self, path: str) -> None:
        """Take the file; it is opened when it is asked, and only then."""
        self._path = path
        self.place = os.path.basename(path)

    @contextlib.contextmanager
    def reading(self, patience: float = PATIENCE) -> Iterator[sqlite3.Connection]:
        if not os.path.isfile(self._path):
            raise Unavailable(
                f"there is no database {self.place}",
                rule="gap-database",
                remedy="make it, or correct `database`",
            )
        end = time.monotonic() + patience
        try:
            connection = sqlite3.connect(f"file:{_escaped(self._path)}?mode=ro", uri=True, timeout=2.0)
        except sqlite3.Error as problem:
            raise self._refused(problem) from None
        with contextlib.closing(connection):
            connection.set_progress_handler(lambda: time.monotonic() > end, _OFTEN)
            connection.text_factory = _text
            try:
                connection.execute("PRAGMA query_only = ON")
                connection.execute("BEGIN")
                yield connection
            except sqlite3.Error as problem:
                raise self._refused(problem) from None

    def _refused(self, problem: sqlite3.Error) -> Unavailable:
        return Unavailable(
            f"the database {self.place} could not be read: {self.why(problem)}", rule="gap-database"
        )

    def tables(self) -> tuple[dict[str, Table], tuple[str, ...]]:
        """Return the tables by name, and what could not be looked at."""
        with self.reading() as connection:
            return {name: table_of(connection, name) for name in _names(connection)}, ()

    def counts(self) -> dict[str, int]:
        """Return the number of rows by table."""
        with self.reading() as connection:
            return {name: _count(connection, name) for name in _names(connection)}

    def stored(self) -> dict[str, Stored]:
        """Return views and triggers by their titles."""
        with self.reading() as session:
            rows = self.ask(
                session,
                "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master "
                "WHERE type IN ('view', 'trigger')",
            )
            found = [
                Stored(
                    sort=sort,
                    name=name if sort == "view" else f"{table}.{name}",
                    text=text,
                    worded_by=self.system,
                    columns=_columns_of(session, name) if sort == "view" else (),
                )
                for sort, name, table, text in rows
            ]
        return {one.title: one for one in found}

    def ask(self, session: sqlite3.Connection, query: str) -> list[tuple[Any, ...]]:
        """Ask one question."""
        return session.execute(query).fetchall()

    def apart(self, session: sqlite3.Connection) -> AbstractContextManager[object]:
        """Do nothing: what fails leaves no trace in a session that only reads."""
        del session
        return contextlib.nullcontext()

    def places(self, tables: Mapping[str, Table]) -> Mapping[str, str]:
        """Return the full quoted names of tables."""
        return {name: quoted(name) for name in tables}

    def value(self, column: str) -> str:
        """Return a column as it is read."""
        return quoted(column)

    def why(self, problem: Exception) -> str:
        """Return why a question failed; a constraint's own words may hold a name, never a value."""
        words = " ".join(str(problem).split())[:200]
        return "it took too long" if "interrupt" in words else words


def _escaped(path: str) -> str:
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _columns_of(connection: sqlite3.Connection, view: str) -> tuple[tuple[str, str], ...]:
    """Return names and types of a view's columns; () for one that does not fit its tables any more."""
    try:
        rows = connection.execute(f"PRAGMA table_xinfo({quoted(view)})").fetchall()
    except sqlite3.Error:
        return ()
    return tuple((str(row[1]), str(row[2])) for row in rows)


def _names(connection: sqlite3.Connection) -> list[str]:
    """Return the tables that hold rows of their own: no view, no virtual table nor what such a one keeps."""
    rows = connection.execute(
        "SELECT name, coalesce(sql, '') FROM sqlite_master WHERE type = 'table' "
        "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    ).fetchall()
    virtual = [name for name, text in rows if text.lstrip().upper().startswith("CREATE VIRTUAL")]
    shadows = tuple(f"{name}_" for name in virtual)
    return [name for name, _ in rows if name not in virtual and not (shadows and name.startswith(shadows))]


def _count(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {quoted(name)}").fetchone()[0])  # noqa: S608


def table_of(connection: sqlite3.Connection, name: str) -> Table:
    """Return what a table is made of."""
    info = connection.execute(f"PRAGMA table_xinfo({quoted(name)})").fetchall()
    columns = tuple(
        Column(
            name=str(row[1]),
            type=str(row[2]),
            family=_family(str(row[2])),
            is_required=bool(row[3]),
            default="" if row[4] is None else str(row[4]),
            is_made=row[6] in (2, 3),
            longest=int(found[1])
            if (found := _LENGTH.search(str(row[2]))) and "CHAR" in str(row[2]).upper()
            else 0,
        )
        for row in info
        if row[6] != 1
    )
    uniques, indexes = [], []
    for _, index, is_unique, _, is_partial in connection.execute(
        f"PRAGMA index_list({quoted(name)})"
    ).fetchall():
        own = tuple(
            "expression" if row[2] is None else str(row[2])
            for row in connection.execute(f"PRAGMA index_info({quoted(index)})").fetchall()
        )
        indexes.append(own)
        if is_unique and not is_partial and "expression" not in own:
            uniques.append(own)
    definition = connection.execute(
        "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type <> 'table', name",
        (name,),
    ).fetchall()
    key = tuple(str(row[1]) for row in sorted((r for r in info if r[5]), key=lambda r: int(r[5])))
    return Table(
        name=name,
        columns=columns,
        key=key,
        uniques=tuple(sorted({own for own in uniques if own != key})),
        indexes=tuple(sorted({own for own in indexes if own != key})),
        foreign_keys=_foreign_keys(connection, name),
        count=_count(connection, name),
        last_key=_last_key(connection, name),
        definition=tuple(str(row[0]) for row in definition),
    )


def _foreign_keys(connection: sqlite3.Connection, name: str) -> tuple[ForeignKey, ...]:
    rows: dict[int, list[tuple[Any, ...]]] = {}
    for row in connection.execute(f"PRAGMA foreign_key_list({quoted(name)})").fetchall():
        rows.setdefault(row[0], []).append(row)
    found = []
    for own in rows.values():
        own.sort(key=lambda row: int(row[1]))
        parent = str(own[0][2])
        theirs = tuple(str(row[4]) for row in own if row[4] is not None)
        if not theirs:
            info = connection.execute(f"PRAGMA table_info({quoted(parent)})").fetchall()
            theirs = tuple(str(r[1]) for r in sorted((r for r in info if r[5]), key=lambda r: int(r[5])))
        if len(theirs) == len(own):
            found.append(
                ForeignKey(columns=tuple(str(r[3]) for r in own), parent=parent, parent_columns=theirs)
            )
    return tuple(found)


def _last_key(connection: sqlite3.Connection, name: str) -> int | None:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").fetchone():
        return None
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (name,)).fetchone()
    return int(row[0]) if row and isinstance(row[0], int) else None


def _family(kind: str) -> Family:
    """Return what a type means to a program: https://www.sqlite.org/datatype3.html section 3.1, and usage."""
    upper = kind.upper()
    for words, family in (
        (("BOOL",), Family.TRUTH),
        (("INT",), Family.WHOLE),
        (("JSON",), Family.JSON),
        (("DATE", "TIME"), Family.MOMENT),
        (("CHAR", "CLOB", "TEXT", "UUID"), Family.TEXT),
        (("REAL", "FLOA", "DOUB", "NUM", "DEC"), Family.NUMBER),
    ):
        if any(word in upper for word in words):
            return family
    return Family.OTHER if "BLOB" in upper else Family.TEXT
