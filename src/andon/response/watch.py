"""What a log says after a change against what it said before the break: new, risen, vanished, back.

The thresholds were measured on the sixteen systems of Loghub (bench/log_signatures.py): exact tests cry wolf
on real logs, because errors come in bursts. They are explained in docs/reference/logs.md.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from math import ceil

from andon.record import Record
from andon.response.shapes import merging, resemble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from andon.response.shapes import Merging
    from andon.response.windows import Window

#: Occurrences from which a new kind of error counts, with others that are new and like it; a crash counts
#: from the first.
NEW = 3
#: New kinds that are compared with each other: more of them are an alarm anyway.
_COMPARED = 200
#: A known kind has risen from so many occurrences, and more than so many times its worst window.
RISEN, TIMES = 5, 3.0
#: Occurrences to be expected before silence says that something stopped, and windows to expect it from.
SILENT, SILENT_WINDOWS = 20, 5
#: Share of the windows before in which a kind appeared that no other window has: from here on, one more new
#: kind is weak evidence; and windows from which that share is believed.
NOISY, NOISY_WINDOWS = 0.1, 5
#: Of n messages without an error the true share is below 3/n with 95 % confidence (rule of three: Hanley and
#: Lippman-Hand, JAMA 249 (1983) 1743); and the messages that are asked for when nobody knows the share.
RULE_OF_THREE, MESSAGES = 3.0, 300
#: Less than this part of the usual traffic is too little to conclude from, if there was enough to tell.
TRAFFIC, USUAL = 1 / 3, 10
#: Windows before the break, and days before on which the same time is looked at.
WINDOWS, DAYS = 20, 7


class Flag(StrEnum):
    """How a log differs from before."""

    STILL = "still there"
    NEW_SEVERE = "new and severe"
    RISEN = "risen"
    VANISHED = "vanished"
    BACK = "back"


class Flagged(Record):
    """A kind of message that differs from before."""

    flag: Flag
    signature: str
    #: Occurrences in all windows before, in the worst of them, and after the change.
    before: int
    worst: int
    after: int
    #: True when the log shows new kinds so often by itself that one more says little.
    is_weak: bool = False

    def __str__(self) -> str:
        """Name the difference with its counts."""
        counts = f"{self.after} now, {self.before} before, at most {self.worst} at once"
        weak = ", weak evidence: this log often shows new ones" if self.is_weak else ""
        return f"{self.signature} ({self.flag}: {counts}{weak})"


class Watched(Record):
    """How a log differs from before, and how much it says."""

    flags: tuple[Flagged, ...]
    #: Messages since the change, messages that are needed, and those to be expected; None when nobody knows.
    lines: int
    needed: int
    expected: float | None
    #: Good and Turing's estimate from the windows before: the chance that the next error is of a new kind.
    novelty: float | None


def starts(since: datetime, broke_at: datetime, now: datetime) -> tuple[datetime, ...]:
    """Return when the windows begin that are compared with `since` to `now`: as long, before the break.

    In order; the same time on earlier days comes first.
    """
    length = max(now - since, timedelta(seconds=1))
    near = [broke_at - length * number for number in range(WINDOWS, 0, -1)]
    days = [since - timedelta(days=day) for day in range(DAYS, 0, -1)]
    return tuple(day for day in days if day + length <= near[0]) + tuple(near)


def watch(
    *,
    before: Sequence[Window],
    after: Window,
    known: frozenset[str] = frozenset(),
    originals: frozenset[str] = frozenset(),
    closed: frozenset[str] = frozenset(),
    share: float | None = None,
) -> Watched:
    """Compare a stretch after a change with windows of the same length from before the break.

    `known`: kinds of errors that are older than the break although no window has them. `originals`: those of
    the incident. `closed`: those that an earlier incident ended. `share`: the share of the messages during
    the break that were originals; None when it is not known.
    """
    errors = [_errors(window) for window in before]
    seen = {name for window in errors for name in window} | known
    changing = merging(seen)
    is_noisy = _is_noisy(before, changing)
    now = _errors(after)
    crashes = {kind.signature for kind in after.signatures if kind.is_crash}
    fresh = {name for name in now if not _is_known(name, seen, changing)}
    few = sorted(fresh)[:_COMPARED]
    flags: list[Flagged] = []
    for name in now:
        counts = [window.get(name, 0) for window in errors]
        flag = None
        if name in originals:
            flag = Flag.STILL
        elif name in closed and name not in seen:
            flag = Flag.BACK
        elif name in fresh:
            alike = now[name] + sum(now[other] for other in few if other != name and resemble(name, other))
            if alike >= NEW or name in crashes:
                flag = Flag.NEW_SEVERE
        elif before and now[name] >= RISEN and now[name] > TIMES * _worst(name, errors, changing):
            flag = Flag.RISEN
        if flag:
            weak = is_noisy and flag is Flag.NEW_SEVERE
            worst = max(counts, default=0)
            flags.append(
                Flagged(
                    flag=flag, signature=name, before=sum(counts), worst=worst, after=now[name], is_weak=weak
                )
            )
    flags += _vanished(before, after)
    return Watched(
        flags=tuple(flags),
        lines=after.lines,
        needed=messages_needed(share),
        expected=_middle([window.lines for window in before]),
        novelty=novelty(before),
    )


def messages_needed(share: float | None) -> int:
    """Return how many messages without an error show that its share fell below `share`."""
    return ceil(RULE_OF_THREE / share) if share else MESSAGES


def novelty(windows: Sequence[Window]) -> float | None:
    """Return the chance that the next error is of a kind not seen so far; None without any error.

    Good and Turing: kinds seen once, divided by occurrences (Good, Biometrika 40 (1953) 237).
    """
    counts: dict[str, int] = {}
    for window in windows:
        for name, count in _errors(window).items():
            counts[name] = counts.get(name, 0) + count
    total = sum(counts.values())
    return sum(1 for count in counts.values() if count == 1) / total if total else None


def _errors(window: Window) -> dict[str, int]:
    """Return the kinds of errors of a window, with messages without a level that speak of trouble."""
    found = {kind.signature: kind.count for kind in window.signatures}
    for name in window.troubling:
        if count := window.shapes.get(name, 0):
            found[name] = found.get(name, 0) + count
    return found


def _is_known(name: str, seen: set[str], changing: Merging) -> bool:
    return name in seen or changing.of(name) != name


def _worst(name: str, errors: Sequence[dict[str, int]], changing: Merging) -> int:
    """Return the most occurrences in one window, of the kind or of all that differ in what changes."""
    if changing.of(name) == name:
        return max((window.get(name, 0) for window in errors), default=0)
    merged = changing.of(name)
    return max(
        (sum(n for other, n in window.items() if changing.of(other) == merged) for window in errors),
        default=0,
    )


def _is_noisy(windows: Sequence[Window], changing: Merging) -> bool:
    """Say whether new kinds of errors are nothing special: many a window has one that no other has."""
    if len(windows) < NOISY_WINDOWS:
        return False
    merged: list[dict[str, int]] = []
    within: dict[str, int] = {}
    for window in windows:
        counts: dict[str, int] = {}
        for name, count in _errors(window).items():
            counts[changing.of(name)] = counts.get(changing.of(name), 0) + count
        crashes = {kind.signature for kind in window.signatures if kind.is_crash}
        merged.append({name: n for name, n in counts.items() if n >= NEW or name in crashes})
        for name in counts:
            within[name] = within.get(name, 0) + 1
    alone = sum(1 for counts in merged if any(within[name] == 1 for name in counts))
    return alone / len(windows) >= NOISY


def _vanished(before: Sequence[Window], after: Window) -> list[Flagged]:
    """Return the messages that every window before had, often, and that are missing now."""
    if len(before) < SILENT_WINDOWS or not after.lines:
        return []
    usual = _middle([window.lines for window in before]) or 1.0
    scale = min(after.lines / usual, 1.0)
    names = {name for window in before for name in window.shapes} | after.shapes.keys()
    changing = merging(names)
    windows = [_merged(window, changing) for window in before]
    now = _merged(after, changing)
    errors = {changing.of(name) for name in after.troubling}
    found = []
    for name in sorted(set.intersection(*(set(window) for window in windows))):
        counts = [window[name] for window in windows]
        if name not in now and name not in errors and min(counts) * scale >= SILENT:
            found.append(
                Flagged(flag=Flag.VANISHED, signature=name, before=sum(counts), worst=max(counts), after=0)
            )
    return found


def _merged(window: Window, changing: Merging) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name, count in window.shapes.items():
        if name not in window.troubling:
            counts[changing.of(name)] = counts.get(changing.of(name), 0) + count
    return counts


def _middle(values: Sequence[int]) -> float | None:
    """Return the median; None of nothing."""
    if not values:
        return None
    ranked = sorted(values)
    half = len(ranked) // 2
    return float(ranked[half]) if len(ranked) % 2 else (ranked[half - 1] + ranked[half]) / 2
