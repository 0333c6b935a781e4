"""Rows that SQLAlchemy's expressions write: `table.insert().values(...)` and the like, as effects."""

from __future__ import annotations

import ast

from andon.response.schema.effects import Act, Effect, Kind
from andon.response.schema.expressions import UNTOLD, argument, literal, resolved, tail, text_of
from andon.response.schema.names import bare
from andon.response.schema.sql_rows import UNSAID

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.response.schema.expressions import Names

#: Rows and values that are followed; more is data.
_MOST = 500


def core_rows(node: ast.expr | None, names: Names) -> Effect | None:
    """Read `table.update().where(...).values(...)`, an insert or a delete; None for anything else."""
    line = node.lineno if node is not None else 1
    written: list[tuple[str, str]] | None = []
    where: list[frozenset[str]] | None = [frozenset()]
    while isinstance(node, ast.Call):
        verb = tail(node.func)
        if verb == "values":
            written = _pairs(node, names)
        elif verb == "where":
            where = _narrowed(where, node, names)
        elif verb in ("update", "insert", "delete"):
            table = _table(node, names)
            if not table or written is None:
                return None
            return _effect(verb, table, written, where, line)
        if verb not in ("where", "values", "returning") or not isinstance(node.func, ast.Attribute):
            return None
        node = resolved(node.func.value, names)
    return None


def _effect(
    verb: str, table: str, written: list[tuple[str, str]], where: list[frozenset[str]] | None, line: int
) -> Effect:
    row = frozenset(f"{name}={value}" for name, value in written)
    said = all(value != UNSAID for _, value in written)
    known = tuple(w for w in where or () if w)
    return Effect(
        act=Act.ROWS,
        kind=Kind.TABLE,
        name="",
        table=table,
        aspect=verb,
        columns=tuple(name for name, _ in written),
        line=line,
        rows=known if verb == "delete" else (row,) if verb == "insert" and written else (),
        where=known if verb == "update" else (),
        values=row if verb == "update" and said else frozenset(),
    )


def bulk_rows(node: ast.expr | None, names: Names) -> tuple[frozenset[str], ...]:
    """Return the rows of `[{"a": 1}, ...]`; empty when they are not all written there."""
    listed = resolved(node, names)
    if not isinstance(listed, (ast.List, ast.Tuple)) or not 0 < len(listed.elts) <= _MOST:
        return ()
    rows = []
    for element in listed.elts:
        said = resolved(element, names)
        pairs = _of_dict(said, names) if isinstance(said, ast.Dict) else None
        if not pairs:
            return ()
        rows.append(frozenset(f"{name}={value}" for name, value in pairs))
    return tuple(rows)


def _table(call: ast.Call, names: Names) -> str:
    holder = call.args[0] if call.args else call.func.value if isinstance(call.func, ast.Attribute) else None
    made = resolved(holder, names)
    if not isinstance(made, ast.Call) or tail(made.func) not in ("table", "Table"):
        return ""
    return bare(text_of(argument(made, 0, "name"), names))


def _pairs(call: ast.Call, names: Names) -> list[tuple[str, str]] | None:
    """Return what `values(...)` writes; None when not even the columns are written there."""
    found: list[tuple[str, str]] = []
    for given in call.args:
        said = resolved(given, names)
        pairs = _of_dict(said, names) if isinstance(said, ast.Dict) else None
        if pairs is None:
            return None
        found += pairs
    for named in call.keywords:
        if named.arg is None:
            return None
        found.append((bare(named.arg), _spelled(named.value, names)))
    return found


def _of_dict(said: ast.Dict, names: Names) -> list[tuple[str, str]] | None:
    keys = [_column(key, names) for key in said.keys]
    if not all(keys):
        return None
    return [(k, _spelled(v, names)) for k, v in zip(keys, said.values, strict=True)]


def _column(node: ast.expr | None, names: Names) -> str:
    """Return the name of a column: a text, `column("a")`, `table.c.a`; "" for anything else."""
    node = resolved(node, names)
    match node:
        case ast.Attribute(attr=name, value=ast.Attribute(attr="c" | "columns")):
            return bare(name)
        case ast.Subscript(value=ast.Attribute(attr="c" | "columns"), slice=inner):
            return bare(text_of(inner, names))
        case ast.Call() if tail(node.func) in ("column", "Column"):
            return bare(text_of(argument(node, 0, "name"), names))
    return bare(text_of(node, names))


def _spelled(node: ast.expr, names: Names) -> str:
    """Return a value as SQL spells it, or UNSAID."""
    value = resolved(node, names)
    if isinstance(value, ast.Call) and tail(value.func) in ("inline_literal", "literal") and value.args:
        value = value.args[0]
    said = literal(value, names)
    if said is UNTOLD or said is None or isinstance(said, (list, bytes)):
        return UNSAID
    if isinstance(said, bool):
        return str(said).upper()
    return "'{}'".format(said.replace("'", "''")) if isinstance(said, str) else str(said)


def _narrowed(
    where: list[frozenset[str]] | None, call: ast.Call, names: Names
) -> list[frozenset[str]] | None:
    """Return whom a further `where(...)` leaves; None when a condition is not a list of fixed values."""
    for condition in (c for given in call.args for c in _conditions(resolved(given, names))):
        choices = _choices(condition, names)
        if where is None or not choices or len(choices) * len(where) > _MOST:
            return None
        where = [entry | {choice} for entry in where for choice in choices]
    return None if call.keywords or not call.args else where


def _conditions(node: ast.expr | None) -> Iterator[ast.expr | None]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd):
        yield from _conditions(node.left)
        yield from _conditions(node.right)
    elif isinstance(node, ast.Call) and tail(node.func) == "and_":
        for given in node.args:
            yield from _conditions(given)
    else:
        yield node


def _choices(node: ast.expr | None, names: Names) -> list[str]:
    """Return the `column=value` that a condition allows; empty when it is no list of fixed values."""
    match node:
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
            column, values = _column(left, names), [right]
        case ast.Call(func=ast.Attribute(attr="in_", value=left), args=[given]):
            listed = resolved(given, names)
            column, values = _column(left, names), getattr(listed, "elts", [])
        case _:
            return []
    said = [_spelled(v, names) for v in values]
    return [f"{column}={s}" for s in said] if column and UNSAID not in said else []
