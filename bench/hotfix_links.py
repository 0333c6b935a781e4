"""Learn what the signs in `response/guard/weights.py` are worth, from the tuning projects; print tables.

    ./dev bench hotfix_links BUGSINPY PROJECT...

Arguments as for `bench.hotfix_guard`. Three models, each a logistic regression: whether two hunks belong
together, whether a cut makes two things of a change, and which side of a cut is the fix. Fixes of BugsInPy
alone and with their tests, and small commits that call themselves fixes, are one thing; fixes put together
with another commit are two.
"""

from __future__ import annotations

import argparse
import sys
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from andon.response.guard.bearing import bearing, known
from andon.response.guard.cuts import cuts, likeness_to_a_fix, signs
from andon.response.guard.evidence import between
from andon.response.guard.pieces import Rarity, pieces_of
from andon.response.guard.reading import read_change
from andon.response.guard.weights import weigh
from bench.fix_corpus import Repository, by_subject, fixes, read_arguments, sample_of, tangles, with_tests
from bench.logistic import learned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from andon.response.guard.cuts import Cut, Links
    from andon.response.guard.pieces import Piece
    from bench.fix_corpus import Sample
    from bench.logistic import Row

#: Projects that weights are learned from; all others are held out.
TUNING = ("scrapy", "luigi", "tornado", "thefuck", "black", "youtube-dl")
#: Hunks of a change that is learned from.
MOST = 40
#: What a commit counts that only calls itself a fix, and a fix with its test.
BY_SUBJECT, WITH_TEST = 0.3, 0.5


class Case(NamedTuple):
    """A change, with which of its pieces do not belong."""

    kind: str
    counts: float
    pieces: tuple[Piece, ...]
    foreign: tuple[bool, ...]
    pairs: list[tuple[int, int, dict[str, float]]]
    bearings: tuple[float, ...]


def main() -> int:
    """Learn the three tables and print them."""
    given = read_arguments(argparse.ArgumentParser(description=__doc__))
    found = [
        case
        for sample, counts in samples(given.bugs, given.projects)
        if (case := read(sample, counts)) is not None
    ]
    print(f"{len(found)} changes of {', '.join(TUNING)}", file=sys.stderr)
    link = table(pair_rows(found))
    print("LINK =", show(link))
    told = [(case, links_of(case, link)) for case in found]
    cut: dict[str, float] = {}
    for _ in range(3):
        cut = table(cut_rows(told, cut))
    print("CUT =", show(cut))
    print("FIX =", show(table(side_rows(told, cut))))
    return 0


def samples(bugs: Repository, projects: dict[str, Repository]) -> Iterator[tuple[Sample, float]]:
    """Return what is learned from, each with what it counts."""
    tuning = {name: projects[name] for name in TUNING if name in projects}
    mine = [s for s in fixes(bugs, projects) if s.project in tuning]
    yield from ((s, 1.0) for s in mine)
    for name, repository in tuning.items():
        random = Random(7)
        own = [s for s in mine if s.project == name and s.is_whole]
        yield from ((s, WITH_TEST) for s in with_tests(own, bugs, repository))
        yield from ((s, 0.5) for s in tangles(own, repository, random, same_file=False))
        yield from ((s, 1.0) for s in tangles(own, repository, random, same_file=True, each=3))
        yield from ((s, 1.0) for s in tangles(own, repository, random, same_file=True, each=3, only=True))
        small = [c for c in by_subject(repository, "fix") if c.size <= 80]
        random.shuffle(small)
        yield from ((sample_of(repository, name, commit), BY_SUBJECT) for commit in small[:80])
        repository.close()


def read(sample: Sample, counts: float) -> Case | None:
    """Compare the hunks of a change; None when there are none to compare, or too many."""
    if not 1 < sum(len(f.hunks) for f in sample.change.files) <= MOST:
        return None
    sides = read_change(sample.change)
    pieces, rarity = pieces_of(sides), Rarity(sides)
    marked = set(sample.foreign)
    foreign = tuple(
        (p.path, p.hunk.new_start, p.hunk.new_start + max(len(p.hunk.added), 1) - 1) in marked for p in pieces
    )
    pairs = [(i, j, between(a, b, rarity)) for i, a in enumerate(pieces) for j, b in enumerate(pieces[:i])]
    about = known(sample.context)
    pointed = tuple(0.0 if about.is_empty else bearing(p, about, rarity) for p in pieces)
    kind = "two" if any(foreign) else "one"
    return Case(kind, counts, pieces, foreign, pairs, pointed)


def pair_rows(found: Iterable[Case]) -> list[tuple[dict[str, float], int, float]]:
    """Return every pair that surely belongs together, or surely does not."""
    return [
        (told, int(case.kind == "one"), case.counts / len(case.pairs) ** 0.5)
        for case in found
        for i, j, told in case.pairs
        if case.kind == "one" or case.foreign[i] != case.foreign[j]
    ]


def links_of(case: Case, weights: dict[str, float]) -> Links:
    """Return how strongly each pair is linked."""
    links = [[0.0] * len(case.pieces) for _ in case.pieces]
    for i, j, told in case.pairs:
        links[i][j] = links[j][i] = weigh(told, weights)
    return links


def cut_rows(
    told: Iterable[tuple[Case, Links]], weights: dict[str, float]
) -> list[tuple[dict[str, float], int, float]]:
    """Return every cut of what is one thing, and the cut nearest to the truth of what is two.

    Each counts half with what its failing test says, and half without.
    """
    rows = []
    for case, links in told:
        made = list(cuts(case.pieces, links, tuple(range(len(case.pieces)))))
        for bearings in ((0.0,) * len(case.pieces), case.bearings):
            shown = [signs(cut, case.pieces, links, bearings) for cut in made]
            if case.kind == "one":
                rows += [(s, 0, case.counts / 2 / len(shown) ** 0.5) for s in shown]
                continue
            best = max(
                range(len(made)),
                key=lambda n: (truth(case, made[n]), weigh(shown[n], weights) if weights else 0.0),
            )
            rows.append((shown[best], 1, case.counts / 2))
    return rows


def truth(case: Case, cut: Cut) -> float:
    """Return the share of pieces that a cut puts where they belong."""
    right = sum(case.foreign[n] for n in cut.small) + sum(not case.foreign[n] for n in cut.large)
    return max(right, len(case.pieces) - right) / len(case.pieces)


def side_rows(
    told: Iterable[tuple[Case, Links]], weights: dict[str, float]
) -> list[tuple[dict[str, float], int, float]]:
    """Return, for the likeliest cut of each tangle, how its sides differ and if the smaller is the fix."""
    rows = []
    for case, links in told:
        if case.kind == "one":
            continue
        nothing = (0.0,) * len(case.pieces)
        made = list(cuts(case.pieces, links, tuple(range(len(case.pieces)))))
        cut = max(made, key=lambda c: weigh(signs(c, case.pieces, links, nothing), weights))
        if truth(case, cut) < 0.75:
            continue
        small, large = (
            likeness_to_a_fix([case.pieces[n] for n in side], [case.bearings[n] for n in side])
            for side in (cut.small, cut.large)
        )
        is_fix = sum(case.foreign[n] for n in cut.small) * 2 < len(cut.small)
        rows.append(({name: small[name] - large[name] for name in small}, int(is_fix), 1.0))
    return rows


def table(rows: list[tuple[dict[str, float], int, float]]) -> dict[str, float]:
    """Learn one table."""
    names = list(rows[0][0])
    plain: list[Row] = [([signs_[name] for name in names], label, counts) for signs_, label, counts in rows]
    return {name: round(weight, 2) for name, weight in zip(names, learned(plain), strict=True)}


def show(weights: dict[str, float]) -> str:
    """Write a table as it stands in the code."""
    return "{\n" + "".join(f'    "{name}": {weight:.2f},\n' for name, weight in weights.items()) + "}"


if __name__ == "__main__":
    sys.exit(main())
