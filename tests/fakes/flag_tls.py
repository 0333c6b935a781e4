"""A certificate for `localhost`, made for one test by the `openssl` program."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest


def certificate(directory: Path) -> tuple[str, ssl.SSLContext]:
    """Return the file to trust and a server's context; skips the test where there is no `openssl`."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl program: nothing makes a certificate")
    key, made = str(directory / "key.pem"), str(directory / "made.pem")
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    more = ["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", made]
    subprocess.run(["openssl", *words, *more], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    return made, context
