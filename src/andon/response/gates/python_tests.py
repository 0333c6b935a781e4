"""Whether a named test of Python is defined and runs, read from its syntax. Nothing is imported or run."""

from __future__ import annotations

import ast

from andon.response.gates.named_tests import Found, TestState

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

#: The last name of a decorator or mark after which a test does not run, or its failure does not count.
_ALWAYS = frozenset({"skip", "xfail", "expectedFailure"})
#: Those that ask a condition first: they turn a test off when the condition is a constant.
_IF = {"skipif": True, "skipIf": True, "skipUnless": False}
_NAMES = frozenset({*_ALWAYS, *_IF})
#: Calls and exceptions that end a test before it checked anything.
_STOPS = frozenset({"skip", "skipTest", "SkipTest", "Skipped", "xfail"})


def look_in_python(parts: Sequence[str], text: str) -> Found:
    """Return what is known of the test with these names, from the outermost class in."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        return Found(state=TestState.UNKNOWN, why=f"the file cannot be parsed: {type(problem).__name__}")
    aliases = _aliases(module)
    if why := _module_off(module, aliases):
        return Found(state=TestState.SKIPPED, why=why)
    around: Sequence[ast.stmt] = module.body
    for depth, part in enumerate(parts):
        node = _last(around, part)
        if node is None:
            return _not_there(module, parts[:depth], part)
        if why := _off(node, aliases):
            return Found(state=TestState.SKIPPED, why=why)
        around = node.body
    return Found(state=TestState.RUNS)


def _last(body: Iterable[ast.stmt], name: str) -> Definition | None:
    """Return the definition that holds in the end: a later one of the same name replaces it."""
    found: Definition | None = None
    for node in _statements(body):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name:
            found = node
        elif name in _unbound(node):
            found = None
    return found


def _unbound(node: ast.stmt) -> list[str]:
    """Return the names that a statement deletes, or sets to a constant."""
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
        return _targets(node)
    targets = node.targets if isinstance(node, ast.Delete) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a block, those in its branches too, without what can never run."""
    for node in body:
        yield node
        if isinstance(node, ast.If):
            constant = _constant(node.test)
            if constant is not False:
                yield from _statements(node.body)
            if constant is not True:
                yield from _statements(node.orelse)
        elif isinstance(node, ast.With | ast.AsyncWith):
            yield from _statements(node.body)
        elif isinstance(node, ast.Try):
            yield from _statements([*node.body, *node.orelse, *node.finalbody])
            for handler in node.handlers:
                yield from _statements(handler.body)


def _not_there(module: ast.Module, above: Sequence[str], name: str) -> Found:
    owner = _last(module.body, above[-1]) if len(above) == 1 else None
    if isinstance(owner, ast.ClassDef) and (
        bases := [b for b in owner.bases if _tail(b) not in ("object", "TestCase")]
    ):
        for base in bases:
            known = _last(module.body, _tail(base))
            if known is None:
                why = f"{owner.name} may have it from {_tail(base)}, which is elsewhere"
                return Found(state=TestState.UNKNOWN, why=why)
            if _last(known.body, name) is not None:
                return Found(state=TestState.RUNS, why=f"from {known.name}")
    return Found(state=TestState.MISSING, why=f"nothing is called {name} there")


def _off(node: Definition, aliases: dict[str, ast.expr]) -> str:
    """Return what turns a test or a class of tests off, "" for nothing."""
    for decorator in node.decorator_list:
        if why := _mark(decorator, aliases):
            return f"@{why}"
    if isinstance(node, ast.ClassDef):
        for statement in node.body:
            if isinstance(statement, ast.Assign) and (why := _assigned(statement, aliases)):
                return why
        return ""
    for statement in node.body:
        if _is_words(statement):
            continue
        if why := _stop(statement):
            return why
        if isinstance(statement, ast.Pass | ast.Return) and len(node.body) <= 2:
            return "it is empty"
        if not isinstance(statement, ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign):
            break
    else:
        if all(_is_words(statement) for statement in node.body):
            return "it is empty"
    return ""


def _module_off(module: ast.Module, aliases: dict[str, ast.expr]) -> str:
    for statement in module.body:
        if isinstance(statement, ast.Assign) and (why := _assigned(statement, aliases)):
            return why
        if isinstance(statement, ast.Expr | ast.Raise) and (why := _stop(statement)):
            return f"{why} for the whole file"
    return ""


def _assigned(statement: ast.Assign, aliases: dict[str, ast.expr]) -> str:
    """`pytestmark = pytest.mark.skip`, `__test__ = False`."""
    names = _targets(statement)
    if "__test__" in names and _constant(statement.value) is False:
        return "`__test__ = False`"
    if "pytestmark" not in names:
        return ""
    value = statement.value
    marks = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
    return next((f"pytestmark {why}" for mark in marks if (why := _mark(mark, aliases))), "")


def _mark(node: ast.expr, aliases: dict[str, ast.expr]) -> str:
    """Return the name of a mark that turns a test off, "" for another decorator."""
    if isinstance(node, ast.Name) and node.id in aliases:
        node = aliases[node.id]
    call = node if isinstance(node, ast.Call) else None
    name = _tail(call.func if call else node)
    if name in _ALWAYS:
        # xfail and skip with a condition ask it first, as skipif does
        conditions = call.args[:1] if call and name == "xfail" else []
        if conditions and not isinstance(conditions[0], ast.Constant):
            return ""
        return "" if conditions and _constant(conditions[0]) is False else name
    if name in _IF and call and call.args and _constant(call.args[0]) is _IF[name]:
        return name
    return ""


def _stop(statement: ast.stmt) -> str:
    """Return the call that ends a test at once, "" for another statement."""
    value: ast.expr | None = None
    if isinstance(statement, ast.Expr):
        value = statement.value
    elif isinstance(statement, ast.Raise):
        value = statement.exc
    call = value.func if isinstance(value, ast.Call) else value
    name = _tail(call) if call is not None else ""
    return (
        f"`{name}`"
        if name in _STOPS and (isinstance(value, ast.Call) or isinstance(statement, ast.Raise))
        else ""
    )


def _aliases(module: ast.Module) -> dict[str, ast.expr]:
    """Return the names that a module gives to marks (`slow = pytest.mark.skip`)."""
    found = {}
    for statement in module.body:
        if isinstance(statement, ast.Assign):
            value = statement.value
            name = _tail(value.func if isinstance(value, ast.Call) else value)
            if name in _NAMES:
                found.update(dict.fromkeys(_targets(statement), value))
    return found


def _targets(statement: ast.Assign) -> list[str]:
    return [target.id for target in statement.targets if isinstance(target, ast.Name)]


def _tail(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _constant(node: ast.expr) -> bool | None:
    return bool(node.value) if isinstance(node, ast.Constant) else None


def _is_words(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
