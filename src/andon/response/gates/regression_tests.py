"""The rule `regression-tests`: what the regression log names as its tests still exists, and runs."""

from __future__ import annotations

from andon.record import Record
from andon.response.gates.named_tests import TestState, look_for
from andon.response.gates.results import Objection, RuleResult, failed, passed, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from andon.response.gates.named_tests import Found

RULE = "regression-tests"


class Remembered(Record):
    """An entry of the regression log with the tests it names."""

    id: str
    file: str
    line: int
    #: `(path, name)` of each test it names; None for a line that names none that could be looked for.
    tests: tuple[tuple[str, str] | None, ...] = ()


def look_at(entry: Remembered, texts: Mapping[str, str]) -> tuple[tuple[str, Found | None], ...]:
    """Return each test of an entry with what is known of it; None for a line that names no test."""
    looked: list[tuple[str, Found | None]] = []
    for test in entry.tests:
        if test is None:
            looked.append(("a line", None))
            continue
        path, name = test
        looked.append((f"{path}::{name}" if name else path, look_for(path, name, texts.get(path))))
    return tuple(looked)


def judge_regressions(
    entries: Sequence[Remembered], before: Sequence[Remembered], texts: Mapping[str, str]
) -> RuleResult:
    """Return what the log and its tests say; `before` is the log without the change, `texts` by path.

    Objections: a test that is missing or does not run, an entry that the change takes out of the log, an
    entry that no longer names its test. Naming none is allowed. A test that cannot be told makes it unknown.
    """
    objections, doubts, running = [], [], 0
    for entry in entries:
        for name, found in look_at(entry, texts):
            if found is None:
                objections.append(_objection(entry, "it names a test that is no path in the repository"))
            elif found.state is TestState.UNKNOWN:
                doubts.append(f"{entry.id} {name}: {found.why}")
            elif found.state is TestState.RUNS:
                running += 1
            else:
                why = f" ({found.why})" if found.why else ""
                objections.append(_objection(entry, f"its test {name} is {found.state}{why}"))
    objections += _forgotten(entries, before)
    if objections:
        told = "; ".join(f"{o.text}" for o in objections[:3])
        more = f" and {len(objections) - 3} more" if len(objections) > 3 else ""
        remedy = "bring it back, or name what took its place: andon regressions test ENTRY PATH::NAME"
        return failed(RULE, told + more, remedy, tuple(objections))
    if doubts:
        return unknown(RULE, f"cannot tell: {'; '.join(doubts[:3])}", "andon regressions check")
    moved = _moved(entries, before)
    named = sum(1 for entry in entries if entry.tests)
    without = f", {len(entries) - named} name none" if len(entries) > named else ""
    told = f"{len(entries)} entries, {running} tests run{without}" if entries else "no entries"
    return passed(RULE, f"{told}{moved}")


def _moved(entries: Sequence[Remembered], before: Sequence[Remembered]) -> str:
    """Return which entries name other tests than before, for a person to look at; "" for none."""
    was = {entry.id: entry.tests for entry in before}
    moved = [e.id for e in entries if was.get(e.id) and not set(was[e.id]) <= set(e.tests)]
    return f"; other tests than before are named by {', '.join(moved[:5])}" if moved else ""


def _forgotten(entries: Sequence[Remembered], before: Sequence[Remembered]) -> list[Objection]:
    now = {entry.id: entry for entry in entries}
    found = []
    for entry in before:
        kept = now.get(entry.id)
        if kept is None:
            found.append(_objection(entry, "it is taken out of the log", is_gone=True))
        elif entry.tests and not kept.tests:
            found.append(_objection(kept, "it names no test any more"))
    return found


def _objection(entry: Remembered, text: str, *, is_gone: bool = False) -> Objection:
    line = 0 if is_gone else entry.line
    told = f"{entry.id}: {text}"
    return Objection(rule=RULE, path=entry.file, line=line, end_line=line, text=told, snippet=told)
