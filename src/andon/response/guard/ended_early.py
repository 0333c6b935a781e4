"""Tests, and the functions that check for them, that end now before they have checked."""

from __future__ import annotations

from collections import Counter

from andon.record import Record
from andon.response.guard.checks import checks
from andon.response.guard.exits import exits
from andon.response.guard.lines import squeezed
from andon.response.guard.reading import TESTS_KEPT, hunk_at, objection
from andon.response.guard.structure import SymbolKind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from andon.response.change import Hunk
    from andon.response.gates.results import Objection
    from andon.response.guard.reading import Sides
    from andon.response.guard.structure import Symbol
    from andon.response.guard.suites import Test
    from andon.response.guard.test_pairs import KnownTest, TestFile


class _Function(Record):
    """One side of a test or of a function that checks."""

    name: str
    sides: Sides
    start: int
    end: int


def ended_early(pairs: Sequence[tuple[KnownTest, KnownTest]]) -> Iterator[Objection]:
    """Object to what leaves a test that was there before, ahead of what it did or checked before."""
    for old, new in pairs:
        name = f"test `{new.test.qualified}`"
        yield from _left(_function(name, old.sides, old.test), _function(name, new.sides, new.test))


def emptied_checks(suite: TestFile) -> Iterator[Objection]:
    """Object to functions beside the tests that checked something for them, and do not any more."""
    sides = suite.sides
    if not sides.file.hunks or sides.before.unread or sides.after.unread:
        return
    tests = {test.qualified for test in suite.before.tests}
    new = {symbol.qualified: symbol for symbol in sides.after.symbols}
    for symbol in sides.before.symbols:
        is_function = symbol.kind in (SymbolKind.FUNCTION, SymbolKind.METHOD)
        now = new.get(symbol.qualified)
        if not is_function or symbol.qualified in tests or now is None or not _is_touched(sides, now):
            continue
        count = len(checks(sides.file.before or "", sides.before, symbol.start, symbol.end))
        if not count:
            continue
        name = f"`{symbol.qualified}`, which checks for tests,"
        if checks(sides.file.after or "", sides.after, now.start, now.end):
            yield from _left(_function(name, sides, symbol), _function(name, sides, now))
        elif not any(_is_called(sides, now, other) for other in sides.after.symbols):
            text = f"{name} checks nothing any more"
            yield objection(TESTS_KEPT, sides.file, text, line=now.line, end_line=now.end_line)


def _is_touched(sides: Sides, symbol: Symbol) -> bool:
    """True when lines of a function were added or taken out."""
    return any(
        hunk.new_start <= symbol.end_line and hunk.new_start + max(len(hunk.added), 1) > symbol.line
        for hunk in sides.file.hunks
    )


def _is_called(sides: Sides, caller: Symbol, other: Symbol) -> bool:
    """True when a function names another one that checks: what it did was moved there."""
    text = sides.file.after or ""
    return (
        other.qualified != caller.qualified
        and not (other.start < caller.start and caller.end <= other.end)
        and f"{other.name}(" in text[caller.start : caller.end]
        and bool(checks(text, sides.after, other.start, other.end))
    )


def _function(name: str, sides: Sides, place: Test | Symbol) -> _Function:
    return _Function(name=name, sides=sides, start=place.start, end=place.end)


def _left(old: _Function, new: _Function) -> Iterator[Objection]:
    text, was = new.sides.file.after or "", old.sides.file.before or ""
    if text[new.start : new.end] == was[old.start : old.end]:
        return
    here = list(exits(text, new.sides.after, new.start, new.end))
    before = Counter(
        (leave.text, leave.is_conditional) for leave in exits(was, old.sides.before, old.start, old.end)
    )
    known = {squeezed(line) for line in was[old.start : old.end].split("\n")} - {"", "}", "end", ")", "})"}
    is_checking = bool(checks(text, new.sides.after, new.start, new.end))
    for leave in here:
        hunk = hunk_at(new.sides.file, new.sides.after.line_at(leave.offset))
        if hunk is None:
            continue
        if before[leave.text, leave.is_conditional] > sum(
            1
            for other in here
            if (other.text, other.is_conditional) == (leave.text, leave.is_conditional) and other is not leave
        ):
            continue
        rest = text[leave.offset : new.end].split("\n")[1:]
        goes_on = any(squeezed(line) in known for line in rest)
        follows = checks(text, new.sides.after, leave.offset, new.end)
        if leave.is_conditional:
            hits = bool(follows) or (goes_on and not is_checking)
            if not hits or _checks_first(new.sides, hunk, leave.offset):
                continue
        elif not (goes_on or follows):
            continue
        when = "may end" if leave.is_conditional else "ends"
        line = new.sides.after.line_at(leave.offset)
        yield objection(
            TESTS_KEPT, new.sides.file, f"{new.name} {when} before it has checked: `{leave.text}`", line=line
        )


def _checks_first(sides: Sides, hunk: Hunk, offset: int) -> bool:
    """True when the lines that came with it check something ahead of it."""
    start = sides.after.starts[min(hunk.new_start - 1, len(sides.after.starts) - 1)]
    return bool(checks(sides.file.after or "", sides.after, start, offset))
