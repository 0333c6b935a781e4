"""What can have happened when the harm has stopped: cause, postmortem, action items, regressions, the log."""

from __future__ import annotations

from andon.incident.words import EvidenceHash
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

# ---- learning


class CulpritFound(Record):
    """A search over the commits of the bad range ended: this one broke it, or one of these."""

    #: Oldest first; more than one when those between could not be tested.
    commits: tuple[str, ...]
    #: First line of the message of the newest of them.
    subject: str
    #: The commits at the ends: the test passes on the one and fails on the other.
    good: str
    bad: str
    #: Commits that were under suspicion, and how often the test ran.
    candidates: int
    tests: int
    #: `proven` (it fails and the commit before it passes, each twice), `likely` (a commit answered both ways,
    #: or once only), or `narrowed` (more than one is left).
    confidence: str
    #: The test as an argument list.
    command: tuple[str, ...] = ()
    evidence: EvidenceHash | None = None


class PostmortemDrafted(Record):
    """A draft was made from the events."""

    evidence: EvidenceHash | None = None


class SectionWritten(Record):
    """A person completed a field of the postmortem."""

    #: `section/field`, as the postmortem's own list names them.
    section: str
    text: str


class PostmortemPublished(Record):
    """The postmortem is complete and out."""

    path: str
    evidence: EvidenceHash
    #: Hash of the event before this one: the published document anchors the history.
    chain_head: str = ""


class ActionOpened(Record):
    """Deferred work, with where it came from."""

    action: str
    title: str
    #: `shortcut:<item>`, `section:<name>`, `person`.
    origin: str
    owner: str = ""
    due_at: datetime | None = None
    #: `tests`, `cleanup`, `memory`, `verification`, `monitoring`, `regressions`, `other`.
    kind: str = "other"


class ActionAssigned(Record):
    """The work is somebody else's now, or due on another day."""

    action: str
    owner: str
    due_at: datetime | None = None


class ActionDone(Record):
    """The work is done."""

    action: str
    proof: str


class ActionDropped(Record):
    """Nobody will do it, for a reason."""

    action: str
    reason: str


class RegressionLogged(Record):
    """An entry of the regression log."""

    entry: str
    symptom: str
    root_cause: str
    incorrect_behaviour: str
    correct_solution: str
    enforced_path: str
    prevention_mechanism: str
    date: str
    author: str
    path: str
    #: The test that fails when it comes back: `PATH::NAME`, one a line; "" when the entry names none.
    test: str = ""


class IncidentLogged(Record):
    """The incident was appended to the team's incident log."""

    path: str
