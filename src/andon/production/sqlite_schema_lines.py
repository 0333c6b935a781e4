"""What an SQLite schema consists of, as lines that can be compared, whatever the wording of its statements.

SQLite keeps the text of each CREATE TABLE and edits it, so that the same table reads differently after a
change and its way back. Columns, keys and indexes are therefore read from the pragmas; only what no pragma
tells (checks, generated columns, collations) is taken from the text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from andon.response.trial import BOOKKEEPING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Protocol

    class Connection(Protocol):
        """As much of a connection as is needed here."""

        def execute(self, statement: str, values: tuple[Any, ...] = ..., /) -> Any:
            """Run one statement."""


_TABLES = (
    "SELECT name FROM sqlite_master WHERE type = 'table' "
    "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
)
_OBJECTS = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
#: What no pragma tells: a word, then perhaps an expression in parentheses.
_TOLD_BY_TEXT = re.compile(
    r"\b(check|as)\s*\(|\b(autoincrement|without\s+rowid|strict|deferrable\b[\w\s]{0,30}|collate\s+[\"'`\[]?\w+"
    r"|on\s+conflict\s+\w+)",
    re.IGNORECASE,
)
_QUOTES = re.compile(r"[\"`\[\]]")


def quoted(name: str) -> str:
    """Return a name as an identifier."""
    return '"' + name.replace('"', '""') + '"'


def tables_of(connection: Connection) -> list[str]:
    """Return the names of all tables, without SQLite's and what tools keep for themselves."""
    found = [str(name) for (name,) in connection.execute(_TABLES)]
    return [name for name in found if name.lower() not in BOOKKEEPING]


def lines_of(connection: Connection) -> Iterator[str]:
    """Return one line for each column, key, index, view, trigger and check."""
    for kind, name, table, text in connection.execute(_OBJECTS).fetchall():
        if str(table).lower() in BOOKKEEPING:
            continue
        plain = " ".join(str(text or "").split())
        if kind == "table":
            yield from _table(connection, str(name), plain)
        elif kind == "index":
            yield f"index {name}: {_index(connection, str(name), plain)} on {table}"
        else:
            yield f"{kind} {name}: {_QUOTES.sub('', plain)}"


def _table(connection: Connection, name: str, text: str) -> Iterator[str]:
    yield f"table {name}:{' virtual ' + text if text.lower().startswith('create virtual') else ''}"
    for _, column, kind, required, default, key, hidden in connection.execute(
        f"PRAGMA table_xinfo({quoted(name)})"
    ):
        told = [str(kind).lower(), "not null" if required else "", f"key {key}" if key else ""]
        told += [f"default {default}" if default is not None else "", f"hidden {hidden}" if hidden else ""]
        yield f"column {name}.{column}: {' '.join(part for part in told if part)}"
    for key in connection.execute(f"PRAGMA foreign_key_list({quoted(name)})"):
        _, _, other, own, theirs, update, delete, match = key
        yield f"foreign key {name}.{own}: {other}.{theirs} {update} {delete} {match}"
    for _, index, unique, origin, _ in connection.execute(f"PRAGMA index_list({quoted(name)})"):
        if origin == "u":  # made by the table itself: its own name counts up
            yield f"unique {name}: {unique} {_index(connection, str(index), '')}"
    for told_by_text in sorted(_told_by_text(text)):
        yield f"clause {name}: {told_by_text}"


def _index(connection: Connection, name: str, text: str) -> str:
    rows = connection.execute(f"PRAGMA index_xinfo({quoted(name)})")
    columns = [
        f"{column}{' desc' if down else ''} {collation}" for _, _, column, down, collation, key in rows if key
    ]
    lowered = text.lower()
    where = text[lowered.find(" where ") :] if " where " in lowered else ""
    unique = "unique " if lowered.startswith("create unique") else ""
    expressions = (
        _QUOTES.sub("", text[text.find("(") :]) if any(c.startswith("None") for c in columns) else ""
    )
    return f"{unique}({', '.join(columns)}){expressions}{_QUOTES.sub('', where)}"


def _told_by_text(text: str) -> Iterator[str]:
    for match in _TOLD_BY_TEXT.finditer(text):
        if match[2]:
            yield " ".join(_QUOTES.sub("", match[2]).lower().split())
        else:
            expression = _enclosed(text, match.end() - 1)
            yield f"{match[1].lower()} {_QUOTES.sub('', expression)}"


def _enclosed(text: str, start: int) -> str:
    """Return the parenthesised piece that begins at `start`, with its quotes followed."""
    depth, quote = 0, ""
    for at in range(start, len(text)):
        character = text[at]
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"`":
            quote = character
        elif character in "()":
            depth += 1 if character == "(" else -1
            if depth == 0:
                return text[start : at + 1]
    return text[start:]
