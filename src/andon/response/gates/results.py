"""What a rule of a gate answers: a verdict with evidence, a way out, and the places it is about."""

from __future__ import annotations

from andon.incident.digest import digest
from andon.incident.words import Verdict
from andon.record import Record, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Objection(Record):
    """One place in a change that a rule speaks against."""

    #: The rule's id in `gates.table`.
    rule: str
    #: Path after the change; before it for a removed file. "" when it is about no file.
    path: str = ""
    #: First and last line after the change (before it, where lines were only removed), from 1; 0 for the
    #: whole file.
    line: int = 0
    end_line: int = 0
    #: What is wrong, in one sentence, with what it was seen by.
    text: str = ""
    #: What stays the same when other lines move: the symbol and the lines it is about, blanks removed.
    snippet: str = ""
    #: A weak sign: it warns where the table says that its rule blocks.
    is_hint: bool = False

    @property
    def place(self) -> str:
        """`path:line`, `path`, or ""."""
        return f"{self.path}:{self.line}" if self.line else self.path

    @property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits that name this objection, whatever moves around it."""
        words = "\0".join((self.rule, self.path, "".join(self.snippet.split()) or self.text))
        return digest(words.encode("utf-8", "backslashreplace"))[:12]


class RuleResult(Record):
    """The answer of one rule. Unknown is never a pass."""

    rule: str
    verdict: Verdict
    #: What was seen, in one sentence.
    evidence: str
    #: The command or deed that gets past it; "" when it passed.
    remedy: str = ""
    objections: tuple[Objection, ...] = ()

    @property
    def is_only_hints(self) -> bool:
        """True for a failure in which every objection is a hint; one without any place is no hint."""
        return (
            self.verdict is Verdict.FAILED
            and bool(self.objections)
            and all(objection.is_hint for objection in self.objections)
        )


def surest_first(objections: Iterable[Objection]) -> tuple[Objection, ...]:
    """Return objections with the hints last, each in the order in which they came."""
    return tuple(sorted(objections, key=lambda objection: objection.is_hint))


def passed(rule: str, evidence: str) -> RuleResult:
    """Return a pass with what was seen."""
    return RuleResult(rule=rule, verdict=Verdict.PASSED, evidence=evidence)


def failed(rule: str, evidence: str, remedy: str, objections: tuple[Objection, ...] = ()) -> RuleResult:
    """Return a failure with the way out; whoever justifies one of two equal objections leaves the other."""
    return RuleResult(
        rule=rule,
        verdict=Verdict.FAILED,
        evidence=evidence,
        remedy=remedy,
        objections=_told_apart(objections),
    )


def _told_apart(objections: tuple[Objection, ...]) -> tuple[Objection, ...]:
    if len(objections) < 2:
        return objections
    seen: dict[str, int] = {}
    found = []
    for one in objections:
        mark = one.fingerprint
        count = seen[mark] = seen.get(mark, 0) + 1
        found.append(one if count == 1 else replace(one, snippet=f"{one.snippet or one.text}\0{count}"))
    return tuple(found)


def at_most(most: int, objections: Sequence[Objection]) -> tuple[Objection, ...]:
    """Return the first objections, and one that stands for the rest: it changes when any of these does."""
    if len(objections) <= most:
        return tuple(objections)
    first, rest = objections[: most - 1], objections[most - 1 :]
    marks = " ".join(sorted(one.fingerprint for one in rest))
    are_hints = all(one.is_hint for one in rest)
    told = Objection(rule=rest[0].rule, text=f"and {len(rest)} more", snippet=marks, is_hint=are_hints)
    return (*first, told)


def unknown(rule: str, evidence: str, remedy: str) -> RuleResult:
    """Return that it could not be decided, and how to find out."""
    return RuleResult(rule=rule, verdict=Verdict.UNKNOWN, evidence=evidence, remedy=remedy)
