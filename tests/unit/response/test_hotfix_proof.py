"""Red without the fix, green with it: what proves a fix, what will, and what is no proof."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.incident.words import Verdict
from andon.response.guard.proof import Proof, RedGreen, how_it_went, is_test, red_then_green
from andon.response.guard.red_reasons import other_reason

P, F, U = Verdict.PASSED, Verdict.FAILED, Verdict.UNKNOWN


def ran(before: Verdict, after: Verdict, doubt: str = "") -> RedGreen:
    return RedGreen(
        command="pytest t.py",
        before=before,
        after=after,
        before_ending="exit 1",
        after_ending="exit 2",
        doubt=doubt,
    )


SMOKE = {"failed_probes": ("checkout",), "critical_probes": ("checkout", "health")}


@pytest.mark.parametrize(
    ("proof", "verdict", "words"),
    [
        (Proof(test=ran(F, P)), P, "fails without the fix"),
        (Proof(test=ran(F, F)), F, "as it does without"),
        (Proof(test=ran(P, F)), F, "fails with the fix"),
        (Proof(test=ran(U, F)), F, "fails with the fix"),
        (Proof(test=ran(F, P, "ImportError: x")), U, "for another reason (ImportError: x)"),
        (Proof(test=ran(F, P, "it was moody"), **SMOKE), P, "it was moody); to be proven after deployment"),
        (Proof(test=ran(P, P)), U, "nothing was seen failing"),
        (Proof(test=ran(P, P), **SMOKE), P, "passes without the fix as well; to be proven after deployment"),
        (Proof(test=ran(F, U), **SMOKE), U, "could not be run to its end"),
        (Proof(test=ran(U, P), **SMOKE), U, "could not be run to its end"),
        (Proof(test=ran(U, P), is_relaxed=True, **SMOKE), P, "relaxed; to be proven after deployment"),
        (Proof(test=ran(U, P), is_relaxed=True), U, "could not be run"),
        (Proof(**SMOKE), P, "to be proven after deployment: checkout failed and has to pass"),
        (Proof(failed_probes=("checkout",)), U, "no smoke test is left"),
        (Proof(failed_probes=("checkout",), critical_probes=("health",)), U, "no smoke test is left"),
        (Proof(critical_probes=("health",)), U, "nothing was seen failing"),
        (Proof(critical_probes=("health",), is_relaxed=True), P, "health are run then"),
        (Proof(is_relaxed=True), U, "nothing was seen failing"),
        (Proof(signatures=("KeyError in shop.py:price",)), U, "only known from the log"),
        (Proof(signatures=("KeyError",), seen_by_hand="ann: I bought tea"), P, "seen by hand, ann"),
        (Proof(seen_by_hand="ann: it works", test=ran(F, F)), F, "fails with the fix"),
        (Proof(), U, "nothing was seen failing"),
    ],
)
def test_what_is_shown(proof: Proof, verdict: Verdict, words: str) -> None:
    found = red_then_green(proof)
    assert found.verdict is verdict and words in found.evidence, found
    assert bool(found.remedy) == (verdict is not P)


@given(
    st.builds(
        Proof,
        failed_probes=st.lists(st.sampled_from(("a", "b")), max_size=2).map(tuple),
        critical_probes=st.lists(st.sampled_from(("a", "b", "c")), max_size=2).map(tuple),
        signatures=st.sampled_from(((), ("KeyError",))),
        test=st.none()
        | st.builds(ran, st.sampled_from((P, F, U)), st.sampled_from((P, F, U)), st.sampled_from(("", "?"))),
        seen_by_hand=st.sampled_from(("", "ann: I saw it")),
        is_relaxed=st.booleans(),
    )
)
def test_verification_is_never_skipped_entirely(proof: Proof) -> None:
    """Whatever is relaxed: somebody or something has shown it, or will show it."""
    if red_then_green(proof).verdict is P:
        shown = proof.test is not None and (proof.test.before, proof.test.after, proof.test.doubt) == (
            F,
            P,
            "",
        )
        assert shown or proof.seen_by_hand or proof.critical_probes
    if proof.test is not None and proof.test.after is F:
        assert red_then_green(proof).verdict is F


@pytest.mark.parametrize(
    ("code", "missing", "late", "verdict"),
    [
        (0, False, False, P),
        (1, False, False, F),
        (2, False, False, F),
        (5, False, False, U),
        (4, False, False, U),
        (-9, False, False, U),
        (127, True, False, U),
        (1, False, True, U),
    ],
)
def test_a_test_that_did_not_run_is_not_red(code: int, missing: bool, late: bool, verdict: Verdict) -> None:
    assert how_it_went(code, is_missing=missing, timed_out=late) is verdict


@pytest.mark.parametrize(
    ("code", "ran", "not_passed", "verdict"),
    [
        (0, 0, 0, U),
        (1, 0, 0, U),
        (0, 3, 1, U),
        (0, 3, 0, P),
        (1, 3, 1, F),
        (0, None, 0, P),
        (137, None, 0, U),
    ],
)
def test_what_the_runner_printed_counts_as_well(
    code: int, ran: int | None, not_passed: int, verdict: Verdict
) -> None:
    found = how_it_went(code, is_missing=False, timed_out=False, ran=ran, not_passed=not_passed)
    assert found is verdict


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("Traceback\nModuleNotFoundError: No module named 'shop.tax'\n", "No module named 'shop.tax'"),
        ("E   ImportError: cannot import name 'tax' from 'shop'\n1 error in 0.02s", "cannot import name"),
        ("  File 'a.py', line 1\nSyntaxError: invalid syntax", "invalid syntax"),
        ("python3: can't open file '/x/check.py': [Errno 2] No such file", "can't open file"),
        ("E       fixture 'till' not found", "fixture 'till'"),
        ("Error: Cannot find module './tax'", "Cannot find module"),
        ("FAIL\tshop/price [build failed]", "[build failed]"),
        ("curl: (6) Could not resolve host: shop.example", "Could not resolve host"),
        ("KeyError: 'prize'", ""),
        ("ImportError: optional\nDuring handling\nKeyError: 'prize'", ""),
        ("E   assert 3 == 4\nE   ImportError: x", ""),
        ("AssertionError: Cannot find module 'x' is not what it says", ""),
        ("", ""),
    ],
)
def test_red_for_another_reason(output: str, reason: str) -> None:
    found = other_reason(output)
    assert (reason in found) if reason else not found, found


def test_a_missing_module_may_be_the_failure_itself() -> None:
    output = "ModuleNotFoundError: No module named 'tax'"
    assert other_reason(output, ("ImportError at start in shop.py",)) == ""
    assert other_reason(output, ("KeyError in shop.py",)) != ""


def test_what_a_test_is_called() -> None:
    for path in ("tests/a.py", "a/test_b.py", "b_test.go", "x.spec.ts", "src/FooTest.java", "conftest.py"):
        assert is_test(path), path
    for path in ("contest.py", "src/latest.py", "attest/a.py", "src/Foo.java", "testimony.md"):
        assert not is_test(path), path
