"""The hotfix guard's rules about the shape of a fix, each with its answer."""

from __future__ import annotations

from andon.response.guard.budget import Budget, judge_size
from andon.response.guard.likeness import compare
from andon.response.guard.no_feature import judge_features
from andon.response.guard.no_refactoring import judge_tidying
from andon.response.guard.reading import read_change
from andon.response.guard.tests_kept import judge_tests
from andon.response.guard.uses import Uses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.response.change import Change
    from andon.response.gates.results import RuleResult
    from andon.response.guard.context import IncidentContext

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
    return (
        judge_size(files, budget or Budget()),
        judge_features(files, difference, uses),
        judge_tidying(files, difference, uses),
        judge_tests(files),
    )
