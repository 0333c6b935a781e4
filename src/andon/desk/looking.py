"""Looking at production: smoke tests, dependencies and logs at once, within a time limit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait

from andon.desk.attaching import keep_attachments
from andon.desk.redacting import redacted
from andon.desk.values import LogExcerpt, ProbeReport
from andon.incident.events import EvidenceAttached, ProbeOutcome
from andon.incident.words import Verdict
from andon.record import Record
from andon.response.assessment import ErrorSign
from andon.response.background import density, is_background, was_there_from_the_beginning
from andon.response.logs import scan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from andon.desk.ports import Desk
    from andon.desk.ports_production import LogSource, Probe
    from andon.desk.values import Stored
    from andon.response.logs import LogSummary, Signature

#: Seconds everything together may take; a probe with a longer time limit gets that, and a little more.
PATIENCE, _MORE = 20.0, 5.0
#: Bytes read from the end of each log, where nobody needs more.
TAIL = 4 * 1024 * 1024


class Look(Record):
    """What one look saw."""

    probes: tuple[ProbeOutcome, ...]
    dependencies: tuple[ProbeOutcome, ...]
    logs: tuple[LogExcerpt, ...]
    #: Evidence stored on the way; to be recorded with the incident.
    attached: tuple[EvidenceAttached, ...] = ()


def look(
    desk: Desk,
    *,
    keep: str = "none",
    since: datetime | None = None,
    with_logs: bool = True,
    far: bool = False,
) -> Look:
    """Run every probe and read every log at once; `keep` is `none`, `failed` or `all` probe details.

    `far` reads each log as far back as is configured, for a comparison with before.
    """
    jobs: list[Callable[[], object]] = [_asking(p) for p in (*desk.probes, *desk.dependencies)]
    sources = desk.logs if with_logs else ()
    jobs += [_reading(s, since, look_back(desk, s.name) if far else TAIL) for s in sources]
    patience = _patience(desk)
    answers = _at_once(jobs, patience)
    reports = answers[: len(desk.probes) + len(desk.dependencies)]
    attached: list[EvidenceAttached] = []
    outcomes = [
        _outcome(desk, probe, report or _silent(patience), keep, attached)  # type: ignore[arg-type]
        for probe, report in zip((*desk.probes, *desk.dependencies), reports, strict=True)
    ]
    excerpts = [
        answer or LogExcerpt(name=source.name, content=b"", failure=_silent(patience).summary)
        for source, answer in zip(sources, answers[len(reports) :], strict=True)
    ]
    return Look(
        probes=tuple(outcomes[: len(desk.probes)]),
        dependencies=tuple(outcomes[len(desk.probes) :]),
        logs=tuple(excerpts),  # type: ignore[arg-type]
        attached=tuple(attached),
    )


def ask_probes(desk: Desk, probes: Sequence[Probe], limits: Sequence[float]) -> tuple[ProbeOutcome, ...]:
    """Run probes at once and return their answers; `limits` are theirs, in seconds. No evidence is kept."""
    patience = max((PATIENCE, *(limit + _MORE for limit in limits)))
    answers = _at_once([_asking(probe) for probe in probes], patience)
    return tuple(
        _outcome(desk, probe, answer or _silent(patience), "none", [])  # type: ignore[arg-type]
        for probe, answer in zip(probes, answers, strict=True)
    )


def _asking(probe: Probe) -> Callable[[], object]:
    return probe.run


def _reading(source: LogSource, since: datetime | None, limit: int) -> Callable[[], object]:
    return lambda: source.tail(since, limit)


def look_back(desk: Desk, name: str) -> int:
    """Return how many bytes of a log are read for a comparison with before."""
    configured = next((log.look_back for log in desk.config.logs if log.name == name), 0.0)
    return int(configured * (1 << 20)) or TAIL


def _patience(desk: Desk) -> float:
    """Return how many seconds everything together may take."""
    limits = (p.timeout + _MORE for p in (*desk.config.smoke, *desk.config.dependencies))
    return max((PATIENCE, *limits))


def _silent(patience: float) -> ProbeReport:
    return ProbeReport(verdict=Verdict.UNKNOWN, summary=f"no answer within {patience:.0f} s")


def _at_once(jobs: Sequence[Callable[[], object]], patience: float) -> list[object | None]:
    """Return the answers in order; None for whatever was not there in time."""
    if not jobs:
        return []
    pool = ThreadPoolExecutor(max_workers=min(len(jobs), 16))
    futures = [pool.submit(job) for job in jobs]
    try:
        wait(futures, timeout=patience)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return [f.result() if f.done() and not f.cancelled() and not f.exception() else None for f in futures]


def _outcome(
    desk: Desk, probe: Probe, report: ProbeReport, keep: str, attached: list[EvidenceAttached]
) -> ProbeOutcome:
    evidence = None
    if keep == "all" or (keep == "failed" and report.verdict is not Verdict.PASSED):
        kept = keep_attachments(desk, probe.name, report.attachments)
        lines = [f"{probe.name}: {report.verdict}", report.summary, "", report.detail, *kept.remarks, ""]
        stored = desk.evidence.put("\n".join(lines).encode("utf-8", "replace"), "text/plain")
        evidence = stored.evidence
        attached.append(attachment(stored, "probe", f"smoke test {probe.name}: {report.verdict}", probe.name))
        attached.extend(attachment(left, kind, title, probe.name) for left, kind, title in kept.stored)
    return ProbeOutcome(
        name=probe.name,
        verdict=report.verdict,
        covers=probe.covers,
        critical=probe.critical,
        summary=redacted(desk, report.summary),
        evidence=evidence,
    )


def attachment(stored: Stored, kind: str, title: str, source: str) -> EvidenceAttached:
    """Return the event that refers to stored evidence."""
    return EvidenceAttached(
        evidence=stored.evidence,
        kind=kind,
        title=title,
        media_type=stored.media_type,
        size=stored.size,
        source=source,
        original_size=stored.original_size,
        redactions=stored.redactions,
    )


def error_signs(
    desk: Desk, excerpts: Sequence[LogExcerpt], since: datetime | None = None
) -> tuple[ErrorSign, ...]:
    """Return the kinds of errors in the logs, loudest first; `since` leaves out what was before."""
    component = {log.name: log.component for log in desk.config.logs}
    signs: list[ErrorSign] = []
    for excerpt in excerpts:
        now = desk.clock.now()
        whole = scan(excerpt.content, None, excerpt.zone_minutes, now)
        recent = scan(excerpt.content, since, excerpt.zone_minutes, now) if since else whole
        signs.extend(_sign(desk, excerpt.name, component, found, whole) for found in recent.signatures)
    return tuple(sorted(signs, key=lambda s: -s.count))


def _sign(desk: Desk, name: str, component: dict[str, str], found: Signature, log: LogSummary) -> ErrorSign:
    return ErrorSign(
        log=name,
        component=component.get(name, ""),
        signature=redacted(desk, found.signature),
        sample=redacted(desk, found.sample),
        count=found.count,
        first_seen=found.first_seen,
        upstreams=found.upstreams,
        in_own_code=found.in_own_code,
        density=density(found),
        is_background=is_background(log.find(found.signature) or found, log),
        may_be_older=was_there_from_the_beginning(found, log),
    )
