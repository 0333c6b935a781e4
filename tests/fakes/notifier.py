"""A notifier that keeps what it is given, and fails when it is told to."""

from __future__ import annotations

from andon.desk.values import DeliveryFailed, Message
from andon.notify.wording import title_and_body


class FakeNotifier:
    """Takes messages for addresses that begin with `fake://`; remembers them as they would arrive."""

    def __init__(self) -> None:
        """Start with nothing delivered and nothing going wrong."""
        #: (address, title, body) in the order of arrival.
        self.delivered: list[tuple[str, str, str]] = []
        #: Failures to raise, one a delivery, before anything is taken again.
        self.failures: list[DeliveryFailed] = []

    def send(self, target: str, message: Message) -> None:
        """Keep `message`; raises the next planned failure, or a permanent one for an unusable address."""
        if not target.startswith("fake://"):
            raise DeliveryFailed("not an address of this fake", permanent=True)
        if self.failures:
            raise self.failures.pop(0)
        title, body = title_and_body(message.title, message.body, title_limit=250, body_limit=32768)
        self.delivered.append((target, title, body))
