"""Which commit to test next, and which one is to blame once the tests say so: a search weighted by chance.

A fault that was noticed today was rarely made by the oldest commit of the range, so the range is split where
the chances are even, not where the commits are. Worth at most two tests more than halving, never worse.
"""

from __future__ import annotations

from enum import StrEnum
from math import ceil, log2

from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: The chance of being the culprit falls with the place counted from the newest commit: place ** -1.5.
#: Fitted on one public history, used on another: bench/bisect.py.
EXPONENT = 1.5
#: Tests that an unlikely culprit may cost beyond halving.
EXTRA = 2
#: Answers of a kind that the accused commit, the one before it and the ends of a doubtful range need.
CONFIRMED = 2
#: Answers of a kind that settle a commit once any commit has answered both ways: the best of three.
FLAKY_VOTES = 2


class Answer(StrEnum):
    """What a test said of a commit."""

    GOOD = "good"
    BAD = "bad"
    #: It could not be tested: it does not build, or took too long.
    SKIP = "skip"


class NextTest(Record):
    """The commit to test next."""

    commit: str
    #: Commits that may still be to blame.
    suspects: int
    #: Tests still needed if each of them is answered, at most.
    at_most: int
    #: `end` (is the range what it is said to be?), `search`, or `confirmation`.
    purpose: str


class Found(Record):
    """Who is to blame: one commit, or several when those between cannot be tested. Oldest first."""

    commits: tuple[str, ...]
    #: `proven`, `likely` (a commit answered both ways, or once only), or `narrowed` (more than one is left).
    confidence: str
    #: Commits that were tested and could be, in the order of the search; the two ends are not among them.
    tested: tuple[str, ...]
    skipped: tuple[str, ...] = ()
    #: Commits that answered both ways.
    flaky: tuple[str, ...] = ()


class Misled(Record):
    """The range is not what it is said to be: its end answers otherwise, or cannot be tested."""

    commit: str
    expected: Answer
    answered: Answer


class Range(Record):
    """What is searched: the good commit, and every commit of the main line after it up to the bad one."""

    good: str
    #: Oldest first; the last one is known to be bad.
    commits: tuple[str, ...]
    #: Answers of a kind that settle a commit.
    votes: int = 1
    #: Commits that something speaks against beside their age, with the factor by which that is likelier.
    suspected: tuple[tuple[str, float], ...] = ()
    exponent: float = EXPONENT


def chances(count: int, exponent: float = EXPONENT) -> tuple[float, ...]:
    """Return the chance of each commit to be the culprit, oldest first; together they are 1."""
    weights = [place**-exponent for place in range(count, 0, -1)]
    whole = sum(weights)
    return tuple(weight / whole for weight in weights)


def most_tests(count: int) -> int:
    """Return how many commits are tested at most among `count` suspects when every test is answered."""
    return ceil(log2(count)) + EXTRA if count > 1 else 0


def next_test(span: Range, answers: Mapping[str, Sequence[Answer]]) -> NextTest | Found | Misled:
    """Return what to test next, or how the search ended.

    The search is played again from all answers so far, so a search that was cut short goes on where it was.
    Every commit is asked until `votes` answers agree; once any commit has answered both ways, until two do.
    """
    votes = max(span.votes, FLAKY_VOTES if _flaky(answers) else 1)
    for commit, expected in ((span.good, Answer.GOOD), (span.commits[-1], Answer.BAD)):
        settled = _end(answers.get(commit, ()), expected, votes)
        if settled is None:
            count = len(span.commits)
            return NextTest(commit=commit, suspects=count, at_most=most_tests(count), purpose="end")
        if settled is not expected:
            return Misled(commit=commit, expected=expected, answered=settled)
    return _search(span, answers, votes)


def _search(span: Range, answers: Mapping[str, Sequence[Answer]], votes: int) -> NextTest | Found:
    """Narrow the range by the answers there are, until one is missing or nothing is left to ask."""
    commits, weights = span.commits, _weights(span)
    low, high = -1, len(commits) - 1  # the newest commit known to be good, and the oldest known to be bad
    left = most_tests(len(commits))
    tested: list[str] = []
    skipped: set[int] = set()
    while (place := _split(weights, low, high, skipped, left)) is not None:
        settled = _settled(answers.get(commits[place], ()), votes)
        if settled is None:
            return NextTest(commit=commits[place], suspects=high - low, at_most=left, purpose="search")
        if settled is Answer.SKIP:
            skipped.add(place)
            continue
        tested.append(commits[place])
        left -= 1
        low, high = (place, high) if settled is Answer.GOOD else (low, place)
    for commit in _once_only(span, answers, low, high) if high - low == 1 else ():
        if len(answers.get(commit, ())) < 2 * CONFIRMED - 1:
            return NextTest(commit=commit, suspects=1, at_most=0, purpose="confirmation")
    flaky = _flaky(answers)
    confidence = "narrowed"
    if high - low == 1:
        confidence = "likely" if flaky or _once_only(span, answers, low, high) else "proven"
    return Found(
        commits=commits[low + 1 : high + 1],
        confidence=confidence,
        tested=tuple(tested),
        skipped=tuple(commits[place] for place in sorted(skipped)),
        flaky=flaky,
    )


def _weights(span: Range) -> list[float]:
    factors = dict(span.suspected)
    return [
        chance * factors.get(commit, 1.0)
        for commit, chance in zip(span.commits, chances(len(span.commits), span.exponent), strict=True)
    ]


def _split(weights: Sequence[float], low: int, high: int, skipped: set[int], left: int) -> int | None:
    """Return the place whose answer tells most and leaves no more than the tests `left` can settle."""
    open_places = [place for place in range(low + 1, high) if place not in skipped]
    if not open_places:
        return None
    room = 1 << (left - 1)
    whole = sum(weights[low + 1 : high + 1])
    middle = (low + high) / 2
    best, best_rank = None, (-1.0, 0.0)
    share, place_before = 0.0, low
    near = _nearness(low, high, skipped)
    for number, place in enumerate(open_places, start=1):
        share += sum(weights[place_before + 1 : place + 1])
        place_before = place
        if number > room or len(open_places) + 1 - number > room:
            continue  # one of the two answers would leave more than the remaining tests can tell apart
        rank = (_told(share / whole) * (1 - near.get(place, 0.0)), -abs(place - middle))
        if rank > best_rank:
            best, best_rank = place, rank
    return best


def _told(share: float) -> float:
    """Return what a yes-or-no answer tells whose yes has this chance, in bits (Shannon's entropy)."""
    share = min(max(share, 1e-12), 1 - 1e-12)
    return -share * log2(share) - (1 - share) * log2(1 - share)


def _nearness(low: int, high: int, skipped: set[int]) -> dict[int, float]:
    """Return the chance that a place cannot be tested, because one nearby could not: a broken build lasts.

    It falls with the distance, slower the more of them there are; between two of them everything is nearer.
    """
    inside = sorted(place for place in skipped if low < place < high)
    found: dict[int, float] = {}
    for place in range(low + 1, high) if inside else ():
        distance: float = min(abs(place - other) for other in inside)
        if inside[0] < place < inside[-1]:
            distance /= 3
        found[place] = len(inside) / (len(inside) + distance)
    return found


def _settled(given: Sequence[Answer], votes: int) -> Answer | None:
    """Return what a commit is, once as many answers as it takes agree.

    What cannot be tested is not asked again, unless it answered another time: then the answers count.
    """
    for answer in (Answer.BAD, Answer.GOOD):
        if given.count(answer) >= votes:
            return answer
    if given.count(Answer.SKIP) and (len(given) == given.count(Answer.SKIP) or len(given) >= 2 * votes + 1):
        return Answer.SKIP
    return None


def _end(given: Sequence[Answer], expected: Answer, votes: int) -> Answer | None:
    """As `_settled`, but an answer against what is known of an end of the range is asked for again."""
    if not given.count(expected) and len(given) < CONFIRMED and Answer.SKIP not in given:
        return None
    return _settled(given, votes)


def _once_only(span: Range, answers: Mapping[str, Sequence[Answer]], low: int, high: int) -> list[str]:
    """Return which of the two commits that the result stands on have not answered so twice."""
    pair = ((span.commits[high], Answer.BAD), (span.commits[low] if low >= 0 else span.good, Answer.GOOD))
    return [commit for commit, answer in pair if answers.get(commit, ()).count(answer) < CONFIRMED]


def _flaky(answers: Mapping[str, Sequence[Answer]]) -> tuple[str, ...]:
    return tuple(c for c, given in answers.items() if Answer.GOOD in given and Answer.BAD in given)
