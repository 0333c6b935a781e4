"""Reading settings files as far as names, values and lines go: YAML by its indentation, JSON, TOML, .env.

No YAML library: what is read here may be anybody's, and a name with its line is all that is wanted. Whatever
cannot be read gives nothing.
"""

from __future__ import annotations

import json
import re
import tomllib

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_KEY = re.compile(r"""^(\s{0,80})((?:-\s{1,4})*)["']?([\w.$/@-]{1,120})["']?\s{0,8}:(?:\s+(.{0,200}))?$""")
_ITEM = re.compile(r"""^(\s{0,80})-\s{1,4}["']?([\w.-]{1,120})(?:=(.{0,200}))?["']?\s*$""")
#: A key of JSON or TOML, or the heading of a table.
_NAME = re.compile(
    r""""([^"\n]{1,120})"\s{0,4}[:=]|^\s{0,20}([\w.-]{1,120})\s{0,4}=|^\[{1,2}([^\]\n]{1,120})\]"""
)
_PAIR = re.compile(r"^\s{0,20}(?:export\s+)?([A-Za-z_]\w{0,119})\s{0,4}=(.{0,400})")
#: Values of one file that are read; a larger file is no settings file.
_MOST = 20_000


class Setting(Record):
    """A value with the way to it."""

    #: Names from the outside in; a list's item adds `-`.
    names: tuple[str, ...]
    value: str
    line: int


def read_settings(path: str, text: str) -> tuple[Setting, ...]:
    """Return every value of a settings file, by the file's ending; nothing for one that cannot be read."""
    lowered = path.lower()
    if lowered.endswith((".yml", ".yaml")):
        return tuple(_yaml(text))
    try:
        if lowered.endswith((".json", ".jsonc")):
            return tuple(_nested(json.loads(text), text))
        if lowered.endswith(".toml"):
            return tuple(_nested(tomllib.loads(text), text))
    except (ValueError, RecursionError):
        return ()
    return tuple(_pairs(text))


def _pairs(text: str) -> Iterator[Setting]:
    for number, line in enumerate(text.splitlines()[:_MOST], start=1):
        if match := _PAIR.match(line):
            yield Setting(names=(match[1],), value=_bare(match[2]), line=number)


def _yaml(text: str) -> Iterator[Setting]:
    """Follow the indentation: enough for the settings of compose, manifests, charts and flags."""
    above: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines()[:_MOST], start=1):
        if line.startswith("---"):
            above.clear()
        if match := _KEY.match(line):
            depth = len(match[1]) + len(match[2])
            while above and above[-1][0] >= depth:
                above.pop()
            value = _bare(match[4] or "")
            names = (*(name for _, name in above), match[3])
            yield Setting(names=names, value=value, line=number)
            above.append((depth, match[3]))
        elif match := _ITEM.match(line):
            depth = len(match[1])
            while above and above[-1][0] > depth:
                above.pop()
            names = (*(name for _, name in above), match[2])
            yield Setting(names=(*names[:-1], "-", names[-1]), value=_bare(match[3] or ""), line=number)


def _bare(value: str) -> str:
    """Return a value without its quotes and the comment behind it."""
    value = value.strip()
    if value[:1] in "\"'" and value[:1] and value.find(value[0], 1) > 0:
        return value[1 : value.find(value[0], 1)]
    return value.partition(" #")[0].strip()


def _nested(value: object, text: str) -> Iterator[Setting]:
    """Walk parsed values without recursion."""
    waiting: list[tuple[tuple[str, ...], object]] = [((), value)]
    seen = 0
    lines = _lines(text)
    while waiting and seen < _MOST:
        names, part = waiting.pop()
        seen += 1
        if isinstance(part, dict):
            waiting.extend(((*names, str(key)), inner) for key, inner in reversed(part.items()))
        elif isinstance(part, list):
            waiting.extend(((*names, "-"), inner) for inner in reversed(part))
        elif names:
            plain = str(part).lower() if isinstance(part, bool) or part is None else str(part)
            yield Setting(names=names, value=plain[:200], line=_line(names, lines))


def _lines(text: str) -> dict[str, list[int]]:
    """Return the lines on which each name is given a value."""
    found: dict[str, list[int]] = {}
    for number, line in enumerate(text.splitlines()[:_MOST], start=1):
        for match in _NAME.finditer(line):
            names = match[3].split(".") if match[3] else (match[1] or match[2],)
            for name in names:
                found.setdefault(name.strip("\"' "), []).append(number)
    return found


def _line(names: tuple[str, ...], lines: dict[str, list[int]]) -> int:
    """Return the line of the innermost name that stands on one line only, else where the innermost begins."""
    alone = next((lines[name][0] for name in reversed(names) if len(lines.get(name, ())) == 1), 0)
    return alone or next((lines[name][0] for name in reversed(names) if name in lines), 0)
