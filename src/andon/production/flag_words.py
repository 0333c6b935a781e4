"""What a flag does now, in one line for people. Pure; the moment is given."""

from __future__ import annotations

from datetime import UTC, datetime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from andon.flags.overrides import Override

_CALLERS = "what each caller has as default"


def state_in_words(
    flag: Mapping[str, Any], kill: Override | None, rollout: Override | None, now: datetime
) -> str:
    """Return what a flag does now: `killed: off since 03:14 in INC-7`, `on for 5 %`, `off for everybody`."""
    if kill is not None:
        where = f" in {kill.incident}" if kill.incident else ""
        since = f" since {_moment(kill.at, now)}" if kill.at else ""
        return f"killed: {kill.variant}{since}{where}"
    if rollout is not None:
        if rollout.percent >= 100:
            return f"{rollout.variant} for everybody, by a rollout"
        return f"{rollout.variant} for {rollout.percent:g} %"
    if flag.get("state", "ENABLED") != "ENABLED":
        return f"disabled: {_CALLERS}"
    default = flag.get("defaultVariant")
    rest = default if isinstance(default, str) and default else _CALLERS
    return f"by its rules, else {rest}" if flag.get("targeting") else f"{rest} for everybody"


def _moment(at: str, now: datetime) -> str:
    """Return the time of today, the day and the time before."""
    try:
        moment = datetime.fromisoformat(at).astimezone(UTC)
    except (ValueError, OverflowError):
        return at[:40]
    if moment.date() == now.astimezone(UTC).date():
        return f"{moment:%H:%M}"
    return f"{moment:%Y-%m-%d %H:%M}"
