"""A picture keeps its pixels and nothing else; what is no whole picture is none."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.secrets.pictures import only_pixels, picture_type


def chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content).to_bytes(4)
    return len(content).to_bytes(4) + kind + content + check


def segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2) + content


HEAD = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(13))
PIXELS, END = chunk(b"IDAT", zlib.compress(b"pixels")), chunk(b"IEND", b"")
TABLES, SCAN = (
    segment(0xDB, b"quantisation"),
    segment(0xDA, b"scan") + b"pixels \xff\x00 pixels" + b"\xff\xd9",
)


@pytest.mark.parametrize(
    ("given_picture", "kept"),
    [
        (HEAD + PIXELS + END, HEAD + PIXELS + END),
        (HEAD + chunk(b"tEXt", b"Comment\0token=abc") + PIXELS + END, HEAD + PIXELS + END),
        (HEAD + chunk(b"eXIf", b"gps") + PIXELS + chunk(b"iTXt", b"x") + END, HEAD + PIXELS + END),
        (HEAD + PIXELS + END + b"appended secret", HEAD + PIXELS + END),
        (HEAD + PIXELS, None),
        (HEAD + b"\xff\xff\xff\xffIDAT", None),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"\xff\xd8" + TABLES + SCAN, b"\xff\xd8" + TABLES + SCAN),
        (b"\xff\xd8" + segment(0xE1, b"Exif gps") + TABLES + SCAN, b"\xff\xd8" + TABLES + SCAN),
        (b"\xff\xd8" + segment(0xFE, b"a comment") + SCAN + b"appended", b"\xff\xd8" + SCAN),
        (b"\xff\xd8" + TABLES, None),
        (b"\xff\xd8\xff\xe1\xff\xff", None),
        (b"\xff\xd8" + segment(0xDA, b"scan") + b"no end", None),
        (b"GIF89a", None),
        (b"", None),
    ],
)
def test_only_pixels_are_kept(given_picture: bytes, kept: bytes | None) -> None:
    assert only_pixels(given_picture) == kept


def test_what_a_picture_is_follows_from_its_first_bytes() -> None:
    assert [picture_type(c) for c in (HEAD, b"\xff\xd8\xff", b"PK", b"")] == [
        "image/png",
        "image/jpeg",
        "",
        "",
    ]


@given(
    st.sampled_from([b"", HEAD, HEAD + PIXELS, b"\xff\xd8", b"\xff\xd8" + TABLES]), st.binary(max_size=200)
)
def test_any_bytes_are_pixels_or_nothing(start: bytes, rest: bytes) -> None:
    kept = only_pixels(start + rest)
    if kept is not None:
        assert len(kept) <= len(start + rest)
        assert only_pixels(kept) == kept
