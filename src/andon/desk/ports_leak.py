"""What the response to a leak needs from outside. For type checking only, as `ports`.

Of the repository everything here reads and never writes, never asks the network unless its name says so, and
never fetches what a partial clone left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from andon.desk.leak.stored import (
        Batch,
        CommitHeader,
        Difference,
        IndexEntry,
        LogLine,
        Part,
        Reference,
        RemotePlace,
        Storage,
    )
    from andon.secrets.leak.credential import Credential


class Objects(Protocol):
    """All that a repository stores: objects of every kind, reachable or not, and the files around them."""

    #: Root of the work tree, or the bare repository.
    root: str

    def storage(self) -> Storage:
        """Return what is known to be left out of, or put beside, this repository; raises Unavailable."""

    def batches(self, broken: dict[str, str]) -> Iterator[Batch]:
        """Yield every object that is stored here once: packed, loose, borrowed from elsewhere, unreachable.

        What cannot be read is put into `broken` by its id, with the reason. Memory is bounded: an object of
        more than 64 MiB comes in parts that overlap. Raises Unavailable without git.
        """

    def contents(self, ids: Iterable[str]) -> Iterator[Batch]:
        """Yield these objects, without those that are not there."""

    def differences(
        self, pairs: Sequence[tuple[str, str]], broken: dict[str, str]
    ) -> Iterator[tuple[int, list[Difference]]]:
        """Yield for each pair of trees ("" for the empty one) its number and the files that differ.

        A pair that cannot be compared is left out, and said in `broken`.
        """

    def headers(self, ids: Iterable[str]) -> dict[str, CommitHeader]:
        """Return author and moments of commits by id."""

    def tree_files(self, tree: str) -> tuple[tuple[str, str], ...]:
        """Return (path, object) of all files of a tree or commit; raises Unavailable."""

    def references(self) -> tuple[Reference, ...]:
        """Return every reference and HEAD, of all work trees, as it is."""

    def log_lines(self) -> Iterator[LogLine]:
        """Yield the reflogs' lines, of each log the oldest first."""

    def git_files(self, broken: dict[str, str]) -> Iterator[Part]:
        """Yield the files of git's own directory besides objects, in parts that overlap."""

    def work_files(self, broken: dict[str, str]) -> Iterator[Part]:
        """Yield the files of the work tree, tracked or not, but for ignored ones; nothing in a bare one."""

    def index(self) -> tuple[IndexEntry, ...]:
        """Return what is staged; nothing in a bare repository."""

    def remotes(self) -> tuple[RemotePlace, ...]:
        """Return the configured remotes."""


class RemoteHosts(Protocol):
    """What remotes and their hosts say: this asks the network, without any credential for the second."""

    def references(self, remote: str) -> tuple[tuple[str, str], ...]:
        """Return (name, object) of what a remote has now; raises Unavailable."""

    def visibility(self, address: str) -> tuple[str, str]:
        """Return `public`, `private` or `unknown`, and what shows it; never raises."""


class LeakRoom(Protocol):
    """A private directory for each leak; never in a repository, never in a journal."""

    #: This machine, for people.
    host: str

    def place(self, incident: str) -> str:
        """Return the directory of an incident's leak, made when there is none; raises Unavailable."""

    def keep(self, incident: str, credentials: Sequence[Credential]) -> None:
        """Keep credentials beside those that are there, each once; raises Unavailable."""

    def credentials(self, incident: str) -> tuple[Credential, ...]:
        """Return what is kept, () for nothing; raises Unavailable for what cannot be read."""

    def values(self) -> tuple[bytes, ...]:
        """Return every value that is kept here, of any incident: nothing that is stored may hold one."""

    def forget(self, incident: str) -> bool:
        """Remove the values; True when they are gone, or were never there."""


class LeakDesk(Protocol):
    """A desk from which a leak is answered: all that is stored, its remotes, the leaked values."""

    @property
    def objects(self) -> Objects:
        """All that the repository stores."""

    @property
    def remote_hosts(self) -> RemoteHosts:
        """What remotes and their hosts say of themselves."""

    @property
    def leak_room(self) -> LeakRoom:
        """Where the values of leaked secrets are kept."""
