"""The ledger of deployments: the service's own history, folded into what ran when and what is known of it."""

from __future__ import annotations

from andon.incident.events import (
    GearDeclared,
    ReleaseBlocked,
    ReleaseDeployed,
    ReleaseJudged,
    ReleaseUnblocked,
)
from andon.incident.words import Gear, ReleaseVerdict
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


class Block(Record):
    """A release that must not come back by itself."""

    version: str
    reason: str
    incident: str
    #: "" when it is not known.
    commit: str
    blocked_at: datetime


class Ledger(Record):
    """All deployments, oldest first, the blocked releases, and the declared gear."""

    #: One entry per act of deploying, in the order in which production saw them.
    deployments: tuple[ReleaseDeployed, ...] = ()
    #: One entry per version, newest deployment last.
    releases: tuple[Release, ...] = ()
    #: The releases that are blocked now, oldest block first.
    blocks: tuple[Block, ...] = ()
    gear: Gear = Gear.BUILD
    gear_reason: str = ""
    length: int = 0

    @property
    def running(self) -> Release | None:
        """The version that was deployed last."""
        return self.releases[-1] if self.releases else None

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
        before = [d for d in self.deployments if d.deployed_at <= moment]
        return self.find(before[-1].version) if before else None

    @property
    def typical_seconds(self) -> float | None:
        """Median duration of the measured deployments, in seconds; None when none was measured."""
        measured = sorted(d.seconds for d in self.deployments if d.seconds > 0)
        return measured[len(measured) // 2] if measured else None


def fold_ledger(history: Iterable[Recorded]) -> Ledger:
    """Return the ledger that the service's stream adds up to."""
    deployments: list[ReleaseDeployed] = []
    releases: dict[str, Release] = {}
    blocks: dict[str, Block] = {}
    gear, reason, length = Gear.BUILD, "", 0
    for recorded in history:
        length = recorded.seq
        match recorded.event:
            case ReleaseDeployed() as event:
                deployments.append(event)
                releases[event.version] = _deployed(releases.get(event.version), event)
            case ReleaseJudged() as event:
                known = releases.get(event.version)
                if known is not None:
                    releases[event.version] = replace(
                        known,
                        verdict=event.verdict,
                        reason=event.reason,
                        judged_at=recorded.at,
                        incident=event.incident,
                    )
            case ReleaseBlocked() as event:
                blocks.pop(event.version, None)  # the newest block stands last
                blocks[event.version] = Block(
                    version=event.version,
                    reason=event.reason,
                    incident=event.incident,
                    commit=event.commit,
                    blocked_at=recorded.at,
                )
            case ReleaseUnblocked() as event:
                blocks.pop(event.version, None)
            case GearDeclared() as event if Gear.named(event.gear) is not Gear.HOTFIX:  # that is derived
                gear, reason = Gear.named(event.gear) or Gear.BUILD, event.reason
    deployments.sort(key=lambda d: d.deployed_at)
    return Ledger(
        deployments=tuple(deployments),
        releases=tuple(sorted(releases.values(), key=lambda r: r.deployed_at)),
        blocks=tuple(blocks.values()),
        gear=gear,
        gear_reason=reason,
        length=length,
    )


def _deployed(known: Release | None, event: ReleaseDeployed) -> Release:
    if known is None:
        return Release(
            version=event.version,
            commit=event.commit,
            deployed_at=event.deployed_at,
            first_deployed_at=event.deployed_at,
            source=event.source,
            artefact=event.artefact,
            seconds=event.seconds,
        )
    return replace(
        known,
        commit=event.commit or known.commit,
        artefact=event.artefact or known.artefact,
        source=event.source,
        seconds=event.seconds or known.seconds,
        deployed_at=max(known.deployed_at, event.deployed_at),
        first_deployed_at=min(known.first_deployed_at, event.deployed_at),
    )
