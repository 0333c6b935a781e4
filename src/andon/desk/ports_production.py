"""What changes production, and what sees it. For type checking only, as `ports`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from andon.desk.values import (
        Capacity,
        CertificateReport,
        DeployReport,
        LogExcerpt,
        ProbeReport,
        ReleaseOnDisk,
    )


class Deployer(Protocol):
    """Puts versions into production. Versions are untrusted text: validated before any use."""

    #: Name of the adapter.
    kind: str
    #: Programs it runs, which have to be on the PATH.
    programs: tuple[str, ...]

    def releases(self) -> tuple[ReleaseOnDisk, ...]:
        """Return what could be deployed, newest first; raises Unavailable."""

    def running(self) -> str:
        """Return the version in production, "" when it cannot be told; raises Unavailable."""

    def preflight(self, version: str, /) -> None:
        """Raise Refused, with the way out, when going to `version` would not work or would not last.

        An auto-sync that would put the bad version back, a revision that never ran: whatever this system can
        know beforehand.
        """

    def capacity(self, version: str, /) -> Capacity:
        """Say whether all copies of `version` are ready to serve; never raises, does not wait."""

    def logs(self, since: datetime | None, limit: int, /) -> LogExcerpt:
        """Return at most `limit` bytes from the end of production's own log; never raises.

        A deployer without logs says so in the excerpt's `failure`.
        """

    def deploy(self, version: str, operation: str) -> DeployReport:
        """Put `version` into production and wait; never raises for a failed deployment, it reports it.

        `operation` is passed on as ANDON_OPERATION, so that a deploy tool can recognise a repetition.
        """

    def describe(self, version: str) -> tuple[str, ...]:
        """Return, in words and argument lists, exactly what `deploy` would do."""


class Probe(Protocol):
    """One smoke test or dependency check."""

    name: str
    covers: str
    critical: bool

    def run(self) -> ProbeReport:
        """Run it within its time limit; never raises: what cannot be run is unknown."""


class LogSource(Protocol):
    """Somewhere logs can be read."""

    name: str

    def tail(self, since: datetime | None, limit: int) -> LogExcerpt:
        """Return at most `limit` bytes from the end; never raises: what cannot be read says why."""

    def follow(self, cursor: str, limit: int) -> LogExcerpt:
        """Return what was written since an excerpt with this `cursor`, at most `limit` bytes; never raises.

        Each byte comes once, in order, over a rotation as well; a line may come in two pieces. Where lines
        may be missing, `gap` says why. When `limit` bytes came, more may be there: go on with the new cursor.
        "" begins at the end. After a failure the cursor is the same, and can be tried again.
        """


class Certificates(Protocol):
    """The certificates that production shows, and those of what it depends on."""

    def expiry(self, url: str, /) -> CertificateReport:
        """Return until when the certificate at an https address is valid; never raises."""


class WatchedFiles(Protocol):
    """Files whose change changes production without a release: settings, flags."""

    def changed_at(self, path: str, /) -> datetime | None:
        """Return when a file below the root was last written; None when it is not there."""


class ProductionDesk(Protocol):
    """A desk from which production is changed and seen."""

    @property
    def deployer(self) -> Deployer | None:
        """What puts versions into production; None when nothing is configured."""

    @property
    def probes(self) -> Sequence[Probe]:
        """The smoke tests."""

    @property
    def staging(self) -> Sequence[Probe]:
        """The smoke tests of staging."""

    @property
    def dependencies(self) -> Sequence[Probe]:
        """The checks of what production depends on."""

    @property
    def logs(self) -> Sequence[LogSource]:
        """The logs."""

    @property
    def certificates(self) -> Certificates:
        """The certificates of addresses."""

    @property
    def files(self) -> WatchedFiles:
        """The files whose change changes production."""
