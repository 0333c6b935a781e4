"""What one parsed SQL statement does."""

from __future__ import annotations

import re

from sqlglot import exp
from sqlglot.errors import SqlglotError

from andon.response.schema.alterations import alterations
from andon.response.schema.effects import Act, Effect, Kind, opaque
from andon.response.schema.names import bare, named, names_of
from andon.response.schema.sql_rows import row_effect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def statement_effects(found: exp.Expr, line: int) -> Iterator[Effect]:
    """Yield what one parsed statement does."""
    if _hidden_write(found):
        yield opaque(line, "rows are written inside a query")
        return
    match found:
        case exp.Create():
            if isinstance(found.expression, exp.Query):
                yield from _query(found.expression, line)
            yield from _create(found, line)
        case exp.Drop():
            yield from _drop(found, line)
        case exp.Alter():
            yield from alterations(found, line)
        case exp.Insert() | exp.Update() | exp.Delete():
            yield row_effect(found, line)
        case exp.TruncateTable():
            for table in found.expressions:
                yield Effect(
                    act=Act.ROWS, kind=Kind.TABLE, name="", table=named(table), aspect="truncate", line=line
                )
        case exp.Set():
            if not _is_setting(found):
                yield opaque(line, "a SET that is not a plain setting")
        case exp.Select() | exp.Union():
            yield from _query(found, line)
        case exp.Comment():
            yield _comment(found, line)
        case exp.Commit() | exp.Rollback() | exp.Transaction() | exp.Analyze() | exp.Semicolon() | exp.Use():
            pass
        case exp.Pragma():
            yield opaque(line, "a PRAGMA can change how the database works")
        case _:
            yield opaque(line, f"not understood: {found.key.upper()} {_brief_sql(found)}")


def _brief_sql(found: exp.Expr) -> str:
    try:
        return " ".join(found.sql("postgres").split())[:80]
    except (SqlglotError, RecursionError, ValueError, AttributeError, TypeError):
        return ""


def _hidden_write(found: exp.Expr) -> bool:
    writes: tuple[type, ...] = (exp.Insert, exp.Update, exp.Delete, exp.Create, exp.Merge, exp.Command)
    if not isinstance(found, exp.Alter):  # there it is one of the actions
        writes = (*writes, exp.Drop)
    return any(node is not found and isinstance(node, writes) for node in found.walk())


def _is_setting(found: exp.Set) -> bool:
    """True for the settings that cannot change what the other statements do."""
    spelled = _brief_sql(found).lower()
    return bool(
        re.match(r"set (session |local )?(statement_timeout|lock_timeout|idle_in_transaction\w*)\b", spelled)
        or re.match(
            r"set (session |local )?(client_min_messages|maintenance_work_mem|work_mem|timezone)\b", spelled
        )
    )


_HARMLESS = frozenset(
    (
        "pg_advisory_lock",
        "pg_advisory_unlock",
        "pg_advisory_xact_lock",
        "hashtext",
        "version",
        "current_database",
    )
)


def _query(found: exp.Expr, line: int) -> Iterator[Effect]:
    """A query changes nothing, unless it calls a function that nobody knows or makes a table."""
    if found.args.get("into"):
        yield opaque(line, "SELECT INTO makes a table")
    for call in found.find_all(exp.Anonymous):
        if call.name.lower() not in _HARMLESS:
            yield opaque(line, f"calls {call.name[:60]}(), which may do anything")


def _comment(found: exp.Comment, line: int) -> Effect:
    kind = str(found.args.get("kind") or "").upper()
    text = found.expression.name if isinstance(found.expression, exp.Literal) else None
    if kind == "COLUMN" and isinstance(found.this, exp.Column):
        return Effect(
            act=Act.ALTER,
            kind=Kind.COLUMN,
            table=bare(found.this.table),
            name=bare(found.this.name),
            aspect="comment",
            value=text,
            line=line,
        )
    if kind == "TABLE":
        return Effect(
            act=Act.ALTER, kind=Kind.TABLE, name=named(found.this), aspect="comment", value=text, line=line
        )
    return Effect(
        act=Act.ALTER,
        kind=Kind.OTHER,
        name=f"{kind} {_brief_sql(found.this)}",
        aspect="comment",
        value=text,
        line=line,
    )


_KINDS = {
    "TABLE": Kind.TABLE,
    "VIEW": Kind.VIEW,
    "INDEX": Kind.INDEX,
    "TYPE": Kind.TYPE,
    "DOMAIN": Kind.TYPE,
    "SEQUENCE": Kind.SEQUENCE,
    "SCHEMA": Kind.SCHEMA,
    "FUNCTION": Kind.FUNCTION,
    "PROCEDURE": Kind.FUNCTION,
    "TRIGGER": Kind.TRIGGER,
}


def _create(found: exp.Create, line: int) -> Iterator[Effect]:
    kind = _KINDS.get(str(found.args.get("kind") or "").upper())
    act = Act.REPLACE if found.args.get("replace") else Act.CREATE
    conditional = bool(found.args.get("exists"))
    if kind is None or _is_temporary(found):
        if kind is None:
            yield opaque(line, f"not understood: CREATE {str(found.args.get('kind'))[:40]}")
        return
    if kind is Kind.INDEX:
        yield _index(found, line, conditional)
    elif kind is Kind.TABLE:
        yield from _table(found, line, act, conditional)
    elif kind is Kind.TRIGGER:
        on = next(iter(found.find_all(exp.TriggerProperties)), None)
        table = named(on.args["table"]) if on is not None and on.args.get("table") else ""
        if not table:
            yield opaque(line, "a trigger on something that is not a table")
            return
        yield Effect(
            act=act, kind=kind, name=bare(found.name), table=table, line=line, is_conditional=conditional
        )
    else:
        holder = found.find(exp.Table)
        name = named(found.this) or bare(holder.db if holder is not None else "")
        if not name:
            yield opaque(line, f"a {kind} without a name that can be read")
            return
        yield Effect(
            act=act, kind=kind, name=name, line=line, is_conditional=conditional, definition=_brief_sql(found)
        )


def _is_temporary(found: exp.Create) -> bool:
    return any(isinstance(p, exp.TemporaryProperty) for p in found.find_all(exp.TemporaryProperty))


def _index(found: exp.Create, line: int, conditional: bool) -> Effect:
    index = found.this
    table = named(index.args.get("table")) if isinstance(index, exp.Index) else ""
    if not table or not isinstance(index, exp.Index):
        return opaque(line, "an index on something that is not a table")
    columns = names_of(index.args.get("params") or index)
    name = bare(index.name) or f"{table}_{'_'.join(columns)}_idx"
    return Effect(
        act=Act.CREATE,
        kind=Kind.INDEX,
        name=name,
        table=table,
        line=line,
        columns=columns,
        demands=frozenset(("unique",)) if found.args.get("unique") else frozenset(),
        is_conditional=conditional,
    )


def _table(found: exp.Create, line: int, act: Act, conditional: bool) -> Iterator[Effect]:
    schema = found.this
    table = named(schema.this if isinstance(schema, exp.Schema) else schema)
    if not table:
        yield opaque(line, "a table without a name that can be read")
        return
    needs = tuple(
        named(r.this.this if isinstance(r.this, exp.Schema) else r.this)
        for r in found.find_all(exp.Reference)
    )
    yield Effect(
        act=act,
        kind=Kind.TABLE,
        name=table,
        line=line,
        needs=tuple(n for n in needs if n and n != table),
        is_conditional=conditional,
    )


def _drop(found: exp.Drop, line: int) -> Iterator[Effect]:
    kind = _KINDS.get(str(found.args.get("kind") or "").upper())
    if kind is None:
        yield opaque(line, f"not understood: DROP {str(found.args.get('kind'))[:40]}")
        return
    cluster = found.args.get("cluster")
    table = named(cluster.this) if kind is Kind.TRIGGER and cluster is not None else ""
    targets = found.args.get("tables") or found.expressions or [found.this]
    for target in targets:
        name = named(target) or (bare(target.db) if isinstance(target, exp.Table) else "")
        if not name or (kind is Kind.TRIGGER and not table):
            yield opaque(line, f"a DROP {kind} whose object cannot be read")
            continue
        yield Effect(
            act=Act.DROP,
            kind=kind,
            name=name,
            table=table,
            line=line,
            is_conditional=bool(found.args.get("exists")),
            cascades=bool(found.args.get("cascade")),
        )
