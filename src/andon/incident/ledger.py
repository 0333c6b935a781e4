"""The ledger of deployments: the service's own history, folded into what ran when and what is known of it."""

from __future__ import annotations

from andon.incident.events import (
    ReleaseBlocked,
    ReleaseDeployed,
    ReleaseJudged,
    ReleaseUnblocked,
    SettingChanged,
)
from andon.incident.words import EvidenceHash, ReleaseVerdict
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from andon.incident.recorded import Recorded


#: Source of a release that was found running, nobody knows since when: it is near no break.
SEEN = "seen"


class Release(Record):
    """One version with its newest deployment and what is known of it."""

    version: str
    commit: str
    deployed_at: datetime
    first_deployed_at: datetime
    source: str
    artefact: str = ""
    seconds: float = 0.0
    verdict: ReleaseVerdict = ReleaseVerdict.UNKNOWN
    reason: str = ""
    #: When the verdict was given.
    judged_at: datetime | None = None
    incident: str = ""
    #: What the verdict stands on; None for a person's word.
    evidence: EvidenceHash | None = None
    #: For a bad one: when the failure began of which it is judged.
    broke_at: datetime | None = None
    #: The newest migration in its code, and hashes of the names of its settings and of its lock files.
    schema: str = ""
    config_names: str = ""
    lockfiles: str = ""
    #: False while every one of its deployments broke off.
    was_in_production: bool = True


class Block(Record):
    """A release that must not come back by itself."""

    version: str
    reason: str
    incident: str
    #: "" when it is not known.
    commit: str
    blocked_at: datetime


class Ledger(Record):
    """All deployments, oldest first, and the blocked releases."""

    #: One entry per act of deploying, in the order in which production saw them; aborted ones too.
    deployments: tuple[ReleaseDeployed, ...] = ()
    #: One entry per version, newest deployment last.
    releases: tuple[Release, ...] = ()
    #: The releases that are blocked now, oldest block first.
    blocks: tuple[Block, ...] = ()
    #: What was changed without a release, oldest first.
    changes: tuple[SettingChanged, ...] = ()
    length: int = 0

    @property
    def running(self) -> Release | None:
        """The version that was deployed last."""
        last = next((d for d in reversed(self.deployments) if not d.is_aborted), None)
        return self.find(last.version) if last else None

    def find(self, version: str) -> Release | None:
        """Return the release called `version`."""
        return next((r for r in self.releases if r.version == version), None)

    def block_on(self, version: str, commit: str = "") -> Block | None:
        """Return what blocks `version`, or the same commit under another name; None when nothing does."""
        known = self.find(version)
        code = commit or (known.commit if known else "")
        by_name = next((b for b in self.blocks if b.version == version), None)
        return by_name or next((b for b in self.blocks if code and b.commit == code), None)

    def running_at(self, moment: datetime) -> Release | None:
        """Return the release that was in production at `moment`."""
        before = [d for d in self.deployments if d.deployed_at <= moment and not d.is_aborted]
        return self.find(before[-1].version) if before else None

    @property
    def typical_seconds(self) -> float | None:
        """Median duration of the measured deployments, in seconds; None when none was measured."""
        return _median(d.seconds for d in self.deployments)

    @property
    def typical_rollback_seconds(self) -> float | None:
        """Median duration of the measured rollbacks, in seconds; None when none was measured."""
        return _median(d.seconds for d in self.deployments if d.source == "rollback")


def fold_ledger(history: Iterable[Recorded]) -> Ledger:
    """Return the ledger that the service's stream adds up to."""
    deployments: list[ReleaseDeployed] = []
    changes: list[SettingChanged] = []
    releases: dict[str, Release] = {}
    blocks: dict[str, Block] = {}
    length = 0
    for recorded in history:
        length = recorded.seq
        match recorded.event:
            case ReleaseDeployed() as event:
                deployments.append(event)
                releases[event.version] = _deployed(releases.get(event.version), event)
            case ReleaseJudged() as event:
                known = releases.get(event.version)
                if known is not None:
                    releases[event.version] = _judged(known, event, recorded.at)
            case ReleaseBlocked() as event:
                blocks.pop(event.version, None)  # the newest block stands last
                blocks[event.version] = _blocked(event, recorded.at)
            case ReleaseUnblocked() as event:
                blocks.pop(event.version, None)
            case SettingChanged() as event:
                changes.append(event)
    deployments.sort(key=lambda d: d.deployed_at)
    return Ledger(
        deployments=tuple(deployments),
        releases=tuple(sorted(releases.values(), key=lambda r: r.deployed_at)),
        blocks=tuple(blocks.values()),
        changes=tuple(sorted(changes, key=lambda c: c.changed_at)),
        length=length,
    )


def with_next(ledger: Ledger, version: str, commit: str, at: datetime) -> Ledger:
    """Return the ledger as it would be once `commit` is deployed under a new name; nothing is recorded."""
    event = ReleaseDeployed(version=version, commit=commit, deployed_at=at, source="planned")
    return replace(
        ledger,
        deployments=(*ledger.deployments, event),
        releases=(*ledger.releases, _deployed(None, event)),
    )


def _judged(known: Release, event: ReleaseJudged, at: datetime) -> Release:
    return replace(
        known,
        verdict=event.verdict,
        reason=event.reason,
        judged_at=at,
        incident=event.incident,
        evidence=event.evidence,
        broke_at=event.broke_at,
    )


def _blocked(event: ReleaseBlocked, at: datetime) -> Block:
    return Block(
        version=event.version,
        reason=event.reason,
        incident=event.incident,
        commit=event.commit,
        blocked_at=at,
    )


def _deployed(known: Release | None, event: ReleaseDeployed) -> Release:
    """Return the release with one more deployment; one that only ever broke off has the verdict aborted."""
    if known is None:
        return Release(
            version=event.version,
            commit=event.commit,
            deployed_at=event.deployed_at,
            first_deployed_at=event.deployed_at,
            source=event.source,
            artefact=event.artefact,
            seconds=event.seconds,
            verdict=ReleaseVerdict.ABORTED if event.is_aborted else ReleaseVerdict.UNKNOWN,
            reason="its deployment broke off" if event.is_aborted else "",
            schema=event.schema,
            config_names=event.config_names,
            lockfiles=event.lockfiles,
            was_in_production=not event.is_aborted,
        )
    is_other = event.commit and known.commit and not same_commit(event.commit, known.commit)
    if is_other and known.verdict is ReleaseVerdict.GOOD:  # the name passed to code that nobody has judged
        reason = f"it was {known.commit[:10]} when it was judged good"
        known = replace(known, verdict=ReleaseVerdict.UNKNOWN, reason=reason, evidence=None)
    comes_through = not event.is_aborted and not known.was_in_production and known.judged_at is None
    return replace(
        known,
        commit=event.commit or known.commit,
        artefact=event.artefact or known.artefact,
        source=event.source,
        seconds=event.seconds or known.seconds,
        deployed_at=max(known.deployed_at, event.deployed_at),
        first_deployed_at=min(known.first_deployed_at, event.deployed_at),
        verdict=ReleaseVerdict.UNKNOWN if comes_through else known.verdict,
        reason="" if comes_through else known.reason,
        schema=event.schema or known.schema,
        config_names=event.config_names or known.config_names,
        lockfiles=event.lockfiles or known.lockfiles,
        was_in_production=known.was_in_production or not event.is_aborted,
    )


def same_commit(one: str, other: str) -> bool:
    """True when two commit ids, shortened or not, can be one."""
    return one.startswith(other) or other.startswith(one)


def _median(seconds: Iterable[float]) -> float | None:
    measured = sorted(s for s in seconds if s > 0)
    return measured[len(measured) // 2] if measured else None
