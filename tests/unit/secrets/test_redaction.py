"""Redaction: planted secrets never come out, markers stay whole, and doing it twice changes nothing.

Every secret is made up while the test runs, so that no scanner has to be told about this file.
"""

from __future__ import annotations

import base64
import json
import os
import random
import re
import string
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.secrets.formats import FORMATS
from andon.secrets.redaction import MARKER, PatternRedactor, known_values_from_env_file

KEY = bytes(range(32))
LETTERS = string.ascii_letters + string.digits
Random = random.Random


def word(chance: Random, length: int, letters: str = LETTERS) -> str:
    """Return a word as random as a real token, with at least one digit."""
    return "".join(chance.choices(letters, k=length - 1)) + chance.choice(string.digits)


def private_key(chance: Random) -> str:
    lines = "\n".join(word(chance, 64) for _ in range(5))
    return f"-----BEGIN RSA PRIVATE KEY-----\n{lines}==\n-----END RSA PRIVATE KEY-----"


def jwt(chance: Random) -> str:
    return "eyJ" + word(chance, 20) + "." + word(chance, 30) + "." + word(chance, 43)


#: Kind of marker -> how to make one, and what surely must not be left of it.
STANDING_ALONE: dict[str, Callable[[Random], str]] = {
    "private-key": private_key,
    "aws-access-key": lambda c: "AK" + "IA" + word(c, 15, string.ascii_uppercase[:20]).upper()[:14] + "Q2",
    "github-token": lambda c: "gh" + c.choice("pousr") + "_" + word(c, 36),
    "gitlab-token": lambda c: "gl" + "pat-" + word(c, 20),
    "slack-token": lambda c: "xo" + "xb-" + word(c, 12, string.digits) + "-" + word(c, 24),
    "stripe-key": lambda c: "sk" + "_live_" + word(c, 24),
    "openai-key": lambda c: "sk" + "-proj-" + word(c, 40),
    "api-key": lambda c: "sk" + "-" + word(c, 48),
    "google-key": lambda c: "AI" + "za" + word(c, 35),
    "npm-token": lambda c: "np" + "m_" + word(c, 36),
    "sendgrid-key": lambda c: "S" + "G." + word(c, 22) + "." + word(c, 43),
    "digitalocean-token": lambda c: "do" + "p_v1_" + word(c, 64, "0123456789abcdef"),
    "shopify-token": lambda c: "sh" + "pat_" + word(c, 32, "0123456789abcdef"),
    "huggingface-token": lambda c: "h" + "f_" + word(c, 34),
    "docker-token": lambda c: "dck" + "r_pat_" + word(c, 27),
    "vault-token": lambda c: "hv" + "s." + word(c, 40),
    "jwt": jwt,
}
SURROUNDINGS = [
    "{}",
    "the value is {}, they say",
    '{{"key": "{}"}}',
    "https://shop.example/callback?code={}&state=1",
    "2026-03-01T03:04:05Z ERROR shop.auth refused {}\n\tat line 3",
    "\x1b[31m{}\x1b[0m",
]

#: Where a secret of no particular form is recognised by what stands before it.
IN_CONTEXT = [
    ("url-password", "postgresql://shop:{}@db:5432/orders"),
    ("url-password", "cloning https://oauth2:{}@git.example/shop.git failed"),
    ("url-token", "dsn=https://{}{}@errors.example/42"),
    ("authorization", "> Authorization: Bearer {}\r\n> Accept: */*"),
    ("authorization", "curl -H 'authorization: Basic {}' https://shop.example"),
    ("authorization", '{{"headers": {{"Authorization": "Bearer {}", "Accept": "*/*"}}}}'),
    ("authorization", "('Proxy-Authorization', 'Basic {}')"),
    ("cookie", "Cookie: session={}; theme=dark"),
    ("cookie", "Set-Cookie: session={}; Path=/; HttpOnly"),
    ("cookie", "curl -H 'Set-Cookie: session={}'"),
    ("cookie", '"cookie":"session={}"'),
    ("bearer-token", "sent bearer {} to the provider"),
    ("assignment", "password={}"),
    ("assignment", "DB_PASSWORD: {}"),
    ("assignment", "export SECRET_KEY_BASE='{}'"),
    ("assignment", 'api_key = "{}"'),
    ("assignment", '{{"client_secret":"{}","x":1}}'),
    ("assignment", '"{{\\"access_token\\":\\"{}\\"}}"'),
    ("assignment", "GET /reset?token={}&user=7"),
    ("assignment", "X-Api-Key: {}"),
]


@pytest.fixture
def redactor() -> PatternRedactor:
    return PatternRedactor(key=KEY)


@pytest.mark.parametrize("surroundings", SURROUNDINGS)
@pytest.mark.parametrize("kind", STANDING_ALONE)
def test_a_secret_with_a_form_of_its_own_is_replaced(
    redactor: PatternRedactor, kind: str, surroundings: str
) -> None:
    secret = STANDING_ALONE[kind](Random(f"{kind}{surroundings}"))
    text = surroundings.format(secret).encode()
    clean, count = redactor.redact(text)
    assert count == 1
    assert secret.encode() not in clean
    before, after = surroundings.format("\n\n").split("\n\n", 1)
    assert re.fullmatch(
        re.escape(before.encode()) + rb"\[redacted:([a-z-]+):[0-9a-f]{6}\]" + re.escape(after.encode()), clean
    )
    assert f"[redacted:{kind}:".encode() in clean


@pytest.mark.parametrize(("kind", "context"), IN_CONTEXT)
def test_a_secret_is_recognised_by_what_stands_before_it(
    redactor: PatternRedactor, kind: str, context: str
) -> None:
    secret = word(Random(context), 24)
    clean, count = redactor.redact(context.replace("{}{}", "{}").format(secret).encode())
    assert count == 1
    assert secret.encode() not in clean
    assert f"[redacted:{kind}:".encode() in clean


def test_every_kind_with_an_example_is_in_the_table() -> None:
    tested = {*STANDING_ALONE, *(kind for kind, _ in IN_CONTEXT), "webhook"}
    assert tested <= {rule.kind for rule in FORMATS}


def test_a_webhook_address_keeps_its_host(redactor: PatternRedactor) -> None:
    path = f"T0{word(Random(1), 9)}/B0{word(Random(2), 9)}/{word(Random(3), 24)}"
    clean, count = redactor.redact(f"POST https://hooks.slack.com/services/{path} 404".encode())
    assert count == 1
    assert clean.startswith(b"POST https://hooks.slack.com/services/[redacted:webhook:")
    assert clean.endswith(b"] 404")


@pytest.mark.parametrize(
    "text",
    [
        "max_tokens=4096 tokens: 12",
        "tokenizer = fast",
        'password: ""',
        "password=null&token=None",
        "password=${DB_PASSWORD} token: {{ vault.token }}",
        "PASSWORD=********",
        "https://shop.example/orders?page=2 http://10.0.0.7:8080/health",
        "commit 3f786850e387550fdab836ed7e6dc881de23001b by alice@example.com",
        "task-runner disk-usage-report-of-the-week sk-button-primary-outline-large",
        "document.cookie is empty",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "request_id=0f8fad5b-d9cb-469f-a165-70867728950e duration=0.123",
        "ssh://git@git.example:22/shop.git",
        "",
    ],
)
def test_what_is_no_secret_stays(redactor: PatternRedactor, text: str) -> None:
    assert redactor.redact(text.encode()) == (text.encode(), 0)


def test_the_same_secret_gets_the_same_marker_and_another_one_another(redactor: PatternRedactor) -> None:
    one, other = word(Random(1), 20), word(Random(2), 20)
    clean, count = redactor.redact(f"password={one}\ntoken={one}\npassword={other}\n".encode())
    first, second, third = MARKER.findall(clean)
    assert count == 3
    assert first == second != third
    assert PatternRedactor(key=KEY).redact(f"password={one}".encode())[0].endswith(first)
    assert not PatternRedactor(key=b"other").redact(f"password={one}".encode())[0].endswith(first)


def test_bytes_that_are_not_text_pass_unchanged_around_a_secret(redactor: PatternRedactor) -> None:
    secret = word(Random(1), 24).encode()
    clean, count = redactor.redact(b"\xff\xfe\x00\x80 password=" + secret + b" \xc3\x28\x00")
    assert count == 1
    assert clean.startswith(b"\xff\xfe\x00\x80 password=[redacted:")
    assert clean.endswith(b"] \xc3\x28\x00")


def test_a_key_block_that_was_cut_off_is_replaced_to_its_end(redactor: PatternRedactor) -> None:
    block = private_key(Random(1))[:200]
    clean, _ = redactor.redact(f"before\n{block}".encode())
    assert re.fullmatch(rb"before\n\[redacted:private-key:......\]", clean)


def test_a_key_block_in_one_line_of_json_is_replaced(redactor: PatternRedactor) -> None:
    block = private_key(Random(1))
    clean, _ = redactor.redact(json.dumps({"pem": block, "after": 1}).encode())
    assert all(line.encode() not in clean for line in block.splitlines()[1:-1])
    assert json.loads(clean)["after"] == 1


# ---- known values


@pytest.mark.parametrize("before", ["", "u:", "uu:", "user7:"])
def test_a_known_value_is_found_in_every_form(before: str) -> None:
    value = f's{word(Random(1), 9)}/+ "ü&{word(Random(2), 5)}'
    redactor = PatternRedactor(known=[value.encode()], key=KEY)
    plain = redactor.redact(value.encode())[0]
    assert re.fullmatch(rb"\[redacted:known-value:......\]", plain)
    for form in [
        urllib.parse.quote(value, safe=""),
        urllib.parse.quote_plus(value),
        urllib.parse.quote(value, safe="").lower().replace(value[:10].lower(), value[:10]),
        json.dumps(value, ensure_ascii=False)[1:-1],
    ]:
        if value[-6:].isalnum() and form.lower() == form:
            continue  # lowering changed the value itself
        assert redactor.redact(f"<{form}>".encode()) == (b"<" + plain + b">", 1), form
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        whole = encode((before + value + " and more").encode())
        clean, count = redactor.redact(b"<" + whole + b">")
        assert count == 1
        assert plain in clean
        assert len(MARKER.sub(b"", clean)) <= 2 + len(whole) - len(value.encode()) * 8 // 6 + 2


def test_a_known_value_wins_over_a_pattern() -> None:
    value = word(Random(1), 24).encode()
    redactor = PatternRedactor(known=[value], key=KEY)
    assert redactor.redact(b"password=" + value)[0] == b"password=" + redactor.redact(value)[0]


def test_values_too_short_to_be_looked_for_everywhere_are_not() -> None:
    assert PatternRedactor(known=[b"", b"a", b"abc"], key=KEY).redact(b"a abc") == (b"a abc", 0)


def test_an_env_file_gives_its_secret_values() -> None:
    chance = Random(1)
    password, token, url_password, unnamed, quoted = (word(chance, 24) for _ in range(5))
    text = f"""
# a comment with PASSWORD={word(chance, 20)}
export DB_PASSWORD={password}
API_TOKEN = "{token}"   # why
DATABASE_URL=postgresql://shop:{url_password}@db:5432/orders
SOMETHING={unnamed}
JWT_SECRET='{quoted} with words'
SIGNING_KEY="-----BEGIN KEY-----
{word(chance, 40)}
-----END KEY-----"
"""
    values = known_values_from_env_file(text)
    for expected in (password, token, url_password, unnamed, f"{quoted} with words"):
        assert expected.encode() in values
    assert any(value.startswith(b"-----BEGIN KEY-----\n") for value in values)
    assert len(values) == 6


@pytest.mark.parametrize(
    "line",
    [
        "ENVIRONMENT=production",
        "LOG_FILE=/var/log/shop/access.log",
        "SHOP_URL=https://shop.example.com/orders",
        "HOST=db-1.eu-west-1.internal.example.com",
        "API_TOKEN=changeme",
        "API_TOKEN=your-token-here",
        "API_TOKEN=<insert token>",
        "API_TOKEN=${TOKEN_FROM_VAULT}",
        "API_TOKEN=short",
        "API_TOKEN=",
        "PASSWORD=xxxxxxxxxxxx",
        "TIMEOUT_MS=3000000000",
        "not a line of an env file",
        "",
    ],
)
def test_what_is_no_secret_in_an_env_file_is_left(line: str) -> None:
    assert known_values_from_env_file(line) == ()


@given(st.text())
def test_any_text_can_be_read_as_an_env_file(text: str) -> None:
    assert all(len(value) >= 8 for value in known_values_from_env_file(text))


# ---- properties

SECRETS = st.builds(
    lambda kind, seed: STANDING_ALONE[kind](Random(seed)).encode(),
    st.sampled_from(sorted(STANDING_ALONE)),
    st.integers(0, 10**6),
)
MARKERS = st.from_regex(MARKER, fullmatch=True)
FRAGMENTS = st.sampled_from(
    [b"password=", b"token: ", b'secret":"', b"://", b"user:", b"@host", b"Authorization: Bearer ",
     b"Cookie: a=", b"-----BEGIN PRIVATE KEY-----", b"-----END PRIVATE KEY-----", b"eyJ", b"[redacted:", b"]",
     b'"', b"'", b" ", b"\n", b"\\", b"sk-", b"ghp_", b"bearer ", b"=", b":", b"known-secret-value",
     b"\xff\x01"]
)  # fmt: skip
TEXTS = st.lists(st.one_of(st.binary(max_size=12), MARKERS, SECRETS, FRAGMENTS), max_size=15).map(b"".join)


@given(TEXTS)
def test_twice_is_as_good_as_once_and_every_marker_stays_whole(content: bytes) -> None:
    redactor = PatternRedactor(known=[b"known-secret-value", b"]\xff"], key=KEY)
    clean, count = redactor.redact(content)
    assert redactor.redact(clean) == (clean, 0)
    assert (clean == content) == (count == 0)
    assert b"known-secret-value" not in clean
    broken_before = MARKER.sub(b"", content).count(b"[redacted:")
    assert MARKER.sub(b"", clean).count(b"[redacted:") <= broken_before


@given(st.binary(max_size=20), SECRETS, st.binary(max_size=20))
def test_a_planted_secret_never_comes_out(before: bytes, secret: bytes, after: bytes) -> None:
    clean, count = PatternRedactor(key=KEY).redact(before + b"\n" + secret + b"\n" + after)
    assert count
    assert secret not in clean


@pytest.mark.parametrize(
    "piece",
    [b"eyJ", b"eyJaaaaaaaa.", b"://a:", b"token", b"token=", b'token="', b"sk-", b"0msk-", b"0meyJ",
     b"-----BEGIN PRIVATE KEY-----", b"-----BEGIN PRIVATE KEY-----\n{", b"authorization", b"authorization:\n",
     b"cookie", b"SG.", b"bearer ", b"secret_key", b"[redacted:", b"[redacted:jwt:123456]",
     b"token=[redacted:jwt:123456] x"],
)  # fmt: skip
def test_hostile_text_takes_time_in_proportion(redactor: PatternRedactor, piece: bytes) -> None:
    def seconds(size: int) -> float:
        content = piece * (size // len(piece))
        began = time.thread_time()
        redactor.redact(content)
        return time.thread_time() - began

    small = min(seconds(20_000) for _ in range(3))
    assert seconds(320_000) < max(0.2, 16 * 8 * small)  # in proportion would be 16 times, the square 256


# ---- the key


def test_the_key_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "data" / "redaction.key"
    secret = f"password={word(Random(1), 20)}".encode()
    first = PatternRedactor(key_file=str(path)).redact(secret)[0]
    assert PatternRedactor(key_file=str(path)).redact(secret)[0] == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert os.listdir(path.parent) == ["redaction.key"]
    path.unlink()
    assert PatternRedactor(key_file=str(path)).redact(secret)[0] != first


def test_several_who_make_the_key_at_once_share_it(tmp_path: Path) -> None:
    path = tmp_path / "redaction.key"
    secret = f"password={word(Random(1), 20)}".encode()
    found = set()
    ready = threading.Barrier(8)

    def redact() -> None:
        ready.wait()
        found.add(PatternRedactor(key_file=str(path)).redact(secret)[0])

    threads = [threading.Thread(target=redact) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1


def test_without_a_usable_key_file_redaction_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    short = tmp_path / "short.key"
    short.write_bytes(b"cut off")
    for path in (tmp_path / "file" / "redaction.key", short):
        redactor = PatternRedactor(key_file=str(path))
        clean, count = redactor.redact(f"password={word(Random(1), 20)}".encode())
        assert count == 1
        assert MARKER.search(clean)


def test_importing_it_costs_no_more_than_regular_expressions() -> None:
    program = (
        "import re, binascii, sys; before = set(sys.modules); import andon.secrets.redaction;"
        " print(sorted(m for m in set(sys.modules) - before if not m.startswith('andon')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['__future__']" or done.stdout.strip() == "[]"
