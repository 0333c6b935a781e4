"""The values that cross the ports; those of the journal, which every command needs, are in a module apart."""

from __future__ import annotations

from andon.desk.kept_values import Appended as Appended
from andon.desk.kept_values import AuditReport as AuditReport
from andon.desk.kept_values import Blob as Blob
from andon.desk.kept_values import Head as Head
from andon.desk.kept_values import Stored as Stored
from andon.incident.words import Outcome, ReleaseVerdict, Severity, Verdict
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime


class ReleaseOnDisk(Record):
    """A version that the deployer could put into production."""

    version: str
    commit: str = ""
    artefact: str = ""
    deployed_at: datetime | None = None
    verdict: ReleaseVerdict = ReleaseVerdict.UNKNOWN


class FileChange(Record):
    """A file that differs between two commits; a renamed one is removed and added."""

    path: str
    #: `added`, `changed` or `removed`.
    kind: str


class Commit(Record):
    """One commit of a line of history."""

    id: str
    subject: str
    committed_at: datetime
    author: str = ""


class Attempt(Record):
    """How a command went in a checkout of an old commit."""

    #: Exit code; negative: killed by that signal.
    code: int
    #: In words: `exit code 1`, or why it could not be started.
    ending: str
    #: What it printed, cleaned of control characters, cut to a readable size.
    output: str
    seconds: float
    timed_out: bool = False
    #: True when it could not be started, or what it should run is not there.
    is_missing: bool = False


class AuditAnswer(Record):
    """What an audit tool printed."""

    #: Exit code; negative: killed by that signal.
    code: int
    content: bytes = b""
    #: How it ended and what it complained of, in one line.
    account: str = ""
    #: Why there is no answer: not started, out of time, too long; "" otherwise.
    failure: str = ""


class Capacity(Record):
    """Whether all copies of what was deployed are there to serve."""

    #: Unknown where the deployer cannot tell; then only the smoke tests say whether it serves.
    verdict: Verdict
    #: One line: `3 of 3 replicas are ready`.
    summary: str


class DeployReport(Record):
    """How a deployment went."""

    outcome: Outcome
    #: What the tool printed, cleaned of control characters, cut to a readable size.
    output: str
    detail: str
    seconds: float
    running_version: str = ""


class Attachment(Record):
    """Something a smoke test left behind: a picture of the page, a trace, a text."""

    #: `screenshot`, `trace` or `text`.
    kind: str
    title: str
    media_type: str
    content: bytes


class ProbeReport(Record):
    """What a smoke test saw."""

    verdict: Verdict
    #: One line.
    summary: str
    #: Status, headers of interest and body excerpt, or the command's output.
    detail: str = ""
    seconds: float = 0.0
    #: What it left behind, for the evidence; not redacted yet.
    attachments: tuple[Attachment, ...] = ()


class LogExcerpt(Record):
    """The end of a log."""

    name: str
    content: bytes
    #: Why it could not be read; "" when it could.
    failure: str = ""
    #: Bytes of the whole log.
    total_size: int = 0
    #: How far east of UTC moments are that name no zone, in minutes.
    zone_minutes: int = 0
    #: When it was last written to, by the clock of this machine; None when nobody says.
    touched_at: datetime | None = None
    #: Where this excerpt ends, for `LogSource.follow`; "" where nothing can be followed.
    cursor: str = ""
    #: Why lines before this excerpt may be missing; "" when none is.
    gap: str = ""


class CertificateReport(Record):
    """Until when the certificate of an address is valid."""

    #: `host`, or `host:port` where it is not 443.
    host: str
    expires_at: datetime | None = None
    #: Why that cannot be told; "" when it can.
    failure: str = ""


class Message(Record):
    """What stakeholders are told."""

    title: str
    body: str
    occasion: str
    severity: Severity
    incident: str


class MigrationStep(Record):
    """A migration that is a program, as a tool is told of it."""

    path: str
    text: str
    #: What the framework's commands call it.
    revision: str
    #: The one before it, as the framework says it: `base` and `zero` where nothing comes before.
    previous: str
    #: Django's name of the application; "" elsewhere.
    app: str = ""


class TrialFailed(Exception):
    """What was to be tried on a disposable copy did not work there."""

    def __init__(self, reason: str, *, timed_out: bool = False) -> None:
        """Keep the reason (never an address with its password) and whether a time limit ended it."""
        self.reason = reason
        self.timed_out = timed_out
        super().__init__(reason)


class DeliveryFailed(Exception):
    """The message was not taken."""

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        """Keep the reason (never an address) and whether trying again makes sense."""
        self.reason = reason
        self.permanent = permanent
        super().__init__(reason)
