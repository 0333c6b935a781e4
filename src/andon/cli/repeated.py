"""What a command answers that was given before under the same --command-id: it happened once."""

from __future__ import annotations

from andon.cli.output import finish, print_json, summary, wants_json, whole
from andon.cli.terminal import next_line
from andon.incident.codec import type_of
from andon.incident.events import (
    DeployFinished,
    IncidentDeclared,
    OperationApproved,
    OperationEnded,
    SuiteRan,
    VerificationRan,
)
from andon.incident.evolve import fold
from andon.incident.words import Outcome, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from andon.desk.ports import Desk
    from andon.desk.values import Appended
    from andon.incident.recorded import Recorded

_TOLD = "recorded already, under the same command id; nothing was done again"


def answer(desk: Desk, arguments: argparse.Namespace, first: Appended) -> int:
    """Tell what the command recorded then and where that stands now; return the exit code of then."""
    stream = first.recorded[0].stream
    history = desk.history(stream)
    own = tuple(r for r in history if r.command.partition("/")[0] in _names(desk, history))
    told = [{"type": type_of(r.event), **whole(r.event)} for r in own]
    code = _code(own)
    if not isinstance(history[0].event, IncidentDeclared):
        return _of_service(desk, arguments, told, code)
    state, now = fold(history), desk.clock.now()
    if wants_json(arguments):
        print_json({**summary(state, now), "repeated": True, "recorded": told})
    else:
        finish(arguments, state, now, _TOLD)
    return code


def _names(desk: Desk, history: tuple[Recorded, ...]) -> set[str]:
    """Return what the ids of the command's events begin with: its own, and those of the acts it approved."""
    approved = (
        r.event.operation
        for r in history
        if isinstance(r.event, OperationApproved) and r.command.partition("/")[0] == desk.command
    )
    return {desk.command, *approved}


def _of_service(desk: Desk, arguments: argparse.Namespace, told: list[dict[str, Any]], code: int) -> int:
    if wants_json(arguments):
        print_json({"service": desk.config.service, "repeated": True, "recorded": told})
    else:
        next_line(_TOLD, "andon status")
    return code


def _code(recorded: tuple[Recorded, ...]) -> int:
    """Return the exit code that goes with the last act or verification; 3 while an act is not over."""
    code = 0
    for one in recorded:
        match one.event:
            case OperationApproved():
                code = 3
            case OperationEnded(outcome=None):
                code = 1
            case VerificationRan(verdict=verdict) | SuiteRan(verdict=verdict):
                code = {Verdict.PASSED: 0, Verdict.FAILED: 1, Verdict.UNKNOWN: 3}[verdict]
            case DeployFinished(outcome=outcome):
                code = {Outcome.SUCCEEDED: 0, Outcome.FAILED: 1, Outcome.UNKNOWN: 3}[outcome]
    return code
