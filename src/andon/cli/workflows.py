"""andon workflows: what is being carried out, by whom, how far; cancel it, or take it up again."""

from __future__ import annotations

from datetime import UTC, datetime

from andon.cli.followed import follow_to_the_end
from andon.cli.output import finish, print_json, wants_json
from andon.cli.terminal import next_line, one_line, rows
from andon.desk.casefile import all_incidents
from andon.desk.operation import holder_of
from andon.desk.recording import record
from andon.errors import NotFound, Refused
from andon.incident.commands import EndOperation
from andon.incident.events import OperationEnded
from andon.incident.timeline import spoken

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from andon.incident.state import Approval, Incident
    from andon.wiring.desk import WiredDesk
    from andon.workflows.engine import Task

#: Acts that are over and still shown.
_SHOWN = 10


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    verbs = parser.add_subparsers(dest="verb", metavar="list | show | cancel | resume")
    verbs.add_parser("list", help="what is carried out, by whom, how far (default)")
    for verb, told in (
        ("show", "one act with its steps"),
        ("cancel", "stop an act that has not begun to deploy, or stop looking after one that has"),
        ("resume", "see an act to its end; a worker is started when there is none"),
    ):
        words = verbs.add_parser(verb, help=told)
        words.add_argument("operation", help="its id, as the list and the timeline show it")
        if verb == "cancel":
            words.add_argument("--reason", "-r", default="", help="why")


def run(desk: WiredDesk, arguments: argparse.Namespace) -> int:
    """Do the form of the command that was asked for."""
    match arguments.verb:
        case "cancel":
            return _cancel(desk, arguments)
        case "resume":
            return _resume(desk, arguments)
        case "show":
            state, approval = _find(desk, arguments.operation)
            return _show(desk, arguments, [(state, approval)])
        case _:
            found = [(state, a) for state in all_incidents(desk) for a in state.approvals]
            waiting = [(s, a) for s, a in found if a.ended is None]
            over = [(s, a) for s, a in found if a.ended is not None]
            return _show(desk, arguments, [*over[-_SHOWN:], *waiting])


def _find(desk: WiredDesk, operation: str) -> tuple[Incident, Approval]:
    for state in all_incidents(desk):
        approval = state.approval(operation)
        if approval is not None:
            return state, approval
    raise NotFound(
        f"no act is called {operation!r}",
        where=desk.config.service,
        rule="operation",
        remedy="andon workflows",
    )


def _show(desk: WiredDesk, arguments: argparse.Namespace, found: list[tuple[Incident, Approval]]) -> int:
    is_needed = arguments.verb == "show" or any(a.ended is None for _, a in found) or _spreads(desk)
    tasks = _tasks(desk) if is_needed else ()
    holder = holder_of(desk.worker_lock)
    lines = [_plain(state, approval, _task(tasks, approval.operation), holder) for state, approval in found]
    timers = [] if arguments.verb == "show" else _timers(desk)
    spreading = [] if arguments.verb == "show" else _rollouts(desk, tasks, holder)
    if wants_json(arguments):
        worker = int(holder) if holder.isdigit() else None
        print_json({"worker": worker, "workflows": lines, "rollouts": spreading, "timers": timers})
        return 0
    now = desk.clock.now()
    rows((r["state"], r["operation"], f"{r['flag']}: {r['variant']}", r["told"]) for r in spreading)
    rows(
        (
            line["state"],
            line["operation"],
            f"{line['purpose']} to {line['version']}",
            f"{line['step']} since {spoken((now - line['since']).total_seconds())}"
            if line["state"] != "over"
            else str(line["how"]),
            line["worker"] or "",
        )
        for line in lines
    )
    rows(("waiting", timer["for"], timer["incident"], _when(timer["due"], now)) for timer in timers)
    waiting = [line for line in lines if line["state"] != "over"]
    if spreading and not waiting:
        next_line("follow it", f"{spreading[-1]['command']} --follow")
    elif not lines:
        next_line("nothing was ever approved here", "andon status")
    elif waiting and not waiting[-1]["worker"]:
        next_line("nobody works on it; take it up", f"andon workflows resume {waiting[-1]['operation']}")
    elif waiting:
        next_line("follow it", f"andon workflows resume {waiting[-1]['operation']}")
    else:
        next_line("nothing is under way", "andon status")
    return 0


def _spreads(desk: WiredDesk) -> bool:
    from andon.desk.flags.rollouts import rollouts

    return any(known.ended is None for known in rollouts(desk))


def _rollouts(desk: WiredDesk, tasks: tuple[Task, ...], holder: str) -> list[dict[str, Any]]:
    """Return the rollouts that are not over, with who works on them."""
    from andon.desk.flags.rollouts import rollouts
    from andon.desk.flags.targets import command_of
    from andon.incident.rollout_state import rollout_in_words
    from andon.workflows.flag_rollouts import task_of

    found = []
    for known in (r for r in rollouts(desk) if r.ended is None):
        task = next((t for t in reversed(tasks) if t.id.partition("~")[0] == task_of(known)), None)
        worker = (task.worker if task else "") or (f"process {holder}" if holder else "")
        found.append(
            {
                "operation": known.id,
                "target": known.planned.target,
                "flag": known.planned.flag,
                "variant": known.planned.variant,
                "percent": known.percent,
                "state": "held" if known.is_held else "running" if worker else "waiting",
                "last_step": task.step if task else "",
                "worker": None if known.is_held else worker or None,
                "told": rollout_in_words(known),
                "command": command_of(known),
            }
        )
    return found


def _timers(desk: WiredDesk) -> list[dict[str, Any]]:
    """Return the messages that are not delivered and the deadlines not met, with when they are due."""
    from andon.workflows.flag_rollouts import NAME as ROLLOUT
    from andon.workflows.rollback import NAME
    from andon.workflows.upcoming import upcoming

    return [
        {
            "for": f"{one.name} to {one.arguments['target']}" if "target" in one.arguments else one.name,
            "incident": one.arguments.get("incident", ""),
            "due": one.due,
        }
        for one in upcoming(desk, with_messages=True)
        if one.name not in (NAME, ROLLOUT)
    ]


def _when(due: datetime | None, now: datetime) -> str:
    if due is None or due <= now:
        return "due now"
    return f"in {spoken((due - now).total_seconds())}"


def _tasks(desk: WiredDesk) -> tuple[Task, ...]:
    """Return what the engine knows; nothing where it cannot be asked: the journal knows the rest."""
    from andon.errors import AndonError
    from andon.workflows.dbos_engine import EngineView, engine_url

    try:
        view = EngineView(engine_url(desk.place, desk.config.service))
        try:
            return view.tasks()
        finally:
            view.close()
    except AndonError:
        return ()


def _task(tasks: tuple[Task, ...], operation: str) -> Task | None:
    named = [t for t in tasks if t.id.partition(":")[2].partition("~")[0] == operation]
    return named[-1] if named else None


def _plain(state: Incident, approval: Approval, task: Task | None, holder: str) -> dict[str, Any]:
    """Return one act for programs: the journal's facts with what the engine adds."""
    act = state.operation(approval.operation)
    since = act.started_at if act else approval.mark.at
    ended = approval.ended
    worker = (task.worker if task else "") or (f"process {holder}" if holder else "")
    return {
        "operation": approval.operation,
        "incident": state.id,
        "purpose": approval.purpose,
        "from_version": approval.from_version,
        "version": approval.version,
        "approved_by": approval.mark.actor,
        "approved_at": approval.mark.at,
        "state": "over" if ended else (task.state if task else "waiting"),
        "step": _step(state, approval),
        "last_step": task.step if task else "",
        "since": since,
        "worker": None if ended else worker or None,
        "began": datetime.fromtimestamp(task.began, UTC) if task and task.began else None,
        "how": _how(ended) if ended else None,
    }


def _step(state: Incident, approval: Approval) -> str:
    """Return how far the act got, by what is recorded."""
    act = state.operation(approval.operation)
    if approval.ended is not None:
        return "over"
    if act is None:
        return "re-check"
    if act.outcome is None:
        return "deploy"
    return "verify" if approval.verify else "end"


def _how(ended: OperationEnded) -> str:
    if ended.outcome is None:
        return f"stopped: {one_line(ended.reason)}"
    seen = f", verification {ended.verdict}" if ended.verdict else ""
    return f"{ended.outcome}{seen}" + (f": {one_line(ended.reason)}" if ended.reason else "")


def _cancel(desk: WiredDesk, arguments: argparse.Namespace) -> int:
    state, approval = _find(desk, arguments.operation)
    act = state.operation(approval.operation)
    why = f": {arguments.reason}" if arguments.reason.strip() else ""
    ended = OperationEnded(
        operation=approval.operation,
        outcome=act.outcome if act else None,
        reason=f"cancelled by {desk.actor}{why}",
    )
    state = record(desk, state, EndOperation(ended=ended))
    return finish(arguments, state, desk.clock.now(), f"{approval.operation} is cancelled")


def _resume(desk: WiredDesk, arguments: argparse.Namespace) -> int:
    state, approval = _find(desk, arguments.operation)
    if approval.ended is not None:
        raise Refused(
            f"{approval.operation} is over: {_how(approval.ended)}",
            where=state.id,
            rule="resume",
            remedy="andon rollback plans a new one",
        )
    return follow_to_the_end(desk, arguments, state.id, approval)
