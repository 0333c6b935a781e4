"""Events to JSON text and back, by the fields' declared types. Tolerant of the past and of the future.

A field that an older Andon did not write takes its default; a field this Andon does not know is ignored; a
type this Andon does not know becomes `UnknownEvent` and keeps its text. Decoders are built once per class.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from enum import StrEnum

from andon.errors import InvalidInput
from andon.incident.json_text import canonical as canonical_text
from andon.incident.json_text import loads
from andon.incident.moment_events import UnknownEvent
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from andon.incident.events import Event

    Decoder = Callable[[Any], Any]

#: Where events are, those of a gate first: a module is loaded when an event was not in those before it.
_MODULES = (
    "moment_events",
    "hotfix_events",
    "gate_events",
    "service_events",
    "acting_events",
    "finding_events",
    "review_events",
    "approval_events",
    "leak_events",
    "flag_events",
    "gap_events",
)
#: What can stand in a history by itself, of the modules that were looked into so far.
_found: dict[str, type[Record]] = {}
_seen: set[str] = set()
_PLAIN = frozenset(("str", "int", "float", "bool", "IncidentId", "EventId", "CommandId", "EvidenceHash"))
_decoders: dict[type, tuple[tuple[str, Decoder | None], ...]] = {}


def timestamp(moment: datetime) -> str:
    """Return `moment` as ISO 8601 in UTC with microseconds and `Z`, which sorts as text."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def moment(text: str) -> datetime:
    """Read what `timestamp` wrote; raises ValueError."""
    return datetime.fromisoformat(text)


def type_of(event: Event) -> str:
    """Return the name under which `event` is stored."""
    return event.type if isinstance(event, UnknownEvent) else type(event).__name__


def canonical(value: object) -> str:
    """Return JSON with sorted keys and no spaces: the same value always gives the same text."""
    return canonical_text(value, _plain)


def encode(event: Event) -> str:
    """Return the canonical JSON text of an event's fields; defaults are left out."""
    if isinstance(event, UnknownEvent):
        return event.body
    return canonical(fields_of(event))


def fields_of(record: Record) -> dict[str, Any]:
    """Return a record's fields that differ from their defaults."""
    defaults = record.__defaults__
    given = {}
    for field in record.__fields__:
        value = getattr(record, field)
        if field in defaults and value == defaults[field]:
            continue
        given[field] = value
    return given


def decode(kind: str, body: str) -> Event:
    """Return the event stored under `kind`; raises InvalidInput when its text cannot be one."""
    cls = _found.get(kind) or _looked_up(kind)
    if cls is None:
        return UnknownEvent(type=kind, body=body)
    try:
        event: Event = _build(cls, loads(body))
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError) as problem:
        raise InvalidInput(
            f"a stored {kind} cannot be read: {problem}", where=kind, remedy="andon audit"
        ) from problem
    return event


def event_types() -> dict[str, type[Record]]:
    """Return every class of events by its name."""
    _looked_up("")
    return dict(_found)


def _looked_up(kind: str) -> type[Record] | None:
    """Return the class of an event, loading module after module; None for one of a newer Andon."""
    from importlib import import_module

    for place in _MODULES:
        if kind in _found:
            break
        if place in _seen:
            continue
        module = import_module(f"andon.incident.{place}")
        _found.update(
            (name, cls)
            for name, cls in vars(module).items()
            if isinstance(cls, type) and issubclass(cls, Record) and cls.__module__ == module.__name__
            if cls is not UnknownEvent
        )
        _seen.add(place)  # last: another thread may be looking too
    return _found.get(kind)


def _plain(value: object) -> object:
    if isinstance(value, Record):
        return fields_of(value)
    if isinstance(value, datetime):
        return timestamp(value)
    raise TypeError(f"{type(value).__name__} cannot be stored")


def _build(cls: type[Any], stored: dict[str, Any]) -> Any:
    plan = _decoders.get(cls)
    if plan is None:
        plan = _decoders[cls] = tuple((f, _decoder(cls, _annotation(cls, f))) for f in cls.__fields__)
    given = {}
    for field, decoder in plan:
        if field in stored:
            value = stored[field]
            given[field] = value if decoder is None or value is None else decoder(value)
    return cls(**given)


def _annotation(cls: type, field: str) -> str:
    for base in cls.__mro__:
        kinds = base.__dict__.get("__annotations__", {})  # noqa: RUF063 - inspect costs 5 ms of start-up
        if field in kinds:
            return str(kinds[field])
    raise KeyError(field)


def type_named(cls: type, name: str) -> type[Any] | None:
    """Return the record or enumeration that an annotation of a class names; None when it names no such."""
    found = vars(sys.modules[cls.__module__]).get(name)
    return found if isinstance(found, type) and issubclass(found, (Record, StrEnum)) else None


def _decoder(cls: type, annotation: str) -> Decoder | None:
    """Return what turns stored JSON into the annotated type; None when it is stored as it is."""
    kind = annotation.removesuffix(" | None")
    if kind in _PLAIN:
        return None
    if kind == "datetime":
        return moment
    if kind.startswith("tuple[") and kind.endswith(", ...]"):
        inner = _decoder(cls, kind[6:-6])
        return tuple if inner is None else lambda values: tuple(map(inner, values))
    target = type_named(cls, kind)
    if target is None:
        raise KeyError(kind)
    if issubclass(target, StrEnum):
        return target
    return lambda stored: _build(target, stored)
