"""Where each flag of a flag file stands, in lines and characters: JSON by its signs, YAML by its nodes.

Places are for people and for edits that leave every other byte as it is; what a flag means is read elsewhere.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: Characters of a file in which places are looked for.
MOST_CHARACTERS = 10_000_000


class FlagPlace(Record):
    """One flag's member of the file's `flags`."""

    key: str
    #: Offsets of the member from its key to the end of its value.
    start: int
    end: int
    #: First and last line, from 1.
    line: int
    end_line: int


def flag_places(text: str) -> dict[str, FlagPlace]:
    """Return where each flag is defined; of a key that stands there twice the last, which is in force.

    Empty for what is neither JSON nor YAML.
    """
    if len(text) > MOST_CHARACTERS:
        return {}
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    try:
        members = list(_in_json(text)) if is_json(text) else list(_in_yaml(text))
    except (ValueError, RecursionError):
        return {}
    found: dict[str, FlagPlace] = {}
    for key, start, end in members:
        first, last = bisect_right(starts, start), bisect_right(starts, max(start, end - 1))
        found[key] = FlagPlace(key=key, start=start, end=end, line=first, end_line=last)
    return found


def is_json(text: str) -> bool:
    """True for a text whose first sign opens a JSON object."""
    return text.lstrip("\ufeff \t\r\n")[:1] == "{"


def _in_json(text: str) -> Iterator[tuple[str, int, int]]:
    at = text.index("{")
    for key, _, value, _ in members_of(text, at):
        if key == "flags" and text[value : value + 1] == "{":
            for flag, start, _, end in members_of(text, value):
                yield flag, start, end


def members_of(text: str, at: int) -> Iterator[tuple[str, int, int, int]]:
    """Yield (key, start of the key, start and end of the value) of the JSON object that opens at `at`.

    Raises ValueError for what is not JSON.
    """
    from json import JSONDecoder
    from json.decoder import scanstring  # type: ignore[attr-defined]  # documented, not typed

    decode = JSONDecoder().raw_decode
    at = _next(text, at + 1)
    while text[at : at + 1] == '"':
        start = at
        key, at = scanstring(text, at + 1)
        at = _next(text, at)
        if text[at : at + 1] != ":":
            raise ValueError("no colon after a key")
        value = _next(text, at + 1)
        _, end = decode(text, value)
        yield key, start, value, end
        at = _next(text, end)
        if text[at : at + 1] != ",":
            return
        at = _next(text, at + 1)


def _next(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n\ufeff":
        at += 1
    return at


def _in_yaml(text: str) -> Iterator[tuple[str, int, int]]:
    import yaml  # type: ignore[import-untyped, unused-ignore]

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as problem:
        raise ValueError(str(problem)) from problem
    if not isinstance(root, yaml.MappingNode):
        return
    for name, value in root.value:
        if name.value == "flags" and isinstance(value, yaml.MappingNode):
            for key, flag in value.value:
                if isinstance(key, yaml.ScalarNode):
                    yield str(key.value), key.start_mark.index, flag.end_mark.index
