"""Auditing: altered events, damaged and missing evidence, and documents that anchor another history."""

from __future__ import annotations

from pathlib import Path

import pytest

from andon.desk.audit import Audit, audit
from andon.desk.rollback import plan_rollback
from andon.errors import NotFound
from andon.incident import events as e
from andon.incident.words import EvidenceHash
from andon.record import replace
from tests.fakes.desk import FakeDesk
from tests.fakes.engine import execute
from tests.unit.desk.shop import decided, declared, shop
from tests.unit.incident.cases import HASH, assessed, finished, resolved, verified


@pytest.fixture
def desk(tmp_path: Path) -> FakeDesk:
    """A whole incident with evidence, on record."""
    made = shop(tmp_path)
    state = decided(made)
    execute(made, state, plan_rollback(made, state, ""))
    return made


def found(desk: FakeDesk, wanted: str | None = None) -> Audit:
    return audit(desk, wanted)


def test_an_untouched_history_is_whole(desk: FakeDesk) -> None:
    report = found(desk)
    assert report.is_whole
    assert {r.stream for r in report.streams} == {"INC-1", "service:shop"}
    assert report.evidence == len(desk.evidence.blobs) > 0
    assert all(r.verified for r in report.streams)


def test_one_incident_can_be_asked_for(desk: FakeDesk) -> None:
    assert [r.stream for r in found(desk, "1").streams] == ["INC-1"]
    with pytest.raises(NotFound):
        found(desk, "9")


def test_the_first_altered_event_is_named(desk: FakeDesk) -> None:
    rows = desk.journal.streams["INC-1"]
    seq, identity, kind, at, _, command, body, link = rows[3]
    rows[3] = (seq, identity, kind, at, "mallory", command, body, link)
    report = found(desk)
    assert not report.is_whole
    broken = {r.stream: r for r in report.streams}["INC-1"]
    assert (broken.broken_at, broken.is_whole) == (4, False) and broken.reason
    assert {r.stream: r for r in report.streams}["service:shop"].is_whole


def test_a_removed_event_is_noticed(desk: FakeDesk) -> None:
    del desk.journal.streams["INC-1"][3]
    assert not found(desk).is_whole


def test_damaged_evidence_is_named(desk: FakeDesk) -> None:
    name, blob = next(iter(desk.evidence.blobs.items()))
    desk.evidence.blobs[name] = replace(blob, content=b"nothing to see")
    report = found(desk)
    assert report.damaged == (name,) and not report.is_whole and report.missing == ()


LOST = EvidenceHash("sha256:" + "cd" * 32)


@pytest.mark.parametrize(
    "event",
    [
        e.EvidenceAttached(evidence=LOST, kind="log", title="t", media_type="text/plain", size=1),
        verified(evidence=LOST),
        verified(probes=(e.ProbeOutcome(name="checkout", verdict="passed", evidence=LOST),)),
        assessed(broken=(e.Finding(component="c", symptom="s", source="probe", evidence=LOST),)),
        finished(evidence=LOST),
        e.ImpactConfirmed(kind="probe", summary="s", evidence=LOST),
        e.PostmortemDrafted(evidence=LOST),
        e.PostmortemPublished(path="p", evidence=LOST),
        e.ItemChecked(check="fix-minimal", verdict="passed", summary="s", evidence=LOST),
        e.ReleaseJudged(version="v1", verdict="good", reason="r", evidence=LOST),
    ],
    ids=lambda event: type(event).__name__,
)
def test_missing_evidence_is_named_wherever_it_is_referred_to(desk: FakeDesk, event: e.Event) -> None:
    desk.append("INC-1", (event, event))
    report = found(desk)
    assert report.missing == (LOST,) and not report.is_whole
    assert all(r.is_whole for r in report.streams)


def test_a_postmortem_anchors_the_history_before_it(desk: FakeDesk) -> None:
    head = desk.history("INC-1")[-1].hash
    stored = desk.evidence.put(b"the postmortem", "text/markdown").evidence
    desk.append("INC-1", (e.PostmortemPublished(path="p", evidence=stored, chain_head=head),))
    desk.append("INC-1", (resolved(),))
    assert found(desk).is_whole


@pytest.mark.parametrize("head", ["0" * 64, "not a hash"])
def test_a_postmortem_that_anchors_another_history_is_named(desk: FakeDesk, head: str) -> None:
    stored = desk.evidence.put(b"the postmortem", "text/markdown").evidence
    desk.append("INC-1", (e.PostmortemPublished(path="p", evidence=stored, chain_head=head),))
    report = found(desk)
    assert report.unanchored == ("INC-1: the postmortem anchors a history that is not this one",)
    assert not report.is_whole


def test_a_second_publication_anchors_the_first(desk: FakeDesk) -> None:
    stored = desk.evidence.put(b"the postmortem", "text/markdown").evidence
    for _ in range(2):
        head = desk.history("INC-1")[-1].hash
        desk.append("INC-1", (e.PostmortemPublished(path="p", evidence=stored, chain_head=head),))
    assert found(desk).is_whole


def test_two_incidents_are_both_looked_at(desk: FakeDesk) -> None:
    declared(desk.another("bob"), title="mail is late")
    desk.append(
        "INC-2", (e.EvidenceAttached(evidence=HASH, kind="log", title="t", media_type="a/b", size=1),)
    )
    assert found(desk).missing == (HASH,)
    assert found(desk, "1").missing == ()
