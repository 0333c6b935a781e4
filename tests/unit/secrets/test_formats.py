"""The table of secrets, row by row: every form is found wherever it stands, and what is nearly one is not."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.secrets.finding import Tier
from andon.secrets.formats import FORMATS, Format, in_files, row_of
from andon.secrets.hits import hits
from andon.secrets.rotation import PROVIDERS
from tests.made_tokens import github_token
from tests.secret_examples import example

#: Rows whose examples need more than their expression says.
_SPECIAL = ("private-key", "api-key", "docker-login", "linkedin-secret")
ROWS = [
    row
    for row in FORMATS
    if row.provider not in ("", "database", "netrc", "account")
    and row.kind not in _SPECIAL
    and row.needles != (b":_password",)
]
PREFIXED = [row for row in ROWS if row.letters and row.kind != "api-key"]
CHECKED = [row for row in PREFIXED if row.checksum]
NAMES = [f"{row.kind} {row.needles[0].decode()}" for row in ROWS]
AROUND = ["{}", "x {} y", 'token = "{}"', '{{"a": "{}", "b": 1}}', "  - '{}'", "<a>{}</a>"]


def found(text: bytes, path: str = "src/shop.py") -> list[tuple[str, Tier, bytes]]:
    return [(hit.kind, hit.tier, hit.value) for hit in hits(text, path)]


def test_there_are_many() -> None:
    assert len({row.kind for row in FORMATS}) >= 120


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_every_row_finds_its_secret_whatever_is_around_it(row: Format) -> None:
    for number, around in enumerate(AROUND):
        text, value = example(row, number)
        whole = around.encode().replace(b"{}", text).replace(b"{{", b"{").replace(b"}}", b"}")
        values = [v for _, _, v in found(whole)]
        assert any(value.strip(b"\n") in v or v in value for v in values), (row.kind, whole, values)


@pytest.mark.parametrize(
    "row", [row for row in PREFIXED if row.is_sure], ids=lambda row: f"{row.kind} {row.needles[0]}"
)
def test_a_token_of_a_providers_form_is_sure(row: Format) -> None:
    text, value = example(row, "sure")
    assert (row.kind, Tier.BLOCK, value) in found(b'key = "' + text + b'"\n')


@pytest.mark.parametrize("row", PREFIXED, ids=lambda row: f"{row.kind} {row.needles[0]}")
def test_a_token_that_is_too_short_or_of_other_letters_is_none(row: Format) -> None:
    text, _ = example(row, "short")
    prefix = max((n for n in row.needles if text.lower().startswith(n)), key=len)
    body = len(text) - len(prefix)
    short = text[: len(prefix) + body // 2]
    other = text[: len(prefix)] + b"!" * body
    kinds = {kind for t in (short, other) for kind, _, _ in found(b'x = "' + t + b'"')}
    assert row.kind not in kinds or row.least - len(prefix) != row.most - len(prefix)


@pytest.mark.parametrize("row", CHECKED, ids=lambda row: f"{row.kind} {row.needles[0]}")
def test_a_token_whose_checksum_is_wrong_does_not_block(row: Format) -> None:
    _, value = example(row, "sum")
    last = b"2" if value[-1:] != b"2" else b"3"
    wrong = (value[:-1] + last).upper() if value[:1] == b"A" else value[:-1] + last
    tiers = [tier for kind, tier, _ in found(b'x = "' + wrong + b'"') if kind == row.kind]
    assert tiers == [Tier.REVIEW]
    assert row.kind not in {kind for kind, _, _ in found(b'x = "' + wrong + b'"', "tests/test_shop.py")}


def test_every_row_is_well_formed_and_its_provider_has_a_way_to_replace_its_secrets() -> None:
    for row in (*FORMATS, *in_files.FORMATS):
        assert all(needle == needle.lower() and needle for needle in row.needles), row
        assert row.badness in ("P0", "P1", "P2", "P3")
        assert not row.provider or row.provider in PROVIDERS, row.provider


def test_the_row_of_a_value_is_that_of_its_prefix() -> None:
    row = row_of("github-token", github_token(1).encode())
    assert row is not None and row.checksum == "crc32-base62"
    named = row_of("github-token", b"0" * 40)
    assert named is not None and not named.checksum
    assert row_of("nothing", b"x") is None


SPLIT = [
    'a = "{0}" + "{1}"',
    'a = "{0}" \\\n    "{1}"',
    "a = ('{0}'\n     '{1}')",
    'a = "{0}" . "{1}";',
    'a = "{0}" +\n  "{1}"',
    'a = b"{0}" b"{1}"',
    "export A={0}\\\n{1}",
]


@pytest.mark.parametrize("way", SPLIT)
@pytest.mark.parametrize("at", [2, 4, 17, 39])
def test_a_token_in_two_parts_is_found_where_it_begins(way: str, at: int) -> None:
    token = github_token(f"{way}{at}")
    text = "one\n" + way.format(token[:at], token[at:])
    (hit,) = hits(text.encode(), "src/shop.py")
    assert (hit.kind, hit.tier, hit.value) == ("github-token", Tier.BLOCK, token.encode())
    assert text[hit.start] == "g" and text[hit.end - 1] == token[-1]


@pytest.mark.parametrize("name", ["key", "password", "API_TOKEN", "client_secret"])
@pytest.mark.parametrize("way", SPLIT[:5])
def test_a_half_that_looks_like_a_password_hides_no_token(name: str, way: str) -> None:
    token = github_token(f"{way}{name}")
    for at in (14, 22, 30):
        text = way.replace("a =", f"{name} =").format(token[:at], token[at:])
        assert ("github-token", Tier.BLOCK, token.encode()) in found(text.encode()), at


def test_texts_of_a_list_are_not_one_text() -> None:
    token = github_token("list")
    assert found(f'["{token[:20]}", "{token[20:]}"]'.encode()) == []


@pytest.mark.parametrize("row", [*FORMATS, *in_files.FORMATS], ids=lambda row: f"{row.kind} {row.needles[0]}")
def test_no_expression_takes_more_than_its_share_of_a_hostile_text(row: Format) -> None:
    match = re.compile(row.expression).match
    for needle in (
        row.needles[0],
        row.needles[0] + b'="',
        row.needles[-1] + b" ",
        row.needles[-1] + b"A" * 30,
    ):
        text = needle * (8_000 // len(needle))
        small, large = (_time(match, text[:size], needle) for size in (1_000, 8_000))
        assert large < 0.1 or large < 30 * small, needle


def _time(match: Callable[[bytes, int], object], text: bytes, needle: bytes) -> float:
    begin = time.process_time()
    for at in range(0, len(text), len(needle)):
        match(text, at)
    return time.process_time() - begin


@pytest.mark.parametrize(
    "part", [b'password="', b"://a:b", b"eyJhbGciOi", b'"a" + ', b"key: ", b"A\\\n", b"-----BEGIN "]
)
def test_a_hostile_text_takes_time_in_proportion_to_its_length(part: bytes) -> None:
    times = []
    for size in (5_000, 40_000):
        begin = time.process_time()
        list(hits((part * size)[:size], "deploy/app.yaml"))
        times.append(time.process_time() - begin)
    assert times[1] < 0.2 or times[1] < 25 * times[0]


@given(
    st.binary(max_size=300),
    st.sampled_from(["a.py", ".env", "x.yml", "README.md", "config/master.key", ".pgpass", ""]),
)
def test_anything_can_be_read(content: bytes, path: str) -> None:
    last = 0
    for hit in hits(content, path):
        assert 0 <= last <= hit.start < hit.end <= len(content)
        last = hit.end


@given(st.integers(0, 2**32), st.text("abc .,;:=\"'()[]{}<>\n\\", max_size=60))
def test_a_token_is_found_in_whatever_text(seed: int, around: str) -> None:
    token = github_token(random.Random(seed).random())
    text = f"{around} {token} {around}"
    assert token.encode() in [hit.value for hit in hits(text.encode(), "src/shop.py")]
