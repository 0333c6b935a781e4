"""Deciding on the commands of the review: postmortem, action items, regressions, incident log, close."""

from __future__ import annotations

from andon.errors import NotFound, Refused
from andon.incident import commands as c
from andon.incident import events as e
from andon.incident.checklist import open_lines
from andon.incident.hotfix_state import unmerged_in_words
from andon.incident.policy import free_id
from andon.incident.words import Impact, Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias, assert_never

    from andon.incident.state import ActionItem, Incident

    LearningCommand: TypeAlias = (
        c.RecordGap
        | c.RecordCulprit
        | c.WriteSection
        | c.DraftPostmortem
        | c.PublishPostmortem
        | c.OpenAction
        | c.AssignAction
        | c.FinishAction
        | c.DropAction
        | c.LogRegression
        | c.LogIncident
        | c.Close
    )
else:

    def assert_never(value):
        raise AssertionError(f"unhandled command {value!r}")


def decide_learning(state: Incident, command: LearningCommand) -> tuple[e.Event, ...]:
    """Return the events of a review command; raises Refused or NotFound."""
    match command:
        case c.RecordGap():
            return _search(state, command)
        case c.RecordCulprit():
            return (command.found,)
        case c.WriteSection():
            _refuse_published(state)
            return (e.SectionWritten(section=command.section, text=command.text),)
        case c.DraftPostmortem():
            return (e.PostmortemDrafted(evidence=command.evidence),)
        case c.PublishPostmortem():
            return _publish(state, command)
        case c.OpenAction():
            return _open_action(state, command)
        case c.AssignAction():
            action = find_action(state, command.action)
            _demand(state, command.owner, f"andon actions assign {action.id} --owner NAME")
            return (e.ActionAssigned(action=action.id, owner=command.owner, due_at=command.due_at),)
        case c.FinishAction():
            action = find_action(state, command.action)
            _demand(state, command.proof, f'andon actions done {action.id} --proof "where it can be seen"')
            return (e.ActionDone(action=action.id, proof=command.proof),)
        case c.DropAction():
            action = find_action(state, command.action)
            _demand(state, command.reason, f'andon actions drop {action.id} --reason "why"')
            return (e.ActionDropped(action=action.id, reason=command.reason),)
        case c.LogRegression():
            return (command.regression,)
        case c.LogIncident():
            return (e.IncidentLogged(path=command.path),)
        case c.Close():
            return _close(state, command)
        case _:
            assert_never(command)


def _search(state: Incident, command: c.RecordGap) -> tuple[e.Event, ...]:
    """Return one step of a search; raises Refused for one that belongs to another search, or to none."""
    event = command.event
    gap = state.gap
    known = gap.started.search if gap is not None and gap.started is not None else ""
    if isinstance(event, e.GapSearchStarted) or event.search == known:
        return (event,)
    raise Refused(
        f"{event.search} is not the search of {state.id}" if known else f"no search was begun in {state.id}",
        where=state.id,
        rule="gap-search",
        remedy="andon gap",
    )


def find_action(state: Incident, wanted: str) -> ActionItem:
    """Return the open action item called `wanted`; raises NotFound or Refused."""
    for action in state.actions:
        if action.id.lower() == wanted.lower():
            if action.state != "open":
                raise Refused(
                    f"{action.id} is {action.state} already: {action.proof}",
                    where=state.id,
                    rule="settle-once",
                    remedy="andon actions",
                )
            return action
    raise NotFound(f"there is no action item {wanted!r}", where=state.id, remedy="andon actions")


def _open_action(state: Incident, command: c.OpenAction) -> tuple[e.Event, ...]:
    _demand(state, command.title, 'andon actions add "what is to be done"')
    return (
        e.ActionOpened(
            action=free_id(state, command.action),
            title=command.title,
            origin=command.origin,
            owner=command.owner,
            due_at=command.due_at,
            kind=command.kind,
        ),
    )


def _publish(state: Incident, command: c.PublishPostmortem) -> tuple[e.Event, ...]:
    _refuse_published(state)
    if state.status in (Status.DECLARED, Status.ACKNOWLEDGED):
        raise Refused(
            f"{state.id} is {state.status}; a postmortem is written when the harm has stopped",
            where=state.id,
            rule="moments-in-order",
            remedy="andon mitigate",
        )
    if command.missing:
        raise Refused(
            f"the postmortem is not complete: {'; '.join(command.missing)}",
            where=state.id,
            rule="postmortem-complete",
            remedy="andon postmortem edit; andon postmortem lint",
        )
    return (
        e.PostmortemPublished(path=command.path, evidence=command.evidence, chain_head=command.chain_head),
    )


def _close(state: Incident, command: c.Close) -> tuple[e.Event, ...]:
    if state.status is Status.CLOSED:
        raise Refused(
            f"{state.id} is closed already", where=state.id, rule="closed-is-final", remedy="andon status"
        )
    if command.duplicate_of:
        return _close_duplicate(state, command.duplicate_of, command.original)
    if command.false_alarm:
        return _close_false_alarm(state, command.false_alarm)
    if state.status is not Status.RESOLVED:
        step = "andon resolve" if state.status is Status.MITIGATED else "andon status"
        raise Refused(
            f"{state.id} is {state.status}; closed comes after resolved",
            where=state.id,
            rule="moments-in-order",
            remedy=step,
        )
    if unmerged := unmerged_in_words(state):
        raise Refused(unmerged, where=state.id, rule="hotfix-merged", remedy="andon hotfix finish")
    if state.leak is not None:
        from andon.incident.leaking import refuse_open_leak  # most incidents are none

        refuse_open_leak(state, "closed")
    if state.needs_postmortem and state.published is None:
        raise Refused(
            "the postmortem is not published",
            where=state.id,
            rule="postmortem-before-close",
            remedy="andon postmortem draft; andon postmortem publish",
        )
    known = {a.id for a in state.actions}
    untracked = [s.item for s in state.shortcuts if s.action not in known]
    if untracked:
        raise Refused(
            f"shortcuts without a follow-up: {', '.join(untracked)}",
            where=state.id,
            rule="deferred-work-tracked",
            remedy='andon actions add "what was skipped"',
        )
    _refuse_open_items(state)
    return (e.IncidentClosed(),)


def _refuse_open_items(state: Incident) -> None:
    left = open_lines(state)
    if not left or not state.needs_postmortem:
        return
    shown = "; ".join(f"{line.item.key} {line.item.text[:50]}" for line in left[:4])
    more = f" and {len(left) - 4} more" if len(left) > 4 else ""
    raise Refused(
        f"{len(left)} items are neither proven nor signed: {shown}{more}",
        where=state.id,
        rule="every-item-settled",
        remedy=f'andon status --checklist; then andon sign {left[0].item.key} --reason "what you saw"',
    )


def _close_false_alarm(state: Incident, reason: str) -> tuple[e.Event, ...]:
    """Nothing was broken: no act, no evidence of a failure, and somebody says how they know."""
    found = state.assessment.broken if state.assessment else ()
    shown = [i.summary for i in state.impacts if i.kind is Impact.PROBE]
    shown += [f.symptom for f in found if f.source in ("probe", "log")]
    if state.operations or state.flag_acts or shown or "IncidentMitigated" in state.marks:
        why = f"there is evidence ({shown[0]})" if shown else "production was acted on, or harm stopped"
        raise Refused(
            f"this was no false alarm: {why}", where=state.id, rule="false-alarm", remedy="andon status"
        )
    _demand(state, reason, 'andon close --false-alarm "how you know that nothing was broken"')
    return (e.IncidentClosed(false_alarm=reason),)


def _close_duplicate(state: Incident, other: str, original: Incident | None) -> tuple[e.Event, ...]:
    if other == state.id:
        raise Refused(
            "an incident is not its own duplicate",
            where=state.id,
            rule="duplicate",
            remedy="andon status --all",
        )
    if state.operations:
        raise Refused(
            f"{state.id} acted on production; it is closed on its own",
            where=state.id,
            rule="duplicate",
            remedy="andon status",
        )
    if original is not None:
        _refuse_lost(state, original)
    return (e.IncidentClosed(duplicate_of=other),)


def _refuse_lost(state: Incident, original: Incident) -> None:
    """Raise Refused when nobody would work on it any more, or with less urgency than it needs."""
    if original.duplicate_of or (original.closed and original.closed.at < state.declared.at):
        again = original.duplicate_of
        how = f"a duplicate of {again}" if again else "closed before this began"
        raise Refused(
            f"{original.id} is {how}, so nobody would work on this one",
            where=state.id,
            rule="duplicate",
            remedy=f'andon reopen {original.id} --reason "it is back"',
        )
    if state.worst_severity.is_emergency and state.worst_severity.is_worse_than(original.worst_severity):
        raise Refused(
            f"{original.id} was {original.worst_severity} at worst, and this one is {state.worst_severity}",
            where=state.id,
            rule="duplicate",
            remedy=f"andon severity {state.worst_severity} --incident {original.id}",
        )


def _refuse_published(state: Incident) -> None:
    if state.published is not None:
        raise Refused(
            f"the postmortem is published: {state.published.path}",
            where=state.id,
            rule="published-is-final",
            remedy=f'andon reopen {state.id} --reason "what has to change"; or andon note',
        )


def _demand(state: Incident, text: str, remedy: str) -> None:
    if not text.strip():
        raise Refused("this needs words", where=state.id, rule="evidence-or-a-name", remedy=remedy)
