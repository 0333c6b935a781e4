"""What is packed in a content: gzip, zip (jar, docx, wheel), tar, bzip2, xz, zlib. Pure, bounded.

All but zlib, which is looked for at the first byte and in a PDF are looked for wherever they begin, and what
an archive says of its own sizes is not believed: packed data is unpacked until it ends, or until the limit.
So bytes before an archive, a broken index or a wrong length hide nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    from andon.secrets.views import Reading

    class Unpacking(Protocol):
        """One stream that is being unpacked."""

        @property
        def eof(self) -> bool: ...
        @property
        def unused_data(self) -> bytes: ...
        def decompress(self, data: bytes, /, max_length: int = ...) -> bytes: ...


#: RFC 1952: identification, deflate, and only the five flags that are defined.
_GZIP = b"\x1f\x8b\x08"
#: .ZIP File Format Specification 6.3.10, 4.3.7: a local file header.
_ZIP = b"PK\x03\x04"
_BZIP = b"BZh"
_BZIP_BLOCK = b"1AY&SY"
_XZ = b"\xfd7zXZ\0"
#: POSIX ustar: at byte 257 of the first header.
_TAR, _TAR_AT, _BLOCK = b"ustar", 257, 512
#: Bytes of a name that stands before its entry.
_LONGEST = 1 << 14
_PDF, _STREAM = b"%PDF-", b"stream"
#: RFC 1950: a window of 32 KiB and one of the four levels; only looked for at the first byte.
ZLIB = (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda")
#: Bytes of a stream that show whether it is one: the table of a first block is shorter.
_PROBE = 512
#: gitformat-pack and gitformat-bundle: one zlib stream for each object.
_PACKS = (b"PACK\0\0\0", b"# v2 git bundle\n", b"# v3 git bundle\n")
#: What is packed and cannot be unpacked here: 7z, rar, zstd, lz4, compress (.Z).
_OTHERS = (
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"\x1f\x9d", "compress"),
)
#: Bytes that are given to a stream first, and at most: most entries of an archive are small.
_FIRST, _STEP = 1 << 12, 1 << 20
#: 4.4.5: methods of zip.
_STORED, _DEFLATED, _BZIPPED, _LZMA, _XZIPPED = 0, 8, 12, 14, 95


def is_packed(content: bytes) -> bool:
    """True when something packed begins somewhere in the content; quick, and rather once too often."""
    return (
        _GZIP in content
        or _ZIP in content
        or _XZ in content
        or content[_TAR_AT : _TAR_AT + 5] == _TAR
        or _BZIP_BLOCK in content
        or content.startswith((_PDF, *_PACKS))
        or any(content.startswith(mark) for mark, _ in _OTHERS)
        or is_zlib(content)
    )


def is_zlib(content: bytes, start: int = 0) -> bool:
    """True when a zlib stream begins at `start`: its two bytes alone also begin a text, `x^2`."""
    if not content.startswith(ZLIB, start):
        return False
    import zlib

    try:
        return bool(zlib.decompressobj().decompress(content[start : start + _PROBE], 1))
    except zlib.error:
        return False


def ends_packed(end: bytes) -> bool:
    """True when the last bytes of a content are the index of a zip file (4.3.16), whatever stands before."""
    return b"PK\x05\x06" in end[-(22 + (1 << 16)) :]


def entries(content: bytes, reading: Reading) -> Iterator[tuple[str, str, bytes]]:
    """Yield (name, how it is packed, content) of what is packed; the name is "" when it has none.

    Stops at a limit of the reading, and says so there.
    """
    for mark, how in _OTHERS:
        if content.startswith(mark):
            reading.closed[f"an archive of the format {how} cannot be read"] = None
    if content[_TAR_AT : _TAR_AT + 5] == _TAR:
        yield from _tar(content, reading)
    yield from _zip(content, reading)
    yield from _streams(content, reading)
    if is_zlib(content):
        yield from _stream("zlib", content, 0, reading)
    elif content.startswith(_PACKS):
        yield from _pack(content, reading)
    if content.startswith(_PDF):
        yield from _pdf(content, reading)


def _streams(content: bytes, reading: Reading) -> Iterator[tuple[str, str, bytes]]:
    """Yield what gzip, bzip2 and xz packed, wherever it begins."""
    for at in _places(content, _GZIP):
        if content[at + 3 : at + 4] < b"\x20":
            yield from _stream("gzip", content, at, reading)
    for at in _places(content, _BZIP_BLOCK):
        if content[at - 4 : at - 1] == _BZIP:
            yield from _stream("bzip2", content, at - 4, reading)
    for at in _places(content, _XZ):
        yield from _stream("xz", content, at, reading)


def _stream(how: str, content: bytes, at: int, reading: Reading) -> Iterator[tuple[str, str, bytes]]:
    if not reading.takes_entry():
        return
    found, _ = _unpack(how, content, at, reading)
    if found:
        yield "", how, found


def _pack(content: bytes, reading: Reading) -> Iterator[tuple[str, str, bytes]]:
    """Yield the objects of a pack, of deltas what they add; one begins behind the other."""
    at = 0
    while starts := [place for mark in ZLIB if (place := content.find(mark, at)) >= 0]:
        at = min(starts)
        found, end = _unpack("zlib", content, at, reading)
        if found and not reading.takes_entry():
            return
        if found:
            yield "", "an object of git", found
        at = max(end, at + 1) if found else at + 1


def _places(content: bytes, wanted: bytes) -> Iterator[int]:
    at = content.find(wanted)
    while at >= 0:
        yield at
        at = content.find(wanted, at + 1)


def _unpack(how: str, content: bytes, at: int, reading: Reading) -> tuple[bytes, int]:
    """Return what comes out of the stream that begins at `at`, as far as it can be unpacked, and its end."""
    stream, errors = _opened(how)
    pieces: list[bytes] = []
    place = at
    given, step = b"", _FIRST
    try:
        while not stream.eof and reading.bytes >= 0:
            if not given and place < len(content) and _needs_input(stream):
                given = content[place : place + step]
                place += len(given)
                step = min(step * 8, _STEP)
            piece = stream.decompress(given, max_length=_STEP)
            given = getattr(stream, "unconsumed_tail", b"")
            if not piece and not given and place >= len(content):
                break
            reading.bytes -= len(piece)
            pieces.append(piece)
    except errors:
        pass  # it is damaged from here on, or only looked like a stream
    else:
        reading.is_cut = reading.is_cut or (bool(pieces) and not stream.eof)
    if reading.bytes < 0:
        reading.stop(f"more than {reading.limits.unpacked >> 20} MB come out of it")
    return b"".join(pieces), place - len(stream.unused_data)


def _needs_input(stream: Unpacking) -> bool:
    return bool(getattr(stream, "needs_input", True))


def _opened(how: str) -> tuple[Unpacking, tuple[type[Exception], ...]]:
    if how == "bzip2":
        import bz2

        return bz2.BZ2Decompressor(), (OSError, ValueError, EOFError)
    if how in ("xz", "lzma"):
        import lzma

        form = lzma.FORMAT_XZ if how == "xz" else lzma.FORMAT_AUTO
        return lzma.LZMADecompressor(form, memlimit=256 << 20), (lzma.LZMAError, EOFError)
    import zlib

    bits = {"gzip": 31, "zlib": 15}.get(how, -15)
    return zlib.decompressobj(bits), (zlib.error,)


def _zip(content: bytes, reading: Reading) -> Iterator[tuple[str, str, bytes]]:
    """Yield the entries of a zip file by their local headers (4.3.7), wherever these stand."""
    for at in _places(content, _ZIP):
        header = content[at : at + 30]
        if len(header) < 30 or header[4] > 100:  # no version of the format: chance
            continue
        flags, method = _number(header, 6, 2), _number(header, 8, 2)
        size, named, extra = _number(header, 18, 4), _number(header, 26, 2), _number(header, 28, 2)
        name = content[at + 30 : at + 30 + named].decode("utf-8", "backslashreplace")
        if not reading.takes_entry():
            return
        start = at + 30 + named + extra
        if flags & 1:
            reading.closed[f"{name[:200]} is encrypted in a zip file"] = None
            continue
        found = _entry(content, start, size, method, reading)
        if found is None:
            reading.closed[f"{name[:200]} is packed in a zip file in a way that cannot be read"] = None
        elif found or name:
            yield name, f"zip entry {name[:200]}", found


def _entry(content: bytes, start: int, size: int, method: int, reading: Reading) -> bytes | None:
    if method == _STORED:  # its bytes are seen already; what it holds may be packed itself
        ends = [content.find(mark, start) for mark in (b"PK\x01\x02", _ZIP)]
        end = start + size if size else min((e for e in ends if e >= 0), default=len(content))
        return content[start:end]
    how = {_DEFLATED: "deflate", _BZIPPED: "bzip2", _XZIPPED: "xz"}.get(method)
    if how is None:
        return None
    found, _ = _unpack(how, content, start, reading)
    return found


def _number(header: bytes, at: int, size: int) -> int:
    return int.from_bytes(header[at : at + size], "little")


def _tar(content: bytes, reading: Reading) -> Iterator[tuple[str, str, bytes]]:
    """Yield the files of a tar by their headers; a header that makes no sense ends it."""
    at, long = 0, b""
    while at + _BLOCK <= len(content):
        header = content[at : at + _BLOCK]
        at += _BLOCK
        if header.count(0) == _BLOCK:
            continue
        if header[_TAR_AT : _TAR_AT + 5] != _TAR:
            return
        size = _octal(header[124:136])
        if not reading.takes_entry():
            return
        if header[156:157] == b"L":  # GNU: the name of the next entry, too long for its header
            long = content[at : at + min(size, _LONGEST)].split(b"\0")[0]
            at += (size + _BLOCK - 1) // _BLOCK * _BLOCK
            continue
        if header[156:157] == b"x":  # POSIX.1-2001, pax: the same as `length path=name`
            told = content[at : at + min(size, _LONGEST)].partition(b" path=")[2]
            long = told.partition(b"\n")[0]
        prefix = header[345:500].split(b"\0")[0]
        named = header[:100].split(b"\0")[0]
        name = (prefix + b"/" * bool(prefix) + named).decode("utf-8", "backslashreplace")
        if long and header[156:157] != b"x":
            name, long = long.decode("utf-8", "backslashreplace"), b""
        yield name, f"tar entry {name[:200]}", content[at : at + size]
        at += (size + _BLOCK - 1) // _BLOCK * _BLOCK


def _octal(field: bytes) -> int:
    if field[:1] >= b"\x80":  # GNU: a large size in base 256
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0")
    return int(digits, 8) if digits and all(48 <= c <= 55 for c in digits) else 0


def _pdf(content: bytes, reading: Reading) -> Iterator[tuple[str, str, bytes]]:
    """Yield the deflated streams of a PDF (ISO 32000-1, 7.3.8)."""
    for at in _places(content, _STREAM):
        start = at + len(_STREAM)
        start += 2 if content[start : start + 2] == b"\r\n" else 1
        if content[start : start + 1] == b"x":
            if not reading.takes_entry():
                return
            found, _ = _unpack("zlib", content, start, reading)
            if found:
                yield "", "a stream of a PDF", found
