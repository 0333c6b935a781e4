"""Recorded answers: three forms, which answer belongs to which request, what is wrong with an entry."""

from __future__ import annotations

import base64
import gzip
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.errors import InvalidInput
from andon.gaps.dependency.answers import Answer, Answers, Recorded, Recording, of_service
from andon.gaps.dependency.reading import recording


def har(**response: Any) -> dict[str, Any]:
    entry = {
        "request": {"method": "GET", "url": "https://user:pw@api.example/v1/rates?base=EUR", "headers": []},
        "response": {
            "status": 200,
            "headers": [{"name": "Content-Type", "value": "application/json"}],
            "content": {"text": '{"amount": 1}', "mimeType": "application/json"},
        }
        | response,
        "time": 12,
    }
    return {"log": {"version": "1.2", "entries": [entry]}}


def test_a_har_is_read() -> None:
    (entry,) = recording(har()).entries
    assert (entry.method, entry.origin, entry.path) == ("GET", "https://api.example", "/v1/rates?base=EUR")
    assert entry.answer == Answer(headers=(("content-type", "application/json"),), body=b'{"amount": 1}')


def test_a_har_knows_what_was_made_up_and_what_had_no_answer() -> None:
    plain = har(status=0, headers=[], content={})
    plain["log"]["entries"][0]["_wasFulfilled"] = True
    (entry,) = recording(plain).entries
    assert (entry.is_mocked, entry.answer.problem) == (True, "reset")


def test_contents_of_a_har_are_in_the_encoding_of_their_type() -> None:
    latin = [{"name": "Content-Type", "value": "text/plain; charset=iso-8859-1"}]
    (entry,) = recording(har(headers=latin, content={"text": "Zürich"})).entries
    assert entry.answer.body == "Zürich".encode("latin-1")
    (entry,) = recording(
        har(content={"text": base64.b64encode(b"\x00\xff").decode(), "encoding": "base64"})
    ).entries
    assert entry.answer.body == b"\x00\xff"


def cassette(body: Any, **headers: list[str]) -> dict[str, Any]:
    return {
        "interactions": [
            {
                "request": {
                    "method": "post",
                    "uri": "https://api.example/pay",
                    "body": '{"a": 1}',
                    "headers": {},
                },
                "response": {"status": {"code": 201, "message": "Created"}, "headers": headers, "body": body},
            }
        ],
        "version": 1,
    }


def test_a_cassette_is_read_packed_or_not() -> None:
    (entry,) = recording(
        cassette({"string": '{"ok": true}'}, **{"Content-Type": ["application/json"]})
    ).entries
    assert (entry.method, entry.path, entry.sent, entry.answer.status) == ("POST", "/pay", b'{"a": 1}', 201)
    assert entry.answer.body == b'{"ok": true}'
    packed = {"string": gzip.compress(b"hello")}
    (entry,) = recording(cassette(packed, **{"Content-Encoding": ["gzip"]})).entries
    assert (entry.answer.body, entry.answer.headers) == (b"hello", ())
    (entry,) = recording(cassette({"string": "plain"}, **{"Content-Encoding": ["gzip"]})).entries
    assert entry.answer.body == b"plain"


def test_what_is_packed_in_a_way_that_is_not_known_is_told() -> None:
    read = recording(cassette({"string": b"\x8b\xff\x00"}, **{"Content-Encoding": ["br"]}))
    assert not read.entries
    assert "entry 1 has a content packed with br" in read.problems[0]


def test_an_own_recording_is_read() -> None:
    read = recording(
        {
            "answers": [
                {"ask": "GET /rates", "json": {"a": 1}, "delay": 250},
                {"ask": "POST https://api.example/pay", "sent": {"a": 1}, "status": 503, "text": "busy"},
                {"ask": "GET /gone", "problem": "reset"},
                {"ask": "GET /logo", "base64": "AAH/", "headers": {"Content-Type": "image/png"}},
            ]
        }
    )
    assert not read.problems
    rates, pay, gone, logo = read.entries
    assert (rates.answer.body, rates.answer.delay, rates.answer.media_type) == (
        b'{"a": 1}',
        0.25,
        "application/json",
    )
    assert (pay.origin, pay.path, pay.answer.status, pay.answer.body) == (
        "https://api.example",
        "/pay",
        503,
        b"busy",
    )
    assert gone.answer.problem == "reset"
    assert logo.answer.body == b"\x00\x01\xff"


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({}, "has no ask"),
        ({"ask": "/rates"}, "has no ask"),
        ({"ask": "FETCH /rates"}, "has no method"),
        ({"ask": "GET ftp://x/y"}, "has no http address"),
        ({"ask": "GET http://[bad/y"}, "has an address that is none"),
        ({"ask": "GET /", "status": 99}, "has a status that is none"),
        ({"ask": "GET /", "status": True}, "has no status"),
        ({"ask": "GET /", "status": 101}, "has a status that is none"),
        ({"ask": "GET /", "delay": -1}, "has a delay"),
        ({"ask": "GET /", "delay": float("nan")}, "has a delay"),
        ({"ask": "GET /", "problem": "canary"}, "has a problem that is none of"),
        ({"ask": "GET /", "text": 5}, "has a content that is no text"),
        ({"ask": "GET /", "json": b"canary"}, "cannot be written as JSON"),
        ({"ask": "GET /", "base64": "%"}, "base64"),
        ({"ask": "GET /", "canary": 1}, "settings that mean nothing"),
        ("GET /", "is no object"),
    ],
)
def test_what_is_wrong_is_told_by_number_and_never_by_content(entry: Any, why: str) -> None:
    read = recording({"answers": [entry, {"ask": "GET /fine"}]})
    assert len(read.entries) == 1
    assert why in read.problems[0]
    assert read.problems[0].startswith("entry 1")
    assert "canary" not in read.problems[0]


@pytest.mark.parametrize("plain", [None, [], {}, "x", 5, {"log": {}}, {"log": []}, {"answers": {}}])
def test_anything_else_is_no_recording(plain: Any) -> None:
    with pytest.raises(InvalidInput, match="no HAR"):
        recording(plain)


ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=4), st.binary(max_size=4)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(
            st.sampled_from(
                ["log", "entries", "interactions", "answers", "request", "response", "url", "uri", "method",
                 "status", "code", "headers", "body", "string", "content", "text", "encoding", "ask", "json",
                 "name", "value", "postData"]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=15,
)  # fmt: skip


@given(ANYTHING, st.sampled_from(["answers", "interactions", "log"]))
def test_whatever_a_file_holds_is_read_or_refused(plain: Any, form: str) -> None:
    whole = (
        {"log": {"entries": [plain, {"request": plain, "response": plain}]}}
        if form == "log"
        else {form: [plain]}
    )
    try:
        read = recording(whole)
    except InvalidInput:
        return
    assert len(read.entries) + len(read.problems) >= 1


def test_headers_that_would_break_an_answer_are_left_out() -> None:
    read = recording(
        {"answers": [{"ask": "GET /", "headers": {"X": "a\r\nSet-Cookie: b", "Y:": "1", "": "2", "Ok": "3"}}]}
    )
    assert [n for n, _ in read.entries[0].answer.headers] == ["y:", "ok"] or [
        n for n, _ in read.entries[0].answer.headers
    ] == ["ok"]


def answered(*asks: tuple[str, str], base: str = "") -> Answers:
    entries = []
    for number, (ask, sent) in enumerate(asks):
        method, _, path = ask.partition(" ")
        entries.append(
            Recorded(method=method, path=path, sent=sent.encode(), answer=Answer(body=str(number).encode()))
        )
    return Answers(entries, base)


def bodies(found: tuple[Recorded, ...]) -> list[bytes]:
    return [one.answer.body for one in found]


def test_a_request_gets_the_answer_of_the_one_most_like_it() -> None:
    known = answered(
        ("GET /orders/1", ""),
        ("GET /orders/2", ""),
        ("GET /orders/2?full=1&a=2", ""),
        ("POST /pay", '{"a": 1, "b": 2}'),
        ("POST /pay", '{"a": 2}'),
    )
    assert bodies(known.to("GET", "/orders/2")) == [b"1"]
    assert bodies(known.to("GET", "/orders/77")) == [b"0"]
    assert bodies(known.to("GET", "/orders/2?a=2&full=1")) == [b"2"]
    assert bodies(known.to("get", "/orders/2?a=2&full=1&key=x")) == [b"2"]
    assert bodies(known.to("POST", "/pay", b'{"b":2,"a":1}')) == [b"3"]
    assert bodies(known.to("POST", "/pay", b'{"a":2}')) == [b"4"]
    assert bodies(known.to("POST", "/pay", b"other")) == [b"3"]
    assert bodies(known.to("HEAD", "/orders/1")) == [b"0"]
    assert known.to("DELETE", "/orders/1") == ()


def test_the_same_request_has_its_answers_in_turn() -> None:
    known = answered(("GET /job/7", ""), ("GET /other", ""), ("GET /job/7", ""))
    assert bodies(known.to("GET", "/job/7")) == [b"0", b"2"]


def test_a_base_path_is_no_part_of_an_endpoint() -> None:
    known = answered(("GET /v1/rates?x=1", ""), ("GET /v1", ""), ("GET /v10/rates", ""), base="/v1/")
    assert set(known.endpoints) == {"GET /rates", "GET /", "GET /v10/rates"}
    assert bodies(known.to("GET", "/rates?x=1")) == [b"0"]


def test_of_several_hosts_only_the_services_own_is_kept() -> None:
    both = Recording(
        entries=tuple(
            Recorded(method="GET", origin=f"https://{host}", path="/", answer=Answer())
            for host in ("cdn.example", "api.payments.example")
        )
    )
    assert [e.origin for e in of_service(both, "payments", "").entries] == ["https://api.payments.example"]
    assert [e.origin for e in of_service(both, "x", "https://cdn.example/v1").entries] == [
        "https://cdn.example"
    ]
    lost = of_service(both, "mail", "")
    assert not lost.entries
    assert "2 hosts" in lost.problems[0]
