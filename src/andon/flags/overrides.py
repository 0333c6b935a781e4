"""What stands above a flag's definition: a kill, or a rollout's stage. Pure; flags here are flagd's JSON.

A definition is never changed by an override, so that taking the override away restores it exactly.
Layers: definition < rollout < kill.
"""

from __future__ import annotations

from andon.errors import Conflict, InvalidInput, NotFound
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, TypeAlias

    #: A flag as flagd's schema has it.
    FlagJson: TypeAlias = Mapping[str, Any]

KILL, ROLLOUT = "kill", "rollout"
#: Into how many parts everybody is divided: a stage is known to a hundredth of a percent.
PARTS = 10_000
#: Key in a flag's metadata that names the variant which is safe when the feature is broken.
SAFE = "safeVariant"


class Override(Record):
    """What stands above one flag's definition."""

    flag: str
    #: `kill` or `rollout`.
    layer: str
    #: What everybody gets, or `percent` of everybody.
    variant: str
    percent: float = 100.0
    #: The act that put it there.
    operation: str
    incident: str = ""
    by: str = ""
    #: ISO 8601 in UTC.
    at: str = ""
    reason: str = ""


def effective(flag: FlagJson, overrides: Iterable[Override]) -> dict[str, Any]:
    """Return the flag with its overrides applied; `flag` is not changed."""
    by_layer = {override.layer: override for override in overrides}
    made = dict(flag)
    if (rollout := by_layer.get(ROLLOUT)) is not None:
        made = _rolled_out(made, rollout)
    if (kill := by_layer.get(KILL)) is not None:
        made = _killed(made, kill)
    return made


def _killed(flag: dict[str, Any], kill: Override) -> dict[str, Any]:
    """Everybody gets the safe variant; not DISABLED, which would be whatever each caller's default is."""
    told = {
        "killedBy": kill.by,
        "killedAt": kill.at,
        "killOperation": kill.operation,
        "killIncident": kill.incident,
    }
    metadata = {**_metadata(flag), **{key: value for key, value in told.items() if value}}
    made = {**flag, "state": "ENABLED", "defaultVariant": kill.variant, "metadata": metadata}
    made.pop("targeting", None)
    return made


def _rolled_out(flag: dict[str, Any], rollout: Override) -> dict[str, Any]:
    metadata = {
        **_metadata(flag),
        "rolloutPercent": rollout.percent,
        "rolloutOperation": rollout.operation,
    }
    made = {**flag, "metadata": metadata}
    if rollout.percent >= 100:
        made["defaultVariant"] = rollout.variant
        made.pop("targeting", None)
        return made
    made["targeting"] = share(
        rollout.variant, rollout.percent, flag.get("targeting"), flag.get("defaultVariant")
    )
    return made


def share(variant: str, percent: float, others: Any, default: str | None) -> dict[str, Any]:
    """Return targeting by which `percent` of the targeting keys get `variant`, the rest as `others` says.

    The variant's part comes first and the parts always add up to PARTS, so that whoever is in at 5 percent
    is in at every higher stage: the bucket of a key is where its hash falls between 0 and PARTS.
    """
    inside = round(percent * PARTS / 100)
    if not others and default is not None:
        return {"fractional": [[variant, inside], [default, PARTS - inside]]}
    drawn = {"fractional": [["in", inside], ["out", PARTS - inside]]}
    return {"if": [{"===": [drawn, "in"]}, variant, others or None]}


def refuse_unfit(override: Override, definitions: Mapping[str, Any], where: str) -> None:
    """Raise NotFound, or InvalidInput, when an override stands above nothing or gives what is not there."""
    flag = definitions.get(override.flag)
    if flag is None:
        raise NotFound(
            f"there is no flag {override.flag}",
            where=where,
            rule="flag",
            remedy="andon flags list names them",
        )
    variants = _variants(flag) if isinstance(flag, dict) else {}
    if override.variant not in variants:
        known = ", ".join(variants) or "none"
        raise InvalidInput(
            f"{override.flag} has no variant {override.variant!r}; it has: {known}",
            where=where,
            rule="flag-variant",
            remedy="name one of them, or mend the flag's definition",
        )


def refuse_another(standing: str | None, only: str, flag: str, where: str) -> None:
    """Raise Conflict when what stands there is another act's than the one that is to be taken away.

    `standing` is its operation, None where nothing stands and "" where it does not say; `only` is "" for
    whatever stands there.
    """
    if only and standing and standing != only:
        raise Conflict(
            f"{flag}: {standing} stands there now, not {only}; nothing was taken away",
            where=where,
            rule="another-act",
            remedy="andon flags status KEY",
        )


def safe_variant(flag: FlagJson) -> str:
    """Return the variant that is safe when the feature is broken; "" when the flag does not say.

    The one that its metadata name; else, of a boolean flag, the one that is false.
    """
    variants = _variants(flag)
    named = _metadata(flag).get(SAFE)
    if isinstance(named, str) and named in variants:
        return named
    off = [name for name, value in variants.items() if value is False]
    return off[0] if len(off) == 1 and all(isinstance(v, bool) for v in variants.values()) else ""


def on_variant(flag: FlagJson) -> str:
    """Return the variant of a boolean flag that is true; "" for another flag."""
    on = [name for name, value in _variants(flag).items() if value is True]
    return on[0] if len(on) == 1 else ""


def _variants(flag: FlagJson) -> Mapping[str, Any]:
    found = flag.get("variants")
    return found if isinstance(found, dict) else {}


def _metadata(flag: FlagJson) -> dict[str, Any]:
    found = flag.get("metadata")
    return dict(found) if isinstance(found, dict) else {}


# ---- as they are kept and sent


def to_plain(override: Override) -> dict[str, Any]:
    """Return an override as JSON values; `from_plain` is the inverse."""
    return {field: getattr(override, field) for field in override.__fields__}


def from_plain(value: object, where: str = "") -> Override:
    """Return what `to_plain` wrote; raises InvalidInput for anything else."""
    if not isinstance(value, dict):
        raise InvalidInput("an override is a JSON object", where=where, rule="flag-override")
    known = {key: value[key] for key in Override.__fields__ if key in value}
    texts = ("flag", "layer", "variant", "operation", "incident", "by", "at", "reason")
    wrong = [key for key in texts if not isinstance(known.get(key, ""), str)]
    percent = known.get("percent", 100.0)
    if isinstance(percent, bool) or not isinstance(percent, (int, float)) or not 0 <= percent <= 100:
        wrong.append("percent")
    missing = [key for key in ("flag", "layer", "variant", "operation") if not known.get(key)]
    if wrong or missing or known["layer"] not in (KILL, ROLLOUT):
        told = ", ".join(dict.fromkeys((*wrong, *missing))) or "layer"
        raise InvalidInput(f"an override with a wrong {told}", where=where, rule="flag-override")
    return Override(**{**known, "percent": float(percent)})
