"""What stands above the flags of every evaluator, for tests: `andon.flags.testing` puts it there.

An evaluator joins when it is made and asks here after every change of its set. Outside tests nothing stands
here, and nothing is paid for that but one look at an empty mapping per change.
"""

from __future__ import annotations

from _weakrefset import WeakSet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from andon.flags.evaluator import Evaluator

#: Every evaluator that is alive.
evaluators: WeakSet[Evaluator] = WeakSet()
#: Those made since somebody began to watch, kept alive until the end of that; None while nobody watches.
kept: list[Evaluator] | None = None
#: What each flag is put to, by key: a variant's name, or a value.
wanted: Mapping[str, Any] = {}


def join(evaluator: Evaluator) -> None:
    """Note an evaluator that was just made."""
    evaluators.add(evaluator)
    if kept is not None:
        kept.append(evaluator)
