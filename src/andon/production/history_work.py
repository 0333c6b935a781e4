"""The work on a history as one port: backup, forecast, purge, verification, push, adoption and clean-up."""

from __future__ import annotations

import contextlib
import fcntl
import os
from datetime import UTC, datetime

from andon.desk.leak.accounts import MovedReference, PurgeAccount, PurgeForecast
from andon.errors import Conflict, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from andon.desk.leak.accounts import Adoption, BundleFile, Proof, Pushed, PushPlan, Removal
    from andon.desk.ports_histories import Tell
    from andon.production.history_mirror import HistoryMirror, Purged, Survey
    from andon.secrets.leak.credential import Credential


class GitHistories:
    """Works on copies of the repository at `root`."""

    def __init__(self, root: str) -> None:
        """Keep the root; only `adopt` ever changes it."""
        self.root = root

    def back_up(
        self, room: str, credentials: Sequence[Credential], delete_after: datetime, tell: Tell
    ) -> BundleFile:
        """Write and verify a private bundle; raises Refused, Unavailable."""
        from andon.production.history_backup import back_up
        from andon.secrets.leak.removal import Remover

        return back_up(self.root, room, Remover(credentials), delete_after, datetime.now(UTC), tell)

    def forecast(
        self,
        room: str,
        credentials: Sequence[Credential],
        paths: Sequence[str],
        remotes: Sequence[str],
        tell: Tell,
    ) -> PurgeForecast:
        """Return what a purge would change; raises Refused, Unavailable."""
        mirror = self._mirror(room, credentials, "forecast.git")
        mirror.refuse_unfit()
        with alone_in(room):
            try:
                mirror.make(tell, remotes)
                return _forecast(mirror.survey(paths, tell))
            finally:
                mirror.remove()

    def purge(
        self,
        room: str,
        credentials: Sequence[Credential],
        paths: Sequence[str],
        remotes: Sequence[str],
        tell: Tell,
    ) -> tuple[PurgeForecast, PurgeAccount]:
        """Write a fresh mirror anew; raises Refused, Unavailable. A mirror that failed is removed."""
        mirror = self._mirror(room, credentials)
        mirror.refuse_unfit()
        with alone_in(room):
            return self._purge(mirror, paths, remotes, tell)

    def _purge(
        self, mirror: HistoryMirror, paths: Sequence[str], remotes: Sequence[str], tell: Tell
    ) -> tuple[PurgeForecast, PurgeAccount]:
        try:
            mirror.make(tell, remotes)
            survey = mirror.survey(paths, tell)
            forecast = _forecast(survey)
            if survey.is_clean:
                raise Refused(
                    "nothing that a reference reaches holds the secrets",
                    where=self.root,
                    rule="leak-purge",
                    remedy="andon leak locate says what is left: logs, the index, stray objects",
                )
            return forecast, _account(mirror.purge(survey, paths, tell))
        except BaseException:
            mirror.remove()
            raise

    def verify(
        self, room: str, credentials: Sequence[Credential], accepted: Sequence[str], tell: Tell
    ) -> Proof:
        """Search every byte of the mirror and of fresh clones; raises Refused, Unavailable."""
        from andon.production.history_verify import verify

        return verify(self._mirror(room, credentials), accepted, tell)

    def plan_push(self, room: str, credentials: Sequence[Credential], remote: str, tell: Tell) -> PushPlan:
        """Return what replaces what a remote has; raises Refused, NotFound, Unavailable."""
        from andon.production.history_push import plan

        return plan(self._mirror(room, credentials), remote, tell)

    def push(self, room: str, credentials: Sequence[Credential], plan: PushPlan, tell: Tell) -> Pushed:
        """Push what is planned; raises Unavailable."""
        from andon.production.history_push import push

        return push(self._mirror(room, credentials), plan, tell)

    def adopt(self, room: str, credentials: Sequence[Credential], *, write: bool, tell: Tell) -> Adoption:
        """Bring the user's own clone to the purged history; raises Refused, Unavailable."""
        from andon.production.history_adoption import adopt

        return adopt(self._mirror(room, credentials), write=write, tell=tell)

    def clean_up(self, room: str, now: datetime, tell: Tell) -> Removal:
        """Remove what the work left, but a backup before its day."""
        from andon.production.history_cleaning import clean_up

        return clean_up(room, now, tell)

    def _mirror(
        self, room: str, credentials: Sequence[Credential], name: str = "mirror.git"
    ) -> HistoryMirror:
        from andon.production.history_mirror import HistoryMirror
        from andon.secrets.leak.removal import Remover

        return HistoryMirror(self.root, room, Remover(credentials), name)


@contextlib.contextmanager
def alone_in(room: str) -> Iterator[None]:
    """Hold the directory for one purge at a time; raises Conflict. The system lets go when a process dies."""
    os.makedirs(room, mode=0o700, exist_ok=True)
    descriptor = os.open(room, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            raise Conflict(
                "another purge is under way here",
                where=room,
                rule="leak-purge",
                remedy="wait for it, or stop it",
            ) from problem
        yield
    finally:
        os.close(descriptor)


def _forecast(survey: Survey) -> PurgeForecast:
    found = survey.found
    return PurgeForecast(
        objects=found.objects,
        blobs=len(found.blobs),
        messages=len(found.commits),
        tags=len(found.tags),
        commits=len(survey.lines.changed),
        all_commits=len(found.parents),
        references=survey.references,
        names=survey.names,
        file_names=len(found.trees),
        removals=survey.removals,
        first_changed=survey.lines.first,
        unread=tuple(f"{name}: {why}" for name, why in found.unread.items()),
        signatures=survey.signatures,
    )


def _account(done: Purged) -> PurgeAccount:
    return PurgeAccount(
        mirror=done.mirror,
        commits=len(done.commits),
        references=tuple(
            MovedReference(old_name=m.shown_old, new_name=m.new_name, old=m.old, new=m.new)
            for m in done.moved
        ),
        first_changed=done.first_changed,
        blobs=len(done.blobs),
        noted=done.noted,
        signatures=done.signatures,
        tags=done.tags,
        notes=done.notes,
        lfs=done.lfs,
        removed=done.removed,
        compared=len(done.commits),
        odd=done.odd,
    )
