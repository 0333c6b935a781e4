"""andon severity: escalate or de-escalate."""

from __future__ import annotations

from andon.cli.output import finish, severity_of
from andon.desk.casefile import load
from andon.desk.recording import record
from andon.incident.commands import ChangeSeverity

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    parser.add_argument("severity", help="P0 critical, P1 high, P2 medium, P3 low, P4 informational")
    parser.add_argument("--reason", default="", help="needed to de-escalate")


def run(desk: Desk, arguments: argparse.Namespace) -> int:
    """Record the change."""
    state = load(desk, getattr(arguments, "incident", None))
    before = state.severity
    command = ChangeSeverity(severity=severity_of(arguments.severity), reason=arguments.reason)
    state = record(desk, state, command)
    return finish(arguments, state, desk.clock.now(), f"{before} -> {state.severity}")
