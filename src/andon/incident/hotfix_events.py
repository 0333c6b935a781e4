"""What can have happened to a hotfix: begun, tried, checked, planned, brought to the main line."""

from __future__ import annotations

from andon.incident.parts import RuleAnswer, ShownObjection
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


class HotfixTested(Record):
    """A test command ran without the fix and with it, in checkouts of its own."""

    commit: str
    base_commit: str
    command: tuple[str, ...]
    #: How it went without the fix, and with it. Failed without and passed with it is the proof.
    before: Verdict
    after: Verdict
    summary: str = ""
    evidence: EvidenceHash | None = None
    #: Why failing without the fix is no proof: it could not be loaded, or passed when it ran again.
    doubt: str = ""


class HotfixChecked(Record):
    """The guard looked at the hotfix as it stood at one commit."""

    commit: str
    base_commit: str
    verdict: Verdict
    answers: tuple[RuleAnswer, ...] = ()
    evidence: EvidenceHash | None = None
    #: What it spoke against, so that each can be mended, or justified by its fingerprint.
    objections: tuple[ShownObjection, ...] = ()


class HotfixPlanned(Record):
    """What shipping the hotfix will do, and the way back from it, written down before it is done."""

    operation: str
    #: What runs, and what will.
    from_version: str
    to_version: str
    #: The commit it is made from, which the guard has passed.
    commit: str
    steps: tuple[str, ...]
    undo: str
    #: Migrations that it brings along; a fix should bring none.
    migrations: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()


class HotfixMerged(Record):
    """The fix is on the main line too."""

    commit: str
    #: The branch that has it now.
    into: str
    #: The commit on that branch which brought it: a merge, or the same change picked.
    merge_commit: str = ""
    #: How that is known: `ancestry`, `patch`, `content`, or `stated` by a person.
    seen_by: str = ""
    #: Why, where a person states it.
    reason: str = ""
