"""Whether the code of the older release works on the schema that the way up made."""

from __future__ import annotations

from andon.incident.words import Verdict
from andon.response.schema.effects import Act, Effect, Kind
from andon.response.schema.ways import Finding, keeps_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def not_for_old_code(up: Sequence[Effect]) -> tuple[Finding, ...]:
    """Return what the older release would stumble over, or might; none means that all is added beside it."""
    made = {e.key for e in up if e.act is Act.CREATE}
    found = []
    for effect in up:
        told = _against(effect, made, up)
        if told is not None:
            verdict, reason = told
            found.append(
                Finding(line=effect.line, verdict=verdict, reason=reason, is_data=effect.act is Act.ROWS)
            )
    return tuple(found)


def _is_new(effect: Effect, made: set[tuple[Kind, str, str]]) -> bool:
    """True for what concerns only tables and columns that the older release does not know."""
    table = (Kind.TABLE, "", effect.table or effect.name)
    if table in made:
        return True
    if effect.kind is Kind.COLUMN and effect.act is not Act.CREATE:
        return effect.key in made
    return bool(effect.columns) and all((Kind.COLUMN, effect.table, c) in made for c in effect.columns)


def _against(
    effect: Effect, made: set[tuple[Kind, str, str]], up: Sequence[Effect]
) -> tuple[Verdict, str] | None:
    told = effect.told()
    match effect.act:
        case Act.OPAQUE | Act.FAILS:
            return Verdict.UNKNOWN, effect.note
        case Act.ROWS:
            own = _is_new(effect, made) and (
                effect.aspect == "update" or (Kind.TABLE, "", effect.table) in made
            )
            return None if own else (Verdict.UNKNOWN, f"{told}: what the old code makes of them is not known")
        case Act.CREATE | Act.REPLACE:
            return _created(effect, made, up)
        case Act.DROP:
            return _dropped(effect, made)
        case Act.RENAME:
            if effect.kind in (Kind.INDEX, Kind.CONSTRAINT) or _is_new(effect, made):
                return None
            return Verdict.FAILED, f"{told}: the old code knows the old name"
        case Act.ALTER:
            return None if _is_new(effect, made) else _altered(effect, told)


def _created(
    effect: Effect, made: set[tuple[Kind, str, str]], up: Sequence[Effect]
) -> tuple[Verdict, str] | None:
    told = effect.told()
    if _is_same_for_all(effect, made, up):
        return Verdict.UNKNOWN, f"{told}: rows of the old code may all get one value there, and it is unique"
    if effect.act is Act.REPLACE:
        return Verdict.UNKNOWN, f"{told}: whether it still does the same is not known"
    if _is_new(effect, made) and effect.kind is not Kind.COLUMN:
        return None
    if (
        effect.kind is Kind.COLUMN
        and (Kind.TABLE, "", effect.table) not in made
        and _stays_required(effect, up)
    ):
        return Verdict.FAILED, f"{told}, which must have a value, and the old code gives none"
    if effect.kind is Kind.TRIGGER:
        return Verdict.UNKNOWN, f"{told}, which runs when the old code writes"
    if effect.kind in (Kind.CONSTRAINT, Kind.INDEX) and effect.demands - {"plain"}:
        demand = ", ".join(sorted(effect.demands))
        return Verdict.FAILED, f"{told} ({demand}): writes of the old code can fail"
    return None


def _is_same_for_all(effect: Effect, made: set[tuple[Kind, str, str]], up: Sequence[Effect]) -> bool:
    """True for what must be unique although the database fills it, in a table that the old code writes to."""
    if "unique" not in effect.demands or (Kind.TABLE, "", effect.table) in made:
        return False
    filled = {e.name for e in up if e.kind is Kind.COLUMN and e.table == effect.table and e.is_filled}
    return bool(effect.columns) and filled.issuperset(effect.columns)


def _stays_required(effect: Effect, up: Sequence[Effect]) -> bool:
    """True when a new column has no default and may not be empty once the whole way up has run."""
    must, filled = effect.must_have, effect.is_filled
    for later in up:
        if later.act is Act.ALTER and later.key == effect.key:
            if later.aspect == "nullable":
                must = later.value == "no"
            if later.aspect == "default":
                filled = later.value is not None
    return must and not filled


def _dropped(effect: Effect, made: set[tuple[Kind, str, str]]) -> tuple[Verdict, str] | None:
    told = effect.told()
    if effect.key in made or _is_new(effect, made):
        return None
    if effect.kind is Kind.CONSTRAINT:
        if effect.demands and effect.demands <= {"foreign", "check"}:
            return None
        return Verdict.UNKNOWN, f"{told}: ON CONFLICT of the old code may need it"
    if effect.kind is Kind.INDEX:
        if "plain" in effect.demands:
            return None
        return Verdict.UNKNOWN, f"{told}: whether it was unique, and ON CONFLICT needs it, is not known"
    return Verdict.FAILED, f"{told}, which the old code may use"


def _altered(effect: Effect, told: str) -> tuple[Verdict, str] | None:
    if effect.aspect in ("comment", "validity"):  # a constraint binds what is written, validated or not
        return None
    if effect.aspect == "nullable":
        if effect.value == "no":
            return Verdict.FAILED, f"{told}: it must have a value now, and the old code may give none"
        return Verdict.UNKNOWN, f"{told}: it may be empty now, which the old code may not expect"
    if effect.aspect == "default":
        if effect.value is None:
            return Verdict.FAILED, f"{told}: the default is gone, and the old code may rely on it"
        return None
    if effect.aspect == "type":
        if effect.before and keeps_values(effect.before, effect.value):
            texts = ("varchar", "text", "string", "character varying", "unicode")
            if (effect.value or "").lower().startswith(texts):
                return None
            return Verdict.UNKNOWN, f"{told}: the old code may get another type"
        return Verdict.FAILED if effect.before else Verdict.UNKNOWN, f"{told}: the old code knows another one"
    if effect.aspect == "add value":
        return Verdict.UNKNOWN, f"adds a value to type {effect.name}, which the old code does not know"
    return Verdict.UNKNOWN, told
