"""The configured flag system, or the way to one."""

from __future__ import annotations

from andon.errors import Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk
    from andon.desk.ports_flags import FlagSystem


def flag_system_of(desk: Desk) -> FlagSystem:
    """Return the flag system; raises Unavailable when none is configured."""
    if desk.flag_system is None:
        raise Unavailable(
            "no feature flags are configured, so Andon cannot see or switch any",
            where=desk.config.path or desk.config.root,
            rule="flag-system",
            remedy='[flags] in andon.toml: file = "flags.json", or system and server; then: andon flags',
        )
    return desk.flag_system
