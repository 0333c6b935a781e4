"""Does no flag rot? What a change brings against the flags; what is shipped, against the running release.

Read as it is in what is judged, never in the work tree. Nothing is loaded where no flags are configured, or
where neither the flag file nor a file that may ask for a flag changes.
"""

from __future__ import annotations

from andon.response.gates.results import passed, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.gate.context import GateContext
    from andon.response.gates.results import RuleResult

RULE = "flags-tidy"


def check(context: GateContext) -> RuleResult:
    """Object to each finding that was not there before; a sign alone is a hint."""
    config = context.desk.config.flag_system
    if not config.is_configured:
        return passed(RULE, "no feature flags are configured")
    if not config.file:
        return passed(RULE, f"the flags are not defined here but in {config.server}")
    if context.asked.problem:
        return unknown(RULE, context.asked.problem, context.asked.remedy or "andon flags lint")
    if context.point == "ship":
        from andon.desk.flags.changes import judge_shipped

        return judge_shipped(context)
    paths = tuple(
        file.path
        for file in context.change.files
        if file.new_mode not in ("", "120000", "160000") or file.kind != "removed"
    )
    from andon.flags.hygiene.languages import language_of

    is_defined = any(config.file in (file.path, file.old_path) for file in context.change.files)
    code = tuple(path for path in paths if language_of(path) is not None and path != config.file)
    if not is_defined and not code:
        return passed(RULE, "neither a flag nor what may ask for one changes")
    from andon.desk.flags.changes import judge_change

    return judge_change(context, code, is_defined=is_defined)
