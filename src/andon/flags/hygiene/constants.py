"""Keys that stand in a constant of one file and are asked for in others: found by the constant's name. Pure.

Each file says which names it gives to keys, and by which names it asks; only all of them together say which
flag is meant. A name that stands for several keys stands for none.
"""

from __future__ import annotations

import re

from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from andon.flags.hygiene.nesting import Nested
    from andon.flags.hygiene.scanning import FileScan, Mention

#: Before the name of a constant, where a key would be: no key begins so.
NAMED = "="
_VALUE = r"[\"'`]{key}[\"'`]"
#: `NAME = "key"`, `NAME: &str = "key"`, `NAME: "key"`, `NAME => "key"`, and a Go constant with its type.
_GIVEN = r"([A-Za-z_$][\w$]*)\s*(?::\s*[\w.<>&' ]{{1,40}})?\s*(?:=>|=|:)\s*" + _VALUE
_TYPED = r"([A-Za-z_]\w*)\s+[\w.]+\s*=\s*" + _VALUE
#: A member of an enumeration, `NAME("key")`; never what is called of something.
_MEMBER = r"(?<![\w.>:$])([A-Z][A-Z0-9_]*|[A-Z][A-Za-z0-9]*)\(\s*" + _VALUE


def names_given(line: str, key: str, language: str) -> Iterator[str]:
    """Yield the names that a line of code gives to a key."""
    escaped = re.escape(key)
    forms = [_GIVEN.format(key=escaped), _MEMBER.format(key=escaped)]
    if language == "go":
        forms = [_TYPED.format(key=escaped), _GIVEN.format(key=escaped)]
    for form in forms:
        if match := re.search(form, line):
            yield match[1]
            return


def constants_of(scans: Iterable[FileScan]) -> dict[str, str]:
    """Return the key behind each name that stands for one key only."""
    found: dict[str, str] = {}
    for scan in scans:
        for name, key in scan.constants:
            found[name] = key if found.get(name, key) == key else ""
    return {name: key for name, key in found.items() if key}


def resolved(scan: FileScan, constants: Mapping[str, str]) -> FileScan:
    """Return what a file says when each name is what it stands for.

    A call by an unknown name is one with a computed key where it is surely a flag's, else none.
    """
    if not any(one.by for one in scan.mentions):
        return scan
    mentions = tuple(_mentions(scan.mentions, constants))
    nested = tuple(_nested(scan.nested, constants))
    return replace(scan, mentions=mentions, nested=nested)


def _mentions(mentions: Iterable[Mention], constants: Mapping[str, str]) -> Iterator[Mention]:
    for one in mentions:
        if not one.by:
            yield one
        elif key := constants.get(one.by):
            yield replace(one, key=key, by="", is_sure=True)
        elif one.is_sure:
            yield replace(one, by="")


def _nested(nested: Iterable[Nested], constants: Mapping[str, str]) -> Iterator[Nested]:
    for one in nested:
        outer, inner = (
            constants.get(key[1:], "") if key.startswith(NAMED) else key for key in (one.outer, one.inner)
        )
        if outer and inner and outer != inner:
            yield replace(one, outer=outer, inner=inner)
