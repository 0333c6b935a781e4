"""What is wrong with a targeting rule, before anything is made of it; any depth, by a stack of its own.

The walk goes through `$ref` as the compiler does, so that what passes here is bounded there.
"""

from __future__ import annotations

from andon.flags.definitions import Defect, is_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from andon.flags.definitions import Pointer

#: How deep operators may be nested; an `else if` of a targeting's own `if` counts for nothing.
MOST_DEPTH = 48
#: How many operators and values with operators a rule may have, references followed.
MOST_NODES = 10_000
#: How many literal values: the lists of `in`.
MOST_LITERALS = 1_000_000

#: Operator to the numbers of arguments it takes; None: any.
OPERATORS: dict[str, tuple[int, int] | None] = {
    "var": (0, 2),
    "missing": None,
    "missing_some": (2, 2),
    "if": None,
    "?:": None,
    "==": (2, 9),
    "===": (2, 9),
    "!=": (2, 9),
    "!==": (2, 9),
    "<": (2, 9),
    "<=": (2, 9),
    ">": (2, 9),
    ">=": (2, 9),
    "!": (0, 1),
    "!!": (0, 1),
    "or": None,
    "and": None,
    "max": None,
    "min": None,
    "+": None,
    "-": None,
    "*": None,
    "/": None,
    "%": (2, 9),
    "map": (2, 2),
    "filter": (2, 2),
    "reduce": (2, 3),
    "all": (2, 2),
    "none": (2, 2),
    "some": (2, 2),
    "merge": None,
    "in": (2, 2),
    "cat": None,
    "substr": (1, 3),
    "log": None,
    "starts_with": (2, 2),
    "ends_with": (2, 2),
    "sem_ver": (3, 3),
    "fractional": None,
}
VERSION_OPERATORS = frozenset(("=", "!=", ">", "<", ">=", "<=", "~", "^"))


def arguments_of(given: Any) -> list[Any]:
    """Return an operator's arguments: a single one may stand without its list."""
    return given if isinstance(given, list) else [given]


def rule_defects(
    key: str, targeting: Any, evaluators: Mapping[str, Any], variants: frozenset[str]
) -> list[Defect]:
    """Return what is wrong with a flag's targeting; at most a hundred."""
    found: list[Defect] = []
    for rule, message, pointer, spoils in _walk(key, targeting, evaluators, variants):
        found.append(Defect(flag=key, rule=rule, message=message, pointer=pointer, spoils=spoils))
        if len(found) >= 100:
            break
    return found


def _walk(
    key: str, targeting: Any, evaluators: Mapping[str, Any], variants: frozenset[str]
) -> Iterator[tuple[str, str, Pointer, bool]]:
    nodes = literals = 0
    #: Rule, its place, how deep, whether its result is the targeting's, and the references it came through.
    waiting: list[tuple[Any, Pointer, int, bool, tuple[str, ...]]] = [
        (targeting, ("flags", key, "targeting"), 0, True, ())
    ]
    while waiting:
        rule, place, depth, is_last, through = waiting.pop()
        if not isinstance(rule, (dict, list)):
            literals += 1
            if literals > MOST_LITERALS:
                yield "targeting-large", f"a rule has at most {MOST_LITERALS} values", place, True
                return
            if is_last and rule is not None:
                yield from _result(rule, place, variants)
            if isinstance(rule, str) and not rule.isascii() and not is_text(rule):
                yield "text", "half of a surrogate pair is no text", place, True
            continue
        nodes += 1 if isinstance(rule, dict) else 0
        literals += 1
        if nodes > MOST_NODES or literals > MOST_LITERALS:
            yield "targeting-large", f"a rule has at most {MOST_NODES} operators", place, True
            return
        if depth > MOST_DEPTH:
            yield "targeting-deep", f"operators are nested at most {MOST_DEPTH} deep", place, True
            return
        if isinstance(rule, list):
            waiting.extend((item, (*place, i), depth + 1, False, through) for i, item in enumerate(rule))
            continue
        if not rule:
            continue
        if len(rule) > 1:
            yield "operators-several", "an object of several keys is no rule", place, True
            continue
        ((operator, given),) = rule.items()
        if operator == "$ref":
            problem = _reference(given, evaluators, through)
            if problem:
                yield *problem, place, True
            else:
                inside = (evaluators[given], ("$evaluators", given), depth + 1, is_last, (*through, given))
                waiting.append(inside)
            continue
        if operator not in OPERATORS:
            yield "operator-unknown", f"there is no operator {_named(operator)}", place, True
            continue
        yield from _arguments(operator, given, (*place, operator))
        waiting.extend(_parts(operator, given, (*place, operator), depth, is_last, through))


def _parts(
    operator: str, given: Any, place: Pointer, depth: int, is_last: bool, through: tuple[str, ...]
) -> Iterator[tuple[Any, Pointer, int, bool, tuple[str, ...]]]:
    """The arguments of an operator, to be walked."""
    arguments = arguments_of(given)
    is_choice = operator in ("if", "?:") and is_last
    for index, argument in enumerate(arguments):
        where = (*place, index) if isinstance(given, list) else place
        is_otherwise = is_choice and index == len(arguments) - 1 and index % 2 == 0 and index > 0
        is_result = is_choice and (index % 2 == 1 or index == len(arguments) - 1)
        if operator == "fractional" and is_last and isinstance(argument, list) and argument:
            yield argument[0], (*where, 0), depth + 1, True, through
            yield from (
                (item, (*where, 1 + i), depth + 1, False, through) for i, item in enumerate(argument[1:])
            )
            continue
        yield argument, where, depth if is_otherwise else depth + 1, is_result, through


def _result(rule: Any, place: Pointer, variants: frozenset[str]) -> Iterator[tuple[str, str, Pointer, bool]]:
    """A constant that the targeting may come to."""
    name = "true" if rule is True else "false" if rule is False else rule
    if not isinstance(name, str) or name not in variants:
        yield "targeting-variant", "the rule names something that is not among the variants", place, False


def _reference(given: Any, evaluators: Mapping[str, Any], through: tuple[str, ...]) -> tuple[str, str] | None:
    if not isinstance(given, str) or given not in evaluators:
        return "ref-unknown", f"there is no shared rule {_named(given)}"
    if given in through:
        return "ref-cyclic", f"the shared rule {_named(given)} refers to itself"
    return None


def _arguments(operator: str, given: Any, place: Pointer) -> Iterator[tuple[str, str, Pointer, bool]]:
    """What an operator gets that it can make nothing of: no reason not to evaluate, flagd answers null."""
    arguments = arguments_of(given)
    bounds = OPERATORS[operator]
    if bounds is not None and not bounds[0] <= len(arguments) <= bounds[1]:
        least, most = bounds
        wanted = str(least) if least == most else f"{least} to {most}"
        yield "arguments", f"{operator} takes {wanted} arguments, not {len(arguments)}", place, False
        return
    if operator in ("starts_with", "ends_with"):
        for index, argument in enumerate(arguments):
            if not isinstance(argument, (str, dict)):
                yield "arguments", f"{operator} compares texts", (*place, index), False
    elif operator == "sem_ver":
        yield from _version_arguments(arguments, place)
    elif operator == "fractional":
        yield from _bucket_arguments(arguments, place)


def _version_arguments(arguments: list[Any], place: Pointer) -> Iterator[tuple[str, str, Pointer, bool]]:
    from andon.flags.versions import version

    if isinstance(arguments[1], str) and arguments[1] not in VERSION_OPERATORS:
        yield "version-operator", "versions are compared by = != < <= > >= ^ ~", (*place, 1), False
    for index in (0, 2):
        if isinstance(arguments[index], str) and version(arguments[index]) is None:
            yield "version", "this is no semantic version", (*place, index), False


def _bucket_arguments(arguments: list[Any], place: Pointer) -> Iterator[tuple[str, str, Pointer, bool]]:
    from andon.flags.bucketing import MOST_WEIGHT, weight_of

    first = 0 if arguments and isinstance(arguments[0], list) else 1
    if first and arguments and not isinstance(arguments[0], dict):
        yield "fractional", "a constant to divide by puts everybody into one part", (*place, 0), False
    if len(arguments) <= first:
        yield "fractional", "fractional takes parts: [variant, weight]", place, False
    total, is_known = 0, True
    for index, bucket in enumerate(arguments[first:], first):
        if not isinstance(bucket, list) or not 1 <= len(bucket) <= 2:
            yield "fractional", "a part is [variant, weight] or [variant]", (*place, index), False
            return
        if len(bucket) == 1:
            total += 1
            continue
        if isinstance(bucket[1], dict):
            is_known = False
            continue
        weight = weight_of(bucket[1])
        if weight is None or weight < 0:
            yield "fractional-weight", "a weight is a whole number from 0", (*place, index, 1), False
            is_known = is_known and weight is not None
        total += max(weight or 0, 0)
    if is_known and arguments[first:] and not 0 < total <= MOST_WEIGHT:
        yield "fractional-weight", f"the weights add up to 1 to {MOST_WEIGHT}", place, False


def _named(value: Any) -> str:
    """A name from a file as it can be told: short, and without what a terminal would obey."""
    shown = value if isinstance(value, str) else type(value).__name__
    return ascii(shown[:60])
