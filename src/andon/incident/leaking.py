"""Deciding on the response to a leak: what may happen only after what, and what is owed afterwards."""

from __future__ import annotations

from andon.errors import Refused
from andon.incident import events as e
from andon.incident.leak_state import SKIP, SKIPPABLE, Stage
from andon.incident.policy import free_id
from andon.incident.words import Severity, Status, Verdict
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.incident import commands as c
    from andon.incident.leak_state import Leak
    from andon.incident.state import ActionItem, Incident

#: Where the action item comes from that keeps the backup from being forgotten.
BACKUP_ORIGIN = "leak:backup"
#: Where the action item comes from that asks a host's support; the remote follows.
HOST_ORIGIN = "leak:host:"


def decide_leak(state: Incident, command: c.RecordLeak) -> tuple[e.Event, ...]:
    """Return what is recorded of one step of the response; raises Refused when it comes too early."""
    event = command.event
    if isinstance(event, e.LeakReported):
        return (event,)
    leak = leak_of(state)
    match event:
        case e.CredentialRevoked():
            return _revoke(state, leak, event)
        case e.RevocationSkipped():
            return _skip_revocation(state, leak, command, event)
        case e.HistoryBackedUp():
            return (event, *_backup_owed(state, command, event))
        case e.HistoryPurged():
            refuse_unready(state)
        case e.PurgeVerified() | e.PurgePushPlanned() | e.PurgePushed():
            if leak.purged is None or leak.purged.operation != event.operation:
                raise _too_early(state, "no purge of this kind was made", "leak-purge", "andon leak purge")
            if not isinstance(event, e.PurgeVerified):
                refuse_unverified(state)
            if isinstance(event, e.PurgePushed):
                return (event, *_host_asked(state, command, event))
        case e.LeakBanned():
            refuse_unlocated(state)
        case e.LeakCleaned():
            return (event, *_backup_gone(state, event))
        case e.LeakJudged():
            _refuse_judgement(state, leak, event)
        case _:
            pass
    return (event,)


def leak_of(state: Incident) -> Leak:
    """Return the leak; raises Refused when none was reported."""
    if state.leak is None:
        raise _too_early(state, "no leak was reported", "leak-reported", "andon leak start")
    return state.leak


# ---- what comes before what


def refuse_unlocated(state: Incident) -> None:
    """Raise Refused until it is known where the secrets are."""
    if leak_of(state).located is None:
        raise _too_early(state, "where the secrets are is not known yet", "leak-located", "andon leak locate")


def refuse_unready(state: Incident) -> None:
    """Raise Refused unless history may be rewritten: located, every credential settled, a backup made."""
    leak = leak_of(state)
    refuse_unlocated(state)
    waiting = leak.waiting_for_revocation
    if waiting:
        marks = ", ".join(f"{c.kind} {c.mark}" for c in waiting)
        raise _too_early(
            state,
            f"not revoked yet: {marks}. A purge takes nothing back that somebody has read",
            "rotate-first",
            f'andon leak rotate {waiting[0].mark} --reason "how it is known to be dead"',
        )
    if leak.backup is None and Stage.BACKUP not in leak.passed_over:
        raise _too_early(state, "there is no backup to return to", "leak-backup", "andon leak backup")


def refuse_unverified(state: Incident) -> None:
    """Raise Refused unless nothing survived the newest purge."""
    leak = leak_of(state)
    if leak.purged is None:
        raise _too_early(state, "no purge was made", "leak-purge", "andon leak purge")
    if not leak.is_verified:
        verified = leak.verified
        said = "nobody has looked" if verified is None else f"{verified.verdict}: {verified.summary}"
        raise _too_early(
            state, f"whether the purge left anything: {said}", "leak-verified", "andon leak verify"
        )


def refuse_open_leak(state: Incident, moment: str) -> None:
    """Raise Refused while a stage is left before the incident is `moment`: mitigated, resolved or closed."""
    leak = state.leak
    if leak is None:
        return
    if moment == "mitigated":
        waiting = leak.waiting_for_revocation
        if waiting:
            raise _too_early(
                state,
                f"the harm goes on while {', '.join(f'{c.kind} {c.mark}' for c in waiting)} may still work",
                "rotate-first",
                f'andon leak rotate {waiting[0].mark} --reason "how it is known to be dead"',
            )
        return
    stage = leak.stage
    if stage is Stage.DONE or (moment == "resolved" and stage is Stage.JUDGE):
        return
    raise _too_early(
        state,
        f"the response to the leak is at {stage}, so the incident is not {moment}",
        "leak-stages",
        f"andon leak {command_word(stage)}",
    )


#: The stages that cannot be done, or proven, without the values.
_NEEDS_VALUES = (Stage.LOCATE, Stage.EXPOSURE, Stage.PURGE, Stage.VERIFY, Stage.PUSH, Stage.BAN)


def refuse_early_clean_up(state: Incident) -> None:
    """Raise Refused while a stage is left that needs the values, or the mirror, that a clean-up removes."""
    leak = leak_of(state)
    if state.status is Status.CLOSED:
        return
    settled = (*leak.done, *leak.passed_over)
    left = [stage for stage in _NEEDS_VALUES if stage not in settled]
    if left:
        raise _too_early(
            state,
            f"{left[0]} is not done, and needs what a clean-up removes: the values, and the mirror",
            "leak-stages",
            f"andon leak {command_word(left[0])}; to remove them although: andon leak cleanup --yes",
        )


def command_word(stage: Stage) -> str:
    """Return the verb of `andon leak` for a stage."""
    return {Stage.CLEAN_UP: "cleanup", Stage.DONE: "report"}.get(stage, stage.value)


# ---- secrets that are worth nothing, or still work


def _revoke(state: Incident, leak: Leak, event: e.CredentialRevoked) -> tuple[e.Event, ...]:
    _refuse_unknown(state, leak, event.mark)
    remedy = f'andon leak rotate {event.mark} --reason "who revoked it where, and what it answers now"'
    if not event.statement.strip():
        raise _too_early(state, "whoever answers for it says how it is known", "evidence-or-a-name", remedy)
    if any(r.mark == event.mark for r in leak.revoked):
        raise _too_early(state, f"{event.mark} is revoked already", "settle-once", "andon leak")
    owed = {s.action for s in leak.skipped if s.mark == event.mark}
    paid = tuple(
        e.ActionDone(action=a.id, proof=f"revoked: {event.statement}")
        for a in state.actions
        if a.id in owed and a.state == "open"
    )
    return (event, *paid)


def _skip_revocation(
    state: Incident, leak: Leak, command: c.RecordLeak, event: e.RevocationSkipped
) -> tuple[e.Event, ...]:
    """A secret that goes on working is a shortcut: it has its action item, and the postmortem tells it."""
    _refuse_unknown(state, leak, event.mark)
    if not event.reason.strip():
        raise _too_early(
            state,
            "going on with a secret that still works needs a reason",
            "evidence-or-a-name",
            f'andon leak rotate {event.mark} --skip --reason "why it cannot be replaced now"',
        )
    if event.mark not in {c.mark for c in leak.waiting_for_revocation}:
        raise _too_early(state, f"{event.mark} is revoked or skipped already", "skip-once", "andon leak")
    kind = next(c.kind for c in leak.credentials if c.mark == event.mark)
    action, item = free_id(state, command.action or "A1"), f"{SKIP}rotate:{event.mark}"
    return (
        replace(event, action=action),
        e.ShortcutTaken(item=item, reason=event.reason, action=action, pre_justified=False),
        e.ActionOpened(
            action=action,
            title=f"Replace {kind} {event.mark}, which leaked and still works",
            origin=f"shortcut:{item}",
            owner=command.owner,
            due_at=command.due_at,
            kind="other",
        ),
    )


def skip_stage(state: Incident, command: c.TakeShortcut) -> tuple[e.Event, ...]:
    """Return the shortcut that leaves a stage out, with its action item; raises Refused."""
    leak = leak_of(state)
    name = command.item.removeprefix(SKIP)
    names = {stage.value: stage for stage in SKIPPABLE}
    if name not in names:
        raise _too_early(
            state,
            f"{name} is not skipped; what can be left out: {', '.join(names)}",
            "never-justified",
            'andon leak; a secret that cannot be replaced: andon leak rotate MARK --skip --reason "why"',
        )
    if names[name] in leak.passed_over:
        raise _too_early(state, f"{name} is skipped already", "skip-once", "andon actions")
    action = free_id(state, command.action)
    return (
        e.ShortcutTaken(item=command.item, reason=command.reason, action=action, pre_justified=False),
        e.ActionOpened(
            action=action,
            title=f"Do what was skipped of the response to the leak: {name}",
            origin=f"shortcut:{command.item}",
            owner=command.owner,
            due_at=command.due_at,
            kind="cleanup",
        ),
    )


# ---- what must not stay


def _backup_owed(
    state: Incident, command: c.RecordLeak, event: e.HistoryBackedUp
) -> tuple[e.ActionOpened, ...]:
    if open_backups(state):
        return ()
    return (
        e.ActionOpened(
            action=free_id(state, command.action or "A1"),
            title="Delete the backup of the history, for it holds what leaked (andon leak cleanup)",
            origin=BACKUP_ORIGIN,
            owner=command.owner,
            due_at=event.delete_after,
            kind="cleanup",
        ),
    )


def open_backups(state: Incident) -> tuple[ActionItem, ...]:
    """Return the open action items for backups that must not stay."""
    return tuple(a for a in state.actions if a.origin == BACKUP_ORIGIN and a.state == "open")


def _backup_gone(state: Incident, event: e.LeakCleaned) -> tuple[e.ActionDone, ...]:
    if event.verdict is not Verdict.PASSED or event.left:
        return ()
    return tuple(e.ActionDone(action=a.id, proof=event.summary) for a in open_backups(state))


def _host_asked(
    state: Incident, command: c.RecordLeak, event: e.PurgePushed
) -> tuple[e.ActionOpened | e.ActionDone, ...]:
    """What only the host can remove is asked of it, and tracked: no push ends it, and none waits for it."""
    origin = f"{HOST_ORIGIN}{event.remote}"
    asked = tuple(a for a in state.actions if a.origin == origin and a.state == "open")
    if not event.kept:
        proof = f"{event.remote} was asked again, and has none of it any more"
        return () if event.failed else tuple(e.ActionDone(action=a.id, proof=proof) for a in asked)
    if asked:
        return ()
    return (
        e.ActionOpened(
            action=free_id(state, command.action or "A1"),
            title=f"Ask the support of {event.remote} to remove what only it can; then push again",
            origin=origin,
            owner=command.owner,
            due_at=command.due_at,
            kind="cleanup",
        ),
    )


# ---- what it still means


def residual(state: Incident) -> tuple[Severity, str]:
    """Return the severity that the leak still has, by rule, and why.

    A secret that works keeps the severity. One that is dead is worth nothing to whoever has it: P4 where
    nothing of it is left, P3 where it can still be read, as it tells what the next one looks like.
    """
    leak = leak_of(state)
    if leak.unrevoked:
        marks = ", ".join(c.mark for c in leak.unrevoked)
        return state.worst_severity, f"not revoked: {marks}"
    if leak.kept_by_host:
        return Severity.P3, f"every secret is revoked, but the host still shows {leak.kept_by_host[0]}"
    if leak.is_verified and not leak.unpushed:
        return Severity.P4, "every secret is revoked, and nothing of them is left where Andon can look"
    return Severity.P3, "every secret is revoked, but they can still be read"


def _refuse_judgement(state: Incident, leak: Leak, event: e.LeakJudged) -> None:
    if leak.stage not in (Stage.JUDGE, Stage.DONE):
        refuse_open_leak(state, "judged")
    proposed, why = residual(state)
    remedy = f'andon leak judge {proposed} --reason "{why}"'
    if not event.reason.strip():
        raise _too_early(state, "a judgement needs a reason", "evidence-or-a-name", remedy)
    if leak.unrevoked and proposed.is_worse_than(event.residual):
        raise _too_early(
            state, f"what still works is as bad as it was: {why}; {proposed}", "residual-severity", remedy
        )


def _refuse_unknown(state: Incident, leak: Leak, mark: str) -> None:
    if mark not in {c.mark for c in leak.credentials}:
        known = ", ".join(c.mark for c in leak.credentials)
        raise _too_early(
            state, f"{mark} is none of the leaked credentials: {known}", "leak-credential", "andon leak"
        )


def _too_early(state: Incident, why: str, rule: str, remedy: str) -> Refused:
    return Refused(why, where=state.id, rule=rule, remedy=remedy)
