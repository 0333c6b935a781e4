"""Telling at a terminal, or to a program, how an approved act goes; leaving does not stop it."""

from __future__ import annotations

import sys

from andon.cli.output import finish, print_json, summary, wants_json, whole
from andon.cli.terminal import one_line, say, style
from andon.cli.verify import show_verification
from andon.desk.telling import follow
from andon.errors import AndonError
from andon.incident.events import DeployFinished, OperationEnded, VerificationRan
from andon.incident.evolve import fold
from andon.incident.words import Outcome, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk
    from andon.incident.state import Approval

_OUTCOMES = {Outcome.SUCCEEDED: 0, Outcome.FAILED: 1, Outcome.UNKNOWN: 3}
_VERDICTS = {Verdict.PASSED: 0, Verdict.FAILED: 1, Verdict.UNKNOWN: 3}
#: Lines of a deploy tool's output that are shown when it did not succeed.
_SHOWN = 15


def follow_to_the_end(
    desk: Desk, arguments: argparse.Namespace, incident: str, approval: Approval, *, anew: bool = False
) -> int:
    """Follow an approved act until it is over, and return the exit code of how it went.

    `anew` is False for one that was approved before.
    """
    told = not wants_json(arguments)
    finished: DeployFinished | None = None
    verification: VerificationRan | None = None
    ended: OperationEnded | None = None
    if told:
        verb = "deploying" if anew else f"following the {approval.purpose} to"
        line = f"{verb} {one_line(approval.version)} (operation {approval.operation}) ..."
        print(style(line, "dim"), flush=True)
    try:
        for heard in follow(desk, incident, approval.operation):
            match heard:
                case DeployFinished():
                    finished = heard
                case VerificationRan():
                    verification = heard
                case OperationEnded():
                    ended = heard
            if told:
                _tell(desk, heard)
    except KeyboardInterrupt:
        return _left(arguments, approval)
    code = _code(finished, verification, ended)
    state = fold(desk.history(incident))
    if told:
        finish(arguments, state, desk.clock.now())
        return code
    print_json(
        {
            **summary(state, desk.clock.now()),
            "operation": approval.operation,
            "outcome": finished.outcome.value if finished else None,
            "detail": finished.detail if finished else (ended.reason if ended else ""),
            "verification": whole(verification) if verification else None,
        }
    )
    return code


def _code(
    finished: DeployFinished | None, verification: VerificationRan | None, ended: OperationEnded | None
) -> int:
    if finished is None:
        return 1  # stopped before anything was deployed
    if finished.outcome is not Outcome.SUCCEEDED or ended is None or ended.verdict is None:
        return _OUTCOMES[finished.outcome]
    return _VERDICTS[verification.verdict if verification else ended.verdict]


def _tell(desk: Desk, heard: object) -> None:
    match heard:
        case str():
            print(style(f"  {one_line(heard)}", "dim"), flush=True)
        case DeployFinished():
            show_outcome(heard.outcome, heard.detail)
            if heard.outcome is not Outcome.SUCCEEDED:
                _show_output(desk, heard)
        case VerificationRan():
            show_verification(heard)
        case OperationEnded(outcome=None):
            print(style("stopped", "bold", "red") + f"  nothing was deployed: {one_line(heard.reason)}")
        case OperationEnded(reason=reason) if reason:
            print(f"  {one_line(reason)}")


def show_outcome(outcome: Outcome, detail: str) -> None:
    """Print how a deployment ended."""
    colour = "green" if outcome is Outcome.SUCCEEDED else "red"
    print(style(f"{outcome}", "bold", colour) + f"  {one_line(detail)}", flush=True)


def _show_output(desk: Desk, finished: DeployFinished) -> None:
    """Print the end of what the deploy tool said, as it lies in the evidence."""
    if finished.evidence is None:
        return
    try:
        text = desk.evidence.get(finished.evidence).content.decode("utf-8", "replace")
    except AndonError:
        return  # it is on record that it ended so; why, the evidence would have said
    said = text.partition("\n\n")[2].strip()
    if said:
        say("\n".join(said.splitlines()[-_SHOWN:]))


def _left(arguments: argparse.Namespace, approval: Approval) -> int:
    """Say that the act goes on without the terminal."""
    told = f"interrupted; the {approval.purpose} goes on without this terminal"
    remedy = "andon status; andon rollback --resume follows it again"
    if wants_json(arguments):
        problem = {"kind": "Interrupted", "message": told, "where": approval.operation, "remedy": remedy}
        print_json({"error": problem})
    print(f"{told}: {remedy}", file=sys.stderr)
    return 130
