"""May this version be deployed? What a pipeline is told, row by row."""

from __future__ import annotations

import pytest

from andon.incident import events as e
from andon.incident.words import Verdict
from andon.response.admission import admit
from tests.unit.response.situations import ABORTED, BAD, UNKNOWN, ago, judged, ledger

PASSED, FAILED, OPEN = Verdict.PASSED, Verdict.FAILED, Verdict.UNKNOWN
A, B, C = "a" * 40, "b" * 40, "c" * 40


def put(version: str, commit: str) -> e.ReleaseDeployed:
    return e.ReleaseDeployed(version=version, commit=commit, deployed_at=ago(50), source="symlink")


def block(version: str, commit: str = "", incident: str = "INC-1") -> e.ReleaseBlocked:
    return e.ReleaseBlocked(version=version, reason="it lost orders", incident=incident, commit=commit)


BLOCKED = (put("v1", A), judged("v1"), put("v2", B), block("v2", B))


@pytest.mark.parametrize(
    ("events", "version", "commit", "verdict", "rule"),
    [
        ((), "v1", "", UNKNOWN, "empty-ledger"),
        ((put("v1", A),), "v1", "", PASSED, "nothing-against-it"),
        ((put("v1", A), judged("v1", UNKNOWN)), "v1", "", PASSED, "nothing-against-it"),
        ((put("v1", A), judged("v1", ABORTED)), "v1", "", PASSED, "nothing-against-it"),
        ((put("v1", A), judged("v1", BAD)), "v1", "", FAILED, "judged-bad"),
        ((put("v1", A), judged("v1", BAD)), "v1-again", A, FAILED, "judged-bad"),
        (BLOCKED, "v2", "", FAILED, "blocked-release"),
        (BLOCKED, "v2-again", B, FAILED, "blocked-release"),
        (BLOCKED, "v1", "", PASSED, "nothing-against-it"),
        (BLOCKED, "v3", "", OPEN, "code-unknown"),
        (BLOCKED, "v3", C, OPEN, "has-blocked-code"),
        ((*BLOCKED, put("v3", C), judged("v3")), "v3", "", PASSED, "nothing-against-it"),
        ((*BLOCKED, e.ReleaseUnblocked(version="v2", reason="no")), "v2", "", PASSED, "nothing-against-it"),
        ((block("v2"),), "v4", "", PASSED, "nothing-against-it"),
    ],
)
def test_what_may_be_deployed(
    events: tuple[e.Event, ...], version: str, commit: str, verdict: Verdict, rule: str
) -> None:
    found = admit(ledger(*events), version, commit, lambda one, other: (one, other) == ("v3", "v2"))
    assert (found.verdict, found.rule) == (verdict, rule), found.reason


@pytest.mark.parametrize(("commit", "verdict"), [(C, OPEN), ("", OPEN)])
def test_a_clone_without_the_history_says_nothing_for_a_version(commit: str, verdict: Verdict) -> None:
    found = admit(ledger(*BLOCKED), "v3", commit, lambda *_: None)
    assert found.verdict is verdict
    assert found.rule == ("history-unknown" if commit else "code-unknown")
    assert admit(ledger(block("v2")), "v3", C, lambda *_: None).verdict is PASSED, "nobody knows what v2 was"


def test_the_answer_names_the_incident() -> None:
    found = admit(ledger(*BLOCKED), "v2")
    assert (found.incident, found.because_of) == ("INC-1", "v2")
    assert found.reason == "v2 is blocked since INC-1: it lost orders"
    renamed = admit(ledger(*BLOCKED), "v9", B)
    assert renamed.reason.startswith("v9 is the code of v2, which is blocked since INC-1")


def test_code_of_a_blocked_release_passes_when_somebody_knows_that_the_fix_is_in_it() -> None:
    found = admit(ledger(*BLOCKED), "v3", C, lambda *_: True, has_fix=True)
    assert found.verdict is PASSED
    assert admit(ledger(*BLOCKED), "v2", B, has_fix=True).verdict is FAILED, "the same code has no fix"


def test_somebody_may_know_what_git_does_not() -> None:
    assert admit(ledger(*BLOCKED), "v3", C, lambda *_: None, has_fix=True).verdict is PASSED
