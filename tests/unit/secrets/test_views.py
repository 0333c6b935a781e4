"""What can be read in a content, and what keeps it from being read: every limit says no, never nothing."""

from __future__ import annotations

import base64
import gzip
import random
import tarfile
import zipfile
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.secrets.gate import scan, scan_pieces
from andon.secrets.views import Limits, Reading, views
from tests.evasions import made_token, tarred, zipped

TOKEN = made_token(7).encode()
LINE = b"token: " + TOKEN + b"\n"


def seen(content: bytes, limits: Limits | None = None) -> tuple[list[bytes], list[str]]:
    """What is found, and what was not read."""
    found = scan_pieces((content,), "a.dat", limits or Limits())
    return [f.sealed.value for f in found.findings], list(found.problems)


def nested(depth: int) -> bytes:
    content = LINE
    for n in range(depth):
        content = zipped({"a": content}) if n % 2 else gzip.compress(content)
    return content


@pytest.mark.parametrize("depth", [0, 1, 2, 3])
def test_three_archives_in_each_other_are_read(depth: int) -> None:
    assert seen(nested(depth)) == ([TOKEN], [])


@pytest.mark.parametrize("depth", [4, 50])
def test_deeper_ones_are_not_and_that_is_told(depth: int) -> None:
    assert seen(nested(depth))[1] == ["archives lie in it more than 3 deep"]


def test_a_bomb_stops_at_its_limit() -> None:
    bomb = gzip.compress(b"\0" * (40 << 20))
    assert seen(bomb, Limits(unpacked=1 << 20)) == ([], ["more than 1 MB come out of it"])
    many = zipped({f"f{n}": b"\0" * 2_000_000 for n in range(5)})
    assert seen(many, Limits(unpacked=4 << 20)) == ([], ["more than 4 MB come out of it"])


def test_a_million_entries_stop_at_their_limit() -> None:
    many = zipped({f"f{n}": b"x" for n in range(300)})
    assert seen(many, Limits(entries=200)) == ([], ["more than 200 files are packed in it"])


def test_a_packed_content_that_is_too_large_is_told() -> None:
    noise = gzip.compress(random.Random(1).randbytes(60_000))
    pieces = [noise[at : at + 5000] for at in range(0, len(noise), 5000)]
    found = scan_pieces(pieces, "a.gz", Limits(whole=10_000, packed=20_000))
    assert found.problems == ("it is packed and larger than 0 MB",)
    assert scan_pieces(pieces, "a.gz", Limits(whole=10_000)).problems == ()


def test_an_archive_at_the_end_of_a_large_content_is_told() -> None:
    content = b"x" * 50_000 + zipped({"a": LINE})
    pieces = [content[at : at + 5000] for at in range(0, len(content), 5000)]
    found = scan_pieces(pieces, "setup.exe", Limits(whole=10_000))
    assert found.problems == ("an archive is in it, and it is larger than 0 MB",)
    assert [f.sealed.value for f in scan_pieces(pieces, "setup.exe").findings] == [TOKEN]


def test_time_that_is_up_is_told() -> None:
    assert scan_pieces((LINE,), "a.txt", is_late=lambda: True).problems == ("it takes too long to read",)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"7z\xbc\xaf\x27\x1c\0\4", "an archive of the format 7z cannot be read"),
        (b"Rar!\x1a\x07\1\0", "an archive of the format rar cannot be read"),
        (b"\x28\xb5\x2f\xfd\0\0", "an archive of the format zstd cannot be read"),
    ],
)
def test_what_nobody_can_read_is_told(content: bytes, why: str) -> None:
    assert scan_pieces((content,), "a.bin").closed == (why,)


def test_an_encrypted_entry_is_told() -> None:
    content = bytearray(zipped({"a.txt": LINE}))
    content[6] |= 1
    assert scan_pieces((bytes(content),), "a.zip").closed == ("a.txt is encrypted in a zip file",)


def test_sizes_that_an_archive_tells_are_not_believed() -> None:
    content = bytearray(zipped({"a.txt": LINE * 50}))
    content[18:26] = b"\0" * 8
    assert TOKEN in seen(bytes(content))[0]
    assert TOKEN in seen(bytes(content[: content.find(b"PK\x01\x02")]))[0]  # no index at all


def test_a_stream_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    noise = random.Random(2).randbytes(9000)
    content = gzip.compress(LINE + noise)
    assert seen(content[:-4000])[0] == [TOKEN]


def test_an_entry_is_judged_by_its_own_name() -> None:
    found = scan(zipped({"x/.env": b"REGION=eu\n", "keys/id_rsa": b"?"}), "a.zip")
    assert {f.kind for f in found} >= {"environment-file", "key-file"}
    assert all(f.path == "a.zip" for f in found)
    assert any(f.how == ("zip entry x/.env",) for f in found)


def test_names_and_lines_in_layers_are_told() -> None:
    inside = base64.b64encode(b"first\nsecond\n" + LINE)
    (found,) = scan(tarred({"conf/a.txt": b"x\n" + inside}), "a.tgz")
    assert found.how[:2] == ("gzip", "tar entry conf/a.txt")
    assert found.how[-1].startswith("base64")
    (plain,) = scan(b"1\n2\n3 " + base64.b64encode(LINE) + b"\n", "a.txt")
    assert (plain.line, plain.how) == (3, ("base64",))
    (escaped,) = scan(b"1\n2 %\nx=" + TOKEN.replace(b"_", b"%5f") + b"\n", "a.txt")
    assert (escaped.line, escaped.how) == (3, ("escaped",))
    (digits,) = scan(b"1\n" + LINE.hex().encode() + b"\n", "a.txt")
    assert (digits.line, digits.how) == (2, ("hexadecimal",))


def test_a_value_that_stands_openly_is_told_once_and_openly() -> None:
    (found,) = scan(base64.b64encode(LINE) + b"\n" + LINE, "a.txt")
    assert (found.line, found.how) == (2, ())


def test_a_value_is_never_shown() -> None:
    found = scan(LINE, "a.txt")
    assert TOKEN.decode() not in repr(found) and TOKEN[4:].decode() not in repr(found)


@given(st.binary(max_size=300), st.integers(0, 5), st.binary(max_size=40))
def test_base64_is_found_wherever_it_stands(before: bytes, width: int, after: bytes) -> None:
    text = base64.b64encode(LINE)
    if width:
        size = width * 7
        text = b"\n".join(text[at : at + size] for at in range(0, len(text), size))
    clean = bytes(c for c in before if c not in b"\0")
    assert TOKEN in [f.sealed.value for f in scan(clean + b"\n" + text + b"\n" + after, "a.txt")]


@given(st.binary(max_size=300))
def test_anything_can_be_read(content: bytes) -> None:
    for start in (b"", b"PK\x03\x04", b"\x1f\x8b\x08\0", b"%PDF-stream\nx", b"BZh91AY&SY", b"\xfd7zXZ\0"):
        list(views(start + content, "a", Reading()))


def test_hostile_text_takes_time_in_proportion() -> None:
    from time import process_time

    for text in (
        b"%25" * 3000,
        b"\\x5c" * 3000,
        b"ab" * 5000,
        b"0x41, " * 3000,
        b"PK\x03\x04" * 3000,
        b"QUFB" * 4000,
    ):
        reading = Reading()
        start = process_time()
        amount = sum(len(view.content) for view in views(text, "a", reading))
        assert amount < 60 * len(text)
        assert process_time() - start < 3


def test_other_archives_are_read() -> None:
    into = BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a", LINE)
    assert TOKEN in seen(into.getvalue())[0]
    stored = BytesIO()
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.gz", gzip.compress(LINE))
    assert TOKEN in seen(stored.getvalue())[0]
    plain = BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        packed = gzip.compress(LINE)
        entry = tarfile.TarInfo("a.gz")
        entry.size = len(packed)
        tar.addfile(entry, BytesIO(packed))
    assert TOKEN in seen(plain.getvalue())[0]
    assert TOKEN in seen(b"%PDF-1.4 stream\r\n" + zlib.compress(LINE))[0]


@pytest.mark.parametrize("level", [0, 1, 6, 9])
def test_a_zlib_stream_is_read(level: int) -> None:
    packed = zlib.compress(LINE, level)
    assert seen(packed) == ([TOKEN], [])
    assert seen(base64.b64encode(packed)) == ([TOKEN], [])


def test_the_objects_of_a_pack_are_read() -> None:
    objects = [b"\x3a" + zlib.compress(b"x^ and x\x9c are no stream", 0), b"\xb2\x01" + zlib.compress(LINE)]
    pack = b"PACK\0\0\0\2\0\0\0\2" + b"".join(objects) + b"\7" * 20
    assert seen(pack) == ([TOKEN], [])
    assert seen(b"# v2 git bundle\n" + b"a" * 40 + b" refs/heads/main\n\n" + pack) == ([TOKEN], [])


@pytest.mark.parametrize("place", [2_000, 700_000])
def test_an_archive_in_a_large_content_is_read_or_told(place: int) -> None:
    chance = random.Random(place)
    noise = bytes(chance.choices(range(32, 127), k=1 << 16)) * 24

    def told(content: bytes) -> tuple[list[bytes], bool]:
        pieces = (content[at : at + 65536] for at in range(0, len(content), 65536))
        found = scan_pieces(pieces, "a.dat", Limits(whole=1 << 18))
        return [f.sealed.value for f in found.findings], bool(found.problems)

    assert told(noise) == ([], False)
    assert told(noise[:place] + gzip.compress(LINE * 3, mtime=0) + noise[place:]) == ([TOKEN], False)
    long = gzip.compress(chance.randbytes(2 << 20) + LINE, mtime=0)
    assert told(noise[:place] + long + noise[place:]) == ([], True)


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_a_long_name_in_a_tar_is_read(form: int) -> None:
    file = BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as tar:
        for name in ("a/" * 80 + ".env", "b.txt"):
            entry = tarfile.TarInfo(name)
            entry.size = 8
            tar.addfile(entry, BytesIO(b"MODE=yes"))
    assert [f.kind for f in scan_pieces((file.getvalue(),), "a.tar").findings] == ["environment-file"]
