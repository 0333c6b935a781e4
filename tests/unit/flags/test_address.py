"""Addresses are taken apart strictly, and nothing becomes a second header."""

from __future__ import annotations

import pytest

from andon.errors import InvalidInput
from andon.flags.address import check_token, read_address, request


@pytest.mark.parametrize(
    ("text", "authority", "host", "port", "prefix"),
    [
        ("http://127.0.0.1:8014", "127.0.0.1:8014", "127.0.0.1", 8014, ""),
        ("https://flags.example.org/", "flags.example.org", "flags.example.org", 443, ""),
        ("http://flags/a/b/", "flags", "flags", 80, "/a/b"),
        ("http://[::1]:9", "[::1]:9", "::1", 9, ""),
        ("HTTPS://flags:444", "flags:444", "flags", 444, ""),
    ],
)
def test_an_address(text: str, authority: str, host: str, port: int, prefix: str) -> None:
    found = read_address(text)
    assert (found.authority, found.host, found.port, found.prefix) == (authority, host, port, prefix)


@pytest.mark.parametrize(
    "text",
    [
        "", "flags:80", "ftp://flags", "http://", "http://user:secret@flags", "http://flags:0", "http://flags:x",
        "http://flags:99999999999999999999", "http://fl ags", "http://flags/\r\nX: y", "http://flags?q", "http://flägs",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_address(text)
    assert "secret" not in str(refused.value)


def test_a_token_that_no_header_can_hold_is_refused_without_being_shown() -> None:
    with pytest.raises(InvalidInput) as refused:
        check_token("s3cret\r\nX: y")
    assert "s3cret" not in str(refused.value)


def test_a_request_is_one_piece_and_a_name_stays_one_header() -> None:
    made = request(read_address("http://flags"), "POST", "/x", {"Name": "ä\r\nEvil: 1", "Empty": ""}, b"{}")
    head, _, body = made.partition(b"\r\n\r\n")
    assert body == b"{}" and b"Content-Length: 2" in head
    assert b"Name: %C3%A4%0D%0AEvil: 1" in head and b"Empty" not in head
