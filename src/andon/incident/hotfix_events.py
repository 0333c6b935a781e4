"""What can have happened to a hotfix: begun, checked by the guard, brought back to the main line."""

from __future__ import annotations

from andon.incident.parts import RuleAnswer
from andon.incident.words import EvidenceHash, Verdict
from andon.record import Record

# ---- the hotfix


class HotfixStarted(Record):
    """A branch for the fix was made from the release that runs."""

    branch: str
    #: The release it starts from, and its commit.
    base_version: str
    base_commit: str
    #: The work tree that was made for it; "" when it was checked out in place or not at all.
    worktree: str = ""


class HotfixChecked(Record):
    """The guard looked at the hotfix as it stood at one commit."""

    commit: str
    base_commit: str
    verdict: Verdict
    answers: tuple[RuleAnswer, ...] = ()
    evidence: EvidenceHash | None = None


class HotfixMerged(Record):
    """The fix is on the main line too."""

    commit: str
    #: The branch that has it now.
    into: str
    #: The commit on that branch which brought it: a merge, or the same change picked.
    merge_commit: str = ""
