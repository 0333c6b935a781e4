"""How a hotfix stands: checked, in production, not yet on the main line."""

from __future__ import annotations

from andon.incident.words import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.incident.events import HotfixChecked, HotfixMerged
    from andon.incident.state import Incident, Operation


def last_check(state: Incident, commit: str = "") -> HotfixChecked | None:
    """Return what the guard said last, of any commit or of this one; None when it was not asked."""
    return next((k for k in reversed(state.hotfix_checks) if not commit or k.commit == commit), None)


def in_production(state: Incident) -> Operation | None:
    """Return the act that put a hotfix into production and was not taken back since; None for none.

    Taking it back may have been undone: then it is in production again.
    """
    done = [act for act in state.operations if act.outcome is Outcome.SUCCEEDED]
    if not done or done[-1].purpose == "hotfix":
        return done[-1] if done else None
    if done[-1].purpose != "undo":
        return None
    again = (act for act in reversed(done) if act.version == done[-1].version and act.purpose == "hotfix")
    return next(again, None)


def merged_home(state: Incident) -> HotfixMerged | None:
    """Return how the hotfix in production came to the main line; None when that is not known of this one."""
    act, merged, plan = in_production(state), state.hotfix_merged, state.hotfix_plan
    if act is None or merged is None:
        return None
    if plan is not None and plan.operation == act.id:
        return merged if merged.commit == plan.commit else None
    return merged if act.seq < state.marks["HotfixMerged"].seq else None


def owes_merge(state: Incident) -> bool:
    """True when a hotfix of ours is in production, and not known to be on the main line: it will be lost."""
    act = in_production(state)
    if act is None or merged_home(state) is not None:
        return False
    if state.hotfix_owed is not None:
        return True
    return state.hotfix is not None and act.seq > state.marks["HotfixStarted"].seq


def unmerged_in_words(state: Incident) -> str:
    """Return what is wrong with a hotfix that only production has; "" when nothing is."""
    act = in_production(state)
    if act is None or not owes_merge(state):
        return ""
    return f"hotfix {act.version} is in production and not on the main line: the next release loses it"
