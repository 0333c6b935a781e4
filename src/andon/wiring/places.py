"""Where Andon keeps what belongs to a journal but is not in it."""

from __future__ import annotations

import os

from andon.journal.open import default_place


def key_file(place: str) -> str:
    """Return where the key of the redaction markers is kept: beside the journal, else with the user."""
    file = default_place("x") if "://" in place else os.path.abspath(os.path.expanduser(place))
    directory = os.path.dirname(file)
    return os.path.join(os.path.dirname(directory) if "://" in place else directory, "redaction.key")


def leaks_directory(place: str, service: str, root: str) -> str:
    """Return the directory of the leaks: beside the journal at `place`, but never in the repository."""
    beside = os.path.dirname(default_place(service))
    if "://" in place:
        from hashlib import sha256

        return os.path.join(beside, f"leaks-{sha256(place.encode()).hexdigest()[:16]}")
    own, real_root = os.path.dirname(os.path.abspath(os.path.expanduser(place))), os.path.realpath(root)
    is_inside = os.path.commonpath((real_root, os.path.realpath(own))) == real_root
    return os.path.join(beside if is_inside else own, "leaks")
