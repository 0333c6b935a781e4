"""andon status: where the incident stands and what now."""

from __future__ import annotations

from andon.cli.output import clock_line, headline, named, print_json, say_next, summary, wants_json, whole
from andon.cli.terminal import next_line, one_line, rows, style
from andon.desk.audit_due import audit_is_due, last_audit
from andon.desk.blocked import blocked_back
from andon.desk.casefile import all_incidents, load, open_incidents, service_stream
from andon.desk.operation import held, holder_of
from andon.incident.checklist import Standing, checklist
from andon.incident.gap_state import gap_in_short
from andon.incident.hotfix_state import unmerged_in_words
from andon.incident.next_step import next_step
from andon.incident.policy import postmortem_due, postmortem_is_late
from andon.incident.timeline import spoken

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from datetime import datetime
    from typing import Any

    from andon.desk.flags.attention import OnItsWay
    from andon.desk.ports import Desk
    from andon.incident.checklist import Line
    from andon.incident.state import Incident

_SIGNS = {
    Standing.PASSED: "ok",
    Standing.SIGNED: "signed",
    Standing.SKIPPED: "skipped",
    Standing.OPEN: "open",
    Standing.FAILED: "FAILED",
    Standing.NOT_APPLICABLE: "-",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument("id", nargs="?", help="the incident, when several are open")
    parser.add_argument("--checklist", "-c", action="store_true", help="every item of the protocol")
    parser.add_argument("--all", action="store_true", help="closed incidents too")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Print one incident, or the list when several are open, or that nothing burns."""
    wanted = arguments.id or getattr(arguments, "incident", None)
    now = desk.clock.now()
    if arguments.all:
        return _list(desk, arguments, all_incidents(desk), now)
    if wanted:
        return _one(desk, arguments, load(desk, wanted), now)
    found = open_incidents(desk)
    if len(found) == 1:
        return _one(desk, arguments, found[0], now)
    if found:
        return _list(desk, arguments, found, now)
    return _calm(desk, arguments)


def _calm(desk: Desk, arguments: argparse.Namespace) -> int:
    spread = _spread(desk)
    if wants_json(arguments):
        print_json(
            {
                "service": desk.config.service,
                "open": [],
                "blocked_release_is_back": blocked_back(desk),
                "rollouts": [whole(one) for one in spread],
            }
        )
        return 0
    print(f"{one_line(desk.config.service)}: no incident is open")
    _warn_of_blocked(desk)
    _tell_of_rollouts(spread)
    last = last_audit(desk)
    if last is not None and audit_is_due(desk, last):
        print(f"  secret files were audited last on {last:%Y-%m-%d}: andon secrets audit")
    waiting = next((one for one in spread if one.state != "under way"), None)
    if waiting is not None:
        next_line("look for yourself, then let it go on", waiting.command)
    elif not desk.config.path:
        next_line("tell Andon about this service", "andon init")
    else:
        next_line("nothing; if something breaks", 'andon declare "what is broken"')
    return 0


def _list(desk: Desk, arguments: argparse.Namespace, found: tuple[Incident, ...], now: datetime) -> int:
    if wants_json(arguments):
        listed = [summary(state, now) for state in found]
        spread = [whole(one) for one in _spread(desk)]
        print_json({"open": listed, "blocked_release_is_back": blocked_back(desk), "rollouts": spread})
        return 0
    _warn_of_blocked(desk)
    _tell_of_rollouts(_spread(desk))
    for state in found:
        print(headline(state))
        step = next_step(state)
        print(style(f"  {clock_line(state, now)}", "dim"))
        print(f"  {one_line(step.text)}" + (f"  ->  {named(step.command, state.id)}" if step.command else ""))
    if found:
        next_line("look at one", f"andon status {found[-1].id}")
    else:
        next_line("none yet", 'andon declare "what is broken"')
    return 0


def _one(desk: Desk, arguments: argparse.Namespace, state: Incident, now: datetime) -> int:
    if postmortem_is_late(state, now) or any(n.pending for n in state.notifications):
        _see_to_messages(desk, state, now)
    worker = _see_to_acts(desk, state)
    lines = checklist(state)
    if wants_json(arguments):
        listed = [_plain(line) for line in lines]
        print_json(
            {
                **summary(state, now),
                "checklist": listed,
                "blocked_release_is_back": blocked_back(desk),
                "rollouts": [whole(one) for one in _spread(desk)],
            }
        )
        return 0
    print(headline(state))
    print(style(f"  {clock_line(state, now)}", "dim"))
    _warn_of_blocked(desk)
    _tell_of_rollouts(_spread(desk))
    for line in (*_facts(state, now), *worker):
        print(f"  {one_line(line, 400)}")
    _print_checklist(lines, whole=arguments.checklist)
    running = state.running_operation
    if running is not None and held(running.id):
        next_line("the deployment is under way and verifies itself; wait for it", "andon status")
    else:
        say_next(state, by_name=bool(arguments.id or getattr(arguments, "incident", "")))
    return 0


def _warn_of_blocked(desk: Desk) -> None:
    text = blocked_back(desk)
    if text:
        print(style(f"  BLOCKED RELEASE IS BACK: {one_line(text, 400)}", "bold", "red"))


def _spread(desk: Desk) -> tuple[OnItsWay, ...]:
    """Return the rollouts that are not over; most services have none, and load nothing for them."""
    if not any(desk.journal.read_types(service_stream(desk), ("RolloutPlanned",))):
        return ()
    from andon.desk.flags.attention import on_their_way

    return on_their_way(desk)


def _tell_of_rollouts(spread: tuple[OnItsWay, ...]) -> None:
    """Say what is being given to more and more of everybody, and what waits for somebody."""
    for one in spread:
        colours = ("yellow",) if one.state != "under way" else ("dim",)
        print(style(f"  {one_line(one.text, 300)}  ->  {one_line(one.command)}", *colours))


def _see_to_acts(desk: Desk, state: Incident) -> tuple[str, ...]:
    """Say who carries out what is approved; whoever looks also starts a worker where the last one died."""
    approval = state.pending_approval
    if approval is None:
        return ()
    what = f"{approval.purpose} to {approval.version}, approved by {approval.mark.actor}"
    holder = holder_of(desk.worker_lock)
    if holder:
        return (f"{what}: process {holder} carries it out",)
    if desk.start_worker():
        return (f"{what}: nobody was at it any more; a worker is started",)
    return (f"{what}: waits for a worker: andon worker",)


def _see_to_messages(desk: Desk, state: Incident, now: datetime) -> None:
    """Nothing runs in the background all day, so whoever looks also sets late messages going."""
    from andon.desk.delivery import remind_of_late_postmortems
    from andon.desk.recording import delivery_is_due

    if remind_of_late_postmortems(desk) or delivery_is_due(state, now):
        desk.nudge()


def _facts(state: Incident, now: datetime) -> list[str]:
    facts = [f"declared by {state.declared.actor}"]
    if state.owner:
        facts[0] += f", owned by {state.owner}"
    if state.decision:
        why = f", because {state.decision.reason}" if state.decision.reason else ""
        facts.append(f"decided: {state.decision.choice} by rule {state.decision.rule}{why}")
    if state.leak is not None:
        total = len(state.leak.credentials)
        dead = total - len(state.leak.unrevoked)
        facts.append(f"leak: {dead} of {total} revoked, stage {state.leak.stage}: andon leak")
    running = state.running_operation
    if running is not None and held(running.id):
        facts.append(f"{running.purpose} to {running.version} is under way (process {held(running.id)})")
    facts += _flags(state)
    if state.gap is not None and (told := gap_in_short(state.gap)):
        facts.append(told)
    if unmerged := unmerged_in_words(state):
        facts.append(f"{unmerged}: andon hotfix finish")
    due = postmortem_due(state)
    if due is not None and state.published is None:
        if postmortem_is_late(state, now):
            facts.append(f"POSTMORTEM LATE by {spoken((now - due).total_seconds())}")
        else:
            facts.append(f"postmortem due {due:%Y-%m-%d %H:%M UTC}")
    for notification in state.notifications:
        for delivery in notification.deliveries:
            if not delivery.delivered and delivery.attempts:
                how = "given up" if delivery.given_up else "will be tried again"
                facts.append(f"could not tell {delivery.target}: {delivery.reason} ({how})")
    waiting = sum(len(n.pending) for n in state.notifications)
    if waiting:
        facts.append(f"{waiting} message(s) on their way: andon notify")
    return facts


def _flags(state: Incident) -> list[str]:
    """Say of each flag that this incident killed whether it still is, and who has it."""
    if not state.flag_acts:
        return []
    from andon.incident.flag_state import confirmed_in_words, kills_in_force  # most incidents touch no flag

    told = []
    for flag in dict.fromkeys(act.planned.flag for act in state.flag_acts):
        acts = [act for act in state.flag_acts if act.planned.flag == flag]
        kills = kills_in_force(state.flag_acts, flag)
        if kills and kills[-1].ended is not None:
            who = confirmed_in_words(kills[-1].ended)
            told.append(f"flag {flag}: killed, everybody gets {kills[-1].planned.variant}; {who}")
        elif not acts[-1].is_over:
            told.append(f"flag {flag}: how {acts[-1].planned.purpose} {acts[-1].id} ended is not known")
        elif acts[-1].succeeded:
            told.append(f"flag {flag}: given back by {acts[-1].planned.purpose} {acts[-1].id}")
    return told


def _print_checklist(lines: tuple[Line, ...], *, whole: bool) -> None:
    needed = tuple(line for line in lines if line.standing is not Standing.NOT_APPLICABLE)
    settled = sum(1 for line in needed if line.standing.settled)
    if not lines:
        print("  the protocol has no checklist: andon protocol lint")
        return
    shown = needed if whole else tuple(line for line in needed if line.standing is Standing.FAILED)
    table = []
    for line in shown:
        word = _SIGNS[line.standing]
        proof = f"  #{','.join(str(p) for p in line.proof)}" if line.proof else ""
        by = f" ({line.by})" if line.by else ""
        table.append((word, line.item.key, f"{line.item.text}: {line.summary}{by}{proof}"))
    rows(table)
    if whole and len(needed) < len(lines):
        print(style(f"  {len(lines) - len(needed)} more belong to responses that were not chosen", "dim"))
    print(style(f"  {settled} of {len(needed)} items settled" + ("" if whole else "  (--checklist)"), "dim"))


def _plain(line: Line) -> dict[str, Any]:
    return {
        "item": line.item.key,
        "text": line.item.text,
        "check": line.item.check,
        "phase": line.item.phase,
        "standing": line.standing.value,
        "summary": line.summary,
        "proof": list(line.proof),
        "by": line.by,
    }
