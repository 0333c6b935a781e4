"""Everything that can be known of the flags' health: definitions, code, history, evaluations.

What cannot be found out is told as unknown, with why; it is never a pass.
"""

from __future__ import annotations

from andon.desk.casefile import service_stream
from andon.desk.flags.definitions import definitions_here
from andon.desk.flags.scan import scan_flags
from andon.errors import AndonError
from andon.flags.hygiene.definitions import judge_definitions
from andon.flags.hygiene.finding import in_order
from andon.flags.hygiene.in_code import judge_code, places_of
from andon.flags.hygiene.leftover import Known, Served, judge_left_over
from andon.flags.overrides import KILL, ROLLOUT
from andon.incident.flag_events import FlagActPlanned, RolloutPlanned
from andon.incident.words import counted
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from andon.desk.flags.scan import FlagScan
    from andon.desk.flags.values import FlagSeen, FlagUsage
    from andon.desk.ports import Desk
    from andon.flags.hygiene.definitions import DefinedFlags
    from andon.flags.hygiene.finding import FlagFinding

#: What begins an act on a flag in the service's stream.
_ACTS = ("FlagActPlanned", "RolloutPlanned")


class Unknown(Record):
    """What a rule could not find out."""

    rule: str
    why: str
    remedy: str = ""
    #: True when it is the flag system that could not be asked.
    is_of_system: bool = False


class FlagLint(Record):
    """What was found."""

    findings: tuple[FlagFinding, ...]
    unknown: tuple[Unknown, ...]
    #: The flags that were judged, and what defines them.
    defined: DefinedFlags
    scan: FlagScan
    known: dict[str, Known]

    def of(self, key: str) -> tuple[FlagFinding, ...]:
        """Return the findings about one flag."""
        return tuple(one for one in self.findings if one.key == key)


def lint_flags(desk: Desk, tell: Callable[[str], None] | None = None) -> FlagLint:
    """Judge the flags of the work tree; raises InvalidInput for a flag file that cannot be read.

    Raises Unavailable without flags that are configured, or outside of a repository.
    """
    config, now = desk.config.flag_system, desk.clock.now()
    defined, problems = definitions_here(desk)
    sources = desk.flag_sources
    scan = scan_flags(sources, sources.here(), defined.flags, config, tell)
    unknown: list[Unknown] = []
    known = _known(desk, defined, scan, unknown)
    if scan.unread:
        told = f"{counted(len(scan.unread), 'file')} not read by structure: {', '.join(scan.unread[:3])}"
        unknown.append(Unknown(rule="flag-nested", why=told, remedy="unscanned in [flags], or smaller files"))
    findings = [
        *problems,
        *judge_definitions(defined, f"{now:%Y-%m-%d}"),
        *judge_code(scan.files, defined.flags, defined.path),
        *judge_left_over(defined, known, now, config.stale_days, computed=scan.computed),
    ]
    return FlagLint(
        findings=in_order(findings), unknown=tuple(unknown), defined=defined, scan=scan, known=known
    )


def _known(desk: Desk, defined: DefinedFlags, scan: FlagScan, unknown: list[Unknown]) -> dict[str, Known]:
    """Return what is known of each flag beside its definition, and tell what is not."""
    changed = _changed(desk, defined, unknown)
    acted = _acted(desk, unknown)
    seen, usage = _system(desk, unknown)
    places = places_of(scan.files)
    known = {}
    for key in defined.flags:
        times = [time for time in (changed.get(key), acted.get(key)) if time is not None]
        every, in_tests = places.get(key, (0, 0))
        changed_at = max(times) if times and key in changed else None
        known[key] = Known(
            changed_at=changed_at,
            served=_served_of(key, usage, changed_at) if usage is not None else None,
            places=every,
            in_tests=in_tests,
        )
        if (one := seen.get(key)) is not None:
            known[key] = _with_layer(known[key], one)
    return known


def _served_of(key: str, usage: dict[str, Served], changed_at: datetime | None) -> Served | None:
    """Return what was served of a flag: nothing since others are counted, or since it is as it is now.

    None, not known, for a flag without counts that may be younger than the counting.
    """
    begun = [one.since for one in usage.values() if one.since is not None]
    if key in usage or changed_at is None or not begun:
        return usage.get(key)
    return Served(counts={}, since=max(min(begun), changed_at))


def _with_layer(known: Known, seen: FlagSeen) -> Known:
    above = seen.kill or seen.rollout
    if above is None:
        return known
    layer = KILL if seen.kill is not None else ROLLOUT
    percent = 0.0 if seen.kill is not None else above.percent
    changed_at = known.changed_at
    # Somebody else's journal may have the act: then only the flag system says when it was.
    if changed_at is not None and (put_at := _moment(above.at)) is not None:
        changed_at = max(changed_at, put_at)
    return replace(known, layer=layer, percent=percent, variant=above.variant, changed_at=changed_at)


def _moment(text: str) -> datetime | None:
    from datetime import UTC, datetime

    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _changed(desk: Desk, defined: DefinedFlags, unknown: list[Unknown]) -> dict[str, datetime]:
    """Return when the definition of each flag last changed, by git's history of its lines."""
    times = desk.flag_sources.line_times(defined.path) if defined.places else ()
    found: dict[str, datetime] = {}
    for key, place in defined.places.items():
        own = times[place.line - 1 : place.end_line]
        if own and all(time is not None for time in own):
            found[key] = max(time for time in own if time is not None)
    missing = [key for key in defined.flags if key not in found]
    if missing:
        told = f"git does not say when {', '.join(missing[:3])} last changed"
        unknown.append(Unknown(rule="flag-settled", why=told, remedy=f"git log {defined.path}"))
    return found


def _acted(desk: Desk, unknown: list[Unknown]) -> dict[str, datetime]:
    """Return when each flag was last killed, given back or rolled out, by the service's stream."""
    try:
        history = desk.journal.read_types(service_stream(desk), _ACTS)
    except AndonError as problem:
        unknown.append(Unknown(rule="flag-settled", why=str(problem), remedy=problem.remedy))
        return {}
    found: dict[str, datetime] = {}
    for recorded in history:
        if isinstance(recorded.event, FlagActPlanned | RolloutPlanned):
            found[recorded.event.flag] = recorded.at
    return found


def _system(desk: Desk, unknown: list[Unknown]) -> tuple[dict[str, FlagSeen], dict[str, Served] | None]:
    """Return the flags as they stand now, and what was served of them; None when nobody counts."""
    try:
        system = desk.flag_system
        if system is None:
            unknown.append(Unknown(rule="flag-unused", why="no flag system counts what is evaluated"))
            return {}, None
        seen = {flag.key: flag for flag in system.flags()}
        usage = system.usage()
    except AndonError as problem:
        unknown.append(Unknown(rule="flag-unused", why=str(problem), remedy=problem.remedy or "andon doctor"))
        told = f"whether a kill or a rollout stands above a flag: {problem}"
        unknown.append(Unknown(rule="flag-settled", why=told, is_of_system=True))
        return {}, None
    if not usage:
        told = f"{system.kind} at {system.address} does not say how often a flag is evaluated"
        unknown.append(Unknown(rule="flag-unused", why=told))
        return seen, None
    return seen, _served(usage)


def _served(usage: Iterable[FlagUsage]) -> dict[str, Served]:
    """Return the counts of each flag that has some."""
    by_flag: dict[str, list[FlagUsage]] = {}
    for one in usage:
        by_flag.setdefault(one.key, []).append(one)
    return {
        key: Served(
            counts={one.variant: one.count for one in some},
            last_at=max((one.last_at for one in some if one.last_at is not None), default=None),
            since=min((one.since for one in some if one.since is not None), default=None),
        )
        for key, some in by_flag.items()
    }
