"""Recordings as files: what is none, hostile or too large; never what one holds in a message."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from andon.config.model_gap import GapConfig, GapDependencyConfig
from andon.errors import AndonError, InvalidInput, NotFound, Unavailable
from andon.gaps.beliefs import Beliefs
from andon.gaps.experiment import Setting
from andon.gaps.failure import Failure
from andon.production.gap.dependency import DependencyDimension
from andon.production.gap.recordings import read_recording
from andon.secrets.service import ServiceRedactor

CASSETTE = """
interactions:
- request:
    body: null
    headers: {Accept: ['*/*'], Authorization: [Bearer canary-token]}
    method: GET
    uri: https://api.example/v1/rates?base=EUR
  response:
    body: {string: '{"amount": 12, "at": "2026-01-02"}'}
    headers:
      Content-Type: [application/json; charset=utf-8]
      Set-Cookie: [a=1, b=2]
    status: {code: 200, message: OK}
- request: {body: !!binary "AAH/", headers: {}, method: POST, uri: 'https://api.example/v1/pay'}
  response:
    body: {string: !!binary "H4sIAAAAAAAC/8tIzcnJBwCGphA2BQAAAA=="}
    headers: {content-encoding: [gzip]}
    status: {code: 503, message: busy}
version: 1
"""


def test_a_cassette_in_yaml_and_the_same_in_json(tmp_path: Path) -> None:
    (tmp_path / "payments.yaml").write_text(CASSETTE)
    read = read_recording(str(tmp_path), "payments.yaml")
    rates, pay = read.entries
    assert (read.form, rates.path, rates.answer.status) == ("cassette", "/v1/rates?base=EUR", 200)
    assert [v for n, v in rates.answer.headers if n == "set-cookie"] == ["a=1", "b=2"]
    assert json.loads(rates.answer.body) == {"amount": 12, "at": "2026-01-02"}
    assert (pay.sent, pay.answer.status, pay.answer.headers) == (b"\x00\x01\xff", 503, ())
    assert "canary" not in repr(read)
    interaction = {
        "request": {"method": "GET", "uri": "https://api.example/v1/rates", "body": None, "headers": {}},
        "response": {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": "{}"}},
    }
    (tmp_path / "payments.json").write_text(json.dumps({"interactions": [interaction], "version": 1}))
    assert read_recording(str(tmp_path), "payments.json").entries[0].answer.body == b"{}"


def test_a_cassette_of_ruby_is_read(tmp_path: Path) -> None:
    (tmp_path / "c.yml").write_text(
        "http_interactions:\n"
        "- request: {method: get, uri: 'https://api.example/a', body: {encoding: UTF-8, string: ''}}\n"
        "  response:\n    status: {code: 200, message: OK}\n    headers: {Content-Type: [text/plain]}\n"
        "    body: {encoding: ASCII-8BIT, base64_string: 'aGVsbG8=\n\n'}\n"
        "  recorded_at: Mon, 1 Jun 2026 00:00:00 GMT\n"
    )
    (entry,) = read_recording(str(tmp_path), "c.yml").entries
    assert (entry.method, entry.answer.body) == ("GET", b"hello")


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
)


MERGES = "k0: &k0 {x: 1}\n" + "".join(
    f"k{n}: &k{n} {{<<: [{','.join([f'*k{n - 1}'] * 9)}]}}\n" for n in range(1, 12)
)


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("x.json", b"", InvalidInput),
        ("x.json", b"\x89PNG\r\n\x1a\n\x00canary", InvalidInput),
        ("x.json", b'{"answers": [{"ask": "canary', InvalidInput),
        ("x.json", b"[" * 200_000, InvalidInput),
        ("x.json", b'{"log": {"entries": 5}, "canary": 1}', InvalidInput),
        ("x.json", b'{"answers": ' + b"9" * 6000 + b"}", InvalidInput),
        ("x.yaml", b"\xff\xfe\x00canary", InvalidInput),
        ("x.yaml", b"a: [canary", InvalidInput),
        ("x.yaml", b"a: !!python/object/apply:os.system ['echo canary']", InvalidInput),
        ("x.yaml", b"? [canary, b]\n: 1\n", InvalidInput),
        ("x.yaml", b"[" * 100_000, InvalidInput),
        ("x.yaml", b"- " * 5_000 + b"x", InvalidInput),
        ("x.yaml", b"&a [*a]", InvalidInput),
        ("x.yaml", BOMB.encode(), InvalidInput),
        ("x.yaml", MERGES.encode(), InvalidInput),
        ("x.yaml", b"a: 1\n---\nb: canary\n", InvalidInput),
        ("x.har", b"null", InvalidInput),
        ("missing.json", None, NotFound),
    ],
)
def test_what_is_no_recording_is_refused_quickly_and_without_its_content(
    tmp_path: Path, name: str, content: bytes | None, error: type[AndonError]
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    began = time.process_time()
    with pytest.raises(error) as raised:
        read_recording(str(tmp_path), name)
    assert time.process_time() - began < 5
    assert "canary" not in f"{raised.value} {raised.value.remedy}"
    assert raised.value.where.startswith(name)


def test_circles_inside_of_an_entry_are_an_entry_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(
        "answers:\n- {ask: GET /fine, json: {a: 1}}\n- ask: GET /circle\n  json: &a {b: *a}\n"
        "- ask: GET /date\n  json: {at: 2026-01-02}\n- &r {ask: GET /self, sent: [*r], text: x}\n"
    )
    read = read_recording(str(tmp_path), "x.yaml")
    assert [e.path for e in read.entries] == ["/fine"]
    assert read.problems == ("entry 2, 3, 4 has a content that cannot be written as JSON",)


def test_a_file_is_read_up_to_its_limit_and_refused_beyond(tmp_path: Path) -> None:
    big = {"ask": "GET /big", "text": "x" * (50 << 20)}
    (tmp_path / "big.json").write_text(json.dumps({"answers": [big, {"ask": "GET /small", "text": "y"}]}))
    read = read_recording(str(tmp_path), "big.json")
    assert [e.path for e in read.entries] == ["/small"]
    assert "more than 32 MB" in read.problems[0]
    with (tmp_path / "huge.yaml").open("wb") as file:
        file.truncate(50 << 20)
    with pytest.raises(InvalidInput, match="larger than 16 MB"):
        read_recording(str(tmp_path), "huge.yaml")


def test_a_directory_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "x.json").mkdir()
    with pytest.raises(Unavailable, match="cannot be read"):
        read_recording(str(tmp_path), "x.json")


def test_a_recording_that_cannot_be_used_is_a_problem_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_text('{"answers": [{"ask": "GET /a", "text": "x"}]}')
    (tmp_path / "bad.json").write_text("{")
    (tmp_path / "none.json").write_text('{"answers": []}')
    found = [
        GapDependencyConfig(world=world, name=name, variable=name.upper(), recording=path)
        for world, name, path in (
            ("test", "pay", "good.json"),
            ("prod", "pay", "bad.json"),
            ("test", "mail", "none.json"),
            ("prod", "mail", "good.json"),
        )
    ]
    one = DependencyDimension(GapConfig(), found, str(tmp_path), ServiceRedactor("", (), str))
    seen = one.observe(Beliefs(), Failure())
    assert "pay: bad.json:1: this is no JSON" in seen.problems
    assert "mail: none.json holds no answer that can be used" in seen.problems
    assert one.parts() == ()
    world = Setting(str(tmp_path), {})
    with one.prepare(world, ()):
        assert set(world.variables) == {"PAY"}
