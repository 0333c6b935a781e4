"""A flag file in YAML: where its keys and values stand; what they are is left to `flags.reading_yaml`."""

from __future__ import annotations

import re

from andon.errors import InvalidInput
from andon.flags.reading_yaml import read_yaml as values_of
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

#: Characters that stand in YAML only as an escape.
_HIDDEN = re.compile("[\x7f-\x9f\ud800-\udfff\ufeff\u2028\u2029\ufffe\uffff]|[^\t\n\r\x20-\U0010ffff]")


class Span(Record):
    """Where a key and its value stand, in characters."""

    key_start: int
    start: int
    end: int


class YamlFlags(Record):
    """A YAML document of flags."""

    document: dict[str, Any]
    flags: dict[str, Any]
    #: The document's own keys, in their order, and those of `flags`.
    spans: tuple[tuple[str, Span], ...]
    flag_spans: tuple[tuple[str, Span], ...]
    is_flow: bool
    first: int


def read_yaml(text: str, path: str) -> YamlFlags:
    """Read a flag file in YAML; raises InvalidInput with file and line."""
    import yaml  # type: ignore[import-untyped]  # half a dozen modules: only who reads YAML waits for them

    shift = 1 if text.startswith("\ufeff") else 0
    document, _ = values_of(text[shift:], path)
    if not isinstance(document, dict):
        raise InvalidInput("this is no YAML mapping of flags", where=f"{path}:1", rule="flag-file")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    events = _Events(list(yaml.parse(text[shift:], Loader=loader)), shift)
    spans = tuple(events.members(events.root, text))
    flags = next((at for key, _, at in spans if key == "flags"), -1)
    given = document.get("flags")
    flag_spans = tuple((key, span) for key, span, _ in events.members(flags, text))
    if isinstance(given, dict) and set(given) != {key for key, _ in flag_spans}:
        start = next(span.start for key, span, _ in spans if key == "flags")
        raise InvalidInput(
            "flags stand there by an alias, or have keys that are no texts",
            where=f"{path}:{text.count(chr(10), 0, start) + 1}",
            rule="flag-file",
        )
    return YamlFlags(
        document=document,
        flags=given if isinstance(given, dict) else {},
        spans=tuple((key, span) for key, span, _ in spans),
        flag_spans=flag_spans,
        is_flow=events.is_flow(events.root),
        first=spans[0][1].key_start if spans else shift,
    )


def yaml_text(json_text: str) -> str:
    """Return JSON, written without escapes of its own for letters, as it may stand in a YAML document."""
    return _HIDDEN.sub(lambda found: f"\\u{ord(found.group()):04x}", json_text)


class _Events:
    """The events of a document, with the positions that they began and ended at."""

    def __init__(self, events: list[Any], shift: int) -> None:
        self._events = events
        self._shift = shift
        self.root = next(
            (i for i, event in enumerate(events) if type(event).__name__ == "MappingStartEvent"), -1
        )

    def is_flow(self, at: int) -> bool:
        """Say whether the collection that begins with an event is written with braces."""
        return at >= 0 and bool(self._events[at].flow_style)

    def members(self, at: int, text: str) -> Iterator[tuple[str, Span, int]]:
        """Yield the keys of the mapping that begins at an event, and the event of each value."""
        if at < 0 or type(self._events[at]).__name__ != "MappingStartEvent":
            return
        at += 1
        while type(self._events[at]).__name__ != "MappingEndEvent":
            value, _ = self._over(at)
            after, end = self._over(value)
            key = self._events[at]
            if type(key).__name__ == "ScalarEvent":
                start = self._events[value].start_mark.index + self._shift
                begins = key.start_mark.index + self._shift
                end = start + len(text[start:end].rstrip())  # a block text ends with the lines after it
                yield str(key.value), Span(key_start=begins, start=start, end=end), value
            at = after

    def _over(self, at: int) -> tuple[int, int]:
        """Return the event after a node, and where the node's last character stands.

        The end of a block is told by what comes next, so the last thing in it counts instead.
        """
        flows: list[bool] = []
        end = 0
        while True:
            event = self._events[at]
            kind = type(event).__name__
            if kind in ("MappingStartEvent", "SequenceStartEvent"):
                flows.append(bool(event.flow_style))
            elif kind in ("MappingEndEvent", "SequenceEndEvent"):
                if flows.pop():
                    end = event.end_mark.index + self._shift
            else:
                end = event.end_mark.index + self._shift
            at += 1
            if not flows:
                return at, end
