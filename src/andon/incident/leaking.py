"""Deciding on the response to a leak: what may happen only after what."""

from __future__ import annotations

from andon.errors import Refused
from andon.incident import leak_events as e
from andon.incident.words import Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.incident import events
    from andon.incident.leak_state import Leak, LeakEvent
    from andon.incident.state import Incident


def decide_leak(state: Incident, event: LeakEvent) -> tuple[events.Event, ...]:
    """Return what is recorded of one step of the response; raises Refused when it comes too early."""
    if isinstance(event, e.LeakReported):
        return (event,)
    leak = leak_of(state)
    match event:
        case e.CredentialRevoked() | e.RevocationSkipped():
            _refuse_unknown(state, leak, event.mark)
        case e.HistoryPurged():
            refuse_unready(state)
        case e.PurgeVerified() | e.PurgePushPlanned() | e.PurgePushed():
            if leak.purged is None or leak.purged.operation != event.operation:
                raise _too_early(state, "no purge of this kind was made", "leak-purge", "andon leak purge")
            if not isinstance(event, e.PurgeVerified):
                refuse_unverified(state)
        case _:
            pass
    return (event,)


def leak_of(state: Incident) -> Leak:
    """Return the leak; raises Refused when none was reported."""
    if state.leak is None:
        raise _too_early(state, "no leak was reported", "leak-reported", "andon leak start")
    return state.leak


def refuse_unready(state: Incident) -> None:
    """Raise Refused unless history may be rewritten: located, every credential settled, a backup made."""
    leak = leak_of(state)
    if leak.located is None:
        raise _too_early(state, "where the secrets are is not known yet", "leak-located", "andon leak locate")
    waiting = leak.waiting_for_revocation
    if waiting:
        marks = ", ".join(f"{c.kind} {c.mark}" for c in waiting)
        raise _too_early(
            state,
            f"not revoked yet: {marks}. A purge takes nothing back that somebody has read",
            "rotate-first",
            f'andon leak rotate {waiting[0].mark} --reason "how it is known to be dead"',
        )
    if leak.backup is None:
        raise _too_early(state, "there is no backup to return to", "leak-backup", "andon leak backup")


def refuse_unverified(state: Incident) -> None:
    """Raise Refused unless nothing survived the newest purge."""
    verified = leak_of(state).verified
    if verified is None or verified.verdict is not Verdict.PASSED:
        said = "nobody has looked" if verified is None else f"{verified.verdict}: {verified.summary}"
        raise _too_early(
            state, f"whether the purge left anything: {said}", "leak-verified", "andon leak verify"
        )


def _refuse_unknown(state: Incident, leak: Leak, mark: str) -> None:
    if mark not in {c.mark for c in leak.credentials}:
        known = ", ".join(c.mark for c in leak.credentials)
        raise _too_early(
            state, f"{mark} is none of the leaked credentials: {known}", "leak-credential", "andon leak"
        )


def _too_early(state: Incident, why: str, rule: str, remedy: str) -> Refused:
    return Refused(why, where=state.id, rule=rule, remedy=remedy)
