"""From what was seen to what is known: what broke, since when, what is suspect, what speaks for what."""

from __future__ import annotations

from datetime import timedelta

from andon.incident.events import AssessmentMade, Fact, Finding
from andon.incident.ledger import SEEN
from andon.incident.words import ReleaseVerdict, Verdict
from andon.record import Record
from andon.response.last_known_good import SKEW, last_known_good

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from andon.incident.events import ImpactConfirmed, ProbeOutcome
    from andon.incident.ledger import Ledger


class ErrorSign(Record):
    """A kind of error in a log."""

    log: str
    component: str
    signature: str
    sample: str
    count: int
    first_seen: datetime | None
    #: Hosts that the error blames, `host:port`.
    upstreams: tuple[str, ...] = ()
    #: True when the trace passes through the project's own code.
    in_own_code: bool = False
    #: Times a minute between the first and the last one.
    density: float = 0.0
    #: True when it was always there and always rare (response.background).
    is_background: bool = False
    #: True when it is as old as what is known of the log: the first one may be older.
    may_be_older: bool = False


class Situation(Record):
    """Everything that was looked at."""

    declared_at: datetime
    #: When the harm began, if a person said so.
    began_at: datetime | None
    probes: tuple[ProbeOutcome, ...]
    dependencies: tuple[ProbeOutcome, ...]
    errors: tuple[ErrorSign, ...]
    impacts: tuple[ImpactConfirmed, ...]
    ledger: Ledger
    running: str
    #: Versions the deployer can deploy; None when it cannot say.
    available: frozenset[str] | None
    #: Upper bound of a deployment, in seconds, when none was measured; None without a deployer.
    deploy_limit: float | None
    cause: str = ""
    minutes_to_fix: float | None = None
    fix_is_risky: bool = False
    #: How long before the break a deployment is near it, in minutes.
    near_deployment: float = 30.0


def assess(seen: Situation) -> AssessmentMade:
    """Return what the situation adds up to; the migration gate is added by whoever can read the range."""
    broken = _broken(seen)
    broke_at, source, is_known = _broke_at(seen)
    near = _near(seen, broke_at)
    good = last_known_good(seen.ledger, broke_at=broke_at, running=seen.running, available=seen.available)
    suspect = _suspect(seen, near, broke_at)
    running = seen.ledger.find(seen.running)
    running_is_good = (
        running is not None and running.verdict is ReleaseVerdict.GOOD and running.version not in near
    )
    back, back_fact = _minutes_back(seen)
    return AssessmentMade(
        broken=broken,
        broke_at=broke_at,
        broke_at_source=source,
        suspect=suspect,
        running_version=seen.running,
        suspect_version=near[-1] if near else "",
        last_known_good=good.version,
        facts=(*_facts(seen, near, broke_at), *_good_facts(good.version, good.reason), back_fact),
        minutes_to_roll_back=back,
        minutes_to_fix=seen.minutes_to_fix,
        cause=seen.cause,
        fix_is_risky=seen.fix_is_risky,
        running_is_good=running_is_good,
        passed_over=good.passed_over,
        broke_at_is_known=is_known,
    )


def _broken(seen: Situation) -> tuple[Finding, ...]:
    findings = [
        Finding(
            component=p.covers or p.name, symptom=p.summary, source="probe", sign=p.name, evidence=p.evidence
        )
        for p in seen.probes
        if p.verdict is Verdict.FAILED
    ]
    findings += [
        Finding(
            component=e.component or e.log,
            symptom=f"{e.count} x {e.sample}",
            source="log",
            sign=e.signature,
        )
        for e in seen.errors
        if not e.is_background
    ]
    if not findings:
        findings = [
            Finding(component="reported", symptom=i.summary, source=i.kind.value, evidence=i.evidence)
            for i in seen.impacts
        ]
    return tuple(findings)


def _broke_at(seen: Situation) -> tuple[datetime | None, str, bool]:
    """What a person said, else the first error in a log, else the declaration as the latest moment."""
    if seen.began_at is not None:
        return seen.began_at, "a person said so", True
    dated = [
        e
        for e in seen.errors
        if e.first_seen is not None and e.first_seen <= seen.declared_at and not e.is_background
    ]
    if dated:
        densest = max(dated, key=lambda e: e.density)
        told = f"first of {densest.count} errors in {densest.log}"
        if densest.may_be_older:
            return densest.first_seen, f"{told}, where the log begins: it broke then or earlier", False
        return densest.first_seen, told, True
    return seen.declared_at, "the declaration: it broke then or earlier", False


def _near(seen: Situation, broke_at: datetime | None) -> tuple[str, ...]:
    """Return the versions deployed close before the break, oldest first."""
    if broke_at is None:
        return ()
    window = timedelta(minutes=seen.near_deployment)
    found: list[str] = []
    for deployment in seen.ledger.deployments:
        is_near = broke_at - window <= deployment.deployed_at <= broke_at + SKEW
        if is_near and deployment.source != SEEN and deployment.version not in found:
            found.append(deployment.version)
    return tuple(found)


def _is_undated(seen: Situation, broke_at: datetime | None) -> bool:
    """True when what runs was first seen near the break: it may have been deployed then, or long before."""
    since = None
    for deployment in reversed(seen.ledger.deployments):
        if deployment.version != seen.running:
            break
        since = deployment
    if since is None or since.source != SEEN:
        return False
    return broke_at is None or since.deployed_at >= broke_at - timedelta(minutes=seen.near_deployment)


def _suspect(seen: Situation, near: tuple[str, ...], broke_at: datetime | None) -> str:
    outside = any(d.verdict is Verdict.FAILED for d in seen.dependencies)
    if near and outside:
        return "unclear"
    if near:
        return "deployment"
    if _is_undated(seen, broke_at):
        return "unclear"
    if outside:
        return "dependency"
    if any(e.in_own_code and not e.is_background for e in seen.errors):
        return "latent"
    running = seen.ledger.find(seen.running)
    if running is None or running.verdict is not ReleaseVerdict.GOOD:
        return "unclear"
    return "nothing-found"


def _facts(seen: Situation, near: tuple[str, ...], broke_at: datetime | None) -> list[Fact]:
    facts = []
    for version in near:
        release = seen.ledger.find(version)
        when = f" at {release.deployed_at:%H:%M:%S UTC}" if release else ""
        facts.append(
            Fact(text=f"{version} was deployed{when}, close before the break", speaks_for="rollback")
        )
    if not near and _is_undated(seen, broke_at):
        text = f"{seen.running} was found running; since when is not known"
        facts.append(Fact(text=text, speaks_for="rollback"))
    elif not near:
        last = seen.ledger.deployments[-1] if seen.ledger.deployments else None
        if last is not None and broke_at is not None:
            when = f"{last.deployed_at:%Y-%m-%d %H:%M UTC}"
            text = f"no deployment is near the break; the last one was {last.version} at {when}"
        else:
            text = "the ledger knows no deployment"
        facts.append(Fact(text=text, against="rollback"))
    for dependency in seen.dependencies:
        if dependency.verdict is Verdict.FAILED:
            facts.append(
                Fact(
                    text=f"dependency {dependency.name} is down: {dependency.summary}",
                    speaks_for="workaround",
                )
            )
        elif dependency.verdict is Verdict.PASSED:
            facts.append(Fact(text=f"dependency {dependency.name} answers", against="workaround"))
        else:
            facts.append(Fact(text=f"whether dependency {dependency.name} answers is not known"))
    facts.extend(
        Fact(text=f"always there, so not the break: {error.count} x {error.sample} in {error.log}")
        for error in seen.errors
        if error.is_background
    )
    facts.extend(
        Fact(text=f"errors in {error.log} blame {', '.join(error.upstreams)}", speaks_for="workaround")
        for error in seen.errors
        if error.upstreams and not error.is_background
    )
    if seen.cause:
        facts.append(Fact(text=f"the cause is known: {seen.cause}", speaks_for="hotfix"))
    else:
        facts.append(Fact(text="the cause is not known", speaks_for="rollback", against="hotfix"))
    if seen.minutes_to_fix is not None:
        facts.append(Fact(text=f"a fix would take about {seen.minutes_to_fix:g} min"))
    if seen.fix_is_risky:
        facts.append(Fact(text="the fix is risky", speaks_for="rollback", against="hotfix"))
    return facts


def _good_facts(version: str, reason: str) -> tuple[Fact, ...]:
    if version:
        return (Fact(text=f"last known good is {version}: {reason}", speaks_for="rollback"),)
    text = f"there is no last known good release: {reason}"
    return (Fact(text=text, against="rollback"),)


def _minutes_back(seen: Situation) -> tuple[float | None, Fact]:
    measured = seen.ledger.typical_seconds
    if measured is not None:
        return measured / 60, Fact(text=f"a deployment takes about {measured:.0f} s here (measured)")
    if seen.deploy_limit is not None:
        minutes = seen.deploy_limit / 60
        return minutes, Fact(text=f"no deployment was measured yet; the time limit is {minutes:g} min")
    return None, Fact(
        text="how long a rollback takes is not known: no deployer is configured", against="rollback"
    )
