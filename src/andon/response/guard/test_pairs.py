"""Which test after a change is which test before it: by place, by name, then by what it says."""

from __future__ import annotations

import re
from collections import Counter

from andon.record import Record
from andon.response.guard.likeness import alike

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.response.guard.reading import Sides
    from andon.response.guard.suites import Suite, Test

#: Share of equal lines from which a test with another name is the same test (docs/decisions/0015).
_SAME = 0.5
#: Share of the words of a check that must come back elsewhere for it to be still made.
STILL = 0.8
#: Tests that are gone and new ones that are compared with each other.
_MOST = 400
WORDS = re.compile(r"[A-Za-z_]\w*|\d[\w.]*")


class TestFile(Record):
    """A file with tests, and those of both sides."""

    __test__ = False

    sides: Sides
    before: Suite
    after: Suite


class KnownTest(Record):
    """A test with its file."""

    __test__ = False

    sides: Sides
    test: Test


def match_tests(suites: Sequence[TestFile]) -> tuple[list[tuple[KnownTest, KnownTest]], list[KnownTest]]:
    """Pair each test before with one after: same file and name, then same name, then much the same body."""
    old = [KnownTest(sides=s.sides, test=test) for s in suites for test in s.before.tests]
    new = [KnownTest(sides=s.sides, test=test) for s in suites for test in s.after.tests]
    pairs: list[tuple[KnownTest, KnownTest]] = []
    for key in (_place_key, _name_key):
        waiting: dict[object, list[KnownTest]] = {}
        for known in new:
            waiting.setdefault(key(known), []).append(known)
        left = []
        for known in old:
            candidates = waiting.get(key(known))
            if candidates:
                best = (
                    max(candidates, key=lambda c: alike(known.test.body, c.test.body))
                    if len(candidates) > 1
                    else candidates[0]
                )
                candidates.remove(best)
                pairs.append((known, best))
            else:
                left.append(known)
        old = left
        taken = {id(pair[1]) for pair in pairs}
        new = [known for known in new if id(known) not in taken]
    renamed = _alike_pairs(old, new)
    kept = {id(before) for before, _ in renamed}
    return pairs + renamed, [known for known in old if id(known) not in kept]


def _place_key(known: KnownTest) -> object:
    return known.sides.path, known.test.qualified


def _name_key(known: KnownTest) -> object:
    return known.test.name


def _alike_pairs(old: Sequence[KnownTest], new: Sequence[KnownTest]) -> list[tuple[KnownTest, KnownTest]]:
    scored = []
    for i, gone in enumerate(old[:_MOST]):
        for j, come in enumerate(new[:_MOST]):
            score = alike(gone.test.body, come.test.body)
            kept = _share(gone.test, Counter(WORDS.findall(" ".join(come.test.body))))
            if score >= _SAME or (
                kept >= STILL and score >= _SAME / 2 and len(gone.test.asserts) <= len(come.test.asserts)
            ):
                scored.append((score, i, j))
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    pairs = []
    for _, i, j in sorted(scored, key=lambda s: (-s[0], s[1], s[2])):
        if i not in taken_old and j not in taken_new:
            taken_old.add(i)
            taken_new.add(j)
            pairs.append((old[i], new[j]))
    return pairs


def _share(test: Test, words: Counter[str]) -> float:
    """Return the share of the words of its checks that are among `words`; 0 where nothing is checked."""
    own = set(WORDS.findall(" ".join(test.asserts)))
    return sum(1 for word in own if words[word]) / len(own) if own else 0.0
