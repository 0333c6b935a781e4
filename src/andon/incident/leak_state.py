"""How the response to a leak stands: a fold over its events, and the stage that comes next."""

from __future__ import annotations

from enum import StrEnum

from andon.incident import leak_events as e
from andon.incident.words import Verdict
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import TypeAlias

    from andon.incident.parts import LeakedCredential

    LeakEvent: TypeAlias = (
        e.LeakReported
        | e.LeakLocated
        | e.ExposureAssessed
        | e.CredentialRevoked
        | e.RevocationSkipped
        | e.HistoryBackedUp
        | e.HistoryPurged
        | e.PurgeVerified
        | e.PurgePushPlanned
        | e.PurgePushed
        | e.LeakBanned
        | e.LeakCleaned
        | e.LeakJudged
    )


#: Stands for the clone in which the leak is worked on, among the remotes that take the rewritten history.
HERE = "this clone"


class Stage(StrEnum):
    """The stages of the response to a leak, in order."""

    LOCATE = "locate"
    EXPOSURE = "exposure"
    ROTATE = "rotate"
    BACKUP = "backup"
    PURGE = "purge"
    VERIFY = "verify"
    PUSH = "push"
    BAN = "ban"
    CLEAN_UP = "clean-up"
    JUDGE = "judge"
    DONE = "done"


class Leak(Record):
    """What is known of a leak so far."""

    credentials: tuple[LeakedCredential, ...] = ()
    #: Files that leaked whole.
    paths: tuple[str, ...] = ()
    #: The machines that keep values.
    hosts: tuple[str, ...] = ()
    #: The earliest moment at which a host says that it saw one.
    alerted_at: datetime | None = None
    #: Stages that somebody skips, on the record.
    passed_over: tuple[Stage, ...] = ()
    located: e.LeakLocated | None = None
    exposure: e.ExposureAssessed | None = None
    revoked: tuple[e.CredentialRevoked, ...] = ()
    skipped: tuple[e.RevocationSkipped, ...] = ()
    backup: e.HistoryBackedUp | None = None
    purged: e.HistoryPurged | None = None
    verified: e.PurgeVerified | None = None
    push_plan: e.PurgePushPlanned | None = None
    pushed: tuple[e.PurgePushed, ...] = ()
    banned: tuple[e.LeakBanned, ...] = ()
    cleaned: e.LeakCleaned | None = None
    judged: e.LeakJudged | None = None

    @property
    def unrevoked(self) -> tuple[LeakedCredential, ...]:
        """The credentials of which nobody has said that they are revoked."""
        done = {r.mark for r in self.revoked}
        return tuple(c for c in self.credentials if c.mark not in done)

    @property
    def waiting_for_revocation(self) -> tuple[LeakedCredential, ...]:
        """The credentials that are neither revoked nor skipped on purpose: nothing is purged before."""
        skipped = {s.mark for s in self.skipped}
        return tuple(c for c in self.unrevoked if c.mark not in skipped)

    @property
    def done(self) -> tuple[Stage, ...]:
        """The stages that are done, in order, whatever is left before them."""
        steps = (
            (Stage.LOCATE, self.located is not None),
            (Stage.EXPOSURE, self.exposure is not None),
            (Stage.ROTATE, bool(self.credentials) and not self.waiting_for_revocation),
            (Stage.BACKUP, self.backup is not None),
            (Stage.PURGE, self.purged is not None),
            (Stage.VERIFY, self.is_verified),
            (Stage.PUSH, not self.unpushed),
            (Stage.BAN, bool(self.banned)),
            (Stage.CLEAN_UP, self.cleaned is not None and self.cleaned.verdict is Verdict.PASSED),
            (Stage.JUDGE, self.judged is not None),
        )
        return tuple(stage for stage, is_done in steps if is_done)

    @property
    def stage(self) -> Stage:
        """The stage that comes next."""
        settled = (*self.done, *self.passed_over)
        return next(stage for stage in Stage if stage not in settled)

    @property
    def is_verified(self) -> bool:
        """True when nothing survived the newest purge."""
        return self.verified is not None and self.verified.verdict is Verdict.PASSED

    @property
    def unpushed(self) -> tuple[str, ...]:
        """The remotes that had the secret, then HERE, that do not have all of the rewritten history."""
        newest = {p.remote: p for p in self.pushed}
        remotes = self.exposure.remotes if self.exposure else ()
        exposed = [r.remote for r in remotes if r.address]  # what has none is this one, or only an alert
        wanted = dict.fromkeys((*exposed, *(name for name in newest if name != HERE), HERE))
        return tuple(remote for remote in wanted if remote not in newest or newest[remote].failed)

    @property
    def newest_pushes(self) -> tuple[e.PurgePushed, ...]:
        """The last push to each remote."""
        return tuple({p.remote: p for p in self.pushed}.values())

    @property
    def kept_by_host(self) -> tuple[str, ...]:
        """The references of remotes that still hold it and that only a host's support can remove."""
        return tuple(f"{p.remote}: {ref}" for p in self.newest_pushes for ref in p.kept)

    @property
    def is_contained(self) -> bool:
        """True when every secret is worth nothing any more."""
        return bool(self.credentials) and not self.unrevoked


def fold_leak(leak: Leak | None, event: LeakEvent) -> Leak:
    """Return the leak after one more event. What was found of older knowledge does not stand for newer."""
    leak = leak or Leak()
    match event:
        case e.LeakReported():
            return _reported(leak, event)
        case e.LeakLocated():
            return replace(leak, located=event)
        case e.ExposureAssessed():
            return replace(leak, exposure=event)
        case e.CredentialRevoked():
            return replace(leak, revoked=(*leak.revoked, event))
        case e.RevocationSkipped():
            return replace(leak, skipped=(*leak.skipped, event))
        case e.HistoryBackedUp():
            return replace(leak, backup=event, cleaned=None)
        case e.HistoryPurged():
            return replace(leak, purged=event, verified=None, push_plan=None, pushed=(), cleaned=None)
        case e.PurgeVerified():
            return replace(leak, verified=event)
        case e.PurgePushPlanned():
            return replace(leak, push_plan=event)
        case e.PurgePushed():
            return replace(leak, pushed=(*leak.pushed, event))
        case e.LeakBanned():
            return replace(leak, banned=(*leak.banned, event))
        case e.LeakCleaned():
            return replace(leak, cleaned=event)
        case e.LeakJudged():
            return replace(leak, judged=event)


def _reported(leak: Leak, event: e.LeakReported) -> Leak:
    """Return the leak with more of it: what was found of less does not say where the rest is."""
    known = {c.mark for c in leak.credentials}
    new = tuple(c for c in event.credentials if c.mark not in known)
    paths = tuple(dict.fromkeys((*leak.paths, *event.paths)))
    hosts = tuple(dict.fromkeys((*leak.hosts, *((event.host,) if event.host else ()))))
    seen = [at for at in (leak.alerted_at, event.alerted_at) if at is not None]
    alerted_at = min(seen, default=None)
    if not new and paths == leak.paths:
        return replace(leak, hosts=hosts, alerted_at=alerted_at, cleaned=None)  # the values are here again
    return Leak(
        credentials=(*leak.credentials, *new),
        paths=paths,
        hosts=hosts,
        alerted_at=alerted_at,
        revoked=leak.revoked,
        skipped=leak.skipped,
        backup=leak.backup,
        banned=leak.banned if not new else (),
    )


#: What the key of a shortcut begins with that skips a stage, or the revocation of a secret.
SKIP = "leak:"
#: What else is pointless, or done, when a stage is skipped: there is nothing to verify of no purge.
_WITH_IT = {
    Stage.BACKUP: (Stage.BACKUP,),
    Stage.PURGE: (Stage.BACKUP, Stage.PURGE, Stage.VERIFY, Stage.PUSH),
    Stage.PUSH: (Stage.PUSH,),
    Stage.BAN: (Stage.BAN,),
}
#: The stages that can be skipped: what nobody looks for is not known, and what lies about leaks again.
SKIPPABLE = tuple(_WITH_IT)


def pass_over(leak: Leak, item: str) -> Leak:
    """Return the leak after a shortcut with this key; the same one for what skips no stage."""
    names = {stage.value: stage for stage in SKIPPABLE}
    stage = names.get(item.removeprefix(SKIP))
    if stage is None or not item.startswith(SKIP):
        return leak
    return replace(leak, passed_over=tuple(dict.fromkeys((*leak.passed_over, *_WITH_IT[stage]))))


def leak_in_words(event: LeakEvent) -> tuple[str, str]:
    """Return the phase of the timeline and what it says of one event."""
    match event:
        case e.LeakReported():
            told = ", ".join(f"{c.kind} {c.mark}" for c in event.credentials)
            return "detection", f"leak reported ({event.source}): {told}"
        case e.LeakLocated():
            return "response", f"leak located: {event.summary}"
        case e.ExposureAssessed():
            return "response", f"exposure: {event.summary}"
        case e.CredentialRevoked():
            return "resolution", f"{event.mark} revoked: {event.statement}"
        case e.RevocationSkipped():
            return "response", f"{event.mark} not revoked: {event.reason}"
        case e.HistoryBackedUp():
            return "response", f"backup made, to be deleted after {event.delete_after:%Y-%m-%d}"
        case e.HistoryPurged():
            return "resolution", f"history purged in a mirror: {event.commits} commits rewritten"
        case e.PurgeVerified():
            return "verification", f"purge verified {event.verdict}: {event.summary}"
        case e.PurgePushPlanned():
            return "response", f"push to {event.remote} planned: {len(event.refs)} references"
        case e.PurgePushed():
            failed = f", {len(event.failed)} refused" if event.failed else ""
            kept = f", {len(event.kept)} kept by the host" if event.kept else ""
            return "resolution", f"pushed to {event.remote}: {len(event.pushed)} references{failed}{kept}"
        case e.LeakBanned():
            return (
                "resolution",
                f"{event.objects} objects and {event.values} values banned from {event.place}",
            )
        case e.LeakCleaned():
            return "verification", f"cleaned up {event.verdict}: {event.summary}"
        case e.LeakJudged():
            return "review", f"residual severity {event.residual}: {event.reason}"
