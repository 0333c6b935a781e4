"""Can andon.toml be read? Whoever gets here has read it; the other answer is given where it is opened."""

from __future__ import annotations

from andon.response.gates.results import passed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import GateContext
    from andon.response.gates.results import RuleResult


def check(context: GateContext) -> RuleResult:
    """Say which configuration holds."""
    path = context.desk.config.path
    if ":" in path and not path.startswith("/"):
        return passed("configuration", f"read as it is in {path}")
    return passed("configuration", "read" if path else "none; the defaults hold")
