"""A whole incident as a history, for the tests of the review."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from andon.incident import events as e
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
    Outcome,
    Severity,
    Verdict,
)
from andon.protocol.compiled import ProtocolItem

START = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
HASH = EvidenceHash("sha256:" + "ab" * 32)

#: What a person writes into the fields that no draft can fill.
WRITTEN = {
    "summary/user-impact": "About 120 customers could not pay between 01:50 and 02:14.",
    "cause/why-not-caught": "No test buys more than one product.",
    "lessons/went-well": "The rollback took two minutes.",
    "lessons/went-poorly": "Nobody was paged for ten minutes.",
    "lessons/next-time": "Page on the first failed payment.",
}


def at(minutes: float) -> datetime:
    """Return the moment so many minutes after the declaration."""
    return START + timedelta(minutes=minutes)


def recorded(*steps: tuple[float, str, e.Event]) -> tuple[Recorded, ...]:
    """Return the history of (minute, actor, event)."""
    return tuple(
        Recorded(
            stream="INC-7",
            seq=seq,
            id=EventId(f"e{seq}"),
            at=at(minute),
            actor=actor,
            command=CommandId(f"c{seq}"),
            event=event,
            hash=f"{seq:064x}",
        )
        for seq, (minute, actor, event) in enumerate(steps, 1)
    )


def whole(
    title: str = "checkout answers 500", *more: tuple[float, str, e.Event], severity: Severity = Severity.P1
) -> tuple[Recorded, ...]:
    """Return an incident from the cord to the resolution, then `more`."""
    items = (
        ProtocolItem(key="clean", text="Clean up", phase="act"),
        ProtocolItem(key="look", text="Look twice", phase="act"),
    )
    finding = e.Finding(component="checkout", symptom="answers 500", source="probe")
    steps: list[tuple[float, str, e.Event]] = [
        (
            0,
            "ann",
            e.IncidentDeclared(incident=IncidentId("INC-7"), service="shop", title=title, severity=severity),
        ),
        (0, "ann", e.ProtocolAdopted(title="P", source="INCIDENTS.md", digest="d", items=items)),
        (0, "ann", e.ImpactConfirmed(kind=Impact.PROBE, summary="POST /checkout is 500")),
        (1, "bob", e.IncidentAcknowledged()),
        (
            2,
            "bob",
            e.EvidenceAttached(
                evidence=HASH, kind="log", title="shop.log | end", media_type="text/plain", size=9
            ),
        ),
        (
            3,
            "bob",
            e.AssessmentMade(
                broken=(finding,),
                broke_at=at(-10),
                broke_at_source="deployment of r3",
                suspect="deployment",
                running_version="r3",
                suspect_version="r3",
                last_known_good="r2",
                facts=(),
            ),
        ),
        (4, "bob", e.SeverityChanged(previous=severity, severity=Severity.P0, reason="everybody is hit")),
        (
            5,
            "bob",
            e.ResponseDecided(
                choice=Choice.ROLLBACK,
                rule="recent-deploy",
                recommended=Choice.ROLLBACK,
                facts=(),
                authority=Authority.ON_CALL,
                decided_by="bob",
            ),
        ),
        (
            6,
            "bob",
            e.DeployStarted(operation="o1", purpose="rollback", from_version="r3", version="r2", undo="u"),
        ),
        (8, "bob", e.DeployFinished(operation="o1", outcome=Outcome.SUCCEEDED, running_version="r2")),
        (
            9,
            "bob",
            e.VerificationRan(
                operation="o1",
                verdict=Verdict.PASSED,
                probes=(),
                failure_gone=Verdict.PASSED,
                critical_paths=Verdict.PASSED,
                logs=Verdict.PASSED,
                summary="3 of 3 pass",
            ),
        ),
        (10, "bob", e.ShortcutTaken(item="clean", reason="no time", action="A1", pre_justified=True)),
        (
            10,
            "bob",
            e.ActionOpened(
                action="A1",
                title="Do what was skipped: Clean up",
                origin="shortcut:clean",
                owner="bob",
                due_at=at(9999),
            ),
        ),
        (14, "bob", e.IncidentMitigated(by="rollback", proof="verification")),
        (60, "bob", e.IncidentResolved(cause="the new price field is missing for old products")),
    ]
    return recorded(*steps, *more)


def written(**texts: str) -> tuple[tuple[float, str, e.Event], ...]:
    """Return the events of people who wrote everything, with some texts replaced (`lessons__went_well`)."""
    named = {key.replace("__", "/").replace("_", "-"): text for key, text in texts.items()}
    return tuple(
        (70.0, "ann", e.SectionWritten(section=key, text=text)) for key, text in {**WRITTEN, **named}.items()
    )


def incident(history: tuple[Recorded, ...]) -> Incident:
    """Return what a history adds up to."""
    return fold(history)
