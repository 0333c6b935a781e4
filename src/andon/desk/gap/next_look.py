"""What the desk adds to a verdict: what could not begin, and where it abstains the cheapest next step.

From cheap to dear: one option less, a consent, more time, a run of the suite, a line in andon.toml.
"""

from __future__ import annotations

import shlex

from andon.desk.gap.consent import PACE, asked, missing
from andon.desk.gap.plan import not_described
from andon.gaps.words import Answer, Kind, Reach, Tier
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.config.model import Config
    from andon.desk.gap.find import Prepared
    from andon.gaps.verdict import Search, Verdict

#: Seconds before the end of its time from which on a search counts as cut short.
_NEARLY = 2.0
#: How much more time is proposed then.
_MORE = 3
_TRACES = "run the suite once, green, with traces (--trace on; pytest-playwright: --tracing on)"
#: The verdicts' own advice that says where to look and not what to do.
_ANYWHERE = "andon gap --plan"


def with_untried(found: Search, config: Config, prepared: Prepared) -> Search:
    """Put into the verdict what could not even begin."""
    unasked = missing(asked(config, prepared.may))
    told = (
        *prepared.problems,
        *prepared.remarks,
        *prepared.beliefs.problems,
        *(f"{host} was not asked: give --i-own-this {host}" for host in unasked),
        *(("no world was built: --observe",) if prepared.observe else ()),
    )
    known = found.verdict.not_tried
    more = tuple(one for one in told if not any(one in other or other in one for other in known))
    return replace(found, verdict=replace(found.verdict, not_tried=tuple(dict.fromkeys((*known, *more)))))


def with_next_look(found: Search, config: Config, prepared: Prepared) -> Search:
    """Return the search with the cheapest next step in its verdict, where it abstains or only observed."""
    verdict = found.verdict
    is_over = found.seconds >= prepared.minutes * 60 - _NEARLY
    step = ("", "")
    if is_over and verdict.tier in (Tier.FLIPPED, Tier.RESTORED):
        step = f"more time tells the exact place: {_MORE} times as much", _longer(prepared)
    elif verdict.next_command != _ANYWHERE:
        return found  # it says something of its own
    elif verdict.answer is Answer.UNKNOWN:
        step = _told_more(found, config, prepared)
    elif verdict.tier is Tier.OBSERVED:
        step = _proven(prepared)
    if not step[0]:
        return found
    return replace(found, verdict=replace(verdict, next_step=step[0], next_command=step[1]))


def _proven(prepared: Prepared) -> tuple[str, str]:
    """Return what would prove what was only observed; empty where the verdict's own words say it."""
    if prepared.problems:
        return f"an experiment would prove it, once a world can be built: {prepared.problems[0]}", _ANYWHERE
    if prepared.observe:
        return "an experiment would prove it: the same without --observe", _command(prepared, observe=False)
    return "", ""


def _told_more(found: Search, config: Config, prepared: Prepared) -> tuple[str, str]:
    """Return the first of the things that would tell more, cheapest first."""
    if prepared.observe and not prepared.problems:
        return "build the worlds and try each difference: the same without --observe", _command(
            prepared, observe=False
        )
    hosts = asked(config, prepared.may)
    for host in missing(hosts):
        uses = "; ".join(one.what for one in hosts if one.host == host)
        return f"let {host} be read, at most {PACE} requests a second: {uses}", _command(
            prepared, consent=host
        )
    if prepared.problems:
        return f"make it possible to build a world: {prepared.problems[0]}", _ANYWHERE
    if len(prepared.kinds) < len(Kind):
        left = ", ".join(kind for kind in Kind if kind not in prepared.kinds)
        return f"try the other kinds as well: {left}", _command(prepared, only=False)
    if found.seconds >= prepared.minutes * 60 - _NEARLY:
        return "give it more time", _longer(prepared)
    if not prepared.beliefs.tests and prepared.coverage.reach is Reach.UNKNOWN:
        return f"{_TRACES}: it may be that no test goes there", _command(prepared)
    if kept := _kept_from(found.verdict):
        return f"mend what kept it from being tried: {kept}", _command(prepared)
    if lacks := {kind: how for kind, how in not_described(config).items() if kind in prepared.kinds}:
        kind, how = next(iter(lacks.items()))
        more = f"; and of {', '.join(list(lacks)[1:])}" if len(lacks) > 1 else ""
        return f"describe production's {kind}, of which nothing is known: {how}{more}", _ANYWHERE
    return "see whether production still fails: all that is described of it was tried", "andon verify"


def _longer(prepared: Prepared) -> str:
    return _command(prepared, minutes=_MORE * prepared.minutes)


def _kept_from(verdict: Verdict) -> str:
    """Return the first world or flip that could not be made, with why; "" when each could."""
    worlds = ("the tests' own world could not be tried: ", "production's world as a whole: ")
    flips = (*worlds, *(f"{kind} alone: " for kind in Kind))
    return next((told for told in verdict.not_tried if told.startswith(flips)), "")


def _command(
    prepared: Prepared,
    *,
    consent: str = "",
    minutes: float = 0.0,
    only: bool = True,
    observe: bool = True,
) -> str:
    """Return the command that was given, with one thing changed."""
    words = [prepared.again]
    if minutes or prepared.minutes_given:
        words.append(f"--minutes {minutes or prepared.minutes:g}")
    words += [f"--only {kind}" for kind in prepared.kinds] if only and len(prepared.kinds) < len(Kind) else []
    consents = (*prepared.may.given, *((consent,) if consent else ()))
    words += [f"--i-own-this {shlex.quote(host)}" for host in consents]
    words += ["--observe"] if observe and prepared.observe else []
    return " ".join(words)
