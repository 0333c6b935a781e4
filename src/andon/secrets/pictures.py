"""Pictures without what is written beside the pixels: names, places, comments, texts. Pure.

A picture cannot be searched for secrets; what can be hidden in it beside what the page showed is taken out.
Formats: PNG (ISO/IEC 15948, chunks), JPEG (ITU-T T.81 annex B, segments).
"""

from __future__ import annotations

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
#: Chunks that pixels need.
_CHUNKS = frozenset((b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"))
#: JPEG segments that pixels do not need: applications' own but the first (0xE0, density), and comments.
_NOTES = frozenset((*range(0xE1, 0xED), 0xEF, 0xFE))
_START_OF_SCAN = 0xDA


def picture_type(content: bytes) -> str:
    """Return the media type of a PNG or JPEG by its first bytes; "" for anything else."""
    return "image/png" if content.startswith(_PNG) else "image/jpeg" if content.startswith(_JPEG) else ""


def only_pixels(content: bytes) -> bytes | None:
    """Return a picture that consists of its pixels; None for what is no whole PNG or JPEG."""
    if content.startswith(_PNG):
        return _png(content)
    return _jpeg(content) if content.startswith(_JPEG) else None


def _png(content: bytes) -> bytes | None:
    kept, at = [_PNG], len(_PNG)
    while at + 12 <= len(content):
        length, kind = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(content):
            return None
        if kind in _CHUNKS:
            kept.append(content[at:end])
        if kind == b"IEND":
            return b"".join(kept)
        at = end
    return None


def _jpeg(content: bytes) -> bytes | None:
    kept, at = [_JPEG], 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker, end = content[at + 1], at + 2 + int.from_bytes(content[at + 2 : at + 4])
        if marker == _START_OF_SCAN:
            over = content.rfind(b"\xff\xd9", at)  # what follows the end of the picture is no part of it
            return b"".join((*kept, content[at : over + 2])) if over > at else None
        if end > len(content):
            return None
        if marker not in _NOTES:
            kept.append(content[at:end])
        at = end
    return None
