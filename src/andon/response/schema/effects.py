"""What a statement does to a database, in one vocabulary for SQL, Alembic, Django and schema builders."""

from __future__ import annotations

from enum import StrEnum

from andon.record import Record


class Act(StrEnum):
    """What is done."""

    CREATE = "creates"
    #: `CREATE OR REPLACE`: whether it was there before is not known.
    REPLACE = "replaces"
    DROP = "drops"
    ALTER = "alters"
    RENAME = "renames"
    #: Rows are inserted, changed or deleted.
    ROWS = "changes rows of"
    #: It was read and not understood, or it can do anything.
    OPAQUE = "is not understood"
    #: It is understood, and running it fails.
    FAILS = "fails"


class Kind(StrEnum):
    """What it is done to."""

    TABLE = "table"
    COLUMN = "column"
    INDEX = "index"
    CONSTRAINT = "constraint"
    TYPE = "type"
    FUNCTION = "function"
    TRIGGER = "trigger"
    VIEW = "view"
    SEQUENCE = "sequence"
    EXTENSION = "extension"
    SCHEMA = "schema"
    OTHER = "database"


class Effect(Record):
    """One thing that a script does."""

    act: Act
    kind: Kind
    #: The object; for a column, constraint or trigger its own name, without the table's.
    name: str
    line: int
    #: The table to which it belongs; "" for a table itself and for what belongs to none.
    table: str = ""
    #: ALTER: what is altered (`nullable`, `default`, `type`, `comment`, `values`); ROWS: how.
    aspect: str = ""
    #: ALTER: what it becomes; RENAME: the new name; None for "none" (a default that is dropped).
    value: str | None = None
    #: ALTER: what it was, where the script says so; None where it does not.
    before: str | None = None
    #: What an index or constraint lies on, what an UPDATE writes.
    columns: tuple[str, ...] = ()
    #: INSERT: each row as `column=value`; DELETE: each condition so. Empty where they are not all written.
    rows: tuple[frozenset[str], ...] = ()
    #: UPDATE: whom it concerns, as a DELETE says it; and what is written, empty unless it is all fixed.
    where: tuple[frozenset[str], ...] = ()
    values: frozenset[str] = frozenset()
    #: Other tables and types without which it cannot exist.
    needs: tuple[str, ...] = ()
    #: `unique`, `primary`, `foreign`, `check`: what writes have to satisfy; `plain`: an index without any.
    demands: frozenset[str] = frozenset()
    #: A new column: True when it may not be empty; and when the database fills it by itself.
    must_have: bool = False
    is_filled: bool = False
    #: `IF EXISTS`, `IF NOT EXISTS`: whether it did anything is not known.
    is_conditional: bool = False
    #: Whatever depends on it goes too.
    cascades: bool = False
    #: The definition in one normal form, where there is one to compare.
    definition: str = ""
    #: OPAQUE and FAILS: why.
    note: str = ""

    @property
    def key(self) -> tuple[Kind, str, str]:
        """What it is about: effects with one key are about one object."""
        return self.kind, self.table if self.kind is not Kind.INDEX else "", self.name

    def told(self) -> str:
        """Return it in words, without the line."""
        if self.act in (Act.OPAQUE, Act.FAILS):
            return self.note
        if self.act is Act.ROWS:
            return f"changes rows of {self.table} ({self.aspect})"
        thing = f"{self.kind} {self.table}.{self.name}" if self.table else f"{self.kind} {self.name}"
        if self.act is Act.ALTER:
            return f"alters the {self.aspect} of {thing}"
        if self.act is Act.RENAME:
            return f"renames {thing} to {self.value}"
        return f"{self.act} {thing}"


def opaque(line: int, note: str) -> Effect:
    """Return the effect of something that is not understood."""
    return Effect(act=Act.OPAQUE, kind=Kind.OTHER, name="", line=line, note=note)


def fails(line: int, note: str) -> Effect:
    """Return the effect of something that fails whenever it is run."""
    return Effect(act=Act.FAILS, kind=Kind.OTHER, name="", line=line, note=note)


def generated_name(table: str, columns: tuple[str, ...], demand: str) -> str:
    """Return the name that PostgreSQL gives a constraint without one; "" where that cannot be told.

    Source: ChooseConstraintName and makeObjectName in PostgreSQL; how it cuts a name of more than 63 bytes
    is not repeated here.
    """
    ending = {"foreign": "fkey", "unique": "key", "primary": "pkey"}.get(demand, "")
    middle = () if demand == "primary" else columns
    made = "_".join((table.rpartition(".")[2], *middle, ending))
    return made if ending and len(made.encode()) <= 63 and (columns or demand == "primary") else ""
