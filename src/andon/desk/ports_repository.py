"""The repository that a person works in, and its old commits. For type checking only, as `ports`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from andon.desk.values import Attempt, Commit, FileChange


class Repository(Protocol):
    """The git repository in which the command was given."""

    #: Root of the work tree.
    root: str

    def commit_of(self, reference: str) -> str:
        """Return the full commit id of a tag, branch or commit; raises NotFound."""

    def head(self) -> str:
        """Return the commit id of HEAD; raises NotFound in an empty repository."""

    def tags(self) -> tuple[tuple[str, str], ...]:
        """Return (tag, commit id), oldest first."""

    def changed_files(self, base: str, head: str) -> tuple[str, ...]:
        """Return the paths that differ between two commits; raises NotFound."""

    def changes(self, base: str, head: str) -> tuple[FileChange, ...]:
        """Return the files that differ between two commits, by path; raises NotFound, Unavailable."""

    def content(self, commit: str, path: str) -> bytes | None:
        """Return a file as it is in a commit; None when there is none. Raises NotFound, Unavailable."""

    def contents(self, commit: str, paths: Sequence[str], largest: int) -> dict[str, bytes]:
        """Return several files of a commit by path, without those that are not there or longer (bytes)."""

    def search(
        self, commit: str, words: Sequence[str], endings: Sequence[str], limit: int
    ) -> tuple[str, ...]:
        """Return at most `limit` text files, named with one of `endings`, that hold one of `words`."""

    def files(self, commit: str, under: str = "") -> tuple[str, ...]:
        """Return the paths of all files in a commit, or of those below a directory."""

    def commits(self, base: str, head: str, limit: int = 50) -> tuple[str, ...]:
        """Return `short-id subject` of the commits in base..head, newest first."""

    def line(self, base: str, head: str) -> tuple[Commit, ...]:
        """Return the commits of the main line (first parents) after `base` up to `head`, oldest first."""

    def touched(self, base: str, head: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the commits of `line` with the files each of them changed, in the same order."""


class Branches(Protocol):
    """Branches of the user's repository, which only a person's own command makes, merges or switches."""

    #: Root of the work tree.
    root: str

    def tip(self, branch: str) -> str:
        """Return the commit a branch, or a remote's branch, stands at; "" when there is no such branch."""

    def place_of(self, branch: str) -> str:
        """Return the work tree in which a branch is checked out, "" for none."""

    def uncommitted(self, place: str = "") -> tuple[str, ...]:
        """Return the tracked files that differ from the last commit in a work tree (default: this one)."""

    def main_line(self) -> str:
        """Return the name of the main branch, "" when there is none of the usual names."""

    def contains(self, holder: str, commit: str) -> bool:
        """True when `commit` is `holder` or came before it; raises NotFound for one that is not there."""

    def unpicked(self, holder: str, base: str, head: str) -> tuple[str, ...]:
        """Return the commits in base..head of which `holder` has neither themselves nor the same patch."""

    def has_content(self, holder: str, base: str, head: str) -> bool:
        """True when everything that leads from `base` to `head` is in the files of `holder` already."""

    def lacks_content(self, holder: str, base: str, head: str) -> bool:
        """True when what leads from `base` to `head` could be done to `holder` anew: it has nothing of it.

        So a change that was merged and reverted is told from one that was built on. False where that cannot
        be told, because the files went on since.
        """

    def start(self, branch: str, commit: str, place: str = "") -> str:
        """Make a branch at a commit, unless it is there, and check it out; return the work tree it is in.

        In this work tree, or in a new one at `place`. Raises Refused when something would be lost.
        """

    def lend(self, file: str, place: str) -> bool:
        """Put an untracked copy of a file at the root of `place`; False where there is one already."""

    def mark(self, version: str, commit: str) -> bool:
        """Make a tag at a commit; False when it is there already, or when no tag can be called that.

        Raises Conflict when it is elsewhere.
        """

    def merge(self, commit: str, into: str, message: str) -> str:
        """Merge a commit into a local branch and return the merge.

        Raises Refused when it does not merge by itself, and leaves everything as it was.
        """


class Checkout(Protocol):
    """A work tree of Andon's own that stands at one commit at a time."""

    def switch(self, commit: str, *, fresh: bool) -> None:
        """Go to a commit; what the commands left behind there is removed, ignored files only when `fresh`.

        Raises Unavailable when git cannot check it out.
        """

    def run(self, arguments: Sequence[str], timeout: float, shown: int = ...) -> Attempt:
        """Run a command there, with ANDON_COMMIT set; never raises for how it ends.

        `shown` characters of the end of its output are kept.
        """

    def read(self, path: str, largest: int) -> bytes | None:
        """Return a regular file that a command left there; None for none, and for a larger one (bytes)."""


class Checkouts(Protocol):
    """Old commits, checked out where they can be tried. The user's own work tree is never touched."""

    def open(self) -> AbstractContextManager[Checkout]:
        """Make a work tree, and remove it again however the block ends; raises Unavailable.

        Also removes what a process that was killed left behind.
        """

    def remember(self, content: bytes) -> None:
        """Keep how far a search got, for whoever resumes it; private, whole or not at all."""

    def recall(self) -> bytes:
        """Return what was kept last, b"" when there is nothing."""

    def forget(self) -> None:
        """Remove what was kept."""


class RepositoryDesk(Protocol):
    """A desk in a git repository."""

    @property
    def repository(self) -> Repository:
        """The git repository."""

    @property
    def branches(self) -> Branches:
        """The branches of the repository."""

    @property
    def checkouts(self) -> Checkouts:
        """Where old commits are tried."""
