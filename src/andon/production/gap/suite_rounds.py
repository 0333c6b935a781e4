"""Rounds of tests that were repeated: how many there were, and in which of them a test failed. Pure."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.gaps.suite import TestRan

_TOLD = ("passed", "failed")


def only_first(tests: Sequence[TestRan]) -> bool:
    """True when tests failed in their first round, and in no other."""
    seen: set[tuple[str, str]] = set()
    has_failed = False
    for test in tests:
        is_first = (test.id, test.title) not in seen
        seen.add((test.id, test.title))
        if test.outcome == "failed" and not is_first:
            return False
        has_failed = has_failed or test.outcome == "failed"
    return has_failed


def rounds(tests: Sequence[TestRan]) -> int:
    """Return how often the test that ran most often ran."""
    return max(_counted(tests).values(), default=0)


def complete(tests: Sequence[TestRan]) -> int:
    """Return how many rounds a run may claim that was short of time: no more than each of its tests had.

    Where tests failed, it is what they had: k of n is said of them.
    """
    counted = _counted(tests)
    failed = {(test.id, test.title) for test in tests if test.outcome == "failed"}
    of_failed = [count for test, count in counted.items() if test in failed]
    return max(of_failed) if of_failed else min(counted.values(), default=0)


def _counted(tests: Sequence[TestRan]) -> dict[tuple[str, str], int]:
    counted: dict[tuple[str, str], int] = {}
    for test in tests:
        if test.outcome in _TOLD:
            counted[test.id, test.title] = counted.get((test.id, test.title), 0) + 1
    return counted
