"""Who is told, who decides and by which figures, and where a review is kept."""

from __future__ import annotations

from andon.config.model_production import VerifyConfig
from andon.config.model_team import DecisionConfig, NotifyConfig, PeopleConfig, ReviewConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.config.table import Table


def read_notify(table: Table) -> NotifyConfig:
    """Return who is told of which severity."""
    notify = NotifyConfig(
        P0=table.strings("P0"),
        P1=table.strings("P1"),
        P2=table.strings("P2"),
        P3=table.strings("P3"),
        P4=table.strings("P4"),
    )
    table.finish()
    return notify


def read_people(table: Table) -> PeopleConfig:
    """Return who is on call and who is senior."""
    people = PeopleConfig(on_call=table.strings("on_call"), seniority=table.strings("seniority"))
    table.finish()
    return people


def read_review(table: Table) -> ReviewConfig:
    """Return where reviews are kept; days."""
    review = ReviewConfig(
        postmortems=table.string("postmortems", "docs/postmortems"),
        incident_log=table.string("incident_log", "INCIDENTS.md"),
        regressions=table.string("regressions", "docs/regressions.md"),
        action_days=int(table.number("action_days", 14, least=1)),
    )
    table.finish()
    return review


def read_decision(table: Table) -> DecisionConfig:
    """Return the decision's thresholds, in minutes."""
    decision = DecisionConfig(
        quick_fix=table.number("quick_fix", 30.0),
        slow_fix=table.number("slow_fix", 60.0),
        near_deployment=table.number("near_deployment", 30.0),
    )
    table.finish()
    return decision


def read_verify(table: Table) -> VerifyConfig:
    """Return how often a verification has to pass."""
    verify = VerifyConfig(in_a_row=table.whole("in_a_row", 2, least=1, most=100))
    table.finish()
    return verify
