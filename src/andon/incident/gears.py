"""Which gear a service is in, and which declaration may follow: the rule, and what the history declares."""

from __future__ import annotations

from enum import StrEnum

from andon.errors import Refused
from andon.incident.emergency import is_hotfix, why_hotfix
from andon.incident.events import GearDeclared, ShipAbandoned, ShipRecorded
from andon.incident.words import Gear, Verdict
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from andon.incident.recorded import Recorded
    from andon.incident.state import Incident


class Move(StrEnum):
    """What is said to a declaration."""

    ALLOWED = "allowed"
    #: Only with a reason.
    WITH_REASON = "with a reason"
    REFUSED = "refused"
    #: It is that gear already.
    NOTHING = "nothing to do"


#: The gears that can be declared, from the loosest to the strictest.
DECLARABLE = (Gear.EXPLORE, Gear.BUILD, Gear.SHIP)


class Declared(Record):
    """What the service's stream declares; BUILD when nobody declared anything."""

    gear: Gear = Gear.BUILD
    reason: str = ""
    by: str = ""
    #: When it was declared; None when nobody did.
    at: datetime | None = None
    #: How a declared SHIP came to its end: `recorded` or `abandoned`, with who, when and what; "" before.
    settled: str = ""
    settled_by: str = ""
    settled_at: datetime | None = None
    #: The version that was recorded, or the reason for giving it up.
    settled_what: str = ""

    @property
    def is_committed(self) -> bool:
        """True while something is committed to ship and neither shipped nor given up."""
        return self.gear is Gear.SHIP and not self.settled


class ActiveGear(Record):
    """The one gear that holds for a service now."""

    gear: Gear
    why: str
    #: Since when; None when it is the default. For HOTFIX the declaration of the incident (`hotfix_since` is
    #: exact where a severity was changed later).
    since: datetime | None
    #: Who declared the gear, or the incident.
    by: str
    declared: Declared
    #: The P0 or P1 that makes it HOTFIX, with the others; empty otherwise.
    incidents: tuple[Incident, ...] = ()


def fold_declared(history: Iterable[Recorded]) -> Declared:
    """Return what the service's stream declares. A stored HOTFIX or unknown gear declares nothing.

    A recorded decision to ship counts when it passed and came after the declaration of SHIP.
    """
    found = Declared()
    for recorded in history:
        match recorded.event:
            case GearDeclared() as event:
                gear = Gear.named(event.gear)
                if gear in DECLARABLE:
                    found = Declared(gear=gear, reason=event.reason, by=recorded.actor, at=recorded.at)
            case ShipRecorded() as event if found.is_committed and event.verdict is Verdict.PASSED:
                found = _settled(found, recorded, "recorded", event.version or event.commit)
            case ShipAbandoned() as event if found.is_committed:
                found = _settled(found, recorded, "abandoned", event.reason)
    return found


def _settled(found: Declared, recorded: Recorded, how: str, what: str) -> Declared:
    return Declared(
        gear=found.gear,
        reason=found.reason,
        by=found.by,
        at=found.at,
        settled=how,
        settled_by=recorded.actor,
        settled_at=recorded.at,
        settled_what=what,
    )


def active_gear(declared: Declared, open_incidents: Iterable[Incident]) -> ActiveGear:
    """Return the gear that holds: HOTFIX while a P0 or P1 is in response, else what was declared.

    A hotfix that was begun stays one until it is merged or its incident resolved, whatever severity is left.
    """
    found = tuple(i for i in open_incidents if is_hotfix(i))
    if found:
        return ActiveGear(
            gear=Gear.HOTFIX,
            why=why_hotfix(found),
            since=min(i.declared.at for i in found),
            by=found[0].declared.actor,
            declared=declared,
            incidents=found,
        )
    why = declared.reason or (f"declared by {declared.by}" if declared.at else "default")
    return ActiveGear(gear=declared.gear, why=why, since=declared.at, by=declared.by, declared=declared)


def hotfix_since(history: Iterable[Recorded]) -> datetime | None:
    """Return since when an incident is an emergency in response without a break; None when it is none."""
    from andon.incident.evolve import evolve  # a gate that asks for the gear does not wait for it

    state: Incident | None = None
    since = None
    for recorded in history:
        state = evolve(state, recorded)
        if state is None or not is_hotfix(state):
            since = None
        elif since is None:
            since = recorded.at
    return since


def move(declared: Declared, wanted: Gear, *, is_hotfix: bool) -> Move:
    """Return what is said to declaring `wanted`. The table is in docs/reference/gears.md.

    Going up is always allowed, going back to EXPLORE needs a reason, and what is committed to ship does not
    relax before it is shipped or given up. SHIP can be declared anew once the last one is settled.
    """
    if is_hotfix or wanted is Gear.HOTFIX:
        return Move.REFUSED
    if wanted is declared.gear:
        return Move.ALLOWED if declared.settled else Move.NOTHING
    if declared.is_committed:
        return Move.REFUSED
    return Move.WITH_REASON if wanted is Gear.EXPLORE else Move.ALLOWED


def declare_gear(active: ActiveGear, wanted: Gear, reason: str) -> tuple[GearDeclared, ...]:
    """Return the event of a declaration, nothing when it holds already; raises Refused with the way out."""
    declared, reason = active.declared, reason.strip()
    verdict = move(declared, wanted, is_hotfix=active.gear is Gear.HOTFIX)
    if verdict is Move.NOTHING:
        return ()
    if verdict is Move.REFUSED:
        raise _refusal(active, wanted)
    if verdict is Move.WITH_REASON and not reason:
        raise Refused(
            f"going back from {declared.gear} to {wanted} needs a reason",
            rule="gear-needs-a-reason",
            remedy=f'andon gear {wanted} --reason "why the gates of {declared.gear} should not hold"',
        )
    return (GearDeclared(gear=wanted.value, reason=reason),)


def _refusal(active: ActiveGear, wanted: Gear) -> Refused:
    if active.gear is Gear.HOTFIX:
        incident = active.incidents[0]
        return Refused(
            f"a hotfix does not become another gear, it resolves: {active.why}",
            where=incident.id,
            rule="hotfix-resolves",
            remedy=f'andon resolve --incident {incident.id} --cause "why it broke"; '
            f"then {active.declared.gear} holds again",
        )
    if wanted is Gear.HOTFIX:
        return Refused(
            "HOTFIX is never declared; it follows from an open P0 or P1",
            rule="hotfix-is-derived",
            remedy='andon declare "what is broken" --severity P0',
        )
    return Refused(
        f"what is committed to ship does not relax to {wanted}: ship it, or give it up",
        rule="ship-cannot-relax",
        remedy='andon ship record; or andon ship abandon --reason "why it is not shipped"',
    )
