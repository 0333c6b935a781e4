"""Where the flags of a flagd file stand in its text, so that one can be replaced and the rest stays as it is.

JSON and YAML. Nothing here reads or writes a file; what a flag means is left to `andon.flags`.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache

from andon.errors import InvalidInput
from andon.flags.reading import read_document
from andon.production.flag_yaml import read_yaml
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: The member of the document in which Andon keeps what stands above the flags, and what was there before.
KEPT = "$andon"
_BLANK = re.compile(r"[ \t\n\r]*")


class Member(Record):
    """A key of an object with its value: where it stands (characters), and what it is."""

    key: str
    key_start: int
    start: int
    end: int
    value: Any


class Outline(Record):
    """A flag file's text, taken apart."""

    path: str
    text: str
    is_yaml: bool
    #: In YAML: True when the document is written with braces.
    is_flow: bool
    #: Where the document's first key stands, or would stand.
    first: int
    root: tuple[Member, ...]
    #: The last of each key, as every reader takes it.
    flags: dict[str, Member]

    def member(self, key: str) -> Member | None:
        """Return a member of the document itself; None when it is not there."""
        return next((member for member in reversed(self.root) if member.key == key), None)

    def line(self, at: int) -> int:
        """Return the number of a line, counted from 1."""
        return self.text.count("\n", 0, at) + 1


@lru_cache(maxsize=4)  # one act asks for the same two texts several times, and YAML is slow to read
def outline(text: str, path: str) -> Outline:
    """Take a flag file apart; raises InvalidInput with file and line for what no reader of flags takes.

    What is returned is shared, and nobody's to change.
    """
    is_yaml = path.endswith((".yaml", ".yml"))
    found = _of_yaml(text, path) if is_yaml else _of_json(text, path)
    for name in ("flags", KEPT):
        twice = [member for member in found.root if member.key == name]
        if len(twice) > 1:
            raise _wrong(found.text, path, twice[1].key_start, f"{name} stands there twice")
    flags = found.member("flags")
    if flags is None:
        raise _wrong(text, path, found.first, "there is no object `flags`")
    if not isinstance(flags.value, dict):
        raise _wrong(text, path, flags.start, "`flags` is no object of flags by their keys")
    return found


def replaced(text: str, member: Member, value: str) -> str:
    """Return the text with another text for a value; nothing else changes."""
    return text[: member.start] + value + text[member.end :]


def canonical(value: object) -> str:
    """Return a value as text that is the same for the same value, however it was written: 5.0 is 5."""
    return json.dumps(_whole(value), sort_keys=True, separators=(",", ":"))


def _whole(value: object) -> object:
    if isinstance(value, dict):
        return {key: _whole(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def same_beside(one: Outline, other: Outline, key: str) -> bool:
    """Say whether two documents agree in everything but one flag and what Andon keeps there."""
    return canonical(_without(one, key)) == canonical(_without(other, key))


def _without(found: Outline, key: str) -> dict[str, Any]:
    root = {member.key: member.value for member in found.root if member.key != KEPT}
    return {**root, "flags": {name: flag.value for name, flag in found.flags.items() if name != key}}


# ---- JSON


def _of_json(text: str, path: str) -> Outline:
    at = 1 if text.startswith("\ufeff") else 0
    start = _skip(text, at)
    if text[start : start + 1] != "{":
        raise _wrong(text, path, start, "this is no JSON object of flags")
    flags: dict[str, Member] = {}
    try:
        root, end = _members(text, path, start, flags)
    except RecursionError as problem:
        read_document(text.encode("utf-8", "surrogatepass"), path)  # refuses it, and knows the line
        raise _wrong(text, path, start, "it is nested too deeply") from problem
    if _skip(text, end) != len(text):
        raise _wrong(text, path, _skip(text, end), "something follows the end of the document")
    return Outline(path=path, text=text, is_yaml=False, is_flow=True, first=start + 1, root=root, flags=flags)


def _members(
    text: str, path: str, at: int, flags: dict[str, Member] | None = None
) -> tuple[tuple[Member, ...], int]:
    """Return the members of the object that begins at `at`, and its end; fill `flags` from its `flags`."""
    found: list[Member] = []
    at = _skip(text, at + 1)
    if text[at : at + 1] == "}":
        return (), at + 1
    while True:
        key_start = at
        if text[at : at + 1] != '"':
            raise _wrong(text, path, at, "a key in quotes is missing")
        key, at = _value(text, path, at)
        at = _skip(text, at)
        if text[at : at + 1] != ":":
            raise _wrong(text, path, at, "a colon is missing")
        start = at = _skip(text, at + 1)
        if flags is not None and key == "flags" and text[at : at + 1] == "{":
            inner, at = _members(text, path, at)
            flags.update((member.key, member) for member in inner)
            value: Any = {member.key: member.value for member in inner}
        else:
            value, at = _value(text, path, at)
        found.append(Member(key=key, key_start=key_start, start=start, end=at, value=value))
        at = _skip(text, at)
        if text[at : at + 1] == "}":
            return tuple(found), at + 1
        if text[at : at + 1] != ",":
            raise _wrong(text, path, at, "a comma or a closing brace is missing")
        at = _skip(text, at + 1)


def _value(text: str, path: str, at: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except json.JSONDecodeError as problem:
        raise _wrong(text, path, problem.pos, f"this is no JSON: {problem.msg}") from problem
    except ValueError as problem:
        raise _wrong(text, path, at, "a number is not one of JSON's, or too long") from problem


def _no_constant(name: str) -> Any:
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def _skip(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank is not None else at


# ---- YAML


def _of_yaml(text: str, path: str) -> Outline:
    found = read_yaml(text, path)
    root, flags = (
        tuple(
            Member(key=k, key_start=s.key_start, start=s.start, end=s.end, value=values.get(k))
            for k, s, values in (
                (key, span, found.flags if level else found.document)
                for key, span in (found.flag_spans if level else found.spans)
            )
        )
        for level in (0, 1)
    )
    return Outline(
        path=path,
        text=text,
        is_yaml=True,
        is_flow=found.is_flow,
        first=found.first,
        root=root,
        flags={member.key: member for member in flags},
    )


def _wrong(text: str, path: str, at: int, message: str) -> InvalidInput:
    line = text.count("\n", 0, at) + 1
    return InvalidInput(
        message, where=f"{path}:{line}", rule="flag-file", remedy="mend the file, then: andon flags"
    )
