"""What somebody answers for at the gates: waivers, justified objections, rules that were made to block."""

from __future__ import annotations

from andon.incident.gate_record import GATE_EVENTS, GateRecord, fold_gates
from andon.response.gates.judge import Waived

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.standing import Standing
    from andon.desk.ports import Desk

#: How an objection of a gate is called as an item of the incident: `guard:RULE:FINGERPRINT`.
ITEM = "guard:"


def gate_record(desk: Desk) -> GateRecord:
    """Return what the service's stream says about its gates; raises Unavailable."""
    from andon.desk.casefile import service_stream

    history = desk.journal.read_types(service_stream(desk), GATE_EVENTS)
    return fold_gates(history) if history else GateRecord()


def answered_for(desk: Desk, stands: Standing, record: GateRecord, commit: str) -> tuple[Waived, ...]:
    """Return the waivers that hold now for a commit, and the objections justified in the incident."""
    found = [
        Waived(
            rule=w.granted.rule,
            subject=w.granted.subject,
            by=w.by,
            reason=w.granted.reason,
            until=f"{w.granted.until:%Y-%m-%d}",
        )
        for w in record.waivers_at(desk.clock.now(), commit)
    ]
    return (*found, *_justified(desk, stands))


def _justified(desk: Desk, stands: Standing) -> tuple[Waived, ...]:
    """Return the objections that were justified in the incident, with who answers for each."""
    if stands.incident is None:
        return ()
    history = desk.journal.read_types(stands.incident.id, ("ShortcutTaken",))
    if not history:
        return ()
    from andon.incident.acting_events import ShortcutTaken

    found = []
    for recorded in history:
        event = recorded.event
        if isinstance(event, ShortcutTaken) and event.item.startswith(ITEM):
            rule, _, fingerprint = event.item.removeprefix(ITEM).rpartition(":")
            if rule and fingerprint:  # without one it would waive the whole rule
                found.append(Waived(rule=rule, subject=fingerprint, by=recorded.actor, reason=event.reason))
    return tuple(found)
