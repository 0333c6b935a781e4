"""Red without the fix, green with it: what proves a fix, what will, and what is no proof."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.incident.words import Verdict
from andon.response.guard.proof import Proof, RedGreen, how_it_went, is_test, red_then_green

P, F, U = Verdict.PASSED, Verdict.FAILED, Verdict.UNKNOWN


def ran(before: Verdict, after: Verdict) -> RedGreen:
    return RedGreen(
        command="pytest t.py", before=before, after=after, before_ending="exit 1", after_ending="exit 2"
    )


SMOKE = {"failed_probes": ("checkout",), "critical_probes": ("checkout", "health")}


@pytest.mark.parametrize(
    ("proof", "verdict", "words"),
    [
        (Proof(test=ran(F, P)), P, "fails without the fix"),
        (Proof(test=ran(F, F)), F, "as it does without"),
        (Proof(test=ran(P, F)), F, "fails with the fix"),
        (Proof(test=ran(U, F)), F, "fails with the fix"),
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
        test=st.none() | st.builds(ran, st.sampled_from((P, F, U)), st.sampled_from((P, F, U))),
        seen_by_hand=st.sampled_from(("", "ann: I saw it")),
        is_relaxed=st.booleans(),
    )
)
def test_verification_is_never_skipped_entirely(proof: Proof) -> None:
    """Whatever is relaxed: somebody or something has shown it, or will show it."""
    if red_then_green(proof).verdict is P:
        shown = proof.test is not None and (proof.test.before, proof.test.after) == (F, P)
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


def test_what_a_test_is_called() -> None:
    for path in ("tests/a.py", "a/test_b.py", "b_test.go", "x.spec.ts", "src/FooTest.java", "conftest.py"):
        assert is_test(path), path
    for path in ("contest.py", "src/latest.py", "attest/a.py", "src/Foo.java", "testimony.md"):
        assert not is_test(path), path
