"""Taking secrets out of contents: nothing of them is left, and nothing else is touched."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.secrets.leak.credential import Credential
from andon.secrets.leak.packed import Unpackable, cleaned, packing
from andon.secrets.leak.removal import Remover, marker

VALUE = b"".join((b"Zq7", b"kP2m/", b"Vx9+Lt4", b"Wb8Rn3Hc"))
SECRET = Credential(mark="0a1b2c", kind="api-key", value=VALUE)
REMOVER = Remover((SECRET,))
MARKER = marker("api-key", "0a1b2c")


def zipped(**entries: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return made.getvalue()


@given(before=st.binary(max_size=40), after=st.binary(max_size=40))
def test_what_stands_around_a_secret_stays(before: bytes, after: bytes) -> None:
    new = REMOVER.clean(before + VALUE + after).content
    assert VALUE not in new
    assert new.startswith(before)
    assert new.endswith(after)
    if b"\0" in before + after:
        assert len(new) == len(before) + len(VALUE) + len(after)
    else:
        assert new == before + MARKER + after


@given(st.binary(max_size=200))
def test_a_content_without_it_is_the_very_same(content: bytes) -> None:
    assert REMOVER.clean(content).content is content


@given(before=st.binary(max_size=20), after=st.binary(max_size=20), safe=st.booleans())
def test_base64_keeps_its_length_and_what_is_around(before: bytes, after: bytes, safe: bool) -> None:
    encode = base64.urlsafe_b64encode if safe else base64.b64encode
    decode = base64.urlsafe_b64decode if safe else base64.b64decode
    old = encode(before + VALUE + after)
    new = REMOVER.clean(b"k: " + old + b"\n").content
    assert not REMOVER.holds(new)
    assert len(new) == len(old) + 4
    decoded = decode(new[3:-1])
    assert decoded[: len(before)] == before
    assert decoded[len(before) + len(VALUE) :] == after


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-16"])
def test_wide_text_stays_wide_text(encoding: str) -> None:
    old = f"key = {VALUE.decode()}\r\nport = 80\r\n".encode(encoding)
    new = REMOVER.clean(old).content
    assert len(new) == len(old)
    text = new.decode(encoding)
    assert text.startswith("key = [removed:api-key:")
    assert text.endswith("\r\nport = 80\r\n")


@pytest.mark.parametrize(
    "written",
    [
        VALUE.hex().encode(),
        VALUE.hex().upper().encode(),
        b"".join(b"%%%02X" % byte for byte in VALUE),
        b"".join(b"\\x%02x" % byte for byte in VALUE),
        VALUE.replace(b"/", b"\\/"),
        VALUE.replace(b"+", b"%2B"),
        VALUE[:9] + b"\\\n    " + VALUE[9:],
        base64.b64encode(base64.b64encode(VALUE)),
        base64.b64encode(VALUE.decode().encode("utf-16-le")),
    ],
)
def test_every_form_goes(written: bytes) -> None:
    new = REMOVER.clean(b"a " + written + b" z").content
    assert not REMOVER.holds(new)
    assert new.startswith(b"a ")
    assert new.endswith(b" z")


def test_the_longer_of_two_secrets_has_its_place_and_the_shorter_its_own() -> None:
    inner = Credential(mark="ffffff", kind="password", value=VALUE[4:16])
    new = Remover((inner, SECRET)).clean(VALUE + b"|" + inner.value).content
    assert new == MARKER + b"|" + marker("password", "ffffff")


def test_an_ordinary_word_goes_only_where_it_is_a_whole_word() -> None:
    word = Remover((Credential(mark="eeeeee", kind="password", value=b"summer", variable="DB_PASS"),))
    old = b"DB_PASS=summer\nseason: summertime, summer is nice\n"
    assert (
        word.clean(old).content == b"DB_PASS=[removed:password:eeeeee]\nseason: summertime, summer is nice\n"
    )


def test_a_name_gets_no_character_that_a_reference_or_a_file_may_not_have() -> None:
    assert REMOVER.clean_name(b"refs/heads/x-" + VALUE) == b"refs/heads/x-removed-api-key-0a1b2c"


def test_no_form_shows_its_secret() -> None:
    from andon.secrets.leak.removal import all_forms

    assert VALUE.decode() not in repr(all_forms((SECRET,))) + repr(SECRET)


@pytest.mark.parametrize(
    ("kind", "pack", "unpack"),
    [
        ("gzip", gzip.compress, gzip.decompress),
        ("bzip2", bz2.compress, bz2.decompress),
        ("xz", lzma.compress, lzma.decompress),
        ("zlib", zlib.compress, zlib.decompress),
    ],
)
def test_what_is_compressed_is_compressed_again(kind: str, pack, unpack) -> None:  # type: ignore[no-untyped-def]
    old = pack(b"first\n" + VALUE + b"\nlast\n")
    assert packing(old) == kind
    assert unpack(cleaned(REMOVER, old).content) == b"first\n" + MARKER + b"\nlast\n"
    clean = pack(b"nothing in here")
    assert cleaned(REMOVER, clean).content is clean


def test_a_zip_keeps_what_it_does_not_have_to_change() -> None:
    old = zipped(a=b"kept", b=b"x=" + VALUE, c=zipped(d=gzip.compress(VALUE)))
    new = cleaned(REMOVER, old)
    with zipfile.ZipFile(io.BytesIO(new.content)) as archive:
        assert archive.namelist() == ["a", "b", "c"]
        assert archive.read("a") == b"kept"
        assert archive.read("b") == b"x=" + MARKER
    assert not REMOVER.holds(new.content)
    assert "zip > zip > gzip > plain" in new.encodings


def test_a_tar_can_still_be_read() -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, content in (("a.env", b"K=" + VALUE), ("b.txt", b"kept")):
            about = tarfile.TarInfo(name)
            about.size = len(content)
            archive.addfile(about, io.BytesIO(content))
    new = cleaned(REMOVER, gzip.compress(made.getvalue())).content
    with tarfile.open(fileobj=io.BytesIO(new)) as archive:
        second = archive.extractfile("b.txt")
        assert second is not None
        assert second.read() == b"kept"


@pytest.mark.parametrize("content", [b"\x1f\x8b\x08nonsense", b"PK\3\4nonsense", b"BZh9nonsense"])
def test_an_archive_that_cannot_be_read_is_not_guessed_at(content: bytes) -> None:
    with pytest.raises(Unpackable):
        cleaned(REMOVER, content)


def test_two_bytes_that_only_look_like_zlib_are_no_archive() -> None:
    assert cleaned(REMOVER, b"x\x9c is text, " + VALUE).content == b"x\x9c is text, " + MARKER
