"""Did tests run with every state of the flags that are new or rolled out in part? Reads the tests' report."""

from __future__ import annotations

from andon.desk.flags.report import read_flag_report
from andon.desk.gate.flag_definitions import config_at, document_at, flags_before, flags_in, rollouts
from andon.desk.gate.running import running_commit
from andon.errors import AndonError, InvalidInput, NotFound
from andon.flags.tested_states import StateReport, is_passing, is_under_way, states_of, untested
from andon.response.gates.flags_tested import RULE, FlagStates, judge_tested
from andon.response.gates.results import passed, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

    from andon.desk.gate.context import GateContext
    from andon.desk.ports import Desk
    from andon.response.gates.results import RuleResult


def check(context: GateContext) -> RuleResult:
    """Judge the flags of the commit's flag file that no running release has, or that some callers get."""
    desk, commit = context.desk, context.asked.head
    path = config_at(desk, commit).flag_system.file
    if not path:
        return passed(RULE, "no flag file is configured")
    running = running_commit(context)
    if context.production.running and not running:
        told = f"the commit of {context.production.running}, which runs, is not known"
        return unknown(RULE, told, f"andon deployed {context.production.running} --commit COMMIT")
    flags = flags_in(document_at(desk, commit, path))
    known = flags_in(flags_before(desk, running, path))
    rolled, unseen = _rolled(desk) if any(map(is_passing, flags.values())) else (frozenset(), "")
    asked = {key: why for key, flag in flags.items() if (why := _why(key, flag, known, rolled))}
    report, problem = StateReport(), ""
    if asked:
        try:
            report = read_flag_report(desk)
        except (InvalidInput, NotFound) as missing:
            problem = str(missing)
    judged = (
        FlagStates(
            name=key,
            why=why,
            untested=untested(key, flags[key], report.states),
            states=len(states_of(flags[key])),
            path=path,
        )
        for key, why in asked.items()
    )
    return judge_tested(
        judged, commit, report.commit, is_clean=report.is_clean, problem=problem, unseen=unseen
    )


def _why(key: str, flag: Mapping[str, Any], known: Mapping[str, Any], rolled: Collection[str]) -> str:
    """Return why both states of a flag have to work; "" for one that is old and the same for everybody."""
    if not is_passing(flag):
        return ""
    if key not in known:
        return "new"
    return "rolled out in part" if is_under_way(flag) or key in rolled else ""


def _rolled(desk: Desk) -> tuple[frozenset[str], str]:
    """Return the flags that a rollout gives to a part of everybody, and why they cannot be seen."""
    try:
        return frozenset(key for key, percent in rollouts(desk).items() if 0 < percent < 100), ""
    except AndonError as problem:
        return frozenset(), str(problem)
