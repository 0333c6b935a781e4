"""Where exactly: the kind that is to blame cut down to the key, the row, the field, the amount."""

from __future__ import annotations

from andon.gaps.judging import place_in_words, unit_of
from andon.gaps.narrowing import smallest, threshold
from andon.gaps.scale.guessing import users_that_fail
from andon.gaps.trials import OutOfTime
from andon.gaps.verdict import Verdict
from andon.gaps.words import Answer, Kind, Tier
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from andon.gaps.experiment import Part
    from andon.gaps.trials import Trials

#: So many parts that were observed to be suspicious are tried alone before anything is cut in halves.
_LIKELY = 3
#: From so many rows on, the newest is worth an experiment of its own.
_MANY = 16
#: Parts that may be to blame together and are still called a place.
_FEW = 8
#: How near two amounts are, one of which fails, where the search for the least ends. Users are counted; of
#: rows and milliseconds nobody needs to know it exactly, and each world takes long.
_NEAR, _FAR = 1.1, 1.2
#: Places of quantities that are no whole numbers: milliseconds, of which fewer than these do nothing.
_MEASURES = frozenset(("browser", "link", "delay"))
_LEAST_MS = 20.0


class Culprit(Record):
    """Kinds that are to blame; more than one where they fail only together."""

    kinds: tuple[Kind, ...]
    #: True when production's world does not fail without them.
    is_restored: bool


class Locating:
    """Narrowing one culprit."""

    def __init__(
        self,
        trials: Trials,
        suspects: Mapping[tuple[str, ...], int],
        parts: Mapping[Kind, tuple[Part, ...]],
    ) -> None:
        """Take the experiments, the weights of what was observed by place, and the parts of each kind."""
        self._trials = trials
        self._suspects = suspects
        self._chosen = dict(parts)
        self.untried: list[str] = []
        #: Of each quantity, the greatest amount that did not fail.
        self._below: dict[Kind, float] = {}
        self._is_narrow: dict[Kind, bool] = {}

    def verdict(self, culprit: Culprit, reasons: tuple[str, ...]) -> Verdict:
        """Return the verdict on a culprit, as narrow as the time allows."""
        for kind in culprit.kinds:
            self._is_narrow[kind] = False
            try:
                self._narrow(kind)
            except OutOfTime:
                self._chosen[kind] = self._likely_first(self._chosen[kind])
                self.untried.append(f"narrowing {kind} further than {place_in_words(self._chosen[kind])}")
        first = culprit.kinds[0]
        parts = self._chosen[first]
        is_narrow = all(self._is_narrow.values())
        told = [self._told(kind) for kind in culprit.kinds]
        amount = parts[0].amount if len(parts) == 1 else None
        tier = Tier.NARROWED if is_narrow else Tier.RESTORED if culprit.is_restored else Tier.FLIPPED
        if not culprit.is_restored:
            reasons = (*reasons, "production's world without it was not seen to pass")
        return Verdict(
            answer=Answer(first.value) if len(culprit.kinds) == 1 else Answer.INTERACTION,
            kinds=culprit.kinds,
            place=parts[0].place,
            other_places=tuple(part.place for kind in culprit.kinds[1:] for part in self._chosen[kind][:1])
            + tuple(part.place for part in parts[1:_FEW]),
            threshold=amount,
            below=self._below.get(first) if amount is not None else None,
            unit=unit_of(parts[0]) if len(parts) == 1 else "",
            tier=tier,
            is_restored=culprit.is_restored,
            summary=" together with ".join(told),
            reasons=reasons,
            next_step="make what keeps it from coming back",
            next_command="andon gap prevent",
        )

    def _told(self, kind: Kind) -> str:
        parts = self._chosen[kind]
        words = place_in_words(parts)
        if len(parts) == 1 and parts[0].amount is not None:
            below = self._below.get(kind)
            unit = unit_of(parts[0])
            fine = f", not at {below:.0f}" if below is not None else ""
            return f"{kind}: {' '.join(parts[0].place)} from {parts[0].amount:.0f} {unit}{fine}".rstrip()
        return f"{kind}: {words}"

    def _narrow(self, kind: Kind) -> None:
        """Cut the parts of one kind down; the other kinds of an interaction stay as they are by now."""
        while True:
            parts = self._likely_first(self._chosen[kind])
            likely = self._likely(parts)
            self._chosen[kind] = smallest(parts, lambda some: self._fails(kind, some), likely)
            if len(self._chosen[kind]) > _FEW:
                return
            if len(self._chosen[kind]) > 1:
                self._is_narrow[kind] = True
                return
            part = self._chosen[kind][0]
            if part.amount is not None:
                self._narrow_amount(kind, part)
                return
            finer = self._trials.split(part)
            if not finer:
                self._is_narrow[kind] = True
                return
            first = self._likely_first(finer)
            if len(finer) > 1 and any(self._fails(kind, (one,)) for one in first[: self._likely(first)]):
                self._chosen[kind] = finer
                continue
            if not self._fails(kind, finer):
                self.untried.append(f"what of {part.name}: its parts together do not fail as it does")
                self._is_narrow[kind] = True
                return
            self._chosen[kind] = finer

    def _narrow_amount(self, kind: Kind, part: Part) -> None:
        high, low = threshold(
            part.least,
            part.amount or 0.0,
            lambda amount: self._fails(kind, (replace(part, amount=amount),)),
            is_whole=(is_whole := part.place[0] not in _MEASURES),
            near=_NEAR if part.place[0] == "users" else _FAR,
            floor=1.0 if is_whole else _LEAST_MS,
            guess=self._guess(kind, part),
        )
        self._chosen[kind] = (replace(part, amount=high),)
        self._below[kind] = low
        self._is_narrow[kind] = True

    def _fails(self, kind: Kind, parts: Sequence[Part]) -> bool:
        told = f"the tests' world with {place_in_words(parts)} of production"
        return self._trials.shows("narrow", (*self._others(kind), *parts), told)

    def _others(self, kind: Kind) -> tuple[Part, ...]:
        """Return the parts of the other kinds, as they are by now."""
        return tuple(part for other, chosen in self._chosen.items() if other is not kind for part in chosen)

    def _guess(self, kind: Kind, part: Part) -> float | None:
        """Return how many users are likely to fail, by the world in which they all did."""
        known = self._trials.known((*self._others(kind), part)) if part.place[0] == "users" else None
        return users_that_fail(known, part.amount or 0.0) if known else None

    def _likely_first(self, parts: Sequence[Part]) -> tuple[Part, ...]:
        found = sorted(parts, key=lambda part: -self._weight(part))
        newest = max((p for p in found if _number(p)), key=_number, default=None)
        if newest is not None and len(found) >= _MANY:
            found.remove(newest)
            found.insert(1, newest)
        return tuple(found)

    def _likely(self, parts: Sequence[Part]) -> int:
        """Return how many of the first parts are tried alone before anything is cut in halves."""
        found = sum(1 for part in parts[:_LIKELY] if self._weight(part) >= 2)
        # Of many rows the first is the one that the request names, or that is the oddest. The second is the
        # newest: that is what lists begin with, and what is called the latest.
        is_rows = len(parts) > _LIKELY and parts[0].kind is Kind.DATA and len(parts[0].place) == 2
        return max(found, 2 if len(parts) >= _MANY else 1) if is_rows else found

    def _weight(self, part: Part) -> int:
        """Return the weight of what was observed at a part, or below it."""
        size = len(part.place)
        # Of a column all rows are looked at together: there it has no row in its place.
        column = (part.place[0], part.place[2]) if part.kind is Kind.DATA and size == 3 else part.place
        return max(
            (w for place, w in self._suspects.items() if place == column or place[:size] == part.place),
            default=0,
        )


def _number(part: Part) -> int:
    """Return the number that a row is called by, which grows with time in most tables; 0 for none."""
    name = part.place[1] if part.kind is Kind.DATA and len(part.place) == 2 else ""
    return int(name) if name.isascii() and name.isdigit() and len(name) < 19 else 0
