"""What the history says of a leak: what is left of the work, and what it means for security."""

from __future__ import annotations

from andon.incident import events as e
from andon.incident.leak_state import HERE, Stage
from andon.incident.leaking import residual
from andon.incident.timeline import spoken
from andon.incident.words import counted
from andon.review.drafts import MOST_LINES, moment, rank
from andon.review.markup import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from andon.incident.leak_state import Leak
    from andon.incident.recorded import Recorded
    from andon.incident.state import Incident
    from andon.review.drafts import Draft

#: Characters of a commit's id that are shown.
_SHORT = 12


def what_leaked(leak: Leak) -> str:
    """Return what got out and where it was seen, without any part of it."""
    lines = []
    for credential in leak.credentials:
        where = f", first seen at {escaped(credential.seen_at)}" if credential.seen_at else ""
        lines.append(f"- {escaped(credential.kind)} {credential.mark} (REDACTED) could be read{where}")
    return "\n".join(_cut(lines))


# ---- what is left of the work


def _backup(_state: Incident, leak: Leak) -> str:
    if leak.backup is None:
        return _left_out(leak, Stage.BACKUP) or "None was made"
    gone = leak.cleaned is not None and not leak.cleaned.left
    until = "deleted" if gone else f"to be deleted after {leak.backup.delete_after:%Y-%m-%d}"
    return f"A bundle of the history as it was, {leak.backup.size} bytes, {until}"


def _cleaned(_state: Incident, leak: Leak) -> str:
    if leak.purged is None:
        return _left_out(leak, Stage.PURGE) or "The history was not rewritten"
    proof = f"; verified: {escaped(leak.verified.summary)}" if leak.verified else "; not verified"
    return (
        f"{counted(leak.purged.commits, 'commit')} rewritten, "
        f"{counted(len(leak.purged.references), 'reference')} changed, "
        f"{counted(leak.purged.pull_requests, 'pull request')} affected{proof}"
    )


def _files(_state: Incident, leak: Leak) -> str:
    places = leak.located.places if leak.located else ()
    paths = dict.fromkeys(path for place in places for path in place.paths)
    taken_out = "removed" if leak.purged else "leaked whole"
    lines = [f"- {escaped(path)} ({taken_out})" for path in leak.paths]
    verb = "cleaned" if leak.purged else "holds it"
    lines += [f"- {escaped(path)} ({verb})" for path in paths if path not in leak.paths]
    others = sum(1 for place in places if not place.paths)
    if others:
        lines.append(f"- and {counted(others, 'place')} without a path: messages, names, unreachable objects")
    return "\n".join(_cut(lines)) or "None is known"


def _first_changed(_state: Incident, leak: Leak) -> str:
    found = leak.purged.first_changed if leak.purged else ()
    return ", ".join(f"`{commit[:_SHORT]}`" for commit in found[:MOST_LINES]) or "None"


def _push(_state: Incident, leak: Leak) -> str:
    if not leak.pushed:
        return _left_out(leak, Stage.PUSH) or "Nothing was pushed"
    lines = []
    for push in leak.newest_pushes:
        failed = f"; refused: {escaped(', '.join(push.failed))}" if push.failed else ""
        refs = counted(len(push.pushed), "reference")
        how = "brought to the new history" if push.remote == HERE else "each on a lease"
        kept = f"; only the host can remove: {escaped(', '.join(push.kept))}" if push.kept else ""
        lines.append(f"- {escaped(push.remote)}: {refs}, {how}{failed}{kept}")
    return "\n".join(_cut(lines))


def _ban(_state: Incident, leak: Leak) -> str:
    newest = {b.place: b for b in leak.banned}
    told = [
        f"{escaped(b.place)} refuses {counted(b.objects, 'object')} and {counted(b.values, 'value')}"
        for b in newest.values()
    ]
    return "; ".join(told) or _left_out(leak, Stage.BAN) or "Nothing keeps a stale clone from pushing it back"


def _left_out(leak: Leak, stage: Stage) -> str:
    return "Left out on the record: see what was skipped" if stage in leak.passed_over else ""


# ---- what it means


def _exposure(leak: Leak, history: Sequence[Recorded], now: datetime) -> str:
    found = leak.exposure
    if found is None:
        return ""
    dead = _dead_at(leak, history)
    ends = [at for at in (found.until, dead) if at is not None]
    end = min(ends) if ends else None
    lines = []
    if found.since is not None:
        until = f"until {moment(end)}" if end else f"and still at {moment(now)}"
        lasted = spoken(max(((end or now) - found.since).total_seconds(), 0))
        why = " (every secret revoked)" if end is not None and end == dead else ""
        lines.append(f"{lasted}: from {moment(found.since)} {until}{why}")
    lines.append(escaped(found.summary))
    for remote in found.remotes:
        since = f" since {moment(remote.since)}" if remote.since else ""
        refs = f", {counted(len(remote.refs), 'reference')}" if remote.refs else ""
        lines.append(f"- {escaped(remote.remote)} ({escaped(remote.visibility)}){since}{refs}")
    return "\n".join(_cut(lines))


def _dead_at(leak: Leak, history: Sequence[Recorded]) -> datetime | None:
    """Return when the last secret was said to be dead; None while one works."""
    if leak.unrevoked:
        return None
    moments = [r.at for r in history if isinstance(r.event, e.CredentialRevoked)]
    return max(moments, default=None)


def _credentials(leak: Leak, history: Sequence[Recorded]) -> str:
    said = {r.event.mark: r for r in history if isinstance(r.event, e.CredentialRevoked)}
    skipped = {s.mark: s for s in leak.skipped}
    lines = []
    for credential in leak.credentials:
        revoked = said.get(credential.mark)
        if revoked is not None:
            stands = f"revoked {moment(revoked.at)} by {escaped(revoked.actor)}"
        elif credential.mark in skipped:
            stands = f"STILL WORKS (follow-up {escaped(skipped[credential.mark].action)})"
        else:
            stands = "not revoked"
        lines.append(f"- {escaped(credential.kind)} {credential.mark} (REDACTED): {stands}")
    return "\n".join(_cut(lines))


def _mitigation(state: Incident, leak: Leak, history: Sequence[Recorded]) -> str:
    total, left = len(leak.credentials), len(leak.unrevoked)
    dead = _dead_at(leak, history)
    if dead is not None:
        after = spoken(max((dead - state.declared.at).total_seconds(), 0))
        told = f"{counted(total, 'credential')} revoked, the last {after} after the declaration"
    else:
        told = f"{total - left} of {counted(total, 'credential')} revoked"
    words = [f"- {r.mark}: {escaped(r.statement)}" for r in leak.revoked]
    return "\n".join([told, *_cut(words)])


def _risk(state: Incident, leak: Leak) -> str:
    remotes = leak.exposure.remotes if leak.exposure else ()
    seen = dict.fromkeys(r.visibility for r in remotes)
    where = f"on remotes that are {' and '.join(seen)}" if seen else "on no remote that is known"
    if leak.exposure is None:
        where = "and who could read them is not known yet"
    return f"{rank(state.worst_severity)}: {counted(len(leak.credentials), 'credential')} in use, {where}"


def _residual(state: Incident, leak: Leak, history: Sequence[Recorded]) -> str:
    judged = next((r for r in reversed(history) if isinstance(r.event, e.LeakJudged)), None)
    if judged is not None and leak.judged is not None:
        return (
            f"{rank(leak.judged.residual)}: {escaped(leak.judged.reason)} (judged by {escaped(judged.actor)})"
        )
    severity, why = residual(state)
    return f"{rank(severity)} by rule, not judged yet: {why}"


def _cut(lines: Iterable[str]) -> list[str]:
    shown = list(lines)
    more = [f"- and {len(shown) - MOST_LINES} more (`andon leak`)"] if len(shown) > MOST_LINES else []
    return [*shown[:MOST_LINES], *more]


def _with_leak(key: str) -> Draft:
    """Return the draft of a field; "" for an incident without a leak."""

    def tell(state: Incident, history: Sequence[Recorded], now: datetime) -> str:
        leak = state.leak
        if leak is None:
            return ""
        match key:
            case "security/exposure":
                return _exposure(leak, history, now)
            case "security/credentials":
                return _credentials(leak, history)
            case "security/mitigation":
                return _mitigation(state, leak, history)
            case "security/risk":
                return _risk(state, leak)
            case "security/residual":
                return _residual(state, leak, history)
            case _:
                return _ARTEFACTS[key](state, leak)

    return tell


_ARTEFACTS = {
    "artefacts/backup": _backup,
    "artefacts/cleaned": _cleaned,
    "artefacts/files": _files,
    "artefacts/first-changed": _first_changed,
    "artefacts/push": _push,
    "artefacts/ban": _ban,
}
LEAK_DRAFTS: dict[str, Draft] = {
    key: _with_leak(key)
    for key in (
        *_ARTEFACTS,
        "security/exposure",
        "security/credentials",
        "security/mitigation",
        "security/risk",
        "security/residual",
    )
}
