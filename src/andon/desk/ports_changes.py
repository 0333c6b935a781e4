"""What changes the repository, as git tells it, and what it ignores. For type checking only, as `ports`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from andon.response.change import Change, ChangeCommit, Everything
    from andon.response.gates.pushed import Known
    from andon.secrets.ignore_audit import IgnoreRule


class Changes(Protocol):
    """What commits, ranges of commits and the index change, as git compares them."""

    #: Root of the work tree, or the bare repository.
    root: str

    def staged(self, base: str = "") -> Change:
        """Return what a commit of the index would change, or all since the commit `base`; raises as below."""

    def between(self, base: str, head: str) -> Change:
        """Return what leads from `base` ("" for nothing at all) to `head`; raises NotFound, Unavailable."""

    def commits(self, without: Sequence[str], head: str, limit: int = 10_000) -> tuple[ChangeCommit, ...]:
        """Return the commits that `head` reaches and none of `without` does, newest first."""

    def merge_base(self, one: str, other: str) -> str:
        """Return the newest commit that both have; "" when they have none in common."""

    def with_texts(self, change: Change, largest: int = ...) -> Change:
        """Return the change with the texts of its files before and after, where they are texts."""

    def each(self, commits: Sequence[ChangeCommit]) -> Iterator[Change]:
        """Return which files each commit changes against its first parent; raises as `between` does.

        Whether the lines that differ are told too is not said; `between` tells them.
        Of a merge only the files are told that differ from all its parents: the rest was in a commit before.
        """

    def blob(self, identity: str) -> bytes:
        """Return the content of an object; raises Unavailable."""

    def content(self, head: str, path: str) -> bytes | None:
        """Return a file as it is in a commit, or in the index for ""; None when it is not there."""

    def contents(self, head: str, paths: Sequence[str]) -> dict[str, bytes]:
        """Return the files that are there, by path; raises Unavailable for one that is too large."""

    def objects(self, identities: Sequence[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield each object with its content in pieces, however large; read one before asking for the next.

        Raises Unavailable for one that is not there.
        """

    def stream(self, identities: Sequence[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Do what `objects` does for the many objects of a history; raises Unavailable, later perhaps."""

    def everything(self, *, unreachable: bool = False) -> Everything:
        """Return every object that a reference reaches, or every one that is there, and all references."""

    def first_commits(self, identities: Sequence[str]) -> dict[str, str]:
        """Return the oldest commit that brings each of these objects; what no commit brings is left out."""


class Ranges(Protocol):
    """Which commits arrive with a push or a build, and what branches, tags and clones say about them."""

    #: Root of the work tree, or the bare repository.
    root: str

    def commit(self, name: str) -> str:
        """Return the commit that a name or a tag stands for; "" when it is not here, or no commit."""

    def tag_message(self, name: str) -> str:
        """Return an annotated tag as git keeps it, with the tags that it tags; "" for anything else."""

    def branch(self) -> str:
        """Return the branch that is checked out, or that is being rebased; "" when HEAD is detached."""

    def default_branch(self) -> str:
        """Return the branch that a clone begins with; "" when that cannot be told."""

    def is_ancestor(self, one: str, other: str) -> bool:
        """True when `other` reaches `one`."""

    def merge_base(self, one: str, others: Sequence[str]) -> str:
        """Return the newest commit that `one` has in common with any of the others; "" for none."""

    def arriving(
        self, head: str, known: Known, limit: int = ...
    ) -> tuple[tuple[ChangeCommit, ...], tuple[str, ...]]:
        """Return the commits that `head` reaches and nothing known does, newest first, and those just before.

        One more than `limit` commits are returned when there are more. Raises Unavailable.
        """

    def not_in(self, head: str, other: str) -> tuple[str, ...]:
        """Return what `head` reaches and `other` neither reaches nor has as the same change, newest first."""

    def by_hand(self, merge: ChangeCommit) -> tuple[str, ...] | None:
        """Return the files of a merge that are not what git makes of its two parents, conflicts apart.

        None when that cannot be told: more parents, or a git older than 2.38.
        """

    def heads_of(self, branch: str) -> tuple[str, ...]:
        """Return the commits at which a branch stands, here and on the remotes."""

    def cut_off(self) -> tuple[str, ...]:
        """Return the commits whose parents are left out of this clone; empty for a whole one."""

    def remote_of(self, name: str, address: str) -> str:
        """Return the remote whose branches are known here: by its name or address; "*" when there is none."""

    def remotes(self) -> tuple[str, ...]:
        """Return the remotes that are configured, and those whose branches are known here."""

    def settings(self, *names: str) -> dict[str, str]:
        """Return git's settings of these names (in lower case) that are given."""

    def file(self, commit: str, path: str) -> bytes | None:
        """Return a file of a commit; None when there is none. Raises Unavailable for a large one."""


class Ignores(Protocol):
    """What git ignores: by the rules of a commit, which every clone has, and here with those of this machine.

    Bytes of a name that are not UTF-8 come as surrogates, so that git can be asked about it again.
    """

    @property
    def has_work_tree(self) -> bool:
        """True unless the repository is bare: then what is `here` is empty."""

    def files(self, commit: str) -> tuple[str, ...]:
        """Return the paths of the files in a commit; raises Unavailable."""

    def submodules(self, commit: str) -> tuple[str, ...]:
        """Return where other repositories begin, into which nobody looks from here."""

    def committed(
        self, commit: str, paths: Sequence[str], added: Sequence[str] = ...
    ) -> dict[str, IgnoreRule]:
        """Return the rule of a commit about each path, with `added` at the end of the root's .gitignore.

        No commit ("") has no rules but those. Raises Unavailable.
        """

    def here(self, paths: Sequence[str]) -> dict[str, IgnoreRule]:
        """Return what git says in this work tree; empty where it does not say."""

    def tracked_although_ignored(self) -> tuple[str, ...]:
        """Return the files of the index that git would ignore if they were new."""

    def untracked(self) -> tuple[str, ...]:
        """Return the files here that are in no commit, ignored ones too.

        None of a directory that is ignored as a whole.
        """

    def content_here(self, path: str) -> bytes | None:
        """Return a file of the work tree; None for a link, what lies outside, or more than 1 MB."""


class ChangesDesk(Protocol):
    """A desk that sees what commits, pushes and the index change."""

    @property
    def changes(self) -> Changes:
        """What commits and the index change."""

    @property
    def ranges(self) -> Ranges:
        """Which commits arrive with a push or a build."""

    @property
    def ignores(self) -> Ignores:
        """What git ignores."""
