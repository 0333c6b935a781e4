"""Made-up tokens that are right in every respect but that nobody was ever given them."""

from __future__ import annotations

import random
import string

from andon.secrets.checksums import crc32_in_base62

LETTERS = string.ascii_letters + string.digits


def word(chance: random.Random, length: int, letters: str = LETTERS) -> str:
    """Return letters by chance, as random as those of a real token."""
    return "".join(chance.choices(letters, k=length))


def github_token(seed: object, prefix: str = "ghp") -> str:
    """Return a token of GitHub's form with the right checksum, always the same one for a seed."""
    body = word(random.Random(str(seed)), 30)
    return f"{prefix}_{body}{crc32_in_base62(body.encode()).decode()}"
