"""Which commit runs in production, as the ledger and git have it."""

from __future__ import annotations

from andon.desk.deployments import commit_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.deployments import Production
    from andon.desk.gate.context import GateContext
    from andon.desk.ports import Desk


def running_commit(context: GateContext) -> str:
    """Return the commit of the running release; "" when none runs, or nobody knows its commit."""
    return commit_in_production(context.desk, context.production)


def commit_in_production(desk: Desk, production: Production) -> str:
    """Return the commit of what runs; "" when that is not known."""
    if not production.running:
        return ""
    release = production.ledger.find(production.running)
    return (release.commit if release else "") or commit_of(desk, production.running)
