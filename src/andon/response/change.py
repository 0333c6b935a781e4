"""A change to a repository as values: what a commit, a range of commits or the index would alter.

`production.git_changes` makes one from git; the gates and the hotfix guard judge it.
"""

from __future__ import annotations

from enum import StrEnum

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Kind(StrEnum):
    """What happened to a file."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENAMED = "renamed"
    #: A file became a link, a link a submodule, or the like.
    TYPE_CHANGED = "type changed"


class Hunk(Record):
    """Neighbouring lines that were replaced, without context lines (`git diff -U0`)."""

    #: First replaced line before and after, from 1; the line before the gap where a side is empty (as git).
    old_start: int
    new_start: int
    #: The lines without their line ends.
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """How many lines it removes and adds together."""
        return len(self.removed) + len(self.added)


class ChangedFile(Record):
    """One file of a change."""

    #: Path after the change, or before when it is removed; bytes that are not UTF-8 come as `\\xNN`.
    path: str
    kind: Kind
    #: Path before a rename; otherwise "".
    old_path: str = ""
    #: File modes as git writes them: 100644, 100755, 120000 (link), 160000 (submodule), "" for none.
    old_mode: str = ""
    new_mode: str = ""
    #: Object ids before and after; "" for none or when git did not say.
    old_object: str = ""
    new_object: str = ""
    is_binary: bool = False
    hunks: tuple[Hunk, ...] = ()
    #: Whole text before and after; None when there is none on that side, or nobody read it yet.
    before: str | None = None
    after: str | None = None
    #: Why lines or texts could not be read: too large, a submodule, not a text; "" when all was read.
    unread: str = ""

    @property
    def size(self) -> int:
        """How many lines are removed and added together."""
        return sum(hunk.size for hunk in self.hunks)

    @property
    def is_link(self) -> bool:
        """True when it is a symbolic link afterwards."""
        return self.new_mode == "120000"

    @property
    def is_submodule(self) -> bool:
        """True when it is a submodule on either side."""
        return "160000" in (self.old_mode, self.new_mode)


class ChangeCommit(Record):
    """A commit inside a range."""

    id: str
    #: The whole message.
    message: str
    parents: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """First line of the message."""
        return self.message.split("\n", 1)[0]


class Change(Record):
    """Everything between two trees."""

    #: Commit ids; `base` is "" for a repository without a commit, `head` is "" for the index.
    base: str
    head: str
    files: tuple[ChangedFile, ...] = ()
    #: The commits of the range, newest first; empty for the index.
    commits: tuple[ChangeCommit, ...] = ()
    #: What could not be found out, each as a sentence; a rule that needs it is unknown.
    problems: tuple[str, ...] = ()

    def file(self, path: str) -> ChangedFile | None:
        """Return the file with this path after the change, None when it is not part of it."""
        return next((f for f in self.files if f.path == path), None)


class Everything(Record):
    """All objects of a repository."""

    #: Id, type (blob, tree, commit, tag), and a path at which it stands; "" for one without.
    objects: tuple[tuple[str, str, str], ...]
    #: The full names of all references.
    names: tuple[str, ...]


def unread(files: Iterable[ChangedFile]) -> tuple[str, ...]:
    """Return `path: why` for every file of which something could not be read."""
    return tuple(f"{f.path}: {f.unread}" for f in files if f.unread)
