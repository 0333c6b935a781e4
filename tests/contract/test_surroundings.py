"""What certificates and watched files promise: dates that are so, and a reason where there is none."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.desk.ports_production import Certificates, WatchedFiles
from andon.production.certificate import TlsCertificates, expiry_in
from andon.production.watched_files import FilesOnDisk
from tests.fakes.production import FakeCertificates, FakeFiles

needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificates")


@pytest.fixture(scope="module", params=["rsa:2048", "ec"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server that shows a certificate of its own which ends in ten days, and nothing else."""
    place = tmp_path_factory.mktemp("tls")
    kind = ["-newkey", "rsa:2048"] if request.param != "ec" else [
        "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
    ]  # fmt: skip
    made = ["openssl", "req", "-x509", *kind, "-nodes", "-days", "10", "-subj", "/CN=shop.test"]
    subprocess.run([*made, "-keyout", "key", "-out", "cert"], cwd=place, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(place / "cert", place / "key")
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(plain, server_side=True) as secured:
                    secured.recv(1)
            except OSError:
                plain.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


@needs_openssl
def test_the_end_of_a_certificate_is_told_whoever_signed_it(server: int) -> None:
    found = TlsCertificates().expiry(f"https://127.0.0.1:{server}/checkout")
    assert found.failure == "" and found.host == f"127.0.0.1:{server}"
    assert found.expires_at is not None
    left = found.expires_at - datetime.now(UTC)
    assert timedelta(days=9, hours=23) < left <= timedelta(days=10)


def adapters() -> list[Certificates]:
    return [TlsCertificates(timeout=0.3), FakeCertificates()]


@pytest.mark.parametrize("certificates", adapters(), ids=lambda adapter: type(adapter).__name__)
@pytest.mark.parametrize("url", ["http://shop.test/", "ftp://shop.test", "https://", "shop", ""])
def test_what_is_no_https_address_has_no_certificate(certificates: Certificates, url: str) -> None:
    found = certificates.expiry(url)
    assert found.expires_at is None and found.failure


@pytest.mark.parametrize("certificates", adapters(), ids=lambda adapter: type(adapter).__name__)
def test_nobody_there_is_a_reason_and_no_date(certificates: Certificates) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    found = certificates.expiry(f"https://127.0.0.1:{port}/")
    assert found.expires_at is None and found.failure.startswith("no certificate was shown")


def test_a_server_that_says_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = TlsCertificates(timeout=0.2).expiry(f"https://127.0.0.1:{listener.getsockname()[1]}/")
    assert found.failure == "no certificate was shown: no answer in time"


@pytest.mark.parametrize("url", ["https://[::1", "https://shop.test:99999/", "https://shop.test:x/"])
def test_a_broken_address_is_told(url: str) -> None:
    assert TlsCertificates(timeout=0.2).expiry(url).failure == "this is no address"


# ---- the certificate itself


def der(tag: int, *content: bytes) -> bytes:
    joined = b"".join(content)
    if len(joined) < 128:
        return bytes((tag, len(joined))) + joined
    return bytes((tag, 0x82)) + len(joined).to_bytes(2, "big") + joined


def certificate(until: bytes, tag: int, *, with_version: bool) -> bytes:
    version = der(0xA0, der(0x02, b"\x02")) if with_version else b""
    name = der(0x30, b"x" * 200)
    validity = der(0x30, der(0x17, b"250101000000Z"), der(tag, until))
    body = der(0x30, version, der(0x02, b"\x01"), der(0x30, b"abc"), name, validity, name)
    return der(0x30, body, der(0x30), der(0x03, b"\0"))


@pytest.mark.parametrize("with_version", [True, False])
@pytest.mark.parametrize(
    ("until", "tag", "year"),
    [
        (b"260301033000Z", 0x17, 2026),
        (b"490301033000Z", 0x17, 2049),
        (b"500301033000Z", 0x17, 1950),
        (b"20500301033000Z", 0x18, 2050),
        (b"99991231235959Z", 0x18, 9999),
    ],
)
def test_the_date_is_read_in_both_forms(until: bytes, tag: int, year: int, with_version: bool) -> None:
    found = expiry_in(certificate(until, tag, with_version=with_version))
    assert found is not None and found.year == year and found.tzinfo is UTC


@pytest.mark.parametrize(
    "content",
    [b"", b"\x30", b"\x30\x82\xff\xff", b"\x30\x84", certificate(b"tomorrow", 0x17, with_version=True)],
)
def test_what_is_no_certificate_has_no_date(content: bytes) -> None:
    assert expiry_in(content) is None


@given(st.binary(max_size=80), st.integers(0, 300))
@settings(max_examples=200, deadline=None)
def test_no_bytes_break_it(noise: bytes, place: int) -> None:
    whole = certificate(b"260301033000Z", 0x17, with_version=True)
    found = expiry_in(whole[:place] + noise + whole[place + len(noise) :])
    assert found is None or found.tzinfo is UTC


# ---- watched files


def test_a_file_has_the_moment_of_its_last_change(tmp_path: Path) -> None:
    (tmp_path / "flags.json").write_text("{}")
    os.utime(tmp_path / "flags.json", (1_772_000_000, 1_772_000_000))
    expected = datetime.fromtimestamp(1_772_000_000, UTC)
    both: list[WatchedFiles] = [FilesOnDisk(str(tmp_path)), FakeFiles({"flags.json": expected})]
    assert [files.changed_at("flags.json") for files in both] == [expected] * 2
    assert [files.changed_at("other.json") for files in both] == [None] * 2
    assert FilesOnDisk("/nowhere").changed_at(str(tmp_path / "flags.json")) == expected
    assert FilesOnDisk(str(tmp_path)).changed_at("a\0b") is None
