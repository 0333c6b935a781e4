"""Making a rule that warns block, taking that back, and looking at who violated what."""

from __future__ import annotations

from andon.desk.casefile import service_stream
from andon.desk.gate.answered import gate_record
from andon.desk.gear import gear_now
from andon.desk.redacting import redacted
from andon.errors import Conflict
from andon.incident.events import RuleHardened, RuleRelaxed
from andon.incident.gate_record import fold_gates
from andon.response.gates.hardening import refuse_hardening, refuse_relaxing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk
    from andon.incident.gate_record import GateRecord

#: More than there are people who decide about gates in the same second.
_ATTEMPTS = 8


def harden(desk: Desk, rule: str, reason: str) -> GateRecord:
    """Make a rule block where it warned; raises NotFound, Refused."""
    return _record(desk, rule, reason, is_hard=True)


def relax(desk: Desk, rule: str, reason: str) -> GateRecord:
    """Take a hard gate back; its violations are counted anew from now on. Raises NotFound, Refused."""
    return _record(desk, rule, reason, is_hard=False)


def _record(desk: Desk, rule: str, reason: str, *, is_hard: bool) -> GateRecord:
    stream, reason = service_stream(desk), redacted(desk, reason.strip())
    for _ in range(_ATTEMPTS):
        history = desk.history(stream)
        record = fold_gates(history)
        event: RuleHardened | RuleRelaxed
        if is_hard:
            refuse_hardening(record, rule, gear_now(desk).gear, reason)
            event = RuleHardened(rule=rule, reason=reason)
        else:
            refuse_relaxing(record, rule, reason)
            event = RuleRelaxed(rule=rule, reason=reason)
        try:
            desk.append(stream, (event,), expected=history[-1].seq if history else 0)
        except Conflict:
            continue
        return gate_record(desk)
    raise Conflict("others kept writing; nothing was changed", where=desk.config.service, remedy="andon gear")
