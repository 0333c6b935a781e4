"""Formats of what outlives a release, in queues, files and caches: the older code must read the newer's."""

from __future__ import annotations

import re

from andon.response.risks.risk import Risk, assignments, is_beside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from andon.response.risks.risk import Change

_BY_ENDING = {
    ".proto": "Protocol Buffers",
    ".avsc": "Avro",
    ".avdl": "Avro",
    ".avpr": "Avro",
    ".thrift": "Thrift",
    ".fbs": "FlatBuffers",
    ".capnp": "Cap'n Proto",
    ".graphql": "GraphQL",
    ".graphqls": "GraphQL",
    ".schema.json": "JSON Schema",
    ".schema.yaml": "JSON Schema",
    ".schema.yml": "JSON Schema",
}
_NAMED = re.compile(r"(?:^|[/._-])(openapi|swagger|asyncapi)[\w.-]{0,60}\.(?:json|ya?ml)$", re.IGNORECASE)
#: Words in a name that make its value part of a format, and what is versioned.
_WHAT = frozenset(
    (
        "cache", "schema", "protocol", "wire", "format", "message", "event", "payload", "session",
        "serializer", "serialiser", "serialization", "serialisation", "queue", "topic",
        "envelope", "snapshot",
    )
)  # fmt: skip
_HOW = frozenset(("version", "ver", "prefix", "namespace", "key", "suffix", "epoch", "salt"))
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def format_kind(path: str) -> str:
    """Return what kind of format a file describes; "" for one that describes none."""
    if is_beside(path):
        return ""
    lowered = path.lower()
    for ending, kind in _BY_ENDING.items():
        if lowered.endswith(ending):
            return kind
    if match := _NAMED.search(lowered):
        return {"openapi": "OpenAPI", "swagger": "OpenAPI", "asyncapi": "AsyncAPI"}[match[1].lower()]
    return ""


def format_risks(change: Change) -> Iterator[Risk]:
    """Return what a changed description of a format means on the way back."""
    kind = format_kind(change.path)
    own = "interface" if kind == "OpenAPI" and _is_foreign(change.path) else "format"
    if change.is_new:
        text = f"{kind} format that the older release does not know"
        yield Risk(kind=own, path=change.path, text=text)
        return
    if change.is_gone:
        text = f"{kind} format that only the older release knows: does anybody still write it?"
        yield Risk(kind=own, path=change.path, text=text)
        return
    line, lost = _first_difference(change.old, change.new)
    what = "what the newer release wrote, the older one has to read"
    if own == "interface":
        what = "the client of the older release speaks the interface as it was"
    yield Risk(kind=own, path=change.path, line=line, text=f"{kind} format changed: {what}", is_loud=lost)


def constant_risks(change: Change) -> Iterator[Risk]:
    """Return constants that name the version or the keys of a cache, a message or another format."""
    older = assignments(change.old)
    for name, (value, line) in assignments(change.new).items():
        words = {part.lower() for part in _PARTS.findall(name)}
        if not (words & _WHAT and words & _HOW) or name not in older or older[name][0] == value:
            continue
        text = f"{name} goes back from {value[:60]!r} to {older[name][0][:60]!r}"
        yield Risk(kind="format", path=change.path, line=line, text=text)


def _is_foreign(path: str) -> bool:
    """True for the description of somebody else's interface, kept to make a client from."""
    words = re.split(r"[^a-z0-9]+", path.lower())
    return bool(
        {"client", "clients", "external", "upstream", "thirdparty", "partner", "sdk"}.intersection(words)
    )


def _first_difference(old: str, new: str) -> tuple[int, bool]:
    """Return the newer text's first line that differs, and whether the newer has a line of its own."""
    before, after = old.splitlines(), new.splitlines()
    at = next((n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), len(before))
    known = {line.strip() for line in before}
    return min(at, max(len(after) - 1, 0)) + 1, any(line.strip() not in known for line in after)
