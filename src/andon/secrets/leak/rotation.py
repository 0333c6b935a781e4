"""How a secret of a kind is replaced, where its format does not say. Pure."""

from __future__ import annotations

#: The checklist of every secret: nothing is dead because somebody meant to replace it.
DEFAULT = (
    "make a new one; put it where the old one is used; revoke the old one; see it refused; "
    "read the provider's log of its use since it leaked"
)
_KINDS = {
    "private-key": "make a new key pair; take the old public key out of every place that trusts it; "
    "revoke certificates made with it; try the old key and see it refused",
    "url-password": "change the password of the account in the address; end its open sessions; "
    "put the new one where it is used; see the old one refused",
    "jwt": "end the session, or change the key that signs: a token alone cannot be taken back; "
    "see the old one refused",
    "environment-value": "change it at whoever gave it; put the new one where the file is read; "
    "see the old one refused; read the log of its use since it leaked",
}


def rotation_of(kind: str) -> str:
    """Return how secrets of a kind are replaced, step by step."""
    return _KINDS.get(kind, DEFAULT)
