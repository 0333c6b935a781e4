"""How many users an application can take, guessed from one crowd that was too many for it. Pure.

Only a guess of where to look first: what is told of a number of users is always what was tried.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.gaps.experiment import Replay

#: Resource of a request that was sent alone, before or after the crowd.
_ALONE = "replay"


def users_that_fail(replay: Replay, users: float) -> float | None:
    """Return the least number of users that is likely to fail; None when the replay does not tell.

    Of `users` at once some got what they wanted and the others the failure: one more than those is too many.
    Counted as shares, for each user asks more than once and not every request is kept.
    """
    if replay.seen is None or not replay.reproduced:
        return None
    asked = [
        one
        for one in replay.exchanges
        if (one.method, one.path) == (replay.seen.method, replay.seen.path) and one.resource != _ALONE
    ]
    good = [one for one in asked if one.status and one.status != replay.seen.status]
    return float(round(users * len(good) / len(asked)) + 1) if good else None
