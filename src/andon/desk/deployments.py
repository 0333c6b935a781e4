"""The ledger of deployments, kept up to date with what the deployer knows."""

from __future__ import annotations

from datetime import timedelta

from andon.desk.casefile import service_stream
from andon.desk.values import ReleaseOnDisk
from andon.errors import AndonError, Conflict, NotFound
from andon.incident.events import (
    DeployFinished,
    DeployStarted,
    ReleaseBlocked,
    ReleaseDeployed,
    ReleaseJudged,
    ReleaseUnblocked,
)
from andon.incident.ledger import SEEN, Ledger, fold_ledger
from andon.incident.proof import proven_at
from andon.incident.words import CommandId, Outcome, ReleaseVerdict
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from andon.desk.ports import Desk
    from andon.incident.ledger import Block
    from andon.incident.state import Incident


#: How far a deployer's clock may be ahead of ours.
_SKEW = timedelta(minutes=5)


class Production(Record):
    """What runs, what could run, and the ledger."""

    ledger: Ledger
    #: Version in production; "" when nothing can say.
    running: str
    #: True when the deployer itself said so, False when it is only what the ledger has last.
    is_confirmed: bool
    #: Versions that can be deployed; None when the deployer cannot say.
    available: frozenset[str] | None
    #: What could not be asked, and why.
    failures: tuple[tuple[str, str], ...] = ()


def read_ledger(desk: Desk) -> Ledger:
    """Return the ledger as it is recorded."""
    return fold_ledger(desk.history(service_stream(desk)))


def survey(desk: Desk) -> Production:
    """Ask the deployer, record deployments it knows and the ledger does not, and return both."""
    ledger = read_ledger(desk)
    failures: list[tuple[str, str]] = []
    on_disk: tuple[ReleaseOnDisk, ...] | None = None
    running = ""
    if desk.deployer is None:
        failures.append(("deployer", "none is configured: [deploy] in andon.toml"))
    else:
        try:
            on_disk = desk.deployer.releases()
        except AndonError as problem:
            failures.append(("releases", str(problem)))
        try:
            running = desk.deployer.running()
        except AndonError as problem:
            failures.append(("running release", str(problem)))
    unseen = _unseen(desk, ledger, on_disk or (), running)
    if unseen:
        ledger = _enter(desk, ledger, unseen)
    is_confirmed = bool(running)
    if not running and not _can_say(desk) and ledger.running is not None:
        running = ledger.running.version
        if desk.deployer is not None:
            told = f"{running} according to the ledger only; nothing confirms it: running in [deploy]"
            failures.append(("running release", told))
    return Production(
        ledger=ledger,
        running=running,
        is_confirmed=is_confirmed,
        available=frozenset(r.version for r in on_disk) if on_disk else None,
        failures=tuple(failures),
    )


def _can_say(desk: Desk) -> bool:
    """True when the deployer is able to tell which version runs; if it then does not, nobody knows."""
    return desk.deployer is not None and (
        desk.config.deploy.kind != "command" or bool(desk.config.deploy.running)
    )


def _enter(desk: Desk, ledger: Ledger, unseen: tuple[ReleaseDeployed, ...]) -> Ledger:
    """Record what the ledger lacks, unless somebody else looked at the same moment and did."""
    command = CommandId(desk.ids.new())
    try:
        desk.append(service_stream(desk), unseen, expected=ledger.length, command=command)
    except Conflict:
        return read_ledger(desk)
    return read_ledger(desk)


def _unseen(
    desk: Desk, ledger: Ledger, on_disk: tuple[ReleaseOnDisk, ...], running: str
) -> tuple[ReleaseDeployed, ...]:
    """Return deployments that the ledger lacks.

    Without a believable date a release counts only if it runs now, and then as seen: since when is not known.
    """
    now = desk.clock.now()
    kind = desk.deployer.kind if desk.deployer else ""
    listed = {release.version for release in on_disk}
    alone = () if running in listed or not running else (ReleaseOnDisk(version=running),)
    last = ledger.running.version if ledger.running else ""
    found = []
    for release in (*on_disk, *alone):
        known, when = ledger.find(release.version), release.deployed_at
        if known is not None and (release.version != running or running == last):
            continue
        is_news = when is not None and (known is None or when > known.deployed_at)
        if when is not None and is_news and when <= now + _SKEW:
            found.append(_deployed(desk, release, min(when, now), kind))
        elif release.version == running:
            found.append(_deployed(desk, release, now, SEEN))
    return tuple(sorted(found, key=lambda event: event.deployed_at))


def _deployed(desk: Desk, release: ReleaseOnDisk, when: datetime, kind: str) -> ReleaseDeployed:
    return ReleaseDeployed(
        version=release.version,
        commit=release.commit or commit_of(desk, release.version),
        deployed_at=when,
        source=kind,
        artefact=release.artefact,
    )


def commit_of(desk: Desk, version: str) -> str:
    """Return the commit that a version name stands for in git, "" when it stands for none."""
    for reference in (version, f"v{version}"):
        try:
            return desk.repository.commit_of(reference)
        except AndonError:
            continue
    return ""


def record_deployment(
    desk: Desk,
    version: str,
    *,
    commit: str = "",
    deployed_at: datetime | None = None,
    source: str = "recorded",
    seconds: float = 0.0,
    incident: str = "",
) -> ReleaseDeployed:
    """Add a deployment to the ledger."""
    event = ReleaseDeployed(
        version=version,
        commit=commit or commit_of(desk, version),
        deployed_at=deployed_at or desk.clock.now(),
        source=source,
        seconds=seconds,
        incident=incident,
    )
    desk.append(service_stream(desk), (event,))
    return event


def judge(
    desk: Desk, version: str, verdict: ReleaseVerdict, reason: str, *, incident: str = ""
) -> ReleaseJudged:
    """Say what is known of a release; raises NotFound for one that the ledger does not know."""
    if read_ledger(desk).find(version) is None:
        raise NotFound(
            f"the ledger knows no release {version!r}",
            where=desk.config.service,
            remedy=f"andon deployed {version}",
        )
    event = ReleaseJudged(version=version, verdict=verdict, reason=reason, incident=incident)
    desk.append(service_stream(desk), (event,))
    return event


def block_release(desk: Desk, version: str, incident: str, reason: str) -> Block:
    """Keep a release from coming back by itself; said again for the same incident, it is recorded once.

    It stands until somebody unblocks it. `incident` is "" outside of one.
    """
    ledger = read_ledger(desk)
    known = next((b for b in ledger.blocks if b.version == version), None)
    if known is not None and known.incident == incident:
        return known
    release = ledger.find(version)
    commit = (release.commit if release else "") or commit_of(desk, version)
    event = ReleaseBlocked(version=version, reason=reason, incident=incident, commit=commit)
    desk.append(service_stream(desk), (event,))
    return read_ledger(desk).blocks[-1]


def unblock_release(desk: Desk, version: str, reason: str, incident: str = "") -> Block:
    """Let a blocked release be deployed again; raises NotFound when it is not blocked."""
    found = next((b for b in read_ledger(desk).blocks if b.version == version), None)
    if found is None:
        raise NotFound(
            f"{version!r} is not blocked",
            where=desk.config.service,
            rule="blocked-release",
            remedy="andon releases",
        )
    event = ReleaseUnblocked(version=version, reason=reason, incident=incident)
    desk.append(service_stream(desk), (event,))
    return found


def deployed_since_proof(desk: Desk, state: Incident) -> str:
    """Return the version that came into production outside the incident after its proof, "" for none.

    What was deployed in the future was deployed before the clock went back; no new proof could come after it.
    """
    proven, now = proven_at(state), desk.clock.now()
    if proven is None:
        return ""
    deployments = read_ledger(desk).deployments
    since = [d for d in deployments if proven < d.deployed_at <= now and d.incident != state.id]
    return since[-1].version if since else ""


def enter_acts(desk: Desk, incident: str, commit: str = "") -> None:
    """Enter every act of an incident that succeeded into the ledger, each exactly once.

    A process can die between the end of a deployment and its entry; whoever comes next makes up for it,
    under an id made from the operation's, so that it cannot be entered twice. `commit` is given when git does
    not know the version.
    """
    started: dict[str, DeployStarted] = {}
    for recorded in desk.history(incident):
        match recorded.event:
            case DeployStarted() as start:
                started[start.operation] = start
            case DeployFinished(outcome=Outcome.SUCCEEDED) as end if end.operation in started:
                command = CommandId(f"{end.operation}/ledger")
                if desk.journal.recall(command) is None:
                    act = started[end.operation]
                    known = commit or commit_of(desk, act.version)
                    events = _entries(act, end, recorded.at, incident, known)
                    desk.append(service_stream(desk), events, command=command)


def _entries(
    act: DeployStarted, end: DeployFinished, at: datetime, incident: str, commit: str
) -> tuple[ReleaseDeployed | ReleaseJudged, ...]:
    deployed = ReleaseDeployed(
        version=act.version,
        commit=commit,
        deployed_at=at,
        source=act.purpose,
        seconds=end.seconds,
        incident=incident,
    )
    if act.purpose != "rollback" or not act.from_version:
        return (deployed,)
    judged = ReleaseJudged(
        version=act.from_version,
        verdict=ReleaseVerdict.UNKNOWN,  # whether it was the cause, the verification will show
        reason=f"taken out of production in {incident}",
        incident=incident,
    )
    return (judged, deployed)


def changed_since(desk: Desk, ledger: Ledger, target: str, running: str) -> tuple[str, ...] | None:
    """Return the files that differ between `target` and whatever ran after it; None when git cannot say.

    A release in between may have changed the database although the code that did it is gone again.
    """
    release = ledger.find(target)
    later = [d.version for d in ledger.deployments if release and d.deployed_at > release.deployed_at]
    found: set[str] = set()
    for version in {running, *later} - {target}:
        changed = changed_between(desk, ledger, target, version)
        if changed is None:
            return None
        found.update(changed)
    return tuple(sorted(found))


def changed_between(desk: Desk, ledger: Ledger, one: str, other: str) -> tuple[str, ...] | None:
    """Return the files that differ between two releases; None when git cannot say."""
    commits = []
    for version in (one, other):
        release = ledger.find(version)
        commit = (release.commit if release else "") or commit_of(desk, version)
        if not commit:
            return None
        commits.append(commit)
    try:
        return desk.repository.changed_files(commits[0], commits[1])
    except AndonError:
        return None
