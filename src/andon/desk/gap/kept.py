"""A search as JSON values and back: what is kept as evidence, and printed for programs."""

from __future__ import annotations

from enum import StrEnum

from andon.gaps.beliefs import Exchange
from andon.gaps.experiment import Curve, Difference, Held, Observed, Part, Replay
from andon.gaps.failure import Failure, Seen
from andon.gaps.verdict import Search, Verdict
from andon.gaps.words import Answer, Kind, Showed, Tier
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

#: Requests of one replay, and characters of what was sent, that are kept.
_REQUESTS, _SENT = 60, 500


def plain_search(found: Search) -> dict[str, Any]:
    """Return all of a search but its pictures and what was answered; what was sent is cut."""
    whole: dict[str, Any] = _plain(found)
    return whole


def read_search(plain: Mapping[str, Any]) -> Search:
    """Return the search `plain_search` made; raises KeyError, TypeError, ValueError for anything else."""
    return Search(
        **_fields(
            plain,
            Search,
            verdict=_verdict,
            failure=_failure,
            differences=_each(_difference),
            observed=_each(_observed),
            replays=lambda pairs: tuple((str(purpose), _replay(replay)) for purpose, replay in pairs),
            curves=_each(_curve),
        )
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Exchange):
        shown = {f: _plain(getattr(value, f)) for f in value.__fields__ if f != "headers"}
        # What was answered holds rows: of a world with production's data its customers'. It is not kept.
        return {**shown, "sent": value.sent[:_SENT], "answer": ""}
    if isinstance(value, Replay):
        kept = {f: _plain(getattr(value, f)) for f in value.__fields__ if f not in ("pictures", "exchanges")}
        return {**kept, "exchanges": [_plain(e) for e in value.exchanges[:_REQUESTS]]}
    if isinstance(value, Record):
        return {f: _plain(getattr(value, f)) for f in value.__fields__}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value


def _fields(plain: Mapping[str, Any], record: type[Record], **read: Any) -> dict[str, Any]:
    known = {f: v for f, v in plain.items() if f in record.__fields__}
    return {f: read[f](v) if f in read else _frozen(v) for f, v in known.items()}


def _each(read: Any) -> Any:
    return lambda values: tuple(read(one) for one in values)


def _verdict(plain: Mapping[str, Any]) -> Verdict:
    return Verdict(
        **_fields(
            plain,
            Verdict,
            answer=Answer,
            kinds=_each(Kind),
            tier=lambda word: Tier(word) if word else None,
        )
    )


def _difference(plain: Mapping[str, Any]) -> Difference:
    return Difference(**_fields(plain, Difference, kind=Kind))


def _observed(plain: Mapping[str, Any]) -> Observed:
    return Observed(
        **_fields(plain, Observed, kind=Kind, differences=_each(_difference), curves=_each(_curve))
    )


def _curve(plain: Mapping[str, Any]) -> Curve:
    return Curve(**_fields(plain, Curve))


def _part(plain: Mapping[str, Any]) -> Part:
    return Part(**_fields(plain, Part, kind=Kind))


def _held(plain: Mapping[str, Any]) -> Held:
    return Held(**_fields(plain, Held, kind=Kind))


def _exchange(plain: Mapping[str, Any]) -> Exchange:
    return Exchange(**_fields(plain, Exchange))


def _seen(plain: Mapping[str, Any] | None) -> Seen | None:
    return Seen(**_fields(plain, Seen)) if plain else None


def _failure(plain: Mapping[str, Any] | None) -> Failure | None:
    return Failure(**_fields(plain, Failure)) if plain else None


def _replay(plain: Mapping[str, Any]) -> Replay:
    return Replay(
        **_fields(
            plain,
            Replay,
            parts=_each(_part),
            showed=Showed,
            seen=_seen,
            held=_each(_held),
            exchanges=_each(_exchange),
        )
    )


def _frozen(value: Any) -> Any:
    return tuple(_frozen(one) for one in value) if isinstance(value, list | tuple) else value
