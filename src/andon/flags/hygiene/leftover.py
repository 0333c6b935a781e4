"""Which flags are left over: no sign proves it alone, two that agree do. Pure; what is known is handed in.

A flag that is referred to once may be the most important one; one that nobody changed for months may decide
every day. So each sign is told with what it was seen by, and what is not known is no sign.
"""

from __future__ import annotations

from datetime import UTC, timedelta

from andon.flags.hygiene.definitions import DefinedFlags, metadata_of
from andon.flags.hygiene.finding import FlagFinding, command
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from typing import Any


class Served(Record):
    """What a flag system counted of one flag."""

    #: Evaluations by variant; "" for the caller's default.
    counts: dict[str, int]
    last_at: datetime | None = None
    #: Since when it is counted; None when that is not known.
    since: datetime | None = None


class Known(Record):
    """What is known of one flag beside its definition."""

    #: When its definition, or the last rollout or kill of it, changed; None when that is not known.
    changed_at: datetime | None = None
    #: `rollout` with a percent, or `kill`, that stands above the definition; "" and 0 for none.
    layer: str = ""
    percent: float = 0.0
    variant: str = ""
    #: None when nobody counts.
    served: Served | None = None
    #: Places in code that ask for it; None when no code was searched.
    places: int | None = None
    #: Of those, the ones in tests.
    in_tests: int = 0


class _Sign(Record):
    rule: str
    text: str


def judge_left_over(
    defined: DefinedFlags, known: Mapping[str, Known], now: datetime, days: int, *, computed: int = 0
) -> tuple[FlagFinding, ...]:
    """Return the signs of each flag that is not meant to stay, and `flag-left-over` where two agree.

    `days`: how long a flag may decide nothing, or be asked for by nobody. `computed`: calls whose key is put
    together by the code, any of which could mean any flag.
    """
    found: list[FlagFinding] = []
    for key, flag in defined.flags.items():
        metadata = metadata_of(flag)
        if metadata.get("permanent") is True:
            continue
        one = known.get(key, Known())
        signs = list(_signs(flag, one, now, days, computed))
        expired = _expired(metadata, now)
        told = [sign.text for sign in signs]
        if len(signs) + bool(expired) >= 2 and not _is_under_way(one):
            text = f"{key} is left over: {'; '.join([*([expired] if expired else []), *told])}"
            rules = " ".join(sign.rule for sign in signs)
            found.append(_finding(defined, key, "flag-left-over", text, f"left over {rules}"))
            continue
        found.extend(_finding(defined, key, sign.rule, f"{key}: {sign.text}", sign.rule) for sign in signs)
    return tuple(found)


def _is_under_way(known: Known) -> bool:
    """True while it is killed, or being rolled out: somebody works on it, so signs are told, and no more."""
    return known.layer == "kill" or (known.layer == "rollout" and known.percent < 100)


def settled(flag: Mapping[str, Any], known: Known) -> str:
    """Return what everybody gets, as `on for everybody`; "" while the flag decides."""
    if known.layer == "kill":
        return ""  # somebody works on it
    if known.layer == "rollout":
        return f"{known.variant} for everybody" if known.percent >= 100 else ""
    if flag.get("state") == "DISABLED":
        return "DISABLED, so that every caller's default counts"
    default = flag.get("defaultVariant")
    if not flag.get("targeting"):
        return (
            f"{default} for everybody" if isinstance(default, str) else "every caller's default for everybody"
        )
    whole = _whole_share(flag["targeting"])
    return f"{whole} for everybody" if whole else ""


def _whole_share(rule: object) -> str:
    """Return the variant that has the whole of a plain share; "" for any other targeting."""
    parts = rule.get("fractional") if isinstance(rule, dict) and len(rule) == 1 else None
    if not isinstance(parts, list) or not all(isinstance(p, list) and len(p) == 2 for p in parts):
        return ""
    some = [part[0] for part in parts if part[1] != 0]
    return some[0] if len(some) == 1 and isinstance(some[0], str) else ""


def _signs(flag: Mapping[str, Any], known: Known, now: datetime, days: int, computed: int) -> Iterator[_Sign]:
    limit = timedelta(days=days)
    what = settled(flag, known)
    if what and known.changed_at is not None and now - known.changed_at >= limit:
        since = known.changed_at.astimezone(UTC)
        yield _Sign(rule="flag-settled", text=f"{what} since {since:%Y-%m-%d} ({(now - since).days} days)")
    if (served := known.served) is not None:
        counted = served.since is None or now - served.since >= limit
        if (
            not sum(served.counts.values())
            and served.last_at is None
            and served.since is not None
            and counted
        ):
            yield _Sign(rule="flag-unused", text=f"not evaluated since {served.since:%Y-%m-%d}")
        elif served.last_at is not None and now - served.last_at >= limit:
            yield _Sign(rule="flag-unused", text=f"last evaluated on {served.last_at:%Y-%m-%d}")
    if known.places is not None and known.places == known.in_tests:
        text = "only tests ask for it" if known.in_tests else "no code asks for it"
        if computed:
            text += f", unless one of {computed} calls with a computed key does"
        yield _Sign(rule="flag-unreferenced", text=text)


def _expired(metadata: Mapping[str, Any], now: datetime) -> str:
    expires = str(metadata.get("expires") or "")[:10]
    return f"it was to be gone by {expires}" if expires and expires < f"{now:%Y-%m-%d}" else ""


def _finding(defined: DefinedFlags, key: str, rule: str, text: str, subject: str) -> FlagFinding:
    return FlagFinding(
        rule=rule,
        key=key,
        path=defined.path,
        line=defined.line(key),
        text=text,
        remedy=command("remove", key),
        subject=subject,
    )
