"""What observation and control come to, in the verdict's words, and what to do when it abstains. Pure."""

from __future__ import annotations

from andon.gaps.verdict import Verdict
from andon.gaps.words import Answer, Kind, Reach, Showed, Tier
from andon.record import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from andon.gaps.coverage import Coverage
    from andon.gaps.experiment import Difference, Observed, Part, Replay
    from andon.gaps.failure import Failure

#: The weight from which an observed difference may be an answer (gaps.relevance).
ENOUGH = 4
#: What a quantity is counted in, by the first word of its place.
_UNITS = {"users": "users", "rows": "rows", "browser": "ms", "link": "ms", "delay": "ms"}
_CALLED = {
    Kind.ENVIRONMENT: "the environment",
    Kind.DATA: "the data",
    Kind.DEPENDENCY: "an outside service",
    Kind.SCALE: "the scale",
    Kind.NETWORK: "the network",
}


def ranked(observed: Sequence[Observed]) -> tuple[Difference, ...]:
    """Return every difference, weightiest first."""
    found = [difference for one in observed for difference in one.differences]
    return tuple(sorted(found, key=lambda d: (-d.weight, tuple(Kind).index(d.kind), d.place)))


def untold(failure: Failure) -> Verdict:
    """Return the verdict where nobody said how production failed."""
    del failure
    return Verdict(
        answer=Answer.UNKNOWN,
        summary="how production failed is not known, so nothing can be recognised",
        next_step="say what production showed: an address with its status, or a text",
        next_command='andon gap --url /path --status 500 --text "..."',
    )


def by_control(control: Replay, failure: Failure) -> Verdict | None:
    """Return the verdict when the tests' own, unchanged world has the failure; None when it does not."""
    if control.showed is not Showed.REPRODUCED or control.seen is None:
        return None
    seen = control.seen
    request = f"{failure.method} {failure.path}".strip() if seen.is_replay else seen.test or seen.path
    always = control.reproduced >= 0.9 * control.runs
    times = f"{control.reproduced} of {control.runs} times"
    reason = f"{request} failed {times} in the tests' own world, in which nothing was changed"
    if always and seen.is_replay:
        return Verdict(
            answer=Answer.INPUT,
            summary=f"{request} fails in the tests' world as well, so no difference is needed: no test "
            "tries it",
            reasons=(reason,),
            next_step="write a test that sends it",
            next_command="andon gap prevent",
        )
    if always:
        return Verdict(
            answer=Answer.UNKNOWN,
            summary=f"the suite does not pass in its own world: {request} fails there {times}",
            reasons=(reason,),
            next_step="run the suite as it passed, and describe that world under [gap.test]",
        )
    return Verdict(
        answer=Answer.FLAKY,
        summary=f"no difference between the worlds is needed: {request} fails now and then, {times}, in the "
        "tests' world",
        reasons=(reason,),
        next_step="find what differs from run to run: order, time, chance, something shared",
    )


def by_coverage(coverage: Coverage) -> Verdict | None:
    """Return the verdict when no test goes where production failed; None when one does, or nobody knows."""
    if coverage.reach is Reach.NEVER:
        return Verdict(
            answer=Answer.UNTESTED,
            summary=f"no test goes there: {coverage.told}",
            reasons=(coverage.told,),
            next_step="write a test that goes there",
            next_command="andon gap prevent",
        )
    if coverage.reach is Reach.MOCKED:
        return Verdict(
            answer=Answer.MOCKED,
            summary=f"a made-up answer hid it: {coverage.told}",
            reasons=(coverage.told,),
            next_step="let one test ask the real one, or check the made-up answer against it",
            next_command="andon gap prevent",
        )
    return None


def by_observation(
    observed: Sequence[Observed], coverage: Coverage, other_build: str, reasons: Sequence[str] = ()
) -> Verdict:
    """Return the verdict that rests on reading alone; it abstains unless one kind stands out."""
    reasons = tuple(reasons)
    if (found := by_coverage(coverage)) is not None:
        return replace(found, reasons=(*found.reasons, *reasons))
    differences = ranked(observed)
    top = [d for d in differences if d.weight >= ENOUGH and d.weight == differences[0].weight]
    kinds = tuple(dict.fromkeys(d.kind for d in top))
    if len(kinds) == 1:
        best = top[0]
        also = f"; {len(top) - 1} more of the same weight" if len(top) > 1 else ""
        return Verdict(
            answer=Answer(best.kind.value),
            kinds=kinds,
            place=best.place,
            tier=Tier.OBSERVED,
            summary=f"{_CALLED[best.kind]}: {best.summary or ' '.join(best.place)}",
            reasons=(*best.reasons, *((also[2:],) if also else ()), *reasons),
            next_step="an experiment would prove it: describe how both worlds are started",
            next_command="andon gap --plan",
        )
    if other_build and not top:
        return replace(by_build(other_build), reasons=reasons)
    if top:
        names = " and ".join(f"{_CALLED[d.kind]} ({' '.join(d.place)})" for d in _one_each(top))
        return abstained(f"more than one difference would explain it: {names}", reasons)
    return abstained("nothing that was seen to differ has to do with the failure", reasons)


def by_build(other_build: str) -> Verdict:
    """Return the verdict when production runs something else than what was tested."""
    return Verdict(
        answer=Answer.OTHER_BUILD,
        summary=f"production runs another build than the one that was tested: {other_build}",
        tier=Tier.OBSERVED,
        next_step="test the build that runs, or deploy the one that was tested",
        next_command="andon releases",
    )


def abstained(why: str, reasons: Sequence[str] = (), next_step: str = "", command: str = "") -> Verdict:
    """Return the verdict that nothing is known, and what would find out more."""
    return Verdict(
        answer=Answer.UNKNOWN,
        summary=why,
        reasons=tuple(reasons),
        next_step=next_step or "see what would run, and what is missing from the description of the worlds",
        next_command=command or "andon gap --plan",
    )


def place_in_words(parts: Sequence[Part]) -> str:
    """Return the places of some parts."""
    return ", ".join(part.name for part in parts[:4]) + (
        f" and {len(parts) - 4} more" if len(parts) > 4 else ""
    )


def unit_of(part: Part) -> str:
    """Return what a quantity is counted in; "" for what has no amount."""
    return _UNITS.get(part.place[0], "") if part.amount is not None else ""


def _one_each(differences: Sequence[Difference]) -> tuple[Difference, ...]:
    first: dict[Kind, Difference] = {}
    for difference in differences:
        first.setdefault(difference.kind, difference)
    return tuple(first.values())
