"""A Python migration followed without being run: names that stand for something, loops over what is written.

What cannot be followed is handed on as not understood; nothing is ever imported or evaluated.
"""

from __future__ import annotations

import ast
import warnings

from andon.response.schema.effects import Effect, fails, opaque
from andon.response.schema.expressions import UNTOLD, Known, literal, resolved, tail, told_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from andon.response.schema.expressions import Names

#: Characters of one file; a longer one is data.
LENGTH_LIMIT = 200_000
#: Statements that are followed in one way, loops unrolled.
STEP_LIMIT = 2_000
#: How deep functions of the file may call each other.
CALL_LIMIT = 5


def parse(text: str) -> ast.Module | str:
    """Return the syntax tree, or why there is none; never raises."""
    if len(text) > LENGTH_LIMIT:
        return f"{len(text):,} characters of Python are too many to judge"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the migration's own strings
            return ast.parse(text)
    except SyntaxError as problem:
        return f"the Python cannot be parsed: {problem.msg} (line {problem.lineno})"
    except (ValueError, RecursionError, MemoryError) as problem:
        return f"the Python cannot be parsed: {type(problem).__name__}"


class Follower:
    """Walks through a function; what a call does is answered by `doing`."""

    def __init__(
        self,
        module: ast.Module,
        doing: Callable[[ast.Call, Names], Sequence[Effect] | None],
        entering: Callable[[ast.expr], ast.expr | None],
    ) -> None:
        """Keep the answers: effects of a call, and what a `with` binds; both None for "not mine"."""
        self.doing, self.entering = doing, entering
        self.functions = {f.name: f for f in module.body if isinstance(f, ast.FunctionDef)}
        self.names: Names = {}
        self.names.update({name: Known(f, self.names) for name, f in self.functions.items()})
        self.steps = 0
        for statement in module.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)]):
                    self.names[name] = statement.value
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    self.names[name] = value

    def follow(self, function: str) -> tuple[Effect, ...] | None:
        """Return what a function of the module does; None when there is no such function."""
        found = self.functions.get(function)
        if found is None:
            return None
        if found.decorator_list:
            return (opaque(found.lineno, f"{function} is decorated, which may do anything"),)
        if found.args.defaults or any(found.args.kw_defaults):
            return (opaque(found.lineno, f"{function} has arguments of its own"),)
        try:
            return tuple(self._body(found.body, dict(self.names), 0))
        except RecursionError:
            return (opaque(found.lineno, "the function is nested too deep"),)

    def _body(self, body: Sequence[ast.stmt], names: Names, depth: int) -> Iterator[Effect]:
        for statement in body:
            self.steps += 1
            if self.steps > STEP_LIMIT:
                yield opaque(statement.lineno, f"more than {STEP_LIMIT} steps are not followed")
                return
            if isinstance(statement, ast.Raise):
                yield fails(statement.lineno, "it raises an error on purpose")
                return
            if isinstance(statement, ast.Return):
                if statement.value is not None:
                    yield from self._expression(statement.value, names, depth)
                return
            yield from self._statement(statement, names, depth)

    def _statement(self, statement: ast.stmt, names: Names, depth: int) -> Iterator[Effect]:
        match statement:
            case ast.Pass() | ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
                return
            case ast.Assert(test=test) if not any(isinstance(n, ast.Call) for n in ast.walk(test)):
                return
            case ast.Expr(value=value):
                yield from self._expression(value, names, depth)
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                if not self._is_plain(value, names):
                    yield from self._expression(value, names, depth)
                names[name] = told_now(value, names)
            case ast.FunctionDef(name=name, decorator_list=[]) if name not in names:
                names[name] = Known(statement, names)
            case ast.With(items=items, body=body):
                for item in items:
                    bound = self.entering(item.context_expr)
                    if bound is None:
                        yield opaque(statement.lineno, "a `with` that is not followed")
                        return
                    if isinstance(item.optional_vars, ast.Name):
                        names[item.optional_vars.id] = bound
                yield from self._body(body, names, depth)
            case ast.For(target=target, iter=each, body=body, orelse=[]):
                yield from self._loop(statement.lineno, target, each, body, names, depth)
            case _:
                kind = type(statement).__name__.lower()
                yield opaque(statement.lineno, f"what it does depends on something not written here ({kind})")

    def _is_plain(self, value: ast.expr, names: Names) -> bool:
        """True for an expression that only makes a value."""
        for call in ast.walk(value):
            if not isinstance(call, ast.Call):
                continue
            if isinstance(call.func, ast.Name) and call.func.id in names:
                if literal(call, names, marked=True) is UNTOLD:
                    return False
            elif tail(call.func) not in _MAKERS:
                return False
        return True

    def _loop(
        self, line: int, target: ast.expr, each: ast.expr, body: list[ast.stmt], names: Names, depth: int
    ) -> Iterator[Effect]:
        over = resolved(each, names)
        if not isinstance(over, (ast.List, ast.Tuple)) or _leaves(body):
            yield opaque(line, "a loop over something that is not written here")
            return
        for item in over.elts:
            match target, resolved(item, names):
                case ast.Name(id=name), _:
                    names[name] = item
                case ast.Tuple(elts=targets), (ast.Tuple() | ast.List()) as parts if len(targets) == len(
                    parts.elts
                ):
                    for one, part in zip(targets, parts.elts, strict=True):
                        if not isinstance(one, ast.Name):
                            yield opaque(line, "a loop that is not followed")
                            return
                        names[one.id] = part
                case _:
                    yield opaque(line, "a loop that is not followed")
                    return
            yield from self._body(body, names, depth)

    def _expression(self, value: ast.expr, names: Names, depth: int) -> Iterator[Effect]:
        if not isinstance(value, ast.Call):
            yield opaque(value.lineno, "an expression that is not followed")
            return
        if _only_tells(value):
            return
        done = self.doing(value, names)
        if done is not None:
            yield from done
            return
        own = self.functions.get(value.func.id) if isinstance(value.func, ast.Name) else None
        if own is None or depth >= CALL_LIMIT or value.keywords or own.decorator_list or _is_odd(own, value):
            called = ast.unparse(value.func)[:60] if len(ast.dump(value.func)) < 2000 else "something"
            yield opaque(value.lineno, f"calls {called}(), which may do anything")
            return
        inner = {**self.names, **dict(zip([a.arg for a in own.args.args], value.args, strict=True))}
        inner.update({k: r for k, v in inner.items() if (r := resolved(v, names)) is not None})
        yield from self._body(own.body, inner, depth + 1)


def _only_tells(call: ast.Call) -> bool:
    """True for `print` and a logger's calls whose arguments call nothing."""
    inside = [n for a in (*call.args, *(k.value for k in call.keywords)) for n in ast.walk(a)]
    if any(isinstance(n, (ast.Call, ast.NamedExpr, ast.Await)) for n in inside):
        return False
    if isinstance(call.func, ast.Name):
        return call.func.id == "print"
    told = call.func
    return (
        isinstance(told, ast.Attribute)
        and told.attr in ("debug", "info", "warning", "error")
        and tail(told.value) in ("log", "logger", "logging", "LOG", "LOGGER")
    )


def _is_odd(own: ast.FunctionDef, call: ast.Call) -> bool:
    given = own.args
    plain = not (given.vararg or given.kwarg or given.kwonlyargs or given.posonlyargs or given.defaults)
    return (
        not plain or len(given.args) != len(call.args) or any(isinstance(a, ast.Starred) for a in call.args)
    )


def _leaves(body: list[ast.stmt]) -> bool:
    return any(isinstance(n, (ast.Break, ast.Continue, ast.Return)) for s in body for n in ast.walk(s))


#: Calls that make a value and touch nothing, by their last name.
_MAKERS = frozenset(
    (
        *(
            "Column",
            "Enum",
            "ENUM",
            "Table",
            "table",
            "column",
            "MetaData",
            "text",
            "get_bind",
            "dedent",
            "f",
        ),
        *("Text", "format", "join", "strip", "lower", "upper", "bindparams", "str"),
        *("uuid1", "uuid4", "utcnow", "now", "today", "datetime", "date", "isoformat"),
    )
)
