"""What of a content is a secret that must not be committed: kinds and places, never a value. Pure.

Stricter than the redactor, which hides whatever could be one: nobody can justify what is found here, so what
stands in code, in tests and in documents must look like a real value. `scan` is the whole seam.
"""

from __future__ import annotations

import re

from andon.record import Record
from andon.secrets.checksums import crc32_in_base62
from andon.secrets.hits import hits
from andon.secrets.judging import is_environment, place_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Bytes that two neighbouring pieces of a large content have in common: longer than any secret but a key.
OVERLAP = 1 << 14
#: Findings of one content; a file with more is named by these.
MOST = 50

_KEY_FILES = frozenset(("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"))
_STORES = (".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".ppk")
_ENV_VALUE = rb"(?m)^[ \t]*(?:export[ \t]+)?[A-Za-z_][A-Za-z0-9_]*=[ \t]*[^\s#]"


class SecretFinding(Record):
    """A place that holds a secret, without the secret."""

    kind: str
    path: str
    #: From 1; 0 for the name of the file.
    line: int = 0
    #: Tells equal values apart from others within this process, and is of no use outside of it.
    mark: int = 0


def scan(content: bytes, path: str) -> tuple[SecretFinding, ...]:
    """Return the secrets in a content and in the name of its file, by line; at most MOST."""
    return scan_pieces((content,), path)


def scan_pieces(pieces: Iterable[bytes], path: str) -> tuple[SecretFinding, ...]:
    """Return what `scan` does of a content that comes in pieces, in bounded memory."""
    found = list(_of_name(path))
    seen: set[tuple[str, int]] = set()
    window, start, line, is_env = b"", 0, 1, is_environment(path)
    for piece in pieces:
        kept = window[-OVERLAP:]
        gone = window[: len(window) - len(kept)]
        start, line = start + len(gone), line + gone.count(b"\n")
        window = kept + piece
        if is_env and re.search(_ENV_VALUE, window):
            found.append(SecretFinding(kind="environment-file", path=path, mark=hash(("name", _base(path)))))
            is_env = False
        bare = window.replace(b"\0", b"") if b"\0" in window else b""
        if not bare and window[:1] == b"\0":
            continue  # nothing but zeros
        for at, kind, value in _secrets(window, path):
            if (kind, start + at) not in seen and len(found) < MOST:
                seen.add((kind, start + at))
                number = line + window.count(b"\n", 0, at)
                found.append(SecretFinding(kind=kind, path=path, line=number, mark=hash(value)))
        for at, kind, value in _secrets(bare, path) if bare else ():  # UTF-16, or bytes in between
            if len(found) < MOST and not any(f.mark == hash(value) for f in found):
                number = line + bare.count(b"\n", 0, at)
                found.append(SecretFinding(kind=kind, path=path, line=number, mark=hash(value)))
    return tuple(sorted(found, key=lambda f: (f.line, f.kind)))


def new_secrets(before: Iterable[SecretFinding], after: Iterable[SecretFinding]) -> tuple[SecretFinding, ...]:
    """Return what is in `after` and not in `before`: what was there already came in with another commit."""
    known = {(f.kind, f.mark) for f in before}
    return tuple(f for f in after if (f.kind, f.mark) not in known)


def _of_name(path: str) -> Iterator[SecretFinding]:
    name = _base(path).lower()
    if name in _KEY_FILES or (name.endswith(_STORES) and not place_of(path).is_made_up):
        yield SecretFinding(kind="key-file", path=path, mark=hash(("name", name)))
    whole = path.encode("utf-8", "backslashreplace")
    for _, kind, value in _secrets(whole, ""):
        yield SecretFinding(kind=f"{kind} in the name", path=path, mark=hash(value))


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def _secrets(content: bytes, path: str) -> Iterator[tuple[int, str, bytes]]:
    """Yield (place, kind, value) of what is a secret here."""
    for hit in hits(content, path):
        yield hit.start, hit.kind, hit.value


def finds_its_canary() -> bool:
    """True when the engine still finds what it must; one without rules would find nothing in anything."""
    random = b"Zq8Lw2Xv7Rk4Tn9Bm3Hc6Jy1Pd5Fs0"
    token = b"gh" + b"p_" + random + crc32_in_base62(random)
    return [f.kind for f in scan(b"token: " + token, "canary")] == ["github-token"]
