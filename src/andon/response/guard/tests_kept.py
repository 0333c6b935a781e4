"""The rule `tests-kept`: no test goes away, is turned off or emptied by a hotfix."""

from __future__ import annotations

import re
from collections import Counter

from andon.incident.words import counted
from andon.response.change import Kind
from andon.response.gates.results import RuleResult, failed, passed
from andon.response.guard.checks import hollow
from andon.response.guard.ended_early import emptied_checks, ended_early
from andon.response.guard.likeness import alike, body_of
from andon.response.guard.lines import is_silent, squeezed
from andon.response.guard.places import is_collected, is_test, name_of
from andon.response.guard.reading import (
    TESTS_KEPT,
    added_lines,
    hunk_at,
    hunk_before,
    objection,
)
from andon.response.guard.structure import Structure, enclosing
from andon.response.guard.suites import holds_tests, read_suite
from andon.response.guard.switched_off import switched_off
from andon.response.guard.test_marks import is_focus
from andon.response.guard.test_pairs import STILL, WORDS, KnownTest, TestFile, match_tests
from andon.response.guard.tests_as_text import TESTISH, judge_as_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from andon.response.gates.results import Objection
    from andon.response.guard.reading import TESTS_KEPT, Sides


def judge_tests(files: Sequence[Sides]) -> RuleResult:
    """Compare the tests before with those after: each must still be there, run, and check what it checked."""
    suites = [
        TestFile(
            sides=sides,
            before=read_suite(sides.old_path, sides.file.before, sides.before),
            after=read_suite(sides.path, sides.file.after, sides.after),
        )
        for sides in files
        if holds_tests(sides.path) or holds_tests(sides.old_path)
    ]
    pairs, gone = match_tests(suites)
    new_lines = [
        squeezed(line)
        for suite in suites
        for number, line in added_lines(suite.sides.file)
        if not is_silent(suite.sides.after, number, line)
    ]
    words = Counter(word for line in new_lines for word in WORDS.findall(line))
    found: list[Objection] = []
    for known in gone:
        found.extend(_gone(known, suites))
    for old, new in pairs:
        found.extend(_weaker(old, new, words))
        found.extend(_class_hidden(old, new))
    found.extend(ended_early(pairs))
    found.extend(_turned_off(suites, pairs))
    for suite in suites:
        found.extend(_hollowed(suite))
        found.extend(emptied_checks(suite))
        found.extend(judge_as_text(suite.sides))
        found.extend(_out_of_sight(suite))
    for sides in files:
        found.extend(objection(TESTS_KEPT, sides.file, text, line=line) for line, text in switched_off(sides))
    if not found:
        touched = sum(1 for suite in suites if suite.sides.file.hunks)
        return passed(
            TESTS_KEPT, f"no test was removed, turned off or emptied; {counted(touched, 'test file')} changed"
        )
    remedy = "bring the tests back as they were; one that is wrong is put right after the incident"
    return failed(
        TESTS_KEPT, f"{counted(len(found), 'place')} where tests say less than before", remedy, tuple(found)
    )


_VALUES = re.compile(r"""["'`]([^"'`\n]{1,80})["'`]|\b(\d[\w.]*)""")


def _gone(known: KnownTest, suites: Sequence[TestFile]) -> Iterator[Objection]:
    test, file = known.test, known.sides.file
    if any(mark for mark in test.off if not mark.is_conditional):
        return  # it did not run before either
    if _became_a_case(known, suites):
        return
    name = test.qualified
    other = _still_there(known)
    if file.kind is Kind.REMOVED:
        text = f"test `{name}` went with its file"
    elif other:
        text = f"test `{name}` is `{other}` now, which no runner collects"
    else:
        text = f"test `{name}` is gone"
    hunk = hunk_before(file, test.line, test.end_line)
    line = 0 if hunk else test.line
    yield objection(TESTS_KEPT, file, text, hunk=hunk, line=line, end_line=0 if hunk else test.end_line)


def _still_there(known: KnownTest) -> str:
    """Return the name of a definition that is no test and has the body of one."""
    text = known.sides.file.after or ""
    for symbol in known.sides.after.symbols:
        is_other = symbol.qualified != known.test.qualified
        if is_other and alike(known.test.body, body_of(symbol, text)) >= STILL:
            return symbol.qualified
    return ""


def _became_a_case(known: KnownTest, suites: Sequence[TestFile]) -> bool:
    """True when a test with a list of cases was written or grew, and holds the values this one checked."""
    values = {a or b for a, b in _VALUES.findall("\n".join(known.test.body))}
    if not values:
        return False
    for suite in suites:
        text = suite.sides.file.after or ""
        for test in suite.after.tests:
            if not test.has_cases or not test.asserts:
                continue
            if not any(
                h.added and h.new_start <= test.end_line and h.new_start + len(h.added) > test.line
                for h in suite.sides.file.hunks
            ):
                continue
            held = text[test.start : test.end]
            if sum(1 for value in values if value in held) / len(values) >= STILL:
                return True
    return False


def _weaker(old: KnownTest, new: KnownTest, words: Counter[str]) -> Iterator[Objection]:
    """Object to a test that asserts less than before, unless what it asserted is asserted elsewhere now."""
    before, after = Counter(old.test.asserts), Counter(new.test.asserts)
    lost = before - after
    missing = sum(lost.values()) - sum((after - before).values())
    is_lost = missing > 0 and not all(_is_elsewhere(check, words) for check in lost)
    became_cases = new.test.has_cases and not old.test.has_cases and after
    if is_lost and not became_cases:
        now = f"{counted(len(old.test.asserts), 'assertion')} before, {len(new.test.asserts)} now"
        text = f"test `{new.test.qualified}` checks less: {now}"
        yield _at_loss(old, new, next(iter(lost)), text)


def _class_hidden(old: KnownTest, new: KnownTest) -> Iterator[Objection]:
    """Object to a class of Python that pytest found by its name, and that it does not find by its new one."""
    was, now = old.test.qualified.rpartition(".")[0], new.test.qualified.rpartition(".")[0]
    text, file = new.sides.file.after or "", new.sides.file
    if new.sides.after.language != "python" or not now or not was.startswith("Test"):
        return
    own = next((s for s in new.sides.after.symbols if s.qualified == now), None)
    if own is None or own.name.startswith("Test"):
        return
    line = new.sides.after.line_at(own.start + len(own.head))
    if hunk_at(file, line) is None:
        return
    if not re.search(r"TestCase|unittest", text[own.start : own.end].partition(":")[0]):
        what = f"test `{old.test.qualified}` is in `{now}` now, which pytest does not collect"
        yield objection(TESTS_KEPT, file, what, line=line)


def _is_elsewhere(check: str, words: Counter[str]) -> bool:
    own = [
        word
        for word in WORDS.findall(check)
        if not word.lower().startswith(("assert", "expect", "self", "should"))
    ]
    return bool(own) and sum(1 for word in own if words[word]) / len(own) >= STILL


def _at_loss(old: KnownTest, new: KnownTest, check: str, text: str) -> Objection:
    """Name the hunk that took an assertion away."""
    file = new.sides.file
    for hunk in old.sides.file.hunks:
        if any(
            check[:40].startswith(squeezed(line)[:40]) or squeezed(line).startswith(check[:40])
            for line in hunk.removed
            if squeezed(line)
        ):
            first, last = old.test.line, old.test.end_line
            if first <= hunk.old_start <= last or hunk.old_start <= first < hunk.old_start + len(
                hunk.removed
            ):
                return objection(TESTS_KEPT, file, text, hunk=hunk)
    return objection(TESTS_KEPT, file, text, line=new.test.line, end_line=new.test.end_line)


def _turned_off(
    suites: Sequence[TestFile], pairs: Sequence[tuple[KnownTest, KnownTest]]
) -> Iterator[Objection]:
    """Object to marks that were not there, on what was there; a new test may be turned off."""
    names = {(new.sides.path, new.test.qualified): old.test.qualified for old, new in pairs}
    before: Counter[tuple[str, str, bool]] = Counter()
    for suite in suites:
        before.update((around, mark.text, mark.is_conditional) for around, mark in suite.before.marks)
    # those that nobody touched were there before; what is left over may stand for the others
    marks = [(suite, around, mark) for suite in suites for around, mark in suite.after.marks]
    touched = []
    for suite, around, mark in marks:
        old_name = names.get((suite.sides.path, around), around)
        if hunk_at(suite.sides.file, suite.sides.after.line_at(mark.offset)) is None:
            before[old_name, mark.text, mark.is_conditional] -= 1
        else:
            touched.append((suite, around, mark, old_name))
    for suite, around, mark, old_name in touched:
        key = (old_name, mark.text, mark.is_conditional)
        # one that depends on something now may have been there without
        if before[key] <= 0 and mark.is_conditional:
            key = (old_name, mark.text, False)
        if before[key] > 0:
            before[key] -= 1
            continue
        if not is_focus(mark) and _is_new(around, suite, names):
            continue
        what = "lets only some tests run" if is_focus(mark) else "turns tests off"
        where = f" in `{around}`" if around else ""
        line = suite.sides.after.line_at(mark.offset)
        yield objection(TESTS_KEPT, suite.sides.file, f"`{mark.text[:60]}` {what}{where}", line=line)


#: Names of what runs around every test, and of what a runner asks.
_AROUND_ALL = re.compile(r"(?i)^(?:async)?(?:set_?up|tear_?down|before|after)\w*$|^pytest_\w+$")


def _is_new(around: str, suite: TestFile, names: dict[tuple[str, str], str]) -> bool:
    """True when what is around a mark was not there before, and turns nothing off but itself."""
    if not around or (suite.sides.path, around) in names:
        return False
    before = {symbol.qualified for symbol in suite.sides.before.symbols}
    outer, _, name = around.rpartition(".")
    own = next((s for s in suite.sides.after.symbols if s.qualified == around), None)
    is_for_all = bool(_AROUND_ALL.match(name)) or (own is not None and "autouse" in own.head)
    return around not in before and not (is_for_all and (not outer or outer in before))


def _hollowed(suite: TestFile) -> Iterator[Objection]:
    """Object to checks that can only pass, and to code that mutes checks, where they are new."""
    sides = suite.sides
    removed = [_span(sides.before, h.old_start, len(h.removed)) for h in sides.file.hunks if h.removed]
    added = [_span(sides.after, h.new_start, len(h.added)) for h in sides.file.hunks if h.added]
    before = Counter(text for _, text in hollow(sides.file.before or "", sides.before, removed))
    old = {symbol.qualified for symbol in sides.before.symbols}
    for offset, text in hollow(sides.file.after or "", sides.after, added):
        if before[text] > 0:
            before[text] -= 1
            continue
        line = sides.after.line_at(offset)
        around = enclosing(sides.after.symbols, line)
        is_new = around is not None and around.qualified not in old
        if hunk_at(sides.file, line) and not (is_new and "heard" in text):
            yield objection(TESTS_KEPT, sides.file, text, line=line)


def _span(structure: Structure, line: int, count: int) -> tuple[int, int]:
    """Return the offsets of lines, with the one above them: an `if` may stand there."""
    starts = structure.starts
    first = starts[min(max(line - 2, 0), len(starts) - 1)]
    last = line - 1 + count
    return first, starts[last] if last < len(starts) else starts[-1] + 1000


def _out_of_sight(suite: TestFile) -> Iterator[Objection]:
    """Object to a test file that no runner finds any more: by its name, or by a build constraint of Go."""
    file = suite.sides.file
    for number, line in added_lines(file) if file.path.endswith("_test.go") else ():
        if line.startswith(("//go:build", "// +build")) and file.kind is not Kind.ADDED:
            yield objection(
                TESTS_KEPT, file, f"`{line[:60]}` decides when these tests are built", line=number
            )
    if file.kind is Kind.RENAMED and not suite.before.tests and is_test(suite.sides.old_path):
        was, now = is_collected(suite.sides.old_path), is_collected(file.path)
        if was and not now and TESTISH.search(name_of(suite.sides.old_path)):
            yield objection(TESTS_KEPT, file, f"renamed from {file.old_path}: no runner collects it now")
