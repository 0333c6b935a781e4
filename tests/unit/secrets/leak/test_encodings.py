"""A value is found in whatever form it stands, anywhere, and its form has a name."""

from __future__ import annotations

import base64
import gzip
import html
import json
import quopri
import random
import re
import shlex
import string
import zlib
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from andon.secrets.leak import finder as finder_module
from andon.secrets.leak.credential import Credential, why_doubtful
from andon.secrets.leak.encodings import forms_of, pieces
from andon.secrets.leak.finder import Finder
from andon.secrets.leak.inside import inside
from andon.secrets.leak.removal import Remover
from tests.leaked import token, zipped

SECRET = token(3)
#: A password with everything that is escaped somewhere.
ODD = token(4, 8) + "'\"&<> +/=%\\$`~é€𝄞"


def credential(value: bytes | str, mark: str = "abcdef", variable: str = "") -> Credential:
    content = value.encode() if isinstance(value, str) else value
    return Credential(mark=mark, kind="token", value=content, variable=variable)


def _wide(encoding: str) -> Callable[[str], bytes]:
    return lambda value: value.encode(encoding)


def _lines_of_base64(value: str) -> bytes:
    return base64.encodebytes(b"a" * 50 + value.encode())


def _escaped_twice(value: str) -> bytes:
    return json.dumps(json.dumps({"k": value})).encode()


WAYS: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "as it is": ("plain", str.encode),
    "base64": ("base64", lambda v: base64.b64encode(v.encode())),
    "base64 after a byte": ("base64", lambda v: base64.b64encode(b"x" + v.encode() + b"yz")),
    "base64 after two bytes": ("base64", lambda v: base64.b64encode(b"u:" + v.encode())),
    "base64 for URLs": ("base64", lambda v: base64.urlsafe_b64encode(b"\xfb\xff" + v.encode())),
    "base64 of MIME": ("base64", lambda v: _lines_of_base64(v)),
    "base64 in JSON": ("base64", lambda v: json.dumps(_lines_of_base64(v).decode()).encode()),
    "base64 twice": ("base64 twice", lambda v: base64.b64encode(b"k:" + base64.b64encode(b"u" + v.encode()))),
    "base64 of UTF-16": ("base64 of utf-16", lambda v: base64.b64encode(("$x=" + v).encode("utf-16-le"))),
    "hex": ("hex", lambda v: v.encode().hex().encode()),
    "hex in capitals": ("hex", lambda v: v.encode().hex().upper().encode()),
    "hex with colons": ("hex", lambda v: v.encode().hex(":").encode()),
    "an array in C": ("hex", lambda v: ", ".join(f"0x{b:02x}" for b in v.encode()).encode()),
    "UTF-16": ("utf-16", _wide("utf-16")),
    "UTF-16, big end first": ("utf-16", _wide("utf-16-be")),
    "UTF-32": ("utf-32", _wide("utf-32")),
    "UTF-32, big end first": ("utf-32", _wide("utf-32-be")),
    "percent of all": ("percent-encoded", lambda v: "".join(f"%{b:02x}" for b in v.encode()).encode()),
    "escapes of all": ("escaped", lambda v: "".join(f"\\x{b:02X}" for b in v.encode()).encode()),
    "octal escapes": ("escaped", lambda v: "".join(f"\\{b:03o}" for b in v.encode()).encode()),
    "numbers of HTML": ("HTML-escaped", lambda v: "".join(f"&#x{ord(c):X};" for c in v).encode()),
    "mail": ("quoted-printable", lambda v: "".join(f"={b:02X}" for b in v.encode()).encode()),
    "mail in lines": ("quoted-printable", lambda v: quopri.encodestring(b"word " * 13 + v.encode())),
    "a shell's continued line": ("over several lines", lambda v: f"{v[:9]}\\\n{v[9:]}".encode()),
    "a folded header": ("over several lines", lambda v: f"{v[:9]}\n {v[9:]}".encode()),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_write_it_is_found_and_named(way: str) -> None:
    name, write = WAYS[way]
    found = Finder([credential(SECRET)]).told(b"before " + write(SECRET) + b" after")
    assert found == (("abcdef", name),)


@pytest.mark.parametrize(
    "write",
    [
        str.encode,
        lambda v: json.dumps(v).encode(),
        lambda v: json.dumps(v, ensure_ascii=False).encode(),
        _escaped_twice,
        lambda v: quote(v, safe="").encode(),
        lambda v: quote(quote(v, safe="")).encode(),
        lambda v: html.escape(v).encode(),
        lambda v: shlex.quote(v).encode(),
        lambda v: v.replace("'", "''").encode(),
        lambda v: v.replace('"', '""').encode(),
        lambda v: quopri.encodestring(v.encode()),
        lambda v: repr(v).encode(),
        lambda v: v.encode("unicode_escape"),
        lambda v: re.escape(v).encode(),
    ],
)
def test_a_value_with_odd_characters_is_found_escaped(write: Callable[[str], bytes]) -> None:
    assert len(Finder([credential(ODD)]).spans(b"x=" + write(ODD) + b";")) == 1


@settings(max_examples=60)
@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=12, max_size=40),
    st.binary(max_size=30),
    st.binary(max_size=30),
    st.sampled_from(
        [
            "plain",
            "base64",
            "url",
            "json",
            "html",
            "hex",
            "utf-16-le",
            "utf-16-be",
            "utf-32-le",
            "shell",
            "qp",
        ]
    ),
)
def test_any_value_in_any_encoding_at_any_place_is_found(
    value: str, before: bytes, after: bytes, way: str
) -> None:
    assume(not why_doubtful(value.encode()))
    write: dict[str, Callable[[], bytes]] = {
        "plain": lambda: before + value.encode() + after,
        "base64": lambda: base64.b64encode(before + value.encode() + after),
        "url": lambda: before + quote(value, safe="").encode() + after,
        "json": lambda: before + json.dumps(value).encode() + after,
        "html": lambda: before + html.escape(value).encode() + after,
        "hex": lambda: (before + value.encode() + after).hex().encode(),
        "shell": lambda: before + shlex.quote(value).encode() + after,
        "qp": lambda: quopri.encodestring(value.encode()),
    }
    content = write[way]() if way in write else before + value.encode(way) + after
    assert Finder([credential(value)]).holds(content)


@settings(max_examples=40)
@given(st.binary(min_size=12, max_size=60), st.binary(max_size=200))
def test_nothing_is_found_where_it_is_not(value: bytes, other: bytes) -> None:
    assume(not why_doubtful(value))
    found = Finder([credential(value)]).spans(other)
    assert not [span for span in found if span.encoding == "plain" and value not in other]


def test_python_alone_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    contents = [b"a " + write(SECRET) + b" z" for _, write in WAYS.values()]
    fast = [Finder([credential(SECRET)]).told(content) for content in contents]
    monkeypatch.setitem(__import__("sys").modules, "re2", None)
    slow = Finder([credential(SECRET)])
    assert isinstance(slow._groups[0][0], re.Pattern)
    assert [slow.told(content) for content in contents] == fast
    assert 40 * len(SECRET) < finder_module.CARRIED


def test_many_values_are_looked_for_at_once() -> None:
    values = [token(100 + n) for n in range(60)]
    looking = Finder(credential(value, mark=f"{n:06x}") for n, value in enumerate(values))
    content = b"\n".join(value.encode() for value in values)
    assert [span.mark for span in looking.spans(content)] == [f"{n:06x}" for n in range(60)]


def test_a_place_is_told_to_the_byte() -> None:
    content = b"xx" + base64.b64encode(b"abc" + SECRET.encode() + b"defg")
    (span,) = Finder([credential(SECRET)]).spans(content)
    piece = content[span.start : span.end]
    assert base64.b64decode(piece[: len(piece) // 4 * 4])[: len(SECRET) - 2] == SECRET.encode()[:-2]


def test_the_longer_of_two_has_the_place_and_the_shorter_keeps_its_own() -> None:
    inner, outer = credential(SECRET, "111111"), credential(f"x{SECRET}y", "222222")
    looking = Finder([inner, outer])
    assert [s.mark for s in looking.spans(outer.value)] == ["222222"]
    assert [s.mark for s in looking.spans(outer.value + b" " + inner.value)] == ["222222", "111111"]


def test_two_that_overlap_are_both_found() -> None:
    shared = token(5, 12)
    one, two = credential(token(6) + shared, "111111"), credential(shared + token(7), "222222")
    both = one.value + two.value[len(shared) :]
    assert [s.mark for s in Finder([one, two]).spans(both)] == ["111111", "222222"]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("sunshine", "ordinary word"),
        ("Sunshine", "ordinary word"),
        ("PASSWORD", "ordinary word"),
        ("a1b2c3", "shorter than 8"),
        ("12345678", "plain number"),
        ("", "shorter than 8"),
        ("correcthorsebatterystaple", ""),
        ("Sun-shine1", ""),
        ("camelCaseWord", ""),
    ],
)
def test_what_could_be_an_ordinary_word_is_said(value: str, why: str) -> None:
    said = why_doubtful(value.encode())
    assert why in said if why else said == ""


def test_a_doubtful_value_is_only_found_as_a_whole_word_beside_its_name() -> None:
    looking = Finder([credential("sunshine", variable="DB_PASS")])
    found = [b"DB_PASS=sunshine", b'db_pass: "sunshine"', b"DB_PASS => 'sunshine'", b'"DB_PASS": "sunshine"']
    assert all(looking.holds(content) for content in found)
    assert not any(looking.holds(c) for c in (b"sunshine", b"DB_PASS=sunshines", b"c3Vuc2hpbmU="))
    (span,) = looking.spans(b"DB_PASS=sunshine")
    assert (span.start, span.end) == (8, 16)
    assert Finder([credential("sunshine")]).holds(b"the sunshine.")
    assert not Finder([credential("sunshine")]).holds(b"the sunshines")
    assert not Finder([credential("")]).holds(b"anything")


def _key(lines: int, kind: str = "RSA") -> str:
    chance = random.Random(9)
    letters = string.ascii_letters + string.digits + "+/"
    body = "\n".join("".join(chance.choice(letters) for _ in range(64)) for _ in range(lines))
    return f"-----BEGIN {kind} PRIVATE KEY-----\n{body}\n-----END {kind} PRIVATE KEY-----\n"


def test_a_key_is_found_by_any_of_its_lines_but_the_first() -> None:
    key = _key(12)
    lines = key.splitlines()
    looking = Finder([credential(key)])
    assert pieces(key.encode()) == tuple(line.encode() for line in lines[2:-1])
    assert looking.holds(lines[5].encode())
    assert looking.holds(json.dumps(key).encode())
    assert looking.holds(key.replace("\n", "\n    ").encode())
    assert looking.holds(base64.b64encode(b"k: " + key.encode()))
    assert not looking.holds(lines[0].encode() + b"\n" + lines[1].encode())


def test_a_long_value_is_looked_for_as_one() -> None:
    value = token(8, 900) + "="
    looking = Finder([credential(value)])
    assert looking.told(b"x" + quote(value).encode()) == (("abcdef", "percent-encoded"),)
    assert not looking.holds(value[:500].encode())


@pytest.mark.parametrize("letters", ["\f", "\v", "\b", "\a", "\x1b", "\0", "\t"])
def test_a_control_character_is_found_as_json_and_c_write_it(letters: str) -> None:
    value = f"{SECRET[:9]}{letters}{SECRET[9:]}"
    as_c = {"\v": r"\v", "\a": r"\a", "\x1b": r"\e", "\0": r"\0"}.get(letters, json.dumps(letters)[1:-1])
    looking = Finder([credential(value)])
    assert looking.told(json.dumps(value).encode()) == (("abcdef", "escaped"),)
    assert looking.told(f"{SECRET[:9]}{as_c}{SECRET[9:]}".encode()) == (("abcdef", "escaped"),)


def test_a_file_that_is_one_zlib_stream_is_opened() -> None:
    looking = Finder([credential(SECRET)])
    for level in (0, 1, 6, 9):
        assert ("abcdef", "zlib") in inside(looking, zlib.compress(SECRET.encode() * 40, level), {})
    assert inside(looking, gzip.compress(zlib.compress(SECRET.encode())), {}) == (("abcdef", "zlib in gzip"),)
    assert inside(looking, b"x^2 + y^2 is the square of the distance", {}) == ()


def test_archives_are_opened_three_deep_and_in_base64() -> None:
    looking = Finder([credential(SECRET)])
    plain = b"key " + SECRET.encode()
    jar = zipped({"a.properties": plain})
    cases = {
        "gzip": gzip.compress(plain),
        "zip": jar,
        "zip in gzip": gzip.compress(zipped({"x/y": plain})),
        "gzip in zip in zip": zipped({"lib.jar": zipped({"a.gz": gzip.compress(plain)})}),
        "hex in gzip": gzip.compress(SECRET.encode().hex().encode()),
        "gzip in base64": b"data: " + base64.encodebytes(gzip.compress(plain)),
        "name in zip": zipped({f"{SECRET}.txt": b"x"}),
    }
    for name, content in cases.items():
        problems: dict[str, None] = {}
        assert ("abcdef", name) in inside(looking, content, problems), name
        assert not problems
        assert looking.scan(content)[1], name


def test_what_cannot_be_opened_is_said() -> None:
    looking = Finder([credential(SECRET)])
    deep = b"key " + SECRET.encode()
    for _ in range(5):
        deep = zipped({"a.zip": deep})
    problems: dict[str, None] = {}
    inside(looking, deep, problems)
    assert any("more than 3 deep" in problem for problem in problems)


def test_a_name_is_shown_without_it() -> None:
    looking = Finder([credential(SECRET)])
    assert looking.without(f"a/{SECRET}/b") == "a/[redacted:token:abcdef]/b"
    assert looking.without("a/b") == "a/b"


def test_no_value_is_ever_printed_or_stored() -> None:
    import pickle

    secret = credential(SECRET)
    shown = [repr(secret), str(secret), f"{secret}", *map(repr, forms_of(secret)), repr(Finder([secret]))]
    assert not [text for text in shown if SECRET in text]
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_a_key_is_found_as_the_bytes_it_stands_for() -> None:
    key = _key(12)
    raw = base64.b64decode("".join(key.splitlines()[1:-1]))
    looking = Finder([credential(key)])
    assert looking.told(raw) == (("abcdef", "DER"),)
    assert ("abcdef", "hex") in looking.told(raw.hex().encode())
    cleaned = Remover([credential(key)]).clean(b"\0" + raw)
    assert len(cleaned.content) == len(raw) + 1
    assert not any(raw[at : at + 16] in cleaned.content for at in range(48, 500))
