"""How many tests it takes to find the commit that broke it, and how often the ranking names it at once.

    git clone --bare https://github.com/pypi/warehouse
    git clone --bare https://github.com/rubygems/rubygems.org
    ./dev bench culprit warehouse.git rubygems.org.git

Each revert is searched for in the 50 commits of the main line that went out before it. Left out are reverts
whose culprit is older, and those that took several commits back, as they do not say which was at fault. The
target is for what was taken back within 14 days, which is what an incident is; without that limit it is told
too. A test is right and every commit can be tested; the two ends are not counted, for neither way of
searching. "Halving" splits the number of commits. The exponent is fitted on the first repository, and tried
on the others beside the one that Andon ships.

The ranking gets one file of the culprit as the stack frame, then three noise frames too: files that the last
500 commits changed, the more often the likelier. That is optimistic: not every failure has a trace, and not
every trace passes through what was changed.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
from collections.abc import Sequence
from datetime import timedelta
from math import log
from typing import NamedTuple

from reverts import History, Revert, git, read

from andon.response import bisecting
from andon.response.bisecting import Answer, Found, NextTest, Range, most_tests, next_test
from andon.response.culprits import Candidate, likelier, rank

WINDOW = 50
#: Days within which a revert is taken to be the end of an incident.
DAYS = 14
#: Commits from whose files the noise is drawn.
REACH = 500
#: Tests on average, with the weights that Andon ships.
TARGET = 3.7
#: Exponents that are tried when one is fitted.
EXPONENTS = tuple(step / 10 for step in range(31))
NOISE = 3
#: Frames are drawn this often for each revert.
DRAWS = 20


class Case(NamedTuple):
    """A window with its culprit's place in it, 0 for the oldest, and files that other traces pass through."""

    candidates: tuple[Candidate, ...]
    culprit: int
    noise: tuple[str, ...]


class Ranking(NamedTuple):
    """How often the culprit came first, was among the first three, and the mean of 1 / its place."""

    first: float
    third: float
    reciprocal: float


def cases(repository: str, history: History, days: float) -> list[Case]:
    """Return the reverts that were made within so many days and whose culprit lies in the window."""
    files = _files(repository, history)
    chosen = [
        one
        for one in history.reverts
        if one.taken_back == 1 and one.window <= WINDOW <= one.revert and history.took(one) <= timedelta(days)
    ]
    return [_case(history, one, files) for one in chosen]


def _files(repository: str, history: History) -> dict[str, tuple[str, ...]]:
    """Return the files that each commit of the main line changed."""
    form = ("--first-parent", "-m", "--no-renames", "--name-only", "--format=%x01%H")
    files = {}
    for block in git(repository, "log", *form, history.line[-1].id).split("\x01")[1:]:
        commit, _, names = block.partition("\n")
        files[commit] = tuple(name for name in names.split("\n") if name)
    return files


def _case(history: History, one: Revert, files: dict[str, tuple[str, ...]]) -> Case:
    window = history.line[one.revert - WINDOW : one.revert]
    before = history.line[max(0, one.revert - REACH) : one.revert]
    return Case(
        candidates=tuple(Candidate(commit=c.id, files=files[c.id]) for c in window),
        culprit=one.culprit - one.revert + WINDOW,
        noise=tuple(path for commit in before for path in files[commit.id]),
    )


def weighted(
    case: Case, suspected: tuple[tuple[str, float], ...] = (), exponent: float = bisecting.EXPONENT
) -> int:
    """Return how many tests Andon's search takes."""
    commits = tuple(c.commit for c in case.candidates)
    span = Range(good="good", commits=commits, suspected=suspected, exponent=exponent)
    twice = bisecting.CONFIRMED
    answers: dict[str, list[Answer]] = {"good": [Answer.GOOD] * twice, commits[-1]: [Answer.BAD] * twice}
    bad = set(commits[case.culprit :])
    while isinstance(step := next_test(span, answers), NextTest):
        answers.setdefault(step.commit, []).append(Answer.BAD if step.commit in bad else Answer.GOOD)
    assert isinstance(step, Found), step
    assert step.commits == (commits[case.culprit],), "the search accused another"
    return len(step.tested)


def halving(case: Case) -> int:
    """Return how many tests plain bisection takes."""
    low, high, tests = -1, len(case.candidates) - 1, 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if middle >= case.culprit else (middle, high)
        tests += 1
    return tests


def fitted(found: Sequence[Case]) -> float:
    """Return the exponent under which the places of these culprits are likeliest."""

    def likelihood(exponent: float) -> float:
        chances = bisecting.chances(WINDOW, exponent)
        return sum(log(chances[case.culprit]) for case in found)

    return max(EXPONENTS, key=likelihood)


def frames_of(case: Case, chance: random.Random, noise: int) -> tuple[str, ...]:
    """Draw a frame in the culprit's files, and noise beside it."""
    own = case.candidates[case.culprit].files
    drawn = [chance.choice(own)] if own else []
    return tuple(
        f"/srv/app/{path}" for path in drawn + chance.sample(case.noise, min(noise, len(case.noise)))
    )


def ranking(found: Sequence[tuple[Case, tuple[str, ...]]]) -> Ranking:
    """Rank the candidates of each case by its frames, and see where the culprit stands."""
    places = []
    for case, frames in found:
        ranked = [suspect.commit for suspect in rank(case.candidates, frames)]
        places.append(ranked.index(case.candidates[case.culprit].commit) + 1)
    return Ranking(
        first=statistics.mean(place == 1 for place in places),
        third=statistics.mean(place <= 3 for place in places),
        reciprocal=statistics.mean(1 / place for place in places),
    )


def show_tests(name: str, tests: Sequence[int], plain: float, target: str = "") -> None:
    """Print one way of searching."""
    mean = statistics.mean(tests)
    print(f"  {name:44}{mean:6.2f}{mean / plain:8.2f}{max(tests):7}   {target}")


def show_case(found: Sequence[Case], exponent: float | None) -> bool:
    """Print what the search takes on one history, and return whether the target is kept."""
    plain = [halving(case) for case in found]
    mean = statistics.mean(plain)
    print(f"  {'':44}{'tests':>6}{'ratio':>8}{'worst':>7}")
    show_tests("halving", plain, mean)
    tests = [weighted(case) for case in found]
    kept = statistics.mean(tests) <= TARGET and max(tests) <= most_tests(WINDOW)
    target = f"target {TARGET}, worst {most_tests(WINDOW)}: {'kept' if kept else 'MISSED'}"
    show_tests(f"Andon, exponent {bisecting.EXPONENT}", tests, mean, target)
    if exponent is not None:
        name = f"with the exponent fitted on the first: {exponent}"
        show_tests(name, [weighted(case, exponent=exponent) for case in found], mean)
    chance = random.Random(1)
    drawn = [(case, frames_of(case, chance, NOISE)) for case in found for _ in range(DRAWS)]
    led = [weighted(case, likelier(rank(case.candidates, frames))) for case, frames in drawn]
    show_tests("Andon, frames given (optimistic)", led, mean)
    return kept


def show_ranking(found: Sequence[Case]) -> None:
    """Print where the culprit stands among the candidates."""
    chance = random.Random(2)
    print(f"\n  {'the culprit is':44}{'first':>6}{'of 3':>8}{'MRR':>7}")
    for name, noise in (
        ("by age alone", None),
        ("one frame and age", 0),
        (f"and {NOISE} noise frames", NOISE),
    ):
        drawn = [
            (case, () if noise is None else frames_of(case, chance, noise))
            for case in found
            for _ in range(DRAWS)
        ]
        scored = ranking(drawn)
        print(f"  {name:44}{scored.first:6.2f}{scored.third:8.2f}{scored.reciprocal:7.2f}")
    print()


def main() -> int:
    """Print the tables; with --check, fail when the target is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repository", nargs="+", help="a clone; a bare one will do")
    parser.add_argument("--check", action="store_true", help=f"exit 1 above {TARGET} tests on average")
    arguments = parser.parse_args()
    missed = False
    exponent: float | None = None
    for repository in arguments.repository:
        history = read(repository)
        found = cases(repository, history, DAYS)
        print(f"{repository}: {len(found)} reverts within {WINDOW} commits and {DAYS} days\n")
        missed |= not show_case(found, exponent)
        whole = cases(repository, history, 1e5)
        tests = [weighted(case) for case in whole]
        show_tests(
            f"Andon, all {len(whole)} reverts, however late", tests, statistics.mean(map(halving, whole))
        )
        show_ranking(found)
        if exponent is None:
            exponent = fitted(found)
            print(f"  fitted here: exponent {exponent}\n")
    return 1 if arguments.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
