"""The last known good release: newest with a good verdict that predates the break. Unknown is never good."""

from __future__ import annotations

from datetime import timedelta

from andon.incident.words import ReleaseVerdict
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from andon.incident.ledger import Ledger, Release


#: A deployment may show in the ledger up to this long after its first errors: clocks and rolling starts.
SKEW = timedelta(minutes=2)


class LastKnownGood(Record):
    """The version to go back to, with the reason; `version` is "" when there is none."""

    version: str
    reason: str
    #: Why every newer release was passed over, newest first.
    passed_over: tuple[str, ...]


def last_known_good(
    ledger: Ledger, *, broke_at: datetime | None, running: str, available: frozenset[str] | None
) -> LastKnownGood:
    """Return the release to go back to.

    `available` names what the deployer can still deploy; None when it cannot say, which passes nothing over.
    """
    passed_over: list[str] = []
    broken = ledger.running_at(broke_at + SKEW) if broke_at is not None else None
    for release in sorted(ledger.releases, key=lambda r: r.deployed_at, reverse=True):
        objection = _objection(release, broke_at, running, available)
        if not objection and broken is not None and release.version == broken.version:
            objection = "it was in production when it broke"
        if not objection:
            judged = f" at {release.judged_at:%Y-%m-%d %H:%M UTC}" if release.judged_at else ""
            return LastKnownGood(
                version=release.version,
                reason=f"judged good{judged} ({release.reason or 'no reason given'}), "
                f"first deployed {release.first_deployed_at:%Y-%m-%d %H:%M UTC}",
                passed_over=tuple(passed_over),
            )
        passed_over.append(f"{release.version}: {objection}")
    reason = "the ledger is empty" if not ledger.releases else "no release passes"
    return LastKnownGood(version="", reason=reason, passed_over=tuple(passed_over))


def _objection(
    release: Release, broke_at: datetime | None, running: str, available: frozenset[str] | None
) -> str:
    if release.version == running:
        return "it is what runs now"
    if release.verdict is ReleaseVerdict.UNKNOWN:
        return "nobody knows whether it is good"
    if release.verdict is not ReleaseVerdict.GOOD:
        return f"judged {release.verdict}: {release.reason}"
    if broke_at is not None and release.first_deployed_at >= broke_at:
        return "it was first deployed after the break"
    if available is not None and release.version not in available:
        return "its artefact is gone"
    return ""
