"""The configured flag system, or the way to one."""

from __future__ import annotations

from andon.errors import AndonError, NotFound, Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.flags.values import FlagSeen
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


def find_flag(system: FlagSystem, key: str) -> FlagSeen:
    """Return a flag that somebody named; raises NotFound with the nearest names, Unavailable."""
    try:
        return system.find(key)
    except NotFound as problem:
        near = _nearest(system, key)
        if not near:
            raise
        raise NotFound(
            f"there is no flag {key[:100]}; did you mean {' or '.join(near)}?",
            where=problem.where,
            rule=problem.rule,
            remedy=problem.remedy,
        ) from problem


def _nearest(system: FlagSystem, key: str) -> list[str]:
    from difflib import get_close_matches  # only for who mistyped

    try:
        keys = [flag.key for flag in system.flags()]
    except AndonError:
        return []
    folded = {one.lower(): one for one in keys}
    return [folded[one] for one in get_close_matches(key[:100].lower(), folded, n=3, cutoff=0.6)]
