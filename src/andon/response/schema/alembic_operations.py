"""Alembic's operations, one reader each, and the arguments as a migration writes them."""

from __future__ import annotations

import ast

from andon.response.schema.alembic_columns import added, made_table, type_text
from andon.response.schema.alembic_rows import bulk_rows
from andon.response.schema.effects import Act, Effect, Kind, fails, generated_name, opaque
from andon.response.schema.expressions import (
    UNTOLD,
    argument,
    keyword,
    literal,
    resolved,
    tail,
    text_of,
    texts_of,
)
from andon.response.schema.names import bare
from andon.response.schema.sql import condition_columns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from andon.response.schema.expressions import Names


def is_op(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "op"


def batch_table(receiver: ast.expr | None, names: Names) -> str | None:
    """Return the table of a `batch_op`; None for anything else, "" when its name is not written."""
    if isinstance(receiver, ast.Call) and is_op(receiver.func) and tail(receiver.func) == "batch_alter_table":
        return _in_schema(text_of(argument(receiver, 0, "table_name"), names), receiver, names)
    return None


def _in_schema(name: str | None, call: ast.Call, names: Names, key: str = "schema") -> str:
    schema = keyword(call, key)
    said = literal(schema, names) if schema is not None else None
    if name is None or said is UNTOLD:
        return ""
    return bare(f"{said}.{name}") if isinstance(said, str) else bare(name)


class Said:
    """The arguments of one operation, by place or name; a batch leaves the table out."""

    def __init__(self, call: ast.Call, names: Names, table: str | None, shift: int) -> None:
        self.call, self.names, self.batch, self.shift = call, names, table, shift
        self.line = call.lineno
        self.is_untold = False

    def node(self, place: int, *called: str) -> ast.expr | None:
        return argument(self.call, place, *called)

    def table(self, place: int, *called: str) -> str:
        """Return the table's name; in a batch it is the batch's."""
        if self.batch is not None:
            return self.batch
        return _in_schema(text_of(self.node(place, *called), self.names), self.call, self.names)

    def after(self, place: int, *called: str) -> ast.expr | None:
        """Return an argument that stands behind the table's."""
        return self.node(place + self.shift, *called)

    def text(self, node: ast.expr | None) -> str:
        return bare(text_of(node, self.names) or "")

    def list(self, node: ast.expr | None) -> tuple[str, ...]:
        """Return the names of columns; what is no name (an expression) is left out."""
        node = resolved(node, self.names)
        if isinstance(node, (ast.List, ast.Tuple)):
            said = [text_of(e, self.names) for e in node.elts if not isinstance(e, ast.Call)]
            return tuple(bare(s) for s in said if s)
        found = texts_of(node, self.names)
        return tuple(bare(f) for f in found or ())

    def flag(self, name: str) -> bool:
        node = keyword(self.call, name)
        said = literal(node, self.names) if node is not None else False
        if said is UNTOLD:
            self.is_untold = True
        return bool(said)

    def effect(self, act: Act, kind: Kind, name: str, **more: object) -> Effect:
        return Effect(act=act, kind=kind, name=name, line=self.line, **more)  # type: ignore[arg-type]


def _create_table(said: Said) -> Sequence[Effect]:
    return made_table(said.call, said.table(0, "table_name"), said.names, said.flag("if_not_exists"))


def _drop_table(said: Said) -> Sequence[Effect]:
    name = said.table(0, "table_name")
    return (said.effect(Act.DROP, Kind.TABLE, name, is_conditional=said.flag("if_exists")),)


def _rename_table(said: Said) -> Sequence[Effect]:
    new = _in_schema(text_of(said.node(1, "new_table_name"), said.names), said.call, said.names)
    if not new:
        return (opaque(said.line, "a new name that is not written here"),)
    return (said.effect(Act.RENAME, Kind.TABLE, said.table(0, "old_table_name"), value=new),)


def _add_column(said: Said) -> Sequence[Effect]:
    table = said.table(0, "table_name")
    column = resolved(said.after(1, "column"), said.names)
    if not table or not isinstance(column, ast.Call):
        return (opaque(said.line, "a column that is not written here"),)
    return added(column, table, said.line, said.names, said.flag("if_not_exists"))


def _drop_column(said: Said) -> Sequence[Effect]:
    table, name = said.table(0, "table_name"), said.text(said.after(1, "column_name"))
    if not table:
        name = ""
    return (said.effect(Act.DROP, Kind.COLUMN, name, table=table, is_conditional=said.flag("if_exists")),)


def _alter_column(said: Said) -> Sequence[Effect]:
    table, name = said.table(0, "table_name"), said.text(said.after(1, "column_name"))
    if not table or not name:
        return (opaque(said.line, "a column whose name is not written here"),)
    found = []

    def altered(aspect: str, value: str | None, before: str | None = None) -> None:
        found.append(
            said.effect(Act.ALTER, Kind.COLUMN, name, table=table, aspect=aspect, value=value, before=before)
        )

    call, names = said.call, said.names
    kind = keyword(call, "type_")
    if kind is not None:
        if keyword(call, "postgresql_using") is not None and not _is_cast(call, names, name):
            return (opaque(said.line, f"the values of {table}.{name} are computed anew"),)
        altered("type", type_text(kind, names), type_text(keyword(call, "existing_type"), names))
    default = keyword(call, "server_default")
    if default is not None and literal(default, names) is not False:
        altered(
            "default", _default(default, names), _default(keyword(call, "existing_server_default"), names)
        )
    nullable = keyword(call, "nullable")
    if nullable is not None:
        value = literal(nullable, names)
        if not isinstance(value, bool):
            return (opaque(said.line, "nullable= is not written here"),)
        was = literal(keyword(call, "existing_nullable"), names)
        told = {True: "yes", False: "no"}
        if was is not value:
            altered("nullable", told[value])
    comment = keyword(call, "comment")
    if comment is not None and literal(comment, names) is not False:
        altered("comment", text_of(comment, names), text_of(keyword(call, "existing_comment"), names))
    new = keyword(call, "new_column_name")
    if new is not None:
        renamed = said.text(new)
        if not renamed:
            return (opaque(said.line, "a new name that is not written here"),)
        found.append(said.effect(Act.RENAME, Kind.COLUMN, name, table=table, value=renamed))
    return found


def _is_cast(call: ast.Call, names: Names, column: str) -> bool:
    using = (
        (text_of(keyword(call, "postgresql_using"), names) or "").lower().replace('"', "").replace(" ", "")
    )
    return using.partition("::")[0] == column and using.count("::") == 1


def _default(node: ast.expr | None, names: Names) -> str | None:
    if node is None or literal(node, names) is None:
        return None
    said = literal(node, names)
    return str(said) if said is not UNTOLD else ast.unparse(node)[:200]


def _create_index(said: Said) -> Sequence[Effect]:
    table = said.table(1, "table_name")
    columns = said.list(said.after(2, "columns"))
    unique = said.flag("unique")
    name = said.text(said.node(0, "index_name"))
    return (
        said.effect(
            Act.CREATE,
            Kind.INDEX,
            name if table else "",
            table=table,
            columns=columns,
            demands=frozenset(("unique",)) if unique else frozenset(("plain",)),
            is_conditional=said.flag("if_not_exists"),
        ),
    )


def _drop_index(said: Said) -> Sequence[Effect]:
    return (
        said.effect(
            Act.DROP,
            Kind.INDEX,
            said.text(said.node(0, "index_name")),
            table=said.table(1, "table_name"),
            is_conditional=said.flag("if_exists"),
        ),
    )


def _constraint(demand: str, columns_at: int, *columns_called: str) -> Callable[[Said], Sequence[Effect]]:
    def read(said: Said) -> Sequence[Effect]:
        table = said.table(1, "table_name", "source_table")
        columns = said.list(said.after(columns_at, *columns_called)) if columns_called else ()
        if demand == "check":
            columns = condition_columns(text_of(said.after(2, "condition"), said.names) or "")
        name = said.text(said.node(0, "constraint_name"))
        given = literal(said.node(0, "constraint_name"), said.names)
        if given is None and table:  # the database makes a name up
            name = generated_name(table, columns, demand) or f"({demand} without a name)"
        return (
            said.effect(
                Act.CREATE,
                Kind.CONSTRAINT,
                name if table else "",
                table=table,
                columns=columns,
                demands=frozenset((demand,)),
            ),
        )

    return read


def _drop_constraint(said: Said) -> Sequence[Effect]:
    node = said.node(0, "constraint_name")
    if node is None or literal(node, said.names) is None:
        return (fails(said.line, "a constraint without a name cannot be dropped"),)
    kinds = {"foreignkey": "foreign", "unique": "unique", "primary": "primary", "check": "check"}
    demand = kinds.get(text_of(said.after(2, "type_"), said.names) or "", "")
    table = said.table(1, "table_name")
    return (
        said.effect(
            Act.DROP,
            Kind.CONSTRAINT,
            said.text(node) if table else "",
            table=table,
            demands=frozenset((demand,)) if demand else frozenset(),
            is_conditional=said.flag("if_exists"),
        ),
    )


def _table_comment(said: Said) -> Sequence[Effect]:
    drops = tail(said.call.func) == "drop_table_comment"
    value = None if drops else text_of(said.after(1, "comment"), said.names)
    return (said.effect(Act.ALTER, Kind.TABLE, said.table(0, "table_name"), aspect="comment", value=value),)


def _bulk_insert(said: Said) -> Sequence[Effect]:
    made = resolved(said.node(0, "table"), said.names)
    table = bare(text_of(argument(made, 0, "name"), said.names)) if isinstance(made, ast.Call) else ""
    if not table:
        return (opaque(said.line, "rows for a table that is not named here"),)
    rows = bulk_rows(said.node(1, "rows"), said.names)
    return (said.effect(Act.ROWS, Kind.TABLE, "", table=table, aspect="insert", rows=rows),)


def _sync_enum_values(said: Said) -> Sequence[Effect]:
    """The values of a type, set to a list: alembic-postgresql-enum makes the type anew, both ways."""
    name = said.text(said.node(1, "enum_name"))
    values = texts_of(said.node(2, "new_values"), said.names)
    renamed = literal(keyword(said.call, "enum_values_to_rename"), said.names)
    if (
        values is None
        or renamed not in ([], UNTOLD)
        or (renamed is UNTOLD and keyword(said.call, "enum_values_to_rename"))
    ):
        return (opaque(said.line, "values of a type that are not written here, or renamed"),)
    return (said.effect(Act.ALTER, Kind.TYPE, name, aspect="values", value=", ".join(values)),)


OPERATIONS: dict[str, Callable[[Said], Sequence[Effect]]] = {
    "create_table": _create_table,
    "drop_table": _drop_table,
    "rename_table": _rename_table,
    "add_column": _add_column,
    "drop_column": _drop_column,
    "alter_column": _alter_column,
    "create_index": _create_index,
    "drop_index": _drop_index,
    "create_foreign_key": _constraint("foreign", 3, "local_cols"),
    "create_unique_constraint": _constraint("unique", 2, "columns"),
    "create_primary_key": _constraint("primary", 2, "columns"),
    "create_check_constraint": _constraint("check", 2),
    "create_exclude_constraint": _constraint("check", 2),
    "drop_constraint": _drop_constraint,
    "create_table_comment": _table_comment,
    "drop_table_comment": _table_comment,
    "bulk_insert": _bulk_insert,
    "sync_enum_values": _sync_enum_values,
}
