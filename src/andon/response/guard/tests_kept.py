"""The rule `tests-kept`: no test goes away, is turned off or emptied by a hotfix."""

from __future__ import annotations

import re
from collections import Counter

from andon.incident.words import counted
from andon.record import Record
from andon.response.change import Kind
from andon.response.gates.results import RuleResult, failed, passed
from andon.response.guard.likeness import alike
from andon.response.guard.lines import is_silent, squeezed
from andon.response.guard.places import is_collected, is_test, name_of
from andon.response.guard.reading import added_lines, hunk_at, hunk_before, objection, removed_lines
from andon.response.guard.structure import Structure, enclosing
from andon.response.guard.suites import Suite, holds_tests, read_suite
from andon.response.guard.switched_off import switched_off
from andon.response.guard.test_marks import hollow, is_focus, marks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from andon.response.gates.results import Objection
    from andon.response.guard.reading import Sides
    from andon.response.guard.suites import Test

TESTS_KEPT = "tests-kept"
#: Share of equal lines from which a test with another name is the same test (docs/decisions/0015).
_SAME = 0.5
#: Share of the words of a check that must come back elsewhere for it to be still made.
_STILL = 0.8
_NO_STRUCTURE = Structure(language="", unread="one line")
#: Tests that are gone and new ones that are compared with each other.
_MOST = 400


class _Side(Record):
    """A file with tests, and those of both sides."""

    sides: Sides
    before: Suite
    after: Suite


class _Known(Record):
    """A test with its file."""

    sides: Sides
    test: Test


def judge_tests(files: Sequence[Sides]) -> RuleResult:
    """Compare the tests before with those after: each must still be there, run, and check what it checked."""
    suites = [
        _Side(
            sides=sides,
            before=read_suite(sides.old_path, sides.file.before, sides.before),
            after=read_suite(sides.path, sides.file.after, sides.after),
        )
        for sides in files
        if holds_tests(sides.path) or holds_tests(sides.old_path)
    ]
    pairs, gone = _match(suites)
    new_lines = [
        squeezed(line)
        for suite in suites
        for number, line in added_lines(suite.sides.file)
        if not is_silent(suite.sides.after, number, line)
    ]
    words = Counter(word for line in new_lines for word in _WORDS.findall(line))
    found: list[Objection] = []
    for known in gone:
        found.extend(_gone(known, suites, words))
    for old, new in pairs:
        found.extend(_weaker(old, new, words))
    found.extend(_turned_off(suites, pairs))
    for suite in suites:
        found.extend(_hollowed(suite))
        found.extend(_as_text(suite.sides))
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


_WORDS = re.compile(r"[A-Za-z_]\w*|\d[\w.]*")


def _match(suites: Sequence[_Side]) -> tuple[list[tuple[_Known, _Known]], list[_Known]]:
    """Pair each test before with one after: same file and name, then same name, then much the same body."""
    old = [_Known(sides=s.sides, test=test) for s in suites for test in s.before.tests]
    new = [_Known(sides=s.sides, test=test) for s in suites for test in s.after.tests]
    pairs: list[tuple[_Known, _Known]] = []
    for key in (_place_key, _name_key):
        waiting: dict[object, list[_Known]] = {}
        for known in new:
            waiting.setdefault(key(known), []).append(known)
        left = []
        for known in old:
            candidates = waiting.get(key(known))
            if candidates:
                best = (
                    max(candidates, key=lambda c: alike(known.test.body, c.test.body))
                    if len(candidates) > 1
                    else candidates[0]
                )
                candidates.remove(best)
                pairs.append((known, best))
            else:
                left.append(known)
        old = left
        taken = {id(pair[1]) for pair in pairs}
        new = [known for known in new if id(known) not in taken]
    renamed = _alike_pairs(old, new)
    kept = {id(before) for before, _ in renamed}
    return pairs + renamed, [known for known in old if id(known) not in kept]


def _place_key(known: _Known) -> object:
    return known.sides.path, known.test.qualified


def _name_key(known: _Known) -> object:
    return known.test.name


def _alike_pairs(old: Sequence[_Known], new: Sequence[_Known]) -> list[tuple[_Known, _Known]]:
    scored = []
    for i, gone in enumerate(old[:_MOST]):
        for j, come in enumerate(new[:_MOST]):
            score = alike(gone.test.body, come.test.body)
            kept = _share(gone.test, Counter(_WORDS.findall(" ".join(come.test.body))))
            if score >= _SAME or (
                kept >= _STILL and score >= _SAME / 2 and len(gone.test.asserts) <= len(come.test.asserts)
            ):
                scored.append((score, i, j))
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    pairs = []
    for _, i, j in sorted(scored, key=lambda s: (-s[0], s[1], s[2])):
        if i not in taken_old and j not in taken_new:
            taken_old.add(i)
            taken_new.add(j)
            pairs.append((old[i], new[j]))
    return pairs


def _share(test: Test, words: Counter[str]) -> float:
    """Return the share of the words of its checks that are among `words`; 0 for a test that checks nothing."""
    own = set(_WORDS.findall(" ".join(test.asserts)))
    return sum(1 for word in own if words[word]) / len(own) if own else 0.0


_VALUES = re.compile(r"""["'`]([^"'`\n]{1,80})["'`]|\b(\d[\w.]*)""")


def _gone(known: _Known, suites: Sequence[_Side], words: Counter[str]) -> Iterator[Objection]:
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


def _still_there(known: _Known) -> str:
    """Return the name of a definition that is no test and has the body of one."""
    from andon.response.guard.likeness import body_of  # the comparison of definitions, not of tests

    text = known.sides.file.after or ""
    for symbol in known.sides.after.symbols:
        if symbol.name != known.test.name or symbol.qualified != known.test.qualified:
            if alike(known.test.body, body_of(symbol, text)) >= _STILL:
                return symbol.qualified
    return ""


def _became_a_case(known: _Known, suites: Sequence[_Side]) -> bool:
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
            if sum(1 for value in values if value in held) / len(values) >= _STILL:
                return True
    return False


def _weaker(old: _Known, new: _Known, words: Counter[str]) -> Iterator[Objection]:
    """Object to a test that asserts less than before, unless what it asserted is asserted elsewhere now."""
    before, after = Counter(old.test.asserts), Counter(new.test.asserts)
    lost = before - after
    missing = sum(lost.values()) - sum((after - before).values())
    file = new.sides.file
    if missing > 0 and not all(_is_elsewhere(check, words) for check in lost):
        if not (new.test.has_cases and not old.test.has_cases and after):
            text = (
                f"test `{new.test.qualified}` checks less: {counted(len(old.test.asserts), 'assertion')} before,"
                f" {len(new.test.asserts)} now"
            )
            yield _at_loss(old, new, next(iter(lost)), text)
    first = new.test.body[1:2]
    stops = ("return", "return;", "returnNone", "pass", "return}", "return;}", "return()")
    if (
        first
        and first[0] in stops
        and (not old.test.body[1:2] or old.test.body[1] != first[0])
        and len(old.test.body) > 1
    ):
        text = f"test `{new.test.qualified}` ends before it begins: `{first[0]}`"
        hunk = hunk_at(file, new.test.line + 1) or hunk_at(file, new.test.line)
        yield objection(TESTS_KEPT, file, text, hunk=hunk, line=0 if hunk else new.test.line)


def _is_elsewhere(check: str, words: Counter[str]) -> bool:
    own = [
        word
        for word in _WORDS.findall(check)
        if not word.lower().startswith(("assert", "expect", "self", "should"))
    ]
    return bool(own) and sum(1 for word in own if words[word]) / len(own) >= _STILL


def _at_loss(old: _Known, new: _Known, check: str, text: str) -> Objection:
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


def _turned_off(suites: Sequence[_Side], pairs: Sequence[tuple[_Known, _Known]]) -> Iterator[Objection]:
    """Object to marks that were not there: on a test that ran, or on a new one without any condition."""
    names = {(new.sides.path, new.test.qualified): old.test.qualified for old, new in pairs}
    before: Counter[tuple[str, str]] = Counter()
    for suite in suites:
        before.update((around, mark.text) for around, mark in suite.before.marks)
    for suite in suites:
        file = suite.sides.file
        for around, mark in suite.after.marks:
            old_name = names.get((file.path, around), around)
            if before[(old_name, mark.text)] > 0:
                before[(old_name, mark.text)] -= 1
                continue
            line = suite.sides.after.line_at(mark.offset)
            hunk = hunk_at(file, line)
            if hunk is None:
                continue
            if mark.is_conditional and not is_focus(mark) and _is_new(around, suite, names):
                continue
            what = "lets only some tests run" if is_focus(mark) else "turns tests off"
            where = f" in `{around}`" if around else ""
            yield objection(TESTS_KEPT, file, f"`{mark.text[:60]}` {what}{where}", line=line)


def _is_new(around: str, suite: _Side, names: dict[tuple[str, str], str]) -> bool:
    """True when the test, group or function around a mark was not there before, under this or another name."""
    if not around or (suite.sides.path, around) in names:
        return False
    return all(symbol.qualified != around for symbol in suite.sides.before.symbols)


def _hollowed(suite: _Side) -> Iterator[Objection]:
    """Object to checks that can only pass, and to code that mutes checks, where they are new."""
    sides = suite.sides
    before = Counter(text for _, text in hollow(sides.file.before or "", sides.before))
    old = {symbol.qualified for symbol in sides.before.symbols}
    for offset, text in hollow(sides.file.after or "", sides.after):
        if before[text] > 0:
            before[text] -= 1
            continue
        line = sides.after.line_at(offset)
        around = enclosing(sides.after.symbols, line)
        is_new = around is not None and around.qualified not in old
        if hunk_at(sides.file, line) and not (is_new and "heard" in text):
            yield objection(TESTS_KEPT, sides.file, text, line=line)


_TEST_LINE = re.compile(
    r"^\s{0,40}(?:(?:public|private|static|async|override|export)\s+)*"
    r"(?:(?:def|func|function|fn|fun|void|sub|proc)\s+\(?\w{0,40}test\w{0,100}"
    r"|(?:it|test|describe|testWidgets|Scenario(?: Outline)?|Example|deftest|subtest)\b\s{0,4}[(:'\"\s]\s{0,4}['\"]?[\w ].{0,100})",
    re.IGNORECASE,
)


def _as_text(sides: Sides) -> Iterator[Objection]:
    """Judge a test file whose structure could not be read by its changed lines."""
    file = sides.file
    reason = sides.as_text
    if not reason or not is_test(file.path):
        return
    if file.kind is Kind.REMOVED and is_collected(file.path) and _TESTISH.search(name_of(file.path)):
        yield objection(TESTS_KEPT, file, f"test file removed (judged as text: {reason})", line=0)
        return
    new = Counter(_title(line) for _, line in added_lines(file))
    count = Counter[str]()
    for number, line in removed_lines(file):
        match = _TEST_LINE.match(line[:300])
        if match and not new[_title(line)]:
            text = f"`{line.strip()[:60]}` is gone (judged as text: {reason})"
            yield objection(TESTS_KEPT, file, text, hunk=hunk_before(file, number))
        count["removed"] += bool(_CHECK_LINE.search(line[:300]))
    for number, line in added_lines(file):
        count["added"] += bool(_CHECK_LINE.search(line[:300]))
        for mark in marks(line[:1000], _NO_STRUCTURE):
            if not any(squeezed(mark.text) in squeezed(old) for _, old in removed_lines(file)):
                text = f"`{mark.text[:60]}` turns tests off (judged as text: {reason})"
                yield objection(TESTS_KEPT, file, text, line=number)
    if count["removed"] > count["added"]:
        text = f"{count['removed'] - count['added']} checks fewer than before (judged as text: {reason})"
        yield objection(TESTS_KEPT, file, text, hunk=next((h for h in file.hunks if h.removed), None))


def _title(line: str) -> str:
    """Return what names the test of a line: its first literal, else all of it."""
    title = _VALUES.search(line)
    return title[1] or squeezed(line) if title else squeezed(line)


_CHECK_LINE = re.compile(r"(?i)\b(?:assert|expect|should|verify|ok|is_deeply|is)\w{0,40}\s{0,4}[(\s]")
_TESTISH = re.compile(r"(?i)test|spec|feature|\.t$|\.robot$")


def _out_of_sight(suite: _Side) -> Iterator[Objection]:
    """Object to a test file that no runner finds any more: by its name, or by a build constraint of Go."""
    file = suite.sides.file
    for number, line in added_lines(file) if file.path.endswith("_test.go") else ():
        if line.startswith(("//go:build", "// +build")) and file.kind is not Kind.ADDED:
            yield objection(TESTS_KEPT, file, f"`{line[:60]}` decides when these tests are built", line=number)
    if file.kind is Kind.RENAMED and not suite.before.tests and is_test(suite.sides.old_path):
        was, now = is_collected(suite.sides.old_path), is_collected(file.path)
        if was and not now and _TESTISH.search(name_of(suite.sides.old_path)):
            yield objection(TESTS_KEPT, file, f"renamed from {file.old_path}: no runner collects it now")
