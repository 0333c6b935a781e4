"""The key with which redacted secrets are given recognisable, but not guessable, short names."""

from __future__ import annotations

import os

#: Length of the key in bytes.
LENGTH = 32


def read_or_make_key(path: str) -> bytes:
    """Return the key kept at `path`, made (mode 0600) when there is none.

    When it can neither be read nor written, a key for this process alone: redaction goes on, only that the
    same secret has another name in the next process.
    """
    try:
        return _read(path) or _make(path)
    except OSError:
        return os.urandom(LENGTH)


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            key = file.read(LENGTH)
    except FileNotFoundError:
        return b""
    return key if len(key) == LENGTH else os.urandom(LENGTH)


def _make(path: str) -> bytes:
    """Put a new key at `path`, whole from the moment at which it is there; another process may be faster."""
    os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
    key = os.urandom(LENGTH)
    draft = f"{path}.{os.getpid()}.{key[:4].hex()}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(key)
        try:
            os.link(draft, path)
        except FileExistsError:
            return _read(path)
    finally:
        os.unlink(draft)
    return key
