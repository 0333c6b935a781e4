"""From what was seen to what is known: what broke, since when, what is suspect, what speaks for what."""

from __future__ import annotations

from andon.incident.events import AssessmentMade, Fact, Finding
from andon.incident.words import ReleaseVerdict, Verdict
from andon.response.break_time import break_of
from andon.response.kinds import ALGORITHM
from andon.response.last_known_good import SKEW, last_known_good
from andon.response.situation import ErrorSign as ErrorSign
from andon.response.situation import Situation as Situation
from andon.response.suspects import deployed_near, is_undated, suspect, suspect_facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from andon.response.situation import FlagKnown


def assess(seen: Situation) -> AssessmentMade:
    """Return what the situation adds up to."""
    broken = _broken(seen)
    broke = break_of(seen)
    near = deployed_near(seen, broke.at)
    good = last_known_good(
        seen.ledger,
        broke_at=broke.at,
        running=seen.running,
        available=seen.available,
        contains=seen.contains,
        present=seen.present,
        gate=seen.gate,
    )
    running = seen.ledger.find(seen.running)
    running_is_good = (
        running is not None and running.verdict is ReleaseVerdict.GOOD and running.version not in near
    )
    back, back_fact = _minutes_back(seen)
    flag = _flag(seen, broken)
    facts = [*_facts(seen, near, broke.at), *suspect_facts(seen, broke), *_flag_facts(seen, broken, flag)]
    return AssessmentMade(
        broken=broken,
        broke_at=broke.at,
        broke_at_source=broke.source,
        suspect=suspect(seen, broke, near),
        running_version=seen.running,
        suspect_version=near[-1] if near else "",
        last_known_good=good.version,
        facts=(*facts, *_good_facts(good.version, good.reason), back_fact),
        minutes_to_roll_back=back,
        minutes_to_fix=seen.minutes_to_fix,
        cause=seen.cause,
        fix_is_risky=seen.fix_is_risky,
        running_is_good=running_is_good,
        migrations=good.gate,
        migrations_reason=good.gate_reason,
        passed_over=good.passed_over,
        broke_at_is_known=broke.is_known,
        flag=flag.name if flag else "",
        flag_off=flag.off if flag else (),
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
            algorithm=ALGORITHM,
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


def _flag(seen: Situation, broken: tuple[Finding, ...]) -> FlagKnown | None:
    """Return the flag that covers everything that is broken; None when no single one does.

    Smoke tests say best what is broken; errors in a log count where no smoke test fails.
    """
    shown = [f for f in broken if f.source == "probe"] or list(broken)
    components = {finding.component for finding in shown}
    if len(components) != 1:
        return None
    return next((flag for flag in seen.flags if flag.covers and flag.covers in components), None)


def _flag_facts(seen: Situation, broken: tuple[Finding, ...], chosen: FlagKnown | None) -> list[Fact]:
    components = {finding.component for finding in broken}
    facts = []
    for flag in seen.flags:
        if flag == chosen:
            text = f"the flag {flag.name} covers what is broken: {flag.covers}"
            facts.append(Fact(text=text, speaks_for="kill-switch"))
        elif flag.covers and flag.covers in components:
            text = f"the flag {flag.name} covers {flag.covers}, and more than that is broken"
            facts.append(Fact(text=text, against="kill-switch"))
    return facts


def _deployment_facts(seen: Situation, near: tuple[str, ...], broke_at: datetime) -> list[Fact]:
    facts = []
    for version in near:
        acts = [
            d for d in seen.ledger.deployments if d.version == version and d.deployed_at <= broke_at + SKEW
        ]
        when = f" at {acts[-1].deployed_at:%H:%M:%S UTC}" if acts else ""
        how = "began to be deployed and broke off" if acts and acts[-1].is_aborted else "was deployed"
        is_later = bool(acts) and acts[-1].deployed_at > broke_at
        near_it = "shortly after the first errors" if is_later else "close before the break"
        text = f"{version} {how}{when}, {near_it}"
        facts.append(Fact(text=text, speaks_for="rollback"))
    if not near and is_undated(seen, broke_at):
        text = f"{seen.running} was found running; since when is not known"
        facts.append(Fact(text=text, speaks_for="rollback"))
    elif not near:
        last = seen.ledger.deployments[-1] if seen.ledger.deployments else None
        if last is not None:
            when = f"{last.deployed_at:%Y-%m-%d %H:%M UTC}"
            text = f"no deployment is near the break; the last one was {last.version} at {when}"
        else:
            text = "the ledger knows no deployment"
        facts.append(Fact(text=text, against="rollback"))
    block = seen.ledger.block_on(seen.running) if seen.running else None
    if block is not None:
        where = f" since {block.incident}" if block.incident else ""
        text = f"{seen.running} runs although it is blocked{where}: {block.reason}"
        facts.append(Fact(text=text, speaks_for="rollback"))
    return facts


def _facts(seen: Situation, near: tuple[str, ...], broke_at: datetime) -> list[Fact]:
    facts = _deployment_facts(seen, near, broke_at)
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
        Fact(text=f"was there before and rose {e.risen_at:%H:%M UTC}: {e.count} x {e.sample} in {e.log}")
        for e in seen.errors
        if e.risen_at is not None
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
    rollback = seen.ledger.typical_rollback_seconds
    if rollback is not None:
        return rollback / 60, Fact(text=f"a rollback takes about {rollback:.0f} s here (measured)")
    measured = seen.ledger.typical_seconds
    if measured is not None:
        return measured / 60, Fact(text=f"a deployment takes about {measured:.0f} s here (measured)")
    if seen.deploy_limit is not None:
        minutes = seen.deploy_limit / 60
        return minutes, Fact(text=f"no deployment was measured yet; the time limit is {minutes:.3g} min")
    return None, Fact(
        text="how long a rollback takes is not known: no deployer is configured", against="rollback"
    )
