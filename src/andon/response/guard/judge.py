"""The hotfix guard's rules about the shape of a fix, each with its answer."""

from __future__ import annotations

from andon.incident.words import Verdict
from andon.record import replace
from andon.response.gates.results import failed, passed, unknown
from andon.response.guard.budget import Budget, judge_size
from andon.response.guard.likeness import compare
from andon.response.guard.links import RULE as CONNECTED
from andon.response.guard.links import unconnected
from andon.response.guard.no_feature import judge_features
from andon.response.guard.no_refactoring import judge_tidying
from andon.response.guard.reading import read_change
from andon.response.guard.tests_kept import judge_tests
from andon.response.guard.uses import Uses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.response.change import Change
    from andon.response.gates.results import Objection, RuleResult
    from andon.response.guard.context import IncidentContext
    from andon.response.guard.reading import Sides

__all__ = ("Budget", "judge_fix")


def judge_fix(
    change: Change, context: IncidentContext, budget: Budget | None = None
) -> tuple[RuleResult, ...]:
    """Return one answer for each rule about the shape of a fix; each objection names its hunk.

    `budget` defaults to 3 files and 60 lines. Nothing is raised, whatever the change holds.
    """
    files = read_change(change)
    difference = compare(files)
    uses = Uses(files, difference.new, difference.gone)
    apart = unconnected(change, context, files)
    size = judge_size(files, budget or Budget(), [o for o in apart if o.rule != CONNECTED])
    return tuple(
        _with_doubts(result, files, change)
        for result in (
            size,
            judge_features(files, difference, uses),
            judge_tidying(files, difference, uses),
            _judge_links([o for o in apart if o.rule == CONNECTED], change),
            judge_tests(files),
        )
    )


def _judge_links(apart: Sequence[Objection], change: Change) -> RuleResult:
    if not apart:
        return passed(CONNECTED, "every hunk has to do with the others, or with the incident")
    hunks = sum(len(file.hunks) for file in change.files)
    remedy = "take these hunks out (git restore -p), and bring them to main after the incident"
    return failed(CONNECTED, f"{len(apart)} of {hunks} hunks stand apart", remedy, tuple(apart))


def _with_doubts(result: RuleResult, files: Sequence[Sides], change: Change) -> RuleResult:
    """Say what was judged as text; a pass over what could not be seen at all is no pass."""
    unseen = [*change.problems, *(f"{s.path}: {s.file.unread}" for s in files if s.file.unread)]
    if result.verdict is Verdict.PASSED and unseen:
        return unknown(result.rule, f"not everything was seen: {'; '.join(unseen[:3])}", "andon hotfix check")
    as_text = [f"{s.path} ({s.as_text})" for s in files if s.as_text and s.file.hunks]
    if not as_text:
        return result
    more = f" and {len(as_text) - 2} more" if len(as_text) > 2 else ""
    return replace(result, evidence=f"{result.evidence}; judged as text: {', '.join(as_text[:2])}{more}")
