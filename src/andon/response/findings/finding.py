"""A finding of a scanner, and how severe it is."""

from __future__ import annotations

from enum import StrEnum

from andon.record import Record


class Grade(StrEnum):
    """How severe a scanner's finding is. (`Severity` is what an incident has.)"""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Zero for the mildest, four for the worst."""
        return _ORDER.index(self)

    def reaches(self, other: Grade) -> bool:
        """True when it is at least as severe as another."""
        return self.rank >= other.rank

    @classmethod
    def named(cls, word: str) -> Grade | None:
        """Return the grade that a tool's word for it means, None for no word of the kind."""
        return _WORDS.get(word.strip().lower())

    @classmethod
    def of_score(cls, score: float) -> Grade:
        """Return the grade of a score from 0 to 10: the qualitative scale of CVSS 3.1, section 5."""
        if score >= 9.0:
            return cls.CRITICAL
        if score >= 7.0:
            return cls.HIGH
        if score >= 4.0:
            return cls.MEDIUM
        return cls.LOW if score > 0 else cls.INFO


_ORDER = (Grade.INFO, Grade.LOW, Grade.MEDIUM, Grade.HIGH, Grade.CRITICAL)
#: The words of npm, GitHub, bandit, cargo, bundler-audit and OSV.
_WORDS = {
    "info": Grade.INFO, "informational": Grade.INFO, "none": Grade.INFO,
    "low": Grade.LOW, "negligible": Grade.LOW, "minor": Grade.LOW,
    "moderate": Grade.MEDIUM, "medium": Grade.MEDIUM,
    "high": Grade.HIGH, "important": Grade.HIGH, "major": Grade.HIGH,
    "critical": Grade.CRITICAL, "severe": Grade.CRITICAL, "blocker": Grade.CRITICAL,
}  # fmt: skip


class Finding(Record):
    """One place that a scanner speaks of."""

    tool: str
    rule: str
    grade: Grade
    #: Relative to the root of the repository, with `/`; "" when it is about no file.
    path: str = ""
    #: First and last line, from 1; 0 for the whole file.
    line: int = 0
    end_line: int = 0
    #: The function, class or method around it, as `Class.method`; "" outside or when it cannot be told.
    symbol: str = ""
    #: The code it is about, as the tool quotes it; "" when it does not.
    snippet: str = ""
    message: str = ""
    #: True when a comment in the code, or the scanner's own list, silences it.
    is_silenced: bool = False


class Scan(Record):
    """Everything a scanner said about one state of the code."""

    tool: str
    findings: tuple[Finding, ...] = ()
    #: What it could not look at or does not tell, as sentences; then nothing found is no answer.
    problems: tuple[str, ...] = ()
    #: Files that it could not read.
    broken: tuple[str, ...] = ()
    #: The commit it says it looked at; "" when it does not.
    commit: str = ""
