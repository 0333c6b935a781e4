"""Dotted paths into a JSON document: what is there, and whether it is what was expected. Pure."""

from __future__ import annotations

import json
import re

from andon.production.process import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: A dot that parts two steps; `\.` is a dot inside a name.
_STEP = re.compile(r"(?<!\\)\.")
#: Digits of a list's index that are still read as one, and characters of a value that are shown.
_DIGITS, _SHOWN = 9, 120
_NOTHING = object()


class NotJson(Exception):
    """The body cannot be read as JSON; the text says why."""


def read_json(content: bytes) -> object:
    """Return the document in `content`; raises NotJson, also where it is nested too deep."""
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise NotJson("the body is not JSON: it is not UTF-8") from error
    except RecursionError as error:
        raise NotJson("the body's JSON is nested too deep to be read") from error
    except ValueError as error:
        raise NotJson("the body is not JSON") from error


def complaint(
    document: object, has: Sequence[str], equals: Sequence[tuple[str, str | int | float | bool]]
) -> str:
    """Return what is not as expected, "" when all is; numbers are never equal to true or false."""
    for path in has:
        if _at(document, path) is _NOTHING:
            return f"{path} is missing"
    for path, expected in equals:
        found = _at(document, path)
        if isinstance(found, bool) is not isinstance(expected, bool) or found != expected:
            return f"{path} is {_said(found)}, expected {_said(expected)}"
    return ""


def _at(document: object, path: str) -> object:
    """Return what is at a dotted path (`checks.0.ok`); _NOTHING when there is no such place."""
    for part in _STEP.split(path):
        step = part.replace("\\.", ".")
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif (
            isinstance(document, list)
            and step.isascii()
            and step.isdigit()
            and len(step) <= _DIGITS
            and int(step) < len(document)
        ):
            document = document[int(step)]
        else:
            return _NOTHING
    return document


def _said(value: object) -> str:
    """Return a value for a message: a text or number cut short, of anything larger only its kind."""
    if value is _NOTHING:
        return "missing"
    if isinstance(value, dict):
        return f"an object of {len(value)}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, str):
        value = value[:_SHOWN]
    return clean(json.dumps(value)[:_SHOWN].encode())
