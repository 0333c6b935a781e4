"""What a release is called: the tag people gave the image, told apart where two releases share it. Pure."""

from __future__ import annotations

import re

from andon.production.version import is_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMIT_TAG = re.compile(r"(?:[a-z]+-)?([0-9a-f]{7,40})")


def image_tag(reference: str) -> str:
    """Return the tag of an image, else its digest, else `latest`, as container tools read a reference."""
    name, _, digest = reference.partition("@")
    last = name.rpartition("/")[2]
    return last.partition(":")[2] or digest or "latest"


def repository_of(reference: str) -> str:
    """Return an image's name without tag and digest."""
    name = reference.partition("@")[0]
    place, slash, last = name.rpartition("/")
    return f"{place}{slash}{last.partition(':')[0]}"


def commit_in_tag(tag: str) -> str:
    """Return the commit that a tag like `3f2a91c` or `sha-3f2a91c` names, "" when it names none."""
    found = _COMMIT_TAG.fullmatch(tag)
    return found[1] if found and not found[1].isdigit() else ""


def distinct(releases: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Return a name for each (label, identity), oldest first.

    The first of a label is called by it, a later one `label@identity`: the name of a release must not pass to
    another one. "" for a label that cannot name a version.
    """
    seen: set[str] = set()
    names = []
    for label, identity in releases:
        name = f"{label}@{identity}" if label in seen else label
        seen.add(label)
        names.append(name if is_version(name) else "")
    return tuple(names)
