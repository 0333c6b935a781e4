"""Values for every field of every event, made from the fields' declared types: for codec and timeline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from functools import cache

from hypothesis import strategies as st

from andon.incident import events as e
from andon.incident.codec import _annotation, event_types, type_named
from andon.record import Record

#: What people, alerts, logs and attackers write.
HOSTILE = (
    "",
    " ",
    "\x1b[2J\x1b[31mred",
    "\x00\x07\x08\x7f\x9b",
    "a\r\nb\u2028c\u0085d",
    "\u202egnp.exe",
    '"; DROP TABLE events; --',
    "</script><script>alert(1)</script>",
    "${jndi:ldap://x}",
    "😀" * 30,
    "null",
    '{"a": 1}',
    "\\u0041 \\",
)
TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40))
MOMENTS = st.datetimes(
    min_value=datetime(1, 1, 2),  # noqa: DTZ001 - the strategy adds the zone
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=st.sampled_from((UTC, timezone(timedelta(hours=5, minutes=45)))),
)
_PLAIN = {
    "str": TEXTS,
    "int": st.integers(-(2**53), 2**53),
    "float": st.floats(allow_nan=False),
    "bool": st.booleans(),
    "datetime": MOMENTS,
}


def _values(of: type, annotation: str) -> st.SearchStrategy[object]:
    if annotation.endswith(" | None"):
        return st.none() | _values(of, annotation.removesuffix(" | None"))
    if annotation.startswith("tuple["):
        return st.lists(_values(of, annotation[6:-6]), max_size=3).map(tuple)
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    kind = type_named(of, annotation)
    if kind is None:
        return TEXTS  # the identities: text to the type checker's eyes only
    return st.sampled_from(list(kind)) if issubclass(kind, StrEnum) else records(kind)


@cache
def records(kind: type[Record]) -> st.SearchStrategy[Record]:
    """Return a strategy for records of a class, each field by its declared type."""
    return st.builds(kind, **{field: _values(kind, _annotation(kind, field)) for field in kind.__fields__})


EVENTS = st.one_of(*(records(kind) for kind in event_types().values()))


def one_of_each() -> dict[str, e.Event]:
    """Return one plain event of every class, by name."""
    plain = {
        "str": "word",
        "int": 3,
        "float": 1.5,
        "bool": True,
        "datetime": datetime(2026, 3, 1, 2, tzinfo=UTC),
    }

    def value(of: type, annotation: str) -> object:
        annotation = annotation.removesuffix(" | None")
        if annotation.startswith("tuple["):
            return (value(of, annotation[6:-6]),)
        if annotation in plain:
            return plain[annotation]
        kind = type_named(of, annotation)
        if kind is None:
            return "word"
        return next(iter(kind)) if issubclass(kind, StrEnum) else made(kind)

    def made(kind: type[Record]) -> Record:
        return kind(**{field: value(kind, _annotation(kind, field)) for field in kind.__fields__})

    return {name: made(kind) for name, kind in event_types().items()} | {
        "UnknownEvent": e.UnknownEvent(type="FlagKilled", body='{"flag":"x"}')
    }
