"""The doctor: what is configured, what answers, what is missing, and the command or line that mends it."""

from __future__ import annotations

import os
import platform

from andon.desk.casefile import open_ids
from andon.desk.declare import compiled_protocol
from andon.desk.deployments import survey
from andon.desk.diagnosis import Diagnosis, missing, ok
from andon.desk.doctor_flags import feature_flags
from andon.desk.doctor_gap import gap_search
from andon.desk.doctor_gates import gate_tools, secret_files
from andon.desk.doctor_hooks import hooks_and_receipts
from andon.desk.looking import look
from andon.errors import AndonError
from andon.incident.words import ReleaseVerdict, Verdict
from andon.response.bad_ranges import bad_ranges, in_range

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from andon.desk.deployments import Production
    from andon.desk.ports import Desk
    from andon.desk.ports_production import Deployer
    from andon.desk.ports_scanning import Scanner


#: What a probe's verdict means, and what to do about it.
_ANSWERS = {
    Verdict.PASSED: ("ok", ""),
    Verdict.FAILED: ("broken", 'when users are hurt: andon declare "what is broken"'),
    Verdict.UNKNOWN: ("unknown", "its entry in andon.toml"),
}


def diagnose(desk: Desk) -> Iterator[Diagnosis]:
    """Yield diagnoses as they are made; nothing here changes production."""
    yield ok("python", platform.python_version())
    yield _configuration(desk)
    for part in (_journal, _repository, _protocol):
        yield _guarded(part, desk)
    yield from hooks_and_receipts(desk)
    yield from _migrations(desk)
    yield from _looks(desk)
    yield from _deployment(desk)
    yield from _people(desk)
    yield from _scanners(desk)
    yield from _ship(desk)
    yield from feature_flags(desk)
    yield from gap_search(desk)
    yield from gate_tools(desk)
    yield from secret_files(desk)


def _guarded(part: Callable[[Desk], Diagnosis], desk: Desk) -> Diagnosis:
    try:
        return part(desk)
    except AndonError as problem:
        subject = part.__name__.strip("_")
        return Diagnosis(subject=subject, state="broken", summary=str(problem), fix=problem.remedy)


def _configuration(desk: Desk) -> Diagnosis:
    if desk.config.path:
        return ok("configuration", f"{desk.config.path}, service {desk.config.service}")
    return missing("configuration", f"no andon.toml in {desk.config.root}", "andon init")


def _journal(desk: Desk) -> Diagnosis:
    count = len(desk.journal.heads())
    reports = [desk.journal.audit(head.stream) for head in desk.journal.heads()]
    altered = [r.stream for r in reports if not r.is_whole]
    if altered:
        return Diagnosis(
            subject="journal", state="broken", summary=f"altered: {', '.join(altered)}", fix="andon audit"
        )
    open_now = len(open_ids(desk))
    return ok("journal", f"{desk.journal.place}: {count} streams, all whole, {open_now} open incidents")


def _repository(desk: Desk) -> Diagnosis:
    head = desk.repository.head()
    tags = desk.repository.tags()
    return ok("repository", f"{desk.repository.root} at {head[:10]}, {len(tags)} tags")


def _migrations(desk: Desk) -> Iterator[Diagnosis]:
    """Name the configured places of migrations that the repository does not have: nothing is seen there."""
    from andon.response.schema.layouts import lies_in

    try:
        paths = desk.repository.files(desk.repository.head()) if desk.config.migrations else ()
    except AndonError:
        return  # the repository itself is told already
    for place in desk.config.migrations:
        if not any(lies_in(path, place) for path in paths):
            summary = f"{place} is not in the newest commit, so no migration is looked for there"
            yield Diagnosis(
                subject="migrations", state="broken", summary=summary, fix="migrations in andon.toml"
            )


def _protocol(desk: Desk) -> Diagnosis:
    protocol = compiled_protocol(desk)
    unbound = [i for i in protocol.items if not i.check and not i.manual]
    if not protocol.items:
        return missing("protocol", f"{protocol.source} has no checklist", "andon protocol lint")
    told = f"{protocol.title}: {len(protocol.items)} items"
    if unbound:
        return Diagnosis(
            subject="protocol",
            state="ok",
            summary=f"{told}, {len(unbound)} bind to no check and will be signed",
            fix="andon protocol lint",
        )
    return ok("protocol", f"{told}, all bound")


def _deployment(desk: Desk) -> Iterator[Diagnosis]:
    if desk.deployer is None:
        yield missing(
            "deployer", "none: Andon can record rollbacks, but not carry them out", "[deploy] in andon.toml"
        )
    elif desk.config.deploy.kind == "command" and not desk.config.deploy.running:
        yield missing("running", "nothing tells which version runs", "running in [deploy] of andon.toml")
    if desk.deployer is not None:
        yield from _programs(desk.deployer)
    try:
        production = survey(desk)
    except AndonError as problem:
        yield Diagnosis(subject="releases", state="broken", summary=str(problem), fix=problem.remedy)
        return
    for source, reason in production.failures:
        if source != "deployer":
            yield Diagnosis(subject=source, state="broken", summary=reason, fix="andon releases")
    if desk.deployer is not None and production.running:
        yield ok("deployer", f"{desk.deployer.kind}: {production.running} runs")
        yield from _way_back(desk.deployer, production)
    ranges = bad_ranges(production.ledger)
    judged = [r.version for r in production.ledger.releases if r.verdict is ReleaseVerdict.GOOD]
    good = [version for version in judged if in_range(ranges, version) is None]
    if good:
        yield ok("last known good", ", ".join(good[-3:]))
    else:
        yield missing(
            "last known good",
            "no release is known to be good; verify what runs while it is well, or a rollback has no target",
            "andon verify",
        )


def _programs(deployer: Deployer) -> Iterator[Diagnosis]:
    """Name the tools of the deployer that are not on the PATH."""
    from shutil import which  # only here: no everyday command looks for programs

    for program in deployer.programs:
        if which(program) is None:
            summary = f"{program} is not on the PATH, and the deployer needs it"
            yield Diagnosis(subject=program, state="broken", summary=summary, fix=f"install {program}")


def _way_back(deployer: Deployer, production: Production) -> Iterator[Diagnosis]:
    """Ask whether the deployer would refuse a rollback today: better known before the night it is needed."""
    there = production.available or frozenset()
    others = [r for r in production.ledger.releases if r.version in there and r.version != production.running]
    good = [r for r in others if r.verdict is ReleaseVerdict.GOOD]
    if not others:
        return
    target = (good or others)[-1].version
    try:
        deployer.preflight(target)
    except AndonError as problem:
        summary = f"to {target} would not be possible: {problem}"
        yield Diagnosis(subject="rollback", state="broken", summary=summary, fix=problem.remedy)


def _looks(desk: Desk) -> Iterator[Diagnosis]:
    try:
        seen = look(desk, keep="none")
    except AndonError as problem:
        yield Diagnosis(
            subject="smoke tests and logs", state="broken", summary=str(problem), fix=problem.remedy
        )
        return
    if not seen.probes:
        yield missing(
            "smoke tests", "none: nothing can prove that a failure is gone", "[[smoke]] in andon.toml"
        )
    for probe in (*seen.probes, *seen.dependencies):
        kind = "smoke test" if probe in seen.probes else "dependency"
        state, fix = _ANSWERS[probe.verdict]
        yield Diagnosis(subject=f"{kind} {probe.name}", state=state, summary=probe.summary, fix=fix)
    if not seen.logs:
        yield missing("logs", "none: new errors after a change would go unseen", "[[logs]] in andon.toml")
    for excerpt in seen.logs:
        if excerpt.failure:
            yield Diagnosis(
                subject=f"log {excerpt.name}",
                state="broken",
                summary=excerpt.failure,
                fix="[[logs]] in andon.toml",
            )
        else:
            yield ok(f"log {excerpt.name}", f"{excerpt.total_size or len(excerpt.content)} bytes")


def _people(desk: Desk) -> Iterator[Diagnosis]:
    yield ok("you", desk.actor)
    if not desk.people.on_call and not desk.people.seniority:
        yield missing(
            "people", "nobody is on call: whoever decides alone writes down why", "[people] in andon.toml"
        )
    told = {s: desk.targets(s) for s in ("P0", "P1", "P2", "P3", "P4") if s < "P2" or desk.targets(s)}
    for severity, targets in told.items():
        unset = [t for t in targets if t.endswith("(not set)")]
        if not targets:
            yield missing("notify", f"nobody is told of a {severity}", f"[notify] {severity} in andon.toml")
        elif unset:
            yield Diagnosis(
                subject="notify", state="broken", summary=", ".join(unset), fix="set the environment variable"
            )
        else:
            yield ok("notify", f"{severity}: {', '.join(targets)}")
    for name in desk.config.secret_files:
        path = os.path.join(desk.config.root, name)
        if os.path.exists(path) and not os.access(path, os.R_OK):
            yield Diagnosis(
                subject="secrets", state="broken", summary=f"{name} cannot be read", fix=f"chmod u+r {name}"
            )


def _scanners(desk: Desk) -> Iterator[Diagnosis]:
    """Name source that no scanner reads, and a scanner that does not run: either leaves a fix undecided."""
    from andon.response.findings.judge import is_source

    try:
        paths = [path for path in desk.repository.files(desk.repository.head()) if is_source(path)]
    except AndonError:
        return  # the repository itself is told already
    exempt = tuple(ending.lower() for ending in desk.config.gates.unscanned) or ("\0",)
    paths = [path for path in paths if not path.lower().endswith(exempt)]
    unread = sorted({f".{p.rpartition('.')[2].lower()}" for p in paths if not _is_read(desk.scanners, p)})
    if unread:
        endings = ", ".join(f'"{ending}"' for ending in unread[:5])
        yield missing(
            "scanner",
            f"none reads {', '.join(unread[:5])}: the guard cannot decide on a hotfix there",
            f"[[scanner]] in andon.toml; or, when you have none, unscanned = [{endings}] in [gates]",
        )
    configured = {scanner.name for scanner in desk.config.scanners}
    for scanner in desk.scanners:
        if scanner.name in configured or not any(_is_read((scanner,), path) for path in paths):
            continue
        try:
            scanner.scan("", {})
        except AndonError as problem:
            yield missing(f"scanner {scanner.name}", str(problem), problem.remedy)
        else:
            yield ok(f"scanner {scanner.name}", "it can be asked")


def _is_read(scanners: Sequence[Scanner], path: str) -> bool:
    return any(scanner.covers(path, "") for scanner in scanners)


def _ship(desk: Desk) -> Iterator[Diagnosis]:
    """Name what the SHIP gate will not be able to tell."""
    ship = desk.config.ship
    if not ship.test:
        yield missing(
            "ship tests", "none: no commit can be shown to be green", "[ship] test = [...] in andon.toml"
        )
    else:
        yield ok("ship tests", " ".join(ship.test))
    if not desk.config.staging:
        yield missing("staging", "no smoke test: staging proves nothing", "[[staging]] in andon.toml")
    else:
        yield ok("staging", f"{len(desk.config.staging)} smoke tests, run by the SHIP gate")
    for flag in desk.config.flags:
        lacks = [part for part in ("owner", "purpose", "default") if not getattr(flag, part)]
        if lacks:
            yield missing(f"flag {flag.name}", f"no {', no '.join(lacks)}", "its [[flag]] in andon.toml")
