"""A flag of a flagd document as the port `FlagSystem` shows it. Pure."""

from __future__ import annotations

from andon.desk.flags.values import FlagSeen
from andon.flags.overrides import KILL, ROLLOUT, on_variant, safe_variant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from andon.flags.overrides import Override

#: Keys of a flag's metadata that `FlagSeen` has under the same name.
_NAMED = ("owner", "purpose", "created", "expires", "ticket", "covers")


def seen_of(key: str, flag: Mapping[str, Any], overrides: Iterable[Override] = (), *, state: str) -> FlagSeen:
    """Return a flag by its definition and what stands above it; values of another kind are left out.

    `state`: what it does now, in a line for people.
    """
    above = {override.layer: override for override in overrides}
    metadata = flag.get("metadata")
    said = {k: _text(v) for k, v in metadata.items()} if isinstance(metadata, dict) else {}
    variants = flag.get("variants")
    return FlagSeen(
        key=key,
        variants=tuple(str(name) for name in variants) if isinstance(variants, dict) else (),
        default_variant=_text(flag.get("defaultVariant")),
        is_enabled=flag.get("state", "ENABLED") == "ENABLED",
        safe_variant=safe_variant(flag),
        on_variant=on_variant(flag),
        purpose_kind=said.get("kind", ""),
        kill=above.get(KILL),
        rollout=above.get(ROLLOUT),
        definition=dict(flag),
        state=state,
        **{name: said.get(name, "") for name in _NAMED},
    )


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int, float)) else ""
