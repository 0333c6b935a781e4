"""A change from texts: what a file held before and what it holds after, with the hunks git would show."""

from __future__ import annotations

from difflib import SequenceMatcher

from andon.response.change import Change, ChangedFile, Hunk, Kind
from andon.response.gates.results import RuleResult
from andon.response.guard.context import IncidentContext
from andon.response.guard.judge import Budget, judge_fix


def edit(path: str, before: str | None, after: str | None, old_path: str = "") -> ChangedFile:
    """Return one changed file; None for a side on which it is not there."""
    old = (before or "").split("\n")[:-1] if (before or "").endswith("\n") else (before or "").split("\n")
    new = (after or "").split("\n")[:-1] if (after or "").endswith("\n") else (after or "").split("\n")
    old, new = old if before else [], new if after else []
    hunks = tuple(
        Hunk(
            old_start=i1 + (i2 > i1),
            new_start=j1 + (j2 > j1),
            removed=tuple(old[i1:i2]),
            added=tuple(new[j1:j2]),
        )
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if tag != "equal"
    )
    kind = Kind.ADDED if before is None else Kind.REMOVED if after is None else Kind.CHANGED
    if old_path:
        kind = Kind.RENAMED
    return ChangedFile(path=path, kind=kind, old_path=old_path, hunks=hunks, before=before, after=after)


def judged(*files: ChangedFile, budget: Budget | None = None) -> dict[str, RuleResult]:
    """Return the answers of the guard by rule."""
    change = Change(base="a" * 40, head="b" * 40, files=files)
    return {result.rule: result for result in judge_fix(change, IncidentContext(), budget)}
