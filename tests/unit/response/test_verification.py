"""The verdict after a change: passed only on evidence. Unknown is never a pass."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.incident import events as e
from andon.incident.words import Verdict
from andon.response.verification import LogView, verify
from tests.unit.response.situations import probe

PASSED, FAILED, UNKNOWN = Verdict.PASSED, Verdict.FAILED, Verdict.UNKNOWN
CLEAN = LogView(name="shop", lines=400, severe=0)
QUIET = LogView(name="shop", lines=0, severe=0)
UNREADABLE = LogView(name="shop", lines=0, severe=0, failure="no such file")
UNDATED = LogView(name="shop", lines=0, severe=0, is_dated=False)
STILL = LogView(name="shop", lines=400, severe=9, old_signatures=("TypeError in cart",))
NEW = LogView(name="shop", lines=400, severe=1, new_signatures=("KeyError in mail",))
OK, BAD, DARK = probe(verdict=PASSED), probe(verdict=FAILED), probe(verdict=UNKNOWN)
SIDE_BAD = probe("newsletter", FAILED, critical=False)
SIDE_OK = probe("newsletter", PASSED, critical=False)


def judge(
    probes: tuple[e.ProbeOutcome, ...], before: tuple[str, ...], logs: tuple[LogView, ...]
) -> e.VerificationRan:
    return verify(operation="op1", probes=probes, failed_before=frozenset(before), logs=logs)


TABLE = [
    # probes, failed before, logs -> verdict, failure gone, critical paths, logs
    ((OK,), ("checkout",), (CLEAN,), PASSED, PASSED, PASSED, PASSED),
    ((OK,), ("checkout",), (), PASSED, PASSED, PASSED, UNKNOWN),
    ((OK, SIDE_BAD), ("checkout",), (CLEAN,), PASSED, PASSED, PASSED, PASSED),
    ((OK, SIDE_OK), ("newsletter",), (CLEAN,), PASSED, PASSED, PASSED, PASSED),
    # something failed
    ((BAD,), ("checkout",), (CLEAN,), FAILED, FAILED, FAILED, PASSED),
    ((BAD,), (), (CLEAN,), FAILED, UNKNOWN, FAILED, PASSED),
    ((OK, SIDE_BAD), ("newsletter",), (CLEAN,), FAILED, FAILED, PASSED, PASSED),
    ((OK, BAD), ("checkout",), (CLEAN,), FAILED, FAILED, FAILED, PASSED),
    ((OK,), ("checkout",), (STILL,), FAILED, FAILED, PASSED, FAILED),
    ((OK,), ("checkout",), (NEW,), FAILED, PASSED, PASSED, FAILED),
    ((OK,), ("checkout",), (CLEAN, NEW), FAILED, PASSED, PASSED, FAILED),
    ((DARK,), ("checkout",), (NEW,), FAILED, UNKNOWN, UNKNOWN, FAILED),
    # nothing failed, and not enough is known
    ((), (), (), UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
    ((), (), (CLEAN,), UNKNOWN, UNKNOWN, UNKNOWN, PASSED),
    ((OK,), (), (CLEAN,), UNKNOWN, UNKNOWN, PASSED, PASSED),
    ((DARK,), ("checkout",), (CLEAN,), UNKNOWN, UNKNOWN, UNKNOWN, PASSED),
    ((SIDE_OK,), ("newsletter",), (CLEAN,), UNKNOWN, PASSED, UNKNOWN, PASSED),
    ((OK,), ("checkout",), (QUIET,), UNKNOWN, PASSED, PASSED, UNKNOWN),
    ((OK,), ("checkout",), (UNREADABLE,), UNKNOWN, PASSED, PASSED, UNKNOWN),
    ((OK,), ("checkout",), (UNDATED,), UNKNOWN, PASSED, PASSED, UNKNOWN),
    ((OK,), ("checkout",), (CLEAN, UNREADABLE), UNKNOWN, PASSED, PASSED, UNKNOWN),
    ((OK,), ("checkout", "gone from the configuration"), (CLEAN,), UNKNOWN, UNKNOWN, PASSED, PASSED),
    ((OK,), ("gone from the configuration",), (CLEAN,), UNKNOWN, UNKNOWN, PASSED, PASSED),
]


@pytest.mark.parametrize(("probes", "before", "logs", "verdict", "gone", "critical", "log"), TABLE)
def test_the_verdict(
    probes: tuple[e.ProbeOutcome, ...],
    before: tuple[str, ...],
    logs: tuple[LogView, ...],
    verdict: Verdict,
    gone: Verdict,
    critical: Verdict,
    log: Verdict,
) -> None:
    found = judge(probes, before, logs)
    assert (found.verdict, found.failure_gone, found.critical_paths, found.logs) == (
        verdict,
        gone,
        critical,
        log,
    )
    assert found.operation == "op1" and found.probes == probes
    assert found.summary and found.logs_summary


@pytest.mark.parametrize(
    ("logs", "said"),
    [
        ((), "no log is configured"),
        ((CLEAN,), "shop: 400 lines in 0 s since the change, no errors"),
        ((QUIET,), "shop has no line since the change: not enough traffic"),
        ((UNREADABLE,), "shop could not be read: no such file"),
        ((UNDATED,), "shop has no times"),
        ((STILL,), "shop still shows TypeError in cart"),
        ((NEW,), "shop shows a new error: KeyError in mail"),
        ((CLEAN, NEW), "no errors; shop shows a new error"),
    ],
)
def test_what_is_said_of_the_logs(logs: tuple[LogView, ...], said: str) -> None:
    found = judge((OK,), ("checkout",), logs)
    assert said in found.logs_summary and said in found.summary


@pytest.mark.parametrize(
    ("probes", "before", "said"),
    [
        ((), (), "no smoke test is configured"),
        ((OK, SIDE_OK), ("checkout",), "2 of 2 smoke tests pass (checkout had failed)"),
        (
            (OK, SIDE_BAD),
            ("checkout",),
            "1 of 2 smoke tests pass (checkout had failed); newsletter failed: 500",
        ),
        ((OK,), (), "none of them had failed before, so they cannot show that the failure is gone"),
        ((DARK,), ("checkout",), "0 of 1 smoke tests pass; checkout unknown: 500"),
    ],
)
def test_what_is_said_of_the_smoke_tests(
    probes: tuple[e.ProbeOutcome, ...], before: tuple[str, ...], said: str
) -> None:
    assert said in judge(probes, before, (CLEAN,)).summary


PROBES = st.lists(
    st.builds(
        probe,
        st.sampled_from(("checkout", "front", "mail")),
        st.sampled_from(list(Verdict)),
        critical=st.booleans(),
    ),
    max_size=4,
).map(tuple)
LOGS = st.lists(st.sampled_from((CLEAN, QUIET, UNREADABLE, UNDATED, STILL, NEW)), max_size=3).map(tuple)


@given(PROBES, st.frozensets(st.sampled_from(("checkout", "front", "mail", "gone")), max_size=3), LOGS)
@settings(max_examples=300)
def test_a_pass_has_its_evidence(
    probes: tuple[e.ProbeOutcome, ...], before: frozenset[str], logs: tuple[LogView, ...]
) -> None:
    found = verify(operation="", probes=probes, failed_before=before, logs=logs)
    if found.verdict is PASSED:
        assert before, "something had failed"
        assert before <= {p.name for p in probes}
        assert all(p.verdict is PASSED for p in probes if p.name in before)
        assert [p for p in probes if p.critical], "something critical was tried"
        assert all(p.verdict is PASSED for p in probes if p.critical)
        assert all(view is CLEAN for view in logs)
