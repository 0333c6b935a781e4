"""What a check answers: a verdict, in words, with the places in the history that prove it."""

from __future__ import annotations

from andon.incident.words import Verdict
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.incident.state import Incident


class CheckResult(Record):
    """A verdict with its proof."""

    verdict: Verdict
    summary: str
    #: Places in the incident's history that prove it.
    proof: tuple[int, ...] = ()


def passed(summary: str, *proof: int) -> CheckResult:
    """Return that it holds, with the places in the history that prove it."""
    return CheckResult(verdict=Verdict.PASSED, summary=summary, proof=proof)


def failed(summary: str, *proof: int) -> CheckResult:
    """Return that it does not hold."""
    return CheckResult(verdict=Verdict.FAILED, summary=summary, proof=proof)


def unknown(summary: str) -> CheckResult:
    """Return that nobody can say yet, and why."""
    return CheckResult(verdict=Verdict.UNKNOWN, summary=summary)


def seq_of(state: Incident, event: str) -> int:
    """Return where in the history the newest event of a type is; 0 for nowhere."""
    mark = state.marks.get(event)
    return mark.seq if mark else 0


def as_result(found: tuple[Verdict, str, int]) -> CheckResult:
    """Return the result that verdict, words and one place (0 for none) make."""
    verdict, summary, seq = found
    return CheckResult(verdict=verdict, summary=summary, proof=(seq,) if seq else ())
