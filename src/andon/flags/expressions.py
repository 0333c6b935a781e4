"""A rule's value as the source of a Python expression: one method for each kind of operator. Pure."""

from __future__ import annotations

from andon.flags import operators
from andon.flags.judging import arguments_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeAlias

    #: Source, what is known of its type, and its value when it is a constant (else VARIES).
    Source: TypeAlias = tuple[str, str, Any]

VARIES: Any = object()
_TRUE, _ANY, _TEXT = "bool", "any", "text"
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


class Expressions:
    """Writes expressions, and keeps what they name; `scope` names the data: `c` is the context."""

    def __init__(
        self, key: str, evaluators: Mapping[str, Any], hashing: str, clock: Callable[[], float]
    ) -> None:
        self.key = key
        self.evaluators = evaluators
        self.hashing = hashing
        self.clock = clock
        #: False for data of any type, as JSONLogic's own cases have.
        self.is_mapping = True
        self.constants: dict[str, Any] = {}
        self.nodes = 0
        self.temporaries = 0
        self.has_budget = False
        #: True while the usual types are taken for granted; and whether that was done.
        self.is_plain = False
        self.is_risky = False

    def constant(self, value: Any) -> str:
        """Return the name that a value gets."""
        name = f"K{len(self.constants)}"
        self.constants[name] = value
        return name

    def temporary(self) -> str:
        self.temporaries += 1
        return f"t{self.temporaries}"

    def drawing(self, wanted: str, given: str) -> str:
        return f"draw({self.constant(self.hashing)}, {self.constant(self.key)}, {wanted}, {given})"

    def parts(self, values: list[Any], scope: str) -> str:
        """Return the source of a list of values."""
        return self.value(values, scope)[0]

    # ---- where a result is looked at

    def truth(self, rule: Any, scope: str) -> str:
        """Return the source of whether a rule's result counts as true."""
        rule = self.resolved(rule)
        operator, arguments = operation(rule)
        if operator in ("and", "or") and arguments:
            self.nodes += 1
            return "(" + f" {operator} ".join([self.truth(part, scope) for part in arguments]) + ")"
        if operator in ("!", "!!"):
            self.nodes += 1
            inner = self.truth(arguments[0] if arguments else None, scope)
            return f"(not {inner})" if operator == "!" else inner
        source, kind, constant = self.value(rule, scope)
        if constant is not VARIES:
            return "True" if operators.truthy(constant) else "False"
        return source if kind != _ANY else f"truthy({source})"

    def value(self, rule: Any, scope: str) -> Source:
        """Return the source of a rule's result."""
        rule = self.resolved(rule)
        if isinstance(rule, list):
            parts = [self.value(item, scope) for item in rule]
            if all(part[2] is not VARIES for part in parts):
                return self.fixed([part[2] for part in parts])
            return "[" + ", ".join([part[0] for part in parts]) + "]", _ANY, VARIES
        operator, arguments = operation(rule)
        if not operator:
            return self.fixed(rule)
        self.nodes += 1
        if operator in _COMPARED:
            return self.compared(operator, arguments, scope)
        if operator in _COMPUTED:
            return f"{_COMPUTED[operator]}({self.listed(arguments, scope)})", _ANY, VARIES
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
        if key[2] is VARIES:
            return f"look({self.whole(scope)}, {key[0]}, {otherwise[0]})", _ANY, VARIES
        found = self.found(operators.path_of(key[2]), scope)
        if found[2] is not VARIES or otherwise[2] is None:
            return found
        name = self.temporary()
        return f"({otherwise[0]} if ({name} := {found[0]}) is None else {name})", _ANY, VARIES

    def found(self, path: tuple[str, ...], scope: str) -> Source:
        if scope == "c" and path[:1] == ("$flagd",):
            if path == ("$flagd", "flagKey"):
                return self.constant(self.key), _TEXT, self.key
            if path == ("$flagd", "timestamp"):
                return f"int({self.constant(self.clock)}())", _ANY, VARIES
            return f"dig({self.whole(scope)}, {self.constant(path)})", _ANY, VARIES
        if not path:
            return self.whole(scope), _ANY, VARIES
        if len(path) == 1 and scope == "c" and self.is_mapping:
            return f"c.get({self.constant(path[0])})", _ANY, VARIES
        return f"dig({scope}, {self.constant(path)})", _ANY, VARIES

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
            return "(" + " and ".join(pairs) + ")", _TRUE, VARIES
        left, right = sides
        for one, other, is_left in ((left, right, True), (right, left, False)):
            if type(other[2]) is str and one[2] is VARIES:  # against a constant text
                name = self.temporary()
                quick = f"{name} {plain} {other[0]}" if is_left else f"{other[0]} {plain} {name}"
                slow = _comparing(
                    general, *((name, other[0]) if is_left else (other[0], name)), is_swapped, False
                )
                made = f"({quick} if type({name} := {one[0]}) is str else {slow})"
                return (f"(not {made})" if is_negated else made), _TRUE, VARIES
        return _comparing(general, left[0], right[0], is_swapped, is_negated), _TRUE, VARIES

    def choice(self, _: str, arguments: list[Any], scope: str) -> Source:
        pieces, place = [], 0
        while place + 1 < len(arguments):
            condition = self.truth(arguments[place], scope)
            pieces.append(f"({self.value(arguments[place + 1], scope)[0]}) if {condition} else ")
            place += 2
        last = self.value(arguments[place] if place < len(arguments) else None, scope)
        return (f"({''.join(pieces)}{last[0]})", _ANY, VARIES) if pieces else last

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
        return made, _ANY, VARIES

    def negation(self, operator: str, arguments: list[Any], scope: str) -> Source:
        condition = self.truth(arguments[0] if arguments else None, scope)
        return (f"(not {condition})" if operator == "!" else f"(not not {condition})"), _TRUE, VARIES

    def membership(self, _: str, arguments: list[Any], scope: str) -> Source:
        needle, hay = (self.value(part, scope) for part in (*arguments, None, None)[:2])
        if isinstance(hay[2], list):
            member = Member(hay[2])
            if self.is_plain and scope == "c" and member.is_texts:
                self.is_risky = True
                return f"({needle[0]} in {self.constant(member.texts)})", _TRUE, VARIES
            name = self.temporary()
            quick = f"{name} in {self.constant(member.texts)}"
            slow = f"{self.constant(member.has)}({name})"
            return f"({quick} if type({name} := {needle[0]}) is str else {slow})", _TRUE, VARIES
        return f"contains({needle[0]}, {hay[0]}, {self.budget()})", _TRUE, VARIES

    def affix(self, operator: str, arguments: list[Any], scope: str) -> Source:
        if len(arguments) != 2:
            return self.fixed(None)
        whole, part = (self.value(argument, scope) for argument in arguments)
        if type(part[2]) is not str:
            return f"{operator}({whole[0]}, {part[0]})", _TRUE, VARIES
        name, method = self.temporary(), operator.replace("_", "")
        slow = f"{operator}({name}, {part[0]})"
        quick = f"{name}.{method}({part[0]})"
        if self.is_plain and scope == "c":
            self.is_risky = True
            return f"(None if ({name} := {whole[0]}) is None else {quick})", _TRUE, VARIES
        return f"({quick} if type({name} := {whole[0]}) is str else {slow})", _TRUE, VARIES

    def versions(self, _: str, arguments: list[Any], scope: str) -> Source:
        if len(arguments) != 3:
            return self.fixed(None)
        parts = ", ".join([self.value(part, scope)[0] for part in arguments])
        return f"sem_ver({parts})", _TRUE, VARIES

    def fraction(self, _: str, arguments: list[Any], scope: str) -> Source:
        if scope == "c" and self.is_mapping:
            wanted = f"c.get({self.constant('targetingKey')})"
        else:
            wanted = f"dig({scope}, {self.constant(('targetingKey',))})"
        return self.drawing(wanted, self.parts(arguments, scope)), _ANY, VARIES

    def joined(self, operator: str, arguments: list[Any], scope: str) -> Source:
        charged = "" if scope == "c" else f", {self.budget()}"
        name = "join" if operator == "cat" else "merge"
        return f"{name}({self.listed(arguments, scope)}{charged})", _ANY, VARIES

    def cut(self, _: str, arguments: list[Any], scope: str) -> Source:
        return f"substring({self.listed(arguments, scope)})", _ANY, VARIES

    def lacking(self, operator: str, arguments: list[Any], scope: str) -> Source:
        return f"{operator}({self.whole(scope)}, {self.listed(arguments, scope)})", _ANY, VARIES

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
        return (f"(not {made})" if operator == "none" else made), _ANY if is_value else _TEXT, VARIES


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


def operation(rule: Any) -> tuple[str, list[Any]]:
    """Return the operator and its arguments; "" for a value."""
    if not isinstance(rule, dict) or len(rule) != 1:
        return "", []
    ((operator, given),) = rule.items()
    return operator, arguments_of(given)


def _comparing(general: str, left: str, right: str, is_swapped: bool, is_negated: bool) -> str:
    # A chain's left side is assigned where it stands first: the order of evaluation must stay.
    made = f"{general}({right}, {left})" if is_swapped else f"{general}({left}, {right})"
    return f"(not {made})" if is_negated else made
