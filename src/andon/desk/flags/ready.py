"""Whether a flag that was killed may come back: what mended it, and what tests ran with it on and off."""

from __future__ import annotations

from shlex import quote

from andon.desk.deployments import commit_of, survey
from andon.desk.flags.report import read_flag_report
from andon.errors import AndonError, NotFound, Refused
from andon.flags.tested_states import untested
from andon.incident.evolve import fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from andon.desk.flags.values import FlagSeen
    from andon.desk.ports import Desk
    from andon.incident.flag_state import FlagAct

FIX, TESTS, ROLLOUT = "fix", "tests", "rollout"
#: What can be left out, with a reason and a follow-up.
PARTS = (FIX, TESTS, ROLLOUT)


def fix_of(desk: Desk, kill: FlagAct, wanted: str) -> str:
    """Return what mended the feature: a commit that runs now and did not run when it was killed.

    `wanted` is a commit, a version, or a finished action item of the kill's incident; "" means the incident's
    hotfix. Raises Refused when there is none, or when it is not in what runs.
    """
    if wanted and (done := _action(desk, kill, wanted)):
        return done
    named = wanted or _hotfix(desk, kill)
    if not named:
        raise Refused(
            f"what mended {kill.planned.flag} is not known",
            where=kill.planned.flag,
            rule="fixed-first",
            remedy=f"andon flags enable {quote(kill.planned.flag)} --fix COMMIT; {_way_round(kill, FIX)}",
        )
    production = survey(desk)
    known = production.ledger.find(named)
    commit = (known.commit if known is not None else "") or _commit(desk, kill, named)
    running = production.ledger.find(production.running) if production.running else None
    now = (running.commit if running else "") or commit_of(desk, production.running)
    _demand_in(desk, kill, named, commit, now, production.running)
    then = [d for d in production.ledger.deployments if d.deployed_at <= kill.planned_at and not d.is_aborted]
    if then and then[-1].commit and _contains(desk, then[-1].commit, commit):
        raise Refused(
            f"{named} was in {then[-1].version} already, which ran when {kill.planned.flag} was killed",
            where=kill.planned.flag,
            rule="fixed-first",
            remedy=f"name the commit that mended it: --fix COMMIT; {_way_round(kill, FIX)}",
        )
    return named if commit.startswith(named) else f"{named} ({commit[:10]})"


def _way_round(kill: FlagAct, part: str) -> str:
    return f'or, on the record: andon flags enable {quote(kill.planned.flag)} --without {part} --reason "why"'


def _action(desk: Desk, kill: FlagAct, wanted: str) -> str:
    """Return the finished action item of the kill's incident that is meant; "" for none."""
    if not kill.planned.incident:
        return ""
    for action in fold(desk.history(kill.planned.incident)).actions:
        if action.id.lower() == wanted.lower() and action.state == "done":
            return f"{kill.planned.incident} {action.id}: {action.proof}"
    return ""


def _hotfix(desk: Desk, kill: FlagAct) -> str:
    """Return the commit of the hotfix that the kill's incident brought to the main line; "" for none."""
    if not kill.planned.incident:
        return ""
    merged = fold(desk.history(kill.planned.incident)).hotfix_merged
    return merged.commit if merged is not None else ""


def _commit(desk: Desk, kill: FlagAct, named: str) -> str:
    found = commit_of(desk, named)
    if found:
        return found
    raise Refused(
        f"git knows no commit or version {named!r}",
        where=kill.planned.flag,
        rule="fixed-first",
        remedy=f"git fetch; or name another: andon flags enable {quote(kill.planned.flag)} --fix COMMIT",
    )


def _demand_in(desk: Desk, kill: FlagAct, named: str, commit: str, now: str, running: str) -> None:
    """Raise Refused unless what runs contains the fix; not to know is not enough."""
    if not now:
        raise Refused(
            "which code runs now is not known, so whether it has the fix is not known either",
            where=kill.planned.flag,
            rule="fixed-first",
            remedy=f"andon deployed VERSION; {_way_round(kill, FIX)}",
        )
    contained = _contains(desk, now, commit)
    if contained:
        return
    told = "is not in" if contained is False else "is not known to be in"
    raise Refused(
        f"{named} {told} {running or now[:10]}, which runs now",
        where=kill.planned.flag,
        rule="fixed-first",
        remedy=f"deploy it, then again; {_way_round(kill, FIX)}",
    )


def _contains(desk: Desk, commit: str, other: str) -> bool | None:
    if commit == other:
        return True
    try:  # nothing of the other is missing here
        return not desk.repository.commits(commit, other, limit=1)
    except AndonError:
        return None


def demand_tests(desk: Desk, kill: FlagAct, seen: FlagSeen, variant: str) -> str:
    """Return at which commit tests ran with the flag killed and on; raises Refused for what is missing.

    The report is what the pytest plugin left; it counts when it was made of exactly what runs, or of
    something that contains it.
    """
    flag = kill.planned.flag
    again = f"pytest with @pytest.mark.flag_states({flag!r}) at what runs; {_way_round(kill, TESTS)}"
    try:
        report = read_flag_report(desk)
    except NotFound as problem:
        raise Refused(
            f"that tests ran with {flag} on and off is not known: {problem.message}",
            where=desk.config.flag_system.report,
            rule="both-states-tested",
            remedy=again,
        ) from problem
    wanted = (variant, kill.planned.variant)
    missing = [v for v in untested(flag, _definition(seen), report.states) if v in wanted]
    if missing:
        raise Refused(
            f"no test ran with {flag} = {', '.join(missing)}",
            where=desk.config.flag_system.report,
            rule="both-states-tested",
            remedy=again,
        )
    production = survey(desk)
    running = production.ledger.find(production.running) if production.running else None
    now = (running.commit if running else "") or commit_of(desk, production.running)
    if not report.is_clean or not now or not _contains(desk, report.commit, now):
        at = report.commit[:10] or "no commit"
        told = f"{at} is not known to be what runs" if report.is_clean else f"{at} had changes beside it"
        raise Refused(
            f"the tests with {flag} ran elsewhere: {told}",
            where=desk.config.flag_system.report,
            rule="both-states-tested",
            remedy=again,
        )
    return report.commit


def _definition(seen: FlagSeen) -> dict[str, Any]:
    """Return the definition; where another system has none, its variants by their names."""
    if seen.definition is not None:
        return seen.definition
    return {"variants": {name: {"on": True, "off": False}.get(name, name) for name in seen.variants}}
