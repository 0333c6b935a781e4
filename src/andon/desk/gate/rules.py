"""Which module answers which rule. A new rule: one module here, one row in `response.gates.table`.

Each module has `check(context: GateContext) -> RuleResult`, or `answer(rule, context)` when it answers more
than one. It is imported when its rule is asked, so that a commit pays for its own rules only.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import cast

    from andon.desk.gate.context import GateContext
    from andon.response.gates.results import RuleResult

    Check = Callable[[GateContext], RuleResult]
else:

    def cast(_type, value):
        return value


#: Rule id to the module below `andon.desk.gate` that answers it.
MODULES: dict[str, str] = {
    "configuration": "configuration",
    "gear-known": "gear_known",
    "readable": "readable",
    "conflict-markers": "conflict_markers",
    "range-known": "range_known",
    "links-inside": "links_inside",
    "names-incident": "names_incident",
    "only-the-hotfix": "only_the_hotfix",
    "ship-recorded": "ship_recorded",
    "tests-kept": "guard",
    "minimal": "guard",
    "no-feature": "guard",
    "no-refactoring": "guard",
    "connected": "guard",
    "loose-ends": "guard",
    "tests-green": "tests_green",
    "rollback-plan": "rollback_plan",
    "audit-fresh": "audit_fresh",
    "staging-smoke": "staging_smoke",
    "flags-off": "flags_off",
    "flags-tested": "flags_tested",
    "no-open-incident": "no_open_incident",
    "no-late-postmortem": "no_late_postmortem",
    "no-overdue-action": "no_overdue_action",
    "regression-tests": "regression_tests",
    "secrets": "secrets",
    "banned": "banned",
    "environment-files": "environment_files",
    "no-new-finding": "no_new_finding",
    "red-then-green": "red_then_green",
    "hotfix-merged": "hotfix_merged",
}


def check_for(rule: str) -> Check | None:
    """Return what answers a rule; None when nothing does yet."""
    name = MODULES.get(rule)
    if name is None:
        return None
    from importlib import import_module

    module = import_module(f"andon.desk.gate.{name}")
    answer = getattr(module, "answer", None)
    if answer is not None:
        return lambda context: cast("RuleResult", answer(rule, context))
    return cast("Check", module.check)
