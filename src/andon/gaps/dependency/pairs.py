"""A service's answers in either world, side by side: where they differ, and how that is taken apart."""

from __future__ import annotations

from andon.gaps.dependency.blend import ANSWER, HEADERS, header, places
from andon.gaps.dependency.fields import covers, grouped, steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.gaps.dependency.answers import Answer, Answers

#: Fields that are told apart at once; more are put together by what holds them.
MOST_FIELDS = 24
#: Answers of one endpoint that are compared.
_MOST_PAIRS = 400
_HEADER = header("")


class Pairs:
    """What of a service differs."""

    def __init__(self, test: Answers, production: Answers) -> None:
        """Take both worlds' answers."""
        self.test, self.production = test, production
        self._places: dict[str, tuple[str, ...]] = {}

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The endpoints that production answers in another way, and those that tests never saw."""
        return tuple(name for name in self.production.endpoints if self.places(name))

    def of(self, name: str) -> Iterator[tuple[Answer, Answer]]:
        """Yield the answers of an endpoint to the same request at the same turn."""
        seen = set()
        pairs = 0
        for entry in (*self.test.at(name), *self.production.at(name)):
            asked = (entry.method, entry.path, entry.sent)
            if asked in seen:
                continue
            seen.add(asked)
            mine, theirs = self.test.to(*asked), self.production.to(*asked)
            for turn in range(max(len(mine), len(theirs)) if mine and theirs else 0):
                yield mine[min(turn, len(mine) - 1)].answer, theirs[min(turn, len(theirs) - 1)].answer
                pairs += 1
                if pairs >= _MOST_PAIRS:
                    return

    def places(self, name: str) -> tuple[str, ...]:
        """Return the finest places in which an endpoint's answers differ."""
        if name not in self._places:
            if not self.test.at(name):
                self._places[name] = (ANSWER,)
            else:
                found = (place for mine, theirs in self.of(name) for place in places(mine, theirs))
                self._places[name] = tuple(dict.fromkeys(found))
        return self._places[name]

    def split(self, name: str, place: str = "") -> tuple[str, ...]:
        """Return the finer places of an endpoint, or of one of its places; () when nothing is finer."""
        finest = self.places(name)
        if ANSWER in finest or (place and place in finest):
            return ()
        headers = [p for p in finest if p.startswith(_HEADER)]
        fields = [p for p in finest if p.startswith("$")]
        if place == HEADERS:
            return tuple(headers)
        if place:
            below = [p for p in fields if place.startswith("$") and covers(place, p)]
            found = grouped(below, MOST_FIELDS, place)
            return () if found == (place,) else found
        others = [p for p in finest if p not in headers and p not in fields]
        together = [HEADERS] if len(headers) > 1 else headers
        return (*others, *together, *grouped(fields, MOST_FIELDS))


def name_of(place: str) -> str:
    """Return the last name in a field; "" when it has none."""
    named = [step[1:] for step in steps(place) if step.startswith(".") and step not in (".*", ".length")]
    return named[-1] if named else ""
