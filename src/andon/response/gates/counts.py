"""How many tests ran, as the usual runners say it at the end of what they print. Silence is not a number."""

from __future__ import annotations

import re

from andon.record import Record

#: Runner and the line in which it counts. `ran` is a number of tests, less `skipped`; without `ran` a line
#: stands for one test that ran, and `none` says that there was none. The wordings are the runners' own.
_LINES: tuple[tuple[str, str], ...] = (
    ("pytest", r"^(?:=+ )?(?P<words>\d+ \w+(?:, \d+ \w+(?: [a-z]+)?)*) in \d[\d.]*s\b"),
    ("pytest", r"^(?:=+ )?(?P<none>no tests ran) in "),
    ("unittest", r"^Ran (?P<ran>\d+) tests? in [^\n]*(?:\n+[A-Z ]+\([^\n)]*skipped=(?P<skipped>\d+))?"),
    ("jest", r"^Tests: +(?P<words>\d+ [a-z]+(?:, \d+ [a-z]+)*)$"),
    ("jest", r"^(?P<none>No tests found)"),
    ("vitest", r"^ *Tests +(?P<words>\d+ [a-z]+(?: \| \d+ [a-z]+)*) \(\d+\)"),
    ("vitest", r"^(?P<none>No test files found)"),
    ("mocha", r"^ +(?P<ran>\d+) passing\b"),
    ("node", r"^(?:#|\u2139) pass (?P<ran>\d+)$"),
    ("TAP", r"^ok \d+\b(?![^\n]*# ?(?i:skip|todo))"),
    ("TAP", r"^1\.\.(?P<none>0)\b"),
    ("go", r"^ok +\t?\S+\s+(?:[\d.]+s|\(cached\))(?![^\n]*\[no tests to run\])"),
    ("go", r"^(?:ok|\?) +\t?\S+[^\n]*(?P<none>\[no test files\]|\[no tests to run\])"),
    ("gotestsum", r"^DONE (?P<ran>\d+) tests?(?:, (?P<skipped>\d+) skipped)?"),
    ("cargo", r"^test result: \w+\. (?P<ran>\d+) passed;"),
    ("nextest", r"^ *Summary \[[^\]\n]*\] +(?P<ran>\d+) tests? run:"),
    ("rspec", r"^(?P<ran>\d+) examples?, \d+ failures?(?:, (?P<skipped>\d+) pending)?"),
    ("minitest", r"^(?P<ran>\d+) (?:runs|tests), \d+ assertions(?:[^\n]*, (?P<skipped>\d+) skips)?"),
    ("phpunit", r"^OK \((?P<ran>\d+) tests?, "),
    ("phpunit", r"^Tests: (?P<ran>\d+), Assertions: \d+(?:[^\n]*, Skipped: (?P<skipped>\d+))?"),
    ("phpunit", r"^(?P<none>No tests executed!)"),
    ("maven", r"Tests run: (?P<ran>\d+), Failures: \d+, Errors: \d+, Skipped: (?P<skipped>\d+)$"),
    ("dotnet", r"^Passed! +- Failed: +\d+, Passed: +(?P<ran>\d+)"),
    (
        "ExUnit",
        r"^(?:\d+ doctests?, )?(?P<ran>\d+) tests?, \d+ failures?(?:[^\n]*, (?P<skipped>\d+) skipped)?",
    ),
    ("ctest", r"^\d+% tests passed, \d+ tests failed out of (?P<ran>\d+)"),
    ("ctest", r"^(?P<none>No tests were found)"),
    ("deno", r"^ok \| (?P<ran>\d+) passed"),
    ("bun", r"^ *(?P<ran>\d+) pass$"),
    ("XCTest", r"Executed (?P<ran>\d+) tests?, with (?:(?P<skipped>\d+) tests? skipped and )?\d+ failures?"),
)
#: The lines in which they say how many did not pass; a line without a number stands for one.
_FAILURES = (
    r"^(?:=+ )?(?:\d+ \w+, )*?(\d+) (?:failed|errors?)\b[^\n]{0,200} in \d[\d.]*s\b",
    r"^FAILED \((?:failures|errors|unexpected successes)=(\d+)",
    r"^Tests: +(?:\d+ [a-z]+, )*?(\d+) failed\b",
    r"^ *Tests +(\d+) failed\b",
    r"^ +(\d+) failing\b",
    r"^(?:#|\u2139) fail (\d+)$",
    r"^not ok \d+\b(?![^\n]*# ?(?i:skip|todo))()",
    r"^--- FAIL: ()",
    r"^test result: FAILED\. \d+ passed; (\d+) failed",
    r"^\d+ examples?, (\d+) failures?",
    r"^\d+ (?:runs|tests), \d+ assertions, (\d+) failures",
    r"^\d+ (?:runs|tests), \d+ assertions, \d+ failures, (\d+) errors",
    r"^Tests: \d+, Assertions: \d+, (?:Errors|Failures): (\d+)",
    r"Tests run: \d+, Failures: (\d+), Errors: \d+",
    r"Tests run: \d+, Failures: \d+, Errors: (\d+)",
    r"^Failed! +- Failed: +(\d+)",
    r"^(?:\d+ doctests?, )?\d+ tests?, (\d+) failures?",
    r"^\d+% tests passed, (\d+) tests failed out of",
    r"^FAILED \| \d+ passed[^|\n]*\| (\d+) failed",
    r"^ *(\d+) fail$",
    r"Executed \d+ tests?, with (?:\d+ tests? skipped and )?(\d+) failures?",
)
_FAILED = tuple(re.compile(pattern, re.MULTILINE) for pattern in _FAILURES)
_READERS = tuple((runner, re.compile(pattern, re.MULTILINE)) for runner, pattern in _LINES)
_WORD = re.compile(r"(\d+) (passed|failed|errors?|xpassed|xfailed)\b")


class SuiteCount(Record):
    """How many tests ran, according to what was printed."""

    #: Not counting skipped ones; None when no runner that is known said a number.
    ran: int | None
    #: Who said so, "" for nobody.
    runner: str = ""
    #: How many did not pass, according to the same; 0 where nobody said so.
    failed: int = 0


def count_tests(output: str) -> SuiteCount:
    """Return how many tests ran: the sum over everything that a known runner counts in `output`."""
    found: dict[str, int] = {}
    for runner, reader in _READERS:
        for match in reader.finditer(output):
            found[runner] = found.get(runner, 0) + _ran(match.groupdict())
    if not found:
        return SuiteCount(ran=None, failed=_failed(output))
    return SuiteCount(ran=sum(found.values()), runner=", ".join(found), failed=_failed(output))


def _failed(output: str) -> int:
    """Return the largest number of failures that one reader finds: two may read the same line."""
    sums = (sum(int(m[1] or 1) for m in reader.finditer(output)) for reader in _FAILED)
    return max(sums, default=0)


def _ran(said: dict[str, str | None]) -> int:
    if said.get("none") is not None:
        return 0
    if (words := said.get("words")) is not None:
        return sum(int(number) for number, _ in _WORD.findall(words))
    if (ran := said.get("ran")) is not None:
        return max(int(ran) - int(said.get("skipped") or 0), 0)
    return 1
