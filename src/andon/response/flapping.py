"""Does a smoke test pass steadily? From every time it was run after a change. Pure.

A test that passes now and then proves nothing: what comes and goes is unknown, and told with its numbers.
"""

from __future__ import annotations

from andon.incident.words import Verdict
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: How often in a row a smoke test has to pass when nobody says.
IN_A_ROW = 2


class Steadiness(Record):
    """What all runs of one smoke test say together."""

    verdict: Verdict
    #: Why that is not simply what the last run said; "" when it is.
    remark: str = ""


def is_settled(runs: Sequence[Verdict], in_a_row: int) -> bool:
    """True when the last runs passed, as many as have to."""
    return len(runs) >= in_a_row and _passes_at_the_end(runs) >= in_a_row


def steadiness(settling: Sequence[Verdict], watched: Sequence[Verdict], in_a_row: int) -> Steadiness:
    """Return the verdict over the runs while production settled, and those while it was watched.

    Before it has settled a test may come and go: copies are being replaced. Afterwards one run that does not
    pass is one too many: unknown, unless it did not pass `in_a_row` times at the end, which is a failure.
    """
    runs = (*settling, *watched)
    if not runs:
        return Steadiness(verdict=Verdict.UNKNOWN, remark="it was not run")
    passed_at_the_end = _passes_at_the_end(runs)
    if passed_at_the_end >= in_a_row and passed_at_the_end >= len(watched):
        return Steadiness(verdict=Verdict.PASSED)
    if Verdict.PASSED not in runs:
        return Steadiness(verdict=runs[-1])
    if passed_at_the_end == len(runs):
        told = f"it passed {len(runs)} of the {in_a_row} times in a row that are needed"
        return Steadiness(verdict=Verdict.UNKNOWN, remark=told)
    counted = runs[len(settling) - _passes_at_the_end(settling) :] if is_settled(settling, in_a_row) else runs
    passes = sum(run is Verdict.PASSED for run in counted)
    told = f"flaps ({passes} of {len(counted)} passed)"
    at_the_end = runs[-in_a_row:]
    if len(at_the_end) == in_a_row and set(at_the_end) == {Verdict.FAILED}:
        return Steadiness(verdict=Verdict.FAILED, remark=f"{told}, and the last {in_a_row} failed")
    return Steadiness(verdict=Verdict.UNKNOWN, remark=told)


def _passes_at_the_end(runs: Sequence[Verdict]) -> int:
    count = 0
    for run in reversed(runs):
        if run is not Verdict.PASSED:
            break
        count += 1
    return count
