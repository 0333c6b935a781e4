"""How many tests ran: one example of each runner's report that ran some, and one that ran none."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.response.gates.counts import count_tests

RAN = [
    ("pytest", "======= 3 passed, 1 skipped, 2 warnings in 0.12s =======", 3),
    ("pytest", "2 failed, 1 passed, 1 error, 2 subtests passed in 65.21s (0:01:05)", 4),
    ("pytest", "1 xfailed, 4 deselected in 0.02s", 1),
    ("unittest", "Ran 7 tests in 0.003s\n\nOK", 7),
    ("unittest", "Ran 7 tests in 0.003s\n\nOK (skipped=2)", 5),
    ("jest", "Test Suites: 2 passed, 2 total\nTests:       1 skipped, 5 passed, 6 total\n", 5),
    ("vitest", " Test Files  1 passed (1)\n      Tests  1 failed | 4 passed (5)\n", 5),
    ("mocha", "\n  12 passing (31ms)\n  1 pending", 12),
    ("node", "# tests 4\n# pass 4\n# fail 0", 4),
    ("go", "ok  \tshop/cart\t0.012s\n?   \tshop/ops\t[no test files]", 1),
    ("go", "ok  \tshop/cart\t(cached)", 1),
    ("gotestsum", "DONE 12 tests, 2 skipped in 0.4s", 10),
    (
        "cargo",
        "running 0 tests\n\ntest result: ok. 0 passed; 0 failed\n\ntest result: ok. 5 passed; 0 failed",
        5,
    ),
    ("nextest", "     Summary [   0.511s] 12 tests run: 12 passed, 3 skipped", 12),
    ("rspec", "3 examples, 0 failures, 1 pending", 2),
    ("minitest", "5 runs, 9 assertions, 0 failures, 0 errors, 2 skips", 3),
    ("phpunit", "OK (5 tests, 12 assertions)", 5),
    ("maven", "[INFO] Tests run: 5, Failures: 0, Errors: 0, Skipped: 1", 4),
    ("dotnet", "Passed!  - Failed:     0, Passed:     9, Skipped:     0, Total:     9", 9),
    ("ExUnit", "2 doctests, 6 tests, 0 failures", 6),
    ("ctest", "100% tests passed, 0 tests failed out of 8", 8),
    ("deno", "ok | 3 passed | 0 failed (12ms)", 3),
    ("bun", " 4 pass\n 0 fail", 4),
    ("XCTest", "\t Executed 12 tests, with 0 failures (0 unexpected) in 0.2 seconds", 12),
    ("TAP", "TAP version 13\n1..2\nok 1 - a\nok 2 - b # SKIP not here", 1),
]
NONE = [
    "no tests ran in 0.01s",
    "5 skipped in 0.02s",
    "===== 3 deselected in 0.02s =====",
    "Ran 0 tests in 0.000s\n\nNO TESTS RAN",
    "Ran 2 tests in 0.000s\n\nOK (skipped=2)",
    "No tests found, exiting with code 0",
    "No test files found, exiting with code 0",
    "  0 passing (1ms)",
    "?   \tshop\t[no test files]",
    "ok  \tshop\t0.001s [no tests to run]",
    "running 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored",
    "0 examples, 0 failures",
    "0 runs, 0 assertions, 0 failures, 0 errors, 0 skips",
    "No tests executed!",
    "Tests run: 0, Failures: 0, Errors: 0, Skipped: 0",
    "No tests were found!!!",
    "TAP version 13\n1..0",
]


@pytest.mark.parametrize(("runner", "output", "ran"), RAN, ids=[f"{r}-{n}" for n, (r, *_) in enumerate(RAN)])
def test_what_ran_is_counted(runner: str, output: str, ran: int) -> None:
    found = count_tests(f"something else\n{output}\n")
    assert (found.ran, runner in found.runner) == (ran, True), found


@pytest.mark.parametrize("output", NONE)
def test_nothing_that_ran_is_counted_as_nothing(output: str) -> None:
    assert count_tests(output).ran == 0


@pytest.mark.parametrize(
    ("output", "failed"),
    [
        ("===== 2 failed, 3 passed in 0.12s =====", 2),
        ("1 passed, 1 error in 0.12s", 1),
        ("Ran 4 tests in 0.1s\n\nFAILED (failures=1)", 1),
        ("Tests:       1 failed, 4 passed, 5 total", 1),
        ("  3 passing\n  2 failing", 2),
        ("ok 1 - a\nnot ok 2 - b\nnot ok 3 - c # TODO later", 1),
        ("--- FAIL: TestPrice (0.00s)\nFAIL\nFAIL\tshop 0.1s", 1),
        ("test result: FAILED. 3 passed; 1 failed; 0 ignored", 1),
        ("12 examples, 1 failure", 1),
        ("Tests run: 4, Failures: 1, Errors: 0, Skipped: 0", 1),
        ("5 passed in 0.1s", 0),
        ("12 examples, 0 failures", 0),
        ("Tests run: 4, Failures: 0, Errors: 0, Skipped: 0", 0),
        ("100% tests passed, 0 tests failed out of 7", 0),
    ],
)
def test_what_did_not_pass_is_counted(output: str, failed: int) -> None:
    assert count_tests(f"before\n{output}\n").failed == failed


@pytest.mark.parametrize(
    "output", ["", "all is well", "BUILD SUCCESSFUL in 1s", "3 passed the exam in May", "ok"]
)
def test_what_nobody_counts_is_not_known(output: str) -> None:
    assert count_tests(output).ran is None


@given(st.text(st.sampled_from("0123 passedskifailrunmtok,.:|()#\n"), max_size=120))
def test_whatever_is_printed_is_counted_or_not_known(output: str) -> None:
    found = count_tests(output)
    assert (found.ran is None) == (found.runner == "") and (found.ran or 0) >= 0


@pytest.mark.parametrize(
    "piece", ["1 a11", "1 passed, ", "Tests: 1 a | ", "ok 1 ", "1 run, ", "1 failed, ", "Ran 1 test in \n"]
)
def test_no_output_makes_reading_slow(piece: str) -> None:
    began = time.process_time()
    count_tests(piece * (60_000 // len(piece)))
    assert time.process_time() - began < 2
