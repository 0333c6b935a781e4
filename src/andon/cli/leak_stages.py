"""andon leak locate ... cleanup: each stage of the response, carried out and told."""

from __future__ import annotations

from andon.errors import Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from andon.desk.ports import Desk
    from andon.incident.state import Incident


def run_stage(desk: Desk, arguments: argparse.Namespace, state: Incident) -> int:
    """Carry out the stage that the verb names."""
    raise Unavailable("not here yet", rule="leak", remedy="andon leak")
