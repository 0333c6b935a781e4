"""What a repository stores, as the search for a leak reads it: values that cross `ports_leak`."""

from __future__ import annotations

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import TypeAlias

    #: Id, kind (`blob`, `tree`, `commit`, `tag`), and where its content begins and ends in a batch.
    Stored: TypeAlias = tuple[str, str, int, int]
    #: Path, object before and after (zeros for none), and whether it is a submodule.
    Difference: TypeAlias = tuple[bytes, str, str, bool]


class Batch(Record):
    """Objects, one after the other with what git says of each in between; or a part of a large one."""

    content: bytes
    objects: list[Stored]
    #: True when this is a part of an object too large to be held; parts overlap by what a value may take.
    is_part: bool = False

    def __repr__(self) -> str:
        """Say how much it is: any of it may be a secret."""
        return f"Batch({len(self.objects)} objects, {len(self.content)} bytes)"


class Part(Record):
    """A file, or a part of a large one."""

    #: Relative to its place, as git writes it.
    path: str
    content: bytes
    #: Where it is: `git` for git's directory, `tracked`, `untracked`, `lfs`.
    place: str
    is_whole: bool = True

    def __repr__(self) -> str:
        """Say how much it is: any of it may be a secret."""
        return f"Part({len(self.content)} bytes)"


class Reference(Record):
    """A name for an object."""

    name: str
    object: str


class IndexEntry(Record):
    """A staged file."""

    path: str
    object: str


class CommitHeader(Record):
    """Who wrote a commit, and when by the clocks of those who made it."""

    author: str
    authored: datetime | None
    committed: datetime | None


class LogLine(Record):
    """One line of a reflog."""

    reference: str
    old: str
    new: str
    at: datetime | None
    message: str


class RemotePlace(Record):
    """A configured remote."""

    name: str
    #: Where it is fetched from and pushed to; may hold a password.
    addresses: tuple[str, ...]
    #: What is fetched to where: `+refs/heads/*:refs/remotes/origin/*`.
    fetches: tuple[str, ...] = ()


class Storage(Record):
    """What is left out of this repository, or lies beside it."""

    is_bare: bool = False
    is_shallow: bool = False
    #: How it was cloned when objects were left out: `blob:none`, `tree:0`, ...; "" for a whole one.
    partial: str = ""
    #: How many objects that commits need were left out.
    promised: int = 0
    #: Directories of other repositories from which objects are borrowed.
    alternates: tuple[str, ...] = ()
    #: Files among the objects that git does not know and nobody can read.
    garbage: tuple[str, ...] = ()
    #: `sha1` or `sha256`.
    form: str = "sha1"
    #: Repositories of submodules that lie in this one's directory.
    submodules: tuple[str, ...] = ()
