"""The gear of the service: which one holds, declaring another, and what the team's protocol says about it."""

from __future__ import annotations

from andon.desk.casefile import open_incidents, service_stream
from andon.desk.declare import builtin_protocol, compiled_protocol
from andon.errors import Conflict, InvalidInput
from andon.incident.gears import active_gear, declare_gear, fold_declared, hotfix_since
from andon.incident.words import Gear
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk
    from andon.incident.gears import ActiveGear
    from andon.protocol.compiled import PolicyLine

#: More than there are people who declare a gear in the same second.
_ATTEMPTS = 8


class GearPolicy(Record):
    """What a gear allows, requires and forbids."""

    lines: tuple[PolicyLine, ...]
    #: The file the lines stand in, or `built-in`.
    source: str
    #: The team's document when it has no list for this gear, so that the built-in ones hold; "" otherwise.
    silent: str = ""


def gear_now(desk: Desk) -> ActiveGear:
    """Return the gear that holds, with who, why and since when; raises Unavailable."""
    active = active_gear(fold_declared(desk.history(service_stream(desk))), open_incidents(desk))
    if not active.incidents:
        return active
    moments = [moment for i in active.incidents if (moment := hotfix_since(desk.history(i.id)))]
    return replace(active, since=min(moments)) if moments else active


def declare(desk: Desk, word: str, reason: str) -> tuple[ActiveGear, bool]:
    """Declare a gear by its name or level; return what holds then and whether anything was recorded.

    Raises InvalidInput for another word, Refused where the rules say no, Conflict when others keep declaring.
    """
    wanted = Gear.named(word)
    if wanted is None:
        raise InvalidInput(
            f"{word[:40]!r} is not a gear", rule="gear", remedy="EXPLORE (L0), BUILD (L1) or SHIP (L2)"
        )
    for _ in range(_ATTEMPTS):
        history = desk.history(service_stream(desk))
        active = active_gear(fold_declared(history), open_incidents(desk))
        events = declare_gear(active, wanted, reason)
        if not events:
            return gear_now(desk), False
        try:
            desk.append(service_stream(desk), events, expected=history[-1].seq if history else 0)
        except Conflict:
            continue
        return gear_now(desk), True
    raise Conflict(
        "others kept writing; nothing was declared", where=desk.config.service, remedy="andon gear"
    )


def gear_policy(desk: Desk, gear: Gear) -> GearPolicy:
    """Return the team's lists for a gear, else the built-in ones, said to be such; raises Unavailable."""
    protocol = compiled_protocol(desk)
    lines = protocol.policy(gear.value)
    if lines or not desk.config.protocol:
        return GearPolicy(lines=lines, source=protocol.source)
    built_in = builtin_protocol()
    return GearPolicy(lines=built_in.policy(gear.value), source=built_in.source, silent=protocol.source)
