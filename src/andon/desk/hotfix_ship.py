"""Planning how a hotfix goes out, with the way back written first, and approving it.

What is approved is carried out by a worker, in the steps of `desk.acting`, as a rollback is.
"""

from __future__ import annotations

import re
import shlex

from andon.desk.deployments import enter_acts, survey
from andon.desk.hotfix_check import newest_commit
from andon.desk.interrupted import running_version
from andon.desk.recording import attach, record
from andon.desk.redacting import redacted
from andon.desk.rollback import refuse_beside_another
from andon.errors import AndonError, InvalidInput, NotFound, Refused, Unavailable
from andon.incident.commands import ApproveOperation
from andon.incident.events import HotfixPlanned, OperationApproved
from andon.incident.hotfix_state import in_production
from andon.incident.hotfixing import (
    refuse_unchecked,
    refuse_without_hotfix_decision,
    started,
)
from andon.incident.words import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.desk.deployments import Production
    from andon.desk.ports import Desk
    from andon.desk.ports_production import Deployer
    from andon.incident.events import HotfixStarted
    from andon.incident.state import Incident

_NUMBERED = re.compile(r"(.+)-hotfix\.(\d+)")
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
#: Numbers that are tried for a version that nobody gave.
_NUMBERS = 100


def plan_hotfix(
    desk: Desk, state: Incident, wanted: str, tell: Callable[[str], None], *, only_show: bool = False
) -> HotfixPlanned:
    """Return the plan for the commit that the guard has passed; makes its tag and its artefact.

    With `only_show` nothing is made. Raises Refused when the guard has not passed exactly the newest commit,
    when another release runs than the one it was made for, or when there is nothing to deploy.
    """
    refuse_without_hotfix_decision(state)
    deployer = _deployer_of(desk)
    enter_acts(desk, state.id)
    hotfix, commit = started(state), newest_commit(desk, state)
    refuse_unchecked(state, commit)
    production = survey(desk)
    _refuse_other_base(state, hotfix, production)
    version = wanted or _next_version(desk, production, hotfix, commit)
    _refuse_running(state, production, version, commit)
    if not only_show:
        desk.branches.mark(version, commit)
        _build(desk, state, production, version, commit, tell)
    steps = _steps(desk, state, deployer, version, is_made=not only_show)
    operation = f"{state.id}-{len(state.operations) + 1}-{desk.ids.new()[:6]}"
    migrations = _migrations(desk, hotfix, commit)
    return HotfixPlanned(
        operation=operation,
        from_version=production.running,
        to_version=version,
        commit=commit,
        steps=steps,
        undo=f"andon rollback --to {production.running}",
        migrations=migrations,
        risks=_risks(desk, state, production, hotfix, migrations),
    )


def _deployer_of(desk: Desk) -> Deployer:
    if desk.deployer is None:
        raise Unavailable(
            "no deployer is configured, so Andon cannot put the hotfix into production",
            where=desk.config.path or desk.config.root,
            rule="deployer",
            remedy="[deploy] in andon.toml; or deploy by hand, then: andon deployed VERSION --hotfix",
        )
    return desk.deployer


def _refuse_other_base(state: Incident, hotfix: HotfixStarted, production: Production) -> None:
    """Raise Refused unless what runs is the release it was made from, or an earlier try of itself."""
    running = production.running
    own = {o.version for o in state.operations if o.purpose == "hotfix" and o.outcome is Outcome.SUCCEEDED}
    if running and running in {hotfix.base_version, *own}:
        return
    if not running:
        why = "; ".join(reason for _, reason in production.failures)
        raise Refused(
            f"which release runs is not known: {why}",
            where=state.id,
            rule="hotfix-base",
            remedy="andon releases; or andon deployed VERSION, for what is in production now",
        )
    raise Refused(
        f"{running} runs now, and the hotfix was made from {hotfix.base_version}: it would take out the rest",
        where=state.id,
        rule="hotfix-base",
        remedy=f"andon hotfix start on-{running.lower()}, and bring the fix there: git cherry-pick",
    )


def _next_version(desk: Desk, production: Production, hotfix: HotfixStarted, commit: str) -> str:
    """Return what a hotfix of this release is called: `v1.2.0-hotfix.1`, or its commit where commits are.

    A number is taken when its tag is another commit, or something else was deployed under it.
    """
    running = production.running
    release = production.ledger.find(running)
    of_running = (release.commit if release else "") or hotfix.base_commit
    if _COMMIT.fullmatch(running) and of_running.startswith(running):
        return commit[: len(running)]
    numbered = _NUMBERED.fullmatch(running)
    stem, first = (numbered[1], int(numbered[2])) if numbered else (running, 0)
    for number in range(first + 1, first + _NUMBERS):
        version = f"{stem}-hotfix.{number}"
        known = production.ledger.find(version)
        if _tagged(desk, version) in ("", commit) and (known is None or known.commit in ("", commit)):
            return version
    raise Refused(
        f"{_NUMBERS} hotfixes of {stem} are tagged", rule="hotfix-version", remedy="andon hotfix ship VERSION"
    )


def _tagged(desk: Desk, version: str) -> str:
    """Return the commit of the tag with this name, "" when there is none or none can have it."""
    try:
        return desk.repository.commit_of(f"refs/tags/{version}")
    except (NotFound, InvalidInput):
        return ""


def _refuse_running(state: Incident, production: Production, version: str, commit: str) -> None:
    act = in_production(state)
    plan = state.hotfix_plan
    is_same = plan is not None and plan.commit == commit and act is not None and act.id == plan.operation
    if version == production.running or (is_same and act is not None and act.version == production.running):
        raise Refused(
            f"{production.running} runs already, and is made from this commit"
            if is_same
            else f"{version} is what runs now",
            where=state.id,
            rule="hotfix-target",
            remedy="andon verify",
        )


def _build(
    desk: Desk,
    state: Incident,
    production: Production,
    version: str,
    commit: str,
    tell: Callable[[str], None],
) -> None:
    """Make what is deployed, in a checkout of the commit, unless the deployer has it; raises Refused.

    What an earlier build of ours left that failed, was killed or was of another commit is not taken for it.
    """
    command = desk.config.hotfix.build
    is_there = production.available is not None and version in production.available
    title = f"{_built(version)}{commit[:10]}"
    if not command or (is_there and _last_build(state, version) in ("", title)):
        return
    from andon.desk.looking import attachment  # threads: only where something ran

    begins = desk.evidence.put(f"build of {version} from {commit}\n".encode(), "text/plain")
    state = attach(desk, state, (attachment(begins, "report", f"{title} begins", "hotfix ship"),))
    filled = [part.replace("{commit}", commit).replace("{version}", version) for part in command]
    tell(f"building {version}: {redacted(desk, shlex.join(filled))}")
    with desk.checkouts.open() as checkout:
        checkout.switch(commit, fresh=False)
        done = checkout.run(filled, desk.config.hotfix.timeout)
    text = f"build of {version} from {commit}: {done.ending}\n\n{done.output}\n"
    stored = desk.evidence.put(text.encode("utf-8", "replace"), "text/plain")
    is_made = done.code == 0 and not done.timed_out and not done.is_missing
    ended = title if is_made else f"{title} failed"
    attach(desk, state, (attachment(stored, "report", ended, "hotfix ship"),))
    if not is_made:
        last = done.output.strip().splitlines()[-1:] or [""]
        raise Refused(
            f"building {version} failed: {done.ending}; {redacted(desk, last[0])[:200]}".rstrip("; "),
            where=state.id,
            rule="hotfix-build",
            remedy=f"andon evidence show {stored.evidence.rpartition(':')[2][:12]}; mend [hotfix] build"
            + (f"; take away what is left of {version}" if is_there else ""),
        )


def _built(version: str) -> str:
    return f"build of {version} from "


def _last_build(state: Incident, version: str) -> str:
    """Return the title of what is on record of the last build of a version; "" when we built none."""
    ours = (e.title for e in reversed(state.evidence) if e.title.startswith(_built(version)))
    return next(ours, "")


def _steps(
    desk: Desk, state: Incident, deployer: Deployer, version: str, *, is_made: bool
) -> tuple[str, ...]:
    """Return exactly what the deployer would do; raises Refused when it cannot."""
    try:
        deployer.preflight(version)
        return tuple(redacted(desk, step) for step in deployer.describe(version))
    except NotFound as problem:
        if not is_made:
            return (f"build and deploy {version}; what exactly is known once it is built",)
        raise Refused(
            f"{version} cannot be deployed: {problem.message}",
            where=state.id,
            rule="hotfix-build",
            remedy='[hotfix] build = ["...", "{version}", "{commit}"] in andon.toml; or build it, then again',
        ) from problem


def _migrations(desk: Desk, hotfix: HotfixStarted, commit: str) -> tuple[str, ...]:
    """Return the migrations between the release and the fix, by path; what cannot be read is told."""
    from andon.desk.migration_range import read_range

    try:
        found = read_range(desk, hotfix.base_commit, commit)
    except AndonError as problem:
        return (f"unknown: {problem}",)
    told = tuple(migration.path for migration in found.migrations)
    return (*told, found.obstacle) if found.obstacle else told


def _risks(
    desk: Desk,
    state: Incident,
    production: Production,
    hotfix: HotfixStarted,
    migrations: tuple[str, ...],
) -> tuple[str, ...]:
    risks = []
    if migrations:
        risks.append("it changes the database: the way back has to pass the migration gate, or may be closed")
    if not production.is_confirmed:
        risks.append(f"{production.running} runs according to the ledger only")
    place = desk.branches.place_of(hotfix.branch)
    left = desk.branches.uncommitted(place) if place else ()
    if left:
        risks.append(f"not committed, so it does not go out: {', '.join(left[:3])}")
    justified = [s for s in state.shortcuts if s.item.startswith("guard:")]
    risks += [f"justified: {s.item.removeprefix('guard:')}: {s.reason}" for s in justified]
    return tuple(risks)


def approve_hotfix(
    desk: Desk, state: Incident, plan: HotfixPlanned, *, verify: bool = True, watch: float = 10.0
) -> Incident:
    """Record the plan, unless it is, and that it is to be carried out: a worker does the rest.

    Raises Refused while somebody else acts, and when the guard has not passed the commit of the plan.
    """
    refuse_beside_another(desk, state)
    approved = OperationApproved(
        operation=plan.operation,
        purpose="hotfix",
        from_version=plan.from_version,
        version=plan.to_version,
        undo=plan.undo,
        verify=verify,
        watch=watch,
    )
    is_new = state.hotfix_plan is None or state.hotfix_plan.operation != plan.operation
    return record(desk, state, ApproveOperation(approved=approved, hotfix_plan=plan if is_new else None))


def proposed_hotfix(desk: Desk, state: Incident, operation: str) -> HotfixPlanned:
    """Return the plan on record that somebody is asked to approve; raises Refused for another one."""
    plan = state.hotfix_plan
    if plan is None or plan.operation != operation:
        raise Refused(
            f"{operation!r} is not the newest plan of a hotfix"
            + (f"; that is {plan.operation}" if plan else ", there is none"),
            where=state.id,
            rule="plan-before-act",
            remedy="andon hotfix ship --ask",
        )
    refuse_changed(desk, state, plan)
    return plan


def refuse_changed(desk: Desk, state: Incident, plan: HotfixPlanned) -> None:
    """Raise Refused, saying what changed, unless everything the plan rests on still holds.

    Another release runs, the guard has said no, the tag was moved, the deployer would do something else.
    """
    refuse_unchecked(state, plan.commit)
    running, said = running_version(desk)
    changes = []
    if running != plan.from_version and (running or not _only_ledger_knows(desk, plan)):
        changes.append(f"{said}, not {plan.from_version}")
    marked = _tagged(desk, plan.to_version)
    if marked not in ("", plan.commit):
        changes.append(f"the tag {plan.to_version} is at {marked[:10]}")
    steps = _steps(desk, state, _deployer_of(desk), plan.to_version, is_made=True)
    if steps != plan.steps:
        changes.append(f"the deployer would do something else: {'; '.join(steps)}")
    if changes:
        raise Refused(
            f"since it was planned, {'; '.join(changes)}",
            where=state.id,
            rule="still-as-planned",
            remedy="andon hotfix ship plans anew",
        )


def _only_ledger_knows(desk: Desk, plan: HotfixPlanned) -> bool:
    """True when the deployer cannot tell what runs, and the ledger still says what it said."""
    from andon.desk.deployments import read_ledger

    running = read_ledger(desk).running
    return running is not None and running.version == plan.from_version
