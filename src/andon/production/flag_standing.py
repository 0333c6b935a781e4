"""What Andon keeps in a flagd file: for each flag that it overrides, the layers and the text from before.

It stands in one member of the document, `$andon`, which readers of flags pass over: the act and its undo are
written together, travel with the file, and what a flag aims at is not told to whoever is given its metadata.
When the last layer is taken, the member goes, and the file is what it was, byte for byte. Pure.
"""

from __future__ import annotations

import json

from andon.errors import InvalidInput, Refused
from andon.flags.overrides import effective, from_plain, to_plain
from andon.production.flag_outline import KEPT, Outline, canonical, outline, replaced, same_beside
from andon.production.flag_yaml import yaml_text
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from andon.flags.overrides import Override


class Standing(Record):
    """What stands above one flag."""

    #: The text of the flag before the first layer.
    before: str
    layers: tuple[Override, ...]


def standing_in(found: Outline) -> dict[str, Standing]:
    """Return what is kept for each flag; raises InvalidInput when somebody made something else of it."""
    kept = found.member(KEPT)
    if kept is None:
        return {}
    where = f"{found.path}:{found.line(kept.start)}"
    try:
        return {
            key: Standing(
                before=_text(entry["before"]),
                layers=tuple(from_plain(layer, where) for layer in entry["layers"]),
            )
            for key, entry in kept.value.items()
        }
    except (AttributeError, KeyError, TypeError) as problem:
        raise InvalidInput(
            f"`{KEPT}` is not as Andon wrote it, so nothing can be given back",
            where=where,
            rule="flag-file",
            remedy=f"take the file from before: git log -p -- {found.path}",
        ) from problem


def definition_of(found: Outline, key: str, standing: Standing) -> Mapping[str, Any]:
    """Return the flag as it was below the layers; raises InvalidInput when what is kept cannot be read."""
    flag = found.flags[key]
    if found.text[flag.start : flag.end] == standing.before:
        return flag.value  # type: ignore[no-any-return]
    return outline(replaced(found.text, found.flags[key], standing.before), found.path).flags[key].value  # type: ignore[no-any-return]


def is_as_written(found: Outline, key: str, standing: Standing) -> bool:
    """Say whether the flag still has what the layers made of it; how it is written does not count."""
    made = effective(definition_of(found, key, standing), standing.layers)
    return canonical(found.flags[key].value) == canonical(made)


def with_layers(found: Outline, key: str, standing: Standing) -> str:
    """Return the file's text with layers above one flag; with none, with the flag as it was before.

    Raises Refused when this file is written in a way in which one flag cannot be replaced alone.
    """
    kept = {**standing_in(found)}
    kept.pop(key, None)
    if standing.layers:
        kept[key] = standing
        wanted = effective(definition_of(found, key, standing), standing.layers)
        value = _written(found, wanted, found.flags[key].key_start)
    else:
        wanted = dict(definition_of(found, key, standing))
        value = standing.before
    text = _with_kept(found, replaced(found.text, found.flags[key], value), kept)
    _assure(found, text, key, wanted, kept)
    return text


def _assure(
    found: Outline, text: str, key: str, wanted: Mapping[str, Any], kept: Mapping[str, Standing]
) -> None:
    """Read what would be written: everything else has to be what it was, and the flag what it shall be."""
    try:
        made = outline(text, found.path)
        is_right = same_beside(found, made, key) and standing_in(made) == kept
        is_right = is_right and canonical(made.flags[key].value) == canonical(wanted)
    except InvalidInput:
        is_right = False
    if not is_right:
        raise Refused(
            f"the flag {key} cannot be replaced without changing something else, so nothing was written",
            where=f"{found.path}:{found.line(found.flags[key].key_start)}",
            rule="flag-file",
            remedy="by hand: its safe variant as defaultVariant, without targeting"
            " (an anchor of YAML that others use would be lost; write it out first)",
        )


def _with_kept(found: Outline, text: str, kept: Mapping[str, Standing]) -> str:
    """Return the text, in which the flag is replaced already, with what is kept."""
    now = outline(text, found.path) if found.member(KEPT) is not None else None
    old = now.member(KEPT) if now is not None else None
    if not kept:
        return _taken_out(now) if now is not None and old is not None else text
    plain = {
        key: {"before": one.before, "layers": [to_plain(layer) for layer in one.layers]}
        for key, one in kept.items()
    }
    value = _dumped(found, plain)
    if old is not None:
        return replaced(text, old, value)
    name = json.dumps(KEPT)
    if not found.is_flow:
        column = found.first - (text.rfind("\n", 0, found.first) + 1)
        before = text[: found.first].removeprefix("\ufeff")
        indent = text[found.first - column : found.first] if column and before.strip() == "" else " " * column
        indent = indent.replace("\ufeff", "")
        return f"{text[: found.first]}{name}: {value}{_newline(found)}{indent}{text[found.first :]}"
    first = found.root[0].key_start
    brace = text.rfind("{", 0, first) + 1
    return f"{text[:brace]}{_newline(found)}  {name}: {value},{text[brace:]}"


def _taken_out(found: Outline) -> str:
    """Return the text without the member that Andon keeps: exactly what it added, where it is still first."""
    at = next(i for i, member in enumerate(found.root) if member.key == KEPT)
    kept, text = found.root[at], found.text
    if not found.is_flow:
        if at + 1 < len(found.root):
            return text[: kept.key_start] + text[found.root[at + 1].key_start :]
        return text[: text.rfind("\n", 0, kept.key_start) + 1] + text[kept.end :].lstrip("\r\n")
    if at == 0:
        brace = text.rfind("{", 0, kept.key_start) + 1
        return text[:brace] + text[text.index(",", kept.end) + 1 :]
    return text[: found.root[at - 1].end] + text[kept.end :]


def _written(found: Outline, value: Mapping[str, Any], key_start: int) -> str:
    """Return a flag as text, indented as its key is."""
    if found.is_yaml:
        return _dumped(found, value)
    line = found.text[found.text.rfind("\n", 0, key_start) + 1 : key_start]
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    step = "\t" if "\t" in indent else "  "
    return json.dumps(value, indent=step).replace("\n", f"{_newline(found)}{indent}")


def _dumped(found: Outline, value: object) -> str:
    if found.is_yaml:
        return yaml_text(json.dumps(value, ensure_ascii=False))
    return json.dumps(value)


def _newline(found: Outline) -> str:
    return "\r\n" if "\r\n" in found.text else "\n"


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
