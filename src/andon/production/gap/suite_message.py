"""What a failed test says, put together from the runner's message and from what its page showed. Pure."""

from __future__ import annotations

from andon.gaps.suite import TestRan
from andon.production.gap.suite_lines import LONGEST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.production.gap.suite_lines import Told


def test_ran(name: str, title: str, outcome: str, message: str, seconds: float, told: Told) -> TestRan:
    """Return how a test went; one that passed and whose page changed for the worse afterwards failed."""
    if outcome == "passed" and told.moved:
        outcome = "failed"
        message = f"It passed, and no longer held once every answer had come:\n{told.moved}"
    if outcome == "failed":
        message = _with_page(message, told)
    return TestRan(
        id=name,
        title=title,
        outcome=outcome,
        message=message if outcome != "passed" else "",
        is_impatient=outcome == "failed" and told.is_late and not told.moved,
        seconds=seconds,
    )


def _with_page(message: str, told: Told) -> str:
    parts = [message[:LONGEST].strip()]
    if told.errors:
        parts.append("Errors in the browser:\n" + "\n".join(told.errors))
    if told.shown.strip():
        parts.append(f"The page showed:\n{told.shown.strip()}")
    return "\n\n".join(part for part in parts if part)
