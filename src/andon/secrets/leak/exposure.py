"""From when to when a leaked value could be read, by what was seen of remotes and by commits' clocks. Pure.

Clocks are claims: anybody can commit with any date. So a commit's moment only counts as far as what others
saw does not speak against it, and an answer has the moment before which and after which it must have been.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime


class Seen(StrEnum):
    """How it is known what a remote had, the strongest evidence first."""

    PUSHED = "pushed from here"
    RECEIVED = "pushed to this repository"
    MADE_THERE = "a commit that the host made"
    ALERTED = "an alert of the host"
    FETCHED = "fetched"
    ASKED = "asked now"


class Sighting(Record):
    """What a reference of a remote had at a moment."""

    reference: str
    at: datetime
    how: Seen
    #: True when the value was in what it had.
    holds: bool


class Brought(Record):
    """A commit that brought the value, with the moments it claims, and those of its parents."""

    commit: str
    committed: datetime | None
    authored: datetime | None = None
    parents: tuple[datetime, ...] = ()


class Beginning(Record):
    """When a remote had it first: not before one moment and not after another, with what shows each."""

    not_before: datetime | None
    not_after: datetime | None
    words: tuple[str, ...]
    #: True when somebody saw it happen, so that both are the same.
    is_exact: bool = False


class Standing(Record):
    """What is known of one remote and one credential."""

    beginning: Beginning
    #: References that had it when last seen.
    still: tuple[str, ...]
    #: When the last of its references lost it; None while one has it, or nobody saw that.
    removed: datetime | None


def standing(
    brought: Sequence[Brought],
    sightings: Iterable[Sighting],
    still: Sequence[str],
    now: datetime,
) -> Standing | None:
    """Return how a remote stands with a value that these commits brought; None when it was never seen there.

    `still` are the references that have it as far as is known here.
    """
    seen = sorted(sightings, key=lambda sighting: sighting.at)
    held = [sighting for sighting in seen if sighting.holds]
    if not held and not still:
        return None
    beginning = _beginning(brought, seen, held, now)
    return Standing(beginning=beginning, still=tuple(still), removed=None if still else _removed(seen, held))


def _beginning(
    brought: Sequence[Brought], seen: Sequence[Sighting], held: Sequence[Sighting], now: datetime
) -> Beginning:
    words: list[str] = []
    first = held[0] if held else None
    latest = min(first.at, now) if first is not None else now
    if first is not None:
        words.append(f"at the latest {_at(latest)}: {first.how}, {first.reference}")
    earliest = _earliest(brought, latest, words)
    if first is not None:
        clean = [s.at for s in seen if not s.holds and s.reference == first.reference and s.at < first.at]
        if clean and len({s.reference for s in held}) == 1 and (earliest is None or clean[-1] > earliest):
            earliest = clean[-1]
            words.append(f"not before {_at(earliest)}: {first.reference} was seen without it then")
        if first.how in (Seen.PUSHED, Seen.RECEIVED):
            return Beginning(not_before=latest, not_after=latest, words=tuple(words), is_exact=True)
    return Beginning(not_before=earliest, not_after=latest, words=tuple(words))


def _earliest(brought: Sequence[Brought], latest: datetime, words: list[str]) -> datetime | None:
    """Return the moment before which it cannot have been there, by the clocks of those who committed."""
    found: list[tuple[datetime, bool, str]] = []
    for one in brought:
        parents = [moment for moment in one.parents if moment <= latest]
        newest = max(parents, default=None)
        name = one.commit[:10]
        if one.committed is None or one.committed > latest:
            if newest is not None:
                found.append((newest, True, f"{name} has no date that can be true; its parent is from then"))
        elif newest is not None and one.committed < newest:
            found.append((newest, True, f"{name} claims to be older than its parent, which is from then"))
        else:
            found.append((one.committed, False, f"{name} was committed then"))
    if not found:
        words.append("how long before is not known: no commit has a date that can be true")
        return None
    moment, _, why = min(found)  # of two that say the same, the one whose clock nothing speaks against
    words.append(f"at the earliest {_at(moment)}: {why}")
    written = min((b.authored for b in brought if b.authored is not None), default=None)
    if written is not None and moment - written > timedelta(minutes=5):
        words.append(f"its author wrote it {_at(written)}: an earlier version may have been pushed before")
    return moment


def _removed(seen: Sequence[Sighting], held: Sequence[Sighting]) -> datetime | None:
    """Return when the last reference that had it was first seen without it."""
    lost = []
    for reference in {s.reference for s in held}:
        last = max(s.at for s in held if s.reference == reference)
        after = [s.at for s in seen if s.reference == reference and not s.holds and s.at >= last]
        if not after:
            return None
        lost.append(min(after))
    return max(lost, default=None)


def window(
    standings: Mapping[str, Sequence[Standing]], revoked: Mapping[str, datetime]
) -> tuple[datetime | None, datetime | None]:
    """Return from when to when any credential could be read and used; `standings` by mark.

    The beginning is the earliest that evidence allows. It ends when every credential that was exposed is
    revoked or gone from every reference that had it, whichever came first; None while one is not.
    """
    begins, ends, is_over = [], [], True
    for mark, places in standings.items():
        if not places:
            continue
        begins += [m for s in places if (m := s.beginning.not_before or s.beginning.not_after) is not None]
        moments = [moment for moment in (revoked.get(mark), _gone(places)) if moment is not None]
        if moments:
            ends.append(min(moments))
        else:
            is_over = False
    return min(begins, default=None), max(ends, default=None) if is_over else None


def _gone(places: Sequence[Standing]) -> datetime | None:
    """Return when a credential was gone from all its places; None while it is in one."""
    moments = [place.removed for place in places]
    return None if any(m is None for m in moments) else max(m for m in moments if m is not None)


def lasted(begin: datetime, end: datetime) -> str:
    """Return a length of time in the two largest units: `3 d 4 h`, `2 h 10 min`, `less than a minute`."""
    minutes = max(int((end - begin).total_seconds() // 60), 0)
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = [(days, "d"), (hours, "h"), (rest, "min")]
    told = [f"{number} {unit}" for number, unit in parts if number]
    return " ".join(told[:2]) or "less than a minute"


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
