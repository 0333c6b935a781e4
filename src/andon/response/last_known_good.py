"""The last known good release: newest with a good verdict that predates the break. Unknown is never good."""

from __future__ import annotations

from andon.incident.words import ReleaseVerdict, Verdict
from andon.record import Record
from andon.response.bad_ranges import SKEW as SKEW
from andon.response.bad_ranges import bad_ranges, broke_with, in_range

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from andon.incident.ledger import Ledger, Release
    from andon.response.bad_ranges import BadRange, Contains

    #: Whether production's database lets a version come back, and why.
    Gate = Callable[[str], tuple[Verdict, str]]
    #: Whether the artefact of a release still exists; None when nobody knows.
    Present = Callable[[Release], bool | None]

#: Releases that the safety gates are asked about: each may cost a look through many files.
_ASKED = 5


class LastKnownGood(Record):
    """The version to go back to, with the reason; `version` is "" when there is none."""

    version: str
    reason: str
    #: Why every newer release was passed over, newest first.
    passed_over: tuple[str, ...]
    #: What the safety gates say of going back to it; not asked about: unknown, without a reason.
    gate: Verdict = Verdict.UNKNOWN
    gate_reason: str = ""


def last_known_good(
    ledger: Ledger,
    *,
    broke_at: datetime | None,
    running: str,
    available: frozenset[str] | None,
    contains: Contains | None = None,
    present: Present | None = None,
    gate: Gate | None = None,
) -> LastKnownGood:
    """Return the release to go back to.

    `available` names what the deployer can still deploy; None when it cannot say: then `present` is asked,
    and only a clear no passes a release over. `contains` knows the ancestry of code (see `bad_ranges`). Of
    the releases without another objection the newest that passes the `gate` is chosen; when none of the
    newest five does, the newest of all is named together with what the gate says, so that whoever decides
    sees why the way back is closed.
    """
    ranges = bad_ranges(ledger, contains)
    broken = broke_with(ledger, broke_at) if broke_at is not None else None
    passed_over: list[str] = []
    closed: list[LastKnownGood] = []
    for release in reversed(ledger.releases):
        objection = (
            _objection(release, broke_at, running, broken)
            or _in_bad_range(release, ranges)
            or _is_gone(release, available, present)
        )
        if not objection:
            found = _named(release, tuple(passed_over), gate, available, present)
            if gate is None or found.gate is Verdict.PASSED:
                return found
            closed.append(found)
            if len(closed) == _ASKED:
                break
            objection = f"going back to it is not safe: {found.gate_reason or found.gate}"
        passed_over.append(f"{release.version}: {objection}")
    if closed:
        return closed[0]
    reason = "the ledger is empty" if not ledger.releases else "no release passes"
    return LastKnownGood(version="", reason=reason, passed_over=tuple(passed_over))


def _named(
    release: Release,
    passed_over: tuple[str, ...],
    gate: Gate | None,
    available: frozenset[str] | None,
    present: Present | None,
) -> LastKnownGood:
    verdict, why = gate(release.version) if gate is not None else (Verdict.UNKNOWN, "")
    judged = f" at {release.judged_at:%Y-%m-%d %H:%M UTC}" if release.judged_at else ""
    reason = f"judged good{judged} ({release.reason or 'no reason given'}), "
    reason += f"first deployed {release.first_deployed_at:%Y-%m-%d %H:%M UTC}"
    if available is None and present is not None and present(release) is None:
        reason += "; whether its artefact still exists is not known"
    return LastKnownGood(
        version=release.version, reason=reason, passed_over=passed_over, gate=verdict, gate_reason=why
    )


def _objection(release: Release, broke_at: datetime | None, running: str, broken: Release | None) -> str:
    if release.version == running:
        return "it is what runs now"
    if release.verdict is ReleaseVerdict.UNKNOWN:
        return "nobody knows whether it is good"
    if release.verdict is not ReleaseVerdict.GOOD:
        return f"judged {release.verdict}: {release.reason}"
    if not release.was_in_production:
        return "it never came through to production"
    if broke_at is not None and release.first_deployed_at >= broke_at:
        return "it was first deployed after the break"
    if broken is not None and release.version == broken.version:
        return "it was in production when it broke"
    return ""


def _in_bad_range(release: Release, ranges: tuple[BadRange, ...]) -> str:
    found = in_range(ranges, release.version)
    if found is None:
        return ""
    end = f"fixed by {found.closed_by}" if found.closed_by else "not fixed since"
    cause = f"{found.version}, judged bad: {found.reason}" if found.reason else f"{found.version}, judged bad"
    return f"it has the fault of {cause} ({end})"


def _is_gone(release: Release, available: frozenset[str] | None, present: Present | None) -> str:
    if available is not None:
        return "" if release.version in available else "its artefact is gone"
    return "its artefact is gone" if present is not None and present(release) is False else ""
