"""What an INSERT, UPDATE or DELETE writes and whom it concerns, as far as it is all written there."""

from __future__ import annotations

from sqlglot import exp

from andon.response.schema.effects import Act, Effect, Kind, opaque
from andon.response.schema.expressions import MARK
from andon.response.schema.names import bare, named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: Stands for a value of a row that is not fixed.
UNSAID = "?"
#: Values an IN may list; more is data.
_MOST_VALUES = 500


#: Functions that only make a value, among those that the parser does not know.
_MAKE_VALUES = frozenset(
    (
        *("gen_random_uuid", "uuid_generate_v1", "uuid_generate_v4", "random", "now", "clock_timestamp"),
        *("statement_timestamp", "transaction_timestamp", "setseed", "btrim", "initcap", "md5", "nextval"),
        *("to_tsvector", "to_json", "to_jsonb", "json_build_object", "jsonb_build_object", "jsonb_set"),
        *("array_remove", "array_append", "quote_literal", "format", "unaccent", "digest", "encode"),
    )
)


def row_effect(found: exp.Expr, line: int) -> Effect:
    """Return the effect of a statement that writes rows."""
    for call in found.find_all(exp.Anonymous):
        if call.name.lower() not in _MAKE_VALUES:
            return opaque(line, f"calls {call.name[:60]}(), which may do anything")
    target = found.this
    table = named(target.this if isinstance(target, exp.Schema) else target)
    if not table or not isinstance(target, (exp.Table, exp.Schema)):
        return opaque(line, "rows are written into something that is not a table")
    if isinstance(found, exp.Update):
        return _updated(found, table, line)
    if isinstance(found, exp.Insert):
        return Effect(
            act=Act.ROWS,
            kind=Kind.TABLE,
            name="",
            table=table,
            aspect="insert",
            line=line,
            rows=_inserted(found),
        )
    return Effect(
        act=Act.ROWS, kind=Kind.TABLE, name="", table=table, aspect="delete", line=line, rows=_where(found)
    )


def _updated(found: exp.Update, table: str, line: int) -> Effect:
    calls = [c.name.lower() for c in found.find_all(exp.Anonymous)]
    pairs = [(bare(e.this.name), e.expression) for e in found.expressions if isinstance(e, exp.EQ)]
    if not pairs or len(pairs) != len(found.expressions) or "nextval" in calls:
        return opaque(line, "an UPDATE that cannot be followed")
    said = [f"{name}={fixed(value)}" for name, value in pairs if fixed(value)]
    return Effect(
        act=Act.ROWS,
        kind=Kind.TABLE,
        name="",
        table=table,
        aspect="update",
        line=line,
        columns=tuple(name for name, _ in pairs),
        values=frozenset(said) if len(said) == len(pairs) else frozenset(),
        where=() if found.args.get("from_") or found.args.get("from") else _where(found),
    )


def fixed(found: exp.Expr | None) -> str:
    """Return a value in one form when it is the same at every run; "" for any other."""
    while isinstance(found, (exp.Paren, exp.Cast)) and not isinstance(found, exp.TryCast):
        found = found.this
    match found:
        case exp.Literal() | exp.Boolean():
            said = found.sql("postgres")
        case exp.Neg(this=exp.Literal()):
            said = found.sql("postgres")
        case exp.Subquery():
            # The row that another table holds for a fixed name; what it calls could differ from run to run.
            said = "" if found.find(exp.Func, exp.Placeholder) else found.sql("postgres")
        case _:
            said = ""
    return "" if MARK in said else said


def _inserted(found: exp.Insert) -> tuple[frozenset[str], ...]:
    """Return the rows of `INSERT INTO t (a, b) VALUES (1, 'x')`; empty when not all are written there.

    Without the names of columns they are `#0`, `#1`. What only the moment of running knows is UNSAID.
    """
    values, schema = found.args.get("expression"), found.this
    if not isinstance(values, exp.Values) or found.args.get("conflict"):
        return ()
    names = [bare(i.name) for i in schema.expressions] if isinstance(schema, exp.Schema) else None
    rows = []
    for row in values.expressions:
        given = row.expressions if isinstance(row, exp.Tuple) else [row]
        if names is not None and len(given) != len(names):
            return ()
        called = names or [f"#{n}" for n in range(len(given))]
        pairs = [(n, fixed(e)) for n, e in zip(called, given, strict=True)]
        rows.append(frozenset(f"{n}={e or UNSAID}" for n, e in pairs))
    return tuple(rows)


def _where(found: exp.Expr) -> tuple[frozenset[str], ...]:
    """Return whom `WHERE a = 1 AND b IN (1, 2)` concerns, one entry each; empty for any other condition."""
    where = found.args.get("where")
    if where is None or found.args.get("using"):
        return ()
    told = where.this
    while isinstance(told, exp.Paren):
        told = told.this
    entries = [frozenset[str]()]
    for part in list(told.flatten()) if isinstance(told, exp.And) else [told]:
        choices = _choices(part)
        if not choices or len(choices) * len(entries) > _MOST_VALUES:
            return ()
        entries = [entry | {choice} for entry in entries for choice in choices]
    return tuple(entries)


def _choices(part: exp.Expr) -> Sequence[str]:
    """Return the `column=value` that a condition allows; empty when it is no list of fixed values."""
    while isinstance(part, exp.Paren):
        part = part.this
    column = part.this
    while isinstance(column, exp.Cast):
        column = column.this
    if not isinstance(column, exp.Column):
        return ()
    if isinstance(part, exp.EQ):
        values = [part.expression]
    elif isinstance(part, exp.In) and part.expressions:
        values = list(part.expressions)
    else:
        return ()
    said = [fixed(v) for v in values]
    return [f"{bare(column.name)}={s}" for s in said] if all(said) else ()
