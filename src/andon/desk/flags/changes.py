"""What a change brings against the flags: the findings after it that were not there before."""

from __future__ import annotations

from andon.desk.flags.definitions import definitions_in
from andon.errors import InvalidInput
from andon.flags.hygiene.constants import resolved
from andon.flags.hygiene.definitions import DefinedFlags, judge_definitions
from andon.flags.hygiene.finding import in_order
from andon.flags.hygiene.in_code import judge_code
from andon.flags.hygiene.scanning import NOTHING, Scanner, why_skipped
from andon.flags.hygiene.sdk import CallNames
from andon.incident.words import counted
from andon.record import Record
from andon.response.gates.results import Objection, at_most, failed, passed, surest_first, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from andon.desk.gate.context import GateContext
    from andon.flags.hygiene.finding import FlagFinding
    from andon.flags.hygiene.scanning import FileScan
    from andon.response.gates.results import RuleResult

RULE = "flags-tidy"
#: Objections that are shown.
_MOST = 60


class _State(Record):
    """The flags at one commit, or in the index."""

    defined: DefinedFlags
    findings: tuple[FlagFinding, ...]
    unread: tuple[str, ...] = ()
    #: False where the flag file is not in that commit: then nothing is known of the flags.
    is_there: bool = True


def judge_change(context: GateContext, code: Sequence[str], *, is_defined: bool) -> RuleResult:
    """Judge the files of code that change, and the flag file; after it, and before it for what is not new.

    `is_defined`: True when the flag file changes. A flag that it takes away is looked for in all of the code.
    """
    asked = context.asked
    base = asked.base or ("" if asked.head else "HEAD")
    try:
        after = _state(context, asked.head, code)
    except InvalidInput as problem:
        return _unreadable(problem)
    before = _before(context, base, code) if base else None
    if not after.is_there and (before is None or not before.is_there):
        return _missing(after)
    gone: tuple[FlagFinding, ...] = ()
    if is_defined and before is not None:
        removed = set(before.defined.flags) - set(after.defined.flags)
        gone = _still_asked(context, removed, after.defined) if removed else ()
    return _judged((*after.findings, *gone), before, after, "the change")


def judge_shipped(context: GateContext) -> RuleResult:
    """Judge everything in the commit that is shipped; what the running release has already is a hint.

    But for a flag that was to be gone: that day comes without any change.
    """
    from andon.desk.flags.scan import scan_flags
    from andon.desk.gate.running import running_commit

    desk, config = context.desk, context.desk.config.flag_system
    head = context.asked.head
    try:
        defined, problems, is_there = _definitions(context, head)
    except InvalidInput as problem:
        return _unreadable(problem)
    if not is_there:
        return _missing(_State(defined=defined, findings=()))
    scan = scan_flags(desk.flag_sources, desk.flag_sources.at(head), defined.flags, config)
    today = f"{desk.clock.now():%Y-%m-%d}"
    findings = in_order(
        (
            *problems,
            *judge_definitions(defined, today),
            *judge_code(scan.files, defined.flags, defined.path),
        )
    )
    after = _State(defined=defined, findings=findings, unread=scan.unread)
    running = running_commit(context)
    code = tuple(scan.files)
    before = _before(context, running, code) if running else None
    return _judged(findings, before, after, f"{counted(len(defined.flags), 'flag')}", shipped=True)


def _state(context: GateContext, head: str, code: Sequence[str]) -> _State:
    """Return the findings in the flag file and in these files of code; raises InvalidInput."""
    desk = context.desk
    defined, problems, is_there = _definitions(context, head)
    scans = _scans(context, head, code, defined)
    findings = in_order(
        (
            *problems,
            *judge_definitions(defined, f"{desk.clock.now():%Y-%m-%d}"),
            *judge_code(scans, defined.flags, defined.path),
        )
    )
    unread = tuple(path for path, scan in scans.items() if scan.unread)
    return _State(defined=defined, findings=findings, unread=unread, is_there=is_there)


def _before(context: GateContext, base: str, code: Sequence[str]) -> _State | None:
    """Return the findings before; None where the flag file could not be read: then all are new."""
    try:
        return _state(context, base, code)
    except InvalidInput:
        return None


def _definitions(context: GateContext, head: str) -> tuple[DefinedFlags, tuple[FlagFinding, ...], bool]:
    """Return the flags at a commit, those that cannot be evaluated, and whether the file is there.

    A change may give the file another name, and `[flags] file` be that before or that after it: the flags are
    told by the new one on both sides, so that nothing old counts as new.
    """
    before = path = context.desk.config.flag_system.file
    for one in context.change.files:
        if one.old_path and path in (one.path, one.old_path):
            before, path = one.old_path, one.path
            break
    content = context.desk.changes.content(head, path if head == context.asked.head else before)
    if content is None:
        return DefinedFlags(path=path, flags={}, places={}), (), False
    return *definitions_in(content, path), True


def _missing(state: _State) -> RuleResult:
    told = f"{state.defined.path} is not in what is judged, so that nobody knows which flags there are"
    return unknown(RULE, told, "git add it, or name another: file in [flags] of andon.toml")


def _scans(
    context: GateContext, head: str, code: Sequence[str], defined: DefinedFlags
) -> dict[str, FileScan]:
    config = context.desk.config.flag_system
    wanted = [path for path in code if not why_skipped(path, config.unscanned)]
    if not wanted:
        return {}
    scanner = Scanner(defined.flags, CallNames(own=frozenset(config.calls)))
    found = {}
    # Before the change a file may have had another name: it is told by the one that it has now.
    is_before = head != context.asked.head
    named = {one.old_path: one.path for one in context.change.files if one.old_path} if is_before else {}
    was = {new: old for old, new in named.items()}
    contents = context.desk.changes.contents(head, [was.get(path, path) for path in wanted])
    for path, content in contents.items():
        now = named.get(path, path)
        if (scan := scanner.scan(now, content)) is not NOTHING:
            found[now] = scan
    if any(one.by for scan in found.values() for one in scan.mentions):
        # The key stands in a constant of a file that need not be part of the change.
        from andon.desk.flags.scan import scan_flags

        sources = context.desk.flag_sources
        known = scan_flags(sources, sources.at(head), defined.flags, config).constants
        found = {path: resolved(scan, known) for path, scan in found.items()}
    return found


def _still_asked(context: GateContext, removed: set[str], after: DefinedFlags) -> tuple[FlagFinding, ...]:
    """Return where the code still asks for flags that are taken away."""
    from andon.desk.flags.scan import scan_flags

    sources = context.desk.flag_sources
    config = context.desk.config.flag_system
    scan = scan_flags(sources, sources.at(context.asked.head), removed, config)
    only = {
        path: one.__class__(mentions=tuple(m for m in one.mentions if m.key in removed))
        for path, one in scan.files.items()
    }
    return judge_code(only, after.flags, after.path)


def _judged(
    findings: Iterable[FlagFinding],
    before: _State | None,
    after: _State,
    what: str,
    *,
    shipped: bool = False,
) -> RuleResult:
    known = {one.fingerprint for one in before.findings} if before is not None else set()
    new = [one for one in in_order(findings) if one.fingerprint not in known]
    objections = [_objection(one, is_hint=one.is_sign) for one in new]
    if shipped:
        old = [one for one in in_order(findings) if one.fingerprint in known]
        objections += [_objection(one, is_hint=one.rule != "flag-expired") for one in old]
    if objections:
        first = next((one for one in new if not one.is_sign), None) or (new or [*findings])[0]
        told = f"{counted(len(objections), 'finding')}: {first.place}: {first.text}"
        remedy = first.remedy or "andon flags lint"
        return failed(RULE, told, remedy, at_most(_MOST, surest_first(objections)))
    if after.unread:
        return unknown(RULE, f"{after.unread[0]} could not be read by structure", "andon flags lint")
    return passed(RULE, f"{what}: nothing new against the flags in {after.defined.path}")


def _objection(one: FlagFinding, *, is_hint: bool) -> Objection:
    return Objection(
        rule=RULE,
        path=one.path,
        line=one.line,
        end_line=one.line,
        text=f"{one.rule}: {one.text}",
        snippet=f"{one.rule} {one.key} {one.subject or one.text}",
        is_hint=is_hint,
    )


def _unreadable(problem: InvalidInput) -> RuleResult:
    path, _, line = problem.where.rpartition(":")
    at = int(line) if line.isdecimal() else 0
    objection = Objection(
        rule=RULE, path=path or problem.where, line=at, text=problem.message, snippet=problem.message
    )
    return failed(RULE, str(problem), problem.remedy or "andon flags lint", (objection,))
