"""What differs in scale between two worlds, and how much it has to do with a failure. Pure.

The numbers of users and rows nearly always differ and nearly always do no harm. They weigh only when the
failure reads like one of crowds (a pool that is empty, a lock, too many of something) or of size (a time
limit), by the rules of `gaps.relevance`.
"""

from __future__ import annotations

import re

from andon.gaps.experiment import Difference, Part
from andon.gaps.relevance import is_named, shared
from andon.gaps.words import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from andon.gaps.failure import Failure

#: Users that an experiment has at once at most.
MOST_USERS = 64
#: Rows that an experiment makes at most; the copies are the data dimension's.
MOST_ROWS = 200_000
#: A table is larger when it has so many times the tests' rows, and more than so many.
TIMES, ROWS = 10.0, 100

_OF_CROWDS = re.compile(
    r"(?<![a-z])pool\b|(?-i:[a-z]Pool\b)|too many|exhausted|deadlock|\block(?:ed)?\b|lock wait"
    r"|could not serialize|concurren|connection slots|overload|rate limit|queue (?:is )?full|\bbusy\b|no free"
    r"|resource temporarily|oversold|\brace\b",
    re.IGNORECASE,
)
_OF_SIZE = re.compile(
    r"statement timeout|canceling statement|timed? ?out|timeout|too large|too slow|out of memory|memoryerror"
    r"|maximum .{0,20}exceeded|\bslow\b|deadline",
    re.IGNORECASE,
)
#: What only a query says that has too much to do, or gets too much.
_OF_ROWS = re.compile(
    r"too many (?:sql )?(?:variables|parameters|terms|arguments)|statement timeout|canceling statement"
    r"|max_allowed_packet|out of memory|memoryerror|argument list too long|sort memory|result set"
    r"|temporary (?:file|table)",
    re.IGNORECASE,
)
#: Statuses of answers that come too late or not at all for want of room.
_CROWDED, _LATE = (429, 503), (408, 504)
_TOO_MANY = 429


def users_differ(failure: Failure, test: int, production: int) -> Difference | None:
    """Return how the numbers of users differ; None when production has no more."""
    if production <= test:
        return None
    reasons = []
    weight = 1
    if word := _of_crowds(failure):
        reasons.append(f"the failure speaks of {word[0].lower()!r}, as crowds bring it about")
        weight = 4
    elif failure.status in _CROWDED:
        reasons.append(f"status {failure.status} is what an application says that is too busy")
        # With a text that speaks of something else, it is a status as good as any.
        weight = 3 if failure.text and failure.status != _TOO_MANY else 4
    elif failure.slower_than or failure.status in _LATE or _OF_SIZE.search(failure.text):
        reasons.append("the failure is one of time, and many at once take time from each other")
        weight = 3
    if weight == 4 and production < 2 * test:
        weight = 3
        reasons.append("but production has hardly more users")
    return Difference(
        kind=Kind.SCALE,
        place=("users",),
        test=str(test),
        production=str(production),
        weight=weight,
        reasons=tuple(reasons) or ("nothing in the failure speaks of many at once",),
        summary=f"production has {production} users at once, the tests {test}",
        probe="scale",
        command="users under [gap.test] and [gap.prod] in andon.toml",
    )


def _of_crowds(failure: Failure) -> re.Match[str] | None:
    """Return the word of the failure that speaks of many at once."""
    told = f"{failure.text}\n{failure.absent}"
    return None if _OF_ROWS.search(told) else _OF_CROWDS.search(told)


def rows_differ(
    failure: Failure,
    test: Mapping[str, int],
    production: Mapping[str, int],
    beside: Collection[str] = (),
) -> tuple[Difference, ...]:
    """Return how the sizes of tables differ, for those of which production has far more rows.

    `beside` are those that the source names where it answers the failing endpoint.
    """
    return tuple(
        _table_differs(failure, table, test.get(table, 0), rows, is_beside=table in beside)
        for table, rows in sorted(production.items())
        if table in test and is_larger(test[table], rows)
    )


def is_larger(test: int, production: int) -> bool:
    """Say whether a table of production is so much larger that its size alone could matter."""
    return production > ROWS and production >= TIMES * max(test, 1)


def _table_differs(
    failure: Failure, table: str, test: int, production: int, *, is_beside: bool
) -> Difference:
    of_rows = bool(_OF_ROWS.search(failure.text))
    late = bool(failure.slower_than or failure.status in _LATE or _OF_SIZE.search(failure.text))
    late = of_rows or (late and not _of_crowds(failure))
    common = shared(failure, table)
    reasons = []
    if is_named(failure, table):
        reasons.append(f"the failure names {table}")
    elif common:
        reasons.append(f"shares {', '.join(sorted(common))} with the failing way")
    if is_beside:
        reasons.append(f"the source names it where it answers {failure.endpoint}")
    is_on = bool(common or is_named(failure, table) or (is_beside and of_rows))
    if late:
        reasons.append("the failure is one of time or size")
    weight = (4 if late else 3) if is_on else 2 if late or is_beside else 1
    return Difference(
        kind=Kind.SCALE,
        place=("rows", table),
        test=str(test),
        production=str(production),
        weight=weight,
        reasons=tuple(reasons) or ("nothing joins it to the failure",),
        summary=f"production has {production} rows in {table}, the tests {test}",
        probe="scale",
        command=f"SELECT count(*) FROM {table}",  # noqa: S608  # shown to a person
    )


def users_part(test: int, production: int) -> tuple[Part, ...]:
    """Return the part for users, as many as an experiment can have; () when production has no more."""
    amount = min(production, MOST_USERS)
    if amount <= test:
        return ()
    return (Part(kind=Kind.SCALE, place=("users",), amount=float(amount), least=float(test)),)


def rows_parts(test: Mapping[str, int], production: Mapping[str, int]) -> tuple[Part, ...]:
    """Return a part for each table of which production has far more rows, the most overgrown first."""
    larger = [
        (rows / max(test[table], 1), table, rows)
        for table, rows in production.items()
        if table in test and is_larger(test[table], rows)
    ]
    return tuple(
        Part(
            kind=Kind.SCALE,
            place=("rows", table),
            amount=float(min(rows, MOST_ROWS)),
            least=float(test[table]),
        )
        for _, table, rows in sorted(larger, key=lambda one: (-one[0], one[1]))
    )
