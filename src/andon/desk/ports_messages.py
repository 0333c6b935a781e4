"""What tells people. For type checking only, as `ports`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from andon.desk.values import Message


class Notifier(Protocol):
    """Sends messages."""

    def send(self, target: str, message: Message) -> None:
        """Deliver `message`; raises DeliveryFailed with a reason and whether it is permanent."""


class MessagesDesk(Protocol):
    """A desk that tells stakeholders."""

    @property
    def notifier(self) -> Notifier:
        """What sends messages."""

    def addresses(self, severity: str) -> dict[str, str]:
        """Return masked name to address of the stakeholders for a severity; "" for one that is not set."""

    def targets(self, severity: str) -> tuple[str, ...]:
        """Return the masked names of the stakeholders for a severity."""

    def nudge(self) -> None:
        """Have waiting messages delivered once the command is done, without waiting for it."""
