"""What a worker finds in the journal to see to: approved acts, rollouts, messages, deadlines, audits."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from andon.desk.audit_reminder import next_reminder
from andon.desk.casefile import open_incidents
from andon.desk.delivery import recently_closed
from andon.desk.flags.rollouts import rollouts
from andon.incident.policy import postmortem_due
from andon.record import Record
from andon.workflows import deadlines, flag_rollouts, messages, rollback, secret_audits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from andon.desk.ports import Desk
    from andon.incident.state import Incident


class Upcoming(Record):
    """A workflow that there ought to be."""

    #: The id under which it is started; the same for whoever finds it.
    task: str
    #: Name of its body.
    name: str
    arguments: Mapping[str, str]
    #: When its next step is due; None: now. What is due later than soon does not keep a lone worker.
    due: datetime | None = None


def upcoming(desk: Desk, *, with_messages: bool) -> tuple[Upcoming, ...]:
    """Return what is not over; without messages and deadlines where somebody else tells people."""
    found = [*open_incidents(desk)]
    work = [one for state in found for one in _acts(state)]
    work += _rollouts(desk)
    if with_messages:
        work += [one for state in (*found, *recently_closed(desk)) for one in _messages(state)]
        work += [one for state in found for one in _deadlines(state)]
        work += _secret_audit(desk)
    return tuple(work)


def _rollouts(desk: Desk) -> Iterator[Upcoming]:
    """Yield the rollouts that are neither over nor held: also one that sleeps until its stage's time."""
    for rollout in rollouts(desk):
        if rollout.is_under_way:
            yield Upcoming(
                task=flag_rollouts.task_of(rollout),
                name=flag_rollouts.NAME,
                arguments={"operation": rollout.id},
            )


def _secret_audit(desk: Desk) -> Iterator[Upcoming]:
    due = next_reminder(desk)
    if due is not None:
        yield Upcoming(
            task=f"{secret_audits.NAME}:{desk.config.service}:{due:%Y%m%dT%H%M%S%f}",
            name=secret_audits.NAME,
            arguments={"due": due.isoformat()},
            due=due,
        )


def _acts(state: Incident) -> Iterator[Upcoming]:
    for approval in state.approvals:
        if approval.ended is None:
            yield Upcoming(
                task=rollback.task_of(approval.operation),
                name=rollback.NAME,
                arguments={"incident": state.id, "operation": approval.operation},
            )


def _messages(state: Incident) -> Iterator[Upcoming]:
    for notification in state.notifications:
        for delivery in notification.pending:
            named = f"{state.id}/{notification.request}/{delivery.target}"
            yield Upcoming(
                task=f"{messages.NAME}:{sha256(named.encode('utf-8', 'backslashreplace')).hexdigest()[:32]}",
                name=messages.NAME,
                arguments={
                    "incident": state.id,
                    "request": notification.request,
                    "target": delivery.target,
                },
                due=delivery.retry_at,
            )


def _deadlines(state: Incident) -> Iterator[Upcoming]:
    due = postmortem_due(state)
    if state.mitigated is not None and due is not None and state.published is None:
        name = deadlines.reminder_of(state)
        if not any(n.request == name for n in state.notifications):
            yield Upcoming(
                task=f"{deadlines.NAME}:{name}",
                name=deadlines.NAME,
                arguments={"incident": state.id},
                due=due,
            )
