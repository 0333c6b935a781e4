"""The hotfix guard's rules about the shape of a fix, each with its answer."""

from __future__ import annotations

from andon.incident.words import Verdict
from andon.record import replace
from andon.response.gates.results import Objection, failed, unknown
from andon.response.guard.budget import MINIMAL, Budget, judge_size
from andon.response.guard.connected import CONNECTED, LOOSE_ENDS, judge_connection
from andon.response.guard.feature_signs import NO_FEATURE
from andon.response.guard.likeness import compare
from andon.response.guard.links import too_large_to_compare
from andon.response.guard.no_feature import judge_features
from andon.response.guard.no_refactoring import judge_tidying
from andon.response.guard.reading import MOST_FILES, TESTS_KEPT, read_change
from andon.response.guard.refactoring_signs import NO_REFACTORING
from andon.response.guard.tests_kept import judge_tests
from andon.response.guard.uses import Uses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.response.change import Change
    from andon.response.gates.results import RuleResult
    from andon.response.guard.context import IncidentContext
    from andon.response.guard.reading import Sides

__all__ = ("Budget", "judge_fix")


def judge_fix(
    change: Change, context: IncidentContext, budget: Budget | None = None
) -> tuple[RuleResult, ...]:
    """Return one answer for each rule about the shape of a fix; each objection names its hunk.

    `budget` defaults to 3 files and 60 lines. Nothing is raised, whatever the change holds.
    """
    if len(change.files) > MOST_FILES:
        return _too_large(len(change.files), budget or Budget())
    files = read_change(change)
    difference = compare(files)
    uses = Uses(files, difference.new, difference.gone)
    too_large = too_large_to_compare(change.files)
    others = [Objection(rule=MINIMAL, text=too_large)] if too_large else []
    return tuple(
        _with_doubts(result, files, change)
        for result in (
            judge_size(files, budget or Budget(), others),
            judge_features(files, difference, uses),
            judge_tidying(files, difference, uses),
            *judge_connection(files, context),
            judge_tests(files),
        )
    )


def _too_large(files: int, budget: Budget) -> tuple[RuleResult, ...]:
    """Answer without reading: what touches so many files is no fix, whatever is in them."""
    seen = f"{files} files, of {budget.files}; more than {MOST_FILES} are not read"
    remedy = "keep what stops the harm, and leave the rest to a commit after the incident"
    text = f"the change touches {files} files, {budget.files} are allowed"
    rest = (NO_FEATURE, NO_REFACTORING, CONNECTED, LOOSE_ENDS, TESTS_KEPT)
    return (
        failed(MINIMAL, seen, remedy, (Objection(rule=MINIMAL, text=text),)),
        *(unknown(rule, f"too large to judge: {files} files", remedy) for rule in rest),
    )


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
