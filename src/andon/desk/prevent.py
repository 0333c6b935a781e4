"""Audits of what a commit depends on: asking the tools, taking in their files, and what is on record."""

from __future__ import annotations

from andon.desk.casefile import service_stream
from andon.desk.code_facts import code_facts
from andon.desk.gate.given_files import read_bytes
from andon.errors import AndonError, InvalidInput, NotFound
from andon.incident.events import AuditRan
from andon.incident.gate_record import fold_gates
from andon.record import Record, replace
from andon.response.audits.formats import READERS, tool_of
from andon.response.audits.judge import judge_answer, new_lines
from andon.response.audits.plan import INSTALL, beside, is_audited, questions
from andon.response.audits.weakness import Answer, Weakness, joined
from andon.response.findings.finding import Grade

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from andon.desk.ports import Desk
    from andon.incident.gate_record import Audited
    from andon.incident.words import EvidenceHash
    from andon.response.audits.plan import Question
    from andon.response.findings.finding import Scan

#: Bytes of a lock file that is read, and of the answers that are kept as evidence.
_LARGEST = 32 << 20
_LOCKS = 500
_WEAK = "audit-fresh"


class Told(Record):
    """One audit, with what is new in it since the last one of its tool."""

    event: AuditRan
    new: tuple[str, ...] = ()
    #: The command or deed that would give an answer; "" when there is one.
    remedy: str = ""
    at: datetime | None = None


def audit(
    desk: Desk, commit: str = "", timeout: float = 300.0, say: Callable[[str], None] = lambda _: None
) -> tuple[Told, ...]:
    """Ask every tool there is about the lock files of a commit, record and return their answers.

    A tool that is needed and missing is on record as unknown. `say` hears which tool is asked. Raises
    NotFound for a commit that is not there or has no lock file, Unavailable.
    """
    commit = desk.repository.commit_of(commit) if commit else desk.repository.head()
    texts = _texts(desk, commit)
    programs = {q.program for q in questions(texts, ("osv-scanner",))} | {
        q.program for q in questions(texts, ())
    }
    here = {program for program in programs if desk.audit_tools.has(program)}
    asked: dict[str, list[Question]] = {}
    for question in questions(texts, here):
        asked.setdefault(question.tool, []).append(question)
    if not asked and not desk.config.scanners:
        raise NotFound(
            "there is no lock file with packages in it, so nothing says which versions are used",
            where=commit[:10],
            rule=_WEAK,
            remedy="commit a lock file; or give a tool's answer: andon prevent audit --import FILE; "
            'or answer for it: andon ship waive audit-fresh --reason "..."',
        )
    told = []
    for tool, asks in asked.items():
        say(tool)
        answer, raw = _ask(desk, tool, asks, here, timeout)
        told.append(_record(desk, tool, answer, raw, commit, code_facts(desk, commit).lockfiles))
    for scanner in desk.config.scanners:
        say(scanner.name)
        told.append(_record(desk, scanner.name, _scan(desk, scanner.name, commit), b"", commit, ""))
    return tuple(told)


def tools_needed(desk: Desk) -> tuple[tuple[str, bool], ...]:
    """Return the tools that answer for the lock files of HEAD, and whether each is here; raises NotFound."""
    texts = _texts(desk, desk.repository.head())
    programs = {q.program for known in (("osv-scanner",), ()) for q in questions(texts, known)}
    here = {program for program in programs if desk.audit_tools.has(program)}
    return tuple(dict.fromkeys((q.tool, q.program in here) for q in questions(texts, here)))


def take_in(desk: Desk, files: Sequence[str], commit: str = "") -> tuple[Told, ...]:
    """Record the answers of tools in files, as being about a commit; raises InvalidInput, NotFound."""
    commit = desk.repository.commit_of(commit) if commit else desk.repository.head()
    told = []
    for path in files:
        content = read_bytes(path, _WEAK)
        tool = tool_of(content)
        if not tool:
            raise InvalidInput(
                "no audit tool that is known writes such a file",
                where=path,
                rule=_WEAK,
                remedy=f"give SARIF, or the JSON of {', '.join(READERS)}",
            )
        if tool == "sarif":
            told += _sarif(desk, content, path, commit)
        else:
            lockfiles = code_facts(desk, commit).lockfiles
            told.append(_record(desk, tool, READERS[tool](content), content, commit, lockfiles))
    return tuple(told)


def on_record(desk: Desk) -> tuple[Told, ...]:
    """Return the newest audit of each tool, with what was new in it."""
    found: dict[str, Told] = {}
    for audited in _history(desk):
        before = found.get(audited.event.tool)
        new = new_lines(before.event.findings if before else (), audited.event.findings)
        found[audited.event.tool] = Told(event=audited.event, new=new, at=audited.at)
    return tuple(found.values())


def _history(desk: Desk) -> tuple[Audited, ...]:
    return fold_gates(desk.history(service_stream(desk))).audits


def _texts(desk: Desk, commit: str) -> dict[str, str]:
    """Return the lock files of a commit and what tools need beside them, by path; raises NotFound."""
    paths = desk.repository.files(commit)
    locks = [path for path in paths if is_audited(path) and "node_modules/" not in path][:_LOCKS]
    wanted = [*locks, *(one for path in locks for one in beside(path) if one in paths)]
    contents = desk.repository.contents(commit, wanted, _LARGEST)
    if missing := [path for path in locks if path not in contents]:
        raise NotFound(
            f"a lock file cannot be read, or is larger than {_LARGEST >> 20} MB",
            where=missing[0],
            rule=_WEAK,
            remedy="let a tool read it, then: andon prevent audit --import FILE",
        )
    return {path: content.decode("utf-8", "replace") for path, content in contents.items()}


def _ask(
    desk: Desk, tool: str, asks: Sequence[Question], here: set[str], timeout: float
) -> tuple[Answer, bytes]:
    """Return what a tool says to all its questions as one, and the raw answers."""
    answers, raw = [], []
    for question in asks:
        if question.program not in here:
            answers.append(Answer(problems=(f"{question.program} is not installed",)))
            continue
        given = desk.audit_tools.ask(question, timeout)
        raw.append(given.content)
        if given.failure or given.code not in question.answers:
            answers.append(Answer(problems=(f"{question.about}: {given.failure or given.account}",)))
            continue
        try:
            read = READERS[tool](given.content)
        except InvalidInput as problem:
            answers.append(Answer(problems=(f"{question.about}: {problem.message} ({given.account})",)))
            continue
        read = _without_canary(read, question.canary)
        problems = (*question.left_out, *read.problems)
        if read.looked_at is not None and read.looked_at < question.expects:
            problems = (*problems, f"it answers for {read.looked_at} of {question.expects} packages")
        about = tuple(f"{question.about}: {p}" for p in problems)
        answers.append(replace(read, problems=about))
    return joined(tuple(answers)), b"\n".join(raw)


def _without_canary(answer: Answer, canary: str) -> Answer:
    """Return the answer without what was asked to see that the tool knows anything, told if it does not."""
    if not canary:
        return answer
    own = tuple(w for w in answer.weaknesses if w.package.lower() != canary)
    problems = tuple(p for p in answer.problems if not p.startswith(f"{canary} was skipped"))
    if len(own) == len(answer.weaknesses):
        problems = (*problems, f"it knows no weakness of an old {canary}, which has some: it knows nothing")
    looked = None if answer.looked_at is None else max(answer.looked_at - 1, 0)
    return Answer(weaknesses=own, problems=problems, looked_at=looked)


def _scan(desk: Desk, name: str, commit: str) -> Answer:
    """Let a configured scanner look at the whole commit."""
    scanner = next(s for s in desk.scanners if s.name == name)
    texts: dict[str, str] = {}
    try:
        if not scanner.is_whole:
            paths = [path for path in desk.repository.files(commit) if scanner.covers(path, "")]
            contents = desk.repository.contents(commit, paths, 4 << 20)
            texts = {p: c.decode("utf-8", "replace") for p, c in contents.items() if b"\0" not in c[:8192]}
        scans = scanner.scan(commit, texts)
    except AndonError as problem:
        return Answer(problems=(str(problem),))
    return _of_scans(scans)


def _of_scans(scans: Sequence[Scan]) -> Answer:
    found = [
        Weakness(
            identity=f.rule,
            package=f.path or "no file",
            version=f"line {f.line}" if f.line else "",
            grade=f.grade,
            title=f.message[:200],
        )
        for scan in scans
        for f in scan.findings
        if f.grade is not Grade.INFO and not f.is_silenced
    ]
    return Answer(weaknesses=tuple(found), problems=tuple(p for scan in scans for p in scan.problems))


def _sarif(desk: Desk, content: bytes, path: str, commit: str) -> list[Told]:
    from andon.response.findings.sarif import read_sarif

    scans = read_sarif(content, where=path, root=desk.config.root, paths=desk.repository.files(commit))
    tools = dict.fromkeys(scan.tool for scan in scans)
    return [
        _record(desk, tool, _of_scans([s for s in scans if s.tool == tool]), content, commit, "")
        for tool in tools
    ]


def _record(desk: Desk, tool: str, answer: Answer, raw: bytes, commit: str, lockfiles: str) -> Told:
    """Put an answer on record with what the tool printed; return it with what is new."""
    judged = judge_answer(answer, Grade(desk.config.gates.severity))
    before = next((a.event.findings for a in reversed(_history(desk)) if a.event.tool == tool), ())
    evidence: EvidenceHash | None = None
    if raw.strip():
        evidence = desk.evidence.put(raw, "application/json").evidence
    event = AuditRan(
        tool=tool,
        verdict=judged.verdict,
        summary=judged.summary[:500],
        findings=judged.lines,
        lockfiles=lockfiles,
        commit=commit,
        evidence=evidence,
    )
    desk.append(service_stream(desk), (event,))
    is_missing = any("is not installed" in problem for problem in answer.problems)
    remedy = INSTALL.get(tool, "") if is_missing else ""
    return Told(event=event, new=new_lines(before, judged.lines), remedy=remedy, at=desk.clock.now())
