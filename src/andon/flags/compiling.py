"""A targeting rule as one Python function. Pure; a rule comes here when `judging` let it pass.

Nothing from a flag file becomes source text: every constant is bound to a name made here (`K0`, `K1`), so
that no operator, key or value says anything to Python. Where a result is known to be a variant, the function
counts and returns it; the same code is bound to values for one way of asking, to details for another.
"""

from __future__ import annotations

from types import FunctionType

from andon.flags import bucketing, operators
from andon.flags.bucketing import V2, Heads
from andon.flags.judging import arguments_of
from andon.flags.versions import sem_ver

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from types import CodeType
    from typing import Any, TypeAlias

    #: Takes the context and the caller's default.
    Evaluate: TypeAlias = Callable[[Any, Any], Any]
    #: Source, what is known of its type, and its value when it is a constant (else `_VARIES`).
    Source: TypeAlias = tuple[str, str, Any]

_VARIES: Any = object()
_EMPTY: dict[str, Any] = {}
_TRUE, _ANY, _TEXT = "bool", "any", "text"

#: What generated code may use beside its constants.
_NAMES: dict[str, Any] = {
    "__builtins__": {},
    "EMPTY": _EMPTY,
    "AttributeError": AttributeError,
    "TypeError": TypeError,
    "type": type,
    "str": str,
    "int": int,
    "len": len,
    "truthy": operators.truthy,
    "dig": operators.dig,
    "look": operators.look,
    "missing": operators.missing,
    "missing_some": operators.missing_some,
    "strict_equal": operators.strict_equal,
    "loose_equal": operators.loose_equal,
    "less": operators.less,
    "less_equal": operators.less_equal,
    "contains": operators.contains,
    "starts_with": operators.starts_with,
    "ends_with": operators.ends_with,
    "sem_ver": sem_ver,
    "add": operators.add,
    "multiply": operators.multiply,
    "subtract": operators.subtract,
    "divide": operators.divide,
    "remainder": operators.remainder,
    "largest": operators.largest,
    "smallest": operators.smallest,
    "join": operators.join,
    "substring": operators.substring,
    "merge": operators.merge,
    "mapped": operators.mapped,
    "filtered": operators.filtered,
    "reduced": operators.reduced,
    "every": operators.every,
    "some": operators.some,
    "hash_of": bucketing.hash_of,
    "pick": bucketing.pick,
    "draw": bucketing.draw,
    "text_heads": Heads(),
}
_COMPUTED = {
    "+": "add",
    "*": "multiply",
    "-": "subtract",
    "/": "divide",
    "%": "remainder",
    "max": "largest",
    "min": "smallest",
}
#: Operator to the function for any values, the operator for plain texts, and whether the sides are swapped.
_COMPARED = {
    "==": ("loose_equal", "==", False, False),
    "!=": ("loose_equal", "==", False, True),
    "===": ("strict_equal", "==", False, False),
    "!==": ("strict_equal", "==", False, True),
    "<": ("less", "<", False, False),
    ">": ("less", ">", True, False),
    "<=": ("less_equal", "<=", False, False),
    ">=": ("less_equal", ">=", True, False),
}
_CODES: dict[str, CodeType] = {}
#: How many functions' codes are kept: flags of one shape share theirs.
_KEPT_CODES = 512


class WrongResult(Exception):
    """The targeting came to something that is not among the variants."""


class Member:
    """A constant list that is asked for members: by type, because 1, true and "1" are three."""

    __slots__ = ("is_texts", "numbers", "others", "texts")

    def __init__(self, items: list[Any]) -> None:
        self.is_texts = all(type(item) is str for item in items)
        self.texts = frozenset(item for item in items if type(item) is str)
        self.numbers = frozenset(item for item in items if type(item) in (int, float))
        self.others = tuple(item for item in items if item is None or type(item) is bool)

    def has(self, value: Any) -> bool:
        """Return whether the list has a value."""
        if isinstance(value, str):
            return value in self.texts
        if value is None or isinstance(value, bool):
            return any(value is other for other in self.others)
        return isinstance(value, (int, float)) and value in self.numbers


class Compiled:
    """A rule's code with its constants; `exits` are the variants it can come to (None: the default)."""

    __slots__ = ("careful", "code", "constants", "exits")

    def __init__(
        self,
        code: CodeType,
        constants: dict[str, Any],
        exits: tuple[str | None, ...],
        careful: Callable[[], Compiled] | None,
    ) -> None:
        self.code = code
        self.constants = constants
        self.exits = exits
        #: Makes the code for values of unexpected types, where this code takes types for granted.
        self.careful = careful

    def bind(
        self, counters: Callable[[str | None], Any], made: Mapping[str | None, Any], more: Mapping[str, Any]
    ) -> Evaluate:
        """Return the function over counters and what is returned for each exit.

        `more` has `fallback`, which makes an answer of the caller's default, and `tail`, which takes a result
        that was not known before.
        """
        names = {**_NAMES, **self.constants, **more}
        for place, name in enumerate(self.exits):
            names[f"C{place}"] = counters(name)
            names[f"V{place}"] = made.get(name)
        if self.careful is not None:
            compiled = self.careful
            known: list[Evaluate] = []

            def careful(context: Any, default: Any) -> Any:
                if not known:
                    known.append(compiled().bind(counters, made, more))
                return known[0](context, default)

            names["careful"] = careful
        return FunctionType(self.code, names)


def compile_targeting(
    key: str,
    targeting: Any,
    evaluators: Mapping[str, Any],
    variants: Collection[str],
    *,
    has_default: bool,
    hashing: str,
    clock: Callable[[], float],
) -> Compiled:
    """Return a rule as code; raises SyntaxError, RecursionError or MemoryError for one that is too large.

    The code takes the usual types for granted (a text where the rule asks how it ends) and leaves everything
    else to code that takes nothing for granted, which is compiled when it is first needed.
    """

    def made(is_plain: bool) -> Compiled:
        writer = _Writer(key, evaluators, hashing, clock)
        writer.variants, writer.has_default, writer.is_plain = variants, has_default, is_plain
        writer.tail(targeting, 1)
        return writer.compiled((lambda: made(False)) if is_plain else None)

    return made(True)


def compile_rule(
    rule: Any, *, flag_key: str = "", clock: Callable[[], float] = lambda: 0.0, hashing: str = "v3"
) -> Callable[[Any], Any]:
    """Return a rule as a function from data of any type to its value: JSONLogic alone, for its test cases."""
    made = _Writer(flag_key, {}, hashing, clock)
    made.is_mapping = False
    source = made.value(rule, "c")[0]
    made.emit(1, f"return {source}")
    function = made.compiled(None).bind(lambda _: None, {}, {})
    return lambda data: function(data, None)


class _Writer:
    """Writes the source of one rule."""

    def __init__(
        self, key: str, evaluators: Mapping[str, Any], hashing: str, clock: Callable[[], float]
    ) -> None:
        self.key = key
        self.evaluators = evaluators
        self.hashing = hashing
        self.clock = clock
        self.variants: Collection[str] = ()
        self.has_default = False
        #: False for data of any type, as JSONLogic's own cases have.
        self.is_mapping = True
        self.lines: list[str] = []
        self.constants: dict[str, Any] = {}
        self.exits: list[str | None] = []
        self.nodes = 0
        self.temporaries = 0
        self.has_budget = False
        #: True while the usual types are taken for granted; and whether that was done.
        self.is_plain = False
        self.is_risky = False

    def compiled(self, careful: Callable[[], Compiled] | None) -> Compiled:
        """Compile what was written."""
        start = ["def evaluate(c, d):"]
        if self.is_mapping:
            start.append(" if c is None: c = EMPTY")
        if self.has_budget:
            start.append(f" b = [{operators.MOST_STEPS}]")
        lines = self.lines
        if self.is_risky:
            lines = [" try:", *(f" {line}" for line in lines)]
            lines += [" except (TypeError, AttributeError):", "  return careful(c, d)"]
        source = "\n".join((*start, *lines, ""))
        code = _CODES.get(source)
        if code is None:
            if len(_CODES) >= _KEPT_CODES:
                _CODES.clear()
            module = compile(source, "<flag>", "exec", dont_inherit=True, optimize=2)
            code = _CODES[source] = next(c for c in module.co_consts if hasattr(c, "co_code"))
        return Compiled(code, self.constants, tuple(self.exits), careful if self.is_risky else None)

    def emit(self, indent: int, line: str) -> None:
        self.lines.append(" " * indent + line)

    def constant(self, value: Any) -> str:
        """Return the name that a value gets."""
        name = f"K{len(self.constants)}"
        self.constants[name] = value
        return name

    def temporary(self) -> str:
        self.temporaries += 1
        return f"t{self.temporaries}"

    # ---- where the result is the targeting's

    def tail(self, rule: Any, indent: int) -> None:
        """Write statements that return what a rule comes to."""
        while True:
            rule = self.resolved(rule)
            operator, arguments = _operation(rule)
            if operator in ("if", "?:"):
                self.nodes += 1
                place = 0
                while place + 1 < len(arguments):
                    self.emit(indent, f"if {self.truth(arguments[place], 'c')}:")
                    self.tail(arguments[place + 1], indent + 1)
                    place += 2
                rule = arguments[place] if place < len(arguments) else None
                continue
            break
        if operator == "fractional" and self.shared_out(arguments, indent):
            return
        source, _, constant = self.value(rule, "c")
        if constant is _VARIES:
            self.emit(indent, f"return tail({source}, d)")
        else:
            self.leave(constant, source, indent)

    def leave(self, constant: Any, source: str, indent: int) -> None:
        """Write the return of a constant result."""
        if isinstance(constant, bool):
            constant = "true" if constant else "false"
        if constant is None:
            place = self.exit(None)
            self.emit(indent, f"C{place}.n += 1")
            self.emit(indent, f"return V{place}" if self.has_default else "return fallback(d)")
        elif isinstance(constant, str) and constant in self.variants:
            place = self.exit(constant)
            self.emit(indent, f"C{place}.n += 1")
            self.emit(indent, f"return V{place}")
        else:
            self.emit(indent, f"return tail({source}, d)")

    def exit(self, name: str | None) -> int:
        if name not in self.exits:
            self.exits.append(name)
        return self.exits.index(name)

    def shared_out(self, arguments: list[Any], indent: int) -> bool:
        """Write `fractional` with constant weights as comparisons of the hash; False for another."""
        is_short = bool(arguments) and isinstance(arguments[0], list)
        buckets = arguments if is_short else arguments[1:]
        ends = _constant_ends(buckets)
        if ends is None or not self.is_plain:
            return False
        self.nodes += 1
        self.is_risky = True
        key = self.temporary()
        by = {"var": "targetingKey"} if is_short else arguments[0]
        self.emit(indent, f"{key} = {self.value(by, 'c')[0]}")
        self.emit(indent, f"if {key}:" if self.hashing != V2 else f"if type({key}) is str and {key}:")
        self.hashed(key, is_short, indent + 1)
        reached = 0
        for bucket, end in zip(buckets, ends, strict=True):
            if end == reached:
                continue
            if end == 1 << 32:
                self.tail(bucket[0], indent + 1)
                break
            self.emit(indent + 1, f"if h < {self.constant(end)}:")
            self.tail(bucket[0], indent + 2)
            reached = end
        self.emit(indent, f"if {key} is None:")
        self.leave(None, "None", indent + 1)
        self.emit(indent, "return careful(c, d)")
        return True

    def hashed(self, key: str, is_pair: bool, indent: int) -> None:
        """Write the hash of a plain text into `h`."""
        if self.hashing == V2:
            before = f"{self.constant(self.key)} + " if is_pair else ""
            self.emit(indent, f"h = hash_of({before}{key}, 0, False)")
            return
        heads = self.constant(bucketing.pair_heads(self.key)) if is_pair else "text_heads"
        self.emit(indent, f"u = {key}.encode()")
        self.emit(indent, f"h = hash_of({heads}[len(u)] + u, 0, False)")

    def drawing(self, wanted: str, given: str) -> str:
        return f"draw({self.constant(self.hashing)}, {self.constant(self.key)}, {wanted}, {given})"

    def parts(self, values: list[Any], scope: str) -> str:
        """Return the source of a list of values."""
        return self.value(values, scope)[0]

    # ---- where a result is looked at

    def truth(self, rule: Any, scope: str) -> str:
        """Return the source of whether a rule's result counts as true."""
        rule = self.resolved(rule)
        operator, arguments = _operation(rule)
        if operator in ("and", "or") and arguments:
            self.nodes += 1
            return "(" + f" {operator} ".join([self.truth(part, scope) for part in arguments]) + ")"
        if operator in ("!", "!!"):
            self.nodes += 1
            inner = self.truth(arguments[0] if arguments else None, scope)
            return f"(not {inner})" if operator == "!" else inner
        source, kind, constant = self.value(rule, scope)
        if constant is not _VARIES:
            return "True" if operators.truthy(constant) else "False"
        return source if kind != _ANY else f"truthy({source})"

    def value(self, rule: Any, scope: str) -> Source:
        """Return the source of a rule's result."""
        rule = self.resolved(rule)
        if isinstance(rule, list):
            parts = [self.value(item, scope) for item in rule]
            if all(part[2] is not _VARIES for part in parts):
                return self.fixed([part[2] for part in parts])
            return "[" + ", ".join([part[0] for part in parts]) + "]", _ANY, _VARIES
        operator, arguments = _operation(rule)
        if not operator:
            return self.fixed(rule)
        self.nodes += 1
        if operator in _COMPARED:
            return self.compared(operator, arguments, scope)
        if operator in _COMPUTED:
            return f"{_COMPUTED[operator]}({self.listed(arguments, scope)})", _ANY, _VARIES
        return getattr(self, _WRITTEN[operator])(operator, arguments, scope)  # type: ignore[no-any-return]

    def fixed(self, value: Any) -> Source:
        if value is None or value is True or value is False:
            return str(value), _ANY, value
        return self.constant(value), _ANY, value

    def resolved(self, rule: Any) -> Any:
        """Follow references to shared rules."""
        while isinstance(rule, dict) and len(rule) == 1 and "$ref" in rule:
            rule = self.evaluators[rule["$ref"]]
        return rule

    def listed(self, arguments: list[Any], scope: str) -> str:
        return "(" + "".join([self.value(part, scope)[0] + ", " for part in arguments]) + ")"

    def budget(self) -> str:
        self.has_budget = True
        return "b"

    # ---- each operator: `(operator, arguments, scope) -> Source`

    def variable(self, _: str, arguments: list[Any], scope: str) -> Source:
        key = self.value(arguments[0], scope) if arguments else self.fixed(None)
        otherwise = self.value(arguments[1], scope) if len(arguments) > 1 else self.fixed(None)
        if key[2] is _VARIES:
            return f"look({self.whole(scope)}, {key[0]}, {otherwise[0]})", _ANY, _VARIES
        found = self.found(operators.path_of(key[2]), scope)
        if found[2] is not _VARIES or otherwise[2] is None:
            return found
        name = self.temporary()
        return f"({otherwise[0]} if ({name} := {found[0]}) is None else {name})", _ANY, _VARIES

    def found(self, path: tuple[str, ...], scope: str) -> Source:
        if scope == "c" and path[:1] == ("$flagd",):
            if path == ("$flagd", "flagKey"):
                return self.constant(self.key), _TEXT, self.key
            if path == ("$flagd", "timestamp"):
                return f"int({self.constant(self.clock)}())", _ANY, _VARIES
            return f"dig({self.whole(scope)}, {self.constant(path)})", _ANY, _VARIES
        if not path:
            return self.whole(scope), _ANY, _VARIES
        if len(path) == 1 and scope == "c" and self.is_mapping:
            return f"c.get({self.constant(path[0])})", _ANY, _VARIES
        return f"dig({scope}, {self.constant(path)})", _ANY, _VARIES

    def whole(self, scope: str) -> str:
        """The whole context, with what flagd adds to it."""
        if scope != "c" or not self.is_mapping:
            return scope
        key, clock = self.constant(self.key), self.constant(self.clock)
        names = [self.constant(name) for name in ("$flagd", "flagKey", "timestamp")]
        return f"{{**c, {names[0]}: {{{names[1]}: {key}, {names[2]}: int({clock}())}}}}"

    def compared(self, operator: str, arguments: list[Any], scope: str) -> Source:
        general, plain, is_swapped, is_negated = _COMPARED[operator]
        sides = [self.value(part, scope) for part in (*arguments, *[None] * (2 - len(arguments)))]
        if len(sides) > 2:  # `a < b < c`: each is needed twice
            names = [self.temporary() for _ in sides]
            firsts = [f"({name} := {side[0]})" for name, side in zip(names, sides, strict=True)]
            pairs = []
            for place in range(len(sides) - 1):
                low = firsts[0] if place == 0 else names[place]
                pairs.append(_comparing(general, low, firsts[place + 1], is_swapped, is_negated))
            return "(" + " and ".join(pairs) + ")", _TRUE, _VARIES
        left, right = sides
        for one, other, is_left in ((left, right, True), (right, left, False)):
            if type(other[2]) is str and one[2] is _VARIES:  # against a constant text
                name = self.temporary()
                quick = f"{name} {plain} {other[0]}" if is_left else f"{other[0]} {plain} {name}"
                slow = _comparing(
                    general, *((name, other[0]) if is_left else (other[0], name)), is_swapped, False
                )
                made = f"({quick} if type({name} := {one[0]}) is str else {slow})"
                return (f"(not {made})" if is_negated else made), _TRUE, _VARIES
        return _comparing(general, left[0], right[0], is_swapped, is_negated), _TRUE, _VARIES

    def choice(self, _: str, arguments: list[Any], scope: str) -> Source:
        pieces, place = [], 0
        while place + 1 < len(arguments):
            condition = self.truth(arguments[place], scope)
            pieces.append(f"({self.value(arguments[place + 1], scope)[0]}) if {condition} else ")
            place += 2
        last = self.value(arguments[place] if place < len(arguments) else None, scope)
        return (f"({''.join(pieces)}{last[0]})", _ANY, _VARIES) if pieces else last

    def either(self, operator: str, arguments: list[Any], scope: str) -> Source:
        if not arguments:
            return self.fixed(False)
        made = self.value(arguments[-1], scope)[0]
        for part in reversed(arguments[:-1]):
            name = self.temporary()
            condition = f"truthy({name} := {self.value(part, scope)[0]})"
            made = (
                f"({name} if {condition} else {made})"
                if operator == "or"
                else f"({made} if {condition} else {name})"
            )
        return made, _ANY, _VARIES

    def negation(self, operator: str, arguments: list[Any], scope: str) -> Source:
        condition = self.truth(arguments[0] if arguments else None, scope)
        return (f"(not {condition})" if operator == "!" else f"(not not {condition})"), _TRUE, _VARIES

    def membership(self, _: str, arguments: list[Any], scope: str) -> Source:
        needle, hay = (self.value(part, scope) for part in (*arguments, None, None)[:2])
        if isinstance(hay[2], list):
            member = Member(hay[2])
            if self.is_plain and scope == "c" and member.is_texts:
                self.is_risky = True
                return f"({needle[0]} in {self.constant(member.texts)})", _TRUE, _VARIES
            name = self.temporary()
            quick = f"{name} in {self.constant(member.texts)}"
            slow = f"{self.constant(member.has)}({name})"
            return f"({quick} if type({name} := {needle[0]}) is str else {slow})", _TRUE, _VARIES
        return f"contains({needle[0]}, {hay[0]}, {self.budget()})", _TRUE, _VARIES

    def affix(self, operator: str, arguments: list[Any], scope: str) -> Source:
        if len(arguments) != 2:
            return self.fixed(None)
        whole, part = (self.value(argument, scope) for argument in arguments)
        if type(part[2]) is not str:
            return f"{operator}({whole[0]}, {part[0]})", _TRUE, _VARIES
        name, method = self.temporary(), operator.replace("_", "")
        slow = f"{operator}({name}, {part[0]})"
        quick = f"{name}.{method}({part[0]})"
        if self.is_plain and scope == "c":
            self.is_risky = True
            return f"(None if ({name} := {whole[0]}) is None else {quick})", _TRUE, _VARIES
        return f"({quick} if type({name} := {whole[0]}) is str else {slow})", _TRUE, _VARIES

    def versions(self, _: str, arguments: list[Any], scope: str) -> Source:
        if len(arguments) != 3:
            return self.fixed(None)
        parts = ", ".join([self.value(part, scope)[0] for part in arguments])
        return f"sem_ver({parts})", _TRUE, _VARIES

    def fraction(self, _: str, arguments: list[Any], scope: str) -> Source:
        if scope == "c" and self.is_mapping:
            wanted = f"c.get({self.constant('targetingKey')})"
        else:
            wanted = f"dig({scope}, {self.constant(('targetingKey',))})"
        return self.drawing(wanted, self.parts(arguments, scope)), _ANY, _VARIES

    def joined(self, operator: str, arguments: list[Any], scope: str) -> Source:
        charged = "" if scope == "c" else f", {self.budget()}"
        name = "join" if operator == "cat" else "merge"
        return f"{name}({self.listed(arguments, scope)}{charged})", _ANY, _VARIES

    def cut(self, _: str, arguments: list[Any], scope: str) -> Source:
        return f"substring({self.listed(arguments, scope)})", _ANY, _VARIES

    def lacking(self, operator: str, arguments: list[Any], scope: str) -> Source:
        return f"{operator}({self.whole(scope)}, {self.listed(arguments, scope)})", _ANY, _VARIES

    def logged(self, _: str, arguments: list[Any], scope: str) -> Source:
        return self.value(arguments[0] if arguments else None, scope)

    def iterated(self, operator: str, arguments: list[Any], scope: str) -> Source:
        items = self.value(arguments[0] if arguments else None, scope)[0]
        body = arguments[1] if len(arguments) > 1 else None
        before, inside = self.nodes, f"e{self.temporary()}"
        is_value = operator in ("map", "reduce")
        rule = self.value(body, inside)[0] if is_value else self.truth(body, inside)
        steps = 1 + self.nodes - before
        start = ""
        if operator == "reduce":
            start = f", {self.value(arguments[2] if len(arguments) > 2 else None, scope)[0]}"
        name = _ITERATED[operator]
        made = f"{name}({items}, (lambda {inside}: {rule}){start}, {self.budget()}, {steps})"
        return (f"(not {made})" if operator == "none" else made), _ANY if is_value else _TEXT, _VARIES


#: Operator to the method that writes it.
_WRITTEN = {
    "var": "variable",
    "missing": "lacking",
    "missing_some": "lacking",
    "if": "choice",
    "?:": "choice",
    "!": "negation",
    "!!": "negation",
    "or": "either",
    "and": "either",
    "map": "iterated",
    "filter": "iterated",
    "reduce": "iterated",
    "all": "iterated",
    "none": "iterated",
    "some": "iterated",
    "merge": "joined",
    "cat": "joined",
    "in": "membership",
    "substr": "cut",
    "log": "logged",
    "starts_with": "affix",
    "ends_with": "affix",
    "sem_ver": "versions",
    "fractional": "fraction",
}
_ITERATED = {
    "map": "mapped",
    "filter": "filtered",
    "reduce": "reduced",
    "all": "every",
    "none": "some",
    "some": "some",
}


def _operation(rule: Any) -> tuple[str, list[Any]]:
    """Return the operator and its arguments; "" for a value."""
    if not isinstance(rule, dict) or len(rule) != 1:
        return "", []
    ((operator, given),) = rule.items()
    return operator, arguments_of(given)


def _comparing(general: str, left: str, right: str, is_swapped: bool, is_negated: bool) -> str:
    # A chain's left side is assigned where it stands first: the order of evaluation must stay.
    made = f"{general}({right}, {left})" if is_swapped else f"{general}({left}, {right})"
    return f"(not {made})" if is_negated else made


def _constant_ends(buckets: list[Any]) -> tuple[int, ...] | None:
    """Return where the parts of constant weights end; None when a weight is computed or none can be drawn."""
    weights = []
    for bucket in buckets:
        if not isinstance(bucket, list) or not 1 <= len(bucket) <= 2:
            return None
        weight = bucketing.weight_of(bucket[1]) if len(bucket) == 2 else 1
        if weight is None:
            return None
        weights.append(weight)
    return bucketing.thresholds(weights)
