"""Who got which variant: the counts of the processes, and whether their shares are as they were meant.

Counts are evaluations, not people: somebody who comes back is counted each time.
"""

from __future__ import annotations

from andon.desk.casefile import service_stream
from andon.desk.flags.system import flag_system_of
from andon.incident.codec import moment
from andon.incident.events import FlagActEnded, FlagActPlanned
from andon.record import Record
from andon.response.sample_ratio import Ratio, compare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from andon.desk.flags.values import FlagSeen, FlagUsage
    from andon.desk.ports import Desk

_MIXED = "it is counted since before {}: the counts mix what was before with what is now"
#: What is counted where a caller's own default was served.
DEFAULT = ""


class Exposure(Record):
    """One variant."""

    variant: str
    count: int
    #: Of all evaluations that got a variant; None where there were none.
    share: float | None
    #: What it was meant to be; None when that is not known.
    expected: float | None
    last_at: datetime | None = None


class Exposures(Record):
    """A flag's variants as they were served."""

    flag: str
    variants: tuple[Exposure, ...]
    total: int
    #: Evaluations that got the caller's default: of a flag that is not there, or is wrong.
    defaults: int
    #: Since when it is counted; None when the flag system does not say.
    since: datetime | None
    ratio: Ratio
    #: Where the expected shares come from, in words.
    source: str


def exposures(desk: Desk, key: str, expected: Mapping[str, float] | None = None) -> Exposures:
    """Return what was served of a flag; `expected` are weights that replace those of its definition.

    Raises NotFound for a flag that is not there, Unavailable.
    """
    system = flag_system_of(desk)
    seen = system.find(key)
    used = [u for u in system.usage() if u.key == key]
    since = min((u.since for u in used if u.since is not None), default=None)
    shares, source = _shares(seen, since, expected)
    if shares and not expected and seen.kill is None and seen.rollout is None:
        at = _last_act(desk, key)
        if at is not None and (since is None or since < at):
            shares, source = {}, _MIXED.format("the last act on it")
    counts = {u.variant: 0 for u in used}
    for one in used:
        counts[one.variant] += one.count
    defaults = counts.pop(DEFAULT, 0)
    total = sum(counts.values())
    names = tuple(dict.fromkeys((*seen.variants, *counts, *shares)))
    return Exposures(
        flag=key,
        variants=tuple(_exposure(name, counts, shares, used) for name in names),
        total=total,
        defaults=defaults,
        since=since,
        ratio=compare(counts, shares) if total else Ratio(chance=None, reason="nothing was counted"),
        source=source,
    )


def _exposure(
    name: str, counts: Mapping[str, int], shares: Mapping[str, float], used: list[FlagUsage]
) -> Exposure:
    total = sum(counts.values())
    return Exposure(
        variant=name,
        count=counts.get(name, 0),
        share=counts.get(name, 0) / total if total else None,
        expected=shares.get(name, 0.0) if shares else None,
        last_at=max((u.last_at for u in used if u.variant == name and u.last_at), default=None),
    )


def _shares(
    seen: FlagSeen, since: datetime | None, expected: Mapping[str, float] | None
) -> tuple[dict[str, float], str]:
    """Return which share of the evaluations each variant was meant to get, and who says so."""
    if expected:
        return _parts(expected), "as you said"
    targeting = (seen.definition or {}).get("targeting")
    if seen.kill is not None:
        return _steady({seen.kill.variant: 1.0}, since, seen.kill.at, "the kill")
    above = seen.rollout
    if above is not None and (above.percent >= 100 or (not targeting and seen.default_variant)):
        part = above.percent / 100
        shares = {above.variant: part, seen.default_variant: 1 - part} if part < 1 else {above.variant: 1.0}
        return _steady(shares, since, above.at, "the rollout's stage")
    if above is not None:
        return {}, "the rollout leaves the rest to the targeting, so the shares are not known"
    weights = fractional_weights(targeting)
    if weights:
        return _parts(weights), "the weights of its definition"
    if targeting:
        return {}, "the targeting depends on who asks, so the shares are not known"
    if seen.definition is not None and seen.default_variant:
        return (
            {},
            "everybody gets the default variant, whichever it was at the time: there is nothing to compare",
        )
    return {}, "the definition is not known"


def _last_act(desk: Desk, key: str) -> datetime | None:
    """Return when somebody last switched a flag here: a kill, its undo, a rollout's stage."""
    newest, operations = None, set()
    for recorded in desk.journal.read_types(service_stream(desk), ("FlagActPlanned", "FlagActEnded")):
        event = recorded.event
        if isinstance(event, FlagActPlanned) and event.flag == key:
            operations.add(event.operation)
        if isinstance(event, (FlagActPlanned, FlagActEnded)) and event.operation in operations:
            newest = recorded.at
    return newest


def _steady(
    shares: dict[str, float], since: datetime | None, at: str, what: str
) -> tuple[dict[str, float], str]:
    """Return the shares, unless they changed while it was counted: then nothing can be compared."""
    try:
        changed = moment(at) if at else None
    except ValueError:
        changed = None
    if changed is None or since is None:
        return {}, f"whether it was counted since before {what} is not known"
    if since < changed:
        return {}, _MIXED.format(what)
    return shares, what


def fractional_weights(targeting: Any) -> dict[str, float]:
    """Return the weights of a flag whose whole targeting is one `fractional`; empty for anything else."""
    if not isinstance(targeting, dict) or set(targeting) != {"fractional"}:
        return {}
    parts = targeting["fractional"]
    if not isinstance(parts, list):
        return {}
    if parts and not isinstance(parts[0], list):
        parts = parts[1:]  # by what is bucketed
    found: dict[str, float] = {}
    for part in parts:
        if not isinstance(part, list) or not part or not isinstance(part[0], str) or len(part) > 2:
            return {}
        weight = part[1] if len(part) == 2 else 1
        if isinstance(weight, bool) or not isinstance(weight, (int, float)) or weight < 0:
            return {}
        found[part[0]] = found.get(part[0], 0.0) + weight
    return found


def _parts(weights: Mapping[str, float]) -> dict[str, float]:
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()} if total > 0 else {}
