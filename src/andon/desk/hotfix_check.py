"""Asking the guard about a hotfix as it is committed, and keeping its answer with the evidence."""

from __future__ import annotations

from andon.desk.gate.context import Asked
from andon.desk.gate.run import run_gate
from andon.desk.gate.standing import Standing
from andon.desk.hotfix_test import run_test, tested
from andon.desk.recording import attach, record
from andon.errors import Refused
from andon.incident.commands import CheckHotfix
from andon.incident.events import HotfixChecked, RuleAnswer, ShownObjection
from andon.incident.hotfix_state import last_check
from andon.incident.hotfixing import started
from andon.incident.words import Gear, Verdict
from andon.record import Record, replace
from andon.response.gates.judge import Effect
from andon.response.gates.table import Point

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from andon.desk.ports import Desk
    from andon.incident.events import HotfixStarted
    from andon.incident.state import Incident
    from andon.response.gates.judge import GateRow, Judgement

#: Objections that are kept and can be justified; a change with more of them is no hotfix.
MOST = 200


class Guarded(Record):
    """What the guard says of a hotfix."""

    incident: Incident
    hotfix: HotfixStarted
    commit: str
    judgement: Judgement
    #: Changed files that are not committed, so that nobody looked at them.
    uncommitted: tuple[str, ...] = ()


def newest_commit(desk: Desk, state: Incident) -> str:
    """Return the commit the hotfix stands at; raises Refused without one on top of its base."""
    hotfix = started(state)
    commit = desk.branches.tip(hotfix.branch)
    if not commit:
        raise Refused(
            f"the branch {hotfix.branch} is gone",
            where=state.id,
            rule="hotfix-branch",
            remedy="andon hotfix start",
        )
    if commit == hotfix.base_commit:
        raise Refused(
            f"nothing is committed on {hotfix.branch} yet",
            where=state.id,
            rule="hotfix-branch",
            remedy=f'git commit -m "{state.id}: what is fixed"; then: andon hotfix check',
        )
    if not desk.branches.contains(commit, hotfix.base_commit):
        raise Refused(
            f"{hotfix.branch} does not come from {hotfix.base_version} ({hotfix.base_commit[:10]}) any more",
            where=state.id,
            rule="hotfix-base",
            remedy="andon hotfix start NAME, and bring the fix there: git cherry-pick COMMIT",
        )
    return commit


def check_hotfix(
    desk: Desk, state: Incident, tell: Callable[[str], None], test: Sequence[str] = ()
) -> Guarded:
    """Ask every rule of the guard about the hotfix's newest commit and record what they say.

    `test`, else the configured one, is run without the fix and with it first; a test of the same commit that
    came to an end is not run again unless it is asked for. Raises Refused without a commit to look at.
    """
    hotfix, commit = started(state), newest_commit(desk, state)
    known = tested(state, hotfix.base_commit, commit)
    is_settled = known is not None and Verdict.UNKNOWN not in (known.before, known.after)
    command = tuple(test) or (() if is_settled else desk.config.hotfix.test)
    if command:
        state = run_test(desk, state, hotfix, commit, command, tell)
    stands = Standing(gear=Gear.HOTFIX, why=f"{state.id} {state.severity} is in response", incident=state)
    asked = Asked(base=hotfix.base_commit, head=commit, branch=hotfix.branch)
    judgement = run_gate(desk, Point.HOTFIX, asked, stands)
    state = _keep(desk, state, hotfix, commit, judgement)
    place = desk.branches.place_of(hotfix.branch)
    uncommitted = desk.branches.uncommitted(place) if place else ()
    return Guarded(incident=state, hotfix=hotfix, commit=commit, judgement=judgement, uncommitted=uncommitted)


def _keep(desk: Desk, state: Incident, hotfix: HotfixStarted, commit: str, judgement: Judgement) -> Incident:
    """Record the answers, unless they are what the guard said last of the same commit."""
    checked = HotfixChecked(
        commit=commit,
        base_commit=hotfix.base_commit,
        verdict=judgement.verdict,
        answers=tuple(_answer(row) for row in judgement.rows),
        objections=tuple(_shown(judgement))[:MOST],
    )
    before = last_check(state)
    if before is not None and replace(before, evidence=None) == checked:
        return state
    from andon.desk.looking import attachment  # threads: only where something is kept

    text = _report(hotfix, checked, judgement)
    stored = desk.evidence.put(text.encode("utf-8", "replace"), "text/plain")
    kept = attachment(stored, "report", f"hotfix guard {judgement.verdict}", "hotfix check")
    state = attach(desk, state, (kept,))
    return record(desk, state, CheckHotfix(checked=replace(checked, evidence=stored.evidence)))


def _answer(row: GateRow) -> RuleAnswer:
    told = (
        row.result.evidence if row.effect is not Effect.WAIVED else f"{row.result.evidence} ({row.waived_by})"
    )
    return RuleAnswer(
        rule=row.result.rule, verdict=row.result.verdict, effect=row.effect.value, summary=told[:500]
    )


def _shown(judgement: Judgement) -> list[ShownObjection]:
    found: dict[tuple[str, str], ShownObjection] = {}
    for row in judgement.rows:
        for one in row.result.objections:
            shown = ShownObjection(
                rule=one.rule, fingerprint=one.fingerprint, place=one.place, text=one.text[:300]
            )
            found.setdefault((one.rule, one.fingerprint), shown)
    return list(found.values())


def _report(hotfix: HotfixStarted, checked: HotfixChecked, judgement: Judgement) -> str:
    lines = [f"hotfix guard: {checked.verdict}", f"branch: {hotfix.branch}"]
    lines += [f"from: {hotfix.base_version} {checked.base_commit}", f"to: {checked.commit}", ""]
    for row in judgement.rows:
        by = f" (waived by {row.waived_by})" if row.waived_by else ""
        lines.append(f"{row.effect}  {row.result.rule}  {row.result.verdict}: {row.result.evidence}{by}")
        lines += [f"    {o.place}  {o.text}  {o.rule}:{o.fingerprint}" for o in row.result.objections[:MOST]]
    return "\n".join(lines) + "\n"
