"""What can have happened to a service, incident or not: its deployments, their verdicts, its gear."""

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


class ReleaseJudged(Record):
    """What is known of a release now."""

    version: str
    verdict: ReleaseVerdict
    reason: str
    incident: str = ""
    evidence: EvidenceHash | None = None


class GearDeclared(Record):
    """The team declared how it works now; HOTFIX is never declared, it follows from incidents."""

    gear: str
    reason: str
