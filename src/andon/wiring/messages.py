"""The adapters that tell people. Made when they are first asked for."""

from __future__ import annotations

import os
from functools import cached_property

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports_messages import Notifier
    from andon.wiring.given import Given
else:
    Given = object


class MessageAdapters(Given):
    """The ports that tell people, joined to their adapters."""

    @cached_property
    def notifier(self) -> Notifier:
        """What sends messages."""
        from andon.notify.apprise import AppriseNotifier

        return AppriseNotifier()

    def addresses(self, severity: str) -> dict[str, str]:
        """Return masked name to address of the stakeholders for a severity; `$NAME` is looked up."""
        configured: tuple[str, ...] = getattr(self.config.notify, severity, ())
        if not configured:
            return {}
        from andon.notify.label import label

        found = {}
        for address in configured:
            resolved = os.environ.get(address[1:].strip("{}"), "") if address.startswith("$") else address
            found[label(resolved) if resolved else f"{address} (not set)"] = resolved
        return found

    def targets(self, severity: str) -> tuple[str, ...]:
        """Return the masked names of the stakeholders for a severity."""
        return tuple(self.addresses(severity))
