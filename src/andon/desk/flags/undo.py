"""Taking a kill back exactly: what was below it, a definition or a rollout's stage, counts again.

It asks for nothing but a reason; whoever wants to be asked for the fix and the tests enables instead.
"""

from __future__ import annotations

from shlex import quote

from andon.desk.flags.acts import (
    end,
    failed,
    is_open,
    plan,
    read_acts,
    settle_elsewhere,
    tell,
    tell_all,
)
from andon.desk.flags.confirming import confirmed_end
from andon.desk.flags.kill import override_of
from andon.desk.flags.system import flag_system_of
from andon.errors import AndonError, Conflict, NotFound, Refused, Unavailable
from andon.flags.overrides import KILL
from andon.incident.flag_events import FlagActEnded, FlagActPlanned
from andon.incident.flag_state import kills_in_force
from andon.incident.words import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.desk.flags.acts import Acts
    from andon.desk.ports import Desk
    from andon.desk.ports_flags import FlagSystem
    from andon.incident.flag_state import FlagAct

_ATTEMPTS = 20


def undo(
    desk: Desk, operation: str, *, reason: str, tell_progress: Callable[[str], None] = lambda _: None
) -> FlagAct:
    """Take a kill away, so that the flag is exactly what it was below it; return the act with its end.

    Given again after a crash it finishes the same act. Raises NotFound for an unknown operation, Refused
    without a reason, for what is no kill in force, or when a newer act stands above it.
    """
    planned = plan_undo(desk, operation, reason=reason)
    return take_away(desk, planned, tell_progress)


def undoable(known: Acts, operation: str) -> FlagAct:
    """Return the kill that can be taken back; raises NotFound or Refused."""
    act = known.find(operation)
    if act is None:
        kills = kills_in_force(known.all, operation)  # somebody names the flag instead
        told = f"; the kill of {operation} is {kills[-1].id}" if kills else ""
        raise NotFound(
            f"there is no act on a flag called {operation[:100]!r}{told}",
            rule="undo",
            remedy=f'{kills[-1].planned.undo} --reason "why"' if kills else "andon flags status KEY",
        )
    flag = act.planned.flag
    if act.planned.purpose != "kill":
        back = f"andon flags kill {quote(flag)}"
        if act.planned.purpose == "rollout":
            back = act.planned.undo
        raise Refused(
            f"{operation} is no kill but a {act.planned.purpose}",
            where=flag,
            rule="undo",
            remedy=back,
        )
    kills = kills_in_force(known.all, flag)
    if kills and kills[-1].id == operation:
        return act
    if any(kill.id == operation for kill in kills):
        raise Refused(
            f"{kills[-1].id} killed {flag} again after it: only the newest act can be taken back",
            where=flag,
            rule="undo",
            remedy=f'andon flags undo {quote(kills[-1].id)} --reason "why"',
        )
    if not act.is_over:
        raise Refused(
            f"how {operation} ended is not known yet",
            where=flag,
            rule="undo",
            remedy=f"andon flags kill {quote(flag)}",
        )
    told = "it was not taken" if not act.succeeded else "it was taken back already"
    raise Refused(
        f"there is nothing to take back: {told}",
        where=flag,
        rule="undo",
        remedy=f"andon flags status {quote(flag)}",
    )


def _takes_back(act: FlagAct, operation: str) -> bool:
    return act.planned.purpose == "undo" and act.planned.undoes == operation


def plan_undo(desk: Desk, operation: str, *, reason: str) -> FlagAct:
    """Record that a kill will be taken back, or find who began to."""
    system = flag_system_of(desk)
    for _ in range(_ATTEMPTS):
        known = read_acts(desk, to_plan=True)
        tell_all(desk, known, operation)
        begun = next((a for a in known.all if _takes_back(a, operation) and not a.is_over), None)
        if begun is not None:
            return begun
        kill = undoable(known, operation)
        if not reason.strip():
            raise Refused(
                f"who takes the kill of {kill.planned.flag} back says why",
                where=kill.planned.flag,
                rule="evidence-or-a-name",
                remedy=f'andon flags undo {quote(operation)} --reason "why"; or andon flags enable KEY',
            )
        _refuse_newer(system, kill)
        below = kills_in_force(known.all, kill.planned.flag)[:-1]
        incident = kill.planned.incident
        event = FlagActPlanned(
            operation=f"U{len(known.all) + 1}-{desk.ids.new()[:8]}",
            purpose="undo",
            system=system.kind,
            flag=kill.planned.flag,
            variant=below[-1].planned.variant if below else "",
            before=f"killed: everybody gets {kill.planned.variant}",
            undo=f"andon flags kill {quote(kill.planned.flag)}",
            reason=reason,
            covers=kill.planned.covers,
            incident=incident if incident and is_open(desk, incident) else "",
            undoes=kill.id,
        )
        try:
            return plan(desk, event, known)
        except Conflict:
            continue
    raise Conflict("others kept recording; nothing of this was", where=operation)


def _refuse_newer(system: FlagSystem, kill: FlagAct) -> None:
    """Raise Refused when the flag system has another kill there than the one that is to be taken back."""
    seen = system.find(kill.planned.flag)
    if seen.kill is not None and seen.kill.operation not in ("", kill.id):
        raise Refused(
            f"another kill stands there now: {seen.kill.operation} by {seen.kill.by or 'somebody'}",
            where=kill.planned.flag,
            rule="undo",
            remedy=f"andon flags status {quote(kill.planned.flag)}",
        )


def take_away(desk: Desk, act: FlagAct, tell_progress: Callable[[str], None] = lambda _: None) -> FlagAct:
    """Do what is left of an undo, or of enabling at once, and record how it ended."""
    system = flag_system_of(desk)
    if act.planned.incident:
        tell(desk, act.planned.incident, act)
    act = end(desk, act, _taken(desk, system, act, tell_progress))
    settle(desk, act)
    return act


def settle(desk: Desk, act: FlagAct) -> None:
    """Settle the follow-up of the kill that an act took back, wherever it is tracked."""
    if not act.succeeded:
        return
    kills = [k for k in read_acts(desk).of(act.planned.flag) if k.planned.purpose == "kill"]
    for incident in dict.fromkeys(k.planned.incident for k in kills if k.seq < act.seq):
        if incident:
            settle_elsewhere(desk, act, incident)


def _taken(
    desk: Desk, system: FlagSystem, act: FlagAct, tell_progress: Callable[[str], None]
) -> FlagActEnded:
    known = read_acts(desk)
    later = known.after(act)
    if later is not None:
        return failed(act.id, Outcome.FAILED, f"overtaken by {later.id}")
    below = next((k for k in reversed(known.of(act.planned.flag)) if _is_below(known, act, k)), None)
    try:
        if below is not None:
            version = system.put(override_of(below, None))
        else:
            only = _taken_from(system, known, act)
            version = system.take(act.planned.flag, KILL, act.id, only)
        later = read_acts(desk).after(act)
        if later is not None and later.planned.purpose == "kill":
            system.put(override_of(later, None))  # it was planned while this took its layer away
            return failed(act.id, Outcome.FAILED, f"overtaken by {later.id}")
    except Unavailable as problem:
        told = f"{problem}; whether it was taken is not known; the same command again finds out"
        return failed(act.id, Outcome.UNKNOWN, told)
    except AndonError as problem:
        return failed(act.id, Outcome.FAILED, str(problem))
    return confirmed_end(desk, system, act.id, version, tell_progress)


def _taken_from(system: FlagSystem, known: Acts, act: FlagAct) -> str:
    """Return whose layer is taken away: a kill that came meanwhile, here or elsewhere, stays.

    Where a system keeps the first of two kills that say the same, that is the one which stands there.
    """
    kill = system.find(act.planned.flag).kill
    older = {k.id for k in known.of(act.planned.flag) if k.planned.purpose == "kill" and k.seq < act.seq}
    return kill.operation if kill is not None and kill.operation in older else act.planned.undoes


def _is_below(known: Acts, act: FlagAct, kill: FlagAct) -> bool:
    """True for the kill that counts again when a newer one, of another variant, is taken back."""
    if act.planned.purpose != "undo" or not act.planned.variant:
        return False
    kills = kills_in_force(known.all, act.planned.flag)
    return kill.id != act.planned.undoes and kill in kills and kill.planned.variant == act.planned.variant
