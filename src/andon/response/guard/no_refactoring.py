"""The rule `no-refactoring`: a hotfix does not tidy up."""

from __future__ import annotations

from andon.response.gates.results import RuleResult, at_most, failed, passed, surest_first
from andon.response.guard.no_feature import told
from andon.response.guard.reading import MOST_NAMED
from andon.response.guard.refactoring_signs import (
    NO_REFACTORING,
    moved_blocks,
    moved_symbols,
    removed_symbols,
    renamed_files,
    renamed_names,
    set_otherwise,
    talk,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.response.gates.results import Objection
    from andon.response.guard.likeness import Difference
    from andon.response.guard.reading import Sides
    from andon.response.guard.uses import Uses


def judge_tidying(files: Sequence[Sides], difference: Difference, uses: Uses) -> RuleResult:
    """Look for what moves, is renamed or only set otherwise."""
    found: list[Objection] = [
        *moved_symbols(difference),
        *removed_symbols(difference, uses),
        *moved_blocks(files),
        *renamed_names(files),
        *talk(files),
    ]
    for sides in files:
        for sign in (renamed_files, set_otherwise):
            found.extend(sign(sides))
    if not found:
        return passed(NO_REFACTORING, "nothing moved, was renamed or only set otherwise")
    remedy = "take these hunks out (git restore -p), and bring them to main after the incident"
    return failed(NO_REFACTORING, told(found, "tidying up"), remedy, at_most(MOST_NAMED, surest_first(found)))
