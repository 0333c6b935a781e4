"""Which files hold secrets by their names, what shows that one does, and which example stands for which."""

from __future__ import annotations

import random
import string

import pytest

from andon.secrets.secret_files import Holds, entries, example_of, holds, is_example, is_in_use

SETTINGS, KEY, CREDENTIALS, STATE = Holds.SETTINGS, Holds.KEY, Holds.CREDENTIALS, Holds.STATE
#: What begins a private key, so that this file is none.
BEGIN = b"-----BEGIN " + b"RSA PRIVATE" + b" KEY-----\n"


def made_up(length: int = 24) -> str:
    """Return letters that were nobody's."""
    return "".join(random.Random(length).choices(string.ascii_lowercase + string.digits, k=length))


@pytest.mark.parametrize(
    ("path", "what"),
    [
        (".env", SETTINGS),
        ("services/api/.env", SETTINGS),
        (".ENV", SETTINGS),
        (".env.production", SETTINGS),
        (".env.master", SETTINGS),
        (".env-staging", SETTINGS),
        (".env.production.local", SETTINGS),
        ("prod.env", SETTINGS),
        ("config/production.env", SETTINGS),
        (".env.example", None),
        (".env.production.example", None),
        (".env.sample", None),
        ("env.template", None),
        ("example.env", None),
        (".env.dist", None),
        (".env.test", None),
        (".env.ci", None),
        (".env.latest", SETTINGS),
        (".env.vault", None),
        (".env.production.gpg", None),
        (".env.d.ts", None),
        ("vite-env.d.ts", None),
        ("src/env.py", None),
        (".envrc", None),
        ("environment.yml", None),
        ("id_rsa", KEY),
        ("id_rsa.pub", None),
        ("keys/id_ed25519", KEY),
        ("server.key", KEY),
        ("certs/ca.pem", KEY),
        ("store.p12", KEY),
        ("app.keystore", KEY),
        ("android/app/debug.keystore", None),
        ("credentials.json", CREDENTIALS),
        ("aws-credentials", CREDENTIALS),
        ("gcp-credentials.json", CREDENTIALS),
        ("service-account.json", CREDENTIALS),
        ("my-service-account-prod.json", CREDENTIALS),
        ("credentials.json.example", None),
        ("credentials.example.json", None),
        ("src/credentials.py", None),
        ("docs/credentials.md", None),
        (".aws/credentials", CREDENTIALS),
        ("home/.kube/config", CREDENTIALS),
        ("config", None),
        (".netrc", CREDENTIALS),
        (".pypirc", CREDENTIALS),
        (".npmrc", None),
        ("kubeconfig", CREDENTIALS),
        ("infra/terraform.tfstate", STATE),
        ("infra/terraform.tfstate.backup", STATE),
    ],
)
def test_a_name_says_what_a_file_holds(path: str, what: Holds | None) -> None:
    assert holds(path) is what


@pytest.mark.parametrize(
    ("path", "content", "answer"),
    [
        (".env", b"", False),
        (".env", b"# nothing yet\nA=\nB=''\nC=\"\"\n", False),
        (".env", b"A=\nB = # later\n", False),
        (".env", b"\nexport A=1\n", True),
        (".env", b"A='x'\r\n", True),
        ("tests/data/.env", b"A=1\n", None),
        ("ca.pem", b"-----BEGIN CERTIFICATE-----\n", False),
        ("server.pem", b"-----BEGIN CERTIFICATE-----\n" + BEGIN, True),
        ("server.key", b"\0\1slides", False),
        ("tests/certs/server.key", BEGIN, None),
        ("id_rsa", BEGIN, True),
        ("id_rsa", b"put it here", None),
        ("store.p12", b"\x30\x82", True),
        ("credentials.json", b'{"client_id": "x"}', None),
        ("credentials.json", f'{{"client_secret": "{made_up()}"}}'.encode(), True),
        ("credentials.json", b'{"client_secret": "<yours>"}', None),
        ("aws-credentials", f"aws_secret_access_key = {made_up(40)}".encode(), True),
        (".netrc", f"machine example.org login x password {made_up()}".encode(), True),
        (".netrc", b"machine example.org login x password $PASSWORD", None),
        (".pgpass", f"db:5432:shop:shop:{made_up()}".encode(), True),
        (".git-credentials", f"https://x:{made_up()}@example.org".encode(), True),
        (".s3cfg", f"secret_key = {made_up()}".encode(), True),
        ("kubeconfig", b"users:\n- token: " + made_up().encode(), True),
        ("terraform.tfstate", b'{"resources": []}', True),
        ("terraform.tfstate", b"{}", None),
    ],
)
def test_a_content_shows_whether_it_is_in_use(path: str, content: bytes, answer: bool | None) -> None:
    what = holds(path)
    assert what is not None
    assert is_in_use(what, path, content) is answer


BESIDE = (
    ".env.example",
    ".env.production.example",
    "api/.env.sample",
    "env.template.md",
    "worker/example.env",
)


@pytest.mark.parametrize(
    ("path", "example"),
    [
        (".env", ".env.example"),
        (".env.local", ".env.example"),
        (".env.production", ".env.production.example"),
        ("prod.env", ".env.example"),
        ("production.env", ".env.production.example"),
        ("api/.env", "api/.env.sample"),
        ("worker/prod.env", "worker/example.env"),
        ("web/.env", ""),
    ],
)
def test_the_example_beside_it_stands_for_a_file(path: str, example: str) -> None:
    assert example_of(path, BESIDE) == example


def test_what_is_no_example_of_settings() -> None:
    assert not is_example("env.template.md")
    assert not is_example("credentials.json.example")
    assert not is_example(".env.test")


def test_entries_have_their_lines_and_a_value_over_several_is_one() -> None:
    text = "# A=1\nA=1 # one\n\nexport B=\"x\nC=no\ny\"\nD='#'\nE=\n"
    assert [(e.name, e.value, e.line) for e in entries(text)] == [
        ("A", "1", 2),
        ("B", "x\nC=no\ny", 4),
        ("D", "#", 7),
        ("E", "", 8),
    ]
