"""The rule `minimal`: how large a fix may be."""

from __future__ import annotations

from andon.incident.words import counted
from andon.record import Record, replace
from andon.response.gates.results import RuleResult, at_most, failed, passed
from andon.response.guard.lines import Tally
from andon.response.guard.places import is_document, is_test
from andon.response.guard.reading import objection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.response.gates.results import Objection
    from andon.response.guard.reading import Sides

MINIMAL = "minimal"
#: How many objections are named; the rest is counted.
MOST_NAMED = 50


class Budget(Record):
    """How much a hotfix may change: what 95 of 100 real fixes stay within (docs/decisions/0015)."""

    files: int = 3
    #: Added and removed lines together.
    lines: int = 60


def judge_size(files: Sequence[Sides], budget: Budget, others: Sequence[Objection] = ()) -> RuleResult:
    """Count files and lines of code.

    Tests, documents, blank lines, comments, imports, lone brackets and moves are free.
    `others` are objections of this rule that were found elsewhere: more hunks than can be compared.
    """
    tally = Tally()
    counts: list[tuple[int, Sides]] = []
    unseen: list[Objection] = []
    for sides in files:
        file = sides.file
        if is_test(file.path) or is_document(file.path):
            continue
        if file.is_binary or (file.unread and not file.hunks and not file.is_submodule):
            why = file.unread or "not a text"
            unseen.append(objection(MINIMAL, file, f"its lines cannot be counted: {why}"))
            continue
        count = tally.take(sides)
        if count or file.is_submodule:
            counts.append((count, sides))
    lines = sum(count for count, _ in counts) - tally.moved
    files_seen = counted(len(counts) + len(unseen), "file")
    seen = (
        f"{files_seen} and {counted(lines, 'line')} of code, of {budget.files} and {budget.lines};"
        f" not counted: tests, documents, {counted(tally.silent, 'blank or comment line')},"
        f" {counted(tally.moved, 'moved line')}"
    )
    objections = [*unseen, *others]
    if len(counts) + len(unseen) > budget.files:
        text = f"the change touches {len(counts) + len(unseen)} files, {budget.files} are allowed"
        objections += [objection(MINIMAL, sides.file, text) for _, sides in _smallest(counts)]
    if lines > budget.lines:
        count, largest = max(counts, key=lambda pair: pair[0])
        hunk = max(largest.file.hunks, key=lambda h: h.size)
        text = f"the change is {lines} lines of code, {budget.lines} are allowed; {count} of them here"
        here = objection(MINIMAL, largest.file, text, hunk=hunk)
        objections.append(replace(here, snippet=text))  # whoever justifies this size does not justify another
    if not objections:
        return passed(MINIMAL, seen)
    remedy = "keep what stops the harm, and leave the rest to a commit after the incident"
    return failed(MINIMAL, seen, remedy, at_most(MOST_NAMED, objections))


def _smallest(counts: list[tuple[int, Sides]]) -> list[tuple[int, Sides]]:
    return sorted(counts, key=lambda pair: (pair[0], pair[1].path))[:MOST_NAMED]
