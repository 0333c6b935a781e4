"""Taking a flag's definition out of a flag file, JSON or YAML, with every other byte left as it is. Pure."""

from __future__ import annotations

from andon.flags.hygiene.places import flag_places, is_json
from andon.flags.hygiene.splicing import whole_lines


def without_definition(text: str, key: str) -> str | None:
    """Return the file's text without a flag; None when its place is not surely known.

    Whether the rest still says the same is for the caller to read again.
    """
    place = flag_places(text).get(key)
    if place is None:
        return None
    if is_json(text):
        return _in_json(text, place.start, place.end)
    return _in_yaml(text, place.start, place.end)


def _in_json(text: str, start: int, end: int) -> str:
    after = end
    while text[after : after + 1] in (" ", "\t", "\r", "\n") and after < len(text):
        after += 1
    if text[after : after + 1] == ",":
        first, last = whole_lines(text, start, after + 1)
        return text[:first] + text[last:].lstrip(" ") if first == start else text[:first] + text[last:]
    before = len(text[:start].rstrip())
    if text[before - 1 : before] == ",":
        return text[: before - 1] + text[end:]
    first, last = whole_lines(text, start, end)
    return text[:first] + text[last:]


def _in_yaml(text: str, start: int, end: int) -> str | None:
    first = text.rfind("\n", 0, start) + 1
    if text[first:start].strip():
        return None  # on one line with others
    lines = text[start:end].split("\n")
    # The parser counts what stands before the next flag, comments too, to this one.
    while len(lines) > 1 and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    last = start + len("\n".join(lines))
    if text[last : last + 1] == "\n":
        last += 1
    return text[:first] + text[last:]
