"""What a deployer lists, held against the ledger: what is news, and what is not believed and why.

A list can be empty, in any order, twice the same, dated in the future, or not the truth. What cannot be so is
told, and nothing is concluded from it.
"""

from __future__ import annotations

from datetime import timedelta

from andon.desk.values import ReleaseOnDisk
from andon.incident.ledger import SEEN, same_commit
from andon.incident.words import ReleaseVerdict
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from andon.incident.ledger import Ledger

#: How far a deployer's clock may be ahead of ours.
SKEW = timedelta(minutes=5)
#: Contradictions that are told; a list with more of them is wrong as a whole.
_MOST = 5


class News(Record):
    """A deployment that the ledger lacks."""

    release: ReleaseOnDisk
    deployed_at: datetime
    #: True when the release was found running, and since when is not known.
    is_seen: bool = False


class Held(Record):
    """The list as far as it can be believed."""

    #: Every version once, as listed.
    releases: tuple[ReleaseOnDisk, ...]
    #: Oldest first.
    news: tuple[News, ...]
    #: Releases that the deployer lists as bad or aborted and nobody has judged.
    verdicts: tuple[ReleaseOnDisk, ...]
    #: What cannot be so, one sentence each.
    doubts: tuple[str, ...]


def hold(ledger: Ledger, listed: Sequence[ReleaseOnDisk], running: str, now: datetime) -> Held:
    """Return what the list adds to the ledger, and what in it cannot be so.

    Without a believable date a release counts only if it runs now, and then as seen: since when is not known.
    """
    once, doubts = _once(listed)
    alone = () if running in [r.version for r in once] or not running else (ReleaseOnDisk(version=running),)
    last = ledger.running.version if ledger.running else ""
    news = []
    for release in (*once, *alone):
        known, when = ledger.find(release.version), release.deployed_at
        if when is not None and when > now + SKEW:
            doubts.append(f"{release.version} is dated {when:%Y-%m-%d %H:%M UTC}, which has not come")
        if known is not None and (release.version != running or running == last):
            continue
        is_news = when is not None and (known is None or when > known.deployed_at)
        if when is not None and is_news and when <= now + SKEW:
            news.append(News(release=release, deployed_at=min(when, now)))
        elif release.version == running:
            news.append(News(release=release, deployed_at=now, is_seen=True))
    doubts += _contradictions(ledger, once, running, last)
    return Held(
        releases=once,
        news=tuple(sorted(news, key=lambda n: n.deployed_at)),
        verdicts=_verdicts(ledger, once, now),
        doubts=_few(doubts),
    )


def _once(listed: Sequence[ReleaseOnDisk]) -> tuple[tuple[ReleaseOnDisk, ...], list[str]]:
    """Return each version once: of two entries the one with the newer date, else the first."""
    found: dict[str, ReleaseOnDisk] = {}
    twice: dict[str, None] = {}
    for release in listed:
        known = found.get(release.version)
        if known is not None:
            twice[release.version] = None
            older = known.deployed_at
            if release.deployed_at is None or (older is not None and release.deployed_at <= older):
                continue
        found[release.version] = release
    return tuple(found.values()), [f"{version} is listed more than once" for version in twice]


def _contradictions(ledger: Ledger, listed: Sequence[ReleaseOnDisk], running: str, last: str) -> list[str]:
    doubts = []
    if running and listed and running not in [release.version for release in listed]:
        doubts.append(f"{running} runs, and is in no list of what can be deployed")
    if running and last and running != last and ledger.running is not None:
        since = f"{ledger.running.deployed_at:%Y-%m-%d %H:%M UTC}"
        doubts.append(f"{running} runs, although {last} was deployed last, at {since}")
    for release in listed:
        known = ledger.find(release.version)
        if known is None:
            continue
        one, other = release.commit, known.commit
        if one and other and not same_commit(one, other):
            doubts.append(
                f"{release.version} is commit {one[:10]} in the list and {other[:10]} in the ledger"
            )
        if release.verdict is ReleaseVerdict.ABORTED and known.verdict is ReleaseVerdict.GOOD:
            doubts.append(f"{release.version} is listed as aborted, and was judged good: {known.reason}")
    return doubts


def _verdicts(ledger: Ledger, listed: Sequence[ReleaseOnDisk], now: datetime) -> tuple[ReleaseOnDisk, ...]:
    """Return what the deployer lists as bad or aborted. That something is good, no list can prove."""
    found = []
    for release in listed:
        known = ledger.find(release.version)
        is_dated = release.deployed_at is not None and release.deployed_at <= now + SKEW
        is_open = known.verdict is ReleaseVerdict.UNKNOWN and known.judged_at is None if known else is_dated
        if release.verdict in (ReleaseVerdict.BAD, ReleaseVerdict.ABORTED) and is_open:
            found.append(release)
    return tuple(found)


def _few(doubts: list[str]) -> tuple[str, ...]:
    more = len(doubts) - _MOST
    return (*doubts[:_MOST], f"and {more} more contradictions") if more > 0 else tuple(doubts)


def source_of(news: News, kind: str) -> str:
    """Return the source that the ledger names for a piece of news."""
    return SEEN if news.is_seen else kind
