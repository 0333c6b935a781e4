"""How sure it is that something is a secret: one table of texts, where they stand, and the answer."""

from __future__ import annotations

import base64
import json
import random
import string

import pytest

from andon.secrets.finding import Tier
from andon.secrets.gate import scan
from andon.secrets.hits import hits
from andon.secrets.judging import entropy, is_environment, is_random, place_of
from andon.secrets.rotation import badness_of, provider_of, rotation_of
from tests.made_tokens import github_token, word

CHANCE = random.Random(11)
GITHUB = github_token("judging")
WRONG = GITHUB[:-1] + ("2" if GITHUB[-1] != "2" else "3")
VALUE = "k7Q" + word(CHANCE, 21)
HEX = word(CHANCE, 31, "0123456789abcdef") + "7"
AWS_ID = "AK" + "IA" + word(CHANCE, 16, string.ascii_uppercase + "234567")
AWS_SECRET = word(CHANCE, 37) + "/+7"
KEY = "-----BEGIN " + "PRIVATE KEY-----\n" + "\n".join(word(CHANCE, 64) for _ in range(9)) + "\n"

LOGIN = base64.b64encode(f"ann:{VALUE}".encode()).decode()


def jwt(**said: object) -> str:
    def packed(part: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")

    return f"{packed({'alg': 'HS256'})}.{packed(said)}.{word(random.Random(3), 43)}"


BLOCK = [
    ("github-token", "src/a.py", f'x = "{GITHUB}"'),
    ("github-token", "tests/test_a.py", f'x = "{GITHUB}"'),
    ("github-token", "GUIDE.md", f"Use {GITHUB}."),
    ("private-key", "tests/key.pem", KEY),
    ("jwt", "src/a.js", f"const t = '{jwt(sub='shop', iat=7)}'"),
    ("url-password", "src/a.py", f'db = "postgres://shop:{VALUE}@db.corp/x"'),
    ("connection-string", "web.config", f'"Server=db.corp;Database=x;User Id=shop;Password={VALUE};"'),
    ("aws-secret-key", "src/a.py", f'connect("{AWS_ID}", "{AWS_SECRET}")'),
    ("aws-secret-key", "a.ini", f"aws_secret_access_key = {AWS_SECRET}"),
    ("datadog-key", "src/a.py", f'DATADOG_API_KEY = "{HEX}"'),
    ("environment-value", ".env", f"SHOP_VALUE={VALUE}"),
    ("environment-value", "deploy/.env.production", "DB_PASSWORD=sunshine42"),
    ("key-content", "config/master.key", HEX),
    ("docker-login", ".docker/config.json", '"auth": "' + LOGIN + '"'),
    ("netrc-password", ".pgpass", f"db.corp:5432:shop:ann:{VALUE}"),
]  # fmt: skip
REVIEW = [
    ("github-token", "src/a.py", f'x = "{WRONG}"'),
    ("assignment", "src/a.py", f'password = "{VALUE}"'),
    ("assignment", "a.yaml", f"  password: {VALUE}"),
    ("assignment", "a.ini", "password = sunshine"),
    ("assignment", "a.tf", f'variable "db_password" {{\n  default = "{VALUE}"\n}}'),
    ("assignment", "a.xml", f"<dbPassword>{VALUE}</dbPassword>"),
    ("assignment", "A.java", f'props.put("db.password", "{VALUE}");'),
    ("assignment", "Dockerfile", f"ENV DB_PASSWORD {VALUE}"),
    ("assignment", "GUIDE.md", f"Set `DB_PASSWORD` to `{VALUE}`."),
    ("url-password", "docs/a.rst", f"postgres://shop:{VALUE}@db.corp/x"),
    ("jwt", "tests/test_a.js", f"const t = '{jwt(sub='shop', iat=7)}'"),
    ("jwt", "src/a.js", f"const t = '{jwt(role='anon')}'"),
    ("datadog-key", "tests/test_a.py", f'DATADOG_API_KEY = "{HEX}"'),
    ("bearer-token", "src/a.sh", f'curl -H "X: Bearer {VALUE}{VALUE}"'),
    ("password-hash", "shadow", "ann:$6$" + word(CHANCE, 16) + "$" + word(CHANCE, 86) + ":1:"),
]  # fmt: skip
NONE = [
    ("tests/test_a.py", f'x = "{WRONG}"'),
    ("src/a.py", 'x = "gh' + 'p_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"'),
    ("src/a.py", 'password = "correct-horse-battery-staple"'),
    ("src/a.py", "password = os.environ['DB_PASSWORD_1']"),
    ("src/a.py", f'PUBLIC_KEY = "{VALUE}"'),
    ("src/a.py", f'password_hash = "{VALUE}"'),
    ("src/a.py", 'db = "postgres://shop:${PASSWORD}@db.corp/x"'),
    ("src/a.py", 'db = "amqp://guest:guest@mq.corp/x"'),
    ("src/a.py", f'db = "postgres://shop:{VALUE}@localhost/x"'),
    ("src/a.js", f"const t = '{jwt(sub='1234567890', name='John Doe')}'"),
    ("src/a.js", "const t = 'eyJ" + "hbGciOiJub25l.e30x1234.'"),
    ("package-lock.json", f'"integrity": "sha512-{word(CHANCE, 86)}=="'),
    ("a.yaml", "uses: actions/checkout@" + word(CHANCE, 40, "0123456789abcdef")),
    ("a.py", "REQUEST = '3f2b8c1e-5d4a-4f6b-9c8d-7e6f5a4b3c2d'"),
    ("a.yaml", "  password: {{ vault_password_1 }}"),
    (".env.example", f"DB_PASSWORD={VALUE[:0]}"),
    (".env", "PORT=3000\nDEBUG=true\nLOG_LEVEL=info\nURL=https://shop.corp/\n"),
    ("web/app.js", '{ user: "ann", password: "" }'),
    ("tests/fixtures/app.yaml", "password: sunshine42"),
    ("src/key.py", KEY[:27] + "...\n"),
]  # fmt: skip


def found(text: str, path: str) -> list[tuple[str, Tier]]:
    return [(hit.kind, hit.tier) for hit in hits(text.encode(), path)]


@pytest.mark.parametrize(("kind", "path", "text"), BLOCK, ids=[f"{k} {p}" for k, p, _ in BLOCK])
def test_what_nothing_else_looks_like_blocks(kind: str, path: str, text: str) -> None:
    assert (kind, Tier.BLOCK) in found(text, path)


@pytest.mark.parametrize(("kind", "path", "text"), REVIEW, ids=[f"{k} {p}" for k, p, _ in REVIEW])
def test_what_may_be_one_is_for_a_person_to_look_at(kind: str, path: str, text: str) -> None:
    assert found(text, path) == [(kind, Tier.REVIEW)]


@pytest.mark.parametrize(("path", "text"), NONE, ids=[f"{n} {p}" for n, (p, _) in enumerate(NONE)])
def test_what_stands_in_a_secrets_place_is_none(path: str, text: str) -> None:
    assert found(text, path) == []


@pytest.mark.parametrize("path", [".env", ".env.local", "a/.env-prod", "prod.env"])
def test_an_environment_file_is_one_by_its_name(path: str) -> None:
    assert is_environment(path) and place_of(path).is_settings


@pytest.mark.parametrize("path", [".env.example", "env.py", ".env.sample", "environment.ts", "a/env/b.txt"])
def test_an_example_of_one_is_none(path: str) -> None:
    assert not is_environment(path)


def test_a_word_is_not_random() -> None:
    assert is_random(VALUE.encode(), 8) and entropy(b"aaaa") == 0
    for value in (
        b"getUserToken2",
        b"order-items-v2",
        b"settings.TOKEN_1",
        b"http://a1b2c3d4.corp",
        b"MY_TOKEN_2",
    ):
        assert not is_random(value, 8), value


def test_every_kind_has_steps_to_replace_it() -> None:
    for kind in (
        "github-token",
        "aws-access-key",
        "private-key",
        "jwt",
        "url-password",
        "assignment",
        "environment-value",
    ):
        steps = rotation_of(kind)
        assert len(steps) == 3 and all(steps) and badness_of(kind) in ("P0", "P1", "P2", "P3")
    assert provider_of("github-token") == "github" and provider_of("assignment") == ""


def test_the_symbols_of_a_program_are_no_token_of_small_letters() -> None:
    """Its names end with a zero byte each; without these they read like one word."""
    names = [
        "na" + "pi_",
        "zoneinfo",
        "argparse",
        "atexit",
        "audioop",
        "binascii",
        "builtins",
        "calendar",
        "cgi",
    ]
    assert scan("\0".join(names).encode() + b"\0", "lib.so") == ()
    token = names[0] + word(random.Random(8), 63, string.ascii_lowercase + string.digits) + "7"
    assert [f.tier for f in scan(token.encode(), "src/a.py")] == [Tier.BLOCK]
