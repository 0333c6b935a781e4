"""Whether Andon names the right release to go back to, on the real reverts of public histories.

    git clone --bare https://github.com/pypi/warehouse
    git clone --bare https://github.com/rubygems/rubygems.org
    ./dev bench last_known_good warehouse.git rubygems.org.git

Each commit of the main line is a deployment, at the time it was committed (never before the one before it).
Each revert is an incident: the culprit went out, and the revert is the moment at which somebody decides where
to go back to. What Andon is given is what its ledger would hold at that moment, and nothing else:

* every deployment up to then;
* a good verdict for each release that stood as long as it is watched before the next one went out: its smoke
  tests had passed. The fault was not seen by them, or it would not have gone on, so the culprit has its good
  verdict like the others. A release that was replaced sooner was never judged: it is unknown;
* the incidents that were over by then, as Andon records the end of a rollback;
* when it broke: the first sign of the failure, some time after the culprit went out.

The right answer is taken from the history and never shown to Andon: the newest release before the culprit
that was not broken itself as far as anybody could know, which means: not between another culprit and its
revert, when that revert was made before the decision. "Works" says that the answer is no newer than that and
not broken. "With hindsight" also counts what was found out later: between a culprit and a revert that came
after the decision; no ledger could know it. Beside it stands a one-step rollback, to the version before the
one that runs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any, NamedTuple

from reverts import History, Revert, read

from andon.incident.events import ReleaseDeployed, ReleaseJudged
from andon.incident.ledger import Ledger, fold_ledger
from andon.incident.recorded import Recorded
from andon.incident.words import CommandId, EventId, ReleaseVerdict
from andon.response.last_known_good import last_known_good

#: Share of the reverts for which the right release must be named.
TARGET = 0.95
#: Deployments before the culprit that the ledger holds: more than any chain of bad ranges is long.
REACH = 400
#: Seconds a release is watched before it is judged, and after which the failure first shows: the cases shown.
CASES = ((10, 0), (10, 10), (10, 600), (60, 60), (300, 60), (300, 300))
#: The case the target is for: watched and seen as `andon verify` does by itself.
HEADLINE = (10, 10)


class Score(NamedTuple):
    """How many of the answers were right, worked, and would have been right with hindsight."""

    right: int
    works: int
    hindsight: int
    step_right: int
    step_works: int
    total: int


def replay(history: History, watch: timedelta, seen_after: timedelta) -> Score:
    """Ask Andon at every revert where to go back to, and count."""
    times = list(accumulate((commit.at for commit in history.line), max))
    counts = [0, 0, 0, 0, 0]
    asked = [one for one in history.reverts if one.culprit > 0]
    for one in asked:
        over = [other for other in history.reverts if other.revert < one.revert]
        answer = _ask(history, times, one, over, watch, seen_after)
        step = one.revert - 2
        right = _newest(one, over)
        counts[0] += answer == right
        counts[1] += 0 <= answer <= right and not _is_broken(answer, over)
        counts[2] += answer == _newest(one, history.reverts)
        counts[3] += step == right
        counts[4] += step <= right and not _is_broken(step, over)
    return Score(*counts, total=len(asked))


def _ask(
    history: History,
    times: Sequence[datetime],
    one: Revert,
    over: Sequence[Revert],
    watch: timedelta,
    seen_after: timedelta,
) -> int:
    """Return the place of the release that Andon names; -1 when it names none."""
    first = max(0, one.culprit - REACH)
    span = range(first, one.revert)
    ledger = _ledger(history, times, span, [o for o in over if o.culprit >= first], watch, seen_after)
    named = last_known_good(
        ledger,
        broke_at=times[one.culprit] + seen_after,
        running=history.line[one.revert - 1].id,
        available=None,
    )
    return next((place for place in span if history.line[place].id == named.version), -1)


def _ledger(
    history: History,
    times: Sequence[datetime],
    span: range,
    over: Sequence[Revert],
    watch: timedelta,
    seen_after: timedelta,
) -> Ledger:
    """Return the ledger as Andon folds it from its own events, in the order in which they were recorded."""
    told: list[tuple[datetime, ReleaseDeployed | ReleaseJudged]] = []
    fixes = {other.revert for other in over}
    for place in span:
        version, ended = history.line[place].id, times[place] + watch
        at = times[place]
        told.append((at, ReleaseDeployed(version=version, commit=version, deployed_at=at, source="recorded")))
        stood = ended <= times[place + 1]
        if stood and place not in fixes:
            told.append((ended, _judged(version, ReleaseVerdict.GOOD, "smoke tests passed")))
    for number, other in enumerate(over):
        broke_at, ended = times[other.culprit] + seen_after, times[other.revert] + watch
        stood = ended <= times[other.revert + 1]
        told += ((ended, event) for event in _ended(history, other, f"INC-{number + 1}", broke_at, stood))
    until = times[span[-1] + 1]
    told = sorted((entry for entry in told if entry[0] <= until), key=lambda entry: entry[0])
    return fold_ledger(_recorded(told))


def _ended(
    history: History, other: Revert, incident: str, broke_at: datetime, stood: bool
) -> Iterator[ReleaseJudged]:
    """What the last verification of an incident records, in this order: the fix is good, what ran was bad."""
    ran, fix = history.line[other.revert - 1].id, history.line[other.revert].id
    if stood:
        yield _judged(fix, ReleaseVerdict.GOOD, "verified", incident=incident)
    yield _judged(ran, ReleaseVerdict.BAD, "gone with the fix", incident=incident, broke_at=broke_at)


def _judged(version: str, verdict: ReleaseVerdict, reason: str, **more: Any) -> ReleaseJudged:
    return ReleaseJudged(version=version, verdict=verdict, reason=reason, **more)


def _recorded(told: Sequence[tuple[datetime, ReleaseDeployed | ReleaseJudged]]) -> Iterator[Recorded]:
    for seq, (at, event) in enumerate(told, start=1):
        yield Recorded(
            stream="service:replay",
            seq=seq,
            id=EventId(str(seq)),
            at=at,
            actor="replay",
            command=CommandId(str(seq)),
            event=event,
        )


def _newest(one: Revert, others: Sequence[Revert]) -> int:
    """Return the newest place before the culprit that is in no bad range; -1 when there is none."""
    return next((p for p in range(one.culprit - 1, -1, -1) if not _is_broken(p, others)), -1)


def _is_broken(place: int, others: Sequence[Revert]) -> bool:
    return any(other.culprit <= place < other.revert for other in others)


def main() -> int:
    """Print the table; with --check, fail when the target is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repository", nargs="+", help="a clone; a bare one will do")
    parser.add_argument("--check", action="store_true", help=f"exit 1 below {TARGET:.0%}")
    arguments = parser.parse_args()
    missed = False
    for repository in arguments.repository:
        history = read(repository)
        print(f"{repository}: {len(history.reverts)} reverts in {len(history.line)} commits\n")
        head = f"{'watched':>8}{'seen after':>12}{'right':>8}{'works':>8}{'hindsight':>11}"
        print(f"{head}    one step: right  works")
        for watch, seen_after in CASES:
            score = replay(history, timedelta(seconds=watch), timedelta(seconds=seen_after))
            shares = [part / score.total for part in score[:5]]
            verdict = ""
            if (watch, seen_after) == HEADLINE:
                missed |= shares[0] < TARGET
                verdict = f"   target {TARGET:.0%} {'kept' if shares[0] >= TARGET else 'MISSED'}"
            print(
                f"{watch:6} s{seen_after:10} s{shares[0]:8.1%}{shares[1]:8.1%}{shares[2]:11.1%}"
                f"{shares[3]:19.1%}{shares[4]:7.1%}{verdict}"
            )
        print()
    return 1 if arguments.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
