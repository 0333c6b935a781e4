"""Files of feature flags in a repository, for whoever sets Andon up: found by their names and looked into."""

from __future__ import annotations

import os

from andon.errors import AndonError

#: Places in which flagd's own examples and the projects that use it keep their flags.
PLACES = (
    "flags.json", "flags.yaml", "flags.yml", "flagd.json", "flagd.yaml", "flags.flagd.json",
    "demo.flagd.json", "config/flags.json", "config/flags.yaml", "config/flagd.json", "config/flagd.yaml",
    "flags/flags.json", "flags/flags.yaml", "flagd/flags.json", "flagd/flags.yaml", "flagd/demo.flagd.json",
    "src/flagd/demo.flagd.json", "deploy/flags.json", "deploy/flags.yaml", "etc/flags.json",
)  # fmt: skip
#: Bytes of a file that is looked into.
_LIMIT = 4 << 20
#: Files that say that flagd itself runs, and bytes of each that are read.
_COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_BEGINNING = 1 << 18


def find_flag_files(root: str) -> tuple[str, ...]:
    """Return the files in flagd's format below a root, by the names that are usual; nothing is run."""
    return tuple(place for place in PLACES if _has_flags(os.path.join(root, place), place))


def runs_flagd(root: str) -> bool:
    """Say whether a compose file names flagd: then flags are switched in its file."""
    return any(
        "flagd" in _read(os.path.join(root, name), _BEGINNING).decode("utf-8", "replace") for name in _COMPOSE
    )


def _has_flags(path: str, place: str) -> bool:
    """Say whether a file defines flags as flagd does: others use these names for other things."""
    content = _read(path, _LIMIT + 1)
    if not content or len(content) > _LIMIT or b"flags" not in content or b"variants" not in content:
        return False
    from andon.flags.reading import read_document

    try:
        flags = read_document(content, place).get("flags")
    except AndonError:
        return False
    return isinstance(flags, dict) and any(
        isinstance(flag, dict) and "variants" in flag for flag in flags.values()
    )


def _read(path: str, limit: int) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(limit)
    except OSError:
        return b""
