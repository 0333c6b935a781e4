"""What the parts of the wiring take from the desk. For type checking only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from andon.config.model import Config
    from andon.desk.ports_journal import Redactor


class Given(Protocol):
    """What every part of the desk can count on."""

    config: Config

    @property
    def place(self) -> str:
        """Where the journal is."""

    @property
    def redactor(self) -> Redactor:
        """The seam that knows this service's secrets."""
