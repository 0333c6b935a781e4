"""A Python migration followed without being run: names that stand for something, loops over what is written.

What cannot be followed is handed on as not understood; nothing is ever imported or evaluated.
"""

from __future__ import annotations

import ast
import warnings

from andon.response.schema.effects import Effect, fails, opaque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    #: What a name stands for: the expression it was given.
    Names = dict[str, ast.expr]

#: Characters of one file; a longer one is data.
LENGTH_LIMIT = 200_000
#: Statements that are followed in one way, loops unrolled.
STEP_LIMIT = 2_000
#: Parts of one expression that are looked at, names replaced by what they stand for.
EXPRESSION_LIMIT = 3_000
#: How deep functions of the file may call each other.
CALL_LIMIT = 5

#: What an expression is that cannot be told.
UNTOLD = object()


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


def literal(node: ast.expr | None, names: Mapping[str, ast.expr]) -> object:
    """Return what an expression says: text, number, None, or a list of such; UNTOLD for anything else."""
    return _literal(node, names, [EXPRESSION_LIMIT])


def _literal(node: ast.expr | None, names: Mapping[str, ast.expr], left: list[int]) -> object:
    left[0] -= 1
    if left[0] < 0:
        return UNTOLD
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return _literal(names.get(node.id), names, left)
        case ast.List() | ast.Tuple() | ast.Set():
            items = [_literal(e, names, left) for e in node.elts]
            return UNTOLD if any(i is UNTOLD for i in items) else items
        case ast.BinOp(op=ast.Add()):
            one, other = _literal(node.left, names, left), _literal(node.right, names, left)
            return one + other if isinstance(one, str) and isinstance(other, str) else UNTOLD
        case ast.JoinedStr():
            return _joined(node, names, left)
        case ast.Call() if tail(node.func) in ("text", "dedent", "f", "quoted_name") and node.args:
            return _literal(node.args[0], names, left)
        case ast.Call(func=ast.Attribute(attr="strip", value=inner), args=[]):
            return _literal(inner, names, left)
    return UNTOLD


def _joined(node: ast.JoinedStr, names: Mapping[str, ast.expr], left: list[int]) -> object:
    parts = []
    for piece in node.values:
        inner = piece.value if isinstance(piece, ast.FormattedValue) else piece
        if isinstance(piece, ast.FormattedValue) and (
            piece.format_spec is not None or piece.conversion != -1
        ):
            return UNTOLD
        said = _literal(inner, names, left)
        if not isinstance(said, (str, int)) or isinstance(said, bool):
            return UNTOLD
        parts.append(str(said))
    return "".join(parts)


def text_of(node: ast.expr | None, names: Mapping[str, ast.expr]) -> str | None:
    """Return the text that an expression says; None when it says none or it cannot be told."""
    said = literal(node, names)
    return said if isinstance(said, str) else None


def texts_of(node: ast.expr | None, names: Mapping[str, ast.expr]) -> tuple[str, ...] | None:
    """Return the list of texts that an expression says; None when it cannot be told."""
    said = literal(node, names)
    if isinstance(said, list) and all(isinstance(i, str) for i in said):
        return tuple(said)
    return None


def tail(node: ast.expr | None) -> str:
    """Return the last name of `a.b.c`, whatever stands before it; "" for no name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def resolved(node: ast.expr | None, names: Mapping[str, ast.expr]) -> ast.expr | None:
    """Return what a name stands for, through other names."""
    for _ in range(20):
        if not isinstance(node, ast.Name) or node.id not in names:
            return node
        node = names[node.id]
    return None


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """Return an argument given by name."""
    return next((k.value for k in call.keywords if k.arg == name), None)


def argument(call: ast.Call, place: int, *called: str) -> ast.expr | None:
    """Return an argument given by place, or by one of its names."""
    if place < len(call.args):
        return None if any(isinstance(a, ast.Starred) for a in call.args[: place + 1]) else call.args[place]
    return next((k for name in called if (k := keyword(call, name)) is not None), None)


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
                names[name] = value
                if not _is_plain(value):
                    yield from self._expression(value, names, depth)
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
        "Text",
    )
)


def _is_plain(value: ast.expr) -> bool:
    """True for an expression that only makes a value."""
    return not any(isinstance(n, ast.Call) and tail(n.func) not in _MAKERS for n in ast.walk(value))
