"""When the secret files were audited last, and whether that is due again; cheap enough for every status."""

from __future__ import annotations

from datetime import timedelta

from andon.desk.casefile import service_stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from andon.desk.ports import Desk


def last_audit(desk: Desk) -> datetime | None:
    """Return when the secret files were audited last; None for never. Raises Unavailable."""
    history = desk.journal.read_types(service_stream(desk), ("SecretFilesAudited",))
    return max((recorded.at for recorded in history), default=None)


def audit_due(desk: Desk, last: datetime) -> datetime:
    """Return when the next one is due: `[secrets] audit_days` after the last."""
    return last + timedelta(days=desk.config.secrets.audit_days)


def audit_is_due(desk: Desk, last: datetime | None) -> bool:
    """True when the last audit is older than that, or there is none."""
    return last is None or desk.clock.now() > audit_due(desk, last)
