"""What is suspect, as far as facts go: one word, and what each of the possible causes has for and against it.

A suspect is no proof. Where several things changed at the same moment, it is unclear which of them it was.
"""

from __future__ import annotations

from datetime import timedelta

from andon.incident.events import Fact
from andon.incident.ledger import SEEN
from andon.incident.words import ReleaseVerdict, Verdict
from andon.response.last_known_good import SKEW
from andon.response.rates import has_jumped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from andon.response.break_time import Break
    from andon.response.situation import CertificateSeen, Situation, Touched

#: Without a deployment for so long before the break, errors that blame another host are believed.
_LONG_AGO = timedelta(hours=24)
#: The share of the errors that has to blame a host.
_MOSTLY = 0.5
#: A certificate that ends so soon is told, and no suspect yet.
_SOON = timedelta(days=14)


def suspect(seen: Situation, broke: Break, near: tuple[str, ...]) -> str:
    """Return the suspect; `near` are the versions deployed close before the break."""
    outside = any(d.verdict is Verdict.FAILED for d in seen.dependencies)
    expired = bool(expired_certificates(seen))
    if near:
        return "unclear" if outside or expired else "deployment"
    if expired:
        return "certificate"
    if outside:
        return "unclear" if is_undated(seen, broke.at) else "dependency"
    if is_undated(seen, broke.at):
        return "unclear"
    kinds = {change.kind for change in touched_near(seen, broke)}
    if len(kinds) > 1:
        return "unclear"
    if kinds == {"release"}:  # a canary: which version anybody had is not known
        return "unclear"
    if kinds:
        return "flag" if "flag" in kinds else "configuration"
    if blamed_hosts(seen, broke.at):
        return "dependency"
    if traffic_jump(seen, broke):
        return "traffic"
    if any(e.in_own_code and not e.is_background for e in seen.errors):
        return "latent"
    running = seen.ledger.find(seen.running)
    if running is None or running.verdict is not ReleaseVerdict.GOOD:
        return "unclear"
    return "nothing-found"


def deployed_near(seen: Situation, broke_at: datetime) -> tuple[str, ...]:
    """Return the versions deployed close before the break, oldest first; those that broke off too."""
    window = timedelta(minutes=seen.near_deployment)
    found: list[str] = []
    for deployment in seen.ledger.deployments:
        is_near = broke_at - window <= deployment.deployed_at <= broke_at + SKEW
        if is_near and deployment.source != SEEN and deployment.version not in found:
            found.append(deployment.version)
    return tuple(found)


def is_undated(seen: Situation, broke_at: datetime) -> bool:
    """True when what runs was first seen near the break: it may have been deployed then, or long before."""
    since = None
    for deployment in reversed(seen.ledger.deployments):
        if deployment.is_aborted:
            continue
        if deployment.version != seen.running:
            break
        since = deployment
    if since is None or since.source != SEEN:
        return False
    return since.deployed_at >= broke_at - timedelta(minutes=seen.near_deployment)


def expired_certificates(seen: Situation) -> tuple[CertificateSeen, ...]:
    """Return the certificates that are not valid any more."""
    now = seen.now or seen.declared_at
    return tuple(c for c in seen.certificates if c.expires_at <= now)


def touched_near(seen: Situation, broke: Break) -> tuple[Touched, ...]:
    """Return what was changed without a release close before the break.

    Where the moment of the break is only a bound, nothing is near it: it may have broken long before.
    """
    window = timedelta(minutes=seen.near_deployment)
    if not broke.is_known:
        return ()
    return tuple(t for t in seen.touched if broke.at - window <= t.changed_at <= broke.at + SKEW)


def blamed_hosts(seen: Situation, broke_at: datetime) -> tuple[str, ...]:
    """Return the hosts that most errors blame, where that is believable; none otherwise.

    Not after a deployment within a day: new code can ask wrongly. Not a host whose own check passes.
    """
    recent = (d for d in seen.ledger.deployments if d.source != SEEN)
    if any(broke_at - _LONG_AGO <= d.deployed_at <= broke_at + SKEW for d in recent):
        return ()
    answers = {d.name for d in seen.dependencies if d.verdict is Verdict.PASSED}
    fine = {host.partition(":")[0] for name, host in seen.hosts if name in answers}
    errors = [e for e in seen.errors if not e.is_background]
    blaming = [e for e in errors if e.upstreams and not {h.partition(":")[0] for h in e.upstreams} & fine]
    if not blaming or sum(e.count for e in blaming) <= _MOSTLY * sum(e.count for e in errors):
        return ()
    return tuple(dict.fromkeys(host for error in blaming for host in error.upstreams))


def traffic_jump(seen: Situation, broke: Break) -> str:
    """Return what jumped, in words; "" when traffic is what it was, or cannot be told."""
    for rates in seen.rates if broke.is_known else ():
        found = rates.jump(broke.at)
        if found is not None and has_jumped(*found):
            return f"{rates.log} has {found[1]:.0f} messages a minute, and had {found[0]:.0f} before"
    return ""


def suspect_facts(seen: Situation, broke: Break) -> list[Fact]:
    """Return what speaks for and against the suspects beside deployments and dependencies."""
    facts = []
    now = seen.now or seen.declared_at
    expired = expired_certificates(seen)
    for certificate in seen.certificates:
        when = f"{certificate.expires_at:%Y-%m-%d %H:%M UTC}"
        if certificate in expired:
            text = f"the certificate of {certificate.host} expired {when}"
            facts.append(Fact(text=text, speaks_for="workaround", against="rollback"))
        elif certificate.expires_at <= now + _SOON:
            facts.append(Fact(text=f"the certificate of {certificate.host} ends soon: {when}"))
    for change in touched_near(seen, broke):
        text = f"{change.kind} changed {change.changed_at:%H:%M:%S UTC}, near the break: {change.what}"
        if change.kind == "release":
            text += "; andon canary --back takes it out"
            facts.append(Fact(text=text, speaks_for="rollback"))
            continue
        side = "kill-switch" if change.kind == "flag" else "hotfix"
        facts.append(Fact(text=text, speaks_for=side, against="rollback"))
    if seen.touched and not touched_near(seen, broke):
        last = max(seen.touched, key=lambda t: t.changed_at)
        when = f"{last.changed_at:%Y-%m-%d %H:%M UTC}"
        facts.append(Fact(text=f"no setting changed near the break; the last was {last.what}, {when}"))
    if jump := traffic_jump(seen, broke):
        facts.append(Fact(text=f"traffic jumped: {jump}", speaks_for="workaround"))
    for host in blamed_hosts(seen, broke.at):
        text = f"most errors blame {host}, and nothing was deployed for a day"
        facts.append(Fact(text=text, speaks_for="workaround", against="rollback"))
    return facts
