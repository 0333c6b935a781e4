"""What the care for flags needs from outside: the repository's files, read fast. For type checking only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from andon.desk.flags.sources import Source


class FlagSources(Protocol):
    """The files of the repository in which flags may be asked for; links and submodules are none of them."""

    #: Root of the work tree.
    root: str

    def here(self) -> tuple[Source, ...]:
        """Return the tracked files of the work tree; raises Unavailable, NotFound outside a repository."""

    def at(self, commit: str) -> tuple[Source, ...]:
        """Return the files of a commit; those of the index for ""."""

    def read(self, sources: Sequence[Source], largest: int) -> Iterator[tuple[Source, bytes | None]]:
        """Yield each file with its content, None for one that is longer than `largest` bytes or gone."""

    def content(self, path: str) -> bytes | None:
        """Return a file of the work tree; None when there is none."""

    def write(self, path: str, before: bytes, after: bytes) -> None:
        """Replace a file of the work tree whole or not at all; raises Conflict when it is not `before`."""

    def line_times(self, path: str) -> tuple[datetime | None, ...]:
        """Return when each line of a file of the work tree last changed; None where history is cut off.

        Lines that are in no commit have changed now. Empty for a file that git does not know.
        """

    def kept(self, mark: str) -> dict[str, str]:
        """Return what was kept under a mark: text by the identity of a content; empty for nothing."""

    def keep(self, mark: str, texts: Mapping[str, str]) -> None:
        """Keep texts under a mark; a place that cannot be written is no error."""


class FlagSourcesDesk(Protocol):
    """A desk that sees where flags are asked for."""

    @property
    def flag_sources(self) -> FlagSources:
        """The files in which flags may be asked for."""
