"""Alembic migrations (Flask-Migrate among them): the operations of `upgrade` and `downgrade` as effects."""

from __future__ import annotations

import ast
import re

from andon.response.schema.alembic_columns import enum_definition, enum_of
from andon.response.schema.alembic_operations import OPERATIONS, Said, batch_table, is_op
from andon.response.schema.alembic_rows import core_rows
from andon.response.schema.effects import Act, Effect, Kind, opaque
from andon.response.schema.expressions import argument, keyword, literal, resolved, tail, text_of
from andon.response.schema.program import Follower, parse
from andon.response.schema.sql import sql_effects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.response.schema.expressions import Names

    Ways = tuple[tuple[Effect, ...], tuple[Effect, ...] | None]


def alembic_ways(text: str, dialect: str = "") -> Ways:
    """Return what `upgrade` and `downgrade` of a migration do; a way that is missing is None."""
    module = parse(text)
    if isinstance(module, str):
        return (opaque(1, module),), None
    reader = _Reader(dialect)
    follower = Follower(module, reader.call, reader.entered)
    strange = _strange(module)
    up = follower.follow("upgrade")
    follower.steps = 0
    down = follower.follow("downgrade")
    if up is None:
        return (opaque(1, "there is no upgrade()"),), None
    return (*strange, *up), down


def _strange(module: ast.Module) -> list[Effect]:
    """Return what stands outside the functions and could do something, or change what `op` means."""
    found = []
    for statement in module.body:
        match statement:
            case ast.Import() | ast.ImportFrom() | ast.FunctionDef() | ast.Expr(value=ast.Constant()):
                names = [a.asname or a.name for a in getattr(statement, "names", ())]
                if "op" in names and getattr(statement, "module", "") != "alembic":
                    found.append(opaque(statement.lineno, "`op` is not Alembic's"))
            case ast.ClassDef() | ast.Assign() | ast.AnnAssign():
                stored = [n for n in ast.walk(statement) if isinstance(getattr(n, "ctx", None), ast.Store)]
                targets = {n.id for n in stored if isinstance(n, ast.Name)}
                if "op" in targets:
                    found.append(opaque(statement.lineno, "`op` is not Alembic's"))
                if targets & {"upgrade", "downgrade"} or any(
                    isinstance(n, (ast.Subscript, ast.Attribute)) for n in stored
                ):
                    found.append(opaque(statement.lineno, "code outside of the functions"))
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                continue
            case _:
                found.append(opaque(statement.lineno, "code outside of the functions"))
    return found


#: What may stand among the arguments of an operation: it answers, and changes nothing.
_DOES_NOTHING = ("f", "get_bind", "get_context", "inline_literal")


class _Reader:
    """Answers for the calls of a migration."""

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect
        self.types: set[str] = set()

    def entered(self, node: ast.expr) -> ast.expr | None:
        """Return what a `with` binds: the batch of a table, or a block that commits by itself."""
        if not isinstance(node, ast.Call):
            return None
        if is_op(node.func) and tail(node.func) == "batch_alter_table":
            return node
        return node if tail(node.func) in ("autocommit_block", "begin_transaction") else None

    def call(self, call: ast.Call, names: Names) -> Sequence[Effect] | None:
        """Return what a call does; None when it is none of Alembic's or SQLAlchemy's."""
        if not isinstance(call.func, ast.Attribute):
            return None
        verb, receiver = call.func.attr, resolved(call.func.value, names)
        table = batch_table(receiver, names)
        if is_op(call.func) or table is not None:
            parts = (*call.args, *(k.value for k in call.keywords))
            inside = [n for a in parts for n in ast.walk(a) if isinstance(n, ast.Call)]
            if any(is_op(n.func) and tail(n.func) not in _DOES_NOTHING for n in inside):
                return (opaque(call.lineno, f"op.{verb} with another operation among its arguments"),)
            if any(k.arg is None for k in call.keywords):
                return (opaque(call.lineno, f"op.{verb} with arguments that are not written here"),)
            return self._operation(verb, call, names, table)
        if isinstance(receiver, ast.Call):
            if tail(receiver.func) == "get_bind":
                return self._bound(verb, call, names)
            enum = enum_of(receiver, names)
            if enum and verb in ("create", "drop"):
                given = keyword(call, "checkfirst")
                checked = given is not None and literal(given, names)
                return (
                    Effect(
                        act=Act.CREATE if verb == "create" else Act.DROP,
                        kind=Kind.TYPE,
                        name=enum,
                        line=call.lineno,
                        is_conditional=bool(checked),
                        definition=enum_definition(receiver, enum, names),
                    ),
                )
        return None

    def _bound(self, verb: str, call: ast.Call, names: Names) -> Sequence[Effect] | None:
        if verb in ("commit", "begin"):
            return ()
        if verb in ("execute", "exec_driver_sql") and call.args:
            return self._execute(call, names)
        return None

    def _operation(self, verb: str, call: ast.Call, names: Names, table: str | None) -> Sequence[Effect]:
        reader = OPERATIONS.get(verb)
        if verb in _DOES_NOTHING:
            return ()
        if verb == "execute":
            return self._execute(call, names)
        if reader is None:
            return (opaque(call.lineno, f"op.{verb} is not understood"),)
        shift = 0 if table is None else -1
        said = Said(call, names, table, shift)
        done = list(reader(said))
        if any(not e.name and e.act not in (Act.OPAQUE, Act.FAILS, Act.ROWS) for e in done):
            return (opaque(call.lineno, f"op.{verb} with a name that is not written here"),)
        if said.is_untold:
            return (opaque(call.lineno, f"op.{verb} with arguments that are not written here"),)
        return done

    def _execute(self, call: ast.Call, names: Names) -> Sequence[Effect]:
        node = argument(call, 0, "sqltext")
        text = text_of(node, names, marked=True)
        if text is not None:
            text = with_values(text, call.args[1] if len(call.args) > 1 else None, names)
            return _at(sql_effects(text, dialect=self.dialect), call.lineno)
        return (core_rows(node, names) or opaque(call.lineno, "SQL that is not written here"),)


def with_values(text: str, given: ast.expr | None, names: Names) -> str:
    """Return SQL with the values of `{"name": value}` in the places `:name`, where they are written there."""
    given = resolved(given, names)
    if not isinstance(given, ast.Dict):
        return text
    for key, value in zip(given.keys, given.values, strict=True):
        name, said = text_of(key, names), literal(value, names, marked=True)
        if not name or not name.isidentifier() or not (said is None or isinstance(said, (str, int, float))):
            continue
        spelled = "'{}'".format(said.replace("'", "''")) if isinstance(said, str) else _spelled(said)
        text = re.sub(rf"(?<![:\w]):{name}\b", lambda _, s=spelled: s, text)  # type: ignore[misc]
    return text


def _spelled(said: object) -> str:
    return "NULL" if said is None else str(said)


def _at(effects: Sequence[Effect], line: int) -> Sequence[Effect]:
    from andon.record import replace

    return [replace(e, line=line) for e in effects]
