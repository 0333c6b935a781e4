"""A known weakness of a dependency, and everything a tool answered in one run."""

from __future__ import annotations

from andon.errors import InvalidInput
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.response.findings.finding import Grade


class Weakness(Record):
    """One known weakness of one package, or one place in code."""

    #: What everybody calls it: `GHSA-...`, `CVE-...`, `PYSEC-...`, `RUSTSEC-...`.
    identity: str
    #: The package, or the place for a finding in code.
    package: str
    version: str = ""
    #: None when the tool does not say.
    grade: Grade | None = None
    title: str = ""
    #: Versions without it, as the tool writes them; "" when there is none or it does not say.
    fixed: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same weakness in two answers."""
        return (self.identity, self.package)

    @property
    def line(self) -> str:
        """`identity grade: package version, title`, as it is recorded."""
        package = f"{self.package} {self.version}".strip()
        words = ", ".join(
            part for part in (package, self.title, self.fixed and f"fixed in {self.fixed}") if part
        )
        return f"{self.identity} {self.grade or 'ungraded'}: {words}"


class Answer(Record):
    """What a tool said about dependencies."""

    weaknesses: tuple[Weakness, ...] = ()
    #: What it did not look at or does not know; then nothing found is no answer.
    problems: tuple[str, ...] = ()
    #: How many dependencies it looked at; None when it does not say.
    looked_at: int | None = None


def joined(answers: tuple[Answer, ...]) -> Answer:
    """Return several answers of one tool as one, each weakness once."""
    found = {w.key: w for answer in reversed(answers) for w in reversed(answer.weaknesses)}
    counts = [a.looked_at for a in answers]
    known = [count for count in counts if count is not None]
    return Answer(
        weaknesses=tuple(sorted(found.values(), key=_worst_first)),
        problems=tuple(dict.fromkeys(p for a in answers for p in a.problems)),
        looked_at=sum(known) if len(known) == len(counts) else None,
    )


def _worst_first(weakness: Weakness) -> tuple[int, str, str]:
    rank = weakness.grade.rank if weakness.grade is not None else 3  # ungraded counts as high
    return (-rank, weakness.package, weakness.identity)


def not_understood(tool: str, why: str) -> InvalidInput:
    """Return the error for an answer that cannot be read."""
    return InvalidInput(
        f"what {tool} says is not understood: {why}",
        where=tool,
        rule="audit-fresh",
        remedy=f"run {tool} yourself; then: andon prevent audit --import FILE",
    )
