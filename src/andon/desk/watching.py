"""Watching the logs after a change: what they say since then, against what they said before the break."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from andon.desk.calm import broke_before, calm_since
from andon.desk.casefile import number_of
from andon.desk.following import Followed
from andon.desk.looking import look_back
from andon.desk.redacting import redacted
from andon.incident.evolve import fold
from andon.record import Record, replace
from andon.response.background import has_risen, is_background
from andon.response.entries import written_at
from andon.response.kinds import ALGORITHM
from andon.response.logs import scan
from andon.response.signatures import Signatures
from andon.response.verification import LogView, is_as_busy_as_usual
from andon.response.watch import (
    MESSAGES,
    NOISY_WINDOWS,
    Flag,
    Flagged,
    Watched,
    messages_needed,
    starts,
    watch,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.desk.ports import Desk
    from andon.desk.values import LogExcerpt
    from andon.incident.state import Incident
    from andon.response.windows import Window

#: Seconds after a change before silence in a log says anything.
_LEAST_WATCH = 2.0
#: Seconds between two looks at the logs.
_PAUSE = 0.5
#: Earlier incidents whose errors are known, newest first.
_EARLIER = 20
#: Errors this close before the break belong to it.
_CLOSE = timedelta(minutes=1)
#: Clocks that differ by less are not worth a word.
_SKEW = timedelta(seconds=5)
#: Bytes at the end of a log whose clock is looked at, and lines that may carry another time by chance.
_END, _STRAY = 1 << 18, 3
_BEGINNING = datetime(1970, 1, 2, tzinfo=UTC)


class Case(Record):
    """What the incident knows of its errors; read once, before the logs are watched."""

    since: datetime
    #: When it broke; None when that is not known.
    broke_at: datetime | None
    #: Since when the service was well before; None when nothing proves it.
    calm_from: datetime | None
    #: The incident's own errors, those that earlier ones ended, and words of those that do not count.
    originals: frozenset[str]
    closed: frozenset[str]
    ignoring: tuple[str, ...]
    #: True when the incident's errors were named by another grouping than today's.
    is_outdated: bool = False
    #: Without an incident: when the change began of which `since` is a stage. What was before is usual.
    changed_at: datetime | None = None
    #: The share of the messages that the change can have touched; 0 when that is not the question.
    exposed: float = 0.0


def case_of(desk: Desk, state: Incident, since: datetime, ignoring: tuple[str, ...]) -> Case:
    """Read from the journal what the logs are compared with."""
    found = state.assessment
    signs = [f for f in found.broken if f.source == "log" and f.sign] if found else []
    return Case(
        since=since,
        broke_at=found.broke_at if found and found.broke_at_is_known else None,
        calm_from=calm_since(desk, state),
        originals=frozenset(f.sign for f in signs if f.algorithm == ALGORITHM),
        closed=_closed(desk, state) | known_errors(desk),
        ignoring=ignoring,
        is_outdated=any(f.algorithm != ALGORITHM for f in signs),
    )


def _closed(desk: Desk, state: Incident) -> frozenset[str]:
    """Return the errors of earlier incidents of the service that have ended."""
    ended = desk.journal.newest(("IncidentMitigated",))
    names: set[str] = set()
    for stream in sorted((s for s in ended if s != state.id), key=number_of, reverse=True)[:_EARLIER]:
        other = fold(desk.history(stream))
        if other.service != state.service or other.assessment is None:
            continue
        if other.declared.at < broke_before(state):
            signs = (f for f in other.assessment.broken if f.source == "log" and f.algorithm == ALGORITHM)
            names.update(f.sign for f in signs if f.sign)
    return frozenset(names)


def known_errors(desk: Desk) -> frozenset[str]:
    """Return the errors that andon.toml says must not come back, so far as today's grouping named them."""
    known = desk.config.known_errors
    return frozenset(redacted(desk, k.signature) for k in known if k.grouping in (0, ALGORITHM))


def missing_logs(desk: Desk, state: Incident) -> tuple[LogView, ...]:
    """Return a view without anything of each log that had the incident's errors and is read no more."""
    component = {log.name: log.component for log in desk.config.logs}
    known = {component.get(source.name) or source.name for source in desk.logs}
    found = state.assessment.broken if state.assessment else ()
    gone = {f.component for f in found if f.source == "log" and f.sign} - known
    failure = "it had the errors of this incident, and is not configured any more"
    return tuple(LogView(name=name, lines=0, severe=0, failure=failure) for name in sorted(gone))


def watch_logs(
    desk: Desk, case: Case, seconds: float, tell: Callable[[str], None], probe: Callable[[], None]
) -> tuple[LogView, ...]:
    """Read the logs until they say enough since the change, something is wrong, or the time is over.

    `probe` goes the critical paths once more, so that a service that nobody uses at this hour says something.
    """
    deadline = desk.clock.monotonic() + seconds
    if desk.logs:
        tell(f"watching {len(desk.logs)} log(s) for up to {seconds:.0f} s")
    logs = tuple(Followed(source, look_back(desk, source.name)) for source in desk.logs)
    while True:
        views = _views(desk, case, logs)
        waiting = [v for v in views if v.is_dated and not v.failure and not _says_enough(v)]
        broken = any(v.old_signatures or v.new_signatures for v in views)
        if broken or not waiting or desk.clock.monotonic() >= deadline:
            return views
        desk.clock.sleep(_PAUSE)
        probe()


def _says_enough(view: LogView) -> bool:
    enough = 0 < view.lines >= view.needed and is_as_busy_as_usual(view)
    return enough and view.seconds >= _LEAST_WATCH and not view.doubts


def _views(desk: Desk, case: Case, logs: tuple[Followed, ...]) -> tuple[LogView, ...]:
    """Return what each log says.

    Where the incident has errors and no log shows what part of the messages they were, all logs together
    need the messages of the rule of three; at a stage of a rollout, those by which the part that it touches
    would have shown. Without any the logs only have to be as busy as usual.
    """
    seen = [_seen(desk, case, log.excerpt()) for log in logs]
    views = tuple(view for view, _ in seen)
    if case.exposed:
        needed = messages_needed(case.exposed)
    elif not case.originals or any(share for _, share in seen):
        return views
    else:
        needed = MESSAGES
    total = sum(view.lines for view in views)
    return tuple(replace(view, needed=max(needed - (total - view.lines), 1)) for view in views)


def _seen(desk: Desk, case: Case, excerpt: LogExcerpt) -> tuple[LogView, float | None]:
    """Return what a log says since the change, and the share of the incident's errors during the break."""
    now = desk.clock.now()
    reading = _Reading(case, excerpt, case.since, now)
    notes = []
    ahead = (reading.newest or now) - (excerpt.touched_at or now)
    clocks = _Clocks(excerpt, case.since, now)
    if ahead > _SKEW and clocks.is_ahead:
        notes.append(f"its clock is {ahead.total_seconds():.0f} s ahead of ours, which was allowed for")
        reading = _Reading(case, excerpt, case.since + ahead, now + ahead)
    elif excerpt.touched_at is not None and excerpt.touched_at > case.since and -ahead > _SKEW:
        notes.append(f"its newest time is {-ahead.total_seconds():.0f} s older than its last write")
    seconds = (now - case.since).total_seconds()
    is_dated = reading.newest is not None or not excerpt.content
    view = LogView(
        name=excerpt.name,
        lines=reading.after.lines,
        severe=reading.after.severe,
        seconds=seconds,
        failure=excerpt.failure,
        is_dated=is_dated,
        notes=tuple(notes),
    )
    if not is_dated:
        return view, None
    originals = frozenset(n for n in reading.names if redacted(desk, n) in case.originals)
    share = reading.share(originals)
    watched = watch(
        before=reading.before,
        after=reading.after,
        known=reading.known,
        originals=originals,
        closed=frozenset(n for n in reading.names if redacted(desk, n) in case.closed),
        share=share,
    )
    flags = [f for f in (*watched.flags, *reading.risen(watched, seconds)) if not _is_ignored(desk, f, case)]
    judged = _judged(desk, view, flags, watched, case, share)
    if clocks.differ:
        doubt = "clocks that differ write into it, so what it says since the change is not certain"
        judged = replace(judged, doubts=(doubt, *judged.doubts))
    return judged, share


class _Clocks:
    """Whose times the last lines of a log carry: of one clock, also a wrong one, or of several."""

    def __init__(self, excerpt: LogExcerpt, since: datetime, now: datetime) -> None:
        limit, last = (excerpt.touched_at or now) + _SKEW, None
        #: Lines dated in the future, lines after the first of those that are not, and steps back in time.
        self.early = self.late = self.back = 0
        cut = len(excerpt.content) > _END
        for line in excerpt.content[-_END:].split(b"\n")[1 if cut else 0 :]:
            at = written_at(line, excerpt.zone_minutes, now)
            if at is None:
                continue
            self.early += at > limit
            self.late += bool(self.early) and at <= limit
            self.back += last is not None and last >= since and last - at > _CLOSE
            last = at

    @property
    def is_ahead(self) -> bool:
        """True for one clock that is ahead of ours."""
        return bool(self.early) and not self.late

    @property
    def differ(self) -> bool:
        """True for lines of several clocks; a line that speaks of another day, or a second file, is none."""
        return self.back > _STRAY or (self.early > _STRAY and bool(self.late))


def _is_ignored(desk: Desk, found: Flagged, case: Case) -> bool:
    name = redacted(desk, found.signature).lower()
    return any(words.lower() in name for words in case.ignoring)


def _judged(
    desk: Desk, view: LogView, flags: list[Flagged], watched: Watched, case: Case, share: float | None
) -> LogView:
    old, new, vanished, doubts = [], [], [], []
    for found in flags:
        told = redacted(desk, str(found))
        if found.flag is Flag.STILL:
            old.append(told)
        elif found.flag is Flag.VANISHED:
            vanished.append(told)
            doubts.append(f"a message that was usual is missing: {told}")
        elif found.is_weak:
            doubts.append(f"there is a new error: {told}")
        else:
            new.append(told)
    if case.is_outdated:
        doubts.append("the errors of this incident were grouped in an older way: run `andon assess` again")
    return replace(
        view,
        old_signatures=tuple(old),
        new_signatures=tuple(new),
        vanished=tuple(vanished),
        doubts=tuple(doubts),
        needed=watched.needed if share else 1,
        expected=watched.expected,
        novelty=watched.novelty,
    )


class _Reading:
    """A log, cut at the moments that matter."""

    def __init__(self, case: Case, excerpt: LogExcerpt, since: datetime, now: datetime) -> None:
        self._case, self._excerpt, self._now = case, excerpt, now
        calm = max(case.calm_from or _BEGINNING, _BEGINNING)
        broke_at = case.broke_at - _CLOSE if case.broke_at and case.broke_at < since else None
        if case.changed_at is not None:
            broke_at = min(case.changed_at, since)
        length = now - since
        marks = {_BEGINNING: "old", calm: "calm", since: "after"}
        if broke_at is not None and broke_at > calm:
            before = [at for at in starts(since, broke_at, now) if at > calm]
            marks.update({at + length: "calm" for at in before})
            marks.update(dict.fromkeys(before, "before"))
            if broke_at < since:
                marks[broke_at] = "break"
        elif broke_at is not None and broke_at < since:
            marks[max(broke_at, calm)] = "break"
        marks[since] = "after"
        moments = sorted(marks)
        log = Signatures(moments, excerpt.zone_minutes, now)
        log.feed(excerpt.content)
        windows = log.close()
        #: The latest moment that it names; None when it names none.
        self.newest = log.newest
        parts = dict(zip(moments, windows, strict=False)) if log.is_dated else {}
        reached = min((w.first_at for w in windows if w.first_at is not None), default=now)
        self.after = parts[since] if since in parts else windows[-1]
        self.before = tuple(w for at, w in parts.items() if marks[at] == "before" and at >= reached)
        self._break = tuple(w for at, w in parts.items() if marks[at] == "break")
        self._calm = tuple(w for at, w in parts.items() if marks[at] in ("calm", "before"))
        self.known = self._known(broke_at is not None)

    @property
    def names(self) -> tuple[str, ...]:
        """The kinds of errors since the change, during the break, and where it has no date before that."""
        windows = (self.after, *self._break, *(() if self._break else self._calm))
        return tuple(dict.fromkeys(kind.signature for window in windows for kind in window.signatures))

    def share(self, originals: frozenset[str]) -> float | None:
        """Return what part of the messages during the break were the incident's errors; None if unknown.

        A break without a date began, for this, with the first of these errors that the log has.
        """
        windows = self._break or self._since_the_first(originals)
        lines = sum(window.lines for window in windows)
        errors = sum(k.count for window in windows for k in window.signatures if k.signature in originals)
        return min(errors / lines, 1.0) if lines and errors else None

    def _since_the_first(self, originals: frozenset[str]) -> tuple[Window, ...]:
        kinds = (k for window in self._calm for k in window.signatures if k.signature in originals)
        first = min((k.first_seen for k in kinds if k.first_seen is not None), default=None)
        if first is None or first >= self._case.since:
            return ()
        log = Signatures([_BEGINNING, first, self._case.since], self._excerpt.zone_minutes, self._now)
        log.feed(self._excerpt.content)
        return log.close()[1:2] if log.is_dated else ()

    def risen(self, watched: Watched, seconds: float) -> list[Flagged]:
        """Return the known errors that rose, where there are too few windows before to tell."""
        if len(self.before) >= NOISY_WINDOWS:
            return []
        calm = scan(self._excerpt.content, self._case.calm_from, self._excerpt.zone_minutes, self._now)
        flagged = {found.signature for found in watched.flags}
        found = []
        for kind in self.after.signatures:
            before = calm.find(kind.signature) if kind.signature not in flagged else None
            if before is not None and has_risen(before, kind.count, seconds, calm):
                found.append(
                    Flagged(
                        flag=Flag.RISEN,
                        signature=kind.signature,
                        before=before.count - kind.count,
                        worst=0,
                        after=kind.count,
                    )
                )
        return found

    def _known(self, has_date: bool) -> frozenset[str]:
        """Return the kinds that are older than the break, or background where the break has no date."""
        if has_date:
            return frozenset(kind.signature for window in self._calm for kind in window.signatures)
        calm = scan(self._excerpt.content, self._case.calm_from, self._excerpt.zone_minutes, self._now)
        return frozenset(kind.signature for kind in calm.signatures if is_background(kind, calm))
