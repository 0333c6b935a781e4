"""What a gate reads of an incident is what the whole history says: no HOTFIX can be missed."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from andon.incident import events as e
from andon.incident.codec import event_types, type_of
from andon.incident.emergency import TYPES, Emergency, emergency, why_hotfix
from andon.incident.evolve import fold
from andon.incident.recorded import Recorded
from andon.incident.words import CommandId, EventId, Severity, Status
from tests.unit.incident.cases import START
from tests.unit.incident.everything import EVENTS, records

DECLARED = records(e.IncidentDeclared)
TELLING = st.one_of(*(records(event_types()[name]) for name in TYPES))


MADE: dict[str, e.Event] = {
    "IncidentAcknowledged": e.IncidentAcknowledged(),
    "SeverityChanged": e.SeverityChanged(previous=Severity.P2, severity=Severity.P0, reason="worse"),
    "IncidentMitigated": e.IncidentMitigated(by="rollback", proof="verification"),
    "IncidentResolved": e.IncidentResolved(cause="a price was missing"),
    "IncidentClosed": e.IncidentClosed(),
    "IncidentReopened": e.IncidentReopened(reason="again"),
    "HotfixStarted": e.HotfixStarted(branch="hotfix/INC-7", base_version="v1", base_commit="b" * 40),
    "HotfixMerged": e.HotfixMerged(commit="c" * 40, into="main"),
}


def history(events: list[e.Event]) -> list[Recorded]:
    return [
        Recorded(
            stream="INC-7",
            seq=seq,
            id=EventId(f"e{seq}"),
            at=START + timedelta(seconds=seq),
            actor="ann",
            command=CommandId(f"c{seq}"),
            event=event,
        )
        for seq, event in enumerate(events, start=1)
    ]


@given(st.lists(EVENTS, max_size=2), DECLARED, st.lists(TELLING | EVENTS, max_size=12))
@settings(max_examples=300, deadline=None)
def test_quick_and_whole_agree_on_every_history(
    before: list[e.Event], declared: e.Event, after: list[e.Event]
) -> None:
    whole = history([*before, declared, *after])
    known = fold(whole)
    quick = emergency([r for r in whole if type_of(r.event) in TYPES])
    assert quick is not None
    for field in Emergency.__fields__:
        assert getattr(quick, field) == getattr(known, field), field


@given(st.lists(st.sampled_from(TYPES[1:]), max_size=4))
def test_without_a_declaration_there_is_no_incident(names: list[str]) -> None:
    assert emergency(history([MADE[name] for name in names])) is None


def test_the_first_is_named_and_so_are_the_others() -> None:
    found = [
        Emergency(id=id_, service="shop", severity=Severity.P1, status=Status.DECLARED)  # type: ignore[arg-type]
        for id_ in ("INC-1", "INC-2")
    ]
    assert why_hotfix(found[:1]) == "INC-1 P1 is in response"
    assert why_hotfix(found) == "INC-1 P1 is in response, and INC-2"
