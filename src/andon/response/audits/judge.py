"""What an answer says: clean, weaknesses, or nothing; and what is new in it."""

from __future__ import annotations

from andon.incident.words import Verdict, counted
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from andon.response.audits.weakness import Answer, Weakness
    from andon.response.findings.finding import Grade

#: Weaknesses that are recorded with an audit; the rest is in its evidence.
MOST = 300


class Judged(Record):
    """The verdict over an answer."""

    verdict: Verdict
    summary: str
    #: Those that count, worst first, then the milder ones.
    severe: tuple[Weakness, ...] = ()
    milder: tuple[Weakness, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """Every weakness in one line, at most MOST."""
        return tuple(w.line for w in (*self.severe, *self.milder)[:MOST])


def judge_answer(answer: Answer, least: Grade) -> Judged:
    """Fail for a weakness of the grade `least` or worse, or of none; else be unknown for problems, else pass.

    A tool that does not grade says nothing mild.
    """
    severe = tuple(w for w in answer.weaknesses if w.grade is None or w.grade.reaches(least))
    milder = tuple(w for w in answer.weaknesses if w not in severe)
    told = [f"{len(severe)} known weakness{'es' if len(severe) > 1 else ''}"] if severe else []
    if milder:
        told.append(f"{len(milder)} milder")
    if answer.problems:
        told.append(_some(answer.problems))
    if severe:
        return Judged(verdict=Verdict.FAILED, summary="; ".join(told), severe=severe, milder=milder)
    if answer.problems:
        return Judged(verdict=Verdict.UNKNOWN, summary="; ".join(told), milder=milder)
    looked = f" in {counted(answer.looked_at, 'package')}" if answer.looked_at else ""
    return Judged(verdict=Verdict.PASSED, summary="; ".join((f"nothing{looked}", *told)), milder=milder)


def _some(problems: tuple[str, ...]) -> str:
    more = f" and {len(problems) - 3} more" if len(problems) > 3 else ""
    return "; ".join(problems[:3]) + more


def new_lines(before: Iterable[str], after: Iterable[str]) -> tuple[str, ...]:
    """Return the lines of an audit that the last one of its tool did not have, by identity and package."""
    known = {_key(line) for line in before}
    return tuple(line for line in after if _key(line) not in known)


def _key(line: str) -> tuple[str, str]:
    identity, _, rest = line.partition(" ")
    return identity, rest.partition(": ")[2].split(",")[0].split(" ")[0]
