"""Bad ranges: what a release that was judged bad says about the releases around it.

A fault is in the code from some release on until it is fixed, and a good verdict from before it was known
does not take it out again. So a bad verdict opens a range, and only a later good verdict closes it.
"""

from __future__ import annotations

from datetime import timedelta

from andon.incident.words import ReleaseVerdict
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from andon.incident.ledger import Ledger, Release

    #: Whether the code of the first version contains that of the second; None when nobody knows.
    Contains = Callable[[str, str], bool | None]

#: A deployment may show in the ledger up to this long after its first errors: clocks and rolling starts.
SKEW = timedelta(minutes=2)
#: Fixes that are looked for in the code of a release; whoever has a later one nearly always has the first.
_FIXES = 5
#: A deployment this long before a break explains it, so that no later one has to.
_NEAR = timedelta(minutes=30)


class BadRange(Record):
    """A stretch of releases with a fault."""

    #: The release that was judged bad, with the reason.
    version: str
    reason: str
    incident: str
    #: When it was judged.
    opened_at: datetime
    #: The releases with the fault, in the order of their first deployment; the one judged bad among them.
    releases: tuple[str, ...]
    #: The first release that was judged good after that with newer code; "" while the range is open.
    closed_by: str = ""

    @property
    def is_open(self) -> bool:
        """True while nothing newer was shown to be without the fault."""
        return not self.closed_by


def bad_ranges(ledger: Ledger, contains: Contains | None = None) -> tuple[BadRange, ...]:
    """Return the ranges that the bad verdicts in the ledger open, the oldest verdict first.

    For a release B that was judged bad at some moment, there are in the range

    * B itself;
    * whatever was in production from the break of which B is judged until B was taken out;
    * whatever contains the code of B, except what contains a fix as well. A fix is a release with the code of
      B whose good verdict came after the bad one, or from the same incident: the verification that shows
      the failure to be gone judges the fix first and what it replaced next.

    `contains` is asked for releases with a good verdict only; what it does not know, and without it
    everything, is told by the order of the first deployments.
    """
    order = {d.version: place for place, d in reversed([*enumerate(ledger.deployments)])}
    bad = [r for r in ledger.releases if r.verdict is ReleaseVerdict.BAD and r.judged_at is not None]
    bad.sort(key=lambda release: (release.judged_at, order[release.version]))
    return tuple(_range(ledger, release, order, contains) for release in bad)


def in_range(ranges: tuple[BadRange, ...], version: str) -> BadRange | None:
    """Return the newest range that a release is in; an open one before a closed one."""
    found = [r for r in ranges if version in r.releases]
    return next((r for r in reversed(found) if r.is_open), found[-1] if found else None)


def broke_with(ledger: Ledger, broke_at: datetime) -> Release | None:
    """Return the release that was in production when it broke.

    What was deployed shortly after the first errors is meant when nothing was deployed shortly before them:
    then the clocks differ, or it was on its way.
    """
    return ledger.running_at(_effective(ledger, broke_at))


def _effective(ledger: Ledger, broke_at: datetime) -> datetime:
    starts = [d.deployed_at for d in ledger.deployments if not d.is_aborted]
    if any(broke_at - _NEAR <= start <= broke_at for start in starts):
        return broke_at
    return next((start for start in starts if broke_at < start <= broke_at + SKEW), broke_at)


def _range(ledger: Ledger, bad: Release, order: dict[str, int], contains: Contains | None) -> BadRange:
    judged_at = bad.judged_at or bad.deployed_at

    def has(release: Release, other: Release) -> bool:
        """Whether the code of `other` is in `release`."""
        if release.version == other.version:
            return True
        if contains is not None and release.verdict is ReleaseVerdict.GOOD:
            known = contains(release.version, other.version)
            if known is not None:
                return known
        return order[release.version] > order[other.version]

    fixes = [
        r
        for r in ledger.releases
        if r.verdict is ReleaseVerdict.GOOD
        and ((r.judged_at or judged_at) > judged_at or (bad.incident and r.incident == bad.incident))
        and has(r, bad)
    ]
    fixes.sort(key=lambda release: order[release.version])
    tried = fixes[: _FIXES if contains is not None else 1]
    present = _in_production(ledger, bad)
    inside = [
        r
        for r in ledger.releases
        if r.version == bad.version
        or ((r.version in present or has(r, bad)) and not any(has(r, fix) for fix in tried))
    ]
    return BadRange(
        version=bad.version,
        reason=bad.reason,
        incident=bad.incident,
        opened_at=judged_at,
        releases=tuple(r.version for r in sorted(inside, key=lambda release: order[release.version])),
        closed_by=fixes[0].version if fixes else "",
    )


def _in_production(ledger: Ledger, bad: Release) -> set[str]:
    """Return what ran from the break of which `bad` is judged until it was taken out."""
    if bad.broke_at is None or bad.judged_at is None:
        return set()
    acts = [d for d in ledger.deployments if not d.is_aborted and d.deployed_at <= bad.judged_at]
    last = max((place for place, act in enumerate(acts) if act.version == bad.version), default=-1)
    began = _effective(ledger, bad.broke_at)
    found = set()
    for act, following in zip(acts[: last + 1], [*acts[1:], None], strict=False):
        if following is None or following.deployed_at > began:
            found.add(act.version)
    return found
