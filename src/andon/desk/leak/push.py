"""Bringing the purged history to a remote, and telling everybody who has the old one what to do."""

from __future__ import annotations

from andon.desk.leak.texts import for_collaborators, for_forks, for_support, plan_in_words
from andon.incident.leak_events import PurgePushed, PurgePushPlanned
from andon.incident.leaking import leak_of, refuse_unverified
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.desk.leak.accounts import Pushed, PushPlan
    from andon.desk.ports import Desk
    from andon.desk.ports_histories import Tell
    from andon.incident.leak_events import HistoryPurged
    from andon.incident.state import Incident
    from andon.secrets.leak.credential import Credential

#: References that an event lists; all of them are in the evidence.
_LISTED = 200


class PushOptions(Record):
    """Where to push to."""

    room: str
    credentials: Sequence[Credential]
    remote: str = "origin"


class PushTexts(Record):
    """The plan and the letters that go with it, for people."""

    plan: str
    collaborators: str
    forks: str
    support: str

    @property
    def whole(self) -> str:
        """Everything in one text, as it is kept in the evidence."""
        return "\n".join(
            (
                "# The push\n",
                self.plan,
                "# To everybody with a clone\n",
                self.collaborators,
                "# To owners of forks\n",
                self.forks,
                "# To the host's support\n",
                self.support,
            )
        )


def plan_push(
    desk: Desk, state: Incident, options: PushOptions, tell: Tell
) -> tuple[PurgePushPlanned, PushPlan, PushTexts]:
    """Ask the remote what it has and plan what replaces it; raises Refused, Unavailable."""
    refuse_unverified(state)
    purged = _purged(state)
    plan = desk.histories.plan_push(options.room, options.credentials, options.remote, tell)
    shown = replace(plan, refs=tuple(replace(r, ref=_shown(r.ref, options)) for r in plan.refs))
    texts = PushTexts(
        plan=plan_in_words(shown),
        collaborators=for_collaborators(shown, purged.first_changed),
        forks=for_forks(shown, purged.first_changed),
        support=for_support(shown, purged.first_changed, purged.pull_requests, purged.lfs),
    )
    stored = desk.evidence.put(texts.whole.encode(), "text/plain")
    event = PurgePushPlanned(
        operation=purged.operation, remote=plan.remote, refs=shown.refs[:_LISTED], evidence=stored.evidence
    )
    return event, shown, texts


def push(desk: Desk, state: Incident, options: PushOptions, tell: Tell) -> tuple[PurgePushed, Pushed]:
    """Push what the remote's references become, each only if the remote has what it had just now.

    What the remote does not take is in `failed`, with the reason; raises Refused, Unavailable.
    """
    refuse_unverified(state)
    plan = desk.histories.plan_push(options.room, options.credentials, options.remote, tell)
    done = desk.histories.push(options.room, options.credentials, plan, tell)
    event = PurgePushed(
        operation=_purged(state).operation,
        remote=options.remote,
        pushed=done.pushed[:_LISTED],
        failed=done.failed,
        kept=done.kept[:_LISTED],
    )
    return event, done


def _purged(state: Incident) -> HistoryPurged:
    purged = leak_of(state).purged
    assert purged is not None  # noqa: S101 - refuse_unverified has seen it
    return purged


def _shown(ref: str, options: PushOptions) -> str:
    from andon.secrets.leak.finder import Finder

    return Finder(options.credentials).without(ref)
