"""What must not be committed, and what only looks like it. No line of this file is a real secret."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.secrets.gate import MOST, OVERLAP, finds_its_canary, new_secrets, scan, scan_pieces
from andon.secrets.views import Limits
from tests.evasions import made_token

CHANCE = random.Random(7)


def made(length: int, letters: str = string.ascii_letters + string.digits) -> str:
    """A made-up value, put together here so that this file holds none."""
    return "".join(CHANCE.choice(letters) for _ in range(length - 3)) + "k7Q"


GITHUB = made_token(1)
AWS = "AK" + "IA" + "".join(CHANCE.choice("ABCDEFGHJKLMNPQR234567") for _ in range(16))
GITLAB = "gl" + "pat-" + made(20)
STRIPE = "sk" + "_live_" + made(24)
PASSWORD = made(20)
KEY = (
    "-----BEGIN "
    "RSA PRIVATE KEY-----\n" + "\n".join(made(64) for _ in range(8)) + "\n-----END RSA PRIVATE KEY-----\n"
)
SETTINGS = "config/app.yml"

SECRETS = [
    ("github-token", "app.py", f'TOKEN = "{GITHUB}"'),
    ("github-token", "README.md", f"curl -H 'Authorization: token {GITHUB}'"),
    ("aws-access-key", "tests/test_s3.py", f"key = '{AWS}'"),
    ("gitlab-token", "Dockerfile", f"RUN git clone https://x:{GITLAB}@git.corp/x"),
    ("stripe-key", "pay.rb", f"Stripe.api_key = '{STRIPE}'"),
    ("private-key", "deploy.py", f'KEY = """{KEY}"""'),
    ("private-key", "server.pem", KEY),
    ("assignment", "settings.py", f'DB_PASSWORD = "{PASSWORD}"'),
    ("assignment", SETTINGS, f"  password: {PASSWORD}"),
    ("assignment", "main.tf", f'  client_secret = "{PASSWORD}"'),
    ("assignment", "app.js", f"const cfg = {{ apiKey: '{PASSWORD}' }}"),
    ("url-password", SETTINGS, f"url: postgres://app:{PASSWORD}@db.corp:5432/app"),
    ("url-password", "app.go", f'dsn := "amqp://app:{PASSWORD}@mq.corp/"'),
    ("bearer-token", "call.sh", f'curl -H "X: Bearer {PASSWORD}{PASSWORD}" https://api.corp'),
    ("environment-file", ".env", "DEBUG=1\n"),
    ("environment-file", "deploy/prod.env", "export REGION=eu\n"),
    ("environment-file", ".env.production", "A=\nB=2\n"),
    ("key-file", "home/id_ed25519", "anything"),
    ("key-file", "keys/app.p12", "\0\1\2"),
    ("github-token in the name", f"notes/{GITHUB}.txt", "hello"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "path", "text"), SECRETS, ids=[f"{k} {n}" for n, (k, _, _) in enumerate(SECRETS)]
)
def test_a_secret_is_found_with_its_line_and_without_its_value(kind: str, path: str, text: str) -> None:
    lead = "" if "file" in kind else "first line\nsecond line\n"
    found = scan((lead + text).encode(), path)
    assert [f.kind for f in found] == [kind]
    assert found[0].line == (0 if "file" in kind or "name" in kind else 3)
    assert not any(value in repr(found) for value in (PASSWORD, AWS, GITLAB, STRIPE))


HARMLESS = [
    ("settings.py", 'password = request.form["password"]'),
    ("settings.py", "token = os.environ['TOKEN_2']"),
    ("settings.py", 'password = "changeme123"'),
    ("settings.py", 'PASSWORD = "correct horse battery staple"'),
    ("settings.py", 'secret_key = "django-insecure-example-0a1b2c3d"'),
    ("settings.py", 'api_key = "YOUR-API-KEY-1"'),
    ("settings.py", 'access_key = "${ACCESS_KEY_2}"'),
    ("settings.py", 'token_url = "https://auth.corp/oauth2/token"'),
    (SETTINGS, "password: ${DB_PASSWORD_1}"),
    (SETTINGS, "password: {{ vault_db_password1 }}"),
    (SETTINGS, "secretName: shop-db"),
    (SETTINGS, "url: postgres://postgres:postgres@localhost/app"),
    (SETTINGS, "url: postgres://app:s3cr3tpw99@localhost:5432/app"),
    ("README.md", "postgres://user:p4ssw0rd123@db.example.com/app"),
    ("README.md", 'password = "hunter2hunter2"'),
    ("tests/test_login.py", 'login("ann", password="s3cret-1234")'),
    ("tests/test_login.py", 'headers = {"Authorization": "Bearer abc123"}'),
    ("client.py", 'headers = {"Authorization": f"Bearer {token}"}'),
    ("client.py", 'if not line.startswith("-----BEGIN RSA PRIVATE KEY-----"):'),
    ("aws.md", "AKIAIOSFODNN7EXAMPLE"),
    ("doc.md", "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
    ("doc.md", "glpat-00000000000000000000"),
    ("views.py", "Cookie: session=Zm9vYmFyMTIzNDU2Nzg5MA"),
    ("env.py", "import os\nURL=1\n"),
    (".env.example", "PASSWORD=\nTOKEN=put-it-here\n"),
    (".env", "# nothing yet\nEMPTY=\n"),
    (".envrc", "use nix\n"),
    ("keys/id_ed25519.pub", "ssh-ed25519 AAAAC3Nza ann@home"),
    ("tests/fixtures/app.jks", "\0\1"),
    ("cert.pem", "-----BEGIN CERTIFICATE-----\nMIIB" + made(64) + "\n-----END CERTIFICATE-----\n"),
    ("package-lock.json", '"integrity": "sha512-' + made(80) + '"'),
    ("a.ts", "type Props = { password: string; token?: Token1 }"),
]


@pytest.mark.parametrize(("path", "text"), HARMLESS, ids=range(len(HARMLESS)))
def test_what_only_looks_like_one_passes(path: str, text: str) -> None:
    assert scan(text.encode(), path) == ()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_other_encodings_are_read(encoding: str) -> None:
    found = scan(f"one\ntwo {GITHUB}\n".encode(encoding), "notes.txt")
    assert [(f.kind, f.line) for f in found] == [("github-token", 2)]


def test_a_binary_file_is_read_as_bytes() -> None:
    assert [f.kind for f in scan(b"\x7fELF\0\1" + GITHUB.encode() + b"\0\xff\xfe", "app.bin")] == [
        "github-token"
    ]


@pytest.mark.parametrize("size", [10, 1000, OVERLAP, 3 * OVERLAP])
def test_pieces_find_what_the_whole_does(size: int) -> None:
    text = ("x = 1\n" * 9000 + f'a = "{GITHUB}"\n' + "y = 2\n" * 9000 + KEY + f"b = '{AWS}'\n").encode()
    pieces = (
        [text[at : at + size] for at in range(0, len(text), size)] if size >= 1000 else [text[:7], text[7:]]
    )
    for limits in (Limits(), Limits(whole=4000)):
        assert [(f.kind, f.line) for f in scan_pieces(pieces, "x.py", limits).findings] == [
            (f.kind, f.line) for f in scan(text, "x.py")
        ]
    assert len(scan(text, "x.py")) == 3


def test_a_value_that_was_there_before_is_not_new() -> None:
    before = scan(f'a = "{GITHUB}"'.encode(), "x.py")
    after = scan(f'\n\na = "{GITHUB}"\nb = "{AWS}"'.encode(), "x.py")
    assert [f.kind for f in new_secrets(before, after)] == ["aws-access-key"]
    env = scan(b"A=1\n", ".env")
    assert new_secrets(env, scan(b"A=1\nB=2\n", ".env")) == ()


def test_many_findings_are_bounded() -> None:
    text = "\n".join(made_token(n) for n in range(1100)).encode()
    found = scan_pieces((text,), "x.txt")
    assert len(found.findings) == MOST
    assert found.problems == (f"more than {MOST} secrets are in it",)


@given(st.binary(max_size=400), st.text(max_size=20))
def test_anything_can_be_read(content: bytes, path: str) -> None:
    scan(content, path)


def test_the_canary_is_found() -> None:
    assert finds_its_canary()
