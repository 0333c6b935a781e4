"""How surely a test that is taken away, turned off or emptied is seen, in test files of real repositories.

One change to one test function of one file at a time: skipped, expected to fail, removed, given a name that
nothing collects, emptied of what it asserts, left before it asserts, muted; or its whole file. The peer is
what a reviewer greps for: an added line with "skip" or "xfail". Beside it, changes that keep the test (moved
down, a comment, a rename, a stricter test) have to pass.

    git clone --bare https://github.com/scrapy/scrapy
    ./dev bench kept_tests scrapy.git
"""

from __future__ import annotations

import argparse
import ast
import difflib
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator

from andon.incident.words import Verdict
from andon.response.change import Change, ChangedFile, Hunk, Kind
from andon.response.guard.context import IncidentContext
from andon.response.guard.judge import judge_fix

#: Test functions that are tried in a repository.
MOST = 60


def files(repository: str) -> Iterator[tuple[str, str]]:
    """Yield the Python test files of HEAD with their texts."""
    listed = subprocess.run(
        ["git", "-C", repository, "ls-tree", "-r", "-z", "HEAD"], check=True, capture_output=True
    ).stdout
    for entry in listed.split(b"\0"):
        told, _, path = entry.partition(b"\t")
        name = path.rpartition(b"/")[2]
        if not (name.startswith(b"test_") and name.endswith(b".py")) or b" blob " not in told:
            continue
        content = subprocess.run(
            ["git", "-C", repository, "cat-file", "blob", told.split(b" ")[2].decode()],
            check=True,
            capture_output=True,
        ).stdout
        try:
            text = content.decode()
            if len(text) < 150_000:
                ast.parse(text)
                yield path.decode(), text
        except (UnicodeDecodeError, SyntaxError, ValueError):
            continue


class Test:
    """A test function in the lines of its file."""

    __test__ = False

    def __init__(self, lines: list[str], node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Take where it stands; lines count from 0."""
        self.lines, self.node = lines, node
        self.first = min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1
        self.last = node.end_lineno or node.lineno
        self.head = node.lineno - 1
        self.body = node.body[0].lineno - 1
        self.indent = " " * node.col_offset
        self.inner = " " * node.body[0].col_offset


def tests_in(text: str) -> list[Test]:
    """Return the test functions that assert something in a plain statement."""
    lines = text.split("\n")
    found = []
    for node in ast.walk(ast.parse(text)):
        is_function = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith(
            "test_"
        )
        if not is_function or node.body[0].lineno == node.lineno:
            continue
        is_off = any("skip" in ast.unparse(d) or "xfail" in ast.unparse(d) for d in node.decorator_list)
        if not is_off and any(_asserts(s) for s in node.body):
            found.append(Test(lines, node))
    return found


def _asserts(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Assert):
        return True
    called = (
        statement.value.func
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
        else None
    )
    return (
        isinstance(called, ast.Attribute) and called.attr.startswith("assert") and "mock" not in called.attr
    )


def _put(test: Test, at: int, line: str) -> list[str]:
    return [*test.lines[:at], line, *test.lines[at:]]


def emptied(test: Test) -> list[str]:
    """Return the file without what the test asserts in plain statements; `pass` keeps it whole."""
    gone = {n for s in test.node.body if _asserts(s) for n in range(s.lineno - 1, s.end_lineno or s.lineno)}
    kept = [line for n, line in enumerate(test.lines) if n not in gone]
    at = test.last - len(gone)
    return [*kept[:at], f"{test.inner}pass", *kept[at:]]


def left_on(test: Test, *lines: str) -> list[str]:
    """Return the file with lines in front of the first statement of a test that asserts."""
    at = next(s.lineno for s in test.node.body if _asserts(s)) - 1
    return [*test.lines[:at], *(test.inner + line for line in lines), *test.lines[at:]]


def wrapped(test: Test, before: str, *behind: str) -> list[str]:
    """Return the file with the body of a test inside of a block."""
    body = [f"    {line}" if line.strip() else line for line in test.lines[test.body : test.last]]
    tail = [test.inner + line for line in behind]
    return [*test.lines[: test.body], test.inner + before, *body, *tail, *test.lines[test.last :]]


def constant(test: Test) -> list[str]:
    """Return the file with the first plain check of a test made one that can only pass."""
    found = next(s for s in test.node.body if _asserts(s))
    line = test.inner + "assert True"
    return [*test.lines[: found.lineno - 1], line, *test.lines[found.end_lineno or found.lineno :]]


def class_renamed(test: Test) -> list[str]:
    """Return the file with the class of a test, or the test, named so that pytest does not collect it."""
    for at in range(test.first - 1, -1, -1):
        line = test.lines[at]
        if test.indent and line.startswith("class Test") and "TestCase" not in line:
            return [*test.lines[:at], line.replace("class Test", "class XTest", 1), *test.lines[at + 1 :]]
        if test.indent and line and not line[0].isspace() and line.startswith("class "):
            break
    name = test.node.name
    renamed = test.lines[test.head].replace(name, name.replace("test_", "xtest_", 1), 1)
    return [*test.lines[: test.head], renamed, *test.lines[test.head + 1 :]]


HARMS: dict[str, Callable[[Test], list[str]]] = {
    "skipped by a mark": lambda t: _put(t, t.first, f'{t.indent}@pytest.mark.skip(reason="later")'),
    "skipped, unittest": lambda t: _put(t, t.first, f'{t.indent}@unittest.skip("later")'),
    "skipped on a condition": lambda t: _put(
        t, t.first, f'{t.indent}@pytest.mark.skipif(True, reason="later")'
    ),
    "expected to fail": lambda t: _put(t, t.first, f"{t.indent}@pytest.mark.xfail"),
    "skipped from within": lambda t: _put(t, t.body, f'{t.inner}pytest.skip("later")'),
    "skipped by an exception": lambda t: _put(t, t.body, f'{t.inner}raise unittest.SkipTest("later")'),
    "skipped by its fixture": lambda t: _put(
        t, 0, "@pytest.fixture(autouse=True)\ndef _later():\n    pytest.skip()\n"
    ),
    "left at once": lambda t: _put(t, t.body, f"{t.inner}return"),
    "left in front of a check": lambda t: left_on(t, "return None"),
    "left on a condition": lambda t: left_on(t, 'if os.environ.get("CI"):', "    return"),
    "left in any case": lambda t: left_on(t, "if True:", "    return"),
    "left with the process": lambda t: _put(t, t.body, f"{t.inner}os._exit(0)"),
    "removed": lambda t: t.lines[: t.first] + t.lines[t.last :],
    "not collected": lambda t: [
        *t.lines[: t.head],
        t.lines[t.head].replace(f"def {t.node.name}", f"def _{t.node.name}", 1),
        *t.lines[t.head + 1 :],
    ],
    "its class not collected": class_renamed,
    "emptied": emptied,
    "made constant": constant,
    "failure dropped": lambda t: wrapped(t, "try:", "except Exception:", "    pass"),
    "failure suppressed": lambda t: wrapped(t, "with contextlib.suppress(AssertionError):"),
    "never entered": lambda t: wrapped(t, "if False:"),
    "looped over nothing": lambda t: wrapped(t, "for _ in []:"),
    "no case left": lambda t: _put(t, t.first, f'{t.indent}@pytest.mark.parametrize("case", [])'),
    "commented out": lambda t: [
        *t.lines[: t.first], *("# " + line for line in t.lines[t.first : t.last]), *t.lines[t.last :],
    ],
}  # fmt: skip
INNOCENT: dict[str, Callable[[Test], list[str]]] = {
    "a comment above": lambda t: _put(t, t.first, f"{t.indent}# A word on it."),
    "a line more": lambda t: _put(t, t.body, f"{t.inner}given = 1"),
    "moved to the end": lambda t: (
        [*t.lines[: t.first], *t.lines[t.last :], "", "", *t.lines[t.first : t.last], ""]
        if not t.indent
        else _put(t, t.first, "")
    ),
    "a check more": lambda t: [*t.lines[: t.last], f"{t.inner}assert given() == 1", *t.lines[t.last :]],
    "renamed": lambda t: [
        *t.lines[: t.head],
        t.lines[t.head].replace(f"def {t.node.name}", f"def {t.node.name}_as_before", 1),
        *t.lines[t.head + 1 :],
    ],
    "a new test that is skipped": lambda t: [
        *t.lines[: t.first],
        f"{t.indent}@pytest.mark.skipif(WINDOWS, reason='paths')",
        f"{t.indent}def test_new_one({'self' if t.indent else ''}):",
        f"{t.indent}    assert given() == 1",
        "",
        *t.lines[t.first :],
    ],
    "a function inside": lambda t: left_on(t, "def given():", "    return"),
    "in a block": lambda t: wrapped(t, "with given():"),
    "a return at the end": lambda t: [*t.lines[: t.last], f"{t.inner}return", *t.lines[t.last :]],
}
#: What is done to the whole file: its path and text afterwards, None for none.
FILE_HARMS: dict[str, Callable[[str, str], tuple[str, str | None]]] = {
    "file removed": lambda path, _: (path, None),
    "file not collected": lambda path, text: (path.replace("test_", "checks_"), text),
    "file skipped": lambda path, text: (path, f"import pytest\n\npytestmark = pytest.mark.skip\n{text}"),
}
FILE_INNOCENT: dict[str, Callable[[str, str], tuple[str, str | None]]] = {
    "file renamed": lambda path, text: (path.replace("test_", "test_more_"), text),
}


def change_of(path: str, before: str, after: str | None, new_path: str) -> Change:
    """Return the change between two texts of a file; None when it is gone."""
    old, new = before.split("\n"), [] if after is None else after.split("\n")
    hunks = [
        Hunk(
            old_start=a1 + 1 if a2 > a1 else a1,
            new_start=b1 + 1 if b2 > b1 else b1,
            removed=tuple(old[a1:a2]),
            added=tuple(new[b1:b2]),
        )
        for kind, a1, a2, b1, b2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if kind != "equal"
    ]
    kind = Kind.REMOVED if after is None else Kind.CHANGED if new_path == path else Kind.RENAMED
    file = ChangedFile(
        path=new_path,
        kind=kind,
        old_path=path if kind is Kind.RENAMED else "",
        old_mode="100644",
        new_mode="" if after is None else "100644",
        hunks=tuple(hunks),
        before=before,
        after=after,
    )
    return Change(base="a", head="b", files=(file,))


def changes(path: str, text: str, test: Test) -> Iterator[tuple[str, Change]]:
    """Yield what is done to a test and to its file, each with its name."""
    for name, harm in {**HARMS, **INNOCENT}.items():
        yield name, change_of(path, text, "\n".join(harm(test)), path)
    for name, deed in {**FILE_HARMS, **FILE_INNOCENT}.items():
        new_path, after = deed(path, text)
        if after is None or after != text or new_path != path:
            yield name, change_of(path, text, after, new_path)


def objected(change: Change) -> bool:
    """True when the guard does not let the change pass as one that keeps its tests."""
    answers = judge_fix(change, IncidentContext())
    return next(a for a in answers if a.rule == "tests-kept").verdict is not Verdict.PASSED


def grepped(change: Change) -> bool:
    """True when the peer sees it."""
    added = [line for file in change.files for hunk in file.hunks for line in hunk.added]
    return any("skip" in line.lower() or "xfail" in line for line in added)


def main() -> None:
    """Try every harm and every innocent change on sampled tests of each repository."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repositories", nargs="+", help="git repositories, bare or not")
    parser.add_argument("--most", type=int, default=MOST, help="test functions of each repository")
    parser.add_argument("--missed", action="store_true", help="list what was not seen, or seen wrongly")
    given = parser.parse_args()
    tried, seen, peer = Counter[str](), Counter[str](), Counter[str]()
    harmful = {**HARMS, **FILE_HARMS}
    begun = time.process_time()
    for repository in given.repositories:
        chance = random.Random(4)
        sources = list(files(repository))
        chance.shuffle(sources)
        count = 0
        for path, text in sources:
            for test in chance.sample(found := tests_in(text), min(2, len(found))):
                count += 1
                for name, change in changes(path, text, test):
                    answer = objected(change)
                    tried[name] += 1
                    seen[name] += answer
                    peer[name] += grepped(change)
                    if given.missed and answer is not (name in harmful):
                        print(f"  {repository} {path} {test.node.name}: {name}")
            if count >= given.most:
                break
    print(f"{'change':26} {'tried':>6} {'seen':>6} {'share':>6}  {'a grep':>6}")
    for name in (*harmful, *INNOCENT, *FILE_INNOCENT):
        share, by_peer = seen[name] / max(tried[name], 1), peer[name] / max(tried[name], 1)
        mark = "" if name in harmful else "   (has to pass)"
        print(f"{name:26} {tried[name]:6} {seen[name]:6} {share:6.3f}  {by_peer:6.3f}{mark}")
    harms, found = sum(tried[n] for n in harmful), sum(seen[n] for n in harmful)
    innocent = sum(tried.values()) - harms
    alarms, took = sum(seen.values()) - found, time.process_time() - begun
    print(f"all harms: {found} of {harms} seen, by a grep {sum(peer[n] for n in harmful)}")
    print(f"false alarms: {alarms} of {innocent}; {took:.0f} s of processor time")
    if found < harms or alarms:
        sys.exit(1)


if __name__ == "__main__":
    main()
