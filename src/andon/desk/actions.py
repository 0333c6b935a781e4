"""Follow-up work: opened, handed on, finished or dropped, each with a name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from andon.desk.declare import read_moment
from andon.desk.recording import record
from andon.desk.redacting import redacted
from andon.errors import InvalidInput
from andon.incident import commands as c
from andon.incident.learning import find_action
from andon.incident.signing import kind_of_work
from andon.review.actions import next_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk
    from andon.incident.state import Incident


#: Every kind of follow-up work; the checks on tests and monitoring look for theirs.
KINDS = ("tests", "cleanup", "memory", "verification", "regressions", "monitoring", "other")

_OTHER_NAMES = {
    **dict.fromkeys(("test", "testing"), "tests"),
    **dict.fromkeys(("clean", "clean-up", "refactor", "refactoring"), "cleanup"),
    **dict.fromkeys(("memories", "knowledge", "solution", "solutions"), "memory"),
    **dict.fromkeys(("verify", "verifications", "smoke"), "verification"),
    "regression": "regressions",
    **dict.fromkeys(("monitor", "monitors", "alert", "alerts", "alerting", "alarm", "alarms"), "monitoring"),
    **dict.fromkeys(("dashboard", "dashboards"), "monitoring"),
    **dict.fromkeys(("doc", "docs", "documentation", "misc"), "other"),
}


def add(
    desk: Desk,
    state: Incident,
    *,
    title: str,
    owner: str = "",
    due: str = "",
    origin: str = "",
    kind: str = "",
) -> tuple[Incident, str]:
    """Open an action item and return the new state with its id; owner is the actor when nobody is named.

    Raises InvalidInput for a due date that is none and for a kind of work that is not among KINDS.
    """
    words = " ".join(redacted(desk, title).split())
    command = c.OpenAction(
        action=next_id(state.actions),
        title=words,
        origin=origin or "person",
        owner=owner or desk.actor,
        due_at=_due(desk, due),
        kind=_kind(kind) or kind_of_work(words),
    )
    state = record(desk, state, command)
    return state, state.actions[-1].id  # another one when somebody else was faster


def finish(desk: Desk, state: Incident, action: str, proof: str) -> Incident:
    """Record that the work is done, with where that can be seen."""
    return record(desk, state, c.FinishAction(action=action, proof=redacted(desk, proof)))


def drop(desk: Desk, state: Incident, action: str, reason: str) -> Incident:
    """Record that nobody will do it, with the reason."""
    return record(desk, state, c.DropAction(action=action, reason=redacted(desk, reason)))


def assign(desk: Desk, state: Incident, action: str, owner: str = "", due: str = "") -> Incident:
    """Hand an action item on, or move its day."""
    known = find_action(state, action)
    if not owner and not due:
        raise InvalidInput(
            f"{known.id} needs an owner or a date",
            where=state.id,
            rule="action-item",
            remedy=f"andon actions assign {known.id} --owner NAME --due YYYY-MM-DD",
        )
    due_at = _due(desk, due) if due or known.due_at is None else known.due_at
    command = c.AssignAction(action=known.id, owner=owner or known.owner or desk.actor, due_at=due_at)
    return record(desk, state, command)


def _kind(given: str) -> str:
    """Return the kind of work that is meant, "" when none is given."""
    word = given.strip().lower()
    kind = _OTHER_NAMES.get(word, word)
    if kind and kind not in KINDS:
        raise InvalidInput(
            f"{given[:40]!r} is no kind of work",
            rule="action-item",
            remedy=f"--kind with one of {', '.join(KINDS)}; without it, the words of the title decide",
        )
    return kind


def _due(desk: Desk, text: str) -> datetime:
    """Return when the work is due: a day, a moment, `5d`, `2w`, or the configured number of days from now."""
    now = desk.clock.now()
    words = text.strip().lower()
    if not words:
        return now + timedelta(days=desk.config.review.action_days)
    number, unit = words[:-1], words[-1]
    if number.isdecimal() and len(number) < 5 and unit in "dw":
        return now + timedelta(days=int(number) * (7 if unit == "w" else 1))
    try:
        if len(words) == 10:
            return datetime.fromisoformat(words).replace(hour=23, minute=59, tzinfo=UTC)
        if len(words) > 10:
            return read_moment(text.strip(), now, to_come=True)
    except (ValueError, InvalidInput):
        pass
    raise InvalidInput(
        f"{text!r} is no date", rule="action-item", remedy="--due 2026-05-01, --due 5d or --due 2w"
    )
