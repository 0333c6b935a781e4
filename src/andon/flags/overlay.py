"""What stands above the flags of every evaluator, for tests: `andon.flags.testing` puts it there.

An evaluator joins when it is made and asks here after every change of its set. Outside tests nothing stands
here, and nothing is paid for that but one look at an empty mapping per change.
"""

from __future__ import annotations

from _weakref import ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from andon.flags.binding import Flag
    from andon.flags.evaluator import Evaluator

#: Every evaluator that is alive. A `WeakSet` would be one more module to import.
_alive: set[ref[Evaluator]] = set()
#: Those made since somebody began to watch, kept alive until the end of that; None while nobody watches.
kept: list[Evaluator] | None = None
#: What each flag is put to, by key: a variant's name, or a value.
wanted: Mapping[str, Any] = {}


def above(flags: Mapping[str, Flag]) -> dict[str, Any]:
    """Return the definitions that stand above a set's flags now."""
    from andon.flags.forced import forced

    found: dict[str, Any] = {}
    for key, value in wanted.items():
        flag = flags.get(key)
        found[key] = forced(None if flag is None else flag.definition, value)
    return found


def alive() -> tuple[Evaluator, ...]:
    """Return every evaluator that is alive."""
    return tuple(evaluator for known in _alive.copy() if (evaluator := known()) is not None)


def join(evaluator: Evaluator) -> None:
    """Note an evaluator that was just made."""
    _alive.add(ref(evaluator, _alive.discard))
    if kept is not None:
        kept.append(evaluator)
