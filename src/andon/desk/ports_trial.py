"""What a trial of migrations needs from outside. For type checking only, as `ports`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from andon.desk.values import MigrationStep
    from andon.response.schema.layouts import Framework
    from andon.response.trial import Snapshot


class SchemaCopy(Protocol):
    """A database that only this trial knows and that is gone afterwards."""

    #: Where programs find it; holds the password of the server: only ever an environment variable of theirs.
    url: str
    #: True when it holds no table yet, so that its schema has to be built first.
    is_empty: bool

    def apply(self, script: str) -> None:
        """Run SQL; raises TrialFailed, after which the copy may hold half of it."""

    def seed(self) -> None:
        """Put a row into every empty table, as far as its rules allow."""

    def snapshot(self) -> Snapshot:
        """Return catalog and rows as they are now; raises TrialFailed."""


class SchemaTrial(Protocol):
    """Makes disposable copies of a schema; what it copies from is only ever read."""

    #: For people: the server or the file, without any password.
    place: str

    def copy(self) -> AbstractContextManager[SchemaCopy]:
        """Make a copy and drop it at the end, whatever happens in between.

        Raises Refused for a database that is not to be touched, TrialFailed when no copy can be made.
        """


class MigrationRunner(Protocol):
    """Runs migrations that are programs, with the team's own tool or the framework's library."""

    def run(self, way: str, steps: Sequence[MigrationStep], url: str) -> None:
        """Run migrations `up` or `down` in the given order on the database at `url`; raises TrialFailed."""


class TrialDesk(Protocol):
    """A desk at which migrations are tried."""

    def trial(self, address: str) -> SchemaTrial:
        """Return what makes disposable copies of the database at `address`; raises InvalidInput, Refused."""

    def runner(self, framework: Framework) -> MigrationRunner | None:
        """Return what runs a framework's migrations that are programs; None when nothing here can."""
