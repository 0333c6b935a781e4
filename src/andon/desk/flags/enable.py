"""Turning a flag on again after a kill: mended, tested on and off, and spread in watched stages.

What is missing is refused with the way to it. Each part can be left out for a reason: then it is on record,
and a follow-up of the kill's incident. The stages are the rollout's, whose first takes the kill away.
"""

from __future__ import annotations

from shlex import quote

from andon.desk.flags.acts import end, failed, is_open, plan, read_acts, tell
from andon.desk.flags.ready import FIX, PARTS, ROLLOUT, TESTS, demand_tests, fix_of
from andon.desk.flags.rollout import Wishes, plan_rollout, start_rollout
from andon.desk.flags.rollouts import rollouts
from andon.desk.flags.system import find_flag, flag_system_of
from andon.desk.flags.undo import settle, take_away
from andon.errors import AndonError, Conflict, InvalidInput, Refused
from andon.incident.flag_events import FlagActEnded, FlagActPlanned
from andon.incident.flag_state import kills_in_force
from andon.incident.words import Outcome
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.desk.flags.acts import Acts
    from andon.desk.flags.values import FlagSeen
    from andon.desk.ports import Desk
    from andon.incident.events import RolloutPlanned
    from andon.incident.flag_state import FlagAct
    from andon.incident.rollout_state import Rollout

#: The stages when nobody names others: percent of everybody, and seconds for which each stays.
STAGES, EVERY = (5.0, 25.0, 100.0), 600.0


class EnableWishes(Record):
    """How somebody wants a flag back."""

    #: A commit, a version or a finished action item; "" for the hotfix of the kill's incident.
    fix: str = ""
    #: What of PARTS is left out, and why.
    without: tuple[str, ...] = ()
    reason: str = ""
    stages: tuple[float, ...] = STAGES
    every: float = EVERY
    #: What is spread; "" for the flag's variant that is on.
    variant: str = ""


class Ready(Record):
    """What was asked for before a flag comes back, and is there."""

    kill: FlagAct
    seen: FlagSeen
    fix: str = ""
    tested_at: str = ""
    #: The plan of its stages; None where it comes back at once.
    spread: RolloutPlanned | None = None


class Enabled(Record):
    """A flag that is coming back, or is back."""

    act: FlagAct
    #: None when it came back at once.
    rollout: Rollout | None = None
    #: The commit at which both states were tested; "" when that was left out.
    tested_at: str = ""


def prepare(desk: Desk, key: str, wishes: EnableWishes) -> Ready | None:
    """Return what lets a killed flag come back; None where somebody began already. Nothing is recorded.

    Raises NotFound or Refused as `plan_rollout` does, and Refused for a flag that is not killed and for what
    is missing: fix, tests, a reason for leaving out.
    """
    _refuse_wishes(key, wishes)
    finish_enabling(desk, key)
    known = read_acts(desk)
    begun = known.under_way(key)
    if begun is not None and begun.planned.purpose == "enable":
        return None
    kill = _kill(desk, known, key)
    seen = flag_system_of(desk).find(key)
    fix = "" if FIX in wishes.without else fix_of(desk, kill, wishes.fix)
    variant = wishes.variant or seen.on_variant
    tested = "" if TESTS in wishes.without else demand_tests(desk, kill, seen, variant)
    is_at_once = ROLLOUT in wishes.without
    if not is_at_once:
        _refuse_default_on(desk, seen, variant)
    spread = None if is_at_once else plan_rollout(desk, key, _stages(kill, wishes))
    return Ready(kill=kill, seen=seen, fix=fix, tested_at=tested, spread=spread)


def enable(
    desk: Desk,
    key: str,
    wishes: EnableWishes,
    tell_progress: Callable[[str], None] = lambda _: None,
    *,
    ready: Ready | None = None,
) -> Enabled:
    """Record that a killed flag comes back, and begin its rollout, or take the kill away at once.

    Given again after a crash it goes on with the same act. `ready` is what `prepare` found before somebody
    was asked; it is found again where another kill came meanwhile. Raises as `prepare` does.
    """
    if ready is None:
        ready = prepare(desk, key, wishes)
    known = read_acts(desk, to_plan=True)
    begun = known.under_way(key)
    if begun is not None and begun.planned.purpose == "enable":
        return _go_on(desk, begun, wishes, tell_progress)
    if ready is None or _kill(desk, known, key).id != ready.kill.id:
        raise Conflict(
            f"{key} was switched by somebody else meanwhile",
            where=key,
            rule="enable",
            remedy=f"andon flags status {quote(key)}",
        )
    act = plan(desk, _planned(desk, known, ready, wishes), known)
    if act.planned.incident:
        tell(desk, act.planned.incident, act)
    if ready.spread is None:
        return Enabled(act=take_away(desk, act, tell_progress), tested_at=ready.tested_at)
    return Enabled(act=act, rollout=start_rollout(desk, ready.spread), tested_at=ready.tested_at)


def _refuse_default_on(desk: Desk, seen: FlagSeen, variant: str) -> None:
    """Raise Refused where the definition gives the variant to everybody: no stage would be a part of them."""
    targeting = (seen.definition or {}).get("targeting")
    if seen.definition is None or targeting or seen.default_variant != variant:
        return
    safe = seen.safe_variant if seen.safe_variant != variant else "the one that is safe"
    raise Refused(
        f"{seen.key} gives everybody {variant} by its definition: below the kill no stage is a part",
        where=desk.config.flag_system.file or seen.key,
        rule="default-on",
        remedy=f"make its defaultVariant {safe or 'the one that is safe'}, then again; or, for everybody: "
        f'andon flags enable {quote(seen.key)} --at-once --reason "why"',
    )


def _refuse_wishes(key: str, wishes: EnableWishes) -> None:
    wrong = [part for part in wishes.without if part not in PARTS]
    if wrong:
        raise InvalidInput(
            f"{wrong[0]!r} cannot be left out", rule="enable", remedy=f"--without {'|'.join(PARTS)}"
        )
    if wishes.without and not wishes.reason.strip():
        raise Refused(
            f"who enables {key} without {', '.join(wishes.without)} says why; it becomes a follow-up",
            where=key,
            rule="evidence-or-a-name",
            remedy=f'andon flags enable {quote(key)} --without {wishes.without[0]} --reason "why"',
        )


def _kill(desk: Desk, known: Acts, key: str) -> FlagAct:
    kills = kills_in_force(known.all, key)
    if kills:
        return kills[-1]
    seen = find_flag(flag_system_of(desk), key)
    if seen.kill is not None:
        raise Refused(
            f"{key} is killed by {seen.kill.operation or 'somebody'}, which is not on record here",
            where=key,
            rule="enable",
            remedy=f"andon flags kill {quote(key)} enters it; then again",
        )
    has_it_all = seen.rollout is None and seen.default_variant == seen.on_variant != ""
    is_on = has_it_all and not (seen.definition or {}).get("targeting")
    raise Refused(
        f"{key} is not killed: {'everybody has it by its definition' if is_on else seen.state}",
        where=key,
        rule="enable",
        remedy=f"andon flags status {quote(key)}"
        if is_on
        else f"andon flags rollout {quote(key)} 5% 25% 100% spreads it",
    )


def _stages(kill: FlagAct, wishes: EnableWishes) -> Wishes:
    return Wishes(
        stages=wishes.stages,
        every=wishes.every,
        variant=wishes.variant,
        reason=wishes.reason,
        after_kill=kill.id,
    )


def _planned(desk: Desk, known: Acts, ready: Ready, wishes: EnableWishes) -> FlagActPlanned:
    kill = ready.kill
    incident = kill.planned.incident
    return FlagActPlanned(
        operation=f"E{len(known.all) + 1}-{desk.ids.new()[:8]}",
        purpose="enable",
        system=flag_system_of(desk).kind,
        flag=kill.planned.flag,
        variant=wishes.variant or ready.seen.on_variant,
        before=f"killed: everybody gets {kill.planned.variant}",
        undo=f"andon flags kill {quote(kill.planned.flag)}",
        reason=wishes.reason,
        covers=kill.planned.covers,
        incident=incident if incident and is_open(desk, incident) else "",
        undoes=kill.id,
        fix=ready.fix,
        skipped=tuple(part for part in PARTS if part in wishes.without),
    )


def _go_on(desk: Desk, act: FlagAct, wishes: EnableWishes, tell_progress: Callable[[str], None]) -> Enabled:
    """Finish what somebody began who died: the same act, with what was asked for then."""
    if act.planned.incident:
        tell(desk, act.planned.incident, act)
    if ROLLOUT in act.planned.skipped:
        return Enabled(act=take_away(desk, act, tell_progress))
    spread = _rollout(desk, act)
    if spread is None:
        kill = read_acts(desk).find(act.planned.undoes) or act
        spread = start_rollout(desk, plan_rollout(desk, act.planned.flag, _stages(kill, wishes)))
    return Enabled(act=act, rollout=spread)


def _rollout(desk: Desk, act: FlagAct) -> Rollout | None:
    """Return the newest rollout that ends the kill which an act takes back."""
    found = [r for r in rollouts(desk) if r.planned.after_kill == act.planned.undoes]
    return found[-1] if found else None


def finish_enabling(desk: Desk, key: str) -> FlagAct | None:
    """Record that a flag is on again once the first stage of its rollout took the kill away; return that act.

    Asked by whoever looks and by the worker of the rollout; None when nothing was to be recorded. A rollout
    that ended before its first stage ends the act as failed. A flag system that is silent changes nothing.
    """
    known = read_acts(desk)
    act = known.under_way(key)
    if act is None or act.planned.purpose != "enable" or ROLLOUT in act.planned.skipped:
        return None
    spread = _rollout(desk, act)
    if spread is None:
        return None
    try:
        kill = flag_system_of(desk).find(key).kill
    except AndonError:
        return None
    if kill is None or kill.operation != act.planned.undoes:
        ended = FlagActEnded(
            operation=act.id,
            outcome=Outcome.SUCCEEDED,
            can_confirm=False,
            detail=f"by the rollout {spread.id}",
        )
    elif spread.ended is not None:
        ended = failed(act.id, Outcome.FAILED, f"the rollout {spread.id} ended before it: {spread.ended.how}")
    else:
        return None
    try:
        act = end(desk, act, ended)
    except Conflict:
        return None
    settle(desk, act)
    return act
