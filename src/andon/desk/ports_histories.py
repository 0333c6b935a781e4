"""What the stages of a leak that touch a history need from outside. Import for type checking only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from typing import TypeAlias

    from andon.desk.leak.accounts import (
        Adoption,
        BundleFile,
        Proof,
        PurgeAccount,
        PurgeForecast,
        Pushed,
        PushPlan,
        Removal,
    )
    from andon.secrets.leak.credential import Credential

    #: Takes one line about how far something got.
    Tell: TypeAlias = Callable[[str], None]


class Histories(Protocol):
    """Works on copies of the history, in a private directory; only `adopt` changes the repository itself."""

    #: Root of the work tree, or the bare repository.
    root: str

    def back_up(
        self, room: str, credentials: Sequence[Credential], delete_after: datetime, tell: Tell
    ) -> BundleFile:
        """Write everything a reference, a log or the index reaches into a private file, and verify it.

        Raises Unavailable (a full disk, a damaged object), Refused (nothing to keep).
        """

    def forecast(
        self,
        room: str,
        credentials: Sequence[Credential],
        paths: Sequence[str],
        remotes: Sequence[str],
        tell: Tell,
    ) -> PurgeForecast:
        """Return what a purge would change; the mirror that was made for it is removed. Raises as `purge`."""

    def purge(
        self,
        room: str,
        credentials: Sequence[Credential],
        paths: Sequence[str],
        remotes: Sequence[str],
        tell: Tell,
    ) -> tuple[PurgeForecast, PurgeAccount]:
        """Write a fresh mirror anew without the secrets.

        `paths` are left out of every commit; `remotes` are asked for what this clone does not have. Raises
        Refused (shallow, partial, nothing to do), Unavailable (disk, damage, git-filter-repo).
        """

    def verify(
        self, room: str, credentials: Sequence[Credential], accepted: Sequence[str], tell: Tell
    ) -> Proof:
        """Search every byte of the mirror and of fresh clones of it; raises Unavailable.

        `accepted` are objects that cannot be read and that a person answers for.
        """

    def plan_push(self, room: str, credentials: Sequence[Credential], remote: str, tell: Tell) -> PushPlan:
        """Ask a remote what it has and return what replaces it; raises Unavailable, NotFound."""

    def push(self, room: str, credentials: Sequence[Credential], plan: PushPlan, tell: Tell) -> Pushed:
        """Push what is planned, each reference on condition that the remote still has the old one."""

    def adopt(self, room: str, credentials: Sequence[Credential], *, write: bool, tell: Tell) -> Adoption:
        """Bring the user's own clone to the purged history, or say what that would do or what hinders it.

        The one thing here that changes the repository; raises Refused, Unavailable.
        """

    def clean_up(self, room: str, now: datetime, tell: Tell) -> Removal:
        """Remove what the work left, and look that it is gone; a backup stays until its date."""


class HistoriesDesk(Protocol):
    """A desk that can work on the whole history."""

    @property
    def histories(self) -> Histories:
        """What works on copies of the repository's whole history."""
