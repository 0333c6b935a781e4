"""Deciding on the response: the rule table recommends, whoever has the authority decides."""

from __future__ import annotations

from andon.desk.recording import record
from andon.errors import Refused
from andon.incident.commands import DecideResponse
from andon.incident.policy import authority
from andon.response.choice import Thresholds, recommend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk
    from andon.incident.state import Incident
    from andon.incident.words import Choice
    from andon.response.choice import Recommendation


def recommendation(desk: Desk, state: Incident) -> Recommendation:
    """Return what the rule table says to the newest assessment; raises Refused when there is none."""
    if state.assessment is None:
        raise Refused(
            "nothing is assessed yet, so nothing can be recommended",
            where=state.id,
            rule="assess-then-decide",
            remedy="andon assess",
        )
    thresholds = Thresholds(quick_fix=desk.config.decision.quick_fix, slow_fix=desk.config.decision.slow_fix)
    return recommend(state.assessment, thresholds)


def decide_on(
    desk: Desk, state: Incident, recommended: Recommendation, choice: Choice, reason: str
) -> Incident:
    """Record the decision in the name of the actor; raises Refused when it is not theirs to make."""
    command = DecideResponse(
        choice=choice,
        rule=recommended.rule,
        recommended=recommended.choice,
        facts=recommended.facts,
        authority=authority(desk.people, desk.actor, reason),
        decided_by=desk.actor,
        reason=reason,
    )
    return record(desk, state, command)
