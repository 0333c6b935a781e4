"""Looking at the follow-up work of an incident: what is open, what is late, where it came from."""

from __future__ import annotations

from datetime import UTC

from andon.review.drafts import action_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from andon.incident.state import ActionItem


def unfinished(actions: Iterable[ActionItem]) -> tuple[ActionItem, ...]:
    """Return the open action items, earliest due date first, those without a date last."""
    left = [action for action in actions if action.state == "open"]
    return tuple(sorted(left, key=lambda a: (a.due_at is None, a.due_at or 0, a.opened_seq)))


def overdue(actions: Iterable[ActionItem], now: datetime) -> tuple[ActionItem, ...]:
    """Return the open action items whose date has passed."""
    return tuple(
        action for action in unfinished(actions) if action.due_at is not None and action.due_at < now
    )


def by_origin(actions: Iterable[ActionItem]) -> dict[str, tuple[ActionItem, ...]]:
    """Return the action items grouped by what made them: `shortcut`, `section`, `person`, ..."""
    groups: dict[str, tuple[ActionItem, ...]] = {}
    for action in actions:
        source = action.origin.partition(":")[0] or "person"
        groups[source] = (*groups.get(source, ()), action)
    return groups


def next_id(actions: Iterable[ActionItem]) -> str:
    """Return an id that no action item of the incident has: A1, A2, ..."""
    used = [int(n) for a in actions if (n := a.id.lstrip("A-")).isdecimal()]
    return f"A{max(used, default=0) + 1}"


def standing(action: ActionItem, now: datetime) -> str:
    """Return where an action item stands, in words: done, dropped, open, overdue since a day."""
    if action.state != "open" or action.due_at is None:
        return action.state
    day = f"{action.due_at.astimezone(UTC):%Y-%m-%d}"
    return f"overdue since {day}" if action.due_at < now else f"open, due {day}"


def plain_rows(actions: Iterable[ActionItem], now: datetime) -> tuple[tuple[str, ...], ...]:
    """Return id, standing, owner, origin and title of each action item, for a table."""
    return tuple((a.id, standing(a, now), a.owner or "nobody", a.origin, a.title) for a in actions)


def to_markdown(actions: Iterable[ActionItem]) -> str:
    """Return a checkbox list."""
    return "".join(f"{action_line(action)}\n" for action in actions)
