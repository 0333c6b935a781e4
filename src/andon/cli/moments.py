"""andon ack, mitigate, resolve, close, reopen: the separate moments of an incident."""

from __future__ import annotations

from andon.cli.output import clock_line, finish
from andon.desk.casefile import load
from andon.desk.deployments import changed_since_proof
from andon.desk.recording import record
from andon.incident import commands as c
from andon.incident.checklist import open_lines
from andon.incident.timeline import culprit_in_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk
    from andon.incident.state import Incident


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the words of the moment that `parser` is for."""
    verb = parser.prog.rpartition(" ")[2]
    parser.set_defaults(verb=verb)
    parser.add_argument("id", nargs="?", help="the incident, when several are open")
    if verb == "ack":
        parser.add_argument("--take-over", action="store_true", help="somebody hands it to you")
    elif verb == "mitigate":
        parser.add_argument("--by", default="", help="what stopped the harm (default: the decided response)")
    elif verb == "resolve":
        parser.add_argument("--cause", default="", help="what broke and why (default: the proven culprit)")
        parser.add_argument(
            "--tests-passed", action="store_true", help="all tests had passed: find out what they missed"
        )
    elif verb == "close":
        parser.add_argument("--duplicate-of", default="", metavar="ID", help="it was the same as this one")
        parser.add_argument(
            "--false-alarm", default="", metavar="REASON", help="nothing was broken, and how you know"
        )
    elif verb == "reopen":
        parser.add_argument("--reason", default="", help="what is broken again")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Record the moment."""
    wanted = arguments.id or getattr(arguments, "incident", None)
    state = load(desk, wanted, closed_too=arguments.verb == "reopen")
    command: c.Command
    match arguments.verb:
        case "ack":
            command = c.Acknowledge(take_over=arguments.take_over)
        case "mitigate":
            usual = "revoking what leaked" if state.leak is not None else "an outside change"
            by = arguments.by or _response(state) or usual
            command = c.Mitigate(by=by, changed_since=changed_since_proof(desk, state))
        case "resolve":
            command = c.Resolve(
                cause=arguments.cause or _found_cause(state),
                changed_since=changed_since_proof(desk, state),
                tests_had_passed=arguments.tests_passed,
            )
        case "close":
            original = load(desk, arguments.duplicate_of) if arguments.duplicate_of else None
            command = c.Close(
                duplicate_of=original.id if original else "",
                original=original,
                false_alarm=arguments.false_alarm,
            )
        case _:
            command = c.Reopen(reason=arguments.reason)
    state = record(desk, state, command)
    now = desk.clock.now()
    left = open_lines(state) if arguments.verb == "close" and not _is_none(state) else ()
    told = [f"left open, as a {state.severity} may: {line.item.text}: {line.summary}" for line in left]
    return finish(arguments, state, now, clock_line(state, now), *told)


def _response(state: Incident) -> str:
    """Return what stopped the harm: the decided response, a kill switch with its flag; "" for none."""
    if state.decision is None:
        return ""
    choice = state.decision.choice.value
    if choice == "kill-switch" and state.flag_acts:
        from andon.incident.flag_checks import newest_kill  # most incidents touch no flag

        act = newest_kill(state)
        return f"{choice}: {act.planned.flag}" if act is not None and act.succeeded else choice
    return choice


def _found_cause(state: Incident) -> str:
    """Return what a search proved to be the cause, for somebody who says none; "" when it proved nothing."""
    found = state.culprit
    return f"commit {culprit_in_words(found)}" if found and found.confidence == "proven" else ""


def _is_none(state: Incident) -> bool:
    """True when the incident was another one, or a false alarm."""
    return bool(state.duplicate_of or state.false_alarm)
