"""Types that a way makes anew to change their values, seen as one change of the values."""

from __future__ import annotations

import re

from andon.record import replace
from andon.response.schema.effects import Act, Effect, Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_VALUES = re.compile(r"(?is)\bas\s+enum\s*\((.*)\)$")


def with_types_made_anew(effects: Sequence[Effect]) -> tuple[Effect, ...]:
    """Return the effects with each "rename or drop, create again, cast, drop the old one" as one effect.

    PostgreSQL cannot take a value from a type; so a way moves the columns over to a new type of the same
    name, some through a type of another name or a text. Whatever does not end with the columns on the new
    type, and the others gone, stays as it is.
    """
    found = list(effects)
    for name in dict.fromkeys(e.name for e in effects if e.act is Act.CREATE and e.kind is Kind.TYPE):
        found = _as_one(found, name)
    return tuple(found)


def _as_one(effects: list[Effect], name: str) -> list[Effect]:
    made = next((n for n, e in enumerate(effects) if _is(e, Act.CREATE, name)), -1)
    away = next((n for n, e in enumerate(effects) if _leaves(e, name)), -1)
    if not 0 <= away < made or effects[away].cascades or effects[made].is_conditional:
        return effects
    passing = {e.name for e in effects[:away] if e.act is Act.CREATE and e.kind is Kind.TYPE}
    if effects[away].act is Act.RENAME:
        passing.add(effects[away].value or "")
    gone = {e.name for e in effects[made:] if e.act is Act.DROP and e.kind is Kind.TYPE and not e.cascades}
    moved = {
        e.key: e.value for e in effects if e.act is Act.ALTER and e.kind is Kind.COLUMN and e.aspect == "type"
    }
    mine = {key for key, value in moved.items() if (value or "").removeprefix("enum ") == name}
    passing &= gone
    if effects[away].act is Act.RENAME and effects[away].value not in passing:
        return effects
    listed = _VALUES.search(effects[made].definition)
    change = replace(
        effects[made],
        act=Act.ALTER,
        aspect="values",
        value=", ".join(_texts(listed[1])) if listed else None,
        definition="",
    )
    left: list[Effect] = []
    for number, effect in enumerate(effects):
        is_type = effect.kind is Kind.TYPE and (effect.name in passing or number == away)
        if number == made:
            left.append(change)
        elif not is_type and not (effect.act is Act.ALTER and effect.aspect == "type" and effect.key in mine):
            left.append(effect)
    return left


def _is(effect: Effect, act: Act, name: str) -> bool:
    return effect.act is act and effect.kind is Kind.TYPE and effect.name == name


def _leaves(effect: Effect, name: str) -> bool:
    return _is(effect, Act.RENAME, name) or (_is(effect, Act.DROP, name) and not effect.is_conditional)


def _texts(listed: str) -> list[str]:
    return [t.replace("''", "'") for t in re.findall(r"'((?:[^']|'')*)'", listed)]
