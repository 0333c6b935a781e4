"""Deciding on a kill switch with the command that carries it out: at 3 a.m. one command must do.

The rule table recommends and whoever has the authority decides, as in `andon decide kill-switch`.
"""

from __future__ import annotations

from shlex import quote

from andon.desk.decide import decide_on, recommendation
from andon.errors import Refused
from andon.incident.words import Choice
from andon.response.choice import Recommendation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk
    from andon.incident.state import Incident

#: Not in the rule table: nothing is assessed yet, so that the table has nothing to say.
NAMED = "flag-named"


def decide_kill(desk: Desk, state: Incident, key: str, reason: str) -> Incident:
    """Record the decision for a kill switch, unless it stands; return the incident after it.

    Raises Refused when it is not the actor's to make, and without a reason when another response is decided
    or the table recommends another one.
    """
    decided = state.decision.choice if state.decision is not None else None
    if decided is Choice.KILL_SWITCH:
        return state
    if state.assessment is not None:
        recommended = recommendation(desk, state)
    else:
        recommended = Recommendation(
            choice=Choice.KILL_SWITCH,
            rule=NAMED,
            because="somebody names the flag, and turning it off is the smallest step there is",
            facts=(),
            flag=key,
        )
    other = decided or recommended.choice
    if other is not Choice.KILL_SWITCH and not reason.strip():
        told = f"decided is {other}" if decided else f"rule {recommended.rule} recommends {other}"
        raise Refused(
            f"{told}; killing {key} instead needs a reason",
            where=state.id,
            rule="overrule",
            remedy=f'andon flags kill {quote(key)} --reason "why"',
        )
    return decide_on(desk, state, recommended, Choice.KILL_SWITCH, reason)
