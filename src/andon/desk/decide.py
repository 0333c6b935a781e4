"""Deciding on the response: the rule table recommends, whoever has the authority decides."""

from __future__ import annotations

from andon.desk.recording import record
from andon.errors import Refused
from andon.incident.commands import DecideResponse
from andon.incident.policy import authority
from andon.response.choice import Thresholds, explain, recommend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk
    from andon.incident.events import AssessmentMade
    from andon.incident.state import Incident
    from andon.incident.words import Choice
    from andon.response.choice import Recommendation, Row


def recommendation(desk: Desk, state: Incident) -> Recommendation:
    """Return what the rule table says to the newest assessment; raises Refused when there is none."""
    return recommend(_assessment(state), _thresholds(desk))


def explanation(desk: Desk, state: Incident) -> tuple[Row, ...]:
    """Return the rule table as it stands in this incident; raises Refused when nothing is assessed."""
    return explain(_assessment(state), _thresholds(desk))


def _thresholds(desk: Desk) -> Thresholds:
    return Thresholds(quick_fix=desk.config.decision.quick_fix, slow_fix=desk.config.decision.slow_fix)


def _assessment(state: Incident) -> AssessmentMade:
    if state.assessment is None:
        raise Refused(
            "nothing is assessed yet, so nothing can be recommended",
            where=state.id,
            rule="assess-then-decide",
            remedy="andon assess",
        )
    return state.assessment


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
