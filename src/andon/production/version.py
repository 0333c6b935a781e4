"""What counts as the name of a version: untrusted text, checked before it comes near a command or a path."""

from __future__ import annotations

import re

from andon.errors import InvalidInput

_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+/@:-]{0,127}")


def is_version(text: str) -> bool:
    """Say whether `text` can be a version: letters, digits and `._+/@:-`, at most 128, no `..`."""
    return bool(_VERSION.fullmatch(text)) and ".." not in text


def checked(text: str) -> str:
    """Return `text` when it is a version; raises InvalidInput."""
    if not is_version(text):
        raise InvalidInput(
            f"{text[:140]!r} cannot be a version",
            rule="a version starts with a letter or digit and holds letters, digits and ._+/@:- only",
            remedy="name a version that `andon doctor` lists",
        )
    return text
