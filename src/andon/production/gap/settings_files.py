"""A file of settings that the application reads itself, with some of its values as in production.

Written in the experiment's own directory in the format of the tests' file; the original is never touched.
"""

from __future__ import annotations

import copy
import json
import math
import os
import re
from datetime import date, datetime
from datetime import time as time_of_day

import yaml  # type: ignore[import-untyped]

from andon.errors import Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

#: Stands for a value that production has not.
ABSENT = object()
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def value_at(document: object, key: str) -> object:
    """Return what a dotted key of a document holds; ABSENT when it is not there."""
    for part in _path(document, key):
        if isinstance(document, dict) and part in document:
            document = document[part]
        elif isinstance(document, list) and part.isdigit() and int(part) < len(document):
            document = document[int(part)]
        else:
            return ABSENT
    return document


def mixed(document: object, changes: Mapping[str, object]) -> object:
    """Return a copy of a document with dotted keys set, or taken away where the value is ABSENT."""
    made = copy.deepcopy(document)
    # From the end of a list, so that what is taken away moves nothing that is still to be changed.
    for key in sorted(changes, key=_order, reverse=True):
        _put(made, _path(made, key), changes[key])
    return made


def _order(key: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (0, part) for part in key.split(".")]


def _path(document: object, key: str) -> list[str]:
    """Return the keys that a dotted key is made of; a key may itself have dots."""
    if not isinstance(document, dict):
        return key.split(".")
    names = sorted((str(name) for name in document), key=len, reverse=True)
    for name in names:
        if key == name:
            return [name]
        if key.startswith(f"{name}."):
            return [name, *_path(document[name], key[len(name) + 1 :])]
    return key.split(".")


def _put(document: object, path: list[str], value: object) -> None:
    *above, last = path
    for part in above:
        if isinstance(document, dict):
            document = document.setdefault(part, {})
        elif isinstance(document, list) and part.isdigit() and int(part) < len(document):
            document = document[int(part)]
        else:
            return
    if isinstance(document, dict):
        if value is ABSENT:
            document.pop(last, None)
        else:
            document[last] = value
    elif isinstance(document, list) and last.isdigit():
        _put_in_list(document, int(last), value)


def _put_in_list(document: list[Any], number: int, value: object) -> None:
    if value is ABSENT:
        del document[number : number + 1]
    elif number < len(document):
        document[number] = value
    else:
        document.append(value)


def write(document: object, kind: str, original: str, home: str) -> str:
    """Write a document as `json`, `yaml` or `toml` below `home` and return where; raises Unavailable.

    It is as readable by others as its original is not: by its owner alone.
    """
    place = os.path.join(home, f"andon-{os.path.basename(original)}")
    try:
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(_as_text(document, kind))
    except OSError as problem:
        raise Unavailable(f"the mixed settings cannot be written: {problem.strerror}") from problem
    return place


def _as_text(document: object, kind: str) -> str:
    if kind == "json":
        return json.dumps(document, ensure_ascii=False, indent=2)
    if kind == "yaml":
        return str(yaml.safe_dump(document, allow_unicode=True, sort_keys=False))
    return "\n".join(_toml_table(document, ())) + "\n" if isinstance(document, dict) else ""


def _toml_table(table: Mapping[str, object], path: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines of a table: plain values first, then what has a heading of its own (toml.io, 1.0)."""
    below = {key: value for key, value in table.items() if isinstance(value, dict)}
    yield from (f"{_toml_key(key)} = {_toml(value)}" for key, value in table.items() if key not in below)
    for key, value in below.items():
        yield f"[{'.'.join(_toml_key(part) for part in (*path, key))}]"
        yield from _toml_table(value, (*path, key))


def _toml_key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _toml(key)


def _toml(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case float() if math.isinf(value) or math.isnan(value):
            return f"{value}"
        case int() | float():
            return repr(value)
        case datetime() | date() | time_of_day():
            return value.isoformat()
        case list():
            return f"[{', '.join(_toml(one) for one in value)}]"
        case dict():
            return f"{{ {', '.join(f'{_toml_key(k)} = {_toml(v)}' for k, v in value.items())} }}"
        case _:
            # A basic string escapes as JSON does, and DEL besides.
            return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
