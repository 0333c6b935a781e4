"""What an expression of a Python migration says, without evaluating it: texts, numbers, lists of such.

A value that only the moment of running knows (an identity, the time) is told by a mark that no text of a
migration has; whoever reads such a text decides where a mark may stand.
"""

from __future__ import annotations

import ast
import re
import string

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    #: What a name stands for: the expression it was given.
    Names = dict[str, ast.expr]

#: Parts of one expression that are looked at, names replaced by what they stand for.
EXPRESSION_LIMIT = 3_000
#: Characters of a text that is put together.
TEXT_LIMIT = 200_000

#: What an expression is that cannot be told.
UNTOLD = object()
#: Stands for a value that is made when the migration runs. From the private use area: no text has it.
MARK = "\ue000"


class Known(ast.Lambda):
    """A function of the file that only returns an expression, with the names it can see."""

    def __init__(self, function: ast.FunctionDef, scope: Mapping[str, ast.expr]) -> None:
        """Keep what it returns; a function that does anything else returns what cannot be told."""
        body = [s for s in function.body if not _is_words(s)]
        given = function.args
        odd = given.vararg or given.kwarg or given.kwonlyargs or given.posonlyargs or given.defaults
        match body:
            case [ast.Return(value=ast.expr() as value)] if not odd and not function.decorator_list:
                told: ast.expr = value
            case _:
                told = ast.Name(id="", ctx=ast.Load())
        super().__init__(args=given, body=told)
        self.scope = scope


def _is_words(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def literal(node: ast.expr | None, names: Mapping[str, ast.expr], *, marked: bool = False) -> object:
    """Return what an expression says: text, number, None, or a list of such; UNTOLD for anything else.

    A text with a MARK in it counts as told only when the caller is ready for it (`marked`).
    """
    said = _Teller(names).tell(node)
    return UNTOLD if not marked and _has_mark(said) else said


def _has_mark(said: object) -> bool:
    if isinstance(said, list):
        return any(_has_mark(s) for s in said)
    return isinstance(said, str) and MARK in said


def text_of(node: ast.expr | None, names: Mapping[str, ast.expr], *, marked: bool = False) -> str | None:
    """Return the text that an expression says; None when it says none or it cannot be told."""
    said = literal(node, names, marked=marked)
    return said if isinstance(said, str) else None


def texts_of(node: ast.expr | None, names: Mapping[str, ast.expr]) -> tuple[str, ...] | None:
    """Return the list of texts that an expression says; None when it cannot be told."""
    said = literal(node, names)
    if isinstance(said, list) and all(isinstance(i, str) for i in said):
        return tuple(said)
    return None


def told_now(value: ast.expr, names: Mapping[str, ast.expr]) -> ast.expr:
    """Return what a name is bound to: what an expression says now, whatever its names mean later."""
    said = literal(value, names, marked=True)
    return _written(said, value) if isinstance(said, (str, list)) else value


def _written(said: object, place: ast.expr) -> ast.expr:
    if isinstance(said, list):
        items = [_written(item, place) for item in said]
        return ast.copy_location(ast.List(elts=items, ctx=ast.Load()), place)
    return ast.copy_location(ast.Constant(value=said), place)  # type: ignore[arg-type]


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


#: Calls that make a new value each time they run, by their last name.
_MADE_ANEW = frozenset(("uuid1", "uuid4", "utcnow", "now", "today", "datetime", "date", "isoformat"))
#: Methods of a text that are followed.
_OF_TEXTS: dict[str, Callable[[str], str]] = {
    "strip": str.strip,
    "lower": str.lower,
    "upper": str.upper,
}


class _Teller:
    """Tells what expressions say, in a bounded number of steps."""

    def __init__(self, names: Mapping[str, ast.expr], left: list[int] | None = None) -> None:
        self.names = names
        self.left = [EXPRESSION_LIMIT] if left is None else left

    def tell(self, node: ast.expr | None) -> object:
        self.left[0] -= 1
        if self.left[0] < 0:
            return UNTOLD
        match node:
            case ast.Constant():
                return node.value
            case ast.Name():
                return self.tell(self.names.get(node.id))
            case ast.List() | ast.Tuple() | ast.Set():
                return self._listed(node.elts)
            case ast.BinOp(op=ast.Add()):
                return _added(self.tell(node.left), self.tell(node.right))
            case ast.BinOp(op=ast.Mod()):
                return self._percent(node)
            case ast.JoinedStr():
                return self._joined(node)
            case ast.Attribute(attr="hex", value=ast.Call() as made):
                return MARK if self.tell(made) == MARK else UNTOLD
            case ast.Subscript():
                return self._part(node)
            case ast.Call():
                return self._called(node)
        return UNTOLD

    def _listed(self, elements: list[ast.expr]) -> object:
        found: list[object] = []
        for element in elements:
            if isinstance(element, ast.Starred):
                inner = self.tell(element.value)
                if not isinstance(inner, list):
                    return UNTOLD
                found += inner
            else:
                found.append(self.tell(element))
        return UNTOLD if any(f is UNTOLD for f in found) else found

    def _part(self, node: ast.Subscript) -> object:
        """Return `LIST[0]` or `DICT["key"]`."""
        at, holder = self.tell(node.slice), resolved(node.value, self.names)
        if isinstance(holder, ast.Dict):
            for key, value in zip(holder.keys, holder.values, strict=True):
                if key is None:  # `**other` may have the key as well
                    return UNTOLD
                if self.tell(key) == at and at is not UNTOLD:
                    return self.tell(value)
            return UNTOLD
        held = self.tell(holder)
        if isinstance(held, list) and isinstance(at, int) and -len(held) <= at < len(held):
            return held[at]
        return UNTOLD

    def _called(self, call: ast.Call) -> object:
        name = tail(call.func)
        if isinstance(call.func, ast.Name):
            own = resolved(call.func, self.names)
            if isinstance(own, Known):
                return self._returned(own, call)
            if own is not call.func:
                return UNTOLD
        if name in ("text", "dedent", "f", "quoted_name") and call.args:
            return self.tell(call.args[0])
        if name == "str" and len(call.args) == 1 and isinstance(call.func, ast.Name):
            return _as_text(self.tell(call.args[0]))
        if name in _MADE_ANEW and not any(isinstance(n, ast.Call) for a in call.args for n in ast.walk(a)):
            return MARK
        if not isinstance(call.func, ast.Attribute):
            return UNTOLD
        if name == "format":
            return self._formatted(call)
        holder = self.tell(call.func.value)
        if not isinstance(holder, str):
            return UNTOLD
        if name in _OF_TEXTS and not call.args and not call.keywords:
            return _OF_TEXTS[name](holder)
        if name == "join" and len(call.args) == 1:
            pieces = self.tell(call.args[0])
            if isinstance(pieces, list) and all(isinstance(p, str) for p in pieces):
                return _bounded(holder.join(pieces))
        return holder if name == "bindparams" else UNTOLD

    def _returned(self, own: Known, call: ast.Call) -> object:
        """Return what a function of the file returns for these arguments."""
        wanted = [a.arg for a in own.args.args]
        if call.keywords or len(call.args) != len(wanted):
            return UNTOLD
        given = {}
        for name, node in zip(wanted, call.args, strict=True):
            said = self.tell(node)
            if not isinstance(said, (str, int, float)):
                return UNTOLD
            given[name] = ast.Constant(value=said)
        return _Teller({**own.scope, **given}, self.left).tell(own.body)

    def _formatted(self, call: ast.Call) -> object:
        """Return `"...".format(...)` with plain fields: by place or by name, no attributes, no layout."""
        pattern = self.tell(call.func.value) if isinstance(call.func, ast.Attribute) else UNTOLD
        if not isinstance(pattern, str) or any(k.arg is None for k in call.keywords):
            return UNTOLD
        placed = self._listed(call.args)
        if not isinstance(placed, list):
            return UNTOLD
        named = {k.arg: self.tell(k.value) for k in call.keywords}
        following = 0
        made: list[object] = []
        try:
            for words, field, layout, turned in string.Formatter().parse(pattern):
                made.append(words)
                if field is None:
                    continue
                if field == "":
                    field, following = str(following), following + 1
                at = int(field) if field.isdecimal() and len(field) < 4 else -1
                said = placed[at] if 0 <= at < len(placed) else named.get(field, UNTOLD)
                made.append(_as_text(UNTOLD if layout or turned else said))
        except ValueError:
            return UNTOLD
        return _put_together(made)

    def _percent(self, node: ast.BinOp) -> object:
        """Return `"..." % (...)` with `%s`, `%d` and `%(name)s`."""
        pattern = self.tell(node.left)
        if not isinstance(pattern, str):
            return UNTOLD
        right, said = resolved(node.right, self.names), self.tell(node.right)
        named: dict[object, object] = {}
        if isinstance(right, ast.Dict):
            named = {self.tell(k): self.tell(v) for k, v in zip(right.keys, right.values, strict=True)}
        given = iter(said if isinstance(said, list) else [said])
        made: list[object] = []
        place = 0
        for match in re.finditer(r"%(?:\((\w+)\))?(.)", pattern, re.DOTALL):
            made.append(pattern[place : match.start()])
            place = match.end()
            if match[2] == "%" and match[1] is None:
                made.append("%")
            elif match[2] not in "sd":
                return UNTOLD
            else:
                made.append(_as_text(named.get(match[1], UNTOLD) if match[1] else next(given, UNTOLD)))
        return _put_together([*made, pattern[place:]])

    def _joined(self, node: ast.JoinedStr) -> object:
        made: list[object] = []
        for piece in node.values:
            if not isinstance(piece, ast.FormattedValue):
                made.append(self.tell(piece))
            elif piece.format_spec is not None or piece.conversion not in (-1, ord("s")):
                return UNTOLD
            else:
                made.append(_as_text(self.tell(piece.value)))
        return _put_together(made)


def _added(one: object, other: object) -> object:
    if isinstance(one, str) and isinstance(other, str):
        return _bounded(one + other)
    return [*one, *other] if isinstance(one, list) and isinstance(other, list) else UNTOLD


def _as_text(said: object) -> object:
    """Return how a value looks inside of a text; UNTOLD for what is none of the plain ones."""
    return str(said) if said is None or isinstance(said, (str, int, float)) else UNTOLD


def _put_together(parts: list[object]) -> object:
    if not all(isinstance(p, str) for p in parts):
        return UNTOLD
    return _bounded("".join(str(p) for p in parts))


def _bounded(text: str) -> object:
    return text if len(text) <= TEXT_LIMIT else UNTOLD
