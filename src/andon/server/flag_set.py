"""The set of flags that is in force: definitions under their overrides, and what changed between two.

Pure: no files, no clock, no sockets. Versions are given to it.
"""

from __future__ import annotations

import json

from andon.flags.overrides import effective, refuse_unfit
from andon.record import Record
from andon.server.flag_state import Placed, State, digest_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from andon.flags.overrides import Override


class Patch(Record):
    """What clients have to change to get from one version to the next."""

    version: int
    previous: int
    #: The flags that changed, as clients have to have them.
    flags: dict[str, Any]
    removed: tuple[str, ...] = ()
    operation: str = ""
    #: True when something changed that a patch cannot carry: clients get the whole set.
    is_whole: bool = False


class Difference(Record):
    """How other definitions differ from those in force."""

    document: Mapping[str, Any]
    digest: str
    definitions: dict[str, Any]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    #: True when what the flags share has changed.
    is_whole: bool


class FlagSet:
    """Definitions and overrides, and the flags that they make together."""

    def __init__(self, state: State, document: Mapping[str, Any]) -> None:
        """Take what is kept and a document in flagd's format, as `read_document` returns it."""
        self.version = state.version
        self.placed: dict[tuple[str, str], Placed] = {
            (one.override.flag, one.override.layer): one for one in state.placed
        }
        self.document: Mapping[str, Any] = document
        self.digest = digest_of(document)
        self.definitions: dict[str, Any] = _flags(document)
        self.flags: dict[str, Any] = {key: self._made(key) for key in self.definitions}
        self._texts: dict[str, str] = {}

    # ---- looking

    def kept(self, version: int, placed: Iterable[Placed], digest: str) -> State:
        """Return what has to be kept before a version may be sent."""
        return State(version=version, definitions=digest, placed=tuple(placed))

    def rest(self) -> dict[str, Any]:
        """Return what a document has beside its flags."""
        return _rest(self.document)

    def whole(self) -> str:
        """Return the flags in force as JSON text, as `put` sends them."""
        texts = self._texts
        for key, flag in self.flags.items():
            if key not in texts:
                texts[key] = f"{json.dumps(key)}:{compact(flag)}"
        parts = [f'"version":{self.version}', f'"flags":{{{",".join(texts[key] for key in self.flags)}}}']
        parts += [f"{json.dumps(key)}:{compact(value)}" for key, value in self.rest().items()]
        return "{" + ",".join(parts) + "}"

    def orphans(self) -> list[str]:
        """Return, as sentences, overrides that stand above nothing, or above a flag without their variant."""
        told = []
        for (key, layer), one in self.placed.items():
            flag = self.definitions.get(key)
            if flag is None:
                told.append(f"the {layer} of {key!r} stands above no definition any more")
            elif not isinstance(flag, dict) or one.override.variant not in _variants(flag):
                told.append(
                    f"{key!r} has no variant {one.override.variant!r} any more, which its {layer} gives"
                )
        return told

    # ---- changing; each returns None when nothing changes

    def with_override(self, override: Override, version: int) -> dict[tuple[str, str], Placed] | None:
        """Return the overrides with one more; raises NotFound, InvalidInput when it cannot work."""
        refuse_unfit(override, self.definitions, "the flag server")
        known = self.placed.get((override.flag, override.layer))
        if known is not None and known.override == override:
            return None
        return {**self.placed, (override.flag, override.layer): Placed(override=override, version=version)}

    def without(self, key: str, layer: str) -> dict[tuple[str, str], Placed] | None:
        """Return the overrides without one."""
        if (key, layer) not in self.placed:
            return None
        return {place: one for place, one in self.placed.items() if place != (key, layer)}

    def place(self, placed: dict[tuple[str, str], Placed], key: str, version: int, operation: str) -> Patch:
        """Put other overrides in force, of which those of one flag changed; return what clients need."""
        previous, self.version, self.placed = self.version, version, placed
        flags = {}
        if key in self.definitions:
            flags[key] = self.flags[key] = self._made(key)
            self._texts.pop(key, None)
        return Patch(version=version, previous=previous, flags=flags, operation=operation)

    def compare(self, document: Mapping[str, Any], digest: str) -> Difference:
        """Return how other definitions differ from those in force; takes its time where there are many."""
        definitions = _flags(document)
        known = self.definitions
        return Difference(
            document=document,
            digest=digest,
            definitions=definitions,
            changed=tuple(k for k, flag in definitions.items() if k not in known or not same(known[k], flag)),
            removed=tuple(key for key in known if key not in definitions),
            is_whole=not same(self.rest(), _rest(document)),
        )

    def define(self, other: Difference, version: int) -> Patch:
        """Put other definitions in force under the same overrides; return what clients need."""
        previous, self.version = self.version, version
        self.document, self.digest, self.definitions = other.document, other.digest, other.definitions
        changed = {key: self._made(key) for key in other.changed}
        self.flags = {key: changed[key] if key in changed else self.flags[key] for key in other.definitions}
        for key in (*other.changed, *other.removed):
            self._texts.pop(key, None)
        return Patch(
            version=version,
            previous=previous,
            flags=changed,
            removed=other.removed,
            is_whole=other.is_whole,
        )

    def _made(self, key: str) -> Any:
        flag = self.definitions[key]
        if not isinstance(flag, dict):
            return flag  # clients leave it out and say so
        layers = ("kill", "rollout")
        return effective(flag, [self.placed[key, at].override for at in layers if (key, at) in self.placed])


def same(one: Any, other: Any) -> bool:
    """Return whether two JSON values are the same to a client: `1` is neither `1.0` nor `true`."""
    return bool(one == other) and compact(one) == compact(other)


def compact(value: Any) -> str:
    """Return a JSON value in one line without blanks."""
    return json.dumps(value, separators=(",", ":"))


def next_version(previous: int, milliseconds: int) -> int:
    """Return the number of the next version: it rises, also when a state was lost or the clock fell."""
    return max(previous + 1, milliseconds)


def _rest(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: document[key] for key in ("$evaluators", "metadata") if key in document}


def _flags(document: Mapping[str, Any]) -> dict[str, Any]:
    found = document.get("flags")
    return dict(found) if isinstance(found, dict) else {}


def _variants(flag: Mapping[str, Any]) -> Mapping[str, Any]:
    found = flag.get("variants")
    return found if isinstance(found, dict) else {}
