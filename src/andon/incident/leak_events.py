"""What can have happened to a leaked secret: found, located, revoked, purged, verified, pushed, banned."""

from __future__ import annotations

from andon.incident.parts import ExposedTo, LeakedCredential, LeakPlace, RefPush
from andon.incident.words import EvidenceHash, Severity, Verdict
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime


# ---- the leak


class LeakReported(Record):
    """Secrets are known to have got out; a second report adds to the first."""

    #: `finding`, `value`, `alert`.
    source: str
    credentials: tuple[LeakedCredential, ...]
    #: Files that leaked whole: they go altogether, whatever else stands in them.
    paths: tuple[str, ...] = ()
    #: The machine that keeps the values, in a private directory.
    host: str = ""
    #: When a host says that it saw it; None when none did.
    alerted_at: datetime | None = None


class LeakLocated(Record):
    """Every object and name of a repository was searched for the secrets."""

    #: Whether the search was complete: passed, or unknown with the reason in `summary`.
    verdict: Verdict
    summary: str
    #: What was read, and what holds a secret.
    objects: int
    holders: int
    commits: int
    references: tuple[str, ...] = ()
    #: The places, as far as they are listed here; all of them are in the evidence.
    places: tuple[LeakPlace, ...] = ()
    #: True when what is checked out now holds it.
    in_head: bool = False
    evidence: EvidenceHash | None = None


class ExposureAssessed(Record):
    """From when to when the secrets could be read, and by whom."""

    since: datetime | None
    #: None when they still can.
    until: datetime | None
    #: The window in words, with what bounds it.
    summary: str
    remotes: tuple[ExposedTo, ...] = ()
    evidence: EvidenceHash | None = None


class CredentialRevoked(Record):
    """A person answers for it that a secret is worth nothing any more."""

    mark: str
    #: How that is known.
    statement: str


class RevocationSkipped(Record):
    """Somebody goes on although a secret still works."""

    mark: str
    reason: str
    #: The action item that keeps it from being forgotten.
    action: str = ""


class HistoryBackedUp(Record):
    """A bundle of everything as it was, secrets included, that must not stay."""

    path: str
    sha256: str
    size: int
    delete_after: datetime


class HistoryPurged(Record):
    """A fresh mirror clone was rewritten without the secrets; nothing else was touched."""

    operation: str
    mirror: str
    commits: int
    #: References that point to something else now.
    references: tuple[str, ...]
    #: The first commits that are different, one for each line of history.
    first_changed: tuple[str, ...] = ()
    #: Pull requests of the host that hold it.
    pull_requests: int = 0
    evidence: EvidenceHash | None = None
    #: Objects of a large file storage that no commit names any more.
    lfs: tuple[str, ...] = ()


class PurgeVerified(Record):
    """Every byte of the mirror and of a fresh clone of it was searched again."""

    operation: str
    verdict: Verdict
    summary: str
    objects: int
    #: What still holds a secret.
    survivors: tuple[str, ...] = ()
    evidence: EvidenceHash | None = None


class PurgePushPlanned(Record):
    """How the rewritten history gets to a remote, and what people have to do about their clones."""

    operation: str
    remote: str
    refs: tuple[RefPush, ...]
    #: Texts for collaborators, owners of forks and the host's support.
    evidence: EvidenceHash | None = None


class PurgePushed(Record):
    """The rewritten history was pushed."""

    operation: str
    remote: str
    pushed: tuple[str, ...]
    #: References that the remote did not take, with its reason.
    failed: tuple[str, ...] = ()
    #: References that still hold it and that only the host's support can remove.
    kept: tuple[str, ...] = ()


class LeakBanned(Record):
    """Objects and values that a repository will not take back."""

    #: The repository that refuses them from now on.
    place: str
    objects: int
    values: int


class LeakCleaned(Record):
    """What the work on the leak left behind was removed, and proven gone."""

    verdict: Verdict
    summary: str
    removed: tuple[str, ...] = ()
    #: What still has to go, with the reason or the date.
    left: tuple[str, ...] = ()


class LeakJudged(Record):
    """What the leak still means once the secrets are worth nothing."""

    residual: Severity
    reason: str
