"""Taking secrets out of what is compressed: gzip, bzip2, xz, zlib and zip, one inside another. Pure.

An archive is built again without them; its other entries keep their content, name, mode and moment. One that
cannot be read or is too large is not guessed at: the caller replaces it as a whole.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib

from andon.record import replace
from andon.secrets.leak.removal import Cleaned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from andon.secrets.leak.removal import Remover

#: How many archives inside one another are opened.
DEEPEST = 3
#: Bytes that one archive may unpack to before it counts as a bomb.
LARGEST = 256 << 20
_ZIP, _ZIP_END = b"PK\x03\x04", b"PK\x05\x06"
_ZLIB = (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda")


class Unpackable(Exception):
    """An archive that cannot be read, or unpacks to too much."""


def packing(content: bytes) -> str:
    """Return which kind of archive a content is by its first bytes; "" for none."""
    head = content[:6]
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(_ZIP) or (
        head.startswith((b"#!", b"MZ", b"PK\x05\x06")) and _ZIP_END in content[-66000:]
    ):
        return "zip"
    if head.startswith(b"BZh"):
        return "bzip2"
    if head.startswith(b"\xfd7zXZ\0"):
        return "xz"
    return "zlib" if head.startswith(_ZLIB) else ""


def cleaned(remover: Remover, content: bytes, depth: int = 0) -> Cleaned:
    """Return a content without the secrets, plainly and inside archives; raises Unpackable."""
    kind = packing(content) if depth < DEEPEST else ""
    if not kind:
        return remover.clean(content)
    try:
        if kind == "zip":
            inside = _clean_zip(remover, content, depth)
        else:
            inside = _clean_stream(remover, content, kind, depth)
    except Unpackable:
        plain = remover.clean(content)
        if plain.marks:
            return plain
        raise
    outside = remover.clean(inside.content) if not inside.marks else inside
    return outside


def _clean_stream(remover: Remover, content: bytes, kind: str, depth: int) -> Cleaned:
    members = _members(content, kind)
    if not members:
        return remover.clean(content)
    raw = members[0][1]
    inner = cleaned(remover, raw, depth + 1)
    if not inner.marks:
        return Cleaned(content=content)
    pack: dict[str, Callable[[bytes], bytes]] = {
        "gzip": lambda data: gzip.compress(data, mtime=int.from_bytes(content[4:8], "little")),
        "bzip2": bz2.compress,
        "xz": lzma.compress,
        "zlib": zlib.compress,
    }
    return replace(
        inner, content=pack[kind](inner.content), encodings=tuple(f"{kind} > {e}" for e in inner.encodings)
    )


def _clean_zip(remover: Remover, content: bytes, depth: int) -> Cleaned:
    built = io.BytesIO()
    marks: list[str] = []
    encodings: list[str] = []
    comment = b""
    with _opened(content) as old, zipfile.ZipFile(built, "w") as new:
        budget = LARGEST
        for entry in old.infolist():
            raw = _read(old, entry, budget)
            budget -= len(raw)
            inner = cleaned(remover, raw, depth + 1)
            name = remover.clean_name(entry.filename.encode("utf-8", "surrogateescape"))
            told = remover.clean(entry.comment)
            found = zipfile.ZipInfo(name.decode("utf-8", "surrogateescape"), entry.date_time)
            found.compress_type = entry.compress_type
            found.external_attr, found.create_system = entry.external_attr, entry.create_system
            found.comment = told.content
            found.extra = b"" if remover.holds(entry.extra) else entry.extra
            new.writestr(found, inner.content)
            names = remover.holds(entry.filename.encode("utf-8", "surrogateescape"))
            marks += [*inner.marks, *told.marks, *(mark for mark, _ in names)]
            encodings += [
                f"zip > {how}" for how in (*inner.encodings, *told.encodings, *(h for _, h in names))
            ]
        end = remover.clean(old.comment)
        comment, marks = end.content, [*marks, *end.marks]
        new.comment = comment
    if not marks:
        return Cleaned(content=content)
    return Cleaned(
        content=built.getvalue(), marks=tuple(dict.fromkeys(marks)), encodings=tuple(dict.fromkeys(encodings))
    )


def _members(content: bytes, kind: str) -> list[tuple[bytes, bytes]]:
    """Return (name, content) of what an archive holds; raises Unpackable."""
    if kind == "zip":
        budget, found = LARGEST, []
        with _opened(content) as archive:
            for entry in archive.infolist():
                raw = _read(archive, entry, budget)
                budget -= len(raw)
                about = (
                    entry.filename.encode("utf-8", "surrogateescape") + b"\n" + entry.comment + entry.extra
                )
                found.append((about, raw))
        return found
    try:
        if kind == "bzip2":
            raw = bz2.BZ2Decompressor().decompress(content, LARGEST)
        elif kind == "xz":
            raw = lzma.LZMADecompressor(memlimit=LARGEST).decompress(content, LARGEST)
        else:
            raw = _inflated(content, 31 if kind == "gzip" else 15)
    except (zlib.error, OSError, EOFError, lzma.LZMAError, ValueError) as problem:
        if kind == "zlib":  # two bytes that look like one: it is none
            return []
        raise Unpackable(f"{kind} that cannot be read: {problem}") from problem
    if len(raw) >= LARGEST:
        raise Unpackable(f"{kind} that unpacks to {LARGEST >> 20} MiB or more")
    return [(content[:512] if kind == "gzip" else b"", raw)]


def _inflated(content: bytes, window: int) -> bytes:
    """Return what one or several compressed streams in a row hold."""
    pieces: list[bytes] = []
    left = LARGEST
    while content and left > 0:
        stream = zlib.decompressobj(window)
        pieces.append(stream.decompress(content, left))
        left -= len(pieces[-1])
        content = stream.unused_data
        if not stream.eof or not content.startswith(b"\x1f\x8b"):
            break
    return b"".join(pieces)


def _opened(content: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as problem:
        raise Unpackable(f"zip that cannot be read: {problem}") from problem


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: int) -> bytes:
    """Return an entry's content; the size that it states is not believed."""
    try:
        with archive.open(entry) as file:
            raw = file.read(budget + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError) as problem:
        raise Unpackable(f"zip with an entry that cannot be read: {problem}") from problem
    if len(raw) > budget:
        raise Unpackable(f"zip that unpacks to more than {LARGEST >> 20} MiB")
    return raw
