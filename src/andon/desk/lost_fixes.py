"""Which hotfixes a version lacks: the regression that comes back with the release after the fix."""

from __future__ import annotations

from andon.desk.deployments import read_ledger
from andon.errors import AndonError
from andon.incident.evolve import fold
from andon.incident.hotfix_state import in_production, merged_home
from andon.incident.words import ReleaseVerdict
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk
    from andon.incident.ledger import Ledger, Release
    from andon.incident.state import Incident, Operation

#: Fixes that are told; a version that lacks more of them is an old one.
MOST = 10


class LostFix(Record):
    """A hotfix that a version does not hold, or of which that is not known."""

    incident: str
    version: str
    commit: str
    #: False when it cannot be told, for want of a commit or of history.
    is_certain: bool = True
    reason: str = ""


def lost_fixes(desk: Desk, commit: str, *, version: str = "") -> tuple[LostFix, ...]:
    """Return the hotfixes in production so far that `commit` ("" when it is not known) does not hold.

    A fix is held by ancestry, by the commit on the main line that brought it there, by patch or by content.
    One that was taken back, or judged bad, is not missed.
    """
    ledger = read_ledger(desk)
    found = []
    fixed = dict.fromkeys(d.incident for d in ledger.deployments[::-1] if d.source == "hotfix" and d.incident)
    for state in (fold(desk.history(incident)) for incident in fixed):
        act = in_production(state)
        release = ledger.find(act.version) if act else None
        if (
            act is None
            or release is None
            or release.version == version
            or release.verdict is ReleaseVerdict.BAD
        ):
            continue
        lost = LostFix(incident=state.id, version=release.version, commit=release.commit)
        if not release.commit:  # nothing to look for; the incident told of it when it was recorded
            continue
        if not commit:
            found.append(replace(lost, is_certain=False, reason="of which commit it is made is not known"))
            continue
        try:
            base = _base(desk, state, ledger, release, act)
            if not _holds(desk, state, release, base, commit):
                found.append(lost)
        except AndonError as problem:
            found.append(replace(lost, is_certain=False, reason=str(problem)))
        if len(found) >= MOST:
            break
    return tuple(found)


def _holds(desk: Desk, state: Incident, fix: Release, base: str, commit: str) -> bool:
    merged = merged_home(state)
    is_stated = merged is not None and merged.seen_by == "stated"
    if base and not is_stated and desk.branches.lacks_content(commit, base, fix.commit):
        return False  # whatever its history says: somebody took it back
    if desk.branches.contains(commit, fix.commit):
        return True
    if merged is not None and merged.merge_commit and merged.seen_by in ("patch", "content", "stated", ""):
        try:
            if desk.branches.contains(commit, merged.merge_commit):
                return True
        except AndonError:
            pass  # that commit is not here; the fix itself may be
    if not base:
        return False
    return not desk.branches.unpicked(commit, base, fix.commit) or desk.branches.has_content(
        commit, base, fix.commit
    )


def _base(desk: Desk, state: Incident, ledger: Ledger, fix: Release, act: Operation) -> str:
    """Return the commit from which a fix was made, by hand from what ran; "" when that is not known."""
    begun = state.hotfix_owed or state.hotfix
    if begun is not None:  # one that begins with this fix is the next hotfix
        return "" if begun.base_commit == fix.commit else begun.base_commit
    before = ledger.find(act.from_version)
    try:
        is_below = before is not None and before.commit and desk.branches.contains(fix.commit, before.commit)
    except AndonError:
        return ""
    return before.commit if before is not None and is_below and before.commit != fix.commit else ""
