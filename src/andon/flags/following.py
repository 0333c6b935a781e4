"""What a message of the server means for the set of flags in force. Pure: no socket, clock, thread or file.

A set has a version, a number that only grows. What is older than the set in force is never applied, whoever
sends it: an older set may not have a kill in it that this process already obeys.
"""

from __future__ import annotations

import json

from andon.errors import InvalidInput
from andon.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    #: A set of flags as flagd's schema has it.
    Document: TypeAlias = dict[str, Any]

#: Above this a version is a lie: JSON numbers of other languages are not exact there.
LARGEST = 2**53
#: What of a message belongs to the set.
PARTS = ("flags", "$evaluators", "metadata")


class Change(Record):
    """What is to be put in force."""

    version: int
    #: The whole set, with the change.
    document: Document
    #: The flags that a patch brought; None when the whole set is new.
    flags: dict[str, Any] | None = None
    removed: tuple[str, ...] = ()


class OutOfStep(Exception):
    """Something was missed; only the whole set helps."""


class Following:
    """The set in force, and what the server said about it."""

    def __init__(self, document: Document | None = None, version: int = 0) -> None:
        """Start with a set of a file, or with nothing."""
        self.document: Document = document or {"flags": {}}
        self.version = version
        #: The version the server has, when it is older than ours; 0 when it is not.
        self.behind = 0
        #: The server has said, on this connection, that it has just what we have.
        self.is_in_step = False

    def connected(self) -> None:
        """Forget what was said on another connection."""
        self.is_in_step = False
        self.behind = 0

    def take(self, name: str, data: str) -> Change | None:
        """Return what a message asks to change, None when nothing; `commit` makes it the set in force.

        Raises InvalidInput for a message that cannot be understood, OutOfStep when an earlier one is missing.
        """
        if name not in ("put", "patch", "ping"):
            return None  # of a later server: nothing that would change a flag
        message = _read(name, data)
        version = _version(message, "version", name)
        if name == "ping":
            if version > self.version:
                raise OutOfStep(f"the server has version {version}, of which nothing came")
            self._heard(version)
            return None
        if version < self.version or (name == "patch" and version == self.version):
            self._heard(version)
            return None
        if name == "put":
            return Change(version=version, document=_document(message))
        if _version(message, "previous", name) != self.version:
            raise OutOfStep(f"version {version} follows one that did not come")
        return self._patched(message, version)

    def commit(self, change: Change) -> None:
        """Note that a change is in force."""
        self.document, self.version = change.document, change.version
        self.behind = 0
        self.is_in_step = True

    def _heard(self, version: int) -> None:
        self.behind = version if version < self.version else 0
        self.is_in_step = not self.behind

    def _patched(self, message: dict[str, Any], version: int) -> Change:
        flags, removed = message.get("flags", {}), message.get("removed", [])
        if not isinstance(flags, dict) or not isinstance(removed, list):
            raise InvalidInput("a patch without a table of flags", rule="flag-stream")
        gone = tuple(key for key in removed if isinstance(key, str))
        made = {**self.document["flags"], **flags}
        for key in gone:
            made.pop(key, None)
        return Change(version=version, document={**self.document, "flags": made}, flags=flags, removed=gone)


def changed_keys(old: Document, new: Document) -> frozenset[str]:
    """Return the flags that are not the same in two sets; all of the new when what they share has changed."""
    before, after = old.get("flags", {}), new.get("flags", {})
    if old.get("$evaluators") != new.get("$evaluators") or old.get("metadata") != new.get("metadata"):
        return frozenset((*before, *after))
    return frozenset(
        key for key in {**before, **after} if (key in before) != (key in after) or before[key] != after[key]
    )


def _read(name: str, data: str) -> dict[str, Any]:
    try:
        message = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"a {name} that is no JSON: {error}", rule="flag-stream") from None
    if not isinstance(message, dict):
        raise InvalidInput(f"a {name} that is no JSON object", rule="flag-stream")
    return message


def _version(message: dict[str, Any], field: str, name: str) -> int:
    found = message.get(field)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found < LARGEST:
        raise InvalidInput(f"a {name} whose {field} is no version", rule="flag-stream")
    return found


def _document(message: dict[str, Any]) -> Document:
    if not isinstance(message.get("flags"), dict):
        raise InvalidInput("a set without a table of flags", rule="flag-stream")
    return {part: message[part] for part in PARTS if part in message}
