"""What can have happened to a service, incident or not: its deployments, verdicts, blocked releases, gear."""

from __future__ import annotations

from andon.incident.words import EvidenceHash, ReleaseVerdict
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

# ---- the service's own stream: deployments and the declared gear


class ReleaseDeployed(Record):
    """A version was put into production."""

    version: str
    commit: str
    deployed_at: datetime
    #: `command`, `symlink`, `recorded`, `rollback`, `hotfix`, `undo`; `seen` when it was found running and
    #: nobody knows since when: then `deployed_at` is the latest moment it can have been.
    source: str
    artefact: str = ""
    #: Seconds the deployment took; 0 when nobody measured.
    seconds: float = 0.0
    incident: str = ""
    #: True when it broke off: the version may have come in part, and it is not what runs.
    is_aborted: bool = False
    #: The newest migration in its code; "" when it has none or nobody looked.
    schema: str = ""
    #: Hash of the names of its settings, never of their values; "" when no file declares any.
    config_names: str = ""
    #: Hash of its lock files; "" when it has none.
    lockfiles: str = ""


class ReleaseJudged(Record):
    """What is known of a release now."""

    version: str
    verdict: ReleaseVerdict
    reason: str
    incident: str = ""
    evidence: EvidenceHash | None = None
    #: For a bad one: when the failure began of which it is judged. What ran from then on is bad as well.
    broke_at: datetime | None = None


class ReleaseBlocked(Record):
    """A release was taken out of production and must not come back by itself."""

    version: str
    reason: str
    #: The incident in which it was taken out; "" when a person blocked it outside of one.
    incident: str = ""
    #: Its commit, so that the same code under another name is recognised; "" when it is not known.
    commit: str = ""


class ReleaseUnblocked(Record):
    """A blocked release may be deployed again."""

    version: str
    reason: str
    incident: str = ""


class SettingChanged(Record):
    """Production was changed without a release: its configuration, or a flag."""

    #: `configuration` or `flag`.
    kind: str
    #: What was changed, by name, never with a value that is secret.
    what: str
    changed_at: datetime


class GearDeclared(Record):
    """The team declared how it works now; HOTFIX is never declared, it follows from incidents."""

    gear: str
    reason: str
