"""A flag file in YAML: its values as flagd takes them, and where its keys and values stand in the text.

Words are what flagd's reader makes of them: `on` and `off` are texts, so are dates; only `true` and `false`
are booleans.
"""

from __future__ import annotations

import re

from andon.errors import InvalidInput
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

#: Values that a document may have once its aliases are written out: some kilobytes can stand for billions.
MOST_VALUES = 500_000
#: Characters that stand in YAML only as an escape.
_HIDDEN = re.compile("[\x7f-\x9f\ud800-\udfff\ufeff\u2028\u2029\ufffe\uffff]|[^\t\n\r\x20-\U0010ffff]")

_FLOAT = r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$"


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
    import yaml  # half a dozen modules: only who reads YAML waits for them

    shift = 1 if text.startswith("\ufeff") else 0
    try:
        loader = _loader()(text[shift:])
        try:
            node = loader.get_single_node()
            document = _plain(loader.construct_document(node), [MOST_VALUES], ()) if node else None
        finally:
            loader.dispose()
        events = _Events(list(yaml.parse(text[shift:], Loader=_loader())), shift)
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        raise _wrong(problem, path) from problem
    if not isinstance(document, dict):
        raise InvalidInput("this is no YAML mapping of flags", where=f"{path}:1", rule="flag-file")
    spans = tuple(events.members(events.root, text))
    flags = next((at for key, _, at in spans if key == "flags"), -1)
    given = document.get("flags")
    flag_spans = tuple((key, span) for key, span, _ in events.members(flags, text))
    if isinstance(given, dict) and set(given) != {key for key, _ in flag_spans}:
        start = next(span.start for key, span, _ in spans if key == "flags")
        raise InvalidInput(
            "flags are merged in from elsewhere, or have keys that are no texts",
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


def _plain(value: Any, room: list[int], above: tuple[int, ...]) -> Any:
    """Return a value with texts as keys and without what is shared; raises ValueError for too much of it."""
    room[0] -= 1
    if room[0] < 0 or id(value) in above:
        raise ValueError("its aliases stand for too much, or for themselves")
    if isinstance(value, dict):
        inner = (*above, id(value))
        return {_key(k): _plain(v, room, inner) for k, v in value.items()}
    if isinstance(value, list):
        inner = (*above, id(value))
        return [_plain(v, room, inner) for v in value]
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise ValueError("there is a value that JSON does not have")


def _key(key: object) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return "null" if key is None else str(key)


def _loader() -> Any:
    """Return the reader, made once: the quick one where the library has it."""
    if not _MADE:
        import yaml

        class Reader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
            """Reads words as flagd does."""

            yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - the library's way to say it

        for tag, pattern, first in (
            ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
            ("int", r"^[-+]?(?:0|[1-9][0-9]{0,300})$", "-+0123456789"),
            (
                "float",
                _FLOAT,
                "-+.0123456789",
            ),
            ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
            ("merge", r"^(?:<<)$", "<"),
        ):
            Reader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))
        _MADE.append(Reader)
    return _MADE[0]


_MADE: list[Any] = []


def _wrong(problem: Exception, path: str) -> InvalidInput:
    mark = getattr(problem, "problem_mark", None) or getattr(problem, "context_mark", None)
    line = mark.line + 1 if mark is not None else 1
    told = getattr(problem, "problem", None) or str(problem) or "it is nested too deeply"
    if isinstance(problem, RecursionError):
        told = "it is nested too deeply"
    return InvalidInput(
        f"this is no YAML: {told}",
        where=f"{path}:{line}",
        rule="flag-file",
        remedy="mend the file, then: andon flags",
    )
