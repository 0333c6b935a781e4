"""Telling at a terminal, or to a program, how a rollout goes; leaving does not stop it."""

from __future__ import annotations

import sys

from andon.cli.output import print_json, wants_json, whole
from andon.cli.terminal import next_line, one_line, rows, style
from andon.desk.casefile import service_stream
from andon.desk.flags.rollouts import rollout_of
from andon.desk.flags.targets import command_of
from andon.desk.operation import holder_of
from andon.desk.telling import listen
from andon.incident.events import (
    FlagActEnded,
    FlagActPlanned,
    RolloutEnded,
    RolloutPlanned,
    RolloutResumed,
    RolloutStageJudged,
)
from andon.incident.flag_state import confirmed_in_words, flag_in_words
from andon.incident.rollout_state import TYPES, rollout_in_words
from andon.incident.words import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from typing import Any

    from andon.desk.ports import Desk
    from andon.incident.events import Event
    from andon.incident.rollout_state import Rollout, Stage

_CODES = {"completed": 0, "stopped": 0, "taken back": 0, "killed": 1, "failed": 1}
_COLOURS = {Verdict.PASSED: "green", Verdict.FAILED: "red", Verdict.UNKNOWN: "yellow"}


def follow_rollout(desk: Desk, arguments: argparse.Namespace, rollout: Rollout) -> int:
    """Follow a rollout until it is over or held, and return the exit code of how it went."""
    told = not wants_json(arguments)
    if told:
        line = f"following rollout {rollout.id}; Ctrl-C leaves it going"
        print(style(line, "dim"), flush=True)
    seen = _length(desk, rollout)
    said: Event | str = ""
    try:
        if rollout.is_under_way:
            for heard in listen(
                desk, rollout.id, lambda: _events(desk, rollout.id, seen), command_of(rollout, "--follow")
            ):
                if told and heard != said:  # a stage that waits says the same at each look
                    _tell(heard)
                said = heard
    except KeyboardInterrupt:
        return _left(arguments, rollout)
    rollout = rollout_of(desk, rollout.id)
    if told:
        show_rollout(desk, rollout)
    else:
        print_json(plain(desk, rollout))
    return code_of(rollout)


def code_of(rollout: Rollout) -> int:
    """Return the exit code: 0 well or under way, 1 killed, 3 held."""
    if rollout.ended is not None:
        return _CODES.get(rollout.ended.how, 1)
    return 3 if rollout.is_held else 0


def _length(desk: Desk, rollout: Rollout) -> int:
    """Return the number of the last event that was there before we began to listen."""
    newest = [
        r.seq for r in desk.journal.read_types(service_stream(desk), TYPES) if r.at <= rollout.planned_at
    ]
    return max(newest, default=0)


def _events(desk: Desk, operation: str, after: int) -> Iterator[tuple[int, Event, bool]]:
    for recorded in desk.journal.read_types(service_stream(desk), TYPES):
        event = recorded.event
        if recorded.seq <= after:
            continue
        match event:
            case RolloutEnded() | RolloutStageJudged() | RolloutResumed() if event.operation == operation:
                is_last = isinstance(event, RolloutEnded) or _is_held_now(desk, operation, event)
                yield recorded.seq, event, is_last
            case FlagActPlanned() | FlagActEnded() if event.operation.rpartition("/")[0] == operation:
                yield recorded.seq, event, False
            case _:
                continue


def _is_held_now(desk: Desk, operation: str, event: Event) -> bool:
    """True for a judgement that nobody has signed for since."""
    if not isinstance(event, RolloutStageJudged) or event.verdict is not Verdict.UNKNOWN:
        return False
    return rollout_of(desk, operation).is_held


def _tell(heard: Event | str) -> None:
    match heard:
        case str():
            print(style(f"  {one_line(heard)}", "dim"), flush=True)
        case FlagActEnded():
            print(f"  {heard.outcome}: {one_line(confirmed_in_words(heard))}", flush=True)
        case RolloutStageJudged():
            verdict = style(f"{heard.verdict}", "bold", _COLOURS[heard.verdict])
            print(f"{heard.percent:g} %  {verdict}  {one_line(heard.summary)}", flush=True)
        case RolloutResumed() | RolloutPlanned() | RolloutEnded():
            print(f"  {one_line(flag_in_words(heard)[1])}", flush=True)
        case _:
            return


def show_rollout(desk: Desk, rollout: Rollout, *, has_worker: bool = False) -> None:
    """Print where a rollout stands, stage by stage, and what comes next."""
    plan, colour = rollout.planned, _colour(rollout)
    head = f"{plan.flag}  {plan.variant}  {rollout_in_words(rollout)}"
    print(style(one_line(head), "bold", *((colour,) if colour else ())) + f"  ({rollout.id})")
    rows([_row(rollout, percent) for percent in plan.stages])
    if rollout.ended is not None and rollout.ended.reason:
        print(f"  {one_line(rollout.ended.reason)}")
    next_line(*_next(desk, rollout, has_worker=has_worker))


def _colour(rollout: Rollout) -> str:
    if rollout.ended is None:
        return "yellow" if rollout.is_held else ""
    return "red" if code_of(rollout) else ""


def _row(rollout: Rollout, percent: float) -> tuple[str, str, str, str]:
    stage = rollout.stage(percent)
    if stage is None:
        return f"{percent:g} %", "", "", ""
    since = f"{stage.in_force_at:%H:%M:%S}" if stage.in_force_at else "being put"
    judged = stage.judged
    if judged is None:
        verdict = "not watched" if not rollout.planned.watch else "watched"
        return f"{percent:g} %", since, verdict if rollout.ended is None else "", _who(stage)
    signed = ", signed" if stage.is_signed else ""
    return f"{percent:g} %", since, f"{judged.verdict}{signed}", judged.summary


def _who(stage: Stage) -> str:
    return confirmed_in_words(stage.act) if stage.act else ""


def _next(desk: Desk, rollout: Rollout, *, has_worker: bool) -> tuple[str, str]:
    plan, ended = rollout.planned, rollout.ended
    if rollout.back_at is not None and not (ended and ended.incident):
        return "everybody has what the definition says" if plan.target == "flag" else "it is out", ""
    if ended is not None and ended.incident:
        return f"{ended.incident} is declared", f"andon status {ended.incident}"
    if ended is not None and ended.how == "completed":
        if plan.target == "release":
            return "it is the release now", f"andon deployed {plan.variant} --verdict good"
        what = f"make {plan.variant} the default in the definition, then take the layer away"
        return what, command_of(rollout, "--back")
    if ended is not None and ended.how == "stopped":
        return f"it stays at {ended.percent:g} %; away with it", command_of(rollout, "--back")
    if ended is not None:
        return "everybody has what was before" if ended.how == "taken back" else "see who has what", (
            "" if ended.how == "taken back" else "andon flags list"
        )
    if rollout.is_held and not rollout.stages:
        return "somebody else approves it", command_of(rollout, '--resume --reason "why"')
    if rollout.is_held:
        return "look for yourself; then let it go on", command_of(rollout, '--resume --reason "what I saw"')
    if not has_worker and not holder_of(desk.worker_lock) and "://" not in desk.journal.place:
        return "no worker has it now: one goes on when you follow it", command_of(rollout, "--follow")
    return "follow it", command_of(rollout, "--follow")


def plain(desk: Desk, rollout: Rollout, *, has_worker: bool = False) -> dict[str, Any]:
    """Return a rollout for programs."""
    text, command = _next(desk, rollout, has_worker=has_worker)
    return {
        "operation": rollout.id,
        "plan": whole(rollout.planned),
        "planned_at": rollout.planned_at,
        "by": rollout.actor,
        "percent": rollout.percent,
        "state": "over" if rollout.ended else "held" if rollout.is_held else "under way",
        "stages": [whole(stage) for stage in rollout.stages],
        "ended": whole(rollout.ended) if rollout.ended else None,
        "back_at": rollout.back_at,
        "told": rollout_in_words(rollout),
        "next": {"text": text, "command": command},
    }


def _left(arguments: argparse.Namespace, rollout: Rollout) -> int:
    """Say that it goes on without the terminal."""
    told = f"interrupted; rollout {rollout.id} goes on without this terminal, and is watched"
    remedy = (
        f"{command_of(rollout, '--follow')}; {command_of(rollout, '--stop')}; {command_of(rollout, '--back')}"
    )
    if wants_json(arguments):
        problem = {"kind": "Interrupted", "message": told, "where": rollout.id, "remedy": remedy}
        print_json({"error": problem})
    print(f"{told}: {one_line(remedy)}", file=sys.stderr)
    return 130
