"""What JSONLogic's operators mean, for generated code and for values whose type is not known before.

JavaScript's rules, as the format's own cases have them: `1 == "1"`, an empty list is false.
Whatever could grow without end takes from a budget, so that no rule and no context keeps a program busy.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, TypeAlias

    #: What an evaluation may still do: one number, counted down.
    Budget: TypeAlias = list[int]

#: Steps of iterated rules in one evaluation: about a tenth of a second.
MOST_STEPS = 500_000
#: The longest text and list that a rule may make.
MOST_TEXT = 1 << 20
MOST_ITEMS = 100_000
#: How many lists a list may hold that is taken as a text.
MOST_LISTS = 1_000
_EXACT = 2**53
NAN = float("nan")


class OutOfBudget(Exception):
    """The rule does more than one evaluation may."""


def spend(budget: Budget, steps: int) -> None:
    """Take steps from a budget; raises OutOfBudget when it is used up."""
    budget[0] -= steps
    if budget[0] < 0:
        raise OutOfBudget(f"more than {MOST_STEPS} steps in one evaluation")


# ---- values


def truthy(value: Any) -> bool:
    """Return whether a value counts as true: not null, false, zero, NaN, an empty text or an empty list."""
    if isinstance(value, dict):
        return True
    return bool(value) and value == value


def number(value: Any) -> int | float:
    """Return a value as a number, by JavaScript's rules; NaN when it is none."""
    kind = type(value)
    if kind is int or kind is float:
        return value  # type: ignore[no-any-return]  # it is one of the two
    if value is None:
        return 0
    if isinstance(value, (bool, int)):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        return _read_number(value)
    if isinstance(value, (list, tuple)) and len(value) < 2:
        return _read_number(text(value[0])) if value else 0
    return NAN


def _read_number(written: str) -> int | float:
    stripped = written.strip()
    if not stripped:
        return 0
    if len(stripped) > 400 or "_" in stripped or not stripped.isascii():
        return NAN
    try:
        return int(stripped)
    except ValueError:
        pass
    if stripped.lstrip("+-")[:1] not in "0123456789.":  # `nan` and `inf` are texts
        return NAN
    try:
        return int(stripped, 16) if stripped[:2] in ("0x", "0X") else settle(float(stripped))
    except ValueError:
        return NAN


def settle(result: int | float) -> int | float:
    """Return a result as JavaScript would print it: whole when it is, never endless digits."""
    if isinstance(result, int):
        return result if -_EXACT <= result <= _EXACT else float(result)
    return int(result) if result.is_integer() and -_EXACT <= result <= _EXACT else result


def text(value: Any) -> str:
    """Return a value as text, as joining does: null is empty, `true`, `1`, `a,b`."""
    pieces: list[str] = []
    length = lists = 0
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, (list, tuple)):
            lists += 1  # one that is in itself has no end, and not a single piece
            if lists > MOST_LISTS:
                raise OutOfBudget(f"more than {MOST_LISTS} lists in a list as text")
            if len(waiting) + 2 * len(item) > MOST_ITEMS or len(pieces) > MOST_ITEMS:
                raise OutOfBudget(f"a list of more than {MOST_ITEMS} items as text")
            parts: list[Any] = []
            for part in item:
                parts += (part, ",")
            waiting.extend(reversed(parts[:-1]))
            continue
        piece = _word(item)
        length += len(piece)
        if length > MOST_TEXT or len(pieces) > 2 * MOST_ITEMS:
            raise OutOfBudget(f"a text of more than {MOST_TEXT} characters")
        pieces.append(piece)
    return "".join(pieces)


def _word(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "NaN" if value != value else str(settle(value))
    if isinstance(value, dict):
        return "[object Object]"
    return str(value)


# ---- looking into the context


def path_of(key: Any) -> tuple[str, ...]:
    """Return the parts of a variable's name; none means the whole context."""
    if key is None or key == "" or key == []:
        return ()
    if isinstance(key, str):
        return tuple(key.split("."))
    return tuple(text(key).split("."))


def dig(data: Any, path: Iterable[str]) -> Any:
    """Return what lies at a path, through objects by name and lists by number; None when nothing does."""
    for part in path:
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, (list, tuple)):
            index = int(part) if part.isascii() and part.isdecimal() and len(part) < 9 else -1
            data = data[index] if 0 <= index < len(data) else None
        elif data is None or isinstance(data, (str, int, float, bytes)):
            return None
        else:
            get = getattr(data, "get", None)  # another mapping
            data = None if get is None else get(part)
    return data


def look(data: Any, key: Any, otherwise: Any = None) -> Any:
    """Return the variable of a name that was itself computed."""
    found = dig(data, path_of(key))
    return otherwise if found is None else found


def missing(data: Any, arguments: Sequence[Any]) -> list[Any]:
    """Return the names that the context lacks."""
    if arguments and isinstance(arguments[0], (list, tuple)):
        arguments = arguments[0]
    return [key for key in arguments if dig(data, path_of(key)) in (None, "")]


def missing_some(data: Any, arguments: Sequence[Any]) -> list[Any]:
    """Return the missing names, none when at least so many are there."""
    if len(arguments) < 2 or not isinstance(arguments[1], (list, tuple)):
        return []
    lacking = missing(data, [arguments[1]])
    return [] if len(arguments[1]) - len(lacking) >= number(arguments[0]) else lacking


# ---- comparing


def strict_equal(left: Any, right: Any) -> bool:
    """Return whether two values are of one type and equal; two lists or objects never are."""
    if left is None or right is None or isinstance(left, bool) or isinstance(right, bool):
        return left is right
    for kind in (str, (int, float)):
        if isinstance(left, kind):
            return isinstance(right, kind) and left == right
    return left is right


def loose_equal(left: Any, right: Any) -> bool:
    """Return whether two values are equal after making numbers of what is compared with a number."""
    if left is None or right is None:
        return left is right
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    compound = (list, tuple, dict)
    if isinstance(left, compound) or isinstance(right, compound):
        if isinstance(left, compound) and isinstance(right, compound):
            return left is right
        left = text(left) if isinstance(left, compound) else left
        right = text(right) if isinstance(right, compound) else right
        if isinstance(left, str) and isinstance(right, str):
            return left == right
    return number(left) == number(right)


def less(left: Any, right: Any) -> bool:
    """Return whether one value is below another: texts by letters, everything else by number."""
    if isinstance(left, str) and isinstance(right, str):
        return left < right
    return number(left) < number(right)


def less_equal(left: Any, right: Any) -> bool:
    """Return whether one value is not above another."""
    if isinstance(left, str) and isinstance(right, str):
        return left <= right
    return number(left) <= number(right)


def contains(needle: Any, hay: Any, budget: Budget) -> bool:
    """Return whether a list has an item, or a text another text."""
    if isinstance(hay, str):
        spend(budget, len(hay) >> 6)
        return isinstance(needle, str) and needle in hay
    if not isinstance(hay, (list, tuple)):
        return False
    spend(budget, len(hay))
    return any(strict_equal(needle, item) for item in hay)


def starts_with(value: Any, start: Any) -> bool | None:
    """Return whether a text begins with another; None when one is no text."""
    return value.startswith(start) if isinstance(value, str) and isinstance(start, str) else None


def ends_with(value: Any, end: Any) -> bool | None:
    """Return whether a text ends with another; None when one is no text."""
    return value.endswith(end) if isinstance(value, str) and isinstance(end, str) else None


# ---- computing


def add(values: Sequence[Any]) -> int | float:
    """Return the sum."""
    total: int | float = 0
    for value in values:
        total += number(value)
    return settle(total)


def multiply(values: Sequence[Any]) -> int | float:
    """Return the product."""
    product: int | float = 1
    for value in values:
        product = settle(product * number(value))
    return product


def subtract(values: Sequence[Any]) -> int | float | None:
    """Return the first without the others; of one, its negative."""
    if len(values) < 2:
        return settle(-number(values[0])) if values else None
    return settle(number(values[0]) - sum(number(value) for value in values[1:]))


def divide(values: Sequence[Any]) -> int | float | None:
    """Return the first divided by the others, of one its reciprocal; NaN for a division by zero."""
    if not values:
        return None
    first, *others = values if len(values) > 1 else (1, *values)
    result = number(first)
    for value in others:
        divisor = number(value)
        if divisor == 0:
            return NAN
        result = settle(result / divisor)
    return result


def remainder(values: Sequence[Any]) -> int | float | None:
    """Return what a division leaves, with the sign of what is divided; NaN for a division by zero."""
    if len(values) < 2:
        return None
    result = number(values[0])
    for value in values[1:]:
        divisor = number(value)
        if divisor == 0 or divisor != divisor or result != result or result in (float("inf"), -float("inf")):
            return NAN
        left = abs(result) % abs(divisor)
        result = settle(-left if result < 0 else left)
    return result


def largest(values: Sequence[Any]) -> int | float | None:
    """Return the greatest of some numbers; None of none."""
    return _extreme(max, values)


def smallest(values: Sequence[Any]) -> int | float | None:
    """Return the least of some numbers; None of none."""
    return _extreme(min, values)


def _extreme(choose: Callable[..., Any], values: Sequence[Any]) -> int | float | None:
    numbers = [number(value) for value in values]
    if any(value != value for value in numbers):
        return NAN
    return choose(numbers) if numbers else None


def join(values: Sequence[Any], budget: Budget | None = None) -> str:
    """Return the values as one text."""
    made = "".join([value if type(value) is str else text(value) for value in values])
    if len(made) > MOST_TEXT:
        raise OutOfBudget(f"a text of more than {MOST_TEXT} characters")
    if budget is not None:
        spend(budget, len(made) >> 6)
    return made


def substring(values: Sequence[Any]) -> str:
    """Return a part of a text: from a place, so many characters or all but so many at the end."""
    if not values:
        return ""
    whole = text(values[0])
    start = _whole(values[1]) if len(values) > 1 else 0
    start = max(len(whole) + start, 0) if start < 0 else start
    rest = whole[start:]
    if len(values) < 3 or values[2] is None:
        return rest
    count = _whole(values[2])
    return rest[: len(rest) + count] if -len(rest) <= count < 0 else rest[: max(count, 0)]


def _whole(value: Any) -> int:
    found = number(value)
    return 0 if found != found else int(max(min(found, 2**31), -(2**31)))


def merge(values: Sequence[Any], budget: Budget | None = None) -> list[Any]:
    """Return the items of all lists, and the values that are no lists, in one list."""
    merged: list[Any] = []
    for value in values:
        if isinstance(value, (list, tuple)):
            merged.extend(value)
        else:
            merged.append(value)
        if len(merged) > MOST_ITEMS:
            raise OutOfBudget(f"a list of more than {MOST_ITEMS} items")
    if budget is not None:
        spend(budget, len(merged))
    return merged


# ---- over lists; `steps` is what one item costs


def mapped(items: Any, rule: Callable[[Any], Any], budget: Budget, steps: int) -> list[Any]:
    """Return what a rule makes of each item."""
    return [rule(item) for item in _items(items, budget, steps)]


def filtered(items: Any, rule: Callable[[Any], bool], budget: Budget, steps: int) -> list[Any]:
    """Return the items for which a rule is true."""
    return [item for item in _items(items, budget, steps) if rule(item)]


def reduced(items: Any, rule: Callable[[Any], Any], first: Any, budget: Budget, steps: int) -> Any:
    """Return what a rule makes of all items, one after another."""
    for item in _items(items, budget, steps):
        first = rule({"current": item, "accumulator": first})
    return first


def every(items: Any, rule: Callable[[Any], bool], budget: Budget, steps: int) -> bool:
    """Return whether a rule is true for every item of a list that has some."""
    seen = _items(items, budget, steps)
    return bool(seen) and all(rule(item) for item in seen)


def some(items: Any, rule: Callable[[Any], bool], budget: Budget, steps: int) -> bool:
    """Return whether a rule is true for an item."""
    return any(rule(item) for item in _items(items, budget, steps))


def _items(items: Any, budget: Budget, steps: int) -> Sequence[Any]:
    if not isinstance(items, (list, tuple)):
        return ()
    spend(budget, len(items) * steps + 1)
    return items
