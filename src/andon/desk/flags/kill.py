"""Killing a flag: everybody gets its safe variant; recorded before it is done, done once, confirmed.

One act per flag at a time: whoever gives the command while it is under way, or after the process that began
it died, finishes that act instead of beginning another. Who decides is left to `desk.flags.deciding`, whether
the symptom is gone to `desk.verify`.
"""

from __future__ import annotations

from datetime import UTC
from shlex import quote

from andon.desk.flags.acts import Acts, before_in_words, end, failed, is_open, plan, read_acts, tell
from andon.desk.flags.by_hand import by_hand
from andon.desk.flags.confirming import confirmed_end
from andon.desk.flags.system import find_flag, flag_system_of
from andon.errors import AndonError, Conflict, Refused, Unavailable
from andon.flags.overrides import KILL, Override
from andon.incident.flag_events import FlagActPlanned
from andon.incident.flag_state import kills_in_force
from andon.incident.words import Outcome
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.desk.flags.values import FlagSeen
    from andon.desk.ports import Desk
    from andon.desk.ports_flags import FlagSystem
    from andon.incident.flag_events import FlagActEnded
    from andon.incident.flag_state import FlagAct

#: More than there are people who kill the same flag in the same second.
_ATTEMPTS = 20


class Killed(Record):
    """A kill as it is on record now."""

    act: FlagAct
    #: False when it stood already, or when an act that somebody else began was finished.
    is_new: bool
    #: Told to whoever was second; "" for the first.
    remark: str = ""


def kill_flag(
    desk: Desk,
    key: str,
    variant: str = "",
    *,
    incident: str = "",
    reason: str = "",
    by: str = "",
    tell_progress: Callable[[str], None] = lambda _: None,
) -> Killed:
    """Give everybody the safe variant of a flag, or `variant`, and return how that ended.

    The plan with its undo is recorded before the flag system is touched; each step can be repeated, so that
    given again after a crash the act is finished, never done twice. `incident` is "" outside of one; `by`
    says who acts when that is not the actor. A flag system that cannot be reached makes an act that failed,
    or whose end is unknown, not an exception. Raises Refused without a safe variant or for a closed incident,
    NotFound for a flag that is not there, Unavailable without a flag system.
    """
    planned = plan_kill(desk, key, variant, incident=incident, reason=reason, by=by)
    return carry_out(desk, planned, incident=incident, tell_progress=tell_progress)


def plan_kill(
    desk: Desk, key: str, variant: str = "", *, incident: str = "", reason: str = "", by: str = ""
) -> Killed:
    """Record what a kill will do, or find the one that is under way or stands; the flag is not touched."""
    system = flag_system_of(desk)
    if incident and not is_open(desk, incident):
        raise Refused(
            f"{incident} is closed; a closed incident takes no new act",
            where=incident,
            rule="closed-is-final",
            remedy=f'andon flags kill {quote(key)} --no-incident --reason "why"',
        )
    seen = _look(system, key)
    for _ in range(_ATTEMPTS):
        known = read_acts(desk, to_plan=True)
        found = _found(known, seen, key, variant)
        if found is not None:
            if not found.act.is_over:  # whoever planned it may have died before this
                overtake(desk, known, found.act, seen)
            return found
        wanted = _wanted(seen, key, variant)
        operation = f"K{len(known.all) + 1}-{desk.ids.new()[:8]}"
        if (other := _of_another_journal(known, seen, variant)) is not None:
            operation, wanted = other.operation, other.variant
        event = FlagActPlanned(
            operation=operation,
            purpose="kill",
            system=system.kind,
            flag=key,
            variant=wanted,
            before=before_in_words(seen),
            undo=f"andon flags undo {quote(operation)}",
            reason=reason,
            covers=seen.covers if seen else "",
            incident=incident,
            by=by,
        )
        try:
            act = plan(desk, event, known)
        except Conflict:
            continue  # somebody else recorded something: look again whether it was this
        overtake(desk, known, act, seen)
        return Killed(act=act, is_new=True)
    raise Conflict(
        "others kept recording; nothing of this was", where=key, remedy=f"andon flags kill {quote(key)}"
    )


def _look(system: FlagSystem, key: str) -> FlagSeen | None:
    """Return the flag; None when the system does not answer, which is no reason to record nothing."""
    try:
        return find_flag(system, key)
    except Unavailable:
        return None


def _found(known: Acts, seen: FlagSeen | None, key: str, variant: str) -> Killed | None:
    """Return the kill that somebody began or that stands, when it is the one that is wanted."""
    began = known.under_way(key)
    is_kill = began is not None and began.planned.purpose == "kill" and bool(began.planned.variant)
    if began is not None and is_kill and variant in ("", began.planned.variant):
        return Killed(act=began, is_new=False, remark=f"{began.actor} began it: {began.id} goes on")
    if began is not None and not is_kill:
        return None  # somebody is taking the kill away: only a new act stops them, and their rollout
    if seen is None or seen.kill is None or (variant and variant != seen.kill.variant):
        return None
    act = known.find(seen.kill.operation)
    if act is None:
        return None
    since = f" since {seen.kill.at}" if seen.kill.at else ""
    where = f" in {act.planned.incident}" if act.planned.incident else ""
    told = f"{key} is killed already: {seen.kill.by or act.actor}{since}{where} ({act.id}); no second act"
    return Killed(act=act, is_new=False, remark=told)


def variant_of(desk: Desk, key: str, variant: str = "") -> str:
    """Return what everybody would get by a kill; "" when the flag system does not answer and nobody named it.

    Raises Refused and NotFound as `kill_flag` does, before anything is on record.
    """
    return _wanted(_look(flag_system_of(desk), key), key, variant)


def _wanted(seen: FlagSeen | None, key: str, variant: str) -> str:
    """Return the variant that everybody is to get; raises Refused when nobody says which one is safe."""
    if seen is None:
        return variant
    wanted = variant or seen.safe_variant
    if wanted and (wanted in seen.variants or not seen.variants):
        return wanted
    names = ", ".join(seen.variants) or "none are told"
    if wanted:
        raise Refused(
            f"{key} has no variant {wanted!r}; it has: {names}",
            where=key,
            rule="safe-variant",
            remedy=f"andon flags kill {quote(key)} --variant NAME",
        )
    raise Refused(
        f"{key} does not say which of its variants is safe when the feature is broken: {names}",
        where=key,
        rule="safe-variant",
        remedy=f"andon flags kill {quote(key)} --variant NAME; and safeVariant in its metadata",
    )


def _of_another_journal(known: Acts, seen: FlagSeen | None, variant: str) -> Override | None:
    """Return the kill that stands and that another journal has on record: it is entered here as it is."""
    kill = seen.kill if seen is not None else None
    if kill is None or not kill.operation or known.find(kill.operation) is not None:
        return None
    return kill if variant in ("", kill.variant) else None


def overtake(desk: Desk, known: Acts, act: FlagAct, seen: FlagSeen | None) -> None:
    """End what was under way on the same flag: whoever was at it must not take the newer act away.

    Where the kill that it was to take back is gone, it had done that, and nobody had recorded it yet.
    """
    for other in known.of(act.planned.flag):
        if other.is_over or other.id == act.id:
            continue
        ended = failed(other.id, Outcome.FAILED, f"overtaken by {act.id}")
        still = (other.planned.undoes, act.id)  # the newer act may be there already: then nobody knows
        is_gone = seen is not None and (seen.kill is None or seen.kill.operation not in still)
        if other.planned.undoes and is_gone:
            ended = failed(other.id, Outcome.SUCCEEDED, f"the kill was gone when {act.id} was planned")
        end(desk, other, ended)


def carry_out(
    desk: Desk,
    planned: Killed,
    *,
    incident: str = "",
    tell_progress: Callable[[str], None] = lambda _: None,
) -> Killed:
    """Do what is left of a kill that is planned: put it there, wait for the confirmations, record the end.

    `incident`, where another one than the plan names, gets the act on record as well.
    """
    system, act = flag_system_of(desk), planned.act
    places = tuple(dict.fromkeys(name for name in (act.planned.incident, incident) if name))
    for place in places:
        tell(desk, place, act)  # before the act, as the plan in the service's stream
    seen = _look(system, act.planned.flag)
    is_there = seen is not None and seen.kill is not None and seen.kill.operation == act.id
    if act.is_over and not act.succeeded and not is_there:
        return planned  # somebody overtook it
    owner = seen.owner if seen else ""
    ended = _put(desk, system, act, seen, tell_progress)
    if _is_news(act, ended):
        act = end(desk, act, ended, owner=owner)
    for place in places:
        tell(desk, place, act, owner=owner)
    return replace(planned, act=act)


def _is_news(act: FlagAct, ended: FlagActEnded) -> bool:
    """True unless the end on record says as much: asked again, a kill that stands is not ended again."""
    known = act.ended
    if known is None:
        return True
    told = ("outcome", "connected", "confirmed", "silent", "can_confirm")
    return any(getattr(known, field) != getattr(ended, field) for field in told)


def override_of(act: FlagAct, seen: FlagSeen | None) -> Override:
    """Return what a kill puts above the flag: always the same for an act, however often it is done."""
    planned = act.planned
    if seen is not None and seen.kill is not None and seen.kill.operation == act.id:
        return seen.kill
    return Override(
        flag=planned.flag,
        layer=KILL,
        variant=planned.variant,
        operation=act.id,
        incident=planned.incident,
        by=planned.by or act.actor,
        at=f"{act.planned_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z",
        reason=planned.reason,
    )


def _put(
    desk: Desk, system: FlagSystem, act: FlagAct, seen: FlagSeen | None, told: Callable[[str], None]
) -> FlagActEnded:
    """Put the kill there and return how the act ended."""
    if not act.planned.variant:
        detail = f"{system.address} does not answer, and no variant was named; "
        return failed(act.id, Outcome.FAILED, detail + by_hand(desk, act.planned.flag, ""))
    override = override_of(act, seen)
    try:
        version = system.put(override)
        if (later := read_acts(desk).after(act)) is not None:
            return _give_way(system, act, later)
        ended = confirmed_end(desk, system, act.id, version, told)
        if _is_gone(desk, system, act):
            ended = confirmed_end(desk, system, act.id, system.put(override), told)
    except AndonError as problem:
        return _not_put(desk, system, act, problem)
    return ended


def _is_gone(desk: Desk, system: FlagSystem, act: FlagAct) -> bool:
    """True when somebody who was late took the kill away with what they had begun before it."""
    now = _look(system, act.planned.flag)
    if now is None or read_acts(desk).after(act) is not None:
        return False
    return now.kill is None or now.kill.operation not in ("", act.id)


def _give_way(system: FlagSystem, act: FlagAct, later: FlagAct) -> FlagActEnded:
    """Put back what a newer act wants: this one was planned before it and came to its turn after it."""
    if later.planned.purpose == "kill":
        system.put(override_of(later, None))
    else:
        system.take(act.planned.flag, KILL, later.id, act.id)
    return failed(act.id, Outcome.FAILED, f"overtaken by {later.id}")


def _not_put(desk: Desk, system: FlagSystem, act: FlagAct, problem: AndonError) -> FlagActEnded:
    """Find out whether an answer got lost or the kill was not taken; unknown where nobody can be asked."""
    key, hand = act.planned.flag, by_hand(desk, act.planned.flag, act.planned.variant)
    if not isinstance(problem, Unavailable):
        return failed(act.id, Outcome.FAILED, f"{problem}; {hand}")
    now = _look(system, key)
    if now is None:
        return failed(act.id, Outcome.UNKNOWN, f"{problem}; whether it was taken is not known; {hand}")
    if now.kill is not None and now.kill.operation == act.id:
        told = f"it is there, though its answer was lost ({problem}); who has it was not asked"
        return failed(act.id, Outcome.SUCCEEDED, told)
    return failed(act.id, Outcome.FAILED, f"{problem}; {hand}")


def standing_kill(desk: Desk, key: str) -> FlagAct | None:
    """Return the kill of a flag that counts now, as the service's stream has it; None without one."""
    kills = kills_in_force(read_acts(desk).all, key)
    return kills[-1] if kills else None
