"""What an ALTER does, action by action, and what a column's definition demands."""

from __future__ import annotations

from sqlglot import exp

from andon.response.schema.effects import Act, Effect, Kind, generated_name, opaque
from andon.response.schema.names import bare, named, names_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def alterations(found: exp.Alter, line: int) -> Iterator[Effect]:
    """Yield the effects of an ALTER statement; an action that is not known is opaque."""
    kind = str(found.args.get("kind") or "").upper()
    target = named(found.this)
    actions = found.args.get("actions") or []
    if not target or not actions or kind not in ("TABLE", "INDEX", "VIEW"):
        yield opaque(line, f"not understood: ALTER {kind[:40]}")
        return
    for action in actions:
        if kind == "TABLE":
            yield from _action(action, target, line)
        elif isinstance(action, exp.AlterRename):
            yield Effect(
                act=Act.RENAME, kind=Kind(kind.lower()), name=target, value=named(action.this), line=line
            )
        else:
            yield opaque(line, f"not understood: ALTER {kind}")


def _action(action: exp.Expr, table: str, line: int) -> Iterator[Effect]:
    match action:
        case exp.ColumnDef():
            yield from column_effects(action, table, line)
        case exp.AlterRename():
            yield Effect(act=Act.RENAME, kind=Kind.TABLE, name=table, value=named(action.this), line=line)
        case exp.RenameColumn():
            yield Effect(
                act=Act.RENAME,
                kind=Kind.COLUMN,
                table=table,
                name=named(action.this),
                value=named(action.args.get("to")),
                line=line,
            )
        case exp.AlterColumn():
            yield _column(action, table, line)
        case exp.AddConstraint():
            for each in action.expressions:
                yield _constraint(each, table, line)
        case exp.Drop():
            yield from _drop(action, table, line)
        case _:
            yield opaque(line, f"not understood: ALTER TABLE ... {action.key.upper()}")


def _drop(action: exp.Drop, table: str, line: int) -> Iterator[Effect]:
    kinds = {"COLUMN": Kind.COLUMN, "CONSTRAINT": Kind.CONSTRAINT, "INDEX": Kind.INDEX}
    kind = kinds.get(str(action.args.get("kind") or "").upper())
    for target in action.args.get("tables") or action.expressions or [action.this]:
        if kind is None or not named(target):
            yield opaque(line, "not understood: ALTER TABLE ... DROP")
            continue
        yield Effect(
            act=Act.DROP,
            kind=kind,
            table=table,
            name=named(target),
            line=line,
            is_conditional=bool(action.args.get("exists")),
            cascades=bool(action.args.get("cascade")),
        )


def _column(action: exp.AlterColumn, table: str, line: int) -> Effect:
    def altered(aspect: str, value: str | None) -> Effect:
        return Effect(
            act=Act.ALTER,
            kind=Kind.COLUMN,
            table=table,
            name=named(action.this),
            aspect=aspect,
            value=value,
            line=line,
        )

    if action.args.get("dtype") is not None:
        using = action.args.get("using")
        wanted = action.args["dtype"].sql("postgres").lower()
        if using and not _is_plain_cast(using):
            return opaque(line, f"the values of {table}.{named(action.this)} are computed anew")
        return altered("type", wanted)
    if "allow_null" in action.args and action.args["allow_null"] is not None:
        return altered("nullable", "yes" if action.args["allow_null"] else "no")
    if action.args.get("default") is not None:
        return altered("default", action.args["default"].sql("postgres"))
    if action.args.get("comment") is not None:
        return altered("comment", action.args["comment"].name)
    if action.args.get("drop"):
        return altered("default", None)
    return opaque(line, f"not understood: ALTER COLUMN {named(action.this)}")


def _is_plain_cast(using: exp.Expr) -> bool:
    while isinstance(using, exp.Cast):
        using = using.this
    return isinstance(using, exp.Column)


def column_effects(column: exp.ColumnDef, table: str, line: int) -> Iterator[Effect]:
    """Yield the effects of a column that is added to a table."""
    kinds = [c.kind for c in column.args.get("constraints") or () if isinstance(c, exp.ColumnConstraint)]
    must = any(isinstance(k, exp.NotNullColumnConstraint) and not k.args.get("allow_null") for k in kinds)
    primary = any(isinstance(k, exp.PrimaryKeyColumnConstraint) for k in kinds)
    filled = any(
        isinstance(
            k,
            (
                exp.DefaultColumnConstraint,
                exp.GeneratedAsIdentityColumnConstraint,
                exp.AutoIncrementColumnConstraint,
                exp.ComputedColumnConstraint,
            ),
        )
        for k in kinds
    )
    serial = "serial" in column.args["kind"].sql("postgres").lower() if column.args.get("kind") else False
    name = bare(column.name)
    yield Effect(
        act=Act.CREATE,
        kind=Kind.COLUMN,
        table=table,
        name=name,
        line=line,
        must_have=must or primary,
        is_filled=filled or serial,
        is_conditional=bool(column.args.get("exists")),
    )
    for kind in kinds:
        demand = _DEMANDS.get(type(kind), "")
        if demand:
            yield Effect(
                act=Act.CREATE,
                kind=Kind.CONSTRAINT,
                table=table,
                name=generated_name(table, (name,), demand) or f"{demand} of {name}",
                line=line,
                columns=(name,),
                demands=frozenset((demand,)),
            )


_DEMANDS: dict[type, str] = {
    exp.UniqueColumnConstraint: "unique",
    exp.PrimaryKeyColumnConstraint: "primary",
    exp.Reference: "foreign",
    exp.CheckColumnConstraint: "check",
    exp.ForeignKey: "foreign",
    exp.PrimaryKey: "primary",
}


def _constraint(found: exp.Expr, table: str, line: int) -> Effect:
    name = bare(found.name) if isinstance(found, exp.Constraint) else ""
    inner = found.expressions if isinstance(found, exp.Constraint) else [found]
    if inner and isinstance(inner[0], exp.IndexColumnConstraint):
        return Effect(
            act=Act.CREATE,
            kind=Kind.INDEX,
            table=table,
            name=bare(inner[0].name),
            columns=names_of(inner[0]),
            line=line,
        )
    demand = next((d for kind, d in _DEMANDS.items() if inner and isinstance(inner[0], kind)), "")
    if not demand:
        return opaque(line, f"not understood: a constraint on {table}")
    holder = inner[0].this if demand == "unique" else inner[0]
    columns = names_of(holder) if isinstance(holder, exp.Expr) else ()
    made = name or generated_name(table, columns, demand)
    if not made:
        return opaque(line, f"a constraint on {table} whose name the database makes up")
    return Effect(
        act=Act.CREATE,
        kind=Kind.CONSTRAINT,
        table=table,
        name=made,
        line=line,
        columns=columns,
        demands=frozenset((demand,)),
    )
