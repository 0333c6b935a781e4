"""SHA-256 without OpenSSL: what every command, and a hook above all, would wait 2 to 3 ms for."""

from __future__ import annotations

# CPython's own; `hashlib` loads OpenSSL first.
try:
    from _sha2 import sha256  # type: ignore[import-not-found, unused-ignore]  # Python 3.12 and later
except ImportError:
    try:
        from _sha256 import sha256  # type: ignore[import-not-found, unused-ignore]  # Python 3.11
    except ImportError:
        from hashlib import sha256


def digest(content: bytes) -> str:
    """Return the SHA-256 of `content` as 64 hexadecimal digits."""
    return str(sha256(content).hexdigest())
