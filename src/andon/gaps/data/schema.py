"""What a table is made of, and how production's differs from the tests'. Pure."""

from __future__ import annotations

from enum import StrEnum

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Tables that tools keep for themselves; what they tell shows in the schema anyway.
BOOKKEEPING = frozenset(
    (
        "alembic_version", "django_migrations", "schema_migrations", "ar_internal_metadata",
        "knex_migrations", "knex_migrations_lock", "flyway_schema_history", "databasechangelog",
        "databasechangeloglock", "_prisma_migrations", "sequelizemeta", "migrations", "goose_db_version",
    )
)  # fmt: skip


class Family(StrEnum):
    """What a column holds, whichever database names its type."""

    TEXT = "text"
    WHOLE = "whole number"
    NUMBER = "number"
    TRUTH = "true or false"
    MOMENT = "moment"
    JSON = "JSON"
    OTHER = "other"


class Column(Record):
    """One column."""

    name: str
    #: As the database words it.
    type: str
    family: Family
    is_required: bool = False
    #: As the database words it; "" for none. Never shown: it may be a value.
    default: str = ""
    #: True when the database makes the value itself, always.
    is_made: bool = False
    #: Characters it holds at most; 0 for any number.
    longest: int = 0


class ForeignKey(Record):
    """Columns that repeat the key of another table's row."""

    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    #: False when only the column's name says so, as in `customer_id`.
    is_declared: bool = True


class Table(Record):
    """One table: its columns, its keys, how many rows it has."""

    #: With its schema where that is not the usual one: `orders`, `billing.invoices`.
    name: str
    columns: tuple[Column, ...]
    #: Columns of the primary key; () for none.
    key: tuple[str, ...] = ()
    uniques: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    count: int = 0
    #: False when the count is the database's own estimate.
    is_counted: bool = True
    #: The last key that the database made itself; None when it makes none.
    last_key: int | None = None
    #: Statements that make it, in order, as far as the database can say them.
    definition: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns that can be written."""
        return tuple(c.name for c in self.columns if not c.is_made)

    def column(self, name: str) -> Column | None:
        """Return a column by its name; None when there is none."""
        return next((c for c in self.columns if c.name == name), None)


class SchemaDifference(Record):
    """One way in which production's schema is another."""

    table: str
    #: "" when it is the table's as a whole.
    column: str = ""
    test: str
    production: str
    #: True when a program that fits the tests' schema is likely to fail on production's.
    is_breaking: bool = True


def with_named_keys(tables: Mapping[str, Table]) -> dict[str, tuple[ForeignKey, ...]]:
    """Return each table's foreign keys, with those that only a column's name (`customer_id`) tells of."""
    return {name: (*table.foreign_keys, *_named(table, tables)) for name, table in tables.items()}


def _named(table: Table, tables: Mapping[str, Table]) -> Iterator[ForeignKey]:
    declared = {column for key in table.foreign_keys for column in key.columns}
    for column in table.columns:
        stem = column.name.lower().removesuffix("_id")
        if column.name in declared or stem == column.name.lower() or not stem or (column.name,) == table.key:
            continue
        for parent in (stem, f"{stem}s", f"{stem}es", f"{stem[:-1]}ies" if stem.endswith("y") else stem):
            found = tables.get(parent)
            key = found.column(found.key[0]) if found and len(found.key) == 1 else None
            if found and key and parent != table.name and key.family is column.family:
                yield ForeignKey(
                    columns=(column.name,), parent=parent, parent_columns=found.key, is_declared=False
                )
                break


def schema_differences(
    test: Mapping[str, Table], prod: Mapping[str, Table], *, is_one_system: bool = True
) -> tuple[SchemaDifference, ...]:
    """Return how production's tables are made in another way, table by table.

    Between two database systems only what is there is compared: they word types and keys differently.
    """
    found: list[SchemaDifference] = []
    for name in sorted({*test, *prod}):
        if name.lower() in BOOKKEEPING:
            continue
        ours, theirs = test.get(name), prod.get(name)
        if theirs is None:
            found.append(SchemaDifference(table=name, test="there", production="no such table"))
        elif ours is None:
            found.append(
                SchemaDifference(table=name, test="no such table", production="there", is_breaking=False)
            )
        elif is_one_system:
            found += [*_columns(ours, theirs), *_keys(ours, theirs)]
        else:
            found += _only_there(ours, theirs)
    return tuple(found)


def _columns(ours: Table, theirs: Table) -> Iterator[SchemaDifference]:
    for column in ours.columns:
        other = theirs.column(column.name)
        if other is None:
            yield SchemaDifference(
                table=ours.name, column=column.name, test="there", production="no such column"
            )
            continue
        if _type(column) != _type(other):
            breaks = column.family is not other.family or 0 < other.longest < (column.longest or 1 << 40)
            narrower = _width(other) < _width(column)
            yield SchemaDifference(
                table=ours.name,
                column=column.name,
                test=column.type or "no type",
                production=other.type or "no type",
                is_breaking=breaks or narrower,
            )
        if column.is_required != other.is_required:
            yield SchemaDifference(
                table=ours.name,
                column=column.name,
                test="NOT NULL" if column.is_required else "may be null",
                production="NOT NULL" if other.is_required else "may be null",
                is_breaking=True,
            )
        if bool(column.default) != bool(other.default):
            yield SchemaDifference(
                table=ours.name,
                column=column.name,
                test="a default" if column.default else "no default",
                production="a default" if other.default else "no default",
                is_breaking=bool(column.default) and other.is_required,
            )
        elif column.default != other.default and not _is_counter(column.default, other.default):
            yield SchemaDifference(
                table=ours.name,
                column=column.name,
                test="a default",
                production="another default",
                is_breaking=False,
            )
    for column in theirs.columns:
        if ours.column(column.name) is None:
            yield SchemaDifference(
                table=ours.name,
                column=column.name,
                test="no such column",
                production="there" if not column.is_required or column.default else "there, must be given",
                is_breaking=column.is_required and not column.default and not column.is_made,
            )


def _only_there(ours: Table, theirs: Table) -> Iterator[SchemaDifference]:
    for name in sorted({c.name for c in ours.columns} ^ {c.name for c in theirs.columns}):
        is_ours = ours.column(name) is not None
        yield SchemaDifference(
            table=ours.name,
            column=name,
            test="there" if is_ours else "no such column",
            production="no such column" if is_ours else "there",
            is_breaking=is_ours,
        )


def _is_counter(one: str, other: str) -> bool:
    return one.startswith("nextval(") and other.startswith("nextval(")


def _type(column: Column) -> str:
    return " ".join(column.type.lower().split())


def _width(column: Column) -> int:
    return {"smallint": 2, "integer": 4, "bigint": 8}.get(_type(column), 8)


def _keys(ours: Table, theirs: Table) -> Iterator[SchemaDifference]:
    if ours.key != theirs.key:
        yield SchemaDifference(
            table=ours.name, test=_of("primary key", ours.key), production=_of("primary key", theirs.key)
        )
    yield from _sets(ours.name, "unique", set(ours.uniques) - {ours.key}, set(theirs.uniques) - {theirs.key})
    yield from _sets(ours.name, "index", set(ours.indexes), set(theirs.indexes))
    own = {(k.columns, k.parent, k.parent_columns) for k in ours.foreign_keys if k.is_declared}
    other = {(k.columns, k.parent, k.parent_columns) for k in theirs.foreign_keys if k.is_declared}
    for columns, parent, _ in sorted(own ^ other):
        key = f"foreign key ({', '.join(columns)}) to {parent}"
        is_ours = any(k[:2] == (columns, parent) for k in own - other)
        yield SchemaDifference(
            table=ours.name,
            column=columns[0] if len(columns) == 1 else "",
            test=key if is_ours else f"no {key}",
            production=f"no {key}" if is_ours else key,
            is_breaking=True,
        )


def _sets(
    table: str, word: str, ours: set[tuple[str, ...]], theirs: set[tuple[str, ...]]
) -> Iterator[SchemaDifference]:
    for columns in sorted(ours ^ theirs):
        is_ours = columns in ours
        named = _of(word, columns)
        yield SchemaDifference(
            table=table,
            column=columns[0] if len(columns) == 1 else "",
            test=named if is_ours else f"no {named}",
            production=f"no {named}" if is_ours else named,
            # A missing index makes slow; a unique key that is there or missing changes what can be written.
            is_breaking=word == "unique",
        )


def _of(word: str, columns: tuple[str, ...]) -> str:
    return f"{word} ({', '.join(columns)})" if columns else f"no {word}"
