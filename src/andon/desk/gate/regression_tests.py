"""Does every test that the regression log names still exist, and run? Read as it is in what is judged."""

from __future__ import annotations

from andon.response.gates.results import passed, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import GateContext
    from andon.desk.ports_changes import Changes
    from andon.response.gates.regression_tests import Remembered
    from andon.response.gates.results import RuleResult

RULE = "regression-tests"


def check(context: GateContext) -> RuleResult:
    """Look for the tests in the index or the commit, not in the work tree; without a log ask nothing."""
    asked, changes = context.asked, context.desk.changes
    if asked.problem:
        return unknown(RULE, asked.problem, asked.remedy or "andon regressions check")
    if asked.deletes:
        return passed(RULE, "nothing comes with a reference that is removed")
    name = context.desk.config.review.regressions
    now = _read(changes, asked.head, name)
    base = asked.base or ("" if asked.head else "HEAD")
    before = now
    if asked.head or _may_differ(context, name):
        before = _read(changes, base, name) if base else None
    if now is None and before is None:
        return passed(RULE, "there is no regression log")
    from andon.desk.remembered import remembered
    from andon.response.gates.regression_tests import judge_regressions

    entries = remembered(now or "", name)
    texts = _tests(changes, asked.head, entries)
    return judge_regressions(entries, remembered(before or "", name), texts)


def _may_differ(context: GateContext, name: str) -> bool:
    """False when what is staged plainly leaves the log as it is in HEAD: git is not asked for it twice.

    A name that begins with a dot may be `./` or `../`, which git reads as no name in its lists.
    """
    return name.startswith(".") or any(name in (file.path, file.old_path) for file in context.change.files)


def _tests(changes: Changes, head: str, entries: tuple[Remembered, ...]) -> dict[str, str]:
    paths = tuple(dict.fromkeys(test[0] for entry in entries for test in entry.tests if test))
    found = changes.contents(head, paths) if paths else {}
    return {path: content.decode("utf-8", "backslashreplace") for path, content in found.items()}


def _read(changes: Changes, head: str, name: str) -> str | None:
    content = changes.content(head, name)
    return None if content is None else content.decode("utf-8", "replace")
