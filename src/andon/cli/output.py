"""The common ending of a command: the next step of the protocol for people, or all of it for programs."""

from __future__ import annotations

from andon.cli.as_json import print_json as print_json
from andon.cli.as_json import wants_json as wants_json
from andon.cli.as_json import whole as whole
from andon.cli.terminal import next_line, one_line, style
from andon.incident.next_step import next_step
from andon.incident.policy import postmortem_due
from andon.incident.timeline import durations, spoken
from andon.incident.words import Severity, Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from datetime import datetime
    from typing import Any

    from andon.incident.state import Incident

_COLOUR = {"P0": "red", "P1": "red", "P2": "yellow", "P3": "blue", "P4": "dim"}


def headline(state: Incident) -> str:
    """Return the incident in one line: id, severity, status, title."""
    severity = style(f"{state.severity} {state.severity.label}", "bold", _COLOUR[state.severity.value])
    status = style(state.status.value, "bold", "green" if state.status in _CALM else "yellow")
    return f"{style(state.id, 'bold')}  {severity}  {status}  {one_line(state.title, 200)}"


_CALM = (Status.MITIGATED, Status.RESOLVED, Status.CLOSED)


def summary(state: Incident, now: datetime) -> dict[str, Any]:
    """Return the incident for programs."""
    clocks = durations(state, now)
    step = next_step(state)
    return {
        "incident": state.id,
        "service": state.service,
        "title": state.title,
        "severity": state.severity.value,
        "status": state.status.value,
        "declared_at": state.declared.at,
        "declared_by": state.declared.actor,
        "owner": state.owner or None,
        "events": state.length,
        "chain_head": state.chain_head,
        "decision": state.decision,
        "seconds": {f: getattr(clocks, f) for f in clocks.__fields__},
        "postmortem_due": postmortem_due(state),
        "postmortem": state.published.path if state.published else None,
        "undelivered": [
            {"target": d.target, "reason": d.reason, "given_up": d.given_up}
            for n in state.notifications
            for d in n.deliveries
            if not d.delivered
        ],
        "leak": _leak(state),
        "gap": _gap(state),
        "next": {"text": step.text, "command": step.command},
    }


def _leak(state: Incident) -> dict[str, Any] | None:
    """Return how the response to a leak stands; None where nothing leaked."""
    if state.leak is None:
        return None
    marks = [c.mark for c in state.leak.unrevoked]
    return {"stage": state.leak.stage.value, "credentials": len(state.leak.credentials), "unrevoked": marks}


def _gap(state: Incident) -> dict[str, Any] | None:
    """Return what the newest search for the gap came to, and what was made of it; None where none ended."""
    if state.gap is None or state.gap.ended is None:
        return None
    ended = state.gap.ended
    made = [one for one in state.gap.prevented if one.search == ended.search]
    return {
        "search": ended.search,
        "answer": ended.answer,
        "place": list(ended.place),
        "tier": ended.tier or None,
        "prevented": [{"what": one.what, "path": one.path, "action": one.action or None} for one in made],
    }


def say_next(state: Incident, *, by_name: bool = False) -> None:
    """Print the next step; `by_name` puts the incident into its command, as several are open."""
    step = next_step(state)
    next_line(step.text, named(step.command, state.id) if by_name else step.command)


def named(command: str, incident: str) -> str:
    """Return the command, or commands, with the incident they are meant for."""
    parts = command.split("andon ")
    for number, part in enumerate(parts[1:], start=1):
        verb, blank, rest = part.partition(" ")
        parts[number] = f"{verb.rstrip(';')} -i {incident}{';' if verb.endswith(';') else ''}{blank}{rest}"
    return "andon ".join(parts)


def finish(
    arguments: argparse.Namespace, state: Incident, now: datetime, *told: str, by_name: bool = False
) -> int:
    """Print what was done and the next step, or the summary as JSON; return exit code 0."""
    if wants_json(arguments):
        print_json(summary(state, now))
        return 0
    print(headline(state))
    for line in told:
        print(f"  {one_line(line)}")
    was_named = getattr(arguments, "incident", "") or getattr(arguments, "id", "")
    say_next(state, by_name=by_name or bool(was_named))
    return 0


def clock_line(state: Incident, now: datetime) -> str:
    """Return the running clocks in one line."""
    clocks = durations(state, now)
    parts = [f"impact {spoken(clocks.of_impact)}"]
    for name, seconds in (
        ("detected after", clocks.to_detect),
        ("acknowledged after", clocks.to_acknowledge),
        ("mitigated after", clocks.to_mitigate),
        ("resolved after", clocks.to_resolve),
    ):
        if seconds is not None:
            parts.append(f"{name} {spoken(seconds)}")
    return " · ".join(parts)


def severity_of(word: str) -> Severity:
    """Return the severity called `word` (P0 or critical, any case); raises InvalidInput."""
    from andon.errors import InvalidInput

    for severity in Severity:
        if word.strip().lower() in (severity.value.lower(), severity.label):
            return severity
    raise InvalidInput(
        f"{word!r} is not a severity", rule="severity", remedy="P0 critical, P1 high, P2, P3 or P4"
    )
