"""Every machine check that the history can answer: where it passes, fails and does not know."""

from __future__ import annotations

import pytest

from andon.incident import events as e
from andon.incident.checks import CHECKS
from andon.incident.leak_state import HERE
from andon.incident.words import Choice, Outcome, Severity, Verdict
from tests.unit.incident.cases import (
    DECIDED,
    HASH,
    MARK,
    MITIGATED,
    OWNED,
    RESOLVED,
    ROLLED_BACK,
    assessed,
    backed_up,
    cleaned,
    decided,
    declared,
    finished,
    flag_ended,
    flag_planned,
    hotfix_checked,
    hotfix_started,
    hurt,
    leaked,
    located,
    mitigated,
    planned,
    published,
    purge_verified,
    purged,
    push_planned,
    pushed,
    requested,
    revoked,
    skipped,
    started,
    state,
    verified,
)

PASSED, FAILED, UNKNOWN = Verdict.PASSED, Verdict.FAILED, Verdict.UNKNOWN

LOG = e.EvidenceAttached(evidence=HASH, kind="log", title="end", media_type="text/plain", size=3)
UNCLEAR = (*DECIDED, planned(), started(), finished(Outcome.UNKNOWN))
BROKE = (*DECIDED, planned(), started(), finished(Outcome.FAILED))
LOST = e.ShortcutTaken(item="s4.3", reason="no time", action="A9", pre_justified=True)
REGRESSION = e.RegressionLogged(
    entry="R-1",
    symptom="500",
    root_cause="null",
    incorrect_behaviour="b",
    correct_solution="c",
    enforced_path="p",
    prevention_mechanism="m",
    date="2026-03-01",
    author="ann",
    path="docs/regressions.md",
)


def told(*targets: str) -> tuple[e.Event, ...]:
    return tuple(e.NotificationDelivered(request="r-0", target=t, attempt=1) for t in targets)


def work(kind: str, origin: str = "person") -> e.ActionOpened:
    return e.ActionOpened(action="A1", title="Do it", origin=origin, kind=kind)


DONE = e.ActionDone(action="A1", proof="commit 12")
DROPPED = e.ActionDropped(action="A1", reason="moot")


def after(**verdicts: Verdict) -> tuple[e.Event, ...]:
    return (*ROLLED_BACK, verified(**verdicts))


TABLE: list[tuple[str, tuple[e.Event, ...], Verdict]] = [
    ("impact-confirmed", (declared(),), UNKNOWN),
    ("impact-confirmed", (declared(), hurt()), PASSED),
    ("severity-declared", (declared(),), PASSED),
    ("stakeholders-notified", (declared(),), UNKNOWN),
    ("stakeholders-notified", (declared(), requested()), UNKNOWN),
    ("stakeholders-notified", (declared(), requested(), *told("mail")), UNKNOWN),
    ("stakeholders-notified", (declared(), requested(), *told("mail", "chat")), PASSED),
    ("gear-hotfix", (declared(Severity.P1),), PASSED),
    ("gear-hotfix", (declared(Severity.P2),), UNKNOWN),
    ("broken-part-identified", OWNED, UNKNOWN),
    ("broken-part-identified", (*OWNED, assessed(broken=())), UNKNOWN),
    ("broken-part-identified", (*OWNED, assessed()), PASSED),
    ("break-time-identified", OWNED, UNKNOWN),
    ("break-time-identified", (*OWNED, assessed(broke_at=None)), UNKNOWN),
    ("break-time-identified", (*OWNED, assessed(broke_at_is_known=False)), UNKNOWN),
    ("break-time-identified", (*OWNED, assessed()), PASSED),
    ("evidence-captured", OWNED, UNKNOWN),
    ("evidence-captured", (*OWNED, LOG), PASSED),
    ("rollback-weighed", OWNED, UNKNOWN),
    ("rollback-weighed", (*OWNED, assessed()), UNKNOWN),
    ("rollback-weighed", (*OWNED, assessed(minutes_to_roll_back=0.2)), PASSED),
    ("rollback-weighed", (*OWNED, assessed(minutes_to_fix=20.0)), PASSED),
    ("response-applied", OWNED, UNKNOWN),
    ("response-applied", DECIDED, UNKNOWN),
    ("response-applied", ROLLED_BACK, PASSED),
    ("response-applied", BROKE, FAILED),
    ("response-applied", (*ROLLED_BACK, decided(Choice.HOTFIX)), UNKNOWN),
    ("response-applied", (*OWNED, decided(Choice.WORKAROUND)), UNKNOWN),
    ("response-applied", (*OWNED, decided(Choice.WORKAROUND), verified()), PASSED),
    ("response-applied", (*OWNED, decided(Choice.KILL_SWITCH), verified(FAILED)), FAILED),
    ("deployed", DECIDED, UNKNOWN),
    ("deployed", (*DECIDED, planned(), started()), UNKNOWN),
    ("deployed", UNCLEAR, UNKNOWN),
    ("deployed", BROKE, FAILED),
    ("deployed", ROLLED_BACK, PASSED),
    ("deployed", (*DECIDED, planned(), started(), finished(running_version="v3")), FAILED),
    ("failure-resolved", ROLLED_BACK, UNKNOWN),
    ("failure-resolved", after(failure_gone=UNKNOWN), UNKNOWN),
    ("failure-resolved", after(failure_gone=FAILED), FAILED),
    ("failure-resolved", after(), PASSED),
    ("failure-resolved", (*after(), started("op2", "hotfix")), UNKNOWN),
    ("failure-resolved", (*after(), started("op2", "hotfix"), finished(operation="op2")), UNKNOWN),
    ("no-new-failures", ROLLED_BACK, UNKNOWN),
    ("no-new-failures", after(logs=UNKNOWN), UNKNOWN),
    ("no-new-failures", after(critical_paths=UNKNOWN), UNKNOWN),
    ("no-new-failures", after(critical_paths=UNKNOWN, logs=FAILED), FAILED),
    ("no-new-failures", after(critical_paths=FAILED), FAILED),
    ("no-new-failures", after(), PASSED),
    ("critical-paths-pass", ROLLED_BACK, UNKNOWN),
    ("critical-paths-pass", after(critical_paths=UNKNOWN), UNKNOWN),
    ("critical-paths-pass", after(critical_paths=FAILED), FAILED),
    ("critical-paths-pass", after(), PASSED),
    ("logs-clean", ROLLED_BACK, UNKNOWN),
    ("logs-clean", after(logs=UNKNOWN), UNKNOWN),
    ("logs-clean", after(logs=FAILED), FAILED),
    ("logs-clean", after(), PASSED),
    ("last-known-good", OWNED, UNKNOWN),
    ("last-known-good", (*OWNED, assessed(last_known_good="")), UNKNOWN),
    ("last-known-good", (*OWNED, assessed()), PASSED),
    ("last-known-good", (*DECIDED, planned()), PASSED),
    ("migrations-reversible", DECIDED, UNKNOWN),
    ("migrations-reversible", (*DECIDED, planned(migrations=UNKNOWN)), UNKNOWN),
    ("migrations-reversible", (*DECIDED, planned(migrations=FAILED)), FAILED),
    ("migrations-reversible", (*DECIDED, planned()), PASSED),
    ("previous-version-deployed", DECIDED, UNKNOWN),
    ("previous-version-deployed", UNCLEAR, UNKNOWN),
    ("previous-version-deployed", BROKE, FAILED),
    ("previous-version-deployed", ROLLED_BACK, PASSED),
    ("postmortem-scheduled", ROLLED_BACK, UNKNOWN),
    ("postmortem-scheduled", MITIGATED, PASSED),
    ("postmortem-scheduled", (*MITIGATED, published()), PASSED),
    ("cause-documented", MITIGATED, UNKNOWN),
    ("cause-documented", RESOLVED, PASSED),
    ("shortcuts-listed", OWNED, UNKNOWN),
    ("shortcuts-listed", MITIGATED, PASSED),
    ("shortcuts-listed", (*OWNED, *skipped("s4.3"), verified(), mitigated()), PASSED),
    ("fix-minimal", (*OWNED, hotfix_started()), UNKNOWN),
    ("fix-minimal", (*OWNED, hotfix_started(), hotfix_checked(FAILED)), FAILED),
    ("fix-minimal", (*OWNED, hotfix_started(), hotfix_checked()), PASSED),
    ("fix-no-new-vulnerability", (*OWNED, hotfix_started()), UNKNOWN),
    ("fix-no-new-vulnerability", (*OWNED, hotfix_started(), hotfix_checked()), PASSED),
    ("fix-no-secrets", (*OWNED, hotfix_started(), hotfix_checked(answers=())), UNKNOWN),
    ("fix-no-secrets", (*OWNED, hotfix_started(), hotfix_checked()), PASSED),
    ("follow-ups-created", OWNED, UNKNOWN),
    ("follow-ups-created", (*OWNED, LOST), FAILED),
    ("follow-ups-created", (*OWNED, *skipped("s4.3")), PASSED),
    ("regressions-updated", OWNED, UNKNOWN),
    ("regressions-updated", (*OWNED, REGRESSION), PASSED),
    ("lessons-documented", RESOLVED, UNKNOWN),
    ("lessons-documented", (*RESOLVED, published()), PASSED),
    ("deferred-work-done", OWNED, UNKNOWN),
    ("deferred-work-done", MITIGATED, PASSED),
    ("deferred-work-done", (*MITIGATED, *skipped("s4.3")), UNKNOWN),
    ("deferred-work-done", (*MITIGATED, *skipped("s4.3"), DONE), PASSED),
    ("deferred-work-done", (*MITIGATED, *skipped("s4.3"), DROPPED), PASSED),
    ("test-added", OWNED, UNKNOWN),
    ("test-added", (*OWNED, work("tests")), UNKNOWN),
    ("test-added", (*OWNED, work("tests"), DROPPED), UNKNOWN),
    ("test-added", (*OWNED, work("cleanup"), DONE), UNKNOWN),
    ("test-added", (*OWNED, work("tests"), DONE), PASSED),
    ("monitoring-added", (*OWNED, work("monitoring")), UNKNOWN),
    ("monitoring-added", (*OWNED, work("monitoring"), DONE), PASSED),
]
_LEAK = (*OWNED, leaked(), located())
_PURGED = (*_LEAK, revoked(), backed_up(), purged())
TABLE += [
    ("leak-located", OWNED, UNKNOWN),
    ("leak-located", (*OWNED, leaked()), UNKNOWN),
    ("leak-located", (*OWNED, leaked(), located(UNKNOWN)), UNKNOWN),
    ("leak-located", _LEAK, PASSED),
    ("leak-revoked", _LEAK, UNKNOWN),
    ("leak-revoked", (*_LEAK, revoked()), PASSED),
    ("leak-revoked", (*OWNED, leaked(MARK, "d4e5f6"), revoked()), UNKNOWN),
    ("leak-purged", _PURGED, UNKNOWN),
    ("leak-purged", (*_PURGED, purge_verified(FAILED)), FAILED),
    ("leak-purged", (*_PURGED, purge_verified(UNKNOWN)), UNKNOWN),
    ("leak-purged", (*_PURGED, purge_verified()), UNKNOWN),
    ("leak-purged", (*_PURGED, purge_verified(), push_planned(), pushed()), UNKNOWN),
    ("leak-purged", (*_PURGED, purge_verified(), push_planned(), pushed("origin"), pushed(HERE)), PASSED),
    ("leak-purged", (*_PURGED, purge_verified(), push_planned(), pushed("origin", "refs/heads/x")), UNKNOWN),
    ("leak-cleaned", _PURGED, UNKNOWN),
    ("leak-cleaned", (*_PURGED, cleaned(verdict=FAILED)), FAILED),
    ("leak-cleaned", (*_PURGED, cleaned()), PASSED),
]
SWITCH = (*OWNED, assessed(), decided(Choice.KILL_SWITCH))


def searched(search: str, answer: str, scale: Verdict) -> tuple[e.Event, ...]:
    kinds = ("environment", "data", "dependency", "scale", "network")
    looks = tuple(
        e.GapLook(
            kind=kind, verdict=scale if kind == "scale" else PASSED, is_to_blame=kind == answer, told="looked"
        )
        for kind in kinds
    )
    return (
        e.GapSearchStarted(search=search, suite="playwright", failure="GET /cart: 500"),
        e.GapSearchEnded(search=search, answer=answer, kinds=(answer,), tier="narrowed", looks=looks),
    )


GIVEN_UP = (
    e.GapSearchStarted(search="g9", suite="playwright", failure="GET /cart: 500"),
    e.GapSearchEnded(search="g9", answer="given up"),
)
SEARCHED = (*OWNED, *searched("g1", "environment", UNKNOWN), *GIVEN_UP)
SEARCHED_AGAIN = (*SEARCHED, *searched("g2", "environment", PASSED))
EXPLAINED = (
    *SEARCHED,
    e.GapExplained(search="g1", missed="the time zone", why="none was set", catch="run them in it"),
)
PREVENTED = (
    *EXPLAINED,
    work("other", "gap:g1"),
    e.GapPrevented(search="g1", what="parity", path="gap-parity.toml", action="A1"),
    e.GapPrevented(search="g1", what="semantics", path="tests/test_cart.py", proof="asserts the total"),
)
KILLED = (*SWITCH, flag_planned(), flag_ended())
SILENT = flag_ended(connected=3, confirmed=2, silent=("web-2",))
BLIND = flag_ended(connected=0, confirmed=0, can_confirm=False)
ON_AGAIN = (*KILLED, flag_planned("E1", "enable", undoes="K1", fix="1234567"), flag_ended("E1"))
UNDONE = (*KILLED, flag_planned("U1", "undo", undoes="K1"), flag_ended("U1"))
HALF = (
    *KILLED,
    flag_planned("E1", "enable", undoes="K1", skipped=("tests",)),
    flag_ended("E1"),
)
TABLE += [
    ("response-applied", SWITCH, UNKNOWN),
    ("response-applied", (*SWITCH, flag_planned()), UNKNOWN),
    ("response-applied", (*SWITCH, flag_planned(), flag_ended(outcome=Outcome.UNKNOWN)), UNKNOWN),
    ("response-applied", (*SWITCH, flag_planned(), flag_ended(outcome=Outcome.FAILED)), FAILED),
    ("response-applied", KILLED, PASSED),
    ("response-applied", (*SWITCH, flag_planned(), flag_ended(connected=0, confirmed=0)), UNKNOWN),
    ("response-applied", (*SWITCH, flag_planned(), SILENT), UNKNOWN),
    ("response-applied", (*SWITCH, flag_planned(), SILENT, verified()), UNKNOWN),
    ("response-applied", (*SWITCH, flag_planned(), SILENT, flag_ended()), PASSED),
    ("response-applied", (*SWITCH, flag_planned(), BLIND), UNKNOWN),
    ("response-applied", (*SWITCH, flag_planned(), BLIND, verified()), PASSED),
    ("response-applied", UNDONE, UNKNOWN),
    ("response-applied", ON_AGAIN, PASSED),
    ("failure-resolved", (*SWITCH, verified(), flag_planned(), flag_ended()), UNKNOWN),
    ("failure-resolved", (*KILLED, verified()), PASSED),
    ("failure-resolved", (*KILLED, verified(), flag_planned("U1", "undo", undoes="K1")), UNKNOWN),
    ("feature-restored", OWNED, UNKNOWN),
    ("feature-restored", KILLED, UNKNOWN),
    ("feature-restored", UNDONE, UNKNOWN),
    ("feature-restored", HALF, UNKNOWN),
    ("feature-restored", ON_AGAIN, PASSED),
    ("feature-restored", (*KILLED, work("other", "kill:K1")), UNKNOWN),
    ("feature-restored", (*KILLED, work("other", "kill:K1"), DONE), PASSED),
    ("proper-fix", KILLED, UNKNOWN),
    ("proper-fix", HALF, UNKNOWN),
    ("proper-fix", ON_AGAIN, PASSED),
    ("environment-parity", EXPLAINED, UNKNOWN),
    ("environment-parity", PREVENTED, UNKNOWN),
    ("environment-parity", (*PREVENTED, DONE), PASSED),
    ("semantics-updated", EXPLAINED, UNKNOWN),
    ("semantics-updated", PREVENTED, PASSED),
]
TABLE += [(f"gap-{kind}", SEARCHED, PASSED) for kind in ("environment", "data", "dependency", "network")]
TABLE += [(f"gap-{kind}", OWNED, UNKNOWN) for kind in ("environment", "data", "dependency", "network")]
TABLE += [("gap-scale", SEARCHED, UNKNOWN), ("gap-scale", SEARCHED_AGAIN, PASSED)]
for _check in ("gap-missed", "gap-why", "gap-tests-improved"):
    TABLE += [(_check, SEARCHED, UNKNOWN), (_check, EXPLAINED, PASSED)]
for _kind in ("tests", "cleanup", "memory", "verification"):
    TABLE += [
        (f"skipped-{_kind}", OWNED, UNKNOWN),
        (f"skipped-{_kind}", MITIGATED, PASSED),
        (f"skipped-{_kind}", (*MITIGATED, work(_kind, "shortcut:s4.3")), PASSED),
    ]


@pytest.mark.parametrize(
    ("check", "events", "verdict"), TABLE, ids=[f"{c}-{len(h)}-{v}" for c, h, v in TABLE]
)
def test_verdict(check: str, events: tuple[e.Event, ...], verdict: Verdict) -> None:
    result = CHECKS[check](state(*events))
    assert result.verdict is verdict, result.summary
    assert result.summary
    assert all(0 < seq <= len(events) for seq in result.proof)
    if verdict is PASSED:
        assert result.proof, "a pass names its proof"


def test_every_check_has_a_case_that_passes_and_one_that_does_not() -> None:
    for check in CHECKS:
        verdicts = {verdict for name, _, verdict in TABLE if name == check}
        assert PASSED in verdicts, check
        assert verdicts - {PASSED} or check == "severity-declared", check


def test_a_declared_incident_alone_proves_nothing_but_its_severity_and_gear() -> None:
    passing = {name for name, check in CHECKS.items() if check(state(declared())).verdict is PASSED}
    assert passing == {"severity-declared", "gear-hotfix"}
