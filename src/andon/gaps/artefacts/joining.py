"""All that the artefacts of one run say, joined test by test. Pure."""

from __future__ import annotations

import re

from andon.gaps.beliefs import Beliefs, TestBelief
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from andon.gaps.artefacts.found import FoundTest, Piece
    from andon.gaps.beliefs import Exchange

#: Which of two outcomes counts, as of a test that ran in two projects.
_WORST = ("failed", "flaky", "unclear", "passed", "skipped", "")


def joined(pieces: Sequence[Piece]) -> Beliefs:
    """Return the beliefs of all pieces: a test's report and its trace are one test."""
    attached = _attached(pieces)
    tests: dict[tuple[str, str], FoundTest] = {}
    for piece in sorted(pieces, key=lambda one: any(test.is_trace for test in one.tests)):
        own: dict[tuple[str, str], FoundTest] = {}
        for test in piece.tests:
            named = _named(test, attached.get(_end(piece.source))) if test.is_trace else test
            key = _key(named, tests)
            own[key] = _both(own[key], named, is_other_run=True) if key in own else named
        for key, test in own.items():
            tests[key] = _both(tests[key], test) if key in tests else test
    found = tuple(_belief(test) for test in tests.values() if test.node or test.title)
    return Beliefs(
        flavour=_told(pieces, "flavour"),
        tests=_from_the_start(found),
        base_url=_told(pieces, "base_url"),
        viewport=_told(pieces, "viewport"),
        locale=_told(pieces, "locale"),
        timezone=_told(pieces, "timezone"),
        browser=_told(pieces, "browser"),
        version=_told(pieces, "version"),
        commit=_told(pieces, "commit"),
        read=tuple(f"{piece.source}: {piece.sort}" for piece in pieces),
        problems=tuple(f"{piece.source}: {problem}" for piece in pieces for problem in piece.problems),
    )


def _attached(pieces: Iterable[Piece]) -> dict[str, FoundTest]:
    """Return the test of a report by the end of its trace's path."""
    return {_end(path): test for piece in pieces for test in piece.tests for path in test.traces}


def _end(path: str) -> str:
    return "/".join([part for part in re.split(r"[/\\!]", path) if part][-2:])


def _named(trace: FoundTest, reported: FoundTest | None) -> FoundTest:
    """Return a trace with the name that the report it is attached to has for it."""
    if reported is None:
        return trace
    return replace(
        trace,
        file=reported.file or trace.file,
        line=reported.line or trace.line,
        title=reported.title,
        node=reported.node or trace.node,
    )


def _key(test: FoundTest, known: dict[tuple[str, str], FoundTest]) -> tuple[str, str]:
    if not test.node:
        return test.file, test.title
    if ("", test.node) in known or not test.is_trace:
        return "", test.node
    same = [key for key in known if key[1].partition("[")[0] == test.node]
    return same[0] if len(same) == 1 else ("", test.node)


def _both(one: FoundTest, other: FoundTest, *, is_other_run: bool = False) -> FoundTest:
    """Return what two artefacts say of one test; of another run of it, both count."""
    outcome = (
        min((one.outcome, other.outcome), key=_WORST.index) if is_other_run else one.outcome or other.outcome
    )
    assertions = max(
        (one.assertions, other.assertions), key=lambda them: (sum(bool(a.expected) for a in them), len(them))
    )
    return replace(
        one,
        line=one.line or other.line,
        outcome=outcome,
        seconds=max(one.seconds, other.seconds) if is_other_run else one.seconds or other.seconds,
        exchanges=one.exchanges + other.exchanges,
        assertions=assertions,
        console_errors=tuple(dict.fromkeys(one.console_errors + other.console_errors)),
        is_trace=one.is_trace or other.is_trace,
    )


def _belief(test: FoundTest) -> TestBelief:
    place = f"{test.file}:{test.line}" if test.line else test.file
    return TestBelief(
        id=test.node or place,
        title=test.title or test.node,
        outcome=test.outcome or "unclear",
        seconds=test.seconds,
        exchanges=test.exchanges,
        assertions=test.assertions,
        console_errors=test.console_errors,
        is_traced=test.is_trace,
    )


def _from_the_start(tests: tuple[TestBelief, ...]) -> tuple[TestBelief, ...]:
    """Return the tests with each request's start in seconds after the first of all."""
    first = min((e.started for test in tests for e in test.exchanges if e.started), default=0.0)

    def moved(exchange: Exchange) -> Exchange:
        return replace(exchange, started=max(exchange.started - first, 0.0))

    return tuple(replace(test, exchanges=tuple(moved(e) for e in test.exchanges)) for test in tests)


def _told(pieces: Iterable[Piece], field: str) -> str:
    """Return what the first piece that knows says; of the flavour, the most telling."""
    found = [said for piece in pieces if (said := getattr(piece.told, field))]
    if field == "flavour":
        found.sort(key=("playwright", "pytest", "junit").index)
    return found[0] if found else ""
