"""What was done to feature flags: a fold over their events, for an incident and for a service."""

from __future__ import annotations

from andon.incident import flag_events as e
from andon.incident.words import Outcome, counted
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import TypeAlias

    FlagActEvent: TypeAlias = e.FlagActPlanned | e.FlagActEnded
    RolloutEvent: TypeAlias = e.RolloutPlanned | e.RolloutStageJudged | e.RolloutResumed | e.RolloutEnded
    FlagEvent: TypeAlias = FlagActEvent | RolloutEvent


class FlagAct(Record):
    """One act on a flag."""

    planned: e.FlagActPlanned
    planned_at: datetime
    actor: str
    #: None while it is under way, or when whoever did it died. The newest word, where it was found out later.
    ended: e.FlagActEnded | None = None
    ended_at: datetime | None = None
    #: Where in its stream it was planned, and ended last.
    seq: int = 0
    ended_seq: int = 0
    #: How many ends are on record.
    ends: int = 0

    @property
    def id(self) -> str:
        """Its operation."""
        return self.planned.operation

    @property
    def is_over(self) -> bool:
        """True when it is known how it ended."""
        return self.ended is not None and self.ended.outcome is not Outcome.UNKNOWN

    @property
    def succeeded(self) -> bool:
        """True when the flag system took it."""
        return self.ended is not None and self.ended.outcome is Outcome.SUCCEEDED


def fold_act(
    acts: tuple[FlagAct, ...], event: FlagActEvent, at: datetime, actor: str, seq: int = 0
) -> tuple[FlagAct, ...]:
    """Return the acts after one more event; an end without a plan is left out."""
    match event:
        case e.FlagActPlanned():
            if any(act.planned.operation == event.operation for act in acts):
                return acts
            return (*acts, FlagAct(planned=event, planned_at=at, actor=actor, seq=seq))
        case e.FlagActEnded():
            return tuple(
                replace(act, ended=event, ended_at=at, ended_seq=seq, ends=act.ends + 1)
                if act.planned.operation == event.operation
                else act
                for act in acts
            )


def kills_in_force(acts: Iterable[FlagAct], flag: str) -> tuple[FlagAct, ...]:
    """Return the kills of a flag that nobody took back, by the history; the newest is what counts."""
    standing: list[FlagAct] = []
    for act in (a for a in acts if a.planned.flag == flag and a.succeeded):
        if act.planned.purpose == "kill":  # one of the same variant replaces the one before: it is one kill
            standing = [kill for kill in standing if kill.planned.variant != act.planned.variant]
            standing.append(act)
        elif act.planned.purpose == "undo":
            standing = [kill for kill in standing if kill.id != act.planned.undoes]
        elif act.planned.purpose == "enable":
            standing = []
    return tuple(standing)


def reached_everybody(ended: e.FlagActEnded) -> bool:
    """True when every connected process said that it has it, and there was one."""
    return ended.can_confirm and 0 < ended.connected == ended.confirmed


def flag_in_words(event: FlagEvent) -> tuple[str, str]:
    """Return the part of the story and the line for one event of a flag."""
    match event:
        case e.FlagActPlanned():
            to = f" to {event.variant}" if event.variant else ""
            why = f": {event.reason}" if event.reason else ""
            told = f"flag {event.flag}: {event.purpose}{to} planned (operation {event.operation})"
            return "response", f"{told}; undo: {event.undo}{why}"
        case e.FlagActEnded():
            return "response", f"operation {event.operation}: {event.outcome}; {confirmed_in_words(event)}"
        case e.RolloutPlanned():
            stages = ", ".join(f"{stage:g} %" for stage in event.stages)
            what = "release" if event.target == "release" else "flag"
            waits = ", to be approved" if event.waits else ""
            told = f"{what} {event.flag}: rollout of {event.variant} planned: {stages}{waits}"
            return "response", f"{told}; undo: {event.undo}"
        case e.RolloutStageJudged():
            return "verification", f"rollout at {event.percent:g} %: {event.verdict}: {event.summary}"
        case e.RolloutResumed():
            return "response", f"rollout goes on after {event.percent:g} %: {event.reason}"
        case e.RolloutEnded():
            why = f": {event.reason}" if event.reason else ""
            return "response", f"rollout {event.how} at {event.percent:g} %{why}"


def confirmed_in_words(ended: e.FlagActEnded) -> str:
    """Return who has it, as `412 of 412 processes confirmed in 41 ms, slowest web-3`, or why none can say."""
    if not ended.can_confirm:
        return ended.detail or "which processes have it, the flag system cannot say"
    if not ended.connected:
        return ended.detail or "no process is connected"
    told = f"{ended.confirmed} of {counted(ended.connected, 'process', 'processes')} confirmed"
    if ended.confirmed:
        told += f" in {ended.milliseconds:.0f} ms"
        told += f", slowest {ended.slowest}" if ended.slowest else ""
    if ended.silent:
        told += f"; silent: {', '.join(ended.silent)}"
    return f"{told}; {ended.detail}" if ended.detail else told
