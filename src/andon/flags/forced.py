"""A flag that gives everybody what a test wants. Pure; flags here are flagd's JSON."""

from __future__ import annotations

from andon.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from andon.flags.overrides import FlagJson


def forced(flag: FlagJson | None, wanted: Any) -> dict[str, Any]:
    """Return the flag without targeting and with what is wanted for everybody.

    `wanted` names a variant, or is a variant's value. A flag that has no such variant, as one that is not
    defined, gets it as its only one.
    """
    variants = _variants(flag)
    name = variant_for(variants, wanted)
    if not name:
        name = variant_of(wanted)
        variants = {name: wanted}
    made = {"state": "ENABLED", "variants": variants, "defaultVariant": name}
    if flag is not None and isinstance(flag.get("metadata"), dict):
        made["metadata"] = flag["metadata"]
    return made


def variant_of(wanted: Any) -> str:
    """Return what a variant is called that nobody named."""
    if isinstance(wanted, bool):
        return "on" if wanted else "off"
    return str(wanted)[:100] or "empty"


def check(key: str, flag: FlagJson | None, wanted: Any) -> None:
    """Raise InvalidInput when a defined flag has no variant that is called so, or has that value."""
    variants = _variants(flag)
    if variants and not variant_for(variants, wanted):
        named = ", ".join(list(variants)[:10])
        raise InvalidInput(
            f"flag {key} has no variant {wanted!r}: it has {named}",
            where=key,
            rule="flag-override",
            remedy=f'@pytest.mark.flag_states("{key}", states=[...]) with names of its variants',
        )


def variant_for(variants: Mapping[str, Any], wanted: Any) -> str:
    """Return the variant that is called, or has the value, `wanted`; "" for none. True is not 1."""
    if isinstance(wanted, str) and wanted in variants:
        return wanted
    for name, value in variants.items():
        if value == wanted and isinstance(value, bool) == isinstance(wanted, bool):
            return name
    return ""


def _variants(flag: FlagJson | None) -> Mapping[str, Any]:
    found = None if flag is None else flag.get("variants")
    return found if isinstance(found, dict) else {}
