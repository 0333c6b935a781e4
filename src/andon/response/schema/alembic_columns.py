"""SQLAlchemy's columns, tables and types as a migration writes them."""

from __future__ import annotations

import ast

from andon.response.schema.effects import Act, Effect, Kind, generated_name, opaque
from andon.response.schema.expressions import argument, keyword, literal, resolved, tail, text_of
from andon.response.schema.names import bare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from andon.response.schema.expressions import Names


def enum_of(node: ast.expr | None, names: Names) -> str:
    """Return the name of the database type that an `Enum(...)` stands for; "" for anything else."""
    node = resolved(node, names)
    if not isinstance(node, ast.Call) or tail(node.func) not in ("Enum", "ENUM"):
        return ""
    given = keyword(node, "name")
    if given is not None:
        return bare(text_of(given, names) or "")
    first = node.args[0] if node.args else None
    return tail(first).lower() if isinstance(first, (ast.Name, ast.Attribute)) else ""


def enum_definition(node: ast.Call, name: str, names: Names) -> str:
    """Return the SQL that makes a type with its values, in one normal form; "" when they are not written."""
    said = literal(ast.List(elts=list(node.args), ctx=ast.Load()), names)
    if not isinstance(said, list) or not said or not all(isinstance(v, str) for v in said):
        return ""
    values = ", ".join("'{}'".format(v.replace("'", "''")) for v in said)
    return f"CREATE TYPE {name} AS ENUM ({values})"


def _makes_type(node: ast.expr | None, names: Names) -> str:
    """Return the type that a table makes along with itself: SQLAlchemy does it unless told otherwise."""
    node = resolved(node, names)
    name = enum_of(node, names)
    if not name or not isinstance(node, ast.Call):
        return ""
    off = [keyword(node, "create_type"), keyword(node, "native_enum")]
    return "" if any(k is not None and literal(k, names) is False for k in off) else name


def type_text(node: ast.expr | None, names: Names) -> str | None:
    """Return a type in a form that can be compared: `varchar(20)`, `enum colour`; None when none is given."""
    node = resolved(node, names)
    if node is None:
        return None
    enum = enum_of(node, names)
    if enum:
        return f"enum {enum}"
    if isinstance(node, ast.Call):
        size = argument(node, 0, "length")
        said = literal(size, names)
        name = tail(node.func).lower()
        if isinstance(said, int):
            return f"{name}({said})"
        others = ", ".join(ast.unparse(a) for a in (*node.args, *(k.value for k in node.keywords)))
        return f"{name}({others})" if others and name != "text" else name
    return tail(node).lower() or None


def added(column: ast.Call, table: str, line: int, names: Names, conditional: bool) -> Sequence[Effect]:
    """Return the effects of `add_column`."""
    name = bare(text_of(argument(column, 0, "name"), names))
    spread = any(k.arg is None for k in column.keywords) or any(
        isinstance(a, ast.Starred) for a in column.args
    )
    if tail(column.func) != "Column" or not name or spread:
        return (opaque(line, "a column that is not written here"),)
    return tuple(_column(column, name, table, line, names, conditional))


def _flag(call: ast.Call, name: str, names: Names, default: bool) -> bool:
    node = keyword(call, name)
    said = literal(node, names) if node is not None else default
    return said if isinstance(said, bool) else not default


def _fills(column: ast.Call, names: Names) -> bool:
    """True when the database has a default for it: one that is given, and is not "none"."""
    node = keyword(column, "server_default")
    default = resolved(node, names)
    if isinstance(default, ast.Call) and tail(default.func) == "null":
        return False
    said = literal(default, names)
    return node is not None and said is not None and str(said).strip().lower() != "null"


def _column(
    column: ast.Call, name: str, table: str, line: int, names: Names, conditional: bool
) -> Iterator[Effect]:
    inside = [resolved(a, names) for a in column.args[1:]]
    makers = {tail(a.func): a for a in inside if isinstance(a, ast.Call)}
    primary = _flag(column, "primary_key", names, False)
    filled = _fills(column, names) or "Identity" in makers or "Computed" in makers
    nullable = _flag(column, "nullable", names, not primary)
    yield Effect(
        act=Act.CREATE,
        kind=Kind.COLUMN,
        table=table,
        name=name,
        line=line,
        must_have=not nullable,
        is_filled=filled,
        is_conditional=conditional,
        needs=tuple(n for a in inside if (n := enum_of(a, names))),
    )

    def constrained(demand: str, given: str) -> Effect:
        return Effect(
            act=Act.CREATE,
            kind=Kind.CONSTRAINT,
            table=table,
            name=given or generated_name(table, (name,), demand) or f"({demand} without a name)",
            columns=(name,),
            demands=frozenset((demand,)),
            line=line,
        )

    if "ForeignKey" in makers:
        yield constrained("foreign", bare(text_of(keyword(makers["ForeignKey"], "name"), names)))
    if _flag(column, "unique", names, False):
        yield constrained("unique", "")
    if _flag(column, "index", names, False):
        yield Effect(
            act=Act.CREATE,
            kind=Kind.INDEX,
            table=table,
            name=f"ix_{table}_{name}",
            columns=(name,),
            demands=frozenset(("plain",)),
            line=line,
        )


def made_table(call: ast.Call, table: str, names: Names, conditional: bool) -> Sequence[Effect]:
    """Return the effects of `create_table`: the table, and the types that are made along with it."""
    needs: list[str] = []
    types: list[str] = []
    for given in call.args[1:]:
        part = resolved(given, names)
        if isinstance(part, ast.Starred) or not isinstance(part, ast.Call):
            return (opaque(call.lineno, "a table with parts that are not written here"),)
        needs += _needed(part, names)
        if tail(part.func) == "Column":
            for inside in (*part.args[1:], keyword(part, "type_")):
                kind = _makes_type(inside, names)
                types += [kind] if kind else []
                needs += [n for n in [enum_of(inside, names)] if n]
    line = call.lineno
    made_types = [Effect(act=Act.CREATE, kind=Kind.TYPE, name=t, line=line) for t in dict.fromkeys(types)]
    indexes: list[Effect] = []
    for given in call.args[1:]:
        part = resolved(given, names)
        if isinstance(part, ast.Call) and _flag(part, "index", names, False):
            name = bare(text_of(argument(part, 0, "name"), names))
            indexes.append(
                Effect(
                    act=Act.CREATE,
                    kind=Kind.INDEX,
                    table=table,
                    name=f"ix_{table}_{name}",
                    columns=(name,),
                    demands=frozenset(("plain",)),
                    line=line,
                )
            )
    made = Effect(
        act=Act.CREATE,
        kind=Kind.TABLE,
        name=table,
        line=line,
        needs=tuple(dict.fromkeys(n for n in needs if n != table)),
        is_conditional=conditional,
    )
    return (*made_types, made, *indexes)


def _needed(part: ast.Call, names: Names) -> list[str]:
    """Return the tables that the foreign keys in a part point to."""
    found = []
    for call in ast.walk(part):
        if not isinstance(call, ast.Call):
            continue
        if tail(call.func) == "ForeignKey":
            target = text_of(argument(call, 0, "column"), names)
            found += [bare(target.rpartition(".")[0])] if target else []
        if tail(call.func) == "ForeignKeyConstraint":
            targets = literal(argument(call, 1, "refcolumns"), names)
            if isinstance(targets, list):
                found += [bare(str(t).rpartition(".")[0]) for t in targets]
    return found
