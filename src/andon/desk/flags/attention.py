"""The rollouts that are not over, for whoever looks at the service; and telling people of a held one."""

from __future__ import annotations

from andon.desk.flags.rollouts import rollout_of, rollouts
from andon.desk.flags.targets import command_of
from andon.desk.operation import holder_of
from andon.desk.redacting import redacted
from andon.desk.values import DeliveryFailed, Message
from andon.incident.rollout_state import rollout_in_words
from andon.incident.words import Occasion, Severity
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.desk.ports import Desk
    from andon.incident.rollout_state import Rollout


class OnItsWay(Record):
    """A rollout that is not over."""

    operation: str
    flag: str
    #: `held`, `under way`, or `stands still` where nobody works on it.
    state: str
    text: str
    command: str


def on_their_way(desk: Desk) -> tuple[OnItsWay, ...]:
    """Return the rollouts that are not over, those that wait for somebody first."""
    found = [_seen(desk, rollout) for rollout in rollouts(desk) if rollout.ended is None]
    return tuple(sorted(found, key=lambda one: one.state == "under way"))


def _seen(desk: Desk, rollout: Rollout) -> OnItsWay:
    plan = rollout.planned
    what = f"rollout of {plan.flag} ({plan.variant}): {rollout_in_words(rollout)}"
    state, command = "under way", command_of(rollout, "--follow")
    if rollout.is_held:
        state, command = "held", command_of(rollout, '--resume --reason "what you saw"')
    elif not holder_of(desk.worker_lock) and "://" not in desk.journal.place:
        state = "stands still"
        what = f"{what}; STANDS STILL: no worker has it"
    return OnItsWay(operation=rollout.id, flag=plan.flag, state=state, text=what, command=command)


def tell_held(desk: Desk, operation: str, targets: Sequence[str] | None = None) -> list[str]:
    """Tell stakeholders that a rollout waits for somebody; return those who could not be told.

    Everybody of the mildest severity that has anybody, or `targets` of them; nobody when it is not held.
    """
    rollout = rollout_of(desk, operation)
    severity = next((s for s in reversed(Severity) if desk.targets(s.value)), None)
    if not rollout.is_held or not rollout.stages or severity is None:
        return []
    seen = _seen(desk, rollout)
    judged = rollout.stages[-1].judged
    why = judged.summary if judged is not None else "nobody knows enough of its stage"
    message = Message(
        title=f"{desk.config.service}: the rollout of {seen.flag} is held at {rollout.percent:g} %",
        body=redacted(desk, f"{why}. It stays there until somebody looks: {seen.command}"),
        occasion=Occasion.MESSAGE.value,
        severity=severity,
        incident="",
    )
    left = []
    for target, address in desk.addresses(severity.value).items():
        if targets is not None and target not in targets:
            continue
        try:
            if not address:  # its variable is not set here
                continue
            desk.notifier.send(address, message)
        except DeliveryFailed as problem:
            if not problem.permanent:
                left.append(target)
    return left
