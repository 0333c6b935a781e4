"""Which states of which flags the tests ran with: the report, its merging, and what it leaves out. Pure.

The report is made by the pytest plugin, read by `andon flags tests` and by the SHIP gate. A state counts when
a test that passed asked for the flag while it was in that state.
"""

from __future__ import annotations

from andon.errors import InvalidInput
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from andon.flags.overrides import FlagJson

#: Where everybody says which format it is.
FORMAT = 1
#: Bytes of a report; ten thousand states with a hundred tests each stay below.
LARGEST = 64 << 20
#: Tests that are named for one state; the others are counted.
NAMED = 100
#: Kinds of flags that are meant to stay; every other comes and goes, one without a kind too.
STAYING = ("ops", "permission")


class TestedState(Record):
    """One flag in one state, and the tests that passed with it."""

    #: pytest collects classes by this name otherwise.
    __test__ = False

    flag: str
    variant: str
    #: What the code got, where it is a boolean, a number or text; None for anything else.
    value: bool | int | float | str | None = None
    #: The first NAMED of the tests, as pytest names them.
    tests: tuple[str, ...] = ()
    count: int = 0


class StateReport(Record):
    """What a run of the tests, or several at one commit, left."""

    #: The commit that was checked out; "" outside a repository.
    commit: str = ""
    #: True when nothing differed from the commit.
    is_clean: bool = False
    states: tuple[TestedState, ...] = ()


def collected(ran: Iterable[tuple[str, str, Any, str]]) -> tuple[TestedState, ...]:
    """Return the states of `(flag, variant, value, test)`, sorted by flag and variant."""
    found: dict[tuple[str, str], tuple[Any, dict[str, None]]] = {}
    for flag, variant, value, test in ran:
        found.setdefault((flag, variant), (value, {}))[1][test] = None
    return tuple(
        TestedState(
            flag=flag,
            variant=variant,
            value=value if isinstance(value, (bool, int, float, str)) else None,
            tests=tuple(tests)[:NAMED],
            count=len(tests),
        )
        for (flag, variant), (value, tests) in sorted(found.items())
    )


def merged(earlier: StateReport | None, now: StateReport, failed: Iterable[str] = ()) -> StateReport:
    """Return the report of now, with what earlier runs at the same commit showed when nothing was changed.

    A test that failed now takes back what it showed before.
    """
    if earlier is None or not (earlier.is_clean and now.is_clean and now.commit == earlier.commit != ""):
        return now
    without, ran = frozenset(failed), []
    for report in (earlier, now):
        for state in report.states:
            ran += [(state.flag, state.variant, state.value, t) for t in state.tests if t not in without]
    return StateReport(commit=now.commit, is_clean=True, states=collected(ran))


def states_of(flag: FlagJson) -> tuple[tuple[str, Any], ...]:
    """Return the variants of a definition with their values."""
    variants = flag.get("variants")
    return tuple(variants.items()) if isinstance(variants, dict) else ()


def untested(key: str, flag: FlagJson, states: Iterable[TestedState]) -> tuple[str, ...]:
    """Return the variants of a flag that no test ran with; a boolean state counts by its value too.

    A test that overrides a flag knows its value, not always what the definition calls it.
    """
    ran = [state for state in states if state.flag == key and state.count]
    names = {state.variant for state in ran}
    booleans = {state.value for state in ran if isinstance(state.value, bool)}
    return tuple(
        name
        for name, value in states_of(flag)
        if not (value in booleans if isinstance(value, bool) else name in names)
    )


def is_under_way(flag: FlagJson) -> bool:
    """Say whether a flag comes and goes and is not the same for everybody: at neither 0 nor 100 percent."""
    return is_passing(flag) and bool(flag.get("targeting")) and flag.get("state", "ENABLED") == "ENABLED"


def is_passing(flag: FlagJson) -> bool:
    """Say whether a flag is one that comes and goes: of a release, an experiment, or of no known kind."""
    metadata = flag.get("metadata")
    return not (isinstance(metadata, dict) and metadata.get("kind") in STAYING)


# ---- as it is kept


def to_plain(report: StateReport) -> dict[str, Any]:
    """Return a report as JSON values; `from_plain` is the inverse."""
    return {
        "format": FORMAT,
        "commit": report.commit,
        "clean": report.is_clean,
        "states": [
            {**{field: getattr(s, field) for field in s.__fields__}, "tests": list(s.tests)}
            for s in report.states
        ],
    }


def from_plain(value: object, where: str = "") -> StateReport:
    """Return what `to_plain` wrote; raises InvalidInput for anything else."""
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise _wrong(f"it is no report of flag states, format {FORMAT}", where)
    commit, is_clean, states = value.get("commit"), value.get("clean"), value.get("states")
    if not (isinstance(commit, str) and isinstance(is_clean, bool) and isinstance(states, list)):
        raise _wrong("commit, clean or states are missing", where)
    made = tuple(_state(entry, where, number) for number, entry in enumerate(states, 1))
    return StateReport(commit=commit, is_clean=is_clean, states=made)


def _state(entry: object, where: str, number: int) -> TestedState:
    said: Mapping[str, Any] = entry if isinstance(entry, dict) else {}
    flag, variant, value = said.get("flag"), said.get("variant"), said.get("value")
    tests, count = said.get("tests"), said.get("count")
    if not (
        isinstance(flag, str)
        and isinstance(variant, str)
        and isinstance(value, (bool, int, float, str, type(None)))
        and isinstance(tests, list)
        and all(isinstance(test, str) for test in tests)
        and isinstance(count, int)
        and count >= len(tests)
    ):
        raise _wrong(f"state {number} has a wrong field", where)
    return TestedState(flag=flag, variant=variant, value=value, tests=tuple(tests), count=count)


def _wrong(told: str, where: str) -> InvalidInput:
    return InvalidInput(
        told,
        where=where,
        rule="flags-tested",
        remedy="remove it and run the tests: pytest --flag-report FILE",
    )
