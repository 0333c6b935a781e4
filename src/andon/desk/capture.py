"""Capturing evidence by itself, in parallel and bounded: releases, smoke tests, logs, the git range."""

from __future__ import annotations

from andon.desk.deployments import Production, survey
from andon.desk.looking import TAIL, attachment, look
from andon.desk.recording import advance
from andon.errors import AndonError
from andon.incident.events import CaptureFailed, ImpactConfirmed
from andon.incident.words import Impact, ReleaseVerdict, Verdict, counted
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.looking import Look
    from andon.desk.ports import Desk
    from andon.incident.events import Event, EvidenceAttached
    from andon.incident.state import Incident


class Captured(Record):
    """The incident with its evidence, and what to tell the person."""

    incident: Incident
    lines: tuple[str, ...]


def capture(desk: Desk, state: Incident) -> Captured:
    """Store everything that may be gone tomorrow; what does not answer is recorded as such."""
    events: list[Event] = []
    lines: list[str] = []
    failures: list[tuple[str, str]] = []
    try:
        _gather(desk, events, lines, failures)
    except AndonError as problem:  # the incident is on record, and so is what is missing
        way_out = f" ({problem.remedy})" if problem.remedy else ""
        failures.append(("evidence", f"{problem}{way_out}"))
    except KeyboardInterrupt:
        desk.append(state.id, (*events, CaptureFailed(source="evidence", reason="interrupted by a person")))
        raise
    events.extend(CaptureFailed(source=source, reason=reason) for source, reason in failures)
    lines.extend(f"unknown: {source}: {reason}" for source, reason in failures)
    lines = [desk.redactor.redact_words(line) for line in lines]
    appended = desk.append(state.id, events)
    return Captured(incident=advance(desk, state, appended.recorded), lines=tuple(lines))


def _gather(desk: Desk, events: list[Event], lines: list[str], failures: list[tuple[str, str]]) -> None:
    production = survey(desk)
    failures.extend(production.failures)
    seen = look(desk, keep="failed")
    events.extend(seen.attached)
    _tell_probes(seen, events, lines)
    _keep_releases(desk, production, events, lines)
    _keep_logs(desk, seen, events, lines, failures)
    _keep_range(desk, production, events, lines, failures)


def _store(desk: Desk, text: str, kind: str, title: str, source: str) -> EvidenceAttached:
    return attachment(desk.evidence.put(text.encode(), "text/plain"), kind, title, source)


def _keep_releases(desk: Desk, production: Production, events: list[Event], lines: list[str]) -> None:
    ledger = production.ledger
    if not ledger.releases and not production.running:
        lines.append("unknown: no deployment is recorded: andon deployed VERSION")
        return
    newest = sorted(ledger.releases, key=lambda r: r.deployed_at, reverse=True)[:10]
    text = [f"running: {production.running or 'unknown'}", ""]
    text += [
        f"{r.deployed_at:%Y-%m-%dT%H:%M:%SZ} {r.version} {r.commit[:12]} {r.verdict} {r.reason}"
        for r in newest
    ]
    events.append(_store(desk, "\n".join(text), "release", "running and previous releases", "ledger"))
    before = next((r.version for r in newest if r.version != production.running), "none")
    lines.append(f"running {production.running or 'unknown'}, before it {before}")


def _tell_probes(seen: Look, events: list[Event], lines: list[str]) -> None:
    for probe in (*seen.probes, *seen.dependencies):
        if probe.verdict is Verdict.PASSED:
            continue
        lines.append(f"{probe.verdict}: {probe.name}: {probe.summary}")
        if probe.verdict is Verdict.FAILED and probe in seen.probes:
            events.append(
                ImpactConfirmed(
                    kind=Impact.PROBE,
                    summary=f"{probe.name}: {probe.summary}",
                    evidence=probe.evidence,
                    sign=probe.name,
                )
            )
    good = sum(1 for p in seen.probes if p.verdict is Verdict.PASSED)
    if seen.probes:
        lines.append(f"{good} of {len(seen.probes)} smoke tests pass")
    else:
        lines.append("unknown: no smoke test is configured: [[smoke]] in andon.toml")


def _keep_logs(
    desk: Desk, seen: Look, events: list[Event], lines: list[str], failures: list[tuple[str, str]]
) -> None:
    for excerpt in seen.logs:
        if excerpt.failure:
            failures.append((f"log {excerpt.name}", excerpt.failure))
            continue
        stored = desk.evidence.put(excerpt.content, "text/plain")
        title = f"end of log {excerpt.name}"
        events.append(attachment(stored, "log", title, excerpt.name))
        hidden = f", {stored.redactions} secret(s) redacted" if stored.redactions else ""
        lines.append(f"log {excerpt.name}: last {min(len(excerpt.content), TAIL)} bytes{hidden}")


def _keep_range(
    desk: Desk, production: Production, events: list[Event], lines: list[str], failures: list[tuple[str, str]]
) -> None:
    ledger = production.ledger
    good = [
        r for r in ledger.releases if r.verdict is ReleaseVerdict.GOOD and r.version != production.running
    ]
    running = ledger.find(production.running)
    if not good or running is None or not running.commit or not good[-1].commit:
        return
    try:
        commits = desk.repository.commits(good[-1].commit, running.commit)
    except AndonError as problem:
        failures.append(("git range", str(problem)))
        return
    text = "\n".join((f"{good[-1].version}..{running.version}", *commits))
    title = f"{counted(len(commits), 'commit')} between {good[-1].version} and {running.version}"
    events.append(_store(desk, text, "git", title, "git"))
    lines.append(title)
