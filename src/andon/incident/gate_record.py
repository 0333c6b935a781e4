"""What the service's stream says about its gates: violations, hard gates, waivers, runs, ship decisions."""

from __future__ import annotations

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from andon.incident.gate_events import (
        AuditRan,
        RuleViolated,
        ShipRecorded,
        SuiteRan,
        WaiverGranted,
    )
    from andon.incident.recorded import Recorded

#: The events that say something about gates.
GATE_EVENTS = (
    "AuditRan",
    "RuleHardened",
    "RuleRelaxed",
    "RuleViolated",
    "ShipAbandoned",
    "ShipRecorded",
    "SuiteRan",
    "WaiverGranted",
    "WaiverWithdrawn",
)
#: So many violations of a rule that only warns propose a hard gate for it.
STRIKES = 3


class Waiver(Record):
    """Who answers for passing a rule, and until when."""

    granted: WaiverGranted
    by: str
    at: datetime


class Violation(Record):
    """A rule that said no, and when."""

    event: RuleViolated
    by: str
    at: datetime


class Shipped(Record):
    """A recorded decision to ship."""

    event: ShipRecorded
    by: str
    at: datetime


class Audited(Record):
    """The answer of an audit tool, and when."""

    event: AuditRan
    at: datetime


class GateRecord(Record):
    """Everything the stream says; newest last."""

    violations: tuple[Violation, ...] = ()
    hardened: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    suites: tuple[SuiteRan, ...] = ()
    audits: tuple[Audited, ...] = ()
    ships: tuple[Shipped, ...] = ()
    #: When anything was recorded last; None when nothing was. No clock that says less is believed.
    newest_at: datetime | None = None
    #: When shipping was given up last; None when never.
    abandoned_at: datetime | None = None

    def waivers_at(self, now: datetime, commit: str = "") -> tuple[Waiver, ...]:
        """Return the waivers that hold at `now` for a commit: those for any commit, or for this one.

        A clock that was set back does not bring back one that ended before something else was recorded.
        """
        now = max(now, self.newest_at or now)
        return tuple(
            w
            for w in self.waivers
            if now < w.granted.until and (not w.granted.commit or w.granted.commit == commit)
        )

    def decision(self, commit: str) -> Shipped | None:
        """Return the decision to ship a commit; None when there is none, or shipping was given up since."""
        return next((s for s in reversed(self.ships) if s.event.commit == commit), None)

    def strikes(self, rule: str) -> int:
        """Return how many different subjects violated a rule since it was last hardened or relaxed."""
        return len({v.event.subject for v in self.violations if v.event.rule == rule})

    def proposes_hard_gate(self, rule: str) -> bool:
        """True when a rule was violated so often that it should block from now on."""
        return rule not in self.hardened and self.strikes(rule) >= STRIKES


def fold_gates(history: Iterable[Recorded]) -> GateRecord:
    """Return what the service's stream adds up to for its gates."""
    # Not above: a gate of a service that recorded nothing of the kind does not wait for the events.
    from andon.incident.gate_events import (
        AuditRan,
        RuleHardened,
        RuleRelaxed,
        RuleViolated,
        ShipAbandoned,
        ShipRecorded,
        SuiteRan,
        WaiverGranted,
        WaiverWithdrawn,
    )

    violations: list[Violation] = []
    hardened: list[str] = []
    waivers: list[Waiver] = []
    suites: list[SuiteRan] = []
    audits: list[Audited] = []
    ships: list[Shipped] = []
    abandoned = newest = None
    for recorded in history:
        at, by = recorded.at, recorded.actor
        newest = max(newest or at, at)
        match recorded.event:
            case RuleViolated() as event:
                violations.append(Violation(event=event, by=by, at=at))
            case RuleHardened() as event:
                hardened.append(event.rule)
            case RuleRelaxed() as event:
                hardened = [rule for rule in hardened if rule != event.rule]
                violations = [v for v in violations if v.event.rule != event.rule]
            case WaiverGranted() as event:
                waivers.append(Waiver(granted=event, by=by, at=at))
            case WaiverWithdrawn() as event:
                waivers = [
                    w for w in waivers if (w.granted.rule, w.granted.subject) != (event.rule, event.subject)
                ]
            case SuiteRan() as event:
                suites.append(event)
            case AuditRan() as event:
                audits.append(Audited(event=event, at=at))
            case ShipRecorded() as event:
                ships.append(Shipped(event=event, by=by, at=at))
            case ShipAbandoned():
                abandoned = at
                ships.clear()  # by their order: a clock that goes back gives no decision its life again
    return GateRecord(
        violations=tuple(violations),
        hardened=tuple(dict.fromkeys(hardened)),
        waivers=tuple(waivers),
        suites=tuple(suites),
        audits=tuple(audits),
        ships=tuple(ships),
        newest_at=newest,
        abandoned_at=abandoned,
    )
