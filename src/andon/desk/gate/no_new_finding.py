"""Do the scanners find nothing that they did not find before? Asks each about the code before and after."""

from __future__ import annotations

from andon.desk.gate.given_files import read_bytes
from andon.errors import AndonError
from andon.incident.words import Gear
from andon.record import Record
from andon.response.change import Kind
from andon.response.findings.compare import new_findings, on_added_lines, texts_of
from andon.response.findings.finding import Grade
from andon.response.findings.judge import RULE, is_source, judge_findings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.desk.gate.context import GateContext
    from andon.desk.ports import Desk
    from andon.desk.ports_scanning import Scanner
    from andon.response.change import Change, ChangedFile
    from andon.response.findings.finding import Finding, Scan
    from andon.response.gates.results import RuleResult


class _Looked(Record):
    """What came of one scanner, or of the files somebody gave."""

    name: str
    new: tuple[Finding, ...] = ()
    problems: tuple[str, ...] = ()
    remedy: str = ""


def check(context: GateContext) -> RuleResult:
    """Object to every new finding; in HOTFIX of any grade but information, else from the configured one."""
    gates, hotfix = context.desk.config.gates, context.standing.gear is Gear.HOTFIX
    change = context.change_with_texts
    read = [f for f in change.files if f.kind is not Kind.REMOVED and not f.is_submodule and not f.is_link]
    looked = [_ask(scanner, change) for scanner in context.desk.scanners if _has_work(scanner, change)]
    given = context.asked.sarif_base, context.asked.sarif_head
    if any(given):
        looked.append(_given(context.desk, change, *given))
    exempt = tuple(e for e in gates.unscanned if any(f.path.lower().endswith(e.lower()) for f in read))
    unseen = [f.path for f in read if is_source(f.path) and not f.path.lower().endswith(exempt or ("\0",))]
    if any(given):
        unseen = []
    unseen = [path for path in unseen if not _is_covered(change.file(path), context.desk.scanners)]
    problems = [p for one in looked for p in one.problems]
    problems += [f"{f.path} was not looked at: {f.unread}" for f in read if f.unread and is_source(f.path)]
    return judge_findings(
        (f for one in looked for f in one.new),
        least=Grade.LOW if hotfix else Grade(gates.severity),
        problems=problems,
        remedy=next((one.remedy for one in looked if one.remedy), ""),
        unseen=unseen,
        looked=[one.name for one in looked],
        exempt=exempt,
    )


def _has_work(scanner: Scanner, change: Change) -> bool:
    return any(_is_covered(file, (scanner,)) for file in change.files if file.kind is not Kind.REMOVED)


def _is_covered(file: ChangedFile | None, scanners: Sequence[Scanner]) -> bool:
    if file is None or file.is_link or file.is_submodule:
        return False
    return any(scanner.covers(file.path, file.after or "") for scanner in scanners)


def _ask(scanner: Scanner, change: Change) -> _Looked:
    before, after = texts_of(change)
    links = {f.path for f in change.files if f.is_link}
    wanted = {p: text for p, text in after.items() if p not in links and scanner.covers(p, text)}
    known = {p: text for p, text in before.items() if scanner.covers(p, text)}
    try:
        head = scanner.scan(change.head, wanted) if wanted or scanner.is_whole else ()
        found = [f for scan in head for f in scan.findings]
        base = scanner.scan(change.base, known) if change.base and found else ()
    except AndonError as problem:
        return _Looked(name=scanner.name, problems=(str(problem),), remedy=problem.remedy)
    problems = tuple(p for scan in head for p in scan.problems)
    return _Looked(name=scanner.name, new=_new(base, head, change), problems=problems)


def _new(base: Sequence[Scan], head: Sequence[Scan], change: Change) -> tuple[Finding, ...]:
    """Return the new findings; of a file that could not be read before, those on lines that are new."""
    old = [f for scan in base for f in scan.findings]
    new = new_findings(old, [f for scan in head for f in scan.findings], change)
    was_broken = {path for scan in base for path in scan.broken}
    names = {f.path: f.old_path or f.path for f in change.files}
    return tuple(f for f in new if names.get(f.path) not in was_broken or on_added_lines(f, change))


def _given(desk: Desk, change: Change, before: Sequence[str], after: Sequence[str]) -> _Looked:
    """Compare the SARIF files that somebody gave."""
    from andon.response.findings.sarif import read_sarif

    name = "the given SARIF files"
    if not after or (change.base and not before):
        missing = "--sarif-base" if after else "--sarif-head"
        told = "there is nothing to compare it with" if after else "nothing was given for the change itself"
        return _Looked(name=name, problems=(f"SARIF: {told}",), remedy=f"give both: {missing} FILE as well")
    try:
        paths = tuple(desk.repository.files(change.head)) if change.head else ()
        root = desk.config.root
        head = [
            s
            for path in after
            for s in read_sarif(read_bytes(path, RULE), where=path, root=root, paths=paths)
        ]
        paths = tuple(desk.repository.files(change.base)) if change.base else ()
        base = [
            s
            for path in before
            for s in read_sarif(read_bytes(path, RULE), where=path, root=root, paths=paths)
        ]
    except AndonError as problem:
        return _Looked(name=name, problems=(str(problem),), remedy=problem.remedy)
    tools = ", ".join(dict.fromkeys(scan.tool for scan in head)) or name
    if misfits := _misfits(base, head, change):
        return _Looked(name=tools, problems=misfits, remedy="run the scanner on both commits, then again")
    problems = tuple(p for scan in head for p in scan.problems)
    return _Looked(name=tools, new=_new(base, head, change), problems=problems)


def _misfits(base: Sequence[Scan], head: Sequence[Scan], change: Change) -> tuple[str, ...]:
    """Return why two sets of scans cannot be compared."""
    told = [p for scan in base for p in scan.problems]
    for scans, commit in ((base, change.base), (head, change.head)):
        told += [
            f"{scan.tool} looked at commit {scan.commit[:10]}, not at {commit[:10]}"
            for scan in scans
            if scan.commit and commit and not commit.startswith(scan.commit)
        ]
    before, after = {scan.tool for scan in base}, {scan.tool for scan in head}
    if change.base:
        told += [f"{tool} ran after the change only" for tool in sorted(after - before)]
    told += [f"{tool} ran before the change only" for tool in sorted(before - after)]
    return tuple(told)
