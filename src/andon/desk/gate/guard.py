"""Does the hotfix stay a hotfix? Asks the guard once for each gate; its rules share the answer."""

from __future__ import annotations

from andon.errors import Unavailable
from andon.incident.words import Verdict
from andon.response.gates.results import passed, unknown
from andon.response.gates.table import Point

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import GateContext
    from andon.response.change import Change, ChangedFile
    from andon.response.gates.results import RuleResult
    from andon.response.guard.context import IncidentContext

#: The rules that the guard answers.
RULES = ("minimal", "no-feature", "no-refactoring", "connected", "loose-ends", "tests-kept")
NOT_YET = "the guard does not answer this rule yet"
#: What the paths of tests, and of files that say which tests run, have in them.
_PLACES = (
    "test", "spec", "jest", "conftest", "tox.ini", "noxfile", "pyproject.toml", "setup.cfg", "package.json",
    "makefile", "andon.toml", ".github/", ".gitlab-ci", "jenkinsfile", ".circleci", "azure-pipelines",
    "phpunit", "vitest", "playwright", "karma", "pom.xml", "build.gradle", "rakefile",
)  # fmt: skip
#: What turns tests off from any other file.
_WORDS = ("--deselect", "continue-on-error", "|| true", "#[ignore", "@Disabled", "@Ignore", "t.Skip")


def answer(rule: str, context: GateContext) -> RuleResult:
    """Return the guard's answer to one rule; raises as the change does that it reads."""
    heads = subjects_of(context)
    if not heads:
        if rule != "tests-kept":
            return passed(rule, "not the hotfix branch")
        return _tests_kept(context)
    found = context.shared.get("guard")
    if found is None:
        found = context.shared["guard"] = _judged(context, heads)
    return found.get(rule) or unknown(rule, NOT_YET, "andon doctor")


def subjects_of(context: GateContext) -> tuple[str, ...]:
    """Return the commits up to which the hotfix is judged, "" for the index; none where it does not come by.

    Where the hotfix reaches a protected branch, as such or picked, its own part is judged: it may never have
    been pushed alone. Its branch may stand at several commits, here and on the remotes: each is judged.
    """
    if context.is_hotfix:
        return (context.asked.head,)
    if context.point is Point.PRE_COMMIT or not context.target_branch:
        return ()
    from andon.desk.gate.only_the_hotfix import hotfix_heads
    from andon.response.gates.protected import is_protected

    if not is_protected(context.target_branch, context.protected):
        return ()
    arriving, ranges = {commit.id for commit in context.commits}, context.desk.ranges
    coming = [
        head
        for head in (hotfix_heads(context) if arriving else ())
        if head in arriving or not arriving.issubset(ranges.not_in(context.asked.head, head))
    ]
    return tuple(h for h in coming if not any(o != h and ranges.is_ancestor(h, o) for o in coming))


def _judged(context: GateContext, heads: tuple[str, ...]) -> dict[str, RuleResult]:
    try:
        from andon.response.guard.judge import judge_fix
        from andon.response.guard.reading import MOST_FILES
    except ImportError as problem:
        raise _without_parser(problem) from problem
    about = _incident_context(context)
    found: dict[str, RuleResult] = {}
    for head in heads:
        for result in judge_fix(_hotfix(context, head, MOST_FILES), about):
            if result.rule not in found or _is_worse(result, found[result.rule]):
                found[result.rule] = result
    return found


def _is_worse(one: RuleResult, other: RuleResult) -> bool:
    return _weight(one) > _weight(other)


def _weight(result: RuleResult) -> int:
    """Return what stands against it: nothing, only hints, something nobody saw, something sure."""
    if result.verdict is Verdict.FAILED:
        return 1 if result.is_only_hints else 3
    return 2 if result.verdict is Verdict.UNKNOWN else 0


def _hotfix(context: GateContext, head: str, most: int) -> Change:
    """Return everything the hotfix changes since the release it was begun from.

    With texts, unless there are more than `most` files: those are judged by their number.
    """
    changes, base = context.desk.changes, context.standing.hotfix_base
    if not base:
        if head in ("", context.asked.head):
            return context.change if len(context.change.files) > most else context.change_with_texts
        base = context.desk.ranges.merge_base(head, (context.asked.base,))
    change = changes.between(base, head) if head else changes.staged(base)
    return change if len(change.files) > most else changes.with_texts(change)


def _without_parser(problem: ImportError) -> Unavailable:
    """The guard's modules load the parser; where it is not installed, nobody can say how it would judge."""
    return Unavailable(
        f"the guard cannot be loaded: {problem}",
        where=problem.name or "andon.response.guard",
        remedy="install Andon again: andon doctor",
    )


def _incident_context(context: GateContext) -> IncidentContext:
    from andon.desk.incident_context import incident_context
    from andon.response.guard.context import IncidentContext

    incident = context.incident
    return incident_context(context.desk, incident) if incident is not None else IncidentContext()


def _tests_kept(context: GateContext) -> RuleResult:
    """Return whether the tests are kept in an ordinary change; the parser is loaded when one is touched."""
    if not any(_is_about_tests(file) for file in context.change.files):
        return passed("tests-kept", "no test is touched")
    try:
        from andon.response.guard.reading import read_change
        from andon.response.guard.tests_kept import judge_tests
    except ImportError as problem:
        raise _without_parser(problem) from problem
    return judge_tests(read_change(context.change_with_texts))


def _is_about_tests(file: ChangedFile) -> bool:
    """True when a file may hold tests, or say which of them run."""
    path = f"{file.old_path} {file.path}".lower()
    if any(word in path for word in _PLACES):
        return True
    return any(word in line for hunk in file.hunks for line in hunk.added for word in _WORDS)
