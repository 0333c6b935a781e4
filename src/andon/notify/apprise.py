"""Sends messages through Apprise. Addresses are secrets: none leaves here, in words or in a traceback."""

from __future__ import annotations

import logging
import threading

import apprise

from andon.desk.values import DeliveryFailed
from andon.notify.wording import title_and_body

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from andon.desk.values import Message

#: Seconds one delivery may take, whatever an address asks for.
PATIENCE = 20.0

_KINDS = {
    "declared": apprise.NotifyType.FAILURE,
    "escalated": apprise.NotifyType.FAILURE,
    "postmortem-late": apprise.NotifyType.WARNING,
    "mitigated": apprise.NotifyType.SUCCESS,
    "resolved": apprise.NotifyType.SUCCESS,
}


class AppriseNotifier:
    """Delivers one message to one Apprise address, once: repeating is the queue's task, not an address's."""

    def __init__(self, patience: float = PATIENCE) -> None:
        """Take how many seconds one delivery may last."""
        self._patience = patience
        for name in ("apprise", "urllib3", "requests"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # they quote addresses

    def send(self, target: str, message: Message) -> None:
        """Deliver `message`; raises DeliveryFailed, permanent when the address itself is of no use."""
        if not target.strip():
            raise DeliveryFailed("no address: its environment variable is not set", permanent=True)
        service = _service(target)
        title, body = title_and_body(
            message.title, message.body, title_limit=service.title_maxlen, body_limit=service.body_maxlen
        )
        client = apprise.Apprise(asset=service.asset)
        client.add(service)
        kind = _KINDS.get(message.occasion, apprise.NotifyType.INFO)
        self._bounded(client, {"title": title, "body": body, "notify_type": kind})

    def _bounded(self, client: apprise.Apprise, content: dict[str, Any]) -> None:
        """Deliver on a thread that neither this call nor the end of the process has to wait for."""
        outcome: list[bool] = []

        def deliver() -> None:
            outcome.append(_notify(client, content))

        thread = threading.Thread(target=deliver, name="andon-delivery", daemon=True)
        thread.start()
        thread.join(self._patience)
        if thread.is_alive():
            raise DeliveryFailed(f"no answer within {self._patience:g} s")
        if not any(outcome):
            raise DeliveryFailed("the service refused the message or cannot be reached")


def _service(target: str) -> Any:
    """Return Apprise's sender for an address; raises DeliveryFailed for good when there is none."""
    asset = apprise.AppriseAsset(
        app_id="Andon",
        app_desc="Andon",
        app_url="",
        async_mode=False,
        http_redirects=False,  # a redirected POST arrives as a GET: accepted, and lost
        interpret_emojis=False,
        interpret_escapes=False,
        service_timeout=0,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
    )
    try:
        service = apprise.Apprise.instantiate(target, asset=asset)
    except Exception as problem:  # noqa: BLE001 - a hundred plugins parse addresses; what they raise may quote one
        reason = f"Apprise fails on this address: {type(problem).__name__}"
        raise DeliveryFailed(reason, permanent=True) from None
    if service is None:
        reason = "Apprise cannot use this address: its form is wrong, or a library that it needs is missing"
        raise DeliveryFailed(reason, permanent=True)
    service.optional = False  # an address must not declare its own failures successes
    service.retry = 0
    return service


def _notify(client: apprise.Apprise, content: dict[str, Any]) -> bool:
    """Return whether the service took it."""
    try:
        return bool(client.notify(body_format=apprise.NotifyFormat.TEXT, **content))
    except Exception:  # noqa: BLE001 - as above: the exception may quote the address
        return False
