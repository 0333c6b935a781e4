"""The five kinds of error Andon raises on purpose, each with its place and its way out.

Everything else that escapes is a bug and is reported as one by the command line (exit code 4).
"""

from __future__ import annotations


class AndonError(Exception):
    """Something Andon can explain went wrong."""

    #: Exit code of the command line for this kind.
    exit_code = 1

    def __init__(self, message: str = "", *, where: str = "", rule: str = "", remedy: str = "") -> None:
        """Keep what happened, the place (file:line, item, incident), the rule's name and the way out."""
        self.message = message or (type(self).__doc__ or "").strip()
        self.where = where
        self.rule = rule
        self.remedy = remedy
        super().__init__(self.message)

    def __str__(self) -> str:
        """One line: place and message; rule and remedy are shown by the caller."""
        if not self.where or self.message.startswith(self.where):
            return self.message
        return f"{self.where}: {self.message}"


class Refused(AndonError):
    """A rule said no."""


class InvalidInput(AndonError):
    """The input cannot be used."""

    exit_code = 2


class NotFound(AndonError):
    """There is no such thing."""

    exit_code = 2


class Conflict(AndonError):
    """Somebody else was faster."""


class Unavailable(AndonError):
    """Something Andon needs cannot be reached, so nothing can be decided."""

    exit_code = 3
