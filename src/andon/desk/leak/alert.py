"""A host's secret-scanning alert as a file: what its API answers, or a webhook brings. Hostile until read.

Only known fields of GitHub's alert are read: `secret`, `secret_type`, `html_url`, `publicly_leaked`,
`created_at`, and of a webhook `alert`, `location`, `repository.private` (docs.github.com, REST API, on
secret scanning).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from andon.desk.leak.given import Given
from andon.errors import InvalidInput
from andon.secrets.leak.credential import Credential

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from andon.desk.ports import Desk

#: Bytes of a file with alerts, and alerts in it.
LARGEST, MOST = 4 << 20, 200
#: Characters of one secret: a key with its certificates is shorter.
_LONGEST = 64 * 1024
_OVER = ("revoked", "false_positive", "used_in_tests")


def from_alerts(desk: Desk, content: bytes, where: str) -> Given:
    """Return the secrets of one alert, a list of alerts or a webhook's payload; raises InvalidInput.

    An alert that hides its secret, or that somebody has resolved as none, is left out, and said.
    """
    if len(content) > LARGEST:
        raise _odd(f"it is larger than {LARGEST} bytes", where)
    import json

    try:
        plain = json.loads(content)
    except (ValueError, RecursionError):
        raise _odd("it is not JSON", where) from None  # the text of the error would quote what stands there
    alerts = plain if isinstance(plain, list) else [plain]
    if not alerts or len(alerts) > MOST:
        raise _odd(f"it holds {len(alerts)} alerts; from 1 to {MOST} are read at once", where)
    credentials: dict[str, Credential] = {}
    seen: dict[str, str] = {}
    left_out: list[str] = []
    visibility: list[str] = []
    moments: list[datetime] = []
    for number, one in enumerate(alerts, 1):
        if not isinstance(one, dict):
            raise _odd(f"alert {number} is no object", where)
        payload: dict[str, Any] = one
        alert = payload["alert"] if isinstance(payload.get("alert"), dict) else payload
        name = f"alert {alert['number'] if type(alert.get('number')) is int else number}"
        secret = alert.get("secret")
        if not isinstance(secret, str) or not secret.strip() or set(secret) <= set("*•… "):
            left_out.append(f"{name} does not tell its secret: give it with --value")
            continue
        if len(secret) > _LONGEST:
            raise _odd(f"the secret of {name} is longer than {_LONGEST} characters", where)
        if alert.get("resolution") in _OVER[1:]:
            left_out.append(f"{name} is resolved as {alert['resolution']}")
            continue
        value = secret.strip().encode("utf-8", "surrogateescape")
        mark = desk.redactor.mark(value)
        credentials.setdefault(mark, Credential(mark=mark, kind=_kind(alert), value=value))
        seen.setdefault(mark, _place(payload, alert) or name)
        visibility.append(_visibility(payload, alert))
        moments += _moment(alert.get("created_at"), desk.clock.now())
    if not credentials:
        raise _odd(f"no secret can be taken from it: {'; '.join(left_out)}", where)
    worst = next((v for v in ("public", "", "private") if v in visibility), "")
    return Given(
        source="alert",
        credentials=tuple(credentials.values()),
        seen_at=tuple(seen.items()),
        visibility=worst or "unknown",
        alerted_at=min(moments, default=None),
        left_out=tuple(left_out),
    )


def _kind(alert: dict[str, Any]) -> str:
    found = alert.get("secret_type")
    words = re.sub(r"[^a-z0-9]+", "-", found.lower()[:60]).strip("-") if isinstance(found, str) else ""
    return words or "secret"


def _place(payload: dict[str, Any], alert: dict[str, Any]) -> str:
    """Return where it stands: path and line of the first location, else the alert's own address."""
    location = payload.get("location") or alert.get("first_location_detected")
    details = location.get("details", location) if isinstance(location, dict) else None
    if isinstance(details, dict) and isinstance(details.get("path"), str):
        line = details.get("start_line")
        commit = details.get("commit_sha")
        told = details["path"][:300] + (f":{line}" if type(line) is int else "")
        is_id = isinstance(commit, str) and re.fullmatch(r"[0-9a-f]{40,64}", commit)
        return f"{told} in {commit[:10]}" if is_id and isinstance(commit, str) else told
    address = alert.get("html_url")
    if isinstance(address, str) and re.fullmatch(r"https://[\w./-]{1,300}", address):
        return address
    return ""


def _moment(told: object, now: datetime) -> list[datetime]:
    """Return the moment that an alert tells; nothing for none, or one that has not come."""
    if not isinstance(told, str) or len(told) > 40:
        return []
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        return []
    at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    return [at] if at <= now else []


def _visibility(payload: dict[str, Any], alert: dict[str, Any]) -> str:
    if alert.get("publicly_leaked") is True:
        return "public"
    repository = payload.get("repository") or alert.get("repository")
    if isinstance(repository, dict) and type(repository.get("private")) is bool:
        return "private" if repository["private"] else "public"
    return ""


def _odd(why: str, where: str) -> InvalidInput:
    return InvalidInput(
        f"this is no secret-scanning alert: {why}",
        where=where,
        rule="leak-alert",
        remedy="what the host's API answers for the alert, as a file; or andon leak start --value",
    )
