"""JSON of a flag file: quickly, and once more slowly for who wants to know in which line something stands."""

from __future__ import annotations

import json

from andon.flags.reading import refuse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from andon.flags.definitions import Pointer


class _Twice(Exception):
    """A key stands twice in one object."""


class _NoNumber(Exception):
    """NaN or Infinity, which JSON has not."""


def read_json(text: str, path: str) -> Any:
    """Return what a text says; raises InvalidInput with the line."""
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as problem:
        is_short = not text[problem.pos :].strip() or problem.msg.startswith("Unterminated")
        told = "the file ends in the middle: half-written?" if is_short else f"no JSON: {problem.msg}"
        refuse(told, path, problem.lineno)
    except _Twice:
        key, line, first = next(_twice(text))
        refuse(f"the key {key[:60]!a} stands here again, first in line {first}", path, line)
    except _NoNumber as problem:
        refuse(f"{problem} is no number in JSON", path, _line_of_constant(text))
    except RecursionError:
        refuse("nested too deeply to be read", path, _deepest(text))
    except ValueError:
        refuse("a number has too many digits", path, 1)


def lines_of(text: str) -> dict[Pointer, int]:
    """Return the line of every value of a text that was read before; of a member, its key's line."""
    return {pointer: line for pointer, line, _ in _members(text)}


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Twice
    return made


def _constant(name: str) -> Any:
    raise _NoNumber(name)


def _twice(text: str) -> Iterator[tuple[str, int, int]]:
    seen: dict[tuple[Pointer, int], int] = {}
    for pointer, line, owner in _members(text):
        if pointer and isinstance(pointer[-1], str):
            first = seen.setdefault((pointer, owner), line)
            if first != line or seen.get((pointer, -owner - 1)) is not None:
                yield pointer[-1], line, first
            seen[(pointer, -owner - 1)] = line


def _members(text: str) -> Iterator[tuple[Pointer, int, int]]:
    """Each value of a valid text: its place, its line, and the number of the object or list that it is in."""
    line, objects = 1, 0
    #: What is open: its place, its number, and the key or index of what comes next.
    open_ones: list[tuple[Pointer, int, str | int]] = []
    key: str | int | None = None
    for piece, start_line in _pieces(text):
        line = start_line
        if piece in ",:":
            continue
        if piece in "]}":
            place, number, _ = open_ones.pop()
            key = None
            _step(open_ones)
            continue
        if open_ones and open_ones[-1][2] == "" and key is None:  # an object waits for a key
            key = json.loads(piece)
            place, number, _ = open_ones[-1]
            yield (*place, key), line, number
            continue
        above: Pointer = ()
        if open_ones:
            place, number, index = open_ones[-1]
            above = (*place, index if key is None else key)
            if key is None:
                yield above, line, number
        key = None
        if piece in "[{":
            objects += 1
            open_ones.append((above, objects, 0 if piece == "[" else ""))
        else:
            _step(open_ones)


def _step(open_ones: list[tuple[Pointer, int, str | int]]) -> None:
    """Go on to a list's next place."""
    if open_ones:
        place, number, index = open_ones[-1]
        if isinstance(index, int):
            open_ones[-1] = (place, number, index + 1)


def _pieces(text: str) -> Iterator[tuple[str, int]]:
    """The tokens of JSON with their lines."""
    import re  # only for who asks for lines

    line, end = 1, 0
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+', text, re.DOTALL):
        line += text.count("\n", end, match.start())
        end = match.start()
        yield match.group(), line


def _deepest(text: str) -> int:
    """The line in which the five hundredth level is reached: some line where it is too deep."""
    depth = 0
    for piece, line in _pieces(text):
        depth += (piece in "[{") - (piece in "]}")
        if depth > 500:
            return line
    return 1


def _line_of_constant(text: str) -> int:
    return next((line for piece, line in _pieces(text) if piece in ("NaN", "Infinity", "-Infinity")), 1)
