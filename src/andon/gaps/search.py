"""The search itself: which experiment comes next, and what its result means. Pure but for the laboratory.

Control, coverage, production, flip, restore, pairs, narrow. A kind is to blame when the tests' world fails
with it alone (flipped) and production's world does not fail without it (restored); what is left is cut down
to the part that still does it (narrowed). What could not be tried is told, and never counts as a pass.
"""

from __future__ import annotations

from itertools import combinations

from andon.gaps.judging import (
    abstained,
    by_build,
    by_control,
    by_coverage,
    by_observation,
    ranked,
    untold,
)
from andon.gaps.locating import Culprit, Locating
from andon.gaps.trials import CONTROL, OutOfTime, Trials
from andon.gaps.verdict import Search, Verdict
from andon.gaps.words import Answer, Kind, Showed
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from andon.gaps.coverage import Coverage
    from andon.gaps.experiment import Laboratory, Observed, Part, Replay
    from andon.gaps.failure import Failure

#: Differences of a search that are kept with it.
_KEPT = 40
#: Suspected parts of a kind that are tried by themselves where the whole kind breaks something else.
_ALONE = 6
#: Parts that production has at times only, by the first word of their place: never two of them at once, for
#: what is delayed everywhere alike does not come in another order.
_AT_TIMES = ("delay",)
#: The order in which kinds are flipped where nothing that was observed speaks for another: quick ones first.
_ORDER = (Kind.ENVIRONMENT, Kind.DEPENDENCY, Kind.DATA, Kind.NETWORK, Kind.SCALE)


class Given(Record):
    """What a search begins with."""

    id: str
    failure: Failure
    coverage: Coverage
    observed: tuple[Observed, ...]
    #: How production's build differs from the one that was tested; "" when it does not, or nobody knows.
    other_build: str = ""
    #: Kinds that may be flipped.
    kinds: tuple[Kind, ...] = tuple(Kind)
    #: False to rest on what was observed alone.
    experiments: bool = True


def search(
    laboratory: Laboratory,
    given: Given,
    *,
    clock: Callable[[], float],
    deadline: float,
    say: Callable[[str], None] = lambda _: None,
) -> Search:
    """Return the whole search; whatever cannot be tried is told in its verdict.

    `clock` is in seconds, and no experiment begins at or after `deadline` on it. `say` hears what comes next.
    """
    began = clock()
    trials = Trials(laboratory, clock, deadline, say)
    searching = _Searching(given, trials)
    verdict = searching.verdict()
    differences = [d for d in ranked(given.observed) if d.weight]
    return Search(
        id=given.id,
        verdict=replace(verdict, not_tried=(*verdict.not_tried, *searching.not_tried())),
        differences=tuple(differences[:_KEPT]),
        others=sum(len(one.differences) for one in given.observed) - len(differences[:_KEPT]),
        observed=given.observed,
        replays=tuple(trials.done),
        curves=tuple(curve for one in given.observed for curve in one.curves),
        seconds=clock() - began,
        runs=trials.runs,
        requests=sum(r.requests for _, r in trials.done) + sum(one.requests for one in given.observed),
    )


class _Searching:
    """One search under way."""

    def __init__(self, given: Given, trials: Trials) -> None:
        self.given = given
        self.trials = trials
        self.reasons: list[str] = []
        #: What each kind came to, where it was flipped.
        self.flips: dict[Kind, Replay] = {}
        self._untried: list[str] = []
        #: Kinds that did not take hold in production's world, which failed all the same: not on the way.
        self._lacking: frozenset[Kind] = frozenset()
        #: Kinds that took hold in production's world while it did not fail: none is enough by itself.
        self._cleared: frozenset[Kind] = frozenset()
        self._parts: dict[Kind, tuple[Part, ...]] = {}
        self._alternatives: dict[Kind, tuple[Part, ...]] = {}
        #: The single part with which a kind fails, where the kind as a whole says nothing.
        self._stands_for: dict[Kind, Part] = {}

    # ---- the way through

    def verdict(self) -> Verdict:
        given = self.given
        if not given.failure.is_told:
            return untold(given.failure)
        if not given.experiments:
            return by_observation(given.observed, given.coverage, given.other_build)
        try:
            control = self._control()
            if isinstance(control, Verdict):
                return control
            found = self._culprits(self._production())
        except OutOfTime:
            return self._without_experiments("the time was over before an experiment could tell")
        if not found:
            return self._nothing_fails()
        return self._located(found)

    def _control(self) -> Replay | Verdict:
        control = self.trials.replay(
            "control", (), f"the tests' own world, unchanged, {CONTROL} times", times=CONTROL
        )
        if control.showed is Showed.NOT_RUN:
            return self._without_experiments(f"the tests' own world could not be tried: {control.told}")
        if (verdict := by_control(control, self.given.failure)) is not None:
            hidden = by_coverage(self.given.coverage) if verdict.answer is Answer.INPUT else None
            if hidden is None:
                return verdict
            return replace(hidden, reasons=(*hidden.reasons, *verdict.reasons))
        if control.showed is Showed.OTHER:
            told = control.seen.text[:200] if control.seen else control.told
            self.reasons.append(f"in the tests' own world something else fails: {told}")
        return control

    def _production(self) -> Replay | None:
        """Build production's world from all that is described of it; None when nothing of it differs."""
        parts = self._all()
        if not parts:
            return None
        replay = self.trials.replay("production", parts, "production's world, as it is described")
        if replay.showed is Showed.NOT_RUN:
            self._untried.append(f"production's world as a whole: {replay.told}")
        if replay.showed is Showed.REPRODUCED:
            self._lacking = replay.lacking
            self.reasons.append(
                f"a world with all that is production's fails the same way, {replay.reproduced} of "
                f"{replay.runs} times"
            )
            self.trials.learn_rate(replay)
        return replay

    def _culprits(self, production: Replay | None) -> tuple[Culprit, ...]:
        """Return who is to blame, surest first: alone and restored, alone, together with others."""
        fails = production is not None and production.showed is Showed.REPRODUCED
        alone: list[Culprit] = []
        for kind in self._by_suspicion():
            try:
                if not self._flip(kind):
                    continue
            except OutOfTime:
                if not alone:
                    raise
                break  # what failed alone is known, and the verdict says that it is no more than flipped
            culprit = self._restored(kinds=(kind,), fails=fails)
            if culprit.is_restored:
                # Had another kind been enough by itself, production's world would fail without this one.
                return (culprit, *alone)
            alone.append(culprit)
        if alone:
            # What never takes hold by itself is not on the way, so a restore without it proves as much.
            self._lacking |= {kind for kind, flip in self.flips.items() if flip.showed is Showed.NOT_APPLIED}
            alone = [self._restored(kinds=culprit.kinds, fails=fails) for culprit in alone]
            alone.sort(key=lambda culprit: not culprit.is_restored)
            if len(alone) > 1 and not alone[0].is_restored:
                names = " and ".join(culprit.kinds[0].value for culprit in alone)
                self.reasons.append(f"each of {names} is enough by itself")
            return tuple(alone)
        if self._is_cleared(production):
            if production is not None:
                self.reasons.append("a world with all that is described as production's does not fail")
            return ()  # with everything of production's it does not fail: two of it would hardly do more
        if (together := self._together(fails)) is not None:
            return (together,)
        return ()

    def _is_cleared(self, production: Replay | None) -> bool:
        """True when production's world, as described, passed; what did not take hold there never does."""
        if production is None or production.showed is Showed.PASSED:
            return True
        flips = [self.flips[kind].showed for kind in production.lacking if kind in self.flips]
        never = len(flips) == len(production.lacking) and set(flips) == {Showed.NOT_APPLIED}
        return production.showed is Showed.NOT_APPLIED and never

    # ---- one kind at a time

    def _flip(self, kind: Kind) -> bool:
        """Return whether the tests' world fails as production does with this kind as in production."""
        parts = self._of(kind)
        told = f"the tests' world with production's {kind}"
        if parts and kind not in self._cleared:
            replay = self.trials.replay("flip", parts, told)
            self.flips[kind] = replay
            if replay.showed is Showed.REPRODUCED:
                return self._found(kind, replay, "")
            if replay.showed in (Showed.NOT_RUN, Showed.NOT_APPLIED):
                self._untried.append(f"{kind} alone: {replay.told}")
            # One of them may keep the others from being seen: those that are suspected, by themselves.
            is_masked = replay.showed in (Showed.NOT_RUN, Showed.OTHER) and len(parts) > 1
            if is_masked and self._one_of(kind, self._suspected(parts)):
                return True
        return self._one_of(kind, self._alternatives.get(kind, ()))

    def _one_of(self, kind: Kind, parts: Sequence[Part]) -> bool:
        """Try parts one at a time; the first that fails stands for its kind from then on."""
        for part in parts:
            replay = self.trials.replay("flip", (part,), f"the tests' world with production's {part.name}")
            if replay.showed is Showed.REPRODUCED:
                self._stands_for[kind] = part
                return self._found(kind, replay, f" ({part.name})")
        return False

    def _suspected(self, parts: Sequence[Part]) -> tuple[Part, ...]:
        weights = self._suspects()
        suspected = [part for part in parts if weights.get(part.place, 0) > 1]
        return tuple(sorted(suspected, key=lambda part: -weights[part.place]))[:_ALONE]

    def _found(self, kind: Kind, replay: Replay, which: str) -> bool:
        self.trials.learn_rate(replay)
        self.reasons.append(
            f"the tests' world fails with production's {kind} alone{which}, "
            f"{replay.reproduced} of {replay.runs} times"
        )
        return True

    def _restored(self, kinds: tuple[Kind, ...], fails: bool) -> Culprit:
        """Take the kinds out of production's world again and see whether it still fails."""
        if part := next((p for p in map(self._stands_for.get, kinds) if p and p not in self._all()), None):
            return self._alternative_restored(kinds, part)
        if not fails:
            return Culprit(kinds=kinds, is_restored=False)
        rest = tuple(part for part in self._all() if part.kind not in kinds)
        told = f"production's world with the tests' {' and '.join(kinds)}"
        try:
            replay = self.trials.replay("restore", rest, told)
        except OutOfTime:
            self._untried.append(f"{told}: no time was left")
            return Culprit(kinds=kinds, is_restored=False)
        is_as_before = replay.showed is Showed.NOT_APPLIED and replay.lacking <= self._lacking
        is_restored = is_as_before or replay.showed in (Showed.PASSED, Showed.OTHER)
        if is_as_before:
            self.trials.counts_as_passed(replay, "what never takes hold is not on the failing way")
        if is_as_before or replay.showed is Showed.PASSED:
            self.reasons.append(f"production's world does not fail with the tests' {' and '.join(kinds)}")
        elif replay.showed is Showed.OTHER:
            self.reasons.append(f"production's world fails otherwise with the tests' {' and '.join(kinds)}")
        elif replay.showed is Showed.NOT_APPLIED and replay.seen is None:
            self._cleared |= {held.kind for held in replay.held} - replay.lacking
        return Culprit(kinds=kinds, is_restored=is_restored)

    def _alternative_restored(self, kinds: tuple[Kind, ...], part: Part) -> Culprit:
        """Tell whether production's world fails with what it does not always have, and passes without."""
        try:
            without = self.trials.replay("production", self._all(), "production's world")
            with_it = self.trials.replay(
                "added", (*self._all(), part), f"production's world with {part.name}"
            )
        except OutOfTime:
            self._untried.append(f"production's world with {part.name}: no time was left")
            return Culprit(kinds=kinds, is_restored=False)
        is_restored = without.showed is Showed.PASSED and with_it.showed is Showed.REPRODUCED
        if is_restored:
            self.reasons.append(f"production's world fails with {part.name} and not without")
        return Culprit(kinds=kinds, is_restored=is_restored)

    # ---- more than one kind

    def _together(self, fails: bool) -> Culprit | None:
        """Find kinds that fail only together: those that production cannot do without, else pairs."""
        present = [kind for kind in self._by_suspicion() if self._of(kind)]
        pairs = [*combinations(present, 2)]
        if fails:
            needed = [kind for kind in present if self._restored(kinds=(kind,), fails=True).is_restored]
            if 1 < len(needed) < len(present) + 1 and self._fail_together(needed):
                return Culprit(kinds=tuple(needed), is_restored=True)
            pairs = [pair for pair in pairs if set(pair) & set(needed)] or pairs
        for pair in pairs:
            if self._fail_together(pair):
                return Culprit(kinds=pair, is_restored=False)
        return None

    def _fail_together(self, kinds: Sequence[Kind]) -> bool:
        names = " and ".join(kinds)
        parts = tuple(part for kind in kinds for part in self._of(kind))
        if not self.trials.shows("pair", parts, f"the tests' world with production's {names}"):
            return False
        self.reasons.append(f"none fails alone; the tests' world fails with production's {names} together")
        return True

    # ---- what it comes to

    def _located(self, found: tuple[Culprit, ...]) -> Verdict:
        chosen = {kind: self._chosen(kind) for kind in found[0].kinds}
        locating = Locating(self.trials, self._suspects(), chosen)
        verdict = locating.verdict(found[0], tuple(self.reasons))
        self._untried += locating.untried
        if (hidden := by_coverage(self.given.coverage)) is not None:
            return replace(
                hidden,
                kinds=verdict.kinds,
                place=verdict.place,
                tier=verdict.tier,
                is_restored=verdict.is_restored,
                reasons=(*hidden.reasons, f"what they would have met: {verdict.summary}", *verdict.reasons),
            )
        return verdict

    def _nothing_fails(self) -> Verdict:
        """Say what is left when no mixture of what is described fails as production does."""
        given = self.given
        if (hidden := by_coverage(given.coverage)) is not None:
            return replace(hidden, reasons=(*hidden.reasons, *self.reasons))
        blocked = [kind for kind in Kind if self.trials.cannot(kind)]
        if self._untried or blocked:
            seen = by_observation(given.observed, given.coverage, given.other_build, self.reasons)
            if seen.answer is not Answer.UNKNOWN and self._is_untried(seen, blocked):
                return seen
        if given.other_build:
            return replace(by_build(given.other_build), reasons=tuple(self.reasons))
        missing = [kind.value for kind in Kind if not self._of(kind)]
        lacks = f"; of {', '.join(missing)} nothing differs in the description" if missing else ""
        return abstained(
            f"no mixture of what is described of production that was tried fails as production did{lacks}",
            self.reasons,
            "describe more of production, or see whether the failure is still there",
            "andon gap --plan",
        )

    def _is_untried(self, seen: Verdict, blocked: Sequence[Kind]) -> bool:
        """True when what was observed speaks for a kind that no experiment has cleared."""
        if seen.answer is Answer.OTHER_BUILD:
            return True
        cleared = {kind for kind, replay in self.flips.items() if replay.showed is Showed.PASSED}
        return any(kind in blocked or kind not in cleared for kind in seen.kinds)

    def _without_experiments(self, why: str) -> Verdict:
        given = self.given
        self._untried.append(why)
        return by_observation(given.observed, given.coverage, given.other_build, self.reasons)

    def not_tried(self) -> tuple[str, ...]:
        """Return what could not be tried, once each."""
        told = [*self._untried]
        for kind in Kind:
            if kind not in self.given.kinds:
                told.append(f"{kind}: left out on purpose")
            elif self.given.experiments and (why := self.trials.cannot(kind)):
                told.append(f"{kind}: {why}")
        if self.trials.ran_out:
            told.append("the rest: the time for the search was over")
        told += [f"{one.kind}: {problem}" for one in self.given.observed for problem in one.problems]
        return tuple(dict.fromkeys(told))

    # ---- parts

    def _of(self, kind: Kind) -> tuple[Part, ...]:
        """Return the parts of a kind that production always has."""
        if kind not in self._parts:
            known = self.trials.parts((kind,)) if kind in self.given.kinds else ()
            self._parts[kind] = tuple(part for part in known if part.place[0] not in _AT_TIMES)
            self._alternatives[kind] = tuple(part for part in known if part.place[0] in _AT_TIMES)
        return self._parts[kind]

    def _chosen(self, kind: Kind) -> tuple[Part, ...]:
        return (self._stands_for[kind],) if kind in self._stands_for else self._of(kind)

    def _all(self) -> tuple[Part, ...]:
        return tuple(part for kind in Kind for part in self._of(kind))

    def _by_suspicion(self) -> tuple[Kind, ...]:
        """Return the kinds, the one with the weightiest difference first."""
        weights = dict.fromkeys(Kind, 0)
        for difference in ranked(self.given.observed):
            weights[difference.kind] = max(weights[difference.kind], difference.weight)
        return tuple(sorted(_ORDER, key=lambda kind: -weights[kind]))

    def _suspects(self) -> dict[tuple[str, ...], int]:
        # More than one may be seen at a place: the weightiest counts, which comes last here.
        return {d.place: d.weight for d in reversed(ranked(self.given.observed))}
