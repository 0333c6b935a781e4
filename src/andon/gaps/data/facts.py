"""Facts of production's data that the tests' data cannot show: what to ask for, and which row shows it. Pure.

A fact is asked for only where no row of the tests shows it. That a thing is rarer or commoner in production
is no fact: only what the tests can never meet is.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from enum import StrEnum

from andon.gaps.data.schema import Column, Family, ForeignKey, Table
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from typing import Any

INT32 = 2_147_483_647
#: Lengths between which a difference counts.
BUCKETS = (8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16384, 65536, 1 << 20)
#: Different texts that a column of categories has at most.
MOST_CATEGORIES = 12
#: So few categories, or so many rows for each, that the tests know them all when each is there twice.
_FEW = 4
_IDENTIFYING = re.compile(
    r"(?:^|_)(?:e?mail|user_?name|login|slug|code|sku|isbn|number|no|reference|ref|token|key|iban|phone)$",
    re.IGNORECASE,
)
_CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MARKUP = re.compile(r"[<>]|\{\{|\{%|\$\{")
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?:$|[ T]\d)")


class Sort(StrEnum):
    """The facts, in the words in which they are told."""

    NULL = "null"
    EMPTY = "empty"
    UNTRIMMED = "blanks at an end"
    ASTRAL = "characters beyond the basic plane (emoji)"
    BEYOND_LATIN = "characters beyond Latin-1"
    BEYOND_ASCII = "characters beyond ASCII"
    CONTROL = "control characters"
    MARKUP = "markup or template characters"
    LONGER = "longer than any of the tests'"
    NEGATIVE = "negative"
    ZERO = "zero"
    BEYOND_INT32 = "beyond 32 bits"
    FRACTION = "with a fraction"
    NOT_A_NUMBER = "text where the tests have numbers"
    CATEGORY = "a category that the tests do not have"
    QUOTED = "the value that the failure quotes"
    FUTURE = "in the future"
    ANCIENT = "before 1970"
    ORPHAN = "no row that it refers to"
    DUPLICATE = "the same value twice"
    NOT_JSON = "no JSON object where the tests have one"
    NO_JSON_KEY = "JSON without a key that the tests' always have"
    LAST_KEY = "next key beyond 32 bits"


class Fact(Record):
    """Something that a value of a column can be, and no value of the tests is."""

    table: str
    column: str
    sort: Sort
    #: For `longer` the length; for categories and quoted values the texts; for moments the limit; for JSON
    #: the key.
    limit: int | str | tuple[str, ...] = ""
    #: For `orphan`.
    key: ForeignKey | None = None


class SeenColumn(Record):
    """What the tests' values of one column are like."""

    rows: int = 0
    nulls: int = 0
    longest: int = 0
    #: The facts that some value of the tests shows.
    shown: frozenset[Sort] = frozenset()
    #: The different texts; () when they are too many to be categories.
    categories: tuple[str, ...] = ()
    #: True when the tests have met each category more than once, so that one more is no matter of luck.
    are_met: bool = False
    are_all_different: bool = False
    are_moments: bool = False
    are_numbers: bool = False
    #: Keys that every JSON object of the column has; () as well when not all are objects.
    json_keys: tuple[str, ...] = ()
    are_objects: bool = False


def look(column: Column, values: Sequence[Any], *, soon: str) -> SeenColumn:
    """Return what a column's values are like; `soon` is the day, as ISO text, after which is the future."""
    given = [v for v in values if v is not None]
    texts = [str(v) for v in given]
    different = set(texts)
    shown = {s for s in _plain_sorts(column) if any(shows_plain(s, v, soon) for v in given)}
    if len(given) < len(values):
        shown.add(Sort.NULL)
    is_text = column.family in (Family.TEXT, Family.JSON)
    counted = Counter(texts)
    objects = [_object(text) for text in texts[:2000]] if is_text else []
    are_objects = bool(objects) and all(one is not None for one in objects)
    are_categories = (
        column.family is Family.TEXT and 0 < len(different) <= MOST_CATEGORIES and not are_objects
    )
    repeats = len(texts) >= 2 * len(different) or len(different) <= 3
    keys = set(objects[0] or ()).intersection(*(one or () for one in objects)) if are_objects else set()
    return SeenColumn(
        rows=len(values),
        nulls=len(values) - len(given),
        longest=max((len(text) for text in texts), default=0) if is_text else 0,
        shown=frozenset(shown),
        categories=tuple(sorted(different)) if are_categories and repeats else (),
        are_met=min(counted.values(), default=0) > 1
        and (len(different) <= _FEW or len(texts) >= _FEW * len(different)),
        are_all_different=len(different) == len(texts) and len(texts) > 1,
        are_moments=bool(texts)
        and (column.family is Family.MOMENT or (is_text and all(_DAY.match(t) for t in texts))),
        are_numbers=bool(given) and all(_number(v) is not None for v in given),
        json_keys=tuple(sorted(keys))[:20],
        are_objects=are_objects,
    )


def facts_to_ask(
    table: Table,
    column: Column,
    seen: SeenColumn,
    *,
    soon: str,
    keys: Collection[ForeignKey],
    quoted: tuple[str, ...],
) -> Iterator[Fact]:
    """Return the facts to ask production for: those that no row of the tests shows.

    `quoted` are the texts that the failure quotes; a value of production that is one of them, and none of the
    tests', is a fact.
    """
    if not seen.rows:
        return

    def fact(sort: Sort, limit: int | str | tuple[str, ...] = "", key: ForeignKey | None = None) -> Fact:
        return Fact(table=table.name, column=column.name, sort=sort, limit=limit, key=key)

    if Sort.NULL not in seen.shown and column.name not in table.key:
        yield fact(Sort.NULL)
    for sort in _plain_sorts(column):
        if sort not in seen.shown and _makes_sense(sort, seen):
            yield fact(sort, soon if sort is Sort.FUTURE else "")
    if column.family in (Family.TEXT, Family.JSON) and seen.longest:
        yield fact(Sort.LONGER, bucket(seen.longest))
    if seen.categories and not seen.are_moments:
        yield fact(Sort.CATEGORY, seen.categories)
    new = tuple(text for text in quoted if text not in seen.categories)
    if column.family is Family.TEXT and new and not seen.are_objects:
        yield fact(Sort.QUOTED, new)
    if seen.are_objects:
        yield fact(Sort.NOT_JSON)
        for key in seen.json_keys:
            yield fact(Sort.NO_JSON_KEY, key)
    for foreign in keys:
        if foreign.columns == (column.name,):
            yield fact(Sort.ORPHAN, key=foreign)
    if seen.are_all_different and seen.rows >= 3 and _IDENTIFYING.search(column.name):
        yield fact(Sort.DUPLICATE)


#: What a fact says too when it holds of the same column: that is not told as well.
_IMPLIED: dict[Sort, frozenset[Sort]] = {
    Sort.ASTRAL: frozenset((Sort.BEYOND_LATIN, Sort.BEYOND_ASCII, Sort.CATEGORY)),
    Sort.BEYOND_LATIN: frozenset((Sort.BEYOND_ASCII, Sort.CATEGORY)),
    Sort.NOT_JSON: frozenset((Sort.NO_JSON_KEY, Sort.CATEGORY, Sort.EMPTY)),
    Sort.ORPHAN: frozenset((Sort.CATEGORY,)),
    **dict.fromkeys(
        (
            Sort.EMPTY, Sort.UNTRIMMED, Sort.BEYOND_ASCII, Sort.CONTROL, Sort.MARKUP, Sort.LONGER,
            Sort.FUTURE, Sort.ANCIENT, Sort.QUOTED,
        ),
        frozenset((Sort.CATEGORY,)),
    ),
}  # fmt: skip


def told_apart(found: Sequence[tuple[Fact, int]]) -> list[Fact]:
    """Return the facts that are worth telling, of those found with their rows: none that another implies."""
    kept: list[Fact] = []
    for fact, rows in found:
        others = [(other, n) for other, n in found if other.column == fact.column and other is not fact]
        if any(fact.sort in _IMPLIED.get(other.sort, ()) and n >= rows for other, n in others):
            continue
        if fact.sort is Sort.NO_JSON_KEY and any(
            k.sort is fact.sort and k.column == fact.column for k in kept
        ):
            continue
        kept.append(fact)
    return kept


def _plain_sorts(column: Column) -> tuple[Sort, ...]:
    """Return the facts that a value shows by itself, strongest of a row first."""
    if column.family in (Family.TEXT, Family.JSON):
        texts = (
            Sort.EMPTY, Sort.UNTRIMMED, Sort.ASTRAL, Sort.BEYOND_LATIN, Sort.BEYOND_ASCII, Sort.CONTROL,
            Sort.MARKUP,
        )  # fmt: skip
        return (*texts, Sort.FUTURE, Sort.ANCIENT) if column.family is Family.TEXT else texts[2:6]
    if column.family is Family.WHOLE:
        return (Sort.NOT_A_NUMBER, Sort.NEGATIVE, Sort.ZERO, Sort.BEYOND_INT32)
    if column.family is Family.NUMBER:
        return (Sort.NOT_A_NUMBER, Sort.NEGATIVE, Sort.ZERO, Sort.FRACTION)
    return (Sort.FUTURE, Sort.ANCIENT) if column.family is Family.MOMENT else ()


def _makes_sense(sort: Sort, seen: SeenColumn) -> bool:
    if sort in (Sort.FUTURE, Sort.ANCIENT):
        return seen.are_moments
    if sort in (Sort.NOT_A_NUMBER, Sort.NEGATIVE, Sort.ZERO, Sort.FRACTION, Sort.BEYOND_INT32):
        return seen.are_numbers
    return True


def bucket(length: int) -> int:
    """Return the length beyond which a text is of another size than one of this length."""
    return next((b for b in BUCKETS if b >= 2 * length), 2 * length)


def bucket_name(length: int) -> str:
    """Return a length in words that do not tell it exactly."""
    return next((f"up to {b} characters" for b in BUCKETS if length <= b), f"more than {BUCKETS[-1]}")


def are_names(fact: Fact, seen: SeenColumn, rows: int, total: int) -> bool:
    """True for "categories" that are none: all of the tests' differ, and hardly any row has one of them."""
    return (
        fact.sort is Sort.CATEGORY
        and seen.are_all_different
        and total > MOST_CATEGORIES
        and rows * 10 >= total * 9
    )


def shows(fact: Fact, value: Any, row_context: Any = None) -> bool:
    """True when a value shows a fact; orphans and duplicates need `row_context`: the set to look in."""
    match fact.sort:
        case Sort.NULL:
            return value is None
        case _ if value is None:
            return False
        case Sort.LONGER:
            return len(str(value)) > int(fact.limit or 0)  # type: ignore[arg-type]  # a length
        case Sort.CATEGORY:
            return isinstance(fact.limit, tuple) and str(value) not in fact.limit
        case Sort.QUOTED:
            return isinstance(fact.limit, tuple) and str(value) in fact.limit
        case Sort.NOT_JSON:
            return _object(str(value)) is None
        case Sort.NO_JSON_KEY:
            return f'"{fact.limit}"' not in str(value)
        case Sort.ORPHAN:
            return row_context is not None and str(value) not in row_context
        case Sort.DUPLICATE:
            return row_context is not None and str(value) in row_context
    return shows_plain(fact.sort, value, str(fact.limit))


def shows_plain(sort: Sort, value: Any, soon: str) -> bool:
    """True when a value that is not null shows a fact that needs no context."""
    if sort in (Sort.NEGATIVE, Sort.ZERO, Sort.BEYOND_INT32, Sort.FRACTION, Sort.NOT_A_NUMBER):
        number = _number(value)
        if number is None or sort is Sort.NOT_A_NUMBER:
            return number is None and sort is Sort.NOT_A_NUMBER
        return {
            Sort.NEGATIVE: number < 0,
            Sort.ZERO: number == 0,
            Sort.BEYOND_INT32: abs(number) > INT32,
            Sort.FRACTION: number != number // 1,
        }[sort]
    text = str(value)
    match sort:
        case Sort.EMPTY:
            return text == ""
        case Sort.UNTRIMMED:
            return text != "" and text != text.strip(" \t\r\n")
        case Sort.ASTRAL:
            return any(c > "\uffff" for c in text)
        case Sort.BEYOND_LATIN:
            return any("\xff" < c <= "\uffff" for c in text)
        case Sort.BEYOND_ASCII:
            return any("\x7f" < c <= "\xff" for c in text)
        case Sort.CONTROL:
            return bool(_CONTROL.search(text))
        case Sort.MARKUP:
            return bool(_MARKUP.search(text))
        case Sort.FUTURE:
            return _is_moment(text) and text[:10] > soon
        case Sort.ANCIENT:
            return _is_moment(text) and text[:10] < "1970-01-01"
    return False


def _is_moment(text: str) -> bool:
    return bool(_DAY.match(text))


def _number(value: Any) -> float | int | None:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value if value == value and abs(value) != float("inf") else None
    text = str(value)
    try:
        return int(text)
    except ValueError:
        pass
    try:
        found = float(text)
    except ValueError:
        return None
    return found if found == found and abs(found) != float("inf") else None


def _object(text: str) -> dict[str, Any] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
