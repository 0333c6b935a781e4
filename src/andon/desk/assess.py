"""Assessing: look at production, fold it into what is known, and record it."""

from __future__ import annotations

from andon.desk.calm import broke_before, calm_since
from andon.desk.circumstances import certificates, flags, host_of, log_rates, touched, with_risen
from andon.desk.deployments import survey
from andon.desk.looking import error_signs, look
from andon.desk.recording import attach, record
from andon.desk.risks import risk_facts, risks_of_going_back
from andon.desk.schema_gate import schema_gate
from andon.desk.way_back import gate, lineage, presence
from andon.incident.commands import ConfirmImpact, RecordAssessment
from andon.incident.events import CaptureFailed, ImpactConfirmed
from andon.incident.trial import gate_after_trial
from andon.incident.words import Impact, Verdict
from andon.record import Record, replace
from andon.response.assessment import Situation, assess

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.deployments import Production
    from andon.desk.looking import Look
    from andon.desk.ports import Desk
    from andon.incident.events import AssessmentMade, EvidenceAttached
    from andon.incident.state import Incident
    from andon.response.situation import FlagKnown


class Assessed(Record):
    """The incident after the assessment, and what the look saw."""

    incident: Incident
    assessment: AssessmentMade
    look: Look


def run_assessment(
    desk: Desk,
    state: Incident,
    *,
    cause: str = "",
    minutes_to_fix: float | None = None,
    fix_is_risky: bool = False,
) -> Assessed:
    """Look, conclude, record. What a person said in an earlier assessment holds until they say otherwise."""
    before = state.assessment
    if before is not None:
        cause = cause or before.cause
        minutes_to_fix = before.minutes_to_fix if minutes_to_fix is None else minutes_to_fix
        fix_is_risky = fix_is_risky or before.fix_is_risky
    production = survey(desk)
    known, unasked = flags(desk)
    production = replace(production, failures=(*production.failures, *unasked))
    seen = look(desk, keep="failed", far=True)
    situation = replace(
        _situation(desk, state, production, seen, known),
        cause=cause,
        minutes_to_fix=minutes_to_fix,
        fix_is_risky=fix_is_risky,
    )
    made = assess(situation)
    if made.last_known_good and made.running_version:
        found = schema_gate(desk, production.ledger, made.last_known_good, made.running_version)
        made = replace(made, migrations_route=found.route.value, migrations_found=found.findings)
        made = _after_trial(state, made)
        risks = risks_of_going_back(desk, production.ledger, made.last_known_good, made.running_version)
        made = replace(made, facts=(*made.facts, *risk_facts(risks)))
    state = attach(desk, state, _news(state, seen, production))
    for impact in _confirmed(state, seen):
        state = record(desk, state, ConfirmImpact(impact=impact))
    state = record(desk, state, RecordAssessment(assessment=made))
    return Assessed(incident=state, assessment=state.assessment or made, look=seen)


def _situation(
    desk: Desk, state: Incident, production: Production, seen: Look, known: tuple[FlagKnown, ...]
) -> Situation:
    """Return everything that was looked at."""
    ledger = production.ledger
    counted = log_rates(desk, seen.logs)
    errors = error_signs(desk, seen.logs, calm_since(desk, state))
    return Situation(
        declared_at=broke_before(state),
        began_at=state.began_at,
        probes=seen.probes,
        dependencies=seen.dependencies,
        errors=with_risen(desk, errors, seen.logs, counted),
        impacts=state.impacts,
        ledger=ledger,
        running=production.running,
        available=production.available,
        deploy_limit=desk.config.deploy.timeout if desk.deployer else None,
        near_deployment=desk.config.decision.near_deployment,
        now=desk.clock.now(),
        rates=counted,
        certificates=certificates(desk),
        touched=touched(desk, ledger, state),
        flags=known,
        hosts=tuple((d.name, host_of(d.url)) for d in desk.config.dependencies if d.url),
        contains=lineage(desk, ledger),
        present=presence(desk),
        gate=gate(desk, ledger, production.running),
    )


def _after_trial(state: Incident, made: AssessmentMade) -> AssessmentMade:
    """Weigh what a trial of the same way back showed."""
    verdict, reason = gate_after_trial(
        state, made.running_version, made.last_known_good, made.migrations, made.migrations_reason
    )
    return replace(made, migrations=verdict, migrations_reason=reason)


def _confirmed(state: Incident, seen: Look) -> list[ImpactConfirmed]:
    """Return the impact that failing smoke tests show, when nothing has confirmed any yet."""
    if state.impacts:
        return []
    return [
        ImpactConfirmed(kind=Impact.PROBE, summary=f"{p.name}: {p.summary}", evidence=p.evidence, sign=p.name)
        for p in seen.probes
        if p.verdict is Verdict.FAILED
    ]


def _news(state: Incident, seen: Look, production: Production) -> list[EvidenceAttached | CaptureFailed]:
    """Return the evidence and the gaps that are not on record yet."""
    known = {e.evidence for e in state.evidence}
    missed = {f.source for f in state.capture_failures}
    unread = [(f"log {log.name}", log.failure) for log in seen.logs if log.failure]
    return [
        *(attached for attached in seen.attached if attached.evidence not in known),
        *(
            CaptureFailed(source=s, reason=why)
            for s, why in (*production.failures, *unread)
            if s not in missed
        ),
    ]
