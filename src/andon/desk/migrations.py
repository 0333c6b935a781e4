"""What a rollback has to take back between two releases: migrations, the gate's verdict, risks, the trial."""

from __future__ import annotations

from andon.desk.casefile import load, open_incidents
from andon.desk.deployments import commit_of, survey
from andon.desk.migration_range import read_range
from andon.desk.recording import attach, record
from andon.desk.risks import risks_between
from andon.desk.schema_gate import gate_between, schema_gate
from andon.desk.way_back import way_back
from andon.errors import NotFound
from andon.incident.commands import RecordTrial
from andon.incident.events import MigrationsTried
from andon.incident.trial import weighed
from andon.incident.words import Verdict
from andon.record import Record
from andon.response.trial import told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.deployments import Production
    from andon.desk.migration_range import MigrationRange
    from andon.desk.ports import Desk
    from andon.incident.state import Incident
    from andon.response.risks import Looked
    from andon.response.schema.gate import SchemaGate
    from andon.response.trial import TrialResult


class Review(Record):
    """What going back from one release to an older one has to take back."""

    #: As given, or as the ledger names them: what runs, and what would run then.
    from_version: str
    to_version: str
    range: MigrationRange
    #: The migration gate's own answer.
    gate: SchemaGate
    risks: Looked

    def after(self, trial: TrialResult | None) -> tuple[Verdict, str]:
        """Return the verdict and its reason, with what a trial showed."""
        if trial is None:
            return self.gate.verdict, self.gate.reason
        return weighed(self.gate.verdict, self.gate.reason, trial.verdict, trial.summary)


def review(desk: Desk, state: Incident | None, base: str, head: str) -> Review:
    """Look at going back from `head` to `base`; without them from what runs to the last known good.

    Raises NotFound when a release cannot be told or git does not know it, Unavailable.
    """
    production = survey(desk)
    running = head or production.running
    target = base or _good(desk, state, production)
    commits = tuple(_commit(desk, production, version) for version in (target, running))
    is_known = all(production.ledger.find(version) for version in (target, running))
    gate = (
        schema_gate(desk, production.ledger, target, running)
        if is_known
        else gate_between(desk, commits[0], commits[1:])
    )
    return Review(
        from_version=running,
        to_version=target,
        range=read_range(desk, *commits),
        gate=gate,
        risks=risks_between(desk, *commits),
    )


def _good(desk: Desk, state: Incident | None, production: Production) -> str:
    broke_at = (
        state.assessment.broke_at if state and state.assessment else state.declared.at if state else None
    )
    good = way_back(desk, production, broke_at)
    if not good.version:
        raise NotFound(
            f"there is no last known good release to go back to: {good.reason}",
            rule="last-known-good",
            remedy="name both: andon migrations BASE HEAD",
        )
    return good.version


def _commit(desk: Desk, production: Production, version: str) -> str:
    if not version:
        raise NotFound(
            "which version runs now is not known",
            rule="running-version",
            remedy="name both: andon migrations BASE HEAD",
        )
    release = production.ledger.find(version)
    commit = (release.commit if release else "") or commit_of(desk, version)
    return commit or desk.repository.commit_of(version)


def incident_for(desk: Desk, wanted: str | None) -> Incident | None:
    """Return the incident a trial is recorded in: the named one, or the only open one; None without one."""
    if wanted:
        return load(desk, wanted)
    candidates = open_incidents(desk)
    return candidates[0] if len(candidates) == 1 else None


def keep(desk: Desk, state: Incident, looked: Review, result: TrialResult) -> Incident:
    """Store the trial as evidence and record it; it counts for going back over exactly this range."""
    from andon.desk.looking import attachment  # threads: not for who only looks at migrations

    title = f"migrations of {looked.to_version}..{looked.from_version} on a copy: {result.verdict}"
    stored = desk.evidence.put("\n".join((title, "", *told(result), "")).encode(), "text/plain")
    state = attach(desk, state, (attachment(stored, "report", title, "andon migrations --trial"),))
    tried = MigrationsTried(
        from_version=looked.from_version,
        to_version=looked.to_version,
        verdict=result.verdict,
        summary=result.summary,
        migrations=tuple(m.path for m in looked.range.migrations),
        differences=result.differences[:40],
        seconds=round(result.seconds, 3),
        evidence=stored.evidence,
    )
    return record(desk, state, RecordTrial(tried=tried))
