"""What is known about an incident when a fix for it is judged: where it showed, and what is suspected.

Everything in it may be empty; an empty context takes nothing away from what a fix is asked.
"""

from __future__ import annotations

from andon.record import Record


class CulpritLines(Record):
    """Lines that the suspected commit changed, as they are now."""

    path: str
    #: First and last line, from 1.
    line: int
    end_line: int


class IncidentContext(Record):
    """Files, names and words that an incident is about."""

    #: Paths in the frames of its traces, the innermost first; they may be absolute or of another machine.
    files: tuple[str, ...] = ()
    #: Functions and classes in those frames, as the trace wrote them.
    symbols: tuple[str, ...] = ()
    #: Names of failing probes and tests, components, and the text of log signatures.
    words: tuple[str, ...] = ()
    #: Paths that the suspected commit changed.
    culprit_files: tuple[str, ...] = ()
    culprit_lines: tuple[CulpritLines, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when nothing is known."""
        return not (self.files or self.symbols or self.words or self.culprit_files or self.culprit_lines)
