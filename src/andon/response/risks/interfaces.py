"""Interfaces of others: base addresses and version headers that the newer range moved."""

from __future__ import annotations

import re

from andon.response.risks.risk import Risk, assignments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.response.risks.risk import Change

_ADDRESS = re.compile(
    r"https?://(?:[^/@\s]{0,200}@)?([\w.-]{1,200})(?::\d{1,5})?(/[^?#\s]{0,120})?", re.IGNORECASE
)
_OWN = re.compile(r"^(?:localhost|127\.|0\.0\.0\.0|10\.|192\.168\.|example\.)", re.IGNORECASE)
_VERSION = re.compile(
    r"^(?:[\w-]{0,40}[_-])?(?:api|stripe|notion|anthropic|shopify|graph|square)[_-]?version$|^[\w-]{0,40}apiversion$",
    re.IGNORECASE,
)
#: `apiVersion: apps/v1` of a manifest is Kubernetes' own, and checked by Kubernetes.
_MANIFEST = re.compile(r"^(?:[\w.-]+/)?v\d+(?:(?:alpha|beta)\d+)?$")


def interface_risks(change: Change) -> Iterator[Risk]:
    """Return addresses and versions of other people's interfaces that go back to what they were."""
    older = assignments(change.old)
    for name, (value, line) in assignments(change.new).items():
        before = older[name][0] if name in older else value
        if before == value:
            continue
        if _VERSION.match(name) and not _MANIFEST.match(value):
            text = (
                f"{name} goes back from {value[:40]!r} to {before[:40]!r}: does the service still take that?"
            )
            yield Risk(kind="interface", path=change.path, line=line, text=text, is_loud=True)
            continue
        now, then = _address(value), _address(before)
        if now and then and now != then:
            text = f"{name} goes back from {now} to {then}: does that address still answer?"
            yield Risk(kind="interface", path=change.path, line=line, text=text, is_loud=True)


def _address(value: str) -> str:
    """Return host and path of an address outside, without what may be secret; "" for anything else."""
    match = _ADDRESS.match(value)
    if match is None or _OWN.match(match[1]):
        return ""
    return f"{match[1].lower()}{(match[2] or '').rstrip('/')}"
