"""A trace without what was typed and sent: in every text of it, in every form, and still a trace."""

from __future__ import annotations

import io
import json
import zipfile
from urllib.parse import quote

import pytest

from andon.secrets import browser_trace
from andon.secrets.browser_trace import clean_trace
from andon.secrets.redaction import PatternRedactor

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\x03tEXtabc\0\0\0\0" + b"\0\0\0\0IEND\xaeB`\x82"
REDACTOR = PatternRedactor(known=[b"from-the-env-file"], key=b"key")


def packed(**entries: str | bytes) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return into.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def lines(*documents: object) -> str:
    return "".join(json.dumps(document) + "\n" for document in documents)


SECRET = 'p&w "typed" 1'


@pytest.mark.parametrize(
    "told",
    [
        {"method": "fill", "params": {"selector": "#a", "value": SECRET}},
        {"method": "pw:api", "params": {"locator": "#a", "value": SECRET}},
        {"method": "insertText", "params": {"text": SECRET}},
        {"snapshot": {"html": ["HTML", {}, ["INPUT", {"__playwright_value_": SECRET}]]}},
        {"request": {"headers": [{"name": "Authorization", "value": f"Bearer {SECRET}"}]}},
        {"request": {"headers": [{"name": "X-Api-Key", "value": SECRET}]}},
        {"response": {"headers": [{"name": "set-cookie", "value": f"s={SECRET}; Path=/"}]}},
        {"request": {"headers": [{"name": "Cookie", "value": f"theme=dark; s={SECRET}"}]}},
        {"response": {"cookies": [{"name": "anything", "value": SECRET}]}},
        {"request": {"queryString": [{"name": "access_token", "value": SECRET}]}},
        {"request": {"queryString": [{"name": "q", "value": "from-the-env-file"}]}},
    ],
    ids=range(11),
)
def test_what_was_recorded_is_nowhere_any_more(told: object) -> None:
    elsewhere = {
        "resources/1.txt": f"card={quote(SECRET)}",
        "resources/2.json": json.dumps({"echo": SECRET}),
        "src/a.ts": f"await page.fill('#a', '{SECRET}'); // from-the-env-file",
        "test.trace": lines(
            {"title": f'Fill "{SECRET}"'}, {"log": f'<a onclick="x" Authorization: {SECRET}>'}
        ),
        "page@1.network": lines(told),
    }
    clean = clean_trace(packed(**elsewhere), REDACTOR)
    assert clean.failure == ""
    assert clean.redactions >= 2
    entries = unpacked(clean.content)
    assert entries.keys() == elsewhere.keys()
    known = SECRET if SECRET in json.dumps(told).replace('\\"', '"') else "from-the-env-file"
    for name, content in entries.items():
        for form in (known, quote(known), json.dumps(known)[1:-1]):
            assert form.encode() not in content, name
        if name.endswith((".trace", ".network")):
            assert [json.loads(line) for line in content.splitlines()], name


def test_a_trace_without_secrets_stays_as_it_is() -> None:
    entries = {"a.trace": lines({"type": "before", "title": "Navigate"}), "resources/a.html": "<h1>Shop</h1>"}
    clean = clean_trace(packed(**entries), REDACTOR)
    assert (clean.redactions, clean.left_out) == (0, 0)
    assert unpacked(clean.content) == {name: content.encode() for name, content in entries.items()}


def test_pictures_are_reduced_and_other_bytes_left_out() -> None:
    entries = {
        "a.png": PNG,
        "font.woff": b"\0\xff\1",
        "broken.png": PNG[:20],
        "archive.zip": packed(a="b\xff"),
    }
    clean = clean_trace(packed(**entries), REDACTOR)
    assert unpacked(clean.content) == {"a.png": b"\x89PNG\r\n\x1a\n" + PNG[-12:]}
    assert clean.left_out == 3


@pytest.mark.parametrize(
    "name", ["../up", "/etc/cron.d/x", "a\\b", "-rf", "a\nb", "x" * 300, "from-the-env-file"]
)
def test_an_entry_with_a_hostile_name_is_left_out(name: str) -> None:
    assert list(unpacked(clean_trace(packed(**{name: "x", "good": "y"}), REDACTOR).content)) == ["good"]


def test_what_is_no_archive_or_too_large_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = packed(a="text " * 1000, b="more")
    for content in (b"", b"PK\3\4", whole[:-30], whole.replace(b"text", b"tex\xff", 1)):
        assert "cannot be read" in clean_trace(content, REDACTOR).failure
    monkeypatch.setattr(browser_trace, "UNPACKED", 1000)
    assert "more than" in clean_trace(whole, REDACTOR).failure
    monkeypatch.setattr(browser_trace, "ENTRIES", 1)
    assert "more than 1 entries" in clean_trace(whole, REDACTOR).failure


def test_a_bomb_is_not_unpacked() -> None:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a", "w") as file:
        for _ in range(80):
            file.write(bytes(1 << 20))
    assert "bytes unpacked" in clean_trace(into.getvalue(), REDACTOR).failure


def test_lines_nested_without_end_and_other_nonsense_break_nothing() -> None:
    deep = '{"a":' + "[" * 100_000 + "]" * 100_000 + "}"
    odd = lines({"params": 3, "method": "fill"}, {"cookies": [3, {"value": 4}]}, {"name": 1, "value": "x"})
    clean = clean_trace(packed(**{"a.trace": f"{deep}\n{odd}\nnot json"}), REDACTOR)
    assert clean.failure == ""
