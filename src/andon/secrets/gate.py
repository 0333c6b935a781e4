"""What of a content is a secret that must not be committed: kinds and places, never a value. Pure.

Stricter than the redactor, which hides whatever could be one: nobody can justify what is found here, so what
stands in code, in tests and in documents must look like a real value. `scan` is the whole seam: it reads the
content in every way that `secrets.views` knows.
"""

from __future__ import annotations

import re

from andon.record import Record
from andon.secrets.finding import Tier
from andon.secrets.hits import hits
from andon.secrets.judging import is_environment, place_of
from andon.secrets.views import LIMITS, Reading, views

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from andon.secrets.views import Limits, View

#: Bytes that two neighbouring pieces of a large content have in common: longer than any secret but a key.
OVERLAP = 1 << 14
#: Bytes of a part of a large content.
_PART = 1 << 20
#: Ends the kind of a secret that is in a name.
IN_THE_NAME = " in the name"
#: Different secrets of one content; of a file with more nothing is decided.
MOST = 1000

#: What a name must have to hold a secret: none is shorter.
_LONG_WORD = rb"[\w%+=~-]{16}"
_KEY_FILES = frozenset(("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"))
_STORES = (".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".ppk")
_ENV_VALUE = rb"(?m)^[ \t]*(?:export[ \t]+)?[A-Za-z_][A-Za-z0-9_]*=[ \t]*[^\s#]"


class Sealed:
    """A value that is compared and named by its mark, and that nobody sees in a message or a traceback."""

    __slots__ = ("value",)

    def __init__(self, value: bytes) -> None:
        """Keep the value."""
        self.value = value

    def __repr__(self) -> str:
        """Return what shows nothing of it."""
        return "<sealed>"

    def __eq__(self, other: object) -> bool:
        """True for the same value."""
        return isinstance(other, Sealed) and other.value == self.value

    def __hash__(self) -> int:
        """Return the same for the same value."""
        return hash(self.value)


class SecretFinding(Record):
    """A place that holds a secret, with the value sealed."""

    kind: str
    path: str
    #: From 1; 0 for the name of the file, and where a line says nothing.
    line: int = 0
    tier: Tier = Tier.BLOCK
    #: The layers in which it lies, outermost first: `gzip`, `zip entry a.txt`, `base64`.
    how: tuple[str, ...] = ()
    sealed: Sealed = Sealed(b"")


class Found(Record):
    """What was found in one content, and what keeps it from being everything."""

    findings: tuple[SecretFinding, ...] = ()
    #: Limits that were met: nothing found is no answer then.
    problems: tuple[str, ...] = ()
    #: What nobody can read here: encrypted, or of a format that is not known.
    closed: tuple[str, ...] = ()


def scan(content: bytes, path: str) -> tuple[SecretFinding, ...]:
    """Return the secrets in a content and in the name of its file, by line, each value once."""
    return scan_pieces((content,), path).findings


def scan_pieces(
    pieces: Iterable[bytes],
    path: str,
    limits: Limits = LIMITS,
    is_late: Callable[[], bool] | None = None,
) -> Found:
    """Return what is found in a content that comes in pieces, in bounded memory.

    What is packed is held in memory whole, up to a limit; anything else that is large is read in parts.
    """
    reading = Reading(limits, is_late)
    whole, rest = _gathered(iter(pieces), limits)
    found: dict[tuple[str, Sealed], SecretFinding] = {}
    _keep(found, _of_name(path), reading)
    if is_environment(path):
        _keep(found, _of_environment(whole, path), reading)
    if rest is None:
        for view in views(whole, path, reading):
            _keep(found, _of_view(view, path), reading)
    elif _begins_packed(whole):
        reading.stop(f"it is packed and larger than {limits.packed >> 20} MB")
    else:
        _in_parts(found, whole, rest, path, reading)
    findings = tuple(sorted(found.values(), key=lambda f: (f.line, f.kind)))
    return Found(findings=findings, problems=tuple(reading.problems), closed=tuple(reading.closed))


def _gathered(pieces: Iterator[bytes], limits: Limits) -> tuple[bytes, Iterator[bytes] | None]:
    """Return the content whole and None; or what could be held of it, and the rest."""
    held: list[bytes] = []
    size, most = 0, min(limits.whole, limits.packed)
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size > most:
            if most == limits.packed or not _begins_packed(b"".join(held[:1])):
                return b"".join(held), pieces
            most = limits.packed
    return b"".join(held), None


def _begins_packed(start: bytes) -> bool:
    from andon.secrets.views_archives import is_packed

    return is_packed(start[:1024])


def _in_parts(
    found: dict[tuple[str, Sealed], SecretFinding],
    first: bytes,
    rest: Iterator[bytes],
    path: str,
    reading: Reading,
) -> None:
    """Look through a large content in overlapping parts; an archive that is in no part whole is told."""
    from andon.secrets.views_archives import ends_packed

    window, line = first, 1
    is_last = False
    while True:
        if window.count(0) != len(window):  # a hole of a sparse file
            reading.views, reading.bytes = reading.limits.views, reading.limits.unpacked
            cut = 0 if is_last else len(window)
            reading.is_cut = False
            for view in views(window, path, reading):
                _keep(found, _of_view(view, path, line - 1, cut), reading)
            if reading.is_cut and not is_last:
                reading.stop(f"an archive is in it, and it is larger than {reading.limits.whole >> 20} MB")
        if is_last or reading.problems:
            break
        kept = window[-OVERLAP:]
        line += window.count(b"\n", 0, len(window) - len(kept))
        pieces, size = [kept], 0
        for piece in rest:
            pieces.append(piece)
            size += len(piece)
            if size >= _PART:
                break
        is_last = size < _PART
        window = b"".join(pieces)
    if ends_packed(window):
        reading.stop(f"an archive is in it, and it is larger than {reading.limits.whole >> 20} MB")


def _of_view(view: View, path: str, lines: int = 0, cut: int = 0) -> Iterator[SecretFinding]:
    """Yield the secrets of one way to read a content; `lines` are before it in the file.

    One that ends where the content is cut goes on in the next part, and is seen there as a whole.
    """
    for hit in hits(view.content, view.path):
        if cut and hit.end == cut and not view.how and hit.start > cut - OVERLAP:
            continue
        line = view.line_at(hit.start)
        how = view.how
        if not view.is_in_file:
            how, line = (*how[:-1], f"{how[-1]}, line {line}") if line and how else how, 0
        yield SecretFinding(
            kind=hit.kind,
            path=path,
            line=line + lines if line else 0,
            tier=hit.tier,
            how=how,
            sealed=Sealed(hit.value),
        )
    if view.path != path:  # an entry of an archive has a name and a kind of its own
        for finding in (*_of_name(view.path), *_of_environment(view.content, view.path)):
            yield SecretFinding(
                kind=finding.kind, path=path, tier=finding.tier, how=view.how, sealed=finding.sealed
            )


def _keep(
    found: dict[tuple[str, Sealed], SecretFinding], findings: Iterable[SecretFinding], reading: Reading
) -> None:
    """Take the findings in, each value once: the one that is read with the fewest layers."""
    for finding in findings:
        if len(found) >= MOST:
            reading.stop(f"more than {MOST} secrets are in it")
            return
        known = found.get((finding.kind, finding.sealed))
        if known is None or (known.tier is Tier.REVIEW and finding.tier is Tier.BLOCK):
            found[finding.kind, finding.sealed] = finding


def new_secrets(before: Iterable[SecretFinding], after: Iterable[SecretFinding]) -> tuple[SecretFinding, ...]:
    """Return what is in `after` and not in `before`: what was there already came in with another commit.

    They are compared by kind and value: on another line, in another wrapping, it is the same; another value
    on the same line is another secret. One that only had to be looked at before and blocks now is new.
    """
    known = {(f.kind, f.sealed, f.tier) for f in before}
    known |= {(kind, sealed, Tier.REVIEW) for kind, sealed, _ in known}
    return tuple(f for f in after if (f.kind, f.sealed, f.tier) not in known)


def _of_environment(content: bytes, path: str) -> Iterator[SecretFinding]:
    if is_environment(path) and re.search(_ENV_VALUE, content):
        yield SecretFinding(
            kind="environment-file", path=path, sealed=Sealed(b"name:" + _base(path).encode())
        )


def _of_name(path: str) -> Iterator[SecretFinding]:
    name = _base(path).lower()
    if name in _KEY_FILES or (name.endswith(_STORES) and not place_of(path).is_made_up):
        sealed = Sealed(b"name:" + name.encode("utf-8", "backslashreplace"))
        yield SecretFinding(kind="key-file", path=path, sealed=sealed)
    whole = path.encode("utf-8", "backslashreplace")
    if not re.search(_LONG_WORD, whole):
        return
    for view in views(whole, "", Reading()):
        for hit in hits(view.content, ""):
            kind = hit.kind + IN_THE_NAME
            yield SecretFinding(kind=kind, path=path, tier=hit.tier, how=view.how, sealed=Sealed(hit.value))


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def finds_its_canary() -> bool:
    """True when the engine still finds what it must, as it is and through every kind of layer.

    One without rules would find nothing in anything, and one that no longer unpacks would find half.
    """
    import binascii
    import zlib

    from andon.secrets.checksums import crc32_in_base62

    letters = b"Zq8Lw2Xv7Rk4Tn9Bm3Hc6Jy1Pd5Fs0"
    token = b"gh" + b"p_" + letters + crc32_in_base62(letters)
    plain = b"it is " + token  # no word of another kind, whose expression nobody else may need
    packer = zlib.compressobj(wbits=31)
    packed = packer.compress(plain) + packer.flush()
    shown = [
        plain,
        packed,
        binascii.b2a_base64(packed),
        plain.decode().encode("utf-16"),
        plain.hex().encode(),
    ]
    shown.append(plain.replace(b"_", b"%5F"))
    return all(token in [f.sealed.value for f in scan(content, "canary")] for content in shown)
