"""The ledger of deployments, kept up to date with what the deployer knows."""

from __future__ import annotations

from andon.desk.casefile import service_stream
from andon.desk.listed import hold, source_of
from andon.errors import AndonError, Conflict, NotFound
from andon.incident.events import (
    DeployFinished,
    DeployStarted,
    HotfixPlanned,
    ReleaseBlocked,
    ReleaseDeployed,
    ReleaseJudged,
    ReleaseUnblocked,
    SettingChanged,
)
from andon.incident.ledger import Ledger, fold_ledger
from andon.incident.proof import proven_at
from andon.incident.words import CommandId, Outcome, ReleaseVerdict
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from andon.desk.listed import Held
    from andon.desk.ports import Desk
    from andon.desk.values import ReleaseOnDisk
    from andon.incident.ledger import Block
    from andon.incident.state import Incident
    from andon.incident.words import EvidenceHash


#: Of deployments that are entered together, so many of the newest are looked at in git.
_DESCRIBED = 5
#: Tags that are listed as releases nobody saw deployed.
_TAGS = 10


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
    listed: tuple[ReleaseOnDisk, ...] | None = None
    running = ""
    if desk.deployer is None:
        failures.append(("deployer", "none is configured: [deploy] in andon.toml"))
    else:
        try:
            listed = desk.deployer.releases()
        except AndonError as problem:
            failures.append(("releases", str(problem)))
        try:
            running = desk.deployer.running()
        except AndonError as problem:
            failures.append(("running release", str(problem)))
    if listed == () and _can_list(desk):
        failures.append(("releases", "the deployer lists none, so what can be deployed is not known"))
    held = hold(ledger, listed or (), running, desk.clock.now())
    failures += [("releases", doubt) for doubt in held.doubts]
    if held.news or held.verdicts:
        ledger = _enter(desk, ledger, held)
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
        available=frozenset(r.version for r in held.releases) if held.releases else None,
        failures=tuple(failures),
    )


def _can_say(desk: Desk) -> bool:
    """True when the deployer is able to tell which version runs; if it then does not, nobody knows."""
    return desk.deployer is not None and (
        desk.config.deploy.kind != "command" or bool(desk.config.deploy.running)
    )


def _can_list(desk: Desk) -> bool:
    """True when the deployer is meant to list releases, so that an empty list is a gap."""
    return desk.config.deploy.kind not in ("", "command") or bool(desk.config.deploy.releases)


def _enter(desk: Desk, ledger: Ledger, held: Held) -> Ledger:
    """Record what the ledger lacks, unless somebody else looked at the same moment and did."""
    kind = desk.deployer.kind if desk.deployer else ""
    newest = held.news[-_DESCRIBED:]
    events: list[ReleaseDeployed | ReleaseJudged] = []
    for news in held.news:
        release = news.release
        commit = release.commit or commit_of(desk, release.version)
        is_aborted = release.verdict is ReleaseVerdict.ABORTED and not news.is_seen
        event = _deployed(desk, release.version, commit, news.deployed_at, is_described=news in newest)
        source = source_of(news, kind)
        events.append(replace(event, source=source, artefact=release.artefact, is_aborted=is_aborted))
    aborted = {e.version for e in events if isinstance(e, ReleaseDeployed) and e.is_aborted}
    events += [
        ReleaseJudged(version=r.version, verdict=r.verdict, reason=f"listed as {r.verdict} by {kind}")
        for r in held.verdicts
        if r.version not in aborted
    ]
    command = CommandId(desk.ids.new())
    try:
        desk.append(service_stream(desk), events, expected=ledger.length, command=command)
    except Conflict:
        return read_ledger(desk)
    return read_ledger(desk)


def _deployed(
    desk: Desk, version: str, commit: str, when: datetime, *, is_described: bool
) -> ReleaseDeployed:
    """Return a deployment with what its code brings along."""
    event = ReleaseDeployed(version=version, commit=commit, deployed_at=when, source="recorded")
    if not commit or not is_described:
        return event
    from andon.desk.code_facts import code_facts  # reads many kinds of files: only where one is recorded

    facts = code_facts(desk, commit)
    return replace(event, schema=facts.schema, config_names=facts.config_names, lockfiles=facts.lockfiles)


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
    artefact: str = "",
    schema: str = "",
    is_aborted: bool = False,
) -> ReleaseDeployed:
    """Add a deployment to the ledger, with what git knows of its code; `schema` replaces what git says."""
    known = commit or commit_of(desk, version)
    when = deployed_at or desk.clock.now()
    event = _deployed(desk, version, known, when, is_described=True)
    event = replace(
        event,
        source=source,
        seconds=seconds,
        incident=incident,
        artefact=artefact,
        schema=schema or event.schema,
        is_aborted=is_aborted,
    )
    desk.append(service_stream(desk), (event,))
    return event


def record_change(desk: Desk, kind: str, what: str, changed_at: datetime | None = None) -> SettingChanged:
    """Put on record that configuration or a flag was changed without a release."""
    event = SettingChanged(kind=kind, what=what, changed_at=changed_at or desk.clock.now())
    desk.append(service_stream(desk), (event,))
    return event


def judge(
    desk: Desk,
    version: str,
    verdict: ReleaseVerdict,
    reason: str,
    *,
    incident: str = "",
    evidence: EvidenceHash | None = None,
    broke_at: datetime | None = None,
    command: CommandId | None = None,
) -> ReleaseJudged:
    """Say what is known of a release; raises NotFound for one that the ledger does not know.

    `broke_at` is when the failure began of which a bad release is judged.
    """
    if read_ledger(desk).find(version) is None:
        raise NotFound(
            f"the ledger knows no release {version!r}",
            where=desk.config.service,
            remedy=f"andon deployed {version}",
        )
    event = ReleaseJudged(
        version=version,
        verdict=verdict,
        reason=reason,
        incident=incident,
        evidence=evidence,
        broke_at=broke_at,
    )
    desk.append(service_stream(desk), (event,), command=command)
    return event


def tagged(desk: Desk, ledger: Ledger) -> tuple[tuple[str, str], ...]:
    """Return (tag, commit) of the tags that are newer than every release in the ledger, oldest first.

    They are releases that exist. That they were ever deployed nobody knows, so the ledger has none of them.
    """
    try:
        tags = desk.repository.tags()
    except AndonError:
        return ()
    versions = {name for release in ledger.releases for name in (release.version, f"v{release.version}")}
    commits = {release.commit for release in ledger.releases if release.commit}
    known = [place for place, (tag, commit) in enumerate(tags) if tag in versions or commit in commits]
    return tags[known[-1] + 1 if known else 0 :][-_TAGS:]


def block_release(
    desk: Desk, version: str, incident: str, reason: str, *, command: CommandId | None = None
) -> Block:
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
    desk.append(service_stream(desk), (event,), command=command)
    return read_ledger(desk).blocks[-1]


def unblock_release(
    desk: Desk, version: str, reason: str, incident: str = "", *, command: CommandId | None = None
) -> Block:
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
    desk.append(service_stream(desk), (event,), command=command)
    return found


def changed_since_proof(desk: Desk, state: Incident) -> str:
    """Say which version or flag changed production outside the incident after its proof; "" for none.

    What was deployed in the future was deployed before the clock went back; no new proof could come after it.
    """
    proven, now = proven_at(state), desk.clock.now()
    if proven is None:
        return ""
    deployments = read_ledger(desk).deployments
    since = [d for d in deployments if proven < d.deployed_at <= now and d.incident != state.id]
    if since:
        return f"{since[-1].version} was deployed"
    from andon.desk.flags.acts import changed_since  # most services switch no flag

    return changed_since(desk, state, proven)


def enter_acts(desk: Desk, incident: str, commit: str = "") -> None:
    """Enter every act of an incident that succeeded into the ledger, each exactly once.

    A process can die between the end of a deployment and its entry; whoever comes next makes up for it,
    under an id made from the operation's, so that it cannot be entered twice. `commit` is given when git does
    not know the version.
    """
    started: dict[str, DeployStarted] = {}
    made_from: dict[str, str] = {}
    for recorded in desk.history(incident):
        match recorded.event:
            case HotfixPlanned() as plan:
                made_from[plan.operation] = plan.commit
            case DeployStarted() as start:
                started[start.operation] = start
            case DeployFinished(outcome=Outcome.SUCCEEDED) as end if end.operation in started:
                command = CommandId(f"{end.operation}/ledger")
                if desk.journal.recall(command) is None:
                    act = started[end.operation]
                    known = commit or made_from.get(act.operation, "") or commit_of(desk, act.version)
                    is_new = act.purpose == "hotfix"  # whatever else is deployed was deployed before
                    event = _deployed(desk, act.version, known, recorded.at, is_described=is_new)
                    events = _entries(act, end, event, incident)
                    desk.append(service_stream(desk), events, command=command)


def _entries(
    act: DeployStarted, end: DeployFinished, event: ReleaseDeployed, incident: str
) -> tuple[ReleaseDeployed | ReleaseJudged, ...]:
    deployed = replace(event, source=act.purpose, seconds=end.seconds, incident=incident)
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
