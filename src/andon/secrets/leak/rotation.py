"""How a leaked secret is replaced, where nothing is known of its provider. Pure."""

from __future__ import annotations

_LAST = (
    "put the new one where the old one is used",
    "see the old one refused",
    "read the log of its use since it leaked",
)
_FIRST = {
    "private-key": "make a new key pair, and take the old public key out of every place that trusts it",
    "url-password": "change the password of the account in the address, and end its open sessions",
    "jwt": "end the session, or change the key that signs: a token alone cannot be taken back",
}


def rotation_of(kind: str) -> tuple[str, ...]:
    """Return the steps for a kind of secret: nothing is dead because somebody meant to replace it."""
    return (_FIRST.get(kind, "make a new one, and revoke the old one"), *_LAST)
