"""Where a flag stands: what the flag system has, what is on record, and who has the last change."""

from __future__ import annotations

from andon.desk.casefile import service_stream
from andon.desk.flags.acts import read_acts, tell_all
from andon.desk.flags.enable import finish_enabling
from andon.desk.flags.system import find_flag, flag_system_of
from andon.errors import AndonError
from andon.incident.flag_events import (
    FlagActEnded,
    FlagActPlanned,
    RolloutEnded,
    RolloutPlanned,
    RolloutStageJudged,
)
from andon.incident.flag_state import flag_in_words, kills_in_force
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from andon.desk.flags.values import Confirmed, FlagSeen, FlagUsage
    from andon.desk.ports import Desk
    from andon.desk.ports_flags import FlagSystem
    from andon.incident.flag_state import FlagAct

_TYPES = ("FlagActPlanned", "FlagActEnded", "RolloutPlanned", "RolloutStageJudged", "RolloutEnded")
_KINDS = (FlagActPlanned, FlagActEnded, RolloutPlanned, RolloutStageJudged, RolloutEnded)


class Told(Record):
    """One line of a flag's history."""

    at: datetime
    actor: str
    text: str


class Standing(Record):
    """A flag now, and how it came there."""

    seen: FlagSeen
    #: The kill in force, as it is on record; None without one, or for one that is not on record here.
    kill: FlagAct | None = None
    #: An act whose end nobody has recorded.
    under_way: FlagAct | None = None
    #: Who has the last change, asked just now; None when it was not one that can be asked about.
    confirmed: Confirmed | None = None
    usage: tuple[FlagUsage, ...] = ()
    history: tuple[Told, ...] = ()
    #: What could not be asked, and what does not fit together.
    doubts: tuple[str, ...] = ()


def standing_of(desk: Desk, key: str) -> Standing:
    """Ask the flag system about a flag, read what is on record, and return both.

    Whoever looks also records what a process that died left open. Raises NotFound and Unavailable.
    """
    system = flag_system_of(desk)
    seen = find_flag(system, key)
    finish_enabling(desk, key)
    known = read_acts(desk)
    kills = kills_in_force(known.all, key)
    if kills:
        tell_all(desk, known, kills[-1].id)
    acts = [act for act in known.of(key) if act.succeeded and act.ended is not None and act.ended.version]
    doubts = list(_doubts(seen, kills[-1] if kills else None))
    return Standing(
        seen=seen,
        kill=kills[-1] if kills else None,
        under_way=known.under_way(key),
        confirmed=_confirmed(system, acts[-1], doubts) if acts else None,
        usage=_usage(system, key, doubts),
        history=_history(desk, key),
        doubts=tuple(doubts),
    )


def _doubts(seen: FlagSeen, kill: FlagAct | None) -> tuple[str, ...]:
    """Return where the flag system and the record differ: both are told, neither is believed."""
    if kill is not None and seen.kill is None:
        return (
            f"{kill.id} is on record as its kill, and the flag system has none: somebody took it away there",
        )
    if seen.kill is not None and kill is None:
        by = seen.kill.by or "somebody"
        return (f"{by} killed it by {seen.kill.operation or 'hand'}, which is not on record here",)
    if seen.kill is not None and kill is not None and seen.kill.operation not in ("", kill.id):
        return (f"the flag system has the kill {seen.kill.operation}, on record is {kill.id}",)
    return ()


def _confirmed(system: FlagSystem, act: FlagAct, doubts: list[str]) -> Confirmed | None:
    try:
        return system.confirmations(act.ended.version if act.ended else "", 0.0, lambda _: None)
    except AndonError as problem:
        doubts.append(f"who has it could not be asked: {problem}")
        return None


def _usage(system: FlagSystem, key: str, doubts: list[str]) -> tuple[FlagUsage, ...]:
    try:
        return tuple(usage for usage in system.usage() if usage.key == key)
    except AndonError as problem:
        doubts.append(f"how often it is served could not be asked: {problem}")
        return ()


def _history(desk: Desk, key: str) -> tuple[Told, ...]:
    """Return what is on record of a flag in the service's own stream, oldest first."""
    operations: set[str] = set()
    found = []
    for recorded in desk.journal.read_types(service_stream(desk), _TYPES):
        event = recorded.event
        if isinstance(event, (FlagActPlanned, RolloutPlanned)) and event.flag == key:
            operations.add(event.operation)
        if isinstance(event, _KINDS) and event.operation in operations:
            text = flag_in_words(event)[1]
            found.append(Told(at=recorded.at, actor=recorded.actor, text=text))
    return tuple(found)
