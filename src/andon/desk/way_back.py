"""The way back: the last known good release, chosen with all that git and the deployer can say."""

from __future__ import annotations

from andon.desk.deployments import commit_of
from andon.desk.schema_gate import schema_gate
from andon.errors import AndonError, NotFound
from andon.incident.words import Verdict
from andon.response.last_known_good import last_known_good

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from andon.desk.deployments import Production
    from andon.desk.ports import Desk
    from andon.incident.ledger import Ledger, Release
    from andon.response.bad_ranges import Contains
    from andon.response.last_known_good import Gate, LastKnownGood

#: Questions about ancestry that git is asked for one look at the ledger; each costs some milliseconds.
_QUESTIONS = 100


def way_back(desk: Desk, production: Production, broke_at: datetime | None) -> LastKnownGood:
    """Return the release to go back to, and why every newer one was passed over."""
    ledger = production.ledger
    return last_known_good(
        ledger,
        broke_at=broke_at,
        running=production.running,
        available=production.available,
        contains=lineage(desk, ledger),
        present=presence(desk),
        gate=gate(desk, ledger, production.running),
    )


def lineage(desk: Desk, ledger: Ledger, commits: dict[str, str] | None = None) -> Contains:
    """Return what says whether the code of one release contains another's, as git knows it.

    `commits` names the commit of versions that the ledger does not have. Unknown is None: no commit, a commit
    that this clone has not, too many questions.
    """
    known: dict[tuple[str, str], bool | None] = {}

    def contains(version: str, other: str) -> bool | None:
        pair = (version, other)
        if pair not in known:
            known[pair] = _contains(desk, *(code(v) for v in pair)) if len(known) < _QUESTIONS else None
        return known[pair]

    def code(version: str) -> str:
        release = ledger.find(version)
        block = next((b for b in ledger.blocks if b.version == version), None)
        given = (commits or {}).get(version, "")
        return given or (release.commit if release else "") or (block.commit if block else "")

    return contains


def _contains(desk: Desk, commit: str, other: str) -> bool | None:
    if not commit or not other:
        return None
    if commit == other:
        return True
    try:  # nothing of the other is missing here
        return not desk.repository.commits(commit, other, limit=1)
    except AndonError:
        return None


def presence(desk: Desk) -> Callable[[Release], bool | None]:
    """Return what says whether the code of a release is still there; None when git does not know it."""

    def present(release: Release) -> bool | None:
        try:
            desk.repository.commit_of(release.commit or release.version)
        except NotFound:
            return True if not release.commit and commit_of(desk, release.version) else None
        except AndonError:
            return None
        return True

    return present


def gate(desk: Desk, ledger: Ledger, running: str) -> Gate:
    """Return what says whether the database lets a version come back to where `running` is."""

    def passes(version: str) -> tuple[Verdict, str]:
        if not running:
            return Verdict.UNKNOWN, "which version runs now is not known"
        found = schema_gate(desk, ledger, version, running)
        way_out = f"; first: {found.steps[0]}" if found.steps else ""
        return found.verdict, f"{found.reason}{way_out}"

    return passes
