"""Versions and commits as people type them."""

from __future__ import annotations

from andon.desk.deployments import commit_of
from andon.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from andon.desk.ports import Desk


def version_named(text: str) -> str:
    """Return a version that can be shown and typed again; raises InvalidInput.

    Printable, without blanks, of a readable length, and nothing that looks like an option.
    """
    fits = 0 < len(text) <= 128 and text.isprintable() and not text.startswith("-")
    if not fits or any(letter.isspace() for letter in text):
        raise InvalidInput(
            f"{text[:80]!r} is no version",
            rule="version",
            remedy="name it as the deployer does: andon releases",
        )
    return text


def commit_named(desk: Desk, given: str, version: str = "") -> str:
    """Return the commit that was named: an id as it is, anything else as git understands it.

    Without one, what `version` means in git, "" for nothing.
    """
    digits = given.lower()
    if 7 <= len(given) <= 64 and set(digits) <= set("0123456789abcdef"):
        return digits
    if given:
        return desk.repository.commit_of(given)
    return commit_of(desk, version) if version else ""
