"""What knows of weaknesses in code and in dependencies. For type checking only, as `ports`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from andon.desk.values import AuditAnswer
    from andon.response.audits.plan import Question
    from andon.response.findings.finding import Scan


class Scanner(Protocol):
    """Something that looks for weaknesses in code."""

    name: str
    #: True when it looks at a whole commit, False when at the changed files alone.
    is_whole: bool

    def covers(self, path: str, text: str, /) -> bool:
        """True for a file that it would look at."""

    def scan(self, commit: str, texts: Mapping[str, str], /) -> tuple[Scan, ...]:
        """Return what it finds in the texts by path, as they are at a commit.

        Raises Unavailable or InvalidInput when it did not look, so that nothing found is never made of that.
        """


class AuditTools(Protocol):
    """Programs that know of weaknesses in dependencies."""

    def has(self, program: str, /) -> bool:
        """True when it can be started."""

    def ask(self, question: Question, timeout: float, /) -> AuditAnswer:
        """Run a tool on the files of a question, away from the repository; never raises for how it ends."""


class ScanningDesk(Protocol):
    """A desk that can have code and dependencies looked at."""

    @property
    def scanners(self) -> Sequence[Scanner]:
        """What looks for weaknesses in code."""

    @property
    def audit_tools(self) -> AuditTools:
        """What knows of weaknesses in dependencies."""
