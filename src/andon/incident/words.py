"""The closed vocabularies of an incident: severity, status, gear, choices, verdicts (docs/glossary.md)."""

from __future__ import annotations

from enum import StrEnum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NewType

    IncidentId = NewType("IncidentId", str)
    EventId = NewType("EventId", str)
    CommandId = NewType("CommandId", str)
    #: `sha256:` and 64 hexadecimal digits: the content address of a piece of evidence.
    EvidenceHash = NewType("EvidenceHash", str)
else:
    IncidentId = EventId = CommandId = EvidenceHash = str


def counted(number: int, noun: str, several: str = "") -> str:
    """Return `1 item` or `3 items`; `several` is the plural that does not end in a plain s."""
    return f"{number} {noun}" if number == 1 else f"{number} {several or noun + 's'}"


class Severity(StrEnum):
    """How bad it is; P0 and P1 put the service into HOTFIX."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"

    @property
    def label(self) -> str:
        """The word that goes with the number."""
        return {"P0": "critical", "P1": "high", "P2": "medium", "P3": "low", "P4": "informational"}[self]

    @property
    def is_emergency(self) -> bool:
        """True for the severities that need HOTFIX."""
        return self in (Severity.P0, Severity.P1)

    def is_worse_than(self, other: Severity) -> bool:
        """True when this severity has a smaller number than `other`."""
        return self.value < other.value


class Status(StrEnum):
    """The separate moments of an incident, in order."""

    DECLARED = "declared"
    ACKNOWLEDGED = "acknowledged"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    CLOSED = "closed"

    @property
    def in_response(self) -> bool:
        """True until the cause is gone and verified."""
        return self in (Status.DECLARED, Status.ACKNOWLEDGED, Status.MITIGATED)


class Gear(StrEnum):
    """Which gates apply now."""

    EXPLORE = "EXPLORE"
    BUILD = "BUILD"
    SHIP = "SHIP"
    HOTFIX = "HOTFIX"

    @property
    def level(self) -> str:
        """The same thing in the vocabulary of process levels."""
        return {"EXPLORE": "L0", "BUILD": "L1", "SHIP": "L2", "HOTFIX": "L3"}[self]

    def told(self, words: str = "gears") -> str:
        """Return the gear as it is shown: with its level in front where `words` is `levels`."""
        return f"{self.level} {self.value}" if words == "levels" else self.value

    @classmethod
    def named(cls, word: str) -> Gear | None:
        """The gear for a gear name or its level alias, in any case; None for another word.

        `SHIP`, `L2`, `L2 SHIP`, `gear: ship`, `Execution Gear: SHIP` and `Process Level: L2 SHIP` are one.
        """
        wanted = " ".join(word.upper().replace(":", " ").split())
        for title in ("EXECUTION ", "PROCESS ", "GEAR ", "LEVEL "):
            wanted = wanted.removeprefix(title)
        for gear in cls:
            if wanted in (gear.value, gear.level, f"{gear.level} {gear.value}"):
                return gear
        return None


class Choice(StrEnum):
    """What to do about it."""

    ROLLBACK = "rollback"
    HOTFIX = "hotfix"
    KILL_SWITCH = "kill-switch"
    #: The cause lies outside the repository: fail over, degrade, wait for the provider.
    WORKAROUND = "workaround"


class Verdict(StrEnum):
    """What a check says. Unknown is never a pass."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


class ReleaseVerdict(StrEnum):
    """What is known of a release in production. Unknown never counts as good."""

    GOOD = "good"
    BAD = "bad"
    ABORTED = "aborted"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """How an act on production ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    #: The act was interrupted and nobody saw its end: to be checked or asked about, never repeated silently.
    UNKNOWN = "unknown"


class Authority(StrEnum):
    """By what right somebody decides."""

    ON_CALL = "on-call"
    MOST_SENIOR = "most senior available"
    SOLO = "solo, with a written reason"
    DEFAULT = "default: unclear means rollback"


class Impact(StrEnum):
    """What confirms that production is hurt."""

    PROBE = "probe"
    ALERT = "alert"
    LOG = "log"
    REPORT = "report"


class Occasion(StrEnum):
    """Why stakeholders are told something."""

    DECLARED = "declared"
    ESCALATED = "escalated"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    POSTMORTEM_LATE = "postmortem-late"
    MESSAGE = "message"
