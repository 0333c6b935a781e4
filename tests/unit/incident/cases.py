"""The small vocabulary of the incident's tests: given events, when a command, then events or a refusal."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from andon.cli.commands import COMMANDS
from andon.errors import AndonError, Refused
from andon.incident import commands as c
from andon.incident import events as e
from andon.incident.decide import decide
from andon.incident.evolve import fold
from andon.incident.recorded import Recorded
from andon.incident.state import Incident
from andon.incident.words import (
    Authority,
    Choice,
    CommandId,
    EventId,
    EvidenceHash,
    Impact,
    IncidentId,
    Occasion,
    Outcome,
    Severity,
    Verdict,
)
from andon.protocol.compiled import ProtocolItem

START = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
INCIDENT = IncidentId("INC-7")
HASH = EvidenceHash("sha256:" + "ab" * 32)

#: One item of every sort: machine and manual, for every response, in the phases that matter to a rule.
ITEMS = (
    ProtocolItem(key="s1.1", text="Make sure users are hurt", phase="declare", check="impact-confirmed"),
    ProtocolItem(key="s4.1", text="The failure is gone", phase="act", check="failure-resolved"),
    ProtocolItem(key="s4.2", text="Critical paths work", phase="act", check="critical-paths-pass"),
    ProtocolItem(key="s4.3", text="Clean up temporary files", phase="act", manual="judgement"),
    ProtocolItem(
        key="s5.1", text="Set the hour", phase="review", check="postmortem-scheduled", when="review"
    ),
    ProtocolItem(key="s5.2", text="Write a memo", phase="review", manual="record", when="review"),
    ProtocolItem(
        key="s6.1", text="Schema allows it", phase="act", check="migrations-reversible", when="rollback"
    ),
    ProtocolItem(
        key="s6.2", text="Old version is out", phase="act", check="previous-version-deployed", when="rollback"
    ),
    ProtocolItem(
        key="s7.1", text="The change shows no key", phase="policy", check="fix-no-secrets", when="hotfix"
    ),
    ProtocolItem(
        key="s7.2", text="Write the missing test", phase="policy", manual="follow-up", when="hotfix"
    ),
)
ALLOWED = ("Putting off the classification", "Verification by hand")


# ---- events


def declared(severity: Severity = Severity.P1, **changes: Any) -> e.IncidentDeclared:
    """Somebody pulled the cord."""
    given = {"incident": INCIDENT, "service": "shop", "title": "checkout answers 500", "severity": severity}
    return e.IncidentDeclared(**{**given, **changes})


def adopted(items: tuple[ProtocolItem, ...] = ITEMS, **changes: Any) -> e.ProtocolAdopted:
    """The protocol of these tests."""
    given = {"title": "P", "source": "INCIDENTS.md", "digest": "d", "items": items, "allowed": ALLOWED}
    return e.ProtocolAdopted(**{**given, **changes})


def hurt(summary: str = "three customers called") -> e.ImpactConfirmed:
    """Production is hurt."""
    return e.ImpactConfirmed(kind=Impact.REPORT, summary=summary)


def severity(before: Severity, after: Severity, reason: str = "") -> e.SeverityChanged:
    """Escalated or de-escalated."""
    return e.SeverityChanged(previous=before, severity=after, reason=reason)


def assessed(**changes: Any) -> e.AssessmentMade:
    """A deployment broke checkout, and v2 was good."""
    given = {
        "broken": (e.Finding(component="checkout", symptom="500", source="probe", sign="checkout"),),
        "broke_at": START - timedelta(minutes=10),
        "broke_at_source": "first of 40 errors in shop",
        "suspect": "deployment",
        "running_version": "v3",
        "suspect_version": "v3",
        "last_known_good": "v2",
        "facts": (),
        "migrations": Verdict.PASSED,
    }
    return e.AssessmentMade(**{**given, **changes})


def decided(choice: Choice = Choice.ROLLBACK) -> e.ResponseDecided:
    """Decided as recommended."""
    return e.ResponseDecided(
        choice=choice,
        rule="recent-deployment",
        recommended=choice,
        facts=(),
        authority=Authority.ON_CALL,
        decided_by="ann",
    )


def planned(
    operation: str = "op1", migrations: Verdict = Verdict.PASSED, **changes: Any
) -> e.RollbackPlanned:
    """From v3 back to v2."""
    given = {
        "operation": operation,
        "from_version": "v3",
        "to_version": "v2",
        "steps": ("switch the link",),
        "undo": "andon rollback --undo op1",
        "migrations": migrations,
        "migrations_reason": "looked at 3 files",
    }
    return e.RollbackPlanned(**{**given, **changes})


def approved(operation: str = "op1", purpose: str = "rollback", **changes: Any) -> e.OperationApproved:
    """A person wants it carried out."""
    given = {"operation": operation, "purpose": purpose, "from_version": "v3", "version": "v2", "undo": "u"}
    return e.OperationApproved(**{**given, **changes})


def ended(outcome: Outcome | None = Outcome.SUCCEEDED, operation: str = "op1") -> e.OperationEnded:
    """Nobody works on it any more."""
    return e.OperationEnded(operation=operation, outcome=outcome)


def started(operation: str = "op1", purpose: str = "rollback", **changes: Any) -> e.DeployStarted:
    """The act began."""
    given = {"operation": operation, "purpose": purpose, "from_version": "v3", "version": "v2", "undo": "u"}
    return e.DeployStarted(**{**given, **changes})


def finished(
    outcome: Outcome = Outcome.SUCCEEDED, operation: str = "op1", **changes: Any
) -> e.DeployFinished:
    """The act ended."""
    return e.DeployFinished(**{"operation": operation, "outcome": outcome, **changes})


def verified(verdict: Verdict = Verdict.PASSED, **changes: Any) -> e.VerificationRan:
    """Smoke tests and logs agree."""
    given = {
        "operation": "op1",
        "verdict": verdict,
        "probes": (e.ProbeOutcome(name="checkout", verdict=verdict, critical=True),),
        "failure_gone": verdict,
        "critical_paths": verdict,
        "logs": verdict,
        "summary": "what the smoke tests said",
        "logs_summary": "what the logs said",
    }
    return e.VerificationRan(**{**given, **changes})


def culprit(confidence: str = "proven", *commits: str) -> e.CulpritFound:
    """A search found the commit."""
    return e.CulpritFound(
        commits=commits or ("c" * 40,),
        subject="Count prices in cents",
        good="a" * 40,
        bad="d" * 40,
        candidates=12,
        tests=7,
        confidence=confidence,
    )


BASE, FIXED = "b" * 40, "f" * 40


def hotfix_started(**changes: Any) -> e.HotfixStarted:
    """A branch was made from v3, which runs."""
    given = {"branch": "hotfix/INC-7", "base_version": "v3", "base_commit": BASE}
    return e.HotfixStarted(**{**given, **changes})


def hotfix_checked(verdict: Verdict = Verdict.PASSED, commit: str = FIXED, **changes: Any) -> e.HotfixChecked:
    """The guard looked: all its rules agree, or `minimal` does not."""
    effect = "passes" if verdict is Verdict.PASSED else "blocks"
    names = ("minimal", "no-feature", "no-refactoring", "connected", "no-new-finding", "secrets")
    answers = tuple(
        e.RuleAnswer(rule=name, verdict=Verdict.PASSED, effect="passes", summary="seen") for name in names[1:]
    )
    first = e.RuleAnswer(rule="minimal", verdict=verdict, effect=effect, summary="2 files, 12 lines")
    objections = (
        ()
        if verdict is Verdict.PASSED
        else (e.ShownObjection(rule="minimal", fingerprint="0123456789ab", place="a.py:3", text="too long"),)
    )
    given = {"commit": commit, "base_commit": BASE, "verdict": verdict, "answers": (first, *answers)}
    return e.HotfixChecked(**{**given, "objections": objections, **changes})


def hotfix_planned(operation: str = "op1", commit: str = FIXED, **changes: Any) -> e.HotfixPlanned:
    """From v3 on to its hotfix."""
    given = {"operation": operation, "from_version": "v3", "to_version": "v3-hotfix.1", "commit": commit}
    steps = {"steps": ("switch the link",), "undo": "andon rollback --to v3"}
    return e.HotfixPlanned(**{**given, **steps, **changes})


def hotfix_merged(**changes: Any) -> e.HotfixMerged:
    """The main line has it."""
    given = {"commit": FIXED, "into": "main", "merge_commit": "d" * 40, "seen_by": "ancestry"}
    return e.HotfixMerged(**{**given, **changes})


def signed(item: str, reason: str = "I looked") -> e.ItemSigned:
    """A person vouches."""
    return e.ItemSigned(item=item, reason=reason)


def skipped(item: str, action: str = "A1") -> tuple[e.Event, ...]:
    """A shortcut with its follow-up."""
    return (
        e.ShortcutTaken(item=item, reason="no time", action=action, pre_justified=True),
        e.ActionOpened(action=action, title="Do it", origin=f"shortcut:{item}"),
    )


MARK, OTHER_MARK = "a1b2c3", "d4e5f6"


def leaked(*marks: str, **changes: Any) -> e.LeakReported:
    """Tokens are known to have got out."""
    found = tuple(
        e.LeakedCredential(mark=m, kind="github-token", seen_at="a.env:1") for m in marks or (MARK,)
    )
    return e.LeakReported(**{"source": "value", "credentials": found, "host": "laptop", **changes})


def located(verdict: Verdict = Verdict.PASSED, **changes: Any) -> e.LeakLocated:
    """Every object was searched."""
    given = {"summary": "3 of 40 objects", "objects": 40, "holders": 3, "commits": 2, "evidence": HASH}
    return e.LeakLocated(**{"verdict": verdict, **given, **changes})


def exposed(*remotes: str, **changes: Any) -> e.ExposureAssessed:
    """The window is known."""
    given = {"since": START - timedelta(days=3), "until": None, "summary": "since 2026-02-26, for 3 days"}
    told = tuple(e.ExposedTo(remote=r, address=f"https://{r}", visibility="public") for r in remotes)
    return e.ExposureAssessed(**{**given, "remotes": told, **changes})


def revoked(mark: str = MARK) -> e.CredentialRevoked:
    """A person answers for it."""
    return e.CredentialRevoked(mark=mark, statement="deleted in the console, answers 401")


def backed_up() -> e.HistoryBackedUp:
    """One private file."""
    return e.HistoryBackedUp(
        path="b.bundle", sha256="0" * 64, size=9, delete_after=START + timedelta(days=30)
    )


def purged(operation: str = "p1") -> e.HistoryPurged:
    """A mirror was rewritten."""
    return e.HistoryPurged(operation=operation, mirror="m.git", commits=2, references=("refs/heads/main",))


def purge_verified(verdict: Verdict = Verdict.PASSED, operation: str = "p1") -> e.PurgeVerified:
    """Every byte was searched again."""
    return e.PurgeVerified(operation=operation, verdict=verdict, summary="0 survivors", objects=40)


def push_planned(remote: str = "origin") -> e.PurgePushPlanned:
    """With a lease for every reference."""
    refs = (e.RefPush(ref="refs/heads/main", old="a" * 40, new="b" * 40),)
    return e.PurgePushPlanned(operation="p1", remote=remote, refs=refs)


def pushed(remote: str = "origin", *failed: str) -> e.PurgePushed:
    """The remote took it."""
    return e.PurgePushed(operation="p1", remote=remote, pushed=("refs/heads/main",), failed=failed)


def flag_planned(operation: str = "K1", purpose: str = "kill", **changes: Any) -> e.FlagActPlanned:
    """An act on the flag that covers checkout."""
    given: dict[str, Any] = {"system": "andon", "flag": "pricing", "variant": "off", "before": "on for 25 %"}
    undo = f"andon flags undo {operation}"
    return e.FlagActPlanned(operation=operation, purpose=purpose, **{**given, "undo": undo, **changes})


def flag_ended(operation: str = "K1", outcome: Outcome = Outcome.SUCCEEDED, **changes: Any) -> e.FlagActEnded:
    """The flag system took it and all three processes said so."""
    told = {"connected": 3, "confirmed": 3, "milliseconds": 41.0, "slowest": "web-3"}
    return e.FlagActEnded(operation=operation, outcome=outcome, **{**told, **changes})


def banned() -> e.LeakBanned:
    """It cannot come back."""
    return e.LeakBanned(place="origin", objects=3, values=1)


def cleaned(*left: str, verdict: Verdict = Verdict.PASSED) -> e.LeakCleaned:
    """Nothing lies about."""
    return e.LeakCleaned(verdict=verdict, summary="all gone", removed=("m.git",), left=left)


def mitigated() -> e.IncidentMitigated:
    """The harm stopped."""
    return e.IncidentMitigated(by="rollback", proof="verification")


def resolved(cause: str = "a price was null") -> e.IncidentResolved:
    """The cause is gone."""
    return e.IncidentResolved(cause=cause)


def published() -> e.PostmortemPublished:
    """The postmortem is out."""
    return e.PostmortemPublished(path="docs/postmortems/INC-7.md", evidence=HASH)


def closed(duplicate_of: str = "") -> e.IncidentClosed:
    """Over."""
    return e.IncidentClosed(duplicate_of=duplicate_of)


def reopened() -> e.IncidentReopened:
    """It was not over."""
    return e.IncidentReopened(reason="it is back")


def requested(occasion: Occasion = Occasion.DECLARED, *targets: str) -> e.NotificationRequested:
    """Somebody is to be told."""
    return e.NotificationRequested(
        request="r-0", occasion=occasion, title="T", body="B", targets=targets or ("mail", "chat")
    )


#: From the cord to an owner.
OWNED = (declared(), adopted(), hurt(), e.IncidentAcknowledged())
#: ... to a decision.
DECIDED = (*OWNED, assessed(), decided())
#: ... to the old version in production.
ROLLED_BACK = (*DECIDED, planned(), started(), finished(running_version="v2"))
#: ... to the end of the harm, and of its cause.
MITIGATED = (*ROLLED_BACK, verified(), mitigated())
RESOLVED = (*MITIGATED, resolved())


# ---- given, when, then


def history(
    *events: e.Event, by: str = "ann", step: timedelta = timedelta(minutes=1)
) -> tuple[Recorded, ...]:
    """Return the events as the journal keeps them, one a minute."""
    return tuple(
        Recorded(
            stream=INCIDENT,
            seq=seq,
            id=EventId(f"e{seq}"),
            at=START + step * (seq - 1),
            actor=by,
            command=CommandId(f"c{seq}"),
            event=event,
            hash=f"{seq:064x}",
        )
        for seq, event in enumerate(events, 1)
    )


def state(*events: e.Event) -> Incident:
    """Return what the events add up to."""
    return fold(history(*events))


class When:
    """A command on a state, not yet carried out."""

    def __init__(self, incident: Incident, command: c.Command, actor: str) -> None:
        self.incident = incident
        self.command = command
        self.actor = actor

    def then(self, *events: e.Event) -> None:
        """The command causes exactly these events."""
        assert decide(self.incident, self.command, self.actor) == events

    def refused(self, rule: str, kind: type[AndonError] = Refused) -> AndonError:
        """A rule says no, by its name, and says where and how to go on."""
        with pytest.raises(kind) as caught:
            decide(self.incident, self.command, self.actor)
        problem = caught.value
        assert problem.rule == rule, f"{problem.rule}: {problem}"
        assert problem.message and problem.where.startswith(INCIDENT)
        assert problem.remedy, f"no way out of: {problem}"
        assert_commands_exist(problem.remedy)
        return problem


class Given:
    """A history."""

    def __init__(self, events: Iterable[e.Event]) -> None:
        self.incident = state(*events)

    def when(self, command: c.Command, by: str = "bob") -> When:
        """Somebody gives a command."""
        return When(self.incident, command, by)


def given(*events: e.Event) -> Given:
    """Return the incident in which these events happened."""
    return Given(events)


# ---- what Andon tells people to type


def commands_in(text: str) -> list[list[str]]:
    """Return every `andon ...` in a sentence as words."""
    found = re.findall(r'\bandon ((?:"[^"]*"|[^;,"`])+)', text)
    return [re.sub(r'"[^"]*"', "WORDS", words).split() for words in found]


def assert_commands_exist(text: str) -> None:
    """Every command that is named exists and knows every option that is named."""
    from andon.cli.main import _module, _parser, _subparsers

    for words in commands_in(text):
        assert words[0] in COMMANDS, f"there is no command {words[0]!r}: {text}"
        parser = _parser(words[0], _module(words[0]))
        known = {o for p in (parser, *_subparsers(parser)) for o in p._option_string_actions}
        unknown = [w for w in words if w.startswith("--") and w not in known]
        assert not unknown, f"andon {words[0]} has no {unknown}: {text}"
