"""The changed lines of a test file whose structure could not be read."""

from __future__ import annotations

import re
from collections import Counter

from andon.response.change import Kind
from andon.response.guard.lines import squeezed
from andon.response.guard.places import is_collected, is_test, name_of
from andon.response.guard.reading import TESTS_KEPT, added_lines, hunk_before, objection, removed_lines
from andon.response.guard.structure import Structure
from andon.response.guard.test_marks import marks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.response.gates.results import Objection
    from andon.response.guard.reading import Sides

_NO_STRUCTURE = Structure(language="", unread="one line")
_LITERAL = re.compile(r"""["'`]([^"'`\n]{1,80})["'`]""")
#: Names of test files of languages whose structure is not read.
TESTISH = re.compile(r"(?i)test|spec|feature|\.t$|\.robot$")
_TEST_LINE = re.compile(
    r"^\s{0,40}(?:(?:public|private|static|async|override|export)\s+)*"
    r"(?:(?:def|func|function|fn|fun|void|sub|proc)\s+\(?\w{0,40}test\w{0,100}"
    r"|(?:it|test|describe|testWidgets|Scenario(?: Outline)?|Example|deftest"
    r"|subtest)\b\s{0,4}[(:'\"\s]\s{0,4}['\"]?[\w ].{0,100})",
    re.IGNORECASE,
)


def judge_as_text(sides: Sides) -> Iterator[Objection]:
    """Judge a test file whose structure could not be read by its changed lines."""
    file = sides.file
    reason = sides.as_text
    if not reason or not is_test(file.path):
        return
    if file.kind is Kind.REMOVED and is_collected(file.path) and TESTISH.search(name_of(file.path)):
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
    title = _LITERAL.search(line)
    return title[1] or squeezed(line) if title else squeezed(line)


_CHECK_LINE = re.compile(r"(?i)\b(?:assert|expect|should|verify|ok|is_deeply|is)\w{0,40}\s{0,4}[(\s]")
