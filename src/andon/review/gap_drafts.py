"""What the search for the gap says to the postmortem: the cause, and why no test caught it."""

from __future__ import annotations

from andon.review.markup import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.incident.gap_state import Gap
    from andon.incident.state import Incident

#: Tiers that rest on an experiment, and answers that the tests' own world or their artefacts prove.
_BY_EXPERIMENT = ("flipped", "restored", "narrowed")
_PROVEN = ("untested", "mocked", "input", "flaky")


def gap_cause(state: Incident) -> str:
    """Return what an experiment showed to be to blame; "" where none did, or nobody searched."""
    ended = state.gap.ended if state.gap is not None else None
    if ended is None or ended.tier not in _BY_EXPERIMENT:
        return ""
    return f"The gap between tests and production: {escaped(ended.summary)} ({ended.tier} by experiment)"


def not_caught(state: Incident) -> str:
    """Return what the tests missed, why, and what catches it, where the search proved its answer; else ""."""
    gap = state.gap
    return _answers(gap) if gap is not None and _is_proven(gap) else ""


def known_not_caught(state: Incident) -> str:
    """Return what a search that proved nothing has to say to the one who writes it; "" for nothing."""
    gap = state.gap
    if gap is None or gap.ended is None:
        return ""
    return _answers(gap) or f"- {escaped(gap.ended.answer)}: {escaped(gap.ended.summary)}"


def _is_proven(gap: Gap) -> bool:
    return gap.ended is not None and (gap.ended.tier in _BY_EXPERIMENT or gap.ended.answer in _PROVEN)


def _answers(gap: Gap) -> str:
    """Return the answers to the newest search that ended; "" while they are of another one, or not made."""
    told = gap.explained
    if told is None or gap.ended is None or told.search != gap.ended.search:
        return ""
    lines = [
        f"- What the tests missed: {escaped(told.missed)}",
        f"- Why: {escaped(told.why)}",
        f"- What catches it: {escaped(told.catch)}",
    ]
    if told.semantics:
        lines.append(f"- What they asked wrongly: {escaped(told.semantics)}")
    return "\n".join(lines)
