"""Taking the secrets out of the history: what would change, and then in a mirror, what did."""

from __future__ import annotations

from andon.errors import Refused
from andon.incident.leak_events import HistoryPurged
from andon.incident.leaking import refuse_unready
from andon.incident.words import counted
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.desk.leak.accounts import PurgeAccount, PurgeForecast
    from andon.desk.ports import Desk
    from andon.desk.ports_histories import Tell
    from andon.incident.state import Incident
    from andon.secrets.leak.credential import Credential

#: References that the event lists; all are in the evidence.
_LISTED = 200


class PurgeOptions(Record):
    """What a purge takes out, and where it works."""

    room: str
    credentials: Sequence[Credential]
    #: Files that leave the history altogether.
    paths: Sequence[str] = ()
    #: Remotes that are asked for what this clone does not have.
    remotes: Sequence[str] = ()


def foresee(desk: Desk, state: Incident, options: PurgeOptions, tell: Tell) -> PurgeForecast:
    """Return what a purge would change, without changing anything; raises Refused, Unavailable."""
    del state
    return desk.histories.forecast(options.room, options.credentials, options.paths, options.remotes, tell)


def purge(
    desk: Desk, state: Incident, options: PurgeOptions, tell: Tell
) -> tuple[HistoryPurged, PurgeForecast, PurgeAccount]:
    """Write a mirror of the repository anew without the secrets; raises Refused, Unavailable.

    Refused before anything is made when the secrets are not located, not revoked, or nothing is backed up.
    """
    refuse_unready(state)
    forecast, account = desk.histories.purge(
        options.room, options.credentials, options.paths, options.remotes, tell
    )
    if not account.references:
        raise Refused(
            "nothing that a reference reaches holds the secrets any more",
            where=state.id,
            rule="leak-purge",
            remedy="andon leak locate says what is left: logs, the index, objects without a reference",
        )
    stored = desk.evidence.put(account_in_words(forecast, account).encode(), "text/plain")
    event = HistoryPurged(
        operation=desk.ids.new(),
        mirror=account.mirror,
        commits=account.commits,
        references=tuple(r.new_name or r.old_name for r in account.references)[:_LISTED],
        first_changed=account.first_changed,
        pull_requests=account.pull_requests,
        evidence=stored.evidence,
        lfs=account.lfs[:_LISTED],
    )
    return event, forecast, account


def forecast_in_words(forecast: PurgeForecast) -> str:
    """Return what a purge would change, for people."""
    lines = [
        f"{forecast.objects} objects read",
        f"{forecast.blobs} contents, {forecast.messages} commits and {forecast.tags} tags hold a secret",
        f"{forecast.commits} of {forecast.all_commits} commits get another id",
        f"{len(forecast.references)} references point to something else",
    ]
    lines += [f"a reference gets another name: {name}" for name in forecast.names]
    if forecast.file_names:
        lines.append(f"file names in {forecast.file_names} directories change")
    if forecast.removals:
        lines.append(
            f"files that leaked whole leave each commit; {counted(forecast.removals, 'commit')} had them"
        )
    if forecast.signatures:
        lines.append(
            f"{forecast.signatures} signed commits lose their signature: it stands for what they were"
        )
    lines += [f"first commit to change: {commit}" for commit in forecast.first_changed]
    lines += [f"could not be read to its end: {told}" for told in forecast.unread]
    return "\n".join(lines) + "\n"


def account_in_words(forecast: PurgeForecast, account: PurgeAccount) -> str:
    """Return what a purge did, for people and for the evidence."""
    lines = [
        f"{account.commits} of {forecast.all_commits} commits written anew, {account.blobs} contents cleaned",
        f"{account.compared} commits compared with what they were: nothing is lost and nothing is new",
        f"{account.tags} tags written anew, {account.notes} notes moved",
        f"{account.signatures} signatures dropped: they stood for what was there before",
    ]
    if account.removed:
        lines.append(f"files that leaked whole are in no commit now: {counted(account.removed, 'version')}")
    lines += [f"git writes it otherwise today: {one}" for one in account.odd]
    lines += [f"could not be cleaned, a note stands for it: {blob}" for blob in account.noted]
    lines += [f"no commit names this object of the large file storage any more: {one}" for one in account.lfs]
    lines += [f"first changed commit: {commit}" for commit in account.first_changed]
    for moved in account.references:
        new = f"{moved.new} {moved.new_name}" if moved.new_name else "removed"
        lines.append(f"{moved.old} {moved.old_name} -> {new}")
    return "\n".join(lines) + "\n"
