"""Thousands of values taken out of a text in one pass, in the forms in which documents write them. Pure.

The redactor that knows values by heart is made for a few hundred of them; the traces of one suite hold more.
"""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from urllib.parse import quote, quote_plus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

#: What stands for a value.
MASK = "[redacted]"
#: From this length on a value is looked for in base64, too.
_IN_BASE64 = 9
#: Characters by which the values are told apart before they are compared as wholes.
_LEVELS = 4


class Literals:
    """Values that are taken out wherever they stand."""

    def __init__(self, values: Iterable[str]) -> None:
        literals = sorted({form for value in values for form in _forms(value)})
        self._all = re.compile(_together(literals, _LEVELS)) if literals else None

    def take_out(self, said: str) -> tuple[str, int]:
        """Return a text without the values, and how often one stood there."""
        return self._all.subn(MASK, said) if self._all else (said, 0)


def _forms(value: str) -> Iterator[str]:
    """Yield a value as it is, within JSON (once, and within a text of it), in a URL, HTML, base64."""
    yield value
    for escaped in (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]):
        yield escaped
        yield json.dumps(escaped)[1:-1]
    yield quote(value, safe="")
    yield quote(value)
    yield quote_plus(value)
    yield html.escape(value)
    if len(value) >= _IN_BASE64:
        raw = value.encode("utf-8", "replace")
        yield b64encode(raw[: len(raw) // 3 * 3]).decode()


def _together(literals: Sequence[str], levels: int) -> str:
    """Return one expression for literals: a tree by their first characters, then the longest first."""
    if levels == 0 or len(literals) < 2 or not all(literals):
        return "|".join(re.escape(one) for one in sorted(literals, key=len, reverse=True))
    by_first: dict[str, list[str]] = {}
    for one in literals:
        by_first.setdefault(one[0], []).append(one[1:])
    branches = (f"{re.escape(c)}(?:{_together(rest, levels - 1)})" for c, rest in by_first.items())
    return "|".join(branches)
