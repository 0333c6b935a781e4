"""What a gate is asked about while a commit is made: the index, and its message."""

from __future__ import annotations

from andon.desk.gate.context import Asked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk


def staged(desk: Desk) -> Asked:
    """Return what is asked before a commit: the index, on the branch that is checked out."""
    return Asked(branch=desk.ranges.branch())


def written(desk: Desk, raw: bytes) -> Asked:
    """Return what is asked about the message of a commit, as git will keep it."""
    from andon.response.gates.message import kept

    found = desk.ranges.settings("core.commentchar", "core.commentstring", "commit.cleanup")
    comment = found.get("core.commentstring") or found.get("core.commentchar") or "#"
    message = kept(raw, comment=comment, cleanup=found.get("commit.cleanup", ""))
    return Asked(branch=desk.ranges.branch(), message=message)
